"""Answers a second through the web on one core, beside a bare Starlette form; and what a page weighs.

Here: a careful visitor who reads the pages and writes down what a person does (the score), a crowd that plays it,
and the measuring. Not here: the floor (bench/echo_web.py). Linux only (affinity, /proc).

A life, as in bench/answers.py: a newcomer, the notice, the start questions, the volunteers' step to «Send»; then
somebody else begins, with a browser of their own (connection, cookie, address). Nobody sends anything that did not
stand in a page they were given, and every reply must be what the score says, or the run fails. The floor's people make
the very same requests in the same order, each POST there writes one row. An answer is a question's POST that was
answered with 303. Styles, script and icon are fetched once and kept by a browser; here they are not fetched at all.

`python -m bench.web [--rounds 5]`; `--against-itself` plays the floor on both sides, which must come out at 1.
"""

import argparse
import asyncio
import os
import re
import socket
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO
from urllib.parse import urlencode, urljoin, urlsplit

import lxml.html
from lxml.html import HtmlElement

from bench.answers import SENTENCE
from bench.load import NO_BUDGET
from bot.dialogue.reply import Verb
from bot.flows.model import QuestionKind
from bot.process import plan
from bot.process.flows import shipped_flows
from bot.process.loading import example, parse_file

PEOPLE = 20
PATIENCE = 30.0  # seconds for a server to start
HOST = "127.0.0.1"
REPOSITORY = Path(__file__).parent.parent
WARM_UP = 2.0
GROUPS = 7  # that anybody may answer as
_CORES = sorted(os.sched_getaffinity(0))  # the server on the first, the load on the last
_TICKS = os.sysconf("SC_CLK_TCK")


# --- a browser ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Got:
    status: int
    head: bytes
    body: bytes

    def header(self, name: bytes) -> str | None:
        found = re.search(rb"\r\n" + name + rb": ([^\r\n]*)", self.head, re.IGNORECASE)
        return found[1].decode() if found else None


class Browser(asyncio.Protocol):
    """One person's connection, kept alive, and their cookie. Written out: aiohttp's client would take more of a core
    than the floor it measures."""

    def __init__(self, port: int, address: str) -> None:
        self._port = port
        self._always = f"Host: {HOST}:{port}\r\nX-Forwarded-For: {address}\r\nAccept-Language: da\r\n"
        self._cookies: dict[str, str] = {}
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._asked: asyncio.Future[Got] | None = None

    async def get(self, path: str) -> Got:
        return await self._ask(f"GET {path} HTTP/1.1\r\n{self._heads()}\r\n".encode())

    async def post(self, path: str, fields: list[tuple[str, str]]) -> Got:
        body = urlencode(fields)
        kind = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
        origin = f"Origin: http://{HOST}:{self._port}\r\n"
        return await self._ask(f"POST {path} HTTP/1.1\r\n{self._heads()}{origin}{kind}\r\n{body}".encode())

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def _heads(self) -> str:
        if not self._cookies:
            return self._always
        return f"{self._always}Cookie: {'; '.join(f'{name}={value}' for name, value in self._cookies.items())}\r\n"

    async def _ask(self, request: bytes) -> Got:
        loop = asyncio.get_running_loop()
        if self._transport is None:
            self._transport, _ = await loop.create_connection(lambda: self, HOST, self._port)
        self._asked = loop.create_future()
        self._transport.write(request)
        got = await self._asked
        for name, value in re.findall(rb"\r\nset-cookie: ([^=]+)=([^;\r\n]*)", got.head, re.IGNORECASE):
            self._cookies[name.decode()] = value.decode()
        return got

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, gap, body = self._received.partition(b"\r\n\r\n")
        if not gap or self._asked is None or self._asked.done():
            return
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        if length is None:
            self._asked.set_exception(RuntimeError(f"a reply without its length: {head[:300]!r}"))
        elif len(body) >= int(length[1]):
            self._received = b""
            self._asked.set_result(Got(int(head[9:12]), head, body))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._asked is not None and not self._asked.done():
            self._asked.set_exception(exc or ConnectionError("the server hung up"))


# --- the score ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Act:
    """One request of a life and what must come back. Of the fields those in `_FROM_THE_PAGE` differ from person to
    person; they are taken from the page the form stood in."""

    path: str
    fields: tuple[tuple[str, str], ...] | None  # None: a GET
    status: int
    location: str | None
    answers: bool = False

    def __str__(self) -> str:
        return f"{'GET' if self.fields is None else 'POST'} {self.path} → {self.status}"


Score = tuple[Act, ...]
Pages = Callable[[str, Got], None]  # is shown every page, with its path
_FROM_THE_PAGE = ("csrf", "seen", "tap")
_HIDDEN = re.compile(rb'name="(csrf|seen|tap)" value="([^"]*)"')


def floor_of(score: Score) -> Score:
    """The same requests in the same order, as the floor knows them."""
    return tuple(
        Act("/form", act.fields, 303, "/form", act.answers)
        if act.fields is not None
        else Act("/form", None, 200, None)
        if act.status == 200
        else Act("/", None, 303, "/form")
        for act in score
    )


class Visitor:
    """Somebody who reads each page and does what stands there. Writes down every request."""

    def __init__(self, port: int, address: str, *, group: int = 0, pages: Pages = lambda _, __: None) -> None:
        self._browser = Browser(port, address)
        self._group = group
        self._pages = pages
        self._path = "/"
        self._page: HtmlElement | None = None
        self._got = Got(0, b"", b"")
        self.score: list[Act] = []

    async def live(self, entry: str = "/") -> Score:
        """From the greeting to the receipt of one step, or until nothing is open."""
        try:
            await self._follow(entry)
            while not self._sent() and await self._react():
                pass
            return tuple(self.score)
        finally:
            self._browser.close()

    def _sent(self) -> bool:
        """Whether what was pressed last was «Send»."""
        posts = [dict(act.fields) for act in self.score if act.fields is not None]
        return bool(posts) and _does(posts[-1].get("tap", "")) == Verb.SEND

    async def _follow(self, path: str) -> None:
        for _ in range(5):
            got = await self._browser.get(path)
            location = got.header(b"location")
            self.score.append(Act(path, None, got.status, location))
            if location is None:
                break
            path = urljoin(path, location)
        if got.status != 200:
            raise RuntimeError(f"{self.score[-1]}: {got.body[:500].decode(errors='replace')}")
        self._path, self._got = path, got
        self._page = lxml.html.document_fromstring(got.body)
        self._pages(path, got)

    async def _react(self) -> bool:
        """Fills in and sends the page's form. False where there is nothing to do."""
        assert self._page is not None
        question = self._page.get_element_by_id("question", None)
        if question is not None:
            filled = _filled_in(question, self._group)
            await self._send(question, filled, answers=("do", "next") in filled)
            return True
        for form in self._page.findall(".//main//form"):
            pressed = _pressed(form)
            if pressed is not None:
                await self._send(form, pressed)
                return True
        return False

    async def _send(self, form: HtmlElement, fields: list[tuple[str, str]], *, answers: bool = False) -> None:
        path = urljoin(self._path, form.get("action") or self._path)
        seen = _HIDDEN.findall(self._got.body)
        for name, value in fields:  # what the crowd will look for must be where it looks
            if name in _FROM_THE_PAGE and (name.encode(), value.encode()) not in seen:
                raise RuntimeError(f"the crowd's pattern does not find {name} in {self._path}")
        got = await self._browser.post(path, fields)
        location = got.header(b"location")
        self.score.append(Act(path, tuple(fields), got.status, location, answers))
        if got.status != 303 or location is None:
            raise RuntimeError(f"{self.score[-1]}: {got.body[:2000].decode(errors='replace')}")
        await self._follow(urljoin(path, location))


def _filled_in(form: HtmlElement, group: int) -> list[tuple[str, str]]:
    """The form with an answer, as a browser would send it: a sentence, one idea, the first choice."""
    fields: list[tuple[str, str]] = []
    chosen = False
    choices = form.xpath(".//input[@type='radio' or @type='checkbox']")
    ranked = form.xpath(".//button[@name='do'][starts-with(@value, 'put:')]")
    for control in form.xpath(".//input | .//textarea"):
        name, kind = control.get("name"), control.get("type", "text")
        if name is None:
            continue
        if kind in ("radio", "checkbox"):
            wanted = min(group, len(choices) - 1) if "S1" in (form.get("action") or "") else 0
            if not chosen and control is choices[wanted]:
                fields.append((name, control.get("value")))
                chosen = True
        elif control.tag == "textarea" or kind == "text":
            fields.append((name, "" if choices else SENTENCE))
        else:
            fields.append((name, control.get("value") or ""))
    if ranked:
        return [*fields, ("do", ranked[0].get("value"))]
    return [*fields, ("do", "next")]


def _pressed(form: HtmlElement) -> list[tuple[str, str]] | None:
    """The form with the button that leads on: accept, send, the last step on the list."""
    fields = [(i.get("name"), i.get("value") or "") for i in form.xpath(".//input[@name]")]
    buttons = form.xpath(".//button")
    taps = [button.get("value") for button in buttons if button.get("name") == "tap"]
    for verb in (Verb.ACCEPT, Verb.SEND, Verb.GO):
        for tap in reversed(taps):
            if _does(tap) == verb:
                return [*fields, ("tap", tap)]
    return fields if form.get("action") == "/" else None


def _does(tap: str) -> str:
    """The verb of a button's value, `1:<prompt>:<revision>:<verb><place>`."""
    return tap.rpartition(":")[2][:1]


# --- the crowd ----------------------------------------------------------------------------------------------


@dataclass
class Crowd:
    """People who play the score over and over. Counts what was accepted; anything unexpected ends it."""

    port: int
    score: Score
    accepted: int = 0
    posts: int = 0
    lives: int = 0
    over: bool = False
    waits: list[float] = field(default_factory=list)  # seconds per request, in the window

    async def play(self, number: int) -> None:
        while not self.over:
            self.lives += 1
            browser = Browser(self.port, f"10.{number}.{self.lives // 250 % 250}.{self.lives % 250 + 1}")
            try:
                await self._live(browser)
            finally:
                browser.close()

    async def _live(self, browser: Browser) -> None:
        hidden: dict[str, list[str]] = {}
        for act in self.score:
            if self.over:
                return
            begun = time.perf_counter()
            if act.fields is None:
                got = await browser.get(act.path)
            else:
                got = await browser.post(act.path, [(name, _own(name, value, hidden)) for name, value in act.fields])
                self.posts += got.status == 303
            self.waits.append(time.perf_counter() - begun)
            if got.status != act.status or got.header(b"location") != act.location:
                raise RuntimeError(f"{act}, but {got.status} {got.head!r} {got.body[:1000]!r}")
            self.accepted += act.answers
            if got.status == 200:
                hidden = {}
                for name, value in _HIDDEN.findall(got.body):
                    hidden.setdefault(name.decode(), []).append(value.decode())


def _own(name: str, value: str, hidden: dict[str, list[str]]) -> str:
    if name not in _FROM_THE_PAGE or name not in hidden:
        return value
    if name == "tap":  # the button that does the same
        does = value.rpartition(":")[2]
        return next(tap for tap in hidden["tap"] if tap.rpartition(":")[2] == does)
    return hidden[name][0]


@dataclass(frozen=True)
class Load:
    """What was measured in a window of `seconds`. Were `load_cpu_share` near 1, the load would be what was measured."""

    answers_per_second: float
    requests_per_second: float
    server_cpu_seconds_per_answer: float
    server_cpu_share: float
    load_cpu_share: float
    median_wait: float
    lives: int
    stored: int  # answers in the database at the end, all of them counted when they were accepted

    def __str__(self) -> str:
        return (
            f"{self.answers_per_second:7.1f} answers/s  {self.requests_per_second:7.1f} requests/s  "
            f"{self.server_cpu_seconds_per_answer * 1000:6.2f} ms CPU/answer  server {self.server_cpu_share:4.0%}  "
            f"load {self.load_cpu_share:4.0%}  wait {self.median_wait * 1000:.1f} ms  "
            f"{self.lives} lives  {self.stored} stored"
        )


async def _load(server: "Server", score: Score, people: int, seconds: float, warm_up: float) -> tuple[Load, Crowd]:
    crowd = Crowd(server.port, score)
    async with asyncio.TaskGroup() as group:
        for number in range(people):
            group.create_task(crowd.play(number))
        await asyncio.sleep(warm_up)
        crowd.waits.clear()
        begun, accepted = time.monotonic(), crowd.accepted
        cpu, own = _cpu_seconds(server.pid), time.process_time()
        await asyncio.sleep(seconds)
        passed, answers = time.monotonic() - begun, crowd.accepted - accepted
        cpu, own = _cpu_seconds(server.pid) - cpu, time.process_time() - own
        waits = list(crowd.waits)
        crowd.over = True
    load = Load(
        answers_per_second=answers / passed,
        requests_per_second=len(waits) / passed,
        server_cpu_seconds_per_answer=cpu / answers,
        server_cpu_share=cpu / passed,
        load_cpu_share=own / passed,
        median_wait=statistics.median(waits),
        lives=crowd.lives,
        stored=0,
    )
    return load, crowd


# --- the servers --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Server:
    port: int
    pid: int
    database: Path


@asynccontextmanager
async def serving(command: list[str], environment: dict[str, str] | None = None) -> AsyncIterator[Server]:
    """A server as a process of its own on the first core, in a folder of its own. `{port}` and `{folder}` are filled
    in. Settings of the caller's environment or `.env` do not reach it."""
    port = _free_port()
    with tempfile.TemporaryDirectory(prefix="besyv-bench-") as folder, tempfile.TemporaryFile() as output:

        def fill(text: str) -> str:
            return text.replace("{port}", str(port)).replace("{folder}", folder)

        inherited = {name: value for name, value in os.environ.items() if not name.startswith("BESYV_")}
        given = {name: fill(value) for name, value in (environment or {}).items()}
        process = await asyncio.create_subprocess_exec(
            "taskset",
            "--cpu-list",
            str(_CORES[0]),
            *map(fill, command),
            cwd=folder,
            env={**inherited, "PYTHONPATH": str(REPOSITORY), **given},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        try:
            await _until_it_listens(process, port, output)
            yield Server(port, process.pid, Path(folder, "besyv.db"))
        finally:
            if process.returncode is None:
                process.terminate()
                try:
                    async with asyncio.timeout(15):
                        await process.wait()
                except TimeoutError:
                    process.kill()
                    await process.wait()


async def _until_it_listens(process: asyncio.subprocess.Process, port: int, output: IO[bytes]) -> None:
    ends = time.monotonic() + PATIENCE
    while True:
        try:
            _, writer = await asyncio.open_connection(HOST, port)
            writer.close()
            return
        except OSError:
            if process.returncode is not None or time.monotonic() > ends:
                output.seek(0)
                said = output.read()[-4000:].decode(errors="replace")
                raise RuntimeError(f"the server does not start (exit status {process.returncode})\n{said}") from None
        await asyncio.sleep(0.05)


ECHO = [sys.executable, "-m", "bench.echo_web", "--port", "{port}", "--database", "{folder}/besyv.db"]
BESYV = [sys.executable, "-m", "bot", "run"]

SETTINGS = {
    "BESYV_WEB_PORT": "{port}",
    "BESYV_WEB_URL": "http://127.0.0.1:{port}",
    "BESYV_DATABASE": "{folder}/besyv.db",
    "BESYV_KEY_FILE": "{folder}/besyv.key",
    **NO_BUDGET,
}


def _free_port() -> int:
    with socket.socket() as free:
        free.bind((HOST, 0))
        port: int = free.getsockname()[1]
        return port


def _cpu_seconds(pid: int) -> float:
    """User and system time of a process with its threads: fields 14 and 15 of proc(5) stat."""
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, after_name[11:13])) / _TICKS


@contextmanager
def _on_the_last_core() -> Iterator[None]:
    os.sched_setaffinity(0, _CORES[-1:])
    try:
        yield
    finally:
        os.sched_setaffinity(0, _CORES)


# --- what is measured ---------------------------------------------------------------------------------------


async def measure(
    people: int = PEOPLE, seconds: float = 6.0, rounds: int = 5, *, against_itself: bool = False
) -> list[tuple[Load, Load]]:
    """(the floor, Besyv) in turn, so that a noisy machine is noisy to both."""
    with _on_the_last_core():
        async with serving(BESYV, SETTINGS) as server:
            score = await Visitor(server.port, "10.200.0.1").live()
        other = floor if against_itself else besyv
        return [(await floor(score, people, seconds), await other(score, people, seconds)) for _ in range(rounds)]


async def besyv(score: Score, people: int, seconds: float) -> Load:
    """Afterwards the answers accepted are counted in the database."""
    async with serving(BESYV, SETTINGS) as server:
        load, crowd = await _load(server, score, people, seconds, WARM_UP)
        stored = _count(server.database, "SELECT (SELECT count(*) FROM answers) + (SELECT count(*) FROM answers_apart)")
    if stored != crowd.accepted:
        raise RuntimeError(f"{crowd.accepted} answers were accepted and {stored} are stored")
    return replace(load, stored=stored)


async def floor(score: Score, people: int, seconds: float) -> Load:
    async with serving(ECHO) as server:
        load, crowd = await _load(server, floor_of(score), people, seconds, WARM_UP)
        stored = _count(server.database, "SELECT count(*) FROM answers")
    if stored != crowd.posts:
        raise RuntimeError(f"{crowd.posts} forms were accepted and {stored} are stored")
    return replace(load, stored=stored)


def _count(database: Path, sql: str) -> int:
    with closing(sqlite3.connect(database)) as connection:
        count: int = connection.execute(sql).fetchone()[0]
        return count


@dataclass(frozen=True)
class Weight:
    """Bytes of a question's page as sent, uncompressed: the heaviest of its kind, and with all it loads."""

    page: int
    all_told: int


async def weights() -> dict[QuestionKind, Weight]:
    """Of every kind of question, met by people of every group who come by the link of every step there is."""
    heaviest: dict[QuestionKind, Weight] = {}
    with tempfile.TemporaryDirectory(prefix="besyv-bench-") as folder:
        process, text = Path(folder, "process.yaml"), _everything_open()
        await asyncio.to_thread(process.write_text, text, encoding="utf-8")
        file = parse_file(text, process.name)
        flows = shipped_flows(file)
        kinds = {f"/trin/{flow.flow}/{q.id}": q.kind for flow in flows for q in flow.questions}
        async with serving(BESYV, {**SETTINGS, "BESYV_PROCESS": str(process)}) as server:
            loaded: dict[str, int] = {}
            pages: list[tuple[QuestionKind, Got]] = []

            def met(path: str, got: Got) -> None:
                kind = kinds.get(urlsplit(path).path)
                if kind is not None:
                    pages.append((kind, got))

            for group in range(GROUPS):
                for place, flow in enumerate(flows):
                    somebody = Visitor(server.port, f"10.201.{place}.{group}", group=group, pages=met)
                    await somebody.live(f"/i/{flow.flow}")
            for kind, got in pages:
                weight = len(got.body)
                for path in sorted(_loads(got)):
                    if path not in loaded:
                        loaded[path] = await _weighs(server.port, path)
                    weight += loaded[path]
                if kind not in heaviest or heaviest[kind].all_told < weight:
                    heaviest[kind] = Weight(len(got.body), weight)
    return {kind: heaviest[kind] for kind in QuestionKind}


def _everything_open() -> str:
    """The example process with every step open now."""
    head, _, _ = example().partition("\nsteps:")
    flows = shipped_flows(parse_file(example(), "example.yaml"))
    steps = [f"  - {{flow: {flow.flow}}}" for flow in flows if flow.flow != plan.START]
    return "\n".join([head, "steps:", *steps, ""])


def _loads(got: Got) -> set[str]:
    """What a browser fetches for a page: styles, scripts, icons, pictures."""
    page = lxml.html.document_fromstring(got.body)
    links = [link.get("href") for link in page.iter("link") if link.get("rel") in ("stylesheet", "icon")]
    return {path for path in (*links, *(element.get("src") for element in page.iter("script", "img"))) if path}


async def _weighs(port: int, path: str) -> int:
    browser = Browser(port, "10.202.0.1")
    try:
        got = await browser.get(urljoin("/", path))
    finally:
        browser.close()
    if got.status != 200:
        raise RuntimeError(f"{path}: {got.status}")
    return len(got.body)


def report(rounds: list[tuple[Load, Load]]) -> Iterator[str]:
    # Where a server's core is not busy, the disk or other work was measured, and the ratio says nothing.
    yield "| | answers/s | requests/s | ms of the server's CPU per answer | core busy | a request's median wait, ms |"
    yield "|---|---|---|---|---|---|"
    for place, name in enumerate(("bare Starlette form, one SQLite row", "Besyv")):
        loads = [pair[place] for pair in rounds]
        rate = statistics.median(load.answers_per_second for load in loads)
        requests = statistics.median(load.requests_per_second for load in loads)
        cpu = statistics.median(load.server_cpu_seconds_per_answer for load in loads) * 1000
        wait = statistics.median(load.median_wait for load in loads) * 1000
        busy = statistics.median(load.server_cpu_share for load in loads)
        yield f"| {name} | {rate:,.0f} | {requests:,.0f} | {cpu:.2f} | {busy:.0%} | {wait:.1f} |"
    ratios = [ours.answers_per_second / bare.answers_per_second for bare, ours in rounds]
    yield ""
    yield f"Besyv against the bare form: {statistics.median(ratios):.2f} (of {', '.join(f'{r:.2f}' for r in ratios)})."


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.web")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--against-itself", action="store_true", help="the floor on both sides")
    given = parser.parse_args()
    rounds = asyncio.run(measure(given.people, given.seconds, given.rounds, against_itself=given.against_itself))
    for bare, ours in rounds:
        print(f"floor  {bare}\nbesyv  {ours}")
    print("\n".join(report(rounds)))


if __name__ == "__main__":
    main()

"""Eksempel Kommune with its bot, its people on a channel, and the player of transcripts.

Here: a town that stands for the length of a test, what people do in it, and the notation of
tests/conversations/transcripts (its README says how to read one). Not here: somebody at the web pages (pages.py), how a
transcript is read on a page (parity.py), what the bot should answer.
"""

from __future__ import annotations

import asyncio
import difflib
import io
import re
import shutil
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Protocol, Self

from rich.text import Text

from bot.access import Proof, Role
from bot.app.backups import backup_job
from bot.app.email import mailing
from bot.app.jobs import by_the_clock, enqueue_everything
from bot.app.run import serve_outbox, serve_web
from bot.app.runtime import Runtime, open_runtime
from bot.app.settings import Settings
from bot.app.telegram import serve_telegram
from bot.channels.telegram.rate_limiter import RateLimiter
from bot.channels.terminal import Talk, is_numbered, lines
from bot.channels.web import server
from bot.dialogue.reply import Reply
from bot.dialogue.session import Session, proof_shown
from bot.features import process_file
from bot.features.invitations import service as invitations
from bot.features.meetings.service.minutes import send_minutes
from bot.flows.model import Language
from bot.process.file import ProcessFile
from bot.process.flows import shipped_flows
from storage import heartbeats, meetings
from storage.db import BUSY_SECONDS, Tx, connect
from tests.support import parity, ports, receipts
from tests.support.botapi import Limits, LocalBotApi, Person
from tests.support.botapi.person import Seen
from tests.support.botapi.server import TOKEN
from tests.support.pages import TURN, Answered, Browser, OnPages
from tests.support.patience import PATIENCE
from tests.support.proven import proven

FOLDER = Path(__file__).parents[1] / "conversations"
TRANSCRIPTS = FOLDER / "transcripts"
TUESDAY_EVENING = datetime(2026, 3, 3, 18, 0, tzinfo=UTC)  # 19.00 in Denmark
TELLING = 8  # characters: what is shorter could stand in a log or a file by chance
UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "month": 30 * 86400}


class Clock:
    """Stands still until somebody takes their time."""

    def __init__(self) -> None:
        self.now = TUESDAY_EVENING.timestamp()

    def __call__(self) -> float:
        return self.now


# --- people -----------------------------------------------------------------------------------------------


class Somebody(Protocol):
    """A person on some channel, as far as every transcript needs one. A new channel brings its own."""

    async def says(self, text: str, after: int = TURN) -> None: ...

    async def taps(self, label: str, after: int = TURN) -> None: ...

    def sees(self) -> list[str]:
        """What came up since they looked last, message by message: the text, then a line per row of buttons."""


class OnTelegram:
    """Someone in front of the local Bot API. Each act takes `after` seconds and returns when the bot is at rest."""

    def __init__(self, town: Town, phone: Person) -> None:
        self.town = town
        self.phone = phone
        self._looked: dict[int, str] = {}

    async def says(self, text: str, after: int = TURN) -> None:
        await self.does(lambda: self.phone.says(text), after, text)

    async def taps(self, label: str, after: int = TURN, times: int = 1, *, older: bool = False) -> None:
        """On the newest message that has buttons; `older` on one further up that still shows this one."""
        if (label in self.phone.buttons) is older:
            raise AssertionError(f"there is no button {label!r}; there are {self.phone.buttons}")

        def tap() -> None:
            for _ in range(times):
                self.phone.taps(label)

        await self.does(tap, after)

    async def forges(self, data: str, after: int = TURN) -> None:
        await self.does(lambda: self.phone.forges(data), after)

    async def edits(self, old: str, new: str, after: int = TURN) -> None:
        await self.does(lambda: self.phone.edits(old, new), after, new)

    async def does(self, act: Callable[[], object], after: int = TURN, said: str = "") -> None:
        """Anything a phone can do, and what was said by it."""
        self.town.clock.now += after
        self.town.said += [said] if said else []
        act()
        await self.town.rest()

    def sees(self) -> list[str]:
        fresh: list[str] = []
        for seen in self.phone.sees():
            if seen.by_bot and self._looked.get(seen.id) != str(seen):
                tidied = seen.id in self._looked and not seen.rows
                self._looked[seen.id] = str(seen)
                fresh.append(_tidied(seen) if tidied else str(seen))
        return fresh


def _tidied(seen: Seen) -> str:
    """What an old message is left as: `~ ✓ Idræt`. Only its end: the rest was read before."""
    return "~ " + seen.text.rpartition("\n\n")[2].replace("\n", " / ")


class InTerminal:
    """Someone at the keyboard. Buttons are chosen by the number beside them, or where there is none by their words."""

    def __init__(self, town: Town, talk: Talk) -> None:
        self.town = town
        self._talk = talk
        self._labels: list[str] = []
        self._numbered = True
        self._fresh: list[str] = []

    async def says(self, text: str, after: int = TURN) -> None:
        self.town.said.append(text)
        await self._enters(text, after)

    async def taps(self, label: str, after: int = TURN) -> None:
        if label not in self._labels:
            raise AssertionError(f"there is no button {label!r}; there are {self._labels}")
        await self._enters(str(self._labels.index(label) + 1) if self._numbered else label, after)

    async def _enters(self, line: str, after: int) -> None:
        self.town.clock.now += after
        reply = await self._talk.take(line)
        if reply.number:
            self._labels, self._numbered = [move.label for move in reply.buttons], is_numbered(reply)
        self._fresh += _shown(reply)

    def sees(self) -> list[str]:
        fresh, self._fresh = self._fresh, []
        return fresh


def _shown(reply: Reply) -> Iterator[str]:
    """What the terminal prints, with its numbered list of choices as the rows of buttons it stands for."""
    printed = [Text.from_markup(paragraph).plain for paragraph in lines(reply)]
    rows = [[move.label for move in row] for row in reply.moves if row]
    if rows:
        labels = [label for row in rows for label in row]
        assert [line.split(maxsplit=1) for line in printed.pop().splitlines()] == [
            [str(number) if is_numbered(reply) else "–", label] for number, label in enumerate(labels, 1)
        ]
    text = "\n\n".join(printed)
    buttons = [" ".join(f"[{label}]" for label in row) for row in rows]
    if text or buttons:
        yield "\n".join([text, *buttons])
    if reply.files.attachment is not None:
        yield f"<{reply.files.attachment.name}>"


# --- the town ---------------------------------------------------------------------------------------------


def prepare(folder: Path) -> Path:
    """A folder with a database and its key, into which Eksempel Kommune's process is loaded once for all tests. The
    leader has taken off the register what the process file lists: each test puts on what it needs."""
    asyncio.run(load_example(folder, empties_register=True))
    return folder


async def load_example(folder: Path, *, empties_register: bool = False) -> None:
    """Eksempel Kommune's process as its file has it, loaded for the first time."""
    async with open_runtime(_settings(folder, FOLDER / "eksempel.yaml"), Clock()) as runtime:
        if empties_register:
            await runtime.database.write(lambda tx: tx.run("DELETE FROM parties"))


def _settings(folder: Path, process: Path | str = "", **values: object) -> Settings:
    """Of these values alone: `model_validate` looks into neither the environment nor `.env`."""
    return Settings.model_validate(
        {
            "telegram_token": TOKEN,
            "telegram_api": "http://127.0.0.1:1",
            "database": str(folder / "besyv.db"),
            "key_file": str(folder / "besyv.key"),
            "process": str(process),
            **values,
        }
    )


@dataclass
class Town:
    """`async with Town(prepared, folder, log) as town:` – the bot runs, people can come.

    `channel` is where `somebody` is: telegram, terminal or web; with `pages` the web stands beside Telegram. `steps`
    says which steps take answers, in a transcript's words; without it all of eksempel.yaml. `smtp` is a mail server's
    address (tests/support/mailbox.py). Leaving, the town looks
    after itself: nothing violated, nothing left unanswered, no words or secrets of anybody in log or database.
    """

    prepared: Path
    folder: Path
    log: io.StringIO
    channel: str = "telegram"
    steps: str = ""
    pages: bool = False
    busy: float = BUSY_SECONDS  # for which the bot waits for a lock on its database
    smtp: str = ""  # the mail server that messages go out by
    backups: bool = False  # made by the clock, in the folder «copies»
    more: dict[str, object] = field(default_factory=dict)  # settings
    strict: bool = False  # holders of roles are asked for a second thing, as everywhere but here
    clock: Clock = field(default_factory=Clock)
    said: list[str] = field(default_factory=list)
    invite: str = ""
    public: set[str] = field(default_factory=set)  # what was typed into the register, which is no secret
    _people: dict[str, OnTelegram | InTerminal] = field(default_factory=dict)
    browsers: list[Browser] = field(default_factory=list)  # opened beside people's own; closed when the town is left
    _visitors: dict[str, OnPages] = field(default_factory=dict)
    _life: AsyncExitStack = field(default_factory=AsyncExitStack)
    _api: LocalBotApi | None = None
    _bound: socket.socket | None = None
    _port: int = 0
    _kept: ExitStack = field(default_factory=ExitStack)  # the port, also while the bot is down
    _runtime: Runtime | None = None
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _serving: list[asyncio.Task[None]] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        self.folder.mkdir(exist_ok=True)
        for each in self.prepared.glob("besyv.*"):  # the database, its key, and the key store where there is one yet
            shutil.copy2(each, self.folder / each.name)
        if self.backups:
            (self.folder / "copies").mkdir()
        if self.channel == "telegram":
            self._api = LocalBotApi(limits=Limits(off=True), clock=self.clock)
            await self._api.start()
        self.pages = self.pages or self.channel == "web"
        if self.pages:
            self._port = self._kept.enter_context(ports.reserved())
        await self.up(steps=self.steps)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None and self._serving:
            await self.rest()
        secrets = [secret for visitor in self._visitors.values() for secret in visitor.secrets]
        for browser in (*self.browsers, *(visitor.browser for visitor in self._visitors.values())):
            await browser.close()
        await self.down()
        if self._api is not None:
            await self._api.stop()
        self._kept.close()
        if kind is None:
            self._inspect(secrets)

    @property
    def api(self) -> LocalBotApi:
        assert self._api is not None, "there is no Telegram in this town"
        return self._api

    @property
    def runtime(self) -> Runtime:
        assert self._runtime is not None, "the bot is down"
        return self._runtime

    @property
    def home(self) -> str:
        """The address of the first page."""
        assert self._port, "there are no pages in this town"
        return f"http://127.0.0.1:{self._port}"

    # Coming and going

    async def up(self, steps: str = "") -> None:
        await self._open()
        if steps:
            await self._save(lambda file: _with_steps(file, steps))
        await self._serve()

    async def _open(self) -> None:
        if self.pages:
            self._bound = server.bind("127.0.0.1", self._port)
        runtime = await self._life.enter_async_context(open_runtime(self._settings, self.clock, self.busy))
        self._runtime = replace(runtime, context=replace(runtime.context, proof_shown=self._proof))
        await self._life.enter_async_context(mailing(self._settings, self.runtime, self.clock))

    def _proof(self, s: Session) -> Proof:
        return proof_shown(s) if self.strict else proven(s)

    @property
    def _settings(self) -> Settings:
        values: dict[str, object] = {"telegram_api": self._api.url} if self._api is not None else {}
        if self._port:
            values["web_port"] = self._port
        if self.backups:
            values["backup_dir"] = str(self.folder / "copies")
        if self.smtp:
            values |= {"smtp_url": self.smtp, "mail_from": "Eksempel Kommune <frivillig@eksempel-kommune.example>"}
        return _settings(self.folder, "", **values, **self.more)

    async def _serve(self) -> None:
        """Each channel that is to be there, and what is done by the clock, as `bot.app.run` does it."""
        self._stop = asyncio.Event()
        if self._api is not None or self.pages:
            backups = backup_job(self._settings, self.runtime, self.clock)
            scheduler = await by_the_clock(self.runtime, self.clock, backups)
            self._life.callback(scheduler.shutdown, wait=False)
        if self._api is not None:
            self.runtime.sender.expect_channel("telegram")
            serving = serve_telegram(
                self._settings, self.runtime, self._stop, rate_limiter=RateLimiter(None), clock=self.clock
            )
            self._serving.append(asyncio.create_task(serving))
        if self._bound is not None:
            serving = serve_web(self._settings, self.runtime, self._bound, self._stop, clock=self.clock)
            self._serving.append(asyncio.create_task(serving))
        if self._serving:
            self._serving.append(asyncio.create_task(serve_outbox(self.runtime, self._stop)))
        await self.rest()

    async def down(self) -> None:
        """SIGTERM: what is under way is finished, then the database is closed."""
        self._stop.set()
        serving, self._serving = self._serving, []
        await asyncio.gather(*serving)
        self._runtime = None
        await self._life.aclose()

    async def wait(self, seconds: int) -> None:
        """Time passes while nobody does anything. The bot is there all the while."""
        if self._api is None:
            self.clock.now += seconds
            await self._beats("clock")
            return
        await self.rest()
        await self.down()
        self.clock.now += seconds
        await self._open()
        await self._beats("fetched", "looked", "clock")
        await self._serve()

    async def _beats(self, *names: str) -> None:
        """As if it had been there."""
        for name in names:
            await self.runtime.database.write(partial(heartbeats.beat, name=name, at=int(self.clock.now)))

    async def rest(self) -> None:
        """Until the bot has nothing to do: everything confirmed, handled and drawn, and the next poll begun."""
        if not self._serving:
            return
        async with asyncio.timeout(PATIENCE):
            while self._polls_not() or self._has_something_due() or any(map(_at_work, _tasks())):
                assert not any(task.done() for task in self._serving), self.log.getvalue()
                await asyncio.sleep(0.001)

    def _polls_not(self) -> bool:
        world = self._api.world if self._api is not None else None
        return world is not None and (bool(world.pending) or world.poller is None or world.poller.done())

    def _has_something_due(self) -> bool:
        """Something may be due that nobody has looked at yet."""
        return self.runtime.wake_sender.is_set() or self.runtime.wake_inbox.is_set()

    async def looks(self) -> None:
        """What the bot does every twenty seconds: writes down what is due, and sends it."""
        await self.runtime.database.write(
            lambda tx: enqueue_everything(tx, self.runtime.process_host, int(self.clock.now))
        )
        self.runtime.wake_sender.set()
        await self.rest()

    def person(self, name: str = "Anna", language: Language = "da") -> OnTelegram:
        """Somebody with Telegram on their phone; the same each time they are called by name."""
        person = self._people.get(name)
        if person is None:
            person = self._people[name] = OnTelegram(self, Person(self.api, name, language_code=language))
        assert isinstance(person, OnTelegram)
        return person

    def visitor(self, name: str = "Anna", language: Language = "da") -> OnPages:
        """Somebody at the web pages; the same each time they are called by name."""
        if name not in self._visitors:
            self._visitors[name] = OnPages(self, self.home, language)
        return self._visitors[name]

    def somebody(self, name: str = "Anna", language: Language = "da") -> Somebody:
        """A person on the town's channel. The terminal has one seat."""
        match self.channel:
            case "telegram":
                return self.person(name, language)
            case "web":
                return self.visitor(name, language)
        person = self._people.get(name)
        if person is None:
            assert not self._people, "only one person sits at a terminal"
            talk = Talk(self.runtime.database, self.runtime.context, self.clock, language)
            person = self._people[name] = InTerminal(self, talk)
        return person

    # What the municipality does

    async def invites(self, role: str) -> str:
        """What follows `?start=` in the link that `besyv invite` prints."""
        now = int(self.clock.now)

        def make(tx: Any) -> str:
            return invitations.make(tx, self.runtime.process_host.plan(tx).process_id, Role(role), now)

        self.invite = await self.runtime.database.write(make)
        self.said.append(self.invite)
        return self.invite

    async def loads(self, path: str, value: object) -> None:
        """`besyv process load` of the file with one thing in it changed: `draft.sections.0.text_da`."""

        def changed(file: ProcessFile) -> ProcessFile:
            whole = file.model_dump(mode="json")
            *folders, name = (int(part) if part.isdecimal() else part for part in path.split("."))
            place: Any = whole
            for part in folders:
                place = place[part]
            place[name] = value
            return ProcessFile.model_validate({**whole, "steps": _as_written(whole["steps"])})

        await self._save(changed)

    async def plans_meeting(self, told: str) -> None:
        """`besyv process load` of the file with a meeting in it, or with one changed, and what is due is sent:
        `moede: title = Dialogmøde; place = Kulturhuset; starts = 2026-03-24 19:00`."""
        key, _, rest = told.partition(": ")
        values = dict(part.split(" = ") for part in rest.split("; "))

        def changed(file: ProcessFile) -> ProcessFile:
            whole = file.model_dump(mode="json")
            listed = {meeting["key"]: meeting for meeting in whole["meetings"]}
            listed[key] = {"title": key, "place": "Kulturhuset", **listed.get(key, {}), "key": key, **values}
            whole |= {"steps": _as_written(whole["steps"]), "meetings": [*listed.values()]}
            return ProcessFile.model_validate(whole)

        await self._save(changed)
        await self.looks()

    async def sends_minutes(self, told: str) -> None:
        """Of a meeting that is over: `moede: Vi talte om lokaler; Vi vil mødes igen`. Sent before: as a new version."""
        key, _, rest = told.partition(": ")

        def send(tx: Tx) -> None:
            planned = self.runtime.process_host.plan(tx)
            meeting = meetings.by_key(tx, planned.process_id, key)
            assert meeting is not None
            meetings.write_minutes(tx, meeting.id, rest.split("; "))
            if meeting.minutes_at is not None:
                meetings.write_what_changed(tx, meeting.id, "Der manglede noget")
            send_minutes(tx, planned.hours, meeting, int(self.clock.now))

        await self.runtime.database.write(send)
        await self.looks()

    async def opens(self, steps: str) -> None:
        """`besyv process load` of the file with other steps."""
        await self._save(lambda file: _with_steps(file, steps))

    async def _save(self, change: Callable[[ProcessFile], ProcessFile]) -> None:
        file = await self.runtime.database.read(lambda tx: self.runtime.process_host.plan(tx).file)
        new = change(file)
        flows = shipped_flows(new) if new.material != file.material else []
        await self.runtime.database.write(lambda tx: process_file.save(tx, new, flows, int(self.clock.now)))

    # What is found afterwards

    def answered(self) -> frozenset[Answered]:
        """The questions that were answered on pages, and by which controls."""
        return frozenset().union(*(visitor.answered for visitor in self._visitors.values()))

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """What stands in the database now."""
        with closing(connect(self.folder / "besyv.db")) as connection:
            return [tuple(row) for row in connection.execute(sql, values)]

    def on_disk(self) -> bytes:
        """Every byte of the database's files."""
        return b"".join(path.read_bytes() for path in sorted(self.folder.glob("besyv.db*")))

    def _inspect(self, secrets: list[str]) -> None:
        if self._api is not None:
            assert self._api.violations == []
            assert self._api.unanswered_callbacks() == []
        assert self.rows("SELECT seq, state, fault FROM inbox WHERE state <> 'settled'") == []
        log, disk = self.log.getvalue(), self.on_disk()
        assert TOKEN not in log
        for secret in filter(None, secrets):
            assert secret not in log, "a secret of the pages stands in the log"
            assert secret.encode() not in disk, "a secret of the pages lies in the clear"
        assert " ERROR " not in log and "Traceback" not in log, log
        shipped = (self.prepared / "besyv.db").read_bytes()  # labels that were typed stand in the question sets
        asked = "\n".join(definition for (definition,) in self.rows("SELECT definition FROM flow_versions"))
        for text in self.said:
            if len(text) >= TELLING and not text.startswith("/") and text not in self.public:
                assert text not in log, f"{text!r} stands in the log"
                known = text.encode() in shipped or text in asked  # a question is no secret once it is asked
                assert known or text.encode() not in disk, f"{text!r} lies in the clear"


Found = Callable[..., Town]  # what the fixture `found` gives: `async with found(steps="linjer") as town:`


def _tasks() -> Iterator[Any]:
    return (task.get_coro() for task in asyncio.all_tasks())


def _at_work(coroutine: Any) -> bool:
    """A queue, a drawing, the menu, a job of the scheduler; not the tasks that stand as long as the bot."""
    code = coroutine.cr_code
    if "/bot/channels/web/" in code.co_filename:  # the server; a request is awaited by whoever sent it
        return False
    if code.co_qualname == "Sender.run":  # which sends what is due, and then waits for the next
        return not str(getattr(coroutine.cr_await, "cr_code", "")).startswith("<code object wait ")
    if code.co_name == "take_up_ours":
        return not str(getattr(coroutine.cr_await, "cr_code", "")).startswith("<code object wait ")
    return ("/bot/" in code.co_filename or "/apscheduler/" in code.co_filename) and code.co_name not in (
        "_serve",
        "serve_telegram",
        "serve_web",
        "serve_outbox",
    )


def _with_steps(file: ProcessFile, steps: str) -> ProcessFile:
    """Only these steps: `linjer, hoering opens 2026-04-01 08:00 closes 2026-06-01 12:00`."""
    written = {step.flow: step.model_dump(mode="json") for step in file.steps}
    wanted: list[dict[str, Any]] = []
    for step in filter(None, map(str.strip, steps.split(","))):
        flow, *times = re.split(r" (opens|closes) ", step)
        wanted.append({**written.get(flow, {"flow": flow}), **dict(zip(times[::2], times[1::2], strict=True))})
    return ProcessFile.model_validate({**file.model_dump(mode="json"), "steps": _as_written(wanted)})


def _as_written(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A moment as a file has it: `2026-03-03 19:00`."""
    return [{key: value.replace("T", " ") if value else value for key, value in step.items()} for step in steps]


# --- transcripts ------------------------------------------------------------------------------------------

ACT = re.compile(r"(?:(?P<mark>>|\*[*^]?|!|@) (?P<what>.*)|~ (?P<old>.*) ⇒ (?P<new>.*))")
CODE = re.compile(r"\bs-[a-z2-9]{10}\b")  # another one each time
AMBIGUOUS = re.compile(r"[>*!@#~\\]")


@dataclass
class Block:
    """Something that was done, and what the bot showed then. `before` are the comments over it."""

    act: str
    line: int
    before: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)


@dataclass
class Transcript:
    name: str
    head: dict[str, str]
    title: list[str]
    blocks: list[Block]

    @property
    def channels(self) -> list[str]:
        return self.head.get("channels", "telegram terminal web").split()

    @property
    def language(self) -> Language:
        return "en" if self.head.get("language") == "en" else "da"

    def written(self) -> str:
        parts = ["\n".join([*self.title, *(f"{key}: {value}" for key, value in self.head.items())])]
        for block in self.blocks:
            parts.append("\n".join([*block.before, block.act, *block.shown]))
        return "\n\n".join(parts) + "\n"


def read(name: str) -> Transcript:
    return parse(name, (TRANSCRIPTS / f"{name}.txt").read_text(encoding="utf-8"))


def parse(name: str, text: str) -> Transcript:
    """The notation is told in tests/conversations/README.md."""
    transcript = Transcript(name, {}, [], [])
    comments: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        if ACT.fullmatch(line):
            transcript.blocks.append(Block(line, number, comments))
            comments = []
        elif line.startswith("#"):
            (comments if transcript.blocks or transcript.head else transcript.title).append(line)
        elif transcript.blocks and not comments:
            transcript.blocks[-1].shown.append(line)
        elif header := re.fullmatch(r"(\w+): (.+)", line):
            transcript.head[header[1]] = header[2]
        else:
            assert not line.strip(), f"{name}.txt:{number}: what is this? {line}"
    for block in transcript.blocks:
        while block.shown and not block.shown[-1].strip():
            block.shown.pop()
    assert not comments, f"{name}.txt ends in a comment"
    return transcript


async def play(town: Town, transcript: Transcript, *, update: bool = False) -> None:
    """Acts it line by line. AssertionError where the bot shows something else; with `update` the file is rewritten."""
    stage = _Stage(town, transcript.language)
    try:
        for block in transcript.blocks:
            try:
                await stage.act(block.act)
            except (AssertionError, ValueError) as error:
                raise AssertionError(f"{transcript.name}.txt:{block.line}: {block.act}\n{error}") from error
            if isinstance(stage.person, OnPages) and transcript.channels != ["web"]:
                _compare_page(transcript, block, stage.person)
                continue
            shown = stage.with_code_named(_as_lines(stage.person.sees()))
            if update:
                block.shown = shown
            _compare(transcript, block, shown, town.channel)
    finally:
        if update:
            (TRANSCRIPTS / f"{transcript.name}.txt").write_text(transcript.written(), encoding="utf-8")


def _compare(transcript: Transcript, block: Block, shown: list[str], channel: str) -> None:
    expected = block.shown if channel in ("telegram", "web") else _without_tidying(block.shown)
    if shown != expected:
        difference = "\n".join(difflib.unified_diff(expected, shown, "transcript", channel, lineterm="", n=99))
        raise AssertionError(f"{transcript.name}.txt:{block.line}: {block.act}\n{difference}")


def _compare_page(transcript: Transcript, block: Block, person: OnPages) -> None:
    if not person.acted and not block.shown:
        return
    difference = "\n".join(parity.differences(block.shown, person))
    if difference:
        raise AssertionError(f"{transcript.name}.txt:{block.line}: {block.act}\n{difference}")


def _as_lines(messages: list[str]) -> list[str]:
    """The messages as they stand in a transcript: tidied ones a line each, an empty line after every other."""
    found: list[str] = []
    for message in messages:
        if message.startswith("~ "):
            found.append(message)
            continue
        if found and not found[-1].startswith("~ "):
            found.append("")
        found += [f"\\{line}" if AMBIGUOUS.match(line) else line.rstrip() for line in message.split("\n")]
    return found


def _without_tidying(shown: list[str]) -> list[str]:
    return [line for line in shown if not line.startswith("~ ")]


class _Stage:
    """Where a transcript is acted: who is on, and whether the next act comes at once."""

    def __init__(self, town: Town, language: Language) -> None:
        self.town = town
        self.person: Somebody = town.somebody("Anna", language)
        self._after = TURN
        self._code = ""

    async def act(self, line: str) -> None:
        found = ACT.fullmatch(line)
        assert found is not None
        after, self._after = self._after, TURN
        if found["old"]:
            await self._phone().edits(found["old"], found["new"], after)
            return
        what = found["what"].replace("{invite}", self.town.invite).replace("{code}", self._code).replace("⏎", "\n")
        match found["mark"]:
            case ">":
                await self.person.says(what, after)
            case "*":
                await self.person.taps(what, after)
            case "**":
                await self._handy().taps(what, after, times=2)
            case "*^":
                await self._handy().taps(what, after, older=True)
            case "!":
                await self._handy().forges(what, after)
            case _:
                await self._direct(what)

    def with_code_named(self, shown: list[str]) -> list[str]:
        """`{code}` is the last joint-answer code that was shown."""
        for code in CODE.findall("\n".join(shown)):
            self._code = code
            self.town.public.add(code)
        return [receipts.masked(CODE.sub("{code}", line)) for line in shown]

    async def _direct(self, what: str) -> None:
        word, _, rest = what.partition(" ")
        match word:
            case "person":
                name, _, language = rest.partition(" ")
                self.person = self.town.somebody(name, "en" if language == "en" else "da")
            case "at":
                assert rest == "once"
                self._after = 0
            case "wait":
                await self.town.wait(_seconds(rest))
            case "away":
                await self._while_down(lambda: self._pass(_seconds(rest)))
            case "restart":
                await self._while_down(lambda: self._pass(0))
            case "down":
                await self.town.down()
            case "up":
                await self.town.up()
            case "invite":
                await self.town.invites(rest)
            case "load":
                path, _, value = rest.partition(" = ")
                await (self.town.opens(value) if path == "steps" else self.town.loads(path, value))
            case "meeting":
                await self.town.plans_meeting(rest)
            case "minutes":
                await self.town.sends_minutes(rest)
            case "due":
                await self.town.looks()
            case "first":
                for block in read(rest).blocks:
                    self.person.sees()
                    await self.act(block.act)
            case _:
                await self._with_phone(word, rest)

    async def _with_phone(self, word: str, rest: str) -> None:
        person = self._phone()
        phone = person.phone
        match word:
            case "sends":
                acts: dict[str, Callable[[], object]] = {
                    "sticker": phone.sends_sticker,
                    "photo": phone.sends_photo,
                    "voice": phone.sends_voice,
                    "poll": phone.sends_poll,
                    "location": phone.sends_location,
                    "contact": phone.sends_contact,
                    "document": phone.sends_document,
                }
                await person.does(acts[rest])
            case "forwards":
                await person.does(lambda: phone.forwards(rest), said=rest)
            case "blocks":
                await person.does(phone.blocks)
            case "unblocks":
                await person.does(phone.unblocks)
            case _:
                raise AssertionError(f"@ {word}: nobody knows how to do that")

    async def _while_down(self, meanwhile: Callable[[], Awaitable[None]]) -> None:
        await self.town.down()
        await meanwhile()
        await self.town.up()

    async def _pass(self, seconds: int) -> None:
        self.town.clock.now += seconds

    def _phone(self) -> OnTelegram:
        assert isinstance(self.person, OnTelegram), "only on Telegram"
        return self.person

    def _handy(self) -> OnTelegram | OnPages:
        """Who can press twice, press what stands further up, and send what no button has."""
        assert isinstance(self.person, OnTelegram | OnPages), "only on Telegram and on the web"
        return self.person


def _seconds(span: str) -> int:
    number, _, unit = span.partition(" ")
    return int(number) * UNITS[unit.removesuffix("s")]

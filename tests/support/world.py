"""The bot as the process it is, beside the local Bot API, and people who answer its questions as people do.

Here: starting, killing and stopping it, what it has stored, a crowd that remembers what it said. Not here: faults,
and what is expected of whom.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

from bot import texts
from bot.backoff import PATIENT, Patience
from bot.dialogue import dispatch
from bot.dialogue.reply import Tap
from bot.dialogue.session import Context, Visit
from bot.features import TABLES, process_file
from bot.features.identity import arrival
from bot.flows import standard_choices
from bot.flows.model import Flow, Group, Question, QuestionKind, Respondent
from bot.process import loading
from bot.process.flows import shipped_flows
from bot.process.host import ProcessHost
from bot.process.plan import START
from storage import answers, people, runs
from storage.db import Tx, connect, migrate
from storage.encryption import Keyring
from tests.support.botapi import Limits, LocalBotApi, Person
from tests.support.botapi.person import Seen
from tests.support.fast_clock import FastClock
from tests.support.patience import PATIENCE
from tests.support.proven import proven

ROOT = Path(__file__).parents[2]
CHANNEL = "telegram"


def button(key: str) -> str:
    return texts.say("da", f"button.{key}")


# --- the process ------------------------------------------------------------------------------------------


class ForkServer:
    """Forks of a process that has imported the bot already (tests/support/fork_server.py)."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.fork_server"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._ready = False
        self._one_at_a_time = threading.Lock()
        self._prepared: TemporaryDirectory[str] | None = None

    def fork(self, env: dict[str, str], log: Path, clock: FastClock, patience: Patience) -> int:
        """The pid of a new bot. Waits some milliseconds: call it beside the loop."""
        assert self._process.stdin is not None and self._process.stdout is not None
        with self._one_at_a_time:
            if not self._ready:
                assert self._process.stdout.readline() == "ready\n"
                self._ready = True
            wanted = {"env": env, "log": str(log), "clock": asdict(clock), "patience": asdict(patience)}
            self._process.stdin.write(json.dumps(wanted) + "\n")
            self._process.stdin.flush()
            return int(self._process.stdout.readline())

    def prepare(self, folder: Path) -> None:
        """A database there into which the example's process is loaded, and its key: as after a first start."""
        with self._one_at_a_time:
            if self._prepared is None:
                self._prepared = TemporaryDirectory()
                _load_example(Path(self._prepared.name))
            for name in ("besyv.db", "besyv.key"):
                shutil.copy2(Path(self._prepared.name) / name, folder / name)

    def close(self) -> None:
        self._process.communicate(timeout=PATIENCE)  # the end of its input ends it
        if self._prepared is not None:
            self._prepared.cleanup()


def _load_example(folder: Path) -> None:
    with closing(connect(folder / "besyv.db")) as connection:
        migrate(connection)
        tx = Tx(connection, Keyring.open_or_create(folder / "besyv.key"))
        file = loading.parse_file(loading.example(), "example.yaml")
        tx.run("BEGIN IMMEDIATE")
        process_file.save(tx, file, shipped_flows(file), int(time.time()))
        tx.run("COMMIT")


class Bot:
    """`besyv run`, over and over, on one database. Forked from a fork server where one is given."""

    def __init__(
        self, api: LocalBotApi, folder: Path, fork_server: ForkServer | None = None, *, process: str | None = None
    ) -> None:
        self.api = api
        self.folder = folder
        self.log = folder / "log"
        self.database = folder / "besyv.db"
        self.key = folder / "besyv.key"
        self.pid = 0
        self.clock = FastClock()  # a forked bot's; the Bot API may have the same
        self.ahead = 0.0  # seconds by which a forked bot's clock is ahead of ours
        self.patience = PATIENT  # a forked bot's
        self._fork_server = fork_server
        self._process: asyncio.subprocess.Process | None = None
        self.env = {
            "BESYV_TELEGRAM_TOKEN": api.token,
            "BESYV_WEB_PORT": "0",
            "BESYV_TELEGRAM_API": api.url,
            "BESYV_DATABASE": str(self.database),
            "BESYV_KEY_FILE": str(self.key),
            "BESYV_PROCESS": "",
        }
        if process is not None:
            (folder / "process.yaml").write_text(process, encoding="utf-8")
            self.env["BESYV_PROCESS"] = str(folder / "process.yaml")

    async def start(self, *, polls: bool = True) -> Self:
        """Starts it; with `polls` returns when it has asked for updates."""
        before = self.api.calls("getUpdates")
        if self._fork_server is not None:
            clock = replace(self.clock, ahead=self.ahead)
            self.pid = await asyncio.to_thread(self._fork_server.fork, self.env, self.log, clock, self.patience)
        else:
            with self.log.open("ab") as log:
                self._process = await asyncio.create_subprocess_exec(
                    sys.executable,
                    "-m",
                    "bot",
                    "run",
                    cwd=ROOT,
                    env=self.environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                )
            self.pid = self._process.pid
        if polls:
            await self.until(lambda: self.api.calls("getUpdates") > before, "polls")
        return self

    async def until(
        self, reached: Callable[[], bool], what: str, timeout: float = PATIENCE, every: float = 0.005
    ) -> None:
        """TimeoutError with the log's end where it does not come to it. Looks `every` so many seconds, and less often
        after a while: looking takes the bot's own time."""
        ends = time.monotonic() + timeout
        while not reached():
            if time.monotonic() > ends or not self.is_alive:
                raise TimeoutError(f"not: {what} (alive: {self.is_alive})\n{self.said[-6000:]}")
            await asyncio.sleep(every)
            every = max(every, min(every * 1.1, 0.05))

    @property
    def worked(self) -> float:
        """Seconds of CPU that it has taken since it was started, however busy the machine is."""
        times = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(times[11]) + int(times[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def environment(self) -> dict[str, str]:
        """For a command of its own on the same database."""
        return {**os.environ, **self.env}

    @property
    def is_alive(self) -> bool:
        if self._process is not None:
            return self._process.returncode is None
        return self.pid != 0 and Path(f"/proc/{self.pid}").exists()

    @property
    def said(self) -> str:
        """Everything it has written to standard output and standard error."""
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""

    async def kill(self) -> None:
        """kill -9. Returns when Telegram, too, is through with what it was sending."""
        if self.is_alive:
            os.kill(self.pid, signal.SIGKILL)
        await self._gone(PATIENCE)
        await self.api.left_alone()

    async def stop(self, timeout: float = PATIENCE) -> int | None:
        """SIGTERM; the exit code. TimeoutError, and kill -9, where it takes longer."""
        os.kill(self.pid, signal.SIGTERM)
        try:
            return await self._gone(timeout)
        except TimeoutError:
            await self.kill()
            raise

    async def _gone(self, timeout: float) -> int | None:
        if self._process is not None:
            async with asyncio.timeout(timeout):
                return await self._process.wait()
        if self.pid == 0:
            return None
        code = self.log.with_name(f"{self.log.name}.{self.pid}")  # tests/support/fork_server.py writes it
        ends = time.monotonic() + timeout
        while self.is_alive or not code.exists() or not code.read_text():
            if time.monotonic() > ends:
                raise TimeoutError
            await asyncio.sleep(0.002)
        return int(code.read_text())

    def fill_the_disk(self) -> None:
        """Not one more byte of any file can be written by the process, until `free_the_disk`."""
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))

    def free_the_disk(self) -> None:
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """As if another program were writing all the while."""
        with closing(connect(self.database, PATIENCE)) as other:
            other.execute("BEGIN IMMEDIATE")
            try:
                yield
            finally:
                other.execute("ROLLBACK")

    def kept_to_itself(self) -> None:
        """AssertionError where its log holds the token, or anything anybody has written to it."""
        log = self.said
        secrets = [self.api.token, self.api.token.partition(":")[2]]
        for chat in self.api.world.chats.values():
            said = (stored.message.get("text", "") for stored in chat.messages.values() if not stored.by_bot)
            secrets += [text for text in said if len(text) > 10]
        assert [secret for secret in secrets if secret in log] == []

    # What it has stored

    @contextmanager
    def stored(self) -> Iterator[Tx]:
        with closing(connect(self.database, PATIENCE)) as connection:
            yield Tx(connection, Keyring(self.key))

    def sql(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        with self.stored() as tx:
            return [tuple(row) for row in tx.all(sql, **values)]

    def change(self, sql: str, **values: Any) -> int:
        with self.stored() as tx:
            return tx.run(sql, **values)

    def inbox(self) -> dict[str, int]:
        """How many updates are in which state."""
        return dict(self.sql("SELECT state, count(*) FROM inbox GROUP BY state"))

    def still_due(self, kind: str) -> set[int]:
        """To whom a message of the kind is due, be it that they have it and that was not noted."""
        found = self.sql(
            """SELECT address FROM outbox JOIN addresses ON addresses.person_id = outbox.person_id
               WHERE state = 'due' AND kind = :kind""",
            kind=kind,
        )
        return {int(address) for (address,) in found}

    async def settled(self, timeout: float = PATIENCE) -> None:
        """Until every update has been confirmed and is settled or dead."""

        def done() -> bool:
            return not self.api.world.pending and not {"new", "applied"} & self.inbox().keys()

        await self.until(done, "settled", timeout, every=0.05)


HASTY = Patience(again=0.05, call=0.1, outage=1)


@asynccontextmanager
async def running(
    folder: Path,
    fork_server: ForkServer | None = None,
    *,
    api: LocalBotApi | None = None,
    process: str | None = None,
    polls: bool = True,
    ahead: float = 0.0,
    speed: float = 1.0,
    patience: Patience = HASTY,
) -> AsyncIterator[Bot]:
    """A bot that is up, with its own Bot API (`bot.api`), both `ahead` of our clock and so many times as fast. It is
    killed at the end, and its log looked through. One that is started by itself has the clock and the patience that it
    has in earnest."""
    assert fork_server is not None or (ahead, speed, patience) == (0.0, 1.0, HASTY)
    clock = FastClock(ahead, speed)
    async with api or LocalBotApi(clock=clock, limits=Limits(clock=clock)) as served:
        bot = Bot(served, folder, fork_server, process=process)
        bot.clock, bot.ahead, bot.patience = clock, ahead, patience
        if fork_server is not None and process is None:
            await asyncio.to_thread(fork_server.prepare, folder)
        try:
            yield await bot.start(polls=polls)
            await bot.kill()
            bot.kept_to_itself()
        finally:
            await bot.kill()


# --- what people said, and what is stored of it -----------------------------------------------------------

Key = tuple[str, str]  # flow, question


@dataclass(frozen=True, slots=True)
class Told:
    """An answer: the messages it was written in, or the labels that were tapped (sorted where order says nothing)."""

    parts: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


def everything_open() -> str:
    """The example's process file with every step open whose questions are in it."""
    text = loading.example()
    for ahead in ("2030-08-15 08:00", "2030-11-01 08:00"):
        text = text.replace(f'opens: "{ahead}"', 'opens: "2025-08-15 08:00"')
    return text


class Flows:
    """The questions as people know them: by their wording within a step."""

    def __init__(self, process: str) -> None:
        self.by_key = {flow.flow: flow for flow in shipped_flows(loading.parse_file(process, "process.yaml"))}

    def question(self, flow: str, seen: Seen, told: Mapping[Key, Told], *, many: bool) -> Question | None:
        """The question that a message asks. Of several with the same wording, the one whose text to read it shows, or
        the last whose condition has been answered."""
        wording = _title(seen)
        same = [q for q in self.by_key[flow].questions if q.text.to("da", many=many) == wording]
        same = [q for q in same if q.shows is None or q.shows.to("da", many=many) in seen.text]
        met = [q for q in same if len(same) == 1 or q.when is None or (flow, q.when.question) in told]
        return met[-1] if met else None

    def named_in(self, label: str, *, many: bool) -> str | None:
        """The key of the step that a button leads to."""
        found = [
            (len(said), flow.flow)
            for flow in self.by_key.values()
            for title in (flow.title, *flow.group_titles.values())
            if (said := title.to("da", many=many)) in label
        ]
        return max(found)[1] if found else None

    def label(self, flow: Flow, question: str, key: str, *, many: bool) -> str:
        choices = standard_choices.choices(flow.question(question))
        return next(choice.label.to("da", many=many) for choice in choices if choice.key == key)

    def stored(self, tx: Tx, address: int) -> dict[Key, Told]:
        """What the database holds of one person, opened."""
        person = people.at_address(tx, CHANNEL, str(address))
        if person is None:
            return {}
        group = Group(person.stakeholder) if person.stakeholder else None
        many = Respondent(group=group).speaks_for_many
        found: dict[Key, Told] = {}
        for run in runs.of_person(tx, person.id):
            flow = self.by_key[run.flow]
            for row in answers.of_run(tx, run.id):
                _, keys, parts, _ = json.loads(row.content)
                labels = [self.label(flow, row.question, key, many=many) for key in keys]
                if flow.question(row.question).kind is QuestionKind.MULTI:
                    labels.sort()
                found[run.flow, row.question] = Told(tuple(text for text, _ in parts), tuple(labels))
        return found


@cache
def example() -> Flows:
    return Flows(loading.example())


def stored(bot: Bot, person: Person) -> dict[str, Told]:
    """What is stored of a person's answers in the example's process, by question, but for those about who they are."""
    with bot.stored() as tx:
        return {key[1]: told for key, told in example().stored(tx, person.id).items() if key[0] != START}


# --- people -----------------------------------------------------------------------------------------------

READS = 2  # seconds, whole in Telegram's clock, that nobody answers faster than
IS_ANSWER = button("doubt-answer")
IS_OURS = "Det er vores svar"  # of an association
NOT_CHOICES = frozenset(map(button, ("back", "skip", "pause", "undo", "done", "keep", "keep-skipped")))
NOT_TAKEN = tuple(texts.say("da", f"said.{key}") for key in ("appended", "too-early", "not-asked"))


class Stuck(Exception):
    """A person who does everything a person does is not brought further."""


@dataclass(slots=True)
class Answering:
    """Someone who answers every question once, by its wording; and taps again where nothing happens for a while."""

    person: Person
    flows: Flows
    chance: random.Random
    role: str  # the label they choose for «Hvem svarer du som?»
    came_for: str = ""
    flow: str = START
    patience: float = 2.0  # seconds without anything happening, after which they tap again; the next time twice as many
    endurance: float = 4 * PATIENCE  # seconds after which they are stuck
    told: dict[Key, Told] = field(default_factory=dict)
    taps: int = 0
    repeated: int = 0
    longest: float = 0.0  # seconds they waited for anything
    asked_whether: set[int] = field(default_factory=set)  # messages that asked whether what they wrote is an answer
    finished: bool = False

    @property
    def many(self) -> bool:
        """Whether they are addressed as «I»: once they have said that they speak for many."""
        return (START, "S1") in self.told and self.role in ("Forening", "Frivilligråd eller frivilligcenter")

    async def answers(self, enough: Callable[[], bool] = lambda: False) -> None:
        """Until there is nothing to answer, or, between two questions, `enough`."""
        self.person.starts(self.came_for)
        while not self.finished:
            prompt = await self._prompt(lambda seen: not self._is_done(seen))
            if enough():
                return
            await self._act(prompt)

    # Reading

    def _newest(self) -> Seen | None:
        """The newest message that asks something."""
        for seen in reversed(self.person.sees()):
            if seen.by_bot and _look(seen):
                return seen
        return None

    def _question(self, seen: Seen) -> Question | None:
        return self.flows.question(self.flow, seen, self.told, many=self.many)

    def _says_that_it_is_an_answer(self, seen: Seen) -> bool:
        """Where a kill kept the bot from knowing whether they had read the question."""
        yes = next((label for label in (IS_ANSWER, IS_OURS) if label in seen.labels), None)
        if yes is None:
            return False
        if seen.id not in self.asked_whether:
            self.asked_whether.add(seen.id)
            self._taps(yes, seen)
        return True

    async def _has_read(self, seen: Seen) -> None:
        """Not before one could have read the question."""
        await self._lets_pass(max(seen.date + READS - self.person.world.clock(), 0) + self.chance.uniform(0, 0.3))

    def _is_done(self, seen: Seen) -> bool:
        question = self._question(seen)
        return question is not None and (self.flow, question.id) in self.told

    async def _prompt(self, wanted: Callable[[Seen], bool], again: Callable[[], object] | None = None) -> Seen:
        """The newest prompt, once it is as wanted. Where nothing happens for a while, `again` (a tap) is done."""
        began, patience = time.monotonic(), self.patience
        while (seen := self._newest()) is None or self._says_that_it_is_an_answer(seen) or not wanted(seen):
            if time.monotonic() > began + self.endurance:
                raise Stuck(f"{self.person} in {self.flow}, told {list(self.told)[-3:]}:\n{self.person.screen(12)}")
            happened = await self.person.chat.stirred(patience * self.chance.uniform(0.8, 1.5))
            if not happened and again is not None:
                self.repeated += 1
                patience *= 2
                again()
            self.longest = max(self.longest, time.monotonic() - began)
        return seen

    # Acting

    async def _act(self, seen: Seen) -> None:
        question = self._question(seen)
        if question is not None:
            told = await self._answer(question, seen)
            self.told[self.flow, question.id] = told
            return
        steps = {label: flow for label in seen.labels if (flow := self.flows.named_in(label, many=self.many))}
        ahead = next((label for label in map(button, ("accept", "send")) if label in seen.labels), None)
        if ahead is not None:
            await self._tap(ahead, seen, _is_not(_look(seen)))
        elif steps:
            label = self.chance.choice(list(steps))
            await self._tap(label, seen, lambda after: self._asks_in(steps[label], after))
            self.flow = steps[label]
        else:
            entered = next((flow for flow in self.flows.by_key if self._asks_in(flow, seen)), None)
            self.finished = entered is None
            self.flow = entered or self.flow

    def _asks_in(self, flow: str, seen: Seen) -> bool:
        return self.flows.question(flow, seen, self.told, many=self.many) is not None

    async def _answer(self, question: Question, seen: Seen) -> Told:
        labels = [label for label in seen.labels if label not in NOT_CHOICES and not label.endswith("Andet")]
        choices = [label.removeprefix("☐ ") for label in labels]
        match question.kind:
            case QuestionKind.TEXT | QuestionKind.CONTACT:
                return await self._write(question, seen, 1)
            case QuestionKind.IDEAS:
                return await self._ideas(question, seen)
            case QuestionKind.MULTI:
                return await self._tick(question, seen, choices)
            case QuestionKind.RANKING:
                return await self._rank(seen, choices)
            case QuestionKind.SINGLE | QuestionKind.SCALE | QuestionKind.YES_NO:
                label = self._choose(question, choices)
                await self._tap(label, seen, _is_not(_look(seen)))
                return Told(labels=(label,))

    def _choose(self, question: Question, choices: list[str]) -> str:
        if question.sets == "group":
            return self.role
        return self.chance.choice(choices)

    async def _write(self, question: Question, seen: Seen, how_many: int) -> Told:
        """Messages unlike all others."""
        await self._has_read(seen)
        said = tuple(f"{self.person.first_name} om {question.id} i {self.flow}: {n}" for n in range(how_many))
        for text in said:
            self.person.says(text)
            if self.chance.random() < 0.5:
                await self._lets_pass(self.chance.uniform(0, 0.3))
        return Told(parts=said)

    async def _ideas(self, question: Question, seen: Seen) -> Told:
        told = await self._write(question, seen, self.chance.randint(1, 4))
        last = f"• {told.parts[-1]}"
        seen = await self._prompt(lambda after: last in after.text and button("done") in after.labels)
        await self._tap(button("done"), seen, _is_not(_look(seen)))
        return told

    async def _tick(self, question: Question, seen: Seen, choices: list[str]) -> Told:
        chosen = self.chance.sample(choices, self.chance.randint(1, min(3, question.most or 3, len(choices))))
        alone = {choice.label.to("da", many=self.many) for choice in question.choices if choice.exclusive}
        if not alone.isdisjoint(chosen):  # what stands alone unticks the others
            chosen = [label for label in chosen if label in alone][:1]
        at_once = self.chance.random() < 0.5
        for label in chosen if at_once else ():
            self._taps(f"☐ {label}", seen)
        for label in chosen:
            if not at_once:
                self._taps(f"☐ {label}", self._same(seen))
            await self._prompt(_shows(f"☑ {label}"), self._again(f"☐ {label}", seen))
        await self._tap(button("done"), seen, _is_not(_look(seen)))
        return Told(labels=tuple(sorted(chosen)))

    async def _rank(self, seen: Seen, choices: list[str]) -> Told:
        order = self.chance.sample(choices, len(choices))
        for place, label in enumerate(order, 1):
            await self._tap(label, seen, lambda after, line=f"{place}. {label}": line in after.text)  # type: ignore[misc]  # mypy does not infer defaults
        await self._tap(button("done"), seen, _is_not(_look(seen)))
        return Told(labels=tuple(order))

    async def _tap(self, label: str, seen: Seen, until: Callable[[Seen], bool]) -> Seen:
        """Tap; and again where nothing happens for a while."""
        await self._lets_pass(self.chance.uniform(0, 0.2))
        self._taps(label, self._same(seen))
        return await self._prompt(until, self._again(label, seen))

    async def _lets_pass(self, seconds: float) -> None:
        """Of Telegram's time."""
        clock = self.person.world.clock
        await asyncio.sleep(seconds / clock.speed if isinstance(clock, FastClock) else seconds)

    def _again(self, label: str, seen: Seen) -> Callable[[], None]:
        return lambda: self._taps(label, self._same(seen))

    def _same(self, seen: Seen) -> Seen:
        """The prompt as it is now: the newest message, where that looks the same."""
        newest = self._newest()
        return newest if newest is not None and _look(newest) == _look(seen) else seen

    def _taps(self, label: str, seen: Seen) -> None:
        """A tap on this very message, if the button is still there."""
        shown = next((each for each in self.person.sees() if each.id == seen.id), None)
        if shown is not None and label in shown.labels:
            self.taps += 1
            self.person.taps(label, on=shown.id)


def _is_not(look: str) -> Callable[[Seen], bool]:
    return lambda seen: _look(seen) != look


def _shows(label: str) -> Callable[[Seen], bool]:
    return lambda seen: label in seen.labels


def _title(seen: Seen) -> str:
    return _words(seen, "bold")


def _look(seen: Seen) -> str:
    """What tells one prompt from another: «3 af 6» and the question; of the notice, which has none, its beginning.
    "" for what is no prompt."""
    title = _title(seen)
    return f"{_words(seen, 'italic')} {title}" if title else seen.text[:20] if seen.labels else ""


def _words(seen: Seen, kind: str) -> str:
    """The first words in bold, or in italics."""
    for entity in seen.raw.get("entities", ()):
        if entity["type"] == kind:
            units = seen.text.encode("utf-16-le")
            return units[2 * entity["offset"] : 2 * (entity["offset"] + entity["length"])].decode("utf-16-le")
    return ""


# --- straight to the point --------------------------------------------------------------------------------


def seat(bot: Bot, people: Iterable[Person], flow: str, role: str = "Borger") -> None:
    """Puts them at the first question of a step, as if they had answered everything before it a minute ago."""
    now = int(bot.api.world.clock()) - 60
    context = Context(ProcessHost(bot.sql("SELECT key FROM processes")[0][0]), TABLES, proven)
    with bot.stored() as tx:
        tx.run("BEGIN IMMEDIATE")
        for person in people:
            visit = Visit(channel=CHANNEL, address=str(person.id), now=now, sent_at=now)
            reply = arrival.start(tx, context, visit, flow)
            while reply.ask is None or reply.ask.question.id in ("S1", "S2", "S3", "S4", "S5", "S6", "S7"):
                wanted = (button("accept"), role, button("skip"), "Ja")
                move = min(
                    reply.buttons, key=lambda move: wanted.index(move.label) if move.label in wanted else len(wanted)
                )
                reply = dispatch.tapped(tx, context, visit, Tap(reply.number, reply.revision, move.verb, move.place))
        tx.run("COMMIT")


async def brought_to(bot: Bot, person: Person, flow: str = "borger", role: str = "Borger") -> None:
    """The person sits at the first question of the step, and has just read it."""
    seat(bot, [person], flow, role)
    person.says("/fortsaet")
    await person.reads(until=lambda seen: bool(_title(seen)))


def stored_answers_of(person: Person, text: str) -> int:
    """Says it as late as one who has read the question."""
    return person.says(text, date=person.last.date + READS)

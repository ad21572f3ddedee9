"""Somebody takes part in two processes of one municipality: back and forth from the menu, also within one second.

Here: through the use cases. On the channels: tests/conversations/test_switching.py.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeVar

from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from bot.dialogue import dispatch
from bot.dialogue.consent import Reached
from bot.dialogue.reply import FormWay, QuestionPage, Reply, Tap
from bot.dialogue.session import Context, Display, Visit, load
from bot.features import process_file
from bot.features.answering.form import NotAsked, QuestionForm, question_page, submit
from bot.features.identity import arrival, process_screen
from bot.flows import content
from bot.flows.engine import Filled, Said
from bot.process.flows import shipped_flows
from bot.process.host import ProcessHost
from storage import answers, people, runs
from storage.db import Database, Tx
from storage.encryption import Keyring
from tests.support.bureau import NOW, OPEN, Bureau, described
from tests.support.sizes import examples

Channel = Literal["telegram", "web"]
HERE, THERE = "eksempel", "nabo"  # the process that a bare /start leads to, and the other


@asynccontextmanager
async def two_processes(folder: Path) -> AsyncIterator[Bureau]:
    """Of one municipality, with the same questions; the other one's policy has another name."""
    file = described(borger=OPEN)
    other = file.policy.model_copy(update={"da": "medborgerskabspolitik", "en": "citizenship policy"})
    database = await Database.open(folder / "besyv.db", Keyring.open_or_create(folder / "besyv.key"))
    try:
        for each in (file, file.model_copy(update={"process": THERE, "policy": other})):
            await database.write(lambda tx, each=each: process_file.save(tx, each, shipped_flows(each), NOW))  # type: ignore[misc]  # a default in a lambda
        yield Bureau(database, ProcessHost(HERE, "http://besyv.example"), folder / "besyv.db")
    finally:
        await database.close()


@dataclass
class Someone:
    """At one address, where the clock stands still: every act is in the same second."""

    bureau: Bureau
    channel: Channel
    shown: Reply | None = None
    buttons: list[tuple[str, Tap]] = field(default_factory=list)  # ever seen, with the process they were of
    forms: list[tuple[str, QuestionPage]] = field(default_factory=list)
    lines: int = 0

    def visit(self) -> Visit:
        pages = self.channel == "web"
        display = Display.ADDRESS if pages else Display.MESSAGES
        return Visit(
            channel=self.channel, address="700", now=NOW, sent_at=NOW, prompt_seen=True, display=display, session="s"
        )

    async def does(self, use_case: Callable[[Tx, Context, Visit], Reply | None]) -> Reply | None:
        reply = await self.bureau.database.write(lambda tx: use_case(tx, self.bureau.context, self.visit()))
        if reply is not None:
            at = await self.where()
            self.shown = reply if reply.number else self.shown
            self.buttons += [(at, Tap(reply.number, reply.revision, each.verb, each.place)) for each in reply.buttons]
        await self.looks()
        return reply

    async def looks(self) -> None:
        """On the pages: at the question they are at."""
        if self.channel == "web":
            page = await self.bureau.database.read(self._open_page)
            self.forms += [(await self.where(), page)] if page is not None else []

    def _open_page(self, tx: Tx) -> QuestionPage | None:
        s = load(tx, self.bureau.context, self.visit())
        if s is None or s.run is None or s.open_question is None:
            return None
        return question_page(s, s.flow.flow, s.open_question.id)

    def number(self, tx: Tx) -> int:
        """Of what they were shown last: a button with another means nothing."""
        s = load(tx, self.bureau.context, self.visit())
        return s.prompt.number if s is not None and s.prompt is not None else 0

    async def where(self) -> str:
        def key(tx: Tx) -> str:
            found = people.at_address(tx, self.channel, "700")
            return "" if found is None else self.bureau.process_host.plan(tx, found.process_id).file.process

        return await self.bureau.database.read(key)

    async def joins(self, payload: str) -> None:
        """By its link, and tells that they answer as a citizen; the next question is the first of the step."""
        version = await self.bureau.database.read(
            lambda tx: next(
                plan.notice.version
                for plan in self.bureau.process_host.plans(tx)
                if plan.file.process == (THERE if payload else HERE)
            )
        )

        def accept(tx: Tx, context: Context, visit: Visit) -> Reply:
            outcome = arrival.accept(tx, context, visit, payload, version)
            assert isinstance(outcome, Reply), outcome
            return outcome

        await self.does(accept)
        for _ in range(9):
            if await self.bureau.database.read(self._is_at_step):
                return
            await (self.skips() if self.channel == "web" else self._says_or_skips())
        raise AssertionError("there are no more start questions than this")

    def _is_at_step(self, tx: Tx) -> bool:
        s = load(tx, self.bureau.context, self.visit())
        return s is not None and s.run is not None and s.flow.flow == "borger"

    async def _says_or_skips(self) -> None:
        labels = [move.label for move in self.shown.buttons] if self.shown is not None else []
        await self.says("Borger" if "Borger" in labels else "Spring over")

    async def skips(self) -> None:
        _, page = self.forms[-1]
        keys = [choice.key for choice in page.ask.options]
        chosen = (keys.index("borger"),) if "borger" in keys else ()
        await self.sends(page, Filled((), chosen, done=True), FormWay.NEXT if chosen else FormWay.SKIP)

    async def says(self, text: str) -> None:
        self.lines += 1
        what = Said(text, self.lines)
        await self.does(lambda tx, context, visit: dispatch.said(tx, context, visit, what))

    async def sends(self, page: QuestionPage, filled: Filled, way: FormWay) -> None:
        flow, question = page.reply.at or ("", "")
        form = QuestionForm(flow, question, page.seen, filled, way)

        def sent(tx: Tx, context: Context, visit: Visit) -> Reply | None:
            outcome = submit(tx, context, visit, form, lambda _s, _yes: Reached())
            return outcome if isinstance(outcome, Reply) else None

        try:
            await self.does(sent)
        except NotAsked:
            return

    async def answers(self, text: str) -> None:
        if self.channel == "telegram":
            await self.says(text)
        elif await self.bureau.database.read(self._open_page) is not None:
            await self.sends(self.forms[-1][1], Filled((text,), (), done=True), FormWay.NEXT)

    async def moves(self, to: str) -> None:
        def moved(tx: Tx, context: Context, visit: Visit) -> Reply | None:
            wanted = next(plan.process_id for plan in self.bureau.process_host.plans(tx) if plan.file.process == to)
            return process_screen.go(tx, context, visit, wanted)

        await self.does(moved)

    async def kept(self) -> dict[str, set[str]]:
        """What is kept of them, in words, by process."""

        def found(tx: Tx) -> dict[str, set[str]]:
            told: dict[str, set[str]] = {}
            for plan in self.bureau.process_host.plans(tx):
                known = people.at_address_in(tx, self.channel, "700", plan.process_id)
                taken = runs.of_person(tx, known) if known is not None else []
                rows = [row for run in taken for row in answers.of_run(tx, run.id)]
                told[plan.file.process] = {content.read(row.content).said for row in rows}
            return told

        return await self.bureau.database.read(found)


NO_SHRINK = [Phase.explicit, Phase.generate]
ACTS = st.lists(
    st.one_of(
        st.just(("moves", 0)),
        st.just(("answers", 0)),
        st.tuples(st.sampled_from(["presses", "posts"]), st.integers(0, 60)),
    ),
    min_size=3,
    max_size=14,
)


@given(ACTS, st.sampled_from(["telegram", "web"]))
@example([("posts", 0), ("moves", 0), ("posts", 0), ("answers", 0)], "web")
@example([("presses", 0), ("moves", 0), ("presses", 0), ("answers", 0)], "telegram")
@settings(max_examples=examples(12), deadline=None, phases=NO_SHRINK)
def test_every_answer_stands_where_it_was_given_however_often_one_moves_within_a_second(
    acts: list[tuple[str, int]], channel: Channel
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_lived(Path(folder), acts, channel))


T = TypeVar("T")


def _among(seen: list[tuple[str, T]], at: str, which: int) -> tuple[str, T]:
    """By an even number one of the other process, by an odd one of this; the newest first."""
    wanted = [each for each in seen if (each[0] == at) == bool(which % 2)]
    return wanted[-1 - which // 2 % len(wanted)] if wanted else seen[-1]


async def _lived(folder: Path, acts: list[tuple[str, int]], channel: Channel) -> None:
    async with two_processes(folder) as bureau:
        anna = Someone(bureau, channel)
        await anna.joins("")
        await anna.joins(f"{THERE}--borger")
        given_in: dict[str, str] = {}  # words → where they were written
        at = THERE
        for place, (act, which) in enumerate(acts):
            before = await anna.kept()
            words = f"Ord nummer {place}"
            match act:
                case "moves":
                    at = HERE if at == THERE else THERE
                    await anna.moves(at)
                case "answers":
                    given_in[words] = at
                    await anna.answers(words)
                case "presses" if anna.buttons:
                    of, tap = _among(anna.buttons, at, which)
                    await anna.does(lambda tx, context, visit, tap=tap: dispatch.tapped(tx, context, visit, tap))  # type: ignore[misc]  # a default in a lambda
                    if of != at:  # of the other process: nothing happens
                        assert await anna.kept() == before
                case "posts" if anna.forms:
                    of, page = _among(anna.forms, at, which)
                    given_in[words] = of
                    await anna.sends(page, Filled((words,), (), done=True), FormWay.NEXT)
                    if of != at:
                        assert await anna.kept() == before
                case _:
                    pass
            assert await anna.where() == at
            number = await bureau.database.read(anna.number)
            assert [tap for of, tap in anna.buttons if of != at and tap.number == number] == []
            for process, told in (await anna.kept()).items():
                assert [each for each in told if given_in.get(each, process) != process] == []

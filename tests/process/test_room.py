"""What is kept of one person is bounded, in any order in which they change, send, take back and are asked again: nobody
loses their newest words, nor anything that was sent."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.budgets import Budgets
from bot.dialogue.session import LONG, OFTEN, Context, Session, Visit, somebody
from bot.features import TABLES, process_file
from bot.features.identity import arrival
from bot.flows import content as contents
from bot.flows.engine import Answer, Part
from bot.flows.model import QuestionKind
from bot.process.flows import shipped_flows
from bot.process.host import ProcessHost
from storage import answers, budgets, people
from storage.db import Tx, connect, migrate
from tests.support.bureau import NOW, OPEN, described
from tests.support.proven import proven
from tests.support.rows import keys
from tests.support.sizes import examples

FILE = described(linjer=OPEN)
MOST = Budgets(versions=4, bytes_per_person=60_000)
QUESTIONS = 2
TIGHT = Budgets(versions=4, bytes_per_person=30_000)
UNCOUNTED = QUESTIONS * OFTEN * (LONG + 2 * budgets.ROW)  # bytes of what is short and seldom changed
SIZES = (3, LONG - 100, 9_000, 20_000, 20_000)  # characters


@cache
def prepared() -> bytes:
    connection = connect(":memory:")  # type: ignore[arg-type]  # in memory
    migrate(connection)
    process_file.save(Tx(connection, keys()), FILE, shipped_flows(FILE), NOW)
    return connection.serialize()


class Writer:
    """Somebody in the middle of a step, and what we know must be kept of them."""

    def __init__(self, most: Budgets = MOST) -> None:
        connection = sqlite3.connect(":memory:", isolation_level=None)
        connection.deserialize(prepared())
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA foreign_keys = ON")
        self.tx = Tx(connection, keys())
        self.context = Context(ProcessHost(FILE.process), TABLES, proven, most)
        self.now, self.written = NOW, 0
        arrival.start(self.tx, self.context, self._visit(), "")
        self.tx.run("UPDATE capacities SET stakeholder = 'frivillig'")
        s = self.session()
        s.begin("linjer", s.plan.flows["linjer"].version)
        self.questions = [each.id for each in s.path if each.kind is QuestionKind.TEXT][:QUESTIONS]
        self.newest: dict[str, str] = {}
        self.sent: set[tuple[str, str]] = set()  # which somebody else may have seen
        self.refused = 0

    def _visit(self) -> Visit:
        self.now += 60
        return Visit(channel="telegram", address="700", now=self.now, sent_at=self.now, prompt_seen=True)

    def session(self) -> Session:
        s = somebody(self.tx, self.context, self._visit())
        if (run := s.run_of("linjer")) is not None:
            s.take_up(run)
        return s

    def does(self, what: str, which: int, size: int) -> None:
        s, question = self.session(), self.questions[which % len(self.questions)]
        if what == "write":
            self.written += 1
            self._writes(s, question, f"{self.written:05}" + "x" * size)
        elif what == "look" and question in s.answers:  # goes back to it, and lets it stand
            for is_open in (True, False):
                s.save(replace(s.answers[question], open=is_open))
        elif what == "send":
            s.send()
            self._is_seen()
        elif what == "withdraw" and s.run is not None and s.run.sent_at is not None:
            s.withdraw()

    def _writes(self, s: Session, question: str, text: str) -> None:
        answer = Answer(question, (Part(text, self.written),))
        if s.lacks_room(answer):
            self.refused += 1
            return
        s.save(answer)
        self.newest[question] = text
        if s.run is not None and s.run.sent_at is not None:
            self._is_seen()

    def _is_seen(self) -> None:
        self.sent |= set(self.newest.items())

    def in_force(self) -> dict[str, str]:
        return {row.question: text(row.content) for row in answers.of_run(self.tx, self.session().runs[-1].id)}

    def history(self) -> list[tuple[str, str]]:
        run = self.session().runs[-1].id
        return [(row.question, text(row.content)) for row in answers.history(self.tx, run)]


def text(content: str) -> str:
    return contents.read(content).text


ACTS = ["write"] * 12 + ["look"] * 2 + ["send", "withdraw"]
STORIES = st.lists(
    st.tuples(st.sampled_from(ACTS), st.integers(0, QUESTIONS - 1), st.sampled_from(SIZES)), min_size=20, max_size=60
)


@given(STORIES)
@settings(max_examples=examples(60), deadline=None)
def test_the_newest_and_what_was_sent_are_kept_and_the_rest_within_the_budget(
    story: list[tuple[str, int, int]],
) -> None:
    writer = Writer(TIGHT)
    for step in story:
        writer.does(*step)
        in_force, history = writer.in_force(), writer.history()
        assert in_force == writer.newest, step
        assert writer.sent <= {*in_force.items(), *history}, step
        for question in writer.questions:
            unsent = [each for each in history if each[0] == question and each not in writer.sent]
            assert len(unsent) <= TIGHT.versions - 1, step
        person = people.at_address(writer.tx, "telegram", "700")
        assert person is not None
        assert budgets.kept_of(writer.tx, person.id) <= TIGHT.bytes_per_person + UNCOUNTED, step


def test_what_is_full_takes_what_is_shorter_and_says_no_to_what_is_longer() -> None:
    writer = Writer()
    writer.does("write", 0, 20_000)
    writer.does("write", 1, 20_000)
    for _ in range(3):
        writer.does("write", 0, 19_000)  # each in the place of the one before
    assert writer.refused == 0
    for _ in range(3):
        writer.does("write", 0, 60_000)
    assert writer.refused == 3 and len(writer.newest["".join(writer.questions[:1])]) == 19_005
    writer.does("write", 0, 18_000)
    assert writer.refused == 3 and writer.in_force() == writer.newest


def test_what_was_sent_is_kept_until_there_is_no_room_for_another_and_then_it_stands() -> None:
    writer = Writer()
    writer.does("write", 0, 20_000)
    writer.does("send", 0, 0)
    for _ in range(5):
        writer.does("write", 0, 20_000)
    assert writer.refused > 0
    assert writer.sent <= {*writer.in_force().items(), *writer.history()}
    assert [row.budget for row in budgets.exceeded(writer.tx, 1)] == ["bytes"]


def test_beyond_the_versions_the_newest_takes_the_place_of_the_one_before_and_it_is_told() -> None:
    writer = Writer()
    for _ in range(MOST.versions + 3):
        writer.does("write", 0, 3)
    assert [said[:5] for _, said in writer.history()] == ["00001", "00002", "00003"]
    assert writer.newest[writer.questions[0]][:5] == "00007"
    [used] = budgets.exceeded(writer.tx, 1)
    assert (used.budget, used.times) == ("versions", 3)

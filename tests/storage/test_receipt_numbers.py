"""Numbers of receipts: given once per process and step, in order, and carried over from a database of before."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from storage import db, hearing_responses
from storage.db import Tx
from tests.support.rows import NOW, standing

BEFORE = 6  # the migration before receipts had numbers of their own


def old_run(tx: Tx, process: int, flow: str, *, sent_at: int | None, answers: int) -> int:
    """As an earlier Besyv left it: its receipt said the number of its first answer."""
    person = tx.insert(
        "INSERT INTO people (process_id, pseudonym, language, created_at) VALUES (:process, :name, 'da', 0)",
        process=process,
        name=f"p{tx.count('SELECT count(*) FROM people')}",
    )
    capacity = tx.insert("INSERT INTO capacities (person_id, in_use) VALUES (:person, 1)", person=person)
    run = tx.insert(
        """INSERT INTO runs (person_id, capacity_id, flow, version, started_at, sent_at)
           VALUES (:person, :capacity, :flow, 1, 0, :sent)""",
        person=person,
        capacity=capacity,
        flow=flow,
        sent=sent_at,
    )
    for number in range(answers):
        tx.run(
            """INSERT INTO answers (run_id, question, version, revision, asked, language, channel, content, skipped,
                                    open, closed_once, answered_at)
               VALUES (:run, :question, 1, 1, '', 'da', 'telegram', x'00', 0, 0, 1, 0)""",
            run=run,
            question=f"H{number}",
        )
    return run


def brought_up(tx: Tx) -> dict[int, int | None]:
    """Run → the number of its receipt."""
    db.migrate(tx._connection)  # what opens a database
    return {row["id"]: row["number"] for row in tx.all("SELECT id, number FROM runs")}


def test_what_a_receipt_of_before_said_stands_and_the_next_number_is_one_that_none_can_have_said() -> None:
    tx = standing(at=BEFORE)
    first = old_run(tx, 1, "hoering", sent_at=NOW + 9, answers=3)
    draft = old_run(tx, 1, "hoering", sent_at=None, answers=2)
    second = old_run(tx, 1, "hoering", sent_at=NOW, answers=4)
    empty, later = (old_run(tx, 1, "hoering", sent_at=at, answers=0) for at in (NOW + 1, NOW + 2))
    start = old_run(tx, 1, "start", sent_at=NOW, answers=1)
    numbers = brought_up(tx)
    assert numbers == {first: 1, draft: None, second: 6, empty: 11, later: 12, start: None}
    assert hearing_responses.next_number(tx, 1, "hoering") == 13
    assert hearing_responses.next_number(tx, 1, "plan") == 1  # nobody had begun it


def test_a_hearing_of_before_is_listed_with_its_numbers_and_times() -> None:
    tx = standing(at=BEFORE)
    sent = old_run(tx, 1, "hoering", sent_at=NOW, answers=3)
    old_run(tx, 1, "hoering", sent_at=None, answers=3)
    old_run(tx, 1, "plan", sent_at=NOW, answers=3)
    brought_up(tx)
    [found] = hearing_responses.of_process(tx, 1)
    assert (found.number, found.run_id, found.sent_at, found.stands) == (1, sent, NOW, True)


RUNS = st.lists(
    st.tuples(st.sampled_from([1, 2]), st.sampled_from(["hoering", "plan"]), st.booleans(), st.integers(0, 3)),
    max_size=8,
)


@given(RUNS)
def test_no_number_of_a_step_is_given_twice_by_the_migration_or_after_it(
    were: list[tuple[int, str, bool, int]],
) -> None:
    tx = standing(at=BEFORE, processes=(1, 2))
    for place, (process, flow, sent, answers) in enumerate(were):
        old_run(tx, process, flow, sent_at=NOW + place if sent else None, answers=answers)
    brought_up(tx)
    rows = tx.all(
        """SELECT process_id, flow, number, sent_at FROM runs JOIN people ON people.id = person_id
           WHERE sent_at IS NOT NULL ORDER BY sent_at"""
    )
    for process in (1, 2):
        for flow in ("hoering", "plan"):
            given_out = [row["number"] for row in rows if (row["process_id"], row["flow"]) == (process, flow)]
            assert None not in given_out
            following = [hearing_responses.next_number(tx, process, flow) for _ in range(2)]
            assert len({*given_out, *following}) == len(given_out) + 2
            assert following[0] > max(given_out, default=0) and following[1] == following[0] + 1

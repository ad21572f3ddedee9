"""What people told for somebody to act on, kept apart from answers: how to reach them, what they need at a meeting."""

from __future__ import annotations

from dataclasses import dataclass
from sqlite3 import Row

from storage.db import Tx, fields_of, named
from storage.sealed_columns import ANSWER, APART, SealedColumn

_OF_WHOM = ("stakeholder", "area", "party")
_TOLD = "run_id, flow, told.version, question, asked, content, answered_at, sent_at, number, pseudonym"
_COLUMNS = f"{_TOLD}, runs.stakeholder, runs.area, coalesce(party, parties.name), revision"
_FIELDS = (*fields_of(_TOLD), *_OF_WHOM, "revision")


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldInRun:
    """An answer, with what its run keeps of who gave it; `content` is opened (JSON of bot.flows.content), or
    UNREADABLE: nobody's damaged value or lost key hides the others'."""

    run_id: int
    flow: str
    version: int  # of the flow, in which the question was asked
    question: str
    asked: str
    content: str
    answered_at: int
    sent_at: int | None
    number: int | None  # the receipt's
    pseudonym: str
    stakeholder: str | None
    area: str | None
    party: str | None
    revision: int


def kept_apart(tx: Tx, process_id: int) -> list[ToldInRun]:
    """Everything of a process that is kept apart from answers, the oldest first; nothing that was taken back or is set
    aside."""
    rows = tx.all(
        f"""SELECT {_COLUMNS}
            FROM answers_apart AS told JOIN runs ON runs.id = run_id JOIN people ON people.id = runs.person_id
                 LEFT JOIN parties ON parties.id = runs.party_id
            WHERE counted_in = :process AND skipped = 0 AND withdrawn_at IS NULL
            ORDER BY answered_at, told.id""",
        process=process_id,
    )
    return [_told(tx, APART, row) for row in rows]


def answers_to(tx: Tx, process_id: int, flow: str, question: str, run_id: int | None = None) -> list[ToldInRun]:
    """Every answer in force to one question, the oldest first; with a run its own alone."""
    of_run = "" if run_id is None else "AND run_id = :run"
    rows = tx.all(
        f"""SELECT {_COLUMNS}
            FROM answers AS told JOIN runs ON runs.id = run_id JOIN people ON people.id = runs.person_id
                 LEFT JOIN parties ON parties.id = runs.party_id
            WHERE counted_in = :process AND flow = :flow AND question = :question AND skipped = 0 {of_run}
            ORDER BY answered_at, told.id""",
        process=process_id,
        flow=flow,
        question=question,
        run=run_id,
    )
    return [_told(tx, ANSWER, row) for row in rows]


def _told(tx: Tx, column: SealedColumn, row: Row) -> ToldInRun:
    values = named(_FIELDS, row)
    place = column.at(row["run_id"], row["question"], row["revision"])
    return ToldInRun(**{**values, "content": tx.keys.open_or_mark(place, values["content"])})

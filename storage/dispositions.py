"""Dispositions: how members of the steering group treat each hearing response, and who was told that they differ."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass

from storage import answers
from storage.db import Tx


@dataclass(frozen=True, slots=True)
class SentDisposition:
    person_id: int
    question: str
    content: str  # as bot.flows.content writes it


def sent(tx: Tx, process_id: int, role: str, flow: str, questions: Collection[str]) -> list[SentDisposition]:
    """What holders of the role have answered to these questions in the flow and sent; nothing skipped
    or set aside."""
    rows = tx.all(
        """SELECT runs.person_id, run_id, question, revision, content
           FROM people JOIN roles ON roles.person_id = people.id AND role = :role
                JOIN runs ON runs.person_id = people.id JOIN answers ON run_id = runs.id
           WHERE counted_in = :process AND flow = :flow AND sent_at IS NOT NULL AND skipped = 0
             AND question IN (SELECT value FROM json_each(:questions))
           ORDER BY runs.person_id, question""",
        process=process_id,
        role=role,
        flow=flow,
        questions=json.dumps(sorted(questions)),
    )
    return [SentDisposition(row["person_id"], row["question"], told) for row, told in answers.readable(tx, rows)]


def told(tx: Tx, person_id: int, flow: str) -> set[str]:
    """The questions of which somebody has been told that others treat them differently, and that still are."""
    rows = tx.all(
        "SELECT question FROM dispositions_told WHERE person_id = :person AND flow = :flow", person=person_id, flow=flow
    )
    return {row["question"] for row in rows}


def told_flows(tx: Tx, person_id: int) -> list[str]:
    """In which flows they have been told of any."""
    rows = tx.all(
        "SELECT DISTINCT flow FROM dispositions_told WHERE person_id = :person ORDER BY flow", person=person_id
    )
    return [row["flow"] for row in rows]


def set_told(tx: Tx, person_id: int, flow: str, questions: Collection[str]) -> None:
    """In place of those that were noted before."""
    tx.run("DELETE FROM dispositions_told WHERE person_id = :person AND flow = :flow", person=person_id, flow=flow)
    for question in sorted(questions):
        tx.run(
            "INSERT INTO dispositions_told (person_id, flow, question) VALUES (:person, :flow, :question)",
            person=person_id,
            flow=flow,
            question=question,
        )

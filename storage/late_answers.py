"""Late answers: who may answer a step after its deadline, until when, and whether what they sent came in time."""

from __future__ import annotations

from dataclasses import dataclass

from storage.db import Tx

_COLUMNS = "flow, until_at, came_on"


@dataclass(frozen=True, slots=True)
class LateAnswer:
    flow: str
    until_at: int | None  # of a late link; None: entered, as long as who entered it may
    came_on: int | None  # when the day began on which a letter or a mail came; None: a late link


def allow(tx: Tx, person_id: int, flow: str, until_at: int) -> None:
    """By a late link. The latest moment that was given holds."""
    tx.run(
        """INSERT INTO late_answers (person_id, flow, until_at) VALUES (:person, :flow, :until)
           ON CONFLICT (person_id, flow) DO UPDATE SET until_at = max(until_at, excluded.until_at)""",
        person=person_id,
        flow=flow,
        until=until_at,
    )


def enter(tx: Tx, person_id: int, flow: str, came_on: int) -> None:
    """What came on that day; corrected where it was told before."""
    tx.run(
        """INSERT INTO late_answers (person_id, flow, came_on) VALUES (:person, :flow, :came)
           ON CONFLICT (person_id, flow) DO UPDATE SET came_on = excluded.came_on""",
        person=person_id,
        flow=flow,
        came=came_on,
    )


def of_person(tx: Tx, person_id: int) -> list[LateAnswer]:
    rows = tx.all(f"SELECT {_COLUMNS} FROM late_answers WHERE person_id = :person ORDER BY flow", person=person_id)
    return [LateAnswer(*row) for row in rows]


def note_sent(tx: Tx, run_id: int, *, late: bool) -> None:
    """In place of what was noted when it was sent before."""
    tx.run("DELETE FROM late_runs WHERE run_id = :run", run=run_id)
    if late:
        tx.run("INSERT INTO late_runs (run_id) VALUES (:run)", run=run_id)


def is_late(tx: Tx, run_id: int) -> bool:
    """Whether the run was sent after the deadline."""
    return tx.one("SELECT 1 FROM late_runs WHERE run_id = :run", run=run_id) is not None

"""Runs: one person's way through one flow."""

from __future__ import annotations

import json
from dataclasses import dataclass

from storage.db import Tx

_COLUMNS = "id, person_id, flow, version, started_at, declined_version, sent_at, number, withdrawn_at"


@dataclass(frozen=True, slots=True)
class Run:
    id: int
    person_id: int
    flow: str
    version: int
    started_at: int
    declined_version: int | None
    sent_at: int | None
    number: int | None = None  # its receipt's, while it is sent
    withdrawn_at: int | None = None  # its author took it back


def by_id(tx: Tx, run_id: int) -> Run | None:
    row = tx.one(f"SELECT {_COLUMNS} FROM runs WHERE id = :id", id=run_id)
    return Run(*row) if row else None


def of_person(tx: Tx, person_id: int) -> list[Run]:
    return [
        Run(*row)
        for row in tx.all(f"SELECT {_COLUMNS} FROM runs WHERE person_id = :person ORDER BY id", person=person_id)
    ]


def start(tx: Tx, person_id: int, flow: str, version: int, now: int) -> Run:
    """The person's run of the flow: the one they have, or a new one."""
    row = tx.one(
        f"""INSERT INTO runs (person_id, flow, version, started_at) VALUES (:person, :flow, :version, :now)
            ON CONFLICT (person_id, flow) DO NOTHING RETURNING {_COLUMNS}""",
        person=person_id,
        flow=flow,
        version=version,
        now=now,
    )
    if row is None:
        sql = f"SELECT {_COLUMNS} FROM runs WHERE person_id = :person AND flow = :flow"
        row = tx.only(sql, person=person_id, flow=flow)
    return Run(*row)


def mark_sent(tx: Tx, run_id: int, now: int) -> Run:
    """What was sent before stays sent from when it was."""
    row = tx.only(
        f"""UPDATE runs SET sent_at = coalesce(sent_at, :now), withdrawn_at = NULL WHERE id = :id
            RETURNING {_COLUMNS}""",
        id=run_id,
        now=now,
    )
    return Run(*row)


def give_number(tx: Tx, run_id: int, number: int) -> Run:
    """What its receipt says. Sent once more after it was taken back, it gets another."""
    row = tx.only(f"UPDATE runs SET number = :number WHERE id = :id RETURNING {_COLUMNS}", id=run_id, number=number)
    return Run(*row)


def withdraw(tx: Tx, run_id: int, now: int) -> Run:
    """A draft again, which its author alone sees."""
    row = tx.only(
        f"""UPDATE runs SET sent_at = NULL, number = NULL, withdrawn_at = :now WHERE id = :id
            RETURNING {_COLUMNS}""",
        id=run_id,
        now=now,
    )
    return Run(*row)


def hand_over(tx: Tx, run_id: int, person_id: int) -> None:
    """To somebody who answers as its author does: what is counted stays the same."""
    tx.run("UPDATE runs SET person_id = :person WHERE id = :id", id=run_id, person=person_id)


def erase(tx: Tx, run_id: int) -> None:
    """The run and its answers."""
    tx.run("DELETE FROM runs WHERE id = :id", id=run_id)


def move_to_version(tx: Tx, run_id: int, version: int) -> Run:
    row = tx.only(
        f"UPDATE runs SET version = :version, declined_version = NULL WHERE id = :id RETURNING {_COLUMNS}",
        id=run_id,
        version=version,
    )
    return Run(*row)


def decline_version(tx: Tx, run_id: int, version: int) -> Run:
    row = tx.only(
        f"UPDATE runs SET declined_version = :version WHERE id = :id RETURNING {_COLUMNS}", id=run_id, version=version
    )
    return Run(*row)


def first_started(tx: Tx, process_id: int, flow: str) -> int | None:
    """When the first person of the process began on the flow."""
    return tx.number(
        """SELECT started_at FROM runs JOIN people ON people.id = runs.person_id
           WHERE process_id = :process AND flow = :flow ORDER BY started_at LIMIT 1""",
        process=process_id,
        flow=flow,
    )


def sent_before(tx: Tx, process_id: int, flow: str, groups: tuple[str, ...], before: int) -> int:
    """How many people of these groups had sent the flow by then."""
    return tx.count(
        """SELECT coalesce(sum(behind), 0) AS sent FROM runs JOIN people ON people.id = runs.person_id
           WHERE process_id = :process AND flow = :flow AND started_at < :before AND sent_at < :before
             AND stakeholder IN (SELECT value FROM json_each(:groups))""",
        process=process_id,
        flow=flow,
        before=before,
        groups=json.dumps(groups),
    )

"""Runs: one person's way through one flow."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from storage.db import Tx

_COLUMNS = "id, person_id, flow, version, started_at, declined_version, sent_at"


@dataclass(frozen=True, slots=True)
class Run:
    id: int
    person_id: int
    flow: str
    version: int
    started_at: int
    declined_version: int | None
    sent_at: int | None


def by_id(tx: Tx, run_id: int) -> Run | None:
    row = tx.one(f"SELECT {_COLUMNS} FROM runs WHERE id = :id", id=run_id)
    return Run(*row) if row else None


def of_person(tx: Tx, person_id: int) -> list[Run]:
    return [
        Run(*row)
        for row in tx.all(f"SELECT {_COLUMNS} FROM runs WHERE person_id = :person ORDER BY id", person=person_id)
    ]


def of_flow(tx: Tx, person_id: int, flow: str) -> Run | None:
    row = tx.one(f"SELECT {_COLUMNS} FROM runs WHERE person_id = :person AND flow = :flow", person=person_id, flow=flow)
    return Run(*row) if row else None


def start(tx: Tx, person_id: int, flow: str, version: int, now: int) -> Run:
    """The person's run of the flow: the one they have, or a new one."""
    tx.run(
        """INSERT INTO runs (person_id, flow, version, started_at) VALUES (:person, :flow, :version, :now)
           ON CONFLICT (person_id, flow) DO NOTHING""",
        person=person_id,
        flow=flow,
        version=version,
        now=now,
    )
    row = tx.only(
        f"SELECT {_COLUMNS} FROM runs WHERE person_id = :person AND flow = :flow", person=person_id, flow=flow
    )
    return Run(*row)


def mark_sent(tx: Tx, run_id: int, now: int) -> None:
    tx.run("UPDATE runs SET sent_at = coalesce(sent_at, :now) WHERE id = :id", id=run_id, now=now)


def withdraw(tx: Tx, run: Run) -> Run:
    """A draft again. The receipt's number stays the run's."""
    tx.run("UPDATE runs SET sent_at = NULL WHERE id = :id", id=run.id)
    return replace(run, sent_at=None)


def move_to_version(tx: Tx, run_id: int, version: int) -> None:
    tx.run(
        "UPDATE runs SET version = :version, declined_version = NULL WHERE id = :id",
        id=run_id,
        version=version,
    )


def decline_version(tx: Tx, run_id: int, version: int) -> None:
    tx.run("UPDATE runs SET declined_version = :version WHERE id = :id", id=run_id, version=version)


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

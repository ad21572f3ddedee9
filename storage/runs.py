"""Runs: one person's way through one flow, in one capacity. What was sent keeps what it was sent as (triggers of
migration 0005)."""

from __future__ import annotations

import json
from dataclasses import dataclass

from storage import capacities
from storage.db import Tx

_COLUMNS = "id, person_id, capacity_id, flow, version, started_at, declined_version, sent_at, stakeholder, front"


@dataclass(frozen=True, slots=True)
class Run:
    id: int
    person_id: int
    capacity_id: int | None  # None: by the role in the steering group
    flow: str
    version: int
    started_at: int
    declined_version: int | None
    sent_at: int | None
    stakeholder: str | None
    front: int | None


def by_id(tx: Tx, run_id: int) -> Run | None:
    row = tx.one(f"SELECT {_COLUMNS} FROM runs WHERE id = :id", id=run_id)
    return Run(*row) if row else None


def of_person(tx: Tx, person_id: int) -> list[Run]:
    return [
        Run(*row)
        for row in tx.all(f"SELECT {_COLUMNS} FROM runs WHERE person_id = :person ORDER BY id", person=person_id)
    ]


BY_ROLE = "styregruppe"  # the group of what is answered by the role in the steering group

_PROFILE = "stakeholder, front, field, department, area, size, party_id"
_SAME = "person_id = :person AND flow = :flow AND capacity_id IS :capacity"


def start(tx: Tx, person_id: int, flow: str, version: int, now: int, *, by_role: bool = False) -> Run:
    """The person's run of the flow as what they answer as now, the one they have, or a new one; or by the role in the
    steering group."""
    capacity_id = None if by_role else capacities.in_use(tx, person_id)
    row = tx.one(f"SELECT {_COLUMNS} FROM runs WHERE {_SAME}", person=person_id, flow=flow, capacity=capacity_id)
    if row is None:
        row = tx.only(
            f"""INSERT INTO runs (person_id, capacity_id, flow, version, started_at, behind, {_PROFILE})
                SELECT people.id, capacities.id, :flow, :version, :now, behind, coalesce(stakeholder, :by_role), front,
                       field, department, area, size, party_id
                FROM people LEFT JOIN capacities ON capacities.id = :capacity WHERE people.id = :person
                RETURNING {_COLUMNS}""",
            person=person_id,
            capacity=capacity_id,
            flow=flow,
            version=version,
            now=now,
            by_role=BY_ROLE if by_role else None,
        )
    return Run(*row)


def mark_sent(tx: Tx, run_id: int, now: int) -> Run:
    """What was sent before stays sent from when it was. The name of whom they speak for is kept as it is now."""
    row = tx.only(
        f"""UPDATE runs SET sent_at = coalesce(sent_at, :now),
                            party = coalesce(party, (SELECT name FROM parties WHERE parties.id = party_id))
            WHERE id = :id RETURNING {_COLUMNS}""",
        id=run_id,
        now=now,
    )
    return Run(*row)


def withdraw(tx: Tx, run_id: int) -> Run:
    """A draft again, as its capacity stands now. The receipt's number stays the run's."""
    tx.run(
        f"""UPDATE runs SET ({_PROFILE}) = (SELECT {_PROFILE} FROM capacities WHERE capacities.id = capacity_id)
            WHERE id = :id AND capacity_id IS NOT NULL""",
        id=run_id,
    )
    row = tx.only(f"UPDATE runs SET sent_at = NULL, party = NULL WHERE id = :id RETURNING {_COLUMNS}", id=run_id)
    return Run(*row)


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
        """SELECT coalesce(sum(runs.behind), 0) AS sent FROM runs JOIN people ON people.id = runs.person_id
           WHERE process_id = :process AND flow = :flow AND started_at < :before AND sent_at < :before
             AND stakeholder IN (SELECT value FROM json_each(:groups))""",
        process=process_id,
        flow=flow,
        before=before,
        groups=json.dumps(groups),
    )

"""Runs: one person's way through one flow, in one capacity. What was sent keeps what it was sent as (triggers of
migration 0005)."""

from __future__ import annotations

import json
from dataclasses import dataclass

from storage import capacities, person_keys
from storage.db import Tx, fields_of, named

_COLUMNS = """id, person_id, capacity_id, flow, version, started_at, declined_version, sent_at, stakeholder, front,
              number, withdrawn_at"""
_FIELDS = fields_of(_COLUMNS)


@dataclass(frozen=True, slots=True, kw_only=True)
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
    number: int | None  # its receipt's, while it is sent
    withdrawn_at: int | None  # its author took it back


@dataclass(frozen=True, slots=True)
class AnsweredAs:
    """What else a run keeps of whoever answers: of a draft as they are now, of what was sent as they were then."""

    field: str | None
    department: str | None
    area: str | None
    size: str | None
    party: str | None  # the name that the entry of the register had
    behind: int


def answered_as(tx: Tx, run_id: int) -> AnsweredAs:
    row = tx.only("SELECT field, department, area, size, party, behind FROM runs WHERE id = :id", id=run_id)
    return AnsweredAs(*row)


def by_id(tx: Tx, run_id: int) -> Run | None:
    row = tx.one(f"SELECT {_COLUMNS} FROM runs WHERE id = :id", id=run_id)
    return Run(**named(_FIELDS, row)) if row else None


def of_person(tx: Tx, person_id: int) -> list[Run]:
    return [
        Run(**named(_FIELDS, row))
        for row in tx.all(f"SELECT {_COLUMNS} FROM runs WHERE person_id = :person ORDER BY id", person=person_id)
    ]


BY_ROLE = "styregruppe"  # the group of what is answered by the role in the steering group

_PROFILE = "stakeholder, front, field, department, area, size"
_SAME = "person_id = :person AND flow = :flow AND capacity_id IS :capacity"


def start(tx: Tx, person_id: int, flow: str, version: int, now: int, *, by_role: bool = False) -> Run:
    """The person's run of the flow as what they answer as now, the one they have, or a new one; or by the role in the
    steering group."""
    capacity_id = None if by_role else capacities.in_use(tx, person_id)
    row = tx.one(f"SELECT {_COLUMNS} FROM runs WHERE {_SAME}", person=person_id, flow=flow, capacity=capacity_id)
    if row is None:
        row = tx.only(
            f"""INSERT INTO runs (person_id, capacity_id, flow, version, started_at, behind, {_PROFILE}, party_id,
                                  tied_by)
                SELECT people.id, capacities.id, :flow, :version, :now, behind, coalesce(stakeholder, :by_role), front,
                       field, department, area, size, party_id, party_by
                FROM people LEFT JOIN capacities ON capacities.id = :capacity WHERE people.id = :person
                RETURNING {_COLUMNS}""",
            person=person_id,
            capacity=capacity_id,
            flow=flow,
            version=version,
            now=now,
            by_role=BY_ROLE if by_role else None,
        )
    return Run(**named(_FIELDS, row))


def mark_sent(tx: Tx, run_id: int, now: int) -> Run:
    """What was sent before stays sent from when it was. The name of whom they say they speak for is kept as it is."""
    row = tx.only(
        f"""UPDATE runs SET sent_at = coalesce(sent_at, :now), withdrawn_at = NULL,
                            party = coalesce(party, (SELECT name FROM parties WHERE parties.id = party_id
                                                     AND tied_by IN ('said', 'link', 'entered')))
            WHERE id = :id RETURNING {_COLUMNS}""",
        id=run_id,
        now=now,
    )
    return Run(**named(_FIELDS, row))


def give_number(tx: Tx, run_id: int, number: int) -> Run:
    """What its receipt says. Sent once more after it was taken back, it gets another."""
    row = tx.only(f"UPDATE runs SET number = :number WHERE id = :id RETURNING {_COLUMNS}", id=run_id, number=number)
    return Run(**named(_FIELDS, row))


def withdraw(tx: Tx, run_id: int, now: int) -> Run:
    """A draft again, as its capacity stands now, which its author alone sees. What the leader said of whom it is for
    stands. A key of its own, which a hearing response has, is overwritten."""
    person_keys.take_own(tx, run_id)
    tx.run(
        f"""UPDATE runs SET ({_PROFILE}) = (SELECT {_PROFILE} FROM capacities WHERE capacities.id = capacity_id)
            WHERE id = :id AND capacity_id IS NOT NULL""",
        id=run_id,
    )
    tx.run(
        """UPDATE runs SET (party_id, tied_by) = (
               SELECT party_id, party_by FROM capacities WHERE capacities.id = capacity_id)
           WHERE id = :id AND capacity_id IS NOT NULL AND coalesce(tied_by, '') NOT IN ('leader', 'undone')""",
        id=run_id,
    )
    row = tx.only(
        f"""UPDATE runs SET sent_at = NULL, party = NULL, number = NULL, withdrawn_at = :now WHERE id = :id
            RETURNING {_COLUMNS}""",
        id=run_id,
        now=now,
    )
    return Run(**named(_FIELDS, row))


def hand_over(tx: Tx, run_id: int, person_id: int) -> None:
    """To somebody who holds what stays of its author, in a capacity of which nothing is told: it keeps what it was sent
    as."""
    person_keys.give_own(tx, run_id)
    capacity = tx.insert("INSERT INTO capacities (person_id, in_use) VALUES (:person, 0)", person=person_id)
    tx.run(
        "UPDATE runs SET person_id = :person, capacity_id = :capacity WHERE id = :id",
        id=run_id,
        person=person_id,
        capacity=capacity,
    )


def erase(tx: Tx, run_id: int) -> None:
    """The run and its answers."""
    tx.erase("DELETE FROM runs WHERE id = :id", id=run_id)


def move_to_version(tx: Tx, run_id: int, version: int) -> Run:
    row = tx.only(
        f"UPDATE runs SET version = :version, declined_version = NULL WHERE id = :id RETURNING {_COLUMNS}",
        id=run_id,
        version=version,
    )
    return Run(**named(_FIELDS, row))


def decline_version(tx: Tx, run_id: int, version: int) -> Run:
    row = tx.only(
        f"UPDATE runs SET declined_version = :version WHERE id = :id RETURNING {_COLUMNS}", id=run_id, version=version
    )
    return Run(**named(_FIELDS, row))


def first_started(tx: Tx, process_id: int, flow: str) -> int | None:
    """When the first person of the process began on the flow."""
    return tx.number(
        """SELECT started_at FROM runs JOIN people ON people.id = runs.person_id
           WHERE counted_in = :process AND flow = :flow ORDER BY started_at LIMIT 1""",
        process=process_id,
        flow=flow,
    )


def unsent(tx: Tx, process_id: int) -> dict[str, int]:
    """How many have begun on each flow of the process and not sent it."""
    rows = tx.all(
        """SELECT flow, count(*) AS begun FROM runs JOIN people ON people.id = runs.person_id
           WHERE counted_in = :process AND sent_at IS NULL GROUP BY flow""",
        process=process_id,
    )
    return {row["flow"]: row["begun"] for row in rows}


def sent_before(tx: Tx, process_id: int, flow: str, groups: tuple[str, ...], before: int) -> int:
    """How many of these groups had sent the flow by then: people, and associations, of which each is one, whoever
    answered for it."""
    return tx.count(
        """SELECT coalesce(sum(CASE WHEN stakeholder = 'forening' THEN 0 ELSE runs.behind END), 0)
                  + count(DISTINCT CASE WHEN stakeholder = 'forening' THEN coalesce(-party_id, runs.id) END) AS sent
           FROM runs JOIN people ON people.id = runs.person_id
           WHERE counted_in = :process AND flow = :flow AND started_at < :before AND sent_at < :before
             AND stakeholder IN (SELECT value FROM json_each(:groups))""",
        process=process_id,
        flow=flow,
        before=before,
        groups=json.dumps(groups),
    )

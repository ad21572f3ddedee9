"""Capacities: what one person answers as, as a volunteer, as the chair of an association, and what they told of it.

Of one person exactly one is in use. Drafts follow what is changed here; what was sent keeps what it was sent as, by
triggers (migration 0005).
"""

from __future__ import annotations

from dataclasses import dataclass

from storage.db import Tx, fields_of, named

_COLUMNS = "id, stakeholder, in_use, front, field, department, area, size, party_id, party_by, invited_as"
_FIELDS = fields_of(_COLUMNS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    id: int
    stakeholder: str | None
    in_use: int
    front: int | None
    field: str | None
    department: str | None
    area: str | None
    size: str | None
    party_id: int | None
    party_by: str | None
    invited_as: int | None


def of_person(tx: Tx, person_id: int) -> list[Capacity]:
    """The oldest first."""
    rows = tx.all(f"SELECT {_COLUMNS} FROM capacities WHERE person_id = :person ORDER BY id", person=person_id)
    return [Capacity(**named(_FIELDS, row)) for row in rows]


def in_use(tx: Tx, person_id: int) -> int:
    return int(tx.only("SELECT id FROM capacities WHERE person_id = :person AND in_use = 1", person=person_id)["id"])


def has_sent(tx: Tx, capacity_id: int) -> bool:
    """Whether anything was sent in it; that one has told about oneself does not count."""
    sent = "SELECT 1 FROM runs WHERE capacity_id = :id AND flow <> 'start' AND sent_at IS NOT NULL LIMIT 1"
    return tx.one(sent, id=capacity_id) is not None


def of_group(tx: Tx, person_id: int, stakeholder: str) -> int | None:
    """The person's capacity in that group."""
    return tx.number(
        "SELECT id FROM capacities WHERE person_id = :person AND stakeholder = :stakeholder",
        person=person_id,
        stakeholder=stakeholder,
    )


def speaking_for(tx: Tx, person_id: int, party_id: int) -> int | None:
    """The capacity in which they speak for the entry; the one in use, where that does."""
    return tx.number(
        """SELECT id FROM capacities WHERE person_id = :person AND party_id = :party
           ORDER BY in_use DESC, id LIMIT 1""",
        person=person_id,
        party=party_id,
    )


def use(tx: Tx, person_id: int, capacity_id: int | None) -> None:
    """They answer in this one now; with None in one of which nothing is told yet."""
    tx.run("UPDATE capacities SET in_use = 0 WHERE person_id = :person AND in_use = 1", person=person_id)
    if capacity_id is None:
        capacity_id = tx.number(
            "SELECT id FROM capacities WHERE person_id = :person AND stakeholder IS NULL", person=person_id
        )
    if capacity_id is None:
        tx.insert("INSERT INTO capacities (person_id, in_use) VALUES (:person, 1)", person=person_id)
    else:
        tx.run(
            "UPDATE capacities SET in_use = 1 WHERE person_id = :person AND id = :id", person=person_id, id=capacity_id
        )


def invite_as(tx: Tx, person_id: int, party_id: int) -> bool:
    """They came by an entry's own link. Whether they speak for it already, in any capacity; if not, they are to be
    asked, once, as what they are now."""
    if tx.run(
        "UPDATE capacities SET party_by = 'link', invited_as = :party WHERE person_id = :person AND party_id = :party",
        person=person_id,
        party=party_id,
    ):
        return True
    tx.run(
        """UPDATE capacities SET invited_as = :party,
                                 party_asked = CASE WHEN invited_as = :party THEN party_asked ELSE 0 END
           WHERE person_id = :person AND in_use = 1""",
        person=person_id,
        party=party_id,
    )
    return False


def was_invited_as(tx: Tx, person_id: int, party_id: int) -> bool:
    return (
        tx.one(
            "SELECT 1 FROM capacities WHERE person_id = :person AND invited_as = :party",
            person=person_id,
            party=party_id,
        )
        is not None
    )

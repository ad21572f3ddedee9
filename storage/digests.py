"""Digests: when somebody wants the weekly overview of coverage."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass

from storage.db import Tx


@dataclass(frozen=True, slots=True)
class Digest:
    """When somebody wants the weekly overview; until they say so, on Mondays at nine."""

    person_id: int
    weekday: int = 1
    hour: int = 9
    off: int = 0


def of_person(tx: Tx, person_id: int) -> Digest:
    row = tx.one("SELECT person_id, weekday, hour, off FROM digests WHERE person_id = :id", id=person_id)
    return Digest(*row) if row else Digest(person_id)


def of_holders(tx: Tx, process_id: int, roles: Collection[str]) -> list[Digest]:
    """Of everybody in the process who holds one of the roles."""
    rows = tx.all(
        """SELECT people.id, weekday, hour, off FROM people LEFT JOIN digests ON digests.person_id = people.id
           WHERE process_id = :process AND people.id IN (
               SELECT person_id FROM roles WHERE role IN (SELECT value FROM json_each(:roles)))
           ORDER BY people.id""",
        process=process_id,
        roles=json.dumps(sorted(roles)),
    )
    return [Digest(*row) if row["weekday"] is not None else Digest(row["id"]) for row in rows]


def put(tx: Tx, digest: Digest) -> None:
    tx.run(
        """INSERT INTO digests (person_id, weekday, hour, off) VALUES (:id, :weekday, :hour, :off)
           ON CONFLICT DO UPDATE SET weekday = excluded.weekday, hour = excluded.hour, off = excluded.off""",
        id=digest.person_id,
        weekday=digest.weekday,
        hour=digest.hour,
        off=digest.off,
    )

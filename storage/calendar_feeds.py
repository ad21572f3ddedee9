"""Personal calendars to subscribe to: a secret address for each who asked for one."""

from __future__ import annotations

from storage import person_keys
from storage.db import Tx
from storage.sealed_columns import CALENDAR_CODE


def code_of(tx: Tx, person_id: int) -> str | None:
    row = tx.one("SELECT code FROM calendars WHERE person_id = :person", person=person_id)
    return tx.keys.open(CALENDAR_CODE.at(person_id), row["code"]) if row else None


def put(tx: Tx, person_id: int, code: str, code_hash: str, now: int) -> None:
    """In place of the one there was, which leads nowhere any more."""
    tx.run(
        """INSERT INTO calendars (person_id, code, code_hash, made_at) VALUES (:person, :code, :hash, :now)
           ON CONFLICT (person_id) DO UPDATE SET code = excluded.code, code_hash = excluded.code_hash,
               made_at = excluded.made_at""",
        person=person_id,
        code=tx.keys.seal_for(person_keys.of_person(tx, person_id), CALENDAR_CODE.at(person_id), code),
        hash=code_hash,
        now=now,
    )


def owner(tx: Tx, code_hash: str) -> int | None:
    return tx.number("SELECT person_id FROM calendars WHERE code_hash = :hash", hash=code_hash)


def forget(tx: Tx, person_id: int) -> None:
    tx.erase("DELETE FROM calendars WHERE person_id = :person", person=person_id)

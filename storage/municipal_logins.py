"""Whose login at the municipality's own sign-in is whose here. By a keyed hash, from which it can't be read."""

from __future__ import annotations

import hmac

from storage import hash_keys
from storage.db import Tx

_KEY = "municipal logins"


def hash_of(tx: Tx, issuer: str, subject: str) -> str:
    return hmac.digest(hash_keys.of(tx, _KEY), f"{issuer}\n{subject}".encode(), "sha256").hex()


def put(tx: Tx, person_id: int, subject: str, now: int) -> None:
    """`subject`: hashed. In place of the one there was."""
    tx.run(
        """INSERT INTO municipal_logins (person_id, subject, made_at) VALUES (:person, :subject, :now)
           ON CONFLICT (person_id) DO UPDATE SET subject = excluded.subject, made_at = excluded.made_at""",
        person=person_id,
        subject=subject,
        now=now,
    )


def of_person(tx: Tx, person_id: int) -> tuple[str, int] | None:
    """The hash, and since when."""
    row = tx.one("SELECT subject, made_at FROM municipal_logins WHERE person_id = :person", person=person_id)
    return (row["subject"], row["made_at"]) if row is not None else None


def forget(tx: Tx, person_id: int) -> bool:
    return tx.erase("DELETE FROM municipal_logins WHERE person_id = :person", person=person_id) == 1

"""Channel codes: one-time codes with which a person goes on on another channel. The code itself is never stored, only
its hash."""

from __future__ import annotations

from storage.db import Tx


def put(tx: Tx, person_id: int, code_hash: str, expires_at: int) -> None:
    """A code for the person; the ones before it hold no longer."""
    tx.run("DELETE FROM moves WHERE person_id = :person", person=person_id)
    tx.run(
        "INSERT INTO moves (code_hash, person_id, expires_at) VALUES (:hash, :person, :expires)",
        hash=code_hash,
        person=person_id,
        expires=expires_at,
    )


def take(tx: Tx, code_hash: str, now: int) -> int | None:
    """The person the code was made for, if it was in time; the code is gone afterwards."""
    row = tx.one("DELETE FROM moves WHERE code_hash = :hash RETURNING person_id, expires_at", hash=code_hash)
    return int(row["person_id"]) if row and row["expires_at"] > now else None


def is_open(tx: Tx, code_hash: str) -> bool:
    """Whether there is such a code, in time or just over."""
    return tx.one("SELECT 1 FROM moves WHERE code_hash = :hash", hash=code_hash) is not None


def forget(tx: Tx, person_id: int) -> None:
    tx.run("DELETE FROM moves WHERE person_id = :person", person=person_id)


def expiry(tx: Tx, person_id: int) -> int | None:
    """Until when a code of the person's holds; None where they have made none."""
    return tx.number("SELECT expires_at FROM moves WHERE person_id = :person", person=person_id)


def prune(tx: Tx, now: int) -> None:
    tx.run("DELETE FROM moves WHERE expires_at <= :now", now=now)

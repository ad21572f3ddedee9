"""One-time invitations to a role. The code itself is never stored, only its hash."""

from __future__ import annotations

from storage.db import Tx


def add(tx: Tx, process_id: int, role: str, code_hash: str, now: int, expires_at: int) -> None:
    tx.run(
        """INSERT INTO invites (process_id, role, code_hash, created_at, expires_at)
           VALUES (:process, :role, :hash, :now, :expires)""",
        process=process_id, role=role, hash=code_hash, now=now, expires=expires_at,
    )  # fmt: skip


def use(tx: Tx, code_hash: str, process_id: int, now: int) -> str | None:
    """The role of an invitation to this process that was unused and in time, now used; None otherwise."""
    row = tx.one(
        """UPDATE invites SET used_at = :now
           WHERE code_hash = :hash AND process_id = :process AND used_at IS NULL AND expires_at > :now
           RETURNING role""",
        hash=code_hash, process=process_id, now=now,
    )  # fmt: skip
    return str(row["role"]) if row else None


def process_of(tx: Tx, code_hash: str) -> int | None:
    row = tx.one("SELECT process_id FROM invites WHERE code_hash = :hash", hash=code_hash)
    return int(row["process_id"]) if row else None

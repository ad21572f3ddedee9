"""Passkeys (WebAuthn) of holders of roles: their public halves. Times are UTC seconds."""

from __future__ import annotations

from dataclasses import dataclass

from storage.db import Tx

_COLUMNS = "id, person_id, credential, public_key, sign_count, device, made_at, used_at"


@dataclass(frozen=True, slots=True)
class Passkey:
    id: int
    person_id: int
    credential: str
    public_key: bytes
    sign_count: int
    device: str
    made_at: int
    used_at: int


def of_person(tx: Tx, person_id: int) -> list[Passkey]:
    """The oldest first."""
    rows = tx.all(f"SELECT {_COLUMNS} FROM passkeys WHERE person_id = :person ORDER BY id", person=person_id)
    return [Passkey(*row) for row in rows]


def add(tx: Tx, person_id: int, *, credential: str, public_key: bytes, sign_count: int, device: str, now: int) -> bool:
    """False where there is one of that id already, whoever has it."""
    return tx.changed(
        """INSERT INTO passkeys (person_id, credential, public_key, sign_count, device, made_at, used_at)
           VALUES (:person, :credential, :key, :count, :device, :now, :now) ON CONFLICT (credential) DO NOTHING""",
        person=person_id,
        credential=credential,
        key=public_key,
        count=sign_count,
        device=device,
        now=now,
    )


def note_use(tx: Tx, passkey_id: int, sign_count: int, now: int) -> None:
    tx.run(
        "UPDATE passkeys SET sign_count = :count, used_at = :now WHERE id = :id",
        count=sign_count,
        now=now,
        id=passkey_id,
    )


def remove(tx: Tx, person_id: int, passkey_id: int) -> bool:
    return tx.erase("DELETE FROM passkeys WHERE id = :id AND person_id = :person", id=passkey_id, person=person_id) == 1

"""Links by which a holder of a role shows on a page, for one chat, who they are. The code in such a link is worked out
from a drawn number with a key of ours; only its hash is kept. Times are UTC seconds."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from typing import Final

from storage import hash_keys
from storage.db import Tx

_KEY: Final = "proof link"
_COLUMNS: Final = "person_id, channel, place, number, path, expires_at"


@dataclass(frozen=True, slots=True)
class ProofLink:
    person_id: int
    channel: str
    place: str
    number: str
    path: str
    expires_at: int


def new_number() -> str:
    return secrets.token_hex(16)


def secret_of(tx: Tx, person_id: int, number: str) -> bytes:
    """16 bytes, of which the code in the link is made."""
    return hmac.digest(hash_keys.of(tx, _KEY), f"{person_id}:{number}".encode(), "sha256")[:16]


def put(tx: Tx, link: ProofLink, code_hash: str) -> None:
    """In place of the one that there was for the chat."""
    tx.run(
        """INSERT INTO proof_links (person_id, channel, place, number, code_hash, path, expires_at)
           VALUES (:person, :channel, :place, :number, :hash, :path, :expires)
           ON CONFLICT (person_id, channel, place) DO UPDATE SET number = excluded.number,
               code_hash = excluded.code_hash, path = excluded.path, expires_at = excluded.expires_at""",
        person=link.person_id,
        channel=link.channel,
        place=link.place,
        number=link.number,
        hash=code_hash,
        path=link.path,
        expires=link.expires_at,
    )


def find(tx: Tx, code_hash: str) -> ProofLink | None:
    """Though it may be over."""
    row = tx.one(f"SELECT {_COLUMNS} FROM proof_links WHERE code_hash = :hash", hash=code_hash)
    return ProofLink(*row) if row is not None else None


def by_number(tx: Tx, number: str) -> ProofLink | None:
    row = tx.one(f"SELECT {_COLUMNS} FROM proof_links WHERE number = :number", number=number)
    return ProofLink(*row) if row is not None else None


def of_place(tx: Tx, person_id: int, channel: str, place: str) -> ProofLink | None:
    row = tx.one(
        f"""SELECT {_COLUMNS} FROM proof_links
            WHERE person_id = :person AND channel = :channel AND place = :place""",
        person=person_id,
        channel=channel,
        place=place,
    )
    return ProofLink(*row) if row is not None else None


def expiries(tx: Tx, person_id: int) -> list[int]:
    """Until when those of the person hold."""
    rows = tx.all("SELECT expires_at FROM proof_links WHERE person_id = :person ORDER BY 1", person=person_id)
    return [row["expires_at"] for row in rows]


def close(tx: Tx, person_id: int) -> None:
    """All of theirs."""
    tx.run("DELETE FROM proof_links WHERE person_id = :person", person=person_id)


def prune(tx: Tx, now: int) -> None:
    tx.run("DELETE FROM proof_links WHERE expires_at <= :now", now=now)

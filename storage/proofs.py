"""Proofs: what somebody who holds a role has shown besides the link or the account they came by, and where; and the
codes by which it is shown. A code is worked out from a drawn number with a key of ours, and stands nowhere.

Times are UTC seconds.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from typing import Final

from storage import hash_keys, proof_links
from storage.db import Tx

DIGITS: Final = 8
NOTED: Final = 600  # seconds after which it is noted again that a proof is used
ASKED, WRONG = "asked", "wrong"
_KEY = "second proof"


@dataclass(frozen=True, slots=True)
class Shown:
    way: str
    proven_at: int
    used_at: int


def find(tx: Tx, person_id: int, channel: str, place: str) -> Shown | None:
    row = tx.one(
        """SELECT way, proven_at, used_at FROM proofs
           WHERE person_id = :person AND channel = :channel AND place = :place""",
        person=person_id,
        channel=channel,
        place=place,
    )
    return Shown(*row) if row is not None else None


def put(tx: Tx, person_id: int, channel: str, place: str, way: str, now: int) -> None:
    tx.run(
        """INSERT INTO proofs (person_id, channel, place, way, proven_at, used_at)
           VALUES (:person, :channel, :place, :way, :now, :now)
           ON CONFLICT (person_id, channel, place)
           DO UPDATE SET way = excluded.way, proven_at = excluded.proven_at, used_at = excluded.used_at""",
        person=person_id,
        channel=channel,
        place=place,
        way=way,
        now=now,
    )


def note_use(tx: Tx, person_id: int, channel: str, place: str, now: int) -> None:
    tx.run(
        """UPDATE proofs SET used_at = :now
           WHERE person_id = :person AND channel = :channel AND place = :place AND used_at <= :now - :noted""",
        person=person_id,
        channel=channel,
        place=place,
        now=now,
        noted=NOTED,
    )


def of_person(tx: Tx, person_id: int) -> dict[tuple[str, str], Shown]:
    """By channel and place."""
    rows = tx.all(
        "SELECT channel, place, way, proven_at, used_at FROM proofs WHERE person_id = :person", person=person_id
    )
    return {(row[0], row[1]): Shown(row[2], row[3], row[4]) for row in rows}


def end_all(tx: Tx, person_id: int) -> None:
    """Wherever they are; and no code or link of theirs holds any more."""
    tx.run("DELETE FROM proofs WHERE person_id = :person", person=person_id)
    close_code(tx, person_id)
    proof_links.close(tx, person_id)


# --- codes ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ProofCode:
    person_id: int
    number: str
    way: str
    channel: str | None  # where it is to be typed; None: anywhere
    place: str | None
    expires_at: int
    tries: int


def open_code(tx: Tx, person_id: int, way: str, at: tuple[str, str] | None, expires_at: int) -> ProofCode:
    """A new code, in place of the one there was. `at`: channel and place where alone it may be typed."""
    channel, place = at if at is not None else (None, None)
    code = ProofCode(person_id, secrets.token_hex(16), way, channel, place, expires_at, 0)
    tx.run(
        """INSERT INTO proof_codes (person_id, number, way, channel, place, expires_at)
           VALUES (:person, :number, :way, :channel, :place, :expires)
           ON CONFLICT (person_id) DO UPDATE SET number = excluded.number, way = excluded.way, tries = 0,
               channel = excluded.channel, place = excluded.place, expires_at = excluded.expires_at""",
        person=person_id,
        number=code.number,
        way=way,
        channel=channel,
        place=place,
        expires=expires_at,
    )
    hash_keys.of(tx, _KEY)  # drawn here, for `digits` is asked for where nothing can be written
    return code


def code_of(tx: Tx, person_id: int) -> ProofCode | None:
    """The one that was made last, though it may be over."""
    row = tx.one(
        """SELECT person_id, number, way, channel, place, expires_at, tries FROM proof_codes
           WHERE person_id = :person""",
        person=person_id,
    )
    return ProofCode(*row) if row is not None else None


def digits(tx: Tx, code: ProofCode) -> str:
    """What is to be typed."""
    mac = hmac.digest(hash_keys.of(tx, _KEY), f"{code.person_id}:{code.number}".encode(), "sha256")
    return f"{int.from_bytes(mac[:16]) % 10**DIGITS:0{DIGITS}}"


def count_try(tx: Tx, person_id: int) -> None:
    tx.run("UPDATE proof_codes SET tries = tries + 1 WHERE person_id = :person", person=person_id)


def close_code(tx: Tx, person_id: int) -> None:
    tx.run("DELETE FROM proof_codes WHERE person_id = :person", person=person_id)


def note_try(tx: Tx, person_id: int, what: str, now: int) -> None:
    tx.run(
        "INSERT INTO proof_tries (person_id, what, at) VALUES (:person, :what, :now)",
        person=person_id,
        what=what,
        now=now,
    )


def tries(tx: Tx, person_id: int, what: str, since: int) -> int:
    return tx.count(
        "SELECT count(*) FROM proof_tries WHERE person_id = :person AND what = :what AND at > :since",
        person=person_id,
        what=what,
        since=since,
    )


def tries_of(tx: Tx, person_id: int) -> list[int]:
    """When each of either kind was."""
    return [
        row["at"]
        for row in tx.all("SELECT at FROM proof_tries WHERE person_id = :person ORDER BY id", person=person_id)
    ]


def forget_tries(tx: Tx, person_id: int) -> None:
    """The operator, or who leads, vouches for them."""
    tx.run("DELETE FROM proof_tries WHERE person_id = :person", person=person_id)


def prune(tx: Tx, *, unused_since: int, proven_before: int, tried_before: int, now: int) -> None:
    """What proves nothing any more. On the web a proof goes unused as long as its session does."""
    tx.run(
        "DELETE FROM proofs WHERE (channel <> 'web' AND used_at <= :unused) OR proven_at <= :proven",
        unused=unused_since,
        proven=proven_before,
    )
    tx.run("DELETE FROM proof_codes WHERE expires_at <= :now", now=now)
    tx.run("DELETE FROM proof_tries WHERE at <= :before", before=tried_before)

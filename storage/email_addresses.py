"""E-mail addresses: where people get messages by e-mail, if they gave an address and confirmed it. Found by the hash
of a code."""

from __future__ import annotations

from dataclasses import dataclass

from storage import person_keys
from storage.db import Tx
from storage.encryption import UNREADABLE
from storage.sealed_columns import EMAIL_ADDRESS, EMAIL_CODE

_COLUMNS = "person_id, address, code, confirmed_at, refused_at, for_codes"


@dataclass(frozen=True, slots=True)
class EmailAddress:
    person_id: int
    address: str
    code: str
    confirmed_at: int | None
    refused_at: int | None
    for_codes: int = 1  # 0: it was given by a holder of a role who had proven nothing, and takes no codes

    @property
    def works(self) -> bool:
        """Not where the address, or the code that its links are made of, is damaged: another can be given."""
        damaged = UNREADABLE in (self.address, self.code)
        return self.confirmed_at is not None and self.refused_at is None and not damaged


def of_person(tx: Tx, person_id: int) -> EmailAddress | None:
    return _one(tx, "person_id = :person", person=person_id)


def by_code(tx: Tx, code_hash: str) -> EmailAddress | None:
    return _one(tx, "code_hash = :hash", hash=code_hash)


def _one(tx: Tx, where: str, **values: object) -> EmailAddress | None:
    row = tx.one(f"SELECT {_COLUMNS} FROM mailboxes WHERE {where}", **values)
    if row is None:
        return None
    person, address, code, confirmed, refused, for_codes = tuple(row)
    return EmailAddress(
        person,
        tx.keys.open_or_mark(EMAIL_ADDRESS.at(person), address, waits=True),
        tx.keys.open_or_mark(EMAIL_CODE.at(person), code, waits=True),
        confirmed,
        refused,
        for_codes,
    )


def put(tx: Tx, person_id: int, address: str, code: str, code_hash: str, now: int, *, for_codes: bool = True) -> None:
    """A new address, not confirmed yet, in place of the one there was. `for_codes`: whether codes may go there."""
    key_id = person_keys.of_person(tx, person_id)
    tx.erase(
        """INSERT INTO mailboxes (person_id, address, code, code_hash, asked_at, for_codes)
           VALUES (:person, :address, :code, :hash, :now, :for_codes)
           ON CONFLICT (person_id) DO UPDATE SET address = excluded.address, code = excluded.code,
               code_hash = excluded.code_hash, asked_at = excluded.asked_at, confirmed_at = NULL, refused_at = NULL,
               for_codes = excluded.for_codes""",
        person=person_id,
        address=tx.keys.seal_for(key_id, EMAIL_ADDRESS.at(person_id), address),
        code=tx.keys.seal_for(key_id, EMAIL_CODE.at(person_id), code),
        hash=code_hash,
        now=now,
        for_codes=int(for_codes),
    )


def use_for_codes(tx: Tx, person_id: int) -> None:
    tx.run("UPDATE mailboxes SET for_codes = 1 WHERE person_id = :person", person=person_id)


def ask_again(tx: Tx, person_id: int, now: int) -> None:
    tx.run("UPDATE mailboxes SET asked_at = :now WHERE person_id = :person", person=person_id, now=now)


def confirm(tx: Tx, person_id: int, now: int) -> None:
    tx.run(
        "UPDATE mailboxes SET confirmed_at = coalesce(confirmed_at, :now), refused_at = NULL WHERE person_id = :person",
        person=person_id,
        now=now,
    )


def refuse(tx: Tx, person_id: int, now: int) -> None:
    """The mail server says that there is no such address."""
    tx.run("UPDATE mailboxes SET refused_at = :now WHERE person_id = :person", person=person_id, now=now)


def hand_over(tx: Tx, person_id: int, to: int) -> None:
    """Sealed anew: a value is tied to its person."""
    found = of_person(tx, person_id)
    if found is None:
        return
    key_id = person_keys.of_person(tx, to)
    tx.run(
        "UPDATE mailboxes SET person_id = :to, address = :address, code = :code WHERE person_id = :person",
        person=person_id,
        to=to,
        address=tx.keys.seal_for(key_id, EMAIL_ADDRESS.at(to), found.address),
        code=tx.keys.seal_for(key_id, EMAIL_CODE.at(to), found.code),
    )


def forget(tx: Tx, person_id: int) -> None:
    tx.erase("DELETE FROM mailboxes WHERE person_id = :person", person=person_id)


def forget_unconfirmed(tx: Tx, before: int) -> None:
    tx.erase("DELETE FROM mailboxes WHERE confirmed_at IS NULL AND asked_at < :before", before=before)

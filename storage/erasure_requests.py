"""Requests to erase a hearing response that belongs to the case, of people who have erased themselves."""

from __future__ import annotations

from dataclasses import dataclass
from sqlite3 import Row

from storage import person_keys
from storage.db import Tx
from storage.encryption import UNREADABLE
from storage.sealed_columns import REFUSAL_REASON, REPLY_ADDRESS

_COLUMNS = "id, process_id, number, person_id, asked_at, channel, address, answered_at, granted, reason"


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureRequest:
    id: int
    number: int  # of the hearing response
    person_id: int | None  # who holds the response and nothing else
    asked_at: int
    channel: str | None  # where the answer goes; None: nowhere, or it is out
    address: str | None  # None too where it is the mail address they have confirmed
    answered_at: int | None
    granted: bool
    reason: str  # why not


def ask(
    tx: Tx, process_id: int, number: int, person_id: int, now: int, *, channel: str | None, address: str | None
) -> int:
    place, sealed = REPLY_ADDRESS.at(process_id, number, now), None
    if address is not None:
        sealed = tx.keys.seal_for(person_keys.of_person(tx, person_id), place, address)
    return tx.insert(
        """INSERT INTO erasure_requests (process_id, number, person_id, asked_at, channel, address)
           VALUES (:process, :number, :person, :now, :channel, :address)""",
        process=process_id,
        number=number,
        person=person_id,
        now=now,
        channel=channel,
        address=sealed,
    )


def by_id(tx: Tx, process_id: int, request_id: int) -> ErasureRequest | None:
    found = _found(tx, "process_id = :process AND id = :id", process=process_id, id=request_id)
    return found[0] if found else None


def of_process(tx: Tx, process_id: int) -> list[ErasureRequest]:
    """The oldest first."""
    return _found(tx, "process_id = :process", process=process_id)


def of_holder(tx: Tx, person_id: int) -> bool:
    """Whether this is nobody but who holds what stays of somebody erased."""
    return tx.one("SELECT 1 FROM erasure_requests WHERE person_id = :person", person=person_id) is not None


def of_response(tx: Tx, process_id: int, number: int) -> ErasureRequest | None:
    found = _found(tx, "process_id = :process AND number = :number", process=process_id, number=number)
    return found[-1] if found else None


def reached(tx: Tx, person_id: int) -> tuple[str, str] | None:
    """Channel and address at which an answer is waited for; no address where it is their mail address."""
    theirs = _found(tx, "person_id = :person", waits=True, person=person_id)
    found = next((each for each in theirs if each.channel), None)
    if found is None or found.address == UNREADABLE:
        return None
    return found.channel or "", found.address or ""


def _found(tx: Tx, where: str, *, waits: bool = False, **values: object) -> list[ErasureRequest]:
    """`waits`: for the key of where they are reached, where that is not there just now. Raises KeyUnavailable then."""
    rows = tx.all(f"SELECT {_COLUMNS} FROM erasure_requests WHERE {where} ORDER BY id", **values)
    return [_request(tx, row, waits=waits) for row in rows]


def _request(tx: Tx, row: Row, *, waits: bool) -> ErasureRequest:
    named_by = (row["process_id"], row["number"], row["asked_at"])
    address, reason = row["address"], row["reason"]
    return ErasureRequest(
        id=row["id"],
        number=row["number"],
        person_id=row["person_id"],
        asked_at=row["asked_at"],
        channel=row["channel"],
        address=tx.keys.open_or_mark(REPLY_ADDRESS.at(*named_by), address, waits=waits)
        if address is not None
        else None,
        answered_at=row["answered_at"],
        granted=row["granted"] == 1,
        reason=tx.keys.open_or_mark(REFUSAL_REASON.at(*named_by), reason) if reason is not None else "",
    )


def answer(tx: Tx, request_id: int, now: int, *, granted: bool, reason: str = "") -> bool:
    """False where it was answered before."""
    named_by = tx.only("SELECT process_id, number, asked_at FROM erasure_requests WHERE id = :id", id=request_id)
    return tx.changed(
        """UPDATE erasure_requests SET answered_at = :now, granted = :granted, reason = :reason
           WHERE id = :id AND answered_at IS NULL""",
        id=request_id,
        now=now,
        granted=int(granted),
        reason=tx.keys.seal(REFUSAL_REASON.at(*named_by), reason) if reason else None,
    )


def answered_and_told(tx: Tx, process_id: int, kind: str) -> list[int]:
    """People who are waited on no more: their request is answered, and no message of the kind is under way."""
    rows = tx.all(
        """SELECT person_id FROM erasure_requests WHERE process_id = :process AND person_id IS NOT NULL
           GROUP BY person_id HAVING count(*) = count(answered_at) AND NOT EXISTS (
               SELECT 1 FROM outbox WHERE outbox.person_id = erasure_requests.person_id
               AND kind = :kind AND state IN ('due', 'held'))""",
        process=process_id,
        kind=kind,
    )
    return [row["person_id"] for row in rows]


def forget_address(tx: Tx, person_id: int) -> int:
    return tx.erase(
        """UPDATE erasure_requests SET channel = NULL, address = NULL
           WHERE person_id = :person AND channel IS NOT NULL""",
        person=person_id,
    )


def forget(tx: Tx, process_id: int) -> None:
    """On the deletion date."""
    tx.erase("DELETE FROM erasure_requests WHERE process_id = :process", process=process_id)

"""Broadcasts, messages from the leader to many: written as a draft, confirmed once. Each one's message is a row of the
outbox."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from sqlite3 import Row
from typing import Any

from storage.db import Tx
from storage.encryption import UNREADABLE
from storage.recipients import ChosenAudience
from storage.sealed_columns import BROADCAST

_COLUMNS = """process_id, id, drafted_by, made_by, audience, content, made_at, confirmed_at, people, cancelled_at,
              outcome"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Broadcast:
    id: int
    drafted_by: int | None  # whose draft it is; None: it is confirmed
    made_by: str
    audience: ChosenAudience
    text: str
    made_at: int
    confirmed_at: int | None
    people: int  # to how many it went when it was confirmed
    cancelled_at: int | None
    outcome: dict[str, int] | None  # state → messages, once they are forgotten one by one

    @property
    def is_draft(self) -> bool:
        return self.confirmed_at is None

    @property
    def is_damaged(self) -> bool:
        """Nobody knows what it says: it goes to nobody."""
        return self.text == UNREADABLE


def put_draft(
    tx: Tx, process_id: int, person_id: int, made_by: str, audience: ChosenAudience, text: str, now: int
) -> int:
    """Replaces the person's draft. It gets a new id, so buttons shown with the old one are dead."""
    drop_draft(tx, person_id)
    return tx.insert(
        """INSERT INTO sendings (process_id, drafted_by, made_by, audience, content, made_at)
           VALUES (:process, :person, :by, :audience, :content, :now)""",
        process=process_id,
        person=person_id,
        by=made_by,
        audience=json.dumps(asdict(audience)),
        content=tx.keys.seal(BROADCAST.at(process_id, made_by, now), text),
        now=now,
    )


def draft_of(tx: Tx, person_id: int) -> Broadcast | None:
    """None also of one that is damaged: it is written anew."""
    row = tx.one(f"SELECT {_COLUMNS} FROM sendings WHERE drafted_by = :person", person=person_id)
    found = _of(tx, row) if row else None
    return found if found is not None and not found.is_damaged else None


def drop_draft(tx: Tx, person_id: int) -> None:
    tx.erase("DELETE FROM sendings WHERE drafted_by = :person", person=person_id)


def forget_drafts(tx: Tx, before: int) -> None:
    """Those that nobody has gone on with since then."""
    tx.erase("DELETE FROM sendings WHERE confirmed_at IS NULL AND made_at < :before", before=before)


def confirm(tx: Tx, broadcast_id: int, now: int) -> bool:
    """False where it is no draft any more."""
    return tx.changed(
        "UPDATE sendings SET confirmed_at = :now, drafted_by = NULL WHERE id = :id AND confirmed_at IS NULL",
        id=broadcast_id,
        now=now,
    )


def set_people(tx: Tx, broadcast_id: int, people: int) -> None:
    tx.run("UPDATE sendings SET people = :people WHERE id = :id", id=broadcast_id, people=people)


def by_id(tx: Tx, process_id: int, broadcast_id: int) -> Broadcast | None:
    row = tx.one(
        f"SELECT {_COLUMNS} FROM sendings WHERE id = :id AND process_id = :process", id=broadcast_id, process=process_id
    )
    return _of(tx, row) if row else None


def of_process(tx: Tx, process_id: int) -> list[Broadcast]:
    """The confirmed ones, newest first."""
    rows = tx.all(
        f"""SELECT {_COLUMNS} FROM sendings WHERE process_id = :process AND confirmed_at IS NOT NULL
            ORDER BY confirmed_at DESC, id DESC""",
        process=process_id,
    )
    return [_of(tx, row) for row in rows]


def _of(tx: Tx, row: Row) -> Broadcast:
    process_id, id_, drafted_by, made_by, audience, content, made_at, confirmed_at, people, cancelled_at, outcome = row
    read: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in json.loads(audience).items()
    }
    kept = json.loads(outcome) if outcome else None
    return Broadcast(
        id=id_,
        drafted_by=drafted_by,
        made_by=made_by,
        audience=ChosenAudience(**read),
        text=tx.keys.open_or_mark(BROADCAST.at(process_id, made_by, made_at), content),
        made_at=made_at,
        confirmed_at=confirmed_at,
        people=people,
        cancelled_at=cancelled_at,
        outcome=kept,
    )


def cancel(tx: Tx, broadcast_id: int, now: int) -> bool:
    """False where it was cancelled before."""
    return tx.changed(
        "UPDATE sendings SET cancelled_at = :now WHERE id = :id AND cancelled_at IS NULL", id=broadcast_id, now=now
    )


def keep_outcome(tx: Tx, before: int) -> None:
    """Before messages are forgotten one by one, what became of them all is kept with what sent them."""
    tx.run(
        """UPDATE sendings SET outcome = (
               SELECT json_group_object(state, messages) FROM (
                   SELECT state, count(*) AS messages FROM outbox
                   WHERE kind = 'bulk' AND about = CAST(sendings.id AS TEXT) GROUP BY state))
           WHERE outcome IS NULL AND confirmed_at < :before AND NOT EXISTS (
               SELECT 1 FROM outbox WHERE kind = 'bulk' AND about = CAST(sendings.id AS TEXT)
               AND state IN ('due', 'held'))""",
        before=before,
    )


def forget(tx: Tx, process_id: int) -> None:
    """On the deletion date, with what they said."""
    tx.erase("DELETE FROM sendings WHERE process_id = :process", process=process_id)

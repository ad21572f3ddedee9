"""Page notes: what happened, to be said on the next page that somebody loads, also after a restart."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from sqlite3 import Row

from storage import person_keys
from storage.db import Tx
from storage.encryption_errors import EncryptionError
from storage.sealed_columns import PAGE_NOTES

_COLUMNS = "person_id, address, content, left_at"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PageNotes:
    id: int
    address: str
    notes: tuple[str, ...]


def leave(tx: Tx, person_id: int, address: str, notes: tuple[str, ...], now: int) -> int:
    """Returns the row's id."""
    return tx.insert(
        """INSERT INTO page_notes (person_id, address, content, left_at)
           VALUES (:person, :address, :content, :now)""",
        person=person_id,
        address=address,
        content=tx.keys.seal_for(
            person_keys.of_person(tx, person_id), PAGE_NOTES.at(person_id, address, now), json.dumps(notes)
        ),
        now=now,
    )


def left_since(tx: Tx, since: int) -> list[PageNotes]:
    """What nobody has been shown, the oldest first."""
    rows = tx.all(f"SELECT id, {_COLUMNS} FROM page_notes WHERE left_at >= :since ORDER BY id", since=since)
    return [PageNotes(row["id"], row["address"], notes) for row in rows if (notes := _readable(tx, row))]


def of_person(tx: Tx, person_id: int) -> list[tuple[str, ...]]:
    rows = tx.all(f"SELECT {_COLUMNS} FROM page_notes WHERE person_id = :person ORDER BY id", person=person_id)
    return [_opened(tx, row) for row in rows]


def erase(tx: Tx, ids: tuple[int, ...]) -> None:
    tx.run("DELETE FROM page_notes WHERE id IN (SELECT value FROM json_each(:ids))", ids=json.dumps(ids))


def prune(tx: Tx, before: int) -> None:
    """Who has loaded no page since then is not told any more."""
    tx.erase("DELETE FROM page_notes WHERE left_at < :before", before=before)


def _readable(tx: Tx, row: Row) -> tuple[str, ...]:
    """Nothing where their key is lost: that hinders nobody else's."""
    try:
        return _opened(tx, row)
    except EncryptionError as error:
        log.error("page_notes=%d fault=%s", row["id"], type(error).__name__)
        return ()


def _opened(tx: Tx, row: Row) -> tuple[str, ...]:
    place = PAGE_NOTES.at(row["person_id"], row["address"], row["left_at"])
    return tuple(json.loads(tx.keys.open(place, row["content"])))

"""Page notes: what happened, to be said on the next page that somebody loads, also after a restart."""

from __future__ import annotations

import json
from dataclasses import dataclass

from storage.db import Tx


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
        content=tx.keys.encrypt(json.dumps(notes)),
        now=now,
    )


def left_since(tx: Tx, since: int) -> list[PageNotes]:
    """What nobody has been shown, the oldest first."""
    rows = tx.all("SELECT id, address, content FROM page_notes WHERE left_at >= :since ORDER BY id", since=since)
    return [PageNotes(row_id, address, _opened(tx, content)) for row_id, address, content in rows]


def of_person(tx: Tx, person_id: int) -> list[tuple[str, ...]]:
    rows = tx.all("SELECT content FROM page_notes WHERE person_id = :person ORDER BY id", person=person_id)
    return [_opened(tx, row["content"]) for row in rows]


def erase(tx: Tx, ids: tuple[int, ...]) -> None:
    tx.run("DELETE FROM page_notes WHERE id IN (SELECT value FROM json_each(:ids))", ids=json.dumps(ids))


def prune(tx: Tx, before: int) -> None:
    """Who has loaded no page since then is not told any more."""
    tx.erase("DELETE FROM page_notes WHERE left_at < :before", before=before)


def _opened(tx: Tx, content: bytes) -> tuple[str, ...]:
    return tuple(json.loads(tx.keys.decrypt(content)))

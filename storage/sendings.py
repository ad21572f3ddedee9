"""Messages from the leader to many. Each one's message is a row of the outbox."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from sqlite3 import Row
from typing import Any

from storage.concerned import Chosen
from storage.db import Tx

_COLUMNS = "id, made_by, audience, content, made_at, cancelled_at, outcome"


@dataclass(frozen=True, slots=True)
class Sending:
    id: int
    made_by: str
    audience: Chosen
    text: str
    made_at: int
    cancelled_at: int | None
    outcome: dict[str, int] | None  # state → messages, once they are forgotten one by one


def add(tx: Tx, process_id: int, made_by: str, audience: Chosen, text: str, now: int) -> int:
    return tx.insert(
        """INSERT INTO sendings (process_id, made_by, audience, content, made_at)
           VALUES (:process, :by, :audience, :content, :now)""",
        process=process_id, by=made_by, audience=json.dumps(asdict(audience)), content=tx.keys.seal(text), now=now,
    )  # fmt: skip


def by_id(tx: Tx, process_id: int, sending_id: int) -> Sending | None:
    row = tx.one(
        f"SELECT {_COLUMNS} FROM sendings WHERE id = :id AND process_id = :process", id=sending_id, process=process_id
    )
    return _of(tx, row) if row else None


def of_process(tx: Tx, process_id: int) -> list[Sending]:
    """Newest first."""
    rows = tx.all(f"SELECT {_COLUMNS} FROM sendings WHERE process_id = :process ORDER BY id DESC", process=process_id)
    return [_of(tx, row) for row in rows]


def _of(tx: Tx, row: Row) -> Sending:
    id_, made_by, audience, content, made_at, cancelled_at, outcome = row
    read: dict[str, Any] = json.loads(audience)
    chosen = Chosen(**{key: tuple(value) if isinstance(value, list) else value for key, value in read.items()})
    kept = json.loads(outcome) if outcome else None
    return Sending(id_, made_by, chosen, tx.keys.unseal(content), made_at, cancelled_at, kept)


def cancel(tx: Tx, sending_id: int, now: int) -> None:
    tx.run("UPDATE sendings SET cancelled_at = coalesce(cancelled_at, :now) WHERE id = :id", id=sending_id, now=now)


def keep_outcome(tx: Tx, before: int) -> None:
    """Before messages are forgotten one by one, what became of them all is kept with what sent them."""
    tx.run(
        """UPDATE sendings SET outcome = (
               SELECT json_group_object(state, messages) FROM (
                   SELECT state, count(*) AS messages FROM outbox
                   WHERE kind = 'bulk' AND about = CAST(sendings.id AS TEXT) GROUP BY state))
           WHERE outcome IS NULL AND made_at < :before AND NOT EXISTS (
               SELECT 1 FROM outbox WHERE kind = 'bulk' AND about = CAST(sendings.id AS TEXT) AND state = 'due')""",
        before=before,
    )  # fmt: skip

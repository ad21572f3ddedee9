"""Updates from Telegram: committed before they are acknowledged, settled when their reply is out.

new → applied (its effects are committed) → settled (its reply is out, its payload erased), or dead (stepped over).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from storage.db import Tx
from storage.sealed_columns import UPDATE, UPDATE_NOTES


@dataclass(frozen=True, slots=True)
class IncomingUpdate:
    """An update as it came, JSON-shaped, and the chat in whose queue it is (the column `lane`; 0: nobody's)."""

    update_id: int
    chat: int
    update: dict[str, Any]


@dataclass(frozen=True, slots=True)
class InboxUpdate:
    seq: int
    update_id: int
    chat: int
    update: dict[str, Any]
    state: str
    attempts: int


def add(tx: Tx, batch: Sequence[IncomingUpdate], now: int) -> list[InboxUpdate]:
    """The updates that were new to us, in their order. One that is here already is left as it is."""
    added: list[InboxUpdate] = []
    for new in batch:
        row = tx.one(
            """INSERT INTO inbox (update_id, lane, payload, state, received_at)
               VALUES (:update, :lane, :payload, 'new', :now) ON CONFLICT (update_id) DO NOTHING RETURNING seq""",
            update=new.update_id,
            lane=new.chat,
            payload=tx.keys.seal(UPDATE.at(new.update_id), json.dumps(new.update)),
            now=now,
        )
        if row is not None:
            added.append(InboxUpdate(row["seq"], new.update_id, new.chat, new.update, "new", 0))
    return added


def unsettled(tx: Tx) -> list[InboxUpdate]:
    """What an earlier run of the bot left behind, in order."""
    rows = tx.all(
        """SELECT seq, update_id, lane, payload, state, attempts FROM inbox
           WHERE state IN ('new', 'applied') ORDER BY seq"""
    )
    return [
        InboxUpdate(seq, update_id, chat, json.loads(tx.keys.open(UPDATE.at(update_id), payload)), state, attempts)
        for seq, update_id, chat, payload, state, attempts in rows
    ]


def rewrite(tx: Tx, update_id: int, update: dict[str, Any]) -> None:
    """Another content of an update that is not settled."""
    tx.run(
        "UPDATE inbox SET payload = :payload WHERE update_id = :update",
        payload=tx.keys.seal(UPDATE.at(update_id), json.dumps(update)),
        update=update_id,
    )


def apply(tx: Tx, seq: int) -> bool:
    """Marks the update's effects as committed with this transaction; False where they were before."""
    return tx.changed("UPDATE inbox SET state = 'applied' WHERE seq = :seq AND state = 'new'", seq=seq)


def keep_notes(tx: Tx, seq: int, notes: tuple[str, ...]) -> None:
    """Keeps what is to be said of the update's effects until its reply is out."""
    sealed = tx.keys.seal(UPDATE_NOTES.at(seq), json.dumps(notes))
    tx.run("UPDATE inbox SET notes = :notes WHERE seq = :seq", seq=seq, notes=sealed)


def kept_notes(tx: Tx, seq: int) -> tuple[str, ...] | None:
    """None where there was nothing to say."""
    row = tx.one("SELECT notes FROM inbox WHERE seq = :seq", seq=seq)
    if row is None or row["notes"] is None:
        return None
    return tuple(json.loads(tx.keys.open(UPDATE_NOTES.at(seq), row["notes"])))


def settle(tx: Tx, seq: int) -> None:
    tx.run("UPDATE inbox SET state = 'settled', payload = NULL, notes = NULL, lane = 0 WHERE seq = :seq", seq=seq)


def count_attempt(tx: Tx, seq: int) -> None:
    tx.run("UPDATE inbox SET attempts = attempts + 1 WHERE seq = :seq", seq=seq)


def bury(tx: Tx, seq: int, fault: str) -> None:
    """Given up: stepped over, and kept encrypted for the operator until it is pruned."""
    tx.run("UPDATE inbox SET state = 'dead', notes = NULL, fault = :fault WHERE seq = :seq", seq=seq, fault=fault)


def forget(tx: Tx, chat: int) -> None:
    """Erases what is still held of one person's updates: buried ones. Settled ones hold nothing any more."""
    tx.erase("UPDATE inbox SET payload = NULL, lane = 0 WHERE lane = :chat AND state = 'dead'", chat=chat)


def prune(tx: Tx, before: int) -> int:
    """Drops settled and dead updates from before then. Telegram repeats none older than a day."""
    return tx.erase(
        """DELETE FROM inbox WHERE state IN ('settled', 'dead')
           AND seq < coalesce((SELECT seq FROM inbox WHERE received_at >= :before ORDER BY seq LIMIT 1), 1 << 62)""",
        before=before,
    )


def oldest_unsettled(tx: Tx) -> int | None:
    """When the oldest update that is not settled came in."""
    return tx.number("SELECT min(received_at) AS at FROM inbox WHERE state IN ('new', 'applied')")

"""Updates from Telegram: committed before they are acknowledged, settled when their reply is out.

new → applied (its effects are committed) → settled (its reply is out, its payload erased), or dead (stepped over).
"""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from storage import person_keys
from storage.db import Tx
from storage.encryption import SealedPlace
from storage.encryption_errors import EncryptionError, KeyErased, KeyMissing
from storage.sealed_columns import UPDATE, UPDATE_NOTES

log = logging.getLogger(__name__)
OURS: Final = "besyv"  # in an update that we have put there ourselves


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
            payload=_sealed(tx, new.chat, UPDATE.at(new.update_id), new.update),
            now=now,
        )
        if row is not None:
            added.append(InboxUpdate(row["seq"], new.update_id, new.chat, new.update, "new", 0))
    return added


def add_ours(tx: Tx, chat: int, what: dict[str, Any], now: int) -> None:
    """Something that goes through the chat's queue as if it had come from there. Its number is below all of
    Telegram's, and nothing that comes from there has the name `OURS` in it (bot.channels.telegram.minimise)."""
    number = -1 - secrets.randbelow(2**62)
    add(tx, [IncomingUpdate(number, chat, {"update_id": number, OURS: {"chat": chat, **what}})], now)


def ours_since(tx: Tx, seq: int) -> list[InboxUpdate]:
    """What we have put there after that place in the inbox, in order."""
    return [each for each in unsettled(tx) if each.update_id < 0 and each.seq > seq]


def _sealed(tx: Tx, chat: int, place: SealedPlace, what: object) -> bytes:
    """For the person; where their key is lost, as for somebody we don't know: no update may be."""
    text = json.dumps(what)
    try:
        return tx.keys.seal_for(person_keys.of_chat(tx, chat), place, text)
    except (KeyMissing, KeyErased):
        return tx.keys.seal_for(None, place, text)


def unsettled(tx: Tx) -> list[InboxUpdate]:
    """What an earlier run of the bot left behind, in order; nothing of people who are erased, and what can't be opened
    waits."""
    rows = tx.all(
        """SELECT seq, update_id, lane, payload, state, attempts FROM inbox
           WHERE state IN ('new', 'applied') ORDER BY seq"""
    )
    left = []
    for seq, update_id, chat, payload, state, attempts in rows:
        try:
            update = json.loads(tx.keys.open(UPDATE.at(update_id), payload))
        except EncryptionError as error:
            log.error("inbox=%d fault=%s", seq, type(error).__name__)
            continue
        left.append(InboxUpdate(seq, update_id, chat, update, state, attempts))
    return left


def rewrite(tx: Tx, update_id: int, chat: int, update: dict[str, Any]) -> None:
    """Another content of an update that is not settled."""
    tx.run(
        "UPDATE inbox SET payload = :payload WHERE update_id = :update",
        payload=_sealed(tx, chat, UPDATE.at(update_id), update),
        update=update_id,
    )


def drop_erased(tx: Tx) -> int:
    """Settles what an earlier run left behind of people who are erased by now; how many."""
    rows = tx.all("SELECT seq, update_id, payload FROM inbox WHERE state IN ('new', 'applied')")
    gone = [seq for seq, update_id, payload in rows if _is_erased(tx, update_id, payload)]
    for seq in gone:
        settle(tx, seq)
    return len(gone)


def _is_erased(tx: Tx, update_id: int, payload: bytes) -> bool:
    try:
        tx.keys.open(UPDATE.at(update_id), payload)
    except KeyErased:
        return True
    except EncryptionError:
        return False
    return False


def apply(tx: Tx, seq: int) -> bool:
    """Marks the update's effects as committed with this transaction; False where they were before."""
    return tx.changed("UPDATE inbox SET state = 'applied' WHERE seq = :seq AND state = 'new'", seq=seq)


def keep_notes(tx: Tx, seq: int, notes: tuple[str, ...]) -> None:
    """Keeps what is to be said of the update's effects until its reply is out."""
    chat = tx.only("SELECT lane FROM inbox WHERE seq = :seq", seq=seq)["lane"]
    sealed = _sealed(tx, chat, UPDATE_NOTES.at(seq), notes)
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

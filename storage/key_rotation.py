"""Key rotation: everything encrypted is encrypted again with a new key, beside a bot that works.

The order that makes it safe: the new key goes first in the file; values are encrypted again, a few hundred at a time;
once every process has had time to notice the new key, the write lock is taken, and only if nothing at all is left
under an old key are the old ones dropped. Stopped at any point, a later run goes on where it was.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass

from storage.encryption import NOTICED, EncryptionError, Keyring

BATCH = 500
PAUSE = 0.01  # seconds between batches, for the bot's own writes
ROUNDS = 5


class StillInUse(EncryptionError):
    """Something goes on encrypting with an old key, so that it had to be kept. One line, for the operator."""


@dataclass(frozen=True, slots=True)
class _Column:
    table: str
    column: str


_ENCRYPTED = (
    _Column("answers", "content"),
    _Column("answers_apart", "content"),
    _Column("answer_history", "content"),
    _Column("inbox", "payload"),
    _Column("inbox", "notes"),
    _Column("page_notes", "content"),
    _Column("imports", "content"),
    _Column("invitations", "label"),
    _Column("step_changes", "why"),
    _Column("meetings", "why"),
    _Column("signups", "needs"),
    _Column("meeting_words", "content"),
    _Column("minutes", "content"),
    _Column("meeting_drafts", "content"),
    _Column("sendings", "content"),
    _Column("mailboxes", "address"),
    _Column("mailboxes", "code"),
    _Column("calendars", "code"),
    _Column("held_words", "content"),
    _Column("erasure_requests", "address"),
    _Column("erasure_requests", "reason"),
    _Column("publications", "secret"),
    _Column("hash_keys", "content"),
    _Column("personal_links", "secret"),
)


def rotate(
    connection: sqlite3.Connection,
    keys: Keyring,
    progress: Callable[[int, int], None] | None = None,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Encrypts everything with a new key and drops the old ones; the number of values encrypted again.

    `connection` is in autocommit mode (storage.db.connect). Where the file holds more than one key, an earlier run
    was stopped: its new key is used. `progress` gets values done and values in all.
    Raises EncryptionError where a value can't be opened (nothing is lost, the old key stays), StillInUse where values
    under an old key keep coming, sqlite3.Error where the database can't be written.
    """
    _have_a_new_key(connection, keys)
    noticed_by_all = clock() + 2 * NOTICED
    total, done = left(connection, keys), 0
    for _ in range(ROUNDS):
        for encrypted in _ENCRYPTED:
            after, upto = 0, _last_row(connection, encrypted)
            while batch := _under_old_keys(connection, keys, encrypted, after, upto):
                done += _encrypt_again(connection, keys, encrypted, batch)
                after = batch[-1][0]
                if progress:
                    progress(done, max(total, done))
                sleep(PAUSE)
        sleep(max(0.0, noticed_by_all - clock()))
        if _retire(connection, keys):
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # the journal's copies go too, if nobody is reading
            return done
    again = left(connection, keys)
    raise StillInUse(
        f"{again} values are under an old key again, so it is kept. Restart what writes, then run rekey again"
    )


def _have_a_new_key(connection: sqlite3.Connection, keys: Keyring) -> None:
    """Under the write lock, as in `_retire`, so that two who do this at once do not lose each other's key."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        keys.refresh()
        if keys.count == 1:
            keys.add()
    finally:
        connection.execute("ROLLBACK")


def left(connection: sqlite3.Connection, keys: Keyring) -> int:
    """How many values are not encrypted with the active key."""
    return sum(
        connection.execute(
            f"SELECT count(*) FROM {encrypted.table} WHERE substr({encrypted.column}, 1, :size) <> :head",
            {"size": len(keys.head), "head": keys.head},
        ).fetchone()[0]
        for encrypted in _ENCRYPTED
    )


def _last_row(connection: sqlite3.Connection, encrypted: _Column) -> int:
    row = connection.execute(f"SELECT coalesce(max(rowid), 0) FROM {encrypted.table}").fetchone()
    return int(row[0])


def _under_old_keys(
    connection: sqlite3.Connection, keys: Keyring, encrypted: _Column, after: int, upto: int
) -> list[tuple[int, bytes]]:
    rows = connection.execute(
        f"""SELECT rowid, {encrypted.column} FROM {encrypted.table}
            WHERE rowid > :after AND rowid <= :upto AND substr({encrypted.column}, 1, :size) <> :head
            ORDER BY rowid LIMIT {BATCH}""",
        {"after": after, "upto": upto, "size": len(keys.head), "head": keys.head},
    )
    return [(row[0], row[1]) for row in rows]


def _encrypt_again(
    connection: sqlite3.Connection, keys: Keyring, encrypted: _Column, batch: list[tuple[int, bytes]]
) -> int:
    """Opens and encrypts before the lock is taken. What was changed meanwhile is left as it has become."""
    changes = []
    for row, old in batch:
        try:
            changes.append({"new": keys.encrypt(keys.decrypt(old)), "row": row, "old": old})
        except EncryptionError as error:
            raise EncryptionError(f"{encrypted.table} {row}: {error}") from None
    connection.execute("BEGIN IMMEDIATE")
    try:
        changed = connection.executemany(
            f"UPDATE {encrypted.table} SET {encrypted.column} = :new WHERE rowid = :row AND {encrypted.column} = :old",
            changes,
        ).rowcount
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
    return changed


def _retire(connection: sqlite3.Connection, keys: Keyring) -> bool:
    """Drops the old keys if nothing needs them. Under the write lock: nobody encrypts while it is looked at."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        unneeded = left(connection, keys) == 0
        if unneeded:
            keys.retire()
    finally:
        connection.execute("ROLLBACK")
    return unneeded

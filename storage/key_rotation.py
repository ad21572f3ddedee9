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

from storage.encryption import NOTICED, EncryptionError, Keyring, SealedPlace
from storage.sealed_columns import COLUMNS, SealedColumn

BATCH = 500
PAUSE = 0.01  # seconds between batches, for the bot's own writes
ROUNDS = 5


class StillInUse(EncryptionError):
    """Something goes on encrypting with an old key, so that it had to be kept. One line, for the operator."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """`damaged`: values that no key opens, a line each that names table and row. They are left as they are, and the
    keys that they may have been sealed with stay."""

    sealed: int
    damaged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Value:
    row: int  # its rowid
    place: SealedPlace
    sealed: bytes


_Damaged = dict[tuple[str, int], str]  # by column and rowid


def rotate(
    connection: sqlite3.Connection,
    keys: Keyring,
    progress: Callable[[int, int], None] | None = None,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Rotation:
    """Encrypts everything with a new key and drops the old ones.

    `connection` is in autocommit mode (storage.db.connect). Where the file holds more than one key, and values that
    open are under an old one, an earlier run was stopped: its new key is used. `progress` gets values done and values
    in all. What is damaged is stepped over. Raises StillInUse where values under an old key keep coming, sqlite3.Error
    where the database can't be written.
    """
    _have_a_new_key(connection, keys)
    noticed_by_all = clock() + 2 * NOTICED
    total, done = left(connection, keys), 0
    damaged: _Damaged = {}
    for _ in range(ROUNDS):
        damaged = {}
        for column in COLUMNS:
            after, upto = 0, _last_row(connection, column)
            while batch := _under_old_keys(connection, keys, column, after, upto):
                done += _encrypt_again(connection, keys, column, batch, damaged)
                after = batch[-1].row
                if progress:
                    progress(done, max(total, done))
                sleep(PAUSE)
        sleep(max(0.0, noticed_by_all - clock()))
        if _retire(connection, keys, len(damaged)):
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # the log's copies go too, if nobody is reading
            return Rotation(done, tuple(damaged.values()))
    again = left(connection, keys) - len(damaged)
    raise StillInUse(
        f"{again} values are under an old key again, so it is kept. Restart what writes, then run rekey again"
    )


def _have_a_new_key(connection: sqlite3.Connection, keys: Keyring) -> None:
    """Under the write lock, as in `_retire`, so that two who do this at once do not lose each other's key."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        keys.refresh()
        if keys.count == 1 or not _was_stopped(connection, keys):
            keys.add()
    finally:
        connection.execute("ROLLBACK")


def _was_stopped(connection: sqlite3.Connection, keys: Keyring) -> bool:
    """Whether an earlier run left anything to do but what was damaged."""
    for column in COLUMNS:
        after, upto = 0, _last_row(connection, column)
        while batch := _under_old_keys(connection, keys, column, after, upto):
            if any(_opens(keys, value) for value in batch):
                return True
            after = batch[-1].row
    return False


def _opens(keys: Keyring, value: _Value) -> bool:
    try:
        keys.open(value.place, value.sealed)
    except EncryptionError:
        return False
    return True


def left(connection: sqlite3.Connection, keys: Keyring) -> int:
    """How many values are not sealed with the active key, or in the way of an older Besyv."""
    return sum(
        connection.execute(
            f"SELECT count(*) FROM {column.table} WHERE substr({column.column}, 1, :size) <> :head",
            {"size": len(keys.head), "head": keys.head},
        ).fetchone()[0]
        for column in COLUMNS
    )


def _last_row(connection: sqlite3.Connection, column: SealedColumn) -> int:
    row = connection.execute(f"SELECT coalesce(max(rowid), 0) FROM {column.table}").fetchone()
    return int(row[0])


def _under_old_keys(
    connection: sqlite3.Connection, keys: Keyring, column: SealedColumn, after: int, upto: int
) -> list[_Value]:
    rows = connection.execute(
        f"""SELECT {column.table}.rowid, {column.value}, {", ".join(column.key)} FROM {column.source}
            WHERE {column.table}.rowid > :after AND {column.table}.rowid <= :upto
              AND substr({column.value}, 1, :size) <> :head
            ORDER BY {column.table}.rowid LIMIT {BATCH}""",
        {"after": after, "upto": upto, "size": len(keys.head), "head": keys.head},
    )
    return [_Value(rowid, column.at(*key), sealed) for rowid, sealed, *key in rows]


def _encrypt_again(
    connection: sqlite3.Connection, keys: Keyring, column: SealedColumn, batch: list[_Value], damaged: _Damaged
) -> int:
    """Opens and encrypts before the lock is taken. What was changed meanwhile is left as it has become."""
    changes = []
    for value in batch:
        try:
            new = keys.seal(value.place, keys.open(value.place, value.sealed))
        except EncryptionError as error:
            damaged[column.value, value.row] = f"{column.table} {value.row}: {error}"
        else:
            changes.append({"new": new, "row": value.row, "old": value.sealed})
    connection.execute("BEGIN IMMEDIATE")
    try:
        changed = connection.executemany(
            f"UPDATE {column.table} SET {column.column} = :new WHERE rowid = :row AND {column.column} = :old",
            changes,
        ).rowcount
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
    return max(0, changed)


def _retire(connection: sqlite3.Connection, keys: Keyring, damaged: int) -> bool:
    """Whether all is done. Drops the old keys if nothing at all needs them. Under the write lock: nobody encrypts while
    it is looked at."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        needed = left(connection, keys)
        if not needed:
            keys.retire()
    finally:
        connection.execute("ROLLBACK")
    return needed == damaged

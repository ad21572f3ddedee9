"""Key rotation: everything encrypted is encrypted again with a new key, beside a bot that works.

The order that makes it safe: the new key goes first in the file; values are encrypted again, a few hundred at a time;
once every process has had time to notice the new key, the write lock is taken, and only if nothing at all is left
under an old key are the old ones dropped. Stopped at any point, a later run goes on where it was.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from storage import person_keys, resealing
from storage.db import Tx
from storage.encryption import NOTICED, Keyring
from storage.encryption_errors import EncryptionError
from storage.resealing import SealedValue
from storage.sealed_columns import COLUMNS, SealedColumn

BATCH = 500
PAUSE = 0.01  # seconds between batches, for the bot's own writes
ROUNDS = 5


class StillInUse(EncryptionError):
    """Something goes on encrypting with an old key, so that it had to be kept. One line, for the operator."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """`damaged`: values, and keys of people, that no key opens, a line each that names table and row. They are left as
    they are, and the keys that they may have been sealed with stay."""

    sealed: int
    damaged: tuple[str, ...] = ()


_Damaged = dict[tuple[str, int], str]  # by column, or the key store's file, and rowid


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
    in all. What is damaged is stepped over. Raises StillInUse where values under an old key keep coming, KeyStoreError
    where the key store's copy can't be renewed, sqlite3.Error where the database can't be written: the old keys stay.
    """
    _have_a_new_key(connection, keys)
    _give_own_to_responses(connection, keys)
    noticed_by_all = clock() + 2 * NOTICED
    total, done = left(connection, keys), 0
    damaged: _Damaged = {}
    for _ in range(ROUNDS):
        damaged = {}
        for column in COLUMNS:
            after, upto = 0, _last_row(connection, column)
            while batch := _under_old_keys(connection, keys, column, after, upto):
                done += _encrypt_again(connection, keys, column, after, batch[-1].row, damaged)
                after = batch[-1].row
                if progress:
                    progress(done, max(total, done))
                sleep(PAUSE)
        sleep(max(0.0, noticed_by_all - clock()))
        if _retire(connection, keys, damaged):
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


def _give_own_to_responses(connection: sqlite3.Connection, keys: Keyring) -> None:
    with _transaction(connection):
        person_keys.give_own_to_responses(Tx(connection, keys))


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
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


def _opens(keys: Keyring, value: SealedValue) -> bool:
    try:
        keys.open(value.place, value.sealed)
    except EncryptionError:
        return False
    return True


def left(connection: sqlite3.Connection, keys: Keyring) -> int:
    """How many values are sealed neither with the active key nor for whom they are about."""
    return sum(
        connection.execute(f"SELECT count(*) FROM {column.source} WHERE {_is_old(column)}", _bound(keys)).fetchone()[0]
        for column in COLUMNS
    )


def _is_old(column: SealedColumn) -> str:
    """In SQL. What is about somebody is to be under their key, which is wrapped anew instead."""
    under_another = f"substr({column.value}, 1, :size) <> :head"
    if not column.of:
        return under_another
    movable = "" if column.of == "chat" else f"{column.owner} IS NOT NULL OR "
    return f"substr({column.value}, 1, 1) <> x'03' AND ({movable}{under_another})"


def _bound(keys: Keyring) -> dict[str, object]:
    return {"size": len(keys.head), "head": keys.head}


def _last_row(connection: sqlite3.Connection, column: SealedColumn) -> int:
    row = connection.execute(f"SELECT coalesce(max(rowid), 0) FROM {column.table}").fetchone()
    return int(row[0])


def _under_old_keys(
    connection: sqlite3.Connection, keys: Keyring, column: SealedColumn, after: int, upto: int
) -> list[SealedValue]:
    rows = f"{column.table}.rowid > :after AND {column.table}.rowid <= :upto"
    where = f"{rows} AND {_is_old(column)} ORDER BY {column.table}.rowid LIMIT {BATCH}"
    return resealing.values(Tx(connection, keys), column, where, after=after, upto=upto, **_bound(keys))


def _encrypt_again(
    connection: sqlite3.Connection, keys: Keyring, column: SealedColumn, after: int, upto: int, damaged: _Damaged
) -> int:
    """What has gone since it was found is not there any more."""
    tx = Tx(connection, keys)
    with _transaction(connection):
        batch = _under_old_keys(connection, keys, column, after, upto)
        done = resealing.seal_anew(tx, column, batch, lambda value: person_keys.of_value(tx, column, value.owner))
    damaged |= {(column.value, row): f"{column.table} {row}: {why}" for row, why in done.damaged.items()}
    return done.changed


def _retire(connection: sqlite3.Connection, keys: Keyring, damaged: _Damaged) -> bool:
    """Whether nothing is left to be done. Wraps the keys of the key store anew, and drops the old ones if nothing at
    all needs them, nor the copy. Under the write lock: nobody encrypts while it is looked at, and no person's key is
    made."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        needed = left(connection, keys)
        unopened = keys.people.rewrap(keys.head)
        if not needed and not unopened:
            keys.people.renew_copy()
            keys.retire()
    finally:
        connection.execute("ROLLBACK")
    if needed != len(damaged):
        return False
    name = keys.people.path.name
    damaged |= {(name, number): f"{name} {number}: {why}" for number, why in unopened.items()}
    return True

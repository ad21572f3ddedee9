"""Whether a key file is the database's own: looked at before anything is written with it, and value by value in
`besyv check`. Reads a database of any version, as it is."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from storage.db import connect
from storage.encryption import Keyring
from storage.encryption_errors import EncryptionError
from storage.sealed_columns import COLUMNS, SealedColumn

_KEY = "1, 5"  # of a value: its version and its key's id


def open_keys(key_file: Path, database: Path) -> Keyring:
    """The keys; of a database that holds nothing sealed yet they are made where there are none. Raises EncryptionError
    where the file is missing, or is another one: a new key beside sealed values would open none of them."""
    if not database.exists() or database.stat().st_size == 0:
        return Keyring.open_or_create(key_file)
    with closing(connect(database)) as connection:
        samples = list(_samples(connection))
        if samples and not key_file.exists():
            raise EncryptionError(
                f"there is no {key_file}, and {database.name} holds what was encrypted with its keys. "
                "Put the key file back; without it nobody can read the answers"
            )
        keys = Keyring.open_or_create(key_file)
        if samples and not any(_fault(connection, keys, *sample) is None for sample in samples):
            raise EncryptionError(
                f"{key_file} holds none of the keys that {database.name} was encrypted with. "
                "Put the right key file in its place"
            )
    return keys


def unopened(database: Path, key_file: Path) -> list[str]:
    """One value per key and column is opened; a line for each that can't be, with table and row."""
    if not database.exists() or database.stat().st_size == 0:
        return []
    keys = open_keys(key_file, database)
    with closing(connect(database)) as connection:
        return [
            fault
            for column in _there(connection)
            for (row,) in connection.execute(
                f"""SELECT min(rowid) FROM {column.table} WHERE {column.column} IS NOT NULL
                    GROUP BY substr({column.column}, {_KEY}) ORDER BY 1"""
            ).fetchall()
            if (fault := _fault(connection, keys, column, row)) is not None
        ]


def _there(connection: sqlite3.Connection) -> Iterator[SealedColumn]:
    """Those that a database of its version has."""
    for column in COLUMNS:
        known = {row[1] for row in connection.execute(f"PRAGMA table_info ({column.table})")}
        if column.column in known:
            yield column


def _samples(connection: sqlite3.Connection) -> Iterator[tuple[SealedColumn, int]]:
    """The first and the last value of each column."""
    for column in _there(connection):
        for order in ("ASC", "DESC"):
            row = connection.execute(
                f"""SELECT rowid FROM {column.table} WHERE {column.column} IS NOT NULL
                    ORDER BY rowid {order} LIMIT 1"""
            ).fetchone()
            if row is not None:
                yield column, row[0]


def _fault(connection: sqlite3.Connection, keys: Keyring, column: SealedColumn, row: int) -> str | None:
    """Why it can't be opened; None where it can."""
    sealed = connection.execute(
        f"SELECT {column.column} FROM {column.table} WHERE rowid = :row", {"row": row}
    ).fetchone()[0]
    try:
        if sealed[:1] == b"\x01":  # of an older Besyv, whose tables may lack what names a row
            keys.open(column.at(*("" for _ in column.key)), sealed)
        else:
            named = connection.execute(
                f"SELECT {', '.join(column.key)} FROM {column.source} WHERE {column.table}.rowid = :row", {"row": row}
            ).fetchone()
            keys.open(column.at(*named), sealed)
    except EncryptionError as error:
        return f"{column.table} {row}: {error}"
    return None

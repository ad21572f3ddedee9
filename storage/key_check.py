"""Whether a key file is the database's own: looked at before anything is written with it, and value by value in
`besyv check`. Reads a database of any version, as it is."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from storage import key_watch
from storage.db import Tx, connect
from storage.encryption import Keyring
from storage.encryption_errors import EncryptionError, KeyErased, KeyMissing, KeyStoreError
from storage.key_store import DamagedKey, KeyStore
from storage.sealed_columns import COLUMNS, SealedColumn

_KEY = "1, 5"  # of a value: its version and its key's id
OPENED = 20  # values of people that are opened of each column
NAMED = 10  # people whose key is missing who are named


def open_matching_keys(
    key_file: Path, database: Path, *, store: Path | None = None, store_copy: Path | None = None
) -> Keyring:
    """The keys; of a database that holds nothing sealed yet they are made where there are none. Raises EncryptionError
    where the file is missing, or is another one: a new key beside sealed values would open none of them; KeyStoreError
    where that holds of the key store."""
    if not database.exists() or database.stat().st_size == 0:
        return Keyring.open_or_create(key_file, store=store, store_copy=store_copy)
    with closing(connect(database)) as connection:
        samples = list(_samples(connection))
        if samples and not key_file.exists():
            raise EncryptionError(
                f"there is no {key_file}, and {database.name} holds what was encrypted with its keys. "
                "Put the key file back; without it nobody can read the answers"
            )
        keys = Keyring.open_or_create(key_file, store=store, store_copy=store_copy)
        _require_store(connection, keys, database)
        if samples and not any(_fault(connection, keys, *sample, missing_too=False) is None for sample in samples):
            raise EncryptionError(
                f"{key_file} holds none of the keys that {database.name} was encrypted with. "
                "Put the right key file in its place"
            )
    return keys


def _require_store(connection: sqlite3.Connection, keys: Keyring, database: Path) -> None:
    """Raises KeyStoreError where none of people's keys is in the key store."""
    wanted = key_ids(connection)
    if not wanted:
        return
    if not keys.people.exists():
        raise KeyStoreError(
            f"there is no {keys.people.path}, and {database.name} holds what was encrypted with the keys in it. "
            "Put it back, or its copy; without it nobody can read the answers"
        )
    known = keys.people.ids()
    if not any(key_id in known for key_id in wanted):
        raise KeyStoreError(
            f"{keys.people.path} holds none of the keys of the people in {database.name}. Put the right one, or its "
            "copy, in its place"
        )


def key_ids(connection: sqlite3.Connection) -> set[bytes]:
    """Of people and of hearing responses, those that the database names."""
    if not _names_keys(connection):
        return set()
    named = "SELECT key_id FROM people UNION SELECT key_id FROM runs"
    return {key_id for (key_id,) in connection.execute(named) if key_id is not None}


def _names_keys(connection: sqlite3.Connection) -> bool:
    """False of an older Besyv's."""
    return "key_id" in {row[1] for row in connection.execute("PRAGMA table_info (people)")}


def unopened(database: Path, keys: Keyring) -> list[str]:
    """Of each column one value per key of the key file is opened, and the newest of people's; every person's key is
    looked for and opened. A line for each that can't be, with table and row."""
    with closing(connect(database)) as connection:
        faults = _missing(connection, keys) + _damaged(connection, keys) if _names_keys(connection) else []
        opened = [
            fault
            for column in _there(connection)
            for row in _one_per_key(connection, column)
            if (fault := _fault(connection, keys, column, row, missing_too=False)) is not None
        ]
    return faults + opened


def waiting_since(database: Path) -> int | None:
    """Since when the key of somebody erased waits to be overwritten; None where none does."""
    with closing(connect(database)) as connection:
        if not _names_keys(connection):
            return None
        since = connection.execute("SELECT min(since) FROM keys_to_erase").fetchone()[0]
        return None if since is None else int(since)


def _missing(connection: sqlite3.Connection, keys: Keyring) -> list[str]:
    found = key_watch.compare(key_watch.named(Tx(connection, keys)), keys.people.ids())
    return [_told(table, rows, keys.people.path.name) for table, rows in found.missing.items() if rows]


def _damaged(connection: sqlite3.Connection, keys: Keyring) -> list[str]:
    """Those of nobody too: what damaged one may damage the next."""
    damaged = keys.people.damaged()
    if not damaged:
        return []
    whose: dict[bytes, list[str]] = {}
    for table, rows in key_watch.named(Tx(connection, keys)).items():
        for key_id, row in rows:
            whose.setdefault(key_id, []).append(f"{table} {row}")
    return [_told_damaged(each, ", ".join(whose.get(each.id, ["nobody"])), keys.people) for each in damaged]


def _told_damaged(key: DamagedKey, whose: str, store: KeyStore) -> str:
    told = f"key {key.number} in {store.path.name}, of {whose}, is damaged"
    if not key.is_whole_there:
        return f"{told}, and {store.copy or 'no copy'} has it whole: what is theirs can't be opened"
    return (
        f"{told} and whole in its copy: make a backup, which brings the rest of {store.copy} up to date, stop Besyv, "
        f"copy that file over {store.path}, and start"
    )


def _told(table: str, rows: list[int], store: str) -> str:
    listed = ", ".join(map(str, rows[:NAMED])) + (" …" if len(rows) > NAMED else "")
    return f"{len(rows)} of {table} have keys that are not in {store}: {listed}. Put back a newer copy of it"


def _one_per_key(connection: sqlite3.Connection, column: SealedColumn) -> list[int]:
    rows = connection.execute(
        f"""SELECT * FROM (SELECT min(rowid) FROM {column.table}
                           WHERE {column.column} IS NOT NULL AND substr({column.column}, 1, 1) <> x'03'
                           GROUP BY substr({column.column}, {_KEY}) ORDER BY 1)
            UNION ALL
            SELECT * FROM (SELECT rowid FROM {column.table} WHERE substr({column.column}, 1, 1) = x'03'
                           ORDER BY rowid DESC LIMIT {OPENED})"""
    )
    return [row for (row,) in rows]


def _there(connection: sqlite3.Connection) -> Iterator[SealedColumn]:
    """Those that a database of its version has, and seals."""
    for column in COLUMNS:
        columns = connection.execute(f"PRAGMA table_info ({column.table})")
        known = {row[1] for row in columns if row[2] == "BLOB"}  # what an older Besyv did not seal is text
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


def _fault(
    connection: sqlite3.Connection, keys: Keyring, column: SealedColumn, row: int, *, missing_too: bool = True
) -> str | None:
    """Why it can't be opened; None where it can. `missing_too`: also that a person's key is not in the key store, which
    is told by itself."""
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
    except KeyErased:
        return None  # as it should be: a copy of before, from which they are dropped at the start
    except KeyMissing as error:
        return f"{column.table} {row}: {error}" if missing_too else None
    except EncryptionError as error:
        return f"{column.table} {row}: {error}"
    return None

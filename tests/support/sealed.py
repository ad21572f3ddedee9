"""Sealed values in tests: read from where they stand, and made as an older Besyv made them."""

from __future__ import annotations

import os
import sqlite3

from storage.db import Tx
from storage.encryption import Keyring, SealedPlace
from storage.sealed_columns import ANSWER, SealedColumn

HERE = SealedPlace(b"here")


def opened(connection: sqlite3.Connection, keys: Keyring, column: SealedColumn = ANSWER, also: str = "") -> list[str]:
    """What a column holds, in the order of its rows. `also`: SQL after the table."""
    rows = connection.execute(
        f"SELECT {column.value}, {', '.join(column.key)} FROM {column.source} {also} ORDER BY {column.table}.rowid"
    )
    return [keys.open(column.at(*key), value) for value, *key in rows]


def opened_in(tx: Tx, column: SealedColumn = ANSWER, also: str = "", **values: object) -> list[str]:
    """The same in a transaction."""
    rows = tx.all(
        f"SELECT {column.value}, {', '.join(column.key)} FROM {column.source} {also} ORDER BY {column.table}.rowid",
        **values,
    )
    return [tx.keys.open(column.at(*key), value) for value, *key in rows]


def of_an_older_besyv(keys: Keyring, text: str) -> bytes:
    """Version 1: tied to no place."""
    nonce = os.urandom(12)
    return b"\x01" + keys.active + nonce + keys._keys[keys.head].encrypt(nonce, text.encode(), None)

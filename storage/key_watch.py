"""What is wrong with people's keys, as far as the database and the key store tell when they are compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from storage.db import Tx
from storage.key_store import StoredKeys

TABLES: Final = ("people", "runs")
NamedKeys = dict[str, list[tuple[bytes, int]]]  # by table: a key's id and the row's


@dataclass(frozen=True, slots=True)
class KeysFound:
    """Ids of the rows that name them; of an erased one with when that was. A key that is erased while its row is there:
    the database is a copy of before."""

    missing: dict[str, list[int]]
    erased: dict[str, list[tuple[int, int]]]

    @property
    def number_missing(self) -> int:
        return sum(map(len, self.missing.values()))


def named(tx: Tx) -> NamedKeys:
    """To be read before the key store is: a key is on disk there before it is named here."""
    return {
        table: [tuple(row) for row in tx.all(f"SELECT key_id, id FROM {table} WHERE key_id IS NOT NULL ORDER BY id")]
        for table in TABLES
    }


def compare(wanted: NamedKeys, known: StoredKeys) -> KeysFound:
    found = KeysFound({}, {})
    for table, rows in wanted.items():
        found.erased[table] = [(number, known.erased[key_id]) for key_id, number in rows if key_id in known.erased]
        found.missing[table] = [number for key_id, number in rows if key_id not in known]
    return found

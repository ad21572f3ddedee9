"""Values that are opened and sealed again where they stand: with another key of the key file, or for their owner."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from storage.db import Tx
from storage.encryption import SealedPlace
from storage.encryption_errors import EncryptionError
from storage.sealed_columns import SealedColumn


@dataclass(frozen=True, slots=True)
class SealedValue:
    row: int  # its rowid
    owner: int | None  # the person, run or chat it is about
    place: SealedPlace
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Resealed:
    """`damaged`: rowids of what no key opens, with the reason; left as it is."""

    changed: int
    damaged: dict[int, str]


def values(tx: Tx, column: SealedColumn, where: str, **bound: object) -> list[SealedValue]:
    """`where`: SQL, up to the end of the statement."""
    owner = column.owner if column.of else "NULL"
    rows = tx.all(
        f"""SELECT {column.table}.rowid, {owner}, {column.value}, {", ".join(column.key)}
            FROM {column.source} WHERE {column.value} IS NOT NULL AND {where}""",
        **bound,
    )
    return [SealedValue(row, owner, column.at(*key), sealed) for row, owner, sealed, *key in rows]


def seal_anew(
    tx: Tx, column: SealedColumn, batch: Sequence[SealedValue], key_of: Callable[[SealedValue], bytes | None]
) -> Resealed:
    """What was changed since it was read is left as it has become."""
    changed, damaged = 0, {}
    for value in batch:
        try:
            new = tx.keys.seal_for(key_of(value), value.place, tx.keys.open(value.place, value.sealed))
        except EncryptionError as error:
            damaged[value.row] = str(error)
            continue
        changed += tx.erase(
            f"UPDATE {column.table} SET {column.column} = :new WHERE rowid = :row AND {column.column} = :old",
            new=new,
            row=value.row,
            old=value.sealed,
        )
    return Resealed(changed, damaged)

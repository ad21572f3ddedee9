"""What an older Besyv sealed with the key file's key is sealed for the person it is about, some rows at a time beside a
bot that works, until nothing is left."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Final

from storage import person_keys, resealing
from storage.db import Database, Tx
from storage.resealing import Resealed
from storage.sealed_columns import COLUMNS, SealedColumn

MOST = 200  # values in one transaction
# What comes from a chat is settled within moments, and moves nowhere.
MOVED: Final = tuple(column for column in COLUMNS if column.of and column.of != "chat")


@dataclass(frozen=True, slots=True)
class Moved:
    """How many values were sealed anew, and how many of them no key opens."""

    sealed: int
    damaged: int


async def move(database: Database) -> Moved:
    """Raises sqlite3.Error where database or key store are in trouble: what was done stays, a later call goes on."""
    await database.write(person_keys.give_own_to_responses)
    sealed = damaged = 0
    for column in MOVED:
        after = 0
        while (upto := await database.read(partial(_next, column, after))) is not None:
            done = await database.write(partial(_seal, column, after, upto))
            sealed, damaged, after = sealed + done.changed, damaged + len(done.damaged), upto
    return Moved(sealed, damaged)


def left(tx: Tx) -> int:
    """How many values of people are not sealed for them yet."""
    return sum(
        tx.count(f"SELECT count(*) FROM {column.source} WHERE {column.value} IS NOT NULL AND {_not_yet(column)}")
        for column in MOVED
    )


def _not_yet(column: SealedColumn) -> str:
    return f"substr({column.value}, 1, 1) <> x'03' AND {column.owner} IS NOT NULL"


def _next(column: SealedColumn, after: int, tx: Tx) -> int | None:
    """Up to which row the next ones go; None where there are none."""
    where = f"{column.table}.rowid > :after AND {_not_yet(column)} ORDER BY {column.table}.rowid LIMIT {MOST}"
    batch = resealing.values(tx, column, where, after=after)
    return batch[-1].row if batch else None


def _seal(column: SealedColumn, after: int, upto: int, tx: Tx) -> Resealed:
    where = f"{column.table}.rowid > :after AND {column.table}.rowid <= :upto AND {_not_yet(column)}"
    batch = resealing.values(tx, column, where, after=after, upto=upto)
    return resealing.seal_anew(tx, column, batch, lambda value: person_keys.of_value(tx, column, value.owner))

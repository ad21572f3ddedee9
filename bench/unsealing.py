"""What opening answers costs where each person has a key of their own, against one key for all: read from a database
and opened, and the bare opening of what is in memory, in one run."""

from __future__ import annotations

import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from storage.encryption import Keyring, SealedPlace
from storage.sealed_columns import ANSWER

PEOPLE, EACH, RUNS = 20_000, 5, 5
TEXT = '["own", [], [["Vi har brug for flere mødesteder, og så holder folk op. Det er gået ud over os."]], null]'


def measure() -> list[tuple[str, float, float]]:
    """What was measured; median seconds of the processor with one key, and with one each."""
    with tempfile.TemporaryDirectory(prefix="besyv-bench-") as folder:
        keys, database = Path(folder, "besyv.key"), Path(folder, "answers.db")
        _build(Keyring.open_or_create(keys), database)
        with closing(sqlite3.connect(database)) as connection:
            read = [
                tuple(_opened(Keyring(keys), _read(connection, column)) for column in ("one", "own"))
                for _ in range(RUNS)
            ]
            held = [[*_read(connection, column)] for column in ("one", "own")]
        bare = [tuple(_opened(Keyring(keys), values) for values in held) for _ in range(RUNS)]
    return [
        (name, *(statistics.median(each) for each in zip(*runs, strict=True)))
        for name, runs in (("read from the database and opened", read), ("opened alone", bare))
    ]


def report(figures: list[tuple[str, float, float]]) -> list[str]:
    return [
        f"| {PEOPLE * EACH:,} answers of {PEOPLE:,} people | one key, s | a key each, s | × |",
        "|---|---|---|---|",
        *(f"| {name} | {one:.2f} | {own:.2f} | {own / one:.2f} |" for name, one, own in figures),
    ]


def _build(keys: Keyring, database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("CREATE TABLE answers (run_id, question, revision, one, own)")
        for run in range(PEOPLE):
            key_id = keys.people.new()
            for question in (f"A{number}" for number in range(EACH)):
                place = ANSWER.at(run, question, 1)
                row = (run, question, 1, keys.seal(place, TEXT), keys.seal_for(key_id, place, TEXT))
                connection.execute("INSERT INTO answers VALUES (?, ?, ?, ?, ?)", row)


def _read(connection: sqlite3.Connection, column: str) -> Iterable[tuple[SealedPlace, bytes]]:
    for *row, sealed in connection.execute(f"SELECT run_id, question, revision, {column} FROM answers"):
        yield ANSWER.at(*row), sealed


def _opened(keys: Keyring, values: Iterable[tuple[SealedPlace, bytes]]) -> float:
    began = time.process_time()
    for place, sealed in values:
        keys.open(place, sealed)
    return time.process_time() - began

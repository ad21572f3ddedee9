"""What an export of answers reads, in one snapshot beside the writer, row after row in constant memory. Contents stay
encrypted. Light to import (no aiosqlite): it is used in a process of its own, where every import is waited for.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BATCH = 1000
EXPORT_BUSY_SECONDS = 5


def open_reading(path: Path) -> sqlite3.Connection:
    """A connection that cannot write. Raises sqlite3.OperationalError where there is no such database."""
    return sqlite3.connect(
        f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=EXPORT_BUSY_SECONDS
    )


@contextmanager
def snapshot(connection: sqlite3.Connection) -> Iterator[None]:
    """What is read inside is as it was at the first reading, whatever is written meanwhile."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")


def process_id(connection: sqlite3.Connection, key: str) -> int | None:
    row = connection.execute("SELECT id FROM processes WHERE key = :key", {"key": key}).fetchone()
    return int(row[0]) if row else None


def flow_versions(connection: sqlite3.Connection, process: int) -> list[tuple[str, int, str]]:
    """Flow, version, definition of every version there is."""
    rows = connection.execute(
        "SELECT flow, version, definition FROM flow_versions WHERE process_id = :process ORDER BY id",
        {"process": process},
    )
    return [(flow, version, definition) for flow, version, definition in rows]


def middle(connection: sqlite3.Connection, process: int, fewest: int) -> int | None:
    """The id of the person with as many before as behind them; None where there are fewer people than that."""
    people = connection.execute(
        "SELECT count(*) FROM people WHERE counted_in = :process", {"process": process}
    ).fetchone()[0]
    if people < fewest:
        return None
    row = connection.execute(
        "SELECT id FROM people WHERE counted_in = :process ORDER BY id LIMIT 1 OFFSET :half",
        {"process": process, "half": people // 2},
    ).fetchone()
    return int(row[0])


def changes_seen(connection: sqlite3.Connection) -> int:
    """A number that is another one as soon as anybody else has committed anything, while no transaction is open."""
    return int(connection.execute("PRAGMA data_version").fetchone()[0])


def begin(connection: sqlite3.Connection) -> None:
    """Begins a snapshot now, and not at the first reading; in place of one that is open."""
    if connection.in_transaction:
        connection.execute("ROLLBACK")
    connection.execute("BEGIN")
    connection.execute("SELECT id FROM processes LIMIT 1").fetchone()


@dataclass(frozen=True, slots=True)
class ExportStretch:
    """People by their ids, both included."""

    first: int = 0
    last: int = 2**62


def count(connection: sqlite3.Connection, process: int) -> int:
    row = connection.execute(
        """SELECT count(*) FROM people JOIN runs ON runs.person_id = people.id JOIN answers ON answers.run_id = runs.id
           WHERE counted_in = :process AND withdrawn_at IS NULL""",
        {"process": process},
    ).fetchone()
    return int(row[0])


def answers(connection: sqlite3.Connection, process: int, of: ExportStretch) -> Iterator[list[tuple[Any, ...]]]:
    """Batches of answers in force, run by run in the order of `runs`, which costs nothing as the indexes have it.
    Nothing that its author has taken back or that is set aside.

    A row is: answer id, question, version, revision, asked, language, channel, content (encrypted), skipped (0, 1),
    answered at, run id, whether the options were shown in reverse (0, 1; None: there is one order).
    """
    cursor = connection.cursor()
    cursor.row_factory = None  # plain tuples are read several times as fast as rows with names
    cursor.execute(
        """SELECT answers.id, question, answers.version, revision, asked, answers.language, channel, content, skipped,
                  answered_at, run_id, options_reversed
           FROM people JOIN runs ON runs.person_id = people.id JOIN answers ON answers.run_id = runs.id
           WHERE counted_in = :process AND people.id BETWEEN :first AND :last AND withdrawn_at IS NULL
           ORDER BY people.id, flow, coalesce(capacity_id, 0), runs.id, question""",
        {"process": process, "first": of.first, "last": of.last},
    )
    while batch := cursor.fetchmany(BATCH):
        yield batch


def runs(connection: sqlite3.Connection, process: int, of: ExportStretch) -> Iterator[tuple[Any, ...]]:
    """Run id, flow, the run's version, sent at; the person's pseudonym; as the run keeps it: stakeholder, front; source
    (None: they answered themselves), how many stand behind, the name in the register of whom they speak for, how that
    is known; the receipt's number; of a joint answer how many members stood behind it and how many of them have sent
    their own (None, 0 of any other), and 1 of who stood behind one there; when the day began on which a letter or a
    mail came, and 1 of what was sent late."""
    cursor = connection.cursor()
    cursor.row_factory = None
    cursor.execute(
        """SELECT runs.id, flow, version, sent_at, pseudonym, stakeholder, front, people.source, runs.behind,
                  coalesce(party, parties.name), CASE WHEN parties.id IS NOT NULL THEN tied_by END, runs.number,
                  CASE WHEN sent_at IS NOT NULL THEN joint_sent.members END,
                  CASE WHEN joint_sent.members IS NOT NULL THEN (
                      SELECT count(*) FROM joint_backers JOIN runs AS own ON own.capacity_id = joint_backers.capacity_id
                           JOIN people AS member ON member.id = own.person_id
                      WHERE joint_backers.run_id = runs.id AND own.flow = runs.flow AND own.sent_at IS NOT NULL
                        AND member.counted_in = :process)
                  ELSE 0 END,
                  EXISTS (SELECT 1 FROM joint_backers JOIN runs AS joint ON joint.id = joint_backers.run_id
                               JOIN people AS chair ON chair.id = joint.person_id
                          WHERE joint_backers.capacity_id = runs.capacity_id AND joint.flow = runs.flow
                            AND joint.sent_at IS NOT NULL AND chair.counted_in = :process),
                  receptions.came_on, coalesce(receptions.late, 0)
           FROM people JOIN runs ON runs.person_id = people.id LEFT JOIN parties ON parties.id = runs.party_id
                LEFT JOIN joint_sent ON joint_sent.run_id = runs.id
                LEFT JOIN receptions ON receptions.run_id = runs.id AND sent_at IS NOT NULL
           WHERE counted_in = :process AND people.id BETWEEN :first AND :last ORDER BY people.id, flow,
                    coalesce(runs.capacity_id, 0)""",
        {"process": process, "first": of.first, "last": of.last},
    )
    return iter(cursor)

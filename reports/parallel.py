"""The export by two processes, each with half of the people, as if it were one: in the same snapshot, into one file.

Only for a process that does nothing else and has no threads (`python -m reports`), as it forks.
"""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from reports import atomic_file
from reports.answers import (
    Exported,
    ExportError,
    Format,
    export_answers,
    failures_told,
    header,
    process_id,
    readable,
    write,
)
from reports.table_words import KEYS, TableWords
from storage import export
from storage.encryption import Keyring
from storage.export import ExportStretch

FEWEST_PEOPLE = 1000  # below that it is not worth the trouble
ATTEMPTS = 100  # to begin between two commits; a bot makes some hundreds a second at most


@dataclass(frozen=True, slots=True)
class _Order:
    database: Path
    keys: Keyring
    process_key: str
    out: Path
    format: Format
    words: TableWords


def export_in_two(
    database: Path, keys: Keyring, process_key: str, out: Path, format: Format, words: TableWords = KEYS
) -> Exported:
    """As reports.answers.export_answers, in little more than half the time. Raises ExportError."""
    order = _Order(database, keys, process_key, out, format, words)
    try:
        watch = export.open_reading(database)
    except sqlite3.Error as error:
        raise ExportError(f"the database {database} can't be opened: {error}") from None
    with closing(watch), failures_told(out):
        middle = export.middle(watch, process_id(watch, process_key), FEWEST_PEOPLE)
        if middle is None:
            return export_answers(watch, keys, process_key, out, format, words)
    with failures_told(out), atomic_file.whole(out) as file, TemporaryFile(dir=out.parent) as behind:
        with (
            _other(order, ExportStretch(first=middle), behind) as other,
            closing(export.open_reading(database)) as connection,
        ):
            file.write(header(format, words))
            if not _begin_together(database, connection, other):
                return readable(write(connection, keys, process_key, format, file.write, words), keys)
            done = write(connection, keys, process_key, format, file.write, words, ExportStretch(last=middle - 1))
            done += other.done()
        readable(done, keys)
        behind.seek(0)
        shutil.copyfileobj(behind, file, 1 << 20)
    return done


def _begin_together(database: Path, connection: sqlite3.Connection, other: _Other) -> bool:
    """Both begin, and if nobody committed anything meanwhile they see the same. False where that never came about."""
    with closing(export.open_reading(database)) as watch:
        for _ in range(ATTEMPTS):
            seen = export.changes_seen(watch)
            export.begin(connection)
            other.ask("begin")
            if export.changes_seen(watch) == seen:
                other.tell("go")
                return True
    return False


@dataclass(frozen=True, slots=True)
class _Other:
    """The process with the second half, from the first one's side."""

    say: IO[str]
    hear: IO[str]

    def tell(self, line: str) -> None:
        self.say.write(f"{line}\n")
        self.say.flush()

    def ask(self, line: str) -> str:
        self.tell(line)
        return self._heard()

    def done(self) -> Exported:
        rows, *damaged = map(int, self._heard().split())
        return Exported(rows, tuple(damaged))

    def _heard(self) -> str:
        verdict, _, line = self.hear.readline().rstrip("\n").partition(" ")
        if verdict != "ok":
            raise ExportError(line or "the export ended before it was done")
        return line


@contextmanager
def _other(order: _Order, half: ExportStretch, behind: IO[bytes]) -> Iterator[_Other]:
    """No connection may be open when it forks: SQLite's locks do not survive it."""
    to_read, from_first = os.pipe()
    to_hear, from_second = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(from_first)
        os.close(to_hear)
        try:
            with suppress(BrokenPipeError), open(to_read) as hear, open(from_second, "w") as say:
                _second_half(order, half, behind, hear, say)  # a broken pipe: the first one has failed, and told why
        except BaseException:  # nothing of the first one's clearing up may run here
            sys.excepthook(*sys.exc_info())
            os._exit(1)
        os._exit(0)
    os.close(to_read)
    os.close(from_second)
    try:
        with open(from_first, "w") as say, open(to_hear) as hear:
            yield _Other(say, hear)
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)


def _second_half(order: _Order, half: ExportStretch, behind: IO[bytes], hear: IO[str], say: IO[str]) -> None:
    def answer(line: str) -> None:
        say.write(f"{line}\n")
        say.flush()

    try:
        with failures_told(order.out), closing(export.open_reading(order.database)) as connection:
            while (line := hear.readline()) == "begin\n":
                export.begin(connection)
                answer("ok")
            if line == "go\n":
                done = write(connection, order.keys, order.process_key, order.format, behind.write, order.words, half)
                behind.flush()
                answer(" ".join(map(str, ("ok", done.rows, *done.damaged))))
    except ExportError as error:
        answer(f"failed {error}")

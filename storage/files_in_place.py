"""Whether the database's files still lie where they were opened, and are the same. Of a file that was removed, replaced
or copied over, SQLite goes on writing into what nobody will find again, and says that it is stored."""

from __future__ import annotations

import os
import sqlite3
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Self

CLOSELY_EVERY = 5.0  # seconds
_SETTLED = 100_000_000  # nanoseconds: a folder's time has told of every change until then, however coarse its clock
_Stamp = tuple[int, int]  # the disk, and the number of the file on it
_HEADER = 100  # bytes (https://www.sqlite.org/fileformat2.html#the_database_header)


class FileGone(sqlite3.OperationalError):
    """The database's file was removed, replaced or copied over while it was open."""


@dataclass(slots=True)
class FilesInPlace:
    path: Path
    database: _Stamp | None
    log: _Stamp | None  # what is committed and not yet in the database
    _file: int  # kept open, see _Opened
    _counter: int  # how often the header has changed: it only grows
    _cookies: set[int]  # of the schema: every copy has another
    _where: str = field(init=False)
    _folder: tuple[_Stamp, int] | None = field(default=None, init=False)  # and its time, when all was in place
    _looked_at: float = field(default=0.0, init=False)  # monotonic; closely

    def __post_init__(self) -> None:
        self._where = str(self.path.parent)

    @classmethod
    def at(cls, path: Path, connection: sqlite3.Connection) -> Self:
        """Of the file that the connection has open. `close` it when no connection has."""
        file = _Opened.take(path)
        counter, cookie = _header(file) or (0, 0)
        return cls(path, _stamp(path), _stamp(_log_of(path)), file, counter, {cookie, _cookie(connection)})

    def close(self) -> None:
        _Opened.give_back(self._file)

    def require_after_commit(self, connection: sqlite3.Connection) -> None:
        """Raises FileGone. In the thread of the connection. As `require`, and cheaper: while nothing in the folder has
        changed, the folder alone is looked at, for a file that is removed or replaced changes its time. What is copied
        over the file does not, and is noticed some seconds later."""
        folder = self._look_at_folder()
        if folder is not None and folder == self._folder and time.monotonic() - self._looked_at < CLOSELY_EVERY:
            return
        self.require(connection)
        self._folder = folder

    def require(self, connection: sqlite3.Connection) -> None:
        """Raises FileGone. In the thread of the connection."""
        looked_at, self._folder = time.monotonic(), None
        if (
            _stamp(self.path) != self.database
            or _stamp(_log_of(self.path)) != self.log
            or not self._is_the_same(connection)
        ):
            raise FileGone(
                f"the file {self.path.name} was removed, replaced or copied over while it was open: start Besyv again"
            )
        self._looked_at = looked_at

    def _look_at_folder(self) -> tuple[_Stamp, int] | None:
        """None where it can't be told whether its time has told everything."""
        try:
            found = os.stat(self._where)  # less than Path.stat takes
        except OSError:
            return None
        changed, now = found.st_mtime_ns, time.time_ns()
        return ((found.st_dev, found.st_ino), changed) if changed + _SETTLED < now else None

    def _is_the_same(self, connection: sqlite3.Connection) -> bool:
        """What was copied over the file begins otherwise: a backup has another schema cookie, an older copy of the file
        itself has counted less far."""
        header = _header(self._file)
        if header is None or header[0] < self._counter:
            return False
        self._counter = header[0]
        if header[1] not in self._cookies:  # a new schema that has come from the log
            self._cookies.add(_cookie(connection))
        return header[1] in self._cookies


class _Opened:
    """The files that are kept open. A process that closes a file loses every lock it has on it (POSIX), those of SQLite
    too: each is opened once and closed when nobody has it open any more."""

    files: ClassVar[dict[_Stamp, tuple[int, int]]] = {}  # the descriptor, and for how many

    @classmethod
    def take(cls, path: Path) -> int:
        stamp = _stamp(path)
        if stamp is None:
            raise FileGone(f"the file {path.name} was removed while it was opened")
        file, users = cls.files.get(stamp, (-1, 0))
        if not users:
            file = os.open(path, os.O_RDONLY)
        cls.files[stamp] = file, users + 1
        return file

    @classmethod
    def give_back(cls, file: int) -> None:
        stamp, users = next((stamp, users) for stamp, (opened, users) in cls.files.items() if opened == file)
        if users > 1:
            cls.files[stamp] = file, users - 1
            return
        del cls.files[stamp]
        os.close(file)


def _header(file: int) -> tuple[int, int] | None:
    """Change counter and schema cookie; None where there is no whole header."""
    found = os.pread(file, _HEADER, 0)
    if len(found) < _HEADER:
        return None
    return int.from_bytes(found[24:28]), int.from_bytes(found[40:44])


def _cookie(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA schema_version").fetchone()[0])


def _log_of(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


def _stamp(path: Path) -> _Stamp | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino

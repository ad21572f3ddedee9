"""Whether the database's files still lie where they were opened, and are the same. Of a file that was removed, replaced
or copied over, SQLite goes on writing into what nobody will find again, and says that it is stored."""

from __future__ import annotations

import os
import sqlite3
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Self

_SETTLED = 100_000_000  # nanoseconds: a folder's time has told of every change until then, however coarse its clock
# Bytes of the header from the change counter to the schema cookie, which has the last four
# (https://www.sqlite.org/fileformat2.html#the_database_header).
_COUNTER_AT, _COUNTER_TO_COOKIE = 24, 20
_Stamp = tuple[int, int]  # the disk, and the number of the file on it


class FileGone(sqlite3.OperationalError):
    """The database's file was removed, replaced or copied over while it was open."""


@dataclass(slots=True)
class FilesInPlace:
    path: Path
    database: _Stamp | None
    log: _Stamp | None  # what is committed and not yet in the database
    header: OpenedHeader | None = None
    _where: str = field(init=False)
    _folder: tuple[_Stamp, int] | None = field(default=None, init=False)  # and its time, when all was in place

    def __post_init__(self) -> None:
        self._where = str(self.path.parent)

    @classmethod
    def at(cls, path: Path, connection: sqlite3.Connection | None = None) -> Self:
        """`connection`: has the file open, and the header is watched too; `close` it when no connection has it."""
        header = None if connection is None else OpenedHeader.of(path, connection)
        return cls(path, _stamp(path), _stamp(_log_of(path)), header)

    def close(self) -> None:
        if self.header is not None:
            self.header.close()

    def require(self, connection: sqlite3.Connection | None = None) -> None:
        """Raises FileGone. Asked after each commit, so the folder alone is looked at while nothing in it has changed: a
        file that is removed or replaced changes its time. `connection`: where the header is watched, and in its thread.
        """
        if self.header is not None and connection is not None and not self.header.is_the_same(connection):
            raise self._gone()
        folder = self._look_at_folder()
        if folder is not None and folder == self._folder:
            return
        self._folder = None
        if _stamp(self.path) != self.database or _stamp(_log_of(self.path)) != self.log:
            raise self._gone()
        self._folder = folder

    def _gone(self) -> FileGone:
        return FileGone(
            f"the file {self.path.name} was removed, replaced or copied over while it was open: start Besyv again"
        )

    def _look_at_folder(self) -> tuple[_Stamp, int] | None:
        """None where it can't be told whether its time has told everything."""
        try:
            found = os.stat(self._where)  # less than Path.stat takes
        except OSError:
            return None
        changed, now = found.st_mtime_ns, time.time_ns()
        return ((found.st_dev, found.st_ino), changed) if changed + _SETTLED < now else None


@dataclass(slots=True)
class OpenedHeader:
    """What a file begins with. One that was copied over it begins otherwise: every copy that SQLite makes, by a backup
    or by VACUUM, has another schema cookie; and what was copied as a file earlier has a lower change counter, which is
    raised whenever the first page is written: by what makes the file larger, and by `count_on`."""

    _file: int  # kept open, see _Opened
    _cookies: set[bytes]
    _counter: int  # as it was seen last

    @classmethod
    def of(cls, path: Path, connection: sqlite3.Connection) -> Self:
        file = _Opened.take(path)
        counter, cookie = _header_in(file)
        return cls(file, {cookie, _cookie_of(connection)}, counter)

    def is_the_same(self, connection: sqlite3.Connection) -> bool:
        counter, cookie = _header_in(self._file)
        if cookie not in self._cookies:  # a new schema that has come from the log
            self._cookies.add(_cookie_of(connection))
        if cookie not in self._cookies or counter < self._counter:
            return False
        self._counter = counter
        return True

    def close(self) -> None:
        _Opened.give_back(self._file)


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


def count_on(connection: sqlite3.Connection) -> None:
    """In a transaction: raises the change counter, so that a copy of before is told from the file from the next
    checkpoint on. The first page is written, with what stands there."""
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    connection.execute(f"PRAGMA user_version = {version}")


def _header_in(file: int) -> tuple[int, bytes]:
    """Change counter and schema cookie; 0 and nothing where the file is too short."""
    found = os.pread(file, _COUNTER_TO_COOKIE, _COUNTER_AT)
    return int.from_bytes(found[:4]), found[16:]


def _cookie_of(connection: sqlite3.Connection) -> bytes:
    return int(connection.execute("PRAGMA schema_version").fetchone()[0]).to_bytes(4)


def _log_of(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


def _stamp(path: Path) -> _Stamp | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino

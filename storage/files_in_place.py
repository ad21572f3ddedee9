"""Whether the database's files still lie where they were opened. Of a file that was removed or replaced, SQLite goes on
writing into what nobody will find again, and says that it is stored."""

from __future__ import annotations

import os
import sqlite3
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

_SETTLED = 100_000_000  # nanoseconds: a folder's time has told of every change until then, however coarse its clock
_Stamp = tuple[int, int]  # the disk, and the number of the file on it


class FileGone(sqlite3.OperationalError):
    """The database's file was removed or replaced while it was open."""


@dataclass(slots=True)
class FilesInPlace:
    path: Path
    database: _Stamp | None
    log: _Stamp | None  # what is committed and not yet in the database
    _where: str = field(init=False)
    _folder: tuple[_Stamp, int] | None = field(default=None, init=False)  # and its time, when all was in place

    def __post_init__(self) -> None:
        self._where = str(self.path.parent)

    @classmethod
    def at(cls, path: Path) -> Self:
        return cls(path, _stamp(path), _stamp(_log_of(path)))

    def require(self) -> None:
        """Raises FileGone. Asked after each commit, so the folder alone is looked at while nothing in it has changed: a
        file that is removed or replaced changes its time."""
        folder = self._look_at_folder()
        if folder is not None and folder == self._folder:
            return
        self._folder = None
        if _stamp(self.path) != self.database or _stamp(_log_of(self.path)) != self.log:
            raise FileGone(f"the file {self.path.name} was removed or replaced while it was open: start Besyv again")
        self._folder = folder

    def _look_at_folder(self) -> tuple[_Stamp, int] | None:
        """None where it can't be told whether its time has told everything."""
        try:
            found = os.stat(self._where)  # less than Path.stat takes
        except OSError:
            return None
        changed, now = found.st_mtime_ns, time.time_ns()
        return ((found.st_dev, found.st_ino), changed) if changed + _SETTLED < now else None


def _log_of(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


def _stamp(path: Path) -> _Stamp | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino

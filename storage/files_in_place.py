"""Whether the database's files still lie where they were opened. Of a file that was removed or replaced, SQLite goes on
writing into what nobody will find again, and says that it is stored."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_Stamp = tuple[int, int]  # the disk, and the number of the file on it


class FileGone(sqlite3.OperationalError):
    """The database's file was removed or replaced while it was open."""


@dataclass(frozen=True, slots=True)
class FilesInPlace:
    path: Path
    database: _Stamp | None
    log: _Stamp | None  # what is committed and not yet in the database

    @classmethod
    def at(cls, path: Path) -> Self:
        return cls(path, _stamp(path), _stamp(_log_of(path)))

    def require(self) -> None:
        """Raises FileGone."""
        if _stamp(self.path) != self.database or _stamp(_log_of(self.path)) != self.log:
            raise FileGone(f"the file {self.path.name} was removed or replaced while it was open: start Besyv again")


def _log_of(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


def _stamp(path: Path) -> _Stamp | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino

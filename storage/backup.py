"""Backups: copies of the database, made beside whoever writes, and looked through before they count. The keys are never
in one, nor beside one.

A copy is made by `VACUUM INTO`: one snapshot, whole pages, nothing in free space, and no log beside it. It is called by
its moment. What is half done is called otherwise, and is no backup.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkstemp

from storage import heartbeats, in_use
from storage.db import AT_A_TERMINAL_SECONDS, connect
from storage.disk import sync, sync_folder

WHOLE, HALF = ".db", ".part"  # how the name of a copy ends, and until it is whole
ABANDONED = 3600  # seconds without a write, after which a half copy is nobody's
_NAME = re.compile(r"besyv-(\d{8}T\d{6}Z)(?:-\d+)?\.db")
_BEAT = "INSERT INTO heartbeats (name, at) VALUES (:name, :at) ON CONFLICT (name) DO UPDATE SET at = excluded.at"
_MOMENT = "%Y%m%dT%H%M%SZ"


class BackupError(Exception):
    """No backup could be made, or a file is none. One line, for the operator."""


@dataclass(frozen=True, slots=True)
class Backup:
    path: Path
    at: int  # everything that was stored by then is in it
    size: int  # bytes


def make(database: Path, folder: Path, keys: Sequence[Path], now: int) -> Backup:
    """A new backup in the folder, whole, looked through and on disk. `keys`: the files with the keys. Raises
    BackupError; then the folder is as it was."""
    require_folder(folder, keys)
    try:
        if not database.exists():
            raise BackupError(f"there is no database {database}")
        _sweep(folder, now)
        descriptor, name = mkstemp(prefix=f"besyv-{_named(now)}.", suffix=HALF, dir=folder)  # its owner's alone
        os.close(descriptor)
        half = Path(name)
        try:
            _copy(database, half, now)
            require_whole(half)
            made = _put_in_place(half, folder, now)
        finally:
            half.unlink(missing_ok=True)
    except in_use.InUse:
        raise BackupError(f"no backup in {folder}: {database.name} is being restored") from None
    except (sqlite3.Error, OSError) as error:
        raise BackupError(f"no backup in {folder}: {_told(error)}") from None
    return made


def require_folder(folder: Path, keys: Sequence[Path]) -> None:
    """Raises BackupError where nothing may be put."""
    if not folder.is_dir():
        raise BackupError(f"there is no folder {folder}")
    if holds_keys(folder, keys):
        raise BackupError(f"the keys lie in {folder}: take another folder, so that no copy holds both")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise BackupError(f"the folder {folder} can't be written to")


def holds_keys(folder: Path, keys: Sequence[Path]) -> bool:
    """Whether a copy of the folder holds some of the keys too."""
    return any(folder.resolve() in path.resolve().parents for path in keys)


def in_folder(folder: Path) -> list[Backup]:
    """The whole ones, the newest first. Raises OSError."""
    return sorted(_found(folder), key=lambda each: (each.at, each.path.name), reverse=True)


def counted(file: Path) -> tuple[int, int, int]:
    """People, answers, and times that somebody has sent."""
    with closing(_read_only(file)) as connection:
        people, given, sent = connection.execute(
            """SELECT (SELECT count(*) FROM people),
                      (SELECT count(*) FROM answers) + (SELECT count(*) FROM answers_apart),
                      (SELECT count(*) FROM runs WHERE sent_at IS NOT NULL)"""
        ).fetchone()
    return people, given, sent


def _read_only(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro&immutable=1", uri=True)


def newest(folder: Path, by: int) -> Backup | None:
    """Of those that had been made by then: one of a clock that was ahead says nothing about today. Raises OSError."""
    return next((each for each in in_folder(folder) if each.at <= by), None)


def _found(folder: Path) -> Iterator[Backup]:
    for path in folder.iterdir():
        name = _NAME.fullmatch(path.name)
        if name is not None and path.is_file():
            at = datetime.strptime(name[1], _MOMENT).replace(tzinfo=UTC)
            yield Backup(path, int(at.timestamp()), path.stat().st_size)


def _named(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime(_MOMENT)


# --- made -------------------------------------------------------------------------------------------------


def _copy(database: Path, half: Path, now: int) -> None:
    """Into a file that is empty."""
    with in_use.shared(database), closing(connect(database, AT_A_TERMINAL_SECONDS)) as connection:
        connection.execute("VACUUM INTO :half", {"half": str(half)})
    with closing(sqlite3.connect(half, isolation_level=None)) as copy:
        copy.execute(_BEAT, {"name": heartbeats.COPIED, "at": now})


def require_whole(file: Path) -> None:
    """Reads all of it. Raises BackupError where it is no database of Besyv's, or is damaged."""
    try:
        with closing(_read_only(file)) as connection:
            faults = [str(row[0]) for row in connection.execute("PRAGMA integrity_check (3)")]
            if faults != ["ok"]:
                raise BackupError(f"{file.name} is damaged: {faults[0].splitlines()[-1]}")
            lost = connection.execute("PRAGMA foreign_key_check").fetchone()
            if lost is not None:
                raise BackupError(f"{file.name} is damaged: a row of {lost[0]} refers to what is not in {lost[2]}")
            if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'processes'").fetchone() is None:
                raise BackupError(f"{file.name} is no database of Besyv")
    except sqlite3.DatabaseError as error:
        raise BackupError(f"{file.name} can't be read: {error}") from None


def _put_in_place(half: Path, folder: Path, now: int) -> Backup:
    sync(half)
    path, number = folder / f"besyv-{_named(now)}{WHOLE}", 1
    while path.exists():  # of the same second
        number += 1
        path = folder / f"besyv-{_named(now)}-{number}{WHOLE}"
    half.rename(path)
    sync_folder(folder)
    return Backup(path, now, path.stat().st_size)


def _told(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno is not None:
        return os.strerror(error.errno)
    return str(error)


def note(database: Path, name: str, at: int) -> None:
    """A heartbeat, noted by who has no keys. Raises sqlite3.Error."""
    with in_use.shared(database), closing(connect(database, AT_A_TERMINAL_SECONDS)) as connection:
        connection.execute(_BEAT, {"name": name, "at": at})


# --- removed ----------------------------------------------------------------------------------------------


def _sweep(folder: Path, now: int) -> None:
    """What was left half done by a process that was killed."""
    for left in folder.glob(f"besyv-*{HALF}*"):
        with suppress(FileNotFoundError):  # somebody else's, which is done
            if now - left.stat().st_mtime > ABANDONED:
                left.unlink()


def remove_older(folder: Path, before: int, made: Backup) -> None:
    """Those that were made before then, and never this one. Raises BackupError."""
    try:
        for each in in_folder(folder):
            if each.at < before and each.path != made.path:
                each.path.unlink(missing_ok=True)
    except OSError as error:
        raise BackupError(f"older backups in {folder} can't be removed: {_told(error)}") from None

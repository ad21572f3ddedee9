"""A backup opened beside the database, looked through, made safe to go on with, and put in the database's place."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.app.runtime import Runtime, open_keys, open_runtime
from bot.app.settings import Settings, SettingsError
from bot.features import EVENTS
from bot.features.backups import service
from bot.features.privacy import erasure
from bot.features.steps.reminders import enqueue_unfinished
from bot.flows import schedule
from bot.flows.schedule import DAY
from bot.outbox import forecast
from bot.outbox.reminders import UpcomingMessage, enqueue_due
from bot.process.host import ProcessHost
from storage import backup, heartbeats, in_use, key_check, outbox, restoring
from storage.backup import BackupError
from storage.db import Tx, connect, empty_log
from storage.disk import sync
from storage.encryption_errors import EncryptionError
from storage.outbox import WaitingMessages
from storage.restoring import Figures

AHEAD = 14 * DAY  # for which it is told what will be sent
_WORKED_ON = "besyv.db"  # in a folder of its own


class RestoreError(Exception):
    """A backup can't be used, or not now. One line, for the operator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What is in a backup, as it would be gone on with."""

    database: Path  # its copy, made safe
    version: int  # of the schema in the backup
    copied_at: int  # its moment
    figures: Figures
    unopened: tuple[str, ...]  # values that no key opens, a line each
    held: tuple[WaitingMessages, ...]  # they may have been sent since, and wait for the leader's word
    coming: tuple[UpcomingMessage, ...]  # what goes out by itself, the earliest first


@contextmanager
def beside(folder: Path) -> Iterator[Path]:
    """A folder there that only its owner can look into; gone afterwards. Raises RestoreError."""
    try:
        made = TemporaryDirectory(prefix=".besyv-restore-", dir=folder)
    except OSError as error:
        raise RestoreError(f"the folder {folder} can't be written to: {error.strerror}") from None
    with made as path:
        yield Path(path)


async def open_backup(settings: Settings, file: Path, folder: Path, now: int) -> Opened:
    """A copy of the backup in the folder, brought up to this Besyv's version and made safe. The backup itself stays as
    it is. Raises RestoreError."""
    copy = folder / _WORKED_ON
    try:
        version = await asyncio.to_thread(_unpack, file, copy)
        unopened = await asyncio.to_thread(_opened_by, settings, copy)
        async with _at(settings, copy) as runtime:
            return await runtime.database.write(
                lambda tx: _made_safe(tx, runtime.process_host, copy, version, unopened, now)
            )
    except (BackupError, EncryptionError, SettingsError) as error:
        raise RestoreError(str(error)) from None
    except (sqlite3.Error, OSError) as error:
        raise RestoreError(f"{file} can't be restored: {error}") from None


@asynccontextmanager
async def _at(settings: Settings, database: Path) -> AsyncIterator[Runtime]:
    async with open_runtime(settings.model_copy(update={"database": str(database)})) as runtime:
        yield runtime


def _unpack(file: Path, copy: Path) -> int:
    """The copy, whole; the version of its schema. What lies in a log beside the file belongs to it."""
    if not file.is_file():
        raise RestoreError(f"there is no file {file}")
    log = file.with_name(f"{file.name}-wal")
    for source, target in ((file, copy), (log, copy.with_name(f"{copy.name}-wal"))):
        if source.exists():
            os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            shutil.copyfile(source, target)
    try:
        with closing(connect(copy)) as connection:
            empty_log(connection)
            version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    except sqlite3.DatabaseError as error:
        raise RestoreError(f"{file} can't be read: {error}") from None
    try:
        backup.require_whole(copy)
    except BackupError as error:
        raise RestoreError(str(error).replace(copy.name, str(file), 1)) from None
    return version


def _opened_by(settings: Settings, copy: Path) -> tuple[str, ...]:
    """What the keys don't open. Raises RestoreError where they open nothing, or there are none."""
    if not settings.key_path.exists():
        raise RestoreError(
            f"BESYV_KEY_FILE: there is no {settings.key_file}: without its keys nobody can read a backup"
        )
    try:
        return tuple(key_check.unopened(copy, open_keys(settings.model_copy(update={"database": str(copy)}))))
    except SettingsError as error:
        raise RestoreError(str(error).replace(copy.name, "the backup")) from None


def _made_safe(tx: Tx, host: ProcessHost, copy: Path, version: int, unopened: tuple[str, ...], now: int) -> Opened:
    copied_at = restoring.moment(tx)
    copied_at = now if copied_at is None else copied_at
    make_safe(tx, host, copied_at, now)
    plans = host.plans(tx)
    coming = [each for plan in plans for each in forecast.coming(EVENTS, tx, plan, now, now + AHEAD)]
    waiting = [each for plan in plans for each in forecast.waiting(tx, plan, now)]
    return Opened(
        database=copy,
        version=version,
        copied_at=copied_at,
        figures=restoring.figures(tx),
        unopened=unopened,
        held=tuple(each for plan in plans for each in outbox.held(tx, plan.process_id)),
        coming=tuple(sorted((*waiting, *coming), key=lambda each: each.at)),
    )


def make_safe(tx: Tx, host: ProcessHost, copied_at: int, now: int) -> None:
    """What people, files and calendars hold from the time that is lost keeps its meaning or has none; and nothing that
    may have gone out since then goes out by itself."""
    restoring.count_on(tx, max(0, now - copied_at), now)
    restoring.end_sessions(tx, now)
    plans = host.plans(tx)
    erasure.drop_erased(tx, plans, now)  # who was erased since the backup stays so
    last = restoring.last_message(tx)
    for plan in plans:
        enqueue_due(EVENTS, tx, plan, now)
        enqueue_unfinished(tx, plan, schedule.next_sending_time(now, plan.hours))
    restoring.hold(tx, now, service.NEVER_HELD, after=last)
    for name in (heartbeats.RESTORED, heartbeats.LOOKED):
        heartbeats.beat(tx, name, now)
    heartbeats.stop(tx, heartbeats.BACKUP_LATE)
    service.tell_restored(tx, plans, copied_at, now)


# --- in its place -----------------------------------------------------------------------------------------


@contextmanager
def nobody_else(database: Path) -> Iterator[None]:
    """Raises RestoreError while something works with the database."""
    try:
        with in_use.alone(database):
            yield
    except in_use.InUse:
        raise RestoreError(f"{database} is in use: stop Besyv first, then restore, then start it again") from None


def put_in_place(opened: Opened, database: Path, now: int) -> list[Path]:
    """Puts the copy where the database was, whole or not at all; where that is a link, where it leads. What was there
    stays beside it under another name, its log too, which would be replayed over the copy otherwise. Returns those
    files. Raises RestoreError."""
    database = database.resolve()
    moment = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%SZ")
    left = []
    try:
        _settle_log(database)
        _like(database, opened.database)
        sync(opened.database)
        log, kept = database.with_name(f"{database.name}-wal"), database.with_name(f"{database.name}.before-{moment}")
        if log.exists():  # only of a damaged one
            left.append(log.rename(kept.with_name(f"{kept.name}-wal")))
        log.with_name(f"{database.name}-shm").unlink(missing_ok=True)
        if database.exists():
            left.append(_also_as(database, kept))
        opened.database.replace(database)
    except OSError as error:
        raise RestoreError(f"{database} could not be put in place, and is what it was: {error}") from None
    try:
        sync(database.parent)
    except OSError as error:
        raise RestoreError(
            f"{database} was put in place, but the folder can't be synced: it may be gone after a power cut: {error}"
        ) from None
    return left


def _also_as(database: Path, kept: Path) -> Path:
    """At no moment there is no database: an empty one would be made."""
    try:
        os.link(database, kept)
    except OSError:  # a file system without second names
        shutil.copy2(database, kept)
    return kept


def _settle_log(database: Path) -> None:
    """What its log holds goes into the database, if both can be read: a kill while the files are exchanged then leaves
    the database as it was."""
    if not database.exists():
        return
    try:
        with closing(connect(database)) as connection:
            empty_log(connection)
    except sqlite3.DatabaseError:  # it is damaged: kept as it is, with its log
        return


def _like(database: Path, copy: Path) -> None:
    """The copy belongs to whom the database does, if root restores it."""
    if os.geteuid() == 0:
        owner = (database if database.exists() else database.parent).stat()
        os.chown(copy, owner.st_uid, owner.st_gid)

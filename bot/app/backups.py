"""Backups by the clock, beside the running bot: in a thread and by a connection of their own."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from bot.app.runtime import Clock, Runtime
from bot.app.settings import Settings
from bot.features.backups import service
from bot.features.backups.service import BackupSchedule
from storage import backup, heartbeats
from storage.backup import Backup, BackupError
from storage.db import Tx
from storage.encryption_errors import EncryptionError

log = logging.getLogger(__name__)
LOOKS_EVERY = 60  # seconds
TRIES_EVERY = 600  # seconds, while none can be made


def backup_job(settings: Settings, runtime: Runtime, clock: Clock) -> BackupJob | None:
    """None where none are made by themselves."""
    if settings.backups is None:
        return None
    return BackupJob(runtime, settings.backups, settings.key_paths, clock)


@dataclass(slots=True)
class BackupJob:
    """What is there decides: one that was missed while we were off is made at the next look."""

    runtime: Runtime
    schedule: BackupSchedule
    keys: tuple[Path, ...]  # the files with them
    clock: Clock
    _again_at: float = 0.0

    async def look(self) -> None:
        """Makes the backup that is due. What goes wrong is told in the log, on /health, and to those who lead."""
        now = int(self.clock())
        if 0 <= self._again_at - now <= TRIES_EVERY:
            return
        try:
            made = await asyncio.to_thread(self._made_or_there, now)
            if made.at != await self.runtime.database.read(lambda tx: heartbeats.last(tx, heartbeats.BACKED_UP)):
                await self.runtime.database.write(lambda tx: service.note_made(tx, made.at))
        except BackupError as error:
            self._again_at = now + TRIES_EVERY
            log.error("backup error=%s retry_in=%d", error, TRIES_EVERY)
            await self._tell(now)
        except sqlite3.Error as error:
            log.error("backup database=%s", type(error).__name__)  # it is noted at the next look
        except asyncio.CancelledError:  # the bot stops; APScheduler would log it as a fault
            return

    async def _tell(self, now: int) -> None:
        def unit(tx: Tx) -> None:
            service.note_failed(tx, self.runtime.process_host.plans(tx), now)

        try:
            await self.runtime.database.write(unit)
        except sqlite3.Error as error:
            log.error("backup database=%s", type(error).__name__)  # told at the next try
        self.runtime.wake_sender.set()

    def _made_or_there(self, now: int) -> Backup:
        backup.require_folder(self.schedule.folder, self.keys)
        try:
            newest = backup.newest(self.schedule.folder, now)
        except OSError as error:
            raise BackupError(f"{self.schedule.folder}: {error.strerror}") from None
        if newest is not None and self.schedule.last_due(now) <= newest.at:
            return newest
        made = backup.make(self.runtime.database.path, self.schedule.folder, self.keys, now)
        log.info("backup file=%s bytes=%d", made.path.name, made.size)
        self._renew_copy_of_keys()
        try:
            backup.remove_older(self.schedule.folder, now - self.schedule.keep, made)
        except BackupError as error:
            log.error("backup older=%s", error)  # tried again after the next one
        return made

    def _renew_copy_of_keys(self) -> None:
        """So that no backup is newer than its keys. What fails is told by the key jobs, which try again."""
        try:
            self.runtime.database.keys.people.renew_copy()
        except (sqlite3.Error, EncryptionError, OSError) as error:
            log.error("keys copy=%s", error)

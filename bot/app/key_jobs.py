"""What is done about people's keys, before anybody is served and by the clock: who is erased is dropped from a database
that was copied before, keys of the erased are overwritten, the key store's copy is kept up, what an older Besyv sealed
is sealed for whom it is about.

All of it may run beside a bot that serves, and at once: rows go in transactions of the one writer, a key is overwritten
only after its row's deletion is committed, and overwriting it twice is overwriting it once. That is why a key marked as
erased beside a row that names it means a copy of before, and nothing else.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from contextlib import suppress

from bot.app.runtime import Clock, Runtime
from bot.features.privacy import erasure
from storage import inbox, key_erasure, key_watch, moving_to_keys
from storage.encryption_errors import EncryptionError

log = logging.getLogger(__name__)
AGAIN = 60  # seconds until it is tried again where it failed
_TROUBLE = (sqlite3.Error, EncryptionError, OSError)


class KeyJobs:
    def __init__(self, runtime: Runtime, clock: Clock) -> None:
        self._runtime = runtime
        self._database = runtime.database
        self._clock = clock
        self._not_before = 0.0

    async def finish_erasures(self) -> None:
        """Every second: nobody's key outlives them by more, unless key store or copy can't be written."""
        now = self._clock()
        if 0 <= self._not_before - now < AGAIN:
            return
        try:
            done = await key_erasure.finish(self._database, int(now))
        except _TROUBLE as error:
            self._not_before = now + AGAIN
            log.error("keys not_erased=%s", error)
            with suppress(sqlite3.Error):  # it is noted at the next try
                host = self._runtime.process_host
                await self._database.write(lambda tx: erasure.note_unfinished(tx, host.plans(tx), int(now)))
                self._runtime.wake_sender.set()
        except asyncio.CancelledError:  # the bot stops: done at the next start
            return
        else:
            if done:
                log.info("keys erased=%d", done)

    async def drop_erased(self) -> None:
        """A database that was copied before drops who has been erased since. Before anybody is served or written to;
        where that fails, at the next look."""
        now, host = int(self._clock()), self._runtime.process_host
        try:
            await self._database.write(lambda tx: erasure.drop_erased(tx, host.plans(tx), now))
            await self._database.write(inbox.drop_erased)
        except _TROUBLE as error:
            log.error("keys not_dropped=%s", error)

    async def look(self) -> None:
        """Counts the keys that are missing, and renews the copy where there are new ones. Drops who is erased, where
        the key store could not be asked before."""
        store = self._database.keys.people
        try:
            named = await self._database.read(key_watch.named)
            known = await asyncio.to_thread(store.ids)
            found = key_watch.compare(named, known)
            store.missing = found.number_missing
            if any(found.erased.values()):  # or somebody is erased just now, and nobody dropped
                await self.drop_erased()
            if store.missing:
                log.error("keys missing=%d", store.missing)
            if await asyncio.to_thread(store.copy_is_behind):
                await asyncio.to_thread(store.renew_copy)
        except _TROUBLE as error:
            log.error("keys copy=%s", error)
        except asyncio.CancelledError:
            return

    async def move(self) -> None:
        """Once: what an older Besyv sealed is sealed for whom it is about."""
        try:
            moved = await moving_to_keys.move(self._database)
        except _TROUBLE as error:
            log.error("keys not_moved=%s", error)
        except asyncio.CancelledError:
            return
        else:
            if moved.sealed or moved.damaged:
                log.info("keys moved=%d damaged=%d", moved.sealed, moved.damaged)

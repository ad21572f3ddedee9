"""Queues, one per person: what they send is handled in order, many people's at once, each update until it is settled.

An update is carried through by `handle`; what goes wrong is judged here. Not here: fetching, what an update means.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from bot.backoff import FIRST, back_off
from storage import inbox
from storage.db import Database
from storage.encryption_errors import KeyUnavailable
from storage.inbox import InboxUpdate

log = logging.getLogger(__name__)
MOST_ATTEMPTS = 3
MOST_WAITING = 5_000  # updates in memory; beyond that nothing more is fetched
Job = Callable[[], Awaitable[None]]
Spawn = Callable[[Coroutine[Any, Any, None]], object]


class Queues:
    """Takes updates that are committed to the inbox and sees each through.

    `handle` must commit an update's effects exactly once and send its reply; `lost` tells a person that an update
    of theirs was given up. Both may raise. `spawn` starts a task that outlives the call (a TaskGroup's create_task).
    `again`: seconds until what failed is tried once more, the first time.
    """

    def __init__(
        self,
        database: Database,
        handle: Callable[[InboxUpdate], Awaitable[None]],
        lost: Callable[[InboxUpdate], Awaitable[None]],
        spawn: Spawn,
        again: float = FIRST,
    ) -> None:
        self._database = database
        self._handle = handle
        self._lost = lost
        self._spawn = spawn
        self._again = again
        self._queues: dict[int, deque[Job]] = {}
        self._waiting = 0
        self._calm = asyncio.Event()
        self._calm.set()
        self._room = asyncio.Event()
        self._room.set()

    def put(self, update: InboxUpdate) -> None:
        self.put_job(update.chat, lambda: self._see_through(update))

    def put_job(self, key: int, job: Job) -> None:
        """Something to do for one person, in order with their updates."""
        self._waiting += 1
        self._calm.clear()
        if self._waiting >= MOST_WAITING:
            self._room.clear()
        queue = self._queues.get(key)
        if queue is not None:
            queue.append(job)
            return
        self._queues[key] = deque([job])
        self._spawn(self._run(key))

    async def room(self) -> None:
        """Waits until more may be taken in."""
        await self._room.wait()

    async def calm(self) -> None:
        """Waits until nothing is under way."""
        await self._calm.wait()

    async def _run(self, key: int) -> None:
        queue = self._queues[key]
        while queue:
            await _guarded(queue[0], self._again)
            queue.popleft()
            self._waiting -= 1
            if self._waiting < MOST_WAITING:
                self._room.set()
        del self._queues[key]
        if not self._queues:
            self._calm.set()

    async def _see_through(self, update: InboxUpdate) -> None:
        """Handles the update until it is settled or buried. Waits out database trouble however long it lasts, but gives
        up on a bug of ours after MOST_ATTEMPTS."""
        attempts = update.attempts
        for delay in back_off(self._again):
            try:
                await self._handle(update)
                return
            except (sqlite3.Error, KeyUnavailable) as error:  # a key that is lost waits for the operator
                log.error("inbox=%d database=%s retry_in=%.1f", update.seq, type(error).__name__, delay)
            except Exception as error:  # the one place where a failing update is logged and its person's place kept
                attempts += 1
                log.exception("inbox=%d attempt=%d fault=%s", update.seq, attempts, type(error).__name__)
                if await self._give_up(update, error, attempts):
                    return
            await asyncio.sleep(delay)

    async def _give_up(self, update: InboxUpdate, error: Exception, attempts: int) -> bool:
        """Counts the attempt; after the last one the update is buried, its person told, and the queue goes on."""
        last = attempts >= MOST_ATTEMPTS
        fault = type(error).__name__
        try:
            await self._database.write(
                lambda tx: inbox.bury(tx, update.seq, fault) if last else inbox.count_attempt(tx, update.seq)
            )
        except sqlite3.Error as trouble:
            log.error("inbox=%d database=%s", update.seq, type(trouble).__name__)
            return False
        if last:
            log.error("inbox=%d dead=%s", update.seq, fault)
            await _guarded(lambda: self._lost(update), self._again)
        return last


async def _guarded(job: Job, again: float) -> None:
    """One person's job never stops their queue, let alone the bot: the database is waited for, a fault is logged."""
    for delay in back_off(again):
        try:
            await job()
            return
        except sqlite3.Error as error:
            log.error("job database=%s retry_in=%.1f", type(error).__name__, delay)
            await asyncio.sleep(delay)
        except Exception as error:  # an update's own faults are dealt with before; this is all the rest
            log.exception("job fault=%s", type(error).__name__)
            return

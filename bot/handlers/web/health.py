"""/health: reports whether this process does its work, for containers and monitoring. Contains no personal data."""

from __future__ import annotations

import asyncio
import logging
import shutil
import sqlite3
from functools import partial
from typing import TypedDict

from starlette.requests import Request
from starlette.responses import JSONResponse

from bot.channels.web.context import WebContext
from bot.flows.schedule import DAY, HOUR
from bot.outbox import monitor
from storage import budgets, db, heartbeats, inbox, person_keys
from storage.db import Database, Tx

log = logging.getLogger(__name__)
KEPT = 1.0  # seconds for which a report is given out again
WITHIN = 4.0  # seconds, after which a look is told to hang: the Dockerfile's check waits for 5
LEAST_SPACE = 64_000_000  # bytes on the disk of the database: a journal, and what is written in a busy hour
OLDEST_UPDATE = 300  # seconds an update may wait
LONGEST_ERASURE = DAY  # for which the key of somebody erased may wait to be overwritten
SILENT = 300  # seconds without a sign of the poller


class HealthReport(TypedDict):
    """Ages in seconds; None where there is nothing to tell."""

    status: str  # ok, or what is wrong
    database: bool
    writable: bool
    migrations: bool
    free_bytes: int | None
    poller_age: int | None
    oldest_update_age: int | None
    overdue_messages: int  # due for over five minutes and not out; not those to many
    oldest_overdue_age: int | None
    keys_missing: int  # of people and responses, not in the key store
    oldest_erasure_age: int | None  # of keys that key store or copy could not overwrite
    backup_age: int | None  # since the last backup
    drill_age: int | None  # since one was restored for practice
    warnings: list[str]  # what somebody must see to, while the service works: backup, budget


_UNREADABLE = HealthReport(
    status="database",
    database=False,
    writable=False,
    migrations=False,
    free_bytes=None,
    poller_age=None,
    oldest_update_age=None,
    overdue_messages=0,
    oldest_overdue_age=None,
    keys_missing=0,
    oldest_erasure_age=None,
    backup_age=None,
    drill_age=None,
    warnings=[],
)


class Health:
    """One look for all who ask while it lasts, and within a second: a stranger who asks all the time costs no more than
    a monitor. Of a look that does not come back, as on a disk that hangs, that is told, and none is begun beside it."""

    def __init__(self, web: WebContext) -> None:
        self._web = web
        self._found = _UNREADABLE
        self._looked_at: float | None = None
        self._looking: asyncio.Future[HealthReport] | None = None
        self._began = 0.0  # by the loop's clock
        self._waits_for = ""  # the status where it comes no further
        self._is_told = False

    async def look(self, _: Request) -> JSONResponse:
        found = await self._shared()
        return JSONResponse(found, 200 if found["status"] == "ok" else 503)

    async def _shared(self) -> HealthReport:
        now, loop = self._web.clock(), asyncio.get_running_loop()
        if self._looking is None and self._looked_at is not None and 0 <= now - self._looked_at < KEPT:
            return self._found
        if self._looking is None:
            self._began, self._is_told = loop.time(), False
            self._looking = asyncio.ensure_future(self._look(now))  # noqa: TID251  # no group, for a stop does not wait for it
        looking = self._looking
        await asyncio.wait({looking}, timeout=max(0.0, self._began + WITHIN - loop.time()))
        return looking.result() if looking.done() else self._hangs()

    def _hangs(self) -> HealthReport:
        if not self._is_told:
            log.error("health hangs=%s", self._waits_for)
            self._is_told = True
        return {**_UNREADABLE, "status": self._waits_for}

    async def _look(self, now: float) -> HealthReport:
        try:
            self._found, self._looked_at = await self._looked(int(now)), now
        finally:
            self._looking = None
        return self._found

    async def _looked(self, now: int) -> HealthReport:
        database = self._web.database
        self._waits_for = "writing"
        wrong = await _not_written(database, now)
        self._waits_for = "database"
        free = await asyncio.to_thread(_free_bytes, database)
        try:
            await database.require_in_place()
            found = await database.read(partial(_read, self._web, now))
        except sqlite3.Error as error:
            log.error("health database=%s", type(error).__name__)
            return _UNREADABLE
        found["writable"], found["free_bytes"] = wrong is None, free
        if wrong is not None:
            log.error("health written=%s", wrong)
            found["database"] = False
            found["status"] = "writing"
        elif found["status"] == "ok" and free is not None and free < LEAST_SPACE:
            log.error("health free_bytes=%d", free)
            found["status"] = "space"
        return found


async def _not_written(database: Database, now: int) -> str | None:
    """Writes something, and returns the kind of error where it can't."""
    try:
        await database.write(partial(heartbeats.beat, name=heartbeats.WRITTEN, at=now))
    except sqlite3.Error as error:
        return type(error).__name__
    return None


def _free_bytes(database: Database) -> int | None:
    try:
        return shutil.disk_usage(database.path.resolve().parent).free
    except OSError:
        return None


def _read(web: WebContext, now: int, tx: Tx) -> HealthReport:
    beats, oldest = heartbeats.every(tx), inbox.oldest_unsettled(tx)
    fetched, backed_up, drilled = (
        beats.get(name) for name in (heartbeats.FETCHED, heartbeats.BACKED_UP, heartbeats.DRILLED)
    )
    current, plans = db.is_current(tx), web.context.process_host.plans
    waiting = person_keys.waiting_since(tx) if current else None
    overdue = [monitor.overdue(tx, plan, now) for plan in plans(tx)] if current else []
    is_backup_missing = web.backup_overdue is not None and web.backup_overdue(backed_up, now)
    health = HealthReport(
        status="ok",
        database=True,
        writable=True,
        migrations=current,
        free_bytes=None,
        poller_age=now - fetched if web.telegram_expected and fetched is not None else None,
        oldest_update_age=now - oldest if oldest is not None else None,
        overdue_messages=sum(each.late.messages for each in overdue),
        oldest_overdue_age=max((age for each in overdue if (age := each.age(now)) is not None), default=None),
        keys_missing=tx.keys.people.missing,
        oldest_erasure_age=now - waiting if waiting is not None else None,
        backup_age=now - backed_up if backed_up is not None else None,
        drill_age=now - drilled if drilled is not None else None,
        warnings=[
            *(["backup"] if is_backup_missing else []),
            *(["budget"] if current and budgets.exceeded_since(tx, now - HOUR, now) else []),
        ],
    )
    if not health["migrations"]:
        health["status"] = "migrations"
    elif _is_old(health["poller_age"], SILENT):
        health["status"] = "poller"
    elif _is_old(health["oldest_update_age"], OLDEST_UPDATE):
        health["status"] = "updates"
    elif any(each.is_trouble for each in overdue):  # much that goes out in its order is told as a number alone
        health["status"] = "outbox"
    elif health["keys_missing"]:
        health["status"] = "keys"
    elif _is_old(health["oldest_erasure_age"], LONGEST_ERASURE):
        health["status"] = "erasure"
    return health


def _is_old(age: int | None, most: int) -> bool:
    """What lies as far ahead was seen before the clock was put back, and not since."""
    return age is not None and abs(age) > most

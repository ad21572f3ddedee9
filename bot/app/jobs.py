"""What happens by the clock. APScheduler only wakes; what is due is decided by what stands in the tables."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from types import TracebackType

from apscheduler.executors.asyncio import AsyncIOExecutor
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.app.backups import LOOKS_EVERY as BACKUPS_LOOK_EVERY
from bot.app.backups import BackupJob
from bot.app.key_jobs import KeyJobs
from bot.app.runtime import Clock, Runtime
from bot.channels.web.context import NOTES_KEPT
from bot.features import EVENTS
from bot.features.coverage import snapshots
from bot.features.email_address import confirmation
from bot.features.invitations.service import FORGOTTEN, end_roles
from bot.features.privacy import clock as trust
from bot.features.privacy import retention
from bot.features.register.previews import PREVIEWS
from bot.features.steps.reminders import enqueue_unfinished
from bot.flows.schedule import DAY, HOUR, WEEK
from bot.outbox import monitor
from bot.outbox.reminders import enqueue_due, plan_anew
from bot.process.host import ProcessHost
from storage import (
    broadcasts,
    budgets,
    channel_codes,
    confirmation_mails,
    delays,
    inbox,
    invitations,
    outbox,
    page_notes,
    proof_links,
    proofs,
    question_drafts,
    register,
    reminders,
    sessions,
)
from storage.db import Tx

log = logging.getLogger(__name__)
TimedJob = Callable[[], Awaitable[None]]
TimedWork = Callable[[Tx, ProcessHost, int], int]  # returns how much was done
KEEP_SETTLED = WEEK  # Telegram repeats nothing older than a day
KEEP_IMPORTS = DAY  # for which a file waits for the leader's yes
KEEP_DRAFTS = WEEK  # for which a message to many, or a question, waits for the yes of who leads
KEEP_MESSAGES = 90 * DAY  # for which it is known what became of a message
MINUTE = 60  # seconds
LOOKS_EVERY = 20  # seconds between looks for what is due
KEYS_LOOKED_AT = 600  # seconds between looks for keys that are missing, and for what the key store's copy lacks
OVERWRITES_EVERY = 1  # second between tries to overwrite what was erased, while somebody is reading


async def by_the_clock(runtime: Runtime, clock: Clock, backups: BackupJob | None = None) -> AsyncIOScheduler:
    """APScheduler only wakes; what is due is decided by what stands in the tables. Who is erased is dropped first, so
    that a database that was copied before reminds nobody of them and lets nobody in as them. `backups`: None where none
    are made by themselves."""
    keys = KeyJobs(runtime, clock)
    await keys.drop_erased()
    scheduler = AsyncIOScheduler(timezone="UTC", executors={"default": StoppableExecutor()})

    def every(name: str, work: TimedWork, seconds: int) -> None:
        _now_and_again(scheduler, partial(_in_one_transaction, runtime, clock, name, work), seconds)

    every("plan", plan_everything_anew, DAY)
    every("enqueue", enqueue_everything, LOOKS_EVERY)
    every("publish", publish_everything, 5 * MINUTE)
    every("nudge", nudge_unfinished, 10 * MINUTE)
    every("tidy", tidy, HOUR)
    _again(scheduler, partial(_overwrite, runtime), OVERWRITES_EVERY)
    _again(scheduler, partial(_forget_previews, clock), LOOKS_EVERY)
    if backups is not None:
        _now_and_again(scheduler, backups.look, BACKUPS_LOOK_EVERY)
    scheduler.add_job(keys.move, misfire_grace_time=None)
    _now_and_again(scheduler, keys.look, KEYS_LOOKED_AT)
    _again(scheduler, keys.finish_erasures, OVERWRITES_EVERY)
    scheduler.start()
    _look_at_the_clock(ClockPutBack(scheduler), asyncio.get_running_loop())
    return scheduler


def _again(scheduler: AsyncIOScheduler, job: TimedJob, seconds: int) -> None:
    """At every interval; one that was missed, or that lasts longer than that, is not made up for."""
    scheduler.add_job(job, "interval", seconds=seconds, misfire_grace_time=None, coalesce=True, max_instances=1)


def _now_and_again(scheduler: AsyncIOScheduler, job: TimedJob, seconds: int) -> None:
    scheduler.add_job(job, misfire_grace_time=None)
    _again(scheduler, job, seconds)


async def _in_one_transaction(runtime: Runtime, clock: Clock, name: str, work: TimedWork) -> None:
    """Runs `work`, and wakes the sender afterwards."""
    now = int(clock())
    try:
        await runtime.database.read(runtime.process_host.plans)  # to parse one takes long: others may write
        done = await runtime.database.write(lambda tx: work(tx, runtime.process_host, now))
    except sqlite3.Error as error:
        log.error("%s database=%s", name, type(error).__name__)  # it is found due at the next look
        return
    except asyncio.CancelledError:  # the bot stops; APScheduler would log it as a fault
        return
    if done:
        log.info("%s done=%d", name, done)
    runtime.wake_sender.set()


async def _overwrite(runtime: Runtime) -> None:
    """What was erased is in no file any more, however long somebody reads a snapshot of before."""
    with suppress(asyncio.CancelledError):  # the bot stops: done then, or at the next start
        await runtime.database.overwrite_erased()


async def _forget_previews(clock: Clock) -> None:
    """What was looked through in a large file stays in memory no longer than somebody may say yes to it."""
    PREVIEWS.drop_old(int(clock()))


class StoppableExecutor(AsyncIOExecutor):  # type: ignore[misc]  # APScheduler is not typed
    """A job that was cancelled before it began has not failed: the bot stops, and finds it due at the next start."""

    def _run_job_error(self, job_id: str, exc: BaseException, traceback: TracebackType | None = None) -> None:
        if not isinstance(exc, asyncio.CancelledError):
            super()._run_job_error(job_id, exc, traceback)


class ClockPutBack:
    """APScheduler sleeps until a moment on the wall: after the clock was put back an hour, nothing would be looked at
    for an hour. Compared with a clock that only goes on, it is noticed."""

    def __init__(self, scheduler: AsyncIOScheduler, wall: Clock = time.time, steady: Clock = time.monotonic) -> None:
        self._scheduler = scheduler
        self._wall = wall
        self._steady = steady
        self._ahead = wall() - steady()

    @property
    def scheduler(self) -> AsyncIOScheduler:
        return self._scheduler

    def look(self) -> bool:
        """Has everything run now, where the clock was put back since the last look."""
        before, self._ahead = self._ahead, self._wall() - self._steady()
        seconds = before - self._ahead
        if seconds < LOOKS_EVERY:
            return False
        log.warning("clock put_back=%d", seconds)
        for job in self._scheduler.get_jobs():
            job.modify(next_run_time=datetime.fromtimestamp(self._wall(), UTC))
        return True


def _look_at_the_clock(put_back: ClockPutBack, loop: asyncio.AbstractEventLoop) -> None:
    """Every twenty seconds, for as long as the scheduler runs."""

    def look() -> None:
        if put_back.scheduler.running:
            put_back.look()
            loop.call_later(LOOKS_EVERY, look)

    loop.call_later(LOOKS_EVERY, look)


def plan_everything_anew(tx: Tx, process_host: ProcessHost, now: int) -> int:
    """Replans every process: this version of Besyv may define reminders the previous one did not. Returns how many were
    added."""
    added = 0
    for plan in process_host.plans(tx):
        known = {row.once for row in reminders.waiting(tx, plan.process_id)}
        plan_anew(EVENTS, tx, plan, now)
        added += len({row.once for row in reminders.waiting(tx, plan.process_id)} - known)
    return added


def enqueue_everything(tx: Tx, process_host: ProcessHost, now: int) -> int:
    """Enqueues what is due and checks for overdue messages. Returns how many messages were enqueued."""
    plans = process_host.plans(tx)
    trust.look(tx, plans, now)
    looked_at = monitor.note_look(tx, now)
    enqueued = sum(enqueue_due(EVENTS, tx, each, now) for each in plans)
    for each in plans:
        monitor.look(tx, each, now, looked_at)
    return enqueued


def publish_everything(tx: Tx, process_host: ProcessHost, now: int) -> int:
    """Publishes what the steering groups are shown, once a day. Returns for how many processes."""
    return sum(snapshots.refresh(tx, plan, now) for plan in process_host.plans(tx))


def nudge_unfinished(tx: Tx, process_host: ProcessHost, now: int) -> int:
    return sum(enqueue_unfinished(tx, plan, now) for plan in process_host.plans(tx))


def tidy(tx: Tx, process_host: ProcessHost, now: int) -> int:
    """Everything that is erased by itself, and nothing of it by a clock in doubt; how many people and answers."""
    plans = process_host.plans(tx)
    if not trust.look(tx, plans, now):
        return 0
    inbox.prune(tx, now - KEEP_SETTLED)
    channel_codes.prune(tx, now)
    sessions.prune(tx, now)
    proof_links.prune(tx, now)
    proofs.prune(
        tx,
        unused_since=now - sessions.UNUSED[True],
        proven_before=now - sessions.LONGEST[True],
        tried_before=now - HOUR,
        now=now,
    )
    invitations.prune_failures(tx, now - FORGOTTEN)
    register.prune_imports(tx, now - KEEP_IMPORTS)
    broadcasts.keep_outcome(tx, now - KEEP_MESSAGES)
    broadcasts.forget_drafts(tx, now - KEEP_DRAFTS)
    question_drafts.prune(tx, now - KEEP_DRAFTS)
    outbox.prune(tx, now - KEEP_MESSAGES)
    delays.prune(tx, now - KEEP_MESSAGES)
    budgets.prune(tx, now - DAY)
    page_notes.prune(tx, now - NOTES_KEPT)
    for plan in plans:
        end_roles(tx, plan.process_id, now)
    confirmation_mails.prune(tx, now - confirmation.REMEMBERED, now - confirmation.DECLINED)
    return sum(retention.forget_what_is_due(tx, plan, now) for plan in plans)

"""What the clock wakes, when the bot stops in that very moment."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

import pytest
from apscheduler.events import EVENT_JOB_SUBMITTED
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.app.jobs import StoppableExecutor


async def _woken(job: Callable[[], Awaitable[None]], *, begins: bool) -> None:
    """The clock wakes the job, and the executor is stopped before it begins, or afterwards."""
    executor, submitted = StoppableExecutor(), asyncio.Event()
    scheduler = AsyncIOScheduler(timezone="UTC", executors={"default": executor})
    scheduler.add_listener(lambda _: submitted.set(), EVENT_JOB_SUBMITTED)
    scheduler.add_job(job, misfire_grace_time=None)
    scheduler.start()
    if begins:
        await submitted.wait()
        await asyncio.sleep(0.01)
    else:
        scheduler.wakeup()  # submits what is due: its task begins in the loop's next round
        executor.shutdown()
    scheduler.shutdown(wait=False)
    await asyncio.sleep(0.01)


async def _fails() -> None:
    raise RuntimeError("a fault of ours")


async def _does_nothing() -> None: ...


async def test_a_job_that_is_cancelled_before_it_began_is_no_fault(caplog: pytest.LogCaptureFixture) -> None:
    await _woken(_does_nothing, begins=False)
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_a_job_that_fails_is_told(caplog: pytest.LogCaptureFixture) -> None:
    await _woken(_fails, begins=True)
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] != []

"""A clock that is put back by hours blinds nothing that is looked at again and again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.app.jobs import LOOKS_EVERY, ClockPutBack


async def _nothing() -> None: ...


async def test_what_is_looked_at_every_twenty_seconds_is_looked_at_when_the_clock_was_put_back() -> None:
    wall, steady = datetime.now(UTC).timestamp(), 5000.0
    scheduler = AsyncIOScheduler(timezone="UTC")
    scheduler.add_job(_nothing, "interval", seconds=LOOKS_EVERY)
    scheduler.start(paused=True)
    put_back = ClockPutBack(scheduler, lambda: wall, lambda: steady)
    wall, steady = wall + LOOKS_EVERY, steady + LOOKS_EVERY
    assert not put_back.look()
    wall, steady = wall - 7200 + LOOKS_EVERY, steady + LOOKS_EVERY
    [job] = scheduler.get_jobs()
    assert job.next_run_time - datetime.fromtimestamp(wall, UTC) > timedelta(hours=1)  # nobody would look for two hours
    assert put_back.look()
    [job] = scheduler.get_jobs()
    assert job.next_run_time == datetime.fromtimestamp(wall, UTC)
    assert not put_back.look()  # once
    scheduler.shutdown(wait=False)

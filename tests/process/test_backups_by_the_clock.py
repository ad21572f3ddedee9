"""Backups by the clock: made at their times and when one was missed; where none can be made, the log, /health and those
who lead are told."""

from __future__ import annotations

import asyncio
import json
import shutil
from datetime import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.app.backups import TRIES_EVERY, backup_job
from bot.features.backups.service import PATIENCE as TRIED
from bot.features.backups.service import BackupSchedule, seconds_of, times_of
from storage import backup, heartbeats
from storage.backup import Backup
from tests.support.chat import Found, Town
from tests.support.danish_time import local
from tests.support.patience import PATIENCE
from tests.support.people import comes_to, leads, seen
from tests.support.visitors import opened

DAY = 86400
TIMES = (time(3, 30), time(12))
SCHEDULE = BackupSchedule(Path("copies"), TIMES, 30 * DAY)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-03-04 03:29", "2026-03-03 12:00"),
        ("2026-03-04 03:30", "2026-03-04 03:30"),
        ("2026-03-04 11:59", "2026-03-04 03:30"),
        ("2026-03-04 23:59", "2026-03-04 12:00"),
        ("2026-03-29 04:00", "2026-03-29 03:30"),  # a day of 23 hours
        ("2026-10-25 03:40", "2026-10-25 03:30"),  # and of 25
    ],
)
def test_when_the_last_one_was_due(now: str, due: str) -> None:
    assert SCHEDULE.last_due(local(now)) == local(due)


@given(now=st.integers(local("2026-01-01 00:00"), local("2030-01-01 00:00")))
def test_a_backup_is_overdue_an_hour_after_it_was_due_and_not_before(now: int) -> None:
    due = SCHEDULE.last_due(now)
    assert 0 <= now - due <= DAY
    assert not SCHEDULE.is_overdue(due, now)
    assert SCHEDULE.is_overdue(due - 1, due + TRIED)
    assert not SCHEDULE.is_overdue(SCHEDULE.last_due(due - 1), due + TRIED - 1)
    assert SCHEDULE.is_overdue(None, now)


def test_how_spans_and_times_are_written() -> None:
    assert [seconds_of(each) for each in ("12h", "30d", "8w")] == [43200, 30 * DAY, 56 * DAY]
    assert times_of("12:00, 03:30,03:30") == TIMES
    for wrong in ("", "30", "0d", "d", "-1d", "30 d", "1y", "99999d"):
        with pytest.raises(ValueError, match="like 30d"):
            seconds_of(wrong)
    for wrong in ("", "25:00", "3.30", "03:30;12:00"):
        with pytest.raises(ValueError, match="like 03:30"):
            times_of(wrong)


# --- in a town --------------------------------------------------------------------------------------------


async def _health(town: Town) -> tuple[int, dict[str, Any]]:
    town.clock.now += 2
    async with opened(town).session.get(town.home + "/health") as response:
        return response.status, json.loads(await response.text())


async def _first(town: Town) -> Backup:
    """Made by the town's own job, at its start."""
    async with asyncio.timeout(PATIENCE):
        while not town.rows("SELECT 1 FROM heartbeats WHERE name = ?", heartbeats.BACKED_UP):  # noqa: ASYNC110  # in a thread
            await asyncio.sleep(0.01)
    [made] = backup.in_folder(_folder(town))
    return made


async def _looks(town: Town) -> None:
    job = backup_job(town._settings, town.runtime, town.clock)
    assert job is not None
    await job.look()


def _folder(town: Town) -> Path:
    return town.folder / "copies"


async def test_one_that_was_missed_is_made_at_the_start_and_the_next_at_its_time(found: Found) -> None:
    async with found(channel="web", backups=True) as town:
        first = await _first(town)
        assert first.at == int(town.clock.now)
        await _looks(town)
        assert len(backup.in_folder(_folder(town))) == 1
        status, told = await _health(town)
        assert (status, told["warnings"], told["backup_age"]) == (200, [], 2)
        town.clock.now = local("2026-03-04 03:31")
        await _looks(town)
        assert [each.at for each in backup.in_folder(_folder(town))] == [local("2026-03-04 03:31"), first.at]
        town.clock.now += 40 * DAY
        await _looks(town)
        assert [each.at for each in backup.in_folder(_folder(town))] == [int(town.clock.now)]


def _forgive(town: Town) -> None:
    """The town allows no errors in its log; those were meant."""
    town.log.seek(0)
    town.log.truncate()


async def test_where_none_can_be_made_all_who_must_know_are_told_once_and_when_it_is_over(found: Found) -> None:
    async with found(backups=True, pages=True) as town:
        town.clock.now = local("2026-03-04 09:30")
        lea = await leads(town)
        await _first(town)
        shutil.rmtree(_folder(town))
        for _ in range(3):
            await _looks(town)
            town.clock.now += TRIES_EVERY
        await town._beats("fetched")
        status, told = await _health(town)
        assert (status, told["status"], told["warnings"]) == (200, "ok", ["backup"])
        assert told["backup_age"] > 14 * 3600
        town.log.seek(0)
        assert f"backup error=there is no folder {_folder(town)} retry_in=600" in town.log.read()
        assert "Der mangler en sikkerhedskopi" not in seen(lea)
        for _ in range(4):
            town.clock.now += 1800
            await _looks(town)
        await comes_to(town, int(town.clock.now) + 60)
        words = seen(lea)
        assert words.count("Der mangler en sikkerhedskopi") == 1
        assert "Den seneste sikkerhedskopi er fra tirsdag den 3. marts 2026 kl. 19.00." in words
        _folder(town).mkdir()
        await _looks(town)
        assert (await _health(town))[1]["warnings"] == []
        assert town.rows("SELECT 1 FROM heartbeats WHERE name = ?", heartbeats.BACKUP_LATE) == []
        _forgive(town)


async def test_a_clock_that_was_put_back_keeps_none_from_being_made(found: Found) -> None:
    async with found(channel="web", backups=True) as town:
        await _first(town)
        town.clock.now += 400 * DAY
        await _looks(town)
        town.clock.now -= 400 * DAY
        for _ in range(3):
            await _looks(town)
            town.clock.now += 60
        assert len(backup.in_folder(_folder(town))) == 2  # one was made at the start, and is not made again

"""The hours at which one may write to people, and the week of the overview. Danish time."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.flows import schedule


def local(text: str) -> int:
    return schedule.to_utc(datetime.fromisoformat(text))


def shown(at: int) -> str:
    return f"{schedule.to_local(at):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("at", "decent"),
    [
        # Tuesday
        ("2026-03-03 00:00", "2026-03-03 09:00"),
        ("2026-03-03 08:59", "2026-03-03 09:00"),
        ("2026-03-03 09:00", "2026-03-03 09:00"),
        ("2026-03-03 19:59", "2026-03-03 19:59"),
        ("2026-03-03 20:00", "2026-03-04 09:00"),
        # Friday evening, Saturday, Sunday
        ("2026-03-06 20:00", "2026-03-07 10:00"),
        ("2026-03-07 09:30", "2026-03-07 10:00"),
        ("2026-03-07 17:59", "2026-03-07 17:59"),
        ("2026-03-07 18:00", "2026-03-09 09:00"),
        ("2026-03-08 12:00", "2026-03-09 09:00"),
        # Easter 2026: from Wednesday evening to Saturday, from there to Tuesday
        ("2026-04-01 20:00", "2026-04-04 10:00"),
        ("2026-04-04 18:00", "2026-04-07 09:00"),
        ("2026-04-06 12:00", "2026-04-07 09:00"),
        # Easter 2027, into summer time
        ("2027-03-24 20:00", "2027-03-27 10:00"),
        ("2027-03-27 18:00", "2027-03-30 09:00"),
        # single days: Ascension, Whit Monday; the prayer day of before 2024 is a Friday like others
        ("2026-05-14 12:00", "2026-05-15 09:00"),
        ("2026-05-25 12:00", "2026-05-26 09:00"),
        ("2026-05-01 12:00", "2026-05-02 10:00"),
        ("2027-04-23 12:00", "2027-04-23 12:00"),
        ("2027-05-06 12:00", "2027-05-07 09:00"),
        ("2027-05-17 12:00", "2027-05-18 09:00"),
        # days on which most are off
        ("2026-06-05 12:00", "2026-06-06 10:00"),
        # Christmas: from Wednesday the 23rd to Monday the 28th, and over New Year
        ("2026-12-23 20:00", "2026-12-28 09:00"),
        ("2026-12-30 20:00", "2027-01-02 10:00"),
        ("2027-12-23 20:00", "2027-12-27 09:00"),
        # the nights in which the clock is changed lie before a Sunday
        ("2026-03-28 18:00", "2026-03-30 09:00"),
        ("2026-10-24 18:00", "2026-10-26 09:00"),
        ("2027-03-28 02:30", "2027-03-30 09:00"),
        ("2027-10-31 02:30", "2027-11-01 09:00"),
    ],
)
def test_one_writes_to_people_in_decent_hours_alone(at: str, decent: str) -> None:
    assert shown(schedule.decent(local(at))) == decent


WHEN = st.integers(
    min_value=int(datetime(2025, 12, 1, tzinfo=UTC).timestamp()),
    max_value=int(datetime(2028, 2, 1, tzinfo=UTC).timestamp()),
)


@given(WHEN)
@example(local("2026-10-25 02:30"))
@example(local("2026-10-25 02:30") - 3600)
@example(local("2026-03-29 03:00") - 1)
def test_a_decent_moment_is_the_next_there_is(at: int) -> None:
    decent = schedule.decent(at)
    assert at <= decent == schedule.decent(decent)
    wall = schedule.to_local(decent)
    assert wall.weekday() != 6
    assert time(9) <= wall.time() < time(20)
    if decent > at:  # nothing between them would have been decent
        quarters = range(at, decent, 900)
        assert all(schedule.decent(between) == decent for between in quarters)


@given(WHEN, st.integers(1, 7), st.integers(0, 23))
def test_a_weekday_and_hour_lie_in_the_same_week(at: int, weekday: int, hour: int) -> None:
    found = schedule.in_week_of(at, weekday, hour)
    wall = schedule.to_local(found)
    assert schedule.week_of(found) == schedule.week_of(at)
    assert wall.isoweekday() == weekday
    assert wall.hour in (hour, hour + 1)  # an hour that is skipped in March moves on
    assert abs(schedule.to_local(at) - wall) < timedelta(days=7)


def test_a_week_belongs_to_the_year_that_has_most_of_it() -> None:
    days = ("2026-12-28 09:00", "2027-01-03 23:59", "2027-01-04 00:00")
    assert [schedule.week_of(local(day)) for day in days] == [(2026, 53), (2026, 53), (2027, 1)]

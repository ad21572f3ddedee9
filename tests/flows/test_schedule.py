"""The hours at which one may write to people, and the week of the overview. Danish time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.flows import schedule
from bot.flows.schedule import DEFAULT_SENDING_HOURS, HOUR, SendingHours
from tests.support.danish_time import local
from tests.support.opening_hours import HOURS, is_open, moments
from tests.support.sizes import examples


def shown(at: int) -> str:
    return f"{schedule.to_local(at):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("at", "next_time"),
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
def test_one_writes_to_people_in_sending_hours_alone(at: str, next_time: str) -> None:
    assert shown(schedule.next_sending_time(local(at))) == next_time


# --- by an account of the days that is not the library's -----------------------------------------------------


WHEN = moments(datetime(2025, 12, 1, tzinfo=UTC), datetime(2030, 12, 31, tzinfo=UTC))


@settings(max_examples=examples(500), deadline=None)
@given(WHEN, HOURS)
@example(local("2026-10-25 02:30"), DEFAULT_SENDING_HOURS)
@example(local("2026-10-25 02:30") - HOUR, DEFAULT_SENDING_HOURS)
@example(local("2026-03-29 03:00") - 1, DEFAULT_SENDING_HOURS)
def test_a_sending_time_is_the_next_there_is(at: int, hours: SendingHours) -> None:
    next_time = schedule.next_sending_time(at, hours)
    assert at <= next_time == schedule.next_sending_time(next_time, hours)
    assert is_open(next_time, hours)
    assert not any(is_open(between, hours) for between in range(at, next_time, 900))
    assert next_time == at or not is_open(next_time - 1, hours)


@settings(max_examples=examples(500), deadline=None)
@given(WHEN, HOURS)
def test_the_last_sending_hour_is_the_last_there_is(before: int, hours: SendingHours) -> None:
    found = schedule.last_sending_time(before, hours)
    if found is None:
        assert not any(is_open(at, hours) for at in range(before - 900, before - 30 * 24 * HOUR, -900))
        return
    assert found < before
    assert is_open(found, hours)
    assert not any(is_open(at, hours) for at in range(found + HOUR, before, 900))
    begins_there = not is_open(found - 1, hours)
    assert begins_there or all(is_open(at, hours) for at in range(found, found + HOUR, 300))


# --- hours that a process changes ---------------------------------------------------------------------------

NOON_TO_FOUR = (time(12), time(16))
SUNDAYS = SendingHours(sunday=NOON_TO_FOUR)
NIGHTS = SendingHours(sunday=(time(1), time(2, 30)), saturday=None)
LATE_NIGHTS = SendingHours(sunday=(time(2, 30), time(5)), saturday=None)
SKIPPED = SendingHours(sunday=(time(2, 15), time(2, 45)), saturday=None)


@pytest.mark.parametrize(
    ("hours", "at", "next_time"),
    [
        # Sundays from 12 to 16, and so Good Friday and Christmas Eve
        (SUNDAYS, "2026-03-07 18:00", "2026-03-08 12:00"),
        (SUNDAYS, "2026-03-08 15:59", "2026-03-08 15:59"),
        (SUNDAYS, "2026-03-08 16:00", "2026-03-09 09:00"),
        (SUNDAYS, "2026-04-03 09:00", "2026-04-03 12:00"),
        (SUNDAYS, "2026-12-24 16:00", "2026-12-25 12:00"),
        # no Saturdays
        (SendingHours(saturday=None), "2026-03-06 20:00", "2026-03-09 09:00"),
        # shorter days
        (SendingHours(weekdays=(time(10, 30), time(15))), "2026-03-03 09:00", "2026-03-03 10:30"),
        (SendingHours(weekdays=(time(10, 30), time(15))), "2026-03-03 15:00", "2026-03-04 10:30"),
        # days on which the town hall is closed, also where Sundays are not
        (SendingHours(closed=frozenset({date(2026, 5, 15)})), "2026-05-13 20:00", "2026-05-16 10:00"),
        (
            SendingHours(sunday=NOON_TO_FOUR, closed=frozenset({date(2026, 3, 8)})),
            "2026-03-07 18:00",
            "2026-03-09 09:00",
        ),
        # a span that ends before it begins, or where it begins, is never open
        (SendingHours(saturday=(time(18), time(10))), "2026-03-07 12:00", "2026-03-09 09:00"),
        (SendingHours(saturday=(time(12), time(12))), "2026-03-07 12:00", "2026-03-09 09:00"),
        # a limit in the hour that comes twice, or is skipped, is read so that the span is the shorter
        (LATE_NIGHTS, "2026-10-25 01:59", "2026-10-25 02:30"),
        (LATE_NIGHTS, "2026-03-29 01:59", "2026-03-29 03:30"),
        (NIGHTS, "2026-10-25 02:00", "2026-10-26 09:00"),
        (NIGHTS, "2026-03-29 01:00", "2026-03-29 01:00"),
        (NIGHTS, "2026-03-29 03:00", "2026-03-30 09:00"),
        (SKIPPED, "2026-03-29 01:00", "2026-03-30 09:00"),
        (SKIPPED, "2026-10-25 01:00", "2026-10-26 09:00"),
    ],
)
def test_a_process_may_change_the_sending_hours(hours: SendingHours, at: str, next_time: str) -> None:
    assert shown(schedule.next_sending_time(local(at), hours)) == next_time


def test_an_hour_that_comes_twice_is_open_the_second_time_alone() -> None:
    second = local("2026-10-25 02:30")
    assert (
        schedule.next_sending_time(second - HOUR, LATE_NIGHTS)
        == second
        == schedule.next_sending_time(second, LATE_NIGHTS)
    )


FROM_MARCH = [date(2026, 3, 3) + timedelta(days=days) for days in range(401)]


@pytest.mark.parametrize(
    "hours",
    [
        SendingHours(weekdays=None, saturday=None),
        SendingHours(weekdays=(time(20), time(9)), saturday=(time(10), time(10))),
        SendingHours(closed=frozenset(FROM_MARCH)),
    ],
)
def test_hours_at_which_nobody_may_be_written_to_are_a_mistake(hours: SendingHours) -> None:
    with pytest.raises(ValueError, match="nobody may be written to in the 400 days from 2026-03-03"):
        schedule.next_sending_time(local("2026-03-03 12:00"), hours)


def test_a_day_that_is_four_hundred_days_away_is_still_found() -> None:
    hours = SendingHours(closed=frozenset(FROM_MARCH[:-1]))
    assert shown(schedule.next_sending_time(local("2026-03-03 12:00"), hours)) == "2027-04-07 09:00"


@pytest.mark.parametrize(
    ("hours", "before", "last"),
    [
        # within a span, and at its end: an hour before, but no earlier than it begins
        (DEFAULT_SENDING_HOURS, "2026-03-03 12:00", "2026-03-03 11:00"),
        (DEFAULT_SENDING_HOURS, "2026-03-03 20:00", "2026-03-03 19:00"),
        (DEFAULT_SENDING_HOURS, "2026-03-03 10:00", "2026-03-03 09:00"),
        (DEFAULT_SENDING_HOURS, "2026-03-03 09:20", "2026-03-03 09:00"),
        # where it begins, and before: the evening before
        (DEFAULT_SENDING_HOURS, "2026-03-03 09:00", "2026-03-02 19:00"),
        (DEFAULT_SENDING_HOURS, "2026-03-03 00:00", "2026-03-02 19:00"),
        (DEFAULT_SENDING_HOURS, "2026-03-03 23:59", "2026-03-03 19:00"),
        # over a Sunday, Easter, Christmas
        (DEFAULT_SENDING_HOURS, "2026-03-07 10:00", "2026-03-06 19:00"),
        (DEFAULT_SENDING_HOURS, "2026-03-08 14:00", "2026-03-07 17:00"),
        (DEFAULT_SENDING_HOURS, "2026-03-09 08:00", "2026-03-07 17:00"),
        (DEFAULT_SENDING_HOURS, "2026-04-04 09:00", "2026-04-01 19:00"),
        (DEFAULT_SENDING_HOURS, "2026-04-07 09:00", "2026-04-04 17:00"),
        (DEFAULT_SENDING_HOURS, "2026-12-28 08:00", "2026-12-23 19:00"),
        # in and after the hour that is skipped, or comes twice
        (DEFAULT_SENDING_HOURS, "2026-03-29 03:30", "2026-03-28 17:00"),
        (DEFAULT_SENDING_HOURS, "2026-10-25 02:30", "2026-10-24 17:00"),
        # a span shorter than an hour
        (SendingHours(weekdays=(time(9), time(9, 30))), "2026-03-03 12:00", "2026-03-03 09:00"),
        (SUNDAYS, "2026-03-09 08:00", "2026-03-08 15:00"),
        # thirty days back, and no further
        (SendingHours(closed=frozenset(FROM_MARCH[1:30])), "2026-04-02 08:00", "2026-03-03 19:00"),
        (SendingHours(closed=frozenset(FROM_MARCH[:31])), "2026-04-02 20:00", None),
        (SendingHours(weekdays=None, saturday=None), "2026-03-03 12:00", None),
    ],
)
def test_the_last_sending_hour_before_a_moment(hours: SendingHours, before: str, last: str | None) -> None:
    found = schedule.last_sending_time(local(before), hours)
    assert (None if found is None else shown(found)) == last


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

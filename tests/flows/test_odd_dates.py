"""Dates of a step that somebody might not have thought of. They are allowed all the same."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.flows import odd_dates, schedule
from bot.flows.odd_dates import OddDate
from tests.support.danish_time import local
from tests.support.sizes import examples

LONG_AGO = 0


def found(opens: str | None, closes: str | None, *, hearing: bool = False, now: int = LONG_AGO) -> list[str]:
    begins, ends = (None if at is None else local(at) for at in (opens, closes))
    return [f"{each.where} {each.why}" for each in odd_dates.of_step(begins, ends, now, hearing=hearing)]


@pytest.mark.parametrize(
    ("opens", "closes", "expected"),
    [
        ("2026-03-03 08:00", "2026-05-29 16:00", []),
        (None, None, []),
        ("2026-03-01 08:00", None, ["opens sunday"]),
        (None, "2026-05-31 16:00", ["closes sunday"]),
        (None, "2026-06-05 16:00", ["closes holiday"]),  # Constitution Day
        (None, "2026-05-14 12:00", ["closes holiday"]),  # Ascension
        (None, "2026-05-15 12:00", ["closes bridge"]),
        ("2026-02-09 08:00", "2026-02-22 12:00", ["opens winter", "closes sunday", "closes winter"]),
        (None, "2026-04-01 12:00", ["closes easter"]),
        ("2026-07-01 08:00", "2026-08-07 12:00", ["opens summer", "closes summer"]),
        (None, "2026-10-14 12:00", ["closes autumn"]),
        (None, "2026-12-23 12:00", ["closes christmas"]),
        # nights
        ("2026-03-03 03:00", None, ["opens night"]),
        ("2026-03-03 06:59", None, ["opens night"]),
        ("2026-03-03 07:00", None, []),
        ("2026-03-03 22:00", None, ["opens night"]),
        ("2026-03-03 00:00", None, []),  # the beginning of a day
        (None, "2026-03-04 00:00", []),  # the end of an evening
        (None, "2026-03-03 23:59", []),
        (None, "2026-03-04 00:01", ["closes night"]),
        (None, "2026-03-04 06:59", ["closes night"]),
        (None, "2026-03-04 07:00", []),
        # midnight belongs to the evening before
        (None, "2026-03-09 00:00", ["closes sunday"]),
        (None, "2026-03-08 00:00", []),
        (None, "2026-06-06 00:00", ["closes holiday"]),
        (None, "2026-02-23 00:00", ["closes sunday", "closes winter"]),
    ],
)
def test_days_and_hours_at_which_few_answer(opens: str | None, closes: str | None, expected: list[str]) -> None:
    assert found(opens, closes) == expected


@pytest.mark.parametrize(
    ("opens", "closes", "expected"),
    [
        ("2026-08-17 08:00", "2026-10-09 12:00", []),
        ("2026-03-09 08:00", "2026-03-23 08:00", []),
        ("2026-03-09 08:00", "2026-03-23 07:59", ["span short"]),
        ("2026-03-10 00:00", "2026-03-24 00:00", []),
        # the night on which the clock is changed is an hour shorter, the days are as many
        ("2026-03-23 08:00", "2026-04-07 08:00", ["span easter"]),
        ("2026-01-12 08:00", "2026-03-06 12:00", ["span winter"]),
        ("2026-06-08 08:00", "2026-08-14 12:00", ["span summer"]),
        ("2026-09-21 08:00", "2026-11-02 12:00", ["span autumn"]),
        ("2026-12-01 08:00", "2027-01-15 12:00", ["span christmas"]),
        ("2026-09-21 08:00", "2026-10-14 12:00", ["closes autumn"]),  # said already
        (
            "2025-11-03 08:00",
            "2026-12-11 12:00",
            [f"span {e}" for e in odd_dates.ACROSS],
        ),
        (None, "2026-03-09 12:00", []),
    ],
)
def test_a_hearing_is_long_enough_and_across_no_holidays(opens: str | None, closes: str, expected: list[str]) -> None:
    assert sorted(found(opens, closes, hearing=True)) == sorted(expected)
    assert not any(each.startswith("span") for each in found(opens, closes))


def test_what_has_passed_is_not_spoken_of() -> None:
    sunday = "2026-03-01 08:00"
    assert found(sunday, "2026-03-08 12:00", now=local(sunday)) == ["closes sunday"]
    assert found(sunday, "2026-03-08 12:00", hearing=True, now=local("2026-03-08 12:01")) == []
    assert found(sunday, "2026-03-08 12:00", hearing=True, now=local("2026-03-08 12:00")) == ["span short"]


DAYS = st.dates(date(2026, 1, 1), date(2035, 12, 31))


@settings(max_examples=examples(200))
@given(DAYS, st.integers(0, 24 * 60), st.integers(1, 120))
def test_a_deadline_is_judged_by_the_day_it_is_told_as(day: date, minutes: int, lasts: int) -> None:
    """Moved to a minute before midnight, only the hour can be another."""
    closes = datetime(day.year, day.month, day.day) + timedelta(minutes=minutes)
    told_as = (closes - timedelta(microseconds=1)).date()
    late = datetime(told_as.year, told_as.month, told_as.day, 23, 59)

    def days(at: datetime) -> list[OddDate]:
        opens = schedule.to_utc(at.replace(hour=12, minute=0)) - lasts * 86400
        listed = odd_dates.of_step(opens, schedule.to_utc(at), LONG_AGO, hearing=False)
        return [each for each in listed if each.where == "closes" and each.why != "night"]

    assert days(closes) == days(late)

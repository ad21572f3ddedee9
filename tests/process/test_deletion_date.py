"""The deletion date: refused in the past, and where what is planned would leave less than thirty days before it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.flows.yamltext import Faulty
from bot.process import plan
from bot.process.loading import parse_file
from tests.support.danish_time import local
from tests.support.sizes import examples

FILE = """\
process: proeve
municipality: {{name: "Prøve Kommune"}}
policy: {{da: "frivilligpolitik", en: "volunteering policy"}}
contacts: {{email: "f@proeve.example", phone: "20 30 40 50", dpo: "d@proeve.example", supplier: "Prøve Drift"}}
deletion_date: {deleted}
steps:
  - {{flow: plan, opens: "2026-01-05 08:00", closes: "2026-03-31 12:00"}}
  - {{flow: borger{times}}}
"""
MEETING = """\
meetings:
  - {{key: sidste, title: "Det sidste møde", place: "Rådhuset", {times}}}
"""
NOW = local("2026-03-03 19:00")


def faults(deleted: str, times: str = "", meeting: str = "", *, now: int | None = NOW) -> list[str]:
    text = FILE.format(deleted=deleted, times=times and f", {times}")
    text += MEETING.format(times=meeting) if meeting else ""
    try:
        parse_file(text, "proeve.yaml", now)
    except Faulty as faulty:
        return list(faulty.faults)
    return []


def too_soon(what: str, first: str) -> list[str]:
    return [
        f"proeve.yaml:5: deletion_date: {what}, and 30 days must be left after that to take out what people said;"
        f" {first} is the first day that will do"
    ]


@pytest.mark.parametrize(
    ("deleted", "times", "meeting", "expected"),
    [
        ("2026-05-01", "", "", []),
        ("2026-04-30", "", "", too_soon("plan closes 2026-03-31 12:00", "2026-05-01")),
        ("2026-07-01", 'closes: "2026-06-01 00:00"', "", []),
        ("2026-06-30", 'closes: "2026-06-01 00:00"', "", too_soon("borger closes 2026-06-01 00:00", "2026-07-01")),
        ("2026-07-01", 'closes: "2026-06-01 00:01"', "", too_soon("borger closes 2026-06-01 00:01", "2026-07-02")),
        ("2026-07-01", 'opens: "2026-06-02 08:00"', "", too_soon("borger opens 2026-06-02 08:00", "2026-07-03")),
        ("2026-08-01", "", 'starts: "2026-07-01 21:00"', []),
        ("2026-07-31", "", 'starts: "2026-07-01 21:00"', too_soon("sidste ends 2026-07-01 23:00", "2026-08-01")),
        # two hours, over midnight; and one that is cancelled keeps nobody
        ("2026-08-01", "", 'starts: "2026-07-01 23:00"', too_soon("sidste ends 2026-07-02 01:00", "2026-08-02")),
        ("2026-05-01", "", 'starts: "2026-07-01 21:00", cancelled: true', []),
    ],
)
def test_thirty_days_are_left_after_what_is_planned_last(
    deleted: str, times: str, meeting: str, expected: list[str]
) -> None:
    assert faults(deleted, times, meeting) == expected


PASSED = ["proeve.yaml:5: deletion_date: {day} has passed: everybody would be deleted at once"]


@pytest.mark.parametrize(
    ("now", "passed"),
    [("2026-04-30 23:59:59", False), ("2026-05-01 00:00:00", True), ("2027-01-01 12:00:00", True)],
)
def test_a_day_that_has_come_is_refused(now: str, passed: bool) -> None:
    expected = [line.format(day="2026-05-01") for line in PASSED] if passed else []
    assert faults("2026-05-01", now=local(now)) == expected


DAYS = st.dates(date(2026, 4, 1), date(2030, 12, 31))


@settings(max_examples=examples(200), deadline=None)
@given(DAYS, st.integers(0, 24 * 60), st.integers(-70, 5))
def test_by_the_clock_on_the_wall(deleted: date, minutes: int, days: int) -> None:
    day = deleted + timedelta(days=days)
    closes = datetime(day.year, day.month, day.day) + timedelta(minutes=minutes)
    if closes < datetime(2026, 4, 1):
        return
    wrong = faults(f"{deleted}", f'closes: "{closes:%Y-%m-%d %H:%M}"', now=None)
    assert bool(wrong) is (closes + timedelta(days=30) > datetime(deleted.year, deleted.month, deleted.day))
    if wrong:  # the day that is named will do, and the one before it will not
        first = plan.first_deletion(local(f"{closes:%Y-%m-%d %H:%M}"))
        assert f"{first} is the first day" in wrong[0]
        assert faults(f"{first}", f'closes: "{closes:%Y-%m-%d %H:%M}"', now=None) == []
        assert faults(f"{first - timedelta(days=1)}", f'closes: "{closes:%Y-%m-%d %H:%M}"', now=None) != []

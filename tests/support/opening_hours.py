"""Hours at which one may write, made up, and the same question answered from a clock on the wall."""

from __future__ import annotations

from datetime import date, datetime, time

from hypothesis import strategies as st

from bot.flows import schedule
from bot.flows.schedule import DEFAULT_SENDING_HOURS, HOUR, SendingHours, Span

EASTER = {2025: (4, 20), 2026: (4, 5), 2027: (3, 28), 2028: (4, 16), 2029: (4, 1), 2030: (4, 21), 2031: (4, 13)}
AFTER_EASTER = (-3, -2, 0, 1, 39, 49, 50)  # Maundy Thursday to Whit Monday
FIXED = ((1, 1), (5, 1), (6, 5), (12, 24), (12, 25), (12, 26), (12, 31))
CLOCK_CHANGES = (date(2026, 3, 29), date(2026, 10, 25), date(2027, 3, 28), date(2027, 10, 31))


def as_sunday(day: date) -> bool:
    easter = date(day.year, *EASTER[day.year])
    return day.weekday() == 6 or (day.month, day.day) in FIXED or (day - easter).days in AFTER_EASTER


def is_open(at: int, hours: SendingHours) -> bool:
    """What one would answer who looks at the clock on the wall and at the hours on the door."""
    wall = schedule.to_local(at)
    day = wall.date()
    span = hours.sunday if as_sunday(day) else hours.saturday if day.weekday() == 5 else hours.weekdays
    return day not in hours.closed and span is not None and span[0] <= wall.time() < span[1]


def moments(first: datetime, last: datetime) -> st.SearchStrategy[int]:
    """UTC seconds: any, full hours, and those around the changes of the clock."""
    lowest, highest = int(first.timestamp()), int(last.timestamp())
    changes = [schedule.start_of(day) for day in CLOCK_CHANGES]
    around = st.builds(int.__add__, st.sampled_from(changes), st.integers(-2 * 96, 2 * 96).map(lambda n: n * 900))
    full = st.integers(lowest // HOUR, highest // HOUR).map(lambda n: n * HOUR)
    return st.one_of(st.integers(lowest, highest), full, around)


# Limits between 2 and 3 are left to a table: on two nights of the year they are no one moment.
LIMITS = st.sampled_from([time(n // 4, n % 4 * 15) for n in range(96) if n // 4 != 2] + [time(23, 59)])
SPANS: st.SearchStrategy[Span | None] = st.none() | st.tuples(LIMITS, LIMITS)
DAYS = st.dates(date(2026, 1, 1), date(2030, 12, 31)) | st.sampled_from(CLOCK_CHANGES)

HOURS = st.just(DEFAULT_SENDING_HOURS) | st.builds(
    SendingHours,
    weekdays=st.tuples(st.sampled_from([time(0), time(6), time(9), time(11, 30)]), st.just(time(20))),  # one is open
    saturday=SPANS,
    sunday=SPANS,
    closed=st.frozensets(DAYS, max_size=3),
)

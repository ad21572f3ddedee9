"""Pure time arithmetic: local times of the municipality and UTC seconds."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

COPENHAGEN = ZoneInfo("Europe/Copenhagen")


def to_utc(local: datetime) -> int:
    """UTC seconds of a Danish wall-clock time.

    An hour that comes twice (the last Sunday of October) means its second coming, so that a deadline is never
    earlier than it says. An hour that is skipped (the last Sunday of March) moves on by the hour.
    """
    return int(local.replace(tzinfo=COPENHAGEN, fold=1 if _comes_twice(local) else 0).astimezone(UTC).timestamp())


def to_local(at: int) -> datetime:
    """What the clock on a Danish wall shows."""
    return datetime.fromtimestamp(at, COPENHAGEN).replace(tzinfo=None)


def start_of(day: date) -> int:
    """UTC seconds of midnight, Danish time, at the beginning of the day."""
    return to_utc(datetime.combine(day, time()))


def _comes_twice(local: datetime) -> bool:
    first, second = (local.replace(tzinfo=COPENHAGEN, fold=fold).utcoffset() for fold in (0, 1))
    return first is not None and second is not None and first > second


# --- hours at which one may write to people ---------------------------------------------------------------

_WEEKDAYS, _SATURDAY = (time(9), time(20)), (time(10), time(18))


def decent(at: int) -> int:
    """The moment itself, or the next at which one may write: Monday to Friday from 9 to 20, Saturday from 10 to 18,
    never on Sundays, public holidays, and the days on which most are off (Christmas Eve, 5 June); Danish time."""
    local = to_local(at)
    hours = _hours(local.date())
    if hours is not None and hours[0] <= local.time() < hours[1]:
        return at
    if hours is not None and local.time() < hours[0]:
        return to_utc(datetime.combine(local.date(), hours[0]))
    day = local.date() + timedelta(days=1)
    while (hours := _hours(day)) is None:
        day += timedelta(days=1)
    return to_utc(datetime.combine(day, hours[0]))


def _hours(day: date) -> tuple[time, time] | None:
    if day.weekday() == 6 or day in _holidays(day.year):
        return None
    return _SATURDAY if day.weekday() == 5 else _WEEKDAYS


@cache
def _holidays(year: int) -> frozenset[date]:
    from holidays import country_holidays  # noqa: PLC0415  # takes its time, and is needed a few times a year

    return frozenset(country_holidays("DK", years=year, categories=("public", "optional")))


def week_of(at: int) -> tuple[int, int]:
    """Year and number of the ISO week, Danish time."""
    year, week, _ = datetime.fromtimestamp(at, COPENHAGEN).isocalendar()
    return year, week


def in_week_of(at: int, weekday: int, hour: int) -> int:
    """UTC seconds of a weekday (1 is Monday) and full hour in the same ISO week, Danish time."""
    local = datetime.fromtimestamp(at, COPENHAGEN).date()
    day = local + timedelta(days=weekday - local.isoweekday())
    return to_utc(datetime.combine(day, time(hour)))

"""Pure time arithmetic: local times of the municipality and UTC seconds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
HOUR = 3600  # seconds; by the clock on the wall a day may be an hour longer or shorter
DAY = 24 * HOUR
WEEK = 7 * DAY


def to_utc(local: datetime) -> int:
    """UTC seconds of a Danish wall-clock time.

    An hour that comes twice (the last Sunday of October) means its second coming, so that a deadline is never
    earlier than it says. An hour that is skipped (the last Sunday of March) moves on by the hour.
    """
    return max(_readings(local))


def to_local(at: int) -> datetime:
    """What the clock on a Danish wall shows."""
    return datetime.fromtimestamp(at, COPENHAGEN).replace(tzinfo=None)


def start_of(day: date) -> int:
    """UTC seconds of midnight, Danish time, at the beginning of the day."""
    return to_utc(datetime.combine(day, time()))


def _readings(local: datetime) -> tuple[int, int]:
    """UTC seconds by summer and by winter time, an hour apart where the clock is changed; else the same twice."""
    first, second = (int(local.replace(tzinfo=COPENHAGEN, fold=fold).timestamp()) for fold in (0, 1))
    return first, second


# --- sending hours ----------------------------------------------------------------------------------------

Span = tuple[time, time]  # from, and up to; one that ends before it begins is never open


@dataclass(frozen=True, slots=True)
class SendingHours:
    """When one may write to people, by the clock on a Danish wall. None: not at all that day."""

    weekdays: Span | None = (time(9), time(20))
    saturday: Span | None = (time(10), time(18))
    sunday: Span | None = None  # also public holidays, and the days on which most are off (1 May, 24 December)
    closed: frozenset[date] = frozenset()  # days on which nobody is written to, besides those


DEFAULT_SENDING_HOURS = SendingHours()
_AHEAD, _BACK = 400, 30  # days that are looked through for an open one


def next_sending_time(at: int, hours: SendingHours = DEFAULT_SENDING_HOURS) -> int:
    """The moment itself, or the next at which one may write; UTC seconds.

    ValueError if that is more than 400 days away: such hours are a mistake.
    """
    today = to_local(at).date()
    for day in (today + timedelta(days=days) for days in range(_AHEAD + 1)):
        if (span := _open(day, hours)) is not None and at < span[1]:
            return max(at, span[0])
    raise ValueError(f"nobody may be written to in the {_AHEAD} days from {today}")


def last_sending_time(before: int, hours: SendingHours = DEFAULT_SENDING_HOURS) -> int | None:
    """Where the last open hour before a moment begins, or the last open span if it is shorter; UTC seconds.

    None if nothing was open in the 30 days before.
    """
    today = to_local(before).date()
    for day in (today - timedelta(days=days) for days in range(_BACK + 1)):
        if (span := _open(day, hours)) is not None and span[0] < before:
            return max(span[0], min(span[1], before) - HOUR)
    return None


def _open(day: date, hours: SendingHours) -> tuple[int, int] | None:
    """UTC seconds from which and up to which one may write that day.

    A limit within an hour that comes twice, or is skipped, is read so that the span is the shorter.
    """
    span = _span(day, hours)
    if span is None:
        return None
    begins, ends = (_readings(datetime.combine(day, limit)) for limit in span)
    return (max(begins), min(ends)) if max(begins) < min(ends) else None


def _span(day: date, hours: SendingHours) -> Span | None:
    if day in hours.closed:
        return None
    if day.weekday() == 6 or is_holiday(day):
        return hours.sunday
    return hours.saturday if day.weekday() == 5 else hours.weekdays


def is_holiday(day: date) -> bool:
    """A public holiday, or a day on which most are off (1 May, 5 June, 24 and 31 December)."""
    return day in _holidays(day.year)


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

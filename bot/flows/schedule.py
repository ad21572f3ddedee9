"""Pure time arithmetic: local times of the municipality and UTC seconds."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

COPENHAGEN = ZoneInfo("Europe/Copenhagen")


def to_utc(local: datetime) -> int:
    """UTC seconds of a Danish wall-clock time.

    An hour that comes twice (the last Sunday of October) means its second coming, so that a deadline is never
    earlier than it says. An hour that is skipped (the last Sunday of March) moves on by the hour.
    """
    return int(local.replace(tzinfo=COPENHAGEN, fold=1 if _comes_twice(local) else 0).astimezone(UTC).timestamp())


def start_of(day: date) -> int:
    """UTC seconds of midnight, Danish time, at the beginning of the day."""
    return to_utc(datetime.combine(day, time()))


def _comes_twice(local: datetime) -> bool:
    first, second = (local.replace(tzinfo=COPENHAGEN, fold=fold).utcoffset() for fold in (0, 1))
    return first is not None and second is not None and first > second

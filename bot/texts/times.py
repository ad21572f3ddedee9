"""A day and a clock time as people write them, in Danish or English. Not here: how we write them (bot.texts)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import cache

from babel.dates import get_day_names, get_month_names

_LOCALES = ("da_DK", "en_GB")

_TIME = re.compile(
    r"(?P<day>.+?)(?:,|\s|(?<=\d)t(?=\d))\s*(?:(?:kl|klokken|at)\b\.?\s*)?(?P<hour>\d{1,2})(?:[.:](?P<minute>\d\d))?"
)

_MIDNIGHT = re.compile(r"(?P<day>.+?),?\s+(?:ved midnat|at midnight)")  # the evening's, which ends the day

_RELATIVE = {"i dag": 0, "today": 0, "i morgen": 1, "tomorrow": 1}


def read(text: str, today: datetime) -> datetime | None:
    """`3.3.2026 kl. 19.00`, `tirsdag den 3. marts kl. 19`, `2026-03-03 19:00`, `i morgen kl. 12`, `i dag ved midnat`:
    by the clock on the wall. Without a year it is the next time that day comes. None for anything else, and for a day
    without a time."""
    plain = " ".join(text.casefold().split()).rstrip(".!")
    if (evening := _MIDNIGHT.fullmatch(plain)) is not None:
        day = _day(evening["day"], today)
        return None if day is None else day + timedelta(days=1)
    found = _TIME.fullmatch(plain)
    if found is None:
        return None
    hour, minute = int(found["hour"]), int(found["minute"] or 0)
    day = _day(found["day"].strip(" ,"), today)
    if day is None or hour > 24 or minute > 59 or (hour == 24 and minute):
        return None
    return day + timedelta(hours=hour, minutes=minute)


_CLOCK = re.compile(r"(?:(?:til|until|to)\s+)?(?:(?:kl|klokken|at)\b\.?\s*)?(?P<hour>\d{1,2})(?:[.:](?P<minute>\d\d))?")

_LENGTH = re.compile(
    r"(?P<number>\d{1,3}(?:[.,]\d)?|en|et|one|halvanden)\s*(?P<unit>t|timer?|h|hours?|min|minut(?:ter)?|minutes?)\b\.?"
)

_WORDS = {"en": 1.0, "et": 1.0, "one": 1.0, "halvanden": 1.5}
_LONGEST_IN_HOURS = 6  # a number alone up to this is a length, a larger one the clock


def until(text: str, begins: datetime) -> datetime | None:
    """When something ends that begins then: `kl. 21.00`, `til 21`, `2 timer`, `1,5 time`, `90 minutter`, or a day and a
    time. By the clock on the wall, perhaps before it begins. None for anything else."""
    plain = " ".join(text.casefold().split()).rstrip("!")
    if (found := _LENGTH.fullmatch(plain)) is not None:
        number = _WORDS.get(found["number"]) or float(found["number"].replace(",", "."))
        return begins + (timedelta(minutes=number) if found["unit"].startswith("m") else timedelta(hours=number))
    if (found := _CLOCK.fullmatch(plain.rstrip("."))) is None:
        return read(text, begins)
    hour, minute = int(found["hour"]), int(found["minute"] or 0)
    if plain == found["hour"] and 1 <= hour <= _LONGEST_IN_HOURS:
        return begins + timedelta(hours=hour)
    if hour > 24 or minute > 59 or (hour == 24 and minute):
        return None
    return begins.replace(hour=0, minute=0, second=0) + timedelta(hours=hour, minutes=minute)


def _day(text: str, today: datetime) -> datetime | None:
    midnight = today.replace(hour=0, minute=0, second=0, microsecond=0)
    if text in _RELATIVE:
        return midnight + timedelta(days=_RELATIVE[text])
    match [part for part in re.findall(r"[^\W\d_]+|\d+", text) if part not in _beside()]:
        case (year, month, day) if len(year) == 4:
            return _date(year, month, day)
        case (day, month, year) if len(year) == 4:
            return _date(year, month, day)
        case (day, month):
            this_year, next_year = (_date(str(today.year + years), month, day) for years in (0, 1))
            return this_year if this_year is None or this_year >= midnight else next_year
        case _:
            return None


def _date(year: str, month: str, day: str) -> datetime | None:
    number = int(month) if month.isdecimal() else _month(month)
    try:
        return datetime(int(year), number, int(day)) if 2000 <= int(year) < 2200 else None
    except ValueError:
        return None


def _month(name: str) -> int:
    """0 for what is no month. Three letters will do."""
    return next((number for full, number in _months() if len(name) >= 3 and full.startswith(name)), 0)


@cache
def _months() -> tuple[tuple[str, int], ...]:
    named = [get_month_names("wide", locale=locale) for locale in _LOCALES]
    return tuple((str(name).casefold(), int(number)) for names in named for number, name in names.items())


@cache
def _beside() -> frozenset[str]:
    """What stands beside a date and says nothing more."""
    days = {str(day).casefold() for locale in _LOCALES for day in get_day_names("wide", locale=locale).values()}
    return frozenset({"den", "d", "på", "the", "on", "of", "st", "nd", "rd", "th", *days})

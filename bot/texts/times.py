"""A day and a clock time as people write them, in Danish or English. Not here: how we write them (bot.texts)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Literal

from babel.dates import get_day_names, get_month_names

from bot.flows import schedule, typed

_LOCALES = ("da_DK", "en_GB")


@dataclass(frozen=True, slots=True)
class Doubt:
    """A moment that can't be meant as it was written: its day is not the weekday that stands there, or the clocks are
    put forward over it. Who wrote it is asked."""

    about: Literal["weekday", "skipped"]
    moment: datetime


@dataclass(frozen=True, slots=True)
class Period:
    """From when, and until when where that was told."""

    begins: datetime
    ends: datetime | None = None


# --- a moment ---------------------------------------------------------------------------------------------

_AT = r"(?:(?:(?:fra|from) )?(?:kl|klokken|at)\b\.?\s*|(?:fra|from) )"
_CLOCK = r"(?P<{0}hour>\d{{1,2}})(?:[.:,](?P<{0}minute>\d\d)(?::00)?)?(?:\s*(?P<{0}half>am|pm))?"
_RUN_TOGETHER = r"(?P<{0}hour>\d{{1,2}})(?P<{0}minute>\d\d)"  # kl. 1930, where it is said to be a clock time
_UNTIL = rf"(?:\s*(?:-|–|til|to|until)\s*(?:{_AT})?{_CLOCK.format('to_')})?"
_OF_THE_DAY = "aften(?:en)?|eftermiddag(?:en)?|formiddag(?:en)?|evening|afternoon"
_PART = rf"(?:\s+(?:om |in the )?(?P<part>{_OF_THE_DAY}|morgenen|morning))?"

_DAY_FIRST = tuple(
    re.compile(rf"(?P<day>.+?)(?:,|\s|(?<=\d)t(?=\d))\s*{clock}{_UNTIL}{_PART}")
    for clock in (f"(?:{_AT})?{_CLOCK.format('')}", _AT + _RUN_TOGETHER.format(""))
)
_CLOCK_FIRST = tuple(
    re.compile(rf"{_AT}{clock}{_UNTIL}{_PART},?\s+(?P<day>\D*\d.*|\D+)")
    for clock in (_CLOCK.format(""), _RUN_TOGETHER.format(""))
)

_TODAY = ("i dag", "i formiddag", "i eftermiddag", "i aften", "today", "this evening", "tonight")
_RELATIVE = dict.fromkeys(_TODAY, 0) | dict.fromkeys(("i morgen", "tomorrow"), 1)
_RELATIVE |= dict.fromkeys(("i overmorgen", "overmorgen", "the day after tomorrow"), 2)
_LATE = ("aften", "eftermiddag", "evening", "afternoon", "tonight")  # when seven is nineteen
_MORNING = 4  # o'clock
_EARLY = ("formiddag", "morning", "morgenen")

_MIDNIGHT = re.compile(r",?\s(?:ved midnat|at midnight)$")  # the evening's, which ends the day


def read(text: str, today: datetime) -> datetime | Doubt | None:
    """`3/3-27 kl. 19`, `tirsdag den 3. marts kl. 19`, `kl. 19.30 d. 3.3.2026`, `2026-03-03 19:00`, `i morgen kl. 12`,
    `torsdag kl. 19`, `i dag ved midnat`: by the clock on the wall. Without a year it is the next time that day comes.
    None for anything else, for a day without a time, and for what may be one of two days («tirsdag» on a Tuesday)."""
    found = period(text, today)
    return found if not isinstance(found, Period) else found.begins if found.ends is None else None


def period(text: str, today: datetime) -> Period | Doubt | None:
    """The same, perhaps with its end: `3/3-27 kl. 19-21`."""
    plain = " ".join(typed.seen(text).casefold().replace("a.m", "am").replace("p.m", "pm").split()).rstrip(".!?")
    plain = _MIDNIGHT.sub(" kl. 24", plain)
    for pattern in (*_CLOCK_FIRST, *_DAY_FIRST):
        found = pattern.fullmatch(plain)
        read_as = None if found is None else _span(found, today)
        if read_as is not None:
            return read_as
    return None


def _span(found: re.Match[str], today: datetime) -> Period | Doubt | None:
    told, part = _parted(found["day"].strip(" ,"))
    day = _day(told, today)
    hours = _hours(found, "", found["part"] or part)
    if day is None or hours is None:
        return None
    begins = day.midnight + hours
    if day.said_weekday is not None and day.said_weekday != day.midnight.weekday():
        return Doubt("weekday", begins)
    if schedule.is_skipped(begins):
        return Doubt("skipped", begins)
    if found["to_hour"] is None:
        return Period(begins)
    until = _hours(found, "to_", found["part"] or part)
    return None if until is None or until <= hours else Period(begins, day.midnight + until)


def _hours(found: re.Match[str], which: Literal["", "to_"], part: str) -> timedelta | None:
    """Since midnight. «7 om aftenen» is nineteen."""
    parts = found.groupdict()
    hour, minute, half = int(parts[f"{which}hour"]), int(parts[f"{which}minute"] or 0), parts.get(f"{which}half")
    if half is not None and not 1 <= hour <= 12:
        return None
    if half is not None:
        hour = hour % 12 + (12 if half == "pm" else 0)
    elif part.startswith(_LATE) and 1 <= hour < 12:
        hour += 12
    elif part.startswith(_EARLY) and hour > 12:
        return None
    if hour > 24 or minute > 59 or (hour == 24 and minute):
        return None
    return timedelta(hours=hour, minutes=minute)


_IN_A_DAY = re.compile(rf"(?:\b(?:om )?|\bin the )\b({_OF_THE_DAY})\b")


def _parted(day: str) -> tuple[str, str]:
    """`tirsdag aften den 3. marts` → the day, and which part of it."""
    if day in _RELATIVE:
        return day, day.removeprefix("i ").removeprefix("this ")
    found = _IN_A_DAY.search(day)
    return (day, "") if found is None else (" ".join(_IN_A_DAY.sub(" ", day).split()), found[1])


# --- a day ------------------------------------------------------------------------------------------------

_PAST = dict.fromkeys(("i dag", "today"), 0) | dict.fromkeys(("i går", "yesterday"), 1)
_PAST |= dict.fromkeys(("i forgårs", "forgårs", "the day before yesterday"), 2)


def coming_day(text: str, today: datetime) -> datetime | Doubt | None:
    """The midnight with which a day begins that is to come, as `read` reads the day of a moment. None for anything
    else."""
    return _told_day(_day(_plain(text), today))


def past_day(text: str, today: datetime) -> datetime | Doubt | None:
    """The same, of a day that has been: `5.3.`, `torsdag den 5. marts 2026`, `i går`, `i torsdags`. Without a year it
    is the last time that day came. With one, or as `i morgen`, it may be a day to come. None for anything else."""
    plain = _plain(text)
    midnight = today.replace(hour=0, minute=0, second=0, microsecond=0)
    if plain in _PAST:
        return midnight - timedelta(days=_PAST[plain])
    if plain in _RELATIVE:
        return _told_day(_day(plain, today))
    words = [word for word in plain.split() if word not in _BESIDE | {"sidste", "last"}]
    weekday = _weekday(words[0].removesuffix("s")) if len(words) == 1 else None
    if weekday is not None:
        ago = (midnight.weekday() - weekday) % 7
        return midnight - timedelta(days=ago) if ago else None  # on that weekday nobody knows which one is meant
    a_year_ago = _a_year_before(midnight) + timedelta(days=1)
    return _told_day(_day(plain, a_year_ago)) if any(char.isdecimal() for char in plain) else None


def _plain(text: str) -> str:
    return " ".join(typed.seen(text).casefold().split()).rstrip(".!?")


def _a_year_before(midnight: datetime) -> datetime:
    try:
        return midnight.replace(year=midnight.year - 1)
    except ValueError:  # the 29th of February
        return midnight.replace(year=midnight.year - 1, day=28)


def _told_day(found: _Day | None) -> datetime | Doubt | None:
    if found is None:
        return None
    if found.said_weekday is not None and found.said_weekday != found.midnight.weekday():
        return Doubt("weekday", found.midnight)
    return found.midnight


@dataclass(frozen=True, slots=True)
class _Day:
    midnight: datetime
    said_weekday: int | None = None  # 0 is Monday


def _day(text: str, today: datetime) -> _Day | None:
    midnight = today.replace(hour=0, minute=0, second=0, microsecond=0)
    if text in _RELATIVE:  # in the small hours nobody knows which day is tomorrow
        return _Day(midnight + timedelta(days=_RELATIVE[text])) if today.hour >= _MORNING else None
    words = [part for part in re.findall(r"[^\W\d_]+|\d+", text) if part not in _BESIDE]
    said = [weekday for word in words if (weekday := _weekday(word)) is not None]
    if len(said) > 1:
        return None
    weekday = said[0] if said else None
    match [word for word in words if _weekday(word) is None]:
        case []:
            return None if weekday is None else _next(weekday, midnight)
        case ("uge" | "week", week) if weekday is not None:
            return _in_week(int(week), weekday, midnight) if week.isdecimal() else None
        case (year, month, day) if len(year) == 4:
            dated = _date(year, month, day)
        case (day, month, year) if len(year) == 4:
            dated = _date(year, month, day)
        case (day, month, year) if len(year) == 2 and year.isdecimal():
            dated = _date(f"20{year}", month, day)
        case (day, month):
            this_year, next_year = (_date(str(today.year + years), month, day) for years in (0, 1))
            dated = this_year if this_year is None or this_year >= midnight else next_year
        case _:
            return None
    return None if dated is None else _Day(dated, weekday)


def _next(weekday: int, midnight: datetime) -> _Day | None:
    """The coming one; on that very weekday nobody knows whether today or in a week is meant."""
    ahead = (weekday - midnight.weekday()) % 7
    return _Day(midnight + timedelta(days=ahead)) if ahead else None


def _in_week(week: int, weekday: int, midnight: datetime) -> _Day | None:
    """Of the ISO week that comes next."""
    for year in (midnight.isocalendar().year, midnight.isocalendar().year + 1):
        try:
            day = datetime.fromisocalendar(year, week, weekday + 1)
        except ValueError:
            continue
        if day >= midnight:
            return _Day(day)
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
def _weekday(name: str) -> int | None:
    """0 is Monday. Three letters will do."""
    named = [get_day_names("wide", locale=locale) for locale in _LOCALES]
    days = [(str(full).casefold(), int(number)) for names in named for number, full in names.items()]
    return next((number for full, number in days if len(name) >= 3 and full.startswith(name)), None)


# What stands beside a date and says nothing more.
_BESIDE = frozenset(("den", "d", "på", "i", "nu", "det", "er", "mødet", "begynder"))
_BESIDE |= frozenset(("the", "on", "of", "in", "this", "st", "nd", "rd", "th"))

# --- an end -----------------------------------------------------------------------------------------------

_ENDS_AT = tuple(
    re.compile(rf"(?:(?:til|until|to)\s+)?{clock}{_PART}")
    for clock in (f"(?:{_AT})?{_CLOCK.format('')}", _AT + _RUN_TOGETHER.format(""))
)

_LENGTH = re.compile(
    r"(?P<number>\d{1,3}(?:[.,]\d)?|\d{1,2}\s?½|\d{1,2} 1/2|\w+)\s*"
    r"(?P<unit>t|timer?|h|hours?|min|minut(?:ter)?|minutes?)\b\.?"
    r"(?:\s*(?:og|and|,)?\s*(?P<minutes>\d{1,2})\s*(?:m|min|minut(?:ter)?|minutes?)\b\.?)?"
)

_HALVES = {"halvanden": 1.5, "en halv": 0.5, "half an": 0.5, "a": 1.0, "an": 1.0}
_LONGEST_IN_HOURS = 6  # a number alone up to this is a length, a larger one the clock


def until(text: str, begins: datetime) -> datetime | Doubt | None:
    """When something ends that begins then: `kl. 21.00`, `til 21`, `2 timer`, `1,5 time`, `90 minutter`, or a day and a
    time. By the clock on the wall, perhaps before it begins. None for anything else."""
    plain = " ".join(typed.seen(text).casefold().split()).rstrip("!?")
    if (length := _length(plain)) is not None:
        return begins + length
    bare = plain.rstrip(".")
    found = next((match for pattern in _ENDS_AT if (match := pattern.fullmatch(bare))), None)
    if found is None:
        return read(text, begins)
    if bare == found["hour"] and 1 <= int(bare) <= _LONGEST_IN_HOURS:
        return begins + timedelta(hours=int(bare))
    hours = _hours(found, "", found["part"] or "")
    return None if hours is None else begins.replace(hour=0, minute=0, second=0) + hours


def _length(plain: str) -> timedelta | None:
    """`2 timer`, `2½ time`, `to timer og 30 min`."""
    found = _LENGTH.fullmatch(plain.replace("en halv time", "30 min").replace("half an hour", "30 min"))
    if found is None:
        return None
    number = _amount(found["number"])
    if number is None or (found["minutes"] and found["unit"].startswith("m")):
        return None
    minutes = number if found["unit"].startswith("m") else 60 * number
    return timedelta(minutes=minutes + int(found["minutes"] or 0))


def _amount(told: str) -> float | None:
    if told in _HALVES:
        return _HALVES[told]
    if told.endswith(("½", " 1/2")):
        return int(re.match(r"\d+", told)[0]) + 0.5  # type: ignore[index]  # it begins with digits
    if re.fullmatch(r"\d+[.,]\d", told):
        return float(told.replace(",", "."))
    return typed.number(told)

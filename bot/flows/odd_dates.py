"""Odd dates: what somebody who plans a meeting or a step might not have thought of. It is allowed all the same.

No statutory length of a policy hearing was found, nor a list of weeks; these are our own. Not here: what can't be, such
as an end before its beginning, or after the deletion date; and the words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Literal

from bot.flows import schedule

DeadWeek = Literal["winter", "easter", "bridge", "summer", "autumn", "christmas"]
Odd = Literal["sunday", "holiday", "night", "short", DeadWeek]
Where = Literal["opens", "closes", "span"]

SHORTEST_HEARING = timedelta(days=14)
MORNING, LAST_START = time(7), time(22)
ACROSS: Final = ("winter", "easter", "summer", "autumn", "christmas")  # of a hearing: a day off does no harm
OF_A_SPAN: Final = ("short", "winter", "easter", "summer", "autumn", "christmas")


@dataclass(frozen=True, slots=True)
class OddDate:
    where: Where
    why: Odd


def of_step(opens: int | None, closes: int | None, now: int, *, hearing: bool) -> list[OddDate]:
    """Of a step that opens and closes then; UTC seconds. What has passed is not spoken of."""
    found: list[OddDate] = []
    if opens is not None and opens > now:
        found += _moment("opens", opens)
    if closes is not None and closes > now:
        found += _moment("closes", closes)
    if hearing and opens is not None and closes is not None and closes >= now:
        told = {each.why for each in found}
        found += [OddDate("span", why) for why in _across(opens, closes) if why not in told]
    return found


def _moment(where: Where, at: int) -> Iterator[OddDate]:
    wall, opens = schedule.to_local(at), where == "opens"
    night = not MORNING <= wall.time() < LAST_START if opens else wall.time() < MORNING
    odd: list[tuple[Odd, bool]] = [
        *((why, True) for why in of_day(wall.date() if opens else last_day(wall))),
        ("night", night and wall.time() != time()),
    ]
    return (OddDate(where, why) for why, is_so in odd if is_so)


def _across(opens: int, closes: int) -> Iterator[Odd]:
    """Why a hearing may be too short, or its days too few of those on which people answer."""
    begins, ends = schedule.to_local(opens), schedule.to_local(closes)
    if ends - begins < SHORTEST_HEARING:
        yield "short"
    days = min((last_day(ends) - begins.date()).days, 366)
    weeks = {dead_week(begins.date() + timedelta(days=day)) for day in range(days + 1)}
    yield from (week for week in ACROSS if week in weeks)


# --- days -------------------------------------------------------------------------------------------------


def last_day(ends: datetime) -> date:
    """The day that an end is told as: midnight belongs to the evening before."""
    return (ends - timedelta(microseconds=1)).date()


def of_day(day: date) -> list[Odd]:
    dead = dead_week(day)
    found: list[tuple[Odd, bool]] = [
        ("sunday", day.weekday() == 6),
        ("holiday", day.weekday() != 6 and schedule.is_holiday(day)),
    ]
    return [*(why for why, is_so in found if is_so), *([dead] if dead is not None else [])]


def dead_week(day: date) -> DeadWeek | None:
    """Which of the weeks without much going on it lies in, though it is no holiday."""
    week, easter = day.isocalendar().week, _easter(day.year)
    spans: dict[DeadWeek, bool] = {
        "winter": week in (7, 8),
        "easter": easter - timedelta(days=6) <= day < easter,
        "bridge": day == easter + timedelta(days=40),  # the Friday after Ascension Day
        "summer": 27 <= week <= 32,
        "autumn": week == 42,
        "christmas": (day.month, day.day) >= (12, 23) or (day.month, day.day) == (1, 1),
    }
    return next((name for name, is_so in spans.items() if is_so and not schedule.is_holiday(day)), None)


def _easter(year: int) -> date:
    """Easter Sunday: the only holiday that is a Sunday in its time of the year."""
    first = date(year, 3, 22)
    sundays = (first + timedelta(days=days) for days in range(35))
    return next(day for day in sundays if day.weekday() == 6 and schedule.is_holiday(day))

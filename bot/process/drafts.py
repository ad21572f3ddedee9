"""A meeting while somebody plans it, or a change of one: what was told so far, and what would come of it.

What was told is kept field by field, so that a change holds over what has become of the meeting meanwhile.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from bot.flows import schedule
from bot.process.file import DEFAULT_LENGTH, MeetingKind
from bot.process.meetings import FLOWS, GROUPS, at_another_time
from bot.texts import times
from storage.meetings import Details, Facts

Told = Mapping[str, Any]  # field → what was told of it, JSON-shaped; None: left as it is by itself


class Field(StrEnum):
    """As they stand in paths and drafts."""

    KIND = "art"
    TITLE = "titel"
    STARTS = "begynder"
    ENDS = "slutter"
    PLACE = "sted"
    ADDRESS = "adresse"
    DIRECTIONS = "vej"
    LINK = "link"
    PURPOSE = "formaal"
    AGENDA = "program"
    WHOM = "hvem"
    CAPACITY = "pladser"
    PER_PARTY = "forening"
    UNTIL = "frist"
    INVITES = "inviteres"
    REMINDERS = "paamindes"
    FACILITATOR = "moedeleder"
    LED_BY = "ledes"
    TITLE_EN = "engelsk"
    FLOW = "trin"
    WHY = "hvorfor"  # of a change
    CANCELLED = "aflyses"  # why it is cancelled


# What is asked for one by one; the others are there for whoever wants them.
GUIDED = (
    Field.KIND,
    Field.TITLE,
    Field.STARTS,
    Field.ENDS,
    Field.PLACE,
    Field.ADDRESS,
    Field.DIRECTIONS,
    Field.PURPOSE,
    Field.AGENDA,
    Field.WHOM,
    Field.CAPACITY,
    Field.PER_PARTY,
    Field.UNTIL,
    Field.INVITES,
    Field.REMINDERS,
    Field.FACILITATOR,
    Field.LED_BY,
)
NEEDED = frozenset({Field.KIND, Field.TITLE, Field.STARTS, Field.PLACE})
AFTERWARDS = (Field.TITLE, Field.TITLE_EN, Field.FACILITATOR, Field.LED_BY)  # what may be changed once it has begun
OFFERED = ("14d", "7d", "2d", "1d", "morning", "2h")  # reminders

_DETAILS = {
    Field.TITLE: "title",
    Field.TITLE_EN: "title_en",
    Field.PURPOSE: "purpose",
    Field.AGENDA: "agenda",
    Field.PLACE: "place",
    Field.ADDRESS: "address",
    Field.DIRECTIONS: "directions",
    Field.LINK: "link",
    Field.LED_BY: "led_by",
}
_PLAIN = {
    Field.UNTIL: "signup_until",
    Field.CAPACITY: "capacity",
    Field.PER_PARTY: "most_per_party",
    Field.FLOW: "flow",
}
LONGEST = {  # characters
    Field.TITLE: 120,
    Field.TITLE_EN: 120,
    Field.PLACE: 120,
    Field.ADDRESS: 200,
    Field.DIRECTIONS: 1000,
    Field.LINK: 300,
    Field.PURPOSE: 1000,
    Field.AGENDA: 1000,
    Field.LED_BY: 120,
    Field.WHY: 300,
    Field.CANCELLED: 300,
}
_LINES = (Field.TITLE, Field.TITLE_EN, Field.PLACE, Field.ADDRESS, Field.LED_BY)  # have no line breaks
MOST = {Field.CAPACITY: 100_000, Field.PER_PARTY: 1000}


def opened(content: str | None) -> dict[str, Any]:
    return {} if content is None else dict(json.loads(content))


def next_field(told: Told) -> Field | None:
    """What is asked for next of a new meeting; None: everything has been asked for."""
    return next((field for field in GUIDED if field not in told and _fits(told, field)), None)


def _fits(told: Told, field: Field) -> bool:
    if field in (Field.ADDRESS, Field.DIRECTIONS):
        return bool(told.get(Field.PLACE))
    return field is not Field.WHOM or told.get(Field.KIND) != MeetingKind.STEERING


# --- what comes of it -------------------------------------------------------------------------------------


def facts(told: Told, before: Facts | None, now: int) -> Facts:
    """As it would be; `before` is the meeting that is changed. What is not told of a new one is empty or 0."""
    found = before or Facts(MeetingKind.OTHER, Details(""), 0, 0, now)
    if Field.KIND in told:
        kind = MeetingKind(told[Field.KIND])
        found = replace(found, kind=kind, groups=tuple(map(str, GROUPS[kind])), flow=FLOWS.get(kind))
    if Field.STARTS in told:
        starts = told[Field.STARTS]
        found = at_another_time(found, starts) if before else replace(found, starts_at=starts, ends_at=_later(starts))
    if told.get(Field.ENDS) is not None:
        found = replace(found, ends_at=told[Field.ENDS])
    if Field.WHOM in told:
        groups, areas = told[Field.WHOM] or ((), ())
        found = replace(found, groups=tuple(groups), areas=tuple(areas))
    if Field.INVITES in told:
        found = replace(found, invites_at=told[Field.INVITES] or now)
    if Field.REMINDERS in told:
        wanted = told[Field.REMINDERS]
        found = replace(found, reminders=None if wanted is None else tuple(wanted))
    details = {name: told[field] or "" for field, name in _DETAILS.items() if field in told}
    plain = {name: told[field] for field, name in _PLAIN.items() if field in told}
    return replace(found, details=replace(found.details, **details), **plain)


def _later(starts_at: int) -> int:
    return schedule.to_utc(schedule.to_local(starts_at) + DEFAULT_LENGTH)


def tell(told: Told, before: Facts | None, field: Field, value: Any, now: int) -> dict[str, Any]:
    """With one thing more. What hangs on its beginning moves along."""
    new = {**told, field: value}
    was = facts(told, before, now)
    if field is Field.STARTS and was.starts_at:
        moved = at_another_time(was, value)
        along = {Field.ENDS: moved.ends_at, Field.UNTIL: moved.signup_until}
        new |= {each: at for each, at in along.items() if told.get(each) is not None}
    if field is Field.KIND:
        new = {each: said for each, said in new.items() if each not in (Field.WHOM, Field.FLOW)}
    return new


# --- what people write ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why what was written can't be taken."""

    code: str
    most: int = 0


def read(told: Told, before: Facts | None, field: Field, text: str, now: int) -> dict[str, Any] | Wrong:
    """What was written to a field, taken in."""
    if field is Field.PLACE and "://" in text:
        return _link_for_place(told, before, text, now)
    value = _value(told, before, field, text, now)
    return value if isinstance(value, Wrong) else tell(told, before, field, value, now)


def _link_for_place(told: Told, before: Facts | None, text: str, now: int) -> dict[str, Any] | Wrong:
    link = _link(text)
    if isinstance(link, Wrong):
        return link
    return tell({**told, Field.PLACE: None}, before, Field.LINK, link, now)


def _value(told: Told, before: Facts | None, field: Field, text: str, now: int) -> Any:
    match field:
        case Field.STARTS:
            return _ahead(times.read(text, schedule.to_local(now)), now)
        case Field.ENDS:
            return _end(facts(told, before, now), text)
        case Field.UNTIL:
            return _deadline(facts(told, before, now), text, now)
        case Field.INVITES:
            return _ahead(times.read(text, schedule.to_local(now)), now)
        case Field.CAPACITY | Field.PER_PARTY:
            return _number(text, MOST[field])
        case Field.LINK:
            return _link(text)
        case _:
            return _words(text, LONGEST[field], lines=field not in _LINES)


def _ahead(moment: datetime | None, now: int) -> int | Wrong:
    if moment is None:
        return Wrong("time")
    at = schedule.to_utc(moment)
    return at if at > now else Wrong("past")


def _end(so_far: Facts, text: str) -> int | Wrong:
    moment = times.until(text, schedule.to_local(so_far.starts_at))
    if moment is None:
        return Wrong("end")
    at = schedule.to_utc(moment)
    return at if at > so_far.starts_at else Wrong("end-before")


def _deadline(so_far: Facts, text: str, now: int) -> int | Wrong:
    at = _ahead(times.read(text, schedule.to_local(now)), now)
    if isinstance(at, Wrong) or not so_far.starts_at or at <= so_far.starts_at:
        return at
    return Wrong("after-start")


def _number(text: str, most: int) -> int | Wrong:
    plain = text.replace(".", "").replace(" ", "")
    fits = plain.isascii() and plain.isdecimal() and len(plain) <= len(str(most)) and 1 <= int(plain) <= most
    return int(plain) if fits else Wrong("number", most)


def _link(text: str) -> str | Wrong:
    fits = text.startswith("https://") and len(text.split()) == 1 and len(text) > len("https://") + 2
    if not fits:
        return Wrong("link")
    return text if len(text) <= LONGEST[Field.LINK] else Wrong("long", LONGEST[Field.LINK])


def _words(text: str, most: int, *, lines: bool) -> str | Wrong:
    plain = "\n".join(text.splitlines()).strip() if lines else " ".join(text.split())
    return plain if len(plain) <= most else Wrong("long", most)


# --- what speaks against it -------------------------------------------------------------------------------


def faults(told: Told, before: Facts | None, now: int) -> list[str]:
    """Why it can't be so."""
    found = facts(told, before, now)
    moved = before is None or found.starts_at != before.starts_at
    late = found.signup_until is not None and found.signup_until > found.starts_at
    closed = told.get(Field.UNTIL) is not None and told[Field.UNTIL] <= now
    wrong = {
        "title": not found.details.title,
        "starts": not found.starts_at,
        "past": bool(found.starts_at) and moved and found.starts_at <= now,
        "ends": bool(found.starts_at) and found.ends_at <= found.starts_at,
        "where": not found.details.place and not found.details.link,
        "until": bool(found.starts_at) and (late or closed),
    }
    return [code for code, is_so in wrong.items() if is_so]


def warnings(found: Facts, deletion_at: int) -> list[str]:
    """What somebody might not have thought of: it is allowed all the same."""
    if not found.starts_at:
        return []
    starts, ends = schedule.to_local(found.starts_at), schedule.to_local(found.ends_at)
    odd = {
        "sunday": starts.weekday() == 6,
        "holiday": starts.weekday() != 6 and schedule.is_holiday(starts.date()),
        "night": _by_night(starts, ends),
        "deleted": found.starts_at >= deletion_at,
    }
    dead = dead_week(starts.date())
    return [*(code for code, is_so in odd.items() if is_so), *([dead] if dead is not None else [])]


NIGHT, MORNING, LAST_START = time(23), time(7), time(22)


def _by_night(starts: datetime, ends: datetime) -> bool:
    return not MORNING <= starts.time() < LAST_START or not MORNING <= ends.time() <= NIGHT


def dead_week(day: date) -> str | None:
    """Which of the weeks without much going on it lies in, though it is no holiday (DENMARK 3, general)."""
    week, easter = day.isocalendar().week, _easter(day.year)
    spans = {
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

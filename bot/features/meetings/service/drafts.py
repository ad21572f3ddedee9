"""Draft of a meeting, or of a change to one: what was told so far, and what would come of it.

What was told is kept field by field, so that a change holds over what has become of the meeting meanwhile.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time
from enum import StrEnum
from typing import Any, Literal

from bot.features.meetings.service.scheduling import FLOWS, GROUPS, at_another_time
from bot.flows import odd_dates, schedule
from bot.flows.odd_dates import Odd
from bot.process.file import DEFAULT_LENGTH, MeetingKind
from bot.texts import names, numbers, times
from bot.texts.times import Doubt, Period
from storage.meetings import MeetingDetails, MeetingFacts

DraftContent = Mapping[str, Any]  # field → what was told of it, JSON-shaped; None: left as it is by itself


class MeetingField(StrEnum):
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
    MeetingField.KIND,
    MeetingField.TITLE,
    MeetingField.STARTS,
    MeetingField.ENDS,
    MeetingField.PLACE,
    MeetingField.ADDRESS,
    MeetingField.DIRECTIONS,
    MeetingField.PURPOSE,
    MeetingField.AGENDA,
    MeetingField.WHOM,
    MeetingField.CAPACITY,
    MeetingField.PER_PARTY,
    MeetingField.UNTIL,
    MeetingField.INVITES,
    MeetingField.REMINDERS,
    MeetingField.FACILITATOR,
    MeetingField.LED_BY,
)

NEEDED = frozenset({MeetingField.KIND, MeetingField.TITLE, MeetingField.STARTS, MeetingField.PLACE})

AFTERWARDS = (
    MeetingField.TITLE,
    MeetingField.TITLE_EN,
    MeetingField.FACILITATOR,
    MeetingField.LED_BY,
)  # what may be changed once it has begun

OFFERED = ("14d", "7d", "2d", "1d", "morning", "2h")  # reminders

DETAILS = {
    MeetingField.TITLE: "title",
    MeetingField.TITLE_EN: "title_en",
    MeetingField.PURPOSE: "purpose",
    MeetingField.AGENDA: "agenda",
    MeetingField.PLACE: "place",
    MeetingField.ADDRESS: "address",
    MeetingField.DIRECTIONS: "directions",
    MeetingField.LINK: "link",
    MeetingField.LED_BY: "led_by",
}

_PLAIN = {
    MeetingField.UNTIL: "signup_until",
    MeetingField.CAPACITY: "capacity",
    MeetingField.PER_PARTY: "most_per_party",
    MeetingField.FLOW: "flow",
}

LONGEST = {  # characters
    MeetingField.TITLE: 120,
    MeetingField.TITLE_EN: 120,
    MeetingField.PLACE: 120,
    MeetingField.ADDRESS: 200,
    MeetingField.DIRECTIONS: 1000,
    MeetingField.LINK: 300,
    MeetingField.PURPOSE: 1000,
    MeetingField.AGENDA: 1000,
    MeetingField.LED_BY: 120,
    MeetingField.WHY: 300,
    MeetingField.CANCELLED: 300,
}

_LINES = (
    MeetingField.TITLE,
    MeetingField.TITLE_EN,
    MeetingField.PLACE,
    MeetingField.ADDRESS,
    MeetingField.LED_BY,
)  # have no line breaks

MOST = {MeetingField.CAPACITY: 100_000, MeetingField.PER_PARTY: 1000}


def parse_draft(content: str | None) -> dict[str, Any]:
    return {} if content is None else dict(json.loads(content))


def next_field(told: DraftContent) -> MeetingField | None:
    """What is asked for next of a new meeting; None: everything has been asked for."""
    return next((field for field in GUIDED if field not in told and _fits(told, field)), None)


def _fits(told: DraftContent, field: MeetingField) -> bool:
    if field in (MeetingField.ADDRESS, MeetingField.DIRECTIONS):
        return bool(told.get(MeetingField.PLACE))
    return field is not MeetingField.WHOM or told.get(MeetingField.KIND) != MeetingKind.STEERING


# --- what comes of it -------------------------------------------------------------------------------------


def facts(told: DraftContent, before: MeetingFacts | None, now: int) -> MeetingFacts:
    """As it would be; `before` is the meeting that is changed. What is not told of a new one is empty or 0."""
    found = before or MeetingFacts(
        kind=MeetingKind.OTHER, details=MeetingDetails(title=""), starts_at=0, ends_at=0, invites_at=now
    )
    if MeetingField.KIND in told:
        kind = MeetingKind(told[MeetingField.KIND])
        found = replace(found, kind=kind, groups=tuple(map(str, GROUPS[kind])), flow=FLOWS.get(kind))
    if MeetingField.STARTS in told:
        starts = told[MeetingField.STARTS]
        found = at_another_time(found, starts) if before else replace(found, starts_at=starts, ends_at=_later(starts))
    if told.get(MeetingField.ENDS) is not None:
        found = replace(found, ends_at=told[MeetingField.ENDS])
    if MeetingField.WHOM in told:
        groups, areas = told[MeetingField.WHOM] or ((), ())
        found = replace(found, groups=tuple(groups), areas=tuple(areas))
    if MeetingField.INVITES in told:
        found = replace(found, invites_at=told[MeetingField.INVITES] or now)
    if MeetingField.REMINDERS in told:
        wanted = told[MeetingField.REMINDERS]
        found = replace(found, reminders=None if wanted is None else tuple(wanted))
    details = {name: told[field] or "" for field, name in DETAILS.items() if field in told}
    plain = {name: told[field] for field, name in _PLAIN.items() if field in told}
    return replace(found, details=replace(found.details, **details), **plain)


def _later(starts_at: int) -> int:
    return schedule.to_utc(schedule.to_local(starts_at) + DEFAULT_LENGTH)


def tell(told: DraftContent, before: MeetingFacts | None, field: MeetingField, value: Any, now: int) -> dict[str, Any]:
    """Adds one field to the draft. Times that depend on the start move with it."""
    new = {**told, field: value}
    was = facts(told, before, now)
    if field is MeetingField.STARTS and was.starts_at:
        moved = at_another_time(was, value)
        along = {MeetingField.ENDS: moved.ends_at, MeetingField.UNTIL: moved.signup_until}
        new |= {each: at for each, at in along.items() if told.get(each) is not None}
    if field is MeetingField.KIND:
        new = {each: said for each, said in new.items() if each not in (MeetingField.WHOM, MeetingField.FLOW)}
    return new


# --- what people write ------------------------------------------------------------------------------------


Fault = Literal["title", "starts", "past", "ends", "where", "until", "deleted"]


@dataclass(frozen=True, slots=True)
class WrongValue:
    """Why what was written can't be taken."""

    code: Literal["time", "past", "end", "end-before", "after-start", "number", "link", "long"]
    most: int = 0


def read(
    told: DraftContent, before: MeetingFacts | None, field: MeetingField, text: str, now: int
) -> dict[str, Any] | WrongValue | Doubt:
    """What was written to a field, taken in."""
    if field is MeetingField.PLACE and "://" in text:
        return _link_for_place(told, before, text, now)
    if field is MeetingField.STARTS:
        return _begins(told, before, text, now)
    value = _value(told, before, field, text, now)
    return value if isinstance(value, WrongValue | Doubt) else tell(told, before, field, value, now)


def _begins(
    told: DraftContent, before: MeetingFacts | None, text: str, now: int
) -> dict[str, Any] | WrongValue | Doubt:
    """When it begins; and when it ends, where that was written in the same breath."""
    period = times.period(text, schedule.to_local(now))
    at = _ahead(period.begins if isinstance(period, Period) else period, now)
    if isinstance(at, WrongValue | Doubt):
        return at
    begun = tell(told, before, MeetingField.STARTS, at, now)
    ends = period.ends if isinstance(period, Period) else None
    return begun if ends is None else tell(begun, before, MeetingField.ENDS, schedule.to_utc(ends), now)


def _link_for_place(
    told: DraftContent, before: MeetingFacts | None, text: str, now: int
) -> dict[str, Any] | WrongValue:
    link = _link(text)
    if isinstance(link, WrongValue):
        return link
    return tell({**told, MeetingField.PLACE: None}, before, MeetingField.LINK, link, now)


def _value(told: DraftContent, before: MeetingFacts | None, field: MeetingField, text: str, now: int) -> Any:
    match field:
        case MeetingField.ENDS:
            return _end(facts(told, before, now), text)
        case MeetingField.UNTIL:
            return _deadline(facts(told, before, now), text, now)
        case MeetingField.INVITES:
            return _ahead(times.read(text, schedule.to_local(now)), now)
        case MeetingField.CAPACITY | MeetingField.PER_PARTY:
            return _number(text, MOST[field])
        case MeetingField.LINK:
            return _link(text)
        case _:
            return _words(text, LONGEST[field], lines=field not in _LINES)


def _ahead(moment: datetime | Doubt | None, now: int) -> int | WrongValue | Doubt:
    if moment is None:
        return WrongValue("time")
    if isinstance(moment, Doubt):
        return moment
    at = schedule.to_utc(moment)
    return at if at > now else WrongValue("past")


def _end(so_far: MeetingFacts, text: str) -> int | WrongValue | Doubt:
    moment = times.until(text, schedule.to_local(so_far.starts_at))
    if moment is None:
        return WrongValue("end")
    if isinstance(moment, Doubt):
        return moment
    at = schedule.to_utc(moment)
    return at if at > so_far.starts_at else WrongValue("end-before")


def _deadline(so_far: MeetingFacts, text: str, now: int) -> int | WrongValue | Doubt:
    at = _ahead(times.read(text, schedule.to_local(now)), now)
    if isinstance(at, WrongValue | Doubt) or not so_far.starts_at or at <= so_far.starts_at:
        return at
    return WrongValue("after-start")


def _number(text: str, most: int) -> int | WrongValue:
    number = numbers.read(text, 1, most, grouped=True)
    return number if number is not None else WrongValue("number", most)


def _link(text: str) -> str | WrongValue:
    link = text.strip()
    fits = link.startswith("https://") and len(link.split()) == 1 and len(link) > len("https://") + 2
    if not fits:
        return WrongValue("link")
    return link if len(link) <= LONGEST[MeetingField.LINK] else WrongValue("long", LONGEST[MeetingField.LINK])


def _words(text: str, most: int, *, lines: bool) -> str | WrongValue:
    kept = names.unturned(text).strip() if lines else names.on_one_line(text)
    return kept if len(kept) <= most else WrongValue("long", most)


# --- what speaks against it -------------------------------------------------------------------------------


def faults(told: DraftContent, before: MeetingFacts | None, now: int, last: int) -> list[Fault]:
    """Why it can't be so. `last` is when it must be over, some time before everything is deleted."""
    found = facts(told, before, now)
    moved = before is None or found.starts_at != before.starts_at
    late = found.signup_until is not None and found.signup_until > found.starts_at
    closed = told.get(MeetingField.UNTIL) is not None and told[MeetingField.UNTIL] <= now
    wrong: dict[Fault, bool] = {
        "title": not found.details.title,
        "starts": not found.starts_at,
        "past": bool(found.starts_at) and moved and found.starts_at <= now,
        "ends": bool(found.starts_at) and found.ends_at <= found.starts_at,
        "where": not found.details.place and not found.details.link,
        "until": bool(found.starts_at) and (late or closed),
        "deleted": found.ends_at > last and (before is None or found.ends_at > before.ends_at),
    }
    return [code for code, is_so in wrong.items() if is_so]


def warnings(found: MeetingFacts) -> list[Odd]:
    """What somebody might not have thought of: it is allowed all the same."""
    if not found.starts_at:
        return []
    starts, ends = schedule.to_local(found.starts_at), schedule.to_local(found.ends_at)
    day = odd_dates.of_day(starts.date())
    return [*day, "night"] if _by_night(starts, ends) else day


NIGHT = time(23)


def _by_night(starts: datetime, ends: datetime) -> bool:
    return (
        not odd_dates.MORNING <= starts.time() < odd_dates.LAST_START or not odd_dates.MORNING <= ends.time() <= NIGHT
    )

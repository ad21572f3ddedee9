"""Meetings as a calendar file (RFC 5545), to attach to an invitation or to subscribe to. Not here: who may see which,
and a meeting's own words, which the caller brings.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from bot import texts
from bot.flows.schedule import COPENHAGEN

if TYPE_CHECKING:
    from icalendar import Alarm, Calendar, Event

    from bot.flows.model import Language


Method = Literal["PUBLISH", "CANCEL"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEntry:
    """A meeting as one person's calendar shows it. Times are UTC seconds. Raises ValueError unless it ends later than
    it starts (RFC 5545, 3.8.2.2).
    """

    uid: str  # the same for as long as the meeting lives
    sequence: int  # one more for each change of time or place, and for the cancellation
    starts_at: int
    ends_at: int
    changed_at: int
    title: str
    description: str
    location: str
    url: str | None
    cancelled: bool
    tentative: bool  # «Måske», or not answered
    alarms: tuple[int, ...] = ()  # minutes before it starts; a whole day is the same time the day before
    organiser: str | None = None  # mail address of the municipality; RFC 5546 wants one, and Outlook most of all
    organiser_name: str = ""

    def __post_init__(self) -> None:
        if self.ends_at <= self.starts_at:
            raise ValueError(f"a meeting that ends {self.ends_at - self.starts_at} seconds after it starts")


def write_calendar(
    name: str, language: Language, entries: Sequence[CalendarEntry], *, subscription: bool = False
) -> bytes:
    """A whole file, UTF-8 with CRLF. `name` is what a subscription is called in the reader's list of calendars; a file
    has none. The same entries give the same bytes.
    """
    from icalendar import Calendar, Timezone  # noqa: PLC0415  # takes its time, and is needed only where one is made

    made = Calendar()
    made.add("version", "2.0")
    made.add("prodid", f"-//Besyv//Besyv//{language.upper()}")
    made.add("calscale", "GREGORIAN")
    made.add("method", method(entries, subscription=subscription))
    if subscription:
        _subscribe(made, name)
    made.add_component(Timezone.from_ical(_ZONE))
    for entry in entries:
        made.add_component(_event(entry, language))
    return bytes(made.to_ical())


def method(entries: Sequence[CalendarEntry], *, subscription: bool = False) -> Method:
    """What the file asks a calendar to do. A mail's `Content-Type: text/calendar; method=…` must say the same, or
    Outlook refuses it (https://github.com/maevsi/vibetype/pull/2368).
    """
    # PUBLISH, not REQUEST: a REQUEST must name the ATTENDEE, and its buttons mail a REPLY to the organiser, whereas
    # people answer Besyv; and one file may hold several meetings (RFC 5546, 3.2.2: in a REQUEST only one UID). What
    # that costs where a moved meeting's file is opened again: Apple moves the meeting
    # (https://github.com/adamgibbons/ics/issues/128), Outlook on the desktop puts a second one beside it, for it
    # updates only from a REQUEST (https://github.com/mangstadt/biweekly/issues/87); of Google those two say opposite
    # things. A subscription follows in all of them.
    # CANCEL only for one meeting alone, for it may hold a single UID (RFC 5546, 3.2.5). Not in a subscription, which is
    # a state and no message: there STATUS:CANCELLED suffices: Google then leaves the meeting out
    # (https://github.com/hackgvl/hackgreenville-com/pull/498), Apple strikes it through
    # (https://github.com/sabre-io/dav/issues/969).
    alone = len(entries) == 1 and not subscription
    return "CANCEL" if alone and entries[0].cancelled else "PUBLISH"


# Google comes about twice a day whatever is asked for (https://support.google.com/calendar/answer/37100).
_REFRESHED = 1  # hours


def _subscribe(made: Calendar, name: str) -> None:
    """Name and pace, each as RFC 7986 writes it and as Outlook does. A file has neither: for one meeting X-WR-CALNAME
    makes Outlook open a new calendar
    (https://learn.microsoft.com/en-us/openspecs/exchange_server_protocols/ms-oxcical/1da58449-b97e-46bd-b018-a1ce576f3e6d).
    """
    made.add("name", _Text(name), encode=False)
    made.add("x-wr-calname", _Text(name), encode=False)
    made.add("refresh-interval", timedelta(hours=_REFRESHED), {"VALUE": "DURATION"})  # it has no type by default
    made.add("x-published-ttl", f"PT{_REFRESHED}H")


# --- Time -------------------------------------------------------------------------------------------------

# The common dates of the EU since 1996 (directive 2000/84/EC): both changes at 01:00 UTC on the last Sunday.
_ZONE = """\
BEGIN:VTIMEZONE
TZID:Europe/Copenhagen
BEGIN:DAYLIGHT
DTSTART:19960331T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZNAME:CEST
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZNAME:CET
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
"""


def _local(at: int) -> datetime:
    """Danish time, except in the hour that comes again in October: written with a zone, it would be its first coming
    (RFC 5545, 3.3.5), so it is written in UTC.
    """
    local = datetime.fromtimestamp(at, COPENHAGEN)
    return local.astimezone(UTC) if local.fold else local


# --- A meeting --------------------------------------------------------------------------------------------


def _event(entry: CalendarEntry, language: Language) -> Event:
    from icalendar import Event  # noqa: PLC0415  # as above

    made, changed = Event(), datetime.fromtimestamp(entry.changed_at, UTC)
    made.add("uid", _Text(entry.uid), encode=False)
    made.add("sequence", entry.sequence)
    made.add("dtstamp", changed)
    made.add("last-modified", changed)
    made.add("dtstart", _local(entry.starts_at))
    made.add("dtend", _local(entry.ends_at))
    made.add("status", _status(entry))
    made.add("transp", "TRANSPARENT" if entry.cancelled else "OPAQUE")  # whether the time counts as taken
    title = texts.say(language, "calendar.cancelled", title=entry.title) if entry.cancelled else entry.title
    for said, text in (("summary", title), ("description", entry.description), ("location", entry.location)):
        if text:
            made.add(said, _Text(text), encode=False)
    if entry.url:
        made.add("url", _address(entry.url))
    if entry.organiser:
        shown = " ".join(_held(entry.organiser_name).split())
        made.add("organizer", _address(f"mailto:{entry.organiser}"), {"CN": shown} if shown else {})
    for minutes in _alarms(entry):
        made.add_component(_alarm(minutes, texts.say(language, "calendar.alarm", title=entry.title)))
    return made


def _status(entry: CalendarEntry) -> Literal["CANCELLED", "TENTATIVE", "CONFIRMED"]:
    if entry.cancelled:
        return "CANCELLED"
    return "TENTATIVE" if entry.tentative else "CONFIRMED"


def _alarms(entry: CalendarEntry) -> tuple[int, ...]:
    """None on what is cancelled: it must not ring, and a CANCEL may hold none (RFC 5546, 3.2.5). A tentative meeting
    keeps them: who said «Måske» decides late, and whoever is not to be rung for has none in the entry.
    """
    return () if entry.cancelled else entry.alarms


def _alarm(minutes: int, text: str) -> Alarm:
    from icalendar import Alarm  # noqa: PLC0415  # as above

    made = Alarm()
    made.add("action", "DISPLAY")
    made.add("description", _Text(text), encode=False)
    made.add("trigger", timedelta(minutes=-minutes))
    return made


# --- Text -------------------------------------------------------------------------------------------------

_BREAKS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")  # whatever some reader might begin a new line at
_NEVER = re.compile("[\0-\x08\x0e-\x1f\x7f-\x9f\ufeff]")
_NO_SIGN = re.compile("[\ud800-\udfff]")
_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})
_IN_ADDRESSES = ":/?#[]@!$&'()*+,;=%"  # RFC 3986, 2.2, and what is encoded already


def _held(text: str) -> str:
    """What a file can hold of it: line breaks of one kind, no control character but the tab, no byte order mark (which
    icalendar would drop in some places only), no half of a sign.
    """
    return _NO_SIGN.sub("\ufffd", _NEVER.sub("", _BREAKS.sub("\n", text)))


class _Text(str):
    """A TEXT value (RFC 5545, 3.3.11). icalendar 7.3.2's own takes `\\N` in a text for a line break: «C:\\Nord»."""

    def to_ical(self) -> bytes:
        return _held(self).translate(_ESCAPED).encode()


def _address(text: str) -> str:
    """A URI, which is written as it is: what might end its line is encoded."""
    return quote(_held(text), safe=_IN_ADDRESSES)

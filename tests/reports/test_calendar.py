"""Meetings as calendar files: written by icalendar, read back by ical, which shares no code with it."""

from __future__ import annotations

import re
import subprocess
import sys
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ical.calendar import Calendar
from ical.calendar_stream import IcsCalendarStream
from ical.event import EventStatus

from reports import calendar
from reports.calendar import CalendarEntry, method, write_calendar
from tests.support.sizes import examples

COPENHAGEN = ZoneInfo("Europe/Copenhagen")


def at(written: str) -> int:
    """UTC seconds of `2026-03-03T19:00Z`."""
    return int(datetime.fromisoformat(written).timestamp())


MEETING = CalendarEntry(
    uid="moede-7@frivillig.eksempel.dk",
    sequence=0,
    starts_at=at("2026-03-03T18:00Z"),
    ends_at=at("2026-03-03T20:00Z"),
    changed_at=at("2026-02-01T08:30Z"),
    title="Styregruppen: økonomi, mål",
    description="1. Siden sidst\n2. Hvad har vi hørt? 🎉",
    location="Rådhuset, lokale 3; 1. sal",
    url="https://frivillig.eksempel.dk/moede/7",
    cancelled=False,
    tentative=False,
    alarms=(60, 24 * 60),
    organiser="frivillig@eksempel.dk",
    organiser_name="Eksempel Kommune",
)

MOVED = replace(
    MEETING,
    sequence=1,
    starts_at=at("2026-03-31T17:00Z"),
    ends_at=at("2026-03-31T19:00Z"),
    changed_at=at("2026-02-20T10:00Z"),
)

CANCELLED = replace(MEETING, sequence=2, cancelled=True, changed_at=at("2026-02-25T10:00Z"))


def read(made: bytes) -> Calendar:
    return IcsCalendarStream.calendar_from_ics(made.decode())


def read_by_its_own_zone(made: bytes) -> Calendar:
    """By a reader that knows no such place, and must do what VTIMEZONE says."""
    return read(made.replace(b"Europe/Copenhagen", b"Eksempel/Torvet"))


def events(made: bytes) -> list[dict[str, Any]]:
    """All that was written of each meeting."""
    return [event.model_dump(exclude_unset=True) for event in read(made).events]


def lines(made: bytes) -> list[bytes]:
    assert made.endswith(b"\r\n")
    return made.removesuffix(b"\r\n").split(b"\r\n")


def names(made: bytes) -> list[str]:
    """Of all properties, to a reader that takes as much as it can for the end of a line."""
    unfolded = made.decode().replace("\r\n ", "")
    return [re.split("[;:]", line)[0] for line in unfolded.splitlines()]


# --- A meeting --------------------------------------------------------------------------------------------


FILE = r"""BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Besyv//Besyv//DA
CALSCALE:GREGORIAN
METHOD:PUBLISH
BEGIN:VTIMEZONE
TZID:Europe/Copenhagen
BEGIN:DAYLIGHT
DTSTART:19960331T020000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
TZNAME:CEST
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
TZNAME:CET
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
SUMMARY:Styregruppen: økonomi\, mål
DTSTART;TZID=Europe/Copenhagen:20260303T190000
DTEND;TZID=Europe/Copenhagen:20260303T210000
DTSTAMP:20260201T083000Z
UID:moede-7@frivillig.eksempel.dk
SEQUENCE:0
LAST-MODIFIED:20260201T083000Z
LOCATION:Rådhuset\, lokale 3\; 1. sal
ORGANIZER;CN="Eksempel Kommune":mailto:frivillig@eksempel.dk
STATUS:CONFIRMED
TRANSP:OPAQUE
URL:https://frivillig.eksempel.dk/moede/7
BEGIN:VALARM
ACTION:DISPLAY
DESCRIPTION:Påmindelse: Styregruppen: økonomi\, mål
TRIGGER:-PT1H
END:VALARM
END:VEVENT
END:VCALENDAR
"""


def test_a_file_as_it_is_written() -> None:
    plain = replace(MEETING, description="", alarms=(60,))
    assert write_calendar("Møder", "da", [plain]).decode() == FILE.replace("\n", "\r\n")


def alarm(text: str, before: timedelta) -> dict[str, Any]:
    return {"action": "DISPLAY", "description": text, "trigger": -before}


READ = {
    "uid": "moede-7@frivillig.eksempel.dk",
    "sequence": 0,
    "dtstamp": datetime(2026, 2, 1, 8, 30, tzinfo=UTC),
    "last_modified": datetime(2026, 2, 1, 8, 30, tzinfo=UTC),
    "dtstart": datetime(2026, 3, 3, 19, tzinfo=COPENHAGEN),
    "dtend": datetime(2026, 3, 3, 21, tzinfo=COPENHAGEN),
    "summary": "Styregruppen: økonomi, mål",
    "description": "1. Siden sidst\n2. Hvad har vi hørt? 🎉",
    "location": "Rådhuset, lokale 3; 1. sal",
    "url": "https://frivillig.eksempel.dk/moede/7",
    "organizer": {"uri": "mailto:frivillig@eksempel.dk", "common_name": "Eksempel Kommune"},
    "status": EventStatus.CONFIRMED,
    "transparency": "OPAQUE",
    "alarm": [
        alarm("Påmindelse: Styregruppen: økonomi, mål", timedelta(hours=1)),
        alarm("Påmindelse: Styregruppen: økonomi, mål", timedelta(days=1)),
    ],
}


def test_all_that_is_known_of_a_meeting_can_be_read_back() -> None:
    assert events(write_calendar("Møder", "da", [MEETING])) == [READ]


def test_what_is_not_known_is_not_written() -> None:
    bare = replace(MEETING, description="", location="", url=None, alarms=(), organiser=None)
    unknown = {"description", "location", "url", "alarm", "organizer"}
    assert events(write_calendar("", "da", [bare])) == [{name: READ[name] for name in READ if name not in unknown}]


def test_a_municipality_without_a_name_is_its_address() -> None:
    assert events(write_calendar("", "da", [replace(MEETING, organiser_name="")])) == [
        READ | {"organizer": {"uri": "mailto:frivillig@eksempel.dk"}}
    ]


def test_a_moved_meeting_is_the_same_one_with_a_higher_number() -> None:
    assert events(write_calendar("Møder", "da", [MOVED])) == [
        READ
        | {
            "sequence": 1,
            "dtstamp": datetime(2026, 2, 20, 10, tzinfo=UTC),
            "last_modified": datetime(2026, 2, 20, 10, tzinfo=UTC),
            "dtstart": datetime(2026, 3, 31, 19, tzinfo=COPENHAGEN),
            "dtend": datetime(2026, 3, 31, 21, tzinfo=COPENHAGEN),
        }
    ]


@pytest.mark.parametrize(
    ("language", "summary"),
    [("da", "AFLYST: Styregruppen: økonomi, mål"), ("en", "CANCELLED: Styregruppen: økonomi, mål")],
)
def test_a_cancelled_meeting_says_so_takes_no_time_and_does_not_ring(language: Any, summary: str) -> None:
    cancelled = READ | {
        "summary": summary,
        "sequence": 2,
        "dtstamp": datetime(2026, 2, 25, 10, tzinfo=UTC),
        "last_modified": datetime(2026, 2, 25, 10, tzinfo=UTC),
        "status": EventStatus.CANCELLED,
        "transparency": "TRANSPARENT",
    }
    del cancelled["alarm"]
    assert events(write_calendar("Møder", language, [CANCELLED])) == [cancelled]
    assert events(write_calendar("Møder", language, [replace(CANCELLED, tentative=True)])) == [cancelled]


def test_braces_in_a_title_are_nothing_but_braces() -> None:
    (event,) = events(write_calendar("Møder", "da", [replace(CANCELLED, title="Mål {title} {0}")]))
    assert event["summary"] == "AFLYST: Mål {title} {0}"


def test_a_tentative_meeting_takes_its_time_and_rings_as_any_other() -> None:
    assert events(write_calendar("Møder", "da", [replace(MEETING, tentative=True)])) == [
        READ | {"status": EventStatus.TENTATIVE}
    ]


def test_alarms_speak_the_language_of_the_reader() -> None:
    assert events(write_calendar("Meetings", "en", [replace(MEETING, alarms=(30,))])) == [
        READ | {"alarm": [alarm("Reminder: Styregruppen: økonomi, mål", timedelta(minutes=30))]}
    ]


@pytest.mark.parametrize("seconds", [0, -1])
def test_a_meeting_that_ends_before_it_has_begun_is_a_mistake(seconds: int) -> None:
    with pytest.raises(ValueError, match="ends"):
        replace(MEETING, ends_at=MEETING.starts_at + seconds)


# --- The file ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entries", "subscription", "expected"),
    [
        ([MEETING], False, "PUBLISH"),
        ([MOVED], False, "PUBLISH"),
        ([CANCELLED], False, "CANCEL"),
        ([CANCELLED, MEETING], False, "PUBLISH"),
        ([CANCELLED, CANCELLED], False, "PUBLISH"),
        ([], False, "PUBLISH"),
        ([MEETING], True, "PUBLISH"),
        ([CANCELLED], True, "PUBLISH"),
    ],
)
def test_only_a_cancelled_meeting_alone_in_its_file_is_taken_back(
    entries: list[CalendarEntry], subscription: bool, expected: str
) -> None:
    assert method(entries, subscription=subscription) == expected
    assert read(write_calendar("Møder", "da", entries, subscription=subscription)).method == expected


def about(made: bytes) -> dict[str, Any]:
    """All that is said of the calendar itself."""
    return read(made).model_dump(exclude_unset=True, exclude={"events", "timezones"})


ABOUT = {"version": "2.0", "prodid": "-//Besyv//Besyv//EN", "calscale": "GREGORIAN", "method": "PUBLISH"}


def test_a_subscription_has_a_name_and_is_fetched_every_hour() -> None:
    assert about(write_calendar("Møder, Ærø; \n politik", "en", [MEETING], subscription=True)) == {
        **ABOUT,
        "name": ["Møder, Ærø; \n politik"],
        "refresh_interval": timedelta(hours=1),
        "extras": [
            {"name": "x-wr-calname", "value": r"Møder\, Ærø\; \n politik", "params": None},
            {"name": "x-published-ttl", "value": "PT1H", "params": None},
        ],
    }


def test_a_file_has_neither_for_it_would_open_as_a_calendar_of_its_own() -> None:
    assert about(write_calendar("Møder", "en", [MEETING])) == ABOUT


def test_the_type_of_the_pace_is_written_for_it_has_none_by_default() -> None:
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT1H" in lines(write_calendar("Møder", "da", [], subscription=True))


def test_meetings_stand_in_the_order_they_were_given_cancelled_ones_too() -> None:
    given = [replace(entry, uid=uid) for entry, uid in ((MOVED, "b"), (CANCELLED, "a"), (MEETING, "c"))]
    made = write_calendar("Møder", "da", given, subscription=True)
    assert [(event["uid"], event["status"].value) for event in events(made)] == [
        ("b", "CONFIRMED"),
        ("a", "CANCELLED"),
        ("c", "CONFIRMED"),
    ]


def test_a_subscription_without_meetings_still_holds_a_component_as_it_must() -> None:
    made = read(write_calendar("Møder", "da", [], subscription=True))
    assert (made.events, [zone.tz_id for zone in made.timezones]) == ([], ["Europe/Copenhagen"])


def test_the_same_entries_give_the_same_bytes() -> None:
    entries = [MEETING, MOVED, CANCELLED]
    first = write_calendar("Møder", "da", entries, subscription=True)
    assert write_calendar("Møder", "da", tuple(map(replace, entries)), subscription=True) == first


# --- Time -------------------------------------------------------------------------------------------------

ZONED, IN_UTC = "DTSTART;TZID=Europe/Copenhagen:", "DTSTART:"


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        ("2026-03-29T00:59:59Z", ZONED + "20260329T015959"),
        ("2026-03-29T01:00:00Z", ZONED + "20260329T030000"),
        ("2026-10-24T23:59:59Z", ZONED + "20261025T015959"),
        ("2026-10-25T00:00:00Z", ZONED + "20261025T020000"),  # for the first time
        ("2026-10-25T00:59:59Z", ZONED + "20261025T025959"),
        ("2026-10-25T01:00:00Z", IN_UTC + "20261025T010000Z"),  # 02:00 for the second time
        ("2026-10-25T01:59:59Z", IN_UTC + "20261025T015959Z"),
        ("2026-10-25T02:00:00Z", ZONED + "20261025T030000"),
        ("2027-01-01T11:00:00Z", ZONED + "20270101T120000"),
        ("2027-03-28T00:59:59Z", ZONED + "20270328T015959"),
        ("2027-03-28T01:00:00Z", ZONED + "20270328T030000"),
        ("2027-07-01T10:00:00Z", ZONED + "20270701T120000"),
        ("2027-10-31T00:59:59Z", ZONED + "20271031T025959"),
        ("2027-10-31T01:00:00Z", IN_UTC + "20271031T010000Z"),
        ("2027-10-31T02:00:00Z", ZONED + "20271031T030000"),
    ],
)
def test_a_meeting_stands_where_the_clock_on_the_wall_will_say_it(moment: str, written: str) -> None:
    starts = at(moment)
    made = write_calendar("Møder", "da", [replace(MEETING, starts_at=starts, ends_at=starts + 900)])
    assert written.encode() in lines(made)
    for calendar_read in (read(made), read_by_its_own_zone(made)):
        (event,) = calendar_read.events
        assert (event.start_datetime.timestamp(), event.end_datetime.timestamp()) == (starts, starts + 900)


def test_the_zone_in_the_file_is_right_at_every_change_of_the_clock_for_years() -> None:
    changes = [(year, month) for year in range(2026, 2041) for month in (3, 10)]
    # Half an hour around 01:00 UTC on each of the last seven days of the month, of which one is the Sunday.
    moments = [
        int(datetime(year, month, day, hour, 30, tzinfo=UTC).timestamp())
        for year, month in changes
        for day in range(25, 32)
        for hour in (0, 1, 2)
    ]
    made = write_calendar("", "da", [replace(MEETING, starts_at=moment, ends_at=moment + 60) for moment in moments])
    assert [event.start_datetime.timestamp() for event in read_by_its_own_zone(made).events] == moments


def test_a_meeting_through_the_night_of_the_change_is_as_long_as_it_is() -> None:
    night = replace(MEETING, starts_at=at("2026-10-24T22:00Z"), ends_at=at("2026-10-25T04:00Z"))
    (event,) = read_by_its_own_zone(write_calendar("", "da", [night])).events
    assert event.end_datetime.timestamp() - event.start_datetime.timestamp() == 6 * 3600


# --- Text -------------------------------------------------------------------------------------------------


def held(text: str) -> str:
    """What a file can hold of a text: line breaks of one kind, no control character but the tab, no byte order mark."""
    text = re.sub("\r\n|[\r\v\f\x85\u2028\u2029]", "\n", text).replace("\ufeff", "")
    return "".join(sign for sign in text if sign in "\t\n" or unicodedata.category(sign) != "Cc")


trouble = st.sampled_from(
    ["\\", "\\n", "\\N", ";", ",", ":", '"', "^", "\r", "\n", "\r\n ", "\0", "\x85", "\u2028", "\ufeff"]
)

texts = st.lists(st.text(max_size=40) | trouble | st.sampled_from("æøåÆØÅ🎉👩‍👩‍👧"), max_size=12).map("".join)


@settings(max_examples=examples(150), deadline=None)
@given(title=texts, description=texts, location=texts)
@example(title="C:\\Nord\\ny\\", description="\\\\n\\;\\,", location="\\\n\\N")
@example(title="x" * 66 + "æ", description="🎉" * 200, location="\\" * 200)
@example(title=" i midten \t af rum ", description="\x1b[31m\x00\x9d", location="a\rb\r\nc\u2029d\v")
@example(title="{title} %s", description="END:VEVENT\r\nEND:VCALENDAR", location="\ufeff\u200b")
def test_any_text_survives_and_no_line_is_longer_than_75_octets(title: str, description: str, location: str) -> None:
    meeting = replace(MEETING, title=title, description=description, location=location, alarms=(5,))
    made = write_calendar("Møder", "da", [meeting])
    (event,) = read(made).events
    assert (event.summary or "", event.description or "", event.location or "") == tuple(
        map(held, (title, description, location))
    )
    assert event.alarm[0].description == f"Påmindelse: {held(title)}"
    assert max(map(len, lines(made))) <= 75
    assert all(line.decode() and b"\n" not in line and b"\r" not in line for line in lines(made))


BREAKS = ["\n", "\r", "\r\n", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"]


@pytest.mark.parametrize("end", BREAKS, ids=map(ascii, BREAKS))
def test_nothing_that_is_written_in_a_text_becomes_a_property(end: str) -> None:
    evil = f"x{end}ATTENDEE:mailto:a@eksempel.dk{end} {end}END:VEVENT{end}BEGIN:VEVENT{end}"
    meeting = replace(
        MEETING,
        uid=evil,
        title=evil,
        description=evil,
        location=evil,
        url=evil,
        organiser=evil,
        organiser_name=evil,
    )
    made = write_calendar(evil, "da", [meeting], subscription=True)
    assert names(made) == names(write_calendar("Møder", "da", [MEETING], subscription=True))
    assert len(read(made).events) == 1


def test_half_a_sign_which_utf_8_cannot_hold_is_shown_as_unknown() -> None:
    assert events(write_calendar("", "da", [replace(MEETING, location="Sal \ud83c", url="https://a.dk/\ud83c")])) == [
        READ | {"location": "Sal \ufffd", "url": "https://a.dk/%EF%BF%BD"}
    ]


@pytest.mark.parametrize(
    ("url", "written"),
    [
        ("https://a.dk/m?id=7&a=%C3%A6#x,y;z", "https://a.dk/m?id=7&a=%C3%A6#x,y;z"),
        ("https://a.dk/møde 7", "https://a.dk/m%C3%B8de%207"),
        ('https://a.dk/"\\\r\n\0', "https://a.dk/%22%5C%0A"),
    ],
)
def test_an_address_is_written_as_it_is_but_for_what_no_address_may_hold(url: str, written: str) -> None:
    assert events(write_calendar("", "da", [replace(MEETING, url=url)])) == [READ | {"url": written}]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ærø Kommune; Kultur, Fritid: «Frivillig»", "Ærø Kommune; Kultur, Fritid: «Frivillig»"),
        ('Den "åbne" kommune ^', 'Den "åbne" kommune ^'),
        ("Eksempel\r\nKommune\0\t", "Eksempel Kommune"),
    ],
)
def test_the_name_of_the_municipality_may_hold_any_sign(name: str, shown: str) -> None:
    assert events(write_calendar("", "da", [replace(MEETING, organiser_name=name)])) == [
        READ | {"organizer": {"uri": "mailto:frivillig@eksempel.dk", "common_name": shown}}
    ]


# --- Cost -------------------------------------------------------------------------------------------------


@pytest.mark.process
def test_whoever_asks_for_no_calendar_waits_for_no_calendar_library() -> None:
    loaded = "import sys, reports.calendar;print({'icalendar', 'dateutil'} & set(sys.modules))"
    root = Path(calendar.__file__).parents[1]
    ran = subprocess.run([sys.executable, "-c", loaded], cwd=root, capture_output=True, text=True, check=True)
    assert ran.stdout == "set()\n"

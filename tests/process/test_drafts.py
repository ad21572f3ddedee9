"""A meeting under way: what was told becomes facts, and what speaks against them is said."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bot.features.meetings.service import drafts
from bot.features.meetings.service.drafts import MeetingField
from bot.flows import odd_dates
from storage.meetings import MeetingDetails, MeetingFacts
from tests.support.danish_time import local
from tests.support.office import shown

NOW = local("2026-03-02 10:00")
STARTS = local("2026-03-17 19:00")

BEFORE = MeetingFacts(
    kind="volunteers",
    details=MeetingDetails(title="Møde", place="Kulturhuset"),
    starts_at=STARTS,
    ends_at=STARTS + 7200,
    invites_at=NOW,
    groups=("frivillig",),
)

LAST = local("2026-04-01 00:00")
LATE = local("2026-03-31 22:00")


def written(before: MeetingFacts | None, *said: tuple[MeetingField, str]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for field, text in said:
        taken = drafts.read(told, before, field, text, NOW)
        assert isinstance(taken, dict), (field, taken)
        told = taken
    return told


def test_nothing_told_changes_nothing() -> None:
    assert drafts.facts({}, BEFORE, NOW) == BEFORE


def test_the_kind_says_whom_it_is_for_and_what_was_said_of_that_before_goes() -> None:
    told = drafts.tell(
        {MeetingField.WHOM: [["borger"], []], MeetingField.FLOW: "plan"}, None, MeetingField.KIND, "staff", NOW
    )
    made = drafts.facts(told, None, NOW)
    assert (made.groups, made.flow) == (("ansat", "leder"), "dialog_fag")


@pytest.mark.parametrize("before", [None, BEFORE], ids=["new", "changed"])
def test_another_beginning_takes_along_what_hangs_on_it(before: MeetingFacts | None) -> None:
    told = written(
        before,
        (MeetingField.STARTS, "17.3.2026 kl. 19"),
        (MeetingField.ENDS, "3 timer"),
        (MeetingField.UNTIL, "16.3.2026 kl. 12"),
        (MeetingField.STARTS, "31.3.2026 kl. 18"),
    )
    made = drafts.facts(told, before, NOW)
    assert [shown(at or 0) for at in (made.starts_at, made.ends_at, made.signup_until)] == [
        "03-31 18:00",
        "03-31 21:00",
        "03-30 11:00",
    ]


def test_what_is_not_told_goes_with_what_the_meeting_has_become_meanwhile() -> None:
    told = written(BEFORE, (MeetingField.CAPACITY, "1.200"))
    later = drafts.facts({MeetingField.STARTS: STARTS + 86400}, BEFORE, NOW)
    made = drafts.facts(told, later, NOW)
    assert (made.starts_at, made.capacity) == (STARTS + 86400, 1200)


def test_a_link_written_for_a_place_is_taken_as_one() -> None:
    made = drafts.facts(written(BEFORE, (MeetingField.PLACE, "https://moede.example/1")), BEFORE, NOW)
    assert (made.details.place, made.details.link) == ("", "https://moede.example/1")


def test_a_new_one_is_asked_about_in_order_and_only_what_fits() -> None:
    told: dict[str, Any] = {}
    asked = []
    while (field := drafts.next_field(told)) is not None:
        asked.append(field)
        told[field] = "steering" if field is MeetingField.KIND else None
    assert asked == [
        field
        for field in drafts.GUIDED
        if field not in (MeetingField.ADDRESS, MeetingField.DIRECTIONS, MeetingField.WHOM)
    ]


FAULTS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "nothing told": ({}, ["title", "starts", "where"]),
    "the past": ({"titel": "Møde", "sted": "Her", "begynder": NOW}, ["past"]),
    "an end before the beginning": ({"titel": "M", "sted": "H", "begynder": STARTS, "slutter": STARTS}, ["ends"]),
    "a deadline after it": ({"titel": "M", "link": "https://x", "begynder": STARTS, "frist": STARTS + 1}, ["until"]),
    "a deadline that has passed": ({"titel": "M", "sted": "H", "begynder": STARTS, "frist": NOW}, ["until"]),
    "all that is needed": ({"titel": "M", "sted": "H", "begynder": STARTS}, []),
    "as late as it may be": ({"titel": "M", "sted": "H", "begynder": LATE}, []),
    "a minute more": ({"titel": "M", "sted": "H", "begynder": LATE, "slutter": LAST + 60}, ["deleted"]),
    "after it": ({"titel": "M", "sted": "H", "begynder": LAST}, ["deleted"]),
}


@pytest.mark.parametrize("case", FAULTS)
def test_why_it_cannot_be_so(case: str) -> None:
    told, faults = FAULTS[case]
    assert drafts.faults(told, None, NOW, LAST) == faults


def test_a_meeting_that_has_begun_is_not_at_fault_for_that() -> None:
    assert (
        drafts.faults({MeetingField.LED_BY: "Frivilligcentret"}, BEFORE, STARTS + 60, STARTS) == []
    )  # nor for when it is, if that was so before


@pytest.mark.parametrize(
    ("starts", "ends", "warned"),
    [
        ("2026-03-17 19:00", "21:00", []),
        ("2026-03-15 14:00", "16:00", ["sunday"]),
        ("2026-05-25 14:00", "16:00", ["holiday"]),  # Whit Monday
        ("2026-06-05 14:00", "16:00", ["holiday"]),  # Constitution Day
        ("2026-04-05 14:00", "16:00", ["sunday"]),  # Easter Sunday
        ("2026-03-17 06:30", "08:00", ["night"]),
        ("2026-03-17 07:00", "09:00", []),
        ("2026-03-17 21:00", "23:00", []),
        ("2026-03-17 21:00", "23:01", ["night"]),
        ("2026-03-17 22:00", "22:30", ["night"]),
        ("2026-02-10 19:00", "21:00", ["winter"]),
        ("2026-04-01 19:00", "21:00", ["easter"]),
        ("2026-05-15 19:00", "21:00", ["bridge"]),
        ("2026-07-15 23:30", "23:45", ["summer", "night"]),
        ("2026-10-14 19:00", "21:00", ["autumn"]),
        ("2026-12-29 19:00", "21:00", ["christmas"]),
    ],
)
def test_what_somebody_might_not_have_thought_of(starts: str, ends: str, warned: list[str]) -> None:
    facts = MeetingFacts(
        kind="other",
        details=MeetingDetails(title="Møde"),
        starts_at=local(starts),
        ends_at=local(f"{starts[:10]} {ends}"),
        invites_at=NOW,
    )
    assert drafts.warnings(facts) == warned


@pytest.mark.parametrize(
    ("day", "name"),
    [
        ("2026-02-08", None),
        ("2026-02-09", "winter"),
        ("2026-02-22", "winter"),
        ("2026-02-23", None),
        ("2026-03-29", None),
        ("2026-03-30", "easter"),
        ("2026-04-02", None),
        ("2026-04-07", None),
        ("2027-03-22", "easter"),
        ("2027-05-07", "bridge"),
        ("2026-06-28", None),
        ("2026-06-29", "summer"),
        ("2026-08-09", "summer"),
        ("2026-08-10", None),
        ("2026-12-22", None),
        ("2026-12-23", "christmas"),
        ("2026-12-30", "christmas"),
        ("2027-01-01", None),
        ("2027-01-02", None),
    ],
)
def test_the_weeks_without_much_going_on(day: str, name: str | None) -> None:
    """What is a holiday itself is said to be one."""
    assert odd_dates.dead_week(date.fromisoformat(day)) == name

"""The plan: loading a process once and again, and when a step takes answers, summer time or not."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from bot.features import process_file
from bot.flows import loader, schedule
from bot.flows.model import Group, Respondent
from bot.process import flows, plan
from bot.process.file import ProcessFile, StepTimes
from bot.process.flows import StepNumbers
from bot.process.host import ProcessHost
from bot.process.plan import AS_PLANNED, Plan, State
from storage import processes, step_overrides
from storage.db import Database
from storage.encryption import Keyring
from storage.processes import FlowVersion
from storage.step_overrides import StepOverride
from tests.support.danish_time import local
from tests.support.example import NOW, of_example, planned
from tests.support.step_times import StepRules

VOLUNTEER = Respondent(group=Group.FRIVILLIG)
POLITICIAN = Respondent(group=Group.POLITIKER)


def utc(text: str) -> int:
    """`2026-03-29 01:00`, UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def with_steps(*steps: StepTimes) -> Plan:
    return planned(of_example().model_copy(update={"steps": steps}))


def step(flow: str, opens: str | None = None, closes: str | None = None) -> StepTimes:
    return StepTimes.model_validate({"flow": flow, "opens": opens, "closes": closes})


# --- Danish time ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        # 29 March 2026, from 02:00 to 03:00
        ("2026-03-29 01:59", "2026-03-29 00:59"),
        ("2026-03-29 02:00", "2026-03-29 01:00"),  # there is no 02:00: it moves on to 03:00
        ("2026-03-29 02:30", "2026-03-29 01:30"),
        ("2026-03-29 03:00", "2026-03-29 01:00"),
        # 25 October 2026, from 03:00 to 02:00
        ("2026-10-25 01:59", "2026-10-24 23:59"),
        ("2026-10-25 02:00", "2026-10-25 01:00"),  # comes twice: the second is meant
        ("2026-10-25 02:59", "2026-10-25 01:59"),
        ("2026-10-25 03:00", "2026-10-25 02:00"),
        # 28 March 2027
        ("2027-03-28 01:59", "2027-03-28 00:59"),
        ("2027-03-28 02:00", "2027-03-28 01:00"),
        ("2027-03-28 02:30", "2027-03-28 01:30"),
        ("2027-03-28 03:00", "2027-03-28 01:00"),
        # 31 October 2027
        ("2027-10-31 01:59", "2027-10-30 23:59"),
        ("2027-10-31 02:00", "2027-10-31 01:00"),
        ("2027-10-31 02:59", "2027-10-31 01:59"),
        ("2027-10-31 03:00", "2027-10-31 02:00"),
        # and far from any change
        ("2026-01-01 00:00", "2025-12-31 23:00"),
        ("2026-07-01 00:00", "2026-06-30 22:00"),
    ],
)
def test_danish_time_where_the_clock_is_changed(told: str, meant: str) -> None:
    assert schedule.to_utc(datetime.fromisoformat(told)) == utc(meant)


@pytest.mark.parametrize(
    ("day", "begins", "hours"),
    [
        ("2026-03-28", "2026-03-27 23:00", 24),
        ("2026-03-29", "2026-03-28 23:00", 23),
        ("2026-03-30", "2026-03-29 22:00", 24),
        ("2026-10-25", "2026-10-24 22:00", 25),
        ("2027-03-28", "2027-03-27 23:00", 23),
        ("2027-10-31", "2027-10-30 22:00", 25),
    ],
)
def test_a_day_begins_at_danish_midnight(day: str, begins: str, hours: int) -> None:
    today = date.fromisoformat(day)
    assert schedule.start_of(today) == utc(begins)
    assert schedule.start_of(today + timedelta(days=1)) - schedule.start_of(today) == hours * 3600


def test_a_deadline_is_never_earlier_than_it_says() -> None:
    """Every quarter of an hour of the four days on which the clock is changed."""
    for day in ("2026-03-29", "2026-10-25", "2027-03-28", "2027-10-31"):
        midnight = datetime.fromisoformat(day)
        for quarter in range(24 * 4):
            told = midnight + timedelta(minutes=15 * quarter)
            shown = datetime.fromtimestamp(schedule.to_utc(told), schedule.COPENHAGEN).replace(tzinfo=None)
            assert shown - told in (timedelta(0), timedelta(hours=1)), told


# --- when a step takes answers ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "state"),
    [
        ("2026-03-03 18:59:59", State.AHEAD),
        ("2026-03-03 19:00:00", State.OPEN),
        ("2026-04-03 11:59:59", State.OPEN),
        ("2026-04-03 12:00:00", State.CLOSED),
        ("2036-04-03 12:00:00", State.CLOSED),
    ],
)
def test_a_step_is_open_from_its_first_second_to_the_one_before_its_deadline(at: str, state: State) -> None:
    timed = with_steps(step("plan", "2026-03-03 19:00", "2026-04-03 12:00"))
    assert timed.state("plan", local(at)) is state


@pytest.mark.parametrize(
    ("times", "states"),
    [
        (step("plan"), [State.OPEN, State.OPEN, State.OPEN]),
        (step("plan", opens="2026-03-03 19:00"), [State.AHEAD, State.OPEN, State.OPEN]),
        (step("plan", closes="2026-04-03 12:00"), [State.OPEN, State.OPEN, State.CLOSED]),
        (step("plan", "2026-03-03 19:00", "2026-04-03 12:00"), [State.AHEAD, State.OPEN, State.CLOSED]),
        (step("linjer"), [State.OFF, State.OFF, State.OFF]),
    ],
    ids=["always", "from", "until", "from-until", "not-listed"],
)
def test_what_is_not_said_of_a_step_does_not_limit_it(times: StepTimes, states: list[State]) -> None:
    timed = with_steps(times)
    days = ("2026-03-01 12:00", "2026-03-20 12:00", "2026-05-01 12:00")
    assert [timed.state("plan", local(day)) for day in days] == states


@pytest.mark.parametrize(
    ("closes", "last", "first_too_late"),
    [
        ("2026-03-29 02:30", "2026-03-29 01:29", "2026-03-29 01:30"),  # skipped: shown and meant as 03:30
        ("2026-10-25 02:30", "2026-10-25 01:29", "2026-10-25 01:30"),  # twice: the second
        ("2027-03-28 03:00", "2027-03-28 00:59", "2027-03-28 01:00"),
        ("2027-10-31 03:00", "2027-10-31 01:59", "2027-10-31 02:00"),
    ],
)
def test_a_deadline_in_the_night_the_clock_is_changed(closes: str, last: str, first_too_late: str) -> None:
    timed = with_steps(step("plan", closes=closes))
    assert timed.state("plan", utc(last)) is State.OPEN
    assert timed.state("plan", utc(first_too_late)) is State.CLOSED


def test_the_start_is_open_whatever_the_file_says() -> None:
    assert [with_steps().state("start", at) for at in (0, NOW, NOW * 2)] == [State.OPEN] * 3


def test_a_person_is_offered_what_is_open_and_has_a_question_for_them_in_working_order() -> None:
    closed = step("plan", closes="2026-04-03 12:00")
    timed = with_steps(step("borger"), step("vedtagelse"), step("dialog_frivillige"), closed)
    assert [flow.flow for flow in timed.open_for(VOLUNTEER, NOW)] == ["dialog_frivillige", "vedtagelse"]
    assert [flow.flow for flow in timed.open_for(POLITICIAN, NOW)] == ["vedtagelse"]
    assert [flow.flow for flow in timed.open_for(VOLUNTEER, local("2026-04-01 12:00"))] == [
        "plan",
        "dialog_frivillige",
        "vedtagelse",
    ]


def test_the_next_step_is_the_one_that_opens_first_and_asks_the_person_something() -> None:
    timed = with_steps(
        step("hoering", "2028-01-10 08:00"),
        step("dialog_fag", "2027-05-01 08:00"),
        step("vedtagelse", "2028-03-01 08:00"),
    )
    for respondent, flow, opens in (
        (VOLUNTEER, "hoering", "2028-01-10 08:00"),
        (POLITICIAN, "vedtagelse", "2028-03-01 08:00"),
        (Respondent(group=Group.LEDER), "dialog_fag", "2027-05-01 08:00"),
    ):
        following = timed.next_for(respondent, NOW)
        assert following is not None
        assert (following[0].flow, following[1]) == (flow, local(opens))


def test_nothing_comes_next_when_everything_has_opened() -> None:
    timed = with_steps(step("hoering", "2028-01-10 08:00"))
    assert timed.next_for(VOLUNTEER, local("2028-01-10 08:00")) is None


def test_the_deadline_of_a_step() -> None:
    timed = with_steps(step("plan", closes="2026-04-03 12:00"), step("linjer"))
    deadlines = [timed.closes_at(flow, local("2026-03-01 12:00")) for flow in ("plan", "linjer", "borger")]
    assert deadlines == [local("2026-04-03 12:00"), None, None]


def test_everything_goes_at_midnight_on_the_deletion_date() -> None:
    file = of_example().model_copy(update={"deletion_date": date(2027, 6, 1)})
    assert plan.deletion_at(file) == utc("2027-05-31 22:00")


@pytest.mark.parametrize(
    ("key", "numbers"),
    [
        ("plan", StepNumbers(1, 1)),
        ("hoering", StepNumbers(7, 9)),  # the guide has adjusting before the hearing, and no number 7
        ("justering", StepNumbers(8, 8)),
        ("vedtagelse", StepNumbers(9, 10)),
        ("borger", StepNumbers(None, None)),
    ],
)
def test_a_step_has_our_number_and_the_guides(key: str, numbers: StepNumbers) -> None:
    assert flows.numbers(key) == numbers


def test_every_flow_belongs_to_a_step_that_is_known() -> None:
    for flow in flows.shipped_flows(of_example()):
        flows.numbers(flow.step)


# --- steps by hand ----------------------------------------------------------------------------------------

EXAMPLE = planned(of_example())
ORDER = "2026-03-03 12:00"  # when everything here is decided


def by_hand(flow: str, state: State | str, from_at: str | int, audience: str = "") -> StepOverride:
    at = local(from_at) if isinstance(from_at, str) else from_at
    return StepOverride(flow, audience, state, at, local(ORDER), "pseudonym", "fordi")


def changed(times: StepTimes, *changes: StepOverride) -> Plan:
    """In the order in which storage gives them: by when they hold, then by when they were made."""
    file = EXAMPLE.file.model_copy(update={"steps": (times,)})
    return replace(EXAMPLE, file=file, changes=tuple(sorted(changes, key=lambda change: change.from_at)))


PLANNED = step("plan", "2026-03-10 08:00", "2026-04-10 12:00")


@pytest.mark.parametrize(
    ("changes", "states"),
    [
        ([], "ahead ahead open open closed"),
        ([by_hand("plan", State.OPEN, "2026-03-04 12:00")], "ahead open open open open"),
        ([by_hand("plan", State.READING, "2026-03-04 12:00")], "ahead reading reading reading reading"),
        ([by_hand("plan", State.OFF, "2026-03-12 12:00")], "ahead ahead open off off"),
        ([by_hand("plan", State.CLOSED, "2026-03-12 12:00")], "ahead ahead open closed closed"),
        # «Læs nu, svar som planlagt»: given back to the file before it opens
        (
            [by_hand("plan", State.READING, "2026-03-04 12:00"), by_hand("plan", AS_PLANNED, "2026-03-10 07:00")],
            "ahead reading open open closed",
        ),
        # a deadline moved out by hand: open over it, closed later
        (
            [by_hand("plan", State.OPEN, "2026-03-12 12:00"), by_hand("plan", State.CLOSED, "2026-04-20 12:00")],
            "ahead ahead open open open",
        ),
        ([by_hand("linjer", State.CLOSED, "2026-03-01 12:00")], "ahead ahead open open closed"),  # another step's
    ],
    ids=["none", "open", "reading", "off", "closed", "given back", "deadline moved", "another step"],
)
def test_the_latest_change_by_hand_that_has_begun_holds(changes: list[StepOverride], states: str) -> None:
    days = ("2026-03-03", "2026-03-05", "2026-03-11", "2026-03-13", "2026-04-15")
    timed = changed(PLANNED, *changes)
    assert " ".join(timed.state("plan", local(f"{day} 12:00")) for day in days) == states


def test_a_change_holds_from_its_first_second() -> None:
    timed = changed(PLANNED, by_hand("plan", State.OPEN, "2026-03-04 12:00"))
    at = local("2026-03-04 12:00")
    assert [timed.state("plan", at - 1), timed.state("plan", at)] == [State.AHEAD, State.OPEN]


def test_a_change_for_one_group_is_for_nobody_else() -> None:
    timed = changed(PLANNED, by_hand("plan", State.OPEN, "2026-03-04 12:00", Group.FORENING))
    now = local("2026-03-05 12:00")
    assert {group: timed.state("plan", now, group) for group in (None, *Group)} == {
        group: State.OPEN if group is Group.FORENING else State.AHEAD for group in (None, *Group)
    }
    assert timed.opens_at("plan", now) == timed.opens_at("plan", now, Group.BORGER) == local("2026-03-10 08:00")
    assert timed.opens_at("plan", now, Group.FORENING) is None
    assert timed.openings("plan", Group.FORENING) == (local("2026-03-04 12:00"),)  # it is open at the file's moment
    assert timed.openings("plan", Group.BORGER) == (local("2026-03-10 08:00"),)


def test_a_later_change_for_everybody_is_for_the_group_too() -> None:
    one, everybody = (
        by_hand("plan", State.OPEN, "2026-03-04 12:00", Group.FORENING),
        by_hand("plan", State.CLOSED, "2026-03-06 12:00"),
    )
    timed = changed(PLANNED, one, everybody)
    assert timed.state("plan", local("2026-03-07 12:00"), Group.FORENING) is State.CLOSED
    assert timed.closes_at("plan", local("2026-03-05 12:00"), Group.FORENING) == local("2026-03-06 12:00")


def test_a_step_that_the_file_does_not_name_is_opened_and_given_back_by_hand() -> None:
    opened, back = by_hand("linjer", State.OPEN, "2026-03-04 12:00"), by_hand("linjer", AS_PLANNED, "2026-03-06 12:00")
    timed = changed(PLANNED, opened, back)
    days = ("2026-03-04 11:59", "2026-03-04 12:00", "2026-03-06 12:00")
    assert [timed.state("linjer", local(day)) for day in days] == [State.OFF, State.OPEN, State.OFF]
    assert timed.opens_at("linjer", local(ORDER)) == local("2026-03-04 12:00")
    assert timed.closes_at("linjer", local("2026-03-05 12:00")) == local("2026-03-06 12:00")
    assert [flow.flow for flow in timed.open_for(VOLUNTEER, local("2026-03-05 12:00"))] == ["linjer"]


def test_of_two_changes_at_one_moment_the_one_made_later_holds() -> None:
    moment = "2026-03-04 12:00"
    first, second = by_hand("plan", State.OPEN, moment), by_hand("plan", State.READING, moment)
    assert changed(PLANNED, first, second).state("plan", local(moment)) is State.READING
    assert changed(PLANNED, second, first).state("plan", local(moment)) is State.OPEN
    assert changed(PLANNED, first, second).openings("plan") == ()  # at no moment it could be answered
    assert changed(PLANNED, second, first, first).openings("plan") == (local(moment),)  # and opened once


def test_a_step_opened_over_its_deadline_has_the_new_one_alone() -> None:
    closing = by_hand("plan", State.CLOSED, "2026-04-20 12:00")
    timed = changed(PLANNED, by_hand("plan", State.OPEN, "2026-03-12 12:00"), closing)
    assert timed.closes_at("plan", local("2026-03-13 12:00")) == local("2026-04-20 12:00")
    assert timed.closes_at("plan", local("2026-05-01 12:00")) == local("2026-04-20 12:00")
    assert timed.state("plan", local("2026-04-20 11:59")) is State.OPEN
    endless = changed(PLANNED, by_hand("plan", State.OPEN, "2026-03-12 12:00"))
    assert endless.closes_at("plan", local("2026-03-13 12:00")) is None


def test_reopened_it_opens_twice() -> None:
    timed = changed(
        PLANNED, by_hand("plan", State.CLOSED, "2026-03-15 12:00"), by_hand("plan", State.OPEN, "2026-03-20 12:00")
    )
    assert timed.openings("plan") == (local("2026-03-10 08:00"), local("2026-03-20 12:00"))
    assert timed.opens_at("plan", local("2026-03-16 12:00")) == local("2026-03-20 12:00")
    assert timed.closes_at("plan", local("2026-03-16 12:00")) == local("2026-03-15 12:00")


@pytest.mark.parametrize("moment", ["2026-03-29 02:30", "2026-10-25 02:30", "2027-03-28 02:00", "2027-10-31 02:59"])
def test_a_change_in_the_night_the_clock_is_changed(moment: str) -> None:
    at = local(moment)
    timed = changed(step("plan"), by_hand("plan", State.CLOSED, at))
    assert [timed.state("plan", at - 1), timed.state("plan", at)] == [State.OPEN, State.CLOSED]
    assert timed.closes_at("plan", at - 3600) == at


def test_the_start_is_never_closed_by_hand() -> None:
    timed = changed(PLANNED, by_hand("start", State.CLOSED, "2026-03-04 12:00"))
    assert timed.state("start", local("2026-03-05 12:00")) is State.OPEN
    assert (timed.openings("start"), timed.closes_at("start", local("2026-03-05 12:00"))) == ((), None)


def test_what_may_be_read_is_not_what_may_be_answered() -> None:
    timed = changed(step("plan"), by_hand("plan", State.READING, "2026-03-04 12:00", Group.FRIVILLIG))
    now = local("2026-03-05 12:00")
    association = Respondent(group=Group.FORENING)
    assert [[flow.flow for flow in timed.readable_for(who, now)] for who in (VOLUNTEER, association, POLITICIAN)] == [
        ["plan"],
        [],
        [],
    ]
    assert [flow.flow for flow in timed.open_for(VOLUNTEER, now)] == []
    assert [flow.flow for flow in timed.open_for(association, now)] == ["plan"]


def test_a_plan_can_be_looked_at_with_one_more_change() -> None:
    before = changed(PLANNED, by_hand("plan", State.CLOSED, "2026-03-20 12:00"))
    after = before.with_change(by_hand("plan", State.OPEN, "2026-03-04 12:00"))
    assert after.closes_at("plan", local("2026-03-05 12:00")) == local("2026-03-20 12:00")
    assert before.state("plan", local("2026-03-05 12:00")) is State.AHEAD


WEEK = 7 * 24 * 3600
EVER = local(ORDER) + 400 * WEEK
moments = st.integers(min_value=local(ORDER), max_value=local(ORDER) + WEEK)
groups = st.sampled_from(["", Group.FORENING, Group.BORGER])

changes = st.builds(
    lambda state, at, audience: by_hand("plan", state, at, audience),
    st.sampled_from([*(s for s in State if s is not State.AHEAD), AS_PLANNED]),
    moments,
    groups,
)

times = st.builds(
    lambda opens, closes: StepTimes.model_construct(
        flow="plan",
        opens=None if opens is None else datetime.fromtimestamp(opens, schedule.COPENHAGEN).replace(tzinfo=None),
        closes=None if closes is None else datetime.fromtimestamp(closes, schedule.COPENHAGEN).replace(tzinfo=None),
    ),
    st.none() | moments,
    st.none() | moments,
)


@given(times, st.lists(changes, max_size=6), moments, st.sampled_from([None, Group.FORENING, Group.LEDER]))
def test_state_opening_and_deadline_never_disagree(
    times: StepTimes, changes: list[StepOverride], now: int, group: Group | None
) -> None:
    timed = changed(times, *changes)
    state = timed.state("plan", now, group)
    opens, closes = timed.opens_at("plan", now, group), timed.closes_at("plan", now, group)
    edges = sorted({*(c.from_at for c in changes), *(at for at in (times.opens_at, times.closes_at) if at is not None)})

    def is_open(at: int) -> bool:
        return timed.state("plan", at, group) is State.OPEN

    if state is State.OPEN:
        assert opens is None
        until = [at for at in edges if now < at and (closes is None or at < closes)]
        assert all(map(is_open, until)), "open all the way to its deadline"
        assert closes is None or (now < closes and is_open(closes - 1) and not is_open(closes))
    else:
        until = [at for at in edges if now < at and (opens is None or at < opens)]
        assert not any(map(is_open, until)), "not open before it opens"
        assert opens is None or (now < opens and is_open(opens) and not is_open(opens - 1))
        since = [at for at in edges if at <= now and (closes is None or at >= closes)]
        assert not any(map(is_open, since)), "not open since it closed"
        assert closes is None or (closes <= now and is_open(closes - 1) and not is_open(closes))
    openings = timed.openings("plan", group)
    assert openings == tuple(sorted(set(openings)))
    assert openings == tuple(at for at in edges if is_open(at) and not is_open(at - 1))


# By the file and by hand; by hand alone; the start, which nothing closes.
STEPS = ("plan", "linjer", "start")
changes_of_any_step = st.builds(lambda flow, change: replace(change, flow=flow), st.sampled_from(STEPS), changes)


@given(times, st.lists(changes_of_any_step, max_size=10))
def test_the_timetable_says_what_the_rules_say(times: StepTimes, changes: list[StepOverride]) -> None:
    timed = changed(times, *changes)
    for flow, group in product(STEPS, (None, Group.FORENING, Group.BORGER, Group.LEDER)):
        by_hand = [change for change in timed.changes if change.flow == flow != "start"]
        by_file = {"plan": times, "start": StepTimes(flow="start")}.get(flow)
        rules = StepRules(by_file, by_hand, group)
        assert timed.openings(flow, group) == rules.openings
        assert timed.closings(flow, group) == rules.closings
        for now in (at + near for at in (local(ORDER), *rules.edges) for near in (-1, 0, 1)):
            told = (timed.state(flow, now, group), timed.opens_at(flow, now, group), timed.closes_at(flow, now, group))
            assert told == (rules.state(now), rules.opens_at(now), rules.closes_at(now))


@given(times, st.lists(changes, max_size=4), changes)
def test_with_one_more_change_the_plan_is_as_if_it_had_been_read_so(
    times: StepTimes, made: list[StepOverride], one_more: StepOverride
) -> None:
    after, read = changed(times, *made).with_change(one_more), changed(times, *made, one_more)
    assert after == read
    for group in (None, *Group):
        assert (after.openings("plan", group), after.closings("plan", group)) == (
            read.openings("plan", group),
            read.closings("plan", group),
        )
    assert after.openings_between(0, EVER) == read.openings_between(0, EVER)


@given(times, st.lists(changes_of_any_step, max_size=8), moments, moments)
def test_openings_between_two_moments_are_those_of_each_group_that_is_asked(
    times: StepTimes, changes: list[StepOverride], after: int, until: int
) -> None:
    timed = changed(times, *changes)
    found = timed.openings_between(after, until)
    assert [each.at for each in found] == sorted(each.at for each in found)
    assert sorted((each.flow, each.group, each.at) for each in found) == sorted(
        (flow, str(group), at)
        for flow in ("plan", "linjer")  # of the others none opens
        for group in Group
        for at in timed.openings(flow, group)
        if after < at <= until and timed.asks(flow, group)
    )


# --- in the database --------------------------------------------------------------------------------------


@pytest_asyncio.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = await Database.open(tmp_path / "besyv.db", Keyring.open_or_create(tmp_path / "keys"))
    yield database
    await database.close()


def on_disk(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.glob("besyv.db*"))


async def load(database: Database, file: ProcessFile, now: int = NOW) -> int:
    shipped = flows.shipped_flows(file)
    return await database.write(lambda tx: process_file.save(tx, file, shipped, now))


async def versions(database: Database, process_id: int) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    every = "SELECT flow, version FROM flow_versions WHERE process_id = :process ORDER BY id"
    for flow, version in await database.read(lambda tx: tx.all(every, process=process_id)):
        found.setdefault(flow, []).append(version)
    return found


def with_new_goal(file: ProcessFile) -> ProcessFile:
    """Another wording of one goal: L4 in `linjer` asks something else, and nothing else does."""
    first, *others = file.goals
    goals = (first.model_copy(update={"da": "Alle skal være med"}), *others)
    return file.model_copy(update={"goals": goals})


def without_step_1(file: ProcessFile) -> ProcessFile:
    return file.model_copy(update={"steps": tuple(s for s in file.steps if s.flow != "plan")})


async def test_loading_stores_the_process_and_every_flow_in_version_one(database: Database) -> None:
    process_id = await load(database, of_example())
    shipped = flows.shipped_flows(of_example())
    assert await versions(database, process_id) == {flow.flow: [1] for flow in shipped}
    row = await database.read(lambda tx: processes.by_key(tx, "eksempel"))
    assert row is not None
    assert (row.id, row.revision) == (process_id, 1)
    assert ProcessFile.model_validate_json(row.definition) == of_example()


async def test_loading_the_same_again_makes_no_new_version(database: Database) -> None:
    first = await load(database, of_example())
    second = await load(database, of_example(), NOW + 60)
    assert first == second
    assert set(map(tuple, (await versions(database, first)).values())) == {(1,)}


async def test_a_change_in_the_file_alone_makes_no_new_version(database: Database) -> None:
    process_id = await load(database, of_example())
    await load(database, without_step_1(of_example()))
    assert set(map(tuple, (await versions(database, process_id)).values())) == {(1,)}
    read = await database.read(ProcessHost("eksempel").plan)
    assert read.state("plan", NOW) is State.OFF


async def test_only_the_flow_that_changed_gets_a_new_version(database: Database) -> None:
    process_id = await load(database, of_example())
    await load(database, with_new_goal(of_example()))
    found = await versions(database, process_id)
    assert found.pop("linjer") == [1, 2]
    assert set(map(tuple, found.values())) == {(1,)}


async def test_changing_back_is_a_third_version(database: Database) -> None:
    process_id = await load(database, of_example())
    await load(database, with_new_goal(of_example()))
    await load(database, of_example())
    assert (await versions(database, process_id))["linjer"] == [1, 2, 3]


async def test_another_key_is_another_process(database: Database) -> None:
    first = await load(database, of_example())
    second = await load(database, of_example().model_copy(update={"process": "to"}))
    assert first != second
    assert await versions(database, first) == await versions(database, second)
    assert (await database.read(ProcessHost("to").plan)).process_id == second


async def test_the_house_sees_a_new_loading_at_once_and_reads_nothing_twice(database: Database) -> None:
    process_host = ProcessHost("eksempel")
    await load(database, of_example())
    before = await database.read(process_host.plan)
    assert await database.read(process_host.plan) is before
    await load(database, with_new_goal(of_example()))
    after = await database.read(process_host.plan)
    assert (before.revision, after.revision) == (1, 2)
    assert (before.flows["linjer"].version, after.flows["linjer"].version) == (1, 2)
    assert after.file == with_new_goal(of_example())


async def test_a_change_made_by_another_process_is_seen_at_once_and_its_reason_is_encrypted(
    database: Database, tmp_path: Path
) -> None:
    process_host = ProcessHost("eksempel")
    process_id = await load(database, of_example())
    before = await database.read(process_host.plan)
    other = await Database.open(tmp_path / "besyv.db", Keyring(tmp_path / "keys"))
    change = StepOverride("linjer", "forening", State.CLOSED, NOW, NOW, "pseudonym", "Møllebakken er aflyst")
    await other.write(lambda tx: step_overrides.add(tx, process_id, change))
    await other.close()
    after = await database.read(process_host.plan)
    assert (before.changes, after.changes) == ((), (change,))
    assert before.state("linjer", NOW, Group.FORENING) is State.OPEN
    assert after.state("linjer", NOW, Group.FORENING) is State.CLOSED
    assert "Møllebakken".encode() not in on_disk(tmp_path)


async def test_a_change_by_hand_survives_loading_the_file_again(database: Database) -> None:
    process_id = await load(database, of_example())
    change = StepOverride("linjer", "", State.CLOSED, NOW, NOW, "pseudonym", "fordi")
    await database.write(lambda tx: step_overrides.add(tx, process_id, change))
    await load(database, with_new_goal(of_example()))
    assert (await database.read(ProcessHost("eksempel").plan)).state("linjer", NOW) is State.CLOSED


async def test_a_plan_from_the_database_is_the_plan_of_the_file(database: Database) -> None:
    await load(database, of_example())
    read, made = await database.read(ProcessHost("eksempel", "https://besyv.example").plan), planned(of_example())
    assert (read.file, read.notice.version) == (made.file, made.notice.version)
    assert list(read.flows.items()) == list(made.flows.items())


async def test_an_older_version_is_there_for_those_who_began_on_it(database: Database) -> None:
    process_host = ProcessHost("eksempel")
    await load(database, of_example())
    old = (await database.read(process_host.plan)).flows["linjer"].flow
    await load(database, with_new_goal(of_example()))
    now = await database.read(process_host.plan)
    new = now.flows["linjer"].flow
    assert old != new
    assert await database.read(lambda tx: process_host.flow(tx, now, "linjer", 1)) == old
    assert await database.read(lambda tx: process_host.flow(tx, now, "linjer", 2)) == new
    with pytest.raises(LookupError, match="no version 3 of linjer"):
        await database.read(lambda tx: process_host.flow(tx, now, "linjer", 3))


async def test_the_notice_is_a_new_one_only_when_its_words_change(database: Database) -> None:
    process_host = ProcessHost("eksempel")
    await load(database, of_example())
    first = await database.read(process_host.plan)
    await load(database, with_new_goal(of_example()))
    same = await database.read(process_host.plan)
    other_phone = of_example().contacts.model_copy(update={"phone": "30 40 50 60"})
    await load(database, of_example().model_copy(update={"contacts": other_phone}))
    changed = await database.read(process_host.plan)
    assert same.notice.version == first.notice.version
    assert changed.notice.version != first.notice.version


async def test_a_process_that_was_never_loaded_is_a_programmers_mistake(database: Database) -> None:
    with pytest.raises(LookupError, match="no process eksempel in the database"):
        await database.read(ProcessHost("eksempel").plan)


async def test_a_stored_flow_version_can_not_be_written_over(database: Database) -> None:
    process_id = await load(database, of_example())
    start = flows.shipped_flows(of_example())[0]
    again = FlowVersion("start", 1, loader.digest(start), loader.to_json(start))
    with pytest.raises(sqlite3.IntegrityError):
        await database.write(lambda tx: processes.add_flow_version(tx, process_id, again, NOW))

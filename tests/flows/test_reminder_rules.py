"""Which reminders an event gets: never at night, never two for one, none that comes too late. Danish time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.flows import reminder_rules, schedule
from bot.flows.reminder_rules import Due
from bot.flows.schedule import HOUR, SendingHours
from tests.support.danish_time import local
from tests.support.opening_hours import HOURS, is_open, moments
from tests.support.sizes import examples

DAY = 24 * HOUR
LONG_AGO = local("2020-01-01 12:00")
MEETING = ("7d", "1d", "morning")
HEARING = ("half", "7d", "2d", "morning")
NIGHT_AND_DAY = (time(0), time(23, 59))
ALWAYS = SendingHours(weekdays=NIGHT_AND_DAY, saturday=NIGHT_AND_DAY, sunday=NIGHT_AND_DAY)


def shown(due: Due) -> str:
    return f"{due.what}: {schedule.to_local(due.due_at):%a %Y-%m-%d %H:%M}"


def reminders(event: str, wanted: tuple[str, ...] = MEETING, since: int = LONG_AGO, **how: Any) -> list[str]:
    return [shown(due) for due in reminder_rules.before(local(event), wanted, since, **how)]


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        # an ordinary week
        ("2026-03-10 19:00", ["7d: Tue 2026-03-03 19:00", "1d: Mon 2026-03-09 19:00", "morning: Tue 2026-03-10 09:00"]),
        ("2026-03-09 19:00", ["7d: Mon 2026-03-02 19:00", "morning: Mon 2026-03-09 09:00"]),
        ("2026-03-08 14:00", ["7d: Mon 2026-03-02 09:00", "1d: Sat 2026-03-07 14:00"]),
        ("2026-03-14 10:00", ["7d: Sat 2026-03-07 10:00", "1d: Fri 2026-03-13 10:00"]),
        # before nine, at nine and right after it
        ("2026-03-10 08:00", ["7d: Tue 2026-03-03 09:00", "morning: Mon 2026-03-09 19:00"]),
        ("2026-03-10 09:00", ["7d: Tue 2026-03-03 09:00", "1d: Mon 2026-03-09 09:00"]),
        ("2026-03-10 09:01", ["7d: Tue 2026-03-03 09:01", "1d: Mon 2026-03-09 09:01", "morning: Tue 2026-03-10 09:00"]),
        # late in the evening, and at midnight
        ("2026-03-11 19:59", ["7d: Wed 2026-03-04 19:59", "1d: Tue 2026-03-10 19:59", "morning: Wed 2026-03-11 09:00"]),
        ("2026-03-11 20:00", ["7d: Thu 2026-03-05 09:00", "morning: Wed 2026-03-11 09:00"]),
        ("2026-03-11 00:00", ["7d: Wed 2026-03-04 09:00", "morning: Tue 2026-03-10 09:00"]),
        ("2026-03-11 23:30", ["7d: Thu 2026-03-05 09:00", "morning: Wed 2026-03-11 09:00"]),
        # a leap day is a day like others
        ("2028-02-29 19:00", ["7d: Tue 2028-02-22 19:00", "1d: Mon 2028-02-28 19:00", "morning: Tue 2028-02-29 09:00"]),
        ("2028-03-01 19:00", ["7d: Wed 2028-02-23 19:00", "1d: Tue 2028-02-29 19:00", "morning: Wed 2028-03-01 09:00"]),
        # week 53, Christmas Eve and New Year's Eve
        ("2026-12-30 19:00", ["7d: Wed 2026-12-23 19:00", "1d: Tue 2026-12-29 19:00", "morning: Wed 2026-12-30 09:00"]),
        ("2027-01-04 19:00", ["7d: Mon 2026-12-28 19:00", "morning: Mon 2027-01-04 09:00"]),
        ("2027-01-07 19:00", ["7d: Sat 2027-01-02 10:00", "1d: Wed 2027-01-06 19:00", "morning: Thu 2027-01-07 09:00"]),
        ("2026-12-28 10:00", ["7d: Mon 2026-12-21 10:00", "morning: Mon 2026-12-28 09:00"]),
        ("2026-12-28 08:00", ["7d: Mon 2026-12-21 09:00", "morning: Wed 2026-12-23 19:00"]),
        ("2026-12-31 17:00", ["7d: Mon 2026-12-28 09:00", "1d: Wed 2026-12-30 17:00"]),
        # Easter 2026 and 2027, and the week after
        ("2026-04-02 14:00", ["7d: Thu 2026-03-26 14:00", "1d: Wed 2026-04-01 14:00"]),
        ("2026-04-06 14:00", ["7d: Mon 2026-03-30 14:00", "morning: Sat 2026-04-04 17:00"]),
        ("2026-04-07 19:00", ["7d: Tue 2026-03-31 19:00", "morning: Tue 2026-04-07 09:00"]),
        ("2026-04-10 19:00", ["7d: Sat 2026-04-04 10:00", "1d: Thu 2026-04-09 19:00", "morning: Fri 2026-04-10 09:00"]),
        ("2027-03-30 08:30", ["7d: Tue 2027-03-23 09:00", "morning: Sat 2027-03-27 17:00"]),
        # Ascension, Whitsun, 1 May, 5 June
        ("2026-05-15 19:00", ["7d: Fri 2026-05-08 19:00", "morning: Fri 2026-05-15 09:00"]),
        ("2026-05-26 10:00", ["7d: Tue 2026-05-19 10:00", "morning: Tue 2026-05-26 09:00"]),
        ("2026-05-01 11:00", ["7d: Fri 2026-04-24 11:00", "1d: Thu 2026-04-30 11:00"]),
        ("2026-06-12 19:00", ["7d: Sat 2026-06-06 10:00", "1d: Thu 2026-06-11 19:00", "morning: Fri 2026-06-12 09:00"]),
        # over the changes of the clock: the same time by the clock on the wall
        ("2026-03-31 19:00", ["7d: Tue 2026-03-24 19:00", "1d: Mon 2026-03-30 19:00", "morning: Tue 2026-03-31 09:00"]),
        ("2026-10-27 19:00", ["7d: Tue 2026-10-20 19:00", "1d: Mon 2026-10-26 19:00", "morning: Tue 2026-10-27 09:00"]),
        ("2027-04-01 19:00", ["7d: Sat 2027-03-27 10:00", "1d: Wed 2027-03-31 19:00", "morning: Thu 2027-04-01 09:00"]),
        ("2027-11-02 19:00", ["7d: Tue 2027-10-26 19:00", "1d: Mon 2027-11-01 19:00", "morning: Tue 2027-11-02 09:00"]),
        # at an hour that is skipped, or comes twice
        ("2026-03-29 02:30", ["7d: Mon 2026-03-23 09:00", "morning: Sat 2026-03-28 17:00"]),
        ("2026-10-25 02:30", ["7d: Mon 2026-10-19 09:00", "morning: Sat 2026-10-24 17:00"]),
    ],
)
def test_a_meeting_is_recalled_a_week_and_a_day_before_and_in_the_morning(event: str, expected: list[str]) -> None:
    assert reminders(event) == expected


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("2026-03-29 19:00", ["24h: Sat 2026-03-28 18:00", "1d: Sat 2026-03-28 19:00"]),
        ("2026-10-25 19:00", ["1d: Sat 2026-10-24 19:00", "24h: Sat 2026-10-24 20:00"]),
        ("2027-03-28 19:00", ["24h: Sat 2027-03-27 18:00", "1d: Sat 2027-03-27 19:00"]),
        ("2027-10-31 19:00", ["1d: Sat 2027-10-30 19:00", "24h: Sat 2027-10-30 20:00"]),
        # an event at an hour that is skipped takes place an hour later
        ("2026-03-29 02:30", ["24h: Sat 2026-03-28 02:30", "1d: Sat 2026-03-28 03:30"]),
        ("2027-03-28 02:30", ["24h: Sat 2027-03-27 02:30", "1d: Sat 2027-03-27 03:30"]),
        # the same time of the day before is skipped, or comes twice
        ("2026-03-30 02:30", ["24h: Sun 2026-03-29 01:30", "1d: Sun 2026-03-29 03:30"]),
        ("2026-10-26 02:30", ["24h: Sun 2026-10-25 02:30"]),
        # on other days they are one
        ("2026-03-10 19:00", ["24h: Mon 2026-03-09 19:00"]),
    ],
)
def test_a_day_is_counted_by_the_clock_on_the_wall_and_hours_as_they_pass(event: str, expected: list[str]) -> None:
    assert reminders(event, ("1d", "24h"), hours=ALWAYS) == expected


@pytest.mark.parametrize("night", ["2026-10-25 02:30", "2027-10-31 02:30"])
def test_an_hour_that_comes_twice_has_one_day_before_and_each_its_own_hours(night: str) -> None:
    second, saturday = local(night), local(night) - 25 * HOUR  # 2.30 on the Saturday
    for event, hours in ((second - HOUR, 24), (second, 25)):
        assert event - saturday == hours * HOUR
        found = reminder_rules.before(event, ("1d", "2h"), LONG_AGO, ALWAYS)
        assert found == (Due("1d", saturday, event - 2 * HOUR), Due("2h", event - 2 * HOUR, event))


@pytest.mark.parametrize(
    ("opens", "closes", "expected"),
    [
        # four weeks and three hours, less the one that is skipped
        (
            "2026-03-03 09:00",
            "2026-03-31 12:00",
            [
                "half: Tue 2026-03-17 10:00",
                "7d: Tue 2026-03-24 12:00",
                "2d: Mon 2026-03-30 09:00",
                "morning: Tue 2026-03-31 09:00",
            ],
        ),
        # ends at midnight; half-way is a Sunday
        (
            "2026-03-03 00:00",
            "2026-03-27 00:00",
            [
                "half: Mon 2026-03-16 09:00",
                "7d: Fri 2026-03-20 09:00",
                "2d: Wed 2026-03-25 09:00",
                "morning: Thu 2026-03-26 09:00",
            ],
        ),
    ],
)
def test_a_hearing_is_recalled_half_way_a_week_and_two_days_before_and_on_the_last_day(
    opens: str, closes: str, expected: list[str]
) -> None:
    assert reminders(closes, HEARING, opens_at=local(opens)) == expected


@pytest.mark.parametrize(
    ("opens", "half"),
    [
        ("2026-03-09 12:00:00", "2026-03-09 12:07:00"),
        ("2026-03-09 12:00:30", "2026-03-09 12:07:30"),
        ("2026-03-09 12:02:00", "2026-03-09 12:08:00"),
        ("2026-03-09 12:14:00", "2026-03-09 12:14:00"),
    ],
)
def test_half_way_is_whole_minutes_after_the_opening(opens: str, half: str) -> None:
    end = local("2026-03-09 12:15:00")
    assert reminder_rules.before(end, ("half",), LONG_AGO, opens_at=local(opens)) == (Due("half", local(half), end),)


def test_without_an_opening_before_the_end_there_is_no_half_way() -> None:
    for opens_at in (None, local("2026-03-09 12:15"), local("2026-03-09 12:30")):
        assert reminders("2026-03-09 12:15", ("half",), opens_at=opens_at) == []


@pytest.mark.parametrize(
    ("event", "wanted", "expected"),
    [
        # of two that had to move, the later stays
        ("2026-03-10 08:00", ("1d", "morning"), ["morning: Mon 2026-03-09 19:00"]),
        ("2026-03-08 14:00", ("2h", "3h", "morning"), ["2h: Sat 2026-03-07 17:00"]),
        # one that had to move gives way, though it be the later
        ("2026-03-14 10:00", ("1d", "morning"), ["1d: Fri 2026-03-13 10:00"]),
        # those that stand where they were meant to stay, however near
        ("2026-03-10 11:00", ("1h", "2h", "morning"), ["morning: Tue 2026-03-10 09:00", "1h: Tue 2026-03-10 10:00"]),
        ("2026-03-10 12:00", ("1h", "2h"), ["2h: Tue 2026-03-10 10:00", "1h: Tue 2026-03-10 11:00"]),
        # no reminders are wished for
        ("2026-03-10 12:00", (), []),
    ],
)
def test_one_that_had_to_move_gives_way(event: str, wanted: tuple[str, ...], expected: list[str]) -> None:
    assert reminders(event, wanted) == expected


def test_one_that_has_given_way_is_in_nobodys_way() -> None:
    """Moved to Friday 14.00, Saturday 1.00 and Saturday 8.00: the second gives way, and the first may stay."""
    hours = SendingHours(weekdays=(time(14), time(20)), saturday=(time(1), time(13)))
    found = reminders("2026-03-14 09:00", ("23h", "9h", "morning"), hours=hours)
    assert found == ["23h: Fri 2026-03-13 14:00", "morning: Sat 2026-03-14 08:00"]


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("2026-03-11 10:00", ["13h: Tue 2026-03-10 21:00"]),
        ("2026-03-11 10:01", ["36h: Tue 2026-03-10 09:00", "13h: Tue 2026-03-10 21:01"]),
    ],
)
def test_twelve_hours_are_near_and_a_minute_more_is_not(event: str, expected: list[str]) -> None:
    assert reminders(event, ("36h", "13h"), hours=SendingHours(weekdays=(time(9), time(22)))) == expected


SEVEN, ONE, MORNING = "7d: Tue 2026-03-03 19:00", "1d: Mon 2026-03-09 19:00", "morning: Tue 2026-03-10 09:00"


@pytest.mark.parametrize(
    ("since", "left", "promised"),
    [
        ("2026-03-03 19:00:00", [SEVEN, ONE, MORNING], [SEVEN, ONE, MORNING]),
        ("2026-03-03 19:00:01", [ONE, MORNING], [ONE, MORNING]),
        ("2026-03-09 20:00:00", [MORNING], [MORNING]),
        # told after the last of them: at once, or at the next sending time before the event
        ("2026-03-10 09:00:01", [], ["late: Tue 2026-03-10 09:00"]),
        ("2026-03-10 18:59:00", [], ["late: Tue 2026-03-10 18:59"]),
        # told when it begins, or when it has been moved into the past
        ("2026-03-10 19:00:00", [], []),
        ("2026-03-10 19:30:00", [], []),
        ("2026-04-10 12:00:00", [], []),
    ],
)
def test_what_was_due_before_people_were_told_is_left_out(since: str, left: list[str], promised: list[str]) -> None:
    assert reminders("2026-03-10 19:00", since=local(since)) == left
    assert reminders("2026-03-10 19:00", since=local(since), at_least_one=True) == promised


@pytest.mark.parametrize(
    ("event", "since", "expected"),
    [
        ("2026-03-10 10:00", "2026-03-09 23:00", ["morning: Tue 2026-03-10 09:00"]),
        ("2026-03-10 09:30", "2026-03-10 07:00", ["morning: Tue 2026-03-10 09:00"]),
        ("2026-03-14 12:00", "2026-03-13 21:00", ["morning: Sat 2026-03-14 10:00"]),
        ("2026-03-11 14:00", "2026-03-11 09:30", ["late: Wed 2026-03-11 09:30"]),
        # the event is over before anybody may be written to
        ("2026-03-10 08:00", "2026-03-09 20:00", []),
        ("2026-03-08 14:00", "2026-03-07 18:00", []),
        # the one in the morning gave way to the day before, which is past
        ("2026-03-14 10:00", "2026-03-13 10:01", ["late: Fri 2026-03-13 10:01"]),
    ],
)
def test_one_that_is_promised_waits_for_a_sending_time_before_the_event(
    event: str, since: str, expected: list[str]
) -> None:
    assert reminders(event, since=local(since), at_least_one=True) == expected


def test_one_is_promised_also_where_none_is_wished_for() -> None:
    found = reminder_rules.before(local("2026-03-10 19:00"), (), local("2026-03-08 12:00"), at_least_one=True)
    assert found == (Due("late", local("2026-03-09 09:00"), local("2026-03-10 19:00")),)


def test_each_is_worth_sending_until_the_next_and_the_last_until_the_event() -> None:
    event = local("2026-03-10 19:00")
    week, day, morning = local("2026-03-03 19:00"), local("2026-03-09 19:00"), local("2026-03-10 09:00")
    assert reminder_rules.before(event, MEETING, LONG_AGO) == (
        Due("7d", week, day),
        Due("1d", day, morning),
        Due("morning", morning, event),
    )


def from_february_to(last: date) -> frozenset[date]:
    return frozenset(last - timedelta(days=days) for days in range((last - date(2026, 2, 1)).days + 1))


SUNDAYS = SendingHours(sunday=(time(12), time(16)))


@pytest.mark.parametrize(
    ("hours", "event", "expected"),
    [
        # Sundays from 12 to 16
        (
            SUNDAYS,
            "2026-03-08 14:00",
            ["7d: Sun 2026-03-01 14:00", "1d: Sat 2026-03-07 14:00", "morning: Sun 2026-03-08 12:00"],
        ),
        (SUNDAYS, "2026-03-08 12:00", ["7d: Sun 2026-03-01 12:00", "1d: Sat 2026-03-07 12:00"]),
        (SUNDAYS, "2026-03-09 08:00", ["7d: Mon 2026-03-02 09:00", "morning: Sun 2026-03-08 15:00"]),
        (
            SUNDAYS,
            "2026-12-25 14:00",
            ["7d: Fri 2026-12-18 14:00", "1d: Thu 2026-12-24 14:00", "morning: Fri 2026-12-25 12:00"],
        ),
        # the day itself is closed, or the week before
        (
            SendingHours(closed=frozenset({date(2026, 3, 9)})),
            "2026-03-09 19:00",
            ["7d: Mon 2026-03-02 19:00", "morning: Sat 2026-03-07 17:00"],
        ),
        (
            SendingHours(closed=frozenset({date(2026, 3, 3)})),
            "2026-03-10 19:00",
            ["7d: Wed 2026-03-04 09:00", ONE, MORNING],
        ),
        # a month without an open day
        (SendingHours(closed=from_february_to(date(2026, 3, 9))), "2026-03-10 19:00", [MORNING]),
        (SendingHours(closed=from_february_to(date(2026, 3, 9))), "2026-03-10 08:00", []),
        (SendingHours(closed=from_february_to(date(2026, 3, 31))), "2026-03-10 19:00", []),
    ],
)
def test_a_process_may_change_the_sending_hours(hours: SendingHours, event: str, expected: list[str]) -> None:
    assert reminders(event, hours=hours) == expected


@pytest.mark.parametrize("what", ["1d", "9d", "10d", "59d", "60d", "1h", "10h", "69h", "70h", "72h", "morning", "half"])
def test_a_token_is_days_hours_the_morning_or_half_way(what: str) -> None:
    event = local("2026-06-17 15:00")
    found = reminder_rules.before(event, (what,), LONG_AGO, ALWAYS, opens_at=event - 10 * DAY)
    assert [due.what for due in found] == [what]


@pytest.mark.parametrize(
    "what",
    [
        "",
        "d",
        "0d",
        "61d",
        "100d",
        "07d",
        "-1d",
        "1,5d",
        "0h",
        "73h",
        "1m",
        "1D",
        "1d ",
        "1d\n",
        "x1d",
        "²d",
        "١d",
        "late",
    ],
)
def test_no_other_token_is_one_even_for_an_event_in_the_past(what: str) -> None:
    for since in (LONG_AGO, local("2026-04-01 12:00")):
        with pytest.raises(ValueError, match="no reminder is called"):
            reminder_rules.before(local("2026-03-10 19:00"), ("1d", what), since)


def test_hours_at_which_nobody_may_be_written_to_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="nobody may be written to"):
        reminders("2026-03-10 19:00", hours=SendingHours(weekdays=None, saturday=None))


# --- whatever is wished for, whenever ---------------------------------------------------------------------


class Wish(NamedTuple):
    """What the reminders of one event are made from."""

    event_at: int
    wanted: tuple[str, ...]
    since: int
    hours: SendingHours
    opens_at: int | None

    def reminders(self, **changed: Any) -> tuple[Due, ...]:
        event_at, wanted, since, hours, opens_at = self._replace(**changed)
        return reminder_rules.before(event_at, wanted, since, hours, opens_at=opens_at)

    def promised(self) -> tuple[Due, ...]:
        return reminder_rules.before(*self[:4], opens_at=self.opens_at, at_least_one=True)


TOKENS = st.one_of(
    st.sampled_from(["7d", "2d", "1d", "1h", "2h", "24h", "morning", "half"]),
    st.integers(1, 60).map("{}d".format),
    st.integers(1, 72).map("{}h".format),
)

EVENTS = moments(datetime(2026, 1, 1, tzinfo=UTC), datetime(2030, 12, 30, tzinfo=UTC))
BEFORE = st.one_of(st.integers(-2 * DAY, 70 * DAY), st.integers(-2, 3 * 96).map(lambda n: n * 900))


@st.composite
def wishes(draw: st.DrawFn) -> Wish:
    event_at = draw(EVENTS)
    opens_at = draw(st.none() | st.integers(-DAY, 60 * DAY).map(lambda ahead: event_at - ahead))
    wanted = tuple(draw(st.lists(TOKENS, max_size=6)))
    return Wish(event_at, wanted, event_at - draw(BEFORE), draw(HOURS), opens_at)


def meant(wish: Wish, what: str) -> int | None:
    """The moment that a token names, told in the words of the rule."""
    wall = schedule.to_local(wish.event_at)
    if what == "morning":
        day = wall - timedelta(days=1) if wall.time() == time() else wall
        return schedule.to_utc(day.replace(hour=9, minute=0, second=0))
    if what == "half":
        if wish.opens_at is None or wish.opens_at >= wish.event_at:
            return None
        return wish.opens_at + int((wish.event_at - wish.opens_at) / 2 / 60) * 60
    unit, count = what[-1], int(what[:-1])
    return wish.event_at - count * HOUR if unit == "h" else schedule.to_utc(wall - timedelta(days=count))


def where(wish: Wish, at: int) -> int | None:
    """Where the hours put it."""
    soon = schedule.next_sending_time(at, wish.hours)
    return soon if soon < wish.event_at else schedule.last_sending_time(wish.event_at, wish.hours)


MANY = settings(max_examples=examples(500), deadline=None)


@MANY
@given(wishes())
def test_every_reminder_comes_in_sending_hours_between_the_telling_and_the_event(wish: Wish) -> None:
    for found in (wish.reminders(), wish.promised()):
        assert all(is_open(due.due_at, wish.hours) for due in found)
        assert all(wish.since <= due.due_at < due.expires_at <= wish.event_at for due in found)
        assert [due.expires_at for due in found] == [*(due.due_at for due in found), wish.event_at][1:]


@MANY
@given(wishes())
def test_one_that_is_promised_comes_wherever_there_is_a_sending_time_left(wish: Wish) -> None:
    soon = schedule.next_sending_time(wish.since, wish.hours)
    late = (Due("late", soon, wish.event_at),) if soon < wish.event_at else ()
    assert wish.promised() == (wish.reminders() or late)


@MANY
@given(wishes())
def test_a_reminder_stands_where_it_was_meant_to_or_away_from_the_others(wish: Wish) -> None:
    found = {due.due_at: due.what for due in wish.reminders(since=0)}
    for at, what in found.items():
        assert what in wish.wanted
        named = meant(wish, what)
        assert named is not None
        assert where(wish, named) == at
        assert named == at or all(abs(at - other) > 12 * HOUR for other in found if other != at)


@MANY
@given(wishes())
def test_a_reminder_is_missing_only_where_another_is_near_or_nothing_is_open(wish: Wish) -> None:
    found = [due.due_at for due in wish.reminders(since=0)]
    for what in wish.wanted:
        named = meant(wish, what)
        at = None if named is None else where(wish, named)
        if at is not None:
            near = [other for other in found if abs(at - other) <= 12 * HOUR]
            assert at in found if at == named else near


@MANY
@given(wishes(), st.integers(1, 60))
def test_days_before_in_sending_hours_are_exactly_the_same_time_on_the_wall(wish: Wish, days: int) -> None:
    wall = schedule.to_local(wish.event_at) - timedelta(days=days)
    at = schedule.to_utc(wall)
    if is_open(at, wish.hours) and schedule.to_local(at) == wall:
        found = wish.reminders(wanted=(*wish.wanted, f"{days}d"), since=0)
        assert wall in [schedule.to_local(due.due_at) for due in found]


@MANY
@given(wishes(), st.integers(0, 70 * DAY))
def test_planning_again_later_only_leaves_out(wish: Wish, later: int) -> None:
    since = wish.since + later
    assert wish.reminders(since=since) == tuple(due for due in wish.reminders() if due.due_at >= since)


@MANY
@given(wishes(), st.randoms())
def test_the_order_of_the_wish_decides_nothing(wish: Wish, chance: Any) -> None:
    shuffled = list(wish.wanted)
    chance.shuffle(shuffled)
    assert wish.reminders(wanted=(*shuffled, *shuffled[:1])) == wish.reminders()

"""Who is reminded of what, and when: of meetings, deadlines and drafts. A clock that the test holds, a real database.

Here: what is planned and enqueued, and for whom; what it says stands in tests/conversations. Which moments an event
gets at all: tests/flows/test_reminder_rules.py.
"""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.access import Role
from bot.app import jobs
from bot.dialogue.session import Context
from bot.features import MESSAGES, TABLES, process_file
from bot.features.meetings.service import scheduling
from bot.features.meetings.service.signup import SignupAnswer, sign_up
from bot.features.steps.reminders import enqueue_unfinished
from bot.flows import schedule
from bot.flows.model import Group
from bot.outbox.kinds import MessageKind
from bot.outbox.reminders import plan_anew
from bot.outbox.sender import OutboundMessage, Sender
from bot.process.file import ProcessFile
from bot.process.flows import shipped_flows
from bot.process.host import ProcessHost
from bot.process.plan import State
from storage import answers, digests, meetings, outbox, people, reminders, runs
from storage.answers import StoredAnswer
from storage.db import Database, Tx, connect
from storage.digests import Digest
from storage.encryption import Keyring
from storage.meetings import Meeting, MeetingDetails, MeetingFacts
from tests.support.danish_time import local
from tests.support.example import of_example
from tests.support.office import FLOW, Office, claim, shown
from tests.support.proven import proven
from tests.support.sizes import examples

HOUR, DAY = 3600, 24 * 3600
EXAMPLE = of_example()
FLOWS = shipped_flows(EXAMPLE)
MADE = "2026-03-02 12:00"  # a Monday
MEETING = "2026-03-24 19:00"  # a Tuesday
DEADLINE = "2026-03-24 16:00"


def process(*steps: dict[str, Any], **more: Any) -> ProcessFile:
    """A step that has no deadline, and those given."""
    whole = EXAMPLE.model_dump(mode="json")
    whole["steps"] = [{"flow": "plan"}, *steps]
    return ProcessFile.model_validate({**whole, **more})


def closing(closes: str = DEADLINE, opens: str | None = None, flow: str = FLOW) -> dict[str, Any]:
    return {"flow": flow, "opens": opens, "closes": closes}


@dataclass
class Clerk(Office):
    """An office whose clock the test holds."""

    clock: int = local(MADE)
    went: list[int] = field(default_factory=list)  # people, in the order they were written to

    async def at(self, moment: str) -> int:
        """Time passes, and one looks for what is due; how many messages are enqueued."""
        self.clock = local(moment)
        return await self.enqueue(self.clock)

    async def makes(self, starts: str = MEETING, **facts: Any) -> int:
        """A meeting of two hours, and one looks; its id."""
        at = local(starts)
        whole = MeetingFacts(
            kind="other",
            details=MeetingDetails(title="Dialogmøde", place="Salen"),
            starts_at=at,
            ends_at=at + 2 * HOUR,
            invites_at=facts.pop("invites", self.clock),
        )
        made = await self.database.write(
            lambda tx: scheduling.make(tx, self.process_id, replace(whole, **facts), self.clock)
        )
        await self.enqueue(self.clock)
        return made

    async def starts(self) -> int:
        """The program, perhaps in a newer version; how many more reminders it plans."""
        return await self.database.write(lambda tx: jobs.plan_everything_anew(tx, self.process_host, self.clock))

    async def waiting(self) -> list[tuple[str, str]]:
        """Which reminders wait, and when they are due."""
        rows = await self.database.read(lambda tx: reminders.waiting(tx, self.process_id))
        return [(row.once, shown(row.due_at)) for row in rows]

    async def meeting(self, number: int) -> Meeting:
        found = await self.database.read(lambda tx: meetings.by_id(tx, self.process_id, number))
        assert found is not None
        return found

    async def moves(self, number: int, starts: str, **facts: Any) -> int:
        """To another time, and one looks; how many are told."""
        meeting, hours = await self.meeting(number), await self.hours()
        moved = replace(scheduling.at_another_time(meeting.facts, local(starts)), **facts)
        told = await self.database.write(lambda tx: scheduling.change(tx, hours, meeting, moved, "", self.clock))
        await self.enqueue(self.clock)
        return told

    async def changes(self, number: int, **facts: Any) -> int:
        meeting, hours = await self.meeting(number), await self.hours()
        told = await self.database.write(
            lambda tx: scheduling.change(tx, hours, meeting, replace(meeting.facts, **facts), "", self.clock)
        )
        await self.enqueue(self.clock)
        return told

    async def cancels(self, number: int) -> int:
        meeting, hours = await self.meeting(number), await self.hours()
        told = await self.database.write(lambda tx: scheduling.cancel(tx, hours, meeting, "", self.clock))
        await self.enqueue(self.clock)
        return told

    async def hours(self) -> schedule.SendingHours:
        return (await self.database.read(self.process_host.plan)).hours

    async def loads(self, file: ProcessFile) -> None:
        await self.database.write(lambda tx: process_file.save(tx, file, FLOWS, self.clock))
        await self.enqueue(self.clock)

    async def signs_up(self, person: int, number: int, answer: SignupAnswer = SignupAnswer.YES) -> None:
        meeting, hours = await self.meeting(number), await self.hours()

        def unit(tx: Tx) -> None:
            known = people.by_id(tx, person)
            assert known is not None
            assert sign_up(tx, hours, meeting, known, answer, 1, self.clock).taken

        await self.database.write(unit)

    async def tells(self, person: int, flow: str = FLOW, *, apart: bool = False) -> None:
        """Begins the step, if they have not, and answers a question of it."""

        def unit(tx: Tx) -> None:
            run = runs.start(tx, person, flow, 1, self.clock)
            told = StoredAnswer(
                question=f"F{self.clock}",
                version=1,
                revision=1,
                asked="?",
                language="da",
                channel="telegram",
                content="{}",
                skipped=False,
                open=False,
                closed_once=True,
                answered_at=self.clock,
                apart=apart,
            )
            answers.put(tx, run.id, told)

        await self.database.write(unit)

    async def sends_in(self, person: int, flow: str = FLOW) -> None:
        def unit(tx: Tx) -> None:
            runs.mark_sent(tx, runs.start(tx, person, flow, 1, self.clock).id, self.clock)

        await self.database.write(unit)

    async def nudges(self, moment: str) -> int:
        self.clock = local(moment)
        return await self.database.write(
            lambda tx: enqueue_unfinished(tx, self.process_host.plan(tx, self.process_id), self.clock)
        )

    async def goes_out(self, moment: str) -> list[int]:
        """What is due then goes out on Telegram; to whom, a message each."""
        await self.at(moment)
        return await self.sent()

    async def sent(self) -> list[int]:
        self.went = []

        async def route(message: OutboundMessage) -> None:
            self.went.append(message.person_id)

        sender = Sender(
            database=self.database,
            context=Context(self.process_host, TABLES, proven),
            messages=MESSAGES,
            clock=lambda: self.clock,
        )
        sender.connect_channel("telegram", route)
        await sender.send_due()
        return sorted(self.went)

    async def planned(self, *kinds: str, what: str = "state = 'due'") -> list[str]:
        """`7d 03-17 19:00`: which, and when."""
        found = await self.database.read(
            lambda tx: tx.all(
                f"SELECT kind, what, due_at FROM reminders WHERE {what} AND process_id = :id ORDER BY due_at, id",
                id=self.process_id,
            )
        )
        return [f"{what} {shown(due)}" for kind, what, due in found if not kinds or kind in kinds]

    async def states(self, kind: str = "") -> list[str]:
        found = await self.database.read(lambda tx: tx.all("SELECT kind, state FROM outbox ORDER BY person_id, id"))
        return [state for known, state in found if known == kind or not kind]


@asynccontextmanager
async def running(folder: Path, file: ProcessFile) -> AsyncIterator[Clerk]:
    database = await Database.open(folder / "besyv.db", Keyring.open_or_create(folder / "keys"))
    at = local(MADE)
    process_id = await database.write(lambda tx: process_file.save(tx, file, FLOWS, at))
    try:
        yield Clerk(database, ProcessHost(file.process), process_id)
    finally:
        await database.close()


@pytest.fixture
async def clerk(tmp_path: Path) -> AsyncIterator[Clerk]:
    async with running(tmp_path, process()) as made:
        await made.at(MADE)
        yield made


# --- planned: meetings ------------------------------------------------------------------------------------


async def test_a_meeting_is_invited_to_at_once_and_reminded_of_three_times_and_its_minutes_are_asked_for(
    clerk: Clerk,
) -> None:
    await clerk.makes()
    assert await clerk.planned(what="state = 'done'") == ["invite 03-02 12:00"]
    assert await clerk.planned() == [
        "7d 03-17 19:00",
        "1d 03-23 19:00",
        "morning 03-24 09:00",
        "3d 03-28 10:00",  # minutes: from Friday evening to Saturday morning
        "7d 04-01 09:00",  # and over the change of the clock
    ]


PLANNED: dict[str, tuple[dict[str, Any], list[str]]] = {
    "in the evening of a weekday": ({}, ["7d 03-17 19:00", "1d 03-23 19:00", "morning 03-24 09:00"]),
    "as the meeting says": ({"reminders": ("14d", "2h")}, ["14d 03-10 19:00", "2h 03-24 17:00"]),
    "none, as the meeting says": ({"reminders": ()}, []),
    "soon after it was made": ({"starts": "2026-03-03 19:00"}, ["morning 03-03 09:00"]),
    "so soon that the invitation is enough": ({"starts": "2026-03-02 21:00"}, []),
    "not within twelve hours of a late invitation": ({"invites": local("2026-03-23 15:00")}, ["morning 03-24 09:00"]),
    "nor of one that waits for the morning": ({"invites": local("2026-03-23 21:00")}, []),
    "after Easter Monday": ({"starts": "2026-04-07 19:00"}, ["7d 03-31 19:00", "morning 04-07 09:00"]),
    "over the change of the clock": (
        {"starts": "2026-03-31 19:00"},
        ["7d 03-24 19:00", "1d 03-30 19:00", "morning 03-31 09:00"],
    ),
}


@pytest.mark.parametrize("when", PLANNED)
async def test_which_reminders_of_a_meeting(clerk: Clerk, when: str) -> None:
    facts, expected = PLANNED[when]
    await clerk.makes(**facts)
    assert await clerk.planned(MessageKind.SOON) == expected


async def test_a_meeting_that_is_moved_is_reminded_of_as_it_stands_now(clerk: Clerk) -> None:
    made = await clerk.makes()
    clerk.clock = local("2026-03-10 12:00")
    await clerk.moves(made, "2026-04-16 17:00")
    assert await clerk.planned(MessageKind.SOON) == ["7d 04-09 17:00", "1d 04-15 17:00", "morning 04-16 09:00"]
    assert await clerk.planned(MessageKind.SOON, what="state = 'withdrawn'") == [
        "7d 03-17 19:00",
        "1d 03-23 19:00",
        "morning 03-24 09:00",
    ]


async def test_moved_there_and_back_what_was_told_stays_told_and_the_rest_comes_back(clerk: Clerk) -> None:
    made, anna = await clerk.makes(), await clerk.somebody()
    assert await clerk.goes_out("2026-03-17 19:00") == [anna]
    clerk.clock = local("2026-03-18 12:00")
    await clerk.moves(made, "2026-05-20 19:00")
    await clerk.moves(made, MEETING)
    assert await clerk.planned(MessageKind.SOON, what="state = 'done'") == ["7d 03-17 19:00"]
    assert await clerk.planned(MessageKind.SOON) == ["1d 03-23 19:00", "morning 03-24 09:00"]
    assert await clerk.sent() == [anna]  # that it was moved, once
    assert await clerk.goes_out("2026-03-23 19:00") == [anna]


async def test_soon_after_news_that_it_was_moved_there_is_no_reminder(clerk: Clerk) -> None:
    """Moved on Saturday evening, people hear of it on Monday at nine; the reminder would come that very minute."""
    made, anna = await clerk.makes(), await clerk.somebody()
    await clerk.at("2026-03-02 12:01")
    await clerk.signs_up(anna, made)
    clerk.clock = local("2026-03-14 19:00")
    assert await clerk.moves(made, "2026-03-16 19:00") == 1
    assert await clerk.planned(MessageKind.SOON) == []
    assert await clerk.goes_out("2026-03-16 09:00") == [anna]
    assert await clerk.states() == ["sent"]


async def test_another_title_changes_no_reminder(clerk: Clerk) -> None:
    made = await clerk.makes()
    before = await clerk.planned()
    clerk.clock = local("2026-03-23 12:00")
    meeting = await clerk.meeting(made)
    assert await clerk.changes(made, details=replace(meeting.facts.details, title="Stort dialogmøde")) == 0
    assert await clerk.planned() == [row for row in before if row != "7d 03-17 19:00"]


async def test_a_meeting_that_is_cancelled_is_not_reminded_of(clerk: Clerk) -> None:
    made = await clerk.makes()
    clerk.clock = local("2026-03-18 12:00")
    await clerk.cancels(made)
    assert await clerk.planned() == []


async def test_a_reminder_on_its_way_when_the_meeting_is_moved_is_put_right(clerk: Clerk) -> None:
    """Who came after the invitations knows of the meeting by the reminder alone."""
    made, anna = await clerk.makes(), await clerk.somebody()
    await clerk.at("2026-03-17 19:00")
    [reminder] = await clerk.database.write(lambda tx: claim(tx, clerk.clock))
    assert await clerk.moves(made, "2026-03-26 19:00") == 1
    await clerk.database.write(lambda tx: outbox.settle(tx, reminder.id, "sent", clerk.clock))
    assert await clerk.states(MessageKind.SOON) == ["sent"]  # as it was
    assert await clerk.sent() == [anna]


@pytest.mark.parametrize(("tried", "told"), [("and not settled", 1), ("and put back", 0)])
async def test_who_may_have_the_old_time_is_told_of_the_new_one(clerk: Clerk, tried: str, told: int) -> None:
    """Killed while an invitation was on its way, it is in doubt; one that Telegram did not take is not."""
    await clerk.somebody()
    made = await clerk.makes()
    [invitation] = await clerk.database.write(lambda tx: claim(tx, clerk.clock))
    if tried == "and put back":
        await clerk.database.write(lambda tx: outbox.put_back(tx, [invitation.id], clerk.clock + 600))
    clerk.clock += 300
    assert await clerk.moves(made, "2026-03-26 19:00") == told


async def test_a_reminder_that_is_wished_for_too_late_is_not_made_up_for(clerk: Clerk) -> None:
    made = await clerk.makes(reminders=("1d",))
    await clerk.at("2026-03-20 12:00")
    await clerk.changes(made, reminders=("7d", "2d", "1d"))
    assert await clerk.planned(MessageKind.SOON) == ["1d 03-23 19:00"]


async def test_a_meeting_that_was_over_when_the_file_was_loaded_is_nobodys_business(clerk: Clerk) -> None:
    await clerk.makes("2026-01-20 19:00")
    assert await clerk.planned(what="true") == []


async def test_nobody_is_invited_again_however_long_ago_the_invitation_was(clerk: Clerk) -> None:
    """What is known of messages is forgotten after 90 days."""
    await clerk.makes("2026-09-22 19:00")
    anna = await clerk.somebody()
    bo_was_here = await clerk.database.read(lambda tx: tx.all("SELECT 1 FROM outbox"))
    assert bo_was_here == []
    later = await clerk.makes("2026-09-23 19:00")
    assert await clerk.sent() == [anna]
    clerk.clock = local("2026-06-15 12:00")
    await clerk.database.write(lambda tx: outbox.prune(tx, clerk.clock - jobs.KEEP_MESSAGES))
    await clerk.changes(later, capacity=40)
    assert await clerk.sent() == []
    assert len(await clerk.planned(MessageKind.INVITED, what="state = 'done'")) == 2


# --- planned: deadlines -----------------------------------------------------------------------------------

A_WEEK = {"steps": ["7d"]}

STEP_REMINDERS: dict[str, tuple[str, dict[str, Any], list[str]]] = {
    "a step": (MADE, closing(), ["7d 03-17 16:00", "morning 03-24 09:00"]),
    "a hearing: half-way, a week, two days, the last morning": (
        MADE,
        closing("2026-04-30 12:00", "2026-03-05 08:00", "hoering"),
        ["half 04-04 10:00", "7d 04-23 12:00", "2d 04-28 12:00", "morning 04-30 09:00"],
    ),
    "a hearing over Easter": (
        MADE,
        closing("2026-04-08 12:00", "2026-03-04 08:00", "hoering"),
        ["half 03-23 09:00", "7d 04-01 12:00", "2d 04-07 09:00", "morning 04-08 09:00"],
    ),
    "a step that opens a day before it closes": (MADE, closing(opens="2026-03-23 08:00"), ["morning 03-24 09:00"]),
    "one whose opening is told of the same morning": (MADE, closing(opens="2026-03-23 21:00"), []),
    "one that closes this afternoon gets one all the same": ("2026-03-24 14:00", closing(), []),
}


@pytest.mark.parametrize("which", STEP_REMINDERS)
async def test_which_reminders_of_a_deadline(tmp_path: Path, which: str) -> None:
    at, step, expected = STEP_REMINDERS[which]
    async with running(tmp_path, process(step)) as clerk:
        await clerk.at(at)
        assert await clerk.planned(MessageKind.DEADLINE) == expected
        done = ["late 03-24 14:00"] if not expected and at != MADE else []
        assert await clerk.planned(MessageKind.DEADLINE, what="state = 'done'") == done


async def test_a_deadline_set_for_this_afternoon_is_reminded_of_at_once(clerk: Clerk) -> None:
    anna = await clerk.somebody()
    clerk.clock = local("2026-03-24 13:00")
    await clerk.loads(process(closing()))
    assert await clerk.sent() == [anna]


async def test_set_in_the_night_it_is_reminded_of_in_the_morning_whatever_else_happens_till_then(clerk: Clerk) -> None:
    """A reminder that is promised is not lost because something else is planned meanwhile."""
    anna = await clerk.somebody()
    clerk.clock = local("2026-03-24 01:00")
    await clerk.loads(process(closing("2026-03-24 12:00"), reminders=A_WEEK))
    assert await clerk.planned(MessageKind.DEADLINE) == ["late 03-24 09:00"]
    await clerk.makes("2026-06-02 19:00", groups=("ansat",))
    assert await clerk.planned(MessageKind.DEADLINE) == ["late 03-24 09:00"]
    assert await clerk.goes_out("2026-03-24 09:00") == [anna]


async def test_who_wishes_for_no_reminders_of_deadlines_gets_none(clerk: Clerk) -> None:
    clerk.clock = local("2026-03-24 13:00")
    await clerk.loads(process(closing(), reminders={"steps": ()}))
    assert await clerk.planned(MessageKind.DEADLINE, what="true") == []


async def test_a_deadline_moved_in_the_file_is_reminded_of_as_it_stands_now(tmp_path: Path) -> None:
    async with running(tmp_path, process(closing())) as clerk:
        await clerk.at("2026-03-17 16:00")
        await clerk.loads(process(closing("2026-04-21 16:00")))
        assert await clerk.planned() == ["7d 04-14 16:00", "morning 04-21 09:00"]
        assert await clerk.planned(what="state = 'withdrawn'") == ["morning 03-24 09:00"]
        await clerk.loads(process(closing()))
        assert await clerk.planned() == ["morning 03-24 09:00"]
        assert await clerk.planned(what="state = 'done'") == ["7d 03-17 16:00"]


async def test_a_promised_reminder_comes_back_with_its_deadline(clerk: Clerk) -> None:
    clerk.clock = local("2026-03-24 01:00")
    await clerk.loads(process(closing("2026-03-24 12:00"), reminders=A_WEEK))
    await clerk.loads(process(closing("2026-06-24 12:00"), reminders=A_WEEK))
    assert await clerk.planned() == ["7d 06-17 12:00"]
    await clerk.loads(process(closing("2026-03-24 12:00"), reminders=A_WEEK))
    assert await clerk.planned() == ["late 03-24 09:00"]


async def test_a_deadline_that_is_put_off_while_a_reminder_waits_takes_the_reminder_along(tmp_path: Path) -> None:
    """Telegram was out of reach since four; at six the leader gave people another month."""
    async with running(tmp_path, process(closing())) as clerk:
        anna = await clerk.somebody()
        assert await clerk.at("2026-03-17 16:00") == 1
        clerk.clock = local("2026-03-17 18:00")
        await clerk.loads(process(closing("2026-04-21 16:00")))
        assert await clerk.sent() == []
        assert await clerk.states() == ["withdrawn"]
        assert await clerk.goes_out("2026-04-14 16:00") == [anna]


async def test_by_hand_a_group_gets_a_deadline_of_its_own(tmp_path: Path) -> None:
    async with running(tmp_path, process(closing())) as clerk:
        bo, anna = await clerk.somebody(Group.FORENING), await clerk.somebody()
        await clerk.change(State.CLOSED, local("2026-03-12 12:00"), Group.FORENING)
        await clerk.at("2026-03-02 12:01")
        assert await clerk.planned() == [
            "7d 03-05 12:00",
            "morning 03-12 09:00",
            "7d 03-17 16:00",
            "morning 03-24 09:00",
        ]
        assert await clerk.goes_out("2026-03-05 12:00") == [bo]
        assert await clerk.goes_out("2026-03-12 09:00") == [bo]
        assert await clerk.goes_out("2026-03-17 16:00") == [anna]


async def test_a_step_closed_by_hand_is_not_reminded_of(tmp_path: Path) -> None:
    async with running(tmp_path, process(closing())) as clerk:
        await clerk.somebody()
        await clerk.at("2026-03-09 12:00")
        await clerk.change(State.CLOSED, clerk.clock)
        await clerk.at("2026-03-09 12:01")
        assert await clerk.planned() == []
        assert await clerk.planned(what="state = 'withdrawn'") == ["7d 03-17 16:00", "morning 03-24 09:00"]


HOURS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "9-20, as by default": ({}, ["7d 03-17 19:00", "1d 03-23 19:00", "morning 03-24 09:00"]),
    "offices' hours": ({"weekdays": "10-15"}, ["7d 03-18 10:00", "morning 03-24 10:00"]),
    "not on a day that is closed": (
        {"closed": ["2026-03-17", "2026-03-23"]},
        ["7d 03-18 09:00", "morning 03-24 09:00"],
    ),
    "weekends alone": ({"weekdays": "none", "sunday": "12-16"}, ["7d 03-21 10:00", "morning 03-22 15:00"]),
}


@pytest.mark.parametrize("which", HOURS)
async def test_writing_hours_are_the_processes_own(tmp_path: Path, which: str) -> None:
    hours, expected = HOURS[which]
    async with running(tmp_path, process(writing_hours=hours)) as clerk:
        await clerk.makes()
        assert await clerk.planned(MessageKind.SOON) == expected


async def test_hours_that_are_changed_hold_for_what_is_planned(clerk: Clerk) -> None:
    await clerk.makes()
    await clerk.loads(process(writing_hours={"weekdays": "10-15"}))
    assert await clerk.planned(MessageKind.SOON) == HOURS["offices' hours"][1]


async def test_reminders_that_are_changed_for_the_process_hold_for_meetings_that_do_not_say(clerk: Clerk) -> None:
    await clerk.makes()
    await clerk.makes(reminders=("1d",))
    await clerk.loads(process(reminders={"meetings": ["3d"]}))
    assert await clerk.planned(MessageKind.SOON) == ["3d 03-23 09:00", "1d 03-23 19:00"]


# --- down -------------------------------------------------------------------------------------------------


async def test_down_over_a_due_time_what_is_worth_it_goes_and_the_rest_is_shown_as_expired(clerk: Clerk) -> None:
    made, anna = await clerk.makes(), await clerk.somebody()
    assert await clerk.goes_out("2026-03-23 21:00") == []  # over 7d and 1d; and it is late
    assert await clerk.goes_out("2026-03-24 09:00") == []
    await clerk.signs_up(anna, made)
    ended = await clerk.database.read(lambda tx: reminders.lately(tx, clerk.process_id, local("2026-03-20 12:00")))
    assert [(row.what, row.state, row.messages) for row in ended] == [
        ("morning", "done", 0),
        ("1d", "expired", 0),
        ("7d", "expired", 0),
    ]


async def test_down_for_an_hour_a_reminder_goes_an_hour_late(clerk: Clerk) -> None:
    await clerk.makes()
    anna = await clerk.somebody()
    assert await clerk.goes_out("2026-03-17 19:59") == [anna]
    assert await clerk.states() == ["sent"]


async def test_down_over_a_deadline_what_was_missed_is_shown_also_where_the_file_was_loaded_meanwhile(
    tmp_path: Path,
) -> None:
    async with running(tmp_path, process(closing())) as clerk:
        await clerk.somebody()
        await clerk.at("2026-03-17 15:00")
        clerk.clock = local("2026-03-25 12:00")
        await clerk.loads(process(closing(), closing("2026-06-01 12:00", "2026-05-01 12:00", "hoering")))
        ended = await clerk.database.read(lambda tx: reminders.lately(tx, clerk.process_id, clerk.clock))
        assert [(row.what, row.state) for row in ended] == [("morning", "expired"), ("7d", "expired")]


async def test_what_was_missed_on_saturday_goes_on_monday_to_those_whom_it_still_concerns(clerk: Clerk) -> None:
    """Sign-up ends on Sunday evening: who has not said can't say any more."""
    made = await clerk.makes("2026-03-17 17:00", reminders=("3d",), signup_until=local("2026-03-15 20:00"))
    anna, _ = await clerk.somebody(), await clerk.somebody()
    await clerk.signs_up(anna, made)
    assert await clerk.planned(MessageKind.SOON) == ["3d 03-14 17:00"]
    assert await clerk.at("2026-03-15 12:00") == 1
    assert await clerk.goes_out("2026-03-16 09:00") == [anna]


# --- to whom ----------------------------------------------------------------------------------------------

DEADLINE_TO: dict[str, tuple[dict[str, Any], bool]] = {
    "has not begun": ({}, True),
    "has begun and not sent": ({"begun": (FLOW,)}, True),
    "has sent it": ({"sent": ("plan", FLOW)}, False),
    "has sent nothing else either": ({"sent": ()}, True),
    "said no to reminders": ({"wants": 0}, False),
    "was never asked about them": ({"wants": None}, False),
    "is of another group": ({"group": Group.ANSAT}, False),
    "has not said who they are": ({"group": None}, False),
    "has stopped": ({"sql": "stopped_at = 1"}, False),
    "never said yes to the notice": ({"sql": "notice_version = NULL"}, False),
    "was entered for others": ({"sql": "source = 'table', behind = 8"}, False),
}


@pytest.mark.parametrize("who", DEADLINE_TO)
async def test_who_is_reminded_of_a_deadline(tmp_path: Path, who: str) -> None:
    kind, reminded = DEADLINE_TO[who]
    async with running(tmp_path, process(closing())) as clerk:
        sql = kind.get("sql", "id = id")
        anna = await clerk.somebody(**{key: value for key, value in kind.items() if key != "sql"})
        await clerk.do(f"UPDATE people SET {sql} WHERE id = :id", id=anna)
        await clerk.at(MADE)
        assert await clerk.at("2026-03-17 16:00") == reminded
        assert await clerk.sent() == [anna] * reminded


MEETING_TO: dict[str, tuple[dict[str, Any], tuple[bool, bool, bool, bool]]] = {
    # invited, a week before, the same morning, told that it is moved
    "has not said": ({}, (True, True, False, True)),
    "comes": ({"says": SignupAnswer.YES}, (True, True, True, True)),
    "may come": ({"says": SignupAnswer.MAYBE}, (True, True, True, True)),
    "stays away": ({"says": SignupAnswer.NO}, (True, False, False, False)),
    "waits for a place": ({"says": SignupAnswer.YES, "full": True}, (True, False, False, True)),
    "said no to reminders": ({"wants": 0}, (False, False, False, False)),
    "said no to reminders, and comes": ({"wants": 0, "says": SignupAnswer.YES}, (False, False, False, True)),
    "said no to reminders, and stays away": ({"wants": 0, "says": SignupAnswer.NO}, (False, False, False, False)),
    "was never asked about them": ({"wants": None}, (False, False, False, False)),
    "is of another group": ({"group": Group.ANSAT}, (False, False, False, False)),
    "lives elsewhere": ({"area": "havnen"}, (False, False, False, False)),
    "has not said where they live": ({"area": None}, (False, False, False, False)),
    "is of another group, and comes": ({"group": Group.ANSAT, "says": SignupAnswer.YES}, (False, True, True, True)),
    "has stopped": ({"sql": "stopped_at = 1"}, (False, False, False, False)),
    "has stopped, and signs up afterwards": (
        {"sql": "stopped_at = 1", "says": SignupAnswer.YES},
        (False, True, True, True),
    ),
    "never said yes to the notice": ({"sql": "notice_version = NULL"}, (False, False, False, False)),
    "was entered for others": ({"sql": "source = 'table', behind = 8"}, (False, False, False, False)),
}


@pytest.mark.parametrize("who", MEETING_TO)
async def test_who_hears_of_a_meeting(clerk: Clerk, who: str) -> None:
    kind, expected = MEETING_TO[who]
    asked = {"area": "nordby", "sql": "id = id", "full": False, **kind}
    anna = await clerk.somebody(**{key: asked[key] for key in ("group", "wants") if key in asked})
    await clerk.do(f"UPDATE people SET {asked['sql']} WHERE id = :id", id=anna)
    await clerk.do("UPDATE capacities SET area = :area WHERE person_id = :id", id=anna, area=asked["area"])
    made = await clerk.makes(groups=("frivillig", "forening"), areas=("nordby",), capacity=1)
    if asked["full"]:
        await clerk.signs_up(await clerk.somebody(Group.POLITIKER, wants=0), made)
    heard = [await clerk.sent()]
    if "says" in asked:
        await clerk.signs_up(anna, made, asked["says"])
    heard += [await clerk.goes_out(at) for at in ("2026-03-17 19:00", "2026-03-24 09:00")]
    await clerk.moves(made, "2026-05-19 19:00")
    heard.append(await clerk.sent())
    assert [people.count(anna) for people in heard] == list(expected)


async def test_people_of_another_process_hear_nothing_of_a_meeting(clerk: Clerk) -> None:
    other = process().model_copy(update={"process": "nabo"})
    neighbour = await clerk.database.write(lambda tx: process_file.save(tx, other, FLOWS, clerk.clock))
    await clerk.somebody(process=neighbour)
    await clerk.makes()
    assert await clerk.sent() == []


async def test_who_has_not_said_is_reminded_only_while_one_can_sign_up(clerk: Clerk) -> None:
    made = await clerk.makes(signup_until=local("2026-03-20 12:00"))
    anna, bo = await clerk.somebody(), await clerk.somebody()
    await clerk.signs_up(anna, made)
    assert await clerk.goes_out("2026-03-17 19:00") == [anna, bo]
    assert await clerk.goes_out("2026-03-23 19:00") == [anna]


async def test_a_reminder_that_waited_till_sign_up_was_over_is_not_sent_to_who_has_not_said(clerk: Clerk) -> None:
    await clerk.makes(signup_until=local("2026-03-17 19:30"))
    await clerk.somebody()
    assert await clerk.at("2026-03-17 19:00") == 1
    clerk.clock = local("2026-03-17 19:40")  # Telegram was out of reach
    assert await clerk.sent() == []
    assert await clerk.states() == ["unwanted"]


async def test_who_said_no_to_messages_before_the_news_went_out_does_not_get_it_but_who_comes_does(
    clerk: Clerk,
) -> None:
    anna, bo = await clerk.somebody(), await clerk.somebody()
    made = await clerk.makes()
    assert await clerk.sent() == [anna, bo]
    await clerk.signs_up(bo, made)
    clerk.clock = local("2026-03-05 21:00")
    assert await clerk.moves(made, "2026-03-26 19:00") == 2
    await clerk.database.write(lambda tx: tx.run("UPDATE people SET reminders = 0"))
    assert await clerk.goes_out("2026-03-06 09:00") == [bo]
    clerk.clock = local("2026-03-06 21:00")
    await clerk.do("UPDATE people SET reminders = 1, news = 1")
    assert await clerk.cancels(made) == 2
    await clerk.do("UPDATE people SET reminders = 0")
    assert await clerk.goes_out("2026-03-07 10:00") == [bo]


async def test_a_deadline_is_not_told_to_who_answered_between_owing_and_sending(tmp_path: Path) -> None:
    async with running(tmp_path, process(closing())) as clerk:
        anna, bo = await clerk.somebody(), await clerk.somebody()
        assert await clerk.at("2026-03-17 16:00") == 2
        await clerk.sends_in(anna)
        assert await clerk.sent() == [bo]
        assert await clerk.states() == ["unwanted", "sent"]


# --- enough -----------------------------------------------------------------------------------------------


async def test_more_than_three_nudges_a_week_are_too_many(clerk: Clerk) -> None:
    anna = await clerk.somebody()
    for day in ("02", "03", "04", "05"):
        clerk.clock = local(f"2026-03-{day} 12:00")
        await clerk.makes(reminders=())
        await clerk.sent()
    assert await clerk.states() == ["sent", "sent", "sent", "enough"]
    clerk.clock = local("2026-03-09 12:00")
    await clerk.makes(reminders=())
    assert await clerk.sent() == [anna]  # the first one is a week ago


async def test_how_many_is_the_processes_own(tmp_path: Path) -> None:
    async with running(tmp_path, process(reminders={"most_per_week": 1})) as clerk:
        await clerk.somebody()
        for _ in range(2):
            await clerk.makes()
            await clerk.sent()
        assert await clerk.states() == ["sent", "enough"]


async def test_of_a_meeting_one_comes_to_one_is_reminded_all_the_same(clerk: Clerk) -> None:
    anna = await clerk.somebody()
    made = await clerk.makes()
    await clerk.signs_up(anna, made)
    clerk.clock = local("2026-03-16 12:00")
    for _ in range(3):
        await clerk.makes("2026-06-02 19:00", reminders=())
        await clerk.sent()
    assert await clerk.goes_out("2026-03-17 19:00") == [anna]
    assert await clerk.states(MessageKind.SOON) == ["sent"]


async def test_nudges_due_at_once_are_one_message_and_count_as_one(clerk: Clerk) -> None:
    anna = await clerk.somebody()
    for _ in range(5):
        await clerk.makes(reminders=())
    assert await clerk.sent() == [anna]
    since = await clerk.database.read(lambda tx: outbox.sent_since(tx, anna, tuple(MessageKind), clerk.clock - 7 * DAY))
    assert (since, await clerk.states()) == (1, ["sent"] * 5)


async def test_news_is_never_enough_and_never_joined(clerk: Clerk) -> None:
    anna = await clerk.somebody()
    made = [await clerk.makes() for _ in range(4)]
    assert await clerk.sent() == [anna]
    for number in made:
        await clerk.cancels(number)
    assert await clerk.sent() == [anna] * 4


# --- drafts -----------------------------------------------------------------------------------------------


async def test_who_left_a_draft_is_reminded_of_it_once_three_days_after_the_last_answer(tmp_path: Path) -> None:
    async with running(tmp_path, process(closing("2026-06-24 16:00"))) as clerk:
        anna = await clerk.somebody()
        clerk.clock = local("2026-03-03 12:00")
        await clerk.tells(anna)
        clerk.clock = local("2026-03-05 12:00")
        await clerk.tells(anna)
        assert [await clerk.nudges(f"2026-03-{at}") for at in ("06 12:00", "08 11:59", "09 09:00", "10 09:00")] == [
            0,
            0,
            1,
            0,
        ]
        assert await clerk.sent() == [anna]
        clerk.clock = local("2026-03-11 12:00")
        await clerk.tells(anna)
        assert await clerk.nudges("2026-03-20 12:00") == 0


async def test_what_is_kept_apart_is_an_answer_too(tmp_path: Path) -> None:
    async with running(tmp_path, process(closing("2026-06-24 16:00"))) as clerk:
        anna = await clerk.somebody()
        await clerk.tells(anna)
        clerk.clock = local("2026-03-05 11:00")
        await clerk.tells(anna, apart=True)
        assert [await clerk.nudges(at) for at in ("2026-03-05 12:00", "2026-03-09 09:00")] == [0, 1]


async def test_who_goes_on_by_themselves_on_sunday_is_not_reminded_on_monday(tmp_path: Path) -> None:
    """At hours when one does not write, one does not decide either."""
    async with running(tmp_path, process(closing("2026-06-24 16:00"))) as clerk:
        anna = await clerk.somebody()
        clerk.clock = local("2026-03-05 12:00")
        await clerk.tells(anna)
        assert await clerk.nudges("2026-03-08 12:00") == 0
        clerk.clock = local("2026-03-08 20:00")
        await clerk.tells(anna)
        assert await clerk.nudges("2026-03-09 09:00") == 0


NO_NUDGE: dict[str, tuple[dict[str, Any], str]] = {
    "the step has closed": (process(closing("2026-03-04 12:00")).model_dump(mode="json"), "id = id"),
    "the process does not remind": (
        process(closing("2026-06-24 16:00"), reminders={"unfinished_after_days": None}).model_dump(mode="json"),
        "id = id",
    ),
    "they said no to reminders": (process(closing("2026-06-24 16:00")).model_dump(mode="json"), "reminders = 0"),
    "they have stopped": (process(closing("2026-06-24 16:00")).model_dump(mode="json"), "stopped_at = 1"),
    "somebody entered it for them": (process(closing("2026-06-24 16:00")).model_dump(mode="json"), "source = 'table'"),
}


@pytest.mark.parametrize("why", NO_NUDGE)
async def test_nobody_is_reminded_of_a_draft_where(tmp_path: Path, why: str) -> None:
    file, sql = NO_NUDGE[why]
    async with running(tmp_path, ProcessFile.model_validate(file)) as clerk:
        anna = await clerk.somebody()
        await clerk.tells(anna)
        await clerk.do(f"UPDATE people SET {sql}")
        assert await clerk.nudges("2026-03-06 12:00") == 0


async def test_a_draft_that_was_sent_before_the_word_went_out_is_not_reminded_of(tmp_path: Path) -> None:
    async with running(tmp_path, process(closing("2026-06-24 16:00"))) as clerk:
        anna = await clerk.somebody()
        await clerk.tells(anna)
        assert await clerk.nudges("2026-03-06 12:00") == 1
        await clerk.sends_in(anna)
        assert (await clerk.sent(), await clerk.states()) == ([], ["unwanted"])


# --- minutes ----------------------------------------------------------------------------------------------


async def holding(clerk: Clerk, role: Role) -> int:
    person = await clerk.somebody(Group.POLITIKER, wants=0, sent=())
    await clerk.database.write(lambda tx: people.grant(tx, person, role, clerk.clock))
    await clerk.database.write(lambda tx: digests.put(tx, Digest(person, 1, 9, 1)))  # no overviews between
    return person


async def test_minutes_are_asked_for_after_three_and_seven_days_of_the_project_leader(clerk: Clerk) -> None:
    leader, _ = await holding(clerk, Role.LEADER), await holding(clerk, Role.DEPUTY)
    await clerk.makes()
    seen = {day: await clerk.goes_out(f"2026-{day} 10:00") for day in ("03-27", "03-28", "03-30", "04-01", "04-09")}
    assert seen == {"03-27": [], "03-28": [leader], "03-30": [], "04-01": [leader], "04-09": []}


async def test_where_somebody_leads_the_meeting_they_are_asked(clerk: Clerk) -> None:
    _, fie = await holding(clerk, Role.LEADER), await holding(clerk, Role.FACILITATOR)
    made = await clerk.makes()
    await clerk.database.write(lambda tx: meetings.set_facilitator(tx, made, fie))
    assert await clerk.goes_out("2026-03-28 10:00") == [fie]


@pytest.mark.parametrize("done", ["sent before", "sent between enqueueing and sending", "cancelled"])
async def test_nobody_is_asked_for_minutes_that_are_not_due(clerk: Clerk, done: str) -> None:
    await holding(clerk, Role.LEADER)
    made = await clerk.makes()
    if done == "cancelled":
        await clerk.cancels(made)
    elif done == "sent between enqueueing and sending":
        await clerk.at("2026-03-28 10:00")
    if done != "cancelled":
        await clerk.database.write(lambda tx: meetings.publish_minutes(tx, made, clerk.clock))
        await clerk.do("UPDATE processes SET revision = revision + 1")
    assert await clerk.goes_out("2026-03-28 10:01") == []
    assert await clerk.goes_out("2026-04-01 09:00") == []


# --- in the outbox ----------------------------------------------------------------------------------------


async def test_nobody_gets_a_later_message_before_one_that_is_on_its_way(clerk: Clerk) -> None:
    """Killed in the middle of one, we do not know whether it is out: what came due since waits its turn."""
    await clerk.somebody()
    first = await clerk.makes(reminders=())
    assert len(await clerk.database.write(lambda tx: claim(tx, clerk.clock))) == 1
    await clerk.cancels(first)
    await clerk.makes(reminders=())
    assert await clerk.database.write(lambda tx: claim(tx, clerk.clock)) != []  # the lease went with the withdrawal
    await clerk.makes(reminders=())
    assert await clerk.database.write(lambda tx: claim(tx, clerk.clock + 60)) == []
    assert len(await clerk.database.write(lambda tx: claim(tx, clerk.clock + outbox.LEASE))) == 3


async def test_what_is_urgent_takes_nothing_else_along_into_the_night(clerk: Clerk) -> None:
    """A reminder that waited for Telegram since the afternoon waits on, though the same person must hear at once that
    tomorrow's early meeting is cancelled."""
    anna = await clerk.somebody()
    made = await clerk.makes("2026-03-11 08:00", reminders=())
    assert await clerk.sent() == [anna]
    clerk.clock = local("2026-03-10 19:00")
    await clerk.makes(reminders=())
    clerk.clock = local("2026-03-10 22:00")
    assert await clerk.cancels(made) == 1
    assert await clerk.sent() == [anna]
    assert await clerk.states() == ["sent", "due", "sent"]


async def test_what_is_out_is_noted_though_the_database_is_in_trouble_for_a_while(
    clerk: Clerk, caplog: pytest.LogCaptureFixture
) -> None:
    """Somebody copies it, and holds it locked for longer than one waits."""
    anna = await clerk.somebody()
    await clerk.makes(reminders=())
    went, other = [], connect(clerk.database.path)

    async def route(message: OutboundMessage) -> None:
        went.append(message.person_id)
        other.execute("BEGIN IMMEDIATE")

    def lets_go(_: logging.LogRecord) -> bool:
        other.close()
        return True

    caplog.handler.addFilter(lets_go)
    impatient = await Database.open(clerk.database.path, clerk.database.keys, busy=0.05)
    sender = Sender(
        database=impatient,
        context=Context(clerk.process_host, TABLES, proven),
        messages=MESSAGES,
        clock=lambda: clerk.clock,
    )
    sender.connect_channel("telegram", route)
    assert await sender.send_due() == 1
    await impatient.close()
    assert (went, await clerk.states()) == ([anna], ["sent"])
    assert [record.getMessage() for record in caplog.records] == [
        "outbox settle database=OperationalError retry_in=0.5"
    ]


# --- another version of the program -----------------------------------------------------------------------


async def test_one_that_knows_of_more_reminders_plans_them_when_it_starts(tmp_path: Path) -> None:
    async with running(tmp_path, process(closing())) as clerk:
        await clerk.somebody()
        await clerk.database.write(
            lambda tx: plan_anew((), tx, clerk.process_host.plan(tx, clerk.process_id), clerk.clock)
        )
        assert await clerk.at("2026-03-02 13:00") == 0
        assert await clerk.waiting() == []
        assert await clerk.starts() == 2
        assert [once.split(":")[0] for once, _ in await clerk.waiting()] == [MessageKind.DEADLINE] * 2


# --- whatever happens -------------------------------------------------------------------------------------

FEW_HOURS = {"weekdays": "10-16", "saturday": "none"}
MOMENTS = st.integers(0, 60 * 24 * 4).map(lambda quarter: local("2026-03-01 00:00") + quarter * 900)

HAPPENS = st.one_of(
    st.tuples(st.just("make"), MOMENTS),
    st.tuples(st.just("move"), MOMENTS, st.integers(0, 3)),
    st.tuples(st.just("back"), st.integers(0, 3)),
    st.tuples(st.just("cancel"), st.integers(0, 3)),
    st.tuples(st.just("close"), MOMENTS),
    st.tuples(st.just("open"), MOMENTS),
    st.tuples(st.just("load"), MOMENTS),
    st.tuples(st.just("hours"), st.booleans()),
    st.tuples(st.just("passes"), st.integers(1, 24 * 14)),
    st.tuples(st.just("start")),
)


@dataclass
class Whatever:
    """A process to which anything may happen, and what must hold after each thing."""

    clerk: Clerk
    made: list[int] = field(default_factory=list)
    before: dict[int, str] = field(default_factory=dict)
    closes: str = "2026-04-14 12:00"
    hours: dict[str, Any] = field(default_factory=dict)

    async def happens(self, what: str, *how: Any) -> None:
        clerk = self.clerk
        match what:
            case "make" if how[0] > clerk.clock:
                self.made.append(await clerk.makes(text(how[0])))
            case "move" if self.one(how[1]) and how[0] > clerk.clock:
                number = self.made[how[1] % len(self.made)]
                self.before[number] = text((await clerk.meeting(number)).facts.starts_at)
                await clerk.moves(number, text(how[0]))
            case "back" if self.one(how[0]):
                number = self.made[how[0] % len(self.made)]
                if number in self.before and local(self.before[number]) > clerk.clock:
                    await clerk.moves(number, self.before[number])
            case "cancel" if self.one(how[0]):
                await clerk.cancels(self.made[how[0] % len(self.made)])
            case "close" | "open":
                await clerk.change(State.CLOSED if what == "close" else State.OPEN, how[0])
            case "load":
                self.closes = text(how[0])
                await clerk.loads(self.file())
            case "hours":
                self.hours = FEW_HOURS if how[0] else {}
                await clerk.loads(self.file())
            case "passes":
                clerk.clock += how[0] * HOUR
            case "start":  # the program starts again
                before = await clerk.waiting()
                await clerk.starts()
                assert await clerk.waiting() == before
        await clerk.enqueue(clerk.clock)
        await self.holds()

    def one(self, _: int) -> bool:
        return bool(self.made)

    def file(self) -> ProcessFile:
        return process(closing(self.closes), writing_hours=self.hours)

    async def holds(self) -> None:
        """Nothing is left of an event that is gone; and what is due is due at an hour of the process, and before the
        event as it stands."""
        clerk = self.clerk
        plan_, due, enqueued = await clerk.database.read(self._look)
        hours = plan_.hours
        for row in due:
            assert row.due_at > clerk.clock
            assert schedule.next_sending_time(row.due_at, hours) == row.due_at
            assert row.due_at < row.expires_at
            if row.kind == MessageKind.DEADLINE:
                assert row.due_at < row.event_at
                assert row.event_at in [at for _, at in plan_.closings(row.about, Group.FRIVILLIG)]
                continue
            meeting = await clerk.meeting(int(row.about))
            assert not meeting.is_cancelled
            if row.kind == MessageKind.SOON:
                assert row.due_at < row.event_at == meeting.facts.starts_at
        for once, kind, about, due_at, expires_at in enqueued:
            if kind == MessageKind.DEADLINE:
                assert int(once.split(":")[2]) in [at for _, at in plan_.closings(about, Group.FRIVILLIG)]
            if kind == MessageKind.SOON:
                assert due_at < expires_at <= (await clerk.meeting(int(about))).facts.starts_at

    def _look(self, tx: Tx) -> Any:
        known = self.clerk.process_host.plan(tx, self.clerk.process_id)
        enqueued = tx.all("SELECT once, kind, about, due_at, expires_at FROM outbox WHERE state = 'due'")
        return known, reminders.waiting(tx, known.process_id), [tuple(row) for row in enqueued]


def text(at: int) -> str:
    return f"{schedule.to_local(at):%Y-%m-%d %H:%M}"


async def lives_through(happenings: list[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with running(Path(folder), process(closing(Whatever.closes))) as clerk:
            await clerk.somebody()
            await clerk.at(MADE)
            whatever = Whatever(clerk)
            heard: Counter[str] = Counter()
            for happening in happenings:
                await whatever.happens(*happening)
                await clerk.sent()
                out = await clerk.database.write(_gone_out)
                heard.update(once for _, once in out)
                open_now = schedule.next_sending_time(clerk.clock, await clerk.hours()) == clerk.clock
                assert open_now or {kind for kind, _ in out} <= {MessageKind.MOVED, MessageKind.CANCELLED}
            assert [reminder for reminder, times in heard.items() if times > 1] == []


def _gone_out(tx: Tx) -> list[tuple[str, str]]:
    """Kind and reminder of what went out just now. It is forgotten, so that nothing keeps the same from coming again
    but what is known of the reminders themselves; what people know of meetings they know on."""
    out = tx.all("SELECT kind, once FROM outbox WHERE state = 'sent' AND once NOT LIKE 'known:%'")
    tx.run("UPDATE outbox SET once = 'known:' || id WHERE state = 'sent'")
    return [(row["kind"], row["once"]) for row in out]


@settings(max_examples=examples(25), deadline=None)
@given(st.lists(HAPPENS, max_size=12))
def test_whatever_happens_no_reminder_is_double_out_of_hours_too_late_or_of_something_gone(
    happenings: list[tuple[Any, ...]],
) -> None:
    asyncio.run(lives_through(happenings))

"""Which messages are due: to whom that a step has opened, once; and the weekly overview to those who see coverage."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.access import Role
from bot.dialogue.session import Context
from bot.features import MESSAGES, TABLES, process_file
from bot.flows import schedule
from bot.flows.model import Group
from bot.outbox.sender import MOST_ATTEMPTS, OutboundMessage, Sender
from bot.process.flows import shipped_flows
from bot.process.plan import State
from storage import digests, outbox, people
from storage.digests import Digest
from tests.support.danish_time import local
from tests.support.office import DAY, FLOW, NINE, OPENS, Office, claim, open_office, opening
from tests.support.proven import proven

# --- a step opens -----------------------------------------------------------------------------------------


async def test_who_answered_before_and_said_yes_to_messages_is_told_in_sending_hours(office: Office) -> None:
    anna = await office.somebody()
    assert await office.enqueue(OPENS - 1) == 0
    assert await office.enqueue(OPENS) == 1
    assert await office.enqueued() == [(anna, "03-10 09:00", "03-13 09:00")]


NOBODY_ELSE: dict[str, dict[str, Any]] = {
    "said no to messages": {"wants": 0},
    "was never asked about messages": {"wants": None},
    "has sent nothing": {"sent": (), "begun": ("plan",)},
    "has told who they are and no more": {"sent": ("start",)},
    "has begun it": {"begun": (FLOW,)},
    "has sent it": {"sent": ("plan", FLOW)},
    "is not asked in it": {"group": Group.POLITIKER},
    "has not said who they are": {"group": None},
}


@pytest.mark.parametrize("who", NOBODY_ELSE)
async def test_nobody_else_is_told(office: Office, who: str) -> None:
    await office.somebody(**NOBODY_ELSE[who])
    anna = await office.somebody()
    await office.enqueue(OPENS)
    assert [person for person, *_ in await office.enqueued()] == [anna]


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE people SET stopped_at = 1, reminders = 0, notice_version = NULL WHERE id = :id",
        "UPDATE people SET source = 'table', behind = 8 WHERE id = :id",
        "UPDATE people SET notice_version = NULL WHERE id = :id",
    ],
    ids=["stopped", "entered for others", "without a yes to the notice"],
)
async def test_nor_are_those_who_can_not_be_meant(office: Office, sql: str) -> None:
    await office.do(sql, id=await office.somebody())
    assert await office.enqueue(OPENS) == 0


async def test_people_of_another_process_are_not_told(office: Office, tmp_path: Path) -> None:
    other = opening("2026-04-10 08:00").model_copy(update={"process": "nabo"})
    flows = shipped_flows(other)
    neighbour = await office.database.write(lambda tx: process_file.save(tx, other, flows, OPENS))
    await office.somebody(process=neighbour)
    assert await office.enqueue(OPENS) == 0


async def test_everybody_is_told_once_however_often_one_looks(office: Office) -> None:
    await office.somebody()
    await office.somebody(Group.FORENING)
    assert [await office.enqueue(OPENS + seconds) for seconds in (0, 0, 20, 3600, 2 * DAY)] == [2, 0, 0, 0, 0]


async def test_who_comes_after_the_opening_sees_it_without_a_message(office: Office) -> None:
    await office.enqueue(OPENS)
    await office.somebody()
    assert await office.enqueue(OPENS + 20) == 0


async def test_who_changes_group_afterwards_is_not_told_again(office: Office) -> None:
    anna = await office.somebody()
    await office.enqueue(OPENS)
    await office.do("UPDATE capacities SET stakeholder = 'forening' WHERE person_id = :id", id=anna)
    await office.change(State.OPEN, OPENS + 60, Group.FORENING)
    assert await office.enqueue(OPENS + 60) == 0


async def test_an_opening_that_nobody_saw_is_told_of_for_three_days(office: Office) -> None:
    """The bot was down."""
    await office.somebody()
    assert await office.enqueue(OPENS + 3 * DAY) == 0
    assert await office.enqueue(OPENS + 3 * DAY - 1) == 1


async def test_a_step_opened_by_hand_is_told_of_to_the_group_it_is_for(office: Office) -> None:
    anna, bo = await office.somebody(), await office.somebody(Group.FORENING)
    noon = OPENS - DAY + 4 * 3600
    await office.change(State.OPEN, noon, Group.FORENING)
    assert await office.enqueue(noon) == 1
    assert await office.enqueued() == [(bo, "03-09 12:00", "03-12 12:00")]
    assert await office.enqueue(OPENS) == 1  # by the file, for the others
    assert [person for person, *_ in await office.enqueued()] == [anna, bo]


async def test_a_step_that_may_be_read_is_not_open(office: Office) -> None:
    await office.somebody()
    await office.change(State.READING, OPENS - DAY)
    assert await office.enqueue(OPENS - DAY) == 0
    assert await office.enqueue(OPENS) == 0  # the change by hand still holds


async def test_closed_and_opened_again_the_same_day_nobody_is_told_twice(office: Office) -> None:
    await office.somebody()
    await office.enqueue(OPENS)
    [due] = await office.database.write(lambda tx: claim(tx, NINE))
    await office.database.write(lambda tx: outbox.settle(tx, due.id, "sent", NINE))
    await office.change(State.CLOSED, NINE + 3600)
    await office.change(State.OPEN, NINE + 7200)
    assert await office.enqueue(NINE + 7200) == 0
    await office.change(State.CLOSED, NINE + 9 * DAY)
    await office.change(State.OPEN, NINE + 10 * DAY)
    assert await office.enqueue(NINE + 10 * DAY) == 1  # after a week it is news again


async def test_a_message_is_not_worth_sending_after_the_deadline(tmp_path: Path) -> None:
    office = await open_office(tmp_path, opening("2026-03-10 08:00", "2026-03-11 12:00"))
    anna = await office.somebody()
    await office.enqueue(OPENS)
    assert await office.enqueued() == [(anna, "03-10 09:00", "03-11 12:00")]
    await office.database.write(lambda tx: outbox.expire(tx, local("2026-03-11 12:00")))
    assert await office.database.write(lambda tx: claim(tx, local("2026-03-11 12:00"))) == []
    await office.database.close()


async def test_opened_in_the_holidays_it_is_told_of_after_them(tmp_path: Path) -> None:
    """Three days from the evening of 23 December would be over before one may write again."""
    office = await open_office(tmp_path, opening("2026-12-23 21:00"))
    anna = await office.somebody()
    await office.enqueue(local("2026-12-23 21:00"))
    assert await office.enqueued() == [(anna, "12-28 09:00", "12-31 09:00")]
    await office.database.close()


async def test_who_is_not_on_telegram_is_counted_as_not_reached(office: Office) -> None:
    """They see it when they come to the pages; what became of the message is shown with the step."""
    await office.somebody(channel="web")
    assert await office.enqueue(OPENS) == 1
    assert await office.database.read(lambda tx: outbox.opening_outcomes(tx, office.process_id, FLOW)) == {"due": 1}


# --- in the outbox ----------------------------------------------------------------------------------------


async def test_what_is_claimed_is_nobody_elses_until_its_lease_is_over(office: Office) -> None:
    await office.somebody()
    await office.enqueue(OPENS)

    async def attempts(now: int) -> list[int]:
        return [one.attempts for one in await office.database.write(lambda tx: claim(tx, now))]

    assert await attempts(NINE - 1) == []
    assert await attempts(NINE) == [1]
    assert await attempts(NINE + outbox.LEASE - 1) == []
    assert await attempts(NINE + outbox.LEASE) == [2]


async def test_what_was_put_back_is_due_again_later_and_that_was_no_attempt(office: Office) -> None:
    await office.somebody()
    await office.enqueue(OPENS)
    [one] = await office.database.write(lambda tx: claim(tx, NINE))
    await office.database.write(lambda tx: outbox.put_back(tx, [one.id], NINE + 60))
    assert await office.database.write(lambda tx: claim(tx, NINE + 59)) == []
    [again] = await office.database.write(lambda tx: claim(tx, NINE + 60))
    assert (again.id, again.attempts) == (one.id, 1)


async def test_what_is_settled_is_settled(office: Office) -> None:
    await office.somebody()
    await office.enqueue(OPENS)
    [one] = await office.database.write(lambda tx: claim(tx, NINE))
    await office.database.write(lambda tx: outbox.settle(tx, one.id, "sent", NINE))
    await office.database.write(lambda tx: outbox.settle(tx, one.id, "failed", NINE + 1))
    await office.database.write(lambda tx: outbox.put_back(tx, [one.id], NINE))
    assert await office.database.write(lambda tx: claim(tx, NINE + DAY)) == []
    assert await office.database.read(lambda tx: outbox.opening_outcomes(tx, office.process_id, FLOW)) == {"sent": 1}


async def test_messages_go_with_the_person(office: Office) -> None:
    anna = await office.somebody()
    await office.enqueue(OPENS)
    await office.database.write(lambda tx: people.erase(tx, anna))
    assert await office.enqueued() == []


# --- the weekly overview ----------------------------------------------------------------------------------

MONDAY = local("2026-03-09 09:00")


async def holding(office: Office, *roles: Role, digest: tuple[int, int, int] | None = None) -> int:
    person = await office.somebody(sent=())
    for role in roles:
        await office.database.write(partial(people.grant, person_id=person, role=role, now=MONDAY - 9 * DAY))
    if digest is not None:
        await office.database.write(lambda tx: digests.put(tx, Digest(person, *digest)))
    return person


async def test_the_overview_comes_to_those_who_see_coverage_on_monday_at_nine(office: Office) -> None:
    seeing = [await holding(office, role) for role in (Role.LEADER, Role.DEPUTY, Role.STEERING)]
    await holding(office, Role.FACILITATOR)
    await holding(office)
    assert await office.enqueue(MONDAY - 1) == 0
    assert await office.enqueue(MONDAY) == 3
    assert await office.enqueued() == [(person, "03-09 09:00", "03-10 09:00") for person in seeing]


async def test_who_holds_several_roles_gets_one(office: Office) -> None:
    await holding(office, Role.LEADER, Role.STEERING)
    assert await office.enqueue(MONDAY) == 1


async def test_day_and_hour_are_chosen_and_it_can_be_off(office: Office) -> None:
    thursday = await holding(office, Role.STEERING, digest=(4, 15, 0))
    await holding(office, Role.LEADER, digest=(4, 15, 1))
    assert await office.enqueue(local("2026-03-12 14:59")) == 0
    assert await office.enqueue(local("2026-03-12 15:00")) == 1
    assert await office.enqueued() == [(thursday, "03-12 15:00", "03-13 15:00")]


async def test_it_comes_once_a_week_also_when_the_day_is_changed_after_it_came(office: Office) -> None:
    person = await holding(office, Role.STEERING)
    assert [await office.enqueue(MONDAY + seconds) for seconds in (0, 20, 3600)] == [1, 0, 0]
    await office.database.write(lambda tx: digests.put(tx, Digest(person, 4, 15, 0)))
    assert await office.enqueue(local("2026-03-12 15:00")) == 0
    assert await office.enqueue(local("2026-03-19 15:00")) == 1


@pytest.mark.parametrize(
    ("week", "weekday", "due", "expires"),
    [
        ("2026-04-06 09:00", 1, "04-07 09:00", "04-08 09:00"),  # Easter Monday
        ("2026-04-02 09:00", 4, "04-04 10:00", "04-05 10:00"),  # Maundy Thursday: the Saturday after
        ("2026-05-25 09:00", 1, "05-26 09:00", "05-27 09:00"),  # Whit Monday
        ("2026-12-25 09:00", 5, "12-28 09:00", "12-29 09:00"),  # Christmas
        ("2026-10-26 09:00", 1, "10-26 09:00", "10-27 09:00"),  # the Monday after summer time
    ],
)
async def test_where_its_hour_is_a_holiday_it_comes_after_it(
    office: Office, week: str, weekday: int, due: str, expires: str
) -> None:
    person = await holding(office, Role.STEERING, digest=(weekday, 9, 0))
    assert await office.enqueue(local(week)) == 1
    assert await office.enqueued() == [(person, due, expires)]
    when = schedule.next_sending_time(local(week))
    await office.database.write(lambda tx: outbox.expire(tx, when))
    assert len(await office.database.write(lambda tx: claim(tx, when))) == 1


async def test_an_overview_that_was_missed_by_a_day_is_not_made_up_for(office: Office) -> None:
    await holding(office, Role.STEERING)
    assert await office.enqueue(MONDAY + DAY) == 0


# --- sent -------------------------------------------------------------------------------------------------


async def test_a_message_that_brings_us_down_keeps_nobody_else_waiting_and_is_given_up(office: Office) -> None:
    anna, bo = await office.somebody(), await office.somebody()
    await office.enqueue(NINE)
    await office.do("UPDATE outbox SET kind = 'of another version' WHERE person_id = :anna", anna=anna)
    out: list[int] = []

    async def route(message: OutboundMessage) -> None:
        out.append(message.person_id)

    now = NINE
    sender = Sender(
        database=office.database,
        context=Context(office.process_host, TABLES, proven),
        messages=MESSAGES,
        clock=lambda: now,
    )
    sender.connect_channel("telegram", route)
    for _ in range(MOST_ATTEMPTS + 1):
        await sender.send_due()
        now += outbox.LEASE
    assert out == [bo]
    rows = await office.database.read(lambda tx: tx.all("SELECT person_id, state FROM outbox ORDER BY person_id"))
    assert [tuple(row) for row in rows] == [(anna, "failed"), (bo, "sent")]

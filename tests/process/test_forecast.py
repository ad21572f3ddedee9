"""What is foretold is what is sent: when, and to how many as things stand."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.access import Role
from bot.features import EVENTS
from bot.flows.model import Group
from bot.outbox import forecast
from bot.outbox.kinds import MessageKind
from bot.outbox.reminders import UpcomingMessage
from storage import people, reminders
from storage.reminders import PlannedReminder
from tests.support.office import DAY, FLOW, NINE, OPENS, Office, open_office, opening


async def foretold(office: Office, now: int, until: int) -> list[UpcomingMessage]:
    return await office.database.read(
        lambda tx: forecast.coming(EVENTS, tx, office.process_host.plan(tx, office.process_id), now, until)
    )


WHO: list[dict[str, object]] = [
    {},
    {"group": Group.FORENING},
    {"group": Group.POLITIKER},
    {"wants": 0},
    {"wants": None},
    {"sent": ()},
    {"sent": ("start",)},
    {"begun": (FLOW,)},
    {"sent": ("plan", FLOW)},
    {"group": None},
    {"channel": "web"},
]


async def test_an_opening_is_foretold_to_as_many_as_are_then_told(office: Office) -> None:
    for who in WHO:
        await office.somebody(**who)  # type: ignore[arg-type]  # a table of what differs
    [opens] = [each for each in await foretold(office, OPENS - DAY, OPENS + DAY) if each.kind is MessageKind.OPENED]
    assert opens == UpcomingMessage(NINE, MessageKind.OPENED, FLOW, "", 3)
    assert await office.enqueue(OPENS) == opens.people
    [waits] = await office.database.read(
        lambda tx: forecast.waiting(tx, office.process_host.plan(tx, office.process_id), OPENS)
    )
    assert waits == opens


@pytest.mark.parametrize(("until", "seen"), [(NINE, True), (NINE - 1, False)])
async def test_it_goes_as_far_as_is_asked_and_no_further(office: Office, until: int, seen: bool) -> None:
    await office.somebody()
    assert bool(await foretold(office, OPENS - DAY, until)) is seen


async def test_a_deadline_is_foretold_as_it_is_planned_and_to_those_who_have_not_answered(tmp_path: Path) -> None:
    office = await open_office(tmp_path, opening("2026-03-10 08:00", "2026-03-20 12:00"))
    await office.somebody()
    await office.somebody(sent=("plan", FLOW))
    await office.enqueue(OPENS)
    listed = await foretold(office, OPENS, OPENS + 14 * DAY)
    assert [(each.kind, each.what, each.people) for each in listed] == [
        (MessageKind.DEADLINE, "7d", 1),
        (MessageKind.DEADLINE, "morning", 1),
    ]
    for each in listed:
        await office.do("UPDATE outbox SET state = 'sent', done_at = :at - 86400 * 9", at=each.at)
        assert await office.enqueue(each.at) == each.people
    await office.database.close()


@pytest.mark.parametrize(("expires", "seen"), [(OPENS + 3601, [NINE]), (OPENS + 3600, [])])
async def test_what_nobody_looked_at_in_time_goes_now_or_not_at_all(
    office: Office, expires: int, seen: list[int]
) -> None:
    """The bot is down: it is eight in the morning, and what was due yesterday can go at nine."""
    lea = await office.somebody()
    await office.database.write(lambda tx: people.grant(tx, lea, Role.LEADER, 0))
    row = PlannedReminder(MessageKind.MINUTES_DUE, "1", "3d", 0, 0, OPENS - DAY, expires)
    await office.database.write(lambda tx: reminders.plan(tx, office.process_id, row))
    listed = await foretold(office, OPENS, OPENS + DAY)
    assert [each.at for each in listed if each.kind == MessageKind.MINUTES_DUE] == seen

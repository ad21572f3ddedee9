"""Deletion cannot surprise: those who lead are told 30, 7 and 1 days before, and nothing goes that was not announced a
week before; it waits. What went leaves a line in the log."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pytest

from bot.access import Role
from bot.features import EVENTS, process_file
from bot.features.privacy import deletion
from bot.flows.schedule import DAY, HOUR
from bot.outbox import forecast
from bot.outbox.kinds import MessageKind
from bot.process.file import ProcessFile
from bot.process.flows import shipped_flows
from storage import audit, people
from tests.support.danish_time import local
from tests.support.example import of_example
from tests.support.office import Office, open_office, opening, shown

DATE = date(2026, 6, 1)  # a Monday
AT = local("2026-06-01 00:00")
FLOWS = shipped_flows(of_example())


def file_with(deleted: date) -> ProcessFile:
    return opening("2026-03-10 08:00").model_copy(update={"deletion_date": deleted})


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    made = await open_office(tmp_path, file_with(DATE))
    yield made
    await made.database.close()


async def leader(office: Office, role: Role = Role.LEADER, channel: str = "telegram") -> int:
    person = await office.somebody(channel=channel)
    await office.database.write(lambda tx: people.grant(tx, person, role, AT - 90 * DAY))
    return person


async def lives(office: Office, since: int, until: int, *, sends: bool = True) -> None:
    """The bot looks every hour; what is due goes out, or does not."""
    for now in range(since, until + 1, HOUR):
        await office.enqueue(now)
        if sends:
            await office.do(
                "UPDATE outbox SET state = 'sent', done_at = :now WHERE state = 'due' AND due_at <= :now", now=now
            )
        await tidies(office, now)


async def tidies(office: Office, now: int) -> int:
    return await office.database.write(
        lambda tx: deletion.erase(tx, office.process_host.plan(tx, office.process_id), now)
    )


async def here(office: Office) -> int:
    return await office.database.read(lambda tx: people.count(tx, office.process_id))


async def told(office: Office) -> list[tuple[str, str]]:
    """Which announcements went to how, and when they may go out."""
    rows = await office.database.read(
        lambda tx: tx.all("SELECT once, due_at FROM outbox WHERE kind = 'deletion' ORDER BY due_at, id")
    )
    return [(row[0].split(":")[3], shown(row[1])) for row in rows]


# --- announced --------------------------------------------------------------------------------------------


async def test_those_who_lead_are_told_30_7_and_1_days_before_at_decent_hours(office: Office) -> None:
    lea, dea = await leader(office), await leader(office, Role.DEPUTY)
    await leader(office, Role.STEERING)
    await leader(office, Role.FACILITATOR)
    await lives(office, AT - 31 * DAY, AT - HOUR)
    rows = await office.database.read(
        lambda tx: [
            row[0] for row in tx.all("SELECT person_id FROM outbox WHERE kind = 'deletion' ORDER BY due_at, id")
        ]
    )
    assert rows == [lea, dea] * 3
    # Saturday 2 May, Tuesday after Whit Monday, and Saturday, for one does not write on the Sunday
    assert (await told(office))[::2] == [("30d", "05-02 10:00"), ("7d", "05-26 09:00"), ("1d", "05-30 17:00")]
    assert await here(office) == 4
    await lives(office, AT, AT)
    assert await here(office) == 0


async def test_what_was_never_announced_waits_a_week(office: Office) -> None:
    await leader(office)
    await lives(office, AT + 10 * HOUR, AT + 10 * HOUR + 7 * DAY - HOUR)  # the bot was down for months
    assert await here(office) == 1
    assert [what for what, _ in await told(office)] == ["7d", "1d"]
    await lives(office, AT + 10 * HOUR + 7 * DAY, AT + 10 * HOUR + 7 * DAY)
    assert await here(office) == 0


async def test_an_announcement_that_is_not_out_holds_the_deletion_up(office: Office) -> None:
    await leader(office)
    await lives(office, AT - 30 * DAY, AT + 3 * DAY, sends=False)  # the mail server is down
    assert await here(office) == 1
    await lives(office, AT + 3 * DAY + HOUR, AT + 10 * DAY, sends=True)
    assert await here(office) == 1
    await lives(office, AT + 10 * DAY + HOUR, AT + 10 * DAY + HOUR)
    assert await here(office) == 0


async def test_one_of_two_that_is_told_is_enough(office: Office) -> None:
    lea = await leader(office)
    await leader(office, Role.DEPUTY)
    await office.enqueue(AT - 30 * DAY)
    await office.do("UPDATE outbox SET state = 'sent', done_at = :at WHERE person_id = :lea", at=AT - 29 * DAY, lea=lea)
    assert await tidies(office, AT) == 2


@pytest.mark.parametrize("state", ["unreachable", "unwanted", "failed", "expired"])
async def test_where_nobody_can_be_told_it_is_noted_and_goes_on(office: Office, state: str) -> None:
    await leader(office)
    await office.enqueue(AT - 30 * DAY)
    await office.do("UPDATE outbox SET state = :state, done_at = :at", state=state, at=AT - 29 * DAY)
    assert (await tidies(office, AT - 1), await tidies(office, AT)) == (0, 1)


async def test_nor_does_it_need_a_leader(office: Office) -> None:
    await office.somebody()
    assert await tidies(office, AT) == 0
    await office.enqueue(AT)
    assert (await tidies(office, AT + 7 * DAY - 1), await tidies(office, AT + 7 * DAY)) == (0, 1)


async def test_another_date_is_announced_anew_though_it_is_the_first_again(office: Office) -> None:
    await leader(office)
    await lives(office, AT - 30 * DAY, AT - DAY)
    for moved in (DATE + timedelta(days=60), DATE):
        await office.database.write(partial(process_file.save, file=file_with(moved), flows=FLOWS, now=AT - DAY))
    assert await tidies(office, AT) == 0
    await lives(office, AT - DAY + HOUR, AT + 6 * DAY)
    assert await here(office) == 1
    assert (await told(office))[3:] == [("7d", "06-01 09:00"), ("1d", "06-06 17:00")]
    await lives(office, AT + 6 * DAY, AT + 8 * DAY)
    assert await here(office) == 0


async def test_the_same_file_again_announces_nothing_anew(office: Office) -> None:
    await leader(office)
    await lives(office, AT - 30 * DAY, AT - 20 * DAY)
    await office.database.write(lambda tx: process_file.save(tx, file_with(DATE), FLOWS, AT - 20 * DAY))
    await lives(office, AT - 20 * DAY, AT - 10 * DAY)
    assert [what for what, _ in await told(office)] == ["30d"]


async def test_a_waiting_announcement_gives_way_to_the_next(office: Office) -> None:
    await leader(office)
    await lives(office, AT - 30 * DAY, AT - 5 * DAY, sends=False)
    rows = await office.database.read(
        lambda tx: [tuple(row) for row in tx.all("SELECT state FROM outbox WHERE kind = 'deletion' ORDER BY id")]
    )
    assert rows == [("withdrawn",), ("due",)]


async def test_what_a_clock_noted_that_was_ahead_does_not_count(office: Office) -> None:
    await leader(office)
    await office.enqueue(AT - 10 * DAY)  # ahead: in truth it is April
    await office.do("UPDATE outbox SET state = 'withdrawn' WHERE kind = 'deletion'")
    await lives(office, AT - 40 * DAY, AT - 29 * DAY)
    assert [what for what, _ in await told(office)] == ["30d", "30d"]


async def test_it_is_foretold_and_comes_so(office: Office) -> None:
    await leader(office)
    await office.somebody()
    plan = await office.database.read(lambda tx: office.process_host.plan(tx, office.process_id))
    listed = await office.database.read(
        lambda tx: [
            (each.what, shown(each.at), each.people)
            for each in forecast.coming(EVENTS, tx, plan, AT - 40 * DAY, AT)
            if each.kind == MessageKind.DELETION
        ]
    )
    assert listed == [("30d", "05-02 10:00", 1), ("7d", "05-26 09:00", 1), ("1d", "05-30 17:00", 1)]
    await lives(office, AT - 40 * DAY, AT - HOUR)
    assert [(what, at) for what, at in await told(office)] == [(what, at) for what, at, _ in listed]


# --- what is left -----------------------------------------------------------------------------------------


async def test_what_went_leaves_a_line_with_how_many_and_the_last_file(office: Office) -> None:
    await leader(office)
    await office.somebody()
    for at, detail in ((AT - 9 * DAY, "csv 7 aaaa"), (AT - 2 * DAY, "csv 9 bbbb")):
        noted = partial(
            audit.note, process_id=office.process_id, actor="x", action="export-made", detail=detail, now=at
        )
        await office.database.write(noted)
    await lives(office, AT - 30 * DAY, AT)
    newest = await office.database.read(lambda tx: audit.newest(tx, office.process_id, 1))
    assert [(line.at, line.actor, line.action, line.detail) for line in newest] == [(AT, "besyv", "erased", "2 bbbb")]


async def test_without_a_file_it_says_so_and_without_people_there_is_no_line(office: Office) -> None:
    await lives(office, AT - DAY, AT + 9 * DAY)
    assert await office.database.read(lambda tx: audit.newest(tx, office.process_id, 1)) == []
    await office.somebody()
    await lives(office, AT + 10 * DAY, AT + 17 * DAY)
    [line] = await office.database.read(lambda tx: audit.newest(tx, office.process_id, 9))
    assert (line.action, line.detail, line.at) == ("erased", "1 -", AT + 17 * DAY)


async def test_who_comes_after_it_is_announced_anew(office: Office) -> None:
    await leader(office)
    await lives(office, AT - 30 * DAY, AT)
    await leader(office)
    await lives(office, AT + HOUR, AT + 7 * DAY)
    assert await here(office) == 1
    await lives(office, AT + 7 * DAY, AT + 8 * DAY)
    assert await here(office) == 0

"""The watchdog: what was due and is not out five minutes later, at hours at which one may write; who is told, once."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bot.access import Role
from bot.features import process_file
from bot.flows import schedule
from bot.outbox import monitor
from bot.outbox.kinds import MessageKind
from bot.process.host import ProcessHost
from storage import delays, outbox, people, reminders
from storage.db import Database, Tx
from storage.encryption import Keyring
from storage.outbox import NewMessage
from storage.reminders import PlannedReminder
from tests.support.example import of_example

MINUTE, DAY = 60, 24 * 3600


def local(text: str) -> int:
    """Danish time in a week without holidays."""
    return schedule.to_utc(datetime.fromisoformat(f"2026-03-{text}"))


NOON = local("10 12:00")  # a Tuesday


@dataclass
class Office:
    database: Database
    process_host: ProcessHost
    process_id: int
    anna: int
    looked_at: int | None = None

    async def enqueues(
        self, due: int, *, kind: str = MessageKind.DEADLINE, rank: int = 0, urgent: int = 0, expires: int | None = None
    ) -> int:
        def unit(tx: Tx) -> int:
            [number] = tx.one("SELECT count(*) FROM outbox") or (0,)
            outbox.enqueue(
                tx,
                NewMessage(
                    f"{number}", self.anna, kind, "1", due, due + 7 * DAY if expires is None else expires, urgent
                ),
            )
            tx.run("UPDATE outbox SET rank = :rank WHERE once = :once", rank=rank, once=f"{number}")
            [row_id] = tx.one("SELECT max(id) FROM outbox") or (0,)
            return int(row_id)

        return await self.database.write(unit)

    async def sends(self, row_id: int, now: int, state: str = "sent") -> None:
        await self.database.write(lambda tx: outbox.settle(tx, row_id, state, now))

    async def late(self, now: int) -> tuple[int, int | None, bool]:
        """How many, since when in seconds, whether it is trouble."""
        found = await self.database.read(
            lambda tx: monitor.overdue(tx, self.process_host.plan(tx, self.process_id), now)
        )
        return found.late.messages, found.age(now), found.is_trouble

    async def looks(self, now: int) -> None:
        before, self.looked_at = self.looked_at, now
        await self.database.write(lambda tx: monitor.look(tx, self.process_host.plan(tx, self.process_id), now, before))

    async def told(self) -> list[tuple[int, str, int]]:
        rows = await self.database.read(
            lambda tx: tx.all("SELECT person_id, about, due_at FROM outbox WHERE kind = 'late' ORDER BY id")
        )
        return [(row[0], row[1], row[2]) for row in rows]

    async def holds(self, role: Role) -> int:
        def unit(tx: Tx) -> int:
            [number] = tx.one("SELECT count(*) FROM people") or (0,)
            person = people.add(tx, self.process_id, f"p{number}", "da", 0)
            people.grant(tx, person, role, 0)
            return person

        return await self.database.write(unit)

    async def reminds(self, due: int, state: str, messages: int, done: int, expires: int = 0) -> None:
        def unit(tx: Tx) -> None:
            row = PlannedReminder(MessageKind.SOON, "1", f"{due}", 0, 0, due, expires or due + DAY)
            reminders.plan(tx, self.process_id, row)
            [number] = tx.one("SELECT max(id) FROM reminders") or (0,)
            reminders.settle(tx, number, state, messages, done)

        await self.database.write(unit)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    database = await Database.open(tmp_path / "besyv.db", Keyring.open_or_create(tmp_path / "keys"))
    file = of_example()

    def unit(tx: Tx) -> tuple[int, int]:
        process = process_file.save(tx, file, [], 0)
        return process, people.add(tx, process, "anna", "da", 0)

    process, anna = await database.write(unit)
    made = Office(database, ProcessHost(file.process), process, anna)
    yield made
    await database.close()


# --- what is late -----------------------------------------------------------------------------------------

OPEN, NIGHT, MORNING = "10 12:00", "10 20:00", "11 09:00"


@pytest.mark.parametrize(
    ("due", "now", "late"),
    [
        ("10 12:00", "10 12:05", False),  # five minutes, and no more
        ("10 12:00", "10 12:06", True),
        ("10 19:58", "10 20:02", False),  # in the evening nobody waits for us
        ("10 19:58", "10 23:00", False),
        ("10 19:50", "10 19:56", True),
        ("10 19:50", "11 08:59", False),
        ("10 19:50", "11 09:05", False),  # after the night it counts from nine
        ("10 19:50", "11 09:06", True),
        ("11 09:00", "11 09:06", True),
        ("13 19:58", "14 09:30", False),  # on Saturday from ten
        ("13 19:58", "14 10:06", True),
        ("14 17:58", "15 12:00", False),  # on Sunday not at all
        ("14 17:58", "16 09:06", True),
    ],
)
async def test_it_counts_from_when_it_is_due_or_from_the_morning(
    office: Office, due: str, now: str, late: bool
) -> None:
    await office.enqueues(local(due))
    messages, age, trouble = await office.late(local(now))
    assert (messages, age, trouble) == ((1, local(now) - local(due), True) if late else (0, None, False))


async def test_what_was_asked_for_just_now_can_be_late_at_night_too(office: Office) -> None:
    await office.enqueues(local("10 22:00"), kind=MessageKind.CONFIRM, urgent=2)
    assert [(await office.late(local(f"10 22:0{minute}")))[0] for minute in (5, 6)] == [0, 1]


@pytest.mark.parametrize(
    ("due", "expires", "now", "late"),
    [
        ("10 22:00", "11 08:00", "10 22:06", True),  # worth nothing in the morning: it goes at any hour
        ("10 22:00", "11 08:00", "10 22:05", False),
        ("10 22:00", "12 08:00", "10 22:06", False),  # it waits for the morning
        ("10 22:00", "12 08:00", "11 09:06", True),
    ],
)
async def test_what_goes_at_any_hour_can_be_late_at_night(
    office: Office, due: str, expires: str, now: str, late: bool
) -> None:
    await office.enqueues(local(due), urgent=1, expires=local(expires))
    assert (await office.late(local(now)))[0] == int(late)


NOT_LATE: dict[str, dict[str, Any]] = {
    "of many": {"rank": 1, "kind": MessageKind.BULK},
    "the word of it itself": {"kind": MessageKind.LATE},
    "not due yet": {"due": NOON + DAY},
}


@pytest.mark.parametrize("what", NOT_LATE)
async def test_nothing_else_is_late(office: Office, what: str) -> None:
    await office.enqueues(**{"due": NOON, **NOT_LATE[what]})
    assert await office.late(NOON + 3600) == (0, None, False)


@pytest.mark.parametrize("state", ["sent", "unwanted", "enough", "unreachable", "expired", "failed"])
async def test_what_is_settled_is_not_late(office: Office, state: str) -> None:
    await office.sends(await office.enqueues(NOON), NOON, state)
    assert (await office.late(NOON + 3600))[0] == 0


# --- much at once -----------------------------------------------------------------------------------------


async def test_much_that_goes_out_in_its_order_is_a_number_and_no_trouble(office: Office) -> None:
    first, *_ = [await office.enqueues(NOON) for _ in range(4)]
    await office.sends(first, NOON + 4 * MINUTE)
    assert await office.late(NOON + 6 * MINUTE) == (3, 6 * MINUTE, False)
    assert await office.late(NOON + 10 * MINUTE) == (3, 10 * MINUTE, True)  # nothing for over five minutes


async def test_what_goes_out_elsewhere_does_not_hide_what_is_stuck(office: Office) -> None:
    await office.enqueues(NOON)  # by mail, say
    other = await office.enqueues(NOON + 8 * MINUTE)  # on Telegram, which works
    await office.sends(other, NOON + 8 * MINUTE)
    assert await office.late(NOON + 9 * MINUTE) == (1, 9 * MINUTE, True)


async def test_much_that_goes_out_in_its_order_is_told_to_nobody(office: Office) -> None:
    await office.holds(Role.LEADER)
    first, *_ = [await office.enqueues(NOON) for _ in range(4)]
    await office.sends(first, NOON + 4 * MINUTE)
    await office.looks(NOON + 6 * MINUTE)
    assert await office.told() == []


# --- who is told ------------------------------------------------------------------------------------------


async def test_those_who_see_what_is_sent_are_told_once_as_long_as_it_lasts(office: Office) -> None:
    seeing = [await office.holds(role) for role in (Role.LEADER, Role.DEPUTY)]
    for role in (Role.STEERING, Role.FACILITATOR):
        await office.holds(role)
    stuck = await office.enqueues(NOON)
    await office.looks(NOON + 5 * MINUTE)
    assert await office.told() == []
    for minutes in (6, 7, 60):
        await office.looks(NOON + minutes * MINUTE)
    assert await office.told() == [(person, "1", NOON + 7 * MINUTE) for person in seeing]
    await office.sends(stuck, NOON + 61 * MINUTE)
    await office.looks(NOON + 62 * MINUTE)
    await office.enqueues(NOON + 70 * MINUTE)
    await office.looks(NOON + 80 * MINUTE)
    assert [about for _, about, _ in await office.told()] == ["1", "1", "2", "2"]


async def test_a_night_in_between_does_not_make_two_of_it(office: Office) -> None:
    await office.holds(Role.LEADER)
    await office.enqueues(local("10 19:50"))
    for at in ("10 19:56", "10 20:10", "11 08:59", "11 09:01", "11 09:06", "11 12:00"):
        await office.looks(local(at))
    assert [about for _, about, _ in await office.told()] == ["1"]


async def test_noticed_in_the_last_minute_it_is_told_in_the_morning(office: Office) -> None:
    lea = await office.holds(Role.LEADER)
    await office.enqueues(local("10 19:50"))
    await office.looks(local("10 19:59") + 30)
    assert await office.told() == [(lea, "1", local("11 09:00"))]


async def test_what_came_too_late_meanwhile_is_the_end_of_it_too(office: Office) -> None:
    await office.holds(Role.LEADER)
    await office.enqueues(NOON, expires=NOON + 10 * MINUTE)
    await office.looks(NOON + 6 * MINUTE)
    await office.database.write(lambda tx: outbox.expire(tx, NOON + 11 * MINUTE))
    await office.looks(NOON + 11 * MINUTE)
    delay = await office.database.read(lambda tx: delays.by_id(tx, office.process_id, 1))
    assert delay is not None and (delay.since, delay.noticed_at, delay.over_at) == (
        NOON,
        NOON + 6 * MINUTE,
        NOON + 11 * MINUTE,
    )
    assert await office.database.read(lambda tx: delays.expired_in(tx, office.process_id, delay)) == 1


async def test_the_log_has_a_line_for_each_change_with_numbers_alone(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    stuck = await office.enqueues(NOON)
    with caplog.at_level(logging.WARNING, "bot.outbox.monitor"):
        for minutes in (4, 6, 7):
            await office.looks(NOON + minutes * MINUTE)
        await office.sends(stuck, NOON + 8 * MINUTE)
        for minutes in (9, 10):
            await office.looks(NOON + minutes * MINUTE)
    assert [record.getMessage() for record in caplog.records] == [
        "outbox process=1 delay=1 late=1 oldest=1 age=360",
        "outbox process=1 delay=1 over sent=1 expired=0",
    ]


# --- while we were down -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("looked", "due", "now", "state", "messages", "told"),
    [
        ("10 11:59", "10 12:00", "10 12:30", "done", 3, True),
        ("10 11:59", "10 12:00", "10 12:30", "done", 0, False),  # it had no recipients
        ("10 11:59", "10 12:00", "10 12:04", "done", 3, False),  # not for long
        ("10 12:00", "10 12:00", "10 12:30", "done", 3, False),  # it was there at the last look: planned since then
        ("10 11:59", "10 12:00", "10 12:30", "expired", 0, True),
        ("10 19:40", "10 19:50", "11 09:00", "done", 3, False),  # it goes out as soon as one may
        ("10 19:40", "10 19:50", "11 09:00", "expired", 0, True),
        ("10 19:40", "10 19:50", "10 23:00", "expired", 0, True),
    ],
)
async def test_a_reminder_whose_time_nobody_was_there_for_is_told_of(
    office: Office, looked: str, due: str, now: str, state: str, messages: int, told: bool
) -> None:
    await office.holds(Role.LEADER)
    await office.looks(local(looked))
    await office.reminds(local(due), state, messages, local(now))
    await office.looks(local(now))
    await office.looks(local(now) + 20)
    await office.looks(local(now) + 3600)
    assert len(await office.told()) == int(told)


async def test_the_first_look_of_all_misses_nothing(office: Office) -> None:
    await office.holds(Role.LEADER)
    await office.reminds(NOON - DAY, "expired", 0, NOON)
    await office.looks(NOON)
    assert await office.told() == []

"""/health tells containers whether this process does its work, and nothing of anyone."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime
from typing import Any

from bot.flows import schedule
from storage import heartbeats, inbox, outbox, people
from storage.db import Tx
from storage.inbox import IncomingUpdate
from storage.outbox import NewMessage
from tests.support.chat import Found, Town
from tests.support.visitors import at_step, opened


async def _health(town: Town) -> tuple[int, dict[str, Any]]:
    async with opened(town).session.get(town.home + "/health") as response:
        return response.status, json.loads(await response.text())


async def test_well(found: Found) -> None:
    async with found(channel="web", steps="borger") as town:
        await at_step(town, "borger")
        assert await _health(town) == (
            200,
            {
                "status": "ok",
                "database": True,
                "migrations": True,
                "poller_age": None,
                "oldest_update_age": None,
                "overdue_messages": 0,
                "oldest_overdue_age": None,
            },
        )


async def test_a_poller_that_went_silent(found: Found) -> None:
    async with found(pages=True) as town:
        now = int(town.clock.now)
        await town.runtime.database.write(lambda tx: heartbeats.beat(tx, heartbeats.FETCHED, now - 1000))
        status, told = await _health(town)
        assert (status, told["status"]) == (503, "poller")
        assert told["poller_age"] >= 1000
        await town.runtime.database.write(lambda tx: heartbeats.beat(tx, heartbeats.FETCHED, now))


async def test_an_update_that_waits_too_long(found: Found) -> None:
    async with found(channel="web") as town:
        now = int(town.clock.now)
        waiting = IncomingUpdate(1, 1, {"update_id": 1})
        [row] = await town.runtime.database.write(lambda tx: inbox.add(tx, [waiting], now - 1000))
        status, told = await _health(town)
        assert (status, told["status"], told["oldest_update_age"]) == (503, "updates", 1000)
        await town.runtime.database.write(lambda tx: inbox.settle(tx, row.seq))


NOON = schedule.to_utc(datetime(2026, 3, 4, 12))


async def _enqueue(town: Town, number: int, due: int) -> None:
    """To somebody on the web without an address, so that nothing is tried."""

    def unit(tx: Tx) -> None:
        person = people.add(tx, town.runtime.process_host.plan(tx).process_id, "p1", "da", due)
        for n in range(number):
            outbox.enqueue(tx, NewMessage(f"deadline:{n}", person, "deadline", "plan", due, due + 86400))

    await town.runtime.database.write(unit)


async def test_what_was_due_and_is_not_out(found: Found) -> None:
    async with found(channel="web") as town:
        town.clock.now = NOON
        await _enqueue(town, 2, NOON - 400)
        status, told = await _health(town)
        assert (status, told["status"]) == (503, "outbox")
        assert (told["overdue_messages"], told["oldest_overdue_age"]) == (2, 400)


async def test_much_that_goes_out_in_its_order_is_a_number_alone(found: Found) -> None:
    async with found(channel="web") as town:
        town.clock.now = NOON
        await _enqueue(town, 3, NOON - 400)
        await town.runtime.database.write(lambda tx: outbox.settle(tx, 1, "sent", NOON - 10))
        status, told = await _health(town)
        assert (status, told["status"]) == (200, "ok")
        assert (told["overdue_messages"], told["oldest_overdue_age"]) == (2, 400)


async def test_at_night_nothing_is_late(found: Found) -> None:
    async with found(channel="web") as town:
        town.clock.now = NOON + 9 * 3600
        await _enqueue(town, 2, NOON)
        assert (await _health(town))[0] == 200


async def test_a_database_of_another_version(found: Found) -> None:
    async with found(channel="web") as town:
        with sqlite3.connect(town.folder / "besyv.db") as connection:
            [version] = connection.execute("PRAGMA user_version").fetchone()
            connection.execute("PRAGMA user_version = 1")
        assert (await _health(town))[1]["status"] == "migrations"
        with sqlite3.connect(town.folder / "besyv.db") as connection:
            connection.execute(f"PRAGMA user_version = {version}")
        connection.close()

"""/health tells containers whether this process does its work, and nothing of anyone."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from storage import inbox
from storage.inbox import Incoming
from tests.chat import Town
from tests.conftest import Found
from tests.web.visitors import at_step, opened


async def _health(town: Town) -> tuple[int, dict[str, Any]]:
    async with opened(town).session.get(town.home + "/health") as response:
        return response.status, json.loads(await response.text())


async def test_well(found: Found) -> None:
    async with found(channel="web", steps="borger") as town:
        await at_step(town, "borger")
        assert await _health(town) == (
            200,
            {"status": "ok", "database": True, "migrations": True, "fetcher_age": None, "oldest_update_age": None},
        )


async def test_a_fetcher_that_went_silent(found: Found) -> None:
    async with found(pages=True) as town:
        now = int(town.clock.now)
        await town.house.database.write(lambda tx: inbox.beat(tx, "fetched", now - 1000))
        status, told = await _health(town)
        assert (status, told["status"]) == (503, "fetcher")
        assert told["fetcher_age"] >= 1000
        await town.house.database.write(lambda tx: inbox.beat(tx, "fetched", now))


async def test_an_update_that_waits_too_long(found: Found) -> None:
    async with found(channel="web") as town:
        now = int(town.clock.now)
        waiting = Incoming(1, 1, {"update_id": 1})
        [row] = await town.house.database.write(lambda tx: inbox.add(tx, [waiting], now - 1000))
        status, told = await _health(town)
        assert (status, told["status"], told["oldest_update_age"]) == (503, "updates", 1000)
        await town.house.database.write(lambda tx: inbox.settle(tx, row.seq))


async def test_a_database_of_another_version(found: Found) -> None:
    async with found(channel="web") as town:
        with sqlite3.connect(town.folder / "besyv.db") as connection:
            [version] = connection.execute("PRAGMA user_version").fetchone()
            connection.execute("PRAGMA user_version = 1")
        assert (await _health(town))[1]["status"] == "migrations"
        with sqlite3.connect(town.folder / "besyv.db") as connection:
            connection.execute(f"PRAGMA user_version = {version}")
        connection.close()

"""/health says whether the work is done, to whoever asks, and nothing of anyone."""

from __future__ import annotations

from typing import Any

from storage import inbox
from tests.chat import Town
from tests.conftest import Found

KEYS = {"status", "database", "migrations", "fetcher_age", "oldest_update_age"}


async def _asked(town: Town) -> tuple[int, dict[str, Any]]:
    browser = town.visitor().browser
    async with browser.session.get(f"{town.home}/health") as response:
        return response.status, await response.json()


async def test_all_is_well(found: Found) -> None:
    async with found(channel="web") as town:
        status, told = await _asked(town)
        assert (status, told["status"], told["database"], told["migrations"]) == (200, "ok", True, True)
        assert told.keys() == KEYS


async def test_a_fetcher_that_has_been_silent_too_long_is_told(found: Found) -> None:
    async with found(pages=True) as town:
        town.clock.now += 301
        long_ago = int(town.clock.now) - 301
        await town.house.database.write(lambda tx: inbox.beat(tx, "fetched", long_ago))
        assert (await _asked(town))[0] == 503
        assert (await _asked(town))[1]["status"] == "fetcher"


async def test_a_database_of_another_version_is_told(found: Found) -> None:
    async with found(channel="web") as town:
        [(version,)] = town.rows("PRAGMA user_version")
        await town.house.database.write(lambda tx: tx.run(f"PRAGMA user_version = {version + 1}"))
        status, told = await _asked(town)
        await town.house.database.write(lambda tx: tx.run(f"PRAGMA user_version = {version}"))
        assert (status, told["status"]) == (503, "migrations")

"""Whose key is lost waits for the operator: their pages say so, nobody else notices, and nothing of theirs is lost."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from bot.app.key_jobs import KeyJobs
from storage.key_store import KeyStore
from tests.support.chat import Found, Town
from tests.support.pages import Browser, Page
from tests.support.visitors import at_step, opened, sent


def _forget_what_is_open(store: KeyStore) -> None:
    """As after a restart."""
    store._open.clear()
    store._ahead.clear()


@contextmanager
def _without_its_keys(store: KeyStore) -> Iterator[None]:
    with closing(sqlite3.connect(store.path, isolation_level=None)) as connection:
        connection.execute("ALTER TABLE keys RENAME TO away")
        connection.execute("CREATE TABLE keys AS SELECT * FROM away WHERE 0")
        _forget_what_is_open(store)
        try:
            yield
        finally:
            connection.execute("DROP TABLE keys")
            connection.execute("ALTER TABLE away RENAME TO keys")
            _forget_what_is_open(store)


async def _health(town: Town) -> tuple[int, dict[str, Any]]:
    async with opened(town).session.get(town.home + "/health") as response:
        return response.status, json.loads(await response.text())


def _taken(town: Town, *lines: str) -> None:
    """They stand in the log, as they must; nothing else that is an error does."""
    told = [line.rsplit(" ERROR ", 1)[1] for line in town.log.getvalue().splitlines() if " ERROR " in line]
    assert {line.partition(" ")[2] for line in told} == {*lines}
    town.log.seek(0)
    town.log.truncate()


async def _status(browser: Browser, page: Page) -> int:
    """`Browser.get` takes no page that is in trouble."""
    async with browser.session.get(page.url) as response:
        return response.status


async def test_a_page_of_somebody_whose_key_is_lost_says_to_try_again_and_theirs_is_whole_when_it_is_back(
    found: Found,
) -> None:
    async with found(channel="web", steps="borger") as town:
        browser, page = await at_step(town, "borger")
        page = await sent(browser, page, [("do", "skip")])
        store = town.runtime.database.keys.people
        jobs = KeyJobs(town.runtime, lambda: town.clock.now)
        with _without_its_keys(store):
            assert await _status(browser, page) == 503
            assert (await opened(town).get("/")).status == 200  # a stranger
            await jobs.look()
            town.clock.now += 2
            status, told = await _health(town)
            assert (status, told["status"], told["keys_missing"]) == (503, "keys", 1)
        await jobs.look()
        town.clock.now += 2
        assert (await _health(town))[1]["status"] == "ok"
        assert (await browser.get(page.url)).status == 200
        assert (await sent(browser, page, [("do", "skip")])).status == 200
        _taken(town, "web database=KeyMissing", "keys missing=1")


async def test_who_comes_while_a_key_is_lost_answers_as_ever(found: Found) -> None:
    async with found(channel="web", steps="borger") as town:
        first, page = await at_step(town, "borger")
        page = await sent(first, page, [("do", "skip")])
        store = town.runtime.database.keys.people
        with closing(sqlite3.connect(store.path, isolation_level=None)) as connection:
            used = town.rows("SELECT key_id FROM people")[0][0]
            connection.execute("UPDATE keys SET id = x'00' WHERE id = ?", (used,))
        _forget_what_is_open(store)
        assert await _status(first, page) == 503
        other, page = await at_step(town, "borger")
        assert (await other.get(page.url)).status == 200
        _taken(town, "web database=KeyMissing")

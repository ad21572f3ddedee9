"""/health tells containers whether this process does its work, and nothing of anyone."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from datetime import datetime
from typing import Any

import pytest

from bot.flows import schedule
from storage import heartbeats, inbox, outbox, people
from storage.db import Tx, connect
from storage.inbox import IncomingUpdate
from storage.outbox import NewMessage
from tests.support.chat import Found, Town
from tests.support.visitors import at_step, opened, posted, token


async def _health(town: Town) -> tuple[int, dict[str, Any]]:
    async with opened(town).session.get(town.home + "/health") as response:
        return response.status, json.loads(await response.text())


async def test_well(found: Found) -> None:
    async with found(channel="web", steps="borger") as town:
        await at_step(town, "borger")
        status, told = await _health(town)
        assert told.pop("free_bytes") > 0
        assert (status, told) == (
            200,
            {
                "status": "ok",
                "database": True,
                "writable": True,
                "migrations": True,
                "poller_age": None,
                "oldest_update_age": None,
                "overdue_messages": 0,
                "oldest_overdue_age": None,
                "keys_missing": 0,
                "oldest_erasure_age": None,
                "backup_age": None,
                "drill_age": None,
                "warnings": [],
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


# --- what can be stored -----------------------------------------------------------------------------------


def _forgive(town: Town) -> None:
    """The town allows no errors in its log; those were meant."""
    town.log.seek(0)
    town.log.truncate()


async def _health_later(town: Town) -> tuple[int, dict[str, Any]]:
    town.clock.now += 2
    return await _health(town)


@pytest.mark.parametrize("telegram", [True, False])
async def test_a_database_that_is_locked_is_told_and_when_it_is_free_again(found: Found, telegram: bool) -> None:
    async with found(channel="telegram" if telegram else "web", pages=True, busy=0.2) as town:
        with closing(connect(town.folder / "besyv.db")) as other:
            other.execute("BEGIN IMMEDIATE")
            status, told = await _health(town)
            other.execute("ROLLBACK")
        assert (status, told["status"], told["database"], told["writable"]) == (503, "writing", False, False)
        assert (await _health_later(town))[1]["status"] == "ok"
        _forgive(town)


async def test_a_database_that_became_read_only_is_told(found: Found) -> None:
    """As after a crash of its disk."""
    async with found(channel="web") as town:
        writer = town.runtime.database._writer
        await writer.execute("PRAGMA query_only = ON")
        status, told = await _health(town)
        await writer.execute("PRAGMA query_only = OFF")
        assert (status, told["status"], told["database"]) == (503, "writing", False)
        _forgive(town)


async def test_a_disk_with_little_space_left_is_told(found: Found) -> None:
    async with found(channel="web") as town:
        free = shutil.disk_usage(town.folder).free
        assert (await _health(town))[1]["free_bytes"] == pytest.approx(free, rel=0.5)


@pytest.mark.parametrize("what", ["besyv.db", "besyv.db-wal"])
@pytest.mark.parametrize("how", ["removed", "replaced"])
async def test_a_database_file_that_is_gone_is_told_and_nothing_is_acknowledged_into_it(
    found: Found, what: str, how: str
) -> None:
    async with found(channel="web", steps="borger") as town:
        browser, page = await at_step(town, "borger")
        path, kept = town.folder / what, town.folder / "kept"
        path.rename(kept)
        if how == "replaced":
            shutil.copy2(kept, path)
        fields = [("csrf", token(page)), ("text", "Ord, der ikke må gå tabt"), ("do", "next")]
        status, _, source, _ = await posted(browser, page.url.removeprefix(town.home), fields)
        assert (status, "Ord, der ikke må gå tabt" in source) == (503, True)
        status, told = await _health_later(town)
        assert (status, told["status"], told["database"]) == (503, "database", False)
        town.log.seek(0)
        assert "health database=FileGone" in town.log.read()
        kept.replace(path)
        assert (await _health_later(town))[1]["status"] == "ok"
        _forgive(town)


@pytest.mark.parametrize("what", ["backup", "sqlite3", "nothing", "itself as it was earlier"])
async def test_a_file_that_was_copied_over_the_database_is_told_and_nothing_is_acknowledged_into_it(
    found: Found, what: str
) -> None:
    """As `cp` does it, into the file that is open."""
    async with found(channel="web", steps="borger") as town:
        browser, page = await at_step(town, "borger")
        path, other = town.folder / "besyv.db", town.folder / "other.db"
        with closing(connect(path)) as connection:
            if what == "backup":
                connection.execute("VACUUM INTO :other", {"other": str(other)})
            elif what == "sqlite3":
                with closing(sqlite3.connect(other)) as copy:
                    connection.backup(copy)
            elif what == "nothing":
                other.touch()
            else:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                other.write_bytes(path.read_bytes())
        if what == "itself as it was earlier":
            await town.looks()
            with closing(connect(path)) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            assert (await _health_later(town))[1]["status"] == "ok"  # what another connection did is no copy
        kept = path.read_bytes()
        path.write_bytes(other.read_bytes())
        fields = [("csrf", token(page)), ("text", "Ord, der ikke må gå tabt"), ("do", "next")]
        status, _, source, _ = await posted(browser, page.url.removeprefix(town.home), fields)
        assert (status, "Ord, der ikke må gå tabt" in source) == (503, True)
        status, told = await _health_later(town)
        assert (status, told["status"], told["database"]) == (503, "database", False)
        path.write_bytes(kept)
        assert (await _health_later(town))[1]["status"] == "ok"
        _forgive(town)


async def test_one_look_is_for_all_who_ask_within_a_second(found: Found) -> None:
    async with found(channel="web") as town:
        await _health(town)
        before = town.rows("SELECT at FROM heartbeats WHERE name = 'written'")
        with closing(connect(town.folder / "besyv.db")) as other:
            other.execute("BEGIN IMMEDIATE")
            town.clock.now += 0.5
            assert [(await _health(town))[0] for _ in range(20)] == [200] * 20
            other.execute("ROLLBACK")
        assert town.rows("SELECT at FROM heartbeats WHERE name = 'written'") == before


async def test_a_clock_that_was_put_back_hides_no_silent_poller_and_no_waiting_update(found: Found) -> None:
    async with found(channel="web") as town:
        ahead = int(town.clock.now) + 86400
        [row] = await town.runtime.database.write(
            lambda tx: inbox.add(tx, [IncomingUpdate(1, 1, {"update_id": 1})], ahead)
        )
        assert (await _health(town))[1]["status"] == "updates"
        await town.runtime.database.write(lambda tx: inbox.settle(tx, row.seq))
        town.clock.now -= 86400
        assert (await _health(town))[1]["status"] == "ok"  # and no report from before it is given out
    async with found(pages=True) as town:
        ahead = int(town.clock.now) + 86400
        await town.runtime.database.write(lambda tx: heartbeats.beat(tx, heartbeats.FETCHED, ahead))
        assert (await _health(town))[1]["status"] == "poller"
        await town.runtime.database.write(lambda tx: heartbeats.beat(tx, heartbeats.FETCHED, int(town.clock.now)))


NOON = schedule.to_utc(datetime(2026, 3, 4, 12))


async def _enqueue(town: Town, number: int, due: int) -> None:
    """To somebody on the web without an address; and nobody tries to send it."""
    await town.runtime.sender.wind_down()

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

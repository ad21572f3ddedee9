"""Queues: in order for one person, at once for many, each update until it is settled or buried."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot.channels.telegram.queues import MOST_ATTEMPTS, MOST_WAITING, Queues
from storage import inbox
from storage.db import Database, Tx, connect
from storage.encryption import Keyring
from storage.inbox import InboxUpdate, IncomingUpdate
from tests.support.patience import PATIENCE

ANNA, BO = 700000001, 700000002
Handle = Callable[[InboxUpdate], Awaitable[None]]


@dataclass
class Hall:
    """Queues on a real database, with what happened in them."""

    database: Database
    queues: Queues
    lost: list[int] = field(default_factory=list)
    update_id: int = 100

    async def gets(self, *people: int) -> None:
        """One update from each of them, in this order, as the poller brings them."""
        batch = [IncomingUpdate(self.update_id + n, lane, {}) for n, lane in enumerate(people)]
        self.update_id += len(batch)
        for update in await self.database.write(lambda tx: inbox.add(tx, batch, 1)):
            self.queues.put(update)

    async def calm(self) -> None:
        async with asyncio.timeout(PATIENCE):
            await self.queues.calm()

    async def states(self) -> list[tuple[str, int]]:
        return await self.database.read(
            lambda tx: [
                (row["state"], row["attempts"]) for row in tx.all("SELECT state, attempts FROM inbox ORDER BY seq")
            ]
        )

    async def settle(self, update: InboxUpdate) -> None:
        await self.database.write(lambda tx: inbox.settle(tx, update.seq))

    @asynccontextmanager
    async def locked(self) -> AsyncIterator[None]:
        with closing(connect(self.database.path, PATIENCE)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")


@asynccontextmanager
async def hall(folder: Path, handle: Callable[[Hall, InboxUpdate], Awaitable[None]]) -> AsyncIterator[Hall]:
    """Neither the database nor what failed is waited for long."""
    database = await Database.open(folder / "besyv.db", Keyring.open_or_create(folder / "besyv.key"), busy=0.2)
    try:
        async with asyncio.TaskGroup() as group:

            def spawn(coroutine: Coroutine[Any, Any, None]) -> object:
                return group.create_task(coroutine)

            async def lost(update: InboxUpdate) -> None:
                here.lost.append(update.update_id)

            here: Hall
            here = Hall(database, Queues(database, lambda update: handle(here, update), lost, spawn, again=0.01))
            yield here
    finally:
        await database.close()


async def test_one_person_s_updates_are_handled_in_order_one_at_a_time(tmp_path: Path) -> None:
    handled: list[int] = []
    busy = 0

    async def handle(here: Hall, update: InboxUpdate) -> None:
        nonlocal busy
        busy += 1
        assert busy == 1
        await asyncio.sleep(0.002 * (5 - len(handled)))  # the first takes longest
        handled.append(update.update_id)
        await here.settle(update)
        busy -= 1

    async with hall(tmp_path, handle) as here:
        await here.gets(ANNA, ANNA, ANNA)
        await here.gets(ANNA, ANNA)
        await here.calm()
        assert handled == [100, 101, 102, 103, 104]
        assert await here.states() == [("settled", 0)] * 5


async def test_a_person_who_takes_long_holds_nobody_else(tmp_path: Path) -> None:
    handled: list[int] = []
    go_on, others = asyncio.Event(), asyncio.Event()

    async def handle(here: Hall, update: InboxUpdate) -> None:
        if update.chat == ANNA:
            await go_on.wait()
        handled.append(update.chat)
        if len(handled) == 101:
            others.set()
        await here.settle(update)

    async with hall(tmp_path, handle) as here:
        await here.gets(ANNA, *range(1, 101), ANNA, BO)
        async with asyncio.timeout(PATIENCE):
            await others.wait()
        assert ANNA not in handled
        go_on.set()
        await here.calm()
        assert handled[-2:] == [ANNA, ANNA]


async def test_many_people_are_served_at_once(tmp_path: Path) -> None:
    everybody = asyncio.Barrier(300)  # who passes it has waited for all the others

    async def handle(here: Hall, update: InboxUpdate) -> None:
        await everybody.wait()
        await here.settle(update)

    async with hall(tmp_path, handle) as here:
        await here.gets(*range(1, 301))
        await here.calm()
        assert await here.states() == [("settled", 0)] * 300


async def test_what_fails_once_is_tried_again_and_the_queue_waits_for_it(tmp_path: Path) -> None:
    handled: list[int] = []
    tries = 0

    async def handle(here: Hall, update: InboxUpdate) -> None:
        nonlocal tries
        if update.update_id == 100:
            tries += 1
            if tries < 3:
                raise RuntimeError
        handled.append(update.update_id)
        await here.settle(update)

    async with hall(tmp_path, handle) as here:
        await here.gets(ANNA, ANNA)
        await here.calm()
        assert handled == [100, 101]
        assert await here.states() == [("settled", 2), ("settled", 0)]
        assert here.lost == []


async def test_what_always_fails_is_buried_after_three_attempts_the_person_told_and_the_queue_goes_on(
    tmp_path: Path,
) -> None:
    tries: list[int] = []

    async def handle(here: Hall, update: InboxUpdate) -> None:
        tries.append(update.update_id)
        if update.update_id == 100:
            raise ValueError("mit svar")
        await here.settle(update)

    async with hall(tmp_path, handle) as here:
        await here.gets(ANNA, ANNA)
        await here.calm()
        assert tries == [100, 100, 100, 101]
        assert here.lost == [100]
        assert [state for state, _ in await here.states()] == ["dead", "settled"]
        faults = await here.database.read(
            lambda tx: [row["fault"] for row in tx.all("SELECT fault FROM inbox ORDER BY seq")]
        )
        assert faults == ["ValueError", None]  # its kind, never its text


async def test_attempts_of_an_earlier_run_count(tmp_path: Path) -> None:
    async def handle(here: Hall, update: InboxUpdate) -> None:
        raise RuntimeError

    async with hall(tmp_path, handle) as here:
        added = await here.database.write(lambda tx: inbox.add(tx, [IncomingUpdate(1, ANNA, {})], 1))

        def count(tx: Tx) -> None:
            inbox.count_attempt(tx, added[0].seq)

        await here.database.write(count)
        await here.database.write(count)
        for update in await here.database.read(inbox.unsettled):
            here.queues.put(update)
        await here.calm()
        assert here.lost == [1]
        assert (await here.states())[0][0] == "dead"


async def test_a_person_who_cannot_be_told_does_not_stop_the_queue(tmp_path: Path) -> None:
    handled: list[int] = []

    async def handle(here: Hall, update: InboxUpdate) -> None:
        handled.append(update.update_id)
        if update.update_id == 100:
            raise RuntimeError
        await here.settle(update)

    async with hall(tmp_path, handle) as here:
        here.lost = _Refusing()
        await here.gets(ANNA, ANNA)
        await here.calm()
        assert handled[-1] == 101
        assert [state for state, _ in await here.states()] == ["dead", "settled"]


class _Refusing(list[int]):
    def append(self, _: int) -> None:
        raise RuntimeError("the outside is in trouble")


async def test_trouble_with_the_database_is_waited_out_and_never_counts_as_an_attempt(tmp_path: Path) -> None:
    tries = 0

    async def handle(here: Hall, update: InboxUpdate) -> None:
        nonlocal tries
        tries += 1
        if tries < 4:
            raise sqlite3.OperationalError("database is locked")
        await here.settle(update)

    async with hall(tmp_path, handle) as here:
        await here.gets(ANNA)
        await here.calm()
        assert tries == 4
        assert await here.states() == [("settled", 0)]
        assert here.lost == []


async def test_a_database_that_is_locked_when_an_update_is_given_up_does_not_leave_it_half_buried(
    tmp_path: Path,
) -> None:
    tries = 0
    third, locked, fifth = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def handle(here: Hall, update: InboxUpdate) -> None:
        nonlocal tries
        tries += 1
        if tries == MOST_ATTEMPTS:
            third.set()
            await locked.wait()
        if tries == MOST_ATTEMPTS + 2:
            fifth.set()
        raise RuntimeError

    async with hall(tmp_path, handle) as here:
        await here.gets(ANNA)
        await third.wait()
        async with here.locked():
            locked.set()
            await fifth.wait()
        await here.calm()
        assert [state for state, _ in await here.states()] == ["dead"]
        assert here.lost == [100]


async def test_a_job_that_fails_does_not_bring_the_others_down(tmp_path: Path) -> None:
    done: list[str] = []

    async def handle(here: Hall, update: InboxUpdate) -> None:
        await here.settle(update)

    async def fails() -> None:
        raise RuntimeError

    async def works() -> None:
        done.append("works")

    async with hall(tmp_path, handle) as here:
        here.queues.put_job(ANNA, fails)
        here.queues.put_job(ANNA, works)
        await here.gets(ANNA, BO)
        await here.calm()
        assert done == ["works"]
        assert await here.states() == [("settled", 0)] * 2


async def test_no_more_is_taken_in_than_memory_is_set_aside_for(tmp_path: Path) -> None:
    go_on = asyncio.Event()

    async def handle(here: Hall, update: InboxUpdate) -> None:
        """Only jobs here."""

    async def job() -> None:
        await go_on.wait()

    async with hall(tmp_path, handle) as here:
        for number in range(MOST_WAITING - 1):
            here.queues.put_job(number % 100, job)
        await asyncio.wait_for(here.queues.room(), PATIENCE)
        here.queues.put_job(ANNA, job)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(here.queues.room(), 0.1)
        go_on.set()
        await asyncio.wait_for(here.queues.room(), PATIENCE)
        await here.calm()

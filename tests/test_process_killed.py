"""kill -9 at any moment, and not one answer is lost, doubled, or laid to the wrong question."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from pathlib import Path

from tests.support import sizes
from tests.support.botapi import LocalBotApi, Person
from tests.support.sizes import few_and_many
from tests.support.world import NOT_TAKEN, Answering, Bot, Flows, ForkServer, everything_open, running

log = logging.getLogger(__name__)
SEED = 20261123

ROLES = (
    "Frivillig",
    "Forening",
    "Ansat i kommunen",
    "Leder i kommunen",
    "Byråd eller udvalg",
    "Frivilligråd eller frivilligcenter",
    "Borger",
)


@few_and_many("kills_people", (5, 8), (sizes.KILLS, sizes.KILLED_PEOPLE))
async def test_no_answer_is_lost_doubled_or_misplaced_however_often_the_process_is_killed(
    tmp_path: Path, fork_server: ForkServer, kills_people: tuple[int, int]
) -> None:
    kills, people = kills_people
    began = time.monotonic()
    chance = random.Random(SEED)
    process = everything_open()
    flows = Flows(process)
    async with running(tmp_path, fork_server, process=process, speed=4) as bot:
        crowd: list[Answering] = []
        kills_done = asyncio.Event()
        async with asyncio.TaskGroup() as seats:
            for number in range(people):
                seats.create_task(_seat(bot.api, flows, number, crowd, kills_done))
            await _kill_often(bot, chance, kills, 5 * people)
            kills_done.set()
        await bot.settled()
        with bot.stored() as tx:
            stored = {someone.person.first_name: flows.stored(tx, someone.person.id) for someone in crowd}
        assert stored == {someone.person.first_name: someone.told for someone in crowd}
        assert bot.sql("SELECT count(*) FROM answer_history") == [(0,)]
        assert bot.inbox().keys() == {"settled"}
        told = [seen.text for someone in crowd for seen in someone.person.sees() if seen.by_bot]
        assert [text for text in told if text.startswith(NOT_TAKEN)] == []
        assert [
            each for each in bot.api.violations if "two getUpdates" not in each.what and "too many" not in each.what
        ] == []
        figures = {
            "kills": kills,
            "people": len(crowd),
            "finished": sum(someone.finished for someone in crowd),
            "answers": sum(len(someone.told) for someone in crowd),
            "updates": bot.inbox()["settled"],
            "taps": sum(someone.taps for someone in crowd),
            "repeated": sum(someone.repeated for someone in crowd),
            "asked whether": sum(len(someone.asked_whether) for someone in crowd),
            "longest wait": round(max(someone.longest for someone in crowd), 1),
            "seconds": round(time.monotonic() - began, 1),
        }
        log.info("%s", figures)  # shown by --log-cli-level=INFO


async def _kill_often(bot: Bot, chance: random.Random, times: int, most: int) -> None:
    """Each time after it has called Telegram so often, however long that takes it."""
    for _ in range(times):
        enough = sum(bot.api.world.calls.values()) + chance.randint(0, most)
        await bot.until(lambda enough=enough: sum(bot.api.world.calls.values()) >= enough, "works", every=0.001)  # type: ignore[misc]  # mypy does not infer defaults
        await bot.kill()
        await bot.start()


async def _seat(api: LocalBotApi, flows: Flows, number: int, crowd: list[Answering], done: asyncio.Event) -> None:
    """Somebody always sits here and answers; whoever is through gives way to the next."""
    turn = 0
    while not done.is_set():
        chance = random.Random(f"{SEED} {number} {turn}")
        someone = Answering(Person(api, f"P{number}.{turn}"), flows, chance, ROLES[(number + turn) % len(ROLES)])
        crowd.append(someone)
        await someone.answers(enough=done.is_set)
        turn += 1


@few_and_many("starts", 3, sizes.FIRST_STARTS)
async def test_a_first_start_that_is_killed_leaves_nothing_that_keeps_the_next_one_from_starting(
    tmp_path: Path, fork_server: ForkServer, starts: int
) -> None:
    chance = random.Random(SEED)

    async def twice(number: int) -> None:
        folder = tmp_path / str(number)
        folder.mkdir()
        async with LocalBotApi() as api:
            bot = Bot(api, folder, fork_server)
            try:
                await bot.start(polls=False)
                enough = chance.uniform(0, 0.6)  # seconds of work: some get through with the start, and to Telegram
                await bot.until(lambda: bot.worked >= enough or api.calls("getUpdates") > 0, "works", every=0.001)
                await bot.kill()
                await bot.start()
                anna = Person(api, "Anna")
                anna.starts()
                await anna.reads(until="Du svarer til en chatbot")
            finally:
                await bot.kill()

    for first in range(0, starts, 4):  # at once
        async with asyncio.TaskGroup() as group:
            for number in range(first, min(first + 4, starts)):
                group.create_task(twice(number))

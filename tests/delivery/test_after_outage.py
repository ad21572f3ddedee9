"""After we were away for longer than Telegram keeps taps, people see their question once more, and only they."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from tests.support.botapi import Fault, Person
from tests.support.world import HASTY, Bot, ForkServer, brought_to, button, running, stored_answers_of

AWAY = "Vi var væk lidt. Har du trykket på en knap imens, så tryk gerne igen."
FIRST, SECOND = "Hvornår har du sidst hjulpet nogen", "Hvad kunne få dig til at hjælpe mere til"
SAID = "Da naboen skulle flytte sin sofa"
HELLO = "Jeg er en robot"
DAY = 24 * 3600
AT_ONCE = 30  # seconds: also on a busy machine, and less than a call for updates waits (45)


async def stop_and_let_pass(bot: Bot, seconds: int, before: int = 60) -> None:
    """The bot is killed; then it is as if that had been so long ago. Everybody was asked `before` s before the last
    heartbeat (after it, where negative)."""
    await bot.settled()
    await bot.kill()
    bot.change("UPDATE heartbeats SET at = unixepoch() - :seconds", seconds=seconds)
    bot.change("UPDATE prompts SET shown_at = unixepoch() - :ago", ago=seconds + before)


async def has_come_back(bot: Bot) -> None:
    """Until everybody has been asked who is to be."""
    await bot.until(
        lambda: bot.sql("SELECT at > unixepoch() - 60 FROM heartbeats WHERE name = 'fetched'") == [(1,)], "is back"
    )


def offers(person: Person) -> int:
    return sum(seen.text.startswith(AWAY) for seen in person.sees() if seen.by_bot)


async def test_the_open_question_is_shown_once_more_and_can_be_answered(
    tmp_path: Path, fork_server: ForkServer
) -> None:
    async with running(tmp_path, fork_server) as bot:
        anna = Person(bot.api, "Anna")
        await brought_to(bot, anna)
        await stop_and_let_pass(bot, 600)
        await bot.start()
        await anna.reads(AT_ONCE, until=AWAY)  # though nobody writes
        assert FIRST in anna.last.text
        await has_come_back(bot)
        await bot.kill()
        await bot.start()
        bo = Person(bot.api, "Bo")
        bo.starts()
        await bo.reads(until=HELLO)
        assert offers(anna) == 1
        anna.taps(button("skip"))
        await anna.reads(until=SECOND)


async def test_an_answer_written_while_we_were_away_is_answered_instead(
    tmp_path: Path, fork_server: ForkServer
) -> None:
    async with running(tmp_path, fork_server) as bot:
        anna = Person(bot.api, "Anna")
        await brought_to(bot, anna)
        await stop_and_let_pass(bot, 600)
        stored_answers_of(anna, SAID)
        await bot.start()
        await anna.reads(until=SECOND)
        await has_come_back(bot)
        assert offers(anna) == 0


async def test_only_those_who_may_have_tapped_just_then_are_asked_again(
    tmp_path: Path, fork_server: ForkServer
) -> None:
    async with running(tmp_path, fork_server, speed=4) as bot:
        names = ("asked", "asked after the last heartbeat", "blocked", "stopped", "long ago", "through")
        asked, just, blocked, stopped, long_ago, through = people = [Person(bot.api, name) for name in names]
        for person in people:
            await brought_to(bot, person)
        for number in range(4):
            before = through.last.id
            if number:
                through.taps(button("skip"))
            else:
                stored_answers_of(through, "En bænk ved søen")
            await through.reads(until=lambda seen, before=before: seen.id > before)  # type: ignore[misc]  # mypy does not infer defaults
        through.taps(button("send"))
        await through.reads(until="Tak. Dine svar er sendt.")
        stopped.says("/stop")
        await stopped.reads(until=lambda seen: not seen.edited)
        blocked.blocks()
        await stop_and_let_pass(bot, 600)
        _ask_at(bot, just, 560)
        _ask_at(bot, long_ago, 600 + DAY + 60)
        await bot.start()
        await asked.reads(AT_ONCE, until=AWAY)
        await just.reads(AT_ONCE, until=AWAY)
        await has_come_back(bot)
        assert {name: offers(person) for name, person in zip(names, people, strict=True)} == {
            "asked": 1,
            "asked after the last heartbeat": 1,
            "blocked": 0,
            "stopped": 0,
            "long ago": 0,
            "through": 0,
        }
        assert bot.api.refusals == []


def _ask_at(bot: Bot, person: Person, ago: int) -> None:
    bot.change(
        """UPDATE prompts SET shown_at = unixepoch() - :ago
           WHERE person_id = (SELECT person_id FROM addresses WHERE address = :address)""",
        ago=ago,
        address=str(person.id),
    )


async def test_a_short_absence_is_not_mentioned(tmp_path: Path, fork_server: ForkServer) -> None:
    async with running(tmp_path, fork_server) as bot:
        anna = Person(bot.api, "Anna")
        await brought_to(bot, anna)
        await stop_and_let_pass(bot, 120)
        await bot.start()
        await has_come_back(bot)
        assert offers(anna) == 0


async def test_who_blocked_us_meanwhile_is_noted_and_the_others_are_asked(
    tmp_path: Path, fork_server: ForkServer
) -> None:
    async with running(tmp_path, fork_server) as bot:
        anna, bo = Person(bot.api, "Anna"), Person(bot.api, "Bo")
        await brought_to(bot, anna)
        await brought_to(bot, bo)
        await stop_and_let_pass(bot, 600)
        anna.chat.blocked = True
        await bot.start()
        await bo.reads(AT_ONCE, until=AWAY)
        await bot.until(lambda: bot.sql("SELECT count(*) FROM addresses WHERE unreachable = 1") == [(1,)], "noted")
        assert bot.is_alive


async def test_a_crash_in_the_middle_leaves_nobody_unasked(tmp_path: Path, fork_server: ForkServer) -> None:
    async with running(tmp_path, fork_server) as bot:
        people = [Person(bot.api, f"Anna {number}") for number in range(40)]
        async with asyncio.TaskGroup() as group:
            for person in people:
                group.create_task(brought_to(bot, person))
        await stop_and_let_pass(bot, 600)
        await bot.start()
        await bot.until(lambda: sum(map(offers, people)) >= 5, "some are asked")
        await bot.kill()
        assert sum(map(offers, people)) < 40
        await bot.start()
        await bot.until(lambda: all(map(offers, people)), "all are asked")


async def test_one_who_cannot_be_reached_just_now_holds_nobody_else(tmp_path: Path, fork_server: ForkServer) -> None:
    async with running(tmp_path, fork_server) as bot:
        anna, bo = Person(bot.api, "Anna"), Person(bot.api, "Bo")
        await brought_to(bot, anna)
        await brought_to(bot, bo)
        await stop_and_let_pass(bot, 600)
        to_anna = Fault("sendMessage", times=1_000_000, status=429, when=lambda call: int(call["chat_id"]) == anna.id)
        bot.api.inject(to_anna)
        await bot.start()
        await bo.reads(until=AWAY)
        stored_answers_of(bo, SAID)
        await bo.reads(until=SECOND)
        assert to_anna.times < 1_000_000
        bot.api.faults.clear()
        await anna.reads(until=AWAY)


async def test_a_disk_in_trouble_does_not_end_the_bot_when_it_comes_back(
    tmp_path: Path, fork_server: ForkServer
) -> None:
    async with running(tmp_path, fork_server, patience=replace(HASTY, busy=0.2)) as bot:
        anna = Person(bot.api, "Anna")
        await brought_to(bot, anna)
        await stop_and_let_pass(bot, 600)
        locked = asyncio.Event()
        bot.api.inject(Fault("getUpdates", until=locked))
        await bot.start(polls=False)
        await bot.until(lambda: bot.api.faults == [], "asks for updates")
        with bot.locked():
            locked.set()
            await bot.until(lambda: bot.said.count("database=OperationalError") > 1, "tries in vain")
        await anna.reads(until=AWAY)
        assert offers(anna) == 1

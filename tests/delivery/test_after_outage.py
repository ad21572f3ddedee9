"""After we were away for longer than Telegram keeps taps, those who were in the middle of something are told: once for
each absence, at an hour when one may write to people, and nobody who has said no.

First a town whose clock we hold; then the bot as the process it is, killed.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.access import Role
from tests.support.botapi import Fault, Person
from tests.support.chat import Found, OnTelegram, Town
from tests.support.danish_time import local
from tests.support.people import has_answered
from tests.support.world import HASTY, Bot, ForkServer, brought_to, running, stored_answers_of

AWAY = "Chatbotten har været ude af drift. Har du trykket på en knap imens, så tryk igen."
WHY = "Du får denne besked, fordi du var i gang, lige før chatbotten gik i stå."
RESUME, STOP = "Fortsæt", "Stop beskeder"
FIRST, SECOND = "Hvad ønsker du dig af frivillige og foreninger", "Hvem ville du gå til"
SAID = "Da naboen skulle flytte sin sofa"
ENTERS = (
    "Indtast svar for andre",
    "Indtast nye svar",
    "En gruppe på et møde",
    "Trin 4. Lokale dialogmøder for frivillige og foreninger",
    "Frivillig",
)
MINUTE, DAY = 60, 24 * 3600
NIGHT, MORNING = local("2026-03-04 03:00"), local("2026-03-04 09:00")


def offers(person: OnTelegram | Person) -> int:
    phone = person.phone if isinstance(person, OnTelegram) else person
    return sum(seen.text.startswith(AWAY) for seen in phone.sees() if seen.by_bot)


async def away(town: Town, seconds: int, meanwhile: Callable[[], object] = lambda: None) -> None:
    """The bot is stopped for so long."""
    await town.down()
    meanwhile()
    town.clock.now += seconds
    await town.up()


async def asked(town: Town, name: str = "Anna", group: str = "Borger") -> OnTelegram:
    """Somebody who has just been asked something about themselves."""
    person = town.person(name)
    await person.says("/start borger")
    await person.taps("Jeg er med")
    await person.taps(group)
    return person


# --- what they are told -----------------------------------------------------------------------------------


async def test_who_was_in_the_middle_of_something_is_told_once_and_led_on(found: Found) -> None:
    async with found(steps="borger") as town:
        anna = await asked(town)
        question = anna.phone.last
        await away(town, 10 * MINUTE)
        assert str(anna.phone.last) == f"{AWAY}\n\n{WHY}\n[{RESUME}]\n[{STOP}]"
        await anna.taps(RESUME)
        assert anna.phone.last.text == question.text
        await anna.taps("Nordby")
        await town.looks()
        assert offers(anna) == 1


async def test_the_buttons_that_were_there_hold(found: Found) -> None:
    async with found(steps="borger") as town:
        anna = await asked(town)
        question = anna.phone.last.id
        await away(town, 10 * MINUTE)
        await anna.does(lambda: anna.phone.taps("Nordby", on=question))
        assert str(anna.phone.last).startswith("3 af 3\n")


async def test_a_no_under_it_is_a_no_to_messages(found: Found) -> None:
    async with found(steps="borger") as town:
        anna = await asked(town)
        await away(town, 10 * MINUTE)
        await anna.taps(STOP)
        await anna.says("/fortsaet")
        await away(town, 10 * MINUTE)
        assert offers(anna) == 1
        assert town.rows("SELECT reminders FROM people") == [(0,)]


async def test_in_english_it_says_the_same(found: Found) -> None:
    async with found(steps="borger") as town:
        anna = town.person("Anna", "en")
        await anna.says("/start borger")
        await away(town, 10 * MINUTE)
        assert anna.phone.last.text.startswith(
            "The chatbot has been out of service. If you have tapped a button meanwhile, tap it again."
        )
        assert anna.phone.last.labels == ["Continue", "Stop messages"]


# --- once -------------------------------------------------------------------------------------------------


async def test_an_absence_is_told_once_however_often_we_are_restarted(found: Found) -> None:
    async with found(steps="borger") as town:
        anna = await asked(town)
        await away(town, 5 * MINUTE)
        for _ in range(10):
            await away(town, 3 * MINUTE)  # each is an absence of its own, after which she has not acted
        assert offers(anna) == 1
        assert town.rows("SELECT kind, state FROM outbox") == [("away", "sent")]


async def test_who_acts_between_two_absences_is_told_of_both(found: Found) -> None:
    async with found(steps="borger") as town:
        anna = await asked(town)
        await away(town, 5 * MINUTE)
        await anna.taps(RESUME)
        await away(town, 5 * MINUTE)
        assert offers(anna) == 2


async def test_a_restart_that_takes_no_time_is_not_mentioned(found: Found) -> None:
    async with found(steps="borger") as town:
        anna = await asked(town)
        for _ in range(5):
            await away(town, 2 * MINUTE)
        assert (offers(anna), town.rows("SELECT kind FROM outbox")) == (0, [])


# --- in decent hours --------------------------------------------------------------------------------------


async def test_nobody_is_told_at_night_and_in_the_morning_once(found: Found) -> None:
    async with found(steps="borger") as town:
        town.clock.now = NIGHT - 30 * MINUTE
        await town.wait(0)
        anna = await asked(town)
        for _ in range(3):
            await away(town, 10 * MINUTE)
        assert offers(anna) == 0
        await town.wait(MORNING - int(town.clock.now) - 1)
        await town.looks()
        assert offers(anna) == 0
        await town.wait(1)
        await town.looks()
        assert offers(anna) == 1


@pytest.mark.parametrize("act", ["answers", "is refused", "asks for help and goes on"])
async def test_who_has_acted_in_the_night_is_not_told_in_the_morning(found: Found, act: str) -> None:
    async with found(steps="borger") as town:
        town.clock.now = NIGHT - 30 * MINUTE
        await town.wait(0)
        anna = await asked(town)
        await away(town, 10 * MINUTE)
        match act:
            case "answers":
                await anna.taps("Nordby")
            case "is refused":
                await anna.says("Et sted, der ikke findes")
            case _:
                await anna.says("/hjaelp")
                await anna.says("/fortsaet")
        await town.wait(MORNING + 1 - int(town.clock.now))
        await town.looks()
        assert (offers(anna), town.rows("SELECT state FROM outbox")) == (0, [("unwanted",)])


# --- who --------------------------------------------------------------------------------------------------


async def test_only_who_acted_around_the_outage_and_has_not_said_no(found: Found) -> None:
    async with found(steps="borger, plan") as town:
        town.clock.now = local("2026-03-04 11:00")
        await town.wait(0)
        earlier = await asked(town, "acted an hour and a half before")
        await town.wait(90 * MINUTE)
        no = await has_answered(town, "said no", messages="Nej", group="Frivillig")
        skipped = await has_answered(town, "skipped the question", messages="Spring over", group="Frivillig")
        for person in (no, skipped):
            await person.says("/ret")
            await person.taps("Lidt om dig")
            await person.taps("Ret 1")
        stopped, blocked, anna = await asked(town, "stopped"), await asked(town, "blocked"), await asked(town)
        await stopped.says("/stop")
        new = town.person("has seen the notice")
        await new.says("/start borger")
        blocked.phone.chat.blocked = True
        await away(town, 10 * MINUTE)
        everybody = {"early": earlier, "no": no, "skipped": skipped, "stopped": stopped, "blocked": blocked, "new": new}
        told = {name: offers(person) for name, person in {**everybody, "asked": anna}.items()}
        assert told == {"early": 0, "no": 0, "skipped": 1, "stopped": 0, "blocked": 0, "new": 1, "asked": 1}


async def test_who_wrote_meanwhile_is_answered_instead(found: Found) -> None:
    async with found(steps="borger") as town:
        anna = await asked(town)
        await away(town, 10 * MINUTE, lambda: anna.phone.says("Nordby"))
        assert offers(anna) == 0
        assert town.rows("SELECT kind FROM outbox") == []


@pytest.mark.parametrize("messages", ["Ja", "Nej"])
async def test_who_enters_for_others_is_told_by_their_own_wish(found: Found, messages: str) -> None:
    async with found(steps="plan, dialog_frivillige") as town:
        ida = await has_answered(town, "Ida", messages=messages)
        await ida.says(f"/start {await town.invites(Role.FACILITATOR)}")
        await ida.says("/leder")
        for label in ENTERS:
            await ida.taps(label)
        await ida.says("8")
        question = ida.phone.last
        await away(town, 10 * MINUTE)
        assert offers(ida) == (messages == "Ja")
        if messages == "Ja":
            await ida.taps(RESUME)
            assert question.text.endswith(ida.phone.last.text)
            await ida.taps(STOP, older=True)
            await ida.taps("Idræt")
            await away(town, 10 * MINUTE)
            assert offers(ida) == 1


# --- a clock that has jumped ------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [3, 60, -60])
async def test_a_clock_that_has_jumped_is_no_absence(found: Found, days: int) -> None:
    async with found(steps="borger") as town:
        town.clock.now = local("2026-03-04 12:00")
        await town.wait(0)
        anna = await asked(town)
        await away(town, days * DAY)
        assert offers(anna) == 0
        await away(town, MINUTE - days * DAY)
        assert offers(anna) == 0
        await anna.says("/fortsaet")
        await away(town, 10 * MINUTE)
        assert offers(anna) == 1


# --- killed -----------------------------------------------------------------------------------------------

NOON = local("2026-03-10 12:00")
AT_ONCE = 30  # seconds: also on a busy machine, and less than a call for updates waits (45)


async def stop_and_let_pass(bot: Bot, seconds: int) -> None:
    """The bot is killed; then it is as if that had been so long ago, and everybody had been asked just before it."""
    await bot.settled()
    await bot.kill()
    now = int(bot.clock())
    bot.change("UPDATE heartbeats SET at = :now - :seconds", now=now, seconds=seconds)
    bot.change("UPDATE prompts SET acted_at = :now - :ago", now=now, ago=seconds + 60)


async def test_a_crash_in_the_middle_leaves_nobody_untold_and_tells_nobody_again(
    tmp_path: Path, fork_server: ForkServer
) -> None:
    async with running(tmp_path, fork_server, ahead=NOON - time.time()) as bot:
        people = [Person(bot.api, f"Anna {number}") for number in range(40)]
        async with asyncio.TaskGroup() as group:
            for person in people:
                group.create_task(brought_to(bot, person))
        await stop_and_let_pass(bot, 600)
        await bot.start()
        await bot.until(lambda: sum(map(offers, people)) >= 5, "some are told")
        await bot.kill()
        assert sum(map(offers, people)) < 40
        in_doubt = {person.id for person in people if offers(person)} & bot.still_due("away")
        bot.change("UPDATE outbox SET leased_until = 0")
        await bot.start()
        await bot.until(lambda: all(map(offers, people)) and not bot.still_due("away"), "all are told")
        assert {person.id for person in people if offers(person) > 1} <= in_doubt


async def test_who_blocked_us_meanwhile_is_noted_and_the_others_are_told(
    tmp_path: Path, fork_server: ForkServer
) -> None:
    async with running(tmp_path, fork_server, ahead=NOON - time.time()) as bot:
        anna, bo = Person(bot.api, "Anna"), Person(bot.api, "Bo")
        await brought_to(bot, anna)
        await brought_to(bot, bo)
        await stop_and_let_pass(bot, 600)
        anna.chat.blocked = True
        await bot.start()
        await bo.reads(AT_ONCE, until=AWAY)  # though nobody writes
        await bot.until(lambda: bot.sql("SELECT count(*) FROM addresses WHERE unreachable = 1") == [(1,)], "noted")


async def test_one_who_cannot_be_reached_just_now_holds_nobody_else(tmp_path: Path, fork_server: ForkServer) -> None:
    async with running(tmp_path, fork_server, ahead=NOON - time.time()) as bot:
        anna, bo = Person(bot.api, "Anna"), Person(bot.api, "Bo")
        await brought_to(bot, anna)
        await brought_to(bot, bo)
        await stop_and_let_pass(bot, 600)
        to_anna = Fault("sendMessage", times=1_000_000, status=429, when=lambda call: int(call["chat_id"]) == anna.id)
        bot.api.inject(to_anna)
        await bot.start()
        await bo.reads(until=AWAY)
        bo.taps(RESUME)
        await bo.reads(until=FIRST)
        stored_answers_of(bo, SAID)
        await bo.reads(until=SECOND)
        assert to_anna.times < 1_000_000
        bot.api.faults.clear()
        await anna.reads(until=AWAY)


async def test_a_disk_in_trouble_does_not_end_the_bot_when_it_comes_back(
    tmp_path: Path, fork_server: ForkServer
) -> None:
    async with running(tmp_path, fork_server, ahead=NOON - time.time(), patience=replace(HASTY, busy=0.2)) as bot:
        anna = Person(bot.api, "Anna")
        await brought_to(bot, anna)
        await stop_and_let_pass(bot, 600)
        locked = asyncio.Event()
        bot.api.inject(Fault("getUpdates", until=locked))
        await bot.start(polls=False)
        await bot.until(lambda: bot.api.faults == [], "asks for updates")
        with bot.locked():
            locked.set()
            await bot.until(lambda: bot.said.count("getUpdates error=OperationalError") > 1, "tries in vain")
        await anna.reads(until=AWAY)
        assert offers(anna) == 1

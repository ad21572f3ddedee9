"""Fetching: whatever Telegram, the network or the disk does, each update is taken in once, none before it is kept."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.support.botapi import Fault, LocalBotApi, Person
from tests.support.world import HASTY, Bot, ForkServer, Told, brought_to, running, stored, stored_answers_of

HELLO, SECOND = "Du svarer til en chatbot", "Hvem ville du gå til"
IMPATIENT = replace(HASTY, busy=0.2)


async def greeted(person: Person) -> None:
    person.starts()
    await person.reads(until=HELLO)


async def complains(bot: Bot, of: str, times: int = 1) -> None:
    """Until it has logged that so many more times."""
    before = bot.said.count(of)
    await bot.until(lambda: bot.said.count(of) >= before + times, of)


# --- trouble outside --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        Fault("getUpdates", status=401),
        Fault("getUpdates", status=404),
        Fault("getUpdates", status=409, description="Conflict: terminated by other getUpdates request"),
        Fault("getUpdates", status=429, retry_after=1),
        Fault("getUpdates", status=500),
        Fault("getUpdates", status=502),
        Fault("getUpdates", drop_connection_before=True),
        Fault("getUpdates", drop_connection_after_accept=True),
    ],
    ids=lambda fault: str(fault.status or ("dropped after" if fault.drop_connection_after_accept else "dropped")),
)
async def test_people_are_served_after_a_getupdates_that_went_wrong(
    tmp_path: Path, fork_server: ForkServer, fault: Fault
) -> None:
    async with running(tmp_path, fork_server) as bot:
        bot.api.inject(fault)
        await greeted(Person(bot.api, "Anna"))
        await greeted(Person(bot.api, "Bo"))
        assert bot.api.faults == []
        await bot.settled()
        assert bot.inbox() == {"settled": 2}


async def test_telegram_s_wish_for_quiet_is_respected(tmp_path: Path, fork_server: ForkServer) -> None:
    polled: list[float] = []

    def note(_: dict[str, Any]) -> bool:
        polled.append(time.monotonic())
        return False

    async with running(tmp_path, fork_server) as bot:
        bot.api.inject(Fault("getUpdates", when=note), Fault("getUpdates", status=429, retry_after=1))
        await greeted(Person(bot.api, "Anna"))
        await greeted(Person(bot.api, "Bo"))
        assert max(after - before for before, after in pairwise(polled)) >= 1.0
        assert bot.said.count("getUpdates error=RetryAfter retry_in=1.0\n") == 1  # and no longer


async def test_another_poller_with_our_token_is_outlived(tmp_path: Path, fork_server: ForkServer) -> None:
    async with running(tmp_path, fork_server) as bot:
        await bot.until(lambda: bot.api.world.poller is not None, "it polls")
        other = asyncio.create_task(bot.api.call("getUpdates", {"timeout": 50}))
        await complains(bot, "getUpdates error=Conflict")
        anna = Person(bot.api, "Anna")
        status, _ = await other  # our next call throws the other out
        assert status == 409
        await greeted(anna)


async def test_a_telegram_that_is_not_there_at_the_start_is_waited_for(tmp_path: Path, fork_server: ForkServer) -> None:
    api = LocalBotApi()
    async with api:
        await api.go_away()
        bot = Bot(api, tmp_path, fork_server)
        bot.patience = HASTY
        await bot.start(polls=False)
        try:
            await complains(bot, "start error=", 3)
            await api.come_back()
            await greeted(Person(api, "Anna"))
        finally:
            await bot.kill()
        bot.kept_to_itself()


async def test_a_telegram_that_goes_away_in_between_is_waited_for(tmp_path: Path, fork_server: ForkServer) -> None:
    async with running(tmp_path, fork_server) as bot:
        anna, bo = Person(bot.api, "Anna"), Person(bot.api, "Bo")
        await greeted(anna)
        await bot.api.go_away()
        bo.starts()
        await complains(bot, "getUpdates error=", 2)
        await bot.api.come_back()
        await bo.reads(until=HELLO)
        await bot.settled()
        assert bot.inbox() == {"settled": 2}


# --- odd updates ------------------------------------------------------------------------------------------


def poison(person: Person) -> list[dict[str, Any]]:
    """Updates that nobody has ever seen, and that no library reads."""
    known = {"message_id": 1, "date": 1, "chat": person.chat.head, "from": person.user}
    return [
        {"message": "mit hemmelige svar"},
        {"message": {**known, "date": "mit hemmelige svar", "text": "mit hemmelige svar"}},
        {"message": {**known, "entities": "mit hemmelige svar", "text": "mit hemmelige svar"}},
        {"message": {**known, "from": {"id": 10**30, "mit hemmelige svar": 1}, "text": "mit hemmelige svar"}},
        {"message": {**known, "chat": {"id": -(10**30), "type": "private"}, "from": 7, "text": "mit hemmelige svar"}},
        {"message": {**known, "text": ["mit hemmelige svar"]}},
        {"message": {**known, "text": "\udc80 mit hemmelige svar"}},
        {"message": {**known, "date": 10**18, "text": "mit hemmelige svar"}},
        {"callback_query": {"id": 5, "data": {"mit hemmelige svar": 1}}},
        {"callback_query": {"id": "5", "from": person.user, "data": "mit hemmelige svar", "message": []}},
        {"my_chat_member": {"chat": person.chat.head, "from": person.user, "new_chat_member": {"status": []}}},
        {"mit hemmelige svar": {}},
        {},
    ]


async def test_updates_nobody_can_read_are_stepped_over_and_the_others_are_handled(
    tmp_path: Path, fork_server: ForkServer
) -> None:
    async with running(tmp_path, fork_server) as bot:
        anna, bo = Person(bot.api, "Anna"), Person(bot.api, "Bo")
        for kind in range(len(poison(anna))):
            bot.api.push_raw_update(poison(Person(bot.api, f"Dorte {kind}"))[kind])
        anna.starts()
        for raw in poison(bo)[1:3]:
            bot.api.push_raw_update(raw)
        bo.starts()
        await anna.reads(until=HELLO)
        await bo.reads(until=HELLO)  # in the same queue as what nobody can read
        await bot.settled()
        assert bot.inbox()["dead"] > 0
        assert bot.sql("SELECT count(*) FROM inbox WHERE state = 'dead' AND fault LIKE '%svar%'") == [(0,)]
        assert "mit hemmelige svar" not in bot.said
        await greeted(Person(bot.api, "Carla"))


async def test_a_person_whose_update_nobody_can_read_is_told_and_goes_on(
    tmp_path: Path, fork_server: ForkServer
) -> None:
    async with running(tmp_path, fork_server) as bot:
        anna = Person(bot.api, "Anna")
        await brought_to(bot, anna)
        bot.api.push_raw_update(poison(anna)[1])
        await anna.reads(until="Noget gik galt, og din besked er ikke gemt.")
        stored_answers_of(anna, "I går, da naboen fik ny sofa")
        await anna.reads(until="Hvem ville du gå til")
        await bot.settled()
        assert stored(bot, anna) == {"B5": Told(("I går, da naboen fik ny sofa",))}


async def test_an_update_that_comes_twice_is_applied_once(tmp_path: Path, fork_server: ForkServer) -> None:
    async with running(tmp_path, fork_server) as bot:
        anna = Person(bot.api, "Anna")
        await brought_to(bot, anna, "linjer")
        stored_answers_of(anna, "Skriv den, så man kan læse den")
        update = bot.api.waiting_updates()[-1]
        await anna.reads(until="1 punkt er gemt")
        for _ in range(3):
            bot.api.repeat_update(update)
            await bot.settled()
        await anna.reads_nothing(0.2)
        assert stored(bot, anna) == {"L8": Told(("Skriv den, så man kan læse den",))}


async def test_an_update_that_comes_again_after_a_crash_is_applied_once(
    tmp_path: Path, fork_server: ForkServer
) -> None:
    """Telegram hands out what was not confirmed: taken in, and then the connection broke, and then we were killed."""
    async with running(tmp_path, fork_server) as bot:
        anna = Person(bot.api, "Anna")
        await brought_to(bot, anna)
        await bot.api.confirmed()
        stored_answers_of(anna, "Jeg slog græs for ham ved siden af")
        update = bot.api.waiting_updates()[-1]
        await anna.reads(until=SECOND)
        await bot.kill()
        bot.api.repeat_update(update)
        await bot.start()
        await bot.settled()
        assert stored(bot, anna) == {"B5": Told(("Jeg slog græs for ham ved siden af",))}


async def test_update_ids_may_start_again_lower(tmp_path: Path, fork_server: ForkServer) -> None:
    async with running(tmp_path, fork_server) as bot:
        await greeted(Person(bot.api, "Anna"))
        for start in (4711, 100):
            await bot.settled()
            bot.api.jump_update_id(to=start)
            await greeted(Person(bot.api, f"Bo {start}"))
            await greeted(Person(bot.api, f"Carla {start}"))
        await bot.settled()
        assert bot.inbox() == {"settled": 5}


# --- trouble with the disk --------------------------------------------------------------------------------


async def test_while_the_database_is_locked_nothing_is_confirmed_and_afterwards_everybody_is_answered(
    tmp_path: Path, fork_server: ForkServer
) -> None:
    async with running(tmp_path, fork_server, patience=IMPATIENT) as bot:
        anna = Person(bot.api, "Anna")
        await brought_to(bot, anna)
        await bot.settled()
        crowd = [Person(bot.api, f"Bo {number}") for number in range(20)]
        with bot.locked():
            stored_answers_of(anna, "Sidste uge, til flytning")
            for person in crowd:
                person.starts()
            for _ in range(3):
                await complains(bot, "getUpdates error=OperationalError")
                assert len(bot.api.waiting_updates()) == 21
        await anna.reads(until=SECOND)
        for person in crowd:
            await person.reads(until=HELLO)
        await bot.settled()
        assert stored(bot, anna) == {"B5": Told(("Sidste uge, til flytning",))}
        assert bot.inbox().keys() == {"settled"}


async def test_while_the_disk_is_full_nothing_is_confirmed_and_afterwards_everybody_is_answered(
    tmp_path: Path, fork_server: ForkServer
) -> None:
    """The log is on the same disk, too."""
    async with running(tmp_path, fork_server) as bot:
        anna = Person(bot.api, "Anna")
        await brought_to(bot, anna)
        await bot.settled()
        crowd = [Person(bot.api, f"Bo {number}") for number in range(20)]
        bot.fill_the_disk()
        stored_answers_of(anna, "Sidste uge, til flytning")
        for person in crowd:
            person.starts()
        for _ in range(3):  # its log is on the same disk
            before = bot.api.calls("getUpdates")
            await bot.until(lambda before=before: bot.api.calls("getUpdates") > before, "asks again")  # type: ignore[misc]  # mypy does not infer defaults
            assert len(bot.api.waiting_updates()) == 21
        bot.free_the_disk()
        await anna.reads(until=SECOND)
        for person in crowd:
            await person.reads(until=HELLO)
        await bot.settled()
        assert stored(bot, anna) == {"B5": Told(("Sidste uge, til flytning",))}
        assert bot.inbox().keys() == {"settled"}


@pytest.mark.parametrize("trouble", ["locked", "full"])
async def test_trouble_with_the_disk_in_the_middle_of_an_update_is_waited_out(
    tmp_path: Path, fork_server: ForkServer, trouble: str
) -> None:
    """The reply is on its way when the disk gives up: the answer is there, and the update is settled later."""
    async with running(tmp_path, fork_server, patience=IMPATIENT) as bot:
        anna = Person(bot.api, "Anna")
        await brought_to(bot, anna)
        await bot.settled()
        goes_on = asyncio.Event()
        bot.api.inject(Fault("sendMessage", until=goes_on, accepted=True))
        stored_answers_of(anna, "Sidste uge, til flytning")
        await bot.until(lambda: bot.inbox().get("applied") == 1, "applied")
        if trouble == "locked":
            with bot.locked():
                goes_on.set()
                await complains(bot, "database=OperationalError", 2)
        else:
            bot.fill_the_disk()  # that of its log, too: what it asks for tells that it cannot store what Bo sent
            goes_on.set()
            Person(bot.api, "Bo").starts()
            asked = bot.api.calls("getUpdates")
            await bot.until(lambda: bot.api.calls("getUpdates") > asked + 3, "tries again and again")
            bot.free_the_disk()
        await bot.settled()
        assert stored(bot, anna) == {"B5": Told(("Sidste uge, til flytning",))}
        assert bot.inbox().keys() == {"settled"}
        assert bot.sql("SELECT max(attempts) FROM inbox") == [(0,)]

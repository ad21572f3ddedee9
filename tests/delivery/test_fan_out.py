"""Something is owed to many at once, beside people who answer: at Telegram's own limits, through its troubles."""

from __future__ import annotations

import asyncio
import random
import time
from pathlib import Path

from tests.support import crowd
from tests.support.botapi import Fault, Person
from tests.support.world import Answering, Nursery, example, running

MANY, AT_WORK = 60, 6


async def test_sixty_invitations_beside_people_who_answer_through_refusals_and_an_outage(
    tmp_path: Path, nursery: Nursery
) -> None:
    """Nobody is left out or told twice, whoever answers is asked on, and Telegram has nothing to say against it."""
    ahead = crowd.until_a_tuesday_morning(time.time())
    async with running(tmp_path, nursery, ahead=ahead) as bot:
        everybody = crowd.gathered(bot.api, MANY)
        blocked, gone = everybody[:2]
        crowd.known(bot, everybody)
        blocked.blocks()
        gone.leaves_telegram()
        writers = [
            Answering(Person(bot.api, f"Skriver {n}"), example(), random.Random(n), "Borger", "borger")
            for n in range(AT_WORK)
        ]
        meeting = crowd.invited(bot)
        await bot.kill()
        await bot.start()  # it looks for what is due at once

        def owed(state: str) -> int:
            return int(bot.sql("SELECT count(*) FROM outbox WHERE about = :it AND state = :state",
                               it=str(meeting), state=state)[0][0])  # fmt: skip

        async with asyncio.TaskGroup() as group:
            for writer in writers:
                group.create_task(writer.answers())
            await bot.until(lambda: owed("sent") > 10, "begun", 40, every=0.05)
            bot.api.inject(Fault("sendDocument", times=2, status=429, retry_after=1))
            await bot.until(lambda: owed("sent") > 25, "on after the storm", 40, every=0.05)
            bot.api.inject(Fault("sendDocument", times=8, drop_connection_before=True))
            await bot.until(lambda: owed("due") == 0, "all out", 90, every=0.05)
        told = crowd.got(bot.api, everybody, f"Invitation: {crowd.TITLE}")
        assert {person.id for person in everybody if told[person.id] != 1} == {blocked.id, gone.id}
        assert told[blocked.id] == told[gone.id] == 0
        assert owed("unreachable") == 2
        assert bot.api.violations == []
        assert all(writer.finished for writer in writers)

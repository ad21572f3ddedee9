"""A message is due to many at once, beside people who answer: at Telegram's own limits, through its troubles."""

from __future__ import annotations

import asyncio
import random
import time
from pathlib import Path

from tests.support import crowd, sizes
from tests.support.botapi import Fault, Person
from tests.support.patience import PATIENCE
from tests.support.sizes import few_and_many
from tests.support.world import Answering, ForkServer, example, running


@few_and_many("many_at_work", (40, 4), (sizes.RECIPIENTS, sizes.WRITERS))
async def test_invitations_to_many_beside_people_who_answer_through_refusals_and_an_outage(
    tmp_path: Path, fork_server: ForkServer, many_at_work: tuple[int, int]
) -> None:
    """Nobody is left out or told twice, whoever answers is asked on, and Telegram has nothing to say against it."""
    many, at_work = many_at_work
    ahead = crowd.until_a_tuesday_morning(time.time())
    async with running(tmp_path, fork_server, ahead=ahead, speed=4) as bot:
        everybody = crowd.gathered(bot.api, many)
        blocked, gone = everybody[:2]
        crowd.known(bot, everybody)
        blocked.blocks()
        gone.leaves_telegram()
        writers = [
            Answering(Person(bot.api, f"Skriver {n}"), example(), random.Random(n), "Borger", "borger")
            for n in range(at_work)
        ]
        meeting = crowd.invited(bot)
        await bot.kill()
        await bot.start()  # it looks for what is due at once

        def in_state(state: str) -> int:
            return int(
                bot.sql(
                    "SELECT count(*) FROM outbox WHERE about = :it AND state = :state", it=str(meeting), state=state
                )[0][0]
            )

        async with asyncio.TaskGroup() as group:
            for writer in writers:
                group.create_task(writer.answers())
            await bot.until(lambda: in_state("sent") > 10, "begun", every=0.05)
            bot.api.inject(Fault("sendDocument", times=2, status=429, retry_after=1))
            await bot.until(lambda: in_state("sent") > 25, "on after the storm", every=0.05)
            bot.api.inject(Fault("sendDocument", times=8, drop_connection_before=True))
            await bot.until(lambda: in_state("due") == 0, "all out", 2 * PATIENCE + many, every=0.05)
        told = crowd.got(bot.api, everybody, f"Invitation: {crowd.TITLE}")
        assert {person.id for person in everybody if told[person.id] != 1} == {blocked.id, gone.id}
        assert told[blocked.id] == told[gone.id] == 0
        assert in_state("unreachable") == 2
        assert bot.api.violations == []
        assert all(writer.finished for writer in writers)

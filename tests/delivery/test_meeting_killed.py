"""A meeting that is moved while the bot, the process it is, is killed again and again: whoever was told of the old time
is told of the new one, nobody is told of the old one any more, and at worst what was on its way comes twice."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from bot import texts
from bot.features.meetings.service import scheduling
from bot.flows import schedule
from bot.outbox.kinds import MessageKind
from storage import meetings, processes
from storage.db import Tx
from storage.meetings import MeetingDetails, MeetingFacts
from tests.support import sizes
from tests.support.botapi import Person
from tests.support.sizes import few_and_many
from tests.support.world import Bot, ForkServer, running, seat

HOUR = 3600
TITLE = "Dialogmøde i Nordby"
NOON = schedule.to_utc(datetime(2027, 3, 3, 12, 0))  # a Wednesday
FIRST_TIME, SECOND_TIME = (schedule.to_utc(datetime(2027, 4, day, 19, 0)) for day in (6, 14))
INVITED, IS_MOVED = (texts.say("da", key, title=TITLE) for key in ("invited.what", "moved.title"))

# To whom it may be out.
TRIED = """SELECT address FROM outbox JOIN addresses ON addresses.person_id = outbox.person_id
           WHERE state = 'due' AND attempts > 0"""


def seen(crowd: list[Person], what: str, at: int) -> list[int]:
    """How often each has been told this, with that time."""
    words = texts.moment("da", at)
    return [sum(what in one.text and words in one.text for one in person.sees() if one.by_bot) for person in crowd]


def of_kinds(crowd: list[Person]) -> dict[str, list[int]]:
    """How often each has been told, by the kind of message."""
    invited = zip(seen(crowd, INVITED, FIRST_TIME), seen(crowd, INVITED, SECOND_TIME), strict=True)
    return {MessageKind.INVITED: [sum(both) for both in invited], MessageKind.MOVED: seen(crowd, IS_MOVED, SECOND_TIME)}


def in_a_hurry(bot: Bot, unit: Callable[[Tx, int], object]) -> None:
    """While the bot is down, as by the command line: of the process that there is."""
    with bot.stored() as tx:
        tx.run("BEGIN IMMEDIATE")
        unit(tx, processes.every(tx)[0].id)
        tx.run("COMMIT")


@few_and_many("people", 24, sizes.INVITED)
async def test_killed_for_good_and_again_everybody_knows_when_the_meeting_is(
    tmp_path: Path, fork_server: ForkServer, people: int
) -> None:
    """kill -9 in the middle of the invitations; the meeting is moved while the bot is down; killed in the middle of the
    news."""

    def makes(tx: Tx, process: int) -> None:
        facts = MeetingFacts(
            kind="other",
            details=MeetingDetails(title=TITLE, place="Salen"),
            starts_at=FIRST_TIME,
            ends_at=FIRST_TIME + 2 * HOUR,
            invites_at=int(now()),
        )
        scheduling.make(tx, process, facts, int(now()))

    def moves(tx: Tx, process: int) -> None:
        [meeting] = meetings.of_process(tx, process)
        scheduling.change(
            tx,
            schedule.DEFAULT_SENDING_HOURS,
            meeting,
            scheduling.at_another_time(meeting.facts, SECOND_TIME),
            "",
            int(now()),
        )

    async with running(tmp_path, fork_server, ahead=NOON - time.time(), speed=4) as bot:
        now = bot.api.world.clock
        crowd = [Person(bot.api, f"Anna {number}") for number in range(people)]
        for person in crowd:
            person.starts()
        await bot.settled()
        await bot.kill()
        seat(bot, crowd, "linjer", "Frivillig")
        bot.change("UPDATE people SET reminders = 1, news = 1")
        in_a_hurry(bot, makes)
        in_doubt = 0  # how often somebody was told, and we do not know

        async def killed_at(what: str, at: int, several: int) -> None:
            nonlocal in_doubt
            before = of_kinds(crowd)
            await bot.start()
            await bot.until(lambda: sum(seen(crowd, what, at)) >= several, f"{several} are told")
            await bot.kill()
            after = of_kinds(crowd)
            for kind in after:
                due = bot.still_due(kind)
                told = zip(crowd, before[kind], after[kind], strict=True)
                in_doubt += sum(now - then for person, then, now in told if person.id in due)
            bot.change("UPDATE outbox SET leased_until = 0")  # as if two minutes had passed

        for part in (0.13, 0.33, 0.58):
            await killed_at(INVITED, FIRST_TIME, int(people * part))
        tried = {int(address) for (address,) in bot.sql(TRIED)}
        in_a_hurry(bot, moves)
        knew = seen(crowd, INVITED, FIRST_TIME)
        for part in (0.16, 0.41):
            await killed_at(IS_MOVED, SECOND_TIME, int(people * part))
        await bot.start()
        await bot.until(lambda: bot.sql("SELECT DISTINCT state FROM outbox") == [("sent",)], "all are settled")
        told = [seen(crowd, INVITED, SECOND_TIME), seen(crowd, IS_MOVED, SECOND_TIME)]
        assert seen(crowd, INVITED, FIRST_TIME) == knew  # nobody hears of the old time any more
        assert [min(invited + moved, 1) for invited, moved in zip(*told, strict=True)] == [1] * people
        may_know = [bool(before) or person.id in tried for before, person in zip(knew, crowd, strict=True)]
        assert [bool(moved) for moved in told[1]] == may_know
        [(sent,)] = bot.sql("SELECT count(*) FROM outbox WHERE state = 'sent'")
        assert sum(knew) + sum(map(sum, told)) == sent + in_doubt

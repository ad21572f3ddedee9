"""A town's worth of people who are known to a running bot already, and a message due to them all.

Here: putting them into its database, and what each of them got. Not here: what they do, how fast it goes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.features.meetings.service import scheduling
from bot.flows import schedule
from bot.process.file import MeetingKind
from bot.process.host import ProcessHost
from storage import people, processes
from storage.meetings import MeetingDetails, MeetingFacts
from tests.support.botapi import LocalBotApi, Person
from tests.support.world import CHANNEL, Bot

TITLE = "Fælles møde i Medborgerhuset"
DAY = 24 * 3600


def until_a_tuesday_morning(now: float) -> float:
    """Seconds from now to a moment at which one may write to people for ten hours."""
    day = schedule.to_local(int(now)).date() + timedelta(days=1)
    while day.weekday() != 1 or schedule.next_sending_time(ten := _ten(day)) != ten:
        day += timedelta(days=1)
    return _ten(day) - now


def _ten(day: object) -> int:
    return schedule.to_utc(datetime.fromisoformat(f"{day} 10:00"))


def gathered(api: LocalBotApi, number: int) -> list[Person]:
    """People who have written to the bot at some time, and are not looking at it now."""
    crowd = [Person(api, f"Person {n}") for n in range(number)]
    for person in crowd:
        person.chat.started = True
    return crowd


def known(bot: Bot, crowd: Sequence[Person], *, wants: int = 1) -> None:
    """They have told that they are volunteers, and whether one may write to them."""
    now = int(bot.api.world.clock())
    process_host = ProcessHost(bot.sql("SELECT key FROM processes")[0][0])
    with bot.stored() as tx:
        tx.run("BEGIN IMMEDIATE")
        plan = process_host.plan(tx)
        for number, person in enumerate(crowd):
            id_ = people.add(tx, plan.process_id, f"p{number:06}", "da", now)
            people.enter(tx, CHANNEL, str(person.id), id_, now)
            people.accept_notice(tx, id_, plan.notice.version, now)
            row = people.by_id(tx, id_)
            assert row is not None
            people.set_profile(tx, replace(row, stakeholder="frivillig", reminders=wants, news=wants))
        tx.run("COMMIT")


def invited(bot: Bot, *, in_days: int = 20) -> int:
    """A meeting for everybody, to which they are to be invited now; its number."""
    now = int(bot.api.world.clock())
    starts = now + in_days * DAY
    details = MeetingDetails(title=TITLE, purpose="At mødes.", place="Medborgerhuset", address="Torvet 1, Eksempel By")
    facts = MeetingFacts(
        kind=MeetingKind.OTHER, details=details, starts_at=starts, ends_at=starts + 7200, invites_at=now, reminders=()
    )
    with bot.stored() as tx:
        tx.run("BEGIN IMMEDIATE")
        meeting = scheduling.make(tx, processes.every(tx)[0].id, facts, now)
        tx.run("COMMIT")
    return meeting


def got(api: LocalBotApi, crowd: Sequence[Person], what: str) -> Counter[int]:
    """How many times each of them has been told."""
    return Counter(
        {
            person.id: sum(
                what in str(message.message.get("text", message.message.get("caption", "")))
                for message in api.world.chats[person.id].messages.values()
                if message.by_bot
            )
            for person in crowd
        }
    )

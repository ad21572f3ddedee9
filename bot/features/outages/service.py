"""Outages: who may have tapped in vain while we were away from Telegram, found once when we are back."""

from __future__ import annotations

from collections.abc import Sequence

from bot.flows import schedule
from bot.flows.schedule import DAY, HOUR
from bot.outbox.kinds import MessageKind
from bot.process.plan import Plan
from storage import heartbeats, prompts, recipients
from storage.db import Tx
from storage.recipients import QueuedMessage

AROUND = HOUR  # before we went away: who acted earlier has hardly tapped just then
JUST_AFTER = 150  # seconds: heartbeats are rare, and some acted after the last one
WORTH = 2 * DAY  # for which somebody may wait for what became of a tap; after that it is a stop, or a clock that jumped


def come_back(tx: Tx, plans: Sequence[Plan], channel: str, screens: Sequence[str], since: int, now: int) -> int:
    """Notes that we are back on the channel and enqueues a message to everybody who may have tapped something on one of
    these screens that we never heard of. Each absence is told once: it is over with this transaction. Returns how many
    were enqueued."""
    heartbeats.beat(tx, heartbeats.FETCHED, now)
    if now - since > WORTH:
        return 0
    enqueued = 0
    for plan in plans:
        due = schedule.next_sending_time(now, plan.hours)
        if due - now > WORTH:
            continue
        whom = prompts.mark_interrupted(
            tx, plan.process_id, channel, since, screens, first=since - AROUND, last=since + JUST_AFTER
        )
        message = QueuedMessage(f"away:{since}", MessageKind.AWAY, str(since), due, due + DAY)
        enqueued += recipients.enqueue(tx, recipients.these(whom), message)
    return enqueued

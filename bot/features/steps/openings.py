"""Messages that a step has opened, once per step, group and moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from bot.features.steps.reminders import HEARING
from bot.flows import schedule
from bot.flows.schedule import DAY
from bot.outbox.kinds import MessageKind
from bot.outbox.reminders import UpcomingMessage
from bot.process.plan import Opening, Plan
from storage import outbox, recipients
from storage.db import Tx
from storage.recipients import QueuedMessage, Recipients

WORTH = 3 * DAY  # for which it is worth sending


def enqueue(tx: Tx, plan: Plan, now: int) -> int:
    """Enqueues messages for steps that have opened and were not announced. Returns how many."""
    return sum(_enqueue(tx, plan, each, now) for each in plan.openings_between(now - WORTH, now))


def ahead(tx: Tx, plan: Plan, now: int, until: int) -> list[UpcomingMessage]:
    """What will open by then, and how many would be told."""
    groups: dict[tuple[int, str], list[str]] = defaultdict(list)
    for each in plan.openings_between(now, until):
        at = schedule.next_sending_time(each.at, plan.hours)
        if at <= until:
            groups[at, each.flow].append(each.group)
    return [
        UpcomingMessage(at, MessageKind.OPENED, flow, "", recipients.count(tx, told_of_opening(plan, flow, told, now)))
        for (at, flow), told in groups.items()
    ]


def _enqueue(tx: Tx, plan: Plan, opening: Opening, now: int) -> int:
    flow, group = opening.flow, opening.group
    if not outbox.announce(tx, plan.process_id, flow, group, opening.at):
        return 0
    due, closes = schedule.next_sending_time(now, plan.hours), plan.closes_at(flow, now, group)
    expires = due + WORTH if closes is None or closes <= now else min(closes, due + WORTH)
    message = QueuedMessage(f"opened:{flow}:{opening.at}", MessageKind.OPENED, flow, due, expires)
    return recipients.enqueue(tx, told_of_opening(plan, flow, [group], now), message)


def told_of_opening(plan: Plan, flow: str, groups: Sequence[str], now: int) -> Recipients:
    """Those who have answered before; that the hearing opens is told to everybody, for the first time or again."""
    return recipients.to_tell_of_opening(
        plan.process_id, flow, groups, told_since=now - WORTH, newcomers=flow == HEARING
    )

"""Rules of budgets that are used up: who is told, and how often (docs/decisions/0042)."""

from __future__ import annotations

from bot.access import Right, roles_with
from bot.flows.schedule import DAY, HOUR
from bot.outbox.kinds import MessageKind
from bot.process.plan import Plan
from storage import budgets, outbox, people
from storage.budgets import Exceeded
from storage.db import Tx
from storage.outbox import NewMessage

BETWEEN = 6 * HOUR  # two messages about the same budget
WORTH = DAY  # for which it is worth telling
TOLD = Right.WRITE_TO_MANY  # who leads, and the deputies


def enqueue(tx: Tx, plan: Plan, now: int) -> int:
    """At once, at any hour and on every channel of theirs, where a budget is used up that they were not told of
    lately. How many messages."""
    enqueued = 0
    for used in budgets.exceeded(tx, plan.process_id):
        if is_to_be_told(used, now):
            budgets.note_told(tx, plan.process_id, used.budget, now)
            enqueued += _tell(tx, plan, used, now)
    return enqueued


def is_to_be_told(used: Exceeded, now: int) -> bool:
    """A clock that was put back counts as nothing told."""
    if used.told_at is None or used.told_at > now:
        return True
    return used.last_at > used.told_at and now - used.told_at >= BETWEEN


def _tell(tx: Tx, plan: Plan, used: Exceeded, now: int) -> int:
    enqueued = 0
    for person in _who_is_told(tx, plan):
        once = f"{MessageKind.BUDGET}:{used.budget}:{now}:{person}"
        new = NewMessage(once, person, MessageKind.BUDGET, used.budget, now, now + WORTH, urgent=2)
        enqueued += outbox.enqueue_on(tx, new, people.channels(tx, person))
    return enqueued


def _who_is_told(tx: Tx, plan: Plan) -> list[int]:
    return people.holder_ids(tx, plan.process_id, *roles_with(TOLD))

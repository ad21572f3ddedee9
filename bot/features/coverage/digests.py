"""The weekly overview: who gets it, and when."""

from __future__ import annotations

from bot.access import RIGHTS, Right
from bot.flows import schedule
from bot.flows.schedule import DAY
from bot.outbox.kinds import MessageKind
from bot.process.plan import Plan
from storage import digests, outbox
from storage.db import Tx
from storage.outbox import NewMessage

WORTH = DAY  # for which it is worth sending
ROLES = frozenset(role for role, mine in RIGHTS.items() if Right.SEE_COVERAGE in mine)  # that get it


def enqueue(tx: Tx, plan: Plan, now: int) -> int:
    """Once in each week to every holder of a role who sees the coverage, at the hour they chose."""
    enqueued = 0
    year, week = schedule.week_of(now)
    for wanted in digests.of_holders(tx, plan.process_id, ROLES):
        at = schedule.in_week_of(now, wanted.weekday, wanted.hour)
        if not wanted.off and at <= now < at + WORTH:
            due = schedule.next_sending_time(at, plan.hours)
            once = f"digest:{wanted.person_id}:{year}-{week}"
            enqueued += outbox.enqueue(tx, NewMessage(once, wanted.person_id, MessageKind.DIGEST, "", due, due + WORTH))
    return enqueued

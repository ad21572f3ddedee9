"""The weekly overview: who gets it, and when."""

from __future__ import annotations

from bot.access import Right, Role, rights
from bot.flows import schedule
from bot.flows.schedule import DAY
from bot.outbox.kinds import MessageKind
from bot.process.plan import Plan
from storage import outbox, people
from storage.db import Tx
from storage.outbox import NewMessage

WORTH = DAY  # for which it is worth sending


def enqueue(tx: Tx, plan: Plan, now: int) -> int:
    """Once in each week to every holder of a role who sees the coverage, at the hour they chose."""
    enqueued = 0
    year, week = schedule.week_of(now)
    for person_id in {h.person_id for h in people.role_table(tx, plan.process_id) if _sees(h.role)}:
        wanted = outbox.digest_of(tx, person_id)
        at = schedule.in_week_of(now, wanted.weekday, wanted.hour)
        if not wanted.off and at <= now < at + WORTH:
            due = schedule.decent(at, plan.hours)
            once = f"digest:{person_id}:{year}-{week}"
            enqueued += outbox.enqueue(tx, NewMessage(once, person_id, MessageKind.DIGEST, "", due, due + WORTH))
    return enqueued


def _sees(role: str) -> bool:
    return Right.SEE_COVERAGE in rights(frozenset({Role(role)}))

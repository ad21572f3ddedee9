"""Which messages we owe: that a step has opened, the weekly overview, and what is reminded of. What they say is made
when they are sent."""

from __future__ import annotations

from collections.abc import Sequence

from bot.access import Right, Role, rights
from bot.flows import schedule
from bot.flows.model import Group
from bot.outbox.kinds import NUDGES, MessageKind
from bot.outbox.reminders import HEARING, enqueue_reminders
from bot.process.plan import START, Plan
from storage import outbox, people, recipients, signups
from storage.db import Tx
from storage.outbox import NewMessage, OutboxMessage
from storage.recipients import QueuedMessage, Recipients

DAY = 24 * 3600
WEEK = 7 * DAY
WORTH = {MessageKind.OPENED: 3 * DAY, MessageKind.DIGEST: DAY}  # seconds for which a message is worth sending


def enqueue_due(tx: Tx, plan: Plan, now: int) -> int:
    """Writes down what is due by now and was not before; how many messages."""
    return _openings(tx, plan, now) + _digests(tx, plan, now) + enqueue_reminders(tx, plan, now)


def _openings(tx: Tx, plan: Plan, now: int) -> int:
    owed = 0
    for flow in plan.flows:
        for group in Group if flow != START else ():
            for at in plan.openings(flow, group):
                if now - WORTH[MessageKind.OPENED] < at <= now and plan.asks(flow, group):
                    owed += _opening(tx, plan, flow, group, at, now)
    return owed


def _opening(tx: Tx, plan: Plan, flow: str, group: Group, at: int, now: int) -> int:
    if not outbox.announce(tx, plan.process_id, flow, group, at):
        return 0
    due, closes = schedule.decent(now, plan.hours), plan.closes_at(flow, now, group)
    expires = (
        due + WORTH[MessageKind.OPENED]
        if closes is None or closes <= now
        else min(closes, due + WORTH[MessageKind.OPENED])
    )
    message = QueuedMessage(f"opened:{flow}:{at}", MessageKind.OPENED, flow, due, expires)
    return recipients.enqueue(tx, told_of_opening(plan, flow, [group], now), message)


def told_of_opening(plan: Plan, flow: str, groups: Sequence[str], now: int) -> Recipients:
    """Those who have answered before; that the hearing opens is told to everybody, for the first time or again."""
    return recipients.to_tell_of_opening(
        plan.process_id, flow, groups, told_since=now - WORTH[MessageKind.OPENED], newcomers=flow == HEARING
    )


def _digests(tx: Tx, plan: Plan, now: int) -> int:
    """Once in each week to every holder of a role who sees the coverage, at the hour they chose."""
    owed = 0
    year, week = schedule.week_of(now)
    for person_id in {h.person_id for h in people.role_table(tx, plan.process_id) if _sees(h.role)}:
        wanted = outbox.digest_of(tx, person_id)
        at = schedule.in_week_of(now, wanted.weekday, wanted.hour)
        if not wanted.off and at <= now < at + WORTH[MessageKind.DIGEST]:
            due = schedule.decent(at, plan.hours)
            once = f"digest:{person_id}:{year}-{week}"
            owed += outbox.enqueue(
                tx, NewMessage(once, person_id, MessageKind.DIGEST, "", due, due + WORTH[MessageKind.DIGEST])
            )
    return owed


def _sees(role: str) -> bool:
    return Right.SEE_COVERAGE in rights(frozenset({Role(role)}))


def is_enough(tx: Tx, plan: Plan, owed: OutboxMessage, now: int) -> bool:
    """Whether somebody has had so many nudges in a week that they are spared this one. Of a meeting they have said yes
    to they are reminded all the same."""
    if owed.kind not in NUDGES or (owed.kind == MessageKind.SOON and _comes(tx, owed)):
        return False
    return outbox.sent_since(tx, owed.person_id, NUDGES, now - WEEK) >= plan.file.reminders.most_per_week


def _comes(tx: Tx, owed: OutboxMessage) -> bool:
    signup = signups.of(tx, int(owed.about), owed.person_id)
    return signup is not None and signup.comes

"""What will be sent, when, and to how many as things stand: reminders, openings of steps, and what waits already.

Whoever has had enough reminders, or answers before then, gets fewer than is foretold here; nobody gets more.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from bot.flows import schedule
from bot.flows.model import Group
from bot.outbox import producers
from bot.outbox.kinds import MessageKind
from bot.outbox.reminders import reminders_ahead
from bot.process.plan import START, Plan
from storage import outbox, recipients, reminders
from storage.db import Tx


@dataclass(frozen=True, slots=True)
class Coming:
    """One kind of message about one thing."""

    at: int
    kind: MessageKind
    about: str  # a meeting's id, a flow, a sending's id
    what: str  # which reminder of the event; "": there is but one
    people: int


def is_planned(tx: Tx, plan: Plan) -> bool:
    """Whether the reminders are those of the process as it stands; else they are within half a minute."""
    return reminders.planned_revision(tx, plan.process_id) == plan.revision


def coming(tx: Tx, plan: Plan, now: int, until: int) -> list[Coming]:
    """The earliest first; `until` and then no more."""
    found = [*_reminded(tx, plan, now, until), *_openings(tx, plan, now, until)]
    return sorted(found, key=lambda each: (each.at, each.kind, each.about))


def waiting(tx: Tx, plan: Plan, now: int) -> list[Coming]:
    """What is owed already, and goes out as soon as its time comes."""
    return [
        Coming(
            schedule.decent(max(now, each.due_at), plan.hours), MessageKind(each.kind), each.about, "", each.messages
        )
        for each in outbox.waiting(tx, plan.process_id)
    ]


def _reminded(tx: Tx, plan: Plan, now: int, until: int) -> list[Coming]:
    """What is due and was not looked at yet goes out now; what is not worth it any more does not."""
    found = []
    for each in reminders_ahead(tx, plan, until):
        row = each.reminder
        at = schedule.decent(max(now, row.due_at), plan.hours)
        if at < row.expires_at and at <= until:
            found.append(Coming(at, MessageKind(row.kind), row.about, row.what, each.people))
    return found


def _openings(tx: Tx, plan: Plan, now: int, until: int) -> list[Coming]:
    groups: dict[tuple[int, str], list[str]] = defaultdict(list)
    for flow in plan.flows:
        for group in Group if flow != START else ():
            for opens in plan.openings(flow, group):
                at = schedule.decent(opens, plan.hours)
                if opens > now and at <= until and plan.asks(flow, group):
                    groups[at, flow].append(str(group))
    return [
        Coming(at, MessageKind.OPENED, flow, "", recipients.count(tx, producers.told_of_opening(plan, flow, told, now)))
        for (at, flow), told in groups.items()
    ]

"""What will be sent, when, and to how many as things stand: reminders, openings of steps, and what waits already.

Whoever has had enough reminders, or answers before then, gets fewer than is foretold here; nobody gets more.
"""

from __future__ import annotations

from bot.flows import reminder_rules, schedule
from bot.outbox.reminders import Events, UpcomingMessage, reminders_ahead
from bot.process.plan import Plan
from storage import outbox, reminders
from storage.db import Tx


def is_planned(tx: Tx, plan: Plan) -> bool:
    """Whether the reminders are those of the process as it stands; else they are within half a minute."""
    return reminders.planned_revision(tx, plan.process_id) == plan.revision


def coming(events: Events, tx: Tx, plan: Plan, now: int, until: int) -> list[UpcomingMessage]:
    """The earliest first; `until` and then no more."""
    found = [*_reminded(events, tx, plan, now, until), *_others(events, tx, plan, now, until)]
    return sorted(found, key=lambda each: (each.at, each.kind, each.about))


def waiting(tx: Tx, plan: Plan, now: int) -> list[UpcomingMessage]:
    """Messages that are enqueued already, and go out as soon as their time comes."""
    return [
        UpcomingMessage(
            schedule.next_sending_time(max(now, each.due_at), plan.hours), each.kind, each.about, "", each.messages
        )
        for each in outbox.waiting(tx, plan.process_id)
    ]


def _reminded(events: Events, tx: Tx, plan: Plan, now: int, until: int) -> list[UpcomingMessage]:
    """What is due and was not looked at yet goes out now; what is not worth it any more does not."""
    found = []
    for each in reminders_ahead(events, tx, plan, until):
        row = each.reminder
        at = schedule.next_sending_time(max(now, row.due_at), plan.hours)
        if at < row.expires_at and at <= until:
            what = reminder_rules.as_told(row.what, row.due_at, row.event_at)
            found.append(UpcomingMessage(at, row.kind, row.about, what, each.people))
    return found


def _others(events: Events, tx: Tx, plan: Plan, now: int, until: int) -> list[UpcomingMessage]:
    """What is due by then and is no reminder of an event."""
    return [coming for source in events for coming in source.ahead(tx, plan, now, until)]

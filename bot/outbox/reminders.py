"""When which reminders are due, and their recipients. What they say is composed when they are sent.

The truth is in the table: rows per event and moment, planned anew when the process has changed, withdrawn when their
event is gone. A due one becomes messages in one transaction; one whose time has passed is marked expired.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bot.flows import schedule
from bot.flows.schedule import HOUR
from bot.process.plan import Plan
from storage import outbox, recipients, reminders
from storage.db import Tx
from storage.recipients import QueuedMessage, Recipients
from storage.reminders import PlannedReminder, Reminder

QUIET_AFTER_NEWS = 12 * HOUR  # after which one may be told of the same thing again


@dataclass(frozen=True, slots=True)
class Event:
    """Something people are reminded of, and the rows that it wants now. One that has passed wants none, and its rows
    that wait still stay."""

    kind: str
    about: str
    event_at: int
    rows: tuple[PlannedReminder, ...] = ()


@dataclass(frozen=True, slots=True)
class UpcomingMessage:
    """One kind of message about one thing, and to how many it goes as things stand."""

    at: int
    kind: str
    about: str  # a meeting's id, a flow, a broadcast's id
    what: str  # which reminder of the event; "": there is but one
    people: int


def _no_rows(_tx: Tx, _plan: Plan, _now: int) -> Iterable[Event]:
    return ()


def _nobody(_tx: Tx, _plan: Plan, _row: Reminder, _at: int) -> Recipients | None:
    return None


def _none(_tx: Tx, _plan: Plan, _now: int) -> int:
    return 0


def _nothing_ahead(_tx: Tx, _plan: Plan, _now: int, _until: int) -> Iterable[UpcomingMessage]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSource:
    """Where reminders come from: one line of the table EVENTS (bot.features)."""

    kinds: tuple[str, ...] = ()  # of the reminders that its events want
    events: Callable[[Tx, Plan, int], Iterable[Event]] = _no_rows
    recipients: Callable[[Tx, Plan, Reminder, int], Recipients | None] = _nobody  # as things stand; None: nobody
    enqueue: Callable[[Tx, Plan, int], int] = _none  # what is due and is no reminder of an event
    ahead: Callable[[Tx, Plan, int, int], Iterable[UpcomingMessage]] = _nothing_ahead  # and what of that will be due


Events = tuple[EventSource, ...]


def enqueue_due(events: Events, tx: Tx, plan: Plan, now: int) -> int:
    """Writes down what is due by now and was not before; how many messages."""
    return sum(source.enqueue(tx, plan, now) for source in events) + enqueue_reminders(events, tx, plan, now)


def enqueue_reminders(events: Events, tx: Tx, plan: Plan, now: int) -> int:
    """Plans anew where the process has changed, and enqueues what is due; how many messages."""
    if reminders.planned_revision(tx, plan.process_id) != plan.revision:
        plan_anew(events, tx, plan, now)
    return sum(_fire(events, tx, plan, due, now) for due in reminders.due(tx, plan.process_id, now))


# --- planned ----------------------------------------------------------------------------------------------


def plan_anew(events: Events, tx: Tx, plan: Plan, now: int) -> None:
    """Replaces the planned rows of all coming events. Reminders already sent stay done; a due row stays as long as its
    event exists."""
    found = [event for source in events for event in source.events(tx, plan, now)]
    alive = {(event.kind, event.about, event.event_at) for event in found}
    wanted = {row.once for event in found for row in event.rows}
    for row in reminders.waiting(tx, plan.process_id):
        if (row.kind, row.about, row.event_at) not in alive or (row.due_at > now and row.once not in wanted):
            reminders.withdraw(tx, row.id, now)
    for row in reminders.done_ahead(tx, plan.process_id, now):
        if (row.kind, row.about, row.event_at) not in alive:
            outbox.withdraw_of(tx, row.kind, row.about, row.once, now)
    for event in found:
        for new in event.rows:
            reminders.plan(tx, plan.process_id, new)
    reminders.note_planned(tx, plan.process_id, plan.revision)


# --- due --------------------------------------------------------------------------------------------------


def _fire(events: Events, tx: Tx, plan: Plan, row: Reminder, now: int) -> int:
    """What is due becomes messages; what comes too late is marked so."""
    due = schedule.next_sending_time(now, plan.hours)
    if due >= row.expires_at:
        reminders.settle(tx, row.id, "expired", 0, now)
        return 0
    whom, messages = recipients_of(events, tx, plan, row, due), 0
    if whom is not None:
        messages = recipients.enqueue(tx, whom, QueuedMessage(row.once, row.kind, row.about, due, row.expires_at))
    reminders.settle(tx, row.id, "done", messages, now)
    return messages


def recipients_of(events: Events, tx: Tx, plan: Plan, row: Reminder, at: int) -> Recipients | None:
    """Returns the recipients of a reminder that is due then, as things are now. None: nobody any more."""
    source = next((source for source in events if row.kind in source.kinds), None)
    return None if source is None else source.recipients(tx, plan, row, at)


# --- beforehand -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReminderAhead:
    """A reminder to come, and to how many it would go as things stand now."""

    reminder: Reminder
    people: int


def reminders_ahead(events: Events, tx: Tx, plan: Plan, until: int) -> list[ReminderAhead]:
    """What will be sent until then, the earliest first."""
    listed = []
    for row in reminders.due(tx, plan.process_id, until):
        whom = recipients_of(events, tx, plan, row, row.due_at)
        listed.append(ReminderAhead(row, recipients.count(tx, whom) if whom is not None else 0))
    return listed

"""Reminders of deadlines: planned rows, their recipients, and a word about what was left unfinished."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from bot.flows import reminder_rules, schedule
from bot.flows.model import Group
from bot.flows.schedule import DAY, WEEK
from bot.outbox.kinds import MessageKind
from bot.outbox.reminders import QUIET_AFTER_NEWS, Event
from bot.process.plan import START, Plan, State
from storage import recipients, reminders
from storage.db import Tx
from storage.recipients import QueuedMessage, Recipients
from storage.reminders import PlannedReminder, Reminder

HEARING = "hoering"
UNFINISHED_WORTH, BEGUN_LATELY = WEEK, 30 * DAY


def events(tx: Tx, plan: Plan, now: int) -> Iterator[Event]:
    """Every deadline, with its rows while it is ahead."""
    for flow, opens, closes in _deadlines(plan):
        if closes <= now:
            yield Event(MessageKind.DEADLINE, flow, closes)
            continue
        known = any(map(_holds, reminders.of_event(tx, plan.process_id, MessageKind.DEADLINE, flow, closes)))
        told = 0 if opens is None else schedule.next_sending_time(opens, plan.hours)
        opened = 0 if opens is None else told + QUIET_AFTER_NEWS  # whoever was told that it opens knows until when
        tokens = plan.file.reminders.hearing if flow == HEARING else plan.file.reminders.steps
        since = opened if known else max(opened, now)
        promised = bool(tokens) and not known
        due = reminder_rules.before(closes, tokens, since, plan.hours, opens_at=opens, at_least_one=promised)
        rows = tuple(
            PlannedReminder(MessageKind.DEADLINE, flow, each.what, closes, plan.revision, each.due_at, each.expires_at)
            for each in due
            if each.due_at > now or not known
        )
        yield Event(MessageKind.DEADLINE, flow, closes, rows)


def _holds(row: Reminder) -> bool:
    """Whether it shows that the deadline has reminders. One that is promised and still to come is promised anew."""
    return row.state != "withdrawn" and not (row.state == "due" and row.what == reminder_rules.LATE)


def _deadlines(plan: Plan) -> list[tuple[str, int | None, int]]:
    """Flow, opening (None: open from the start) and closing of every deadline, past ones too, each once however many
    groups share it; the earliest first."""
    found: dict[tuple[str, int], set[int | None]] = defaultdict(set)
    for flow in plan.flows:
        for group in Group if flow != START else ():
            for opens, closes in plan.closings(flow, group) if plan.asks(flow, group) else ():
                found[flow, closes].add(opens)
    listed = [(flow, min(opens, key=lambda at: at or 0), closes) for (flow, closes), opens in found.items()]
    return sorted(listed, key=lambda each: (each[2], each[0]))


def not_answered(_tx: Tx, plan: Plan, row: Reminder, at: int) -> Recipients | None:
    """Whoever can answer the flow then, and until the deadline, and has not."""
    groups = [
        str(group)
        for group in (Group if row.about in plan.flows else ())
        if plan.state(row.about, at, group) is State.OPEN
        and plan.closes_at(row.about, at, group) == row.event_at
        and plan.asks(row.about, group)
    ]
    return recipients.not_answered(plan.process_id, row.about, groups) if groups else None


def enqueue_unfinished(tx: Tx, plan: Plan, now: int) -> int:
    """Enqueues one reminder to each person who began a step and has been quiet for as long as the process says. Only at
    an hour when it can be sent at once: until then they may continue by themselves."""
    days, due = plan.file.reminders.unfinished_after_days, schedule.next_sending_time(now, plan.hours)
    if days is None or due > now:
        return 0
    enqueued = 0
    for flow in plan.flows:
        by_deadline: dict[int | None, list[str]] = defaultdict(list)
        for group in Group if flow != START else ():
            if plan.state(flow, now, group) is State.OPEN:
                by_deadline[plan.closes_at(flow, now, group)].append(str(group))
        for closes, groups in by_deadline.items():
            expires = due + UNFINISHED_WORTH if closes is None else min(closes, due + UNFINISHED_WORTH)
            whom = recipients.unfinished(
                plan.process_id, flow, groups, now - days * DAY, now - days * DAY - BEGUN_LATELY
            )
            if due < expires:
                enqueued += recipients.enqueue(
                    tx, whom, QueuedMessage(f"unfinished:{flow}", MessageKind.UNFINISHED, flow, due, expires)
                )
    return enqueued

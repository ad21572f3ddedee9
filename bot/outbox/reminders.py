"""When which reminders are due, and whom they concern. What they say is made when they are sent.

The truth is in the table: rows per event and moment, planned anew when the process has changed, withdrawn when their
event is gone. A due one becomes messages in one transaction; one whose time has passed is marked expired.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from bot.access import Right, rights
from bot.features.meetings import announcements
from bot.flows import reminder_rules, schedule
from bot.flows.model import Group
from bot.outbox.kinds import MessageKind
from bot.process.plan import START, Plan, State
from storage import meetings, outbox, people, recipients, reminders
from storage.db import Tx
from storage.meetings import Meeting
from storage.outbox import NewMessage
from storage.recipients import QueuedMessage, Recipients
from storage.reminders import PlannedReminder, Reminder

DAY = 24 * 3600
APART = 12 * 3600  # seconds after which one may be told of the same thing again
HEARING = "hoering"
MINUTES_AFTER = (3, 7)  # days
MINUTES_WORTH = 3 * DAY
UNFINISHED_WORTH, BEGUN_LATELY = 7 * DAY, 30 * DAY


def enqueue_reminders(tx: Tx, plan: Plan, now: int) -> int:
    """Plans anew where the process has changed, and owes what is due; how many messages."""
    if reminders.planned_revision(tx, plan.process_id) != plan.revision:
        plan_anew(tx, plan, now)
    return sum(_fire(tx, plan, due, now) for due in reminders.due(tx, plan.process_id, now))


# --- planned ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Event:
    """Something people are reminded of, and the rows that it wants now."""

    kind: MessageKind
    about: str
    event_at: int
    rows: tuple[PlannedReminder, ...]


def plan_anew(tx: Tx, plan: Plan, now: int) -> None:
    """Rows for every event ahead as it stands now. What people were told of an event stays told; what is due and waits
    stays as long as its event does."""
    events = [*_meetings(tx, plan, now), *_deadlines(tx, plan, now)]
    alive = {(str(event.kind), event.about, event.event_at) for event in events}
    alive |= {(str(MessageKind.DEADLINE), flow, closed) for flow, _, closed in _closings(plan) if closed <= now}
    wanted = {row.once for event in events for row in event.rows}
    for row in reminders.waiting(tx, plan.process_id):
        if (row.kind, row.about, row.event_at) not in alive or (row.due_at > now and row.once not in wanted):
            reminders.withdraw(tx, row.id, now)
    for row in reminders.done_ahead(tx, plan.process_id, now):
        if (row.kind, row.about, row.event_at) not in alive:
            outbox.withdraw_of(tx, row.kind, row.about, row.once, now)
    for event in events:
        for new in event.rows:
            reminders.plan(tx, plan.process_id, new)
    reminders.note_planned(tx, plan.process_id, plan.revision)


def _meetings(tx: Tx, plan: Plan, now: int) -> Iterator[Event]:
    for meeting in meetings.of_process(tx, plan.process_id):
        if meeting.is_cancelled:
            continue
        invited = schedule.decent(meeting.facts.invites_at, plan.hours)
        yield _event(meeting, MessageKind.INVITED, 0, [("invite", invited, meeting.facts.signup_ends)])
        yield _event(meeting, MessageKind.SOON, meeting.facts.starts_at, _soon(tx, plan, meeting, invited, now))
        if meeting.minutes_at is None:
            yield _event(meeting, MessageKind.MINUTES_OWED, meeting.facts.ends_at, _owed_minutes(plan, meeting))


def _event(meeting: Meeting, kind: MessageKind, event_at: int, rows: list[tuple[str, int, int]]) -> Event:
    about = str(meeting.id)
    planned = [
        PlannedReminder(kind, about, what, event_at, meeting.version, due, expires) for what, due, expires in rows
    ]
    worth = tuple(row for row in planned if row.due_at < row.expires_at and row.expires_at > meeting.made_at)
    return Event(kind, about, event_at, worth)


def _soon(tx: Tx, plan: Plan, meeting: Meeting, invited: int, now: int) -> list[tuple[str, int, int]]:
    """Not so soon after people were told of it, by the invitation or because it was moved. What is wished for when its
    time has passed is not made up for."""
    facts = meeting.facts
    tokens = plan.file.reminders.meetings if facts.reminders is None else facts.reminders
    told = max(invited, schedule.decent(meeting.changed_at, plan.hours))
    known = bool(reminders.of_event(tx, plan.process_id, MessageKind.SOON, str(meeting.id), facts.starts_at))
    due = reminder_rules.before(facts.starts_at, tokens, told + APART, plan.hours)
    return [(each.what, each.due_at, each.expires_at) for each in due if each.due_at > now or not known]


def reminder_moments(tx: Tx, plan: Plan, meeting: Meeting, now: int) -> tuple[int | None, list[int]]:
    """When people are invited to a meeting (None: there is no time for it), and when they are reminded. It may be one
    that is only planned."""
    invited = schedule.decent(meeting.facts.invites_at, plan.hours)
    soon = [at for _, at, _ in _soon(tx, plan, meeting, invited, now)]
    return (invited if invited < meeting.facts.signup_ends else None), soon


def _owed_minutes(plan: Plan, meeting: Meeting) -> list[tuple[str, int, int]]:
    ended = schedule.to_local(meeting.facts.ends_at)
    due = [
        (f"{days}d", schedule.decent(schedule.to_utc(ended + timedelta(days=days)), plan.hours))
        for days in MINUTES_AFTER
    ]
    return [(what, at, at + MINUTES_WORTH) for what, at in due]


def _deadlines(tx: Tx, plan: Plan, now: int) -> Iterator[Event]:
    for flow, opens, closes in deadlines(plan, now):
        known = any(map(_holds, reminders.of_event(tx, plan.process_id, MessageKind.DEADLINE, flow, closes)))
        told = 0 if opens is None else schedule.decent(opens, plan.hours)
        opened = 0 if opens is None else told + APART  # whoever was told that it opens knows until when
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


def deadlines(plan: Plan, now: int) -> list[tuple[str, int | None, int]]:
    """Flow, opening (None: open from the start) and closing of every deadline ahead, each once however many groups
    share it; the earliest first."""
    return [each for each in _closings(plan) if each[2] > now]


def _closings(plan: Plan) -> list[tuple[str, int | None, int]]:
    """The same, with those that have passed."""
    found: dict[tuple[str, int], set[int | None]] = defaultdict(set)
    for flow in plan.flows:
        for group in Group if flow != START else ():
            for opens, closes in plan.closings(flow, group) if plan.asks(flow, group) else ():
                found[flow, closes].add(opens)
    listed = [(flow, min(opens, key=lambda at: at or 0), closes) for (flow, closes), opens in found.items()]
    return sorted(listed, key=lambda each: (each[2], each[0]))


# --- due --------------------------------------------------------------------------------------------------


def _fire(tx: Tx, plan: Plan, row: Reminder, now: int) -> int:
    """What is due becomes messages; what comes too late is marked so."""
    due = schedule.decent(now, plan.hours)
    if due >= row.expires_at:
        reminders.done(tx, row.id, "expired", 0, now)
        return 0
    messages = _enqueue(tx, plan, row, due)
    reminders.done(tx, row.id, "done", messages, now)
    return messages


def _enqueue(tx: Tx, plan: Plan, row: Reminder, due: int) -> int:
    if row.kind == MessageKind.MINUTES_OWED:
        return _to_organisers(tx, plan, row, due)
    whom = recipients_of(tx, plan, row, due)
    if whom is None:
        return 0
    return recipients.enqueue(tx, whom, QueuedMessage(row.once, row.kind, row.about, due, row.expires_at))


def recipients_of(tx: Tx, plan: Plan, row: Reminder, at: int) -> Recipients | None:
    """Whom a reminder concerns as things stand now, when it is due then. None: nobody any more."""
    if row.kind == MessageKind.DEADLINE:
        groups = _groups(plan, row.about, row.event_at, at)
        return recipients.not_answered(plan.process_id, row.about, groups) if groups else None
    meeting = meetings.by_id(tx, plan.process_id, int(row.about))
    if meeting is None or meeting.is_cancelled:
        return None
    everyone = announcements.everyone(meeting)
    if row.kind == MessageKind.INVITED:
        return recipients.to_invite(everyone)
    days_before = row.what.endswith("d")  # the same morning only those are reminded who come or may come
    return recipients.to_remind(everyone, unanswered=days_before and at < meeting.facts.signup_ends)


def _groups(plan: Plan, flow: str, closes: int, at: int) -> list[str]:
    """The groups that can answer the flow then, and until then."""
    return [
        str(group)
        for group in (Group if flow in plan.flows else ())
        if plan.state(flow, at, group) is State.OPEN
        and plan.closes_at(flow, at, group) == closes
        and plan.asks(flow, group)
    ]


def _to_organisers(tx: Tx, plan: Plan, row: Reminder, due: int) -> int:
    return sum(
        outbox.enqueue(
            tx,
            NewMessage(f"{row.once}:{person}", person, row.kind, row.about, due, row.expires_at),
        )
        for person in organisers(tx, plan, int(row.about))
    )


def organisers(tx: Tx, plan: Plan, meeting_id: int) -> list[int]:
    """Who leads the meeting; where nobody is named who may, the project leader."""
    meeting = meetings.by_id(tx, plan.process_id, meeting_id)
    named = meeting.facilitator_id if meeting is not None else None
    if named is not None and Right.LEAD_MEETINGS in rights(people.roles(tx, named)):
        return [named]
    return people.holders(tx, plan.process_id, "leader")


def enqueue_unfinished(tx: Tx, plan: Plan, now: int) -> int:
    """One gentle word to whoever began a step, left it, and has been quiet for as long as the process says. Looked for
    when it can be said at once: till then they may go on by themselves."""
    days, due = plan.file.reminders.unfinished_after_days, schedule.decent(now, plan.hours)
    if days is None or due > now:
        return 0
    owed = 0
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
                owed += recipients.enqueue(
                    tx, whom, QueuedMessage(f"unfinished:{flow}", MessageKind.UNFINISHED, flow, due, expires)
                )
    return owed


# --- beforehand -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReminderAhead:
    """A reminder to come, and to how many it would go as things stand now."""

    reminder: Reminder
    people: int


def reminders_ahead(tx: Tx, plan: Plan, until: int) -> list[ReminderAhead]:
    """What will be sent until then, the earliest first."""
    listed = []
    for row in reminders.due(tx, plan.process_id, until):
        if row.kind == MessageKind.MINUTES_OWED:
            listed.append(ReminderAhead(row, len(organisers(tx, plan, int(row.about)))))
            continue
        whom = recipients_of(tx, plan, row, row.due_at)
        listed.append(ReminderAhead(row, recipients.count(tx, whom) if whom is not None else 0))
    return listed

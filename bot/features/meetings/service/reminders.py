"""Reminders of meetings: invitations, days and hours before, and minutes that are still to come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from bot.access import Right, Role, rights
from bot.features.meetings.service import announcements
from bot.flows import reminder_rules, schedule
from bot.flows.schedule import DAY
from bot.outbox.kinds import MessageKind
from bot.outbox.reminders import QUIET_AFTER_NEWS, Event
from bot.process.plan import Plan
from storage import meetings, people, recipients, reminders
from storage.db import Tx
from storage.meetings import Meeting
from storage.recipients import Recipients
from storage.reminders import PlannedReminder, Reminder

MINUTES_AFTER = (3, 7)  # days
NUDGE_WORTH = 3 * DAY


def events(tx: Tx, plan: Plan, now: int) -> Iterator[Event]:
    for meeting in meetings.of_process(tx, plan.process_id):
        if meeting.is_cancelled:
            continue
        invited = schedule.next_sending_time(meeting.facts.invites_at, plan.hours)
        yield _event(meeting, MessageKind.INVITED, 0, [("invite", invited, meeting.facts.signup_ends)])
        yield _event(meeting, MessageKind.SOON, meeting.facts.starts_at, _soon(tx, plan, meeting, invited, now))
        if meeting.minutes_at is None:
            yield _event(meeting, MessageKind.MINUTES_DUE, meeting.facts.ends_at, _minutes_nudges(plan, meeting))


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
    told = max(invited, schedule.next_sending_time(meeting.changed_at, plan.hours))
    known = bool(reminders.of_event(tx, plan.process_id, MessageKind.SOON, str(meeting.id), facts.starts_at))
    due = reminder_rules.before(facts.starts_at, tokens, told + QUIET_AFTER_NEWS, plan.hours)
    return [(each.what, each.due_at, each.expires_at) for each in due if each.due_at > now or not known]


def reminder_moments(tx: Tx, plan: Plan, meeting: Meeting, now: int) -> tuple[int | None, list[int]]:
    """When people are invited to a meeting (None: there is no time for it), and when they are reminded. It may be one
    that is only planned."""
    invited = schedule.next_sending_time(meeting.facts.invites_at, plan.hours)
    soon = [at for _, at, _ in _soon(tx, plan, meeting, invited, now)]
    return (invited if invited < meeting.facts.signup_ends else None), soon


def _minutes_nudges(plan: Plan, meeting: Meeting) -> list[tuple[str, int, int]]:
    ended = schedule.to_local(meeting.facts.ends_at)
    due = [
        (f"{days}d", schedule.next_sending_time(schedule.to_utc(ended + timedelta(days=days)), plan.hours))
        for days in MINUTES_AFTER
    ]
    return [(what, at, at + NUDGE_WORTH) for what, at in due]


def whom(tx: Tx, plan: Plan, row: Reminder, at: int) -> Recipients | None:
    """Returns the recipients of a meeting's reminder that is due then, as things are now."""
    if row.kind == MessageKind.MINUTES_DUE:
        return recipients.these(organisers(tx, plan, int(row.about)))
    meeting = meetings.by_id(tx, plan.process_id, int(row.about))
    if meeting is None or meeting.is_cancelled:
        return None
    everyone = announcements.everyone(meeting)
    if row.kind == MessageKind.INVITED:
        return recipients.to_invite(everyone)
    days_before = row.what.endswith("d")  # the same morning only those are reminded who come or may come
    return recipients.to_remind(everyone, unanswered=days_before and at < meeting.facts.signup_ends)


def organisers(tx: Tx, plan: Plan, meeting_id: int) -> list[int]:
    """Who leads the meeting; where nobody is named who may, the project leader."""
    meeting = meetings.by_id(tx, plan.process_id, meeting_id)
    named = meeting.facilitator_id if meeting is not None else None
    if named is not None and Right.LEAD_MEETINGS in rights(people.roles(tx, named)):
        return [named]
    return people.holder_ids(tx, plan.process_id, Role.LEADER)

"""Scheduling: meetings are planned, moved and cancelled, and with each change goes what people must be told.

Signing up is asking to be told when the meeting is moved or cancelled, whatever was said to reminders
(docs/decisions/0017).
"""

from __future__ import annotations

import secrets
from dataclasses import replace

from bot.features.meetings.service.announcements import OF_A_MEETING, news, to_tell
from bot.features.meetings.service.signup import move_up
from bot.flows import schedule
from bot.flows.model import Group
from bot.flows.schedule import SendingHours
from bot.outbox.kinds import MessageKind
from bot.process.file import MeetingKind
from storage import meetings, outbox, processes, recipients
from storage.db import Tx
from storage.meetings import Meeting, MeetingFacts
from storage.recipients import QueuedMessage

GROUPS: dict[MeetingKind, tuple[Group, ...]] = {
    MeetingKind.OPENING: (),
    MeetingKind.VOLUNTEERS: (Group.FRIVILLIG, Group.FORENING, Group.RAAD_CENTER),
    MeetingKind.STAFF: (Group.ANSAT, Group.LEDER),
    MeetingKind.STEERING: (),
    MeetingKind.OTHER: (),
}

FLOWS = {
    MeetingKind.OPENING: "faelles",
    MeetingKind.VOLUNTEERS: "dialog_frivillige",
    MeetingKind.STAFF: "dialog_fag",
}


def make(tx: Tx, process_id: int, facts: MeetingFacts, now: int, *, key: str = "", digest: str | None = None) -> int:
    """Creates a meeting and returns its id. Its audience is invited when the time comes."""
    key = key or f"chat-{secrets.token_hex(4)}"
    meeting_id = meetings.add(tx, process_id, key, f"{secrets.token_hex(16)}@besyv", facts, now, file_digest=digest)
    processes.touch(tx, process_id)
    return meeting_id


def change(tx: Tx, hours: SendingHours, meeting: Meeting, facts: MeetingFacts, why: str, now: int) -> int:
    """Changes the meeting. If time or place changed, tells those who know of it and returns how many. A cancelled
    meeting is left alone."""
    if facts == meeting.facts or meeting.is_cancelled:
        return 0
    moved, version = is_moved(meeting.facts, facts), meeting.version + 1
    meetings.change(tx, meeting.id, facts, version, why, now if moved else meeting.changed_at)
    processes.touch(tx, meeting.process_id)
    move_up(tx, hours, replace(meeting, facts=facts), now)
    if not moved or now >= facts.starts_at:
        return 0
    outbox.withdraw(tx, (MessageKind.MOVED,), str(meeting.id), now)
    told = QueuedMessage(
        f"moved:{meeting.id}:{version}",
        MessageKind.MOVED,
        str(meeting.id),
        *news(now, facts.starts_at, hours),
        urgent=1,
    )
    people = recipients.enqueue(tx, to_tell(meeting), told)
    outbox.withdraw(tx, (MessageKind.SOON,), str(meeting.id), now)  # after it: a reminder on its way says the old time
    return people


def is_moved(before: MeetingFacts, after: MeetingFacts) -> bool:
    """Whether those who know of it must be told."""
    return (before.starts_at, before.ends_at, _where(before)) != (after.starts_at, after.ends_at, _where(after))


def _where(facts: MeetingFacts) -> tuple[str, str, str]:
    return facts.details.place, facts.details.address, facts.details.link


def at_another_time(facts: MeetingFacts, starts_at: int) -> MeetingFacts:
    """Everything that hangs on its time moves along, by the clock on the wall."""
    by = schedule.to_local(starts_at) - schedule.to_local(facts.starts_at)

    def along(at: int) -> int:
        return schedule.to_utc(schedule.to_local(at) + by)

    until = None if facts.signup_until is None else min(along(facts.signup_until), starts_at)
    return replace(facts, starts_at=starts_at, ends_at=along(facts.ends_at), signup_until=until)


def cancel(tx: Tx, hours: SendingHours, meeting: Meeting, why: str, now: int) -> int:
    """Cancels the meeting and returns how many people are told."""
    if meeting.is_cancelled:
        return 0
    meetings.cancel(tx, meeting.id, meeting.version + 1, why, now)
    processes.touch(tx, meeting.process_id)
    whom = to_tell(meeting)
    told = 0
    if now < meeting.facts.starts_at:
        due, expires = news(now, meeting.facts.starts_at, hours)
        told = recipients.enqueue(
            tx,
            whom,
            QueuedMessage(f"cancelled:{meeting.id}", MessageKind.CANCELLED, str(meeting.id), due, expires, urgent=1),
        )
    outbox.withdraw(tx, OF_A_MEETING, str(meeting.id), now)
    return told

"""Messages about a meeting: to whom they go and for how long they are worth sending."""

from __future__ import annotations

from bot.flows import schedule
from bot.flows.schedule import SendingHours
from bot.outbox.kinds import MessageKind
from bot.process.file import MeetingKind
from storage import recipients
from storage.meetings import Meeting
from storage.recipients import Recipients

# By these somebody knows of a meeting, and is told when it is moved or cancelled.
OF_A_MEETING = (MessageKind.INVITED, MessageKind.SOON, MessageKind.MOVED, MessageKind.PLACE)


def to_tell(meeting: Meeting) -> Recipients:
    return recipients.to_tell_of_change(meeting.process_id, meeting.id, OF_A_MEETING)


def news(now: int, starts_at: int, hours: SendingHours) -> tuple[int, int]:
    """When news of a meeting is due, and until when it is worth sending: in sending hours; where there are none before
    it starts, at once."""
    due = schedule.next_sending_time(now, hours)
    return (due if due < starts_at else now), starts_at


def everyone(meeting: Meeting) -> Recipients:
    """Everybody it is for."""
    facts = meeting.facts
    return recipients.audience(
        meeting.process_id, meeting.id, facts.groups, facts.areas, steering=facts.kind == MeetingKind.STEERING
    )

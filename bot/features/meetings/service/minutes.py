"""Sending minutes, and the days for which those who took part may object to them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from enum import StrEnum

from bot.flows import schedule
from bot.flows.schedule import DAY, SendingHours
from bot.outbox.kinds import MessageKind
from storage import meetings, outbox, processes, recipients, signups
from storage.db import Tx
from storage.meetings import Meeting
from storage.recipients import QueuedMessage

MINUTES_WORTH = 14 * DAY  # for which they are worth sending
OBJECTIONS_FOR = timedelta(days=14)  # in which those present confirm the minutes or object, to the end of the day


class MinutesReply(StrEnum):
    """What somebody who had a place says to the minutes. The values stand in the database."""

    CONFIRMED = "confirmed"
    OBJECTED = "objected"
    ABSENT = "absent"  # was not there after all


def send_minutes(tx: Tx, hours: SendingHours, meeting: Meeting, now: int) -> int:
    """Sends the minutes as written now to everyone who had a place, to confirm or object; returns how many. Withdraws
    an earlier version still waiting."""
    outbox.withdraw(tx, (MessageKind.MINUTES,), str(meeting.id), now)
    meetings.publish_minutes(tx, meeting.id, now)
    for signup in signups.of_meeting(tx, meeting.id):
        if signup.minutes is not None:
            signups.put(tx, replace(signup, minutes=None))
    processes.touch(tx, meeting.process_id)
    due = schedule.next_sending_time(now, hours)
    message = QueuedMessage(
        f"minutes:{meeting.id}:{now}", MessageKind.MINUTES, str(meeting.id), due, due + MINUTES_WORTH
    )
    return recipients.enqueue(tx, recipients.coming(meeting.process_id, meeting.id), message)


def objections_end(meeting: Meeting) -> int:
    """Until when what was said of the minutes can be changed."""
    last = schedule.to_local(meeting.minutes_at or 0) + OBJECTIONS_FOR
    return schedule.to_utc(last.replace(hour=23, minute=59, second=0))


def takes_objections(meeting: Meeting, now: int) -> bool:
    return meeting.minutes_at is not None and now < objections_end(meeting)

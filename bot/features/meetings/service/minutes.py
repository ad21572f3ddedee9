"""Sending minutes, and the days for which those who took part may object to them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import timedelta
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Literal

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


class PointChange(StrEnum):
    """What became of a point from one version to the next."""

    REWRITTEN = "rewritten"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class ChangedPoint:
    change: PointChange
    number: int  # from 1: in the newer version, or of one that was removed in the older


def changed_points(before: list[str], after: list[str]) -> list[ChangedPoint]:
    """How one version differs from the one before it, in the order of the points."""
    found: list[ChangedPoint] = []
    for what, first, last, new_first, new_last in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if what == "equal":
            continue
        rewritten = min(last - first, new_last - new_first)
        found += [ChangedPoint(PointChange.REWRITTEN, new_first + place + 1) for place in range(rewritten)]
        found += [ChangedPoint(PointChange.ADDED, place + 1) for place in range(new_first + rewritten, new_last)]
        found += [ChangedPoint(PointChange.REMOVED, place + 1) for place in range(first + rewritten, last)]
    return found


@dataclass(frozen=True, slots=True)
class MinutesText:
    """One version of the minutes, as it was sent, or as it would be if it were sent now."""

    version: int  # from 1
    points: list[str]
    what_changed: str  # in words; empty where nobody has written it
    changes: list[ChangedPoint]  # from the version before

    @property
    def lacks(self) -> Literal["points", "changes", "what-changed"] | None:
        """Why they cannot be sent: there are none, they are as they were sent, or nobody has said what is changed."""
        if not self.points:
            return "points"
        if self.version == 1:
            return None
        return "changes" if not self.changes else "what-changed" if not self.what_changed else None

    @property
    def fingerprint(self) -> str:
        """Tells whether they still are what somebody has seen."""
        seen = json.dumps([self.version, self.points, self.what_changed])
        return hashlib.sha256(seen.encode()).hexdigest()[:12]


def in_force(tx: Tx, meeting: Meeting) -> MinutesText:
    """The version that was sent last."""
    version = meetings.latest_minutes(tx, meeting.id)
    points = meetings.points(tx, meeting.id, version)
    before = meetings.points(tx, meeting.id, version - 1) if version > 1 else points
    changed = changed_points(before, points)
    return MinutesText(version, points, meetings.what_changed(tx, meeting.id, version), changed)


def draft_of(tx: Tx, meeting: Meeting) -> MinutesText:
    """As they are being written."""
    written, latest = meetings.written(tx, meeting.id), meetings.latest_minutes(tx, meeting.id)
    if latest == 0:
        return MinutesText(1, written, "", [])
    changes = changed_points(meetings.points(tx, meeting.id, latest), written)
    return MinutesText(latest + 1, written, meetings.what_changed(tx, meeting.id), changes)


def send_minutes(tx: Tx, hours: SendingHours, meeting: Meeting, now: int) -> int:
    """Sends the minutes as written now, as a new version, to everyone who had a place, to confirm or object; returns
    how many. Withdraws an earlier version still waiting. Raises ValueError where the draft lacks something."""
    draft = draft_of(tx, meeting)
    if draft.lacks is not None:
        raise ValueError(f"minutes of meeting {meeting.id} can't be sent: {draft.lacks}")
    outbox.withdraw(tx, (MessageKind.MINUTES,), str(meeting.id), now)
    _close_replies(tx, meeting)
    version = meetings.publish_minutes(tx, meeting.id, now)
    processes.touch(tx, meeting.process_id)
    due = schedule.next_sending_time(now, hours)
    message = QueuedMessage(
        f"minutes:{meeting.id}:{version}", MessageKind.MINUTES, str(meeting.id), due, due + MINUTES_WORTH
    )
    return recipients.enqueue(tx, recipients.coming(meeting.process_id, meeting.id), message)


def _close_replies(tx: Tx, meeting: Meeting) -> None:
    """What was said of the version in force is counted, and everybody is asked anew."""
    replied = [signup for signup in signups.of_meeting(tx, meeting.id) if signup.minutes is not None]
    confirmed, objected = (
        sum(signup.minutes == reply for signup in replied) for reply in (MinutesReply.CONFIRMED, MinutesReply.OBJECTED)
    )
    meetings.count_minutes_replies(tx, meeting.id, meetings.latest_minutes(tx, meeting.id), confirmed, objected)
    for signup in replied:
        signups.put(tx, replace(signup, minutes=None))


def objections_end(meeting: Meeting) -> int:
    """Until when what was said of the minutes can be changed."""
    last = schedule.to_local(meeting.minutes_at or 0) + OBJECTIONS_FOR
    return schedule.to_utc(last.replace(hour=23, minute=59, second=0))


def takes_objections(meeting: Meeting, now: int) -> bool:
    return meeting.minutes_at is not None and now < objections_end(meeting)

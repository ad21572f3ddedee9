"""What kinds of messages we owe. The values stand in the outbox and never change meaning."""

from __future__ import annotations

from enum import StrEnum


class MessageKind(StrEnum):
    OPENED = "step-opened"
    DIGEST = "digest"  # the weekly overview
    INVITED = "meeting-invited"
    SOON = "meeting-soon"
    MOVED = "meeting-moved"
    CANCELLED = "meeting-cancelled"
    PLACE = "meeting-place"  # up from the waiting list
    MINUTES = "minutes"
    MINUTES_OWED = "minutes-owed"  # to who led the meeting
    DEADLINE = "deadline"
    UNFINISHED = "unfinished"
    BULK = "bulk"  # from the leader to many
    CONFIRM = "mail-confirm"  # whether a mail address is theirs: to that address, at any hour
    LATE = "late"  # to the leader: what was due has not gone out


# What may be enough: so many in a week and no more; several at a time become one message.
NUDGES = (MessageKind.OPENED, MessageKind.INVITED, MessageKind.SOON, MessageKind.DEADLINE, MessageKind.UNFINISHED)
ABOUT_A_STEP = (MessageKind.OPENED, MessageKind.DEADLINE, MessageKind.UNFINISHED)

# By these somebody knows of a meeting, and is told when it is moved or cancelled.
OF_A_MEETING = (MessageKind.INVITED, MessageKind.SOON, MessageKind.MOVED, MessageKind.PLACE)
ABOUT_A_MEETING = (*OF_A_MEETING, MessageKind.CANCELLED, MessageKind.MINUTES, MessageKind.MINUTES_OWED)

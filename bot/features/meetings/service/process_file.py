"""Meetings of the process file: added, changed and cancelled when it is loaded."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from bot.features.meetings.service.scheduling import FLOWS, GROUPS, cancel, change, make
from bot.flows import schedule
from bot.process.file import MeetingEntry, ProcessFile
from storage import meetings
from storage.db import Tx
from storage.meetings import MeetingDetails, MeetingFacts


def load(tx: Tx, process_id: int, file: ProcessFile, now: int) -> None:
    """Takes in what the process file says of meetings, where it says something else than when it was loaded last. What
    was changed in chat since stays; what the file leaves out stays."""
    for entry in file.meetings:
        digest, known = _digest(entry), meetings.by_key(tx, process_id, entry.key)
        facts = facts_of(entry, now)
        if known is None:
            if not entry.cancelled:
                make(tx, process_id, facts, now, key=entry.key, digest=digest)
            continue
        if known.file_digest == digest:
            continue
        meetings.note_file(tx, known.id, digest)
        if entry.cancelled:
            cancel(tx, file.writing_hours.hours, known, entry.why, now)
        else:
            kept = replace(facts, invites_at=known.facts.invites_at) if entry.invites is None else facts
            change(tx, file.writing_hours.hours, known, kept, entry.why, now)


def _digest(entry: MeetingEntry) -> str:
    return hashlib.sha256(entry.model_dump_json().encode()).hexdigest()


def facts_of(entry: MeetingEntry, now: int) -> MeetingFacts:
    """What the file says of a meeting, and what holds where it says nothing."""
    starts = schedule.to_utc(entry.starts)
    ends = schedule.to_utc(entry.until)
    details = MeetingDetails(
        title=entry.title,
        title_en=entry.title_en,
        purpose=entry.purpose,
        agenda=entry.agenda,
        place=entry.place,
        address=entry.address,
        directions=entry.directions,
        link=entry.link,
        led_by=entry.led_by,
    )
    groups = GROUPS[entry.kind] if entry.groups is None else entry.groups
    return MeetingFacts(
        kind=entry.kind,
        details=details,
        starts_at=starts,
        ends_at=ends,
        invites_at=now if entry.invites is None else schedule.to_utc(entry.invites),
        flow=entry.flow or FLOWS.get(entry.kind),
        groups=tuple(map(str, groups)),
        areas=entry.areas,
        signup_until=None if entry.signup_until is None else schedule.to_utc(entry.signup_until),
        capacity=entry.capacity,
        most_per_party=entry.most_per_association,
        reminders=entry.reminders,
    )

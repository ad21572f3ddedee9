"""Meetings of the process file: added, changed and cancelled when it is loaded."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from bot.features.meetings.service.scheduling import FLOWS, GROUPS, cancel, change, make
from bot.flows import schedule
from bot.process.file import DEFAULT_LENGTH, MeetingEntry, ProcessFile
from storage import meetings
from storage.db import Tx
from storage.meetings import MeetingDetails, MeetingFacts

# --- from the process file --------------------------------------------------------------------------------


def load(tx: Tx, process_id: int, file: ProcessFile, now: int) -> None:
    """Takes in what the process file says of meetings, where it says something else than when it was loaded last. What
    was changed in chat since stays; what the file leaves out stays."""
    for entry in file.meetings:
        digest, known = _digest(entry), meetings.by_key(tx, process_id, entry.key)
        facts = _facts(entry, now)
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


def _facts(entry: MeetingEntry, now: int) -> MeetingFacts:
    starts = schedule.to_utc(entry.starts)
    ends = schedule.to_utc(entry.starts + DEFAULT_LENGTH if entry.ends is None else entry.ends)
    details = MeetingDetails(
        entry.title,
        entry.title_en,
        entry.purpose,
        entry.agenda,
        entry.place,
        entry.address,
        entry.directions,
        entry.link,
        entry.led_by,
    )
    groups = GROUPS[entry.kind] if entry.groups is None else entry.groups
    return MeetingFacts(
        entry.kind,
        details,
        starts,
        ends,
        now if entry.invites is None else schedule.to_utc(entry.invites),
        entry.flow or FLOWS.get(entry.kind),
        tuple(map(str, groups)),
        entry.areas,
        None if entry.signup_until is None else schedule.to_utc(entry.signup_until),
        entry.capacity,
        entry.most_per_association,
        entry.reminders,
    )

"""A calendar of one's own to subscribe to: a secret address, and what stands in it. Not here: the file's form
(reports.calendar), the page (web.calendar)."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.conversation import meeting as words
from bot.conversation.situation import Situation, Visit, load_person
from bot.flows.model import Language
from bot.process import meetings
from bot.process.invitations import hashed
from bot.process.kinds import OF_A_MEETING, Kind
from bot.process.meetings import Answer
from bot.process.plan import House
from reports import calendar
from reports.calendar import Entry
from storage import calendars, outbox, signups
from storage import meetings as stored
from storage.db import Tx
from storage.meetings import Meeting
from storage.signups import Signup

PAGE = "/kalender"
KNOWN_BY = (*OF_A_MEETING, Kind.CANCELLED)


def address_of(s: Situation) -> str | None:
    """https://…; None where they have none."""
    code = calendars.code_of(s.tx, s.person.id)
    return None if code is None or s.house.web is None else f"{s.house.web}{PAGE}/{code}.ics"


def way_there(s: Situation) -> tuple[tuple[str, str], ...]:
    """From the meetings to the page, where there are pages."""
    return ((s.say("calendar.here"), PAGE),) if s.visit.pages else ()


def make(s: Situation) -> None:
    """A new address; the one there was leads nowhere any more."""
    code = secrets.token_urlsafe(16)
    calendars.put(s.tx, s.person.id, code, hashed(code), s.visit.now)


def close(s: Situation) -> None:
    calendars.forget(s.tx, s.person.id)


@dataclass(frozen=True, slots=True)
class Subscription:
    name: str
    language: Language
    entries: tuple[Entry, ...]

    def written(self) -> bytes:
        """Takes its time: called outside any transaction, in a thread."""
        return calendar.calendar(self.name, self.language, self.entries, subscription=True)


def subscribed(tx: Tx, house: House, visit: Visit, code: str) -> Subscription | None:
    """What whoever has the code sees; None for a code that is none. Empty for who has stopped."""
    person_id = calendars.owner(tx, hashed(code))
    s = load_person(tx, house, visit, person_id) if person_id is not None else None
    if s is None:
        return None
    entries = tuple(_entries(s)) if s.takes_part and s.person.stopped_at is None else ()
    return Subscription(words.calendar_name(s), s.language, entries)


def _entries(s: Situation) -> Iterator[Entry]:
    """Every meeting that is theirs, past ones too; cancelled ones that they know of; none that they said no to."""
    mine = {signup.meeting_id: signup for signup in signups.of_person(s.tx, s.person.id)}
    known = outbox.told_of(s.tx, s.person.id, KNOWN_BY)
    for meeting in stored.of_process(s.tx, s.plan.process_id):
        signup = mine.get(meeting.id)
        if _stands(s, meeting, signup, known=str(meeting.id) in known):
            entry = words.entry(s, meeting, signup)
            yield entry if signup is not None else replace(entry, alarms=())  # it rings for what one has said yes to


def _stands(s: Situation, meeting: Meeting, signup: Signup | None, *, known: bool) -> bool:
    if signup is not None:
        return signup.answer != Answer.NO
    return known if meeting.is_cancelled else known or meetings.is_theirs(s.tx, meeting, s.person.id)

"""Calendar feed, a calendar of one's own to subscribe to: a secret address, and what stands in it. Not here: the
file's form (reports.calendar), the page (bot.handlers.web.calendar_feed)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.codes import hash_of, new_secret
from bot.dialogue.session import Context, Session, Visit, load_person
from bot.features.meetings import wording
from bot.features.meetings.service.announcements import OF_A_MEETING
from bot.features.meetings.service.signup import SignupAnswer, is_theirs
from bot.flows.model import Language
from bot.outbox.kinds import MessageKind
from reports import calendar
from reports.calendar import CalendarEntry
from storage import calendar_feeds, meetings, outbox, signups
from storage.db import Tx
from storage.meetings import Meeting
from storage.signups import Signup

PAGE = "/kalender"
KNOWN_BY = (*OF_A_MEETING, MessageKind.CANCELLED)


def address_of(s: Session) -> str | None:
    """https://…; None where they have none."""
    code = calendar_feeds.code_of(s.tx, s.person.id)
    return None if code is None or s.process_host.web is None else f"{s.process_host.web}{PAGE}/{code}.ics"


def way_there(s: Session) -> tuple[tuple[str, str], ...]:
    """From the meetings to the page, where there are pages."""
    return ((s.say("calendar.here"), PAGE),) if s.visit.pages else ()


def make(s: Session) -> None:
    """A new address; the one there was leads nowhere any more."""
    code = new_secret()
    calendar_feeds.put(s.tx, s.person.id, code, hash_of(code), s.visit.now)


def close(s: Session) -> None:
    calendar_feeds.forget(s.tx, s.person.id)


@dataclass(frozen=True, slots=True)
class Subscription:
    name: str
    language: Language
    entries: tuple[CalendarEntry, ...]

    def written(self) -> bytes:
        """Takes its time: called outside any transaction, in a thread."""
        return calendar.write_calendar(self.name, self.language, self.entries, subscription=True)


def subscription(tx: Tx, context: Context, visit: Visit, code: str) -> Subscription | None:
    """What whoever has the code sees; None for a code that is none. Empty for who has stopped."""
    person_id = calendar_feeds.owner(tx, hash_of(code))
    s = load_person(tx, context, visit, person_id) if person_id is not None else None
    if s is None:
        return None
    entries = tuple(_entries(s)) if s.takes_part else ()
    return Subscription(wording.calendar_name(s), s.language, entries)


def _entries(s: Session) -> Iterator[CalendarEntry]:
    """Every meeting that is theirs, past ones too; cancelled ones that they know of; none that they said no to."""
    mine = {signup.meeting_id: signup for signup in signups.of_person(s.tx, s.person.id)}
    known = outbox.told_of(s.tx, s.person.id, KNOWN_BY)
    for meeting in meetings.of_process(s.tx, s.plan.process_id):
        signup = mine.get(meeting.id)
        if _is_listed(s, meeting, signup, known=str(meeting.id) in known):
            entry = wording.entry(s, meeting, signup)
            yield entry if signup is not None else replace(entry, alarms=())  # it rings for what one has said yes to


def _is_listed(s: Session, meeting: Meeting, signup: Signup | None, *, known: bool) -> bool:
    if signup is not None:
        return signup.answer != SignupAnswer.NO
    return known if meeting.is_cancelled else known or is_theirs(s.tx, meeting, s.person.id)

"""Meetings: planned, moved and cancelled; who comes and who waits. With each goes what people must be told of it.

Signing up is asking to be told when the meeting is moved or cancelled, whatever was said to reminders (docs/decisions).
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from bot.flows import schedule
from bot.flows.model import Group
from bot.flows.schedule import Hours
from bot.process.file import DEFAULT_LENGTH, MeetingEntry, MeetingKind, ProcessFile
from bot.process.kinds import OF_A_MEETING, Kind
from storage import concerned, meetings, outbox, processes, signups
from storage.concerned import Message, Whom
from storage.db import Tx
from storage.meetings import Details, Facts, Meeting
from storage.outbox import NewOwed
from storage.people import Person
from storage.signups import Signup

MINUTES_WORTH = 14 * 24 * 3600  # seconds
OBJECTIONS_FOR = timedelta(days=14)  # in which those present confirm the minutes or object, to the end of the day
MOST_TOGETHER = 20  # people one may sign up at once where nothing else is said

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


class Answer(StrEnum):
    YES = "yes"
    NO = "no"
    MAYBE = "maybe"


class Outcome(StrEnum):
    """What became of a sign-up. The first four are as wished."""

    PLACED = "placed"
    WAITING = "waiting"
    NO = "no"
    MAYBE = "maybe"
    OVER = "over"  # it has begun
    CANCELLED = "cancelled"
    LATE = "late"  # the deadline for signing up has passed
    TOO_MANY = "too-many"  # of one association, or for the room; `left` may come


@dataclass(frozen=True, slots=True)
class SignedUp:
    outcome: Outcome
    left: int = 0

    @property
    def taken(self) -> bool:
        return self.outcome in (Outcome.PLACED, Outcome.WAITING, Outcome.NO, Outcome.MAYBE)


# --- planned ----------------------------------------------------------------------------------------------


def make(tx: Tx, process_id: int, facts: Facts, now: int, *, key: str = "", digest: str | None = None) -> int:
    """Its id. Those it is for are invited when its time has come."""
    key = key or f"chat-{secrets.token_hex(4)}"
    meeting_id = meetings.add(tx, process_id, key, f"{secrets.token_hex(16)}@besyv", facts, now, file_digest=digest)
    processes.touch(tx, process_id)
    return meeting_id


def change(tx: Tx, hours: Hours, meeting: Meeting, facts: Facts, why: str, now: int) -> int:
    """As it is from now on; how many are told, if time or place are others. Nobody hears of one that is cancelled."""
    if facts == meeting.facts or meeting.is_cancelled:
        return 0
    moved, version = is_moved(meeting.facts, facts), meeting.version + 1
    meetings.change(tx, meeting.id, facts, version, why, now if moved else meeting.changed_at)
    processes.touch(tx, meeting.process_id)
    move_up(tx, hours, replace(meeting, facts=facts), now)
    if not moved or now >= facts.starts_at:
        return 0
    outbox.withdraw(tx, (Kind.MOVED,), str(meeting.id), now)
    told = Message(
        f"moved:{meeting.id}:{version}", Kind.MOVED, str(meeting.id), *news(now, facts.starts_at, hours), urgent=1
    )
    owed = concerned.owe(tx, to_tell(meeting), told)
    outbox.withdraw(tx, (Kind.SOON,), str(meeting.id), now)  # after it: a reminder on its way says the old time
    return owed


def is_moved(before: Facts, after: Facts) -> bool:
    """Whether those who know of it must be told."""
    return (before.starts_at, before.ends_at, _where(before)) != (after.starts_at, after.ends_at, _where(after))


def _where(facts: Facts) -> tuple[str, str, str]:
    return facts.details.place, facts.details.address, facts.details.link


def at_another_time(facts: Facts, starts_at: int) -> Facts:
    """Everything that hangs on its time moves along, by the clock on the wall."""
    by = schedule.to_local(starts_at) - schedule.to_local(facts.starts_at)

    def along(at: int) -> int:
        return schedule.to_utc(schedule.to_local(at) + by)

    until = None if facts.signup_until is None else min(along(facts.signup_until), starts_at)
    return replace(facts, starts_at=starts_at, ends_at=along(facts.ends_at), signup_until=until)


def cancel(tx: Tx, hours: Hours, meeting: Meeting, why: str, now: int) -> int:
    """How many are told."""
    if meeting.is_cancelled:
        return 0
    meetings.cancel(tx, meeting.id, meeting.version + 1, why, now)
    processes.touch(tx, meeting.process_id)
    whom = to_tell(meeting)
    told = 0
    if now < meeting.facts.starts_at:
        due, expires = news(now, meeting.facts.starts_at, hours)
        told = concerned.owe(
            tx, whom, Message(f"cancelled:{meeting.id}", Kind.CANCELLED, str(meeting.id), due, expires, urgent=1)
        )
    outbox.withdraw(tx, OF_A_MEETING, str(meeting.id), now)
    return told


def to_tell(meeting: Meeting) -> Whom:
    return concerned.to_tell_of_change(meeting.process_id, meeting.id, OF_A_MEETING)


def news(now: int, starts_at: int, hours: Hours) -> tuple[int, int]:
    """When news of a meeting is due, and until when it is worth sending: in decent hours; where there are none before
    it starts, at once."""
    due = schedule.decent(now, hours)
    return (due if due < starts_at else now), starts_at


def everyone(meeting: Meeting) -> Whom:
    """Everybody it is for."""
    facts = meeting.facts
    return concerned.audience(
        meeting.process_id, meeting.id, facts.groups, facts.areas, steering=facts.kind == MeetingKind.STEERING
    )


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


def _facts(entry: MeetingEntry, now: int) -> Facts:
    starts = schedule.to_utc(entry.starts)
    ends = schedule.to_utc(entry.starts + DEFAULT_LENGTH if entry.ends is None else entry.ends)
    details = Details(
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
    return Facts(
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


# --- who comes --------------------------------------------------------------------------------------------


def sign_up(tx: Tx, hours: Hours, meeting: Meeting, person: Person, answer: Answer, people: int, now: int) -> SignedUp:
    """For so many people. What can't be changes nothing; whoever has a place keeps it until they give it up."""
    before = signups.of(tx, meeting.id, person.id)
    refused = _refused(tx, meeting, person, before, answer, people, now)
    if refused is not None:
        return refused
    waited = before.waits_since if before is not None and before.waits else now
    needs = before.needs if before is not None and answer is not Answer.NO else ""
    minutes = before.minutes if before is not None else None
    placed = answer is Answer.YES and _fits(tx, meeting, before, people)
    signups.put(tx, Signup(meeting.id, person.id, answer, people, int(placed), waited, needs, minutes, now))
    if before is not None and before.comes:
        if not placed:
            outbox.withdraw(tx, (Kind.PLACE,), str(meeting.id), now, person_id=person.id)
        move_up(tx, hours, meeting, now)
    if answer is Answer.YES:
        return SignedUp(Outcome.PLACED if placed else Outcome.WAITING)
    return SignedUp(Outcome.NO if answer is Answer.NO else Outcome.MAYBE)


def _refused(
    tx: Tx, meeting: Meeting, person: Person, before: Signup | None, answer: Answer, people: int, now: int
) -> SignedUp | None:
    if meeting.is_cancelled:
        return SignedUp(Outcome.CANCELLED)
    if now >= meeting.facts.starts_at:
        return SignedUp(Outcome.OVER)
    if answer is Answer.NO:
        return None
    if answer is Answer.YES and people >= 1 and _keeps(before, people):
        return None  # no more than they have already, which they keep whatever the room has become
    if now >= meeting.facts.signup_ends:
        return SignedUp(Outcome.LATE)
    if answer is Answer.MAYBE:
        return None
    left = most_now(tx, meeting, person, before)
    return None if 1 <= people <= left else SignedUp(Outcome.TOO_MANY, left)


def most_together(tx: Tx, meeting: Meeting, person: Person) -> int:
    """With how many somebody may sign up, others of their association being counted."""
    facts = meeting.facts
    most = MOST_TOGETHER if facts.capacity is None else min(MOST_TOGETHER, facts.capacity)
    if facts.most_per_party is None:
        return most
    others = 0 if person.party_id is None else signups.of_party(tx, meeting.id, person.party_id, but=person.id)
    return max(0, min(most, facts.most_per_party - others))


def most_now(tx: Tx, meeting: Meeting, person: Person, before: Signup | None) -> int:
    """The same for somebody who has said something before: with places, no more than there are, and no fewer than they
    have."""
    most = most_together(tx, meeting, person)
    if before is None or not before.comes:
        return most
    return max(before.people, min(most, before.people + free(tx, meeting)))


def free(tx: Tx, meeting: Meeting) -> int:
    """Places that are left; many where there is no limit."""
    capacity = meeting.facts.capacity
    return 1_000_000 if capacity is None else max(0, capacity - signups.people_coming(tx, meeting.id))


def _keeps(before: Signup | None, people: int) -> bool:
    return before is not None and before.comes and people <= before.people


def _fits(tx: Tx, meeting: Meeting, before: Signup | None, people: int) -> bool:
    return people <= free(tx, meeting) + (before.people if before is not None and before.comes else 0)


def move_up(tx: Tx, hours: Hours, meeting: Meeting, now: int) -> int:
    """Gives what places are left to those who have waited longest and for whom there is room; how many got one."""
    if meeting.is_cancelled or now >= meeting.facts.starts_at:
        return 0
    got, left = 0, free(tx, meeting)
    for waiting in signups.waiting(tx, meeting.id):
        if waiting.people <= left:
            signups.place(tx, meeting.id, waiting.person_id)
            left -= waiting.people
            got += 1
            once = f"place:{meeting.id}:{waiting.person_id}:{waiting.waits_since}:{now}"
            due, expires = news(now, meeting.facts.starts_at, hours)
            outbox.owe(tx, NewOwed(once, waiting.person_id, Kind.PLACE, str(meeting.id), due, expires, urgent=1))
    return got


def give_up_places(tx: Tx, hours: Hours, person: Person, now: int) -> None:
    """Of whoever is about to be deleted: others wait for them."""
    for signup in signups.of_person(tx, person.id):
        meeting = meetings.by_id(tx, person.process_id, signup.meeting_id)
        if meeting is not None and signup.comes:
            sign_up(tx, hours, meeting, person, Answer.NO, signup.people, now)


def tell_needs(tx: Tx, signup: Signup, needs: str) -> None:
    """Kept apart, and deleted when the meeting is over."""
    signups.put(tx, replace(signup, needs=needs))


# --- afterwards -------------------------------------------------------------------------------------------


def send_minutes(tx: Tx, hours: Hours, meeting: Meeting, now: int) -> int:
    """As they are written now, to those who had a place, who confirm or object; how many. Those that were sent before
    and are on their way still are not worth sending any more."""
    outbox.withdraw(tx, (Kind.MINUTES,), str(meeting.id), now)
    meetings.minutes_sent(tx, meeting.id, now)
    for signup in signups.of_meeting(tx, meeting.id):
        if signup.minutes is not None:
            signups.put(tx, replace(signup, minutes=None))
    processes.touch(tx, meeting.process_id)
    due = schedule.decent(now, hours)
    message = Message(f"minutes:{meeting.id}:{now}", Kind.MINUTES, str(meeting.id), due, due + MINUTES_WORTH)
    return concerned.owe(tx, concerned.coming(meeting.process_id, meeting.id), message)


def objections_end(meeting: Meeting) -> int:
    """Until when what was said of the minutes can be changed."""
    last = schedule.to_local(meeting.minutes_at or 0) + OBJECTIONS_FOR
    return schedule.to_utc(last.replace(hour=23, minute=59, second=0))


def takes_objections(meeting: Meeting, now: int) -> bool:
    return meeting.minutes_at is not None and now < objections_end(meeting)


def is_theirs(tx: Tx, meeting: Meeting, person_id: int) -> bool:
    """Whether a meeting is for somebody, or they have said whether they come."""
    return signups.of(tx, meeting.id, person_id) is not None or concerned.includes(tx, everyone(meeting), person_id)


def is_signed_up(tx: Tx, process_id: int, person_id: int, now: int) -> bool:
    """Whether they have said yes or maybe to a meeting that lies ahead."""
    mine = {signup.meeting_id for signup in signups.of_person(tx, person_id) if signup.answer != Answer.NO}
    return any(
        meeting.id in mine and not meeting.is_cancelled and meeting.facts.ends_at > now
        for meeting in (meetings.of_process(tx, process_id) if mine else ())
    )


def next_for(tx: Tx, process_id: int, person_id: int, now: int) -> list[Meeting]:
    """The meetings ahead that are for somebody, or that they have signed up for; cancelled ones they know of too."""
    mine = {signup.meeting_id for signup in signups.of_person(tx, person_id)}
    return [
        meeting
        for meeting in meetings.of_process(tx, process_id)
        if meeting.facts.ends_at > now
        and (meeting.id in mine or (not meeting.is_cancelled and concerned.includes(tx, everyone(meeting), person_id)))
    ]

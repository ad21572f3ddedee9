"""Sign-up for a meeting: places, the waiting list, who moves up, who is signed up for what."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from bot.features.meetings.service.announcements import everyone, news
from bot.flows.schedule import SendingHours
from bot.outbox.kinds import MessageKind
from storage import meetings, outbox, recipients, signups
from storage.db import Tx
from storage.meetings import Meeting
from storage.outbox import NewMessage
from storage.people import Person, write_again
from storage.signups import Signup

MOST_TOGETHER = 20  # people one may sign up at once where nothing else is said


class SignupAnswer(StrEnum):
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


# --- what can still be said -------------------------------------------------------------------------------


def is_open(meeting: Meeting, now: int) -> bool:
    """Whether anything can still be said to a meeting: it is not cancelled and has not begun."""
    return not meeting.is_cancelled and now < meeting.facts.starts_at


def is_late(meeting: Meeting, now: int) -> bool:
    """Whether the deadline for signing up has passed. A no is taken until the meeting begins."""
    return now >= meeting.facts.signup_ends


def answers_left(meeting: Meeting, signup: Signup | None, now: int) -> tuple[SignupAnswer, ...]:
    """What somebody can still say to a meeting that is not what they have said: yes, maybe, no, in this order."""
    if not is_open(meeting, now):
        return ()
    said = None if signup is None else signup.answer
    only_no = said == SignupAnswer.YES or is_late(meeting, now)
    wanted = (SignupAnswer.NO,) if only_no else (SignupAnswer.YES, SignupAnswer.MAYBE, SignupAnswer.NO)
    return tuple(answer for answer in wanted if answer != said)


# --- who comes --------------------------------------------------------------------------------------------


def sign_up(
    tx: Tx, hours: SendingHours, meeting: Meeting, person: Person, answer: SignupAnswer, people: int, now: int
) -> SignedUp:
    """Signs a person up for so many people. An impossible request changes nothing; a place is kept until it is given
    up."""
    before = signups.of(tx, meeting.id, person.id)
    refused = _refused(tx, meeting, person, before, answer, people, now)
    if refused is not None:
        return refused
    waited = before.waits_since if before is not None and before.waits else now
    needs = before.needs if before is not None and answer is not SignupAnswer.NO else ""
    minutes = before.minutes if before is not None else None
    placed = answer is SignupAnswer.YES and _fits(tx, meeting, before, people)
    signups.put(
        tx,
        Signup(
            meeting_id=meeting.id,
            person_id=person.id,
            answer=answer,
            people=people,
            placed=int(placed),
            waits_since=waited,
            needs=needs,
            minutes=minutes,
            answered_at=now,
            needs_yes_at=before.needs_yes_at if before is not None and needs else None,
        ),
    )
    if answer is not SignupAnswer.NO:
        write_again(tx, person.id)  # who signs up asks to be told of it (docs/decisions/0017)
    if before is not None and before.comes:
        if not placed:
            outbox.withdraw(tx, (MessageKind.PLACE,), str(meeting.id), now, person_id=person.id)
        move_up(tx, hours, meeting, now)
    if answer is SignupAnswer.YES:
        return SignedUp(Outcome.PLACED if placed else Outcome.WAITING)
    return SignedUp(Outcome.NO if answer is SignupAnswer.NO else Outcome.MAYBE)


def _refused(
    tx: Tx, meeting: Meeting, person: Person, before: Signup | None, answer: SignupAnswer, people: int, now: int
) -> SignedUp | None:
    if meeting.is_cancelled:
        return SignedUp(Outcome.CANCELLED)
    if now >= meeting.facts.starts_at:
        return SignedUp(Outcome.OVER)
    if answer is SignupAnswer.NO:
        return None
    if answer is SignupAnswer.YES and people >= 1 and _keeps(before, people):
        return None  # no more than they have already, which they keep whatever the room has become
    if is_late(meeting, now):
        return SignedUp(Outcome.LATE)
    if answer is SignupAnswer.MAYBE:
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


def move_up(tx: Tx, hours: SendingHours, meeting: Meeting, now: int) -> int:
    """Gives what places are left to those who have waited longest and for whom there is room; how many got one."""
    if not is_open(meeting, now):
        return 0
    got, left = 0, free(tx, meeting)
    for waiting in signups.waiting(tx, meeting.id):
        if waiting.people <= left:
            signups.give_place(tx, meeting.id, waiting.person_id)
            left -= waiting.people
            got += 1
            once = f"place:{meeting.id}:{waiting.person_id}:{waiting.waits_since}:{now}"
            due, expires = news(now, meeting.facts.starts_at, hours)
            outbox.enqueue(
                tx, NewMessage(once, waiting.person_id, MessageKind.PLACE, str(meeting.id), due, expires, urgent=1)
            )
    return got


def give_up_places(tx: Tx, hours: SendingHours, person: Person, now: int) -> None:
    """Frees the places of a person about to be deleted, for those on the waiting list."""
    for signup in signups.of_person(tx, person.id):
        meeting = meetings.by_id(tx, person.process_id, signup.meeting_id)
        if meeting is not None and signup.comes:
            sign_up(tx, hours, meeting, person, SignupAnswer.NO, signup.people, now)


def tell_needs(tx: Tx, signup: Signup, needs: str, now: int) -> None:
    """Kept apart under the yes that was given with the first of it, and deleted when the meeting is over."""
    signups.put(tx, replace(signup, needs=needs, needs_yes_at=signup.needs_yes_at or now))


def is_theirs(tx: Tx, meeting: Meeting, person_id: int) -> bool:
    """Whether a meeting is for somebody, or they have said whether they come."""
    return signups.of(tx, meeting.id, person_id) is not None or recipients.includes(tx, everyone(meeting), person_id)


def is_signed_up(tx: Tx, process_id: int, person_id: int, now: int) -> bool:
    """Whether they have said yes or maybe to a meeting that lies ahead."""
    mine = {signup.meeting_id for signup in signups.of_person(tx, person_id) if signup.answer != SignupAnswer.NO}
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
        and (meeting.id in mine or (not meeting.is_cancelled and recipients.includes(tx, everyone(meeting), person_id)))
    ]

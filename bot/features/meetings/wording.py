"""Wording of a meeting, and its calendar file: what, when, where, why, and what the person has said to it."""

from __future__ import annotations

from bot import texts
from bot.dialogue.naming import group_name, place_name
from bot.dialogue.reply import Attachment
from bot.dialogue.session import Session
from bot.features.meetings.service.minutes import ChangedPoint, MinutesText
from bot.features.meetings.service.signup import (
    Outcome,
    SignedUp,
    SignupAnswer,
    answers_left,
    free,
    is_late,
    is_open,
    next_for,
)
from bot.flows import schedule
from bot.process.file import MeetingKind
from bot.texts import lists
from reports import calendar
from reports.calendar import CalendarEntry
from storage import signups
from storage.meetings import Meeting, MeetingFacts
from storage.signups import Signup

ALARMS = (24 * 60, 120)  # minutes before it starts, in people's own calendars
FEW = 10  # places left from which it is worth saying so


def title(s: Session, meeting: Meeting) -> str:
    return meeting.facts.details.title_in(s.language)


def button_label(s: Session, meeting: Meeting) -> str:
    """The day first: several may have the same title."""
    day = texts.short_day(s.language, meeting.facts.starts_at)
    return s.say("meetings.button", day=day, title=title(s, meeting))


def when(s: Session, meeting: Meeting) -> str:
    """`tirsdag den 3. marts 2026 kl. 19.00 til kl. 21.00`."""
    starts, ends = schedule.to_local(meeting.facts.starts_at), schedule.to_local(meeting.facts.ends_at)
    moment = texts.moment(s.language, meeting.facts.starts_at)
    if starts.date() == ends.date():
        return s.say("meeting.until", moment=moment, end=texts.clock(s.language, meeting.facts.ends_at))
    return s.say("meeting.from-to", moment=moment, end=texts.moment(s.language, meeting.facts.ends_at))


def where(s: Session, meeting: Meeting) -> tuple[str, ...]:
    details = meeting.facts.details
    place = details.where
    return (
        *((s.say("meeting.where", place=place),) if place else ()),
        *((s.say("meeting.directions", directions=details.directions),) if details.directions else ()),
        *((s.say("meeting.link", link=details.link),) if details.link else ()),
    )


def facts(s: Session, meeting: Meeting) -> tuple[str, ...]:
    """When and where, in the fewest words."""
    return ("\n".join((s.say("meeting.when", when=when(s, meeting)), *where(s, meeting))),)


def described(s: Session, meeting: Meeting) -> tuple[str, ...]:
    """Everything about it, paragraph by paragraph."""
    details = meeting.facts.details
    cancelled = (s.say("meeting.cancelled"), *why(s, meeting)) if meeting.is_cancelled else ()
    return (
        *cancelled,
        *facts(s, meeting),
        *((s.say("meeting.purpose", purpose=details.purpose),) if details.purpose else ()),
        *((s.say("meeting.agenda", agenda=details.agenda),) if details.agenda else ()),
        *((s.say("meeting.led-by", name=details.led_by),) if details.led_by else ()),
    )


def why(s: Session, meeting: Meeting) -> tuple[str, ...]:
    """Of the last change, as who changed it said it."""
    return (s.say("meeting.why", why=meeting.why),) if meeting.why else ()


def whom(s: Session, facts: MeetingFacts) -> str:
    """`Frivillig, Forening · Nordby`."""
    if facts.kind == MeetingKind.STEERING:
        return s.say("meeting.kind.steering")
    groups = ", ".join(group_name(s, group) for group in facts.groups)
    areas = ", ".join(place_name(s, "areas", area) for area in facts.areas)
    return " · ".join(part for part in (groups, areas) if part) or s.say("meeting.everybody")


def signing_up(s: Session, meeting: Meeting, signup: Signup | None = None) -> tuple[str, ...]:
    """Until when, and whether there is room; none of it to who has said yes. That it has begun, if so."""
    now, ends = s.visit.now, meeting.facts.signup_ends
    if meeting.is_cancelled:
        return ()
    if now >= meeting.facts.starts_at:
        return (s.say("meeting.over" if now >= meeting.facts.ends_at else "meeting.running"),)
    if signup is not None and signup.answer == SignupAnswer.YES:
        return ()
    if is_late(meeting, now):
        return (too_late(s, meeting),)
    until = (
        (s.say("meeting.signup-until", moment=texts.deadline(s.language, ends)),)
        if ends != meeting.facts.starts_at
        else ()
    )
    left = free(s.tx, meeting)
    if left == 0:
        return (*until, s.say("meeting.full"))
    return (*until, s.count("meeting.left", left)) if left <= FEW else until


def too_late(s: Session, meeting: Meeting) -> str:
    ended = texts.deadline(s.language, meeting.facts.signup_ends)
    return s.say("meeting.signup-over", moment=ended, email=s.plan.file.contacts.email)


def said(s: Session, signup: Signup | None) -> tuple[str, ...]:
    """What the person has said to it, and what that means."""
    if signup is None:
        return ()
    several, people = s.many or signup.people > 1, signup.people
    match SignupAnswer(signup.answer):
        case SignupAnswer.YES if signup.comes:
            return (s.count("meeting.you.come-many", people) if several else s.say("meeting.you.come"),)
        case SignupAnswer.YES:
            return (s.count("meeting.you.wait-many", people) if several else s.say("meeting.you.wait"),)
        case SignupAnswer.MAYBE:
            return (s.say("meeting.you.maybe-many" if several else "meeting.you.maybe"),)
        case SignupAnswer.NO:
            return (s.say("meeting.you.no-many" if several else "meeting.you.no"),)


def outcome(s: Session, meeting: Meeting, signed: SignedUp, signup: Signup | None) -> tuple[str, ...]:
    """What became of a sign-up; where it could not be, why, and what can."""
    match signed.outcome:
        case Outcome.PLACED | Outcome.WAITING:
            return (s.say(f"signup.{signed.outcome}"), *said(s, signup))
        case Outcome.NO | Outcome.MAYBE:
            return (s.say(f"signup.{signed.outcome}"),)
        case Outcome.CANCELLED:
            return (s.say("meeting.cancelled"), *why(s, meeting))
        case Outcome.OVER:
            return signing_up(s, meeting)
        case Outcome.LATE:
            return (too_late(s, meeting),)
        case Outcome.TOO_MANY if signed.left:
            return (s.count("signup.too-many", signed.left), *said(s, signup))
        case Outcome.TOO_MANY:
            return (s.say("signup.none-left", email=s.plan.file.contacts.email),)


def because(s: Session, signup: Signup | None) -> str:
    """Why they are told of it."""
    answer = SignupAnswer(signup.answer) if signup is not None else SignupAnswer.NO
    return s.say("because.invited") if answer is SignupAnswer.NO else s.say(f"because.{answer}")


def next_one(s: Session) -> tuple[str, ...]:
    """The next meeting that is theirs, and where they find them all."""
    for meeting in next_for(s.tx, s.plan.process_id, s.person.id, s.visit.now):
        signup = signups.of(s.tx, meeting.id, s.person.id)
        if is_open(meeting, s.visit.now) and (signup is None or signup.answer != SignupAnswer.NO):
            moment = texts.moment(s.language, meeting.facts.starts_at)
            return (s.say("meetings.next", title=title(s, meeting), moment=moment),)
    return ()


AnswerRows = tuple[tuple[tuple[SignupAnswer, str], ...], ...]  # answer and label of each button


def answers(s: Session, meeting: Meeting, signup: Signup | None) -> AnswerRows:
    """What can still be said to it, as rows of buttons, which the meeting's panel and its messages share: the yes
    above, the others beside each other."""
    left = answers_left(meeting, signup, s.visit.now)
    rows = (
        [each for each in left if each is SignupAnswer.YES],
        [each for each in left if each is not SignupAnswer.YES],
    )
    return tuple(tuple((answer, _label(s, meeting, answer, signup)) for answer in row) for row in rows if row)


def _label(s: Session, meeting: Meeting, answer: SignupAnswer, signup: Signup | None) -> str:
    match answer:
        case SignupAnswer.YES:
            if free(s.tx, meeting) == 0:
                return s.say("meeting.wait-many" if s.many else "meeting.wait")
            return s.say("meeting.yes-many" if s.many else "meeting.yes")
        case SignupAnswer.MAYBE:
            return s.say("meeting.maybe")
        case SignupAnswer.NO if signup is not None and signup.answer == SignupAnswer.YES and not signup.comes:
            return s.say("meeting.off-waiting-list-many" if s.many else "meeting.off-waiting-list")
        case SignupAnswer.NO if signup is not None and signup.answer == SignupAnswer.YES:
            return s.say("meeting.not-after-all-many" if s.many else "meeting.not-after-all")
        case SignupAnswer.NO:
            return s.say("meeting.no")


def entry(s: Session, meeting: Meeting, signup: Signup | None) -> CalendarEntry:
    """As it stands in a calendar."""
    facts_, contacts = meeting.facts, s.plan.file.contacts
    location = facts_.details.where or facts_.details.link
    comes = signup is not None and signup.comes
    return CalendarEntry(
        uid=meeting.uid,
        sequence=meeting.version,
        starts_at=facts_.starts_at,
        ends_at=facts_.ends_at,
        changed_at=meeting.changed_at,
        title=title(s, meeting),
        description="\n\n".join(described(s, meeting)),
        location=location,
        url=facts_.details.link or None,
        cancelled=meeting.is_cancelled,
        tentative=not comes,
        alarms=ALARMS,
        organiser=contacts.email,
        organiser_name=s.plan.file.municipality.name,
    )


def calendar_file(s: Session, meeting: Meeting, signup: Signup | None) -> Attachment:
    return _file(s, s.say("calendar.file", number=meeting.id), [entry(s, meeting, signup)])


def calendar_of(s: Session, several: list[Meeting]) -> Attachment:
    """One file with all of them."""
    entries = [entry(s, meeting, signups.of(s.tx, meeting.id, s.person.id)) for meeting in several]
    return _file(s, s.say("calendar.files"), entries)


def _file(s: Session, name: str, entries: list[CalendarEntry]) -> Attachment:
    """A mail's media type must say what the file asks for."""
    content = calendar.write_calendar(calendar_name(s), s.language, entries)
    return Attachment(name, content, type=f"text/calendar; method={calendar.method(entries)}")


def calendar_name(s: Session) -> str:
    return s.say("calendar.name", policy=s.plan.file.policy_in(s.language))


# --- minutes ----------------------------------------------------------------------------------------------


def minutes_changed(s: Session, sent: MinutesText) -> tuple[str, ...]:
    """What a version changes: in the words of whoever wrote it, and point by point. Nothing of a first one."""
    if sent.version == 1:
        return ()
    return (s.say("minutes.what-changed", text=sent.what_changed), changed_points(s, sent.changes))


def changed_points(s: Session, changes: list[ChangedPoint]) -> str:
    return lists.bulleted(s.say(f"minutes.point.{each.change}", point=each.number) for each in changes)

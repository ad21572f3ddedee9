"""A meeting in words and as a calendar file: what, when, where, why, and what the person has said to it."""

from __future__ import annotations

from bot import texts
from bot.conversation.situation import Situation
from bot.conversation.words import group_name, place_name
from bot.flows import schedule
from bot.process import meetings
from bot.process.file import MeetingKind
from bot.reply import Attachment, Move, Verb
from reports import calendar
from reports.calendar import Entry
from storage.meetings import Meeting
from storage.signups import Signup

ALARMS = (24 * 60, 120)  # minutes before it starts, in people's own calendars
FEW = 10  # places left from which it is worth saying so


def title(s: Situation, meeting: Meeting) -> str:
    details = meeting.facts.details
    return details.title_en if s.language == "en" and details.title_en else details.title


def when(s: Situation, meeting: Meeting) -> str:
    """`tirsdag den 3. marts 2026 kl. 19.00 til kl. 21.00`."""
    starts, ends = schedule.to_local(meeting.facts.starts_at), schedule.to_local(meeting.facts.ends_at)
    moment = texts.moment(s.language, meeting.facts.starts_at)
    if starts.date() == ends.date():
        return s.say("meeting.until", moment=moment, end=f"{ends:%H.%M}" if s.language == "da" else f"{ends:%H:%M}")
    return s.say("meeting.from-to", moment=moment, end=texts.moment(s.language, meeting.facts.ends_at))


def where(s: Situation, meeting: Meeting) -> tuple[str, ...]:
    details = meeting.facts.details
    place = ", ".join(part for part in (details.place, details.address) if part)
    return (
        *((s.say("meeting.where", place=place),) if place else ()),
        *((s.say("meeting.directions", directions=details.directions),) if details.directions else ()),
        *((s.say("meeting.link", link=details.link),) if details.link else ()),
    )


def facts(s: Situation, meeting: Meeting) -> tuple[str, ...]:
    """When and where, in the fewest words."""
    return ("\n".join((s.say("meeting.when", when=when(s, meeting)), *where(s, meeting))),)


def described(s: Situation, meeting: Meeting) -> tuple[str, ...]:
    """Everything about it, paragraph by paragraph."""
    details = meeting.facts.details
    cancelled = (s.say("meeting.cancelled"), *_why(s, meeting)) if meeting.is_cancelled else ()
    return (
        *cancelled,
        *facts(s, meeting),
        *((s.say("meeting.purpose", purpose=details.purpose),) if details.purpose else ()),
        *((s.say("meeting.agenda", agenda=details.agenda),) if details.agenda else ()),
        *((s.say("meeting.led-by", name=details.led_by),) if details.led_by else ()),
    )


def _why(s: Situation, meeting: Meeting) -> tuple[str, ...]:
    return (s.say("meeting.why", why=meeting.why),) if meeting.why else ()


def whom(s: Situation, meeting: Meeting) -> str:
    """`Frivillig, Forening · Nordby`."""
    if meeting.facts.kind == MeetingKind.STEERING:
        return s.say("meeting.kind.steering")
    groups = ", ".join(group_name(s, group) for group in meeting.facts.groups)
    areas = ", ".join(place_name(s, "areas", area) for area in meeting.facts.areas)
    return " · ".join(part for part in (groups, areas) if part) or s.say("meeting.everybody")


def signing_up(s: Situation, meeting: Meeting) -> tuple[str, ...]:
    """Until when, and whether there is room."""
    now, ends = s.visit.now, meeting.facts.signup_ends
    if meeting.is_cancelled or now >= meeting.facts.starts_at:
        return ()
    if now >= ends:
        return (s.say("meeting.signup-over"),)
    until = (
        (s.say("meeting.signup-until", moment=texts.moment(s.language, ends)),)
        if ends != meeting.facts.starts_at
        else ()
    )
    left = meetings.free(s.tx, meeting)
    if left == 0:
        return (*until, s.say("meeting.full"))
    return (*until, texts.count(s.language, "meeting.left", left)) if left <= FEW else until


def said(s: Situation, signup: Signup | None) -> tuple[str, ...]:
    """What the person has said to it, and what that means."""
    if signup is None:
        return ()
    if signup.comes or signup.waits:
        return (texts.count(s.language, "meeting.you.come" if signup.comes else "meeting.you.wait", signup.people),)
    return (s.say(f"meeting.you.{signup.answer}"),)


def buttons(s: Situation, meeting: Meeting, signup: Signup | None, owed_id: int) -> tuple[tuple[Move, ...], ...]:
    """Of a message: they hold at any time, and say what can be said still."""
    look = (Move(Verb.MEETING, s.say("meeting.look"), owed_id),)
    if meeting.is_cancelled or s.visit.now >= meeting.facts.starts_at:
        return (look,)
    if signup is not None and signup.answer == meetings.Answer.YES:
        return ((Move(Verb.STAYS_AWAY, s.say("meeting.not-after-all"), owed_id),), look)
    no = Move(Verb.STAYS_AWAY, s.say("meeting.no"), owed_id)
    if s.visit.now >= meeting.facts.signup_ends:
        return ((no,), look)
    yes, maybe = Move(Verb.COMES, s.say("meeting.yes"), owed_id), Move(Verb.MAYBE, s.say("meeting.maybe"), owed_id)
    return ((yes,), (no, maybe), look)


def entry(s: Situation, meeting: Meeting, signup: Signup | None) -> Entry:
    """As it stands in a calendar."""
    facts_, contacts = meeting.facts, s.plan.file.contacts
    location = ", ".join(part for part in (facts_.details.place, facts_.details.address) if part) or facts_.details.link
    comes = signup is not None and signup.comes
    return Entry(
        uid=meeting.uid, sequence=meeting.version, starts_at=facts_.starts_at, ends_at=facts_.ends_at,
        changed_at=meeting.changed_at, title=title(s, meeting), description="\n\n".join(described(s, meeting)),
        location=location, url=facts_.details.link or None, cancelled=meeting.is_cancelled, tentative=not comes,
        alarms=ALARMS, organiser=contacts.email, organiser_name=s.plan.file.municipality.name,
    )  # fmt: skip


def calendar_file(s: Situation, meeting: Meeting, signup: Signup | None) -> Attachment:
    content = calendar.calendar(calendar_name(s), s.language, [entry(s, meeting, signup)])
    return Attachment(s.say("calendar.file", number=meeting.id), content)


def calendar_name(s: Situation) -> str:
    return s.say("calendar.name", policy=s.plan.file.policy_in(s.language))

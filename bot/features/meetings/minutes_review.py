"""Review of the minutes by those who had a place: they confirm, object, or say that they were not there."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot import texts
from bot.dialogue.panel import Args, Go
from bot.dialogue.session import Session
from bot.features.meetings import wording
from bot.features.meetings.service.minutes import (
    MinutesReply,
    MinutesText,
    in_force,
    objections_end,
    takes_objections,
)
from bot.features.meetings.service.words import WordsKind
from bot.texts import lists
from storage import meetings, signups
from storage.meetings import Meeting, MeetingWords
from storage.signups import Signup

LATEST = 10  # minutes that stand in the list


@dataclass(frozen=True, slots=True)
class MinutesView:
    """The minutes in a meeting's panel: what stands there, and what can be said to it."""

    body: tuple[str, ...] = ()
    buttons: tuple[Go, ...] = ()


def of(s: Session, meeting: Meeting, signup: Signup | None) -> MinutesView:
    if meeting.minutes_at is None or signup is None or not signup.comes:
        return MinutesView()
    sent, mine = in_force(s.tx, meeting), _objections(s, meeting)
    listed = lists.numbered(sent.points, s.say("minutes.points"))
    changed = wording.minutes_changed(s, sent)
    told = [s.say("minutes.you.objected", point=each.point, text=each.text) for each in mine]
    said = tuple(
        s.say(f"minutes.you.{each}") for each in (MinutesReply.CONFIRMED, MinutesReply.ABSENT) if each == signup.minutes
    )
    if not takes_objections(meeting, s.visit.now):
        return MinutesView((*changed, listed, *told, *said, s.say("minutes.closed", email=s.plan.file.contacts.email)))
    moment = texts.moment(s.language, objections_end(meeting))
    until = s.say("minutes.until" if told or said else "minutes.ask", moment=moment)
    return MinutesView((*changed, listed, *told, *said, until), tuple(_buttons(s, meeting, signup, sent, mine)))


def _buttons(s: Session, meeting: Meeting, signup: Signup, sent: MinutesText, mine: list[MeetingWords]) -> list[Go]:
    """Whoever has objected takes that back before they say that it is right. Each button is about the version that is
    read here."""
    at, objected = f"moeder/{meeting.id}", {each.point: each for each in mine}
    read = f"{at}/referat/{sent.version}"
    if signup.minutes == MinutesReply.ABSENT:
        return [Go(s.say("minutes.was-there"), f"{read}/til-stede")]
    agree = signup.minutes != MinutesReply.CONFIRMED and not mine
    buttons = [Go(s.say("minutes.agree"), f"{read}/passer")] if agree else []
    for point in range(1, len(sent.points) + 1):
        if point in objected:
            buttons.append(Go(s.say("minutes.take-back", point=point), f"{read}/tilbage/{objected[point].id}"))
        else:
            buttons.append(Go(s.say("minutes.wrong", point=point), f"{at}/punkt/{sent.version}/{point}"))
    return buttons if mine else [*buttons, Go(s.say("minutes.was-absent"), f"{read}/ikke-med")]


def said(s: Session, meeting: Meeting, version: str, what: Args) -> tuple[str, ...]:
    """Notes on what became of it. `version`: of the minutes that were read; said of an earlier one it does nothing."""
    signup = _may_reply(s, meeting)
    if signup is None:
        return ()
    if not _is_in_force(s, meeting, version):
        return (s.say("minutes.newer-here"),)
    match what:
        case ("passer",) if not _objections(s, meeting):
            signups.put(s.tx, replace(signup, minutes=MinutesReply.CONFIRMED))
            return (s.say("minutes.agreed"),)
        case ("ikke-med",) if not _objections(s, meeting):
            signups.put(s.tx, replace(signup, minutes=MinutesReply.ABSENT))
            return (s.say("panel.saved"),)
        case ("til-stede",):
            signups.put(s.tx, replace(signup, minutes=None))
            return (s.say("panel.saved"),)
        case ("tilbage", words_id):
            return _taken_back(s, meeting, signup, int(words_id))
        case _:
            return ()


def _taken_back(s: Session, meeting: Meeting, signup: Signup, words_id: int) -> tuple[str, ...]:
    if words_id in [each.id for each in _objections(s, meeting)]:
        meetings.take_back(s.tx, words_id, s.person.id)
    if not _objections(s, meeting):
        signups.put(s.tx, replace(signup, minutes=None))
    return (s.say("panel.saved"),)


def _may_reply(s: Session, meeting: Meeting) -> Signup | None:
    """The sign-up of somebody who had a place, as long as something can be said to the minutes."""
    signup = signups.of(s.tx, meeting.id, s.person.id)
    return signup if signup is not None and signup.comes and takes_objections(meeting, s.visit.now) else None


def _is_in_force(s: Session, meeting: Meeting, version: str) -> bool:
    return version == str(meetings.latest_minutes(s.tx, meeting.id))


def may_object(s: Session, meeting: Meeting, version: str, point: str) -> Signup | None:
    """The sign-up of somebody who may object to the point of the version that is in force; None for anybody else, and
    where there is no such point."""
    signup = _may_reply(s, meeting)
    if signup is None or not _is_in_force(s, meeting, version):
        return None
    there = point.isdecimal() and 1 <= int(point) <= len(meetings.minutes(s.tx, meeting.id))
    return signup if there else None


def is_outdated(s: Session, meeting: Meeting, version: str) -> bool:
    """Whether somebody who may object has read an earlier version."""
    return _may_reply(s, meeting) is not None and not _is_in_force(s, meeting, version)


def object_to(s: Session, meeting: Meeting, signup: Signup, point: int, text: str) -> None:
    """In place of what they wrote of the point before."""
    for earlier in _objections(s, meeting):
        if earlier.point == point:
            meetings.take_back(s.tx, earlier.id, s.person.id)
    meetings.add_words(s.tx, meeting.id, s.person.id, WordsKind.OBJECTION, text, s.visit.now, point=point)
    signups.put(s.tx, replace(signup, minutes=MinutesReply.OBJECTED))


def _objections(s: Session, meeting: Meeting) -> list[MeetingWords]:
    """Their own, to the minutes as they were sent last; in the order of the points."""
    mine = [each for each in meetings.words_of(s.tx, s.person.id) if each.meeting_id == meeting.id]
    now = [each for each in mine if each.kind == WordsKind.OBJECTION and each.at >= (meeting.minutes_at or 0)]
    return sorted(now, key=lambda each: (each.point or 0, each.id))


def to_read(s: Session) -> list[Meeting]:
    """Meetings they had a place at whose minutes are out, the newest first."""
    mine = {signup.meeting_id for signup in signups.of_person(s.tx, s.person.id) if signup.comes}
    found = [each for each in meetings.of_process(s.tx, s.plan.process_id) if each.id in mine]
    return [each for each in reversed(found) if each.minutes_at is not None and not each.is_cancelled][:LATEST]

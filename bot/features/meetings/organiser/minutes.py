"""Minutes as the organiser writes them, after the meeting: how many came, the minutes as points, and what those say to
them who were there."""

from __future__ import annotations

import re
from dataclasses import replace

from bot import texts
from bot.dialogue.panel import Args, Go, Panel, PanelInput, column
from bot.dialogue.panel_parts import back
from bot.dialogue.session import Session
from bot.features.meetings import messages, wording
from bot.features.meetings.organiser import overview
from bot.features.meetings.service.minutes import MinutesReply, send_minutes
from bot.features.meetings.service.words import WordsKind
from bot.texts import lists, numbers
from storage import meetings, recipients, signups
from storage.meetings import Meeting, MeetingWords

MOST_POINTS = 12
LONGEST_POINT = 500  # characters
MOST_CAME = 100_000
_BULLET = re.compile(r"^(?:[-–•*·]|\d{1,2}[.)])\s+")


# --- how many came ----------------------------------------------------------------------------------------


def attended(s: Session, meeting: Meeting, sent: PanelInput) -> Panel:
    at = f"moedeplan/{meeting.id}/antal"
    notes: tuple[str, ...] = ()
    if sent.text:
        came = numbers.read(sent.text, 0, MOST_CAME, grouped=True)
        if came is not None:
            meetings.set_attended(s.tx, meeting.id, came)
            s.audit("attended", f"{meeting.id}: {came}")
            return overview.one(s, meeting.id, s.say("panel.saved"))
        notes = (s.say("planning.wrong.number", most=texts.decimal(s.language, MOST_CAME)),)
    known = (texts.count(s.language, "planning.came", meeting.attended),) if meeting.attended is not None else ()
    body = (overview.places(s, meeting), *known, s.say("count.how"))
    return Panel(
        at=at,
        title=s.say("count.title"),
        body=body,
        rows=column(back(s, f"moedeplan/{meeting.id}")),
        notes=notes,
        asks=at,
    )


# --- the minutes ------------------------------------------------------------------------------------------


def show(s: Session, meeting: Meeting, args: Args, sent: PanelInput) -> Panel:
    match args:
        case ("fortryd",):
            points = meetings.written(s.tx, meeting.id)
            meetings.write_minutes(s.tx, meeting.id, points[:-1])
            return _writing(s, meeting, *((s.say("points.taken-back"),) if points else ()))
        case ("se",):
            return _preview(s, meeting)
        case ("send",):
            return _sent(s, meeting)
        case ("svar",):
            return _replies(s, meeting)
        case _ if sent.text:
            return _writing(s, meeting, *_added(s, meeting, sent.text))
        case _:
            return _writing(s, meeting)


def _added(s: Session, meeting: Meeting, text: str) -> tuple[str, ...]:
    """Each line a point. All of them or none."""
    new = [point for line in text.splitlines() if (point := _BULLET.sub("", line.strip()))]
    points = [*meetings.written(s.tx, meeting.id), *new]
    if any(len(point) > LONGEST_POINT for point in new):
        return (s.say("points.long", most=LONGEST_POINT),)
    if len(points) > MOST_POINTS:
        return (s.say("points.many", most=MOST_POINTS),)
    meetings.write_minutes(s.tx, meeting.id, points)
    return ()


def _writing(s: Session, meeting: Meeting, *notes: str) -> Panel:
    at, points = f"moedeplan/{meeting.id}/referat", meetings.written(s.tx, meeting.id)
    body = (*((lists.numbered(points),) if points else ()), *_how_sent(s, meeting, points), s.say("points.how"))
    rows = [
        *([Go(s.say("points.look"), f"{at}/se"), Go(s.say("points.take-back"), f"{at}/fortryd")] if points else []),
        *([Go(s.say("points.replies"), f"{at}/svar")] if meeting.minutes_at is not None else []),
        back(s, f"moedeplan/{meeting.id}"),
    ]
    title = s.say("minutes.title", title=wording.title(s, meeting))
    return Panel(at=at, title=title, body=body, rows=column(*rows), notes=notes, asks=at)


def _how_sent(s: Session, meeting: Meeting, points: list[str]) -> tuple[str, ...]:
    if meeting.minutes_at is None:
        return ()
    same = points == meetings.minutes(s.tx, meeting.id)
    told = s.say("planning.minutes-sent", moment=texts.moment(s.language, meeting.minutes_at))
    return (told,) if same else (told, s.say("points.changed"))


def _preview(s: Session, meeting: Meeting) -> Panel:
    at, points = f"moedeplan/{meeting.id}/referat", meetings.written(s.tx, meeting.id)
    if not points:
        return _writing(s, meeting)
    whom = recipients.count(s.tx, recipients.coming(s.plan.process_id, meeting.id))
    what = "points.sent-before" if meeting.minutes_at is not None else "points.first"
    title, said, why = messages.as_points(s, replace(meeting, minutes_at=s.visit.now), points)
    body = (
        title,
        *said,
        why,
        texts.count(s.language, "points.whom", whom),
        s.say(what),
    )
    rows = column(back(s, at), Go(s.say("points.send"), f"{at}/send"))
    return Panel(at=f"{at}/se", title=s.say("points.preview"), body=body, rows=rows)


def _sent(s: Session, meeting: Meeting) -> Panel:
    if not meetings.written(s.tx, meeting.id):
        return _writing(s, meeting)
    told = send_minutes(s.tx, s.plan.hours, meeting, s.visit.now)
    s.audit("minutes", meeting.id)
    return overview.one(s, meeting.id, texts.count(s.language, "points.sent", told))


# --- what is said to them ---------------------------------------------------------------------------------


def _replies(s: Session, meeting: Meeting) -> Panel:
    at = f"moedeplan/{meeting.id}/referat"
    coming = [signup for signup in signups.of_meeting(s.tx, meeting.id) if signup.comes]
    counts = [s.say(f"replies.{reply}", count=sum(one.minutes == reply for one in coming)) for reply in MinutesReply]
    silent = s.say("replies.silent", count=sum(one.minutes is None for one in coming))
    said = [each for each in meetings.words(s.tx, meeting.id) if each.kind == WordsKind.OBJECTION]
    since = meeting.minutes_at or 0
    now, before = [each for each in said if each.at >= since], [each for each in said if each.at < since]
    body = [
        "\n".join((*counts, silent)),
        *_objections(s, meetings.minutes(s.tx, meeting.id), now),
        *((lists.bulleted((each.text for each in before), s.say("replies.before")),) if before else ()),
    ]
    return Panel(at=f"{at}/svar", title=s.say("points.replies"), body=tuple(body), rows=column(back(s, at)))


def _objections(s: Session, points: list[str], said: list[MeetingWords]) -> list[str]:
    """Word for word, point by point; then what is about none of them."""
    found = []
    for number, point in enumerate(points, 1):
        about = [each.text for each in said if each.point == number]
        if about:
            found.append(lists.bulleted(about, f"{number}. {point}"))
    others = [each.text for each in said if each.point is None or not 1 <= each.point <= len(points)]
    return [*found, *([lists.bulleted(others, s.say("replies.other"))] if others else [])]

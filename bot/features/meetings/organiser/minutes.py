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
from bot.features.meetings.service.minutes import MinutesReply, MinutesText, draft_of, send_minutes
from bot.features.meetings.service.words import WordsKind
from bot.texts import lists, names, numbers
from storage import meetings, recipients, signups
from storage.meetings import Meeting, MeetingWords, MinutesVersion

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
        send=s.say("send.count"),
    )


# --- the minutes ------------------------------------------------------------------------------------------


def show(s: Session, meeting: Meeting, args: Args, sent: PanelInput) -> Panel:
    match args:
        case ("fortryd",):
            points = meetings.written(s.tx, meeting.id)
            meetings.write_minutes(s.tx, meeting.id, points[:-1])
            return _writing(s, meeting, *((s.say("points.taken-back"),) if points else ()))
        case ("punkt", number, *what):
            return _point(s, meeting, int(number), tuple(what), sent)
        case ("aendring",):
            return _change(s, meeting, sent)
        case ("se",):
            return _preview(s, meeting)
        case ("send", seen):
            return _sent(s, meeting, seen)
        case ("versioner",):
            return _versions(s, meeting)
        case ("version", number):
            return _version(s, meeting, int(number))
        case ("svar",):
            return _replies(s, meeting)
        case _ if sent.text:
            refused = _added(s, meeting, sent.text)
            return replace(_writing(s, meeting, *refused), took=not refused)
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
    at, draft = f"moedeplan/{meeting.id}/referat", draft_of(s.tx, meeting)
    points = draft.points
    body = (*((lists.numbered(points),) if points else ()), *_how_sent(s, meeting, draft), s.say("points.how"))
    rewrite = [
        Go(s.say("points.rewrite", point=number + 1), f"{at}/punkt/{number + 1}") for number in range(len(points))
    ]
    rows = [
        *([Go(s.say("points.look"), f"{at}/se"), Go(s.say("points.take-back"), f"{at}/fortryd")] if points else []),
        *([Go(s.say("points.change"), f"{at}/aendring")] if draft.changes else []),
        *([Go(s.say("points.replies"), f"{at}/svar")] if draft.version > 1 else []),
        *([Go(s.say("points.versions"), f"{at}/versioner")] if draft.version > 1 else []),
        back(s, f"moedeplan/{meeting.id}"),
    ]
    title = s.say("minutes.title", title=wording.title(s, meeting))
    in_threes = tuple(tuple(rewrite[first : first + 3]) for first in range(0, len(rewrite), 3))
    return Panel(
        at=at, title=title, body=body, rows=(*in_threes, *column(*rows)), notes=notes, asks=at, send=s.say("send.point")
    )


def _how_sent(s: Session, meeting: Meeting, draft: MinutesText) -> tuple[str, ...]:
    if meeting.minutes_at is None:
        return ()
    told = s.say("planning.minutes-sent", moment=texts.moment(s.language, meeting.minutes_at))
    if not draft.changes:
        return (told,)
    changed = wording.changed_points(s, draft.changes)
    words = (s.say("minutes.what-changed", text=draft.what_changed),) if draft.what_changed else ()
    return (told, s.say("points.changed"), changed, *words)


def _point(s: Session, meeting: Meeting, number: int, what: Args, sent: PanelInput) -> Panel:
    """One point of the draft, to be written anew or taken out."""
    at, points = f"moedeplan/{meeting.id}/referat", meetings.written(s.tx, meeting.id)
    if not 1 <= number <= len(points):
        return _writing(s, meeting, s.say("panel.gone"))
    if what == ("ud",):
        meetings.write_minutes(s.tx, meeting.id, [*points[: number - 1], *points[number:]])
        return _writing(s, meeting, s.say("points.taken-out", point=number))
    new = names.on_one_line(_BULLET.sub("", sent.text.strip()))
    if new and len(new) <= LONGEST_POINT:
        meetings.write_minutes(s.tx, meeting.id, [*points[: number - 1], new, *points[number:]])
        return _writing(s, meeting)
    return Panel(
        at=f"{at}/punkt/{number}",
        title=s.say("points.rewrite-title", point=number),
        body=(points[number - 1], s.say("points.rewrite-how")),
        rows=column(Go(s.say("points.take-out"), f"{at}/punkt/{number}/ud"), back(s, at)),
        notes=(s.say("points.long", most=LONGEST_POINT),) if new else (),
        asks=f"{at}/punkt/{number}",
        send=s.say("send.rewrite"),
    )


def _change(s: Session, meeting: Meeting, sent: PanelInput) -> Panel:
    """What a new version changes, and why: to be read by those who had the earlier one."""
    at, draft = f"moedeplan/{meeting.id}/referat", draft_of(s.tx, meeting)
    if not draft.changes:
        return _writing(s, meeting)
    text = names.on_one_line(sent.text)
    if text and len(text) <= LONGEST_POINT:
        meetings.write_what_changed(s.tx, meeting.id, text)
        return _preview(s, meeting)
    return Panel(
        at=f"{at}/aendring",
        title=s.say("points.change-title"),
        body=(wording.changed_points(s, draft.changes), s.say("points.change-how")),
        rows=column(back(s, at)),
        notes=(s.say("points.change-long", most=LONGEST_POINT),) if text else (),
        asks=f"{at}/aendring",
        send=s.say("send.change"),
    )


def _preview(s: Session, meeting: Meeting, *notes: str) -> Panel:
    at, draft = f"moedeplan/{meeting.id}/referat", draft_of(s.tx, meeting)
    match draft.lacks:
        case "points":
            return _writing(s, meeting)
        case "changes":
            return _writing(s, meeting, s.say("points.same"))
        case "what-changed":
            return _change(s, meeting, PanelInput())
        case None:
            pass
    whom = recipients.count(s.tx, recipients.coming(s.plan.process_id, meeting.id))
    what = "points.sent-before" if draft.version > 1 else "points.first"
    title, said, why = messages.as_points(s, replace(meeting, minutes_at=s.visit.now), draft)
    body = (
        title,
        *said,
        why,
        texts.count(s.language, "points.whom", whom),
        s.say(what),
    )
    rows = column(back(s, at), Go(s.say("points.send"), f"{at}/send/{draft.fingerprint}"))
    return Panel(at=f"{at}/se", title=s.say("points.preview"), body=body, rows=rows, notes=notes)


def _sent(s: Session, meeting: Meeting, seen: str) -> Panel:
    """`seen`: the fingerprint of what was looked at. Nothing else is sent."""
    draft = draft_of(s.tx, meeting)
    if draft.lacks is not None or draft.fingerprint != seen:
        return _preview(s, meeting, s.say("points.other-now"))
    told = send_minutes(s.tx, s.plan.hours, meeting, s.visit.now)
    s.audit("minutes", f"{meeting.id}: {draft.version}")
    return overview.one(s, meeting.id, texts.count(s.language, "points.sent", told))


# --- earlier versions -------------------------------------------------------------------------------------


def _versions(s: Session, meeting: Meeting) -> Panel:
    """Every version that was sent, the newest first."""
    at, sent = f"moedeplan/{meeting.id}/referat", meetings.minutes_versions(s.tx, meeting.id)
    rows = [
        Go(s.say("minutes.version", version=each.version), f"{at}/version/{each.version}") for each in reversed(sent)
    ]
    return Panel(
        at=f"{at}/versioner",
        title=s.say("points.versions"),
        body=(s.say("points.versions-what"), *(_about_version(s, meeting, each) for each in reversed(sent))),
        rows=column(*rows, back(s, at)),
    )


def _version(s: Session, meeting: Meeting, number: int) -> Panel:
    at = f"moedeplan/{meeting.id}/referat"
    found = next((each for each in meetings.minutes_versions(s.tx, meeting.id) if each.version == number), None)
    if found is None:
        return _versions(s, meeting)
    points = meetings.points(s.tx, meeting.id, number)
    return Panel(
        at=f"{at}/version/{number}",
        title=s.say("minutes.version", version=number),
        body=(_about_version(s, meeting, found), lists.numbered(points)),
        rows=column(back(s, f"{at}/versioner")),
    )


def _about_version(s: Session, meeting: Meeting, of: MinutesVersion) -> str:
    """When it was sent, what it changed, and what was said to it before the next one came."""
    moment = texts.moment(s.language, of.sent_at)
    change = meetings.what_changed(s.tx, meeting.id, of.version)
    lines = [s.say("minutes.version-sent", version=of.version, moment=moment)]
    if change:
        lines.append(s.say("minutes.what-changed", text=change))
    if of.confirmed is not None and of.objected is not None:
        lines.append(texts.count(s.language, "minutes.version-confirmed", of.confirmed))
        lines.append(texts.count(s.language, "minutes.version-objected", of.objected))
    return "\n".join(lines)


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

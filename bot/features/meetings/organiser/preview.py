"""Preview of a meeting while it is planned: field by field, as people will see it, and what a yes does."""

from __future__ import annotations

import re

from bot import texts
from bot.dialogue.naming import work_step_of
from bot.dialogue.panel import Go, Panel, column
from bot.dialogue.panel_parts import back, sure
from bot.dialogue.session import Session
from bot.features.meetings import messages, wording
from bot.features.meetings.organiser import overview
from bot.features.meetings.organiser.draft_view import MeetingDraft
from bot.features.meetings.service import announcements
from bot.features.meetings.service.drafts import DETAILS, MeetingField
from bot.features.meetings.service.reminders import reminder_moments
from bot.process.file import MeetingKind
from storage import recipients, signups
from storage.meetings import Meeting, MeetingFacts

_TOKEN = re.compile(r"(\d+)([dh])")


# --- in words ---------------------------------------------------------------------------------------------


def said(d: MeetingDraft, facts: MeetingFacts, facilitator: int | None, field: MeetingField) -> str:
    """What it is now; empty where nothing was told."""
    s = d.s
    if field in DETAILS:
        return str(getattr(facts.details, DETAILS[field]))
    match field:
        case MeetingField.KIND:
            return (
                s.say(f"meeting.kind.{MeetingKind(facts.kind)}")
                if d.meeting is not None or MeetingField.KIND in d.told
                else ""
            )
        case MeetingField.STARTS:
            return texts.moment(s.language, facts.starts_at) if facts.starts_at else ""
        case MeetingField.ENDS:
            return texts.moment(s.language, facts.ends_at) if facts.starts_at else ""
        case MeetingField.WHOM:
            return wording.whom(s, facts)
        case MeetingField.CAPACITY:
            return texts.decimal(s.language, facts.capacity) if facts.capacity is not None else ""
        case MeetingField.PER_PARTY:
            return texts.decimal(s.language, facts.most_per_party) if facts.most_per_party is not None else ""
        case MeetingField.UNTIL:
            return texts.deadline(s.language, facts.signup_until) if facts.signup_until is not None else ""
        case MeetingField.INVITES:
            return texts.moment(s.language, facts.invites_at) if facts.invites_at > s.visit.now else ""
        case MeetingField.REMINDERS:
            return _reminders(s, facts.reminders)
        case MeetingField.FACILITATOR:
            return overview.holder_name(s, facilitator)
        case MeetingField.FLOW:
            return work_step_of(s, facts.flow) if facts.flow is not None else ""
        case _:
            return str(d.told.get(field) or "")


def _reminders(s: Session, wanted: tuple[str, ...] | None) -> str:
    if wanted is None:
        return ""
    return ", ".join(token(s, each) for each in wanted) or s.say("planning.no-reminders")


def token(s: Session, what: str) -> str:
    """`7d`: «7 dage før»."""
    found = _TOKEN.fullmatch(what)
    if found is None:
        return s.say("planning.token.morning")
    return texts.count(s.language, "planning.token.days" if found[2] == "d" else "planning.token.hours", int(found[1]))


def _against(d: MeetingDraft) -> list[str]:
    """Why it can't be so, and what somebody might not have thought of."""
    wrong = [d.s.say(f"planning.fault.{code}") for code in d.faults]
    odd = [d.s.say("planning.mind", what=d.s.say(f"planning.warn.{code}")) for code in d.warnings]
    listed = [*wrong, *odd, *_of_a_change(d)]
    return ["\n".join(listed)] if listed else []


def _of_a_change(d: MeetingDraft) -> list[str]:
    """What a change of who comes does not do."""
    before, after, s = d.before, d.facts, d.s
    if before is None or d.meeting is None:
        return []
    told = []
    whom = (before.groups, before.areas, before.kind) != (after.groups, after.areas, after.kind)
    if whom and before.invites_at <= s.visit.now:
        told.append(s.say("planning.mind", what=s.say("planning.whom-later")))
    come = signups.people_coming(s.tx, d.meeting.id)
    if after.capacity is not None and after.capacity < come:
        told.append(s.say("planning.mind", what=texts.count(s.language, "planning.more-come", come)))
    return told


# --- all of it --------------------------------------------------------------------------------------------


def draft_overview(d: MeetingDraft, *notes: str) -> Panel:
    """What has been told, and a button for each piece."""
    return _new(d, notes) if d.meeting is None else _change(d, d.meeting, notes)


def _new(d: MeetingDraft, notes: tuple[str, ...]) -> Panel:
    s = d.s
    told = [(field, said(d, d.facts, d.facilitator, field)) for field in d.fields]
    lines = "\n".join(_line(s, field, text) for field, text in told if text)
    rows = (
        (Go(s.say("planning.preview"), f"{d.at}/se"),),
        *_fields(d),
        *(((Go(s.say("planning.drop"), f"{d.at}/slip"),),) if d.told else ()),
        (back(s, "moedeplan"),),
    )
    return Panel(at=f"{d.at}/alt", title=s.say("planning.overview"), body=(lines, *_against(d)), rows=rows, notes=notes)


def _line(s: Session, field: MeetingField, text: str) -> str:
    return s.say("planning.piece", what=s.say(f"planning.field.{field}"), told=text)


def _fields(d: MeetingDraft) -> list[tuple[Go, ...]]:
    """Two in a row."""
    shown = [field for field in d.fields if field is not MeetingField.WHY]
    buttons = [Go(d.s.say(f"planning.field.{field}"), f"{d.at}/{field}") for field in shown]
    return [tuple(buttons[at : at + 2]) for at in range(0, len(buttons), 2)]


def _change(d: MeetingDraft, meeting: Meeting, notes: tuple[str, ...]) -> Panel:
    s = d.s
    body = (*_differences(d, meeting), *_against(d), *_consequences(d, meeting))
    yes = d.differs and not d.faults
    rows = (
        *(((Go(s.say("planning.yes-move" if d.is_moved else "planning.yes-change"), f"{d.at}/ja"),),) if yes else ()),
        *(((Go(s.say("planning.why"), f"{d.at}/{MeetingField.WHY}"),),) if d.is_moved else ()),
        *_fields(d),
        *(((Go(s.say("planning.drop-change"), f"{d.at}/slip"),),) if d.told else ()),
        (back(s, f"moedeplan/{meeting.id}"),),
    )
    return Panel(
        at=f"{d.at}/alt",
        title=s.say("planning.changing", title=wording.title(s, meeting)),
        body=body,
        rows=rows,
        notes=notes,
    )


def _differences(d: MeetingDraft, meeting: Meeting) -> list[str]:
    s, was = d.s, meeting.facts
    lines = []
    for field in (field for field in d.fields if field is not MeetingField.WHY):
        before, after = said(d, was, meeting.facilitator_id, field), said(d, d.facts, d.facilitator, field)
        if before != after:
            nothing = s.say("planning.nothing")
            what = s.say(f"planning.field.{field}")
            lines.append(s.say("planning.differs", what=what, before=before or nothing, after=after or nothing))
    return ["\n".join((s.say("planning.will-be"), *lines))] if lines else [s.say("planning.pick")]


def _consequences(d: MeetingDraft, meeting: Meeting) -> list[str]:
    """Who is told, when, and in which words."""
    s = d.s
    if not d.is_moved or d.faults:
        return [s.say("planning.tells-nobody")] if d.differs and not d.faults else []
    title, body = messages.news_of_move(s, d.planned)
    return [_told(s, meeting, d.facts.starts_at), "\n".join((s.say("planning.as-told"), title, *body))]


def _told(s: Session, meeting: Meeting, starts_at: int) -> str:
    number = recipients.count(s.tx, announcements.to_tell(meeting))
    due, _ = announcements.news(s.visit.now, starts_at, s.plan.hours)
    when = s.say("planning.at-once") if due <= s.visit.now else texts.moment(s.language, due)
    return texts.count(s.language, "planning.will-tell", number, when=when)


# --- as people will see it --------------------------------------------------------------------------------


def preview(d: MeetingDraft, *notes: str) -> Panel:
    """The invitation as it will be, who gets it, and when what goes out."""
    s, made = d.s, d.planned
    at = f"{d.at}/se"
    if d.faults:
        rows = column(back(s, f"{d.at}/alt"))
        return Panel(
            at=at,
            title=s.say("planning.preview"),
            body=(s.say("planning.not-yet"), *_against(d)),
            rows=rows,
            notes=notes,
        )
    title, body, why = messages.invitation(s, made)
    invited, soon = reminder_moments(s.tx, s.plan, made, s.visit.now)
    told = (
        s.say("planning.as-invited"),
        title,
        *body,
        why,
        s.say("planning.with-buttons"),
        *_whom(s, made),
        overview.invited_at(s, invited),
        overview.reminded_at(s, soon),
        *_against(d),
    )
    rows = column(Go(s.say("planning.yes"), f"{d.at}/ja"), back(s, f"{d.at}/alt"))
    return Panel(at=at, title=s.say("planning.preview"), body=told, rows=rows, notes=notes)


def _whom(s: Session, made: Meeting) -> tuple[str, ...]:
    everyone = announcements.everyone(made)
    invited = recipients.to_invite(everyone)
    all_of_them, told = recipients.count(s.tx, everyone), recipients.count(s.tx, invited)
    out = recipients.out_of_reach(s.tx, invited, mails=s.process_host.mails).people
    others = f" {s.say('planning.not-wanted')}" if told < all_of_them else ""
    return (
        "\n".join(
            (
                s.say("planning.whom", whom=wording.whom(s, made.facts)),
                texts.count(s.language, "planning.for", all_of_them),
                texts.count(s.language, "planning.invited", told) + others,
                *((texts.count(s.language, "planning.out-of-reach", out),) if out else ()),
            )
        ),
    )


# --- cancelled --------------------------------------------------------------------------------------------


def why_cancelled(d: MeetingDraft, meeting: Meeting, *notes: str) -> Panel:
    s, at = d.s, f"moedeplan/{meeting.id}/aflys"
    rows = column(Go(s.say("planning.without-why"), f"{at}/uden"), back(s, f"moedeplan/{meeting.id}"))
    body = (_told(s, meeting, meeting.facts.starts_at), s.say("planning.how.aflyses"))
    return Panel(
        at=at, title=s.say("planning.ask.aflyses"), body=body, rows=rows, notes=notes, asks=at, send=s.say("send.on")
    )


def sure_to_cancel(d: MeetingDraft, meeting: Meeting) -> Panel:
    s, at = d.s, f"moedeplan/{meeting.id}/aflys"
    why = str(d.told.get(MeetingField.CANCELLED) or "")
    body = (
        *wording.facts(s, meeting),
        *((s.say("meeting.why", why=why),) if why else ()),
        _told(s, meeting, meeting.facts.starts_at),
        s.say("planning.cancel-what"),
    )
    return sure(
        s,
        f"{at}/sikker",
        s.say("planning.cancel-sure", title=wording.title(s, meeting)),
        body,
        s.say("planning.cancel-yes"),
        f"{at}/ja",
        f"moedeplan/{meeting.id}",
    )

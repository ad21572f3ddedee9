"""Editor of a new meeting, or of a change to one, field by field: nothing is lost on the way, and nothing happens
before the yes.

What was told lies in a draft of the person's own. Here: the steps and the yes. How a field is asked for: editor_fields;
how it all looks: preview.
"""

from __future__ import annotations

import json
from typing import Any

from bot import texts
from bot.dialogue.panel import Args, Panel, PanelInput
from bot.dialogue.panel_parts import sure
from bot.dialogue.session import Session
from bot.features.meetings.organiser import editor_fields, overview, preview
from bot.features.meetings.organiser.draft_view import MeetingDraft
from bot.features.meetings.service import drafts, scheduling
from bot.features.meetings.service.drafts import AFTERWARDS, MeetingField, WrongValue
from bot.process.file import MeetingKind
from storage import meetings, signups
from storage.meetings import Meeting

FIELDS = frozenset(MeetingField)


def new(s: Session, args: Args, sent: PanelInput) -> Panel:
    """`moedeplan/ny/…`"""
    return _step(_draft(s, None), args, sent)


def change(s: Session, meeting: Meeting, args: Args, sent: PanelInput) -> Panel:
    """`moedeplan/<number>/ret/…`"""
    if meeting.is_cancelled:
        return overview.one(s, meeting.id, s.say("planning.gone.cancelled"))
    draft = _draft(s, meeting)
    asked = args[0] if args and args[0] in FIELDS else None
    late = draft.told.keys() - set(AFTERWARDS) if overview.has_begun(s, meeting) else set()
    if (asked is not None and asked not in draft.fields) or (late and args == ("ja",)):
        return overview.one(s, meeting.id, s.say("planning.gone.begun"))
    timely = {field: value for field, value in draft.told.items() if field not in late}
    return _step(MeetingDraft(s, meeting, timely), args, sent)


def _draft(s: Session, meeting: Meeting | None) -> MeetingDraft:
    kept = meetings.draft_of(s.tx, s.person.id, meeting.id if meeting is not None else 0)
    return MeetingDraft(s, meeting, drafts.parse_draft(kept.content if kept is not None else None))


def _step(d: MeetingDraft, args: Args, sent: PanelInput) -> Panel:
    match args:
        case ("alt",):
            return preview.draft_overview(d)
        case ("se",):
            return preview.preview(d)
        case ("ja",):
            return _made(d) if d.meeting is None else _changed(d, d.meeting)
        case ("slip",):
            return _sure_to_drop(d)
        case ("slip", "ja"):
            return _dropped(d)
        case (field,) if field in FIELDS and sent.text:
            return _written(d, MeetingField(field), sent.text)
        case (field,) if field in FIELDS:
            return editor_fields.ask(d, MeetingField(field))
        case (field, "ok") if field in editor_fields.TOGGLED:
            return _next_panel(_told(d, MeetingField(field), d.settled(MeetingField(field))))
        case (field, chosen) if field in FIELDS:
            return _chosen(d, MeetingField(field), chosen)
        case _:
            return _next_panel(d)


def _next_panel(d: MeetingDraft, *notes: str) -> Panel:
    """What is asked for next; where everything is told, how it all looks."""
    field = drafts.next_field(d.told) if d.meeting is None else None
    return preview.draft_overview(d, *notes) if field is None else editor_fields.ask(d, field, *notes)


# --- one thing more ---------------------------------------------------------------------------------------


def _told(d: MeetingDraft, field: MeetingField, value: Any) -> MeetingDraft:
    return _kept(d, drafts.tell(d.told, d.before, field, value, d.s.visit.now))


def _kept(d: MeetingDraft, told: dict[str, Any]) -> MeetingDraft:
    s = d.s
    meetings.put_draft(s.tx, s.person.id, d.number, json.dumps(told, ensure_ascii=False), s.visit.now)
    return MeetingDraft(s, d.meeting, told)


def _written(d: MeetingDraft, field: MeetingField, text: str) -> Panel:
    if field not in editor_fields.WRITTEN:
        return editor_fields.ask(d, field)
    told = drafts.read(d.told, d.before, field, text, d.s.visit.now)
    if isinstance(told, WrongValue):
        most = texts.decimal(d.s.language, told.most)
        return editor_fields.ask(d, field, d.s.say(f"planning.wrong.{told.code}", most=most))
    return _next_panel(_kept(d, told))


def _chosen(d: MeetingDraft, field: MeetingField, chosen: str) -> Panel:
    """A button of the question. What it does not offer changes nothing."""
    if chosen not in editor_fields.offered(d, field):
        return editor_fields.ask(d, field)
    match field:
        case _ if field in editor_fields.TOGGLED and chosen != editor_fields.SKIP:
            return editor_fields.ask(_told(d, field, d.toggled(field, chosen)), field)
        case MeetingField.TITLE:
            return _next_panel(_told(d, field, d.s.say(f"meeting.kind.{MeetingKind(d.facts.kind)}")))
        case MeetingField.FACILITATOR if chosen != editor_fields.SKIP:
            return _next_panel(_told(d, field, int(chosen)))
        case _:
            return _next_panel(_told(d, field, None if chosen == editor_fields.SKIP else chosen))


def _sure_to_drop(d: MeetingDraft) -> Panel:
    s, at, new = d.s, f"{d.at}/slip", d.meeting is None
    title = s.say("planning.drop-sure" if new else "planning.drop-change-sure")
    yes = s.say("planning.drop-yes" if new else "planning.drop-change-yes")
    return sure(s, at, title, (s.say("planning.drop-what"),), yes, f"{at}/ja", f"{d.at}/alt")


def _dropped(d: MeetingDraft) -> Panel:
    meetings.drop_draft(d.s.tx, d.s.person.id, d.number)
    note = d.s.say("planning.dropped")
    return overview.listed(d.s, 0, note) if d.meeting is None else overview.one(d.s, d.number, note)


# --- the yes ----------------------------------------------------------------------------------------------


def _made(d: MeetingDraft) -> Panel:
    s = d.s
    if not d.told:
        return overview.listed(s, 0, s.say("panel.gone"))
    if d.faults:
        return preview.preview(d)
    number = scheduling.make(s.tx, s.plan.process_id, d.facts, s.visit.now)
    meetings.set_facilitator(s.tx, number, d.facilitator)
    s.audit("meeting-made", number)
    meetings.drop_draft(s.tx, s.person.id, 0)
    return overview.one(s, number, s.say("planning.made"))


def _changed(d: MeetingDraft, meeting: Meeting) -> Panel:
    s = d.s
    if not d.differs:
        return overview.one(s, meeting.id, s.say("planning.nothing-new"))
    if d.faults:
        return preview.draft_overview(d)
    waiting = _waiting(s, meeting)
    why = str(d.told.get(MeetingField.WHY) or "") if d.is_moved else meeting.why
    told = scheduling.change(s.tx, s.plan.hours, meeting, d.facts, why, s.visit.now)
    meetings.set_facilitator(s.tx, meeting.id, d.facilitator)
    s.audit("meeting-moved" if d.is_moved else "meeting-changed", meeting.id)
    meetings.drop_draft(s.tx, s.person.id, meeting.id)
    up = waiting - _waiting(s, meeting)
    notes = (
        s.say("planning.moved" if d.is_moved else "planning.changed"),
        *((texts.count(s.language, "planning.told", told),) if d.is_moved else ()),
        *((texts.count(s.language, "planning.moved-up", up),) if up else ()),
    )
    return overview.one(s, meeting.id, *notes)


def _waiting(s: Session, meeting: Meeting) -> int:
    return sum(signup.waits for signup in signups.of_meeting(s.tx, meeting.id))


# --- cancelled --------------------------------------------------------------------------------------------


def cancel(s: Session, meeting: Meeting, args: Args, sent: PanelInput) -> Panel:
    """`moedeplan/<number>/aflys/…`: why, then whether, then it is."""
    if meeting.is_cancelled:
        return overview.one(s, meeting.id, s.say("planning.gone.cancelled"))
    if overview.has_begun(s, meeting):
        return overview.one(s, meeting.id, s.say("planning.gone.begun"))
    d = _draft(s, meeting)
    match args:
        case ("ja",):
            return _cancelled(d, meeting)
        case ("sikker",):
            return preview.sure_to_cancel(d, meeting)
        case ("uden",):
            return preview.sure_to_cancel(_told(d, MeetingField.CANCELLED, None), meeting)
        case _ if sent.text:
            told = drafts.read(d.told, d.before, MeetingField.CANCELLED, sent.text, s.visit.now)
            if isinstance(told, WrongValue):
                most = texts.decimal(s.language, told.most)
                return preview.why_cancelled(d, meeting, s.say("planning.wrong.long", most=most))
            return preview.sure_to_cancel(_kept(d, told), meeting)
        case _:
            return preview.why_cancelled(d, meeting)


def _cancelled(d: MeetingDraft, meeting: Meeting) -> Panel:
    s = d.s
    told = scheduling.cancel(s.tx, s.plan.hours, meeting, str(d.told.get(MeetingField.CANCELLED) or ""), s.visit.now)
    s.audit("meeting-cancelled", meeting.id)
    meetings.drop_draft(s.tx, s.person.id, meeting.id)
    return overview.one(s, meeting.id, texts.count(s.language, "planning.told", told))

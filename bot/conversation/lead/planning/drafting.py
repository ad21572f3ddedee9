"""A new meeting, or a change of one, piece by piece: nothing is lost on the way, and nothing happens before the yes.

What was told lies in a draft of the person's own. Here: the steps and the yes; how a piece is asked for stands in
asks, how it all looks in shows.
"""

from __future__ import annotations

import json
from typing import Any

from bot import texts
from bot.conversation.lead.panel import Args, Panel, Sent, sure
from bot.conversation.lead.planning import asks, planned, shows
from bot.conversation.lead.planning.draft import Draft
from bot.conversation.situation import Situation
from bot.process import drafts, meetings
from bot.process.drafts import AFTERWARDS, Field, Wrong
from storage import audit, signups
from storage import meetings as stored
from storage.meetings import Meeting

FIELDS = frozenset(Field)


def new(s: Situation, args: Args, sent: Sent) -> Panel:
    """`moedeplan/ny/…`"""
    return _step(_draft(s, None), args, sent)


def change(s: Situation, meeting: Meeting, args: Args, sent: Sent) -> Panel:
    """`moedeplan/<number>/ret/…`"""
    if meeting.is_cancelled:
        return planned.one(s, meeting.id, s.say("planning.gone.cancelled"))
    draft = _draft(s, meeting)
    asked = args[0] if args and args[0] in FIELDS else None
    late = draft.told.keys() - set(AFTERWARDS) if planned.has_begun(s, meeting) else set()
    if (asked is not None and asked not in draft.fields) or (late and args == ("ja",)):
        return planned.one(s, meeting.id, s.say("planning.gone.begun"))
    timely = {field: value for field, value in draft.told.items() if field not in late}
    return _step(Draft(s, meeting, timely), args, sent)


def _draft(s: Situation, meeting: Meeting | None) -> Draft:
    kept = stored.draft(s.tx, s.person.id, meeting.id if meeting is not None else 0)
    return Draft(s, meeting, drafts.opened(kept.content if kept is not None else None))


def _step(d: Draft, args: Args, sent: Sent) -> Panel:
    match args:
        case ("alt",):
            return shows.overview(d)
        case ("se",):
            return shows.preview(d)
        case ("ja",):
            return _made(d) if d.meeting is None else _changed(d, d.meeting)
        case ("slip",):
            return _sure_to_drop(d)
        case ("slip", "ja"):
            return _dropped(d)
        case (field,) if field in FIELDS and sent.text:
            return _written(d, Field(field), sent.text)
        case (field,) if field in FIELDS:
            return asks.ask(d, Field(field))
        case (field, "ok") if field in asks.TOGGLED:
            return _onward(_told(d, Field(field), d.settled(Field(field))))
        case (field, chosen) if field in FIELDS:
            return _chosen(d, Field(field), chosen)
        case _:
            return _onward(d)


def _onward(d: Draft, *notes: str) -> Panel:
    """What is asked for next; where everything is told, how it all looks."""
    field = drafts.next_field(d.told) if d.meeting is None else None
    return shows.overview(d, *notes) if field is None else asks.ask(d, field, *notes)


# --- one thing more ---------------------------------------------------------------------------------------


def _told(d: Draft, field: Field, value: Any) -> Draft:
    return _kept(d, drafts.tell(d.told, d.before, field, value, d.s.visit.now))


def _kept(d: Draft, told: dict[str, Any]) -> Draft:
    s = d.s
    stored.put_draft(s.tx, s.person.id, d.number, json.dumps(told, ensure_ascii=False), s.visit.now)
    return Draft(s, d.meeting, told)


def _written(d: Draft, field: Field, text: str) -> Panel:
    if field not in asks.WRITTEN:
        return asks.ask(d, field)
    told = drafts.read(d.told, d.before, field, text, d.s.visit.now)
    if isinstance(told, Wrong):
        most = texts.decimal(d.s.language, told.most)
        return asks.ask(d, field, d.s.say(f"planning.wrong.{told.code}", most=most))
    return _onward(_kept(d, told))


def _chosen(d: Draft, field: Field, chosen: str) -> Panel:
    """A button of the question. What it does not offer changes nothing."""
    if chosen not in asks.offered(d, field):
        return asks.ask(d, field)
    match field:
        case _ if field in asks.TOGGLED and chosen != asks.SKIP:
            return asks.ask(_told(d, field, d.toggled(field, chosen)), field)
        case Field.TITLE:
            return _onward(_told(d, field, d.s.say(f"meeting.kind.{d.facts.kind}")))
        case Field.FACILITATOR if chosen != asks.SKIP:
            return _onward(_told(d, field, int(chosen)))
        case _:
            return _onward(_told(d, field, None if chosen == asks.SKIP else chosen))


def _sure_to_drop(d: Draft) -> Panel:
    s, at, new = d.s, f"{d.at}/slip", d.meeting is None
    title = s.say("planning.drop-sure" if new else "planning.drop-change-sure")
    yes = s.say("planning.drop-yes" if new else "planning.drop-change-yes")
    return sure(s, at, title, (s.say("planning.drop-what"),), yes, f"{at}/ja", f"{d.at}/alt")


def _dropped(d: Draft) -> Panel:
    stored.drop_draft(d.s.tx, d.s.person.id, d.number)
    note = d.s.say("planning.dropped")
    return planned.listed(d.s, 0, note) if d.meeting is None else planned.one(d.s, d.number, note)


# --- the yes ----------------------------------------------------------------------------------------------


def _made(d: Draft) -> Panel:
    s = d.s
    if not d.told:
        return planned.listed(s, 0, s.say("panel.gone"))
    if d.faults:
        return shows.preview(d)
    number = meetings.make(s.tx, s.plan.process_id, d.facts, s.visit.now)
    stored.led_by(s.tx, number, d.facilitator)
    audit.note(s.tx, s.plan.process_id, s.person.pseudonym, "meeting-made", str(number), s.visit.now)
    stored.drop_draft(s.tx, s.person.id, 0)
    return planned.one(s, number, s.say("planning.made"))


def _changed(d: Draft, meeting: Meeting) -> Panel:
    s = d.s
    if not d.differs:
        return planned.one(s, meeting.id, s.say("planning.nothing-new"))
    if d.faults:
        return shows.overview(d)
    waiting = _waiting(s, meeting)
    why = str(d.told.get(Field.WHY) or "") if d.is_moved else meeting.why
    told = meetings.change(s.tx, s.plan.hours, meeting, d.facts, why, s.visit.now)
    stored.led_by(s.tx, meeting.id, d.facilitator)
    _log(s, meeting, is_moved=d.is_moved)
    stored.drop_draft(s.tx, s.person.id, meeting.id)
    up = waiting - _waiting(s, meeting)
    notes = (
        s.say("planning.moved" if d.is_moved else "planning.changed"),
        *((texts.count(s.language, "planning.told", told),) if d.is_moved else ()),
        *((texts.count(s.language, "planning.moved-up", up),) if up else ()),
    )
    return planned.one(s, meeting.id, *notes)


def _waiting(s: Situation, meeting: Meeting) -> int:
    return sum(signup.waits for signup in signups.of_meeting(s.tx, meeting.id))


def _log(s: Situation, meeting: Meeting, *, is_moved: bool) -> None:
    process, actor, now = s.plan.process_id, s.person.pseudonym, s.visit.now
    if is_moved:
        audit.note(s.tx, process, actor, "meeting-moved", str(meeting.id), now)
    else:
        audit.note(s.tx, process, actor, "meeting-changed", str(meeting.id), now)


# --- cancelled --------------------------------------------------------------------------------------------


def cancel(s: Situation, meeting: Meeting, args: Args, sent: Sent) -> Panel:
    """`moedeplan/<number>/aflys/…`: why, then whether, then it is."""
    if meeting.is_cancelled:
        return planned.one(s, meeting.id, s.say("planning.gone.cancelled"))
    if planned.has_begun(s, meeting):
        return planned.one(s, meeting.id, s.say("planning.gone.begun"))
    d = _draft(s, meeting)
    match args:
        case ("ja",):
            return _cancelled(d, meeting)
        case ("sikker",):
            return shows.sure_to_cancel(d, meeting)
        case ("uden",):
            return shows.sure_to_cancel(_told(d, Field.CANCELLED, None), meeting)
        case _ if sent.text:
            told = drafts.read(d.told, d.before, Field.CANCELLED, sent.text, s.visit.now)
            if isinstance(told, Wrong):
                most = texts.decimal(s.language, told.most)
                return shows.why_cancelled(d, meeting, s.say("planning.wrong.long", most=most))
            return shows.sure_to_cancel(_kept(d, told), meeting)
        case _:
            return shows.why_cancelled(d, meeting)


def _cancelled(d: Draft, meeting: Meeting) -> Panel:
    s = d.s
    told = meetings.cancel(s.tx, s.plan.hours, meeting, str(d.told.get(Field.CANCELLED) or ""), s.visit.now)
    audit.note(s.tx, s.plan.process_id, s.person.pseudonym, "meeting-cancelled", str(meeting.id), s.visit.now)
    stored.drop_draft(s.tx, s.person.id, meeting.id)
    return planned.one(s, meeting.id, texts.count(s.language, "planning.told", told))

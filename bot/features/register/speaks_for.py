"""Whom of the register an association, a council or an invited one speaks for. They say so themselves, or do not."""

from __future__ import annotations

import json

from bot.dialogue.reply import Move, Verb
from bot.dialogue.session import Session
from bot.flows.model import Group
from bot.process.plan import START
from bot.texts import names
from storage import answers, invitations, people, register, runs
from storage.register import Party

OFFERED = 6  # entries one chooses between
_ASKED = (Group.FORENING, Group.RAAD_CENTER)


def to_ask(s: Session) -> bool:
    return not s.person.party_asked and s.person.source is None and bool(_offered(s))


def about(s: Session) -> str:
    """What the prompt remembers: the entries that were offered, as they stood."""
    return json.dumps([party.id for party in _offered(s)])


def moves(s: Session) -> tuple[tuple[Move, ...], ...]:
    found = [register.by_id(s.tx, s.plan.process_id, number) for number in _remembered(s)]
    rows = [(Move(Verb.SPEAK_FOR, party.name, place),) for place, party in enumerate(found) if party is not None]
    none = "party.none" if len(rows) > 1 else "party.not-us" if s.many else "party.not-me"
    return (*rows, (Move(Verb.SPEAK_FOR, s.say(none)),))


def choose(s: Session, place: int | None) -> None:
    offered = _remembered(s)
    people.speak_for(s.tx, s.person.id, offered[place] if place is not None and place < len(offered) else None)
    s.read_person()


def _remembered(s: Session) -> list[int]:
    return list(json.loads(s.prompt.about)) if s.prompt is not None and s.prompt.about else []


def _offered(s: Session) -> list[Party]:
    """The one they were invited as, or those whose names are like what they said they are called."""
    invited = _invited_as(s)
    if invited is not None:
        return [invited]
    if s.person.stakeholder not in _ASKED or not register.count(s.tx, s.plan.process_id):
        return []
    called = _called(s)
    if not called:
        return []
    entries = {party.id: party for party in register.of_process(s.tx, s.plan.process_id)}
    alike = names.alike(called, [(party.id, party.name) for party in entries.values()], OFFERED)
    return [entries[number] for number in alike]


def _invited_as(s: Session) -> Party | None:
    if s.person.came_by is None:
        return None
    invitation = invitations.by_id(s.tx, s.plan.process_id, s.person.came_by)
    if invitation is None or invitation.party_id is None:
        return None
    return register.by_id(s.tx, s.plan.process_id, invitation.party_id)


def _called(s: Session) -> str:
    """What they wrote at «Hvad hedder jeres forening?»."""
    run = next((run for run in runs.of_person(s.tx, s.person.id) if run.flow == START), None)
    if run is None:
        return ""
    question = next(q.id for q in s.plan.flows[START].flow if q.sets == "association")
    row = next((row for row in answers.of_run(s.tx, run.id) if row.question == question and not row.skipped), None)
    if row is None:
        return ""
    _, keys, parts, _ = json.loads(row.content)
    return "" if keys else " ".join(text for text, _ in parts)

"""Whom of the register an association, a council or an invited one speaks for. They say so themselves, or do not."""

from __future__ import annotations

import json

from bot.dialogue.dispatch import chosen
from bot.dialogue.naming import group_name
from bot.dialogue.navigation import proceed, show
from bot.dialogue.reply import Move, Reply, Screen, Tap, Verb
from bot.dialogue.screens import left_as
from bot.dialogue.session import Session, Transition
from bot.features.register import ties
from bot.features.register.service import GROUP_OF_KIND
from bot.flows import content
from bot.flows.engine import Answer
from bot.flows.model import SPEAK_FOR_MANY
from bot.process.plan import HEARING, START
from bot.texts import names
from storage import answers, capacities, people, register
from storage.register import Party

OFFERED = 6  # entries one chooses between


def gate(s: Session, transition: Transition) -> Reply | Transition:
    """Whom they may speak for is asked once."""
    if s.person.party_asked or s.person.source is not None:
        return transition
    offered = _offered(s)
    return (
        show(s, Screen.PARTY, transition, about=json.dumps([party.id for party in offered])) if offered else transition
    )


def corrected(s: Session, transition: Transition) -> Reply | Transition:
    """What was sent in the hearing, and has been corrected, may be for somebody else now."""
    if s.run is not None and s.run.flow == HEARING and s.run.sent_at is not None and s.open_question is None:
        ties.at_sending(s.tx, s.plan.process_id, s.run.id)
    return transition


def draw(s: Session) -> Reply:
    """The entries that were offered, as they stood."""
    found = [register.by_id(s.tx, s.plan.process_id, number) for number in _remembered(s)]
    rows = [(Move(Verb.SPEAK_FOR, party.name, place),) for place, party in enumerate(found) if party is not None]
    none = "party.none" if len(rows) > 1 else "party.not-us" if s.many else "party.not-me"
    moves = (*rows, (Move(Verb.SPEAK_FOR, s.say(none)),))
    return Reply(
        language=s.language, screen=Screen.PARTY, title=s.say("party.which"), body=(s.say("party.why"),), moves=moves
    )


def tapped(s: Session, tap: Tap, seen: Reply) -> Reply:
    offered = _remembered(s)
    chose = offered[tap.place] if tap.place is not None and tap.place < len(offered) else None
    notes: tuple[str, ...] = ()
    if chose is None and s.person.party_id is not None:  # asked about another one
        people.keep_speaking(s.tx, s.person.id)
    else:
        if chose is not None and _in_another_capacity(s, chose):
            notes = (s.say("capacity.now", group=group_name(s, s.person.stakeholder)),)
        people.speak_for(s.tx, s.person.id, chose)
        ties.said(s.tx, s.plan.process_id, s.person, chose)
    known = s.person.size
    s.read_person()
    if s.person.size != known:
        notes = (*notes, s.say("party.size", size=s.person.size))
    return left_as(proceed(s, *notes, corrected=False), seen, chosen(seen, tap))


def _in_another_capacity(s: Session, party_id: int) -> bool:
    """Who came by the entry's own link and has sent something as themselves speaks for it as what it is: what they sent
    stands, and the association's answer is another one."""
    party = register.by_id(s.tx, s.plan.process_id, party_id)
    group = GROUP_OF_KIND.get(party.kind) if party is not None and party_id == s.person.invited_as else None
    one_self = s.person.stakeholder not in SPEAK_FOR_MANY and capacities.has_sent(s.tx, s.person.capacity_id)
    run = s.run_of(START)
    if group not in SPEAK_FOR_MANY or not one_self or run is None:
        return False
    people.keep_speaking(s.tx, s.person.id)  # as themselves they are not asked again
    s.take_up(run)
    s.save(Answer(s.plan.start_question("group").id, keys=(group,)), asked=s.say("party.which"))
    capacities.invite_as(s.tx, s.person.id, party_id)
    s.read_person()
    return True


def _remembered(s: Session) -> list[int]:
    return list(json.loads(s.prompt.about)) if s.prompt is not None and s.prompt.about else []


def _offered(s: Session) -> list[Party]:
    """The one they were invited as, or those whose names are like what they said they are called."""
    invited = _invited_as(s)
    if invited is not None:
        return [invited]
    if s.person.stakeholder not in SPEAK_FOR_MANY or not register.count(s.tx, s.plan.process_id):
        return []
    called = _called(s)
    if not called:
        return []
    entries = {party.id: party for party in register.of_process(s.tx, s.plan.process_id)}
    alike = names.alike(called, [(party.id, party.name) for party in entries.values()], OFFERED)
    return [entries[number] for number in alike]


def _invited_as(s: Session) -> Party | None:
    if s.person.invited_as is None:
        return None
    return register.by_id(s.tx, s.plan.process_id, s.person.invited_as)


def _called(s: Session) -> str:
    """What they wrote at «Hvad hedder jeres forening?»."""
    run = s.run_of(START)
    if run is None:
        return ""
    question = s.plan.start_question("association").id
    row = next((row for row in answers.of_run(s.tx, run.id) if row.question == question and not row.skipped), None)
    if row is None:
        return ""
    stored = content.read(row.content)
    return "" if stored.keys else " ".join(part.text for part in stored.parts)

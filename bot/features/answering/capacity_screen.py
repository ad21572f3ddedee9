"""«Jeg svarer som …»: one person may answer in several capacities, each with answers of its own."""

from __future__ import annotations

from bot.dialogue.dispatch import chosen
from bot.dialogue.naming import group_name
from bot.dialogue.navigation import proceed
from bot.dialogue.reply import Move, Reply, Screen, Tap, Verb
from bot.dialogue.screens import button, left_as
from bot.dialogue.session import Session
from bot.features.answering.gates import begin
from bot.flows import engine
from bot.flows.engine import Answer, Reopened
from bot.flows.model import Group
from bot.process.plan import START
from storage import capacities, people, register
from storage.capacities import Capacity


def offers(s: Session) -> bool:
    """Whether there is more to choose than to correct what one answers as: something was begun, or there are more."""
    begun = any(run.flow != START and run.capacity_id == s.person.capacity_id for run in s.runs)
    return begun or len(_told(s)) > 1


def draw(s: Session) -> Reply:
    rows = [(Move(Verb.ANSWER_AS, _named(s, each), place),) for place, each in enumerate(_told(s))]
    rows.append((Move(Verb.ANSWER_AS, s.say("capacity.other")),))
    if s.person.stakeholder is not None and not capacities.has_sent(s.tx, s.person.capacity_id):
        rows.append((button(s, Verb.EDIT, "capacity-wrong"),))
    return Reply(
        language=s.language,
        screen=Screen.CAPACITY,
        title=s.say("capacity.which"),
        body=(s.say("capacity.how"),),
        moves=tuple(rows),
    )


def tapped(s: Session, tap: Tap, seen: Reply) -> Reply:
    """Into a capacity they have, or another one; or what was chosen wrongly is corrected, and drafts follow."""
    if tap.verb is Verb.EDIT:
        return left_as(ask_again(s), seen, chosen(seen, tap))
    told = _told(s)
    if tap.place is None or tap.place >= len(told):
        s.use_capacity(None)
        return left_as(ask_again(s), seen, chosen(seen, tap))
    chose = told[tap.place]
    s.use_capacity(chose.id)
    note = s.say("capacity.now", group=group_name(s, chose.stakeholder))
    return left_as(proceed(s, note, corrected=False), seen, chosen(seen, tap))


def ask_again(s: Session) -> Reply:
    """Asks whom the person answers as. What they have answered stays."""
    if s.person.stakeholder is None:  # also of who came by a role, and is asked this at their own wish alone
        people.come_for(s.tx, s.person.id, START)
        s.read_person()
    run = s.run_of(START)
    if run is None:
        return begin(s, s.plan.flows[START].flow, told=lambda _: ())
    s.take_up(run)
    if s.person.stakeholder is None:
        return proceed(s)
    outcome = engine.take_turn(s.flow, s.respondent, s.answers, Reopened(s.flow.questions[0].id), s.path)
    if isinstance(outcome, Answer):
        s.save(outcome)
    return proceed(s, s.say("role.stays"))


def _told(s: Session) -> list[Capacity]:
    """Those one can answer in; not that of who answered as the steering group, before that was a role."""
    mine = capacities.of_person(s.tx, s.person.id)
    return [each for each in mine if each.stakeholder is not None and each.stakeholder != Group.STYREGRUPPE]


def _named(s: Session, capacity: Capacity) -> str:
    party = register.by_id(s.tx, s.plan.process_id, capacity.party_id) if capacity.party_id is not None else None
    named = group_name(s, capacity.stakeholder) + (f" · {party.name}" if party is not None else "")
    return s.say("capacity.this", name=named) if capacity.in_use else named

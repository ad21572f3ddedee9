"""Entries on behalf of others: what a table at a meeting said, somebody on the phone, a sheet of paper.

Whoever enters acts as a person of its own, marked with its source and how many stand behind it, and answers the same
questions as everybody. It can be taken up again and corrected by whoever entered it.
"""

from __future__ import annotations

from datetime import date

from bot.codes import new_pseudonym
from bot.dialogue.acting_as import leave
from bot.dialogue.session import Session, step_in
from bot.features.hearing import service as hearing
from bot.features.late_answers import service as late_answers
from bot.flows.engine import Answer, Part
from bot.process.plan import START
from storage import people, register

PANEL = "indtast"
MOST_BEHIND = 500  # people behind one answer


def begin(
    s: Session,
    source: str,
    group: str,
    behind: int,
    flow: str,
    *,
    party_id: int | None = None,
    came_on: date | None = None,
) -> None:
    """A new entry, and the facilitator in its place: what comes next is the first question for that group. `party_id`:
    whom of the register it is from. `came_on`: of a letter or a mail, by which alone it is late or in time."""
    made = people.add(s.tx, s.plan.process_id, new_pseudonym(), s.language, s.visit.now)
    people.add_entered(s.tx, made, source, behind, s.person.id)
    people.accept_notice(s.tx, made, s.plan.notice.version, s.visit.now)
    people.come_for(s.tx, made, flow)
    if came_on is not None:
        late_answers.enter(s.tx, made, flow, came_on)
    s.audit("enter", f"{source} {flow} {group} {behind}" + (f" {came_on.isoformat()}" if came_on else ""))
    _answer_for(step_in(s, made), group, party_id)


def take_up(s: Session, person_id: int, flow: str | None = None) -> bool:
    """An entry of the facilitator's own, to be gone on with or corrected. False where it is not theirs."""
    if all(entered.id != person_id for entered in people.entered_by(s.tx, s.person.id)):
        return False
    s.audit("enter-again")
    if flow is not None:
        people.come_for(s.tx, person_id, flow)
    step_in(s, person_id)
    return True


def erase(s: Session) -> Session:
    """The entry one is in and nothing else; one is oneself again. A hearing response does not vanish with it."""
    own = leave(s)
    own.audit("enter-erase")
    hearing.erase_person(s.tx, s.plan, s.person, s.visit.sent_at)
    return own


def _answer_for(entry: Session, group: str, party_id: int | None) -> None:
    """Whom they answer as, and for, was chosen in the panel, in its words: the start questions begin after that."""
    entry.begin(START, entry.plan.flows[START].version)
    entry.save(Answer(entry.plan.start_question("group").id, keys=(group,)), asked=entry.say("enter.group"))
    party = register.by_id(entry.tx, entry.plan.process_id, party_id) if party_id is not None else None
    if party is not None:
        called = entry.plan.start_question("association").id
        entry.save(Answer(called, (Part(party.name),)), asked=entry.say("enter.party"))
        people.speak_for(entry.tx, entry.person.id, party.id, "entered")

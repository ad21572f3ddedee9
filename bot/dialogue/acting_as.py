"""On whose behalf somebody acts: as oneself, or as an entry for others, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from bot import texts
from bot.dialogue.naming import group_name
from bot.dialogue.reply import Reply
from bot.dialogue.session import Session, load_person, step_in
from storage import people, register
from storage.people import Person

SOURCES: Final = ("table", "phone", "paper", "letter", "mail")  # where what is entered for others comes from


def leave(s: Session) -> Session:
    """Returns the person's own session, leaving an entry for others if they are in one."""
    if s.person.entered_by is None:
        return s
    people.step_out(s.tx, s.visit.channel, s.visit.address, s.person.id)
    return step_in(s, s.person.entered_by)


def oneself(s: Session) -> Session:
    """Returns the facilitator's own session without leaving the entry they are in."""
    own = load_person(s.tx, s.context, s.visit, s.person.entered_by) if s.person.entered_by is not None else None
    return own or s


def as_oneself(use_case: Callable[[Session], Reply]) -> Callable[[Session], Reply]:
    """Wraps a use case that concerns oneself alone: leaves an entry first, and says so."""

    def case(s: Session) -> Reply:
        own = leave(s)
        reply = use_case(own)
        return reply if own is s else replace(reply, notes=(own.say("entering.left"), *reply.notes))

    return case


def whom(s: Session, entered: Person) -> str:
    """«Papir, 1 person, Forening, Nordby IF»."""
    party = register.by_id(s.tx, s.plan.process_id, entered.party_id) if entered.party_id is not None else None
    behind = texts.count(s.language, "entering.people", entered.behind)
    source = next(each for each in SOURCES if each == entered.source)
    told = (s.say(f"entering.source.{source}"), behind, group_name(s, entered.stakeholder))
    return ", ".join((*told, party.name) if party is not None else told)

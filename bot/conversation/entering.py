"""Entering what others said: a table at a meeting, somebody on the phone, a sheet of paper.

Whoever enters acts as a person of its own, marked with its source and how many stand behind it, and answers the same
questions as everybody. It can be taken up again and corrected by whoever entered it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace

from bot import texts
from bot.conversation.situation import Situation, load, load_person, step_in
from bot.conversation.words import group_name
from bot.flows.engine import Answer
from bot.flows.model import NO
from bot.process.plan import START
from bot.reply import Reply, Screen
from storage import audit, people, runs
from storage.people import Person

PANEL = "indtast"
SOURCES = ("table", "phone", "paper")
MOST_BEHIND = 500  # people behind one answer
LEAVABLE = (
    Screen.MENU,
    Screen.IDLE,
    Screen.RECEIPT,
    Screen.PAUSED,
    Screen.REVIEW,
    Screen.NOTICE,
    Screen.NEWER,
)


def begin(s: Situation, source: str, group: str, behind: int, flow: str) -> None:
    """A new entry, and the facilitator in its place: what comes next is the first question for that group."""
    made = people.add(s.tx, s.plan.process_id, f"p{secrets.token_hex(8)}", s.language, s.visit.now)
    people.add_entered(s.tx, made, source, behind, s.person.id)
    people.accept_notice(s.tx, made, s.plan.notice_version, s.visit.now)
    people.come_for(s.tx, made, flow)
    audit.note(s.tx, s.plan.process_id, s.person.pseudonym, "enter", f"{source} {flow} {group} {behind}", s.visit.now)
    step_in(s, made)
    _answer_for(s, group)


def take_up(s: Situation, person_id: int, flow: str | None = None) -> bool:
    """An entry of the facilitator's own, to be gone on with or corrected. False where it is not theirs."""
    if all(entered.id != person_id for entered in people.entered_by(s.tx, s.person.id)):
        return False
    audit.note(s.tx, s.plan.process_id, s.person.pseudonym, "enter-again", "", s.visit.now)
    if flow is not None:
        people.come_for(s.tx, person_id, flow)
    step_in(s, person_id)
    return True


def leave(s: Situation) -> Situation:
    """Back to oneself; who enters nothing for others is that already."""
    if s.person.entered_by is None:
        return s
    people.step_out(s.tx, s.visit.channel, s.visit.address, s.person.id)
    step_in(s, s.person.entered_by)
    own = load(s.tx, s.house, s.visit)
    assert own is not None  # noqa: S101  # stepped in on the line before
    return own


def erase(s: Situation) -> Situation:
    """The entry one is in and nothing else; one is oneself again."""
    own = leave(s)
    audit.note(s.tx, s.plan.process_id, own.person.pseudonym, "enter-erase", "", s.visit.now)
    people.erase(s.tx, s.person.id)
    return own


def oneself(s: Situation) -> Situation:
    """To look something up for the facilitator: the entry they are in is not left."""
    own = load_person(s.tx, s.house, s.visit, s.person.entered_by) if s.person.entered_by is not None else None
    return own or s


def as_oneself(use_case: Callable[[Situation], Reply]) -> Callable[[Situation], Reply]:
    """What one does for oneself alone: an entry one is in is left first, and that is said."""

    def case(s: Situation) -> Reply:
        own = leave(s)
        reply = use_case(own)
        return reply if own is s else replace(reply, notes=(own.say("entering.left"), *reply.notes))

    return case


def whom(s: Situation, entered: Person) -> str:
    """«Bord, 8 personer, Frivillig»."""
    behind = texts.count(s.language, "entering.people", entered.behind)
    return f"{s.say(f'entering.source.{entered.source}')}, {behind}, {group_name(s, entered.stakeholder)}"


def _answer_for(s: Situation, group: str) -> None:
    """Whom they answer as is known, and nobody is to be reminded: the start questions begin after that."""
    entry = load(s.tx, s.house, s.visit)
    assert entry is not None  # noqa: S101  # stepped in on the line before
    flow = s.plan.flows[START]
    entry.take_up(runs.start(s.tx, entry.person.id, START, flow.version, s.visit.now))
    entry.save(Answer(next(q.id for q in flow.flow if q.sets == "group"), keys=(group,)))
    entry.save(Answer(next(q.id for q in flow.flow if q.sets == "reminders"), keys=(NO,)))

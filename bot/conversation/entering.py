"""Entering what others said: a table at a meeting, somebody on the phone, a sheet of paper.

Whoever enters acts as a person of its own, marked with its source and how many stand behind it, and answers the same
questions as everybody. It can be taken up again and corrected by whoever entered it.
"""

from __future__ import annotations

import secrets
from dataclasses import replace

from bot import texts
from bot.conversation.situation import Situation, load
from bot.conversation.words import group_name
from bot.flows.engine import Answer
from bot.flows.model import NO
from bot.process.plan import START
from bot.reply import Screen
from storage import audit, people, prompts, runs
from storage.people import Person
from storage.prompts import Prompt

PANEL = "indtast"
SOURCES = ("table", "phone", "paper")
MOST_BEHIND = 500  # people behind one answer
LEAVABLE = (Screen.MENU, Screen.IDLE, Screen.RECEIPT, Screen.PAUSED, Screen.REVIEW)


def begin(s: Situation, source: str, group: str, behind: int, flow: str) -> None:
    """A new entry, and the facilitator in its place: what comes next is the first question for that group."""
    made = people.add(s.tx, s.plan.process_id, f"p{secrets.token_hex(8)}", s.language, s.visit.now)
    people.add_entered(s.tx, made, source, behind, s.person.id)
    people.accept_notice(s.tx, made, s.plan.notice_version, s.visit.now)
    people.come_for(s.tx, made, flow)
    audit.note(s.tx, s.plan.process_id, s.person.pseudonym, "enter", f"{source} {flow} {group} {behind}", s.visit.now)
    _step_in(s, made)
    _answer_for(s, group)


def take_up(s: Situation, person_id: int, flow: str | None = None) -> bool:
    """An entry of the facilitator's own, to be gone on with or corrected. False where it is not theirs."""
    if all(entered.id != person_id for entered in people.entered_by(s.tx, s.person.id)):
        return False
    audit.note(s.tx, s.plan.process_id, s.person.pseudonym, "enter-again", "", s.visit.now)
    if flow is not None:
        people.come_for(s.tx, person_id, flow)
    _step_in(s, person_id)
    return True


def leave(s: Situation) -> None:
    """Back to oneself. Numbers of prompts go on counting, so that no old button means something new."""
    if s.person.source is None:
        return
    people.step_out(s.tx, s.visit.channel, s.visit.address, s.person.id)
    number = s.prompt.number if s.prompt is not None else 0
    oneself = people.at_address(s.tx, s.visit.channel, s.visit.address)
    if oneself is not None:
        _count_on(s, oneself.id, number)


def whom(s: Situation, entered: Person) -> str:
    """«Bord, 8 personer, Frivillig»."""
    behind = texts.count(s.language, "entering.people", entered.behind)
    return f"{s.say(f'entering.source.{entered.source}')}, {behind}, {group_name(s, entered.stakeholder)}"


def _step_in(s: Situation, person_id: int) -> None:
    people.enter(s.tx, s.visit.channel, s.visit.address, person_id, s.visit.now)
    _count_on(s, person_id, s.prompt.number if s.prompt is not None else 0)


def _count_on(s: Situation, person_id: int, number: int) -> None:
    last = prompts.last(s.tx, person_id, s.visit.channel)
    if last is None or last.number <= number:
        fresh = Prompt(number + 1, 0, Screen.TEXT, None, None, None, s.visit.sent_at, None)
        prompts.put(s.tx, person_id, s.visit.channel, fresh if last is None else replace(last, number=number + 1))


def _answer_for(s: Situation, group: str) -> None:
    """Whom they answer as is known, and nobody is to be reminded: the start questions begin after that."""
    entry = load(s.tx, s.house, s.visit)
    assert entry is not None  # noqa: S101  # stepped in on the line before
    flow = s.plan.flows[START]
    entry.take_up(runs.start(s.tx, entry.person.id, START, flow.version, s.visit.now))
    entry.save(Answer(next(q.id for q in flow.flow if q.sets == "group"), keys=(group,)))
    entry.save(Answer(next(q.id for q in flow.flow if q.sets == "reminders"), keys=(NO,)))

"""Presets: what a link already tells of whoever comes by it, whom they answer as and where. It is filled in at the
start questions, marked as the link's; the question shown next says so, with a button that corrects it (question_screen).
"""

from __future__ import annotations

from bot.dialogue.reply import Reply
from bot.dialogue.session import LINK, Session, Transition
from bot.flows.engine import Answer
from bot.process.plan import START
from storage import invitations
from storage.invitations import Invitation


def group(s: Session) -> tuple[str, ...]:
    """Answers whom they answer as, where the link tells, at the beginning of the start questions."""
    link = _link(s) if not s.answers else None
    if link is not None:
        _fill_in(s, "group", link.stakeholder)
    return ()


def gate(s: Session, transition: Transition) -> Reply | Transition:
    """Answers where they are, where the link tells, as soon as it is known whom they answer as."""
    if s.run is not None and s.run.flow == START and s.run.sent_at is None and s.person.came_by is not None:
        asked_first = s.plan.start_question("group").id
        link = _link(s) if s.answers.keys() == {asked_first} and not s.answers[asked_first].open else None
        if link is not None:
            _fill_in(s, "area", link.area)
    return transition


def _link(s: Session) -> Invitation | None:
    """By which they came, if it is no link to a role, which tells nothing of whom one answers as."""
    came_by = s.person.came_by
    link = invitations.by_id(s.tx, s.plan.process_id, came_by) if came_by is not None else None
    return link if link is not None and link.role is None else None


def _fill_in(s: Session, sets: str, key: str | None) -> None:
    question = next((question for question in s.path if question.sets == sets), None)
    if key is not None and question is not None and key in question.keys:
        s.save(Answer(question.id, keys=(key,)), asked="", channel=LINK)

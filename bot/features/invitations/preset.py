"""Presets: what a link already tells of whoever comes by it, whom they answer as and where. It is filled in when the
start question would be asked, marked as the link's; the question shown instead says so, with a button that corrects it
(question_screen).
"""

from __future__ import annotations

from bot.dialogue.reply import Reply
from bot.dialogue.session import LINK, Session, Transition
from bot.flows.engine import Answer
from bot.process.plan import START
from storage import invitations
from storage.invitations import Invitation
from storage.runs import Run


def gate(s: Session, transition: Transition) -> Reply | Transition:
    """Answers the start questions that the link answers, when their turn has come; only of what somebody answers as
    first, as they did not come for what else they are."""
    if s.run is not None and s.run.flow == START and s.person.came_by is not None:
        link = _link(s, s.person.came_by) if s.run.sent_at is None and _is_first(s, s.run) else None
        while link is not None and (filled_in := _told(s, link)) is not None:
            s.save(filled_in, asked="", channel=LINK)
    return transition


def _is_first(s: Session, run: Run) -> bool:
    return all(each.flow != START or each.id >= run.id for each in s.runs)


def _link(s: Session, came_by: int) -> Invitation | None:
    """By which they came, if it is no link to a role, which tells nothing of whom one answers as."""
    link = invitations.by_id(s.tx, s.plan.process_id, came_by)
    return link if link is not None and link.role is None else None


def _told(s: Session, link: Invitation) -> Answer | None:
    """What the link answers to the question that is open; None where it does not, or the person has."""
    question = s.open_question
    if question is None or question.id in s.answers:
        return None
    key = link.stakeholder if question.sets == "group" else link.area if question.sets == "area" else None
    return Answer(question.id, keys=(key,)) if key is not None and key in question.keys else None

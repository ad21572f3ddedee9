"""Presets: what a link already says about whoever uses it: whom they answer as, and where. They can change it like any
answer."""

from __future__ import annotations

from bot.dialogue.naming import group_name
from bot.dialogue.session import Session
from bot.flows.engine import Answer
from storage import invitations


def apply(s: Session) -> tuple[str, ...]:
    """Answers what the link tells, at the beginning of the start questions; and says so."""
    if s.answers or s.person.came_by is None:
        return ()
    link = invitations.by_id(s.tx, s.plan.process_id, s.person.came_by)
    if link is None or link.role is not None or not _answered(s, "group", link.stakeholder):
        return ()
    _answered(s, "area", link.area)
    return (s.say("preset.group", group=group_name(s, link.stakeholder)),)


def _answered(s: Session, sets: str, key: str | None) -> bool:
    question = next((q for q in s.path if q.sets == sets), None)
    if key is None or question is None or key not in question.keys:
        return False
    s.save(Answer(question.id, keys=(key,)))
    return True

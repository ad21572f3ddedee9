"""Needs at a meeting that were told among the questions before it, under a yes of their own.

They are for who runs the meeting, and gone when it is over. What is told with a sign-up: storage.signups.
"""

from __future__ import annotations

from bot.flows import content
from bot.flows.model import MEETING, Flow
from bot.process.plan import Plan, State
from storage import answers, contacts, meetings
from storage.db import Tx
from storage.meetings import Meeting


def told(tx: Tx, plan: Plan, meeting: Meeting) -> list[str]:
    """In the step that the meeting belongs to."""
    asked = {(flow.flow, question) for flow in _flows(plan, _step(plan, meeting)) for question in _needs_of(flow)}
    return [
        content.read(each.content).said
        for each in contacts.kept_apart(tx, plan.process_id)
        if (each.flow, each.question) in asked
    ]


def forget(tx: Tx, plan: Plan, now: int) -> int:
    """Deletes those of steps whose meetings are all over or cancelled, and of closed steps that have none; how many,
    with the yes to each."""
    planned = meetings.of_process(tx, plan.process_id)
    gone = 0
    for key, versioned in plan.flows.items():
        flow = versioned.flow
        if not any(question.apart and question.theme == MEETING for question in flow.questions):
            continue
        of_step = [each for each in planned if _step(plan, each) == flow.step]
        over = all(each.is_cancelled or each.facts.ends_at <= now for each in of_step)
        if over and (of_step or plan.state(key, now) is State.CLOSED):
            gone += answers.forget_apart(tx, plan.process_id, key)
    return gone


def _step(plan: Plan, meeting: Meeting) -> str | None:
    known = plan.flows.get(meeting.facts.flow or "")
    return known.flow.step if known is not None else meeting.facts.flow


def _flows(plan: Plan, step: str | None) -> list[Flow]:
    return [versioned.flow for versioned in plan.flows.values() if versioned.flow.step == step]


def _needs_of(flow: Flow) -> list[str]:
    """Not the yes to them."""
    wanted = (each for each in flow.questions if each.apart and each.theme == MEETING)
    return [each.id for each in wanted if each.is_written]

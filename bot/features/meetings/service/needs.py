"""Needs at a meeting that were told among the questions before it, under a yes of their own.

They are for who runs the meeting, and gone when it is over. Which of what is kept apart they are, says the question as
it was asked, whatever the newest version asks. What is told with a sign-up: storage.signups.
"""

from __future__ import annotations

from bot.flows import content
from bot.flows.model import Flow, Question
from bot.process.host import flow_of
from bot.process.plan import Plan, State
from storage import answers, contacts, meetings
from storage.db import Tx
from storage.meetings import Meeting


def told(tx: Tx, plan: Plan, meeting: Meeting) -> list[str]:
    """In the step that the meeting belongs to, without the yes to them."""
    step, found = _step(plan, meeting), []
    for each in contacts.kept_apart(tx, plan.process_id):
        flow = flow_of(tx, plan, each.flow, each.version)
        question = _need(flow, each.question)
        if flow.step == step and question is not None and question.is_written:
            found.append(content.read(each.content).said)
    return found


def forget(tx: Tx, plan: Plan, now: int) -> int:
    """Deletes those of steps whose meetings are all over or cancelled, and of steps that have none and have closed or
    are in the plan no more; how many, with the yes to each."""
    planned, gone = meetings.of_process(tx, plan.process_id), 0
    for asked in answers.asked_apart(tx, plan.process_id):
        flow = flow_of(tx, plan, asked.flow, asked.version)
        if _need(flow, asked.question) is None:
            continue
        of_step = [each for each in planned if _step(plan, each) == flow.step]
        over = all(each.is_cancelled or each.facts.ends_at <= now for each in of_step)
        if over and (of_step or _has_closed(plan, flow.flow, now)):
            gone += answers.forget_apart(tx, plan.process_id, asked)
    return gone


def _need(flow: Flow, asked: str) -> Question | None:
    """The question, where it asks what one needs; a row that no question explains holds up nothing."""
    return next((question for question in flow.questions if question.id == asked and question.is_need), None)


def _has_closed(plan: Plan, flow: str, now: int) -> bool:
    return flow not in plan.flows or plan.state(flow, now) is State.CLOSED


def _step(plan: Plan, meeting: Meeting) -> str | None:
    known = plan.flows.get(meeting.facts.flow or "")
    return known.flow.step if known is not None else meeting.facts.flow

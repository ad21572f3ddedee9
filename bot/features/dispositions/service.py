"""Dispositions that differ: members of the steering group who treat the same hearing response differently, in what they
have sent. Who is told of it: those who have treated that response, and those who lead the work.

A member learns that somebody disagrees, and neither who nor how; who leads may read every answer and sees the numbers.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from bot.access import RIGHTS, Right, Role
from bot.flows import content, schedule
from bot.flows.model import Question, QuestionKind
from bot.flows.schedule import HOUR, WEEK
from bot.outbox.kinds import MessageKind
from bot.process.plan import Plan
from storage import dispositions, outbox, people
from storage.db import Tx
from storage.outbox import NewMessage

THEME = "disposition"  # of the questions
SETTLES = HOUR  # so long nothing is told: several responses are treated in one sitting
WORTH = WEEK  # for which it is worth sending
LEADING = frozenset(role for role, mine in RIGHTS.items() if Right.EXPORT in mine)  # who may read every answer


@dataclass(frozen=True, slots=True)
class Difference:
    """A hearing response that members treat differently."""

    flow: str
    question: Question
    chosen: dict[int, str]  # person → the key they chose

    @property
    def numbers(self) -> Counter[str]:
        """How many chose what."""
        return Counter(self.chosen.values())


def questions(plan: Plan, flow: str) -> dict[str, Question]:
    """Those that ask what to do with a response."""
    return {
        question.id: question
        for question in plan.flows[flow].flow
        if question.theme == THEME and question.kind is QuestionKind.SINGLE
    }


def differences(tx: Tx, plan: Plan) -> list[Difference]:
    """In the order of the questions."""
    found: list[Difference] = []
    for flow in plan.steps:
        asked = questions(plan, flow)
        if not asked:
            continue
        chosen: dict[str, dict[int, str]] = {}
        for each in dispositions.sent(tx, plan.process_id, Role.STEERING, flow, asked):
            keys = content.read(each.content).keys
            if keys:
                chosen.setdefault(each.question, {})[each.person_id] = keys[0]
        found += [
            Difference(flow, question, chosen[name])
            for name, question in asked.items()
            if len(set(chosen.get(name, {}).values())) > 1
        ]
    return found


def seen_by(found: list[Difference], person_id: int, roles: frozenset[str]) -> list[Difference]:
    """What of it somebody is told: who leads all, a member where they have sent a disposition of their own."""
    if roles & LEADING:
        return found
    return [each for each in found if person_id in each.chosen] if Role.STEERING in roles else []


def enqueue(tx: Tx, plan: Plan, now: int) -> int:
    """A message to everybody who is to be told of a difference that they have not been told of; how many."""
    flows = [flow for flow in plan.steps if questions(plan, flow)]
    if not flows:
        return 0
    found, enqueued = differences(tx, plan), 0
    held: dict[int, set[str]] = {}
    for holder in people.role_table(tx, plan.process_id):
        held.setdefault(holder.person_id, set()).add(holder.role)
    for person_id, roles in held.items():
        mine = seen_by(found, person_id, frozenset(roles))
        for flow in flows:
            differing = {each.question.id for each in mine if each.flow == flow}
            known = dispositions.told(tx, person_id, flow)
            if differing == known:
                continue
            dispositions.set_told(tx, person_id, flow, differing)
            if differing - known:
                enqueued += _enqueue(tx, plan, person_id, flow, now)
    return enqueued


def _enqueue(tx: Tx, plan: Plan, person_id: int, flow: str, now: int) -> bool:
    outbox.withdraw(tx, (MessageKind.DIFFERS,), flow, now, person_id=person_id)
    due = schedule.next_sending_time(now + SETTLES, plan.hours)
    once = f"{MessageKind.DIFFERS}:{flow}:{person_id}:{now}"
    return outbox.enqueue(tx, NewMessage(once, person_id, MessageKind.DIFFERS, flow, due, due + WORTH))

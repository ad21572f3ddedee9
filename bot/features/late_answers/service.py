"""Late answers: what comes by letter or mail is late by the day it came alone; a late link lets one party answer after
the deadline, until a day."""

from __future__ import annotations

from datetime import date, timedelta

from bot.flows import schedule
from bot.process.plan import Plan, State
from storage import late_answers
from storage.db import Tx
from storage.late_answers import LateAnswer
from storage.runs import Run

POSTED = ("letter", "mail")  # sources that have a day on which they came
OLDEST = timedelta(days=365)  # before today: the day on which something came


def takes_posted(plan: Plan, flow: str, group: str, now: int) -> bool:
    """Whether what came by letter or mail can be entered in the step: it takes answers of the group, or has."""
    return plan.asks(flow, group) and plan.state(flow, now, group) in (State.OPEN, State.CLOSED)


def came_late(plan: Plan, flow: str, group: str | None, day: date, now: int) -> bool:
    """By the day alone. A deadline at midnight is the evening's before."""
    closes = plan.closes_at(flow, now, group)
    return closes is not None and day > schedule.to_local(closes - 1).date()


def enter(tx: Tx, person_id: int, flow: str, day: date) -> None:
    late_answers.enter(tx, person_id, flow, schedule.start_of(day))


def allow(tx: Tx, person_id: int, flow: str, until: int) -> None:
    """Somebody came by a late link."""
    late_answers.allow(tx, person_id, flow, until)


def sent(tx: Tx, plan: Plan, run: Run, now: int) -> None:
    """Notes whether what was sent is late. Nothing where the step is answered in the ordinary way."""
    found = of(tx, run.person_id, run.flow)
    if found is not None:
        late_answers.note_sent(tx, run.id, late=is_late(plan, run, found, now))


def is_late(plan: Plan, run: Run, found: LateAnswer, now: int) -> bool:
    if found.came_on is not None:
        return came_late(plan, run.flow, run.stakeholder, schedule.to_local(found.came_on).date(), now)
    return plan.state(run.flow, now, run.stakeholder) is State.CLOSED


def of(tx: Tx, person_id: int, flow: str) -> LateAnswer | None:
    return next((each for each in late_answers.of_person(tx, person_id) if each.flow == flow), None)

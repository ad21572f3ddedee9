"""What is late: of a letter or a mail by the day it came alone; of everything else, what is sent after the deadline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bot.flows import schedule
from bot.process.plan import Plan, State
from storage import late_answers, runs
from storage.db import Tx
from storage.late_answers import Reception
from storage.people import Person
from storage.runs import Run

POSTED = ("letter", "mail")  # sources that have a day on which they came


def takes_posted(plan: Plan, flow: str, group: str, now: int) -> bool:
    """Whether what came by letter or mail can be entered in the step: it takes answers of the group, or has."""
    return plan.asks(flow, group) and plan.state(flow, now, group) in (State.OPEN, State.CLOSED)


def opened_on(plan: Plan, flow: str, group: str | None) -> date | None:
    """The first day on which the step took answers of the group; None: it did from the start."""
    first = next(iter(plan.closings(flow, group)), None)
    if first is not None and first[0] is None:
        return None
    opened = next(iter(plan.openings(flow, group)), None)
    return schedule.to_local(opened).date() if opened is not None else None


def came_late(plan: Plan, flow: str, group: str | None, day: date, now: int) -> bool:
    """By the day alone. A deadline at midnight is the evening's before."""
    closes = plan.closes_at(flow, now, group)
    return closes is not None and day > schedule.to_local(closes - 1).date()


def enter(tx: Tx, person_id: int, flow: str, day: date) -> None:
    late_answers.put_posted(tx, person_id, flow, schedule.start_of(day))


def sent(tx: Tx, plan: Plan, run: Run, now: int) -> None:
    """Notes how what was sent came, and whether it is late. It stays so, whatever becomes of the deadline."""
    came_on = late_answers.came_on(tx, run.person_id, run.flow)
    if came_on is None:
        late = plan.state(run.flow, now, run.stakeholder) is State.CLOSED
    else:
        late = came_late(plan, run.flow, run.stakeholder, schedule.to_local(came_on).date(), now)
    late_answers.note(tx, run.id, Reception(came_on, late=late))


def correct(tx: Tx, plan: Plan, entered: Person, flow: str, day: date, now: int) -> None:
    """Another day on which it came: what was sent of it is late, or in time, by that."""
    enter(tx, entered.id, flow, day)
    for run in runs.of_person(tx, entered.id):
        if run.flow == flow and run.sent_at is not None:
            sent(tx, plan, run, now)


@dataclass(frozen=True, slots=True)
class PostedAnswer:
    """A letter or a mail that was entered."""

    flow: str
    day: date  # on which it came
    late: bool


def posted(tx: Tx, plan: Plan, entered: Person, now: int) -> tuple[PostedAnswer, ...]:
    """By step. What is sent is late or in time as it was then; what is not, as it would be now."""
    taken = {run.flow: run for run in runs.of_person(tx, entered.id) if run.sent_at is not None}
    found = []
    for entry in late_answers.posted_of(tx, entered.id):
        day, run = schedule.to_local(entry.came_on).date(), taken.get(entry.flow)
        late = (
            came_late(plan, entry.flow, entered.stakeholder, day, now)
            if run is None
            else late_answers.reception(tx, run.id).late
        )
        found.append(PostedAnswer(entry.flow, day, late))
    return tuple(found)

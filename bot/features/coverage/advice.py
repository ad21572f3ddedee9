"""The guide's advice as checks on the process as it stands, each with its evidence.

The guide promises five pieces of advice and has six headings, two of which say the same (l. 89-198). How they are
grouped here is our reading. A check asks whether something has happened, never how good it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.access import Role
from bot.features.coverage import service
from bot.features.coverage.cell_suppression import FEWEST
from bot.features.coverage.service import CIVIL, MUNICIPAL, NOT_TOLD, Coverage, CoverageNumber, Place
from bot.flows.model import Group
from bot.process.plan import Plan
from storage import coverage_counters, people, register, runs
from storage.coverage_counters import CoverageCounter
from storage.db import Tx

SMALL = ("0-9", "10-24")  # volunteers in a small association
ACROSS = 2  # departments that make it «across»
LINES = "linjer"  # the step of input to the overall lines


class Advice(StrEnum):
    STEERING = "steering"  # l. 89-104
    FROM_THE_START = "from-the-start"  # l. 106-118
    MAPPED = "mapped"  # l. 120-140 and 166-186, read as one
    STAFF = "staff"  # l. 149-164
    POLITICIANS = "politicians"  # l. 142-147, 162-164
    ACROSS = "across"  # l. 188-194


@dataclass(frozen=True, slots=True)
class Check:
    """`evidence` are the numbers its phrase is filled with."""

    advice: Advice
    done: bool
    evidence: dict[str, CoverageNumber]


def checks(tx: Tx, plan: Plan, now: int, *, small: bool) -> list[Check]:
    """`small`: with every number. Otherwise evidence shows no number of people that coverage does not show; whether it
    is none is told by the check itself."""
    seen = service.look(tx, plan.process_id, plan.steps, small=small)
    counts = [count for count in coverage_counters.of_process(tx, plan.process_id) if count.flow and count.sent]
    return [
        _steering(tx, plan),
        _from_the_start(tx, plan, now, seen, small=small),
        _mapped(tx, plan, seen),
        _staff(counts, small=small),
        _politicians(seen),
        _across(counts),
    ]


def _steering(tx: Tx, plan: Plan) -> Check:
    """Both sides are on it, and volunteers (l. 90-91)."""
    stands_for: dict[int, str] = {}
    for holder in people.role_table(tx, plan.process_id):
        if holder.role == Role.STEERING:
            stands_for[holder.person_id] = holder.stands_for or holder.stakeholder or ""
    groups = list(stands_for.values())
    civil, municipal = sum(g in CIVIL for g in groups), sum(g in MUNICIPAL for g in groups)
    volunteers = groups.count(Group.FRIVILLIG)
    evidence = _numbers(members=len(groups), civil=civil, municipal=municipal, volunteers=volunteers)
    return Check(Advice.STEERING, bool(civil and municipal and volunteers), evidence)


def _from_the_start(tx: Tx, plan: Plan, now: int, seen: Coverage, *, small: bool) -> Check:
    """Volunteers said how the process should be before step 2 began (l. 107-110): before it opened, or, where nobody
    knows when that was, before somebody answered it."""
    begun = runs.first_started(tx, plan.process_id, LINES)
    openings = [at for group in (None, *Group) for at in plan.openings(LINES, group)]
    before = min([now, *openings, *([] if begun is None else [begun])])
    groups = (Group.FRIVILLIG, Group.FORENING)
    asked = runs.sent_before(tx, plan.process_id, "plan", groups, before)
    sent = [seen.cell("plan", ("group", group)).sent for group in groups]
    later = sum(number.value for number in sent) - asked
    few = {asked, later} & set(range(1, FEWEST))
    shown = small or not asked or (not few and all(number.shown for number in sent))
    return Check(Advice.FROM_THE_START, asked > 0, {"sent": CoverageNumber(asked, shown)})


def _mapped(tx: Tx, plan: Plan, seen: Coverage) -> Check:
    """The register is there, and small associations and single volunteers are heard (l. 60-62, 122-130)."""
    known = register.count(tx, plan.process_id)
    small = _most_in_one_step(seen, *(("size", size) for size in SMALL))
    single = _most_in_one_step(seen, ("group", Group.FRIVILLIG))
    done = bool(known and small.value and single.value)
    return Check(Advice.MAPPED, done, {"known": CoverageNumber(known), "small": small, "single": single})


def _staff(counts: list[CoverageCounter], *, small: bool) -> Check:
    """Staff of several departments have answered, and of those who meet citizens (l. 149-156). Coverage does not show
    who meets citizens, so nobody has held that number against the others: it is the leader's."""
    staff = [count for count in counts if count.stakeholder == Group.ANSAT]
    departments = len({count.department for count in staff} - {"", *NOT_TOLD})
    sent: dict[str, int] = {}
    for count in staff:
        if count.front == 1:
            sent[count.flow] = sent.get(count.flow, 0) + count.sent
    front = max(sent.values(), default=0)
    evidence = {"departments": CoverageNumber(departments), "front": CoverageNumber(front, small or not front)}
    return Check(Advice.STAFF, departments >= ACROSS and front > 0, evidence)


def _politicians(seen: Coverage) -> Check:
    sent = _most_in_one_step(seen, ("group", Group.POLITIKER))
    return Check(Advice.POLITICIANS, sent.value > 0, {"sent": sent})


def _across(counts: list[CoverageCounter]) -> Check:
    """Which areas the policy covers was answered from several departments (step 2; l. 190-194)."""
    departments = len({count.department for count in counts if count.flow == LINES} - {"", *NOT_TOLD})
    return Check(Advice.ACROSS, departments >= ACROSS, _numbers(departments=departments))


def _most_in_one_step(seen: Coverage, *places: Place) -> CoverageNumber:
    """People are counted once in each step; in the one with most of them nobody is counted twice. Of the steps whose
    numbers are shown, where there are any."""
    steps = [[seen.cell(flow, place).sent for place in places] for flow in seen.flows]
    added = [CoverageNumber(sum(n.value for n in sent), all(n.shown for n in sent)) for sent in steps]
    return max(added, key=lambda number: (number.shown and number.value > 0, number.value), default=CoverageNumber(0))


def _numbers(**evidence: int) -> dict[str, CoverageNumber]:
    return {name: CoverageNumber(number) for name, number in evidence.items()}

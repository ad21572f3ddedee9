"""The guide's advice as checks on the process as it stands, each with its evidence.

The guide promises five pieces of advice and has six headings, two of which say the same (l. 89-198). How they are
grouped here is our reading. A check asks whether something has happened, never how good it was.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from bot.access import Role
from bot.features.coverage import service, snapshots
from bot.features.coverage.publication import ASKED_FIRST
from bot.features.coverage.service import ASKED, CIVIL, LINES, MUNICIPAL, NOT_TOLD, PLAN, Coverage, CoverageNumber
from bot.flows.model import Group
from bot.process.plan import Plan
from storage import coverage_counters, people, register, runs
from storage.db import Tx
from storage.published import Place

SMALL = ("0-9", "10-24")  # volunteers in a small association
ACROSS = 2  # departments that make it «across»


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


@dataclass(frozen=True, slots=True)
class _Facts:
    """What coverage's tables do not have: as things stand, or as it was published."""

    asked: CoverageNumber  # volunteers and associations who had sent step 1 when step 2 began
    staffed: CoverageNumber  # departments whose staff have answered
    front: CoverageNumber  # staff who meet citizens
    across: CoverageNumber  # departments that have answered step 2


def checks(tx: Tx, plan: Plan, now: int, *, small: bool) -> list[Check]:
    """`small`: exactly, and as things stand. Otherwise from published numbers alone, also what is done: that the first
    one has answered would tell of one."""
    seen = service.look(tx, plan.process_id, plan.steps) if small else snapshots.look(tx, plan, plan.steps, now)
    facts = _exact(tx, plan, now) if small else _published(seen)
    return [
        _steering(tx, plan),
        # Volunteers said how the process should be before step 2 began (l. 107-110).
        Check(Advice.FROM_THE_START, facts.asked.value > 0, {"sent": facts.asked}),
        _mapped(tx, plan, seen),
        # Staff of several departments have answered, and of those who meet citizens (l. 149-156).
        Check(
            Advice.STAFF,
            facts.staffed.value >= ACROSS and facts.front.value > 0,
            {"departments": facts.staffed, "front": facts.front},
        ),
        _politicians(seen),
        # Which areas the policy covers was answered from several departments (l. 190-194).
        Check(Advice.ACROSS, facts.across.value >= ACROSS, {"departments": facts.across}),
    ]


def _exact(tx: Tx, plan: Plan, now: int) -> _Facts:
    counts = [count for count in coverage_counters.of_process(tx, plan.process_id) if count.flow and count.sent]
    staff = [count for count in counts if count.stakeholder == Group.ANSAT]
    front: dict[str, int] = defaultdict(int)
    for count in staff:
        front[count.flow] += count.sent if count.front == 1 else 0
    before = service.step_2_began(plan, runs.first_started(tx, plan.process_id, LINES), now)
    return _Facts(
        asked=CoverageNumber(runs.sent_before(tx, plan.process_id, PLAN, ASKED, before)),
        staffed=_departments(count.department for count in staff),
        front=CoverageNumber(max(front.values(), default=0)),
        across=_departments(count.department for count in counts if count.flow == LINES),
    )


def _departments(keys: Iterable[str]) -> CoverageNumber:
    return CoverageNumber(len(set(keys) - {"", *NOT_TOLD}))


def _published(seen: Coverage) -> _Facts:
    def departments(split: str, *flows: str) -> CoverageNumber:
        keys = {key for flow in flows for key in seen.places(split) if key and seen.cell(flow, (split, key)).sent.shown}
        return CoverageNumber(len(keys), shown=bool(keys))

    asked = sum(seen.cell(ASKED_FIRST, ("group", group)).heard.value for group in ASKED)
    return _Facts(
        asked=CoverageNumber(asked, shown=asked > 0),
        staffed=departments("staff", *seen.flows),
        front=_most_in_one_step(seen, ("front", "1")),
        across=departments("department", LINES),
    )


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


def _mapped(tx: Tx, plan: Plan, seen: Coverage) -> Check:
    """The register is there, and small associations and single volunteers are heard (l. 60-62, 122-130)."""
    known = register.count(tx, plan.process_id)
    small = _most_in_one_step(seen, *(("size", size) for size in SMALL))
    single = _most_in_one_step(seen, ("group", Group.FRIVILLIG))
    done = bool(known and small.value and single.value)
    return Check(Advice.MAPPED, done, {"known": CoverageNumber(known), "small": small, "single": single})


def _politicians(seen: Coverage) -> Check:
    sent = _most_in_one_step(seen, ("group", Group.POLITIKER))
    return Check(Advice.POLITICIANS, sent.value > 0, {"sent": sent})


def _most_in_one_step(seen: Coverage, *places: Place) -> CoverageNumber:
    """People are counted once in each step; in the one with most of them nobody is counted twice."""
    steps = [[seen.cell(flow, place).heard for place in places] for flow in seen.flows]
    added = [CoverageNumber(sum(n.value for n in sent), any(n.shown for n in sent)) for sent in steps]
    return max(added, key=lambda number: number.value, default=CoverageNumber(0))


def _numbers(**evidence: int) -> dict[str, CoverageNumber]:
    return {name: CoverageNumber(number) for name, number in evidence.items()}

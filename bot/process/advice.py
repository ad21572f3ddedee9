"""The guide's advice as checks on the process as it stands, each with its evidence.

The guide promises five pieces of advice and has six headings, two of which say the same (l. 89-198). How they are
grouped here is our reading. A check asks whether something has happened, never how good it was.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from bot.flows.model import Group
from bot.process.coverage import CIVIL, MUNICIPAL
from bot.process.plan import Plan
from storage import parties, people, runs, tally
from storage.db import Tx
from storage.tally import Count

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
    """`evidence` are the numbers its phrase is filled with; those of people may have to be hidden."""

    advice: Advice
    done: bool
    evidence: dict[str, int]


def checks(tx: Tx, plan: Plan, now: int) -> list[Check]:
    counts = [count for count in tally.of_process(tx, plan.process_id) if count.flow and count.sent]
    return [
        _steering(tx, plan),
        _from_the_start(tx, plan, now),
        _mapped(tx, plan, counts),
        _staff(counts),
        _politicians(counts),
        _across(counts),
    ]


def _steering(tx: Tx, plan: Plan) -> Check:
    """Both sides are on it, and volunteers (l. 90-91)."""
    stands_for: dict[int, str] = {}
    for holder in people.role_table(tx, plan.process_id):
        if holder.role == "steering":
            stands_for[holder.person_id] = holder.stands_for or holder.stakeholder or ""
    groups = list(stands_for.values())
    civil, municipal = sum(g in CIVIL for g in groups), sum(g in MUNICIPAL for g in groups)
    volunteers = groups.count(Group.FRIVILLIG)
    evidence = {"members": len(groups), "civil": civil, "municipal": municipal, "volunteers": volunteers}
    return Check(Advice.STEERING, bool(civil and municipal and volunteers), evidence)


def _from_the_start(tx: Tx, plan: Plan, now: int) -> Check:
    """Volunteers said how the process should be before step 2 began (l. 107-110)."""
    first = min(plan.openings("linjer"), default=None)
    before = now if first is None else min(first, now)
    asked = runs.sent_before(tx, plan.process_id, "plan", (Group.FRIVILLIG, Group.FORENING), before)
    return Check(Advice.FROM_THE_START, asked > 0, {"sent": asked})


def _mapped(tx: Tx, plan: Plan, counts: list[Count]) -> Check:
    """The register is there, and small associations and single volunteers are heard (l. 60-62, 122-130)."""
    known = parties.count(tx, plan.process_id)
    small = _most_in_one_step(c for c in counts if c.stakeholder == Group.FORENING and c.size in SMALL)
    single = _most_in_one_step(c for c in counts if c.stakeholder == Group.FRIVILLIG)
    evidence = {"known": known, "small": small, "single": single}
    return Check(Advice.MAPPED, bool(known and small and single), evidence)


def _staff(counts: list[Count]) -> Check:
    """Staff of several departments have answered, and of those who meet citizens (l. 149-156)."""
    staff = [count for count in counts if count.stakeholder == Group.ANSAT]
    departments = len({count.department for count in staff} - {""})
    front = _most_in_one_step(count for count in staff if count.front == 1)
    return Check(Advice.STAFF, departments >= ACROSS and front > 0, {"departments": departments, "front": front})


def _politicians(counts: list[Count]) -> Check:
    sent = _most_in_one_step(count for count in counts if count.stakeholder == Group.POLITIKER)
    return Check(Advice.POLITICIANS, sent > 0, {"sent": sent})


def _across(counts: list[Count]) -> Check:
    """Which areas the policy covers was answered from several departments (step 2; l. 190-194)."""
    departments = {count.department for count in counts if count.flow == "linjer"} - {""}
    return Check(Advice.ACROSS, len(departments) >= ACROSS, {"departments": len(departments)})


def _most_in_one_step(counts: Iterable[Count]) -> int:
    """People are counted once in each step; in the one with most of them nobody is counted twice."""
    sent: dict[str, int] = {}
    for count in counts:
        sent[count.flow] = sent.get(count.flow, 0) + count.sent
    return max(sent.values(), default=0)

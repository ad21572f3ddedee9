"""Coverage, who has been heard: counts of people per step and group, side by side for the two sides, and what is
hidden of them.

Pure but for reading: numbers come from counters (storage.coverage_counters), the register from storage.register.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import cycle
from typing import Literal

from bot.features.coverage.cell_suppression import FEWEST, LinearSum, hide, is_found
from bot.flows.model import PREFERS_NOT, UNKNOWN, Group
from bot.process.plan import Plan, State
from reports.register import PartyKind
from storage import coverage_counters, register
from storage.coverage_counters import PRESENT, CounterSplit
from storage.db import Tx
from storage.register import PartyCount, PartyProgress

CIVIL = (Group.FRIVILLIG, Group.FORENING, Group.RAAD_CENTER, Group.BORGER)
MUNICIPAL = (Group.ANSAT, Group.LEDER, Group.POLITIKER)

SIDES: tuple[tuple[Literal["civil", "municipal"], tuple[Group, ...]], ...] = (
    ("civil", CIVIL),
    ("municipal", MUNICIPAL),
)

# How the groups are split further: the column of the counter, and the groups that have it.
Split = Literal["area", "size", "department"]

GROUPS_OF_SPLIT: dict[Split, frozenset[str]] = {
    "area": frozenset((Group.FRIVILLIG, Group.FORENING, Group.BORGER)),
    "size": frozenset((Group.FORENING,)),
    "department": frozenset((Group.ANSAT, Group.LEDER)),
}

NOT_TOLD = frozenset({PREFERS_NOT, UNKNOWN})  # keys of answers that tell no place

Place = tuple[str, str]  # («group», «forening»), («area», «havnen»), («side», «civil»), («total», «»)
TOTAL: Place = ("total", "")


def begun(plan: Plan, now: int) -> list[str]:
    """The steps that are under way or over for anybody, in working order."""
    return [flow for flow in plan.steps if _has_begun(plan, flow, now)]


def _has_begun(plan: Plan, flow: str, now: int) -> bool:
    return any(plan.state(flow, now, group) in (State.OPEN, State.CLOSED) for group in (None, *Group))


@dataclass(frozen=True, slots=True)
class CoverageNumber:
    """People; `shown` is false where a number is under five, or would give one away."""

    value: int
    shown: bool = True


@dataclass(frozen=True, slots=True)
class CoverageCell:
    present: CoverageNumber  # came in, and said yes
    started: CoverageNumber
    sent: CoverageNumber
    target: int | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    flows: tuple[str, ...]
    cells: dict[tuple[str, Place], CoverageCell]  # by flow and place

    def cell(self, flow: str, place: Place) -> CoverageCell:
        return self.cells.get((flow, place), _NOBODY)

    def places(self, split: str) -> list[str]:
        """The keys of a split that anybody is counted under."""
        return sorted({key for (_, (kind, key)) in self.cells if kind == split})


_NOBODY = CoverageCell(CoverageNumber(0), CoverageNumber(0), CoverageNumber(0))
_Counts = dict[Place, int]


def look(tx: Tx, process_id: int, flows: Iterable[str], *, small: bool) -> Coverage:
    """Counts these flows. With `small`, includes numbers under five, and people who have not said whom they answer as:
    few, who would otherwise cause a whole side to be hidden."""
    wanted = tuple(flows)
    counted, targets = _counted(tx, process_id, untold=small), coverage_counters.targets(tx, process_id)
    present, _ = counted.get(PRESENT, _NO_COUNTS)
    steps = {flow: counted.get(flow, _NO_COUNTS) for flow in wanted}
    hidden = {flow: frozenset[Place]() for flow in (PRESENT, *wanted)} if small else _hidden(present, steps)
    cells: dict[tuple[str, Place], CoverageCell] = {}
    for flow, (started, sent) in steps.items():
        for place in {**present, **started}:
            cells[flow, place] = CoverageCell(
                CoverageNumber(present.get(place, 0), place not in hidden[PRESENT]),
                CoverageNumber(started.get(place, 0), place not in hidden[flow]),
                CoverageNumber(sent.get(place, 0), place not in hidden[flow] or not sent[TOTAL]),
                targets.get((flow, place[1])) if place[0] == "group" else None,
            )
    return Coverage(wanted, cells)


_NO_COUNTS: tuple[_Counts, _Counts] = ({}, {})


def _counted(tx: Tx, process_id: int, *, untold: bool) -> dict[str, tuple[_Counts, _Counts]]:
    """By flow the counters added up in every way they are shown: started, and sent at the same places."""
    counted: dict[str, tuple[_Counts, _Counts]] = defaultdict(lambda: (defaultdict(int), defaultdict(int)))
    for part in coverage_counters.by_group(tx, process_id):
        if not part.key and not untold:
            continue
        side = next((name for name, groups in SIDES if part.key in groups), None)
        _add(counted, part, TOTAL, ("group", part.key), *((("side", side),) if side is not None else ()))
    for split, groups in GROUPS_OF_SPLIT.items():
        for part in coverage_counters.split(tx, process_id, split, groups):
            _add(counted, part, (split, _told(part.key)))
    return counted


def _add(counted: dict[str, tuple[_Counts, _Counts]], part: CounterSplit, *places: Place) -> None:
    started, sent = counted[part.flow]
    for place in places:
        started[place] += part.started
        sent[place] += part.sent


def _told(key: str) -> str:
    return "" if key in NOT_TOLD else key


# --- what is hidden ---------------------------------------------------------------------------------------


def _hidden(present: _Counts, steps: dict[str, tuple[_Counts, _Counts]]) -> dict[str, frozenset[Place]]:
    """By flow, and under PRESENT of those who came in.

    No more began than came in, so the numbers of a step say something of who came in, and the other way round. What
    could be otherwise is therefore only who has begun nothing: they could be in another group or area, and they could
    have begun. In splits nobody is shown who only came in. Where who came in tells too much of a step even with all of
    the step hidden (of five, four have begun, in two areas), nobody is shown who came in.
    """
    hidden, told_by_present = {}, False
    for flow, (started, sent) in steps.items():
        counted = _listed(started), _listed(sent)
        hidden[flow], found = _hidden_in_step(*counted, _listed(_most(present, started)))
        if found:
            hidden[flow], _ = _hidden_in_step(*counted, ())
            told_by_present = True
    least = {place: max([1, *(started.get(place, 0) for started, _ in steps.values())]) for place in present}
    never_shown = frozenset(
        place for place, came in present.items() if place[0] in GROUPS_OF_SPLIT or (told_by_present and came)
    )
    hidden[PRESENT] = _hidden_of(_listed(present), also=never_shown, least=_listed(least))
    return hidden


def _most(present: _Counts, started: _Counts) -> _Counts:
    """How many could have begun: no more than came in. Of those under five nobody is shown how many did; and five more
    are as good as any number, so that a newcomer does not have every step worked out anew."""
    places = ((place, present.get(place, 0), begun) for place, begun in started.items())
    return {place: min(came, begun + FEWEST) for place, came, begun in places if came >= FEWEST}


_Listed = tuple[tuple[Place, int], ...]


def _listed(counts: _Counts) -> _Listed:
    return tuple(sorted(counts.items()))


@lru_cache(512)
def _hidden_in_step(started: _Listed, sent: _Listed, most: _Listed) -> tuple[frozenset[Place], bool]:
    """The same of both: who is hidden among those who began is hidden among those who sent. And whether a small number
    is found even so, for there can be no more than `most`."""
    hidden = _hidden_of(started, most=most)
    for counts in cycle((sent, started)):
        before, hidden = hidden, _hidden_of(counts, also=hidden, most=most)
        if hidden == before:
            break
    return hidden, any(_is_found(counts, hidden, most) for counts in (started, sent))


@lru_cache(512)
def _hidden_of(
    listed: _Listed, *, also: frozenset[Place] = frozenset(), least: _Listed = (), most: _Listed = ()
) -> frozenset[Place]:
    if not any(0 < people < FEWEST for _, people in listed):
        return also
    counts = dict(listed)
    return hide(counts, _sums(counts), also=also, least=dict(least), most=dict(most))


def _is_found(listed: _Listed, hidden: frozenset[Place], most: _Listed) -> bool:
    counts = dict(listed)
    return is_found(counts, _sums(counts), hidden & counts.keys(), most=dict(most))


def _sums(counts: dict[Place, int]) -> list[LinearSum[Place]]:
    """What everybody knows of the table: groups make up the sides and the total, splits make up their groups."""

    def those(kind: str) -> tuple[Place, ...]:
        return tuple(place for place in counts if place[0] == kind)

    sums = [LinearSum(those("group"), (TOTAL,))] if TOTAL in counts else []
    for name, groups in SIDES:
        parts = tuple(place for place in those("group") if place[1] in groups)
        if parts:
            sums.append(LinearSum(parts, (("side", name),)))
    for split, split_groups in GROUPS_OF_SPLIT.items():
        wholes = tuple(place for place in those("group") if place[1] in split_groups)
        if wholes:
            sums.append(LinearSum(those(split), wholes))
    return sums


# --- the register -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RegisterCoverage:
    """Entries, not people."""

    known: int
    invited: int
    opened: int
    started: int
    sent: int
    declined: int
    silent: int  # invited, and nothing has come of it: nobody has begun in its name, and it has not said no


def of_register(tx: Tx, process_id: int, flow: str = "", *, persons: bool = True) -> RegisterCoverage:
    """How the entries of the register stand in one flow, or without it in any; with single key persons or without."""
    return registers(tx, process_id, flow, persons=persons).get("", RegisterCoverage(0, 0, 0, 0, 0, 0, 0))


def registers(
    tx: Tx, process_id: int, flow: str = "", split: str = "", *, persons: bool
) -> dict[str, RegisterCoverage]:
    """The same by kind, area, size or department; «» are those of whom it is not known."""
    counts: dict[str, list[PartyCount]] = defaultdict(list)
    without = "" if persons else PartyKind.NOEGLEPERSON
    for part, count in register.party_counts(tx, process_id, flow, split, without):
        counts[part].append(count)
    return {part: _register(entries) for part, entries in counts.items()}


def _register(counts: list[PartyCount]) -> RegisterCoverage:
    def those(alike: Callable[[PartyCount], bool]) -> int:
        return sum(each.entries for each in counts if alike(each))

    return RegisterCoverage(
        known=those(lambda _: True),
        invited=those(lambda each: each.invited),
        opened=those(lambda each: each.came),
        started=those(lambda each: each.started),
        sent=those(lambda each: each.sent),
        declined=those(lambda each: each.declined and not each.sent),
        silent=those(lambda each: each.invited and not each.started and not each.declined),
    )


def is_missing(entry: PartyProgress) -> bool:
    """Has sent nothing and has not said no, invited or not."""
    return not entry.sent and entry.party.declined_at is None

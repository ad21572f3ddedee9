"""Coverage, who has been heard: counts of people per step and group, side by side for the two sides, as leader and
deputy see them. What the steering group is shown: snapshots.

Pure but for reading: numbers come from counters (storage.coverage_counters), the register from storage.register.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from bot.flows.model import PREFERS_NOT, SPEAK_FOR_MANY, UNKNOWN, Group
from bot.process.plan import Plan, State
from reports.register import PartyKind
from storage import coverage_counters, register
from storage.coverage_counters import PRESENT, CounterSplit
from storage.db import Tx
from storage.published import Place
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

TOTAL: Place = ("total", "")  # as («group», «forening»), («area», «havnen»), («side», «civil»)

PLAN, LINES = "plan", "linjer"  # steps 1 and 2
ASKED = (Group.FRIVILLIG, Group.FORENING)  # who is to say how the process should be, before step 2


def begun(plan: Plan, now: int) -> list[str]:
    """The steps that are under way or over for anybody, in working order."""
    return [flow for flow in plan.steps if _has_begun(plan, flow, now)]


def _has_begun(plan: Plan, flow: str, now: int) -> bool:
    return any(plan.state(flow, now, group) in (State.OPEN, State.CLOSED) for group in (None, *Group))


@dataclass(frozen=True, slots=True)
class CoverageNumber:
    """People; `shown` is false where the number is not published, for it is too small."""

    value: int
    shown: bool = True


@dataclass(frozen=True, slots=True)
class CoverageCell:
    """People, answers and associations are three numbers: a table of eight that answers as one association is eight
    people, one answer, one association."""

    present: CoverageNumber  # people who came in, and said yes
    started: CoverageNumber  # people
    sent: CoverageNumber  # people
    answers: CoverageNumber  # sent
    associations: CoverageNumber | None = None  # that sent, entries of the register once; None where none are counted
    target: int | None = None

    @property
    def heard(self) -> CoverageNumber:
        """What the place counts, and what its target is about: associations, or else people."""
        return self.sent if self.associations is None else self.associations


@dataclass(frozen=True, slots=True)
class Coverage:
    """As things stand, or as they were published: then `of` says which moment it is of, None where nothing is yet."""

    flows: tuple[str, ...]
    cells: dict[tuple[str, Place], CoverageCell]  # by flow and place
    otherwise: CoverageCell  # everywhere else
    of: int | None = None

    def cell(self, flow: str, place: Place) -> CoverageCell:
        return self.cells.get((flow, place), self.otherwise)

    def places(self, split: str) -> list[str]:
        """The keys of a split that anybody is counted under."""
        return sorted({key for (_, (kind, key)) in self.cells if kind == split})


NOBODY = CoverageCell(CoverageNumber(0), CoverageNumber(0), CoverageNumber(0), CoverageNumber(0))


def look(tx: Tx, process_id: int, flows: Iterable[str]) -> Coverage:
    """Counts these flows, exactly and as things stand, with people who have not said whom they answer as."""
    wanted = tuple(flows)
    counted, targets = _counted(tx, process_id), coverage_counters.targets(tx, process_id)
    cells: dict[tuple[str, Place], CoverageCell] = {}
    for flow in wanted:
        for place in {place for each, place in counted if each in (PRESENT, flow)}:
            present, here = counted.get((PRESENT, place), _Counts()), counted.get((flow, place), _Counts())
            cells[flow, place] = CoverageCell(
                CoverageNumber(present.started),
                CoverageNumber(here.started),
                CoverageNumber(here.sent),
                CoverageNumber(here.answers),
                CoverageNumber(here.associations) if of_associations(place) else None,
                targets.get((flow, place[1])) if place[0] == "group" else None,
            )
    return Coverage(wanted, cells, NOBODY)


def of_associations(place: Place) -> bool:
    """Whether associations are counted there: in their groups, by their size, and in all."""
    kind, key = place
    return place == TOTAL or kind == "size" or (kind == "group" and key in SPEAK_FOR_MANY)


@dataclass(slots=True)
class _Counts:
    """As CoverageCell: people who started and sent, answers and associations that were sent."""

    started: int = 0
    sent: int = 0
    answers: int = 0
    associations: int = 0


def _counted(tx: Tx, process_id: int) -> dict[tuple[str, Place], _Counts]:
    """By flow and place, the counters added up in every way they are shown."""
    counted: dict[tuple[str, Place], _Counts] = defaultdict(_Counts)
    same = coverage_counters.for_the_same(tx, process_id, "stakeholder")
    for part in coverage_counters.by_group(tx, process_id):
        side = next((name for name, groups in SIDES if part.key in groups), None)
        associations = part.answers_sent - same.get((part.flow, part.key), 0) if part.key in SPEAK_FOR_MANY else 0
        places = (TOTAL, ("group", part.key), *((("side", side),) if side is not None else ()))
        _add(counted, part, associations, *places)
    for split, groups in GROUPS_OF_SPLIT.items():
        same = coverage_counters.for_the_same(tx, process_id, split) if split == "size" else {}
        for part in coverage_counters.split(tx, process_id, split, groups):
            associations = part.answers_sent - same.get((part.flow, part.key), 0)
            _add(counted, part, associations, (split, _told(part.key)))
    _count_people_once(tx, process_id, counted)
    for flow, totals in coverage_counters.totals(tx, process_id, tuple(map(str, SPEAK_FOR_MANY))).items():
        whole = counted[flow, TOTAL]  # whoever answers in several groups is one person there
        whole.started, whole.sent = totals.people_started, totals.people_sent
        whole.associations = totals.associations_sent
    return counted


def _count_people_once(tx: Tx, process_id: int, counted: dict[tuple[str, Place], _Counts]) -> None:
    """Whoever answers in several groups is one person on a side, in an area and in a department."""
    for side, groups in SIDES:
        again = coverage_counters.counted_again(tx, process_id, frozenset(groups))
        for (flow, _), (started, sent) in again.items():
            _take_away(counted[flow, ("side", side)], started, sent)
    for split, of_split in GROUPS_OF_SPLIT.items():
        again = coverage_counters.counted_again(tx, process_id, of_split, split, NOT_TOLD)
        for (flow, key), (started, sent) in again.items():
            _take_away(counted[flow, (split, key)], started, sent)


def _take_away(counts: _Counts, started: int, sent: int) -> None:
    counts.started -= started
    counts.sent -= sent


def _add(counted: dict[tuple[str, Place], _Counts], part: CounterSplit, associations: int, *places: Place) -> None:
    for place in places:
        here = counted[part.flow, place]
        here.started += part.started
        here.sent += part.sent
        here.answers += part.answers_sent
        here.associations += associations


def _told(key: str) -> str:
    return "" if key in NOT_TOLD else key


def step_2_began(plan: Plan, first: int | None, now: int) -> int:
    """When step 2 opened for anybody, or, where nobody knows when that was, when somebody was the first in it; `now`
    where it is still ahead."""
    openings = [at for group in (None, *Group) for at in plan.openings(LINES, group)]
    return min([now, *openings, *([] if first is None else [first])])


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

    @property
    def missing(self) -> int:
        """Nothing has been sent in their name, and they have not said no."""
        return self.known - self.sent - self.declined


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

"""Who has been heard: counts of people per step and group, side by side for the two sides, and what is hidden of them.

Pure but for reading: numbers come from counters (storage.tally), the register from storage.parties.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from bot.flows.model import Group
from bot.process.small_cells import Sum, hide
from storage import parties, tally
from storage.db import Tx
from storage.parties import Heard
from storage.tally import PRESENT, Count

CIVIL = (Group.FRIVILLIG, Group.FORENING, Group.RAAD_CENTER, Group.BORGER)
MUNICIPAL = (Group.ANSAT, Group.LEDER, Group.POLITIKER)
SIDES: tuple[tuple[str, tuple[Group, ...]], ...] = (("civil", CIVIL), ("municipal", MUNICIPAL))

# How the groups are split further: the column of the counter, and the groups that have it.
SPLITS: dict[str, frozenset[str]] = {
    "area": frozenset((Group.FRIVILLIG, Group.FORENING, Group.BORGER)),
    "size": frozenset((Group.FORENING,)),
    "department": frozenset((Group.ANSAT, Group.LEDER)),
}

Place = tuple[str, str]  # («group», «forening»), («area», «havnen»), («side», «civil»), («total», «»)
TOTAL: Place = ("total", "")


@dataclass(frozen=True, slots=True)
class Number:
    """People; `shown` is false where a number is under five, or would give one away."""

    value: int
    shown: bool = True


@dataclass(frozen=True, slots=True)
class Cell:
    present: Number  # came in, and said yes
    started: Number
    sent: Number
    target: int | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    flows: tuple[str, ...]
    cells: dict[tuple[str, Place], Cell]  # by flow and place

    def cell(self, flow: str, place: Place) -> Cell:
        return self.cells.get((flow, place), _NOBODY)

    def places(self, split: str) -> list[str]:
        """The keys of a split that anybody is counted under."""
        return sorted({key for (_, (kind, key)) in self.cells if kind == split})


_NOBODY = Cell(Number(0), Number(0), Number(0))


def look(tx: Tx, process_id: int, flows: Iterable[str], *, small: bool) -> Coverage:
    """Every number of these flows; `small`: those under five too."""
    wanted = tuple(flows)
    counts, targets = tally.of_process(tx, process_id), tally.targets(tx, process_id)
    by_flow: dict[str, list[Count]] = defaultdict(list)
    for count in counts:
        by_flow[count.flow].append(count)
    present = _numbers(_added(by_flow[PRESENT], "started"), small=small)
    cells: dict[tuple[str, Place], Cell] = {}
    for flow in wanted:
        started = _numbers(_added(by_flow[flow], "started"), small=small)
        sent = _numbers(_added(by_flow[flow], "sent"), small=small)
        for place in {**present, **started}:
            nobody = Number(0)
            cells[flow, place] = Cell(
                present.get(place, nobody), started.get(place, nobody), sent.get(place, nobody),
                targets.get((flow, place[1])) if place[0] == "group" else None,
            )  # fmt: skip
    return Coverage(wanted, cells)


def _added(counts: list[Count], measure: str) -> dict[Place, int]:
    """The counters added up in every way they are shown."""
    added: dict[Place, int] = defaultdict(int)
    for count in counts:
        people = count.started if measure == "started" else count.sent
        added[TOTAL] += people
        added["group", count.stakeholder] += people
        side = next((name for name, groups in SIDES if count.stakeholder in groups), None)
        if side is not None:
            added["side", side] += people
        for split, groups in SPLITS.items():
            if count.stakeholder in groups:
                added[split, _told(getattr(count, split))] += people
    return dict(added)


def _told(key: str) -> str:
    return "" if key in ("vil_ikke_svare", "ved_ikke") else key


def _numbers(added: dict[Place, int], *, small: bool) -> dict[Place, Number]:
    hidden = frozenset[Place]() if small else _hidden(tuple(sorted(added.items())))
    return {place: Number(people, place not in hidden) for place, people in added.items()}


@lru_cache(512)
def _hidden(added: tuple[tuple[Place, int], ...]) -> frozenset[Place]:
    counts = dict(added)

    def those(kind: str) -> tuple[Place, ...]:
        return tuple(place for place in counts if place[0] == kind)

    sums = [Sum(those("group"), (TOTAL,))] if TOTAL in counts else []
    for name, groups in SIDES:
        parts = tuple(place for place in those("group") if place[1] in groups)
        if parts:
            sums.append(Sum(parts, (("side", name),)))
    for split, split_groups in SPLITS.items():
        wholes = tuple(place for place in those("group") if place[1] in split_groups)
        if wholes:
            sums.append(Sum(those(split), wholes))
    return hide(counts, sums)


# --- the register -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Register:
    """Entries, not people."""

    known: int
    invited: int
    opened: int
    started: int
    sent: int
    declined: int
    silent: int


def register(tx: Tx, process_id: int, flow: str = "") -> Register:
    """How the entries of the register stand in one flow, or without it in any."""
    heard = parties.heard(tx, process_id, flow)
    return Register(
        len(heard),
        sum(entry.party.invited_at is not None for entry in heard),
        sum(entry.came > 0 for entry in heard),
        sum(entry.started > 0 for entry in heard),
        sum(entry.sent > 0 for entry in heard),
        sum(entry.party.declined_at is not None and not entry.sent for entry in heard),
        sum(is_silent(entry) for entry in heard),
    )


def is_silent(entry: Heard) -> bool:
    """Invited, and nothing has come of it: nobody has begun in its name, and it has not said no."""
    return entry.party.invited_at is not None and not entry.started and entry.party.declined_at is None


def is_missing(entry: Heard) -> bool:
    """Has sent nothing and has not said no, invited or not."""
    return not entry.sent and entry.party.declined_at is None


def in_words(number: Number) -> int | None:
    """The number where it may be shown."""
    return number.value if number.shown else None

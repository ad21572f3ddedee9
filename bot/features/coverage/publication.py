"""Publication: the numbers that the steering group is shown, made so that they cannot be undone into single people.
Pure.

Everything shown is computed from a blurred population: one in ten people is left out and one in ten counted twice, each
drawn once and for all, for everything that they send. Nobody is told who. Whatever anybody works out, from the numbers
of all days and with made-up visitors of their own, is about that population. Of the real one it tells how many there
are at the least, and never how many: people who are left out could have come or gone, in any number, anywhere and at
any time, and nothing shown would be another. The sums are then rounded down to fives, so that no number is small and
none changes by one to four. Who is counted, and when it is published: snapshots.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import shake_256
from typing import Final

from bot.features.coverage.service import GROUPS_OF_SPLIT, NOT_TOLD, PLAN, SIDES, TOTAL
from bot.flows.model import SPEAK_FOR_MANY, Group
from storage.published import Counted, Place

STEP: Final = 5  # published numbers are multiples of it
REST: Final = "rest"  # («rest», «civil»), («rest», «area»): those of the side or split whom no row of its own shows
ASKED_FIRST: Final = f"{PLAN}:first"  # the flow under which those count who had sent step 1 when step 2 began
ANSWERS: Final[Place] = ("answers", "")  # all that were sent; a table of eight is one
_LEFT_OUT = 26  # of 256, and as many are counted twice: one in ten

_SIZED = GROUPS_OF_SPLIT["size"]
_SIDE_OF = {str(group): side for side, groups in SIDES for group in groups}

Numbers = dict[tuple[str, Place], int]  # by flow and place


def associations(place: Place) -> Place:
    """Where the associations of a place are counted: each entry of the register once, and whoever names none."""
    return ("associations", ":".join(place))


_SPLITS: dict[str, frozenset[str]] = {
    **{str(split): groups for split, groups in GROUPS_OF_SPLIT.items()},
    "staff": frozenset((Group.ANSAT,)),  # by department; this and the next for the guide's advice alone
    "front": frozenset((Group.ANSAT,)),
}


def counts_as(secret: bytes, person_id: int, behind: int = 1) -> int:
    """How many people a person and those behind them count as: drawn for each, always the same, right on average."""
    drawn = shake_256(b"%b %d" % (secret, person_id)).digest(behind)
    return sum(0 if each < _LEFT_OUT else 2 if each >= 256 - _LEFT_OUT else 1 for each in drawn)


def numbers(counted: Iterable[Counted], secret: bytes) -> Numbers:
    """What is published of all that count."""
    return rounded(blurred(counted, secret))


def blurred(counted: Iterable[Counted], secret: bytes) -> Numbers:
    """The sums of the population that everything shown is computed from. A side, an area and a department count their
    people once, in however many capacities they answer; an association counts once, where anybody who counts has
    answered for it."""
    sums: Numbers = defaultdict(int)
    once: dict[tuple[str, Place], dict[int, int]] = defaultdict(dict)
    for_many: dict[tuple[str, Place], set[int]] = defaultdict(set)
    drawn: dict[tuple[int, int], int] = {}
    seen: set[tuple[int, str, Place]] = set()  # of who answers in several capacities
    for one in counted:
        who = one.person_id, one.behind
        people = drawn[who] if who in drawn else drawn.setdefault(who, counts_as(secret, *who))
        answer = people if one.behind == 1 else counts_as(secret, one.person_id)
        sums[one.flow, ANSWERS] += answer
        for place, whole in _places(one.stakeholder, one.area, one.size, one.department, one.front):
            if one.several:
                if (one.person_id, one.flow, place) in seen:
                    continue
                seen.add((one.person_id, one.flow, place))
            sums[one.flow, place] += people
            if whole is not None:
                sums[one.flow, whole] += people
        if one.stakeholder in SPEAK_FOR_MANY and answer:
            size = "" if one.size in NOT_TOLD else one.size
            for place in (("group", one.stakeholder), *((("size", size),) if one.stakeholder in _SIZED else ())):
                for_many[one.flow, associations(place)].add(-one.party_id or one.person_id)
        if one.stakeholder in _SIDE_OF:
            of_side = once[one.flow, ("side", _SIDE_OF[one.stakeholder])]
            of_side[one.person_id] = max(people, of_side.get(one.person_id, 0))
    sums.update({cell: sum(counts_as(secret, each) for each in those) for cell, those in for_many.items()})
    sums.update({cell: sum(of_side.values()) for cell, of_side in once.items()})
    return sums


@lru_cache(4096)  # for each of a hundred thousand people in each step
def _places(
    stakeholder: str, area: str, size: str, department: str, front: int
) -> tuple[tuple[Place, Place | None], ...]:
    """Where somebody is counted, but for their side, and what each is a part of."""
    keys = {"area": area, "size": size, "department": department, "staff": department, "front": str(front)}
    places: list[tuple[Place, Place | None]] = [(("group", stakeholder), None)]
    for split, groups in _SPLITS.items():
        if stakeholder in groups:
            places.append(((split, "" if keys[split] in NOT_TOLD else keys[split]), ("whole", split)))
    return tuple(places)


def rounded(sums: Mapping[tuple[str, Place], int]) -> Numbers:
    """The sums in fives, and what no row shows of a side or split, so that rows and rest make it up. What is under five
    is not there."""
    in_fives: Numbers = defaultdict(int)
    for (flow, place), people in sums.items():
        number = in_fives[flow, place] = people // STEP * STEP
        match place:
            case ("side", side):
                in_fives[flow, TOTAL] += number
                in_fives[flow, (REST, side)] += number
            case ("whole", split):
                in_fives[flow, (REST, split)] += number
            case ("associations", group) if group.startswith("group:"):
                in_fives[flow, associations(TOTAL)] += number
            case ("group", Group.STYREGRUPPE):  # of neither side
                in_fives[flow, TOTAL] += number
            case ("group", group):
                in_fives[flow, (REST, _SIDE_OF[group])] -= number
            case (split, _) if split in _SPLITS:
                in_fives[flow, (REST, split)] -= number
    return {cell: number for cell, number in in_fives.items() if number > 0}

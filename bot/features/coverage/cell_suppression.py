"""Cell suppression: which counts in a table are not shown, so that nobody can work out one under five from the sums.
Pure arithmetic.

What the cells are, which sums they make up and who is shown the table is for the caller to say.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Generic, TypeVar

FEWEST = 5  # a count under this is not shown; 0 is
PLAUSIBLE = 3  # what is not shown could be at least so many different numbers
K = TypeVar("K", bound=Hashable)
_CellPlace = tuple[int, ...]  # a cell's place in the table: per sum 1 as a part, -1 as a whole, 0 outside it

# How much fewer, and how many more, the hidden cells of a place could be together.
_Slack = dict[_CellPlace, tuple[int, int]]

_NO_END = 1 << 40  # more than there are people


@dataclass(frozen=True, slots=True)
class LinearSum(Generic[K]):
    """What everybody knows of the table: the parts add up to the same as the wholes (mostly one)."""

    parts: tuple[K, ...]
    wholes: tuple[K, ...]


def hide(
    counts: Mapping[K, int],
    sums: Sequence[LinearSum[K]],
    *,
    also: Collection[K] = (),
    least: Mapping[K, int] | None = None,
    most: Mapping[K, int] | None = None,
) -> frozenset[K]:
    """The cells that must not be shown: those with 1 to 4, and as many more as it takes to keep them from being found.

    `also` are hidden whatever they are, 0 too, and of them only those with 1 to 4 are kept from being found. `least`
    and `most` are what is known of cells from elsewhere: so many have begun, no more have come in.

    It is enough when every hidden number, for all that anyone can work out from the numbers shown, the sums, and that
    a hidden one is at least 1, could be five or more, and could be at least three different numbers.

    Anyone may read this code as well. So what is hidden along with a small cell is not chosen by the hidden numbers:
    by «the smallest of the others» 4, 6, 6, 20 would become ?, ?, 6, 20 of 36, which can only have been 4 and 6. Cells
    at the same place in the table are hidden in fixed pairs, in the order of `counts` (an odd one makes a three). Where
    a pair is not enough, the next pairs at that place follow, then parts, then cells that are part and whole, and last
    what is only a whole, such as the total. Put next to each other what may go together. What is left to a reader of
    the code is that a pair was not enough, and that says little unless the table is very small.

    ValueError for a count below 0, a sum that does not add up, and a sum of cells that are not in `counts`.
    """
    _check(counts, sums)
    kept = [cell for cell, count in counts.items() if count and (count < FEWEST or cell not in also)]
    table = _SuppressionTable(counts, {cell: _column(cell, sums) for cell in counts}, kept, least or {}, most or {})
    hidden = set(also)
    shown = [pair for pair in table.pairs() if not hidden.issuperset(pair)]
    found = [pair for pair in shown if any(counts[cell] < FEWEST for cell in pair)] or table.cover(hidden, shown)
    while found:
        hidden.update(cell for pair in found for cell in pair)
        shown = [pair for pair in shown if pair not in found]
        found = table.cover(hidden, shown)
    return frozenset(hidden)


def is_found(
    counts: Mapping[K, int], sums: Sequence[LinearSum[K]], hidden: Collection[K], *, most: Mapping[K, int] | None = None
) -> bool:
    """Whether one of 1 to 4 is known to be under five, or to be one of two numbers, although `hidden` are not shown.
    After `hide` it can be so only where `most` is the reason: nothing was left to hide."""
    small = [cell for cell in hidden if 0 < counts[cell] < FEWEST]
    table = _SuppressionTable(counts, {cell: _column(cell, sums) for cell in counts}, small, {}, most or {})
    slack = table.slack(hidden)
    return not all(table.is_safe(cell, slack) for cell in small)


def _check(counts: Mapping[K, int], sums: Sequence[LinearSum[K]]) -> None:
    if any(count < 0 for count in counts.values()):
        raise ValueError("a count is below 0")
    for number, each in enumerate(sums):
        if any(cell not in counts for cell in (*each.parts, *each.wholes)):
            raise ValueError(f"sum {number} is about a cell that is not counted")
        if sum(counts[cell] for cell in each.parts) != sum(counts[cell] for cell in each.wholes):
            raise ValueError(f"sum {number} does not add up")


def _column(cell: K, sums: Sequence[LinearSum[K]]) -> _CellPlace:
    return tuple(each.parts.count(cell) - each.wholes.count(cell) for each in sums)


@dataclass(frozen=True, slots=True)
class _SuppressionTable(Generic[K]):
    counts: Mapping[K, int]
    columns: Mapping[K, _CellPlace]
    kept: Sequence[K]  # from being found, where they are hidden
    least: Mapping[K, int]
    most: Mapping[K, int]

    def pairs(self) -> list[tuple[K, ...]]:
        """All cells that are not 0, in twos (the last may be one or three) with those at the same place."""
        places: dict[_CellPlace, list[K]] = {}
        for cell, count in self.counts.items():
            if count:
                places.setdefault(self.columns[cell], []).append(cell)
        return [pair for column, cells in places.items() for pair in _in_twos(cells, alone=not any(column))]

    def cover(self, hidden: Collection[K], shown: Sequence[tuple[K, ...]]) -> list[tuple[K, ...]]:
        """The pair to hide next, as a list; empty when no hidden number can be found, or nothing is left to hide."""
        slack = self.slack(hidden)
        for cell in self.kept if shown else ():
            if cell in hidden and not self.is_safe(cell, slack):
                return [self._dearest_needed(cell, hidden, shown)]
        return []

    def _dearest_needed(self, cell: K, hidden: Collection[K], shown: Sequence[tuple[K, ...]]) -> tuple[K, ...]:
        """The one pair without which the cell is found, even if all the cheaper ones were hidden."""
        in_order = sorted(shown, key=lambda pair: self._cost(pair, cell))
        for pair, also in zip(in_order, accumulate(in_order), strict=True):
            if self.is_safe(cell, self.slack({*hidden, *also})):
                return pair
        return in_order[-1]

    def _cost(self, pair: tuple[K, ...], beside: K) -> tuple[bool, int]:
        """At the same place before others; parts, then part and whole, then wholes."""
        column = self.columns[pair[0]]
        is_whole = min(column, default=0) < 0
        return column != self.columns[beside], is_whole + (is_whole and max(column) <= 0)

    def slack(self, hidden: Collection[K]) -> _Slack:
        slack: _Slack = {}
        for cell in hidden:
            fewer, more = slack.get(self.columns[cell], (0, 0))
            slack[self.columns[cell]] = fewer + self._fewer(cell), more + self._more(cell)
        return slack

    def is_safe(self, cell: K, slack: _Slack) -> bool:
        """Whether the numbers that the cell could be are as many and as high as `hide` asks for."""
        column, count, own_fewer, own_more = self.columns[cell], self.counts[cell], self._fewer(cell), self._more(cell)
        fewer, more = (
            slack[column][0] - own_fewer,
            slack[column][1] - own_more,
        )  # beside others it could be what they are
        rise, fall = min(own_more, fewer), min(own_fewer, more)
        if count + rise < FEWEST or rise + fall + 1 < PLAUSIBLE:
            far = max(FEWEST - count - fewer, PLAUSIBLE - 1)
            rise = min(own_more, fewer + _reach(slack, column, 1, far))
            fall = min(own_fewer, more + _reach(slack, column, -1, PLAUSIBLE - 1))
        # The second is promised; in 200,000 random tables it never asked for more than the first.
        return count + rise >= FEWEST and rise + fall + 1 >= PLAUSIBLE

    def _fewer(self, cell: K) -> int:
        """How much fewer it could be: a hidden number is at least 1, unless it was hidden for something else."""
        return max(0, self.counts[cell] - self.least.get(cell, 1))

    def _more(self, cell: K) -> int:
        return max(0, self.most.get(cell, _NO_END) - self.counts[cell])


def _in_twos(cells: Sequence[K], *, alone: bool) -> Iterator[tuple[K, ...]]:
    """Each alone where there are no sums to find them by."""
    size = 1 if alone else 2
    starts = range(0, len(cells) - size + 1, size) or [0]
    for start in starts:
        yield tuple(cells[start:] if start == starts[-1] else cells[start : start + size])


def _reach(slack: _Slack, column: _CellPlace, way: int, far: int) -> int:
    """How much higher (way 1) or lower (-1) the hidden cells at a place can be together; no further than `far`.

    Each step is one that could be real, so it never claims too much. It finds all there is where the sums nest, as
    groups of groups do; in other tables it may stop early, and more is hidden than need be.
    """
    left, gone = dict(slack), 0
    while gone < far and (move := _move(left, column, way)) is not None:
        others = {each: step for each, step in move.items() if each != column}
        times = min([far - gone, *(left[each][step > 0] for each, step in others.items())])
        for each, step in others.items():
            fewer, more = left[each]
            left[each] = (fewer + times, more - times) if step > 0 else (fewer - times, more + times)
        gone += times
    return gone


def _move(slack: _Slack, column: _CellPlace, way: int) -> dict[_CellPlace, int] | None:
    """One more or one less at a place, and at others so that all sums still hold; None where that cannot be."""
    return _balanced(slack, {column: way}, tuple(way * each for each in column))


def _balanced(slack: _Slack, move: dict[_CellPlace, int], excess: _CellPlace) -> dict[_CellPlace, int] | None:
    """The move, with more places moved by one until no sum is in excess."""
    row = next((row for row, each in enumerate(excess) if each), None)
    if row is None:
        return move
    for column, left in slack.items():
        step = -1 if excess[row] * column[row] > 0 else 1
        if column[row] and column not in move and left[step > 0]:
            rest = tuple(each + step * own for each, own in zip(excess, column, strict=True))
            if (found := _balanced(slack, {**move, column: step}, rest)) is not None:
                return found
    return None

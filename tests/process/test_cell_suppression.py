"""Counts under five: what is hidden with them, and that neither arithmetic nor this code gives them away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.features.coverage.cell_suppression import FEWEST, PLAUSIBLE, LinearSum, hide
from tests.support.sizes import examples

Counts = dict[str, int]
Sums = list[LinearSum[str]]
Bounds = dict[str, tuple[int, int]]


def row(*numbers: int) -> tuple[Counts, Sums]:
    """Cells a, b, c, … and their total N."""
    parts = dict(zip("abcdefgh", numbers, strict=False))
    return {**parts, "N": sum(numbers)}, [LinearSum(tuple(parts), ("N",))]


def step(
    *, areas: Sequence[int], sizes: Sequence[int], departments: Sequence[int], groups: Mapping[str, int]
) -> tuple[Counts, Sums]:
    """A step of the process as the steering group sees it: `groups`, their sum N, and the splits of some of them."""
    splits = {"nsu": areas, "lm": sizes, "xyzvw": departments}
    leaves = {cell: count for names, split in splits.items() for cell, count in zip(names, split, strict=False)}
    counts = {**groups, **leaves, "N": sum(groups.values())}

    def of(names: str, *wholes: str) -> LinearSum[str]:
        return LinearSum(tuple(cell for cell in names if cell in leaves), wholes)

    return counts, [
        LinearSum(tuple(groups), ("N",)),
        of("nsu", "frivillig", "forening", "borger"),
        of("lm", "forening"),
        of("xyzvw", "ansat", "leder"),
    ]


# --- What is hidden with what -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("numbers", "hidden"),
    [
        ((9, 5, 20, 7), ""),
        ((0, 0, 0, 0), ""),
        ((0, 9, 0, 7), ""),
        ((3, 9, 20, 7), "ab"),  # alone it would be the total less the others
        ((9, 3, 20, 7), "ab"),
        ((9, 8, 20, 3), "cd"),
        ((9, 8, 20, 3, 7), "cde"),  # an odd one makes a three
        ((3, 0, 9, 20, 7), "ac"),  # that nobody has answered is shown
        ((4, 2, 9, 7), "ab"),
        ((2, 3, 9, 7), "abcd"),  # five for two: neither could be five
        ((9, 7, 2, 3), "abcd"),
        ((3, 0, 0), "aN"),
        ((1, 2, 1), "abcN"),
        ((1, 2, 3), "abcN"),  # six for three
        ((3, 3, 3), "abc"),
        ((2, 7), "ab"),
        ((12,), ""),
    ],
)
def test_a_small_cell_goes_with_its_neighbour_and_the_total_goes_last(numbers: Sequence[int], hidden: str) -> None:
    assert hide(*row(*numbers)) == set(hidden)


def test_what_is_hidden_with_a_small_cell_does_not_depend_on_the_other_numbers() -> None:
    assert hide(*row(4, 6, 6, 20)) == hide(*row(4, 20, 6, 6)) == hide(*row(20, 4, 6, 6)) == {"a", "b"}


def test_a_number_that_another_split_adds_up_to_is_hidden_there_too() -> None:
    counts, sums = step(
        areas=(6, 6),
        sizes=(),
        departments=(7, 9),
        groups={"frivillig": 12, "forening": 0, "borger": 0, "ansat": 16, "leder": 0, "andet": 4},
    )

    # «andet» goes with a group; the groups' cheapest is «frivillig», which is the sum of the areas
    assert hide(counts, sums) == {"andet", "frivillig", "n", "s"}


def test_a_whole_of_one_part_is_hidden_with_it_and_so_are_two_more_in_the_total() -> None:
    counts, sums = step(
        areas=(20,),
        sizes=(),
        departments=(3,),
        groups={"frivillig": 20, "forening": 0, "borger": 0, "ansat": 3, "leder": 0, "andet": 9, "politiker": 8},
    )

    assert hide(counts, sums) == {"ansat", "x", "andet", "politiker"}


def test_a_small_cell_hides_nothing_in_the_splits_it_is_not_part_of() -> None:
    counts, sums = step(
        areas=(3, 20, 17),
        sizes=(5, 5),
        departments=(6, 6),
        groups={"frivillig": 20, "forening": 10, "borger": 10, "ansat": 6, "leder": 6, "andet": 9},
    )

    assert hide(counts, sums) == {"n", "s", "u"}


def departments(*numbers: int) -> tuple[Counts, Sums]:
    return step(
        areas=(20,),
        sizes=(),
        departments=numbers,
        groups={"frivillig": 20, "forening": 0, "borger": 0, "ansat": sum(numbers), "leder": 0, "andet": 9},
    )


def test_five_departments_of_four_are_hidden_and_their_twenty_is_shown() -> None:
    assert hide(*departments(4, 4, 4, 4, 4)) == set("xyzvw")


def test_five_departments_of_one_hide_their_five_which_would_say_one_each() -> None:
    assert hide(*departments(1, 1, 1, 1, 1)) == {*"xyzvw", "ansat", "andet"}


@pytest.mark.parametrize(
    ("counts", "sums", "hidden"),
    [
        ({}, [], ""),
        ({"a": 3, "b": 9, "c": 0}, [], "a"),
        ({"a": 3, "b": 9, "c": 9, "N": 18}, [LinearSum(("b", "c"), ("N",))], "a"),
    ],
)
def test_a_small_cell_outside_all_sums_is_hidden_alone(counts: Counts, sums: Sums, hidden: str) -> None:
    assert hide(counts, sums) == set(hidden)


@pytest.mark.parametrize(
    ("counts", "sums", "said"),
    [
        ({"a": 3, "N": 4}, [LinearSum(("a",), ("N",))], "sum 0 does not add up"),
        ({"a": 3}, [LinearSum(("a",), ("N",))], "sum 0 is about a cell that is not counted"),
        ({"a": -1}, [], "a count is below 0"),
    ],
)
def test_numbers_that_do_not_fit_their_sums_are_a_mistake(counts: Counts, sums: Sums, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        hide(counts, sums)


# --- Nobody can work one out ------------------------------------------------------------------------------


def could_be(counts: Counts, sums: Sums, hidden: frozenset[str], cell: str) -> set[int]:
    """All that the cell could be for someone who knows the rest; those far above the truth are not looked for."""
    fits = dict.fromkeys(counts, (0, 0))
    for each, count in counts.items():
        fits[each] = (1, count + 2 * FEWEST) if each in hidden else (count, count)
    tried = range(1, counts[cell] + FEWEST + 1)
    return {value for value in tried if is_possible({**fits, cell: (value, value)}, sums)}


def is_possible(fits: Bounds, sums: Sums) -> bool:
    """Whether numbers within the bounds make up the sums: narrow them down, guess one, go on."""
    narrow = narrowed(fits, sums)
    if narrow is None:
        return False
    loose = next((cell for cell, (low, high) in narrow.items() if low < high), None)
    if loose is None:
        return True
    low, high = narrow[loose]
    return any(is_possible({**narrow, loose: (guess, guess)}, sums) for guess in range(low, high + 1))


def narrowed(fits: Bounds, sums: Sums) -> Bounds | None:
    before: Bounds = {}
    fits = dict(fits)
    while before != fits:
        before = dict(fits)
        for each in sums:
            for side, other in ((each.parts, each.wholes), (each.wholes, each.parts)):
                least, most = (sum(fits[cell][end] for cell in other) for end in (0, 1))
                for cell in side:
                    rest = [fits[beside] for beside in side if beside != cell]
                    low = max(fits[cell][0], least - sum(high for _, high in rest))
                    high = min(fits[cell][1], most - sum(low for low, _ in rest))
                    if low > high:
                        return None
                    fits[cell] = (low, high)
    return fits


def counts_of(size: int) -> st.SearchStrategy[list[int]]:
    return st.lists(st.sampled_from([0, 1, 2, 3, 4, 5, 6, 9, 14]), min_size=size, max_size=size)


@st.composite
def steps(draw: st.DrawFn, least: int = 0) -> tuple[Counts, Sums]:
    """Small steps; `least` is what a count that is not 0 has at the least."""

    def some(size: int) -> list[int]:
        return [count if count == 0 else max(count, least) for count in draw(counts_of(size))]

    sizes, own, rest, (ansat, leder) = some(2), some(2), some(2), some(2)
    people, staff = sum(sizes) + sum(own), ansat + leder
    return step(
        areas=draw(shares(people, 3, least)),
        sizes=sizes,
        departments=draw(shares(staff, 3, least)),
        groups={
            "frivillig": own[0],
            "forening": sum(sizes),
            "borger": own[1],
            "ansat": ansat,
            "leder": leder,
            "politiker": rest[0],
            "andet": rest[1],
        },
    )


def shares(whole: int, size: int, least: int) -> st.SearchStrategy[list[int]]:
    """The whole in `size` shares, none of them from 1 to below `least` (the whole is neither)."""

    def cut(at: list[int]) -> list[int]:
        ends = [0, *sorted(at), whole]
        return [end - start for start, end in pairwise(ends)]

    split = st.lists(st.integers(0, whole), min_size=size - 1, max_size=size - 1).map(cut)
    return split.map(lambda each: each if all(not 0 < count < least for count in each) else [whole, *[0] * (size - 1)])


@given(steps())
@settings(derandomize=True, deadline=None, max_examples=examples(150))
def test_every_hidden_number_could_be_five_or_more_and_one_of_three(table: tuple[Counts, Sums]) -> None:
    counts, sums = table
    hidden = hide(counts, sums)

    assert hidden >= {cell for cell, count in counts.items() if 0 < count < FEWEST}
    assert not any(counts[cell] == 0 for cell in hidden)
    for cell in hidden:
        values = could_be(counts, sums, hidden, cell)
        assert len(values) >= PLAUSIBLE, cell
        assert max(values) >= FEWEST, cell


@given(steps(least=FEWEST))
@settings(derandomize=True, deadline=None)
def test_where_no_number_is_small_nothing_is_hidden(table: tuple[Counts, Sums]) -> None:
    assert hide(*table) == frozenset()


@given(steps())
@settings(derandomize=True, deadline=None)
def test_the_same_numbers_hide_the_same_cells(table: tuple[Counts, Sums]) -> None:
    counts, sums = table

    assert hide(counts, sums) == hide(dict(counts), list(sums))


def same_seen(counts: Counts, hidden: frozenset[str]) -> Iterator[Counts]:
    """All rows in which the same numbers are shown and the same are not, the total being shown."""
    cells = [cell for cell in counts if cell in hidden]
    for numbers in adding_up_to(sum(counts[cell] for cell in cells), len(cells)):
        yield {**counts, **dict(zip(cells, numbers, strict=True))}


def adding_up_to(whole: int, size: int) -> Iterator[tuple[int, ...]]:
    if size == 1:
        yield (whole,)
        return
    for first in range(1, whole - size + 2):
        yield from ((first, *rest) for rest in adding_up_to(whole - first, size - 1))


@given(st.lists(st.sampled_from([0, 1, 2, 3, 4, 4, 5, 6, 7, 12]), min_size=2, max_size=5))
@settings(derandomize=True, deadline=None, max_examples=examples(150))
def test_nor_can_one_who_has_read_the_code_and_tries_it_on_every_row_it_could_have_been(numbers: list[int]) -> None:
    counts, sums = row(*numbers)
    hidden = hide(counts, sums)
    small = {cell for cell in hidden if counts[cell] < FEWEST}
    if "N" in hidden or not small:
        return

    open_to: dict[str, set[int]] = {cell: {counts[cell]} for cell in small}
    for guess in same_seen(counts, hidden):
        if any(guess[cell] not in values for cell, values in open_to.items()) and hide(guess, sums) == hidden:
            for cell, values in open_to.items():
                values.add(guess[cell])
        if all(len(values) >= PLAUSIBLE for values in open_to.values()):
            return
    pytest.fail(f"{numbers}: {open_to}")

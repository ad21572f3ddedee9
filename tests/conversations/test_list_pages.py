"""A list of several pages shows every entry once to whoever turns through it, and can be turned back."""

from __future__ import annotations

from itertools import pairwise

import pytest

from bot.dialogue.panel import Go
from bot.dialogue.panel_parts import ListPage

SIZE = 3


def _buttons(page: ListPage[int], before: str | None = "earlier") -> dict[str, int]:
    """Label → the place that the button leads to."""
    rows = page.turning(str, "later", before)
    return {go.label: int(go.to) for row in rows for go in row}


@pytest.mark.parametrize(("entries", "pages"), [(0, [0]), (1, [1]), (3, [3]), (4, [3, 1]), (6, [3, 3]), (8, [3, 3, 2])])
def test_turned_forward_it_shows_every_entry_once_and_turned_back_it_shows_the_same_pages(
    entries: int, pages: list[int]
) -> None:
    page, turned = ListPage(range(entries), SIZE), []
    while True:
        turned.append(page)
        ways = _buttons(page)
        assert ("later" in ways) is not page.is_last
        assert ("earlier" in ways) is bool(page.first)
        if "later" not in ways:
            break
        page = ListPage(range(entries), SIZE, ways["later"])
    assert [len(page.shown) for page in turned] == pages
    assert [entry for page in turned for entry in page.shown] == list(range(entries))
    for earlier, later in pairwise(turned):
        assert _buttons(later)["earlier"] == earlier.first


def test_both_ways_stand_beside_each_other() -> None:
    assert ListPage(range(9), SIZE, 3).turning(lambda place: f"liste/{place}", "Flere", "Tilbage") == (
        (Go("Tilbage", "liste/0"), Go("Flere", "liste/6")),
    )


def test_a_list_that_is_only_turned_forward_has_no_way_back() -> None:
    assert _buttons(ListPage(range(9), SIZE, 3), before=None) == {"later": 6}


def test_a_place_in_the_middle_of_a_page_leads_back_to_the_beginning_at_the_earliest() -> None:
    assert _buttons(ListPage(range(9), SIZE, 1)) == {"earlier": 0, "later": 4}

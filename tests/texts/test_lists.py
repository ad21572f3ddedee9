"""Lists as people read them."""

from __future__ import annotations

import pytest

from bot.texts.lists import bulleted, numbered, ticked


@pytest.mark.parametrize(
    ("entries", "heading", "said"),
    [
        (["kaffe", "kage"], None, "• kaffe\n• kage"),
        (["kaffe"], "Der er:", "Der er:\n• kaffe"),
        ([], None, ""),
    ],
)
def test_a_line_to_an_entry(entries: list[str], heading: str | None, said: str) -> None:
    assert bulleted(entries, heading) == said
    assert numbered(entries, heading) == said.replace("• kaffe", "1. kaffe").replace("• kage", "2. kage")


def test_a_box_tells_what_is_chosen() -> None:
    assert [ticked("Frivillig", on=on) for on in (True, False)] == ["☑ Frivillig", "☐ Frivillig"]

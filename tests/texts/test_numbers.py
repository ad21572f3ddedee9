"""Numbers as people write them, read; what is none, or out of bounds, is not guessed at."""

from __future__ import annotations

import pytest

from bot.texts import numbers


@pytest.mark.parametrize(
    ("text", "read", "grouped"),
    [
        ("12", 12, 12),
        ("0", None, None),
        ("1", 1, 1),
        ("2000", 2000, 2000),
        ("2001", None, None),
        ("1.200", None, 1200),
        ("1 200", None, 1200),
        ("1,200", None, None),
        ("-3", None, None),
        ("tolv", 12, 12),
        ("12️⃣", 12, 12),
        ("nr. 12", 12, 12),
        ("vi er 12", 12, 12),
        ("ca. 1.200 personer", None, 1200),
        ("12 eller 13", None, None),
        ("", None, None),
        ("١٢", None, None),  # digits, but not ours
        ("²", None, None),
        ("00012", None, None),  # longer than the largest
    ],
)
def test_a_number_within_its_bounds(text: str, read: int | None, grouped: int | None) -> None:
    assert numbers.read(text, 1, 2000) == read
    assert numbers.read(text, 1, 2000, grouped=True) == grouped

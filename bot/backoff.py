"""How long to wait before the next attempt, each time longer, with some chance in it."""

from __future__ import annotations

from collections.abc import Iterator

FIRST, LONGEST = 0.5, 30.0  # seconds


def back_off(first: float = FIRST, longest: float = LONGEST) -> Iterator[float]:
    """0.5, 1, 2, 4 … 30, 30, … seconds, without end."""
    delay = first
    while True:
        yield delay
        delay = min(longest, delay * 2)

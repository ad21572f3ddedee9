"""How we wait for an outside that is in trouble: longer each time, never for ever."""

from __future__ import annotations

from collections.abc import Iterator

FIRST, LONGEST = 0.5, 30.0  # seconds


def back_off(first: float = FIRST, longest: float = LONGEST) -> Iterator[float]:
    """0.5, 1, 2, 4 … 30, 30, … seconds, without end."""
    delay = first
    while True:
        yield delay
        delay = min(longest, delay * 2)


# --- what becomes of a message that we owe -----------------------------------------------------------------


class NotNow(Exception):
    """It did not go out, or that is in doubt: to be tried again in so many seconds. `everybody`: nobody else can be
    written to on the channel either."""

    def __init__(self, seconds: float, *, everybody: bool, what: str = "") -> None:
        super().__init__(what)
        self.seconds = seconds
        self.everybody = everybody


class OutOfReach(Exception):
    """The person has blocked us, or the address is no more."""


class Hopeless(Exception):
    """The message itself will never go through. Says the kind of error alone."""

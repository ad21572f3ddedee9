"""What came of an attempt to deliver, for every channel: try again later, recipient unreachable, never again."""

from __future__ import annotations

# --- what becomes of a message that we owe -----------------------------------------------------------------


class RetryLater(Exception):
    """It did not go out, or that is in doubt: to be tried again in so many seconds. `everybody`: nobody else can be
    written to on the channel either."""

    def __init__(self, seconds: float, *, everybody: bool, what: str = "") -> None:
        super().__init__(what)
        self.seconds = seconds
        self.everybody = everybody


class RecipientUnreachable(Exception):
    """The person has blocked us, or the address is no more."""


class PermanentFailure(Exception):
    """The message itself will never go through. Says the kind of error alone."""

"""How long to wait before the next attempt, each time longer, with some chance in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from storage.db import BUSY_SECONDS

FIRST, LONGEST = 0.5, 30.0  # seconds


def back_off(first: float = FIRST, longest: float = LONGEST) -> Iterator[float]:
    """0.5, 1, 2, 4 … 30, 30, … seconds, without end."""
    delay = first
    while True:
        yield delay
        delay = min(longest, delay * 2)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long we wait for whom, in seconds. Tests have less of it, or more."""

    busy: float = BUSY_SECONDS  # for a lock that another process holds on the database
    again: float = FIRST  # until a reply or an update is tried once more; then twice as long each time
    call: float = 1.0  # the same of a call to Telegram that nobody waits for
    outage: float = 10.0  # until Telegram is tried again with messages of the outbox after it could not be reached
    stop: float = 5.0  # after SIGTERM for what is under way; container runtimes kill after ten


PATIENT = Patience()

"""How large the proofs are: two columns, what `make proof` runs within its half hour, and what `make proof-full` runs.

A full size is never made smaller to be quick. What `make test` runs of the same rule stands beside each proof.
"""

from __future__ import annotations

import os
from typing import Final

import pytest

CHOSEN: Final = os.environ.get("TEST_SIZE") or "test"


if CHOSEN not in ("quick", "test", "proof", "full"):
    raise ValueError(f"TEST_SIZE is {CHOSEN}: it must be quick, proof or full, or not set")


def _size(*, proof: int, full: int) -> int:
    assert full >= proof
    return full if CHOSEN == "full" else proof


# Killed with -9 while people answer: how often, and how many sit there at any time.
KILLS: Final = _size(proof=45, full=200)
KILLED_PEOPLE: Final = _size(proof=30, full=30)

# First starts that are killed somewhere in them.
FIRST_STARTS: Final = _size(proof=12, full=60)

# People who answer a step at once, within Telegram's limits.
SERVED: Final = _size(proof=200, full=600)

# People to whom a message is due at once, through refusals and an outage; and who answer meanwhile.
RECIPIENTS: Final = _size(proof=300, full=2000)
WRITERS: Final = _size(proof=6, full=12)

# People who are told of a meeting that is moved while the bot is killed.
INVITED: Final = _size(proof=60, full=400)

# Nine months of a process: how many people, in how many lives that chance makes of them.
NINE_MONTHS_PEOPLE: Final = _size(proof=500, full=1000)
NINE_MONTHS_LIVES: Final = _size(proof=1, full=5)
NINE_MONTHS_KILLED_PEOPLE: Final = _size(proof=150, full=300)
NINE_MONTHS_KILLS: Final = _size(proof=30, full=60)
NINE_MONTHS_KILLED_LIVES: Final = _size(proof=1, full=10)

# Sixty people through a whole process: how many lives chance makes of them.
SIXTY_LIVES: Final = _size(proof=1, full=5)

# Answers in an export.
EXPORTED: Final = _size(proof=50_000, full=1_000_000)

# Requests that nobody means well with.
HOSTILE: Final = _size(proof=20_000, full=100_000)

# Seconds for which people answer beside strangers.
SOAK: Final = _size(proof=60, full=600)

# Property tests: how many times as many examples as in `make test`; and one in so many in `make test-quick`.
EXAMPLES: Final = _size(proof=5, full=25)
QUICK: Final = 5


def examples(number: int) -> int:
    """Of a property: `number` in `make test`, fewer while somebody works, so many times more in a proof."""
    if CHOSEN == "quick":
        return max(1, number // QUICK)
    return number if CHOSEN == "test" else number * EXAMPLES


def few_and_many(name: str, few: object, many: object) -> pytest.MarkDecorator:
    """A test that is a proof with `many`, and holds the same rule in `make test` with `few`."""
    return pytest.mark.parametrize(
        name, [pytest.param(few, id="few"), pytest.param(many, id="many", marks=pytest.mark.proof)]
    )

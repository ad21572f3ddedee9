"""How long a step takes, as it is told to who is asked: a rough guess that errs on the long side.

Belongs here: minutes for questions. Not here: which questions somebody gets (engine.py), how it is said.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from bot.flows.model import Question

WRITING = 45  # seconds for an answer in one's own words, typed with one finger
CHOOSING = 15  # seconds for an answer that is tapped
WORDS_A_MINUTE = 150  # of what is to be read first, by who reads with care


def minutes(questions: Iterable[Question]) -> int:
    """Whole minutes for these questions together, at least one."""
    seconds = 0.0
    for question in questions:
        seconds += WRITING if question.is_written else CHOOSING
        if question.shows is not None:
            seconds += 60 * len(question.shows.da.split()) / WORDS_A_MINUTE
    return max(1, math.ceil(seconds / 60))

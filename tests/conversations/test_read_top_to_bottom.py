"""What one finds who reads the transcripts top to bottom: nothing is told twice at once, and what is told beforehand is
what comes."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

from tests.support.chat import TRANSCRIPTS, Block, read

NAMES = sorted(path.stem for path in TRANSCRIPTS.glob("*.txt"))
BEGINS = re.compile(r"(?:Vi begynder på|We begin with) .*?[«”]\. (\d+) (?:spørgsmål|questions?),")
PLACE = re.compile(r"(?:.* · )?(\d+) (?:af|of) (\d+)")
LONG = 25  # characters; what is shorter may be said of two things
NOT_TOLD = re.compile(r"> |→ |~ |• |– |\[|\d+\. ")  # somebody's own words, buttons, questions and points in a list
TWICE_TAPPED = ("**", "!")  # two taps are told twice what the first has done


def sentences(block: Block) -> list[str]:
    """What the bot says in its own words, in the messages that came at once."""
    said = " ".join(line for line in block.shown if line.strip() and not NOT_TOLD.match(line))
    return [each for each in re.split(r"(?<=[.?])\s+", said) if len(each) >= LONG]


def test_no_sentence_is_said_twice_at_once() -> None:
    twice = [
        (name, block.line, sentence)
        for name in NAMES
        for block in read(name).blocks
        if not block.act.startswith(TWICE_TAPPED)
        for sentence, times in Counter(sentences(block)).items()
        if times > 1
    ]
    assert twice == []


def test_a_step_has_as_many_questions_as_it_says_when_it_begins() -> None:
    begun = wrong = 0
    for name in NAMES:
        for block in read(name).blocks:
            for above, below in pairwise([line for line in block.shown if line.strip()]):
                told, place = BEGINS.match(above), PLACE.fullmatch(below)
                if told is not None and place is not None and place[1] == "1":
                    begun += 1
                    wrong += told[1] != place[2]
    assert (begun > 100, wrong) == (True, 0)

"""What holds of every Danish text: how hard it may be to read, and which words we never use.

Belongs here: the rules, for questions, phrases and documents alike. Not here: what is asked of a question (check.py),
how LIX is counted (lix.py). The words stand in plain_danish.yaml, each with what to write instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

from bot.flows.fault_words import Bilingual, said
from bot.flows.lix import lix, words_of
from bot.flows.model import Wording

HARDEST_PAGE = 35.0  # LIX of everything that stands on a page, read as one text
HARDEST_TEXT = 45.0  # LIX of one text by itself
STEADY = 20  # words; LIX of a shorter text says nothing: one long term doubles it


@dataclass(frozen=True, slots=True)
class UnwantedWord:
    """A word or phrase that we never use, as a regular expression, and what to write instead; `said` to whoever writes
    a question in the chat."""

    pattern: re.Pattern[str]
    instead: str
    said: Wording


@cache
def unwanted_words() -> tuple[UnwantedWord, ...]:
    listed = yaml.safe_load(files("bot.flows").joinpath("plain_danish.yaml").read_text(encoding="utf-8"))
    return tuple(
        UnwantedWord(
            re.compile(rf"(?<![\w-])(?:{entry['never']})(?![\w-])", re.IGNORECASE),
            entry["instead"],
            Wording(**entry.get("said", {"da": entry["instead"], "en": entry["instead"]})),
        )
        for entry in listed
    )


def faults(text: str) -> Iterator[str]:
    """What is wrong with one Danish text, each with what to do; nothing of a text that is fit to print."""
    if is_hard(text):
        yield said("danish.hard", lix=f"{lix(text):.0f}", most=f"{HARDEST_TEXT:.0f}", text=text)
    for found, word in unwanted_in(text):
        yield said("danish.word", found=found, instead=Bilingual(word.said.en, word.said.da), text=text)


def is_hard(text: str) -> bool:
    """Whether one text by itself is harder to read than any of ours may be."""
    return len(words_of(text)) >= STEADY and lix(text) > HARDEST_TEXT


def unwanted_in(text: str) -> Iterator[tuple[str, UnwantedWord]]:
    """The words of the text that we never use, as they stand there."""
    for word in unwanted_words():
        if found := word.pattern.search(text):
            yield found[0], word


def faults_of_page(text: str) -> Iterator[str]:
    """What is wrong with a page as a whole, its texts one after the other, a line each."""
    if (measured := lix(text)) > HARDEST_PAGE:
        yield said("danish.page", lix=f"{measured:.0f}", most=f"{HARDEST_PAGE:.0f}")

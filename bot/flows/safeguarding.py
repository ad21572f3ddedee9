"""What in a person's words calls for safeguarding: a CPR number, distress, a threat, a wish for a
human.

Pure recognition; what is done about it is decided in bot.dialogue. The word lists are data in safeguarding.yaml; they
err towards offering the municipality's phone number once too often.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib.resources import files
from typing import Literal

import yaml

from bot.flows import cpr_numbers

Concern = Literal["distress", "threat", "human"]


def looks_like_cpr(text: str) -> bool:
    """True for anything shaped like a Danish CPR number; not for case numbers, phone numbers or dates."""
    return cpr_numbers.is_in(text)


def concern(text: str) -> Concern | None:
    """Whether the words sound like distress, a threat, or a wish to talk to a person. First match wins."""
    plain = " ".join(unicodedata.normalize("NFC", text).casefold().replace("’", "'").split())
    for name, pattern in _patterns():
        if pattern.search(plain):
            return name
    return None


@cache
def _patterns() -> tuple[tuple[Concern, re.Pattern[str]], ...]:
    listed = yaml.safe_load(files("bot.flows").joinpath("safeguarding.yaml").read_text(encoding="utf-8"))
    order: tuple[Concern, ...] = ("distress", "threat", "human")
    return tuple((name, re.compile(r"\b(?:" + "|".join(listed[name]) + r")")) for name in order)

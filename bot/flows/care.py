"""What in a person's words calls for care: a CPR number, contact details, distress, a threat, a wish for a human.

Pure recognition; what is done about it is decided in bot.conversation. The word lists are data in
care.yaml; they err towards offering the municipality's phone number once too often.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Literal

import yaml

Concern = Literal["distress", "threat", "human"]

# Six digits that could be written as a date, then four: 010203-1234, 010203 1234, 0102031234, 01 02 03-1234.
# Plausible or not, so that a mistyped one is refused as well. Not inside longer numbers: 306-2019-263412.
_CPR = re.compile(r"(?<![\d/+-])(?<!\d[. ])(\d{2})[ .]?(\d{2})[ .]?(\d{2})[ ]?[-–— ]?[ ]?(\d{4})(?![\d/]|-\d)")
_EMAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[a-zA-ZæøåÆØÅ]{2,}")
_PHONE = re.compile(r"(?<![\d/-])(?:(?:\+|00)45[ ]?)?[2-9]\d(?:[ ]?\d\d){3}(?![\d/-])")


def looks_like_cpr(text: str) -> bool:
    """True for anything shaped like a Danish CPR number; not for case numbers, phone numbers or dates."""
    return any(_is_cpr(match) for match in _CPR.finditer(text))


def _is_cpr(match: re.Match[str]) -> bool:
    whole = match[0]
    digits = "".join(ch for ch in whole if ch.isdigit())
    if whole.isdigit() and digits.startswith("45"):
        return False  # +45 and eight digits, written together without the plus: no one is born on the 45th
    grouped = re.fullmatch(r"\d{2}[ .]\d{2}[ .]\d{2}.*", whole) is not None
    if grouped:  # 12 34 56 7890 is oftener a list or a date with a time: here it must also be a date
        return 1 <= int(match[1]) % 60 <= 31 and 1 <= int(match[2]) <= 12 and not re.search(r"\.\d{2}\.\d{2} ", whole)
    return True


def has_contact_details(text: str) -> bool:
    """True where an e-mail address or a Danish phone number stands in an answer."""
    return bool(_EMAIL.search(text) or _PHONE.search(text))


def concern(text: str) -> Concern | None:
    """Whether the words sound like distress, a threat, or a wish to talk to a person. First match wins."""
    plain = " ".join(text.casefold().split())
    for name, pattern in _patterns():
        if pattern.search(plain):
            return name
    return None


@cache
def _patterns() -> tuple[tuple[Concern, re.Pattern[str]], ...]:
    listed = yaml.safe_load(files("bot.flows").joinpath("care.yaml").read_text(encoding="utf-8"))
    order: tuple[Concern, ...] = ("distress", "threat", "human")
    return tuple((name, re.compile(r"\b(?:" + "|".join(listed[name]) + r")")) for name in order)

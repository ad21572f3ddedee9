"""What in a person's words calls for safeguarding: a CPR number, contact details, distress, a threat, a wish for a
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

Concern = Literal["distress", "threat", "human"]

# Six digits and four, as they are written: 010203-1234, 010203 1234, 010203 - 1234. Plausible or not, so that a
# mistyped one is refused as well; not inside longer numbers such as 306-2019-263412.
_WRITTEN = re.compile(r"(?<!\d)\d{6}\s*-\s*\d{4}(?!\d|-\d)|(?<![\d-])\d{6}\s+\d{4}(?!\d|-\d)")

# In one go, or the date in pairs: 0102031234, 01 02 03-1234, 01.02.03 1234, 01-02-03-1234.
_RUN = re.compile(r"(?<![\d/+-])(?<!\d[. ])\d{10}(?![\d/]|-\d)")
_PAIRS = re.compile(r"(?<![\d/+-])(?<!\d[. ])(\d\d)([ .-])(\d\d)\2(\d\d)\s?-?\s?\d{4}(?![\d/]|-\d)")
_LOOKALIKES = str.maketrans({**dict.fromkeys("\u00a0\u2007\u202f", " "), **dict.fromkeys("‐‑‒–—−", "-")})
_EMAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[a-zA-ZæøåÆØÅ]{2,}")
_NO_YEARS = r"(?!(?:19|20)\d\d ?(?:19|20)\d\d)(?!(?:19|20)\d\d[01]\d[0-3]\d)"  # 2019 2020, 20260312

_PHONE = re.compile(
    r"(?<![\d/-])(?:(?:\+|00)45 ?)?(?:[2-9]\d(?: \d\d){3}|" + _NO_YEARS + r"[2-9]\d{3} ?\d{4})(?![\d/-])"
)


def looks_like_cpr(text: str) -> bool:
    """True for anything shaped like a Danish CPR number; not for case numbers, phone numbers or dates."""
    plain = text.translate(_LOOKALIKES)
    return (
        _WRITTEN.search(plain) is not None
        # +45 and eight digits, written together without the plus: no one is born on the 45th
        or any(not run[0].startswith("45") for run in _RUN.finditer(plain))
        or any(_is_birthday(pairs) for pairs in _PAIRS.finditer(plain))
    )


def _is_birthday(pairs: re.Match[str]) -> bool:
    """12 34 56 7890 is oftener a list, and 12.03.26 1930 a date and a time: here it must be a date, and no time."""
    is_date = 1 <= int(pairs[1]) % 60 <= 31 and 1 <= int(pairs[3]) <= 12
    return is_date and not re.search(r"\.\d\d\s\d{4}$", pairs[0])


def has_contact_details(text: str) -> bool:
    """True where an e-mail address or a Danish phone number stands in an answer."""
    return bool(_EMAIL.search(text) or _PHONE.search(text))


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

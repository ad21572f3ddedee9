"""Whole numbers as people write them."""

from __future__ import annotations

import re

from bot.flows import typed

_THOUSANDS = re.compile(r"(?<=\d)[. ](?=\d{3}(?!\d))")


def read(text: str, least: int, most: int, *, grouped: bool = False) -> int | None:
    """None for what is no number, and for one that is too small or too large. By name too, or with what is counted:
    `tolv`, `vi er 12`. `grouped`: thousands may stand apart, as in `1.000` and `1 000`."""
    plain = (_THOUSANDS.sub("", text) if grouped else text).strip()
    if plain.isdecimal():
        number = int(plain) if plain.isascii() and len(plain) <= len(str(most)) else None
    else:
        number = typed.count(plain)
    return number if number is not None and least <= number <= most else None

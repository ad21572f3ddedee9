"""Whole numbers as people write them."""

from __future__ import annotations


def read(text: str, least: int, most: int, *, grouped: bool = False) -> int | None:
    """None for what is no number, and for one that is too small or too large. `grouped`: thousands may stand apart, as
    in `1.000` and `1 000`."""
    plain = text.replace(".", "").replace(" ", "") if grouped else text
    plain = plain.strip()
    if not (plain.isascii() and plain.isdecimal() and len(plain) <= len(str(most))):
        return None
    return int(plain) if least <= int(plain) <= most else None

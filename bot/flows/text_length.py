"""How long a text is where its length has a limit."""

from __future__ import annotations


def utf16_units(text: str) -> int:
    """UTF-16 code units, as Telegram counts (https://core.telegram.org/api/entities#entity-length)."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2

"""Receipts: the text of what was sent, and a check of it that anybody can repeat who has the text and the receipt's
code.

The code is random and stands on the receipt alone, so that nobody finds out a short answer by trying; no more of the
check is kept. By hand: `printf '%s' abcdefgh | cat - svar.txt | sha256sum`, the first sixteen digits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

CODE_LENGTH = 8  # characters of bot.codes
CHECK_LENGTH = 16  # hexadecimal digits, 64 bits
_GROUP = 4


def text_of(answers: Iterable[tuple[str, str]]) -> str:
    """Each question as it was shown, and below it what was answered, word for word."""
    return "\n".join(f"{asked}\n{said}\n" for asked, said in answers)


def check_of(code: str, text: str) -> str:
    digest = hashlib.sha256((tidied(code) + text).encode()).hexdigest()
    return grouped(digest[:CHECK_LENGTH])


def grouped(characters: str) -> str:
    """In groups of four: `abcd-efgh`."""
    return "-".join(characters[at : at + _GROUP] for at in range(0, len(characters), _GROUP))


def tidied(code: str) -> str:
    """A code as it was typed off a receipt, as it was made."""
    return "".join(char for char in code.casefold() if char.isalnum())


def is_code(typed: str) -> bool:
    """Whether it can be a receipt's code."""
    return len(tidied(typed)) == CODE_LENGTH and tidied(typed).isascii()

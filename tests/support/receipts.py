"""What stands on a receipt and is another one each time it is drawn."""

from __future__ import annotations

import re

_CODES = re.compile(
    r"\b[a-z2-9]{4}-[a-z2-9]{4}(?=\. (?:Kontrolkode|Check code): )|(?<=: )(?:[0-9a-f]{4}-){3}[0-9a-f]{4}\b"
)
ON_A_RECEIPT = re.compile(
    r"(?:Kvitteringskode|Receipt code): (?P<code>\S+)\. (?:Kontrolkode|Check code): (?P<check>\S+)\."
)


def masked(text: str) -> str:
    """With … in the places of codes."""
    return _CODES.sub("…", text)


def codes_on(text: str) -> tuple[str, str]:
    """The receipt's code and the check of its text. Raises AssertionError where there is no receipt."""
    found = ON_A_RECEIPT.search(text)
    assert found is not None, text
    return found["code"], found["check"]

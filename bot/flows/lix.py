"""LIX, how hard a text is to read: words in a sentence plus the share of long words (Björnsson 1968).

Under 25 is like a children's book, 30 is easy, 40 a newspaper. A hint, and unsteady on one short sentence.
"""

from __future__ import annotations

import re

LONG = 6  # a word with more letters counts as long

_ABBREVIATION = re.compile(
    r"\b(?:bl\.\s?a|f\.\s?eks|m\.\s?m|o\.\s?l|m\.\s?fl|kl|ca|fx|nr|dvs|evt|hhv|inkl|ekskl|jf|pga|tlf|mv|osv)\.",
    re.IGNORECASE,
)

_FULL_STOP = re.compile(r"[!?…]+|\.(?=\s+[^\sa-zæøå]|\s*$)|\n")  # «3. maj» goes on, «5. Så» does not
_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")


def words_of(text: str) -> list[str]:
    """The words of a text, as `lix` counts them."""
    return _WORD.findall(text)


def lix(text: str) -> float:
    """Words per sentence + 100 × words of more than six letters per word; 0 for a text without words."""
    whole = _ABBREVIATION.sub(lambda found: re.sub(r"[.\s]", "", found[0]), text)
    sentences = [words for part in _FULL_STOP.split(whole) if (words := _WORD.findall(part))]
    words = [word for sentence in sentences for word in sentence]
    if not words:
        return 0.0
    long = sum(1 for word in words if len(word) > LONG)
    return len(words) / len(sentences) + 100 * long / len(words)

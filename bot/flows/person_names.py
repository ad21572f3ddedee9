"""Whether a name is likely to be a person's and no association's. Pure recognition; the lists are data in
person_names.yaml, and err towards asking once too often.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib.resources import files

import yaml

_WORD = re.compile(r"[^\W\d_]+(?:['’.][^\W\d_]*)*")
_FEWEST, _MOST = 2, 5  # words of a person's name


def is_likely(name: str) -> bool:
    """«Kirsten Hansen», «Hansen, Kirsten», «Min nabo Kurt», «Fru Jensen»; not «Kirstens Café», «Hans Tausens Skole»."""
    words: list[str] = _WORD.findall(unicodedata.normalize("NFC", name))
    if not _FEWEST <= len(words) <= _MOST or any(map(str.isdigit, name)):
        return False
    small = [word.casefold().rstrip(".") for word in words]
    given, surnames, relations, endings = _lists()
    if any(word.endswith(endings) and word not in surnames for word in small):
        return False
    if small[0] in relations or small[1] in relations:
        return any(word in given or word in surnames for word in small)
    if not all(word[0].isupper() or small[place] in _PARTICLES for place, word in enumerate(words)):
        return all(word in given or word in surnames for word in small)
    return (small[0] in given and len(words) <= _MOST - 1) or (small[-1] in given and small[0] in surnames)


_PARTICLES = frozenset(("von", "van", "de", "af", "la", "el", "al"))


@cache
def _lists() -> tuple[frozenset[str], frozenset[str], frozenset[str], tuple[str, ...]]:
    listed = yaml.safe_load(files("bot.flows").joinpath("person_names.yaml").read_text(encoding="utf-8"))
    given, surnames, relations = (frozenset(listed[each].split()) for each in ("given", "surnames", "relations"))
    return given, surnames, relations, tuple(listed["endings"].split())

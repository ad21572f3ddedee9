"""What a part of the administration is called, in the forms that sentences need: the process file gives the word with
its article, and the usual ones are inflected here (department_words.yaml).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from bot.flows.model import Language

USUAL = "en forvaltning"


@dataclass(frozen=True, slots=True)
class DepartmentForms:
    """«forvaltning», «forvaltningen», «forvaltninger», «hvilken forvaltning», «hver forvaltning»."""

    one: str
    the: str
    plural: str
    which: str
    each: str

    def filling(self) -> dict[str, str]:
        """By the placeholder that each stands for in a phrase."""
        return {
            "department": self.one,
            "the_department": self.the,
            "department_plural": self.plural,
            "Department_plural": self.plural[0].upper() + self.plural[1:],
            "which_department": self.which,
            "each_department": self.each,
        }


def danish(word: str, the: str | None = None, plural: str | None = None) -> DepartmentForms | None:
    """The forms of a word with its article, «et center»; None where they are not given and not known."""
    if the is None or plural is None:
        known = _known(word)
        if known is None:
            return None
        the, plural = the or known[0], plural or known[1]
    article, _, one = word.partition(" ")
    return DepartmentForms(one, the, plural, which(word), f"{'hvert' if article == 'et' else 'hver'} {one}")


def which(word: str) -> str:
    """Of a word with its article: «hvilket center». Every word has this form."""
    article, _, one = word.partition(" ")
    return f"{'hvilket' if article == 'et' else 'hvilken'} {one}"


def other_article(word: str) -> str | None:
    """The word with the article that it should have, where it is a usual one and has the wrong one."""
    article, _, one = word.partition(" ")
    right = f"{'en' if article == 'et' else 'et'} {one}"
    return right if _known(word) is None and _known(right) is not None else None


@cache
def english() -> DepartmentForms:
    return DepartmentForms(**_listed()["english"])


def in_language(language: Language, word: str, the: str | None, plural: str | None) -> DepartmentForms:
    """Those of the usual word for one that an earlier Besyv took without them: so it spoke until then."""
    if language == "en":
        return english()
    found = danish(word, the, plural) or danish(USUAL)
    if found is None:
        raise LookupError(f"{USUAL} stands in no list")
    return found


def _known(word: str) -> tuple[str, str] | None:
    """Definite form and plural of a usual word, or of a compound with one at its end."""
    article, _, one = word.partition(" ")
    for entry in _listed()["danish"]:
        its_article, _, last = entry["one"].partition(" ")
        if article == its_article and " " not in one and one.lower().endswith(last):
            stem = one[: -len(last)]
            return (stem + entry["the"], stem + entry["plural"]) if stem else (entry["the"], entry["plural"])
    return None


@cache
def _listed() -> dict[str, Any]:
    text = files("bot.process").joinpath("department_words.yaml").read_text(encoding="utf-8")
    listed: dict[str, Any] = yaml.safe_load(text)
    return listed

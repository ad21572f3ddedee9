"""Names that may be one: written otherwise and counted as the same, or a letter or a usual word apart. Finding them
takes about as long as reading them, whatever their number. Not here: what is asked about them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from bot.texts.names import folded

_WORD = re.compile(r"\w+")
_USUAL = frozenset(
    folded(word)
    for word in (
        *("forening", "foreningen", "forbund", "forbundet", "klub", "klubben", "lokalforening", "lokalforeningen"),
        *("i", "for", "og", "af", "på", "ved", "til", "den", "det", "de", "&", "the", "of", "association", "club"),
    )
)
_SUFFIXES = tuple(folded(suffix) for suffix in ("foreningen", "forening", "klubben", "klub"))
_SHORTEST = 6  # letters and digits: of shorter names a letter is too much


# Signs that can tell names apart though they do not count: «+1+1» is counted as «11», «1-1» too.
_TELLING_SIGN = re.compile(r"(?<=\d)[\W_]+(?=\d)|[+=<>±×÷#%]")
_STANDS_FOR_IT = "\u01c0"  # a letter that nobody writes


def written_alike(one: str, other: str) -> bool:
    """Whether two names that are counted as the same differ in nothing that could tell them apart."""
    return _with_signs(one) == _with_signs(other)


def _with_signs(name: str) -> str:
    return folded(_TELLING_SIGN.sub(_STANDS_FOR_IT, name))


class AlikeNames:
    """Names as they come, and which of those before them a further one may be."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._same: dict[str, str] = {}
        self._near: dict[str, str] = {}
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        if (same := folded(name)) not in self._same:
            self._same[same] = name
            for form in _forms(name):
                self._near.setdefault(form, same)

    def same_as(self, name: str) -> str | None:
        """The first one that is counted as the same."""
        return self._same.get(folded(name))

    def near(self, name: str) -> str | None:
        """One that is another name, but nearly this: a letter left out, added, changed or swapped with the next; the
        words in another order; «forening» and «klub» left out. Digits tell names apart: «Klub 1» is not «Klub 2»."""
        same = folded(name)
        found = (self._near[form] for form in _forms(name) if form in self._near)
        return next((self._same[other] for other in found if other != same), None)


def _forms(name: str) -> Iterator[str]:
    """Two names that share a form are near: SymSpell's way (one letter away ⇔ equal with a letter left out in each)."""
    same = folded(name)
    if len(same) < _SHORTEST:
        return
    if words := _telling(name):
        yield " ".join(words)
    yield f"~{same}"
    for place, character in enumerate(same):
        if not character.isdigit():
            yield f"~{same[:place]}{same[place + 1 :]}"


def _telling(name: str) -> list[str]:
    """The words that tell it from others, without their usual endings, in alphabetical order."""
    words = [word for each in _WORD.findall(name) if (word := folded(each)) not in _USUAL]
    return sorted(_stem(word) for word in words)


def _stem(word: str) -> str:
    ending = next((each for each in _SUFFIXES if word.endswith(each) and len(word) > len(each) + 2), "")
    return word.removesuffix(ending)

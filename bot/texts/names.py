"""Names as Danes write, sort and mean them: when two names are one, their order, which ones a person may have meant.

Not here: which names there are, and the words around them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import TypeVar

K = TypeVar("K")
SortKey = tuple[tuple[int, ...], tuple[str, ...], str]

# What Danish reads as a letter of its own, decomposed as NFD leaves it.
_RING, _DOTS_A, _DOTS_O = "a\u030a", "a\u0308", "o\u0308"
CLOSE = 0.8  # of 1: how much of two folded names must agree where neither holds the other


_LINE_ENDS = "\n\r\v\f\x1c\x1d\x1e\x1f\x85\t"  # and what stands between cells
_BLANK_LETTERS = "\u115f\u1160\u3164\uffa0\u2800"  # letters and signs that are nothing but room

# --- what is the same name --------------------------------------------------------------------------------


def folded(name: str) -> str:
    """What two ways of writing one name have in common: «Café Aarhus & Omegn» → `cafeårhusogomegn`.

    Case, accents, spaces and punctuation do not count; `aa` is `å`, `ä` is `æ`, `ö` is `ø`, `&` is `og`. Forms such as
    «foreningen» count. A name without a letter or a digit is left as it is, so that only "" gives "".
    Folding twice changes nothing.
    """
    plain = unicodedata.normalize("NFD", unicodedata.normalize("NFD", name).casefold())
    own = plain.replace(_RING, "å").replace(_DOTS_A, "æ").replace(_DOTS_O, "ø").replace("&", "og")
    kept = "".join(filter(_counts, own)).replace("aa", "å")
    return unicodedata.normalize("NFC", kept) or "".join(unicodedata.normalize("NFC", name).split())


def _counts(character: str) -> bool:
    """Letters and digits, and the vowel signs of scripts that write them as marks: those are no accents."""
    return character.isalnum() or (unicodedata.category(character)[0] == "M" and not unicodedata.combining(character))


def on_one_line(name: str) -> str:
    """A name as it is kept: as it was written, but on one line, with nothing blank around it, and without the signs
    that nobody sees: those that turn the direction of what follows, joiners, soft hyphens, control characters. Two
    names that look the same are then one, and none changes the words around it."""
    return " ".join(part for line in name.translate(_SEEN).split("\n") if (part := line.strip()))


class _Seen(dict[int, str | None]):
    """For `str.translate`: what is seen of a character, None for nothing."""

    def __missing__(self, code: int) -> str | None:
        made = self[code] = _seen(chr(code))
        return made


def _seen(character: str) -> str | None:
    category = unicodedata.category(character)
    if character in _LINE_ENDS or category in ("Zl", "Zp"):
        return "\n"
    if character in _BLANK_LETTERS:
        return " "
    return None if category in ("Cc", "Cf", "Cs") else character


_SEEN = _Seen()


def unturned(text: str) -> str:
    """A text of several lines as it was written, without the signs that turn the direction of others or that nobody
    sees. Joiners stay: they make one picture of several (👩‍🚒) and letters of some scripts."""
    return "".join(each for each in text if each in _JOINERS or unicodedata.category(each) != "Cf")


_JOINERS = "\u200c\u200d"


# --- order ------------------------------------------------------------------------------------------------

_ALPHABET = {letter: place for place, letter in enumerate(" 0123456789abcdefghijklmnopqrstuvwxyzæøå")}
_LETTER = re.compile(r"aa(?![\u0300-\u036f])|(.)([\u0300-\u036f]*)", re.DOTALL)

# Letters that are sorted as another one, and what tells the two apart when all else is equal.
_SORTED_AS = {_DOTS_A: "æ", _DOTS_O: "ø", "o\u030b": "ø", _RING: "å", "aa": "å", "u\u0308": "y", "u\u030b": "y"}


_SORTED_AS |= {"đ": "d", "ð": "d", "ł": "l"}


def sort_key(name: str) -> SortKey:
    """The key that sorts names as a Danish list has them: word by word, digits, a–z, æ (ä), ø (ö), å (aa).

    Case and punctuation do not count, nor accents unless all letters are equal; last, the name itself decides, so
    that two names have one key only if they are one text.
    """
    letters = tuple(_letters(_words(name)))
    return tuple(_place(letter) for letter, _ in letters), tuple(mark for _, mark in letters), name


def _words(name: str) -> str:
    plain = unicodedata.normalize("NFD", unicodedata.normalize("NFD", name).casefold())
    return " ".join("".join(filter(_is_sorted, plain)).split())


def _is_sorted(character: str) -> bool:
    return character.isalnum() or character.isspace() or unicodedata.category(character)[0] == "M"


def _letters(words: str) -> Iterator[tuple[str, str]]:
    """Each letter as it is sorted, and what was left out of it: nothing, its accents, or how else it is written."""
    for found in _LETTER.finditer(words):
        written = found[0]
        if written in _SORTED_AS:
            yield _SORTED_AS[written], "" if written == _RING else written
        else:
            yield found[1], found[2]


def _place(letter: str) -> int:
    return _ALPHABET.get(letter, len(_ALPHABET) + ord(letter))


# --- what was meant ---------------------------------------------------------------------------------------


def alike(wanted: str, names: Sequence[tuple[K, str]], most: int) -> list[K]:
    """The keys of at most `most` names that a person may mean by what they typed, the likeliest first: the same name,
    names that begin with it, that hold it, that are spelled nearly like it; equally likely ones as they came.
    Nothing typed means nothing. A thousand names take a few milliseconds."""
    sought = folded(wanted)
    near = SequenceMatcher(None, b=sought, autojunk=False)
    ranked = [(rank, key) for key, name in names if (rank := _rank(sought, folded(name), near))]
    ranked.sort(key=lambda entry: entry[0])
    return [key for _, key in ranked[:most]] if sought else []


def _rank(sought: str, name: str, near: SequenceMatcher[str]) -> tuple[int, float] | None:
    """Lowest first; None for a name that is not meant. `near` has taken in what is sought."""
    if sought in name:
        more = len(name) - len(sought)
        return (1 if name.startswith(sought) else 2) if more else 0, more
    near.set_seq1(name)
    if near.real_quick_ratio() >= CLOSE and near.quick_ratio() >= CLOSE and (ratio := near.ratio()) >= CLOSE:
        return 3, -ratio
    return None

"""Letters on posters and pictures: Lato, what it can write, how text falls into lines. Loads fontTools when used."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

Weight = Literal["Regular", "Bold"]


@dataclass(frozen=True, slots=True)
class Face:
    """A weight of Lato: its file, and how far each character it has goes on, in em."""

    file: Path
    advance: Mapping[str, float]

    def width(self, text: str) -> float:
        """In em, without kerning. Raises KeyError for what is not `spelled` in this face."""
        return sum(map(self.advance.__getitem__, text))


@cache  # the same file for as long as the program runs
def face(weight: Weight) -> Face:
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]  # noqa: PLC0415  # ships no types; loaded late

    file = Path(str(files("font_lato").joinpath("files", f"Lato-{weight}.ttf")))
    with TTFont(file, lazy=True) as font:
        em, metrics = font["head"].unitsPerEm, font["hmtx"].metrics
        return Face(file, {chr(code): metrics[glyph][0] / em for code, glyph in font.getBestCmap().items()})


def spelled(text: str, has: Container[str]) -> str:
    """The text with what the face has, on one line: «ő» becomes «o», «№» becomes «No», «✓» becomes «?»."""
    one_line = re.sub(r"[^\S\xa0]+", " ", unicodedata.normalize("NFC", text)).strip()
    return "".join(_written(character, has) for character in one_line)


def _written(character: str, has: Container[str]) -> str:
    if unicodedata.category(character) in _UNSEEN:
        return ""
    if character in has:
        return character
    parts = [part for part in unicodedata.normalize("NFKD", character) if not unicodedata.combining(part)]
    return "".join(part if part in has else "?" for part in parts)


_UNSEEN = frozenset({"Cc", "Cf", "Mn", "Me"})  # soft hyphens, joiners, accents that NFC could not set on a letter
WORDS = re.compile(r"[^ \-/]*[\-/]+ *|[^ \-/]+ *")
ADDRESS = re.compile(r"[^/.?&=_\-]*[/.?&=_\-]+|[^/.?&=_\-]+")


def lines(
    text: str, width: Callable[[str], float], room: float, breaks: re.Pattern[str] = WORDS, hyphen: str = "-"
) -> tuple[str, ...]:
    """The text in lines that are no wider than the room, broken after what `breaks` finds; in the middle of a word,
    with a hyphen, only where the word alone is too wide."""
    rows = [""]
    for piece in breaks.findall(text):
        for part in _split(piece, width, room, hyphen):
            if width((rows[-1] + part).rstrip(" ")) <= room:
                rows[-1] += part
            else:
                rows.append(part)
    return tuple(row.rstrip(" ") for row in rows if row.strip(" "))


def _split(piece: str, width: Callable[[str], float], room: float, hyphen: str) -> Iterable[str]:
    while len(piece) > 1 and width(piece.rstrip(" ")) > room:
        fits = next(end for end in range(2, len(piece) + 1) if width(piece[:end] + hyphen) > room) - 1
        yield piece[:fits] + hyphen
        piece = piece[fits:]
    yield piece


def shortened(text: str, most: int) -> str:
    """At most so many characters, ending in «…» where something was left out, after a whole word if there is one."""
    if len(text) <= most:
        return text
    kept = text[: most - 1]
    return (kept.rsplit(" ", 1)[0] if " " in kept else kept).rstrip(" ,.;:–-") + "…"

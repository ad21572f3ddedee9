"""What is said of a fault in a file that people write, in both languages at once: who reads it is known at the edge."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Literal, Self

import yaml


class Bilingual(str):
    """A sentence: the text is the English one, and `to` gives either. `key` and `values`: what it was made of."""

    danish: str
    key: str
    values: dict[str, object]

    def __new__(cls, english: str, danish: str, key: str = "", values: dict[str, object] | None = None) -> Self:
        made = super().__new__(cls, english)
        made.danish, made.key, made.values = danish, key, values or {}
        return made

    def to(self, language: Literal["da", "en"]) -> str:
        return self.danish if language == "da" else str(self)


def said(key: str, /, **values: object) -> Bilingual:
    """The words of fault_words.yaml. A value in two languages is taken in that of the sentence."""
    english, danish = words()[key]
    in_danish = {name: value.danish if isinstance(value, Bilingual) else value for name, value in values.items()}
    return Bilingual(english.format(**values), danish.format(**in_danish), key, values)


def danish(message: str) -> str:
    """In Danish, where it is known in it."""
    return message.danish if isinstance(message, Bilingual) else message


def together(sentences: list[Bilingual]) -> Bilingual:
    """One after the other."""
    return Bilingual(" ".join(sentences), " ".join(each.danish for each in sentences))


def joined(parts: list[Bilingual]) -> Bilingual:
    """With semicolons between."""
    return Bilingual("; ".join(parts), "; ".join(each.danish for each in parts))


@cache
def words() -> dict[str, tuple[str, str]]:
    """By key, English and Danish, with placeholders."""
    listed = yaml.safe_load(files("bot.flows").joinpath("fault_words.yaml").read_text(encoding="utf-8"))
    return {key: (both["en"], both["da"]) for key, both in listed.items()}

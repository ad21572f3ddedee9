"""What is stored of an answer, as one text: category, keys, parts and labels. Raw text, value and category can be told
apart in it, whatever becomes of the question. Reading and writing it stand here and nowhere else."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final

from bot.flows import engine
from bot.flows.engine import Answer, Part
from bot.flows.model import Language, Question

UNREADABLE: Final = "\ufffd"  # what the storage gives for a value that is damaged


_ALONE: Final = re.compile(rf"(?<!\w){UNREADABLE}(?!\w)")


def in_words(text: str, words: str) -> str:
    """With these words where the mark stands alone, which nobody understands; within a word it is what was written."""
    return _ALONE.sub(words, text) if UNREADABLE in text else text


@dataclass(frozen=True, slots=True)
class Content:
    """`labels` is what was chosen, in the words that were seen; None where something was written."""

    category: str
    keys: tuple[str, ...]
    parts: tuple[Part, ...]
    labels: str | None

    @property
    def text(self) -> str:
        """What was written, a line per part."""
        return "\n".join(part.text for part in self.parts)

    @property
    def said(self) -> str:
        """What was chosen or written, in words."""
        return self.text if self.labels is None else self.labels


def read(text: str) -> Content:
    """Of one that is damaged the mark is what is said, and nothing else is known."""
    if text == UNREADABLE:
        return Content("", (), (), UNREADABLE)
    category, keys, parts, labels = json.loads(text)
    return Content(category, tuple(keys), tuple(Part(*part) for part in parts), labels)


def write(question: Question, answer: Answer, language: Language, *, many: bool) -> str:
    """Of an answer to the question, in the words in which the person saw it."""
    labels = None if question.is_written and answer.parts else engine.raw_text(question, answer, language, many=many)
    parts = [[part.text, part.message] for part in answer.parts]
    return json.dumps([engine.category(question, answer), answer.keys, parts, labels], ensure_ascii=False)

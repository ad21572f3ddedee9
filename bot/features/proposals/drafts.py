"""A question in the making, as somebody who leads the work has told it so far. Pure."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from bot.flows.model import Audience, Choice, QuestionKind, Wording
from bot.process.own_questions import ChatQuestion
from bot.texts import names

LONGEST = 300  # characters of a question
LONGEST_CHOICE = 60  # characters that a phone still shows whole
FEWEST_CHOICES, MOST_CHOICES = 2, 10
_LETTERS = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa"})


class AnswerWay(StrEnum):
    """The kinds of question that can be made in the chat; named as in QuestionKind."""

    TEXT = "text"
    IDEAS = "ideas"
    YES_NO = "yes_no"
    SCALE = "scale"
    SINGLE = "single"


class QuestionField(StrEnum):
    """As they stand in paths, in the order in which they are asked for."""

    TEXT = "tekst"
    KIND = "svar"
    CHOICES = "valg"
    STEP = "trin"
    WHO = "hvem"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionDraft:
    source: str  # the proposal it is made of (service.Proposal.key)
    da: str = ""
    jer: str = ""  # to associations and councils; empty: as to everybody
    en: str = ""  # empty: the Danish
    kind: str = ""
    flow: str = ""
    who: tuple[str, ...] = ()
    choices: tuple[tuple[str, str], ...] = ()  # in Danish and English

    @property
    def lacks(self) -> QuestionField | None:
        """What is asked for next; None where everything is told."""
        told = {
            QuestionField.TEXT: self.da,
            QuestionField.KIND: self.kind,
            QuestionField.CHOICES: self.kind != AnswerWay.SINGLE or len(self.choices) >= FEWEST_CHOICES,
            QuestionField.STEP: self.flow,
            QuestionField.WHO: self.who,
        }
        return next((field for field in QuestionField if not told[field]), None)

    def before(self, field: QuestionField) -> QuestionField | None:
        """The question that was asked before it; None before the first."""
        asked = [each for each in QuestionField if each is not QuestionField.CHOICES or self.kind == AnswerWay.SINGLE]
        place = asked.index(field) if field in asked else 0
        return asked[place - 1] if place else None

    @property
    def words(self) -> tuple[str, ...]:
        """Every text that would be shown, in every form."""
        choices = (label for choice in self._choices for label in choice)
        return tuple(filter(None, (self.da, self.jer, self.en, *choices)))

    @property
    def _choices(self) -> tuple[tuple[str, str], ...]:
        return self.choices if self.kind == AnswerWay.SINGLE else ()

    def question(self, question_id: str) -> ChatQuestion:
        """Of a draft that lacks nothing."""
        return ChatQuestion(
            flow=self.flow,
            id=question_id,
            kind=QuestionKind(self.kind),
            text=Wording(da=self.da, en=self.en or self.da, da_jer=self.jer or None),
            who=tuple(Audience(group) for group in self.who),
            choices=tuple(
                Choice(key=key, label=Wording(da=da, en=en or da))
                for key, (da, en) in zip(_keys(self._choices), self._choices, strict=True)
            ),
        )


def _keys(choices: tuple[tuple[str, str], ...]) -> list[str]:
    """What stands for each in the export: its letters; a number behind those that are the same."""
    keys: list[str] = []
    for da, _ in choices:
        plain = unicodedata.normalize("NFKD", da.casefold().translate(_LETTERS)).encode("ascii", "ignore").decode()
        key = "v_" + (re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:30].rstrip("_") or "svar")
        keys.append(key if key not in keys else f"{key}_{len(keys) + 1}")
    return keys


def written(draft: QuestionDraft) -> str:
    return json.dumps(asdict(draft), ensure_ascii=False)


def read(content: str | None) -> QuestionDraft | None:
    if content is None:
        return None
    told: dict[str, Any] = json.loads(content)
    return QuestionDraft(
        **{
            **told,
            "who": tuple(told["who"]),
            "choices": tuple((da, en) for da, en in told["choices"]),
        }
    )


def one_line(text: str) -> str:
    """A question as it is kept: on one line, without the signs that nobody sees."""
    return names.on_one_line(text.replace("\n", " "))


def choices_in(text: str) -> tuple[tuple[str, str], ...]:
    """A line each, or between semicolons, the English behind a sign of equality: «Let = Easy». What stands twice is
    one."""
    lines = (one_line(line).partition("=") for line in re.split(r"[\n;]", text))
    told = {da.strip(): en.strip() for da, _, en in lines if da.strip()}
    return tuple(told.items())

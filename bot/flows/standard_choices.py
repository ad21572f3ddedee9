"""Choices of a question: its own, and the fixed ones that its kind has (standard_choices.yaml)."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import yaml

from bot.flows.model import UNKNOWN, Choice, Question, QuestionKind


@cache
def _fixed() -> dict[str, tuple[Choice, ...]]:
    listed = yaml.safe_load(files("bot.flows").joinpath("standard_choices.yaml").read_text(encoding="utf-8"))
    return {name: tuple(Choice.model_validate(choice) for choice in choices) for name, choices in listed.items()}


def choices(question: Question) -> tuple[Choice, ...]:
    """Every choice there is to the question, in the order shown; «Andet» last."""
    match question.kind:
        case QuestionKind.YES_NO | QuestionKind.SCALE:
            fixed = _fixed()[question.kind.value]
            return fixed if question.unknown else tuple(choice for choice in fixed if choice.key != UNKNOWN)
        case _ if question.other:
            return question.choices + _fixed()["other"]
        case _:
            return question.choices


def options(question: Question) -> tuple[Choice, ...]:
    """Those that are offered, in the order written; their places are what `engine.Picked` names."""
    return tuple(choice for choice in choices(question) if choice.only_with is None)

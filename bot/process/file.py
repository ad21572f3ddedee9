"""The process file: the municipality, its policy, its words and places, and when each step is open."""

from __future__ import annotations

from datetime import date, datetime
from functools import cached_property
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from bot.flows import schedule
from bot.flows.loader import Item, Material
from bot.flows.model import Key, Language

Line = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True, pattern=r"^[^\n]*$")]


def _moment(value: object) -> object:
    """`2026-03-03 19:00`, Danish time. A day without a time is refused: a deadline has a clock time."""
    try:
        moment = datetime.fromisoformat(value.strip()) if isinstance(value, str) and ":" in value else value
    except ValueError:
        moment = None
    if not isinstance(moment, datetime) or moment.tzinfo is not None:
        raise ValueError("write day and time as 2026-03-03 19:00, in Danish time")
    return moment


Moment = Annotated[datetime, BeforeValidator(_moment)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Municipality(_Part):
    name: Annotated[Line, StringConstraints(max_length=60)]  # Eksempel Kommune


class Policy(_Part):
    """What is being made, without an article: frivilligpolitik, medborgerskabspolitik, civilsamfundsstrategi."""

    da: Annotated[Line, StringConstraints(max_length=40)]
    en: Annotated[Line, StringConstraints(max_length=40)]


class Contacts(_Part):
    """What the privacy notice promises; none of it may be empty."""

    email: Annotated[str, StringConstraints(pattern=r"^[^\s@]+@[^\s@]+\.[^\s@]+$")]
    phone: Annotated[str, StringConstraints(pattern=r"^(\+45 ?)?[2-9]\d( ?\d\d){3}$")]
    dpo: Annotated[str, StringConstraints(pattern=r"^[^\s@]+@[^\s@]+\.[^\s@]+$")]
    supplier: Line  # who runs the bot for the municipality
    accessibility: Annotated[str, StringConstraints(pattern=r"^https://\S+$")] | None = None  # the pages' statement


class Words(_Part):
    """Danish municipalities call the same thing by different names."""

    council: Annotated[str, StringConstraints(pattern=r"^[a-zæøåéA-ZÆØÅÉ -]{3,40}$")] = "byråd"


class Draft(_Part):
    main_points: tuple[Item, ...] = ()
    lines: tuple[Item, ...] = ()
    sections: tuple[Item, ...] = ()
    responses: tuple[Item, ...] = ()


class StepTimes(_Part):
    """When a flow takes answers. No `opens`: from the start. No `closes`: until further notice."""

    flow: Key
    opens: Moment | None = None
    closes: Moment | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.opens is not None and self.closes is not None and self.opens >= self.closes:
            raise ValueError(f"{self.flow} closes before it opens")
        return self

    @cached_property
    def opens_at(self) -> int | None:
        return None if self.opens is None else schedule.to_utc(self.opens)

    @cached_property
    def closes_at(self) -> int | None:
        return None if self.closes is None else schedule.to_utc(self.closes)


class ProcessFile(_Part):
    process: Key
    municipality: Municipality
    policy: Policy
    contacts: Contacts
    words: Words = Words()
    deletion_date: date
    areas: tuple[Item, ...] = ()
    departments: tuple[Item, ...] = ()
    goals: tuple[Item, ...] = Field(default=(), max_length=5)
    parties: tuple[Item, ...] = ()
    draft: Draft = Draft()
    steps: tuple[StepTimes, ...]

    def policy_in(self, language: Language) -> str:
        return self.policy.da if language == "da" else self.policy.en

    @property
    def material(self) -> Material:
        """What the question sets take from the process."""
        return Material(
            areas=self.areas,
            departments=self.departments,
            goals=self.goals,
            parties=self.parties,
            sections=self.draft.sections,
            lines=self.draft.lines,
            main_points=self.draft.main_points,
            responses=self.draft.responses,
            council=self.words.council,
        )

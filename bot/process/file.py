"""The process file: the municipality, its policy, its words and places, and when each step is open."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cache, cached_property
from importlib.resources import files
from typing import Annotated, Self

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, field_serializer, model_validator

from bot import texts
from bot.flows import reminder_rules, schedule
from bot.flows.fault_words import said
from bot.flows.loader import Item, Material, PolicyKind
from bot.flows.model import Group, Key, Language, Wording
from bot.process import department_words

Line = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True, pattern=r"^[^\n]*$")]


def _moment(value: object) -> object:
    """`2026-03-03 19:00`, Danish time. A day without a time is refused: a deadline has a clock time."""
    try:
        moment = datetime.fromisoformat(value.strip()) if isinstance(value, str) and ":" in value else value
    except ValueError:
        moment = None
    if not isinstance(moment, datetime) or moment.tzinfo is not None:
        raise ValueError(said("moment"))
    return moment


Moment = Annotated[datetime, BeforeValidator(_moment)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Municipality(_Part):
    name: Annotated[Line, StringConstraints(max_length=60)]  # Eksempel Kommune


class Policy(_Part):
    """What is being made, without an article: frivilligpolitik, medborgerskabspolitik, civilsamfundsstrategi. In a
    revision also what that of today is called, and where it can be read."""

    kind: PolicyKind = PolicyKind.NEW
    da: Annotated[Line, StringConstraints(max_length=40)]
    en: Annotated[Line, StringConstraints(max_length=40)]
    today: Annotated[Line, StringConstraints(max_length=120)] | None = None
    today_en: Annotated[Line, StringConstraints(max_length=120)] | None = None
    today_link: Annotated[str, StringConstraints(pattern=r"^https://\S{3,300}$")] | None = None

    @property
    def of_today(self) -> Wording | None:
        """What is read before the questions about it; None where nothing is told of it."""
        if self.kind is PolicyKind.NEW or (self.today is None and self.today_link is None):
            return None
        return Wording(da=self._of_today("da", self.today), en=self._of_today("en", self.today_en or self.today))

    def _of_today(self, language: Language, title: str | None) -> str:
        named = texts.say(language, "policy.today", title=title) if title is not None else None
        read = texts.say(language, "policy.today-link", link=self.today_link) if self.today_link is not None else None
        return "\n".join(filter(None, (named, read)))


class Contacts(_Part):
    """What the privacy notice promises; none of it may be empty."""

    email: Annotated[str, StringConstraints(pattern=r"^[^\s@]+@[^\s@]+\.[^\s@]+$")]
    phone: Annotated[str, StringConstraints(pattern=r"^(\+45 ?)?[2-9]\d( ?\d\d){3}$")]
    dpo: Annotated[str, StringConstraints(pattern=r"^[^\s@]+@[^\s@]+\.[^\s@]+$")]
    supplier: Line  # who runs the bot for the municipality
    accessibility: Annotated[str, StringConstraints(pattern=r"^https://\S+$")] | None = None  # the pages' statement


_Word = Annotated[str, StringConstraints(pattern=r"^[a-zæøåéA-ZÆØÅÉ -]{3,45}$")]


class LocalWords(_Part):
    """Danish municipalities call the same thing by different names."""

    council: Annotated[str, StringConstraints(pattern=r"^[a-zæøåéA-ZÆØÅÉ -]{3,40}$")] = "byråd"
    department: Annotated[str, StringConstraints(pattern=r"^(en|et) [a-zæøåéA-ZÆØÅÉ -]{3,40}$")] = (
        department_words.USUAL
    )
    the_department: _Word | None = None  # as bot.process.department_words has it
    departments: _Word | None = None

    def department_in(self, language: Language) -> dict[str, str]:
        """By the placeholder that each form of the word stands for in a phrase."""
        return department_words.in_language(language, self.department, self.the_department, self.departments).filling()


class HearingDraft(_Part):
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
            raise ValueError(said("closes-first", flow=self.flow))
        return self

    @cached_property
    def opens_at(self) -> int | None:
        return None if self.opens is None else schedule.to_utc(self.opens)

    @cached_property
    def closes_at(self) -> int | None:
        return None if self.closes is None else schedule.to_utc(self.closes)


_Token = Annotated[str, StringConstraints(pattern=f"^({reminder_rules.TOKEN})$")]


class Reminders(_Part):
    """When people are reminded before what, and how much is enough (DENMARK's conventions: weekdays, daytime)."""

    meetings: tuple[_Token, ...] = ("7d", "1d", "morning")
    hearing: tuple[_Token, ...] = ("half", "7d", "2d", "morning")
    steps: tuple[_Token, ...] = ("7d", "morning")
    unfinished_after_days: Annotated[int, Field(ge=1, le=60)] | None = 3  # None: nobody is reminded of a draft
    most_per_week: Annotated[int, Field(ge=1, le=20)] = 3


def _span(value: object) -> object:
    """`"9-20"` or `"9.30-20"`, by the clock on the wall; `"none"`: not at all."""
    if value == "none":
        return None
    found = (
        re.fullmatch(r"(\d{1,2})(?:[.:](\d\d))?\s*-\s*(\d{1,2})(?:[.:](\d\d))?", value)
        if isinstance(value, str)
        else None
    )
    if found is None:
        raise ValueError('write hours as "9-20", or "none"')
    try:
        begin, end = time(int(found[1]), int(found[2] or 0)), time(int(found[3]), int(found[4] or 0))
    except ValueError:
        begin = end = time()
    if begin >= end:
        raise ValueError('write hours as "9-20", or "none"')
    return begin, end


WrittenSpan = Annotated[schedule.Span | None, BeforeValidator(_span)]


class WritingHours(_Part):
    """When messages may go out. Sundays stand for public holidays too."""

    weekdays: WrittenSpan = (time(9), time(20))
    saturday: WrittenSpan = (time(10), time(18))
    sunday: WrittenSpan = None
    closed: tuple[date, ...] = ()

    @model_validator(mode="after")
    def _some(self) -> Self:
        if self.weekdays is None and self.saturday is None and self.sunday is None:
            raise ValueError("there is no hour at which one may write to people")
        return self

    @field_serializer("weekdays", "saturday", "sunday")
    def _as_written(self, span: schedule.Span | None) -> str:
        return "none" if span is None else f"{span[0]:%H.%M}-{span[1]:%H.%M}"

    @cached_property
    def hours(self) -> schedule.SendingHours:
        return schedule.SendingHours(self.weekdays, self.saturday, self.sunday, frozenset(self.closed))


class MeetingKind(StrEnum):
    OPENING = "opening"  # guide l. 47-54
    VOLUNTEERS = "volunteers"  # guide l. 56-62
    STAFF = "staff"  # guide l. 64-70
    STEERING = "steering"
    OTHER = "other"


Prose = Annotated[str, StringConstraints(max_length=1000, strip_whitespace=True)]
DEFAULT_LENGTH = timedelta(hours=2)


class MeetingEntry(_Part):
    """A meeting as the process file says it. What is left out depends on its kind, or is not said."""

    key: Key
    kind: MeetingKind = MeetingKind.OTHER
    flow: Key | None = None  # the step it belongs to
    title: Annotated[Line, StringConstraints(max_length=120)]
    title_en: Annotated[str, StringConstraints(max_length=120)] = ""
    purpose: Prose = ""
    agenda: Prose = ""
    place: Annotated[str, StringConstraints(max_length=120)] = ""
    address: Annotated[str, StringConstraints(max_length=200)] = ""
    directions: Prose = ""
    link: Annotated[str, StringConstraints(pattern=r"^(https://\S{3,300})?$")] = ""
    led_by: Annotated[str, StringConstraints(max_length=120)] = ""
    starts: Moment
    ends: Moment | None = None  # two hours later
    invites: Moment | None = None  # as soon as it is loaded
    signup_until: Moment | None = None  # until it starts
    groups: tuple[Group, ...] | None = None  # None: as its kind says
    areas: tuple[Key, ...] = ()
    capacity: Annotated[int, Field(ge=1, le=100_000)] | None = None
    most_per_association: Annotated[int, Field(ge=1, le=1000)] | None = None
    reminders: tuple[_Token, ...] | None = None
    cancelled: bool = False
    why: Annotated[str, StringConstraints(max_length=300)] = ""  # of a change or cancellation, told to those invited

    @property
    def until(self) -> datetime:
        """When it ends, though nothing is said of it."""
        return self.starts + DEFAULT_LENGTH if self.ends is None else self.ends

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends is not None and self.ends <= self.starts:
            raise ValueError(f"{self.key} ends before it starts")
        if self.signup_until is not None and self.signup_until > self.starts:
            raise ValueError(f"{self.key} takes sign-ups after it has started")
        if not self.place and not self.link:
            raise ValueError(f"{self.key} needs a place or a link")
        return self


@cache
def shipped_policy_areas() -> tuple[Item, ...]:
    """What a policy may cover, where the process file does not say so itself."""
    listed = yaml.safe_load(files("bot.process").joinpath("policy_areas.yaml").read_text(encoding="utf-8"))
    return tuple(Item.model_validate(entry) for entry in listed)


class QuestionsText(_Part):
    """The municipality's own questions as they were loaded (bot.process.own_questions): the file's name and text."""

    name: str
    text: str


class ProcessFile(_Part):
    process: Key
    municipality: Municipality
    policy: Policy
    contacts: Contacts
    words: LocalWords = LocalWords()
    deletion_date: date
    areas: tuple[Item, ...] = ()
    departments: tuple[Item, ...] = ()
    policy_areas: tuple[Item, ...] = Field(default_factory=shipped_policy_areas, max_length=20)
    goals: tuple[Item, ...] = Field(default=(), max_length=5)
    parties: tuple[Item, ...] = ()
    draft: HearingDraft = HearingDraft()
    steps: tuple[StepTimes, ...]
    meetings: tuple[MeetingEntry, ...] = ()
    reminders: Reminders = Reminders()
    writing_hours: WritingHours = WritingHours()
    questions: QuestionsText | None = None  # kept with it in the database; in the file itself it is refused

    def policy_in(self, language: Language) -> str:
        return self.policy.da if language == "da" else self.policy.en

    @property
    def material(self) -> Material:
        """What the question sets take from the process."""
        return Material(
            areas=self.areas,
            departments=self.departments,
            policy_areas=self.policy_areas,
            goals=self.goals,
            parties=self.parties,
            sections=self.draft.sections,
            lines=self.draft.lines,
            main_points=self.draft.main_points,
            responses=self.draft.responses,
            council=self.words.council,
            which_department=department_words.which(self.words.department),
            policy=self.policy.kind,
            policy_today=self.policy.of_today,
        )


def stored(definition: str) -> ProcessFile:
    """As it lies in the database. An older Besyv may have known more fields."""
    return ProcessFile.model_validate_json(definition, extra="ignore")

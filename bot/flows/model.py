"""Model of a guided dialogue: flows, questions, choices, conditions and wording, all frozen.

Belongs here: the shape of a question set and what must hold for it. Not here: where a person is in it
(engine.py), reading files (loader.py), how it looks (outline.py, bot.channels.telegram.render).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from bot.flows.fault_words import Bilingual, joined, said

Language = Literal["da", "en"]
LANGUAGES: tuple[Language, ...] = ("da", "en")
Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_+-]*$", max_length=40)]
QuestionId = Annotated[str, StringConstraints(pattern=r"^[A-Z][0-9]{1,2}[a-z]?(\.[a-z0-9_-]+)?$", max_length=40)]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]

# What an answer tells about the person, beside being an answer.
# «messages» is a yes to all of them, «reminders» to being reminded alone, as it was asked before.
Sets = Literal["group", "front", "reminders", "messages", "association", "field", "department", "area", "size"]
Order = Literal["free", "fixed"]  # of choices: turned round for half of the people, or as written for all
OF_MESSAGES: Final = ("messages", "reminders")  # what a question sets that asks whether we may write
MAX_QUESTIONS_ON_A_PATH = 7  # a sitting of three to five minutes; follow-ups to an answer aside
MAX_CHOICES = 24  # what one can overlook on a phone, and far below Telegram's 100 buttons


class Group(StrEnum):
    """Whom a person answers as (svargruppe). The values stand in exports and never change. As the steering group one
    answers by its role, in its own steps alone."""

    FRIVILLIG = "frivillig"
    FORENING = "forening"
    ANSAT = "ansat"
    LEDER = "leder"
    POLITIKER = "politiker"
    RAAD_CENTER = "raad_center"
    BORGER = "borger"
    STYREGRUPPE = "styregruppe"


class Audience(StrEnum):
    """Whom a question is for: a group, staff who do or do not meet citizens, or everyone (`alle`)."""

    ALLE = "alle"
    FRIVILLIG = "frivillig"
    FORENING = "forening"
    ANSAT = "ansat"
    ANSAT_FRONT = "ansat_front"
    ANSAT_OEVRIG = "ansat_oevrig"
    LEDER = "leder"
    POLITIKER = "politiker"
    RAAD_CENTER = "raad_center"
    BORGER = "borger"
    STYREGRUPPE = "styregruppe"


class QuestionKind(StrEnum):
    TEXT = "text"
    IDEAS = "ideas"
    SINGLE = "single"
    MULTI = "multi"
    SCALE = "scale"
    RANKING = "ranking"
    YES_NO = "yes_no"
    CONTACT = "contact"


class _FrozenModel(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Respondent(_FrozenModel):
    """What about a person decides which questions they get and how they are addressed."""

    group: Group | None = None
    front: bool = False
    steering: bool = False  # holds the steering group's role, beside what they answer as
    several: bool = False  # what is entered comes from several people at once: a table at a meeting

    @cached_property
    def audiences(self) -> frozenset[Audience]:
        mine = {Audience.ALLE}
        if self.group is not None:
            mine.add(Audience(self.group.value))
        if self.group is Group.ANSAT:
            mine.add(Audience.ANSAT_FRONT if self.front else Audience.ANSAT_OEVRIG)
        return frozenset(mine)

    @property
    def speaks_for_many(self) -> bool:
        """Associations and councils are addressed as «I», and so is a table; everyone else as «du»."""
        return self.several or self.group in SPEAK_FOR_MANY


# Those who answer for more than themselves.
SPEAK_FOR_MANY = (Group.FORENING, Group.RAAD_CENTER)

RESPONDENTS: tuple[Respondent, ...] = (
    *(Respondent(group=group) for group in Group),
    Respondent(group=Group.ANSAT, front=True),
)


class Wording(_FrozenModel):
    """One sentence or more in every language; `da_jer` where Danish speaks to several people."""

    da: Text
    en: Text
    da_jer: Text | None = None

    def to(self, language: Language, *, many: bool = False) -> str:
        if language == "da":
            return self.da_jer if many and self.da_jer else self.da
        return self.en

    @property
    def forms(self) -> tuple[str, ...]:
        """In every language, and to one and to several."""
        return tuple(form for form in (self.da, self.da_jer, self.en) if form)


class Choice(_FrozenModel):
    key: Key
    label: Wording
    only_with: Literal["steering"] | None = None  # in older versions: to answer as the steering group; offered no more
    exclusive: bool = False  # multi: stands alone («Alle områder»); to choose it unticks the others, and they untick it
    last: bool = False  # stays behind the others when their order is turned round, as «Andet» and «Ved ikke» always do


class Condition(_FrozenModel):
    """A question is asked when an earlier one was answered so. A skipped answer satisfies only `is_not`."""

    question: QuestionId
    is_: tuple[Key, ...] = Field(default=(), alias="is")
    is_not: tuple[Key, ...] = ()

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if bool(self.is_) == bool(self.is_not):
            raise ValueError(said("condition.one-thing"))
        return self

    def holds(self, keys: tuple[str, ...]) -> bool:
        if self.is_:
            return any(key in self.is_ for key in keys)
        return not any(key in self.is_not for key in keys)


class Bucket(_FrozenModel):
    """The keys of several choices or marks that are counted under one name."""

    name: Key
    keys: tuple[Key, ...]


class Question(_FrozenModel):
    id: QuestionId
    kind: QuestionKind
    who: tuple[Audience, ...]
    text: Wording
    theme: Key  # what it tells us about: vision, value, need, wish, idea, …
    source: str = ""  # the guide's lines
    when: Condition | None = None
    shows: Wording | None = None  # what is to be read before answering: a section of the draft, the main points
    choices: tuple[Choice, ...] = ()
    buckets: tuple[Bucket, ...] = ()
    other: bool = False  # typed text that is no label counts as «Andet»
    most: int | None = Field(default=None, ge=1)  # multi: how many may be chosen
    order: Order | None = None  # single and multi: whether the order of the choices may be turned round
    required: bool = False
    unknown: bool = True  # yes_no and scale: «Ved ikke» is offered
    apart: bool = False  # kept away from answers and never exported with them
    sets: Sets | None = None
    retired: bool = False  # of an older Besyv: what was answered is kept, and nobody is asked any more

    def asked(self, language: Language, *, many: bool = False) -> str:
        """The wording shown; where it is asked of several sections, the section's name goes first, as a sentence."""
        text = self.text.to(language, many=many)
        if "." not in self.id or self.shows is None:
            return text
        item = self.item(language)
        return f"{item if item.endswith(('.', '?', '!')) else f'{item}.'} {text}"

    def item(self, language: Language) -> str:
        """The name of what it is asked about, where it is asked of several: the first line of what it shows."""
        return self.shows.to(language).partition("\n")[0] if self.shows is not None else self.text.to(language)

    @property
    def is_written(self) -> bool:
        """True where the answer is the person's own words."""
        return self.kind in (QuestionKind.TEXT, QuestionKind.IDEAS, QuestionKind.CONTACT)

    @property
    def is_need(self) -> bool:
        """True where it is told for one meeting's sake, and goes when that is over; the yes to it too."""
        return self.apart and self.theme == MEETING

    @property
    def collects(self) -> bool:
        """True where several things can be told, one after the other."""
        return self.kind in (QuestionKind.IDEAS, QuestionKind.MULTI, QuestionKind.RANKING)

    @cached_property
    def exclusive(self) -> frozenset[str]:
        """The keys of the choices that stand alone."""
        return frozenset(choice.key for choice in self.choices if choice.exclusive)

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key an answer to this question can carry."""
        own = tuple(choice.key for choice in self.choices)
        match self.kind:
            case QuestionKind.SCALE | QuestionKind.YES_NO:
                fixed = SCALE_KEYS if self.kind is QuestionKind.SCALE else YES_NO_KEYS
                return fixed if self.unknown else tuple(key for key in fixed if key != UNKNOWN)
            case _:
                return (*own, OTHER) if self.other else own

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        needs_choices = self.kind in (QuestionKind.SINGLE, QuestionKind.MULTI, QuestionKind.RANKING)
        if needs_choices and len(self.choices) < 2:
            raise ValueError(said("choices.two", id=self.id, kind=self.kind))
        if self.choices and self.kind not in (
            QuestionKind.SINGLE,
            QuestionKind.MULTI,
            QuestionKind.RANKING,
            QuestionKind.TEXT,
        ):
            raise ValueError(said("choices.no", id=self.id, kind=self.kind))
        if len(self.choices) > MAX_CHOICES:
            raise ValueError(said("choices.most", id=self.id, most=MAX_CHOICES))
        keys = [choice.key for choice in self.choices]
        if len(set(keys)) != len(keys):
            raise ValueError(said("choices.twice", id=self.id))
        if OTHER in keys:
            raise ValueError(said("choices.other", id=self.id, key=OTHER))
        if self.other and self.kind not in (QuestionKind.SINGLE, QuestionKind.MULTI):
            raise ValueError(said("belongs.other", id=self.id))
        if self.most is not None and self.kind is not QuestionKind.MULTI:
            raise ValueError(said("belongs.most", id=self.id))
        if not self.unknown and self.kind not in (QuestionKind.YES_NO, QuestionKind.SCALE):
            raise ValueError(f"{self.id}: `unknown` belongs to yes_no and scale")
        if self.order is not None and self.kind not in (QuestionKind.SINGLE, QuestionKind.MULTI):
            raise ValueError(said("belongs.order", id=self.id))
        if self.order == "free" and self.apart:
            raise ValueError(f"{self.id}: what is kept apart has one order")
        if self.exclusive and self.kind is not QuestionKind.MULTI:
            raise ValueError(said("belongs.exclusive", id=self.id))
        if self.kind is QuestionKind.CONTACT and not self.apart:
            raise ValueError(f"{self.id}: a contact is kept apart: write `apart: true`")
        for bucket in self.buckets:
            for key in bucket.keys:
                if key not in self.keys:
                    raise ValueError(f"{self.id}: bucket {bucket.name} counts {key}, which is no answer to it")
        return self


OTHER = "andet"
UNKNOWN = "ved_ikke"
MEETING = "meeting"  # the theme of what is told for one meeting's sake
PROFILE = "profile"  # the theme of what tells who answers
PREFERS_NOT = "vil_ikke_svare"
SCALE_KEYS = ("1", "2", "3", "4", "5", UNKNOWN)
YES, NO = "ja", "nej"
YES_NO_KEYS = (YES, NO, UNKNOWN)


class Flow(_FrozenModel):
    """The questions of one step, in order. Each says who is asked and when.

    Raises ValueError (as pydantic's ValidationError) with the question's id where a rule is broken.
    """

    flow: Key
    step: Key
    title: Wording  # what those who answer see
    group_titles: Mapping[Group, Wording] = {}  # what a group sees, where that is another
    work_title: Wording | None = None  # what those who lead the work call the step, where that is another
    questions: tuple[Question, ...]
    review: bool = True  # show the answers before «Send»
    privacy_hint: bool = False  # remind once that others' names and illness do not belong here
    source: str = ""  # the guide's step and lines

    def __iter__(self) -> Iterator[Question]:  # type: ignore[override]  # a flow is its questions
        return iter(self.questions)

    def title_for(self, group: str | None) -> Wording:
        """What those who answer as the group see; None: they have not told."""
        return self.group_titles.get(Group(group), self.title) if group else self.title

    @property
    def title_at_work(self) -> Wording:
        return self.work_title or self.title

    @cached_property
    def audiences(self) -> frozenset[Audience]:
        """Whom it asks anything: what is asked on a condition comes after the question that it names."""
        return frozenset(audience for question in self.questions if question.when is None for audience in question.who)

    @cached_property
    def by_role(self) -> bool:
        """Whether it is the steering group's own, and answered by those who hold its role, whoever else they are."""
        return self.audiences == {Audience.STYREGRUPPE}

    @cached_property
    def asked_once_more(self) -> Flow:
        """The same for who answers in a further capacity: what is of the person, and not of that, is left out."""
        return self._of(question for question in self.questions if question.sets not in OF_MESSAGES)

    @cached_property
    def of_the_person(self) -> Flow:
        """What of it is of the person, whatever they answer as."""
        return self._of(question for question in self.questions if question.sets in OF_MESSAGES)

    def _of(self, questions: Iterable[Question]) -> Flow:
        given = {name: getattr(self, name) for name in type(self).model_fields}
        return self.model_construct(**{**given, "questions": tuple(questions)})

    def longest_path(self, respondent: Respondent) -> int:
        """How many questions they are asked at most; follow-ups to an answer aside, and a repeated question once."""
        return len(self.path(respondent))

    def path(self, respondent: Respondent) -> tuple[str, ...]:
        """The ids of those, in order."""
        asked = (q.id.split(".")[0] for q in self.questions if q.when is None and _asked(q, respondent))
        return tuple(dict.fromkeys(asked))

    @cached_property
    def deciding(self) -> frozenset[str]:
        """The questions whose answers decide whether another is asked."""
        return frozenset(question.when.question for question in self.questions if question.when is not None)

    def question(self, wanted: str) -> Question:
        """Raises KeyError where the flow has no such question."""
        for question in self.questions:
            if question.id == wanted:
                return question
        raise KeyError(wanted)

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        before: dict[str, Question] = {}
        for question in self.questions:
            if question.id in before:
                raise ValueError(said("question.twice", id=question.id))
            if question.when is not None:
                _condition_looks_back(question.id, question.when, before)
            before[question.id] = question
        for question in self.questions:
            if not any(_can_meet(question, respondent, before) for respondent in RESPONDENTS):
                raise ValueError(said("question.nobody", id=question.id))
        full = [each for each in RESPONDENTS if self.longest_path(each) > MAX_QUESTIONS_ON_A_PATH]
        if full:
            ids = {each: None for respondent in full for each in self.path(respondent)}
            whole = Bilingual(self.title.en, self.title.da)
            raise ValueError(
                said(
                    "path.full",
                    flow=self.flow,
                    title=whole,
                    told=self._asked_too_much(full),
                    ids=ids,
                    most=MAX_QUESTIONS_ON_A_PATH,
                )
            )
        return self

    def _asked_too_much(self, full: list[Respondent]) -> Bilingual:
        """Who is asked how many, and which: those who are asked the same together."""
        groups: dict[tuple[str, ...], list[str]] = {}
        for each in full:
            names = groups.setdefault(self.path(each), [])
            if each.group is not None and each.group not in names:
                names.append(each.group)
        return joined(
            [said("path.of", groups=_names(names), number=len(ids), ids=" ".join(ids)) for ids, names in groups.items()]
        )


def _names(groups: list[str]) -> Bilingual:
    named = [said(f"group.{group}") for group in groups]
    return Bilingual(", ".join(named), ", ".join(each.danish for each in named))


def _asked(question: Question, respondent: Respondent) -> bool:
    return not respondent.audiences.isdisjoint(question.who)


def _can_meet(question: Question, respondent: Respondent, before: dict[str, Question]) -> bool:
    if not _asked(question, respondent):
        return False
    return question.when is None or _can_meet(before[question.when.question], respondent, before)


def _condition_looks_back(owner: str, condition: Condition, before: dict[str, Question]) -> None:
    if condition.question not in before:
        raise ValueError(said("condition.before", id=owner, question=condition.question))
    for key in (*condition.is_, *condition.is_not):
        if key not in before[condition.question].keys:
            raise ValueError(said("condition.answer", id=owner, key=key, question=condition.question))

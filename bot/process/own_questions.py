"""The municipality's own questions: one YAML file that adds, rewords, moves and switches off questions and whole steps.

Belongs here: what such a file may say, and how it changes the flows that Besyv comes with. Pure: texts in, flows out.
Not here: the shipped flows (flows.py), how a flow is filled (bot.flows.loader), storing (bot.features.process_file).
Its form, field by field: docs/questions.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    ValidationError,
    model_validator,
)

from bot.flows import check, yamltext
from bot.flows.fault_words import Bilingual, said, together
from bot.flows.file_faults import Location, near
from bot.flows.loader import FlowSource, ListName, Shared, Use, Worded, Written
from bot.flows.model import (
    Audience,
    Bucket,
    Choice,
    Condition,
    Key,
    Order,
    QuestionKind,
    Wording,
)
from bot.flows.yamltext import Document, Faulty
from bot.process.file import Moment, ProcessFile, QuestionsText, StepTimes
from bot.process.plan import START

OWN_QUESTION = re.compile(r"Q[0-9]{1,2}[a-z]?")  # the shipped ones have other letters, and always will
OWN_STEP = "egen_"  # what the name of a step of the municipality's own begins with
SOURCE = "the municipality's own"
CHAT = "from_chat"  # where the file has the questions that were made in the chat
CLOSING = "X1"  # «Er der andet …?»: what is added stands before it
_RESERVED_THEMES = frozenset({"profile", "contact", "meeting", "disposition"})  # something else is done with these
_OWN_THEMES = tuple(theme for theme in check.THEMES if theme not in _RESERVED_THEMES)
_BUCKETS = (
    Bucket(name="lav", keys=("1", "2")),
    Bucket(name="midt", keys=("3",)),
    Bucket(name="hoej", keys=("4", "5")),
)


class _OwnPart(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


# --- what the file may say --------------------------------------------------------------------------------


class ChangedChoice(_OwnPart):
    """A choice with another label, one more, or one that is offered no longer."""

    key: Key
    label: Wording | None = None
    switched_off: bool = False

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if (self.label is None) != self.switched_off:
            raise ValueError(said("choice.says-one-thing", key=self.key))
        return self


class Change(_OwnPart):
    """What is different about a question that Besyv comes with. Its id and kind stay."""

    id: str
    switched_off: bool = False
    text: Wording | None = None
    who: tuple[Audience, ...] | None = None
    shows: Wording | None = None
    choices: tuple[ChangedChoice, ...] = ()
    before: str | None = None
    after: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _is_no_new_question(cls, values: Any) -> Any:
        if isinstance(values, dict) and "kind" in values:
            raise ValueError(said("question.not-yours", id=values.get("id")))
        return values

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        rest = self.model_fields_set - {"id", "switched_off"}
        if self.switched_off and rest:
            raise ValueError(said("off-and-more", what=self.id, more=", ".join(sorted(rest))))
        if not self.switched_off and not rest:
            raise ValueError(said("question.nothing-said", id=self.id))
        return self


class _AddedQuestion(_OwnPart):
    """A question of the municipality's own. Fields as in bot.flows.loader.Written."""

    id: Annotated[str, StringConstraints(pattern=f"^{OWN_QUESTION.pattern}$")]
    kind: QuestionKind
    text: Wording
    who: tuple[Audience, ...] | None = None  # of a step of one's own: as the step says
    when: Condition | None = None
    theme: Key = "open"
    shows: Wording | None = None
    choices: tuple[Choice, ...] = ()
    choices_from: ListName | None = None
    other: bool = False
    most: int | None = Field(default=None, ge=1)
    order: Order | None = None
    required: bool = False

    @model_validator(mode="after")
    def _has_a_theme_of_answers(self) -> Self:
        if self.theme not in _OWN_THEMES:
            raise ValueError(said("theme", theme=self.theme, known=", ".join(_OWN_THEMES)))
        return self

    def written(self, who: tuple[Audience, ...]) -> Written:
        is_contact = self.kind is QuestionKind.CONTACT
        return Written(
            id=self.id,
            kind=self.kind,
            text=self.text,
            who=who,
            when=self.when,
            theme="contact" if is_contact else self.theme,
            source=SOURCE,
            shows=self.shows,
            choices=self.choices,
            choices_from=self.choices_from,
            buckets=_BUCKETS if self.kind is QuestionKind.SCALE else (),
            other=self.other,
            most=self.most,
            order=self.order,
            required=self.required,
            apart=is_contact,
        )


class OwnQuestion(_AddedQuestion):
    """One that the file asks in a step, where it says."""

    before: str | None = None
    after: str | None = None


class ChatQuestion(_AddedQuestion):
    """One that somebody who leads the work has made in the chat or on the pages, of what was proposed. It stands last
    in its step, before the closing question."""

    flow: Key
    switched_off: bool = False

    @model_validator(mode="after")
    def _is_asked_of_somebody(self) -> Self:
        if not self.who:
            raise ValueError(said("who.missing", id=self.id))
        return self


def _tag_of_question(entry: object) -> str:
    named = entry.get("id") if isinstance(entry, Mapping) else getattr(entry, "id", None)
    return "$own" if isinstance(named, str) and re.match(r"[Qq]", named) else "$change"


OwnOrChange = Annotated[
    Annotated[OwnQuestion, Tag("$own")] | Annotated[Change, Tag("$change")], Discriminator(_tag_of_question)
]


class ChangedStep(_OwnPart):
    """What is different about a step that Besyv comes with."""

    flow: Key
    switched_off: bool = False
    title: Wording | None = None
    work_title: Wording | None = None
    questions: tuple[OwnOrChange, ...] = ()

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        rest = self.model_fields_set - {"flow", "switched_off"}
        if self.switched_off and rest:
            raise ValueError(said("off-and-more", what=self.flow, more=", ".join(sorted(rest))))
        if not self.switched_off and not (self.title or self.work_title or self.questions):
            raise ValueError(said("step.nothing-said", flow=self.flow))
        return self


class OwnStep(_OwnPart):
    """A step of the municipality's own. `who`: whom its questions are asked of, where they do not say so themselves."""

    flow: Annotated[Key, StringConstraints(pattern=f"^{OWN_STEP}[a-z0-9_]+$")]
    title: Wording
    work_title: Wording | None = None  # what those who lead the work call it, where that is another
    who: tuple[Audience, ...] | None = None
    opens: Moment | None = None
    closes: Moment | None = None
    after: Key | None = None  # the step that it stands after; the last where left out
    privacy_hint: bool = True
    questions: tuple[OwnQuestion, ...] = Field(min_length=1)

    @property
    def times(self) -> StepTimes:
        return StepTimes(flow=self.flow, opens=self.opens, closes=self.closes)

    @model_validator(mode="after")
    def _is_asked_of_somebody(self) -> Self:
        _ = self.times  # opens before it closes
        for question in self.questions:
            if not (question.who or self.who):
                raise ValueError(said("who.of-step", id=question.id))
            if question.before or question.after:
                raise ValueError(said("order.of-own-step", id=question.id, flow=self.flow))
        return self


def _tag_of_step(entry: object) -> str:
    named = entry.get("flow") if isinstance(entry, Mapping) else getattr(entry, "flow", None)
    return "$own" if isinstance(named, str) and named.startswith(OWN_STEP) else "$change"


class OwnQuestions(_OwnPart):
    """The whole file."""

    steps: tuple[
        Annotated[
            Annotated[OwnStep, Tag("$own")] | Annotated[ChangedStep, Tag("$change")], Discriminator(_tag_of_step)
        ],
        ...,
    ]
    from_chat: tuple[ChatQuestion, ...] = ()

    @property
    def asked_from_chat(self) -> tuple[ChatQuestion, ...]:
        """Those that are not switched off."""
        return tuple(question for question in self.from_chat if not question.switched_off)

    @property
    def own_steps(self) -> tuple[OwnStep, ...]:
        return tuple(step for step in self.steps if isinstance(step, OwnStep))

    @property
    def steps_off(self) -> frozenset[str]:
        return frozenset(step.flow for step in self.steps if isinstance(step, ChangedStep) and step.switched_off)


# --- reading it -------------------------------------------------------------------------------------------


@lru_cache(maxsize=8)  # a process that is read anew has the same text
def read(questions: QuestionsText) -> tuple[Document, OwnQuestions]:
    """Raises Faulty, every fault with file, line and field."""
    document = yamltext.parse(questions.text, questions.name)
    own = document.validate(OwnQuestions)
    faults: list[str] = []
    seen: set[str] = set()
    for place, step in enumerate(own.steps):
        first = next((at for at, earlier in enumerate(own.steps[:place]) if earlier.flow == step.flow), None)
        if first is not None:
            line = document.line(("steps", first, "flow"))
            message = said("step.twice", flow=step.flow, line=line)
            faults.append(document.fault(("steps", place, "flow"), message))
        for number, question in enumerate(step.questions):
            at = ("steps", place, "questions", number, "id")
            twice = question.id in [earlier.id for earlier in step.questions[:number]]
            if twice or (isinstance(question, OwnQuestion) and question.id in seen):
                faults.append(document.fault(at, said("twice", what=question.id)))
            seen.add(question.id)
    for place, made in enumerate(own.from_chat):
        if made.id in seen:
            faults.append(document.fault((CHAT, place, "id"), said("twice", what=made.id)))
        seen.add(made.id)
    if faults:
        raise Faulty(faults)
    return document, own


def times(file: ProcessFile) -> tuple[StepTimes, ...]:
    """When each step takes answers, as the process file and the municipality's own questions say together."""
    if file.questions is None:
        return file.steps
    _, own = read(file.questions)
    kept = (step for step in file.steps if step.flow not in own.steps_off)
    return (*kept, *(step.times for step in own.own_steps))


def in_order(shipped: Sequence[str], file: ProcessFile) -> list[str]:
    """The keys of all steps in working order, the municipality's own among them."""
    keys = list(shipped)
    if file.questions is not None:
        for step in read(file.questions)[1].own_steps:
            keys.insert(keys.index(step.after) + 1 if step.after in keys else len(keys), step.flow)
    return keys


def places(questions: QuestionsText) -> Iterator[tuple[str, str, Location]]:
    """Step, question and where it stands, of each question that the file says something of."""
    for place, step in enumerate(read(questions)[1].steps):
        for number, question in enumerate(step.questions):
            yield step.flow, question.id, ("steps", place, "questions", number)
    for place, made in enumerate(read(questions)[1].from_chat):
        if not made.switched_off:
            yield made.flow, made.id, (CHAT, place)


# --- what it changes --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Source:
    """A flow as it is written, and where each part of it stands."""

    document: Document
    flow: FlowSource


def applied(shipped: Sequence[Source], shared: Shared, questions: QuestionsText) -> list[Source]:
    """The shipped flows as the file changes them, and its own steps after them. Raises Faulty with every fault."""
    document, own = read(questions)
    by_key = {source.flow.flow: source for source in shipped}
    made = dict(by_key)
    faults: list[str] = []
    for place, step in enumerate(own.steps):
        at: Location = ("steps", place)
        if isinstance(step, OwnStep):
            if step.after is not None and step.after not in made:
                faults.append(document.fault((*at, "after"), said("step.none-before", after=step.after)))
            made[step.flow] = _own_source(document, at, step)
        elif step.flow not in by_key:
            faults.append(document.fault((*at, "flow"), _no_step(step.flow, by_key)))
        elif step.switched_off and step.flow == START:
            faults.append(document.fault((*at, "switched_off"), said("step.start-off", flow=START)))
        elif not step.switched_off:
            try:
                made[step.flow] = _Changing(document, at, by_key[step.flow], shared).changed(step)
            except Faulty as faulty:
                faults += faulty.faults
    for place, question in enumerate(own.from_chat):
        source = made.get(question.flow)
        if question.switched_off:
            continue  # its step may be gone
        if source is None:
            faults.append(document.fault((CHAT, place, "flow"), said("step.none", flow=question.flow)))
        else:
            made[question.flow] = _with_one_more(source, document, (CHAT, place), question)
    faults += _faults_of_audiences(document, own, made)
    if faults:
        raise Faulty(faults)
    return list(made.values())


def _no_step(flow: str, known: Mapping[str, Source]) -> Bilingual:
    meant = near(flow, known)
    words = said("step.none-of", flow=flow, known=", ".join(known), own=OWN_STEP)
    return words if meant is None else together([words, said("meant", near=meant)])


def _own_source(document: Document, at: Location, step: OwnStep) -> Source:
    flow = FlowSource(
        flow=step.flow,
        step=step.flow,
        title=step.title,
        work_title=step.work_title,
        questions=tuple(question.written(question.who or step.who or ()) for question in step.questions),
        privacy_hint=step.privacy_hint,
        source=SOURCE,
    )
    places: dict[Location, tuple[Document, Location]] = {("flow",): (document, (*at, "flow"))}
    places |= {("questions", n): (document, (*at, "questions", n)) for n in range(len(step.questions))}
    return Source(replace(document, elsewhere=places), flow)


def _with_one_more(source: Source, document: Document, at: Location, question: ChatQuestion) -> Source:
    """The step with a question before its closing one; what is wrong with the whole from now on is said of that."""
    entries = list(source.flow.questions)
    homes = [source.document.home(("questions", place)) for place in range(len(entries))]
    last = place_before_closing([entry.use if isinstance(entry, Use) else entry.id for entry in entries])
    entries.insert(last, question.written(question.who or ()))
    homes.insert(last, (document, at))
    places: dict[Location, tuple[Document, Location]] = {("flow",): (document, (*at, "flow"))}
    places |= {("questions", place): home for place, home in enumerate(homes)}
    flow = source.flow.model_copy(update={"questions": tuple(entries)})
    return Source(replace(source.document, elsewhere=places), flow)


def place_before_closing(ids: Sequence[str]) -> int:
    """Where a question is put that is not told where: last, before «Er der andet …?»."""
    return ids.index(CLOSING) if CLOSING in ids else len(ids)


def _faults_of_audiences(document: Document, own: OwnQuestions, made: Mapping[str, Source]) -> Iterator[str]:
    """A step is the steering group's own, or everybody else's (bot.process.plan.Plan.asks)."""
    named: dict[str, Location] = {question.flow: (CHAT, place) for place, question in enumerate(own.from_chat)}
    named |= {step.flow: ("steps", place) for place, step in enumerate(own.steps)}
    for flow, at in named.items():
        source = made.get(flow)
        asked = {audience for entry in source.flow.questions for audience in entry.who} if source else set()
        if Audience.STYREGRUPPE in asked and len(asked) > 1:
            yield document.fault((*at, "flow"), said("step.steering", flow=flow))


@dataclass(frozen=True, slots=True)
class _PlacedQuestion:
    """A question of a flow, and where it stands: in the shipped file, or in the municipality's own."""

    entry: Use | Written
    home: tuple[Document, Location]

    @property
    def id(self) -> str:
        return self.entry.use if isinstance(self.entry, Use) else self.entry.id

    @property
    def follows(self) -> str | None:
        return None if self.entry.when is None else self.entry.when.question


class _Changing:
    """The changes of one step, one after the other, with every fault of them collected."""

    def __init__(self, document: Document, at: Location, source: Source, shared: Shared) -> None:
        self._own, self._at, self._source, self._shared = document, at, source, shared
        self._faults: list[str] = []
        self._placed = [
            _PlacedQuestion(entry, (source.document, ("questions", place)))
            for place, entry in enumerate(source.flow.questions)
        ]
        self._shipped = frozenset(placed.id for placed in self._placed)

    def changed(self, step: ChangedStep) -> Source:
        """Raises Faulty."""
        off: dict[str, Location] = {}
        for number, question in enumerate(step.questions):
            at = (*self._at, "questions", number)
            if isinstance(question, OwnQuestion):
                self._add(at, question)
            elif question.id not in self._shipped:
                known = ", ".join(placed.id for placed in self._placed if placed.id in self._shipped)
                self._complain((*at, "id"), said("question.none", flow=step.flow, id=question.id, known=known))
            elif question.switched_off:
                off[question.id] = at
            else:
                self._change(at, question)
        for number, question in enumerate(step.questions):
            self._move((*self._at, "questions", number), question, off)
        for question_id, at in off.items():
            self._switch_off(at, question_id, off)
        self._look_back()
        if self._faults:
            raise Faulty(self._faults)
        flow = self._source.flow.model_copy(
            update={
                "title": step.title or self._source.flow.title,
                "group_titles": {} if step.title else self._source.flow.group_titles,
                "work_title": step.work_title or self._source.flow.work_title,
                "questions": tuple(placed.entry for placed in self._placed),
            }
        )
        places: dict[Location, tuple[Document, Location]] = {("flow",): (self._own, (*self._at, "flow"))}
        places |= {("questions", place): placed.home for place, placed in enumerate(self._placed)}
        return Source(replace(self._source.document, elsewhere=places), flow)

    def _complain(self, at: Location, message: str) -> None:
        self._faults.append(self._own.fault(at, message))

    def _place(self, wanted: str) -> int | None:
        return next((place for place, placed in enumerate(self._placed) if placed.id == wanted), None)

    def _add(self, at: Location, question: OwnQuestion) -> None:
        if question.who is None:
            self._complain((*at, "who"), said("who.missing", id=question.id))
            return
        try:
            entry = question.written(question.who)
        except ValidationError as error:
            self._faults += self._own.faults(error, at)
            return
        last = place_before_closing([placed.id for placed in self._placed])
        self._placed.insert(last, _PlacedQuestion(entry, (self._own, at)))

    def _change(self, at: Location, change: Change) -> None:
        place = self._place(change.id)
        assert place is not None  # noqa: S101  # asked for by `changed`
        entry = self._placed[place].entry
        words = self._shared[entry.use] if isinstance(entry, Use) else entry
        if change.who is not None and words.sets is not None:
            self._complain((*at, "who"), said("who.not-yours", id=change.id))
        given = {name: getattr(words, name) for name in Worded.model_fields}
        given |= {"who": change.who or entry.who, "when": entry.when, "only_in": entry.only_in}
        given |= {"stands_in_for": None if isinstance(entry, Use) else entry.stands_in_for}
        given |= {"choices": self._choices(at, change, words)}
        if change.text is not None:
            given["text"] = change.text
        if change.shows is not None:
            given |= {"shows": change.shows, "shows_from": None}
        self._placed[place] = _PlacedQuestion(Written.model_construct(**given), (self._own, at))

    def _choices(self, at: Location, change: Change, words: Worded) -> tuple[Choice, ...]:
        kept = {choice.key: choice for choice in words.choices}
        for number, changed in enumerate(change.choices):
            where = (*at, "choices", number, "key")
            if changed.key in [earlier.key for earlier in change.choices[:number]]:
                self._complain(where, said("twice", what=changed.key))
            elif changed.switched_off and changed.key not in kept:
                self._complain(where, said("choice.none", id=change.id, key=changed.key, known=", ".join(kept) or "–"))
            elif changed.switched_off:
                del kept[changed.key]
                self._nothing_hangs_on(where, change.id, changed.key)
            elif changed.label is not None:
                before = kept.get(changed.key)
                kept[changed.key] = (
                    before.model_copy(update={"label": changed.label})
                    if before is not None
                    else Choice(key=changed.key, label=changed.label)
                )
        return tuple(kept.values())

    def _nothing_hangs_on(self, at: Location, question: str, key: str) -> None:
        for placed in self._placed:
            when = placed.entry.when
            if when is not None and when.question == question and key in (*when.is_, *when.is_not):
                self._complain(at, said("choice.asked-on", id=placed.id, question=question, key=key))

    def _move(self, at: Location, question: OwnQuestion | Change, off: Mapping[str, Location]) -> None:
        """With the questions that follow up on it."""
        if question.before is not None and question.after is not None:
            self._complain((*at, "before"), said("place.both", id=question.id))
            return
        target = question.before or question.after
        if target is None or self._place(question.id) is None:
            return
        where = (*at, "before" if question.before else "after")
        moved = self._with_follow_ups(question.id)
        if self._place(target) is None or target in off:
            key = "place.off" if target in off else "place.none"
            self._complain(where, said(key, id=target, flow=self._source.flow.flow))
            return
        if target in moved:
            key = "place.itself" if target == question.id else "place.follows"
            self._complain(where, said(key, id=target, question=question.id))
            return
        block = [placed for placed in self._placed if placed.id in moved]
        rest = [placed for placed in self._placed if placed.id not in moved]
        before = next(place for place, placed in enumerate(rest) if placed.id == target)
        if question.after is not None:  # behind what follows up on it
            followers = {*self._with_follow_ups(target)} - {*moved}
            before = 1 + max(place for place, placed in enumerate(rest) if placed.id in followers)
        self._placed = [*rest[:before], *block, *rest[before:]]

    def _with_follow_ups(self, question: str) -> list[str]:
        """The question, and what is asked because of its answer, in their order."""
        found = [question]
        for placed in self._placed:
            if placed.follows in found and placed.id not in found:
                found.append(placed.id)
        return found

    def _switch_off(self, at: Location, question: str, off: Mapping[str, Location]) -> None:
        place = self._place(question)
        assert place is not None  # noqa: S101  # asked for by `changed`
        entry = self._placed[place].entry
        words = self._shared[entry.use] if isinstance(entry, Use) else entry
        if words.sets is not None:
            self._complain((*at, "switched_off"), said("question.profile-off", id=question, sets=words.sets))
        for placed in self._placed:
            if placed.follows == question and placed.id not in off:
                self._complain((*at, "switched_off"), said("question.follows", id=placed.id, question=question))
        del self._placed[place]
        if not self._placed:
            self._complain(self._at, said("step.nothing-left", flow=self._source.flow.flow))

    def _look_back(self) -> None:
        """A condition names a question that stands before it: said of whoever broke it, in the municipality's file."""
        before: set[str] = set()
        everywhere = {placed.id for placed in self._placed}
        for placed in self._placed:
            document, at = placed.home
            if placed.follows is not None and placed.follows in everywhere - before:
                moved = self._placed[self._place(placed.follows) or 0]
                home, where = (document, at) if document is self._own else moved.home
                self._faults.append(home.fault(where, said("not-before", first=placed.follows, then=placed.id)))
            elif placed.follows is not None and placed.follows not in everywhere and document is self._own:
                self._complain((*at, "when", "question"), said("when.none", id=placed.follows))
            before.add(placed.id)

"""The text of a flow file → Flow, filled with the municipality's own lists and the draft's sections.

Belongs here: what an author may write beyond the questions themselves (`use`, `choices_from`, `repeat`,
`shows_from`) and how it unfolds. Not here: YAML's traps (yamltext.py), what must hold of a flow (model.py),
good taste in texts (check.py), opening files.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Any, Literal, Self, cast

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

from bot.flows import file_faults, yamltext
from bot.flows.fault_words import Bilingual, said
from bot.flows.file_faults import Location
from bot.flows.model import (
    MAX_CHOICES,
    Audience,
    Bucket,
    Choice,
    Condition,
    Flow,
    Group,
    Key,
    Order,
    Question,
    QuestionId,
    QuestionKind,
    Sets,
    Text,
    Wording,
)
from bot.flows.yamltext import Document, Faulty

ItemKey = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=30)]
ListName = Literal["areas", "departments", "policy_areas", "goals", "parties"]
RepeatName = Literal["sections", "lines", "main_points", "responses"]
# What is repeated over; what we have heard; both; the policy that is revised, where its name or address is told.
ShownFrom = Literal["item", "main_points", "item_and_main_points", "policy_today"]
FEWEST_TO_CHOOSE_FROM = 2


class PolicyKind(StrEnum):
    """Whether a policy is made that was not there, or the one of today is revised (guide l. 16-17)."""

    NEW = "new"
    REVISION = "revision"


_ADJECTIVES = {PolicyKind.NEW: ("nye", "new"), PolicyKind.REVISION: ("reviderede", "revised")}


class _SourceModel(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


# --- what the municipality fills in -----------------------------------------------------------------------


class Item(_SourceModel):
    """A name in every language, Danish where English is wanting, and perhaps a longer text to read."""

    key: ItemKey
    da: Text
    en: Text | None = None
    text_da: Text | None = None
    text_en: Text | None = None

    @property
    def label(self) -> Wording:
        return Wording(da=self.da, en=self.en or self.da)

    @property
    def reading(self) -> Wording:
        """The name and the longer text under it."""
        name, text_da = self.label, self.text_da
        if text_da is None:
            return name
        return Wording(da=f"{name.da}\n\n{text_da}", en=f"{name.en}\n\n{self.text_en or text_da}")


class Material(_SourceModel):
    """What the flows are filled with: lists to choose from, texts to judge. Keys are unique in each list."""

    areas: tuple[Item, ...] = ()
    departments: tuple[Item, ...] = ()
    policy_areas: tuple[Item, ...] = ()
    goals: tuple[Item, ...] = ()
    parties: tuple[Item, ...] = ()
    sections: tuple[Item, ...] = ()
    lines: tuple[Item, ...] = ()
    main_points: tuple[Item, ...] = ()
    responses: tuple[Item, ...] = ()
    council: str = "byråd"  # what {council} in a Danish text becomes; {Council} at a sentence's beginning
    which_department: str = "hvilken forvaltning"  # what {which_department} becomes: «hvilket center»
    policy: PolicyKind = PolicyKind.NEW  # which questions are asked, and what {nye} and {new} become
    policy_today: Wording | None = None  # what is read of the policy that is revised, before the questions about it

    @model_validator(mode="after")
    def _keys_are_unique(self) -> Self:
        lists = {name: value for name, value in self if isinstance(value, tuple)}
        for name, items in lists.items():
            keys = [item.key for item in items]
            if twice := sorted({key for key in keys if keys.count(key) > 1}):
                raise ValueError(f"{name}: {', '.join(twice)} stands twice")
        return self

    def choices(self, name: ListName) -> tuple[Item, ...]:
        match name:
            case "areas":
                return self.areas
            case "departments":
                return self.departments
            case "policy_areas":
                return self.policy_areas
            case "goals":
                return self.goals
            case "parties":
                return self.parties

    def repeats(self, name: RepeatName) -> tuple[Item, ...]:
        match name:
            case "sections":
                return self.sections
            case "lines":
                return self.lines
            case "main_points":
                return self.main_points
            case "responses":
                return self.responses

    @property
    def words(self) -> Mapping[str, str]:
        """What stands for each placeholder: of a Danish text all but {new}, of an English one that alone."""
        danish, english = _ADJECTIVES[self.policy]
        words = {"council": self.council, "which_department": self.which_department, "nye": danish, "new": english}
        return words | {name.capitalize(): word[0].upper() + word[1:] for name, word in words.items()}


# --- what an author writes --------------------------------------------------------------------------------


class Worded(_SourceModel):
    """A question without its audience, as in the file of shared questions. Fields as in model.Question."""

    id: QuestionId
    kind: QuestionKind
    text: Wording
    theme: Key
    source: str = ""
    shows: Wording | None = None
    shows_from: ShownFrom | None = None
    choices: tuple[Choice, ...] = ()
    choices_from: ListName | None = None  # these stand before the question's own choices
    repeat: RepeatName | None = None
    buckets: tuple[Bucket, ...] = ()
    other: bool = False
    most: int | None = Field(default=None, ge=1)
    order: Order | None = None
    required: bool = False
    unknown: bool = True
    apart: bool = False
    sets: Sets | None = None

    @model_validator(mode="after")
    def _shows_one_thing(self) -> Self:
        if self.shows is not None and self.shows_from is not None:
            raise ValueError("write `shows` or `shows_from`, not both")
        return self


class Written(Worded):
    """A question of this flow alone."""

    who: tuple[Audience, ...]
    when: Condition | None = None
    only_in: PolicyKind | None = None  # asked of a new policy alone, or in a revision alone
    stands_in_for: QuestionId | None = None  # asked where the list of that one is too long to choose from


class Use(_SourceModel):
    """A shared question, asked of these people in this flow."""

    use: QuestionId
    who: tuple[Audience, ...]
    when: Condition | None = None
    only_in: PolicyKind | None = None


def _tag(entry: object) -> str:
    return "$use" if isinstance(entry, Use) or (isinstance(entry, Mapping) and "use" in entry) else "$own"


class FlowSource(_SourceModel):
    """A flow file. Fields as in model.Flow."""

    flow: Key
    step: Key
    title: Wording
    group_titles: Mapping[Group, Wording] = {}
    work_title: Wording | None = None
    questions: tuple[Annotated[Annotated[Use, Tag("$use")] | Annotated[Written, Tag("$own")], Discriminator(_tag)], ...]
    review: bool = True
    privacy_hint: bool = False
    source: str = ""


class SharedSource(_SourceModel):
    questions: tuple[Worded, ...]


Shared = Mapping[str, Worded]


# --- text to flow -----------------------------------------------------------------------------------------


def load_shared(text: str, name: str) -> Shared:
    """The questions that several flows use, by id. Raises Faulty."""
    document = yamltext.parse(text, name)
    found: dict[str, Worded] = {}
    faults: list[str] = []
    for place, worded in enumerate(document.validate(SharedSource).questions):
        at = ("questions", place)
        if worded.id in found:
            faults.append(document.fault((*at, "id"), f"{worded.id} stands twice"))
        if worded.repeat is None and worded.shows_from is None and worded.choices_from is None:
            try:
                _question(_Entry(at, worded, (Audience.ALLE,), None), None, frozenset(), Material())
            except ValidationError as error:
                faults += document.faults(error, at)
        found[worded.id] = worded
    if faults:
        raise Faulty(faults)
    return found


def load_flow(text: str, name: str, shared: Shared, material: Material) -> Flow | None:
    """The flow of one file, or None where the material leaves nothing to ask.

    A question whose list is too short in the material, or that is for the other kind of policy, is left out with its
    follow-ups. A repeated question
    stands once per item as `H3.<key>`, each time with what follows up on it right behind.
    Raises Faulty, every fault with file, line and field.
    """
    document, source = read_flow(text, name, material)
    return fill(document, source, shared, material)


def read_flow(text: str, name: str, material: Material) -> tuple[Document, FlowSource]:
    """The flow of one file as it is written there, with the municipality's own words. Raises Faulty."""
    for word, stands in material.words.items():
        text = text.replace(f"{{{word}}}", stands)
    document = yamltext.parse(text, name)
    return document, document.validate(FlowSource)


def fill(document: Document, source: FlowSource, shared: Shared, material: Material) -> Flow | None:
    """As `load_flow`, of what was read. `document` says where each part of `source` stands."""
    entries = _entries(source, shared, document)
    questions: list[Question] = []
    faults: list[str] = []
    for block in _blocks(_with_material(entries, material)):
        for item in material.repeats(block.repeat) if block.repeat else (None,):
            for entry in block.entries:
                try:
                    questions.append(_question(entry, item, block.ids, material))
                except ValidationError as error:
                    faults += document.faults(error, entry.at)
    if faults:
        raise Faulty(dict.fromkeys(faults))
    if not questions:
        return None
    try:
        return Flow(
            flow=source.flow,
            step=source.step,
            title=source.title,
            group_titles=source.group_titles,
            work_title=source.work_title,
            questions=tuple(questions),
            review=source.review,
            privacy_hint=source.privacy_hint,
            source=source.source,
        )
    except ValidationError as error:
        where = {source.flow: ("flow",)} | {entry.worded.id: entry.at for entry in entries}
        raise Faulty(_faults_of_the_whole(error, where, document)) from error


@dataclass(frozen=True, slots=True)
class _Entry:
    """A question of the file, with the wording it may have borrowed, and where it stands there."""

    at: Location
    worded: Worded
    who: tuple[Audience, ...]
    when: Condition | None
    only_in: PolicyKind | None = None
    stands_in_for: QuestionId | None = None


@dataclass(frozen=True, slots=True)
class _QuestionBlock:
    """Neighbours that are asked together: once, or once per item."""

    repeat: RepeatName | None
    entries: tuple[_Entry, ...]

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(entry.worded.id for entry in self.entries)


def _entries(source: FlowSource, shared: Shared, document: Document) -> list[_Entry]:
    entries: list[_Entry] = []
    faults: list[str] = []
    for place, asked in enumerate(source.questions):
        at = ("questions", place)
        match asked:
            case Written():
                entries.append(_Entry(at, asked, asked.who, asked.when, asked.only_in, asked.stands_in_for))
            case Use() if asked.use in shared:
                entries.append(_Entry(at, shared[asked.use], asked.who, asked.when, asked.only_in))
            case Use():
                faults.append(document.fault((*at, "use"), f"{asked.use} is no shared question"))
    ids = [entry.worded.id for entry in entries]
    for place, entry in enumerate(entries):
        if entry.worded.id in ids[:place]:
            faults.append(document.fault((*entry.at, "id"), f"{entry.worded.id} stands twice"))
        if entry.when is not None and entry.when.question not in ids[:place]:
            message = said("not-before", first=entry.when.question, then=entry.worded.id)
            faults.append(document.fault((*entry.at, "when", "question"), message))
    for block in _blocks(entries):
        faults += _faults_of_order(block, entries, document)
    if faults:
        raise Faulty(faults)
    return entries


def _faults_of_order(block: _QuestionBlock, entries: list[_Entry], document: Document) -> Iterator[str]:
    for entry in block.entries:
        if entry.worded.shows_from in ("item", "item_and_main_points") and block.repeat is None:
            yield document.fault((*entry.at, "shows_from"), f"`{entry.worded.shows_from}` needs a `repeat`")
        if entry.when is None or entry.when.question in block.ids:
            continue
        followed = next((e for e in entries if e.worded.id == entry.when.question), None)
        if followed is not None and followed.worded.repeat is not None:
            message = f"a follow-up to {followed.worded.id}, which is repeated, stands right behind it"
            yield document.fault((*entry.at, "when", "question"), message)


def _with_material(entries: list[_Entry], material: Material) -> list[_Entry]:
    """The entries for this kind of policy whose lists are long enough, and whose conditions can still be met. One whose
    list is too long gives way to the one that stands in for it, where there is one."""
    stood_in_for = {entry.stands_in_for for entry in entries}
    too_long = {
        entry.worded.id
        for entry in entries
        if entry.worded.id in stood_in_for and _choices(entry.worded, material) > MAX_CHOICES
    }
    kept: dict[str, _Entry] = {}
    for entry in entries:
        follows_nothing = entry.when is not None and entry.when.question not in kept
        is_for_the_other = entry.only_in not in (None, material.policy)
        gives_way = entry.worded.id in too_long or entry.stands_in_for not in (None, *too_long)
        if not (follows_nothing or is_for_the_other or gives_way or _lacks_material(entry.worded, material)):
            kept[entry.worded.id] = entry
    return list(kept.values())


def _choices(worded: Worded, material: Material) -> int:
    """How many there are, the list's and the question's own."""
    return len(worded.choices) + (len(material.choices(worded.choices_from)) if worded.choices_from else 0)


def _lacks_material(worded: Worded, material: Material) -> bool:
    if worded.choices_from and len(material.choices(worded.choices_from)) < FEWEST_TO_CHOOSE_FROM:
        return True
    if worded.repeat and not material.repeats(worded.repeat):
        return True
    return worded.shows_from in ("main_points", "item_and_main_points") and not material.main_points


def _blocks(entries: list[_Entry]) -> Iterator[_QuestionBlock]:
    """Neighbours with the same `repeat`, and the follow-ups to them, belong together."""
    block: _QuestionBlock | None = None
    for entry in entries:
        if block is not None and _belongs(entry, block):
            block = _QuestionBlock(block.repeat, (*block.entries, entry))
            continue
        if block is not None:
            yield block
        block = _QuestionBlock(entry.worded.repeat, (entry,))
    if block is not None:
        yield block


def _belongs(entry: _Entry, block: _QuestionBlock) -> bool:
    if block.repeat is None:
        return False
    follows = entry.when is not None and entry.when.question in block.ids
    return entry.worded.repeat == block.repeat or (entry.worded.repeat is None and follows)


def question_of(written: Written, material: Material) -> Question:
    """One question by itself, as `fill` makes it. Raises pydantic's ValidationError."""
    return _question(_Entry((), written, written.who, written.when), None, frozenset(), material)


def _question(entry: _Entry, item: Item | None, together: frozenset[str], material: Material) -> Question:
    """Raises pydantic's ValidationError."""
    worded, when = entry.worded, entry.when
    if item is not None and when is not None and when.question in together:
        when = when.model_copy(update={"question": f"{when.question}.{item.key}"})
    listed = material.choices(worded.choices_from) if worded.choices_from else ()
    shows = worded.shows
    match worded.shows_from:
        case "item" if item is not None:
            shows = item.reading
        case "main_points":
            shows = _as_list(material.main_points)
        case "policy_today":
            shows = material.policy_today
        case "item_and_main_points" if item is not None:
            shows = _one_after_the_other(item.reading, _as_list(material.main_points))
    return Question(
        id=worded.id if item is None else f"{worded.id}.{item.key}",
        kind=worded.kind,
        who=entry.who,
        text=worded.text,
        theme=worded.theme,
        source=worded.source,
        when=when,
        shows=shows,
        choices=(*(Choice(key=each.key, label=each.label) for each in listed), *worded.choices),
        buckets=worded.buckets,
        other=worded.other,
        most=worded.most,
        order=worded.order,
        required=worded.required,
        unknown=worded.unknown,
        apart=worded.apart,
        sets=worded.sets,
    )


def _as_list(items: tuple[Item, ...]) -> Wording:
    readings = [item.reading for item in items]
    return Wording(
        da="\n".join(f"• {reading.da}" for reading in readings),
        en="\n".join(f"• {reading.en}" for reading in readings),
    )


def _one_after_the_other(above: Wording, below: Wording) -> Wording:
    return Wording(da=f"{above.da}\n\n{below.da}", en=f"{above.en}\n\n{below.en}")


def _faults_of_the_whole(error: ValidationError, where: Mapping[str, Location], document: Document) -> list[str]:
    """The model names the question or field it complains of; that is where the line is."""
    faults: list[str] = []
    for each in error.errors():
        message = file_faults.of_model(each)
        named = re.match(r"[^:.\s]+", message)
        place = where.get(named[0], (named[0],)) if named else ()
        if isinstance(message, Bilingual) and message.key == "path.full":
            place = _last_added(message, where, document) or place
        faults.append(document.fault(place if document.has(place) else (), message))
    return faults


def _last_added(message: Bilingual, where: Mapping[str, Location], document: Document) -> Location | None:
    """Of the questions that somebody is asked too many of, the last that another file added to the flow, or changed."""
    ids = list(cast("Iterable[str]", message.values["ids"]))
    theirs = [each for each in ids if each in where and document.home(where[each])[0].name != document.name]
    added = [each for each in theirs if each.startswith("Q")]
    return where[(added or theirs)[-1]] if theirs else None


# --- flows kept in the database ---------------------------------------------------------------------------


def to_json(flow: Flow) -> str:
    """Canonical: the same flow is the same text, and a field that is new and not used changes nothing."""
    values = flow.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@lru_cache(maxsize=64)  # of a process that is loaded anew most flows are the same
def from_json(text: str) -> Flow:
    """The flow that `to_json` wrote. Raises pydantic's ValidationError."""
    values = json.loads(text)
    if "send_when" in values:
        text = json.dumps(_without_second_send(values))
    return Flow.model_validate_json(text, extra="ignore")  # an older Besyv may have known more fields


def _without_second_send(values: dict[str, Any]) -> dict[str, Any]:
    """Until November 2026 the hearing asked «Vil du sende dit svar nu?» before the review, and a yes sent nothing. What
    was answered stays; it is asked no more, and decides nothing."""
    asked = values["send_when"]["question"]
    questions = []
    for question in values["questions"]:
        if question["id"] == asked:
            question = {**question, "retired": True}
        elif question.get("when", {}).get("question") == asked:
            question = {key: value for key, value in question.items() if key != "when"}
        questions.append(question)
    return {**values, "questions": questions}


def digest(flow: Flow) -> str:
    """SHA-256 of the canonical JSON, 64 hexadecimal digits: the flow's version."""
    return hashlib.sha256(to_json(flow).encode()).hexdigest()

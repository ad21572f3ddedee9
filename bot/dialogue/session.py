"""Where a person stands when they act: loaded once per action, and written back answer by answer.

The join of the two leaves: rows of storage become the engine's values here, and back.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from functools import cache
from typing import cast

from bot import texts
from bot.access import Right, Role, rights
from bot.dialogue.reply import Screen
from bot.flows import engine
from bot.flows.engine import Answer, Part
from bot.flows.model import YES, Flow, Group, Language, Question, Respondent
from bot.process.host import ProcessHost
from bot.process.plan import START, Plan
from storage import answers, people, prompts, runs
from storage.answers import Stored, ToStore
from storage.db import Tx
from storage.people import Person
from storage.prompts import Prompt
from storage.runs import Run


@dataclass(frozen=True, slots=True)
class Visit:
    """Someone acts on a channel. Times are UTC seconds; `sent_at` is by the channel's own clock."""

    channel: str
    address: str
    now: int
    sent_at: int
    language: Language = "da"  # what the channel says they prefer; their own choice wins
    prompt_seen: bool = False  # the channel shows the question before one can write: nothing comes too early
    pages: bool = False  # the channel shows pages with fields and links, not messages with buttons
    again: bool = False  # this was done before a restart; only what is shown is wanted again


@dataclass(slots=True)
class Session:
    tx: Tx
    house: ProcessHost
    visit: Visit
    plan: Plan
    person: Person
    prompt: Prompt | None
    run: Run | None = None
    stored: dict[str, Stored] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    _flow: Flow | None = None
    _roles: frozenset[str] | None = None
    _path: tuple[Question, ...] | None = None

    @property
    def language(self) -> Language:
        return cast(Language, self.person.language)

    @property
    def roles(self) -> frozenset[str]:
        if self._roles is None:
            self._roles = people.roles(self.tx, self.person.id)
        return self._roles

    def forget_roles(self) -> None:
        """They have changed: look again."""
        self._roles = self._path = None

    @property
    def respondent(self) -> Respondent:
        """Of holders of the steering role too; that is looked up only while whom they answer as is open."""
        group = self.person.stakeholder
        steering = self.run is not None and self.run.flow == START and Role.STEERING in self.roles
        return _respondent(group, bool(self.person.front), steering)

    @property
    def path(self) -> tuple[Question, ...]:
        """The questions on the person's way through the flow, as their answers stand."""
        if self._path is None:
            self._path = engine.path(self.flow, self.respondent, self.answers)
        return self._path

    @property
    def many(self) -> bool:
        return self.respondent.speaks_for_many

    @property
    def flow(self) -> Flow:
        assert self._flow is not None, "no run is loaded"  # noqa: S101  # a programmer's mistake
        return self._flow

    @property
    def offers_newer(self) -> bool:
        """Whether the questions they are in the middle of have a newer version, which they have not turned down."""
        run = self.run
        if run is None or run.sent_at is not None:
            return False
        newest = self.plan.flows[run.flow].version if run.flow in self.plan.flows else run.version
        return run.version < newest and run.declined_version != newest

    @property
    def accepted(self) -> bool:
        """Said yes to the notice as it stands now."""
        return self.person.notice_version == self.plan.notice_version

    @property
    def takes_part(self) -> bool:
        """Said yes to some notice and has not stopped: what they were asked under it may still be answered."""
        return self.person.notice_version is not None

    @property
    def open_question(self) -> Question | None:
        return engine.first_open(self.path, self.answers)

    def say(self, key: str, /, **values: object) -> str:
        return texts.say(self.language, texts.on_channel(self.language, key, self.visit.channel), **values)

    @property
    def prompt_holds(self) -> bool:
        """Whether what was shown last is still where the person is. Not so when they went on on another channel."""
        prompt = self.prompt
        if prompt is None:
            return False
        match Screen(prompt.screen):
            case Screen.ASK:
                question = self.open_question if self.run is not None else None
                return question is not None and question.id == prompt.question
            case Screen.REVIEW:
                return self.run is not None and self.open_question is None
            case Screen.RECEIPT:
                return self.run is not None and self.run.sent_at is not None
            case Screen.NEWER:
                return self.run is not None
            case _:
                return True

    def take_up(self, run: Run) -> None:
        """Makes this run the one the person is in, and loads its answers."""
        self.run = run
        self._path = None
        self._flow = self.house.flow(self.tx, self.plan, run.flow, run.version)
        self.stored = {row.question: row for row in answers.of_run(self.tx, run.id)}
        self.answers = {row.question: _opened(row) for row in self.stored.values()}
        self._drop_misfits()

    def _drop_misfits(self) -> None:
        """An answer given on another version counts as not given where this version's question can't carry it, or
        is about another text."""
        assert self.run is not None  # noqa: S101  # take_up set it
        for question in self.flow.questions:
            row = self.stored.get(question.id)
            if row is None or row.version == self.run.version:
                continue
            before = self.house.flow(self.tx, self.plan, self.run.flow, row.version).question(question.id)
            answer = self.answers[question.id]
            if not engine.fits(question, before, answer.keys, skipped=answer.skipped):
                del self.answers[question.id]

    def read_person(self) -> None:
        found = people.by_id(self.tx, self.person.id)
        assert found is not None  # noqa: S101  # it was there at the beginning of this transaction
        self.person = found

    def save(self, answer: Answer) -> None:
        """Stores the answer in force. A closed answer whose content changes goes to the history first."""
        assert self.run is not None  # noqa: S101  # only an answer of a run can be saved
        question, old = self.flow.question(answer.question), self.stored.get(answer.question)
        content = encode(question, answer, self.language, many=self.many)
        changed = old is None or old.content != content or bool(old.skipped) != answer.skipped
        if old is not None and not changed:
            row = ToStore(
                self.run.id,
                question.id,
                old.version,
                old.revision,
                old.asked,
                old.language,
                old.channel,
                content,
                answer.skipped,
                answer.open,
                bool(old.closed_once) or not answer.open,
                old.answered_at,
            )
        else:
            new_revision = old is not None and bool(old.closed_once)
            if new_revision and not question.apart:
                answers.remember(self.tx, self.run.id, question.id)
            row = ToStore(
                self.run.id,
                question.id,
                self.run.version,
                (old.revision if old else 1) + new_revision,
                question.asked(self.language, many=self.many),
                self.language,
                self.visit.channel,
                content,
                answer.skipped,
                answer.open,
                not answer.open,
                self.visit.sent_at,
            )
        answers.put(self.tx, row, apart=question.apart)
        self.answers[answer.question] = answer
        self._path = None
        if question.sets is not None and not answer.open:
            self._set_profile(question, answer)

    def _set_profile(self, question: Question, answer: Answer) -> None:
        key = answer.keys[0] if answer.keys else None
        person = self.person
        match question.sets:
            case "group":
                if key != person.stakeholder:  # whom they speak for was said as somebody else
                    people.speak_for_nobody_yet(self.tx, person.id)
                    person = replace(person, front=None, party_id=None, party_asked=0)
                person = replace(person, stakeholder=key)
            case "front":
                person = replace(person, front=int(key == YES))
            case "reminders":
                person = replace(person, reminders=int(key == YES))
            case "field":
                person = replace(person, field=key)
            case "department":
                person = replace(person, department=key)
            case "area":
                person = replace(person, area=key)
            case "size":
                person = replace(person, size=key)
            case "association" | None:
                return  # the name stays a sealed answer
        people.set_profile(self.tx, person)
        self.person = person
        self._path = None

    def put_prompt(self, prompt: Prompt) -> None:
        prompts.put(self.tx, self.person.id, self.visit.channel, prompt)
        self.prompt = prompt


def load(tx: Tx, house: ProcessHost, visit: Visit) -> Session | None:
    """Where the person at this address stands; None for somebody we do not know."""
    person = people.at_address(tx, visit.channel, visit.address)
    if person is None:
        return None
    if person.entered_by is not None and Right.ENTER not in rights(people.roles(tx, person.entered_by)):
        return _put_out(tx, house, visit, person.id, person.entered_by)
    return _of(tx, house, visit, person)


def load_person(tx: Tx, house: ProcessHost, visit: Visit, person_id: int) -> Session | None:
    """Where one of those who are reached at the address stands, whoever of them it acts as now."""
    person = people.by_id(tx, person_id)
    return _of(tx, house, visit, person) if person is not None else None


def step_in(s: Session, person_id: int) -> None:
    """The address acts as that person from now on. Numbers of prompts go on counting, so that no old button means
    something new."""
    people.enter(s.tx, s.visit.channel, s.visit.address, person_id, s.visit.now)
    count_on(s, person_id)


def count_on(s: Session, person_id: int) -> None:
    number = s.prompt.number if s.prompt is not None else 0
    last = prompts.last(s.tx, person_id, s.visit.channel)
    if last is None or last.number <= number:
        fresh = Prompt(number + 1, 0, Screen.TEXT, None, None, None, s.visit.sent_at, None)
        prompts.put(s.tx, person_id, s.visit.channel, fresh if last is None else replace(last, number=number + 1))


def _of(tx: Tx, house: ProcessHost, visit: Visit, person: Person) -> Session:
    plan = house.plan(tx, person.process_id)
    prompt = prompts.last(tx, person.id, visit.channel)
    situation = Session(tx, house, visit, plan, person, prompt)
    if prompt is not None and prompt.run_id is not None:
        run = runs.by_id(tx, prompt.run_id)
        if run is not None:
            situation.take_up(run)
    return situation


def _put_out(tx: Tx, house: ProcessHost, visit: Visit, entered: int, by: int) -> Session | None:
    """Who may not enter for others any more is themselves again; numbers of prompts go on counting."""
    own, left = load_person(tx, house, visit, by), prompts.last(tx, entered, visit.channel)
    if own is not None and own.prompt is not None and left is not None:
        own.prompt = replace(own.prompt, number=max(own.prompt.number, left.number + 1))
    return own


@cache
def _respondent(group: str | None, front: bool, steering: bool) -> Respondent:
    return Respondent(group=Group(group) if group else None, front=front, steering=steering)


def encode(question: Question, answer: Answer, language: Language, *, many: bool) -> str:
    """What is sealed of an answer: category, keys, parts, labels – raw text, value and category can be told apart."""
    labels = None if question.is_written and answer.parts else engine.raw_text(question, answer, language, many=many)
    parts = [[part.text, part.message] for part in answer.parts]
    return json.dumps([engine.category(question, answer), answer.keys, parts, labels], ensure_ascii=False)


def _opened(row: Stored) -> Answer:
    _, keys, parts, _ = json.loads(row.content)
    return Answer(
        row.question,
        tuple(Part(text, message) for text, message in parts),
        tuple(keys),
        skipped=bool(row.skipped),
        open=bool(row.open),
    )


WEB = "web"

"""A person's session: loaded once per action, written back answer by answer. Also what every use case is given, and
the rows of the tables that the features fill (bot.features).

Joins the two leaves: rows of storage become the engine's values here, and back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, StrEnum, auto
from functools import cache

from bot import texts
from bot.access import FRESH_FOR, Proof, Right, Role, rights
from bot.budgets import Budget, Budgets, Client
from bot.dialogue import used_up
from bot.dialogue.panel import Elsewhere, Panel, PanelInput
from bot.dialogue.reply import Move, Reply, Tap
from bot.flows import content, engine, option_order
from bot.flows.engine import Answer, Said
from bot.flows.model import UNKNOWN, YES, Choice, Flow, Group, Language, Question, Respondent
from bot.process import late_answers
from bot.process.host import ProcessHost
from bot.process.plan import HEARING, START, Plan, State
from storage import (
    answers,
    audit,
    budgets,
    capacities,
    email_addresses,
    hearing_responses,
    people,
    prompts,
    proofs,
    runs,
    sessions,
)
from storage.answers import StoredAnswer
from storage.db import Tx
from storage.people import Person
from storage.prompts import Prompt
from storage.runs import Run

LONG, OFTEN = 1000, 10  # characters, and versions, from which it is counted how much is kept of a person

# Channels, as they stand in the database.
TELEGRAM, WEB, EMAIL, TERMINAL = "telegram", "web", "email", "terminal"
LINK = "link"  # of an answer that was filled in by the link somebody came by: no question was shown


class Display(Enum):
    """How a channel shows where the person is now."""

    MESSAGES = auto()  # with buttons
    PAGES = auto()  # with fields and links
    ADDRESS = auto()  # of a page, which is drawn when they come there


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Someone acts on a channel. Times are UTC seconds; `sent_at` is by the channel's own clock."""

    channel: str
    address: str
    now: int
    sent_at: int
    language: Language = "da"  # what the channel says they prefer; their own choice wins
    prompt_seen: bool = False  # the channel shows the question before one can write: nothing comes too early
    display: Display = Display.MESSAGES
    again: bool = False  # this was done before a restart; only what is shown is wanted again
    session: str = ""  # on the web, which of the person's sessions it is (storage.sessions)
    client: Client | None = None  # on the web, who asks, as far as a network tells

    @property
    def at(self) -> tuple[str, str]:
        """Channel and address."""
        return self.channel, self.address

    @property
    def pages(self) -> bool:
        """Whether there are pages, and not messages with buttons."""
        return self.display is not Display.MESSAGES

    @property
    def place(self) -> str:
        """Where a proof holds: a session on the web, elsewhere the account."""
        return self.session if self.channel == WEB else self.address


def proof_shown(s: Session) -> Proof:
    """What the person has proven where they are now. Who sits at the terminal sits at the operator's machine, where
    the database and its keys are. On the web a proof goes unused as long as its session does."""
    visit = s.visit
    if visit.channel == TERMINAL:
        return Proof.FRESH
    found = proofs.find(s.tx, s.person.id, visit.channel, visit.place)
    if found is None or not 0 <= visit.now - found.proven_at < sessions.LONGEST[True]:
        return Proof.NONE
    if not visit.pages and visit.now - found.used_at >= sessions.UNUSED[True]:
        return Proof.NONE
    return Proof.FRESH if visit.now - found.proven_at < FRESH_FOR else Proof.SESSION


@dataclass(frozen=True, slots=True)
class Context:
    """What every use case is given beside its transaction: the processes, and what the features offer."""

    process_host: ProcessHost
    tables: Tables
    proof_shown: Callable[[Session], Proof] = proof_shown
    budgets: Budgets = field(default_factory=Budgets)


@dataclass(frozen=True, slots=True)
class CurrentRun:
    """The run somebody is in, and its flow in the version they answer."""

    run: Run
    flow: Flow


@dataclass(slots=True, kw_only=True)
class Session:
    tx: Tx
    context: Context
    visit: Visit
    plan: Plan
    person: Person
    prompt: Prompt | None
    stored: dict[str, StoredAnswer] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    _taken_up: CurrentRun | None = None
    _roles: frozenset[str] | None = None
    _path: tuple[Question, ...] | None = None
    _runs: list[Run] | None = None

    @property
    def process_host(self) -> ProcessHost:
        return self.context.process_host

    @property
    def language(self) -> Language:
        return texts.language_of(self.person.language)

    @property
    def screen(self) -> ScreenType | None:
        """What is known of the screen that was shown last; None before there was one, or where it exists no more."""
        return self.context.tables.screens.get(self.prompt.screen) if self.prompt is not None else None

    @property
    def roles(self) -> frozenset[str]:
        if self._roles is None:
            self._roles = people.roles(self.tx, self.person.id)
        return self._roles

    def may(self, right: Right) -> bool:
        return right in rights(self.roles)

    def forget_roles(self) -> None:
        """They have changed: look again."""
        self._roles = self._path = None

    @property
    def respondent(self) -> Respondent:
        """How questions of the run they are in are chosen and phrased: as the run says. In none, as what they are."""
        if self.run is None:
            return self.as_themselves
        return _respondent(self.run.stakeholder, bool(self.run.front), several=self._of_several)

    @property
    def as_themselves(self) -> Respondent:
        """What they answer as now, and whether the steering group's steps are theirs too: which steps there are for
        them."""
        steering = Role.STEERING in self.roles
        return _respondent(self.person.stakeholder, bool(self.person.front), steering, several=self._of_several)

    @property
    def _of_several(self) -> bool:
        """Whether what is entered comes from several people at once."""
        return self.person.source is not None and self.person.behind > 1

    @property
    def group(self) -> str | None:
        """Whom they answer as in the run they are in; in none, now."""
        return self.person.stakeholder if self.run is None else self.run.stakeholder

    @property
    def path(self) -> tuple[Question, ...]:
        """The questions on the person's way through the flow, as their answers stand."""
        if self._path is None:
            self._path = engine.path(self.flow, self.respondent, self.answers)
        return self._path

    def options(self, question: Question) -> tuple[Choice, ...]:
        """The options in the order in which the person sees them."""
        options = engine.options(question)
        return tuple(options[place] for place in self.order(question))

    def order(self, question: Question) -> tuple[int, ...]:
        """Their places (from 0) in that order."""
        return option_order.places(question, reverse=self._is_reversed(question))

    def _is_reversed(self, question: Question) -> bool | None:
        return option_order.is_reversed(question, self.run.id) if self.run is not None else None

    @property
    def many(self) -> bool:
        return self.respondent.speaks_for_many

    @property
    def run(self) -> Run | None:
        """The run they are in."""
        return self._taken_up.run if self._taken_up is not None else None

    @property
    def flow(self) -> Flow:
        """The flow of the run they are in. Raises LookupError where they are in none."""
        return self._current.flow

    @property
    def _current(self) -> CurrentRun:
        if self._taken_up is None:
            raise LookupError("no run is loaded")
        return self._taken_up

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
        return self.person.notice_version == self.plan.notice.version

    @property
    def takes_part(self) -> bool:
        """Said yes to some notice and has not taken it back: what they were asked under it may still be answered."""
        return self.person.notice_version is not None

    @property
    def open_question(self) -> Question | None:
        return engine.first_open(self.path, self.answers)

    def state(self, flow: str, at: int) -> State:
        """Where a step stands for the person in the group of the run they are in: as planned, or open still, where they
        may answer it late."""
        planned = self.plan.state(flow, at, self.group)
        return State.OPEN if planned is State.CLOSED and self.may_be_late(flow, at) else planned

    def may_be_late(self, flow: str, at: int) -> bool:
        """Whether they may answer the step though it is closed to others."""
        return late_answers.may(self.tx, self.person, flow, self.run_of(flow), at)

    def say(self, key: str, /, **values: object) -> str:
        """The phrase as it is said here to them: to one, or to several."""
        return texts.say(self.language, self._said_here(key), **values)

    def count(self, key: str, number: int, /, **values: object) -> str:
        """The same of a phrase with a plural, and where there is one of none."""
        if number == 0 and texts.has(self.language, f"{key}.zero"):
            return self.say(f"{key}.zero", **values)
        return texts.count(self.language, self._said_here(key), number, **values)

    def _said_here(self, key: str) -> str:
        return texts.on_channel(self.language, key, self.visit.channel, many=self.many)

    def readable(self, text: str) -> str:
        """The same, saying so where something is damaged or its key is lost, and can't be read."""
        return content.in_words(text, self.say("unreadable"))

    def audit(self, action: str, detail: str | int = "") -> None:
        """Notes in the log of rights used what this person has just done. Its phrase is `log.<action>`."""
        audit.note(self.tx, self.plan.process_id, self.person.pseudonym, action, str(detail), self.visit.now)

    @property
    def prompt_holds(self) -> bool:
        """Whether what was shown last is still where the person is. Not so when they went on on another channel."""
        return self.screen is not None and self.screen.holds(self)

    @property
    def runs(self) -> list[Run]:
        """The person's runs, the oldest first."""
        if self._runs is None:
            self._runs = runs.of_person(self.tx, self.person.id)
        return self._runs

    @property
    def only_has_a_role(self) -> bool:
        """Whether they came to lead, or into the steering group, and answer as nobody yet."""
        if self.person.stakeholder is not None or not self.roles:
            return False
        wanted = self.plan.flows.get(self.person.came_for or "")
        return wanted is None or wanted.flow.by_role

    def may_be_in(self, run: Run, question: str | None) -> bool:
        """Whether they can be at this question of it: in what they answer as now, in the steering group's steps, and
        where it is of the person, whatever they answer as."""
        own = run.flow == START and self.plan.is_about_messages(question)
        return own or run.capacity_id in (self.person.capacity_id, None)

    @property
    def runs_now(self) -> list[Run]:
        """Those in what they answer as now, and those of the steering group's steps."""
        return [run for run in self.runs if run.capacity_id in (self.person.capacity_id, None)]

    def run_of(self, flow: str) -> Run | None:
        return next((run for run in self.runs_now if run.flow == flow), None)

    def begin(self, flow: str, version: int) -> None:
        """Takes up the person's run of the flow: the one they have, or a new one on this version."""
        run = self.run_of(flow)
        if run is None:
            by_role = self.plan.flows[flow].flow.by_role
            run = runs.start(self.tx, self.person.id, flow, version, self.visit.sent_at, by_role=by_role)
            self._runs = None
        self.take_up(run)

    def send(self) -> None:
        """What was answered in the run counts as sent, from when the person did so. Its receipt gets a number, which is
        given once."""
        if self.run is None:
            return
        sent = runs.mark_sent(self.tx, self.run.id, self.visit.sent_at)
        if sent.number is None and sent.flow != START:
            number = hearing_responses.next_number(self.tx, self.plan.process_id, sent.flow)
            sent = runs.give_number(self.tx, sent.id, number)
            if sent.flow == HEARING:
                hearing_responses.put(self.tx, self.plan.process_id, number, sent.id, self.visit.sent_at)
        self._changed(sent)

    def withdraw(self) -> None:
        """A draft again, which nobody else sees."""
        if self.run is not None:
            self._changed(runs.withdraw(self.tx, self.run.id, self.visit.sent_at))

    def choose_version(self, *, adopt: bool) -> None:
        """Goes over to the newest questions, or stays with those that were begun on."""
        if self.run is not None:
            newest = self.plan.flows[self.run.flow].version
            change = runs.move_to_version if adopt else runs.decline_version
            self._changed(change(self.tx, self.run.id, newest))

    def _changed(self, run: Run) -> None:
        self._runs, self._taken_up = None, CurrentRun(run, self.flow)

    def take_up(self, run: Run) -> None:
        """Makes this run the one the person is in, and loads its answers. What was told about oneself is changed as it
        is asked now."""
        if run.flow == START and run.sent_at is not None:
            run = replace(run, version=max(run.version, self.plan.flows[START].version))
        flow = self.process_host.flow(self.tx, self.plan, run.flow, run.version)
        if run.flow == START:
            flow = self._about_oneself(run, flow)
        self._taken_up = CurrentRun(run, flow)
        self._path = None
        self.stored = {row.question: row for row in answers.of_run(self.tx, run.id)}
        self.answers = {row.question: _opened(row) for row in self.stored.values() if row.content != content.UNREADABLE}
        self._drop_misfits(run)

    def _about_oneself(self, run: Run, flow: Flow) -> Flow:
        """The start questions, of which the person's own are in the first run, and the others in the capacity's. Nobody
        writes to whom an entry is of."""
        if self.person.source is not None or any(each.flow == START and each.id < run.id for each in self.runs):
            return flow.asked_once_more
        own = run.capacity_id == self.person.capacity_id and not self.only_has_a_role
        return flow if own else flow.of_the_person

    def leave_run(self) -> None:
        """Is in no run any more. Their answers stay where they are."""
        self._taken_up = None

    def _drop_misfits(self, run: Run) -> None:
        """Drops answers given on another version that this version's question cannot hold, or that are about another
        text."""
        for question in self.flow.questions:
            row = self.stored.get(question.id)
            if row is None or row.version == run.version:
                continue
            before = self.process_host.flow(self.tx, self.plan, run.flow, row.version).question(question.id)
            answer = self.answers.get(question.id)
            if answer is not None and not engine.fits(question, before, answer.keys, skipped=answer.skipped):
                del self.answers[question.id]

    def read_person(self) -> None:
        found = people.by_id(self.tx, self.person.id)
        if found is None:
            raise Unknown(self.visit.channel)
        self.person = found

    def save(self, answer: Answer, *, asked: str | None = None, channel: str | None = None) -> None:
        """Stores the answer in force. A closed answer whose content changes goes to the history first. Whom somebody
        answers as does not change for what they have sent: they answer in another capacity then. `asked` and `channel`:
        the wording that was shown, and where it was answered, unless it is the question's own and here."""
        run, question = self._current.run, self.flow.question(answer.question)
        if question.sets == "group" and not answer.open and self._is_another(answer.keys[0]):
            self._answer_as(answer, self._wording(question) if asked is None else asked)
            return
        old, row = self.stored.get(question.id), self._row(run, question, answer, asked, channel or self.visit.channel)
        if old is not None and row.revision > old.revision and not row.apart and self._keeps(run, old, row):
            answers.remember(self.tx, run.id, question.id)
        answers.put(self.tx, run.id, row)
        self.answers[question.id], self.stored[question.id] = answer, row
        if question.id in self.flow.deciding:
            self._path = None
            if not answer.open:
                self._take_back_apart(run)
        if question.sets is not None and not answer.open:
            self._set_profile(question, answer)

    def _take_back_apart(self, run: Run) -> None:
        """What is kept apart goes with the answer that it was asked for after."""
        apart = [each.question for each in self.stored.values() if each.apart]
        on_path = {question.id for question in self.path} if apart else set()
        for left in [each for each in apart if each not in on_path]:
            answers.take_back_apart(self.tx, run.id, left)
            del self.answers[left], self.stored[left]

    # --- room for it (docs/decisions/0042) -----------------------------------------------------------------

    def lacks_room(self, answer: Answer) -> bool:
        """Whether an answer does not fit beside what else is kept of the person. What takes up no more than before
        always does. Counted only where it can matter: what is long, or was changed often."""
        old, long = self.stored.get(answer.question), sum(len(part.text) for part in answer.parts) >= LONG
        if not long and (old is None or old.revision < OFTEN):
            return False
        run = self._current.run
        row = self._row(run, self.flow.question(answer.question), answer, "", self.visit.channel)
        stays = old is not None and row.revision > old.revision and not row.apart and _was_sent(run, old)
        more = _bytes(row) - (0 if old is None or stays else _bytes(old))
        return more > 0 and self._is_full(more)

    def lacks_room_for(self, text: str) -> bool:
        """The same of words that are no answer."""
        return self._is_full(len(text.encode()) + budgets.ROW)

    def _is_full(self, more: int) -> bool:
        most = self.context.budgets.bytes_per_person
        if budgets.kept_of(self.tx, self.person.id) + more <= most:
            return False
        used_up.note(self.tx, self.plan.process_id, Budget.BYTES, self.visit.now)
        return True

    def _keeps(self, run: Run, old: StoredAnswer, new: StoredAnswer) -> bool:
        """Whether a version goes to the history. What was sent always does, and of the rest so many as there is room
        for: then the newest takes its place."""
        most = self.context.budgets.versions
        if _was_sent(run, old):
            return True
        if old.revision >= most and answers.count_versions(self.tx, run.id, old.question) >= most - 1:
            used_up.note(self.tx, self.plan.process_id, Budget.VERSIONS, self.visit.now)
            return False
        return (len(new.content) < LONG and old.revision < OFTEN) or not self._is_full(_bytes(new))

    # --- a row ---------------------------------------------------------------------------------------------

    def _row(self, run: Run, question: Question, answer: Answer, asked: str | None, channel: str) -> StoredAnswer:
        """The answer as it is to be stored. While its content stays the same it is only opened or closed; changed after
        it was closed once, it is a new revision. What a link filled in is the person's own once they let it stand.
        `asked` as `save` has it."""
        old, written = self.stored.get(question.id), content.write(question, answer, self.language, many=self.many)
        same = old is not None and (old.content, old.skipped) == (written, answer.skipped)
        if old is not None and same and (old.channel != LINK or answer.open):
            closed_once = old.closed_once or not answer.open
            return replace(old, open=answer.open, closed_once=closed_once, apart=question.apart)
        return StoredAnswer(
            id=None if old is None else old.id,
            question=question.id,
            version=run.version,
            revision=1 if old is None else old.revision + (old.closed_once and not same),
            asked=self._wording(question) if asked is None else asked,
            language=self.language,
            channel=channel,
            content=written,
            skipped=answer.skipped,
            open=answer.open,
            closed_once=not answer.open,
            answered_at=self.visit.sent_at,
            apart=question.apart,
            options_reversed=self._is_reversed(question) if asked is None else None,
        )

    def _wording(self, question: Question) -> str:
        return question.asked(self.language, many=self.many)

    def _is_another(self, group: str) -> bool:
        """Whether to answer as this group is to answer in another capacity than now."""
        if group == self.person.stakeholder:
            return False
        known = capacities.of_group(self.tx, self.person.id, group) is not None
        return known or capacities.has_sent(self.tx, self.person.capacity_id)

    def _answer_as(self, answer: Answer, asked: str) -> None:
        """What was said of the capacity so far stands; this says whom they answer as in the other one."""
        self.use_capacity(capacities.of_group(self.tx, self.person.id, answer.keys[0]))
        self.begin(START, self.plan.flows[START].version)
        if self.person.stakeholder is None:
            self.save(answer, asked=asked)

    def use_capacity(self, capacity_id: int | None) -> None:
        """They answer in this one from now on; with None in a new one. They are in no run of it yet. What they had gone
        back to about themselves stays as it was."""
        if (start := self.run_of(START)) is not None:
            for row in answers.of_run(self.tx, start.id):
                if row.open and row.closed_once:
                    answers.put(self.tx, start.id, replace(row, open=False))
        capacities.use(self.tx, self.person.id, capacity_id)
        self.leave_run()
        self._runs = self._path = None
        self.read_person()

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
                person = replace(person, reminders=_wished(key), news=0)
            case "messages":
                person = replace(person, reminders=_wished(key), news=int(key == YES))
            case "field":
                person = replace(person, field=key)
            case "department":
                person = replace(person, department=key)
            case "area":
                person = replace(person, area=key)
            case "size":
                person = replace(person, size=None if key == UNKNOWN else key)
            case "association" | None:
                return  # the name stays an encrypted answer
        people.set_profile(self.tx, person)
        if self.person.wants_reminders and not person.wants_reminders:
            email_addresses.forget(self.tx, person.id)  # it was for messages
        if (person.stakeholder, person.front) != (self.person.stakeholder, self.person.front):
            self._path = self._runs = None  # whom the questions are for
            now = replace(self._current.run, stakeholder=person.stakeholder, front=person.front)
            self._taken_up = CurrentRun(now, self.flow)
        self.person = person

    def put_prompt(self, prompt: Prompt) -> None:
        prompts.put(self.tx, self.person.id, self.visit.channel, prompt)
        self.prompt = prompt


# --- the tables -------------------------------------------------------------------------------------------


class Wish(StrEnum):
    """What one may ask for by a command's name alone, without a slash. The values are the commands' names."""

    HELP = "hjaelp"
    STOP = "stop"
    PAUSE = "pause"
    PERSON = "menneske"
    CORRECT = "ret"
    OWN_DATA = "mine"
    LEAVE = "forlad"
    OBJECT = "indsigelse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A word that does something on every channel. Its phrase is `command.<name>`."""

    name: str  # as it is typed after the slash, without æ, ø and å
    run: Callable[[Tx, Context, Visit, str], Reply]  # the text is what was typed behind it
    aliases: tuple[str, ...] = ()
    english: str | None = None  # what an English menu calls it, where that is another word
    right: Right | None = None  # asked before it runs; without it the command does not exist. None: everybody's
    listed: bool = True  # stands in the help
    page: str | None = None  # the address of its page on the web
    grants: bool = False  # may change which commands the person has
    offered: Callable[[Tx, str, str], bool] | None = None  # by channel and address; where it is not it does not exist
    wish: Wish | None = None  # its name alone is a wish

    @property
    def names(self) -> tuple[str, ...]:
        """All that may be typed for it."""
        english = () if self.english is None or self.english in self.aliases else (self.english,)
        return (self.name, *self.aliases, *english)


class Takes(Enum):
    """What a screen would make of a text."""

    NOTHING = auto()
    CHOICE = auto()  # one of those it offers
    WORDS = auto()  # the person's own


def _takes_nothing(_s: Session, _text: str) -> Takes:
    return Takes.NOTHING


@dataclass(frozen=True, slots=True)
class Heard:
    """What a written text means on a screen: the button whose words it is. `seen` is the drawing it was sought on."""

    move: Move | None = None
    seen: Reply | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenType:
    """What a screen shows and does. `seen` is its drawing as it stood, where that was made already."""

    draw: Callable[[Session], Reply | None]  # None where what it shows is not there; nobody draws what does not hold
    tapped: Callable[[Session, Tap, Reply | None], Reply]
    heard: Callable[[Session, str], Heard]
    said: Callable[[Session, Said, Reply | None], Reply]  # what was written and is no button's words
    holds: Callable[[Session], bool] = lambda _: True  # whether it still is where the person is
    takes: Callable[[Session, str], Takes] = _takes_nothing  # besides its buttons
    # More of a thought, the answer to this question, sent before what came next was seen.
    continued: Callable[[Session, Said, str], Reply] | None = None
    without_consent: bool = False  # may be used before the yes to the notice, and after it was taken back
    leave: Callable[[Session], Reply] | None = None  # «back to myself» of who answers for others; None: not from here
    offered_again: bool = False  # after an outage in which a tap on it may have been lost


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelType:
    """A panel, by the first part of its path. `right` is asked before anything else, and of a holder of a role the
    proof that it needs."""

    show: Callable[[Session, tuple[str, ...], PanelInput], Panel | Elsewhere]
    right: Right
    audited: str | None = None  # what stands in the audit log when somebody opens it
    in_menu: bool = False  # a button of «/leder», for who has the right
    # Paths that need more than the right does, as they begin behind the panel's name; `*` stands for any one part.
    proofs: tuple[tuple[str, Proof], ...] = ()
    proves: bool = False  # here it is proven: it needs no proof itself


@dataclass(frozen=True, slots=True)
class Transition:
    """A transition to what comes next: the notes to show there, and the question that a late message would continue.
    `corrected`: say that an earlier answer about oneself has changed."""

    notes: tuple[str, ...] = ()
    continues: str | None = None
    corrected: bool = True


# What must be shown first; or nothing, with more to be said further on, perhaps.
Gate = Callable[[Session, Transition], "Reply | Transition"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """What the features offer to the dialogue. Passed down, so that it need know none of them."""

    commands: Mapping[str, Command]  # by name and alias
    screens: Mapping[str, ScreenType]
    panels: Mapping[str, PanelType]
    gates: tuple[Gate, ...]  # in order; the last shows something
    stranger: Callable[[Tx, Context, Visit], Reply]  # what somebody unknown gets to see, whatever they did
    came_in: Callable[[Tx, Context, Visit], None]  # what is done when somebody has come in anew, as who they are there
    asks_proof: Callable[[Session, str, Proof], Panel]  # what asks for one before a path, of who has shown so much


# --- loading sessions -------------------------------------------------------------------------------------


def load(tx: Tx, context: Context, visit: Visit) -> Session | None:
    """Loads the session of the person at this address; None if nobody is known there."""
    person = people.at_address(tx, visit.channel, visit.address)
    if person is None:
        return None
    if person.entered_by is not None and Right.ENTER not in rights(people.roles(tx, person.entered_by)):
        return _put_out(tx, context, visit, person.id, person.entered_by)
    return _of(tx, context, visit, person)


def load_person(tx: Tx, context: Context, visit: Visit, person_id: int) -> Session | None:
    """Loads the session of one person reached at the address, whomever it acts as now."""
    person = people.by_id(tx, person_id)
    return _of(tx, context, visit, person) if person is not None else None


class Unknown(LookupError):
    """Nobody we know is at this address, or there is no such person."""


def somebody(tx: Tx, context: Context, visit: Visit) -> Session:
    """Where the person at this address stands. Raises Unknown."""
    s = load(tx, context, visit)
    if s is None:
        raise Unknown(visit.channel)
    return s


def the_person(tx: Tx, context: Context, visit: Visit, person_id: int) -> Session:
    """Where that person stands, seen from the address. Raises Unknown."""
    s = load_person(tx, context, visit, person_id)
    if s is None:
        raise Unknown(visit.channel)
    return s


def step_in(s: Session, person_id: int) -> Session:
    """The address acts as that person from now on. Numbers of prompts go on counting, so that no old button means
    something new."""
    people.enter(s.tx, s.visit.channel, s.visit.address, person_id, s.visit.now)
    count_on(s, person_id)
    return somebody(s.tx, s.context, s.visit)


def count_on(s: Session, person_id: int) -> None:
    number = s.prompt.number if s.prompt is not None else 0
    last = prompts.last(s.tx, person_id, s.visit.channel)
    if last is None or last.number <= number:
        fresh = Prompt.next(s.prompt, "text", s.visit.sent_at)
        prompts.put(s.tx, person_id, s.visit.channel, fresh if last is None else replace(last, number=fresh.number))


def _of(tx: Tx, context: Context, visit: Visit, person: Person) -> Session:
    plan = context.process_host.plan(tx, person.process_id)
    prompt = prompts.last(tx, person.id, visit.channel)
    session = Session(tx=tx, context=context, visit=visit, plan=plan, person=person, prompt=prompt)
    if prompt is not None and prompt.run_id is not None:
        run = runs.by_id(tx, prompt.run_id)
        if run is not None and session.may_be_in(run, prompt.question):
            session.take_up(run)
    return session


def _put_out(tx: Tx, context: Context, visit: Visit, entered: int, by: int) -> Session | None:
    """Returns a facilitator who lost the right to their own session; prompt numbers keep increasing."""
    own, left = load_person(tx, context, visit, by), prompts.last(tx, entered, visit.channel)
    if own is not None and own.prompt is not None and left is not None:
        own.prompt = replace(own.prompt, number=max(own.prompt.number, left.number + 1))
    return own


def _was_sent(run: Run, old: StoredAnswer) -> bool:
    """Whether somebody else may have seen an answer as it stands: it was in what was sent, also where that was taken
    back since. What is told about oneself is sent to nobody."""
    if run.flow == START:
        return False
    return run.sent_at is not None or (run.withdrawn_at is not None and old.answered_at <= run.withdrawn_at)


def _bytes(row: StoredAnswer) -> int:
    return len(row.content.encode()) + budgets.ROW


def _wished(key: str | None) -> int | None:
    """Of messages: to skip the question is no no."""
    return None if key is None else int(key == YES)


@cache
def _respondent(group: str | None, front: bool, steering: bool = False, *, several: bool = False) -> Respondent:
    return Respondent(group=Group(group) if group else None, front=front, steering=steering, several=several)


def _opened(row: StoredAnswer) -> Answer:
    stored = content.read(row.content)
    return Answer(row.question, stored.parts, stored.keys, skipped=row.skipped, open=row.open)

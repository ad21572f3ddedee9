"""Questions made of what was proposed for the meetings: which proposals there are, whom a step can ask one more,
and how a question becomes part of the municipality's own, is switched off, and asked again (docs/decisions/0048)."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.flows import content, loader
from bot.flows.loader import Material
from bot.flows.model import MAX_QUESTIONS_ON_A_PATH, RESPONDENTS, Audience, Flow, Group
from bot.process import chat_questions, own_questions, versions
from bot.process.file import ProcessFile, QuestionsText, stored
from bot.process.flows import flow_keys
from bot.process.own_questions import ChatQuestion
from bot.process.plan import Plan, State
from storage import contacts, processes, runs
from storage.contacts import ToldInRun
from storage.db import Tx

PLANNING, ASKED = "plan", "P3"  # «Hvad skal vi tale om på møderne?»
_KEY = re.compile(r"(\d{1,18})-\d+-\d+")  # of a run: its answer's revision, the place in it
_ASKING: Final = (State.OPEN, State.AHEAD, State.READING)


# --- what was proposed ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One of the things that somebody wrote there and sent."""

    key: str  # run, revision and place: names it as it stands now; corrected, it is another
    text: str
    group: str | None
    said_at: int


@dataclass(frozen=True, slots=True)
class Proposals:
    readable: tuple[Proposal, ...]  # the newest first
    unreadable: int  # answers that are damaged


def proposals(tx: Tx, process_id: int) -> Proposals:
    """What was sent and counts: nothing of a draft, nothing that is set aside, taken back or skipped."""
    return _read(contacts.answers_to(tx, process_id, PLANNING, ASKED))


def proposal(tx: Tx, process_id: int, key: str) -> Proposal | None:
    """The one of that key, where it stands as it did; of all the answers its own is opened alone."""
    run = _KEY.fullmatch(key)
    told = contacts.answers_to(tx, process_id, PLANNING, ASKED, int(run[1])) if run is not None else []
    return next((each for each in _read(told).readable if each.key == key), None)


def _read(told: list[ToldInRun]) -> Proposals:
    sent = [each for each in reversed(told) if each.sent_at is not None]
    readable = [each for each in sent if each.content != content.UNREADABLE]
    return Proposals(tuple(one for each in readable for one in _of(each)), len(sent) - len(readable))


def _of(told: ToldInRun) -> list[Proposal]:
    said = content.read(told.content).parts
    return [
        Proposal(
            key=f"{told.run_id}-{told.revision}-{place}",
            text=part.text,
            group=told.stakeholder,
            said_at=told.answered_at,
        )
        for place, part in enumerate(said)
    ]


# --- which step can ask whom ------------------------------------------------------------------------------


def steps(plan: Plan, now: int) -> list[str]:
    """Those that take answers from somebody now or later; not the start, and not the steering group's own."""
    return [
        key
        for key in plan.steps
        if not plan.flows[key].flow.by_role
        and any(plan.state(key, now, group) in _ASKING for group in (None, *asked_by(plan, key)))
    ]


def asked_by(plan: Plan, flow: str) -> list[Group]:
    """Whom the step asks something."""
    return [group for group in Group if group is not Group.STYREGRUPPE and plan.asks(flow, group)]


def has_room(flow: Flow, group: Group) -> bool:
    """Whether all of the group can be asked one more."""
    theirs = [each for each in RESPONDENTS if each.group == group]
    return all(flow.longest_path(each) < MAX_QUESTIONS_ON_A_PATH for each in theirs)


def without_room(plan: Plan, question: ChatQuestion) -> list[Group]:
    """Those whom it is for and who are asked as much as can be already."""
    flow = plan.flows[question.flow].flow
    asked = question.who or ()
    whom = [group for group in asked_by(plan, question.flow) if {Audience.ALLE, Audience(group)} & set(asked)]
    return [group for group in whom if not has_room(flow, group)]


def in_the_middle(tx: Tx, plan: Plan, flow: str) -> int:
    """How many have begun on the step and not sent it: they may choose between the questions."""
    return runs.unsent(tx, plan.process_id).get(flow, 0)


# --- put in, switched off, asked again ----------------------------------------------------------------------


def has_step(plan: Plan, question: ChatQuestion) -> bool:
    """A step of the municipality's own may have been taken out of its file since the question was switched off."""
    return question.flow in own_questions.in_order(flow_keys(), plan.file)


def made(tx: Tx, plan: Plan) -> tuple[ChatQuestion, ...]:
    """Every question that was made in the chat, switched off or not."""
    return chat_questions.made_in(_stored(tx, plan).questions)


def file_of(tx: Tx, plan: Plan) -> QuestionsText:
    """The municipality's own questions as they stand, with those made in the chat."""
    return _stored(tx, plan).questions or QuestionsText(name=chat_questions.NAME, text=chat_questions.NOTHING)


def next_id(tx: Tx, plan: Plan) -> str | None:
    """One that no version of any step has ever had; None where all are taken."""
    kept = (json.loads(each)["questions"] for each in processes.definitions(tx, plan.process_id))
    taken = {question["id"] for questions in kept for question in questions}
    own = _stored(tx, plan).questions
    if own is not None:
        _, read = own_questions.read(own)
        taken |= {question.id for step in read.steps for question in step.questions}
        taken |= {question.id for question in read.from_chat}
    return chat_questions.free_id(taken)


def put_in(tx: Tx, plan: Plan, question: ChatQuestion, now: int) -> None:
    """From now on its step asks it, as a new version. Raises pydantic's ValidationError where somebody would be asked
    too much."""
    _keep(tx, plan, (*made(tx, plan), question), question.flow, now)


def switch(tx: Tx, plan: Plan, question: ChatQuestion, now: int, *, off: bool) -> ChatQuestion:
    """Nobody is asked it any more, or its step, which is there still, asks it again; what was answered stays. The
    question as it is now. Raises as `put_in`."""
    switched = question.model_copy(update={"switched_off": off})
    after = tuple(switched if each.id == question.id else each for each in made(tx, plan))
    _keep(tx, plan, after, question.flow, now)
    return switched


def with_made(flow: Flow, questions: Sequence[ChatQuestion], material: Material) -> Flow:
    """The step with these questions made in the chat, and no others of them. Raises pydantic's ValidationError where
    somebody would be asked too much."""
    theirs = [each for each in questions if each.flow == flow.flow]
    named = {each.id for each in theirs}
    kept = [question for question in flow.questions if question.id not in named]
    last = own_questions.place_before_closing([question.id for question in kept])
    asked = [loader.question_of(each.written(each.who or ()), material) for each in theirs if not each.switched_off]
    fields = {name: getattr(flow, name) for name in Flow.model_fields}
    return Flow(**{**fields, "questions": (*kept[:last], *asked, *kept[last:])})


def _keep(tx: Tx, plan: Plan, questions: tuple[ChatQuestion, ...], flow: str, now: int) -> None:
    """Of the process the questions alone, and of the steps this one: what a newer Besyv would ask otherwise comes when
    the process is loaded."""
    file = _stored(tx, plan)
    changed = with_made(plan.flows[flow].flow, questions, file.material)
    after = file.model_copy(update={"questions": chat_questions.written(file.questions, questions)})
    processes.save(tx, file.process, after.model_dump_json(), now)
    versions.keep(tx, plan.process_id, [changed], now)


def _stored(tx: Tx, plan: Plan) -> ProcessFile:
    """As it was loaded: the plan's own has the steps' times of both files."""
    row = processes.by_id(tx, plan.process_id)
    if row is None:
        raise LookupError(f"no process {plan.process_id}")
    return stored(row.definition)

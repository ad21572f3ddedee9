"""Questions as somebody of a group meets them: drawn in a database that is thrown away (`besyv questions show`), or to
who leads, before they are asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from bot.codes import new_pseudonym
from bot.dialogue.reply import Ask, QuestionPage, Reply
from bot.dialogue.session import Context, CurrentRun, Session, Visit, load_person
from bot.features.answering import question_screen
from bot.flows import engine
from bot.flows.engine import Answer
from bot.flows.model import NO, YES, Flow, Language, Question, Respondent
from bot.process.plan import START, Plan
from storage import people
from storage.db import Tx
from storage.runs import Run

NOBODY: Final = 0  # no person and no run has this number


def somebody(tx: Tx, context: Context, plan: Plan, visit: Visit, respondent: Respondent) -> Session:
    """A new person of the group, who has said yes to the notice."""
    made = people.add(tx, plan.process_id, new_pseudonym(), visit.language, visit.now)
    people.accept_notice(tx, made, plan.notice.version, visit.now)
    s = load_person(tx, context, visit, made)
    assert s is not None  # noqa: S101  # added above
    if respondent.group is not None:
        s.begin(START, plan.flows[START].version)
        s.save(Answer(plan.start_question("group").id, keys=(respondent.group,)), asked="")
        if respondent.group == "ansat":
            front = YES if respondent.front else NO
            s.save(Answer(plan.start_question("front").id, keys=(front,)), asked="")
    return s


def drawn(s: Session, flow: Flow, wanted: frozenset[str]) -> Iterator[tuple[Question, QuestionPage]]:
    """The wanted questions of the flow, in their order, as the person meets them: each before anything is answered."""
    s.begin(flow.flow, s.plan.flows[flow.flow].version)
    asked = [question for question in flow.questions if not s.respondent.audiences.isdisjoint(question.who)]
    total = len(engine.path(flow, s.respondent, {}))
    for question in asked:
        if question.id in wanted:
            place = min(1 + sum(1 for each in asked[: asked.index(question)] if each.when is None), total)
            ask = Ask(question, engine.options(question), s.order(question), None, place, total, s.many)
            yield question, QuestionPage(question_screen.draw(s, ask), ask, "")


def as_seen(s: Session, flow: Flow, question: Question, respondent: Respondent, language: Language) -> Reply:
    """A question of the flow as one of the group would meet it where the session is; nobody is added, and nothing that
    the session's own person has told stands beside it."""
    person = replace(s.person, id=NOBODY, language=language, source=None)
    run = Run(
        id=NOBODY,
        person_id=NOBODY,
        capacity_id=None,
        flow=flow.flow,
        version=0,
        started_at=s.visit.now,
        declined_version=None,
        sent_at=None,
        stakeholder=respondent.group,
        front=int(respondent.front),
        number=None,
        withdrawn_at=None,
    )
    there = Session(
        tx=s.tx,
        context=s.context,
        visit=s.visit,
        plan=s.plan,
        person=person,
        prompt=None,
        _taken_up=CurrentRun(run, flow),
        _roles=frozenset(),
        _runs=[],
    )
    return question_screen.draw(there, question_screen.asked(there, question))

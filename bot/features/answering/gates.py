"""The gates of answering: the run somebody is in, the start questions, the step they came for, a menu."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.access import Role
from bot.dialogue import doubt
from bot.dialogue.naming import step_name
from bot.dialogue.navigation import proceed, show
from bot.dialogue.reply import Reply, Screen
from bot.dialogue.session import Session, Transition
from bot.dialogue.step_status import is_closed, not_answerable, open_late, open_unsent, shut, size
from bot.flows.model import Flow
from bot.process.plan import START
from storage import people

Notes = Callable[[Session], tuple[str, ...]]


def told_more(transition: Transition, *notes: str) -> Transition:
    return replace(transition, notes=(*transition.notes, *notes))


def current_run(s: Session, transition: Transition) -> Reply | Transition:
    """The open question of the run they are in, or its review."""
    if s.run is None:
        return transition
    if s.run.flow == START:
        return _about_oneself(s, transition)
    if is_closed(s):
        return told_more(transition, shut(s, s.flow))
    if s.open_question is not None:
        return _open_question(s, s.open_question.id, transition)
    return show(s, Screen.REVIEW, transition)


def _open_question(s: Session, question: str, transition: Transition) -> Reply:
    """The question; or whether the words that wait were its answer."""
    if doubt.is_waiting(s, question):
        return doubt.show_again(s, question, *transition.notes)
    return show(s, Screen.ASK, transition)


def _about_oneself(s: Session, transition: Transition) -> Reply | Transition:
    """The start questions are sent by themselves."""
    if s.only_has_a_role:
        return _of_a_role(s, transition)
    if s.open_question is not None:
        return _open_question(s, s.open_question.id, transition)
    if s.run is not None and s.run.sent_at is None:
        s.send()
        return transition
    return told_more(transition, s.say("said.corrected")) if transition.corrected else transition


def start_questions(s: Session, transition: Transition) -> Reply | Transition:
    """Whom they answer as, and the like. Who came into the steering group is asked whether we may write, and the rest
    before they answer; who came to lead neither."""
    run = s.run_of(START)
    if run is not None and run.sent_at is not None:
        return transition
    if s.only_has_a_role:
        return _of_a_role(s, transition)
    return begin(s, s.plan.flows[START].flow, replace(transition, continues=None), told=lambda _: ())


def _of_a_role(s: Session, transition: Transition) -> Reply | Transition:
    """Whether we may write, of who came into the steering group. The rest of the start questions waits until they
    answer."""
    if Role.STEERING in s.roles:
        s.begin(START, s.plan.flows[START].version)
        if s.open_question is not None:
            return _open_question(s, s.open_question.id, replace(transition, continues=None))
    s.leave_run()
    return transition


def wanted_step(s: Session, transition: Transition) -> Reply | Transition:
    """The step they came for, the one they left, or the only one."""
    unsent = [flow for _, flow in open_unsent(s)]
    wanted = next((flow for flow in unsent if flow.flow == s.person.came_for), None)
    if s.person.came_for is not None:
        people.come_for(s.tx, s.person.id, None)
        if wanted is None and s.person.came_for != START and (known := s.plan.flows.get(s.person.came_for)) is not None:
            run = s.run_of(known.flow.flow)
            transition = told_more(
                transition, not_answerable(s, known.flow, sent=run is not None and run.sent_at is not None)
            )
        s.read_person()
    if s.person.stakeholder is None:
        unsent = [flow for flow in unsent if flow.by_role]
    begun = [flow for flow in unsent if s.run_of(flow.flow) is not None]
    for flow in (wanted, *(begun if len(begun) == 1 else ()), *(unsent if len(unsent) == 1 else ())):
        if flow is not None:
            return begin(s, flow, transition)
    return transition


def menu(s: Session, transition: Transition) -> Reply:
    """Which step; or that there is nothing to answer now."""
    s.leave_run()
    return show(s, Screen.MENU if open_unsent(s) else Screen.IDLE, transition)


# --- into a step ------------------------------------------------------------------------------------------


def _entered(s: Session) -> tuple[str, ...]:
    name = step_name(s, s.flow)
    entered = (
        s.say("step.resumed", step=name)
        if s.answers
        else s.say("step.entered", step=name, size=size(s, s.flow)).strip()
    )
    return (entered, *open_late(s, s.flow.flow))


def begin(s: Session, flow: Flow, transition: Transition | None = None, *, told: Notes = _entered) -> Reply:
    """Into a flow: a new run, or the one the person left, on the version they started on. `told` is said there."""
    transition = transition or Transition()
    if s.person.stakeholder is None and not flow.by_role and flow.flow != START:
        people.come_for(s.tx, s.person.id, flow.flow)
        s.read_person()
        s.leave_run()
        return proceed(s, *transition.notes)
    s.begin(flow.flow, s.plan.flows[flow.flow].version)
    if s.offers_newer:
        return show(s, Screen.NEWER, transition)
    return proceed(s, *transition.notes, *told(s), continues=transition.continues)

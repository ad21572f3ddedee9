"""What comes next for a person, and the prompt that goes with it. Every use case ends here."""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue import panel_navigation, screens
from bot.dialogue.naming import step_name
from bot.dialogue.panel import Panel, PanelInput
from bot.dialogue.reply import Reply, Screen
from bot.dialogue.session import Session, load
from bot.features.invitations import preset
from bot.features.joint_answers import service as joint_answers
from bot.features.register import speaks_for
from bot.flows import engine
from bot.flows.model import Flow
from bot.process.plan import START, State
from storage import people, runs
from storage.prompts import Prompt


def onward(s: Session, *notes: str, continues: str | None = None, corrected: bool = True) -> Reply:
    """The notice, the open question, the review, or what else there is to do, in that order.

    `continues` is the question whose written answer a late message would belong to. `corrected`: what was told about
    oneself before is another now, which is said.
    """
    if not s.accepted:
        if s.person.notice_version is not None:
            notes = (*notes, s.say("notice.changed"))
        return show(s, Screen.NOTICE, *notes, continues=continues)
    if s.run is None:
        return choose(s, *notes, continues=continues)
    if s.run.flow == START:
        if s.open_question is not None:
            return show(s, Screen.ASK, *notes, continues=continues)
        if s.run.sent_at is not None:  # corrected later on
            told = (s.say("said.corrected"),) if corrected else ()
            return choose(s, *notes, *told, continues=continues)
        runs.mark_sent(s.tx, s.run.id, s.visit.sent_at)
        return choose(s, *notes, continues=continues)
    if s.plan.state(s.run.flow, s.visit.sent_at, s.person.stakeholder) is not State.OPEN:
        return choose(s, *notes, screens.shut(s, s.flow), continues=continues)
    if s.open_question is not None:
        return show(s, Screen.ASK, *notes, continues=continues)
    if s.run.sent_at is not None and not engine.is_sendable(s.flow, s.answers):
        s.run = runs.withdraw(s.tx, s.run)
    return show(s, Screen.REVIEW, *notes, continues=continues)


def choose(s: Session, *notes: str, continues: str | None = None) -> Reply:
    """The next step for a person who is between steps: the one they came for, the one they left, or a menu."""
    mine = {run.flow: run for run in runs.of_person(s.tx, s.person.id)}
    start = mine.get(START)
    if start is None or start.sent_at is None:
        return begin(s, s.plan.flows[START].flow, *notes)
    if speaks_for.to_ask(s):
        return show(s, Screen.PARTY, *notes, continues=continues, about=speaks_for.about(s))
    if (asked := joint_answers.to_ask(s)) is not None:
        return show(s, Screen.JOIN, *notes, continues=continues, about=asked)
    unsent = [
        flow
        for flow in s.plan.open_for(s.respondent, s.visit.now)
        if flow.flow not in mine or mine[flow.flow].sent_at is None
    ]
    wanted = next((flow for flow in unsent if flow.flow == s.person.came_for), None)
    if s.person.came_for is not None:
        people.come_for(s.tx, s.person.id, None)
        if wanted is None and (known := s.plan.flows.get(s.person.came_for)) is not None:
            sent = known.flow.flow in mine and mine[known.flow.flow].sent_at is not None
            notes = (*notes, not_answerable(s, known.flow, sent=sent))
        s.read_person()
    begun = [flow for flow in unsent if flow.flow in mine]
    for flow in (wanted, *(begun if len(begun) == 1 else ()), *(unsent if len(unsent) == 1 else ())):
        if flow is not None:
            return begin(s, flow, *notes, continues=continues)
    s.run = None
    return show(s, Screen.MENU if unsent else Screen.IDLE, *notes, continues=continues)


def not_answerable(s: Session, flow: Flow, *, sent: bool) -> str:
    """Why the step somebody came for is not begun: sent already, not open, or not for them."""
    name = step_name(s, flow)
    if sent:
        return s.say("step.sent", step=name)
    match s.plan.state(flow.flow, s.visit.now, s.person.stakeholder):
        case State.OPEN:
            return s.say("step.not-yours", step=name)
        case State.CLOSED:
            return f"{name}. {screens.shut(s, flow)}"
        case State.AHEAD | State.OFF | State.READING:
            return screens.shut(s, flow)


def begin(s: Session, flow: Flow, *notes: str, continues: str | None = None) -> Reply:
    """Into a flow: a new run, or the one the person left, on the version they started on."""
    newest = s.plan.flows[flow.flow].version
    run = runs.start(s.tx, s.person.id, flow.flow, newest, s.visit.sent_at)
    s.take_up(run)
    if s.offers_newer:
        return show(s, Screen.NEWER, *notes, continues=continues)
    if flow.flow == START:
        notes = (*notes, *preset.apply(s))
    else:
        entered = "step.resumed" if s.answers else "step.entered"
        notes = (*notes, s.say(entered, step=step_name(s, s.flow)))
    return onward(s, *notes, continues=continues)


def show(s: Session, screen: Screen, *notes: str, continues: str | None = None, about: str | None = None) -> Reply:
    """A new prompt. Where the same is shown once more, the time it was first shown stays."""
    old = s.prompt
    question = s.open_question if screen is Screen.ASK else None
    asked = question.id if question else None
    run_id = s.run.id if s.run is not None else None
    same = old is not None and (old.screen, old.run_id, old.question) == (screen, run_id, asked)
    number = old.number + 1 if old is not None else 1
    if old is not None and same:
        prompt = Prompt(number, 0, screen, run_id, asked, continues or old.continues, old.shown_at, old.message, about)
    else:
        prompt = Prompt(number, 0, screen, run_id, asked, continues, s.visit.sent_at, None, about)
    s.put_prompt(prompt)
    return screens.draw(s, *notes)


def redraw(s: Session, *notes: str) -> Reply:
    """The same prompt in a new state, in place of the message that was tapped."""
    assert s.prompt is not None  # noqa: S101  # a tap on it was just taken
    s.put_prompt(replace(s.prompt, revision=s.prompt.revision + 1))
    return replace(screens.draw(s, *notes), redraw=True)


def open_panel(s: Session, path: str, sent: PanelInput | None = None, *, in_place: bool = False) -> Reply:
    """A panel, and what opening its path does; `in_place` of the panel that was tapped. Raises NotAllowed."""
    outcome = panel_navigation.go(s, path, sent)
    if not isinstance(outcome, Panel):
        moved = load(s.tx, s.house, s.visit)
        assert moved is not None  # noqa: S101  # they are somebody else now, and not nobody
        return onward(moved, *outcome.notes)
    return show_panel(s, outcome, in_place=in_place)


def show_panel(s: Session, panel: Panel, *, in_place: bool = False) -> Reply:
    s.run, old, in_place = None, s.prompt, in_place and not panel.once
    number = 1 if old is None else old.number if in_place else old.number + 1
    about = panel_navigation.about_of(panel)
    made_here = bool(panel.makes) and old is not None and old.about == about.written()  # a page is as it was, beside it
    revision = old.revision + (not made_here) if old is not None and in_place else 0
    message = old.message if old is not None and in_place else None
    s.put_prompt(Prompt(number, revision, Screen.PANEL, None, None, None, s.visit.sent_at, message, about.written()))
    reply = replace(
        panel_navigation.drawn(s, panel, about),
        number=number,
        revision=revision,
        person_id=s.person.id,
        redraw=in_place,
    )
    return panel_navigation.with_files(reply, panel)

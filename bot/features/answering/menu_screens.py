"""The screens between the steps: which step, nothing to do now, paused, newer questions, reading ahead."""

from __future__ import annotations

from collections.abc import Callable

from bot import texts
from bot.dialogue.naming import step_name
from bot.dialogue.navigation import proceed, show
from bot.dialogue.reply import Move, Reply, Rows, Screen, Tap, Verb
from bot.dialogue.screens import button, left_as
from bot.dialogue.session import Session
from bot.dialogue.step_status import ahead, aside, is_sent, open_unsent, shut, size, until
from bot.features.answering.commands import correct, review
from bot.features.answering.gates import begin
from bot.flows import engine
from bot.flows.model import Flow, Group, Respondent
from bot.process.plan import START
from bot.texts import lists


def menu(s: Session) -> Reply:
    rows = tuple((Move(Verb.GO, step_name(s, flow), place),) for place, flow in open_unsent(s)) + _to_read(s)
    return Reply(
        language=s.language,
        screen=Screen.MENU,
        title=s.say("menu.which"),
        body=(s.say("menu.how"), _sizes(s), *aside(s)),
        moves=rows,
    )


def _sizes(s: Session) -> str:
    return lists.bulleted(
        f"{texts.as_sentence(step_name(s, flow))} {size(s, flow)}".strip() for _, flow in open_unsent(s)
    )


def idle(coming: Callable[[Session], tuple[str, ...]], s: Session) -> Reply:
    """`coming` tells of the person's next meeting."""
    answered = [run for run in s.runs_now if run.flow != START]
    moves = _to_read(s) + (((button(s, Verb.EDIT, "correct"),),) if answered else ())
    title = s.say("idle.thanks") if answered else s.say("idle.nothing")
    body = (*aside(s), *ahead(s, answered=bool(answered)), *coming(s))
    return Reply(language=s.language, screen=Screen.IDLE, title=title, body=body, moves=moves)


def which_to_correct(s: Session) -> Reply:
    places = {key: place for place, key in enumerate(s.plan.flows)}
    rows = tuple(
        (Move(Verb.EDIT, step_name(s, s.plan.flows[run.flow].flow), places[run.flow]),)
        for run in s.runs_now
        if run.flow in places
    )
    return Reply(language=s.language, screen=Screen.CORRECT, title=s.say("correct.which"), moves=rows)


def paused(s: Session) -> Reply:
    """That their answers are kept; of a step's that they are not sent, so that nobody takes it for done."""
    in_step = s.run is not None and s.run.flow != START
    return Reply(
        language=s.language,
        screen=Screen.PAUSED,
        title=s.say("paused.title-unsent" if in_step and not is_sent(s) else "paused.title"),
        body=(s.say("paused.how"), *(until(s) if in_step else ())),
        moves=((button(s, Verb.RESUME, "resume"),),),
    )


def newer_holds(s: Session) -> bool:
    return s.run is not None


def newer(s: Session) -> Reply:
    return Reply(
        language=s.language,
        screen=Screen.NEWER,
        title=s.say("newer.title"),
        body=(s.say("newer.what"),),
        moves=((button(s, Verb.DECLINE, "newer-no"),), (button(s, Verb.ADOPT, "newer-yes"),)),
    )


def _to_read(s: Session) -> Rows:
    """The steps whose questions may be read and not answered yet."""
    places = {key: place for place, key in enumerate(s.plan.flows)}
    return tuple(
        (Move(Verb.READ, s.say("reading.step", step=step_name(s, flow)), places[flow.flow]),)
        for flow in s.plan.readable_for(s.as_themselves, s.visit.now)
    )


def reading(s: Session) -> Reply:
    """The questions of a step, to think about or talk over before it opens."""
    about = s.prompt.about if s.prompt is not None else None
    flow = s.plan.flows[about or START].flow
    reader = Respondent(group=Group.STYREGRUPPE) if flow.by_role else s.respondent
    asked = [q.asked(s.language, many=s.many) for q in engine.path(flow, reader, {})]
    moves = ((button(s, Verb.RESUME, "resume"),),)
    return Reply(
        language=s.language,
        screen=Screen.READING,
        title=step_name(s, flow),
        body=(shut(s, flow), lists.numbered(asked)),
        moves=moves,
    )


# --- their buttons ----------------------------------------------------------------------------------------


def flow_at(s: Session, tap: Tap) -> Flow:
    """The flow that a button means: its place in the plan."""
    return list(s.plan.flows.values())[tap.place or 0].flow


def between_tapped(s: Session, tap: Tap, seen: Reply) -> Reply:
    """Of the menu, and of the screen where there is nothing to answer: into a step, its questions, one's answers."""
    match tap.verb:
        case Verb.GO:
            return left_as(begin(s, flow_at(s, tap)), seen)
        case Verb.READ:
            return left_as(show(s, Screen.READING, about=flow_at(s, tap).flow), seen)
        case _:
            return correct(s)


def correct_tapped(s: Session, tap: Tap, _seen: Reply) -> Reply:
    return review(s, flow_at(s, tap).flow)


def resume_tapped(s: Session, _tap: Tap, seen: Reply) -> Reply:
    return left_as(proceed(s), seen)


def newer_tapped(s: Session, tap: Tap, seen: Reply) -> Reply:
    s.choose_version(adopt=tap.verb is Verb.ADOPT)
    return left_as(begin(s, s.plan.flows[s.flow.flow].flow), seen)

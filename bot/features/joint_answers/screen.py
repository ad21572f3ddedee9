"""The question whether a chair may see one's drafts: its gate, its screen and its buttons."""

from __future__ import annotations

import json

from bot.dialogue.dispatch import chosen
from bot.dialogue.naming import step_of
from bot.dialogue.navigation import proceed, show
from bot.dialogue.reply import Move, Reply, Screen, Tap, Verb
from bot.dialogue.screens import left_as
from bot.dialogue.session import Session, Transition
from storage import joint_answers


def gate(s: Session, transition: Transition) -> Reply | Transition:
    """Who came by a chair's code and has not answered yet is asked."""
    found = joint_answers.asked(s.tx, s.person.id)
    return transition if found is None else show(s, Screen.JOIN, transition, about=json.dumps([found.id, found.flow]))


def draw(s: Session) -> Reply | None:
    """What the chair would see, in which step."""
    about = _about(s)
    if about is None:
        return None
    _, flow = about
    moves = ((Move(Verb.JOIN, s.say("joint.yes"), 1),), (Move(Verb.JOIN, s.say("joint.no"), 0),))
    what = s.say("joint.what", step=step_of(s, flow))
    return Reply(language=s.language, screen=Screen.JOIN, title=s.say("joint.ask"), body=(what,), moves=moves)


def tapped(s: Session, tap: Tap, seen: Reply) -> Reply:
    """Records the answer for the joint answer that was asked about, and for no other; does nothing where it is closed
    by now."""
    match _about(s):
        case (number, _) if tap.place == 1:
            joint_answers.join(s.tx, number, s.person.id, s.visit.now)
        case (number, _):
            joint_answers.leave(s.tx, number, s.person.id)
        case None:
            pass  # nothing was drawn, and so nothing tapped
    return left_as(proceed(s, corrected=False), seen, chosen(seen, tap))


def _about(s: Session) -> tuple[int, str] | None:
    """The number of the joint answer that the gate asked about, and its flow."""
    about = s.prompt.about if s.prompt is not None else None
    if about is None:
        return None
    number, flow = json.loads(about)
    return number, flow

"""The commands about one's answers: resume, correct, change role."""

from __future__ import annotations

from bot.dialogue.navigation import proceed, show
from bot.dialogue.reply import Reply, Screen
from bot.dialogue.session import Session
from bot.features.answering import capacity_screen
from bot.process.plan import START


def resume(s: Session) -> Reply:
    """/fortsaet: back to the open question, or to what else is open."""
    if s.run is not None and s.run.sent_at is not None and s.open_question is None:
        s.leave_run()
        return proceed(s)
    if s.accepted and s.offers_newer:
        return show(s, Screen.NEWER)
    return proceed(s)


def pause(s: Session) -> Reply:
    """/pause: what was answered is kept, and one goes on when one likes."""
    return show(s, Screen.PAUSED) if s.accepted else proceed(s)


def correct(s: Session) -> Reply:
    """/ret: the review of the one step there are answers in, or which step."""
    mine = [run for run in s.runs_now if run.flow in s.plan.flows]
    answered = [run for run in mine if run.flow != START] or mine
    if not s.accepted or not answered:
        return proceed(s, s.say("correct.nothing"))
    if len(answered) == 1 and len(mine) == 1:
        return review(s, answered[0].flow)
    return show(s, Screen.CORRECT)


def review(s: Session, flow: str) -> Reply:
    """The person's answers in one flow; while one of them is open, that question."""
    run = s.run_of(flow)
    if run is None:
        return proceed(s)
    s.take_up(run)
    return show(s, Screen.REVIEW) if s.open_question is None else proceed(s)


def role(s: Session) -> Reply:
    """/rolle: whom the person answers as: another of their capacities, or the question once more."""
    if not s.accepted:
        return proceed(s)
    return show(s, Screen.CAPACITY) if capacity_screen.offers(s) else capacity_screen.ask_again(s)

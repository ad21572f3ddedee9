"""The question whether a hearing response is to be taken back, and the answer to it."""

from __future__ import annotations

from bot.dialogue.navigation import proceed, show
from bot.dialogue.reply import Reply, Screen, Tap, Verb
from bot.dialogue.screens import button, left_as
from bot.dialogue.session import Session, Transition
from bot.dialogue.step_status import shut
from bot.features.hearing import service


def holds(s: Session) -> bool:
    return s.run is not None and s.run.number is not None


def draw(s: Session) -> Reply | None:
    number = s.run.number if s.run is not None else None
    if number is None:
        return None
    return Reply(
        language=s.language,
        screen=Screen.WITHDRAW,
        title=s.say("withdraw.sure", number=number),
        body=(s.say("withdraw.what", number=number), s.say("withdraw.instead")),
        moves=((button(s, Verb.CANCEL, "withdraw-no"),), (button(s, Verb.WITHDRAW, "withdraw-yes"),)),
    )


def tapped(s: Session, tap: Tap, seen: Reply) -> Reply:
    """Whether it still can be is looked up anew: the deadline may have passed, or it may be in the case by now."""
    run = s.run
    if run is None or run.number is None or tap.verb is not Verb.WITHDRAW:
        return left_as(proceed(s, s.say("withdraw.kept")), seen)
    if not service.may_withdraw(s.tx, s.plan, run, s.visit.sent_at):
        return left_as(proceed(s, too_late(s, run.id)), seen)
    service.withdraw(s.tx, run.id, s.visit.sent_at)
    s.withdraw()
    done = Transition((s.say("withdraw.done", number=run.number),))
    return left_as(show(s, Screen.REVIEW, done), seen, s.say("mark.withdrawn"))


def too_late(s: Session, run_id: int) -> str:
    """Why it can't be taken back any more."""
    if service.is_journalised(s.tx, run_id):
        return s.say("withdraw.journalised", email=s.plan.file.contacts.email)
    return shut(s, s.flow)

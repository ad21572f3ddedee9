"""The message after an absence: a button pressed meanwhile may be lost, and here is the way on."""

from __future__ import annotations

from bot import texts
from bot.dialogue import acting_as, dispatch
from bot.dialogue.reply import Move, Reply, Screen, Verb
from bot.dialogue.session import TELEGRAM, Session
from bot.outbox.compose import go_as_recipient, unsubscribe
from storage import people
from storage.outbox import OutboxMessage


def away(s: Session, row: OutboxMessage) -> Reply | None:
    """Not to who has acted since, has said no by now, or is somebody else at that address."""
    if s.prompt is None or str(s.prompt.away_since) != row.about or not s.prompt_holds:
        return None
    here, own = people.at_address(s.tx, s.visit.channel, s.visit.address), acting_as.oneself(s)
    if s.visit.channel != TELEGRAM or here is None or here.id != s.person.id:
        return None
    if own.person.stopped_at is not None or own.person.reminders == 0:
        return None
    return Reply(
        language=s.language,
        screen=Screen.TEXT,
        body=(own.say("away"),),
        why=own.say("away.why"),
        moves=((Move(Verb.GO, s.say("button.resume"), row.id),), (unsubscribe(s, row.id),)),
    )


def go_on(s: Session, row: OutboxMessage, _verb: Verb) -> Reply:
    """To where the person is, with the entry for others that they may be in."""
    here = dispatch.shown_again  # the screen on which a tap may have been lost, while it holds
    return here(s) if s.person.id == row.person_id else go_as_recipient(s, row, here)


def named(s: Session, about: str) -> str:
    """Since when we were away."""
    return texts.moment(s.language, int(about))

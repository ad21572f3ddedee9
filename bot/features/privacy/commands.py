"""The commands about one's data: the notice, stop, delete."""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue import acting_as, consent, screens
from bot.dialogue.navigation import show
from bot.dialogue.reply import Reply, Screen, Verb
from bot.dialogue.session import Session, Transition
from bot.features.meetings.service import is_signed_up
from bot.features.privacy.own_data import OBJECTION_PAGE
from bot.outbox.compose import as_recipient
from storage.outbox import OutboxMessage


def privacy(s: Session) -> Reply:
    """/privatliv: the notice as it stands, whatever was said to it."""
    told = screens.words(s, *s.plan.notice.whole(s.language, s.visit.channel))
    is_known = s.person.id != 0  # a stranger has no answers to object to the use of
    return replace(told, links=((s.say("objection.go"), OBJECTION_PAGE),) if s.visit.pages and is_known else ())


@acting_as.as_oneself
def stop(s: Session) -> Reply:
    """/stop: no more messages, and no mail address kept for any. Nothing else ends."""
    consent.stop(s)
    return screens.words(s, s.say("stop.done"), *_still_coming(s))


@acting_as.as_oneself
def leave(s: Session) -> Reply:
    """/forlad, «Jeg vil ikke være med mere»: the yes is taken back, and one may delete everything."""
    consent.leave(s)
    s.leave_run()
    return show(s, Screen.ERASE, Transition((s.say("leave.done"), *_still_coming(s))))


def _still_coming(s: Session) -> tuple[str, ...]:
    coming = is_signed_up(s.tx, s.plan.process_id, s.person.id, s.visit.now)
    return (s.say("stop.still-coming"),) if coming else ()


def erase(s: Session) -> Reply:
    """/slet: asks once, and says what will go."""
    return show(s, Screen.ERASE)


def decline(s: Session, row: OutboxMessage, _verb: Verb) -> Reply:
    """«Stop beskeder» on a message: no reminders and no news any more. Of what they have signed up for they are
    told until they say that they do not come."""
    them = acting_as.oneself(as_recipient(s, row))
    consent.turn_off_messages(them)
    signed_up = is_signed_up(them.tx, them.plan.process_id, them.person.id, them.visit.now)
    told = "opened.still-told" if consent.is_on_telegram(them) else "stop.still-coming"  # an address is gone
    still = (them.say(told),) if signed_up else ()
    return Reply(language=them.language, screen=Screen.TEXT, notes=(them.say("opened.stopped"), *still))

"""The commands about one's data: the notice, stop, delete."""

from __future__ import annotations

from bot.dialogue import acting_as, screens
from bot.dialogue.navigation import show
from bot.dialogue.reply import Reply, Screen, Verb
from bot.dialogue.session import Session
from bot.features.meetings.service import is_signed_up
from bot.outbox.compose import as_recipient
from storage import email_addresses, people
from storage.outbox import OutboxMessage


def privacy(s: Session) -> Reply:
    """/privatliv: the notice as it stands, whatever was said to it."""
    return screens.words(s, *s.plan.notice[s.language])


@acting_as.as_oneself
def stop(s: Session) -> Reply:
    """/stop: no more messages, and no mail address kept for any. Answers stay until they are deleted with /slet."""
    people.stop(s.tx, s.person.id, s.visit.now)
    email_addresses.forget(s.tx, s.person.id)
    coming = is_signed_up(s.tx, s.plan.process_id, s.person.id, s.visit.now)
    return screens.words(s, s.say("stop.done"), *((s.say("stop.still-coming"),) if coming else ()))


def erase(s: Session) -> Reply:
    """/slet: asks once, and says what will go."""
    return show(s, Screen.ERASE)


def decline(s: Session, row: OutboxMessage, _verb: Verb) -> Reply:
    """«Ikke flere» on a message: no reminders any more. Of what they have signed up for they are told until they say
    that they do not come."""
    them = acting_as.oneself(as_recipient(s, row))
    people.decline_messages(them.tx, them.person.id)
    signed_up = is_signed_up(them.tx, them.plan.process_id, them.person.id, them.visit.now)
    still = (them.say("opened.still-told"),) if signed_up else ()
    return Reply(language=them.language, screen=Screen.TEXT, notes=(them.say("opened.stopped"), *still))

"""To who led before: somebody else has taken over, by a link that gave the role."""

from __future__ import annotations

import logging

from bot import texts
from bot.access import Role
from bot.dialogue.reply import Move, Reply, Screen, Verb
from bot.dialogue.session import Session
from bot.features.invitations import service
from bot.outbox import compose
from storage import people
from storage.outbox import OutboxMessage

log = logging.getLogger(__name__)


def taken_over(s: Session, row: OutboxMessage) -> Reply | None:
    """Not to who leads again by now."""
    if Role.LEADER in s.roles:
        return None
    contacts = s.plan.file.contacts
    ends = next((held.ends_at for held in people.roles_held_by(s.tx, s.person.id) if held.ends_at is not None), None)
    stays = (s.say("taken-over.deputy", day=texts.day(s.language, ends)),) if ends is not None else ()
    what = s.say("taken-over.what", moment=texts.moment(s.language, int(row.about)))
    unknown = s.say("taken-over.not-agreed", email=contacts.email, phone=contacts.phone)
    title = s.say("taken-over.title")
    moves = ((Move(Verb.NOT_ME, s.say("taken-over.dispute"), row.id),),)
    return Reply(language=s.language, screen=Screen.TEXT, title=title, body=(what, *stays, unknown), moves=moves)


def dispute(s: Session, row: OutboxMessage, _verb: Verb) -> Reply:
    """Who led before says that it was not agreed. It gives no role: whoever runs Besyv does that, who can be sure."""
    own = compose.as_recipient(s, row)
    told = service.dispute(own.tx, own.person, int(row.about), own.visit.now)
    log.warning("roles process=%d take_over=disputed", own.plan.process_id)
    contacts = own.plan.file.contacts
    body = (
        texts.count(own.language, "taken-over.told", told) if told else own.say("taken-over.told-nobody"),
        own.say("taken-over.then", email=contacts.email, phone=contacts.phone),
    )
    return Reply(language=own.language, screen=Screen.TEXT, title=own.say("taken-over.noted"), body=body)


def disputed(s: Session, row: OutboxMessage) -> Reply | None:
    """To a deputy."""
    if Role.DEPUTY not in s.roles:
        return None
    contacts = s.plan.file.contacts
    what = s.say("disputed.what", moment=texts.moment(s.language, int(row.about)))
    then = s.say("disputed.then", email=contacts.email, phone=contacts.phone)
    return Reply(language=s.language, screen=Screen.TEXT, title=s.say("disputed.title"), body=(what, then))

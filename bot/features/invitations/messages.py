"""To who led before: somebody else has taken over, by a link that gave the role."""

from __future__ import annotations

from bot import texts
from bot.access import Role
from bot.dialogue.reply import Reply, Screen
from bot.dialogue.session import Session
from storage import people
from storage.outbox import OutboxMessage


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
    return Reply(language=s.language, screen=Screen.TEXT, title=title, body=(what, *stays, unknown))

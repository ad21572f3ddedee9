"""What is said to a mail address that somebody gave: whether it is theirs. Nothing else goes there before the yes."""

from __future__ import annotations

from bot.dialogue.reply import Move, Reply, Screen, Verb
from bot.dialogue.session import Session
from storage import email_addresses
from storage.outbox import OutboxMessage


def confirmation(s: Session, owed: OutboxMessage) -> Reply | None:
    """Names nobody: it may go to a stranger, where the address was mistyped."""
    mailbox = email_addresses.of_person(s.tx, s.person.id)
    if mailbox is None or mailbox.confirmed_at is not None:
        return None
    municipality = s.plan.file.municipality.name
    body = (s.say("confirm.what", municipality=municipality), s.say("confirm.not-you"))
    moves = ((Move(Verb.CONFIRMS, s.say("confirm.yes"), owed.id),),)
    return Reply(s.language, Screen.TEXT, title=s.say("confirm.title"), body=body, moves=moves)

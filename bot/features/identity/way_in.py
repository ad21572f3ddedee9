"""A link in by mail, for who has a mail of ours and has lost their personal link: once, within half an hour, to the
mailbox they have confirmed. Not for who holds a role: a mailbox is often several people's."""

from __future__ import annotations

import secrets
from typing import Final

from bot.dialogue.reply import Move, Reply, Screen, Verb
from bot.dialogue.session import Session
from bot.flows.schedule import HOUR
from bot.outbox.kinds import MessageKind
from storage import email_addresses, outbox
from storage.outbox import NewMessage, OutboxMessage

HOLDS: Final = 30 * 60  # seconds for which the link lets them in, and the mail is worth sending
MOST_IN_AN_HOUR: Final = 3


def can_be_sent(s: Session) -> bool:
    email = email_addresses.of_person(s.tx, s.person.id)
    return email is not None and email.works and s.process_host.mails and not s.roles


def ask(s: Session) -> bool:
    """Sends one to the confirmed mailbox. False where enough have been sent, or none can be."""
    sent = outbox.asked_for(s.tx, s.person.id, MessageKind.COME_IN, s.visit.now - HOUR)
    if not can_be_sent(s) or len(sent) >= MOST_IN_AN_HOUR:
        return False
    outbox.withdraw(s.tx, (MessageKind.COME_IN,), "", s.visit.now, person_id=s.person.id)
    once, now = f"{MessageKind.COME_IN}:{s.person.id}:{secrets.token_hex(4)}", s.visit.now
    return outbox.enqueue(s.tx, NewMessage(once, s.person.id, MessageKind.COME_IN, "", now, now + HOLDS, urgent=2)) == 1


def composed(s: Session, row: OutboxMessage) -> Reply | None:
    if s.roles or (row.sent_at is not None and s.visit.now >= row.sent_at + HOLDS):
        return None
    body = (s.say("way-in.what", municipality=s.plan.file.municipality.name), s.say("way-in.not-you"))
    moves = ((Move(Verb.RESUME, s.say("way-in.go"), row.id),),)
    return Reply(language=s.language, screen=Screen.TEXT, title=s.say("way-in.title"), body=body, moves=moves)


def used(s: Session, row: OutboxMessage, _verb: Verb) -> Reply:
    """They stay where they were."""
    outbox.use_up(s.tx, row.id)
    return Reply(language=s.language, screen=Screen.TEXT)

"""The mail that asks whether an address is theirs. Nothing else is sent there before the yes."""

from __future__ import annotations

from bot.dialogue.reply import Move, Reply, Screen, Verb
from bot.dialogue.session import Session
from bot.process import policy_words
from storage import email_addresses
from storage.outbox import OutboxMessage


def confirmation(s: Session, row: OutboxMessage) -> Reply | None:
    """Says who writes, why, and what happens if nothing is done. Names nobody: it may go to a stranger, where the
    address was mistyped."""
    email = email_addresses.of_person(s.tx, s.person.id)
    if email is None or email.confirmed_at is not None:
        return None
    municipality = s.plan.file.municipality.name
    the_policy = policy_words.the_policy(s.plan.file, s.language)
    body = (s.say("confirm.what", municipality=municipality, the_policy=the_policy), s.say("confirm.not-you"))
    moves = ((Move(Verb.CONFIRMS, s.say("confirm.yes"), row.id),),)
    return Reply(
        language=s.language,
        screen=Screen.TEXT,
        title=s.say("confirm.subject", municipality=municipality),
        body=body,
        moves=moves,
    )

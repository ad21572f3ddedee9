"""The message with a code, to the channel that it was asked for on."""

from __future__ import annotations

from collections.abc import Callable

from bot.dialogue.reply import Move, Reply, Screen
from bot.dialogue.session import EMAIL, Session
from bot.features.second_proof.service import Way
from storage import proofs
from storage.outbox import OutboxMessage


def code(not_me: Callable[[Session, OutboxMessage], Move], s: Session, row: OutboxMessage) -> Reply | None:
    """Says who writes, why, and what to do. Nothing where the code is used, over, or another by now. The code is not in
    the title, which is a mail's subject: those stand on locked screens and in lists."""
    found = proofs.code_of(s.tx, s.person.id)
    way = Way.MAIL if row.only_by == EMAIL else Way.TELEGRAM
    if found is None or found.way != way or s.visit.now >= found.expires_at or row.only_by is None:
        return None
    if not (found.place or "").startswith(row.about):
        return None  # another is open by now, which was asked for elsewhere
    digits = proofs.digits(s.tx, found)
    contacts = s.plan.file.contacts
    body = (
        s.say("proof-code.what", municipality=s.plan.file.municipality.name, policy=s.plan.file.policy_in(s.language)),
        s.say("proof-code.code", code=f"{digits[:4]} {digits[4:]}"),
        s.say("proof-code.never"),
        s.say("proof-code.not-you", email=contacts.email, phone=contacts.phone),
    )
    title = s.say("proof-code.title", municipality=s.plan.file.municipality.name)
    moves = ((not_me(s, row),),)
    return Reply(language=s.language, screen=Screen.TEXT, title=title, body=body, moves=moves)

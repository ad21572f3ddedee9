"""Messages about codes: with one, to the channel that it was asked for on; and that who leads has made one."""

from __future__ import annotations

from collections.abc import Callable

from bot import texts
from bot.dialogue.reply import Move, Reply, Screen, Verb
from bot.dialogue.session import EMAIL, WEB, Session
from bot.features.second_proof.service import Way
from bot.outbox import compose
from bot.process import policy_words
from storage import proofs, sessions
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
    file, contacts = s.plan.file, s.plan.file.contacts
    the_policy = policy_words.the_policy(file, s.language)
    body = (
        s.say("proof-code.what", municipality=file.municipality.name, the_policy=the_policy),
        s.say("proof-code.code", code=f"{digits[:4]} {digits[4:]}"),
        s.say("proof-code.never"),
        s.say("proof-code.not-you", email=contacts.email, phone=contacts.phone),
    )
    title = s.say("proof-code.title", municipality=file.municipality.name)
    moves = ((not_me(s, row),),)
    return Reply(language=s.language, screen=Screen.TEXT, title=title, body=body, moves=moves)


def given(not_me: Callable[[Session, OutboxMessage], Move], s: Session, row: OutboxMessage) -> Reply | None:
    """That a code was made for them, and not which. Nothing to who holds no role any more."""
    if not s.roles:
        return None
    contacts, municipality = s.plan.file.contacts, s.plan.file.municipality.name
    body = (
        s.say("code-given.what", municipality=municipality, moment=texts.moment(s.language, row.due_at)),
        s.say("code-given.you"),
        s.say("code-given.not-you", email=contacts.email, phone=contacts.phone),
    )
    return Reply(
        language=s.language,
        screen=Screen.TEXT,
        title=s.say("code-given.title"),
        body=body,
        moves=((not_me(s, row),),),
    )


def not_asked_for(
    not_me: Callable[[Session, OutboxMessage, Verb], Reply], s: Session, row: OutboxMessage, verb: Verb
) -> Reply:
    """Whoever has used the code is out, and nothing that was proven holds any more, wherever that was."""
    own = compose.as_recipient(s, row)
    for (channel, place), shown in proofs.of_person(own.tx, own.person.id).items():
        if channel == WEB and shown.way == Way.OPERATOR and shown.proven_at >= row.due_at:
            sessions.end(own.tx, place)
    proofs.end_all(own.tx, own.person.id)
    return not_me(s, row, verb)

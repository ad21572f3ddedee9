"""What is said to a mail address that somebody gave: whether it is theirs. Nothing else goes there before the yes."""

from __future__ import annotations

from bot.conversation.situation import Situation
from bot.reply import Move, Reply, Screen, Verb
from storage import mailboxes
from storage.outbox import Owed


def confirmation(s: Situation, owed: Owed) -> Reply | None:
    """Names nobody: it may go to a stranger, where the address was mistyped."""
    mailbox = mailboxes.of_person(s.tx, s.person.id)
    if mailbox is None or mailbox.confirmed_at is not None:
        return None
    municipality = s.plan.file.municipality.name
    body = (s.say("confirm.what", municipality=municipality), s.say("confirm.not-you"))
    moves = ((Move(Verb.CONFIRMS, s.say("confirm.yes"), owed.id),),)
    return Reply(s.language, Screen.TEXT, title=s.say("confirm.title"), body=body, moves=moves)

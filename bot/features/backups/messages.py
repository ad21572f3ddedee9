"""Messages to those who see what is sent when: that Besyv was restored, and that a backup is missing."""

from __future__ import annotations

from bot import texts
from bot.access import Right
from bot.dialogue.reply import Move, Reply, Screen, Verb
from bot.dialogue.session import Session
from bot.outbox.compose import go_to_panel
from storage import heartbeats, outbox
from storage.outbox import OutboxMessage

HELD = "venter"  # the panel where one says what becomes of what is held


def restored(s: Session, row: OutboxMessage) -> Reply | None:
    """From when the copy is, what that means, and how many messages wait for a word."""
    if not s.may(Right.WRITE_TO_MANY):
        return None
    held = sum(each.messages for each in outbox.held(s.tx, s.plan.process_id))
    waiting = (texts.count(s.language, "restored.held", held),) if held else ()
    return Reply(
        language=s.language,
        screen=Screen.TEXT,
        title=s.say("restored.title"),
        body=(
            s.say("restored.what", moment=texts.moment(s.language, int(row.about))),
            *waiting,
            s.say("restored.look"),
        ),
        moves=((Move(Verb.GO, s.say("restored.button"), row.id),),) if held else (),
    )


def see_held(s: Session, row: OutboxMessage, _verb: Verb) -> Reply:
    return go_to_panel(s, row, HELD)


def backup_missing(s: Session, row: OutboxMessage) -> Reply | None:
    """Not where one has been made since."""
    since = heartbeats.last(s.tx, heartbeats.BACKUP_LATE)
    if since is None or str(since) != row.about or not s.may(Right.WRITE_TO_MANY):
        return None
    last = heartbeats.last(s.tx, heartbeats.BACKED_UP)
    before = s.say("backup.never") if last is None else s.say("backup.last", moment=texts.moment(s.language, last))
    return Reply(
        language=s.language,
        screen=Screen.TEXT,
        title=s.say("backup.title"),
        body=(s.say("backup.what", moment=texts.moment(s.language, since)), before, s.say("backup.how")),
    )

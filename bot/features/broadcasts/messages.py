"""Messages: what the leader sends to many, and what the leader is told when something is late."""

from __future__ import annotations

from bot import texts
from bot.access import Right
from bot.dialogue.reply import Reply, Screen
from bot.dialogue.session import Session
from bot.features.broadcasts import schedule_panel
from bot.outbox.compose import unsubscribe
from bot.outbox.kinds import Messages
from bot.texts import lists
from storage import broadcasts, delays, outbox, reminders
from storage.delays import Delay
from storage.outbox import OutboxMessage


def from_the_leader(s: Session, row: OutboxMessage) -> Reply | None:
    """As it was written, with whom it is from and a way to stop."""
    broadcast = broadcasts.by_id(s.tx, s.plan.process_id, int(row.about))
    if broadcast is None or broadcast.cancelled_at is not None or not s.person.wants_news or broadcast.is_damaged:
        return None
    return as_sent(s, broadcast.text, row.id)


def as_sent(s: Session, text: str, row_id: int) -> Reply:
    title = s.say("bulk.from", municipality=s.plan.file.municipality.name)
    moves = ((unsubscribe(s, row_id),),)
    why = s.say("reminded.why")
    return Reply(language=s.language, screen=Screen.TEXT, title=title, body=(text,), why=why, moves=moves)


def late(messages: Messages, s: Session, row: OutboxMessage) -> Reply | None:
    """How it stands with what was late: what waits still and since when, what has gone out, what came too late."""
    delay = delays.by_id(s.tx, s.plan.process_id, int(row.about))
    if delay is None or not s.may(Right.WRITE_TO_MANY):
        return None
    waiting = outbox.late(s.tx, s.plan.process_id, delay.noticed_at + 1)
    sent, expired = (count(s.tx, s.plan.process_id, delay) for count in (delays.sent_after, delays.expired_in))
    due = texts.moment(s.language, delay.since if waiting.oldest is None else waiting.oldest)
    still = (texts.count(s.language, "late.waiting", waiting.messages, moment=due), s.say("late.going-on"))
    body = (
        *(still if waiting.messages else (s.say("late.over", moment=due),)),
        *((texts.count(s.language, "late.sent", sent),) if sent else ()),
        *((texts.count(s.language, "late.expired", expired),) if expired else ()),
        *_missed(messages, s, delay),
        s.say("late.where"),
    )
    return Reply(
        language=s.language,
        screen=Screen.TEXT,
        title=s.say("late.title" if waiting.messages else "late.was"),
        body=body,
    )


def _missed(messages: Messages, s: Session, delay: Delay) -> tuple[str, ...]:
    """Reminders that came to nothing, since nobody looked when they were due."""
    ended = delay.noticed_at if delay.over_at is None else delay.over_at
    rows = reminders.lately(s.tx, s.plan.process_id, delay.noticed_at)
    told = [
        schedule_panel.named_reminder(messages, s, row)
        for row in rows
        if row.state == "expired" and row.due_at <= ended
    ]
    return (lists.bulleted(told[: schedule_panel.MISSED], s.say("messages.missed")),) if told else ()

"""What is said to those with a role, and by them: the weekly overview, the leader's message to many, that something is
late."""

from __future__ import annotations

from bot import texts
from bot.access import Right, rights
from bot.conversation.lead import coverage, messages, missing
from bot.conversation.situation import Situation
from bot.conversation.words import step_name
from bot.process.plan import State
from bot.reply import Move, Reply, Screen, Verb
from storage import outbox, reminders, sendings
from storage.outbox import Delay, Owed


def digest(s: Situation, owed: Owed) -> Reply | None:
    if Right.SEE_COVERAGE not in rights(s.roles) or outbox.digest_of(s.tx, s.person.id).off:
        return None
    moves = ((Move(Verb.QUIET, s.say("digest.quiet"), owed.id),),)
    body = (*coverage.in_short(s), *missing.in_short(s), *_next(s))
    return Reply(s.language, Screen.TEXT, title=s.say("digest.title"), body=body, moves=moves)


def _next(s: Situation) -> tuple[str, ...]:
    """What opens or closes next, for anybody."""
    now = s.visit.now
    ahead = [
        (at, step_name(s, versioned.flow))
        for key, versioned in s.plan.flows.items()
        for at in (s.plan.opens_at(key, now), s.plan.closes_at(key, now))
        if at is not None and at > now and s.plan.state(key, now) is not State.OFF
    ]
    if not ahead:
        return ()
    at, step = min(ahead)
    return (s.say("digest.next", step=step, moment=texts.moment(s.language, at)),)


def from_the_leader(s: Situation, owed: Owed) -> Reply | None:
    """As it was written, with whom it is from and a way to stop."""
    sending = sendings.by_id(s.tx, s.plan.process_id, int(owed.about))
    if sending is None or sending.cancelled_at is not None or s.person.reminders != 1:
        return None
    return as_sent(s, sending.text, owed.id)


def as_sent(s: Situation, text: str, owed_id: int) -> Reply:
    title = s.say("bulk.from", municipality=s.plan.file.municipality.name)
    moves = ((Move(Verb.DECLINE, s.say("opened.stop"), owed_id),),)
    return Reply(s.language, Screen.TEXT, title=title, body=(text, s.say("reminded.why")), moves=moves)


def late(s: Situation, owed: Owed) -> Reply | None:
    """How it stands with what was late: what waits still and since when, what has gone out, what came too late."""
    delay = outbox.delay_by_id(s.tx, s.plan.process_id, int(owed.about))
    if delay is None or Right.WRITE_TO_MANY not in rights(s.roles):
        return None
    waiting = outbox.late(s.tx, s.plan.process_id, delay.noticed_at + 1)
    sent, expired = (count(s.tx, s.plan.process_id, delay) for count in (outbox.sent_after, outbox.expired_in))
    due = texts.moment(s.language, delay.since if waiting.oldest is None else waiting.oldest)
    still = (texts.count(s.language, "late.waiting", waiting.messages, moment=due), s.say("late.going-on"))
    body = (
        *(still if waiting.messages else (s.say("late.over", moment=due),)),
        *((texts.count(s.language, "late.sent", sent),) if sent else ()),
        *((texts.count(s.language, "late.expired", expired),) if expired else ()),
        *_missed(s, delay),
        s.say("late.where"),
    )
    return Reply(s.language, Screen.TEXT, title=s.say("late.title" if waiting.messages else "late.was"), body=body)


def _missed(s: Situation, delay: Delay) -> tuple[str, ...]:
    """Reminders that came to nothing, since nobody looked when they were due."""
    ended = delay.noticed_at if delay.over_at is None else delay.over_at
    rows = reminders.lately(s.tx, s.plan.process_id, delay.noticed_at)
    told = [
        f"• {messages.named(s, row.kind, row.about, row.what)}"
        for row in rows
        if row.state == "expired" and row.due_at <= ended
    ]
    return ("\n".join((s.say("messages.missed"), *told[: messages.MISSED])),) if told else ()

"""What is said to those with a role, and by them: the weekly overview, the leader's message to many, that something is
late."""

from __future__ import annotations

from bot import texts
from bot.access import Right, rights
from bot.conversation.lead import coverage, missing
from bot.conversation.situation import Situation
from bot.conversation.words import step_name
from bot.process.plan import State
from bot.reply import Move, Reply, Screen, Verb
from storage import outbox, sendings
from storage.outbox import Owed


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


def late(s: Situation, _owed: Owed) -> Reply | None:
    """Something that was due is not out; to who keeps the steps."""
    if Right.OPEN_STEPS not in rights(s.roles):
        return None
    return Reply(s.language, Screen.TEXT, title=s.say("late.title"), body=(s.say("late.what"),))

"""The weekly overview as a message, and the button that ends it."""

from __future__ import annotations

from bot import texts
from bot.access import Right
from bot.dialogue.naming import work_step_name
from bot.dialogue.reply import Move, Reply, Screen, Verb
from bot.dialogue.session import Session
from bot.features.coverage import missing_panel, panel
from bot.process.plan import State
from storage import digests
from storage.digests import Digest
from storage.outbox import OutboxMessage


def digest(s: Session, row: OutboxMessage) -> Reply | None:
    if not s.may(Right.SEE_COVERAGE) or digests.of_person(s.tx, s.person.id).off:
        return None
    moves = ((Move(Verb.QUIET, s.say("digest.quiet"), row.id),),)
    body = (*panel.in_short(s), *missing_panel.in_short(s), *_next(s))
    return Reply(language=s.language, screen=Screen.TEXT, title=s.say("digest.title"), body=body, moves=moves)


def _next(s: Session) -> tuple[str, ...]:
    """What opens or closes next, for anybody."""
    now = s.visit.now
    ahead = [
        (at, work_step_name(s, versioned.flow), told(s.language, at))
        for key, versioned in s.plan.flows.items()
        for at, told in ((s.plan.opens_at(key, now), texts.moment), (s.plan.closes_at(key, now), texts.deadline))
        if at is not None and at > now and s.plan.state(key, now) is not State.OFF
    ]
    if not ahead:
        return ()
    _, step, moment = min(ahead)
    return (s.say("digest.next", step=step, moment=moment),)


def quiet(s: Session, row: OutboxMessage, _verb: Verb) -> Reply:
    """No weekly overview any more."""
    before = digests.of_person(s.tx, row.person_id)
    digests.put(s.tx, Digest(row.person_id, before.weekday, before.hour, 1))
    return Reply(language=s.language, screen=Screen.TEXT, notes=(s.say("digest.quieted"),))

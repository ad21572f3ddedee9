"""What a message we owe says, made from how things stand when it is sent. Its buttons hold at any time."""

from __future__ import annotations

from bot import texts
from bot.access import Right, rights
from bot.conversation import entering
from bot.conversation.lead import coverage, missing
from bot.conversation.onward import onward
from bot.conversation.situation import Situation, load_person, step_in
from bot.conversation.words import step_name
from bot.process import owed as owing
from bot.process.plan import State
from bot.reply import Move, Reply, Screen, Tap, Verb
from storage import outbox, people, runs
from storage.outbox import Digest, Owed


def message(s: Situation, owed: Owed) -> Reply | None:
    """None where it is not wanted any more, or no longer true."""
    if s.person.stopped_at is not None or not s.takes_part:
        return None
    return _opened(s, owed) if owed.kind == owing.OPENED else _digest(s, owed)


def _opened(s: Situation, owed: Owed) -> Reply | None:
    known = s.plan.flows.get(owed.about)
    begun = {run.flow for run in runs.of_person(s.tx, s.person.id)}
    if known is None or s.person.reminders != 1 or owed.about in begun:
        return None
    if known.flow not in s.plan.open_for(s.respondent, s.visit.now):
        return None
    closes = s.plan.closes_at(owed.about, s.visit.now, s.person.stakeholder)
    body = (
        *((s.say("opened.until", moment=texts.moment(s.language, closes)),) if closes is not None else ()),
        s.say("opened.why"),
    )
    moves = (
        (Move(Verb.GO, s.say("opened.begin"), owed.id),),
        (Move(Verb.DECLINE, s.say("opened.stop"), owed.id),),
    )
    title = s.say("opened.what", step=step_name(s, known.flow))
    return Reply(s.language, Screen.TEXT, title=title, body=body, moves=moves, standing=True)


def _digest(s: Situation, owed: Owed) -> Reply | None:
    if Right.SEE_COVERAGE not in rights(s.roles) or outbox.digest_of(s.tx, s.person.id).off:
        return None
    moves = ((Move(Verb.QUIET, s.say("digest.quiet"), owed.id),),)
    body = (*coverage.in_short(s), *missing.in_short(s), *_next(s))
    return Reply(s.language, Screen.TEXT, title=s.say("digest.title"), body=body, moves=moves, standing=True)


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


def tapped(s: Situation, tap: Tap) -> Reply:
    """A button of such a message, whenever it is pressed."""
    owed = outbox.owed_at(s.tx, tap.place or 0, s.visit.channel, s.visit.address)
    if owed is None:
        return onward(s, s.say("tap.stale"))
    match tap.verb:
        case Verb.QUIET:
            before = outbox.digest_of(s.tx, owed.person_id)
            outbox.set_digest(s.tx, Digest(owed.person_id, before.weekday, before.hour, 1))
            return Reply(s.language, Screen.TEXT, notes=(s.say("digest.quieted"),))
        case Verb.DECLINE:
            people.decline_messages(s.tx, owed.person_id)
            return Reply(s.language, Screen.TEXT, notes=(s.say("opened.stopped"),))
        case Verb.GO if owed.kind == owing.OPENED:
            return _begun(_oneself(s, owed.person_id), owed.about)
        case _:
            return onward(s)


def _begun(s: Situation, flow: str) -> Reply:
    """As by a link to the step: after the yes, where that is asked for, and only if it can be answered still."""
    people.come_for(s.tx, s.person.id, flow)
    s.read_person()
    s.run = None
    return onward(s)


def _oneself(s: Situation, person_id: int) -> Situation:
    """Whom the message was for: not an entry they sit in for somebody else, nor who they are in another process."""
    s = entering.leave(s)
    if s.person.id == person_id:
        return s
    step_in(s, person_id)
    oneself = load_person(s.tx, s.house, s.visit, person_id)
    assert oneself is not None  # noqa: S101  # the message was to them
    return oneself

"""Messages about a step: that it has opened, that its deadline is near, that one has left it half-way."""

from __future__ import annotations

from bot import texts
from bot.dialogue.naming import step_name
from bot.dialogue.navigation import proceed
from bot.dialogue.reply import Move, Reply, Screen, Verb
from bot.dialogue.session import Session
from bot.dialogue.step_status import closing, not_answerable, size
from bot.flows.model import Flow
from bot.outbox.compose import go_as_recipient, unsubscribe
from bot.process.plan import START
from storage import people
from storage.outbox import OutboxMessage
from storage.runs import Run


def opened(s: Session, row: OutboxMessage) -> Reply | None:
    flow = _answerable(s, row)
    if flow is None or not s.person.wants_news or s.run_of(row.about) is not None:
        return None
    before = any(run.sent_at is not None and run.flow != START for run in s.runs)
    why = s.say("opened.why" if before else "reminded.why")
    title = s.say("opened.what", step=step_name(s, flow))
    return _to_the_step(s, row, title, (size(s, flow),), "opened.begin", why)


def deadline(s: Session, row: OutboxMessage) -> Reply | None:
    flow, run = _answerable(s, row), s.run_of(row.about)
    closes = s.plan.closes_at(row.about, s.visit.now, s.person.stakeholder)
    if flow is None or closes is None or _has_decided(run):
        return None
    title, begun = s.say("deadline.what", step=step_name(s, flow)), run is not None
    until = s.say("deadline.until", moment=texts.deadline(s.language, closes))
    body = (until, s.say("deadline.begun" if begun else "deadline.not-begun"))
    return _to_the_step(s, row, title, body, "unfinished.go" if begun else "opened.begin")


def unfinished(s: Session, row: OutboxMessage) -> Reply | None:
    flow, run = _answerable(s, row), s.run_of(row.about)
    if flow is None or run is None or _has_decided(run):
        return None
    title = s.say("unfinished.what", step=step_name(s, flow))
    return _to_the_step(s, row, title, (s.say("unfinished.kept"), *closing(s, flow)), "unfinished.go")


def _has_decided(run: Run | None) -> bool:
    """Has sent it, or taken it back: is reminded no more."""
    return run is not None and (run.sent_at is not None or run.withdrawn_at is not None)


def _answerable(s: Session, row: OutboxMessage) -> Flow | None:
    """The step, where it takes this person's answers now and they want to be reminded."""
    known = s.plan.flows.get(row.about)
    if known is None or not s.person.wants_reminders or known.flow not in s.plan.open_for(s.as_themselves, s.visit.now):
        return None
    return known.flow


def _to_the_step(
    s: Session, row: OutboxMessage, title: str, body: tuple[str, ...], go: str, why: str | None = None
) -> Reply:
    why = why or s.say("reminded.why")
    moves = ((Move(Verb.GO, s.say(go), row.id),), (unsubscribe(s, row.id),))
    return Reply(language=s.language, screen=Screen.TEXT, title=title, body=body, why=why, moves=moves)


# --- afterwards, and their buttons ------------------------------------------------------------------------


def afterwards(s: Session, row: OutboxMessage) -> Reply | None:
    """What can be done still about the step that an old mail spoke of."""
    known = s.plan.flows.get(row.about)
    if known is None:
        return None
    run = s.run_of(row.about)
    title, sent = step_name(s, known.flow), run is not None and run.sent_at is not None
    if sent or known.flow not in s.plan.open_for(s.as_themselves, s.visit.now):
        return Reply(
            language=s.language, screen=Screen.TEXT, title=title, body=(not_answerable(s, known.flow, sent=sent),)
        )
    go = Move(Verb.GO, s.say("opened.begin" if run is None else "unfinished.go"), row.id)
    stop = ((unsubscribe(s, row.id),),) if s.person.wants_reminders else ()
    return Reply(language=s.language, screen=Screen.TEXT, title=title, moves=((go,), *stop))


def go(s: Session, row: OutboxMessage, _verb: Verb) -> Reply:
    """As by a link to the step: after the yes, where that is asked for, and only if it can be answered still."""

    def begun(own: Session) -> Reply:
        people.come_for(own.tx, own.person.id, row.about)
        own.read_person()
        own.leave_run()
        return proceed(own)

    return go_as_recipient(s, row, begun)

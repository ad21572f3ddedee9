"""Where a step stands for a person, in words: open until, not open yet, closed."""

from __future__ import annotations

from bot import texts
from bot.access import Role
from bot.dialogue.naming import step_name
from bot.dialogue.session import Session
from bot.flows import duration, engine
from bot.flows.model import Flow, Group, Question, Respondent
from bot.process import late_answers
from bot.process.plan import START, State
from storage import late_answers as stored


def until(s: Session) -> tuple[str, ...]:
    group = s.group
    closes = s.plan.closes_at(s.flow.flow, s.visit.now, group)
    if s.state(s.flow.flow, s.visit.now) is not State.OPEN:
        return (shut(s, s.flow),)
    if s.plan.state(s.flow.flow, s.visit.now, group) is State.CLOSED:
        return late_until(s, s.flow.flow)
    moment = texts.deadline(s.language, closes) if closes is not None else None
    if not is_sent(s) and not engine.is_sendable(s.path, s.answers):  # there is nothing to send or to change
        return (s.say("opened.until", moment=moment),) if moment is not None else ()
    if moment is None:
        return (s.say("change.open"),)
    return (s.say("change.until", moment=moment) if is_sent(s) else s.say("change.send-by", moment=moment),)


def is_sent(s: Session) -> bool:
    """Whether what they are in is sent."""
    return s.run is not None and s.run.sent_at is not None


def size(s: Session, flow: Flow) -> str:
    """How many questions the step has for this person, how long they take, and until when it can be answered. Of who
    has not told yet what they answer as, nobody knows how many."""
    if s.person.stakeholder is None and not flow.by_role and flow.flow != START:
        return " ".join(closing(s, flow))
    asked = _before_any_answer(s, flow)
    minutes = texts.count(s.language, "step.minutes", duration.minutes(asked))
    number = sum(question.when is None for question in asked)  # as «1 af 7» counts them: engine.place
    told = texts.count(s.language, "step.size", number, minutes=minutes)
    return " ".join((told, *closing(s, flow)))


def _before_any_answer(s: Session, flow: Flow) -> tuple[Question, ...]:
    """The questions that they are asked as long as they have answered none."""
    if s.run is not None and s.flow is flow and not s.answers:
        return s.path
    return engine.path(flow, Respondent(group=Group.STYREGRUPPE) if flow.by_role else s.respondent, {})


def closing(s: Session, flow: Flow) -> tuple[str, ...]:
    """Until when the step can be answered, where there is a deadline."""
    closes = s.plan.closes_at(flow.flow, s.visit.now, s.person.stakeholder)
    return (s.say("opened.until", moment=texts.deadline(s.language, closes)),) if closes is not None else ()


def open_late(s: Session, flow: str) -> tuple[str, ...]:
    """On the way into a step: that it is closed to others, and until when it is open by their late link."""
    if s.plan.state(flow, s.visit.now, s.group) is not State.CLOSED:
        return ()
    until = late_answers.by_link_until(s.tx, s.person, flow, s.run_of(flow), s.visit.now)
    if until is None:
        return ()
    return (s.say("late.link", step=step_name(s, s.flow), moment=texts.deadline(s.language, until)),)


def late_until(s: Session, flow: str) -> tuple[str, ...]:
    """Until when the person may answer a step that is closed to others."""
    until = late_answers.by_link_until(s.tx, s.person, flow, s.run_of(flow), s.visit.now)
    if until is not None:
        return (s.say("late.until", moment=texts.deadline(s.language, until)),)
    return (s.say("late.entered"),) if s.may_be_late(flow, s.visit.now) else ()


def shut(s: Session, flow: Flow) -> str:
    """Why a step takes no answers: not yet, or no longer (U10: the deadline, and whom to write to)."""
    group, now, name, email = s.group, s.visit.now, step_name(s, flow), s.plan.file.contacts.email
    state, opens, closed = (
        s.plan.state(flow.flow, now, group),
        s.plan.opens_at(flow.flow, now, group),
        s.plan.closes_at(flow.flow, now, group),
    )
    if state in (State.AHEAD, State.READING) and opens is not None:
        return s.say("step.ahead", step=name, moment=texts.moment(s.language, opens))
    if flow.by_role and Role.STEERING not in s.roles:
        return s.say("step.not-yours", step=name)
    if state is State.READING:
        return s.say("step.reading", step=name)
    if state is State.CLOSED and closed is not None:
        return s.say("step.closed-at", step=name, moment=texts.deadline(s.language, closed), email=email)
    return s.say("step.closed", step=name, email=email)


def not_answerable(s: Session, flow: Flow, *, sent: bool) -> str:
    """Why the step somebody came for is not begun: sent already, not open, or not for them."""
    name = step_name(s, flow)
    if sent:
        return s.say("step.sent", step=name)
    match s.plan.state(flow.flow, s.visit.now, s.person.stakeholder):
        case State.OPEN:
            return s.say("step.not-yours", step=name)
        case State.CLOSED | State.AHEAD | State.OFF | State.READING:
            return shut(s, flow)


def is_closed(s: Session) -> bool:
    """Judged by when the person acted, not by when we got round to it."""
    if s.run is None or s.run.flow == START:
        return False
    if s.flow.by_role and Role.STEERING not in s.roles:  # it was taken from them
        return True
    return s.state(s.run.flow, s.visit.sent_at) is not State.OPEN


def how_it_came(s: Session, run_id: int) -> tuple[str, ...]:
    """What was sent: on which day it came by letter or mail, and that it came late. Nothing of what was sent here and
    in time."""
    reception, told = stored.reception(s.tx, run_id), []
    if reception.came_on is not None:
        told.append(s.say("responses.came", day=texts.day(s.language, reception.came_on)))
    if reception.late:
        told.append(s.say("responses.late"))
    return tuple(told)


def aside(s: Session) -> tuple[str, ...]:
    """That what they answer counts nothing for now: they have objected to its use."""
    return (s.say("objection.short"),) if s.person.set_aside_at is not None else ()


# --- between the steps ------------------------------------------------------------------------------------


def open_unsent(s: Session) -> list[tuple[int, Flow]]:
    """What is open for the person and not sent yet, with its place in the plan."""
    sent = {run.flow for run in s.runs_now if run.sent_at is not None}
    places = {key: place for place, key in enumerate(s.plan.flows)}
    takes = [*s.plan.open_for(s.as_themselves, s.visit.now), *_open_late(s)]
    unsent = [(places[flow.flow], flow) for flow in takes if flow.flow not in sent]
    return sorted(unsent, key=lambda placed: placed[0])


def _open_late(s: Session) -> list[Flow]:
    """Steps that are closed, and that the person may answer still."""
    now, group = s.visit.now, s.person.stakeholder
    told = _late_for(s)
    return [
        versioned.flow
        for key, versioned in s.plan.flows.items()
        if key in told
        and s.plan.state(key, now, group) is State.CLOSED
        and s.may_be_late(key, now)
        and engine.asks(versioned.flow, s.as_themselves)
    ]


def _late_for(s: Session) -> set[str]:
    """Those that a late link is for, of who came by a link, or a letter or a mail, of who was entered."""
    linked = stored.links_of(s.tx, s.person.id) if s.person.came_by is not None else []
    posted = stored.posted_of(s.tx, s.person.id) if s.person.entered_by is not None else []
    return {*(link.flow for link in linked), *(entry.flow for entry in posted)}


def ahead(s: Session, *, answered: bool = True) -> tuple[str, ...]:
    """What opens next for them; if nothing does, whom to write to. Who has `answered` is told that it was all."""
    following = s.plan.next_for(s.as_themselves, s.visit.now)
    if following is None:
        email = s.plan.file.contacts.email
        return (s.say("ahead.nothing", email=email) if answered else s.say("idle.write", email=email),)
    flow, opens = following
    return (s.say("step.ahead", step=step_name(s, flow), moment=texts.moment(s.language, opens)),)

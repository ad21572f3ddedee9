"""The panel «Åbn og luk trin»: opens, closes and hides steps, at once or at a time, for everybody or one group.
Logged, with why."""

from __future__ import annotations

from typing import Final, Literal

from bot import texts
from bot.access import Role
from bot.dialogue.moments import doubted, twice
from bot.dialogue.naming import group_name, groups, step_of, work_step_of
from bot.dialogue.panel import Args, Go, Panel, PanelInput, column
from bot.dialogue.panel_parts import back
from bot.dialogue.session import Session
from bot.features.steps import date_warnings
from bot.flows import schedule
from bot.process.plan import AS_PLANNED, State, deletion_at, last_planned
from bot.texts import times
from bot.texts.times import Doubt
from storage import coverage_counters, outbox, people, step_overrides
from storage.step_overrides import StepOverride

ALL = "alle"
STATES: Final = (State.OPEN, State.READING, State.CLOSED, State.OFF, AS_PLANNED)
# What is told of the messages that a step has opened.
TOLD: Final = ("sent", "due", "unreachable", "expired", "failed")
LONGEST_WHY = 200  # characters


def show(s: Session, args: Args, sent: PanelInput) -> Panel:
    match args:
        case ("nyt", flow, audience, state, at) if sent.text:
            return _sure(s, flow, audience, state, at, sent.text)
        case ("nyt", flow, audience, state, "tid") if not sent.text:
            return _when(s, flow, audience, state)
        case ("nyt", flow, audience, state, at):
            return _why(s, flow, audience, state, at)
        case ("nyt", flow, audience, state):
            return _now_or_later(s, flow, audience, state)
        case ("nyt", flow, audience):
            return _which_state(s, flow, audience)
        case (flow,) if flow in s.plan.flows:
            return _one(s, flow)
        case _:
            return _list(s)


def _list(s: Session) -> Panel:
    rows = [
        Go(f"{work_step_of(s, key)}: {s.say(f'state.{s.plan.state(key, s.visit.now)}')}", f"trin/{key}")
        for key in s.plan.steps
    ]
    return Panel(at="trin", title=s.say("lead.trin"), body=(s.say("steps.what"),), rows=column(*rows, back(s, "leder")))


def _one(s: Session, flow: str, *notes: str) -> Panel:
    now = s.visit.now
    body = [s.say(f"state.{s.plan.state(flow, now)}.long"), *_times(s, flow)]
    for group, name in groups(s):
        own = s.plan.state(flow, now, group)
        if own is not s.plan.state(flow, now):
            body.append(f"{name}: {s.say(f'state.{own}')}")
    body += _told(s, flow)
    if flow in s.plan.flows:
        body.append(s.say("steps.known-as", step=step_of(s, flow)))
    changed = [change for change in s.plan.changes if change.flow == flow][-5:]
    if changed:
        body.append("\n".join((s.say("steps.history"), *(_line(s, change) for change in changed))))
    rows = [Go(s.say("steps.for-all"), f"trin/nyt/{flow}/{ALL}")]
    rows += [Go(s.say("steps.for-group", group=name), f"trin/nyt/{flow}/{group}") for group, name in groups(s)]
    return Panel(
        at=f"trin/{flow}",
        title=work_step_of(s, flow),
        body=tuple(body),
        rows=column(*rows, back(s, "trin")),
        notes=notes,
    )


def _times(s: Session, flow: str) -> list[str]:
    opens, closes = s.plan.opens_at(flow, s.visit.now), s.plan.closes_at(flow, s.visit.now)
    told = [s.say("steps.opens", moment=texts.moment(s.language, opens))] if opens is not None else []
    if closes is not None:
        key = "steps.closes" if closes > s.visit.now else "steps.closed"
        told.append(s.say(key, moment=texts.deadline(s.language, closes)))
    return told


def _told(s: Session, flow: str) -> tuple[str, ...]:
    """What became of the messages that it has opened."""
    states = outbox.opening_outcomes(s.tx, s.plan.process_id, flow)
    told = [texts.count(s.language, f"outcome.{each}", states[each]) for each in TOLD if states.get(each)]
    return (s.say("steps.told", outcomes=", ".join(told)),) if told else ()


def _line(s: Session, change: StepOverride) -> str:
    return s.say(
        "steps.change",
        moment=_at(s, change.state, change.from_at),
        state=s.say(f"state.{_named(change.state)}"),
        audience=group_name(s, change.audience) if change.audience else s.say("steps.everybody"),
        why=change.why,
    )


# --- a change, piece by piece -----------------------------------------------------------------------------


def _named(state: str) -> Literal[State.OPEN, State.READING, State.CLOSED, State.OFF, "plan"]:
    return next(each for each in STATES if each == state)


def _which_state(s: Session, flow: str, audience: str) -> Panel:
    at = f"trin/nyt/{flow}/{audience}"
    rows = [Go(s.say(f"steps.to.{state}"), f"{at}/{state}") for state in STATES]
    return Panel(
        at=at,
        title=_whose(s, flow, audience),
        body=(s.say("steps.states"),),
        rows=column(*rows, back(s, f"trin/{flow}")),
    )


def _now_or_later(s: Session, flow: str, audience: str, state: str) -> Panel:
    at = f"trin/nyt/{flow}/{audience}/{state}"
    rows = [Go(s.say("steps.now"), f"{at}/nu"), Go(s.say("steps.later"), f"{at}/tid"), back(s, f"trin/{flow}")]
    return Panel(at=at, title=s.say(f"steps.to.{_named(state)}"), body=(_whose(s, flow, audience),), rows=column(*rows))


def _when(s: Session, flow: str, audience: str, state: str, *notes: str) -> Panel:
    at = f"trin/nyt/{flow}/{audience}/{state}/tid"
    return Panel(
        at=at,
        title=s.say("steps.when"),
        body=(s.say("steps.when-how"),),
        rows=column(back(s, f"trin/{flow}")),
        notes=notes,
        asks=at,
        asks_number=True,
        send=s.say("send.on"),
    )


def _why(s: Session, flow: str, audience: str, state: str, at: str, *notes: str) -> Panel:
    """The last question: what will happen and to how many stands above it, and the answer makes it happen."""
    here = f"trin/nyt/{flow}/{audience}/{state}/{at}"
    concerns = s.say("steps.concerns", people=_audience_size(s, flow, audience))
    change = _change(s, flow, audience, state, at, "")
    what = "\n".join((_whose(s, flow, audience), *_will_be(s, change), *_odd(s, change)))
    return Panel(
        at=here,
        title=s.say("steps.why"),
        body=(what, concerns, s.say("steps.why-what")),
        rows=column(back(s, f"trin/{flow}")),
        notes=notes,
        asks=here,
        send=s.say(f"steps.to.{_named(state)}"),
    )


def _will_be(s: Session, change: StepOverride) -> tuple[str, ...]:
    """What the change will make of the step; of one that takes answers, until when."""
    at, group = change.from_at, change.audience or None
    what = s.say(f"steps.to.{_named(change.state)}")
    later = at > s.visit.now
    will = (
        s.say("steps.will-at", what=what, moment=_at(s, change.state, at)) if later else s.say("steps.will", what=what)
    )
    planned = s.plan.with_change(change)
    if planned.state(change.flow, at, group) is not State.OPEN:
        return (will,)
    closes = planned.closes_at(change.flow, at, group)
    until = (
        s.say("steps.stays-open")
        if closes is None
        else s.say("steps.closes", moment=texts.deadline(s.language, closes))
    )
    return (will, until)


def _odd(s: Session, change: StepOverride) -> list[str]:
    """What the leader might not have thought of in the dates that the change leads to. It is allowed all the same."""
    at, group = change.from_at, change.audience or None
    planned = s.plan.with_change(change)
    since, closes = next((span for span in planned.closings(change.flow, group) if at <= span[1]), (None, None))
    opens = at if at in planned.openings(change.flow, group) else since
    listed = date_warnings.warnings(s.language, change.flow, opens, closes, s.visit.now)
    told = [s.say("planning.mind", what=told) for _, told in listed]
    if change.state == State.OPEN and at > last_planned(s.plan.file):
        day = texts.day(s.language, deletion_at(s.plan.file))
        told.append(s.say("planning.mind", what=s.say("steps.soon-deleted", deletion_day=day)))
    return told


def _sure(s: Session, flow: str, audience: str, state: str, at: str, text: str) -> Panel:
    """A time that was written, or the reason, with which the change is made."""
    if at == "tid":
        read = times.read(text, schedule.to_local(s.visit.now))
        if isinstance(read, Doubt):
            return _when(s, flow, audience, state, doubted(s, read))
        moment = schedule.to_utc(read) if read is not None else 0
        if moment <= s.visit.now:
            return _when(s, flow, audience, state, s.say("steps.not-a-time"))
        if moment > last_planned(s.plan.file):
            return _when(s, flow, audience, state, _too_late(s))
        return _why(s, flow, audience, state, str(moment), _at(s, state, moment), *twice(s, moment))
    if len(text) > LONGEST_WHY:
        return _why(s, flow, audience, state, at, s.say("steps.why-long", most=LONGEST_WHY))
    if flow not in s.plan.flows or state not in STATES:
        return _list(s)
    if at != "nu" and int(at) > last_planned(s.plan.file):
        return _when(s, flow, audience, state, _too_late(s))  # the deletion date was moved meanwhile
    return _done(s, flow, audience, state, at, text)


def _too_late(s: Session) -> str:
    last = texts.deadline(s.language, last_planned(s.plan.file))
    return s.say("steps.too-late", deletion_day=texts.day(s.language, deletion_at(s.plan.file)), moment=last)


def _done(s: Session, flow: str, audience: str, state: str, at: str, why: str) -> Panel:
    """Done at once: it is asked for in four steps, shown before it is written, and taken back as easily."""
    step_overrides.add(s.tx, s.plan.process_id, _change(s, flow, audience, state, at, why))
    s.audit("step", f"{flow} {audience} {state}")
    s.plan = s.process_host.plan(s.tx, s.plan.process_id)
    return _one(s, flow, s.say("steps.done"))


def _change(s: Session, flow: str, audience: str, state: str, at: str, why: str) -> StepOverride:
    group, from_at = "" if audience == ALL else audience, s.visit.now if at == "nu" else int(at)
    return StepOverride(flow, group, state, from_at, s.visit.now, s.person.pseudonym, why)


def _audience_size(s: Session, flow: str, audience: str) -> str:
    """How many are here whom the step asks something; the steering group's own, how many hold its role."""
    if s.plan.flows[flow].flow.by_role:
        return texts.count(s.language, "people", len(people.holder_ids(s.tx, s.plan.process_id, Role.STEERING)))
    present = [
        count
        for count in coverage_counters.of_process(s.tx, s.plan.process_id)
        if count.flow == coverage_counters.PRESENT
    ]
    whom = [group for group, _ in groups(s, steering=True) if audience in (ALL, group) and s.plan.asks(flow, group)]
    return texts.count(s.language, "people", sum(count.started for count in present if count.stakeholder in whom))


def _whose(s: Session, flow: str, audience: str) -> str:
    whom = s.say("steps.everybody") if audience == ALL else group_name(s, audience)
    return f"{work_step_of(s, flow)} · {whom}"


def _at(s: Session, state: str, at: int) -> str:
    """When a change takes hold: what closes does so at the end of an evening, what opens at the beginning of a day."""
    told = texts.moment if state in (State.OPEN, State.READING) else texts.deadline
    return told(s.language, at)

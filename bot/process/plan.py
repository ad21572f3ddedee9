"""The plan of one process: which flows it has, in which version, and when each takes answers."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final

from bot.flows import engine, schedule
from bot.flows.model import OF_MESSAGES, RESPONDENTS, Flow, Group, Question, Respondent
from bot.process.file import ProcessFile, StepTimes
from bot.process.notice import Notice
from storage.step_overrides import StepOverride

START = "start"  # the flow about the person, asked before all others and never closed
HEARING = "hoering"  # the flow whose answers are hearing responses: seen by others, and kept with the case


class State(StrEnum):
    OFF = "off"
    AHEAD = "ahead"
    READING = "reading"  # the questions may be read, and not answered yet
    OPEN = "open"
    CLOSED = "closed"


AS_PLANNED: Final = "plan"  # a step given back to the times of the process file


@dataclass(frozen=True, slots=True)
class Versioned:
    """A flow in one version. Versions are counted per process and flow, from 1, as they are loaded."""

    version: int
    flow: Flow


@dataclass(frozen=True, slots=True)
class Opening:
    """A step opens for a group at this moment (UTC seconds)."""

    at: int
    flow: str
    group: str


@dataclass(frozen=True, slots=True)
class Timetable:
    """What one step is for one group: before the first moment, and from each moment on. Neighbours differ."""

    moments: tuple[int, ...]  # UTC seconds
    states: tuple[State, ...]  # one more
    openings: tuple[int, ...]
    closings: tuple[tuple[int | None, int], ...]  # each after the opening that goes before it

    def state(self, now: int) -> State:
        return self.states[bisect_right(self.moments, now)]


ALWAYS_OPEN = Timetable((), (State.OPEN,), (), ())
NEVER_OPEN = Timetable((), (State.OFF,), (), ())


def timetable(times: StepTimes | None, changes: Sequence[StepOverride]) -> Timetable:
    """From the times of the process file, and from what was decided by hand, in the order it takes hold."""
    edges = {change.from_at for change in changes}
    if times is not None:
        edges |= {at for at in (times.opens_at, times.closes_at) if at is not None}
    moments: list[int] = []
    states = [_state(times, changes, min(edges, default=0) - 1)]
    for at in sorted(edges):
        state = _state(times, changes, at)
        if state is not states[-1]:
            moments.append(at)
            states.append(state)
    openings: list[int] = []
    closings: list[tuple[int | None, int]] = []
    for at, (before, after) in zip(moments, pairwise(states), strict=True):
        if after is State.OPEN:
            openings.append(at)
        elif before is State.OPEN:
            closings.append((openings[-1] if openings else None, at))
    return Timetable(tuple(moments), tuple(states), tuple(openings), tuple(closings))


def _state(times: StepTimes | None, changes: Sequence[StepOverride], at: int) -> State:
    held = [change for change in changes if change.from_at <= at]
    return State(held[-1].state) if held and held[-1].state != AS_PLANNED else _by_file(times, at)


def _by_file(times: StepTimes | None, now: int) -> State:
    if times is None:
        return State.OFF
    if times.opens_at is not None and now < times.opens_at:
        return State.AHEAD
    if times.closes_at is not None and now >= times.closes_at:
        return State.CLOSED
    return State.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Never changes; a newer revision is another plan. When each step takes answers is worked out here, once."""

    process_id: int
    revision: int
    file: ProcessFile
    notice: Notice
    flows: dict[str, Versioned]  # newest versions, in working order
    changes: tuple[StepOverride, ...] = ()  # steps by hand, in the order they take hold
    older: dict[tuple[str, int], Flow] = field(default_factory=dict)
    _timetables: dict[tuple[str, str], Timetable] = field(init=False, repr=False, compare=False)
    _openings: tuple[Opening, ...] = field(init=False, repr=False, compare=False)  # the earliest first
    _by_role: frozenset[str] = field(init=False, repr=False, compare=False)  # the steering group's own steps

    def __post_init__(self) -> None:
        by_role = frozenset(key for key, versioned in self.flows.items() if versioned.flow.by_role)
        object.__setattr__(self, "_by_role", by_role)
        object.__setattr__(self, "_timetables", dict(self._tabulated()))
        asked = [(flow, group) for flow in self.flows for group in Group if self.asks(flow, group)]
        openings = [Opening(at, flow, str(group)) for flow, group in asked for at in self.openings(flow, group)]
        object.__setattr__(self, "_openings", tuple(sorted(openings, key=_moment)))

    def _tabulated(self) -> Iterable[tuple[tuple[str, str], Timetable]]:
        """By step and audience: everybody, and each group for which something of its own was decided."""
        times = {step.flow: step for step in self.file.steps}
        for flow in {*self.flows, *times, *(change.flow for change in self.changes)} - {START}:
            changes = [change for change in self.changes if change.flow == flow]
            for audience in {"", *(change.audience for change in changes)}:
                theirs = [change for change in changes if change.audience in ("", audience)]
                yield (flow, audience), timetable(times.get(flow), theirs)
        yield (START, ""), ALWAYS_OPEN

    def _timetable(self, flow: str, group: str | None) -> Timetable:
        """For everybody, or for those who answer as the group; the steering group's own steps for that."""
        group = Group.STYREGRUPPE if flow in self._by_role else group
        own = self._timetables.get((flow, group)) if group is not None else None
        return own or self._timetables.get((flow, ""), NEVER_OPEN)

    def state(self, flow: str, now: int, group: str | None = None) -> State:
        return self._timetable(flow, group).state(now)

    def opens_at(self, flow: str, now: int, group: str | None = None) -> int | None:
        """When a step that is not open yet opens."""
        table = self._timetable(flow, group)
        return None if table.state(now) is State.OPEN else next((at for at in table.openings if at > now), None)

    def openings(self, flow: str, group: str | None = None) -> tuple[int, ...]:
        """Every moment at which the step opens, or opened, for the group; the earliest first."""
        return self._timetable(flow, group).openings

    def openings_between(self, after: int, until: int) -> tuple[Opening, ...]:
        """Of every step, for each group that it asks: after that moment, and until this one; the earliest first."""
        begin, end = (bisect_right(self._openings, at, key=_moment) for at in (after, until))
        return self._openings[begin:end]

    def closes_at(self, flow: str, now: int, group: str | None = None) -> int | None:
        """The deadline of a step that is open now, or the moment at which it closed."""
        table = self._timetable(flow, group)
        closings = [at for _, at in table.closings]
        if table.state(now) is State.OPEN:
            return next((at for at in closings if at > now), None)
        return next((at for at in reversed(closings) if at <= now), None)

    def closings(self, flow: str, group: str | None = None) -> tuple[tuple[int | None, int], ...]:
        """Every moment at which the step closes, or closed, for the group, after the opening that goes before it (None:
        it was open from the start); the earliest first."""
        return self._timetable(flow, group).closings

    @property
    def hours(self) -> schedule.SendingHours:
        """When one may write to the people of the process."""
        return self.file.writing_hours.hours

    def asks(self, flow: str, group: str | None) -> bool:
        """Whether the flow has a question for anybody of the group. As the steering group nobody answers anything but
        its own steps."""
        asked = self.flows[flow].flow
        if group == Group.STYREGRUPPE or asked.by_role:
            return group == Group.STYREGRUPPE and asked.by_role
        return any(engine.asks(asked, each) for each in RESPONDENTS if each.group == group)

    @property
    def steps(self) -> list[str]:
        """Every flow but the start questions, in working order."""
        return [key for key in self.flows if key != START]

    def steps_shown(self, now: int) -> list[str]:
        """Those that are not hidden now."""
        return [key for key in self.steps if self.state(key, now) is not State.OFF]

    def start_question(self, sets: str) -> Question:
        """The start question that sets this of a person."""
        return next(question for question in self.flows[START].flow if question.sets == sets)

    def is_about_messages(self, question: str | None) -> bool:
        """Whether the start question asks if we may write: of the person, whatever they answer as. A question set of
        before may ask about reminders alone."""
        return any(each.id == question and each.sets in OF_MESSAGES for each in self.flows[START].flow)

    def with_change(self, change: StepOverride) -> Plan:
        """As it would be with one more change by hand."""
        return replace(self, changes=tuple(sorted((*self.changes, change), key=lambda each: each.from_at)))

    def open_for(self, respondent: Respondent, now: int) -> list[Flow]:
        """The flows that take answers now and have a question for this person, in working order; not the start."""
        return self._in_state(respondent, now, State.OPEN)

    def readable_for(self, respondent: Respondent, now: int) -> list[Flow]:
        """The flows whose questions this person may read, and not answer yet."""
        return self._in_state(respondent, now, State.READING)

    def _in_state(self, respondent: Respondent, now: int, state: State) -> list[Flow]:
        return [
            versioned.flow
            for key, versioned in self.flows.items()
            if key != START
            and self.state(key, now, respondent.group) is state
            and engine.asks(versioned.flow, respondent)
        ]

    def next_for(self, respondent: Respondent, now: int) -> tuple[Flow, int] | None:
        """The flow that opens next for this person, and when."""
        ahead = [
            (versioned.flow, opens)
            for key, versioned in self.flows.items()
            if key != START
            and (opens := self.opens_at(key, now, respondent.group)) is not None
            and engine.asks(versioned.flow, respondent)
        ]
        return min(ahead, key=lambda pair: pair[1], default=None)


def _moment(opening: Opening) -> int:
    return opening.at


def deletion_at(file: ProcessFile) -> int:
    """UTC seconds from which everything about the people of the process is deleted."""
    return schedule.start_of(file.deletion_date)


KEPT_AFTERWARDS = timedelta(days=30)  # in which what people said is taken out, and put into the case


def last_planned(file: ProcessFile) -> int:
    """UTC seconds after which nothing is planned any more: no step opens or closes, no meeting lasts."""
    return schedule.start_of(file.deletion_date - KEPT_AFTERWARDS)


def first_deletion(at: int) -> date:
    """The first deletion date that leaves so long after a moment."""
    after = schedule.to_local(at) + KEPT_AFTERWARDS
    return after.date() if after.time() == time() else after.date() + timedelta(days=1)

"""The plan of one process: which flows it has, in which version, and when each takes answers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from bot.flows import engine, schedule
from bot.flows.model import RESPONDENTS, Flow, Group, Language, Respondent
from bot.process.file import ProcessFile, StepTimes
from storage.step_overrides import StepOverride

START = "start"  # the flow about the person, asked before all others and never closed


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    process_id: int
    revision: int
    file: ProcessFile
    notice: dict[Language, tuple[str, ...]]  # its paragraphs
    notice_version: str
    flows: dict[str, Versioned]  # newest versions, in working order
    changes: tuple[StepOverride, ...] = ()  # steps by hand, in the order they take hold
    older: dict[tuple[str, int], Flow] = field(default_factory=dict)
    _openings: list[tuple[Opening, ...]] = field(default_factory=list)  # computed once, when first asked for

    def times(self, flow: str) -> StepTimes | None:
        return next((step for step in self.file.steps if step.flow == flow), None)

    def change(self, flow: str, now: int, group: str | None = None) -> StepOverride | None:
        """What was decided by hand and holds now, for everybody or for the group; None: the file's times hold."""
        held = [c for c in self.changes if c.flow == flow and c.audience in ("", group) and c.from_at <= now]
        return held[-1] if held and held[-1].state != AS_PLANNED else None

    def state(self, flow: str, now: int, group: str | None = None) -> State:
        """For everybody, or for those who answer as the group."""
        if flow == START:
            return State.OPEN
        by_hand = self.change(flow, now, group) if self.changes else None
        return self._by_file(flow, now) if by_hand is None else State(by_hand.state)

    def _by_file(self, flow: str, now: int) -> State:
        times = self.times(flow)
        if times is None:
            return State.OFF
        if times.opens_at is not None and now < times.opens_at:
            return State.AHEAD
        if times.closes_at is not None and now >= times.closes_at:
            return State.CLOSED
        return State.OPEN

    def opens_at(self, flow: str, now: int, group: str | None = None) -> int | None:
        """When a step that is not open yet opens."""
        ahead = [at for at in self.openings(flow, group) if at > now]
        return min(ahead, default=None) if self.state(flow, now, group) is not State.OPEN else None

    def openings(self, flow: str, group: str | None = None) -> list[int]:
        """Every moment at which the step opens, or opened, for the group; the earliest first."""
        times = self.times(flow)
        moments = {times.opens_at} if times is not None and times.opens_at is not None else set()
        moments |= {c.from_at for c in self.changes if c.flow == flow and c.audience in ("", group)}
        return sorted(at for at in moments if self._opens_then(flow, at, group))

    @property
    def all_openings(self) -> tuple[Opening, ...]:
        """Every opening of every step, for each group that it asks. Computed once per plan."""
        if not self._openings:
            asked = [(flow, group) for flow in self.flows if flow != START for group in Group if self.asks(flow, group)]
            self._openings.append(
                tuple(Opening(at, flow, str(group)) for flow, group in asked for at in self.openings(flow, group))
            )
        return self._openings[0]

    def _opens_then(self, flow: str, at: int, group: str | None) -> bool:
        return self.state(flow, at, group) is State.OPEN and self.state(flow, at - 1, group) is not State.OPEN

    def closes_at(self, flow: str, now: int, group: str | None = None) -> int | None:
        """The deadline of a step that is open now, or the moment at which it closed."""
        times = self.times(flow)
        moments = [times.closes_at] if times is not None and times.closes_at is not None else []
        moments += [c.from_at for c in self.changes if c.flow == flow and c.audience in ("", group)]
        closing = [at for at in moments if self._closes_then(flow, at, group)]
        if self.state(flow, now, group) is State.OPEN:
            return min((at for at in closing if at > now), default=None)
        return max((at for at in closing if at <= now), default=None)

    def _closes_then(self, flow: str, at: int, group: str | None) -> bool:
        return self.state(flow, at, group) is not State.OPEN and self.state(flow, at - 1, group) is State.OPEN

    def closings(self, flow: str, group: str | None = None) -> list[tuple[int | None, int]]:
        """Every moment at which the step closes, or closed, for the group, after the opening that goes before it (None:
        it was open from the start); the earliest first."""
        times = self.times(flow)
        moments = {times.closes_at} if times is not None and times.closes_at is not None else set()
        moments |= {c.from_at for c in self.changes if c.flow == flow and c.audience in ("", group)}
        opened = self.openings(flow, group)
        return [
            (max((before for before in opened if before < at), default=None), at)
            for at in sorted(moments)
            if self._closes_then(flow, at, group)
        ]

    @property
    def hours(self) -> schedule.Hours:
        """When one may write to the people of the process."""
        return self.file.writing_hours.hours

    def asks(self, flow: str, group: str | None) -> bool:
        """Whether the flow has a question for anybody of the group."""
        asked = self.flows[flow].flow
        return any(engine.path(asked, each, {}) for each in RESPONDENTS if each.group == group)

    def with_change(self, change: StepOverride) -> Plan:
        """As it would be with one more change by hand."""
        changes = sorted((*self.changes, change), key=lambda each: each.from_at)
        return replace(self, changes=tuple(changes), _openings=[])

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
            and engine.path(versioned.flow, respondent, {})
        ]

    def next_for(self, respondent: Respondent, now: int) -> tuple[Flow, int] | None:
        """The flow that opens next for this person, and when."""
        ahead = [
            (versioned.flow, opens)
            for key, versioned in self.flows.items()
            if key != START
            and (opens := self.opens_at(key, now, respondent.group)) is not None
            and engine.path(versioned.flow, respondent, {})
        ]
        return min(ahead, key=lambda pair: pair[1], default=None)


def deletion_at(file: ProcessFile) -> int:
    """UTC seconds from which everything about the people of the process is deleted."""
    return schedule.start_of(file.deletion_date)

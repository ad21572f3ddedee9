"""When a step takes answers, worked out anew for every question from the rules alone: slow, and plain to see. What the
plan looks up in its timetables is held against it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.process.file import StepTimes
from bot.process.plan import AS_PLANNED, State
from storage.step_overrides import StepOverride


@dataclass(frozen=True, slots=True)
class StepRules:
    """One step, for everybody (`group` None) or for one group. `changes` stand in the order they take hold."""

    times: StepTimes | None  # None: the process file does not name it
    changes: Sequence[StepOverride]
    group: str | None = None

    @property
    def edges(self) -> list[int]:
        """Every moment at which anything may change."""
        by_file = (self.times.opens_at, self.times.closes_at) if self.times is not None else ()
        return sorted({*(at for at in by_file if at is not None), *(change.from_at for change in self._concerning)})

    @property
    def _concerning(self) -> list[StepOverride]:
        return [change for change in self.changes if change.audience in ("", self.group)]

    def state(self, at: int) -> State:
        """What was decided by hand last, unless that was to go by the file; else what the file says."""
        begun = [change for change in self._concerning if change.from_at <= at]
        if begun and begun[-1].state != AS_PLANNED:
            return State(begun[-1].state)
        if self.times is None:
            return State.OFF
        if self.times.opens_at is not None and at < self.times.opens_at:
            return State.AHEAD
        if self.times.closes_at is not None and at >= self.times.closes_at:
            return State.CLOSED
        return State.OPEN

    def _is_open(self, at: int) -> bool:
        return self.state(at) is State.OPEN

    @property
    def openings(self) -> tuple[int, ...]:
        return tuple(at for at in self.edges if self._is_open(at) and not self._is_open(at - 1))

    @property
    def closings(self) -> tuple[tuple[int | None, int], ...]:
        """Each after the opening before it; None: it was open from the start."""
        ends = [at for at in self.edges if self._is_open(at - 1) and not self._is_open(at)]
        return tuple((max((opens for opens in self.openings if opens < at), default=None), at) for at in ends)

    def opens_at(self, now: int) -> int | None:
        return None if self._is_open(now) else min((at for at in self.openings if at > now), default=None)

    def closes_at(self, now: int) -> int | None:
        ends = [at for _, at in self.closings]
        if self._is_open(now):
            return min((at for at in ends if at > now), default=None)
        return max((at for at in ends if at <= now), default=None)

"""How often the product computes something: calls counted by Python's own profiler, in the thread that a unit of the
database runs in. Nothing is replaced, so what is counted is what runs.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from types import CodeType, FrameType
from typing import Any, TypeVar

from bot.dialogue import session
from bot.features import SCREENS
from bot.features.answering import question_screen
from bot.flows import engine
from bot.process.plan import Plan, timetable
from storage.db import Database, Tx, Unit

T = TypeVar("T")

# What is asked of a plan about times.
TIMES = ("state", "opens_at", "closes_at", "openings", "closings")


def _code(function: Callable[..., Any]) -> CodeType:
    code: CodeType = (function.func if isinstance(function, partial) else function).__code__
    return code


def _watched() -> Mapping[CodeType, str]:
    """Every function that is counted, and as what. A question is drawn by its form, too, which SCREENS knows nothing
    of: so it is its own drawing that counts, not the one of SCREENS that calls it."""
    drawn = {_code(screen.draw): "drawn" for screen in SCREENS.values()}
    del drawn[_code(question_screen.open_question)]
    return {
        **drawn,
        _code(question_screen.ask): "drawn",
        _code(engine.path): "paths",
        _code(session.load): "loads",
        _code(timetable): "timetables",
        **{_code(getattr(Plan, name)): "times asked" for name in TIMES},
        **{_code(getattr(Tx, name)): "statements" for name in ("all", "one", "run", "insert", "stream")},
    }


@dataclass
class Counts:
    """What was computed, by kind."""

    tally: Counter[str] = field(default_factory=Counter)
    statements: list[str] = field(default_factory=list)
    _watched: Mapping[CodeType, str] = field(default_factory=_watched)

    def of(self, unit: Unit[T]) -> Unit[T]:
        """The unit, counted while it runs."""

        def counted(tx: Tx) -> T:
            before = sys.getprofile()
            sys.setprofile(self._count)
            try:
                return unit(tx)
            finally:
                sys.setprofile(before)

        return counted

    def _count(self, frame: FrameType, event: str, _: object) -> None:
        what = self._watched.get(frame.f_code) if event == "call" else None
        if what is not None:
            self.tally[what] += 1
        if what == "statements":
            self.statements.append(" ".join(frame.f_locals["sql"].split()))

    def take(self) -> Counter[str]:
        """What was counted since this was asked last."""
        taken, self.tally = self.tally, Counter()
        return taken


@dataclass
class CountedDatabase(Database):
    """Counts what its units compute."""

    counts: Counts = field(default_factory=Counts)

    async def write(self, unit: Unit[T]) -> T:
        return await super().write(self.counts.of(unit))

    async def read(self, unit: Unit[T]) -> T:
        return await super().read(self.counts.of(unit))

"""How often the product computes something: its calls, counted by Python's own profiler in the thread that a unit of
the database runs in. Nothing is replaced: what is counted is what runs.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from types import CodeType, FrameType
from typing import Any, TypeVar

from bot.dialogue import session
from bot.features import SCREENS
from bot.features.answering import question_screen
from bot.flows import engine
from bot.process import plan
from bot.process.plan import Plan
from storage.db import Database, Tx, Unit

T = TypeVar("T")


def _code(function: Callable[..., Any]) -> CodeType:
    code: CodeType = (function.func if isinstance(function, partial) else function).__code__
    return code


def _watched() -> Iterator[tuple[CodeType, str]]:
    """Every function whose calls are counted, and as what. A question is drawn for its page without SCREENS, too: so
    its own drawing is counted, and not the function in SCREENS that calls it."""
    drawing = {_code(screen.draw) for screen in SCREENS.values()} - {_code(question_screen.open_question)}
    yield from ((code, "drawn") for code in {*drawing, _code(question_screen.draw)})
    yield _code(engine.path), "paths"
    yield _code(session.load), "loads"
    yield _code(plan.timetable), "timetables"
    yield from (
        (_code(getattr(Plan, name)), "asked")
        for name in ("state", "opens_at", "closes_at", "openings", "closings", "asks")
    )
    executing = (each for each in vars(Tx).values() if callable(each) and "execute" in _code(each).co_names)
    yield from ((_code(each), "statements") for each in executing)


_WATCHED: Mapping[CodeType, str] = dict(_watched())


@dataclass
class Counts:
    """What was computed: what was drawn and asked of a plan by name, statements as they were run."""

    calls: Counter[str] = field(default_factory=Counter)
    drawn: list[str] = field(default_factory=list)
    asked: Counter[tuple[str, str, str | None]] = field(default_factory=Counter)  # about which step, for which group
    statements: list[str] = field(default_factory=list)

    def note(self, frame: FrameType, event: str, _: object) -> None:
        what = _WATCHED.get(frame.f_code) if event == "call" else None
        if what is None:
            return
        self.calls[what] += 1
        match what:
            case "drawn":
                self.drawn.append(frame.f_globals["__name__"].rpartition(".")[2])
            case "asked":
                self.asked[frame.f_code.co_name, frame.f_locals["flow"], frame.f_locals["group"]] += 1
            case "statements":
                self.statements.append(" ".join(frame.f_locals["sql"].split()))


@dataclass
class CountedDatabase(Database):
    """Counts what its units compute."""

    counts: Counts = field(default_factory=Counts)

    def taken(self) -> Counts:
        """What was counted since this was asked last."""
        taken, self.counts = self.counts, Counts()
        return taken

    async def write(self, unit: Unit[T]) -> T:
        return await super().write(partial(self._counted, unit))

    async def read(self, unit: Unit[T]) -> T:
        return await super().read(partial(self._counted, unit))

    def _counted(self, unit: Unit[T], tx: Tx) -> T:
        before = sys.getprofile()
        sys.setprofile(self.counts.note)
        try:
            return unit(tx)
        finally:
            sys.setprofile(before)

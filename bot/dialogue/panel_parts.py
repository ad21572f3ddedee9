"""What many panels have: the way back, the question whether one is sure, and lists that take several pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from bot.dialogue.panel import Go, Panel, column
from bot.dialogue.session import Session
from bot.dialogue.step_status import open_unsent

T = TypeVar("T")
NONE = "-"  # in a path: not chosen


def back(s: Session, to: str) -> Go:
    return Go(s.say("panel.back"), to)


def onward(s: Session, to: str) -> Go:
    """Out of the panel, to the questions where there are any to go on with."""
    asked = s.run is not None and s.open_question is not None
    return Go(s.say("meetings.onward" if asked or open_unsent(s) else "panel.leave"), to)


def sure(s: Session, at: str, title: str, body: tuple[str, ...], yes: str, to: str, no: str) -> Panel:
    """Says what will happen and to how many, and asks once. The safe way out stands first."""
    return Panel(at=at, title=title, body=body, rows=column(Go(s.say("panel.no"), no), Go(yes, to)))


def toggled(chosen: tuple[str, ...], key: str) -> tuple[str, ...]:
    """With one more; or without it, where it was chosen before."""
    return tuple(each for each in chosen if each != key) if key in chosen else (*chosen, key)


@dataclass(frozen=True, slots=True)
class ListPage(Generic[T]):
    """A page of a long list: `size` entries from the place `first`, counted from 0."""

    entries: Sequence[T]  # of every page
    size: int
    first: int = 0

    @property
    def shown(self) -> Sequence[T]:
        return self.entries[self.first : self.first + self.size]

    @property
    def is_last(self) -> bool:
        return self.first + self.size >= len(self.entries)

    def turning(self, to: Callable[[int], str], after: str, before: str | None = None) -> tuple[tuple[Go, ...], ...]:
        """The row of buttons to the page before and the page after, with these labels; no row where there are none.
        `to`: the path of the page that begins at a place."""
        earlier = (Go(before, to(max(0, self.first - self.size))),) if self.first and before is not None else ()
        later = () if self.is_last else (Go(after, to(self.first + self.size)),)
        return ((*earlier, *later),) if earlier or later else ()

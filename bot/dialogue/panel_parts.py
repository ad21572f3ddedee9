"""What many panels have: the way back, and the question whether one is sure."""

from __future__ import annotations

from bot.dialogue.panel import Go, Panel, column
from bot.dialogue.session import Session


def back(s: Session, to: str) -> Go:
    return Go(s.say("panel.back"), to)


def sure(s: Session, at: str, title: str, body: tuple[str, ...], yes: str, to: str, no: str) -> Panel:
    """Says what will happen and to how many, and asks once. The safe way out stands first."""
    return Panel(at, title, body, column(Go(s.say("panel.no"), no), Go(yes, to)))

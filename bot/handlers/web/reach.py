"""What a session may reach that a mail's button has begun: the questions of one step, and those about oneself on the
way to them. Nothing of one's own data, no links, no panels (docs/decisions/0032)."""

from __future__ import annotations

from typing import Final

from bot.channels.web.guards import OutOfReach
from bot.channels.web.session import Visitor
from bot.dialogue.reply import Screen
from bot.dialogue.session import Session
from bot.process.plan import START

_SHOWN: Final = (
    Screen.ASK,
    Screen.REVIEW,
    Screen.RECEIPT,
    Screen.PAUSED,
    Screen.NEWER,
    Screen.DOUBT,
    Screen.PARTY,
    Screen.JOIN,
)
_PRESSED: Final = tuple(screen for screen in _SHOWN if screen is not Screen.RECEIPT)  # its buttons lead elsewhere


def may_see(visitor: Visitor, s: Session) -> None:
    """Where the person is now. Raises OutOfReach."""
    _at(visitor, s, _SHOWN)


def may_press(visitor: Visitor, s: Session) -> None:
    """A button of the screen before them. Raises OutOfReach."""
    _at(visitor, s, _PRESSED)


def may_answer(visitor: Visitor, s: Session, flow: str) -> None:
    """A question of the step, or one about oneself while one is on the way to it. Raises OutOfReach."""
    step = _step(visitor)
    if step is not None and flow != step and not (flow == START and s.run is not None and s.run.flow == START):
        raise OutOfReach


def _at(visitor: Visitor, s: Session, screens: tuple[Screen, ...]) -> None:
    step = _step(visitor)
    if step is None or (s.prompt is not None and s.prompt.screen == Screen.NOTICE):
        return
    at_step = s.run is not None and s.run.flow in (step, START)
    if s.prompt is None or s.prompt.screen not in screens or not at_step:
        raise OutOfReach


def _step(visitor: Visitor) -> str | None:
    return visitor.session.step if visitor.session is not None else None

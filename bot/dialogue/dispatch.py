"""Dispatch: what a person writes or taps goes to the screen that was shown last. What it means there, the screen says.

Here too: what most screens have in common, which is buttons that can be tapped or written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum, auto
from functools import cache

from bot import texts
from bot.dialogue import screens
from bot.dialogue.navigation import proceed, show
from bot.dialogue.reply import PERMANENT_PROMPT, Move, Reply, Screen, Tap, Verb
from bot.dialogue.session import Context, Heard, ScreenType, Session, Transition, Visit, load
from bot.flows import safeguarding, typed
from bot.flows.engine import Said
from bot.flows.model import Language
from storage.db import Tx
from storage.prompts import Prompt

GRACE = 1  # seconds: Telegram dates messages in whole seconds
DOUBLE_TAP = 3  # seconds in which a second tap on the button that led here is a trembling finger
QUOTED = 60  # characters of what somebody wrote, to say which message is meant
LONGEST_TYPED_LABEL = 80  # characters; a longer text is surely no button's label


def said(tx: Tx, context: Context, visit: Visit, what: Said) -> Reply:
    """Handles a written message: a continuation of the previous answer, a button's label, or text for the screen."""
    s = load(tx, context, visit)
    if s is None:
        return context.tables.stranger(tx, context, visit)
    prompt, screen = s.prompt, s.screen
    if prompt is None or screen is None:
        return proceed(s)
    if visit.again:
        return shown_again(s)
    if not s.takes_part and not screen.without_consent:
        return proceed(s, s.say("said.not-asked"))
    if not s.prompt_holds:
        return proceed(s, s.say("said.moved-on"))
    match sight(visit, what, prompt):
        case Sight.SEEN:
            return _taken(s, screen, prompt, what)
        case Sight.UNSEEN:
            return _too_early(s, prompt, what)
        case Sight.IN_DOUBT:
            return screens.draw(s, _in_doubt(s, what))


def shown_again(s: Session) -> Reply:
    """What was done before a restart is not done again: where the person is, is shown once more."""
    return screens.draw(s) if s.prompt_holds else proceed(s)


class Sight(Enum):
    """Whether what was shown last can have been seen when something was sent (docs/decisions/0025)."""

    SEEN = auto()
    UNSEEN = auto()
    IN_DOUBT = auto()  # it was shown again after a kill, and may have been shown before it


def sight(visit: Visit, what: Said, prompt: Prompt) -> Sight:
    """By the channel's clock; messages of the same second by their numbers."""
    if visit.prompt_seen:
        return Sight.SEEN
    if prompt.message is None:
        return Sight.UNSEEN
    grace, number = 0 if prompt.continues is None else GRACE, what.message or prompt.message
    at_once = not grace and visit.sent_at == prompt.shown_at and number >= prompt.message
    if at_once or visit.sent_at > prompt.shown_at + grace:
        return Sight.SEEN
    may_be = prompt.maybe_from is not None and visit.sent_at > prompt.maybe_from + grace
    return Sight.IN_DOUBT if may_be else Sight.UNSEEN


def _too_early(s: Session, prompt: Prompt, what: Said) -> Reply:
    """More of the answer before it, where that is what it can be. What was never shown is shown now."""
    continued = s.context.tables.screens[Screen.ASK].continued
    if prompt.continues is None or continued is None:
        return screens.draw(s, s.say("said.too-early"))
    reply = continued(s, what)
    return screens.draw(s, *reply.notes) if prompt.message is None else reply


def _in_doubt(s: Session, what: Said) -> str:
    """Not stored, for it may have been meant for the question before; which message, for there may be several."""
    if safeguarding.looks_like_cpr(what.text):
        return s.say("refusal.cpr")
    return s.say("said.in-doubt", text=texts.shortened(what.text, QUOTED))


def _taken(s: Session, screen: ScreenType, prompt: Prompt, what: Said) -> Reply:
    heard = screen.heard(s, what.text)
    if heard.move is not None:
        tap = Tap(prompt.number, prompt.revision, heard.move.verb, heard.move.place)
        return screen.tapped(s, tap, heard.seen)
    return screen.said(s, what, heard.seen)


def tapped(tx: Tx, context: Context, visit: Visit, tap: Tap) -> Reply:
    """A button was pressed. One that does not belong to what the person was shown last changes nothing."""
    s = load(tx, context, visit)
    return context.tables.stranger(tx, context, visit) if s is None else tapped_by(s, tap)


def tapped_by(s: Session, tap: Tap) -> Reply:
    """The same of somebody we know."""
    if tap.number == PERMANENT_PROMPT:
        return s.context.tables.screens[Screen.TEXT].tapped(s, tap, None)
    screen = s.screen
    if s.visit.again and screen is not None:
        return shown_again(s)
    if screen is None:
        return proceed(s, s.say("tap.stale"))
    if not s.takes_part and not screen.without_consent:
        return proceed(s)
    if not s.prompt_holds:
        return proceed(s, s.say("tap.stale"))
    return screen.tapped(s, tap, None)


# --- screens with buttons ---------------------------------------------------------------------------------

Act = Callable[[Session, Tap, Reply], Reply]  # with the drawing whose button was tapped


def buttons(
    draw: Callable[[Session], Reply | None],
    act: Act,
    *,
    heard: Callable[[Session, str], Heard] | None = None,
    holds: Callable[[Session], bool] = lambda _: True,
    without_consent: bool = False,
    leave: Callable[[Session], Reply] | None = None,
    offered_again: bool = False,
) -> ScreenType:
    """A screen of nothing but buttons. They can be written, too: by number or label, unless `heard` says otherwise."""
    return ScreenType(
        draw=draw,
        tapped=on_buttons(act),
        heard=heard or by_number_or_label,
        said=not_asked,
        holds=holds,
        without_consent=without_consent,
        leave=leave,
        offered_again=offered_again,
    )


def on_buttons(act: Act) -> Callable[[Session, Tap, Reply | None], Reply]:
    """Taps on buttons that were on what was shown last, as it was shown last."""

    def case(s: Session, tap: Tap, seen: Reply | None) -> Reply:
        prompt, screen = s.prompt, s.screen
        if prompt is None or screen is None:
            return proceed(s, s.say("tap.stale"))
        if (tap.number, tap.revision) != (prompt.number, prompt.revision):
            return _stale(s, tap, prompt)
        seen = seen or screens.draw(s)
        if _pressed(seen, tap) is None:
            return _stale(s, tap, prompt)
        if tap.verb is Verb.LEAVE and screen.leave is not None:
            return screens.left_as(screen.leave(s), seen)
        return act(s, tap, seen)

    return case


def _stale(s: Session, tap: Tap, prompt: Prompt) -> Reply:
    if tap.number == prompt.number - 1 and s.visit.now - prompt.shown_at <= DOUBLE_TAP:
        return screens.words(s)
    note = s.say("tap.stale")
    if prompt.screen == Screen.RECEIPT:  # the steps it leads to are still wanted, and not the answers once more
        return show(s, Screen.RECEIPT, Transition((note,)))
    return proceed(s, note)


def _pressed(seen: Reply, tap: Tap) -> Move | None:
    return next((move for move in seen.buttons if (move.verb, move.place) == (tap.verb, tap.place)), None)


def chosen(seen: Reply, tap: Tap) -> str:
    """«✓» and what the button said that was pressed."""
    move = _pressed(seen, tap)
    return f"✓ {move.label}" if move is not None else ""


def not_asked(s: Session, _what: Said, seen: Reply | None) -> Reply:
    """Where only buttons are taken."""
    note = s.say("said.not-asked")
    return screens.with_notes(seen, note) if seen is not None else screens.draw(s, note)


# --- a button's words, written ----------------------------------------------------------------------------


def by_number_or_label(s: Session, text: str) -> Heard:
    """The button that was meant by its words, or by its number on the screen."""
    if len(text) > LONGEST_TYPED_LABEL:
        return Heard()
    seen, number = screens.draw(s), typed.number(text)
    if number is not None and 1 <= number <= len(seen.buttons):
        return Heard(seen.buttons[number - 1], seen)
    return Heard(_labelled(seen.buttons, typed.plain(text)) or _answered(seen.buttons, text), seen)


def by_label(s: Session, text: str) -> Heard:
    """The button that was meant by its words; a number may be something else."""
    if len(text) > LONGEST_TYPED_LABEL:
        return Heard()
    seen = screens.draw(s)
    return Heard(_labelled(seen.buttons, typed.plain(text)), seen)


def by_way(s: Session, text: str) -> Heard:
    """One of the buttons that every question has; choices are the engine's matter."""
    plain = typed.plain(text)
    if len(text) > LONGEST_TYPED_LABEL or plain not in _button_words(s.language):
        return Heard()
    seen = screens.draw(s)
    ways = [move for move in seen.buttons if move.verb not in (Verb.PICK, Verb.UNPICK)]
    return Heard(_labelled(ways, plain), seen)


def _labelled(moves: Sequence[Move], plain: str) -> Move | None:
    said = (plain, typed.without_thanks(plain)) if plain else ()
    return next((move for wanted in said for move in moves if typed.plain(move.label) == wanted), None)


def _answered(moves: Sequence[Move], text: str) -> Move | None:
    """«Ja» of a screen that has one, by any way to say yes; «Nej» likewise."""
    answer = typed.yes_or_no(text)
    meant = [move for move in moves if answer is not None and typed.yes_or_no(move.label) == answer]
    return meant[0] if len(meant) == 1 else None


@cache
def _button_words(language: Language) -> frozenset[str]:
    keys = [str(message.id) for message in texts.catalogue(language) if str(message.id).startswith("button.")]
    return frozenset(typed.plain(texts.say(language, key)) for key in keys)

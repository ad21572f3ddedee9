"""Dispatch: what a person writes or taps goes to the screen that was shown last. What it means there, the screen says.

Here too: what most screens have in common, which is buttons that can be tapped or written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import Enum, auto
from functools import cache

from bot import texts
from bot.dialogue import chat_message, doubt, screens, wishes
from bot.dialogue.chat_message import ChatMessage
from bot.dialogue.navigation import proceed, show
from bot.dialogue.reply import PERMANENT_PROMPT, Move, Reply, Screen, Tap, Verb
from bot.dialogue.session import Context, Heard, ScreenType, Session, Takes, Transition, Visit, Wish, load
from bot.flows import typed
from bot.flows.engine import Said
from bot.flows.model import LANGUAGES, Language
from storage import prompts
from storage.db import Tx
from storage.prompts import Prompt

GRACE = 1  # seconds: Telegram dates messages in whole seconds
DOUBLE_TAP = 3  # seconds in which a second tap on the button that led here is a trembling finger
QUOTED = 60  # characters of what somebody wrote, to say which message is meant
WORDS_OF_BUTTONS = ("button.", "panel.back")  # the phrases' keys
LONGEST_TYPED_LABEL = 80  # characters; a longer text is surely no button's label


def said(tx: Tx, context: Context, visit: Visit, what: Said, replied: ChatMessage | None = None) -> Reply:
    """Handles a written message: words to a message of ours, a wish, a continuation of the previous answer, a button's
    label, or text for the screen. `replied`: the message of ours that it replies to."""
    s = load(tx, context, visit)
    if s is None:
        return context.tables.stranger(tx, context, visit)
    prompt, screen = s.prompt, s.screen
    if prompt is None or screen is None:
        return proceed(s)
    if visit.again:
        return shown_again(s)
    message, wish = _message_meant(s, prompt, replied), wishes.wish_of(context.tables, what.text)
    if message is not None or wish is not None:
        apart = _apart_from_the_screen(s, screen, what, message, wish, is_reply=message is replied)
        if apart is not None:
            return apart
    if not s.takes_part and not screen.without_consent:
        return proceed(s, s.say("said.not-asked"))
    if not s.prompt_holds:
        return proceed(s, s.say("said.moved-on"))
    seen, beside = sight(visit, what, prompt), message is not None or wish is not None
    if prompt.screen == Screen.DOUBT and seen is not Sight.SEEN:
        return screen.said(s, what, None)  # kept with the others
    if seen is Sight.UNSEEN and not beside:
        return _too_early(s, prompt, what)
    heard = screen.heard(s, what.text)
    if heard.move is not None and seen is Sight.SEEN:
        tap = Tap(prompt.number, prompt.revision, heard.move.verb, heard.move.place)
        return screen.tapped(s, tap, heard.seen)
    in_doubt = heard.move is None and (beside or seen is Sight.IN_DOUBT)
    if in_doubt and screen.takes(s, what.text) is not Takes.NOTHING:
        return doubt.ask(s, what, wish, unseen=seen is Sight.IN_DOUBT)
    return screen.said(s, what, heard.seen) if seen is Sight.SEEN else screens.draw(s, _not_stored(s, what, seen))


def shown_again(s: Session) -> Reply:
    """What was done before a restart is not done again: where the person is, is shown once more."""
    return screens.draw(s) if s.prompt_holds else proceed(s)


class Sight(Enum):
    """Whether what was shown last can have been seen when something was sent (docs/decisions/0029)."""

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
    """More of the answer before it, where that is what it can be; what a button says is not. What was never shown is
    shown now."""
    continued = s.context.tables.screens[Screen.ASK].continued
    if prompt.continues is None or continued is None or may_be_a_button(s, what.text):
        return screens.draw(s, s.say("said.too-early"))
    reply = continued(s, what, prompt.continues)
    return screens.draw(s, *reply.notes) if prompt.message is None else reply


def _not_stored(s: Session, what: Said, seen: Sight) -> str:
    if seen is Sight.UNSEEN:
        return s.say("said.too-early")
    return s.say("said.in-doubt", text=texts.shortened(what.text, QUOTED))


def _message_meant(s: Session, prompt: Prompt, replied: ChatMessage | None) -> ChatMessage | None:
    """The message of ours that words are about, or may be about: the one they reply to, unless that is the open
    question; else the one that has come since it was shown."""
    if replied is not None:
        return None if _is_the_prompt(prompt, replied) else replied
    if prompt.interrupted is None:
        return None
    message = ChatMessage.read(prompt.interrupted)
    return message if s.visit.sent_at > message.at + GRACE else None


def _is_the_prompt(prompt: Prompt, message: ChatMessage) -> bool:
    """Whether it showed what is open now; also one of its earlier drawings, or words beside it."""
    numbers = {tap.number for _, tap in message.taps}
    if PERMANENT_PROMPT in numbers:
        return False
    if prompt.number in numbers or (prompt.message is not None and message.number == prompt.message):
        return True
    return message.at >= prompt.shown_at - GRACE and (bool(message.buttons) or prompt.interrupted is None)


def _apart_from_the_screen(
    s: Session, screen: ScreenType, what: Said, message: ChatMessage | None, wish: Wish | None, *, is_reply: bool
) -> Reply | None:
    """A message's button that was pressed by its words, or a wish where there is nothing to confuse it with. None:
    the screen is to see it."""
    here = (s.takes_part or screen.without_consent) and s.prompt_holds
    takes = screen.takes(s, what.text) if here else Takes.NOTHING
    replied = is_reply and message is not None
    if message is not None and (replied or takes is not Takes.CHOICE):
        tap = message.pressed(what.text, loosely=replied)
        if tap is not None:
            return tapped_by(s, tap)
    if wish is None or takes is Takes.CHOICE or (takes is Takes.WORDS and not replied):
        return None
    is_button = here and screen.heard(s, what.text).move is not None
    return None if is_button else wishes.grant(s, wish)


def tapped(tx: Tx, context: Context, visit: Visit, tap: Tap) -> Reply:
    """A button was pressed. One that does not belong to what the person was shown last changes nothing."""
    s = load(tx, context, visit)
    return context.tables.stranger(tx, context, visit) if s is None else tapped_by(s, tap)


def tapped_by(s: Session, tap: Tap) -> Reply:
    """The same of somebody we know."""
    if tap.number == PERMANENT_PROMPT:
        return _beside(s, s.context.tables.screens[Screen.TEXT].tapped(s, tap, None))
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


def _beside(s: Session, reply: Reply) -> Reply:
    """What a message's button did stands behind the prompt, too."""
    if not reply.number:
        prompts.interrupt(s.tx, *s.visit.at, chat_message.of_reply(reply, s.visit.sent_at).written())
    return reply


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
    if prompt.screen == Screen.DOUBT:  # as it is, so that what is pressed on it now holds, though more is on its way
        return screens.draw(s, note)
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
    return Heard(_labelled(s, seen.buttons, typed.plain(text)) or _answered(seen.buttons, text), seen)


def by_label(s: Session, text: str) -> Heard:
    """The button that was meant by its words; a number may be something else."""
    if len(text) > LONGEST_TYPED_LABEL:
        return Heard()
    seen = screens.draw(s)
    return Heard(_labelled(s, seen.buttons, typed.plain(text)), seen)


def by_way(s: Session, text: str) -> Heard:
    """One of the buttons that every question has; choices are the engine's matter."""
    if not may_be_a_button(s, text):
        return Heard()
    seen = screens.draw(s)
    return Heard(way_among(s, seen, text), seen)


def may_be_a_button(s: Session, text: str) -> bool:
    """Whether it is what any button says; what stands on the screen is not looked at."""
    return len(text) <= LONGEST_TYPED_LABEL and typed.plain(text) in _button_words(s.language)


def way_among(s: Session, seen: Reply, text: str) -> Move | None:
    """«Spring over», «Færdig», «Tilbage», where the question has such a move."""
    if not may_be_a_button(s, text):
        return None
    plain = typed.plain(text)
    ways = [move for move in seen.buttons if move.verb not in (Verb.PICK, Verb.UNPICK)]
    return _labelled(s, ways, plain) or _done(s, seen, plain)


def _done(s: Session, seen: Reply, plain: str) -> Move | None:
    """«Færdig» where several things can be told, also before the first of them is."""
    done = screens.button(s, Verb.DONE, "done")
    collects = seen.ask is not None and seen.ask.question.collects
    return done if collects and typed.plain(done.label) in _button_words(s.language)[plain] else None


def _labelled(s: Session, moves: Sequence[Move], plain: str) -> Move | None:
    """By its words, in whichever of our languages they are written."""
    said = (plain, typed.without_thanks(plain), *_button_words(s.language).get(plain, ())) if plain else ()
    return next((move for wanted in said for move in moves if typed.plain(move.label) == wanted), None)


def _answered(moves: Sequence[Move], text: str) -> Move | None:
    """«Ja» of a screen that has one, by any way to say yes; «Nej» likewise."""
    answer = typed.yes_or_no(text)
    meant = [move for move in moves if answer is not None and typed.yes_or_no(move.label) == answer]
    return meant[0] if len(meant) == 1 else None


@cache
def _button_words(language: Language) -> Mapping[str, tuple[str, ...]]:
    """What stands on a button in any of our languages → what stands on it in this one."""
    keys = [str(message.id) for message in texts.catalogue(language) if str(message.id).startswith(WORDS_OF_BUTTONS)]
    found: dict[str, tuple[str, ...]] = {}
    for key in keys:
        label = typed.plain(texts.say(language, key))
        for each in LANGUAGES:
            written = typed.plain(texts.say(each, key if texts.has(each, key) else key.removesuffix(texts.TO_SEVERAL)))
            found[written] = tuple(dict.fromkeys((*found.get(written, ()), label)))
    undo = typed.plain(texts.say(language, "button.undo"))
    for each in LANGUAGES:  # what people write for it besides what stands on it
        found.setdefault(typed.plain(texts.say(each, "wish.undo")), (undo,))
    return found

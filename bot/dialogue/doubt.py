"""Doubt: whether words answer the open question, ask for something, or were said to a message of ours. They are kept
until the person has said so (docs/decisions/0025). Here: keeping them, and asking; not the buttons (doubt_screen)."""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue import naming, screens
from bot.dialogue.reply import Reply, Screen
from bot.dialogue.session import Session, Wish
from bot.flows import engine
from bot.flows.engine import MAX_PARTS, Refusal, Said
from storage import held_words
from storage.held_words import HeldWords
from storage.prompts import Prompt


def ask(s: Session, what: Said, wish: Wish | None, *notes: str, unseen: bool = False) -> Reply:
    """Keeps the words and asks what they are. What could not be kept as an answer is not kept here either. `unseen`:
    the question may not have been seen when they were sent. `notes`: what is said where they are kept."""
    prompt = _prompt(s)
    refused = _refused(s, what)
    if refused is not None:
        return screens.draw(s, screens.refused(s, refused))
    words = HeldWords(
        text=what.text,
        message=what.message,
        said_at=s.visit.sent_at,
        run_id=prompt.run_id,
        question=prompt.question,
        wish=wish,
        unseen=unseen,
    )
    held_words.hold(s.tx, s.person.id, s.visit.channel, words)
    return show(s, *naming.contact_note(s, what.text), *notes)


def _refused(s: Session, what: Said) -> Refusal | None:
    read = engine.read(what.text)
    if isinstance(read, Refusal):
        return read
    if len(waiting(s)) >= MAX_PARTS:
        return Refusal("too-many")
    return Refusal("full") if s.lacks_room_for(what.text) else None


def show(s: Session, *notes: str) -> Reply:
    """Asks, in place of what was open; that stays where it was."""
    old = _prompt(s)
    s.put_prompt(_next(s, Screen.DOUBT, old.run_id, old.question, holds=1))
    return screens.draw(s, *notes)


def show_again(s: Session, question: str, *notes: str) -> Reply:
    """Asks once more where the open question is come back to, and its words wait still."""
    run = s.run
    s.put_prompt(_next(s, Screen.DOUBT, run.id if run is not None else None, question, holds=1))
    return screens.draw(s, *notes)


def is_waiting(s: Session, question: str) -> bool:
    """Whether words wait that may be the answer to the question."""
    if s.prompt is None or not s.prompt.holds or s.run is None:
        return False
    return bool(held_words.of_question(s.tx, s.person.id, s.visit.channel, s.run.id, question))


def waiting(s: Session) -> tuple[HeldWords, ...]:
    """What waits where the person stands."""
    prompt = _prompt(s)
    return held_words.of_question(s.tx, s.person.id, s.visit.channel, prompt.run_id, prompt.question)


def settle(s: Session) -> tuple[HeldWords, ...]:
    """Ends the doubt: the words are the caller's, and the person stands again at what they were asked."""
    words, prompt = waiting(s), _prompt(s)
    held_words.release(s.tx, s.person.id, s.visit.channel, prompt.run_id, prompt.question)
    stands_over = Screen.ASK if prompt.question is not None else Screen.PANEL
    s.put_prompt(_next(s, stands_over, prompt.run_id, prompt.question, holds=0))
    return words


def back_to_panel(s: Session) -> None:
    """They stand at the panel again that was open before it was asked."""
    s.put_prompt(_next(s, Screen.PANEL, None, None, holds=0))


def _next(s: Session, screen: Screen, run_id: int | None, question: str | None, *, holds: int) -> Prompt:
    old = s.prompt
    about = old.about if old is not None else None
    new = Prompt.next(old, screen, s.visit.sent_at, run_id=run_id, question=question, about=about)
    return replace(new, holds=holds)


def _prompt(s: Session) -> Prompt:
    if s.prompt is None:
        raise LookupError("nothing was shown")
    return s.prompt

"""Choosing a language: the screen and the command."""

from __future__ import annotations

from bot import texts
from bot.dialogue.navigation import proceed, show
from bot.dialogue.reply import Move, Reply, Screen, Tap, Verb
from bot.dialogue.screens import left_as
from bot.dialogue.session import Context, Session, Visit, load
from bot.flows.model import LANGUAGES, Language
from storage import people
from storage.db import Tx


def language(s: Session) -> Reply:
    return show(s, Screen.LANGUAGE)


def speak(tx: Tx, context: Context, visit: Visit, language: Language) -> None:
    """Their language from now on; of somebody we do not know there is nothing to note."""
    s = load(tx, context, visit)
    if s is not None:
        people.set_language(tx, s.person.id, language)


def draw(s: Session) -> Reply:
    rows = tuple(
        (Move(Verb.SPEAK, texts.say(language, "language.name"), place),) for place, language in enumerate(LANGUAGES)
    )
    return Reply(language=s.language, screen=Screen.LANGUAGE, title=s.say("language.which"), moves=rows)


def tapped(s: Session, tap: Tap, seen: Reply) -> Reply:
    people.set_language(s.tx, s.person.id, LANGUAGES[tap.place or 0])
    s.read_person()
    return left_as(proceed(s, s.say("language.chosen")), seen)

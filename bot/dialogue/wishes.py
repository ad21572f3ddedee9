"""Wishes: a command's name alone, without a slash. «hjælp», «stop», «pause» are no answers."""

from __future__ import annotations

from functools import cache

from bot import codes, texts
from bot.dialogue.reply import Reply
from bot.dialogue.session import Command, Session, Tables, Wish
from bot.flows import typed
from bot.flows.model import LANGUAGES

LONGEST = 60  # characters; a longer text is surely more than a wish


def wish_of(tables: Tables, text: str) -> Wish | None:
    """The wish that is all there is to the text: a name of its command in any language, what the command says it does,
    or what the button says that does the same."""
    if len(text) > LONGEST:
        return None
    named = tables.commands.get(codes.spelled(codes.tidied(text))) if len(text.split()) == 1 else None
    return named.wish if named is not None else _by_phrase().get(typed.plain(text))


@cache
def _by_phrase() -> dict[str, Wish]:
    said = {typed.plain(texts.say(language, f"command.{wish}")): wish for language in LANGUAGES for wish in Wish}
    pausing = {typed.plain(texts.say(language, "button.pause")): Wish.PAUSE for language in LANGUAGES}
    leaving = {typed.plain(texts.say(language, "wish.leave")): Wish.LEAVE for language in LANGUAGES}
    return said | pausing | leaving


def command_of(tables: Tables, wish: Wish) -> Command:
    return next(command for command in tables.commands.values() if command.wish is wish)


def grant(s: Session, wish: Wish) -> Reply:
    """Does what the command does."""
    return command_of(s.context.tables, wish).run(s.tx, s.context, s.visit, "")

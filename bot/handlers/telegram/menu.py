"""The commands and descriptions that Telegram itself shows, in both languages, set at every start.

https://core.telegram.org/bots/api#setmycommands
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from telegram import BotCommand, BotCommandScopeAllPrivateChats, BotCommandScopeChat, BotCommandScopeDefault
from telegram.error import TelegramError

from bot import texts
from bot.access import Right, rights
from bot.channels.telegram.dispatcher import CHANNEL, Dispatcher
from bot.flows.model import LANGUAGES, Language
from storage import people
from storage.db import Tx

log = logging.getLogger(__name__)

EVERYBODY = (
    "fortsaet",
    "ret",
    "moeder",
    "mine",
    "slet",
    "stop",
    "rolle",
    "web",
    "sammen",
    "sprog",
    "privatliv",
    "hjaelp",
    "start",
)

IN_ENGLISH = {"privatliv": "privacy", "hjaelp": "help"}
BY_RIGHT = {Right.SEE_COVERAGE: "daekning", Right.EXPORT: "eksport"}


async def announce(desk: Dispatcher) -> None:
    """Sets everything Telegram shows of the bot. Raises TelegramError; the caller tries again."""
    plan = await desk.database.read(desk.house.plan)
    municipality = plan.file.municipality.name
    for language in LANGUAGES:
        code = None if language == "da" else language  # Danish for everyone whose language we do not speak
        await desk.bot.set_my_commands(_commands(language, EVERYBODY), BotCommandScopeAllPrivateChats(), code)
        await desk.bot.set_my_commands(_commands(language, ("start",)), BotCommandScopeDefault(), code)
        await desk.bot.set_my_description(texts.say(language, "bot.description", municipality=municipality), code)
        await desk.bot.set_my_short_description(texts.say(language, "bot.short", municipality=municipality), code)
    for address in await desk.database.read(lambda tx: people.role_holders(tx, CHANNEL)):
        await offer_to_role_holder(desk, int(address))


async def offer_to_role_holder(desk: Dispatcher, user: int) -> None:
    """A holder of a role sees its commands in their menu. Whether they may use them is asked each time anew."""

    def look(tx: Tx) -> tuple[frozenset[str], Language] | None:
        person = people.at_address(tx, CHANNEL, str(user))
        if person is None:
            return None
        return people.roles(tx, person.id), "da" if person.language == "da" else "en"

    found = await desk.database.read(look)
    if found is None or not found[0]:
        return
    roles, language = found
    mine = rights(roles)
    names = ["leder", *(name for right, name in BY_RIGHT.items() if right in mine)]
    try:
        await desk.bot.set_my_commands(_commands(language, (*names, *EVERYBODY)), BotCommandScopeChat(user))
    except TelegramError as error:  # a menu only; the commands work without it
        log.warning("menu error=%s", type(error).__name__)


def _commands(language: Language, names: Sequence[str]) -> list[BotCommand]:
    shown = [IN_ENGLISH.get(name, name) if language == "en" else name for name in names]
    return [BotCommand(name, texts.say(language, f"command.{name}")) for name in shown]

"""The commands and descriptions that Telegram itself shows, in both languages, set at every start.

https://core.telegram.org/bots/api#setmycommands
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

from telegram import BotCommand, BotCommandScopeAllPrivateChats, BotCommandScopeChat, BotCommandScopeDefault
from telegram.error import TelegramError

from bot import texts
from bot.access import Right, rights
from bot.channels.telegram.dispatcher import Dispatcher
from bot.dialogue import commands
from bot.dialogue.session import TELEGRAM, Command
from bot.flows.model import LANGUAGES, Language
from bot.process import policy_words
from storage import people
from storage.db import Tx

# https://core.telegram.org/bots/api#setmydescription, #setmyshortdescription
LONGEST_DESCRIPTION, LONGEST_SHORT_DESCRIPTION = 512, 120

log = logging.getLogger(__name__)


async def announce(dispatcher: Dispatcher) -> None:
    """Sets everything Telegram shows of the bot. Raises TelegramError; the caller tries again."""
    plan = await dispatcher.database.read(dispatcher.context.process_host.plan)
    file, municipality = plan.file, plan.file.municipality.name
    for language in LANGUAGES:
        code = None if language == "da" else language  # Danish for everyone whose language we do not speak
        await dispatcher.bot.set_my_commands(
            _commands(language, _of(dispatcher, frozenset())), BotCommandScopeAllPrivateChats(), code
        )
        await dispatcher.bot.set_my_commands(
            _commands(language, [dispatcher.context.tables.commands["start"]]), BotCommandScopeDefault(), code
        )
        makes_policy, the_policy = policy_words.makes_policy(file, language), policy_words.the_policy(file, language)
        described = texts.say(language, "bot.description", municipality=municipality, makes_policy=makes_policy)
        in_short = texts.say(language, "bot.short", municipality=municipality, the_policy=the_policy)
        await dispatcher.bot.set_my_description(texts.shortened(described, LONGEST_DESCRIPTION), code)
        await dispatcher.bot.set_my_short_description(texts.shortened(in_short, LONGEST_SHORT_DESCRIPTION), code)
    for address in await dispatcher.database.read(lambda tx: people.addresses_with_more(tx, TELEGRAM)):
        await offer_own(dispatcher, int(address))


async def offer_own(dispatcher: Dispatcher, user: int) -> None:
    """Who holds a role, or takes part in several processes, sees the commands of it in their menu. Whether they may use
    them is asked each time anew."""

    def look(tx: Tx) -> tuple[list[Command], Language] | None:
        person = people.at_address(tx, TELEGRAM, str(user))
        if person is None:
            return None
        more = [each for each in commands.every(dispatcher.context) if each.offered is not None]
        offered = [each for each in more if commands.is_offered(each, tx, TELEGRAM, str(user))]
        roles = people.roles(tx, person.id)
        if not roles and not offered:
            return None
        mine = rights(roles) if roles else frozenset[Right]()
        return _of(dispatcher, mine, offered), texts.language_of(person.language)

    found = await dispatcher.database.read(look)
    if found is None:
        return
    listed, language = found
    try:
        await dispatcher.bot.set_my_commands(_commands(language, listed), BotCommandScopeChat(user))
    except TelegramError as error:  # a menu only; the commands work without it
        log.warning("menu error=%s", type(error).__name__)


def _of(dispatcher: Dispatcher, mine: frozenset[Right], offered: Sequence[Command] = ()) -> list[Command]:
    """The commands of who has these rights and is offered these besides, first those that not everybody has."""
    every = list(commands.every(dispatcher.context))
    everybodys = [each for each in every if each.right is None and each.offered is None]
    return [each for each in every if each.right in mine] + [*offered, *everybodys]


def _commands(language: Language, listed: Iterable[Command]) -> list[BotCommand]:
    return [
        BotCommand(commands.name_in(language, each), texts.say(language, f"command.{each.name}")) for each in listed
    ]

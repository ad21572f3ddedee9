"""Commands: what is typed after a slash. Which there are stands in the table that the features fill."""

from __future__ import annotations

from telegram import Update

from bot.channels.telegram import menu
from bot.channels.telegram.dispatcher import Dispatcher
from bot.dialogue import commands
from bot.handlers.telegram.updates import Handler, message_of


def command(dispatcher: Dispatcher) -> Handler:
    """Any command; one that is none is said to be unknown."""

    async def handle(update: Update, _: object) -> None:
        message, user = message_of(update)
        word, *rest = (message.text or "").split(maxsplit=1)
        name, _, whose = word.partition("@")  # «/start@the_bot»; what is said to another bot is unknown here
        name = name if whose.casefold() in ("", (dispatcher.bot.username or "").casefold()) else word
        visit = dispatcher.visit(user, int(message.date.timestamp()))
        reply = await dispatcher.act(
            visit, lambda tx, context, visit: commands.run(tx, context, visit, name, "".join(rest).strip())
        )
        await dispatcher.show_and_follow(message.chat.id, reply)
        known = dispatcher.context.tables.commands.get(commands.normalise(name))
        if known is not None and known.grants:
            await menu.offer_own(dispatcher, user.id)

    return handle

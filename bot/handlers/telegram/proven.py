"""What was proven on a page for a chat goes on there: an update that we have put into the inbox ourselves."""

from __future__ import annotations

from telegram import Update, User
from telegram.ext import TypeHandler

from bot.channels.telegram.dispatcher import Dispatcher
from bot.features.second_proof import chat_page
from bot.handlers.telegram.updates import Handler
from storage.inbox import OURS


class Ours(TypeHandler):  # type: ignore[type-arg]  # PTB's three type parameters say nothing here
    """Takes what we have put there ourselves, and nothing else."""

    def __init__(self, callback: Handler) -> None:
        super().__init__(Update, callback)

    def check_update(self, update: object) -> bool:
        return isinstance(update, Update) and update.update_id < 0 and OURS in update.api_kwargs


def goes_on(dispatcher: Dispatcher) -> Handler:
    async def handle(update: Update, _: object) -> None:
        what = update.api_kwargs[OURS]
        chat = int(what["chat"])
        visit = dispatcher.visit(User(id=chat, first_name="", is_bot=False))
        reply = await dispatcher.act(
            visit, lambda tx, context, visit: chat_page.goes_on(tx, context, visit, what["proven"], what["path"])
        )
        if reply is not None:
            await dispatcher.show_and_follow(chat, reply)

    return handle

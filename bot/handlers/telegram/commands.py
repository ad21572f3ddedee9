"""The commands that every person has. Each calls one use case and shows its reply."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from telegram import Update

from bot.channels.telegram.dispatcher import Dispatcher
from bot.dialogue import commands
from bot.dialogue.reply import Reply
from bot.dialogue.session import Session, Visit
from bot.features.identity import personal_link
from bot.features.privacy import own_data
from bot.handlers.telegram import menu
from bot.process.host import ProcessHost
from storage.db import Tx

Handler = Callable[[Update, Any], Coroutine[Any, Any, None]]
Maker = Callable[[Dispatcher], Handler]


def _command(use_case: Callable[[Tx, ProcessHost, Visit, str], Reply]) -> Maker:
    def maker(desk: Dispatcher) -> Handler:
        async def handle(update: Update, _: object) -> None:
            message = update.message
            assert message is not None and message.from_user is not None  # noqa: S101  # commands are messages
            rest = (message.text or "").partition(" ")[2].strip()
            visit = desk.visit(message.from_user, int(message.date.timestamp()))
            reply = await desk.act(visit, lambda tx, house, visit: use_case(tx, house, visit, rest))
            await desk.show(message.chat.id, reply)

        return handle

    return maker


def _of_known(use_case: Callable[[Session], Reply]) -> Maker:
    return _command(lambda tx, house, visit, _: commands.known(tx, house, visit, use_case))


def start(desk: Dispatcher) -> Handler:
    handle_start = _command(commands.start)(desk)

    async def handle(update: Update, context: object) -> None:
        await handle_start(update, context)
        if update.message is not None and update.message.from_user is not None:
            await menu.offer_to_role_holder(desk, update.message.from_user.id)

    return handle


resume = _command(lambda tx, house, visit, _: commands.resume(tx, house, visit))
correct = _of_known(commands.correct)
mine = _of_known(own_data.mine)
erase = _of_known(commands.erase)
stop = _of_known(commands.stop)
role = _of_known(commands.role)
web = _of_known(personal_link.to_web)
meetings = _of_known(commands.panel("moeder"))
together = _of_known(commands.panel("sammen"))
language = _of_known(commands.language)
privacy = _of_known(commands.privacy)
help_ = _of_known(commands.help_)
unknown = _of_known(commands.unknown)

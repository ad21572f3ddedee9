"""The commands that every person has. Each calls one use case and shows its reply."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from telegram import Update

from bot.conversation import arrive, moving, own_data
from bot.conversation.situation import Situation, Visit
from bot.desk import Desk
from bot.handlers import menu
from bot.process.plan import House
from bot.reply import Reply
from storage.db import Tx

Handler = Callable[[Update, Any], Coroutine[Any, Any, None]]
Maker = Callable[[Desk], Handler]


def _command(use_case: Callable[[Tx, House, Visit, str], Reply]) -> Maker:
    def maker(desk: Desk) -> Handler:
        async def handle(update: Update, _: object) -> None:
            message = update.message
            assert message is not None and message.from_user is not None  # noqa: S101  # commands are messages
            rest = (message.text or "").partition(" ")[2].strip()
            visit = desk.visit(message.from_user, int(message.date.timestamp()))
            reply = await desk.act(visit, lambda tx, house, visit: use_case(tx, house, visit, rest))
            await desk.show(message.chat.id, reply)

        return handle

    return maker


def _of_known(use_case: Callable[[Situation], Reply]) -> Maker:
    return _command(lambda tx, house, visit, _: arrive.known(tx, house, visit, use_case))


def start(desk: Desk) -> Handler:
    handle_start = _command(arrive.start)(desk)

    async def handle(update: Update, context: object) -> None:
        await handle_start(update, context)
        if update.message is not None and update.message.from_user is not None:
            await menu.offer_to_role_holder(desk, update.message.from_user.id)

    return handle


resume = _command(lambda tx, house, visit, _: arrive.resume(tx, house, visit))
correct = _of_known(arrive.correct)
mine = _of_known(own_data.mine)
erase = _of_known(arrive.erase)
stop = _of_known(arrive.stop)
role = _of_known(arrive.role)
web = _of_known(moving.to_web)
meetings = _of_known(arrive.panel("moeder"))
together = _of_known(arrive.panel("sammen"))
language = _of_known(arrive.language)
privacy = _of_known(arrive.privacy)
help_ = _of_known(arrive.help_)
unknown = _of_known(arrive.unknown)

"""Writing, tapping, and correcting what was written."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from telegram import Update

from bot.conversation import turn
from bot.conversation.situation import Visit
from bot.desk import Desk
from bot.flows.engine import Said
from bot.process.plan import House
from bot.reply import NOT_OURS, Reply, tap_of
from storage.db import Tx

Handler = Callable[[Update, Any], Coroutine[Any, Any, None]]


def said(desk: Desk) -> Handler:
    async def handle(update: Update, _: object) -> None:
        message = update.message
        assert message is not None and message.from_user is not None  # noqa: S101  # the filter lets only these through
        what = Said(message.text or "", message.message_id)

        def use_case(tx: Tx, house: House, visit: Visit) -> Reply:
            return turn.said(tx, house, visit, what)

        visit = desk.visit(message.from_user, int(message.date.timestamp()))
        await desk.show(message.chat.id, await desk.act(visit, use_case))

    return handle


def tapped(desk: Desk) -> Handler:
    async def handle(update: Update, _: object) -> None:
        query = update.callback_query
        assert query is not None  # noqa: S101  # the handler is for these alone
        if query.message is None or query.message.chat.id != query.from_user.id:
            return  # not the person's own chat: nothing of ours was drawn there for them
        tap = tap_of(query.data) or NOT_OURS

        def use_case(tx: Tx, house: House, visit: Visit) -> Reply:
            return turn.tapped(tx, house, visit, tap)

        reply = await desk.act(desk.visit(query.from_user), use_case)
        await desk.show(query.from_user.id, reply, query.message.message_id)

    return handle


def edited(desk: Desk) -> Handler:
    async def handle(update: Update, _: object) -> None:
        message = update.edited_message
        assert message is not None and message.from_user is not None  # noqa: S101  # the filter lets only these through
        what = Said(message.text or "", message.message_id)

        def use_case(tx: Tx, house: House, visit: Visit) -> Reply | None:
            return turn.edited(tx, house, visit, what)

        at = message.edit_date or message.date
        reply = await desk.act(desk.visit(message.from_user, int(at.timestamp())), use_case)
        if reply is not None:
            await desk.show(message.chat.id, reply)

    return handle

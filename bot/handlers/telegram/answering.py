"""Writing, tapping, and correcting what was written."""

from __future__ import annotations

from telegram import Update

from bot.channels.telegram import menu
from bot.channels.telegram.dispatcher import Dispatcher
from bot.dialogue import dispatch
from bot.dialogue.reply import NOT_OURS, Reply, tap_of
from bot.dialogue.session import Context, Visit
from bot.features.answering import answers as answering
from bot.flows.engine import Said
from bot.handlers.telegram.updates import Handler, message_of, query_of, replied_to
from storage.db import Tx


def said(dispatcher: Dispatcher) -> Handler:
    async def handle(update: Update, _: object) -> None:
        message, user = message_of(update)
        what, replied = Said(message.text or "", message.message_id), replied_to(message)

        def use_case(tx: Tx, context: Context, visit: Visit) -> Reply:
            return dispatch.said(tx, context, visit, what, replied)

        visit = dispatcher.visit(user, int(message.date.timestamp()))
        reply = await dispatcher.act(visit, use_case)
        await dispatcher.show_and_follow(message.chat.id, reply)
        if reply.delivery.other_commands:
            await menu.offer_own(dispatcher, user.id)

    return handle


def tapped(dispatcher: Dispatcher) -> Handler:
    async def handle(update: Update, _: object) -> None:
        query = query_of(update)
        if query.message is None or query.message.chat.id != query.from_user.id:
            return  # not the person's own chat: nothing of ours was drawn there for them
        tap = tap_of(query.data) or NOT_OURS

        def use_case(tx: Tx, context: Context, visit: Visit) -> Reply:
            return dispatch.tapped(tx, context, visit, tap)

        reply = await dispatcher.act(dispatcher.visit(query.from_user), use_case)
        await dispatcher.show_and_follow(query.from_user.id, reply, query.message.message_id)
        if reply.delivery.other_commands:
            await menu.offer_own(dispatcher, query.from_user.id)

    return handle


def edited(dispatcher: Dispatcher) -> Handler:
    async def handle(update: Update, _: object) -> None:
        message, user = message_of(update)
        what = Said(message.text or message.caption or "", message.message_id)

        def use_case(tx: Tx, context: Context, visit: Visit) -> Reply | None:
            return answering.edited(tx, context, visit, what)

        at = message.edit_date or message.date
        reply = await dispatcher.act(dispatcher.visit(user, int(at.timestamp())), use_case)
        if reply is not None:
            await dispatcher.show(message.chat.id, reply)

    return handle

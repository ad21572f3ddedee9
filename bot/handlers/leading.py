"""What the project leader does on Telegram: see how it goes, take the answers out."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from telegram import Update

from bot.conversation import arrive, lead
from bot.conversation.situation import Situation, Visit
from bot.desk import Desk
from bot.export_job import written
from bot.process.plan import House
from bot.reply import Reply
from storage.db import Tx

Handler = Callable[[Update, Any], Coroutine[Any, Any, None]]


def status(desk: Desk) -> Handler:
    async def handle(update: Update, _: object) -> None:
        message = update.message
        assert message is not None and message.from_user is not None  # noqa: S101  # commands are messages
        reply = await desk.act(desk.visit(message.from_user), _or_unknown(lead.status))
        await desk.show(message.chat.id, reply)

    return handle


def export(desk: Desk) -> Handler:
    async def handle(update: Update, _: object) -> None:
        message = update.message
        assert message is not None and message.from_user is not None  # noqa: S101  # commands are messages
        wanted = (message.text or "").partition(" ")[2].strip().casefold() or "csv"
        reply = await desk.act(
            desk.visit(message.from_user), _or_unknown(lambda s: lead.export(s, wanted))
        )  # fmt: skip
        await desk.show(message.chat.id, reply)
        if reply.making is None:
            return
        made = await written(desk.database, reply.making, wanted)
        await desk.show(message.chat.id, lead.exported(reply, made.attachment, made.rows))

    return handle


def _or_unknown(use_case: Callable[[Situation], Reply]) -> Callable[[Tx, House, Visit], Reply]:
    """To someone without the right the command does not exist."""

    return lambda tx, house, visit: arrive.known(tx, house, visit, lead.or_unknown(use_case))

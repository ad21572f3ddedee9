"""What those with a role do on Telegram: their menu, how it goes, a file handed in, the answers taken out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from telegram import Update
from telegram.error import TelegramError

from bot.conversation import arrive, handed, turn
from bot.conversation import export as exports
from bot.conversation.handed import Handed
from bot.conversation.situation import Situation, Visit, load
from bot.desk import Desk
from bot.export_job import written
from bot.process.plan import House
from bot.reply import Reply
from storage.db import Tx

log = logging.getLogger(__name__)

Handler = Callable[[Update, Any], Coroutine[Any, Any, None]]


def _panel(path: str) -> Callable[[Desk], Handler]:
    def maker(desk: Desk) -> Handler:
        async def handle(update: Update, _: object) -> None:
            message = update.message
            assert message is not None and message.from_user is not None  # noqa: S101  # commands are messages
            reply = await desk.act(desk.visit(message.from_user), _known(arrive.panel(path)))
            await desk.show(message.chat.id, reply)

        return handle

    return maker


menu = _panel("leder")
coverage = _panel("daekning")


def file(desk: Desk) -> Handler:
    """A file, fetched and looked at only where a panel of the person's waits for one."""

    async def handle(update: Update, _: object) -> None:
        message = update.message
        assert message is not None and message.from_user is not None  # noqa: S101  # the filter lets only these through
        assert message.document is not None  # noqa: S101  # as above
        visit = desk.visit(message.from_user, int(message.date.timestamp()))
        taken = Handed("", None, "not-a-table")
        if await desk.database.read(lambda tx: _waits(tx, desk.house, visit)):
            taken = await _fetched(desk, message.document.file_id, message.document.file_size or 0)
        reply = await desk.act(visit, _known(lambda s: turn.handed_in(s, taken)))
        await desk.show(message.chat.id, reply)

    return handle


def _waits(tx: Tx, house: House, visit: Visit) -> bool:
    s = load(tx, house, visit)
    return s is not None and turn.waits_for_file(s)


async def _fetched(desk: Desk, file_id: str, size: int) -> Handed:
    """Read beside the loop. What is too large by what Telegram says of it is not fetched at all."""
    if size > handed.LARGEST:
        return Handed("", None, "too-large")
    try:
        content = await desk.fetch(file_id)
    except TelegramError as error:
        log.warning("file error=%s", type(error).__name__)
        return Handed("", None, "not-fetched")
    return await asyncio.to_thread(handed.read, "", content)


def export(desk: Desk) -> Handler:
    async def handle(update: Update, _: object) -> None:
        message = update.message
        assert message is not None and message.from_user is not None  # noqa: S101  # commands are messages
        wanted = (message.text or "").partition(" ")[2].strip().casefold() or "csv"
        case = arrive.or_unknown(lambda s: exports.export(s, wanted))
        reply = await desk.act(desk.visit(message.from_user), _known(case))
        await desk.show(message.chat.id, reply)
        if reply.making is None:
            return
        made = await written(desk.database, reply.making, wanted)
        await desk.show(message.chat.id, exports.exported(reply, made.attachment, made.rows))

    return handle


def _known(use_case: Callable[[Situation], Reply]) -> Callable[[Tx, House, Visit], Reply]:
    return lambda tx, house, visit: arrive.known(tx, house, visit, use_case)

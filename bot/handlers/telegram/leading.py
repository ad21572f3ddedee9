"""What those with a role do on Telegram: their menu, how it goes, a file handed in, the answers taken out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from telegram import Update
from telegram.error import TelegramError

from bot.channels.telegram.dispatcher import Dispatcher
from bot.dialogue import commands, dispatch
from bot.dialogue.reply import Reply
from bot.dialogue.session import Session, Visit, load
from bot.dialogue.upload import LARGEST_UPLOAD, Upload, read_upload
from bot.features.export.job import written
from bot.features.export.service import begin_export, finished_export
from bot.process.host import ProcessHost
from storage.db import Tx

log = logging.getLogger(__name__)
Handler = Callable[[Update, Any], Coroutine[Any, Any, None]]


def _panel(path: str) -> Callable[[Dispatcher], Handler]:
    def maker(desk: Dispatcher) -> Handler:
        async def handle(update: Update, _: object) -> None:
            message = update.message
            assert message is not None and message.from_user is not None  # noqa: S101  # commands are messages
            reply = await desk.act(desk.visit(message.from_user), _known(commands.panel(path)))
            await desk.show(message.chat.id, reply)

        return handle

    return maker


menu = _panel("leder")
coverage = _panel("daekning")


def file(desk: Dispatcher) -> Handler:
    """A file, fetched and looked at only where a panel of the person's waits for one."""

    async def handle(update: Update, _: object) -> None:
        message = update.message
        assert message is not None and message.from_user is not None  # noqa: S101  # the filter lets only these through
        assert message.document is not None  # noqa: S101  # as above
        visit = desk.visit(message.from_user, int(message.date.timestamp()))
        taken = Upload("", None, "not-a-table")
        if await desk.database.read(lambda tx: _waits(tx, desk.house, visit)):
            taken = await _fetched(desk, message.document.file_id, message.document.file_size or 0)
        reply = await desk.act(visit, _known(lambda s: dispatch.handed_in(s, taken)))
        await desk.show(message.chat.id, reply)

    return handle


def _waits(tx: Tx, house: ProcessHost, visit: Visit) -> bool:
    s = load(tx, house, visit)
    return s is not None and dispatch.waits_for_file(s)


async def _fetched(desk: Dispatcher, file_id: str, size: int) -> Upload:
    """Read beside the loop. What is too large by what Telegram says of it is not fetched at all."""
    if size > LARGEST_UPLOAD:
        return Upload("", None, "too-large")
    try:
        content = await desk.fetch(file_id)
    except TelegramError as error:
        log.warning("file error=%s", type(error).__name__)
        return Upload("", None, "not-fetched")
    return await asyncio.to_thread(read_upload, "", content)


def export(desk: Dispatcher) -> Handler:
    async def handle(update: Update, _: object) -> None:
        message = update.message
        assert message is not None and message.from_user is not None  # noqa: S101  # commands are messages
        wanted = (message.text or "").partition(" ")[2].strip().casefold() or "csv"
        case = commands.or_unknown(lambda s: begin_export(s, wanted))
        reply = await desk.act(desk.visit(message.from_user), _known(case))
        await desk.show(message.chat.id, reply)
        if reply.making is None:
            return
        made = await written(desk.database, reply.making, wanted)
        await desk.show(message.chat.id, finished_export(reply, made.attachment, made.rows))

    return handle


def _known(use_case: Callable[[Session], Reply]) -> Callable[[Tx, ProcessHost, Visit], Reply]:
    return lambda tx, house, visit: commands.known(tx, house, visit, use_case)

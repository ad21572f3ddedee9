"""Uploads to a panel that waits for a file."""

from __future__ import annotations

import logging

from telegram import Update
from telegram.error import TelegramError

from bot.channels.telegram.dispatcher import Dispatcher
from bot.dialogue import panel_navigation
from bot.dialogue.commands import for_known
from bot.dialogue.session import Context, Visit, load
from bot.dialogue.upload import LARGEST_UPLOAD, Upload, read_upload
from bot.handlers.telegram import captions, elsewhere
from bot.handlers.telegram.captions import Albums
from bot.handlers.telegram.updates import Handler, message_of
from storage.db import Tx

log = logging.getLogger(__name__)


def receive_document(dispatcher: Dispatcher, albums: Albums) -> Handler:
    """A file, fetched and looked at only where a panel of the person's waits for one. Elsewhere the words under it
    are what was said."""
    words, nothing = captions.said(dispatcher, albums), elsewhere.not_text(dispatcher, albums)

    async def handle(update: Update, context: object) -> None:
        message, user = message_of(update)
        document = message.document
        if document is None:
            raise LookupError("no document")
        visit = dispatcher.visit(user, int(message.date.timestamp()))
        if not await dispatcher.database.read(lambda tx: _waits(tx, dispatcher.context, visit)):
            is_said = message.caption and not message.caption.startswith("/")
            await (words if is_said else nothing)(update, context)
            return
        taken = await _fetched(dispatcher, document.file_id, document.file_size or 0)
        reply = await dispatcher.act(visit, for_known(lambda s: panel_navigation.receive_upload(s, taken)))
        await dispatcher.show(message.chat.id, reply)

    return handle


def _waits(tx: Tx, context: Context, visit: Visit) -> bool:
    s = load(tx, context, visit)
    return s is not None and panel_navigation.waits_for_file(s)


async def _fetched(dispatcher: Dispatcher, file_id: str, size: int) -> Upload:
    """Read beside the bot. What is too large by what Telegram says of it is not fetched at all."""
    if size > LARGEST_UPLOAD:
        return Upload("", None, "too-large")
    try:
        content = await dispatcher.fetch(file_id)
    except TelegramError as error:
        log.warning("file error=%s", type(error).__name__)
        return Upload("", None, "not-fetched")
    return await read_upload("", content)

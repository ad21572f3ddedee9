"""Words under a picture, a film, a recording or a file; and the pictures of an album, which come one by one."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

from telegram import Message, Update

from bot.channels.telegram.dispatcher import Dispatcher
from bot.dialogue.reply import Reply
from bot.dialogue.session import Context, Visit
from bot.features.answering import captions
from bot.features.answering.captions import Over
from bot.flows.engine import Said
from bot.handlers.telegram.updates import Handler, message_of, replied_to
from storage.db import Tx


@dataclass(slots=True)
class Albums:
    """Which albums have been answered to: what is to be said of one is said once. Forgotten by a restart, so that
    nothing goes unsaid."""

    most: int = 1000
    _answered: OrderedDict[tuple[int, str], None] = field(default_factory=OrderedDict)

    def answered(self, message: Message) -> bool:
        return (message.chat.id, message.media_group_id or "") in self._answered

    def note(self, message: Message) -> None:
        """Once the answer is out."""
        if message.media_group_id is not None:
            self._answered[message.chat.id, message.media_group_id] = None
        if len(self._answered) > self.most:
            self._answered.popitem(last=False)


def said(dispatcher: Dispatcher, albums: Albums) -> Handler:
    async def handle(update: Update, _: object) -> None:
        message, user = message_of(update)
        what, told = Said(message.caption or "", message.message_id), albums.answered(message)
        replied = replied_to(message)

        def use_case(tx: Tx, context: Context, visit: Visit) -> Reply:
            return captions.said(tx, context, visit, what, _over(message), replied, told=told)

        visit = dispatcher.visit(user, int(message.date.timestamp()))
        await dispatcher.show(message.chat.id, await dispatcher.act(visit, use_case))
        albums.note(message)

    return handle


def _over(message: Message) -> Over:
    if message.media_group_id is not None and message.document is None:
        return Over.ALBUM
    if message.photo:
        return Over.PICTURE
    if message.video is not None or message.animation is not None:
        return Over.FILM
    return Over.RECORDING if message.voice is not None or message.audio is not None else Over.FILE

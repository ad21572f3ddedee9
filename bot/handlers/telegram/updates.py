"""What a handler needs of an update, as types that say it is there. The filters let nothing else through."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from telegram import CallbackQuery, Message, Update, User

from bot.dialogue.chat_message import ChatMessage

Handler = Callable[[Update, Any], Coroutine[Any, Any, None]]


def message_of(update: Update) -> tuple[Message, User]:
    """A person's message, new or edited, and who wrote it. Raises LookupError."""
    message = update.message or update.edited_message
    if message is None or message.from_user is None:
        raise LookupError("no message of a person")
    return message, message.from_user


def replied_to(message: Message) -> ChatMessage | None:
    """The message of ours that somebody replies to."""
    replied = message.reply_to_message
    if replied is None or replied.from_user is None or not replied.from_user.is_bot:
        return None
    rows = replied.reply_markup.inline_keyboard if replied.reply_markup is not None else ()
    buttons = tuple((button.text, str(button.callback_data or "")) for row in rows for button in row)
    return ChatMessage(int(replied.date.timestamp()), buttons, replied.message_id)


def query_of(update: Update) -> CallbackQuery:
    """A tap. Raises LookupError."""
    if update.callback_query is None:
        raise LookupError("no tap")
    return update.callback_query

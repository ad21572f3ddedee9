"""What a person can do on Telegram: the table of contents. One module per thing; each unpacks, calls one use case,
and shows the reply."""

from __future__ import annotations

from telegram.ext import CallbackQueryHandler, ChatMemberHandler, MessageHandler, filters

from bot.channels.telegram.dispatcher import Dispatcher
from bot.handlers.telegram import answering, captions, commands, elsewhere, files, proven
from bot.handlers.telegram.captions import Albums

PRIVATE = filters.ChatType.PRIVATE
NEW = filters.UpdateType.MESSAGE
EDITED = filters.UpdateType.EDITED_MESSAGE
DANISH = (
    r"^/\w+[\s.,!?]*$"  # `/hjælp`: no command to Telegram, which knows no æ, ø and å there, but surely meant as one
)


def add_handlers(dispatcher: Dispatcher) -> None:
    """Routes every update to the one thing it does. The first that fits takes it."""
    add = dispatcher.application.add_handler
    add(proven.Ours(proven.goes_on(dispatcher)))
    add(MessageHandler(PRIVATE & NEW & filters.Regex(DANISH) & ~filters.COMMAND, commands.command(dispatcher)))
    own, albums = ~filters.FORWARDED & ~filters.VIA_BOT, Albums()
    text = PRIVATE & filters.TEXT & ~filters.COMMAND & own
    caption = PRIVATE & filters.CAPTION & ~filters.CaptionRegex("^/") & own
    add(MessageHandler(text & NEW, answering.said(dispatcher)))
    add(CallbackQueryHandler(answering.tapped(dispatcher)))
    add(MessageHandler(PRIVATE & NEW & filters.COMMAND & ~filters.FORWARDED, commands.command(dispatcher)))
    add(MessageHandler((text | caption) & EDITED, answering.edited(dispatcher)))
    add(MessageHandler(PRIVATE & NEW & ~own, elsewhere.forwarded(dispatcher, albums)))
    add(MessageHandler(PRIVATE & NEW & filters.Document.ALL, files.receive_document(dispatcher, albums)))
    add(MessageHandler(caption & NEW, captions.said(dispatcher, albums)))
    add(MessageHandler(PRIVATE & NEW & ~filters.StatusUpdate.ALL, elsewhere.not_text(dispatcher, albums)))
    add(MessageHandler(filters.ChatType.GROUPS & NEW & ~filters.StatusUpdate.ALL, elsewhere.group(dispatcher)))
    add(ChatMemberHandler(elsewhere.membership(dispatcher), ChatMemberHandler.MY_CHAT_MEMBER))
    dispatcher.application.add_error_handler(dispatcher.note_fault)

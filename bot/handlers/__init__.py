"""What a person can do on Telegram: the table of contents. One module per thing; each unpacks, calls one use case,
and shows the reply."""

from __future__ import annotations

from telegram.ext import CallbackQueryHandler, ChatMemberHandler, CommandHandler, MessageHandler, filters

from bot.desk import Desk
from bot.handlers import answering, commands, elsewhere, leading

PRIVATE = filters.ChatType.PRIVATE
NEW = filters.UpdateType.MESSAGE
EDITED = filters.UpdateType.EDITED_MESSAGE

# A command, the words people may write for it, and what it calls.
COMMANDS = (
    (("start",), commands.start),
    (("fortsaet",), commands.resume),
    (("ret",), commands.correct),
    (("mine",), commands.mine),
    (("slet",), commands.erase),
    (("stop",), commands.stop),
    (("rolle",), commands.role),
    (("sprog",), commands.language),
    (("privatliv", "privacy"), commands.privacy),
    (("hjaelp", "help"), commands.help_),
    (("status",), leading.status),
    (("eksport",), leading.export),
)


def register(desk: Desk) -> None:
    """Routes every update to the one thing it does. The first that fits takes it."""
    add = desk.application.add_handler
    text = PRIVATE & filters.TEXT & ~filters.COMMAND & ~filters.FORWARDED & ~filters.VIA_BOT
    add(MessageHandler(text & NEW, answering.said(desk)))
    add(CallbackQueryHandler(answering.tapped(desk)))
    for names, handler in COMMANDS:
        add(CommandHandler(list(names), handler(desk), filters=PRIVATE & NEW & ~filters.FORWARDED))
    add(MessageHandler(text & EDITED, answering.edited(desk)))
    add(MessageHandler(PRIVATE & NEW & (filters.FORWARDED | filters.VIA_BOT), elsewhere.forwarded(desk)))
    add(MessageHandler(PRIVATE & NEW & filters.COMMAND, commands.unknown(desk)))
    add(MessageHandler(PRIVATE & NEW & ~filters.StatusUpdate.ALL, elsewhere.not_text(desk)))
    add(MessageHandler(filters.ChatType.GROUPS & NEW & ~filters.StatusUpdate.ALL, elsewhere.group(desk)))
    add(ChatMemberHandler(elsewhere.membership(desk), ChatMemberHandler.MY_CHAT_MEMBER))
    desk.application.add_error_handler(desk.note_fault)

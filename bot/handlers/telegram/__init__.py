"""What a person can do on Telegram: the table of contents. One module per thing; each unpacks, calls one use case,
and shows the reply."""

from __future__ import annotations

from telegram import Update
from telegram.ext import CallbackQueryHandler, ChatMemberHandler, CommandHandler, MessageHandler, filters

from bot.channels.telegram.dispatcher import Dispatcher
from bot.dialogue.commands import spelled
from bot.handlers.telegram import answering, commands, elsewhere, leading

PRIVATE = filters.ChatType.PRIVATE
NEW = filters.UpdateType.MESSAGE
EDITED = filters.UpdateType.EDITED_MESSAGE

# A command, the words people may write for it, and what it calls.
COMMANDS = (
    (("start",), commands.start),
    (("fortsaet",), commands.resume),
    (("ret",), commands.correct),
    (("moeder",), commands.meetings),
    (("mine",), commands.mine),
    (("slet",), commands.erase),
    (("stop",), commands.stop),
    (("rolle",), commands.role),
    (("web",), commands.web),
    (("sprog",), commands.language),
    (("privatliv", "privacy"), commands.privacy),
    (("hjaelp", "help"), commands.help_),
    (("sammen",), commands.together),
    (("leder",), leading.menu),
    (("daekning", "status"), leading.coverage),
    (("eksport",), leading.export),
)


def _in_danish(desk: Dispatcher) -> commands.Handler:
    """`/hjælp` and `/fortsæt`: no commands to Telegram, which knows no æ, ø and å there, but surely meant as such."""
    by_name = {name: handler(desk) for names, handler in COMMANDS for name in names}
    unknown = commands.unknown(desk)

    async def handle(update: Update, context: object) -> None:
        text = update.message.text if update.message is not None else None
        await by_name.get(spelled(text or ""), unknown)(update, context)

    return handle


def add_handlers(desk: Dispatcher) -> None:
    """Routes every update to the one thing it does. The first that fits takes it."""
    add = desk.application.add_handler
    add(MessageHandler(PRIVATE & NEW & filters.Regex(r"^/\w+\s*$") & ~filters.COMMAND, _in_danish(desk)))
    text = PRIVATE & filters.TEXT & ~filters.COMMAND & ~filters.FORWARDED & ~filters.VIA_BOT
    add(MessageHandler(text & NEW, answering.said(desk)))
    add(CallbackQueryHandler(answering.tapped(desk)))
    for names, handler in COMMANDS:
        add(CommandHandler(list(names), handler(desk), filters=PRIVATE & NEW & ~filters.FORWARDED))
    add(MessageHandler(text & EDITED, answering.edited(desk)))
    add(MessageHandler(PRIVATE & NEW & (filters.FORWARDED | filters.VIA_BOT), elsewhere.forwarded(desk)))
    add(MessageHandler(PRIVATE & NEW & filters.COMMAND, commands.unknown(desk)))
    add(MessageHandler(PRIVATE & NEW & filters.Document.ALL & ~filters.FORWARDED, leading.file(desk)))
    add(MessageHandler(PRIVATE & NEW & ~filters.StatusUpdate.ALL, elsewhere.not_text(desk)))
    add(MessageHandler(filters.ChatType.GROUPS & NEW & ~filters.StatusUpdate.ALL, elsewhere.group(desk)))
    add(ChatMemberHandler(elsewhere.membership(desk), ChatMemberHandler.MY_CHAT_MEMBER))
    desk.application.add_error_handler(desk.note_fault)

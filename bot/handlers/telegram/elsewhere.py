"""What is no answer: pictures, stickers, forwarded messages, groups, and being blocked. Each gets a kind word."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from telegram import ChatMember, Update

from bot import texts
from bot.channels.telegram import render
from bot.channels.telegram.dispatcher import Dispatcher, language_of
from bot.dialogue import dispatch, screens
from bot.dialogue.commands import for_known
from bot.dialogue.reply import Reply
from bot.dialogue.session import TELEGRAM, Context, Session, Visit
from bot.handlers.telegram.captions import Albums
from bot.handlers.telegram.updates import Handler
from storage import people
from storage.db import Tx

BLOCKED = (ChatMember.BANNED, ChatMember.LEFT)


def _not_text(s: Session) -> str:
    """U8: a picture, a sticker, a voice message."""
    return s.say("said.not-text")


def _forwarded(s: Session) -> str:
    return s.say("said.forwarded")


def _refused(note: Callable[[Session], str]) -> Callable[[Dispatcher, Albums], Handler]:
    """Kindly refused, an album once; the open question stays."""

    def use_case(s: Session) -> Reply:
        return dispatch.shown_again(s) if s.visit.again else screens.words(s, note(s))

    def maker(dispatcher: Dispatcher, albums: Albums) -> Handler:
        async def handle(update: Update, _: object) -> None:
            message = update.message
            if message is None or message.from_user is None or albums.answered(message):
                return
            visit = dispatcher.visit(message.from_user, int(message.date.timestamp()))
            await dispatcher.show(message.chat.id, await dispatcher.act(visit, for_known(use_case)))
            albums.note(message)

        return handle

    return maker


not_text = _refused(_not_text)
forwarded = _refused(_forwarded)


def group(dispatcher: Dispatcher) -> Handler:
    """In a group nothing is asked and nothing is stored: here is the way to a chat of one's own."""

    async def handle(update: Update, _: object) -> None:
        message = update.message
        if message is None or message.from_user is None or message.from_user.is_bot:
            return
        language = language_of(message.from_user)
        link = f"https://t.me/{dispatcher.bot.username}?start="
        words = escape(texts.say(language, "group.private"), quote=False)
        await dispatcher.messenger.say(
            message.chat.id, words, render.link_button(texts.say(language, "group.open"), link)
        )

    return handle


def membership(dispatcher: Dispatcher) -> Handler:
    """my_chat_member: in a private chat only when the person blocks or unblocks us."""

    async def handle(update: Update, _: object) -> None:
        change = update.my_chat_member
        if change is None or change.chat.id != change.from_user.id:
            return
        blocked = change.new_chat_member.status in BLOCKED

        def use_case(tx: Tx, _: Context, visit: Visit) -> None:
            people.set_unreachable(tx, TELEGRAM, visit.address, unreachable=blocked)

        await dispatcher.act(dispatcher.visit(change.from_user), use_case)

    return handle

"""What is no answer: pictures, stickers, forwarded messages, groups, and being blocked. Each gets a kind word."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from html import escape
from typing import Any

from telegram import ChatMember, Update

from bot import telegram, texts
from bot.conversation import arrive
from bot.conversation.situation import Situation, Visit
from bot.desk import CHANNEL, Desk, language_of
from bot.process.plan import House
from bot.reply import Reply
from storage import people
from storage.db import Tx

Handler = Callable[[Update, Any], Coroutine[Any, Any, None]]
BLOCKED = (ChatMember.BANNED, ChatMember.LEFT)


def _refused(use_case: Callable[[Situation], Reply]) -> Callable[[Desk], Handler]:
    def maker(desk: Desk) -> Handler:
        async def handle(update: Update, _: object) -> None:
            message = update.message
            if message is None or message.from_user is None:
                return
            visit = desk.visit(message.from_user, int(message.date.timestamp()))
            reply = await desk.act(visit, lambda tx, house, visit: arrive.known(tx, house, visit, use_case))
            await desk.show(message.chat.id, reply)

        return handle

    return maker


not_text = _refused(arrive.not_text)
forwarded = _refused(arrive.forwarded)


def group(desk: Desk) -> Handler:
    """In a group nothing is asked and nothing is stored: here is the way to a chat of one's own."""

    async def handle(update: Update, _: object) -> None:
        message = update.message
        if message is None or message.from_user is None or message.from_user.is_bot:
            return
        language = language_of(message.from_user)
        link = f"https://t.me/{desk.bot.username}?start="
        words = escape(texts.say(language, "group.private"), quote=False)
        await desk.say(message.chat.id, words, telegram.link_button(texts.say(language, "group.open"), link))

    return handle


def membership(desk: Desk) -> Handler:
    """my_chat_member: in a private chat only when the person blocks or unblocks us."""

    async def handle(update: Update, _: object) -> None:
        change = update.my_chat_member
        if change is None or change.chat.id != change.from_user.id:
            return
        blocked = change.new_chat_member.status in BLOCKED

        def use_case(tx: Tx, _: House, visit: Visit) -> None:
            people.mark_reachable(tx, CHANNEL, visit.address, unreachable=blocked)

        await desk.act(desk.visit(change.from_user), use_case)

    return handle

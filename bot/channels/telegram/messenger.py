"""Sends to Telegram: replies, files, edits in place, messages of the outbox; in doubt again, at the allowed pace.

Not here: what Telegram's errors mean (errors), how a reply looks (render), what an update means (handlers).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

from telegram import Bot, InlineKeyboardMarkup, InputFile
from telegram.error import RetryAfter, TelegramError

from bot.backoff import PATIENT, Patience, back_off
from bot.channels.telegram import errors, render
from bot.channels.telegram.errors import Meaning
from bot.channels.telegram.http import Plain
from bot.channels.telegram.queues import Spawn
from bot.channels.telegram.rate_limiter import Priority, RateLimiter
from bot.channels.telegram.render import Drawn, Keyboard
from bot.dialogue.reply import Attachment, Reply
from bot.outbox.errors import PermanentFailure, RecipientUnreachable, RetryLater

log = logging.getLogger(__name__)
NO_PREVIEW = {"is_disabled": True}


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A message that is out: Telegram's number and date (UTC seconds) of it."""

    message: int
    date: int
    again: bool = False  # an earlier attempt may have got through


@dataclass(slots=True)
class Messenger:
    bot: Bot
    rate_limiter: RateLimiter
    spawn: Spawn
    patience: Patience = PATIENT
    _looks: dict[tuple[int, int], Reply] = field(default_factory=dict)  # what a message is to look like

    # --- replies ----------------------------------------------------------------------------------------

    async def show(self, chat: int, reply: Reply, tapped: int | None = None) -> SentMessage | None:
        """Sends the reply and returns the last message of its prompt. The tapped message is redrawn concurrently and
        may change later."""
        if reply.delivery.redraw and tapped is not None:
            self._redraw(chat, tapped, replace(reply, files=replace(reply.files, makes=())))
            await self._send_made(chat, reply)
            return None
        sent = None
        for drawn in render.draw(reply):
            sent = await self._send(chat, drawn) or sent
        if reply.files.attachment is not None:
            await self._send_file(chat, reply.files.attachment.name, reply.files.attachment.content)
        await self._send_made(chat, reply)
        if reply.delivery.left is not None and tapped is not None:
            self._redraw(chat, tapped, reply.delivery.left)
        return sent if reply.number else None

    async def _send_made(self, chat: int, reply: Reply) -> None:
        """Files that take their time, made in a thread, each sent when it is done."""
        for make in reply.files.makes:
            made = await asyncio.to_thread(make)
            await self._send_file(chat, made.name, made.content, made.picture)

    async def say(self, chat: int, html: str, keyboard: Keyboard | None = None) -> None:
        """Words outside any prompt; `html` is escaped by the caller."""
        await self._send(chat, Drawn(html, keyboard))

    async def _send(self, chat: int, drawn: Drawn, priority: Priority = Priority.REPLY) -> SentMessage | None:
        async def call(parse_mode: str | None) -> SentMessage:
            return await self._call_api(
                "sendMessage",
                chat_id=chat,
                text=drawn.html,
                parse_mode=parse_mode,
                reply_markup=drawn.keyboard,
                link_preview_options=NO_PREVIEW,
            )

        return await self._deliver(chat, priority, call)

    async def _call_api(self, method: str, **values: Any) -> SentMessage:
        """Calls the Bot API directly, bypassing PTB's objects on the hot path (`http.Plain`). Raises what PTB's own
        calls raise."""
        result = await self.bot.request.post(f"{self.bot.base_url}/{method}", Plain(**values))
        return SentMessage(result["message_id"], result["date"]) if isinstance(result, dict) else SentMessage(0, 0)

    async def _send_file(
        self, chat: int, name: str, content: bytes, picture: str | None = None, priority: Priority = Priority.REPLY
    ) -> None:
        """As a picture with its words below where it is one, else as a file."""

        async def call(_: str | None) -> SentMessage:
            file = InputFile(content, filename=name)
            if picture is not None:
                message = await self.bot.send_photo(chat, file, caption=picture[: render.LONGEST_CAPTION])
            else:
                message = await self.bot.send_document(chat, file)
            return SentMessage(message.message_id, int(message.date.timestamp()))

        await self._deliver(chat, priority, call)

    async def _deliver(
        self, chat: int, priority: Priority, call: Callable[[str | None], Awaitable[SentMessage]]
    ) -> SentMessage | None:
        """Retries until the message is sent. When in doubt it sends again, because a duplicate reply is better than
        none. A bulk message is tried once; it stays in the outbox."""
        parse_mode: str | None = "HTML"
        in_doubt = False
        for delay in back_off(self.patience.again):
            try:
                async with self.rate_limiter.slot(chat, priority):
                    sent = await call(parse_mode)
                return replace(sent, again=True) if in_doubt else sent
            except TelegramError as error:
                match errors.meaning(error):
                    case Meaning.DONE:
                        return None
                    case Meaning.UNREACHABLE:
                        raise RecipientUnreachable(address=str(chat)) from None
                    case Meaning.PLAIN if parse_mode is not None:
                        log.error("markup refused: sent as plain text")
                        parse_mode = None
                    case Meaning.LATER if priority is Priority.BULK:
                        if isinstance(error, RetryAfter):
                            self._cool(chat, error)
                        raise
                    case Meaning.LATER:
                        in_doubt = in_doubt or errors.may_have_got_through(error)
                        await self._wait(chat, error, delay)
                    case Meaning.PLAIN | Meaning.GONE | Meaning.NEVER:
                        raise
        return None

    async def _wait(self, chat: int, error: TelegramError, delay: float) -> None:
        if isinstance(error, RetryAfter):
            self._cool(chat, error)
            return
        log.warning("send error=%s retry_in=%.1f", type(error).__name__, delay)
        await asyncio.sleep(delay)

    def _cool(self, chat: int, error: RetryAfter) -> None:
        self.rate_limiter.cool(chat, error._retry_after.total_seconds())

    # --- drawing over what was tapped -------------------------------------------------------------------

    def _redraw(self, chat: int, message: int, reply: Reply) -> None:
        """The message's newest look wins: six boxes ticked at once are one edit, not six that each wait a second.

        Not waited for and not repeated after a crash: the buttons of an old drawing still do the right thing.
        """
        key = (chat, message)
        busy = key in self._looks
        self._looks[key] = reply
        if not busy:
            self.spawn(self._draw_over(key))

    async def _draw_over(self, key: tuple[int, int]) -> None:
        chat, message = key
        drawn_last: Reply | None = None
        try:
            while (reply := self._looks[key]) is not drawn_last:
                drawn_last = reply
                await self._edit(chat, message, reply)
        except (TelegramError, RecipientUnreachable) as error:
            log.info("redraw error=%s", type(error).__name__)
        finally:
            del self._looks[key]

    async def _edit(self, chat: int, message: int, reply: Reply) -> None:
        pieces = render.draw(reply)

        async def call(parse_mode: str | None) -> SentMessage:
            return await self._call_api(
                "editMessageText",
                chat_id=chat,
                message_id=message,
                text=pieces[-1].html,
                parse_mode=parse_mode,
                reply_markup=pieces[-1].keyboard,
                link_preview_options=NO_PREVIEW,
            )

        try:
            await self._deliver(chat, Priority.REMINDER, call)
        except TelegramError as error:
            if errors.meaning(error) is not Meaning.GONE or not reply.moves:
                raise
            for drawn in pieces:  # the person deleted the message whose buttons they need
                await self._send(chat, drawn)

    # --- messages of the outbox -------------------------------------------------------------------------

    async def deliver(self, chat: int, reply: Reply) -> int | None:
        """Sends a message of its own, beside where the person is; behind everybody's replies. Returns its date. Raises
        DeliveryError."""
        try:
            sent = await self._send_all(chat, reply)
        except RetryAfter as error:  # of this chat, which the rate limiter lets cool
            raise RetryLater(error._retry_after.total_seconds(), whole_channel=False) from None
        except TelegramError as error:
            what = type(error).__name__
            if errors.meaning(error) is Meaning.LATER:
                raise RetryLater(self.patience.outage, whole_channel=True, what=what) from None
            raise PermanentFailure(what) from None
        return sent.date if sent is not None else None

    async def _send_all(self, chat: int, reply: Reply) -> SentMessage | None:
        *first, last = render.draw(reply)
        for drawn in first:
            await self._send(chat, drawn, Priority.BULK)
        file = reply.files.attachment
        if file is not None and not first and render.fits_caption(last.html):
            return await self._send_with_file(chat, last, file)
        sent = await self._send(chat, last, Priority.BULK)
        if file is not None:
            await self._send_file(chat, file.name, file.content, priority=Priority.BULK)
        return sent

    async def _send_with_file(self, chat: int, drawn: Drawn, file: Attachment) -> SentMessage | None:
        """The words as the file's caption: one message, and so one of Telegram's turns."""

        async def call(parse_mode: str | None) -> SentMessage:
            message = await self.bot.send_document(
                chat,
                InputFile(file.content, filename=file.name),
                caption=drawn.html,
                parse_mode=parse_mode,
                reply_markup=InlineKeyboardMarkup.de_json(drawn.keyboard, self.bot) if drawn.keyboard else None,
            )
            return SentMessage(message.message_id, int(message.date.timestamp()))

        return await self._deliver(chat, Priority.BULK, call)

    # --- a tap's progress bar ----------------------------------------------------------------------------

    def answer_tap(self, query: str) -> None:
        """Stops the button's progress bar at once. Never a sign that something was saved."""
        self.spawn(self._answer_tap(query))

    async def _answer_tap(self, query: str) -> None:
        try:
            await self._call_api("answerCallbackQuery", callback_query_id=query)
        except TelegramError as error:  # it only stops a progress bar, and Telegram forgets it by itself
            log.debug("answerCallbackQuery error=%s", type(error).__name__)

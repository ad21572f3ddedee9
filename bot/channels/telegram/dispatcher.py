"""The desk between Telegram and the use cases: one update's effects committed once, its reply sent, then settled.

Handlers ask it for two things: `act` (a use case, in a transaction that also marks the update as applied) and
`show` (a reply). Not here: what an update means (handlers), what Telegram's errors mean (bot.channels.telegram.render).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from telegram import Bot, InlineKeyboardMarkup, InputFile, Update, User
from telegram.error import RetryAfter, TelegramError
from telegram.ext import Application

from bot import texts
from bot.backoff import back_off
from bot.channels.telegram import errors, render
from bot.channels.telegram.errors import Meaning
from bot.channels.telegram.http import Plain
from bot.channels.telegram.messenger import SentMessage, Unreachable
from bot.channels.telegram.queues import Spawn
from bot.channels.telegram.rate_limiter import Priority, RateLimiter
from bot.channels.telegram.render import Drawn, Keyboard
from bot.dialogue import after_outage
from bot.dialogue.reply import Attachment, Reply
from bot.dialogue.session import TELEGRAM, Context, Visit
from bot.flows.model import Language
from bot.outbox.errors import PermanentFailure, RecipientUnreachable, RetryLater
from storage import inbox, people, prompts
from storage.db import Database, Tx
from storage.inbox import InboxUpdate

log = logging.getLogger(__name__)
T = TypeVar("T")
RETRY = 10  # seconds until Telegram is tried again with what we owe after it could not be reached
NO_PREVIEW = {"is_disabled": True}


@dataclass(slots=True)
class UpdateContext:
    """One update on its way through."""

    update: InboxUpdate
    again: bool = False  # its effects were committed before; the prompt may have been seen then already
    fault: Exception | None = None
    shown: list[tuple[Reply, SentMessage]] = field(default_factory=list)


_current: ContextVar[UpdateContext] = ContextVar("errand")


@dataclass(slots=True)
class Dispatcher:
    application: Application  # type: ignore[type-arg]  # PTB's six type parameters say nothing here
    database: Database
    context: Context
    pacer: RateLimiter
    clock: Callable[[], float]
    spawn: Spawn
    _looks: dict[tuple[int, int], Reply] = field(default_factory=dict)  # what a message is to look like

    @property
    def bot(self) -> Bot:
        bot: Bot = self.application.bot
        return bot

    # --- one update -------------------------------------------------------------------------------------

    async def handle(self, waiting: InboxUpdate) -> None:
        """Carries one update through: handler, reply, settled. Raises what the handler raised."""
        errand = UpdateContext(waiting)
        _current.set(errand)
        update = Update.de_json(waiting.update, self.bot)
        try:
            await self.application.process_update(update)
            if errand.fault is not None:
                raise errand.fault
        except Unreachable as error:
            await self._lost_touch(error.chat)
        await self.database.write(lambda tx: _settle(tx, errand))

    async def note_fault(self, _update: object, context: object) -> None:
        """PTB's error handler: process_update swallows what a handler raises; here it is kept for `handle`."""
        error = getattr(context, "error", None)
        _current.get().fault = error if isinstance(error, Exception) else RuntimeError("handler failed")

    async def act(self, visit: Visit, use_case: Callable[[Tx, Context, Visit], T]) -> T:
        """The use case's effects, committed once for this update. Done before, only its reply is made again."""
        errand = _current.get()

        def unit(tx: Tx) -> T:
            errand.again = not inbox.apply(tx, errand.update.seq)
            return use_case(tx, self.context, replace(visit, again=errand.again))

        return await self.database.write(unit)

    def visit(self, user: User, sent_at: int | None = None) -> Visit:
        now = int(self.clock())
        return Visit(TELEGRAM, str(user.id), now, now if sent_at is None else sent_at, language_of(user))

    # --- sending ----------------------------------------------------------------------------------------

    async def show(self, chat: int, reply: Reply, tapped: int | None = None) -> None:
        """Sends the reply. What becomes of the message that was tapped is drawn beside it, and may come later."""
        if reply.delivery.redraw and tapped is not None:
            self._redraw(chat, tapped, replace(reply, files=replace(reply.files, makes=())))
            await self._send_made(chat, reply)
            return
        for drawn in render.draw(reply):
            message = await self._send(chat, drawn)
            if message is not None and reply.number:
                _current.get().shown.append((reply, message))
        if reply.files.attachment is not None:
            await self._send_file(chat, reply.files.attachment.name, reply.files.attachment.content)
        await self._send_made(chat, reply)
        if reply.delivery.left is not None and tapped is not None:
            self._redraw(chat, tapped, reply.delivery.left)

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
            return await self._post(
                "sendMessage",
                chat_id=chat,
                text=drawn.html,
                parse_mode=parse_mode,
                reply_markup=drawn.keyboard,
                link_preview_options=NO_PREVIEW,
            )

        return await self._deliver(chat, priority, call)

    async def _post(self, method: str, **values: Any) -> SentMessage:
        """The hot path's calls, around PTB's objects (`http.Plain`). Raises as every call of PTB does."""
        result = await self.bot.request.post(f"{self.bot.base_url}/{method}", Plain(**values))
        return SentMessage(result["message_id"], result["date"]) if isinstance(result, dict) else SentMessage(0, 0)

    async def fetch(self, file_id: str) -> bytes:
        """A file that a person sent. Raises TelegramError."""
        file = await self.bot.get_file(file_id)
        return bytes(await file.download_as_bytearray())

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
        """Until it is out. In doubt it is sent again: a reply shown twice is better than none. What is of many is tried
        once: it waits in the outbox."""
        parse_mode: str | None = "HTML"
        for delay in back_off():
            try:
                async with self.pacer.slot(chat, priority):
                    return await call(parse_mode)
            except TelegramError as error:
                match errors.meaning(error):
                    case Meaning.DONE:
                        return None
                    case Meaning.UNREACHABLE:
                        raise Unreachable(chat) from None
                    case Meaning.PLAIN if parse_mode is not None:
                        log.error("markup refused: sent as plain text")
                        parse_mode = None
                    case Meaning.LATER if priority is Priority.BULK:
                        if isinstance(error, RetryAfter):
                            self._cool(chat, error)
                        raise
                    case Meaning.LATER:
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
        self.pacer.cool(chat, error._retry_after.total_seconds())

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
        except (TelegramError, Unreachable) as error:
            log.info("redraw error=%s", type(error).__name__)
        finally:
            del self._looks[key]

    async def _edit(self, chat: int, message: int, reply: Reply) -> None:
        pieces = render.draw(reply)

        async def call(parse_mode: str | None) -> SentMessage:
            return await self._post(
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

    async def offer_again(self, chat: int, number: int) -> None:
        """Their screen once more, after we were away. The next heartbeat waits for it, so a crash repeats it."""
        now = int(self.clock())
        visit = Visit(TELEGRAM, str(chat), now, now)
        reply = await self.database.write(lambda tx: after_outage.offer(tx, self.context, visit, number))
        if reply is None:
            return
        try:
            for drawn in render.draw(reply):
                await self._send(chat, drawn, Priority.REMINDER)
        except Unreachable:
            await self._lost_touch(chat)

    async def send_owed(self, chat: int, reply: Reply) -> None:
        """A message of its own, beside where the person is; behind everybody's replies. Raises NotNow, OutOfReach and
        Hopeless."""
        try:
            await self._send_owed(chat, reply)
        except Unreachable:
            raise RecipientUnreachable from None
        except RetryAfter as error:  # of this chat, which the pacer lets cool
            raise RetryLater(error._retry_after.total_seconds(), everybody=False) from None
        except TelegramError as error:
            what = type(error).__name__
            if errors.meaning(error) is Meaning.LATER:
                raise RetryLater(RETRY, everybody=True, what=what) from None
            raise PermanentFailure(what) from None

    async def _send_owed(self, chat: int, reply: Reply) -> None:
        *first, last = render.draw(reply)
        for drawn in first:
            await self._send(chat, drawn, Priority.BULK)
        file = reply.files.attachment
        if file is not None and not first and render.fits_caption(last.html):
            await self._send_with_file(chat, last, file)
            return
        await self._send(chat, last, Priority.BULK)
        if file is not None:
            await self._send_file(chat, file.name, file.content, priority=Priority.BULK)

    async def _send_with_file(self, chat: int, drawn: Drawn, file: Attachment) -> None:
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

        await self._deliver(chat, Priority.BULK, call)

    async def _lost_touch(self, chat: int) -> None:
        address = str(chat)
        await self.database.write(lambda tx: people.mark_reachable(tx, TELEGRAM, address, unreachable=True))

    def answer_tap(self, query: str) -> None:
        """Stops the button's progress bar at once. Never a sign that something was saved."""
        self.spawn(self._answer_tap(query))

    async def _answer_tap(self, query: str) -> None:
        try:
            await self._post("answerCallbackQuery", callback_query_id=query)
        except TelegramError as error:  # it only stops a progress bar, and Telegram forgets it by itself
            log.debug("answerCallbackQuery error=%s", type(error).__name__)


def _settle(tx: Tx, errand: UpdateContext) -> None:
    """The reply is out: the update is erased, and when its prompt was first seen is noted."""
    inbox.settle(tx, errand.update.seq)
    if not errand.shown:
        return
    reply, sent = errand.shown[-1]
    if reply.person_id is not None:
        at = None if errand.again else sent.date  # shown again after a restart: it may have been seen before that
        prompts.shown(tx, reply.person_id, TELEGRAM, reply.number, at, sent.message)


def language_of(user: User) -> Language:
    """From the Telegram app's language."""
    return texts.for_reader_of(user.language_code or "")

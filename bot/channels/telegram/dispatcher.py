"""Dispatcher between Telegram and the use cases: one update's effects committed once, its reply sent, then settled.

Handlers ask it for two things: `act` (a use case, in a transaction that also marks the update as applied) and
`show` (a reply). Not here: what an update means (handlers), how a reply is sent (messenger).
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import TypeVar

from telegram import Bot, Update, User
from telegram.ext import Application

from bot import texts
from bot.channels.telegram.messenger import Messenger, SentMessage
from bot.dialogue.reply import Reply
from bot.dialogue.session import TELEGRAM, Context, Visit
from bot.flows.model import Language
from bot.outbox.errors import RecipientUnreachable
from storage import inbox, people, prompts
from storage.db import Database, Tx
from storage.inbox import InboxUpdate

T = TypeVar("T")


@dataclass(slots=True)
class UpdateContext:
    """One update on its way through."""

    update: InboxUpdate
    again: bool = False  # its effects were committed before; the prompt may have been seen then already
    kept: tuple[str, ...] | None = None  # what was to be said then
    fault: Exception | None = None
    erased: bool = False  # something was, with its effects
    shown: list[tuple[Reply, SentMessage]] = field(default_factory=list)


_current: ContextVar[UpdateContext] = ContextVar("update")


@dataclass(slots=True)
class Dispatcher:
    application: Application  # type: ignore[type-arg]  # PTB's six type parameters say nothing here
    database: Database
    context: Context
    messenger: Messenger
    clock: Callable[[], float]
    wake: Callable[[], None] = lambda: None  # something in the outbox may be due

    @property
    def bot(self) -> Bot:
        bot: Bot = self.application.bot
        return bot

    # --- one update -------------------------------------------------------------------------------------

    async def handle(self, waiting: InboxUpdate) -> None:
        """Carries one update through: handler, reply, settled. Raises what the handler raised."""
        current = UpdateContext(waiting)
        _current.set(current)
        update = Update.de_json(waiting.update, self.bot)
        try:
            await self.application.process_update(update)
            if current.fault is not None:
                raise current.fault
        except RecipientUnreachable as error:
            await self._lost_touch(error.address)
        await self.database.write(lambda tx: _settle(tx, current))

    async def note_fault(self, _update: object, context: object) -> None:
        """PTB's error handler: process_update swallows what a handler raises; here it is kept for `handle`."""
        error = getattr(context, "error", None)
        _current.get().fault = error if isinstance(error, Exception) else RuntimeError("handler failed")

    async def act(self, visit: Visit, use_case: Callable[[Tx, Context, Visit], T]) -> T:
        """Runs the use case in a transaction that also marks the update as applied, and keeps what there is to say. If
        it was applied before, only the reply is made again."""
        current = _current.get()

        def unit(tx: Tx) -> T:
            current.again = not inbox.apply(tx, current.update.seq)
            outcome = use_case(tx, self.context, replace(visit, again=current.again))
            current.erased = tx.erased or current.again
            if isinstance(outcome, Reply) and current.again:
                current.kept = inbox.kept_notes(tx, current.update.seq)
            elif isinstance(outcome, Reply) and outcome.notes:
                inbox.keep_notes(tx, current.update.seq, outcome.notes)
            return outcome

        return await self.database.write(unit)

    def visit(self, user: User, sent_at: int | None = None) -> Visit:
        now = int(self.clock())
        return Visit(
            channel=TELEGRAM,
            address=str(user.id),
            now=now,
            sent_at=now if sent_at is None else sent_at,
            language=language_of(user),
        )

    async def show(self, chat: int, reply: Reply, tapped: int | None = None) -> None:
        """Sends the reply; when its prompt was seen first is noted once the update is settled. After a restart it says
        what was to be said before it."""
        current = _current.get()
        if current.kept is not None:
            reply, current.kept = replace(reply, notes=current.kept), None
        sent = await self.messenger.show(chat, reply, tapped)
        if sent is not None:
            current.shown.append((reply, sent))

    async def show_and_follow(self, chat: int, reply: Reply, tapped: int | None = None) -> None:
        """The same, and then what takes its time to be made."""
        if reply.input.code:
            self.wake()  # somebody may wait for one
        await self.show(chat, reply, tapped)
        if reply.files.follows is not None:
            await self.show(chat, await reply.files.follows(self.database))

    async def fetch(self, file_id: str) -> bytes:
        """A file that a person sent. Raises TelegramError."""
        file = await self.bot.get_file(file_id)
        return bytes(await file.download_as_bytearray())

    async def _lost_touch(self, address: str) -> None:
        await self.database.write(lambda tx: people.set_unreachable(tx, TELEGRAM, address, unreachable=True))


def _settle(tx: Tx, current: UpdateContext) -> None:
    """The reply is out: the update is erased, and when its prompt was first seen is noted."""
    inbox.settle(tx, current.update.seq)
    tx.erased = tx.erased or current.erased  # the update was one of theirs
    if not current.shown:
        return
    reply, sent = current.shown[-1]
    if reply.person_id is not None:
        in_doubt = current.again or sent.again
        prompts.mark_shown(tx, reply.person_id, TELEGRAM, reply.number, sent.date, sent.message, in_doubt=in_doubt)


def language_of(user: User) -> Language:
    """From the Telegram app's language."""
    return texts.for_reader_of(user.language_code or "")

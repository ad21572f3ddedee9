"""Telegram put together: poller → queues → dispatcher → handlers, and what happens at start and stop."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any

from telegram import Bot
from telegram.error import TelegramError
from telegram.ext import Application

from bot import texts
from bot.app.runtime import Clock, Runtime
from bot.app.settings import Settings
from bot.backoff import PATIENT, Patience, back_off
from bot.channels.telegram import menu
from bot.channels.telegram.dispatcher import Dispatcher
from bot.channels.telegram.http import AiohttpRequest
from bot.channels.telegram.messenger import Messenger
from bot.channels.telegram.poller import Poller
from bot.channels.telegram.queues import Queues
from bot.channels.telegram.rate_limiter import RateLimiter
from bot.dialogue.session import TELEGRAM
from bot.features.outages import service as outages
from bot.handlers.telegram import add_handlers
from bot.outbox.errors import RecipientUnreachable
from bot.outbox.sender import Deliver, OutboundMessage, Sender
from storage import people
from storage.db import Tx
from storage.inbox import InboxUpdate

log = logging.getLogger(__name__)
MANY_A_SECOND = 24  # messages of the outbox; Telegram takes about 30, and what is left is for replies


async def serve_telegram(
    settings: Settings,
    runtime: Runtime,
    stop: asyncio.Event,
    *,
    rate_limiter: RateLimiter,
    clock: Clock = time.time,
    patience: Patience = PATIENT,
) -> None:
    application = _application(settings)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(_serve(application, runtime, group, rate_limiter, clock, patience))
        await stop.wait()
        running.cancel()


async def _serve(
    application: Application,  # type: ignore[type-arg]  # PTB's six type parameters say nothing here
    runtime: Runtime,
    group: asyncio.TaskGroup,
    rate_limiter: RateLimiter,
    clock: Clock,
    patience: Patience,
) -> None:
    try:
        await _until_it_works("start", application.initialize, patience.call)
    except asyncio.CancelledError:
        await application.bot.request.shutdown()
        raise
    tasks: set[asyncio.Task[None]] = set()
    spawn = partial(_spawn, group, tasks)
    messenger = Messenger(application.bot, rate_limiter, spawn, patience)
    dispatcher = Dispatcher(application, runtime.database, runtime.context, messenger, clock, runtime.wake_sender.set)
    add_handlers(dispatcher)
    queues = Queues(runtime.database, dispatcher.handle, partial(_tell_lost, dispatcher), spawn, patience.again)
    poller = Poller(
        application.bot,
        runtime.database,
        queues,
        clock,
        spawn,
        tapped=messenger.answer_tap,
        away=partial(_come_back, runtime),
        patience=patience,
    )
    runtime.process_host.telegram = application.bot.username
    runtime.sender.connect_channel(TELEGRAM, by_telegram(messenger))
    runtime.wake_sender.set()
    spawn(poller.take_up_ours(runtime.wake_inbox))
    spawn(_until_it_works("menu", lambda: menu.announce(dispatcher), patience.call))
    log.info("telegram bot=@%s", application.bot.username)
    try:
        await poller.run()
    finally:
        await _finish(queues, tasks, runtime.sender, patience.stop)
        await application.shutdown()


def _spawn(group: asyncio.TaskGroup, tasks: set[asyncio.Task[None]], coroutine: Coroutine[Any, Any, None]) -> None:
    """Starts it in the group; while it runs, it is one of the tasks."""
    task = group.create_task(coroutine)
    tasks.add(task)
    task.add_done_callback(tasks.discard)


def by_telegram(messenger: Messenger) -> Deliver:
    async def send(message: OutboundMessage) -> int | None:
        return await messenger.deliver(int(message.address), message.reply)

    return send


async def _finish(queues: Queues, tasks: set[asyncio.Task[None]], sender: Sender, grace: float) -> None:
    """After SIGTERM nothing new is fetched; what is under way gets a moment, the rest waits in the inbox."""
    try:
        async with asyncio.timeout(grace):
            await queues.calm()
            await sender.wind_down()
    except TimeoutError:
        log.warning("stop left_in_inbox=yes")
    for task in list(tasks):
        task.cancel()


async def _come_back(runtime: Runtime, since: int, now: int) -> None:
    """Back after an absence: whoever may have tapped in vain meanwhile is written to, at an hour when one may."""
    screens = [name for name, screen in runtime.context.tables.screens.items() if screen.offered_again]

    def unit(tx: Tx) -> int:
        return outages.come_back(tx, runtime.process_host.plans(tx), TELEGRAM, screens, since, now)

    await runtime.database.write(unit)
    runtime.wake_sender.set()


async def bot_username(settings: Settings) -> str | None:
    """The bot's name as Telegram tells it, which its links need; None without a token, and without an answer."""
    token, request = settings.telegram_token.get_secret_value(), AiohttpRequest()
    if not token:
        return None
    bot = Bot(token, base_url=f"{settings.telegram_api}/bot", request=request, get_updates_request=request)
    try:
        async with bot:
            return bot.username
    except TelegramError:
        return None


def _application(settings: Settings) -> Application:  # type: ignore[type-arg]  # as above
    request = AiohttpRequest()
    return (
        Application.builder()
        .token(settings.telegram_token.get_secret_value())
        .base_url(f"{settings.telegram_api}/bot")
        .base_file_url(f"{settings.telegram_api}/file/bot")
        .request(request)
        .get_updates_request(request)
        .updater(None)
        .job_queue(None)
        .build()
    )


async def _until_it_works(what: str, attempt: Callable[[], Awaitable[None]], again: float) -> None:
    for delay in back_off(again):
        try:
            await attempt()
            return
        except TelegramError as error:
            log.warning("%s error=%s retry_in=%.1f", what, type(error).__name__, delay)
            await asyncio.sleep(delay)


async def _tell_lost(dispatcher: Dispatcher, update: InboxUpdate) -> None:
    """Tells the person that their message could not be processed, rather than leaving them waiting."""
    person = await dispatcher.database.read(lambda tx: people.at_address(tx, TELEGRAM, str(update.chat)))
    if person is None:
        return
    try:
        await dispatcher.messenger.say(update.chat, texts.say(texts.language_of(person.language), "trouble.lost"))
    except RecipientUnreachable:
        log.info("inbox=%d unreachable", update.seq)

"""The main job: every channel that is set up, until the process is told to stop. Owns the task group."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import time
from contextlib import suppress

from bot.app.backups import backup_job
from bot.app.email import mailing
from bot.app.jobs import by_the_clock
from bot.app.key_jobs import KeyJobs
from bot.app.runtime import Clock, Runtime, keep_apart, keep_backups_apart, open_runtime
from bot.app.settings import Settings, SettingsError
from bot.app.telegram import MANY_A_SECOND, serve_telegram
from bot.backoff import PATIENT, Patience
from bot.channels.telegram.rate_limiter import RateLimiter
from bot.channels.web import server
from bot.channels.web.context import WebContext
from bot.channels.web.openid import OpenId
from bot.channels.web.proxies import Proxies
from bot.dialogue.session import TELEGRAM
from bot.handlers.web.routes import application
from bot.outbox.sender import Sender

log = logging.getLogger(__name__)
CHANNELS_COME_UP = 30.0  # seconds for which the outbox waits for all channels together


async def run(
    settings: Settings,
    *,
    rate_limiter: RateLimiter | None = None,
    clock: Clock = time.time,
    patience: Patience = PATIENT,
) -> None:
    """Runs every configured channel until SIGTERM or SIGINT. Work in progress is then finished, or left in the inbox
    for the next start. Raises SettingsError if the web port is unavailable."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    keep_apart(settings)
    keep_backups_apart(settings)
    bound = _bound(settings)
    async with open_runtime(settings, clock, patience.busy) as runtime, mailing(settings, runtime, clock):
        scheduler = await by_the_clock(runtime, clock, backup_job(settings, runtime, clock))
        try:
            async with asyncio.TaskGroup() as group:
                if bound is not None:
                    group.create_task(serve_web(settings, runtime, bound, stop, clock=clock))
                    log.info("web address=%s", settings.web)
                if settings.telegram_token.get_secret_value():
                    runtime.sender.expect_channel(TELEGRAM)
                    group.create_task(
                        serve_telegram(
                            settings,
                            runtime,
                            stop,
                            rate_limiter=rate_limiter or RateLimiter(bulk_per_second=MANY_A_SECOND),
                            clock=clock,
                            patience=patience,
                        )
                    )
                group.create_task(serve_outbox(runtime, stop, patience.stop))
        finally:
            scheduler.shutdown(wait=False)
            await KeyJobs(runtime, clock).finish_erasures()


def _bound(settings: Settings) -> socket.socket | None:
    if settings.web is None:
        return None
    if settings.telegram_token.get_secret_value() and not settings.web_url:
        log.warning("BESYV_WEB_URL is not set: links lead to %s, which others may not reach", settings.web)
    try:
        return server.bind(settings.web_host, settings.web_port)
    except OSError as error:
        raise SettingsError(f"BESYV_WEB_PORT: {settings.web_host}:{settings.web_port}: {error.strerror}") from None


async def serve_web(
    settings: Settings, runtime: Runtime, bound: socket.socket, stop: asyncio.Event, *, clock: Clock = time.time
) -> None:
    telegram = bool(settings.telegram_token.get_secret_value())
    web = WebContext(
        database=runtime.database,
        context=runtime.context,
        clock=clock,
        telegram_expected=telegram,
        wake=runtime.wake_sender.set,
        wake_chat=runtime.wake_inbox.set,
        backup_overdue=None if settings.backups is None else settings.backups.is_overdue,
        openid=_openid(settings, clock),
    )
    runtime.process_host.signs_in = web.openid is not None
    await web.recall()
    proxies = Proxies(application(web), is_public=bool(settings.web_url))
    await server.serve(proxies, bound, stop, https=lambda: web.secure, proxies=settings.proxies)


def _openid(settings: Settings, clock: Clock) -> OpenId | None:
    if not settings.oidc_issuer:
        return None
    return OpenId(settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret, clock)


async def serve_outbox(runtime: Runtime, stop: asyncio.Event, grace: float = PATIENT.stop) -> None:
    """Messages of the outbox, on whatever channel people are reached. `grace`: seconds to finish at the stop."""
    async with asyncio.TaskGroup() as group:
        sending = group.create_task(runtime.sender.run(runtime.wake_sender, CHANNELS_COME_UP))
        await stop.wait()
        await _wound_down(runtime.sender, grace)
        sending.cancel()


async def _wound_down(sender: Sender, grace: float) -> None:
    with suppress(TimeoutError):  # what was not settled is sent again
        async with asyncio.timeout(grace):
            await sender.wind_down()

"""E-mail put together: the outbox's messages go out by SMTP, where that is set up."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.app.runtime import Clock, Runtime
from bot.app.settings import Settings
from bot.channels.email.channel import EmailChannel
from bot.channels.email.smtp import Mailer
from bot.dialogue.session import EMAIL

log = logging.getLogger(__name__)


@asynccontextmanager
async def mailing(settings: Settings, runtime: Runtime, clock: Clock = time.time) -> AsyncIterator[None]:
    """Messages of the outbox go out by e-mail too, where that is set up; their links need the pages."""
    if not settings.smtp_url.get_secret_value():
        yield
        return
    if settings.web is None:
        log.warning("BESYV_WEB_PORT is 0: no e-mail is sent, for its links lead to the pages")
        yield
        return
    if not settings.web_url:
        log.warning("BESYV_WEB_URL is not set: links in e-mail lead to %s, which others may not reach", settings.web)
    mailer = Mailer(settings.smtp_url.get_secret_value(), settings.mail_from, clock=clock)
    runtime.sender.connect_channel(EMAIL, EmailChannel(mailer, runtime.database, runtime.context, clock).deliver)
    runtime.process_host.mails = True
    try:
        yield
    finally:
        await mailer.close()

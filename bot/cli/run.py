"""`besyv run`: the main job. `besyv talk`: the conversation in this terminal."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from bot.app.runtime import open_runtime
from bot.app.settings import Settings, read_settings
from bot.cli import execute


def run() -> None:
    """Start the main job: the web pages, and with a token the Telegram bot. With neither: the terminal."""
    settings = read_settings()
    if not settings.telegram_token.get_secret_value() and settings.web is None:
        _talk(settings)
        return
    from bot import logs  # noqa: PLC0415  # logging's hooks must come after typer's own
    from bot.app import run as main_job  # noqa: PLC0415  # as above

    logs.configure(secrets=(settings.telegram_token.get_secret_value(), settings.smtp_password))
    if settings.web is not None:
        print(f"Besyv: {settings.web}  (Ctrl-C stops)", flush=True)
    execute(main_job.run(settings))


def talk(english: Annotated[bool, typer.Option("--english", help="Begin in English.")] = False) -> None:
    """Answer the questions here in the terminal."""
    _talk(read_settings(), english=english)


def _talk(settings: Settings, *, english: bool = False) -> None:
    from bot.channels import terminal  # noqa: PLC0415  # only this command needs it

    async def go() -> None:
        async with open_runtime(settings) as runtime:
            await terminal.talk(runtime.database, runtime.context, time.time, "en" if english else "da")

    execute(go())

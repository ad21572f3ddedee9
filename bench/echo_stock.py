"""The yardstick: python-telegram-bot as it comes, answering each text with the same text, storing nothing.

Run as `python -m bench.echo_stock --api URL --token T`. See bench/echo_aiohttp.py for its twin.
"""

import argparse
from typing import Any

from telegram import Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters


async def echo(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
    """Say what was said."""
    if update.message is not None and update.message.text is not None:
        await update.message.reply_text(update.message.text)


def where_and_as_whom(description: str | None) -> argparse.Namespace:
    """`api` (the Bot API server's address, without `/bot`) and `token` from the command line."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--api", required=True)
    parser.add_argument("--token", required=True)
    return parser.parse_args()


def run(application: "Application[Any, Any, Any, Any, Any, Any]") -> None:
    """Poll and echo until a signal comes."""
    application.add_handler(MessageHandler(filters.TEXT, echo))
    application.run_polling()


def main() -> None:
    given = where_and_as_whom(__doc__)
    run(
        Application.builder()
        .token(given.token)
        .base_url(f"{given.api}/bot")
        .connection_pool_size(256)  # so that 300 people do not exhaust it; all else is the default
        .concurrent_updates(True)
        .build()
    )


if __name__ == "__main__":
    main()

"""The whole bot with its pacing switched off, for measuring: Telegram's limits would otherwise be what is measured."""

import asyncio

from bot import app, logs, settings
from bot.delivery.pacer import Pacer


def main() -> None:
    read = settings.read()
    logs.configure(secrets=(read.telegram_token.get_secret_value(),))
    asyncio.run(app.run(read, pacer=Pacer(rate_per_second=None)))


if __name__ == "__main__":
    main()

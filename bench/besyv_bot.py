"""The whole bot with its pacing switched off, for measuring: Telegram's limits would otherwise be what is measured."""

import asyncio

from bot import logs
from bot.app import run
from bot.app.settings import read_settings
from bot.channels.telegram.rate_limiter import RateLimiter


def main() -> None:
    read = read_settings()
    logs.configure(secrets=(read.telegram_token.get_secret_value(),))
    asyncio.run(run.run(read, rate_limiter=RateLimiter(rate_per_second=None)))


if __name__ == "__main__":
    main()

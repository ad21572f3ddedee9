"""bench/echo_stock.py on bot.channels.telegram.http instead of HTTPXRequest: what the transport alone is worth.

Run as `python -m bench.echo_aiohttp --api URL --token T`.
"""

from telegram.ext import Application

from bench.echo_stock import run, where_and_as_whom
from bot.channels.telegram.http import AiohttpRequest


def main() -> None:
    given = where_and_as_whom(__doc__)
    request = AiohttpRequest()
    run(
        Application.builder()
        .token(given.token)
        .base_url(f"{given.api}/bot")
        .request(request)
        .get_updates_request(request)
        .concurrent_updates(True)
        .build()
    )


if __name__ == "__main__":
    main()

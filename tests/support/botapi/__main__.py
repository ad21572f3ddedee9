"""`python -m tests.support.botapi --port 8081`: the local Bot API as a process of its own; /control/ is for curl."""

from __future__ import annotations

import argparse
import asyncio
import contextlib

from tests.support.botapi.limits import Limits
from tests.support.botapi.server import TOKEN, LocalBotApi


async def serve(port: int, token: str, limits: Limits) -> None:
    async with LocalBotApi(token, port=port, limits=limits, control=True) as api:
        print(f"{api.url}  base_url={api.base_url} base_file_url={api.base_file_url}", flush=True)
        await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.support.botapi", description=__doc__)
    parser.add_argument("--port", type=int, default=8081)
    parser.add_argument("--token", default=TOKEN)
    parser.add_argument("--no-limits", action="store_true", help="no flood limits")
    chosen = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(chosen.port, chosen.token, Limits(off=chosen.no_limits)))


if __name__ == "__main__":
    main()

"""uvicorn inside our own loop: on a socket that we bound, without signal handlers, and without a log of addresses,
for they hold secrets."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette

STOP_WITHIN = 3  # seconds for requests under way


def bind(host: str, port: int) -> socket.socket:
    """Raises OSError where the port is taken or the address is not this machine's."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # asyncio: no Nagle where it says TCP
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        bound.listen(256)
        bound.setblocking(False)
    except OSError:
        bound.close()
        raise
    return bound


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield  # bot.app owns the signals


async def serve(application: Starlette, bound: socket.socket, stop: asyncio.Event) -> None:
    """Answers until `stop` is set; what is under way is finished then."""
    config = uvicorn.Config(
        application,
        http="httptools",
        loop="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=STOP_WITHIN,
    )
    server = _Server(config)

    async def watch() -> None:
        await stop.wait()
        server.should_exit = True

    async with asyncio.TaskGroup() as group:
        watching = group.create_task(watch())
        try:
            await server.serve([bound])
        finally:
            watching.cancel()

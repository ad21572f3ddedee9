"""uvicorn inside our own loop: on a socket that we bound, without signal handlers, and without a log of addresses,
for they hold secrets."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from resource import RLIMIT_NOFILE, getrlimit

import uvicorn
from starlette.types import ASGIApp
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware
from uvicorn.server import ServerState

from bot.channels.web.connections import LOOKS_EVERY, PATIENCE, Connection, Door, most_connections
from bot.channels.web.render import turned_away

STOP_WITHIN = 3  # seconds for requests under way
LOOPBACK = ("127.0.0.1", "::1")


def bind(host: str, port: int) -> socket.socket:
    """Raises OSError where the port is taken or the address is not this machine's."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # asyncio: no Nagle where it says TCP
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        bound.listen(1024)
        bound.setblocking(False)
    except OSError:
        bound.close()
        raise
    return bound


class _Server(uvicorn.Server):
    """uvicorn's server with a door of our own, in a task group."""

    def __init__(self, config: uvicorn.Config, group: asyncio.TaskGroup, door: Callable[[ServerState], Door]) -> None:
        super().__init__(config)
        self._group = group
        self._door = door(self.server_state)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield  # bot.app owns the signals

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:  # noqa: ARG002  # the door has it
        self._door.open(self._group)
        self.servers = [self._door]  # type: ignore[list-item]  # closed and waited for as one of asyncio's
        self.started = True


async def serve(
    application: ASGIApp,
    bound: socket.socket,
    stop: asyncio.Event,
    *,
    https: Callable[[], bool] = lambda: False,
    proxies: Sequence[str] = LOOPBACK,
    most: int | None = None,
    patience: float = PATIENCE,
) -> None:
    """Answers until `stop` is set; what is under way is finished then. `proxies`: addresses and networks of web servers
    in front, whose word for who asks is taken. `most`: connections at a time; `patience`: seconds (connections)."""
    config = uvicorn.Config(
        ProxyHeadersMiddleware(application, list(proxies)),  # type: ignore[arg-type]  # ASGI, typed another way
        http=Connection,
        ws="none",
        loop="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=STOP_WITHIN,
    )

    def door(state: ServerState) -> Door:
        made = partial(Connection, config, state, said=turned_away, https=https, patience=patience)
        looks_every = min(LOOKS_EVERY, patience / 4)
        return Door(
            bound,
            made,
            state.connections,
            most=most or most_connections(getrlimit(RLIMIT_NOFILE)[0]),
            looks_every=looks_every,
        )

    async with asyncio.TaskGroup() as group:
        server = _Server(config, group, door)

        async def watch() -> None:
            await stop.wait()
            server.should_exit = True

        watching = group.create_task(watch())
        try:
            await server.serve([bound])
        finally:
            watching.cancel()

"""Connections: how long one may be waited for, how many there may be, and what is said to one that is not HTTP.

uvicorn's own server waits for ever for the rest of a request, and asyncio's, once no file descriptor is left, writes
thousands of lines a second. Not here: requests (middleware), how much one visitor may ask for (limits).
"""

from __future__ import annotations

import asyncio
import http
import logging
import resource
import socket
from collections.abc import Callable
from typing import Any

import httptools
from uvicorn._types import ASGI3Application
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from bot.channels.web.middleware import headers_for

log = logging.getLogger(__name__)
PATIENCE = 15.0  # seconds for the head of a request, or for a piece of its body
PIECE = 4096  # bytes of a body that come within `PATIENCE` at least, even by a bad mobile connection
LARGEST_HEAD = 64 * 1024  # bytes of an address and its headers
MOST_AHEAD = 16  # requests sent ahead of their answers
FAREWELL = 2.0  # seconds for which one that was turned away is heard out
LOOKS_EVERY = 1.0  # seconds
MOST, LEAST = 2000, 8  # connections
FOR_THE_REST = 40  # file descriptors: database, log, Telegram, mail, and files that are written
ACCEPTS_AGAIN = 1.0  # seconds after the machine gave no connection
ROOM_AGAIN = 0.05  # seconds, while all are at work


def most_connections(files: int) -> int:
    """As many as leave file descriptors for everything else, of those that the process may have."""
    return MOST if files == resource.RLIM_INFINITY else min(MOST, max(LEAST, files - FOR_THE_REST))


class Connection(HttpToolsProtocol):
    """uvicorn's connection, and for how long what of it has been waited for."""

    def __init__(
        self,
        config: Config,
        state: ServerState,
        *,
        said: Callable[[int], bytes],
        https: Callable[[], bool],
        patience: float = PATIENCE,
    ) -> None:
        """`said`: the page for a status, for what never becomes a request."""
        super().__init__(config, state, {})
        self._patience = patience
        self._said = said
        self._https = https
        self._waits_since: float | None = self.loop.time()  # for the head of a request; None once it is there
        self._head = 0  # bytes of it
        self._piece_since = 0.0
        self._piece = 0  # bytes of the body since then
        self._unsent_since = 0.0
        self._unsent = 0  # bytes that were not taken then
        self._answering: RequestResponseCycle | None = None  # the newest, `cycle`, may wait behind it
        self._leaves_since: float | None = None  # turned away, and not hung up yet

    # What uvicorn calls

    def data_received(self, data: bytes) -> None:
        if self._leaves_since is not None:
            return
        super().data_received(data)
        if self._waits_since is None:
            self._piece += len(data)
            return
        self._head += len(data)
        if self._head > LARGEST_HEAD:
            self._turn_away(431)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._waits_since, self._head = self.loop.time(), 0

    def on_headers_complete(self) -> None:
        if len(self.pipeline) >= MOST_AHEAD:
            raise httptools.HttpParserError("too many requests ahead")
        self._waits_since = None
        self._piece_since, self._piece = self.loop.time(), 0
        super().on_headers_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._answering = cycle
        super()._start_asgi_task(cycle, app)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if not self.pipeline:
            self._waits_since, self._head = self.loop.time(), 0

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  # uvicorn's words, which we do not use
        self._turn_away(400)

    def shutdown(self) -> None:
        """Who has sent half a request is not waited for."""
        if self._is_half() or self._leaves_since is not None:
            self._hang_up()
        else:
            super().shutdown()

    # What is looked at every second

    def look(self, now: float) -> None:
        """Ends it where the other end keeps us waiting."""
        if self._takes_nothing(now):
            self.transport.abort()
        elif self.transport.is_closing():
            return
        elif self._leaves_since is not None:
            if now - self._leaves_since >= FAREWELL:
                self.transport.close()
        elif self._waits_since is not None:
            if now - self._waits_since >= self._patience:
                self._turn_away(408) if self._head else self._hang_up()
        elif self._is_half() and now - self._piece_since >= self._patience:
            if self._piece < PIECE and not self.flow.read_paused:
                self._turn_away(408)
            self._piece_since, self._piece = now, 0

    def waited_for(self) -> float | None:
        """Since when, where it is the other end's turn."""
        if self.transport.is_closing() or self._leaves_since is not None:
            return self._leaves_since
        return self._waits_since if self._waits_since is not None else self._piece_since if self._is_half() else None

    def make_room(self) -> None:
        """Somebody else is to have its place."""
        self._hang_up()
        self.transport.abort()

    def _is_half(self) -> bool:
        """The head of a request has come, its body has not."""
        return self.cycle is not None and not self.cycle.response_complete and self.cycle.more_body

    def _takes_nothing(self, now: float) -> bool:
        """Nothing of what was written has been read by the other end for too long."""
        unsent = self.transport.get_write_buffer_size()
        if not unsent or unsent < self._unsent or not self._unsent:
            self._unsent_since = now
        self._unsent = unsent
        return unsent > 0 and now - self._unsent_since >= self._patience

    def _turn_away(self, status: int) -> None:
        """Says why, where nothing has been said yet, and ends it. What is still sent is heard out for a moment: an end
        that is closed over unread bytes takes back what was said (RFC 9112, 9.6)."""
        if self.transport.is_closing() or self._leaves_since is not None:
            return
        if self._answering is None or self._answering.response_complete or not self._answering.response_started:
            self.transport.write(self._words(status))
        self._give_up()
        self._leaves_since = self.loop.time()
        self.transport.write_eof()

    def _hang_up(self) -> None:
        self._give_up()
        self.transport.close()

    def _give_up(self) -> None:
        self._unset_keepalive_if_required()
        self.pipeline.clear()
        for cycle in (self._answering, self.cycle):
            if cycle is not None and not cycle.response_complete:
                cycle.disconnected = True
                cycle.message_event.set()

    def _words(self, status: int) -> bytes:
        page = self._said(status)
        headers = [
            *self.server_state.default_headers,
            (b"content-type", b"text/html; charset=utf-8"),
            (b"content-length", str(len(page)).encode()),
            *headers_for(https=self._https()),
            (b"connection", b"close"),
        ]
        line = f"HTTP/1.1 {status} {http.HTTPStatus(status).phrase}\r\n".encode()
        return line + b"".join(name + b": " + value + b"\r\n" for name, value in headers) + b"\r\n" + page


class Door:
    """Takes connections in from a socket that listens, and looks after them. Where there are too many, the one that has
    kept us waiting longest makes room; where all are at work, the next one waits outside."""

    def __init__(
        self,
        listening: socket.socket,
        made: Callable[[], Connection],
        inside: set[Any],
        *,
        most: int,
        looks_every: float = LOOKS_EVERY,
    ) -> None:
        self._listening = listening
        self._made = made
        self._inside = inside
        self._most = most
        self._looks_every = looks_every
        self._tasks: list[asyncio.Task[None]] = []

    def open(self, group: asyncio.TaskGroup) -> None:
        self._tasks = [group.create_task(self._take_in()), group.create_task(self._look_after())]

    def close(self) -> None:
        self._tasks[0].cancel()

    async def wait_closed(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)

    async def _take_in(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                accepted, _ = await loop.sock_accept(self._listening)
            except OSError as error:  # no file descriptor is left, or no memory
                log.error("web accept=%s", type(error).__name__)
                self._make_room()
                await asyncio.sleep(ACCEPTS_AGAIN)
                continue
            while len(self._inside) >= self._most and not self._make_room():  # noqa: ASYNC110  # a set tells nobody
                await asyncio.sleep(ROOM_AGAIN)
            try:
                await loop.connect_accepted_socket(self._made, accepted)
            except OSError:  # gone again
                accepted.close()

    async def _look_after(self) -> None:
        while True:
            await asyncio.sleep(self._looks_every)
            now = asyncio.get_running_loop().time()
            for connection in tuple(self._inside):
                connection.look(now)

    def _make_room(self) -> bool:
        """Whether one could go."""
        waited = [(since, each) for each in self._inside if (since := each.waited_for()) is not None]
        if not waited:
            return False
        longest = min(waited, key=lambda each: each[0])[1]
        longest.make_room()
        self._inside.discard(longest)
        log.warning("web connections=%d: the one that has kept us waiting longest was ended", self._most)
        return True

"""How long the other end of a connection is waited for, how many there may be, and who has to go. Real sockets."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from resource import RLIM_INFINITY
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.channels.web import server
from bot.channels.web.connections import FOR_THE_REST, LEAST, MOST, most_connections
from bot.channels.web.middleware import Guard
from tests.support.patience import PATIENCE
from tests.support.raw_http import Answer, called, heard, sent

SOON = 0.4  # seconds: the server's patience here
HEAD = "Host: x\nConnection: close\n"


async def _echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Says how long the body was; `/slow` takes until it is cancelled, `/much` is more than a socket holds."""
    if scope["path"] == "/slow":
        await asyncio.sleep(PATIENCE)
    body = await Request(scope, receive).body()
    said = "x" * 20_000_000 if scope["path"] == "/much" else str(len(body))
    await PlainTextResponse(said)(scope, receive, send)


@asynccontextmanager
async def _serving(port: int, most: int = 50, app: ASGIApp = _echo) -> AsyncIterator[str]:
    stop = asyncio.Event()
    guarded = Guard(app, https=lambda: False)
    serving = asyncio.create_task(server.serve(guarded, server.bind("127.0.0.1", port), stop, most=most, patience=SOON))
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        stop.set()
        async with asyncio.timeout(PATIENCE):
            await serving


async def _begun(home: str, text: str) -> Coroutine[Any, Any, Answer]:
    """This has been sent; what comes back is still to be heard."""
    reader, writer = await called(home)
    writer.write(text.replace("\n", "\r\n").encode("latin-1"))
    await writer.drain()
    return heard(reader, writer)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("", 0),
        ("\n", 408),
        ("GET / HT", 408),
        ("GET / HTTP/1.1\nHost: x\n", 408),
        ("POST / HTTP/1.1\nHost: x\nContent-Length: 1000\n\nhalf", 408),
        ("POST / HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n4\nhalf\n", 408),
    ],
)
async def test_half_a_request_is_closed(port: int, logged: io.StringIO, text: str, status: int) -> None:
    async with _serving(port) as home:
        assert (await (await _begun(home, text))).status == status
        assert (await sent(home, f"GET / HTTP/1.1\n{HEAD}\n")).body == "0"
    assert "Traceback" not in logged.getvalue() and " ERROR " not in logged.getvalue()


async def test_a_trickle_is_closed_as_silence_is(port: int) -> None:
    """A byte now and then wins no time, in the head or in the body."""
    async with _serving(port) as home:
        for begin, more in (("GET / HTTP/1.1\n", "X"), ("POST / HTTP/1.1\nHost: x\nContent-Length: 999\n\n", "x")):
            reader, writer = await called(home)
            writer.write(begin.replace("\n", "\r\n").encode())
            hears = asyncio.create_task(heard(reader, writer))
            async with asyncio.timeout(PATIENCE):
                while not hears.done():
                    writer.write(more.encode())
                    await asyncio.sleep(SOON / 8)
            assert (await hears).status == 408


async def test_a_large_body_that_goes_on_coming_has_its_time(port: int) -> None:
    async with _serving(port) as home:
        reader, writer = await called(home)
        writer.write(f"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {20 * 5000}\r\n\r\n".encode())
        for _ in range(20):
            await asyncio.sleep(SOON / 8)
            writer.write(b"x" * 5000)
        assert (await heard(reader, writer)).body == str(20 * 5000)


async def test_who_takes_nothing_of_an_answer_is_closed(port: int) -> None:
    async with _serving(port, most=1) as home:
        hears, deaf = await called(home)  # asyncio itself stops reading once some has come
        deaf.write(b"GET /much HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await sent(home, f"GET / HTTP/1.1\n{HEAD}\n")).body == "0"  # once there is room for it
        deaf.transport.abort()
        del hears


async def test_who_has_kept_us_waiting_longest_makes_room(port: int) -> None:
    async with _serving(port, most=3) as home:
        first = await called(home)
        others = [await called(home) for _ in range(20)]
        assert (await sent(home, f"GET / HTTP/1.1\n{HEAD}\n")).body == "0"
        assert (await heard(*first)).status == 0
        for each in others:
            await heard(*each)


async def test_nobody_at_work_is_put_out(port: int) -> None:
    gate = asyncio.Event()

    async def waits(scope: Scope, receive: Receive, send: Send) -> None:
        await gate.wait()
        await PlainTextResponse("done")(scope, receive, send)

    async with _serving(port, most=3, app=waits) as home:
        working = [await _begun(home, f"GET / HTTP/1.1\n{HEAD}\n") for _ in range(3)]
        late = [asyncio.create_task(sent(home, f"GET / HTTP/1.1\n{HEAD}\n")) for _ in range(5)]
        await asyncio.sleep(0)
        gate.set()
        assert [(await each).body for each in working] == ["done"] * 3
        assert [(await each).body for each in late] == ["done"] * 5


async def test_stopping_with_half_requests_logs_no_traceback_and_waits_for_none(port: int, logged: io.StringIO) -> None:
    async with _serving(port) as home:
        open_ = [await _begun(home, "POST / HTTP/1.1\nHost: x\nContent-Length: 9\n\nhalf") for _ in range(5)]
        open_ += [await _begun(home, text) for text in ("", "GET / HTTP/1.1\nHo", "GET / HTTP/1.1\nHost: x\n\n")]
    for each in open_:
        await each
    assert "Traceback" not in logged.getvalue() and " ERROR " not in logged.getvalue()


@pytest.mark.parametrize(
    ("files", "most"),
    [(32, LEAST), (64, 64 - FOR_THE_REST), (1024, 1024 - FOR_THE_REST), (1_000_000, MOST), (RLIM_INFINITY, MOST)],
)
def test_connections_leave_file_descriptors_for_the_rest(files: int, most: int) -> None:
    assert most_connections(files) == most

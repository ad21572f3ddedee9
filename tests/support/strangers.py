"""Strangers who mean no good, over the network: requests that nobody needs, each unlike all before it."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, suppress

from tests.support.raw_http import called

AT_ONCE = 8  # connections that send one hostile request after the other


def hostile(chance: random.Random, host: str) -> Iterator[bytes]:
    """Requests, each unlike all before it."""

    def word(length: int) -> str:
        return "".join(chance.choices("abcdefghijkmnpqrstuvwxyzABCDEFGHJK23456789_-", k=length))

    kinds: list[Callable[[], tuple[str, str, str]]] = [
        lambda: (f"GET /i/{word(60)}", "", ""),
        lambda: (f"GET /i/{'%27' * 20_000}{word(8)}", "", ""),
        lambda: (f"GET /{word(30)}/{word(300)}?{word(2000)}", "", ""),
        lambda: (f"GET /s/{word(22)}", f"Cookie: besyv={word(22)}\n", ""),
        lambda: (f"HEAD /besked/{word(22)}/C{chance.randrange(999)}", "", ""),
        lambda: (f"GET /kalender/{word(22)}.ics", f"If-None-Match: {word(2000)}\n", ""),
        lambda: ("GET /", f"Accept-Language: {word(5000)}\nCookie: besyv-sprog={word(900)}\n", ""),
        lambda: ("POST /", f"Cookie: besyv={word(22)}\n", f"csrf={word(32)}&code={word(3000)}&notice=x"),
        lambda: ("POST /sprog", f"Cookie: besyv={word(22)}\n", f"csrf={word(32)}&back=/{word(3000)}"),
        lambda: ("POST /fil", f"Cookie: besyv={word(22)}\n", word(5000)),
        lambda: (f"POST /mail/{word(22)}/stop", "", "List-Unsubscribe=One-Click"),
        lambda: (f"{word(7).upper()} /", "", ""),
    ]
    form = "Content-Type: application/x-www-form-urlencoded\n"
    for number in itertools.count():
        line, headers, body = kinds[number % len(kinds)]()
        visitor = (
            f"{word(4)}.example" if number % 50 == 0 else f"2001:db8:{number >> 16 & 0xFFFF:x}:{number & 0xFFFF:x}::1"
        )
        named = f"{word(9)}.example" if number % 20 == 0 else host
        head = f"{line} HTTP/1.1\nHost: {named}\nX-Forwarded-For: {visitor}\nUser-Agent: {word(500)}\n{headers}"
        if body:
            head += f"{form}Content-Length: {len(body)}\n"
        yield f"{head}\n{body}".replace("\n", "\r\n").encode()


async def attack(home: str, requests: int) -> None:
    """On connections of their own, each used for as long as it is kept."""
    texts = itertools.islice(hostile(random.Random(13), home.removeprefix("http://")), requests)

    async def one_after_the_other() -> None:
        async with AsyncExitStack() as stack:
            line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
            for text in texts:
                try:
                    if line is None:
                        await stack.aclose()
                        line = await called(home)
                        stack.push_async_callback(_hung_up, line[1])
                    line = line if await _answered(*line, text) else None
                except (ConnectionError, asyncio.IncompleteReadError):
                    line = None  # it was hung up on, which is its right

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(one_after_the_other())


async def _answered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, text: bytes) -> bool:
    """Whether the connection is kept after the answer to this."""
    writer.write(text)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    if not text.startswith(b"HEAD"):
        await reader.readexactly(int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0))
    return b"connection: close" not in head


async def _hung_up(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()

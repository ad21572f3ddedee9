"""Requests as they are, byte by byte: what no browser sends."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.support.patience import PATIENCE


@dataclass(frozen=True, slots=True)
class Answer:
    """`status` is 0 where the connection was closed without a word."""

    status: int
    headers: dict[str, str]
    body: str


async def called(home: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection on which nothing has been said."""
    at = urlsplit(home)
    return await asyncio.open_connection(at.hostname, at.port)


async def sent(home: str, text: str) -> Answer:
    """The answer to these lines and an empty one; the connection is kept until the other end closes it."""
    reader, writer = await called(home)
    writer.write(text.replace("\n", "\r\n").encode("latin-1"))
    return await heard(reader, writer)


async def heard(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Answer:
    """What comes until the other end closes the connection."""
    async with asyncio.timeout(PATIENCE):
        try:
            told = (await reader.read()).decode()
        except ConnectionError:  # closed while we still wrote
            told = ""
        writer.close()
    first, _, rest = told.partition("\r\n")
    lines, _, body = rest.partition("\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in lines.split("\r\n") if line)
    return Answer(int(first.split()[1]) if first else 0, {name.lower(): value for name, value in headers.items()}, body)

"""Upload: a file that somebody sent, read outside any transaction: a table, or why it can't be one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from reports.register import FileTable
from reports.register_process import read_apart
from reports.register_reading import LARGEST, UnreadableCode, UnreadableFile

LARGEST_UPLOAD = LARGEST


@dataclass(frozen=True, slots=True)
class Upload:
    name: str
    table: FileTable | None
    fault: UnreadableCode | Literal["not-fetched"] | None = None


async def read_upload(name: str, content: bytes) -> Upload:
    """Read in a process of its own: nobody's reply waits for it."""
    try:
        return Upload(name, await read_apart(content, name))
    except UnreadableFile as unreadable:
        return Upload(name, None, unreadable.code)

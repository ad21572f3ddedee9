"""Upload: a file that somebody sent, read outside any transaction: a table, or why it can't be one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from reports.register import FileTable
from reports.register_reading import LARGEST, UnreadableCode, UnreadableFile, read

LARGEST_UPLOAD = LARGEST


@dataclass(frozen=True, slots=True)
class Upload:
    name: str
    table: FileTable | None
    fault: UnreadableCode | Literal["not-fetched"] | None = None


def read_upload(name: str, content: bytes) -> Upload:
    """Takes up to a second for the largest workbook: call it beside the loop."""
    try:
        return Upload(name, read(content, name))
    except UnreadableFile as unreadable:
        return Upload(name, None, unreadable.code)

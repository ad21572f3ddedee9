"""A file that somebody handed in, read outside any transaction: a table, or why it can't be one."""

from __future__ import annotations

from dataclasses import dataclass

from reports import register
from reports.register import Table, Unreadable

LARGEST = register.LARGEST


@dataclass(frozen=True, slots=True)
class Handed:
    name: str
    table: Table | None
    fault: str | None = None


def read(name: str, content: bytes) -> Handed:
    """Takes up to a second for the largest workbook: call it beside the loop."""
    try:
        return Handed(name, register.read(content, name))
    except Unreadable as unreadable:
        return Handed(name, None, unreadable.code)

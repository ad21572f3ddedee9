"""The forms of a table of answers: CSV for Danish Excel, JSON lines for programs. Not here: which columns, which rows.

CSV: `;`, UTF-8 with BOM, CRLF, every cell quoted. Times are Danish (`2026-03-03 19:00:00`), the parts of a list
stand with ` | ` between them, true and false are 1 and 0. A cell that a spreadsheet would run as a formula gets
one apostrophe in front, and so does one that it would take for a date, or that begins with an apostrophe: a reader
takes exactly one away (`from_cell`). NUL, which spreadsheets choke on, becomes U+FFFD.

JSON lines: UTF-8, texts exactly, lists as lists, times in UTC with offset (`2026-03-03T18:00:00+00:00`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from bot.flows.schedule import COPENHAGEN, HOUR

K = TypeVar("K")
V = TypeVar("V")
Value = str | int | list[str] | None  # and bool, which is an int
_GUARDED = frozenset("=+-@\t\r\n＝＋－＠'")
_LIKE_A_DATE = re.compile(r"\d{1,2}[-/.]\d{1,2}([-/.]\d{2,4})?")  # «10-24» volunteers are no day in October
LONGEST_DATE = 10
KEPT = 5000
IN_AN_HOUR = tuple(f"{minute:02}:{second:02}" for minute in range(60) for second in range(60))


@dataclass(frozen=True, slots=True, kw_only=True)
class CellFormat:
    """How a table is written, in pieces, so that what repeats itself can be written once and kept.

    A cell is `name(column)`, `value(…)`, `between`. A row is `start`, its cells, and the last column, which is a
    time: its name, `hour(hours since 1970)`, minutes and seconds, `stop`. Danish time is whole hours from UTC.
    `text` is `value` of a text, and a number stands between two `quote`.
    """

    header: Callable[[Sequence[str]], str]
    start: str
    name: Callable[[str], str]
    text: Callable[[str], str]
    value: Callable[[Value], str]
    quote: str
    between: str
    hour: Callable[[int], str]
    stop: str

    def cells(self, columns: Sequence[str], values: Sequence[Value]) -> str:
        pairs = zip(columns, values, strict=True)
        return "".join(f"{self.name(column)}{self.value(value)}{self.between}" for column, value in pairs)


class Memo(dict[K, V]):
    """Makes what is asked for once and keeps it, a bounded number of things: quicker than a cached function."""

    __slots__ = ("_make",)

    def __init__(self, make: Callable[[K], V]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, key: K) -> V:
        if len(self) >= KEPT:
            self.clear()
        made = self[key] = self._make(key)
        return made


# --- CSV --------------------------------------------------------------------------------------------------


def from_cell(text: str) -> str:
    """What stood in a cell, given what a CSV reader made of it."""
    return text[1:] if text[:1] == "'" else text


def _csv_text(text: str) -> str:
    if '"' in text:
        text = text.replace('"', '""')
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    guarded = text[:1] in _GUARDED or (len(text) <= LONGEST_DATE and _LIKE_A_DATE.fullmatch(text) is not None)
    return f'"\'{text}"' if guarded else f'"{text}"'


def _csv_value(value: Value) -> str:
    match value:
        case str():
            return _csv_text(value)
        case None:
            return '""'
        case int():
            return f'"{int(value)}"'
        case list():
            return _csv_text(" | ".join(value))


def _csv_hour(hour: int) -> str:
    return datetime.fromtimestamp(hour * HOUR, COPENHAGEN).strftime('"%Y-%m-%d %H:')


CSV = CellFormat(
    header=lambda columns: "\ufeff" + ";".join(map(_csv_text, columns)) + "\r\n",
    start="",
    name=lambda _: "",
    text=_csv_text,
    value=_csv_value,
    quote='"',
    between=";",
    hour=_csv_hour,
    stop='"\r\n',
)

# --- JSON lines -------------------------------------------------------------------------------------------
_json = json.JSONEncoder(ensure_ascii=False).encode


def _utc_hour(hour: int) -> str:
    return datetime.fromtimestamp(hour * HOUR, UTC).strftime('"%Y-%m-%dT%H:')


JSON_LINES = CellFormat(
    header=lambda _: "",
    start="{",
    name=lambda column: f'"{column}": ',
    text=_json,
    value=_json,
    quote="",
    between=", ",
    hour=_utc_hour,
    stop='+00:00"}\n',
)

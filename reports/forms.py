"""The forms of a table of answers: CSV for Danish Excel, JSON lines for programs. Not here: which columns, which rows.

CSV: `;`, UTF-8 with BOM, CRLF, every cell quoted. Times are Danish (`2026-03-03 19:00:00`), the parts of a list
stand with ` | ` between them, true and false are 1 and 0. A cell that a spreadsheet would run as a formula gets one
apostrophe in front, and so does one that begins with an apostrophe: a reader takes exactly one away (`from_cell`).
NUL, which spreadsheets choke on, becomes U+FFFD.

JSON lines: UTF-8, texts exactly, lists as lists, times in UTC with offset (`2026-03-03T18:00:00+00:00`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from bot.flows.schedule import COPENHAGEN

Value = str | int | list[str] | None  # and bool, which is an int

_GUARDED = frozenset("=+-@\t\r\n＝＋－＠'")
_HOUR = 3600
_WITHIN_AN_HOUR = tuple(f"{minute:02}:{second:02}" for minute in range(60) for second in range(60))


@dataclass(frozen=True, slots=True)
class Form:
    """How a table is written: `header`, then for each row `start`, the cells in order, and `end` with the time.

    `cell` takes the column's name and the value, and gives the cell with what separates it from the next;
    `end` takes UTC seconds, for the last column is a time, and ends the row.
    """

    header: Callable[[Sequence[str]], str]
    start: str
    cell: Callable[[str, Value], str]
    end: Callable[[str, int], str]


# --- CSV --------------------------------------------------------------------------------------------------


def from_cell(text: str) -> str:
    """What stood in a cell, given what a CSV reader made of it."""
    return text[1:] if text[:1] == "'" else text


def _quoted(text: str) -> str:
    if '"' in text:
        text = text.replace('"', '""')
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    return f"\"'{text}\"" if text[:1] in _GUARDED else f'"{text}"'


def _csv_header(columns: Sequence[str]) -> str:
    return "\ufeff" + ";".join(map(_quoted, columns)) + "\r\n"


def _csv_cell(_: str, value: Value) -> str:
    match value:
        case str():
            return _quoted(value) + ";"
        case None:
            return '"";'
        case int():
            return f'"{int(value)}";'
        case list():
            return _quoted(" | ".join(value)) + ";"


def _csv_end(_: str, at: int) -> str:
    hour, second = divmod(at, _HOUR)
    return f'"{_danish_hour(hour)}{_WITHIN_AN_HOUR[second]}"\r\n'


@lru_cache(maxsize=1024)
def _danish_hour(hour: int) -> str:
    """`2026-03-03 19:`. Danish time is whole hours from UTC, so minutes and seconds are the same in both."""
    return datetime.fromtimestamp(hour * _HOUR, COPENHAGEN).strftime("%Y-%m-%d %H:")


# --- JSON lines -------------------------------------------------------------------------------------------

_json = json.JSONEncoder(ensure_ascii=False).encode


def _json_cell(name: str, value: Value) -> str:
    return f'"{name}": {_json(value)}, '


def _json_end(name: str, at: int) -> str:
    hour, second = divmod(at, _HOUR)
    return f'"{name}": "{_utc_hour(hour)}{_WITHIN_AN_HOUR[second]}+00:00"}}\n'


@lru_cache(maxsize=1024)
def _utc_hour(hour: int) -> str:
    return datetime.fromtimestamp(hour * _HOUR, UTC).strftime("%Y-%m-%dT%H:")


CSV = Form(_csv_header, "", _csv_cell, _csv_end)
JSON_LINES = Form(lambda _: "", "{", _json_cell, _json_end)

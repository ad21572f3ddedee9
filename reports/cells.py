"""The forms of a table of answers: CSV for Danish Excel, JSON lines for programs. Not here: which columns, which rows.

CSV: `;`, UTF-8 with BOM, CRLF, every cell quoted. Times are Danish (`2026-03-03 19:00:00`), the parts of a list
stand with ` | ` between them, true and false are 1 and 0. A text that a spreadsheet would make something else of (run
it as a formula, take it for a number, a time, a truth value) gets one apostrophe in front, and so does one that begins
with an apostrophe: a reader takes exactly one away (`from_cell`). NUL, which spreadsheets choke on, becomes U+FFFD.

JSON lines: UTF-8, texts exactly, lists as lists, times in UTC with offset (`2026-03-03T18:00:00+00:00`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product
from typing import TypeVar

from bot.flows.schedule import COPENHAGEN, HOUR

K = TypeVar("K")
V = TypeVar("V")
Value = str | int | list[str] | None  # and bool, which is an int
_GUARDED = frozenset("=+-@\t\r\n＝＋－＠'")

# What Excel and LibreOffice make another value of, in a Danish or an English one: 007, 1E5, 10-24, jan-26, 12:30, 1/2,
# 50 %, kr. 20, mandag 3. marts 2026, sand, #N/A. Wider than either of the two: an apostrophe too many does no harm.
_SIGNS = "0123456789０１２３４５６７８９.,:/()%−’€$£¥¤ \u00a0\u202f"
_NAMES = (
    *("jan(?:uary?)?", "feb(?:ruary?)?", "mar(?:ts|ch)?", "apr(?:il)?", "maj", "may", "jun[ie]?", "jul[iy]?"),
    *("aug(?:ust)?", "sep(?:t(?:ember)?)?", "okt(?:ober)?", "oct(?:ober)?", "nov(?:ember)?", "dec(?:ember)?"),
    *("man(?:dag)?", "tir(?:sdag)?", "ons(?:dag)?", "tor(?:sdag)?", "fre(?:dag)?", "lør(?:dag)?", "søn(?:dag)?"),
    *("mon(?:day)?", "tue(?:s(?:day)?)?", "wed(?:nesday)?", "thu(?:rs(?:day)?)?", "fri(?:day)?", "sat(?:urday)?"),
    *("sun(?:day)?", "dkk", "eur", "usd", "gbp", "sek", "nok", "isk", "chf"),
)
_WORDS = ("sand", "falsk", "true", "false")
_ERRORS = "#(?:n/a|i/t|div/0!|value!|værdi!|ref(?:erence)?!|name[?]|navn[?]|num!|null?!|spill!|overløb!|calc!)"
_LIKE_A_VALUE = re.compile(  # in small letters
    rf"(?=\D*\d)(?:[{_SIGNS}\d\s+\-']++|{'|'.join(_NAMES)}|kr|[ap]m?|[etz])++"
    rf"|\s*(?:{'|'.join(_WORDS)}|{_ERRORS})\s*"
)
_LONGEST_NAMED = 48  # characters: wednesday 30 september 2026 12:30:00.000 pm


def _in_every_case(letters: str) -> set[str]:
    return {"".join(each) for each in product(*zip(letters, letters.upper(), strict=True))}


# How a value begins, by one sign or by three: nearly every text begins otherwise, and is looked at no further.
_BEGINS = frozenset((*_SIGNS, "#", *_GUARDED))
_NAMED = frozenset().union(
    *(_in_every_case(name[:3]) for name in (*_NAMES, *_WORDS)),
    *({kr + sign for sign in _SIGNS} for kr in _in_every_case("kr")),
)
KEPT = 5000
IN_AN_HOUR = tuple(f"{minute:02}:{second:02}" for minute in range(60) for second in range(60))


@dataclass(frozen=True, slots=True, kw_only=True)
class CellFormat:
    """How a table is written, in pieces, so that what repeats itself can be written once and kept.

    A cell is `name(column)`, `value(…)`, `between`. A row is `start`, its cells, and a column which is a time: its
    name, `hour(hours since 1970)`, minutes and seconds; then `stop`, or `after_time` with the cells behind it. Danish
    time is whole hours from UTC.
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
    end_of_time: str
    end_of_row: str

    @property
    def stop(self) -> str:
        """What closes a time and its row."""
        return self.end_of_time + self.end_of_row

    def after_time(self, columns: Sequence[str], values: Sequence[Value]) -> str:
        """What closes a time, the cells behind it, and the row."""
        told = self.cells(columns, values).removesuffix(self.between)
        return f"{self.end_of_time}{self.between}{told}{self.end_of_row}"

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
    first = text[:1]
    if (first in _BEGINS or (len(text) <= _LONGEST_NAMED and text[:3] in _NAMED)) and (
        first in _GUARDED or _LIKE_A_VALUE.fullmatch(text.lower()) is not None
    ):
        return f'"\'{text}"'
    return f'"{text}"'


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
    end_of_time='"',
    end_of_row="\r\n",
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
    end_of_time='+00:00"',
    end_of_row="}\n",
)

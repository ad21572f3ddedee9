"""The sheets of a workbook of Excel: bytes → rows of texts, merged cells in each of their rows, formulas that nobody
has worked out marked. Not here: which sheet is the register (reports.register_reading), and what protects the bot from
a workbook that is made to cost: it is read in a process of its own (reports.register_process).
"""

from __future__ import annotations

import io
import warnings
import zipfile
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

import defusedxml  # noqa: F401  # openpyxl reads without it, too, unprotected: so nothing of ours starts without it

from reports.register import plain

if TYPE_CHECKING:
    from openpyxl.worksheet._reader import WorkSheetParser

LARGEST_UNPACKED = 100_000_000  # bytes of everything in a workbook

# In a workbook: 10,000 rows of 50 cells are 2 million; 24 million take openpyxl 90 s and gigabytes [measured].
MOST_XML_TAGS = 2_000_000
MOST_COLUMNS = 100  # what stands further to the right is not read
MOST_TOO_FAR = 20  # columns of it that are named


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row in which something stands, without what is empty at its end. `formulas` are the columns in which a formula
    stands that came to nothing yet."""

    number: int
    cells: list[str]
    formulas: tuple[int, ...] = ()
    too_far: tuple[tuple[int, str], ...] = ()  # column and what stands there, of the first beyond MOST_COLUMNS


def standing(
    number: int, cells: list[str], formulas: tuple[int, ...] = (), too_far: tuple[tuple[int, str], ...] = ()
) -> SheetRow | None:
    """None where nothing stands in the row."""
    kept = [cell and plain(cell) for cell in cells]
    while kept and not kept[-1] and len(kept) - 1 not in formulas:
        kept.pop()
    return SheetRow(number, kept, formulas, too_far) if kept else None


def beyond(cells: Iterable[tuple[int, str]]) -> tuple[tuple[int, str], ...]:
    """Of columns and what stands in them: the first that are too far to the right to be read."""
    far = ((column, text) for column, text in cells if column > MOST_COLUMNS and text.strip())
    return tuple(islice(far, MOST_TOO_FAR))


def letters(column: int) -> str:
    """As Excel calls it: 101 → CW."""
    name = ""
    while column:
        column, letter = divmod(column - 1, 26)
        name = chr(ord("A") + letter) + name
    return name


class ProtectedWorkbook(Exception):
    """Its parts are encrypted."""


class UnprotectedReading(Exception):
    """openpyxl would read without defusedxml."""


class OversizedWorkbook(Exception):
    """It unpacks to more than anybody's register is."""


_TALLEST = 1_048_576  # rows of a sheet in Excel; a file may claim more
_ENCRYPTED_PART = 1  # in the flags of a part
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # others are no workbook's, and unpack without a bound
_PIECE = 1_000_000  # bytes unpacked at a time
_ERROR, _FORMULA = "e", "f"  # types of a cell: came to #N/A and the like, came to nothing yet
_MOST_DIGITS = 10**15  # from here on Excel has put zeros in place of what was typed


@dataclass(frozen=True, slots=True)
class Sheet:
    title: str
    is_visible: bool
    _book: Any  # openpyxl's workbook and sheet: what is read of them has no types
    _sheet: Any

    def start(self, most: int) -> list[SheetRow]:
        """Its first rows, merged cells as they stand in the file."""
        return list(islice(self._rows(self._parser()), most))

    def rows(self, most: int) -> list[SheetRow]:
        """At most so many; what stands in merged cells stands in each of their rows."""
        parser = self._parser()
        found = list(islice(self._rows(parser), most))
        ranges = parser.merged_cells.mergeCell if parser.merged_cells is not None else ()
        numbers = [row.number for row in found]
        for merged in ranges:
            inside = slice(bisect_left(numbers, merged.min_row), bisect_right(numbers, merged.max_row))
            _spread(found, inside, merged.min_row, merged.min_col - 1)
        return found

    def _rows(self, parser: WorkSheetParser) -> Iterator[SheetRow]:
        before = 0
        with self._book._archive.open(self._sheet._worksheet_path) as parser.source:
            for number, cells in parser.parse():
                if before < number <= _TALLEST and (row := _shown_row(number, cells)) is not None:
                    before = number
                    yield row

    def _parser(self) -> WorkSheetParser:
        book = self._book
        parser: WorkSheetParser = _parsers().noticing(
            None,
            self._sheet._shared_strings,
            data_only=True,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        return parser


@contextmanager
def opened(content: bytes) -> Iterator[list[Sheet]]:
    """The sheets, hidden ones, often lists to choose from, last. Raises ProtectedWorkbook, OversizedWorkbook, and for
    a broken workbook what openpyxl, zipfile and the XML parsers raise."""
    _look_before_unpacking(content)
    with warnings.catch_warnings(action="ignore"):  # of what openpyxl leaves out: none of it is in cells
        book = _parsers().load(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        sheets = [Sheet(plain(each.title), each.sheet_state == "visible", book, each) for each in book.worksheets]
        yield sorted(sheets, key=lambda sheet: not sheet.is_visible)


def _look_before_unpacking(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        if sum(part.file_size for part in parts) > LARGEST_UNPACKED:  # no more of a part is unpacked than it claims
            raise OversizedWorkbook
        if any(part.flag_bits & _ENCRYPTED_PART for part in parts):
            raise ProtectedWorkbook
        if any(part.compress_type not in _PACKINGS for part in parts):
            raise zipfile.BadZipFile
        if sum(_tags_in(archive, part) for part in parts) > MOST_XML_TAGS:
            raise OversizedWorkbook


def _tags_in(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> int:
    with archive.open(part) as unpacked:
        return sum(piece.count(b"<") for piece in iter(lambda: unpacked.read(_PIECE), b""))


# --- openpyxl ---------------------------------------------------------------------------------------------


class _Parsers:
    """openpyxl takes a while to load, and few processes read a register."""

    @cached_property
    def load(self) -> Any:
        import openpyxl  # noqa: PLC0415  # see above

        if not openpyxl.DEFUSEDXML:  # without it openpyxl resolves whatever entities a file declares
            raise UnprotectedReading
        return openpyxl.load_workbook

    @cached_property
    def noticing(self) -> Any:
        """openpyxl's own reader of a sheet, in one pass with what its read-only sheets drop: merged cells, and which
        cells are formulas without a value. (`openpyxl.worksheet._reader` since 2.6; exact in constraints.txt.)"""
        from openpyxl.worksheet import _reader  # noqa: PLC0415  # see above

        class Noticing(_reader.WorkSheetParser):
            def parse_cell(self, element: Any) -> dict[str, Any]:
                cell: dict[str, Any] = super().parse_cell(element)
                if cell["value"] is None and element.find(_reader.FORMULA_TAG) is not None:
                    came_to_nothing = element.get("t") == "str" and element.find(_reader.VALUE_TAG) is not None
                    cell["data_type"] = cell["data_type"] if came_to_nothing else _FORMULA
                return cell

        return Noticing


_PARSERS = _Parsers()


def _parsers() -> _Parsers:
    return _PARSERS


# --- cells ------------------------------------------------------------------------------------------------


def _shown_row(number: int, cells: list[dict[str, Any]]) -> SheetRow | None:
    near = [cell for cell in cells if 0 < cell["column"] <= MOST_COLUMNS]
    shown = [""] * max((cell["column"] for cell in near), default=0)
    for cell in near:
        shown[cell["column"] - 1] = "" if cell["data_type"] in (_ERROR, _FORMULA) else _shown(cell["value"])
    formulas = tuple(cell["column"] - 1 for cell in near if cell["data_type"] == _FORMULA)
    far = ((cell["column"], _shown(cell["value"])) for cell in cells if cell["column"] > MOST_COLUMNS)
    return standing(number, shown, formulas, beyond(far))


def _spread(rows: list[SheetRow], inside: slice, top: int, column: int) -> None:
    """What stands at the top of a merged range, into its rows below; to the right it would be no value of the row's."""
    first = rows[inside.start] if inside.start < inside.stop else None
    if first is None or first.number != top or column >= len(first.cells):
        return
    for place in range(inside.start + 1, inside.stop):
        row = rows[place]
        cells = row.cells + [""] * (column + 1 - len(row.cells))
        cells[column] = cells[column] or first.cells[column]
        formulas = {*row.formulas, *({column} & {*first.formulas})}
        rows[place] = SheetRow(row.number, cells, tuple(sorted(formulas)), row.too_far)


def _shown(value: object) -> str:
    """A value as a person sees it in a Danish Excel, but dates as 2026-03-03."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return str(int(value))
        case int() | float() if abs(value) >= _MOST_DIGITS:
            return f"{value:.5E}"
        case float():
            return str(int(value)) if value.is_integer() else f"{value:.15g}".replace(".", ",")
        case datetime():
            return str(value.date() if value.time() == time() else value)
        case _:  # int, date, time, timedelta
            return str(value)

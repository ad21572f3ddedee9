"""A register's file read as people send it: bytes → FileTable, out of CSV in any encoding or a workbook of Excel.
Not here: what its columns and rows mean (reports.register), and the words for what is wrong: the caller's.
"""

from __future__ import annotations

import csv
import io
import re
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, time
from itertools import chain, islice
from typing import TYPE_CHECKING, Literal

from reports.cells import from_cell
from reports.encodings import UnknownEncoding, decoded, is_garbled
from reports.register import FileRow, FileTable, compared, is_ours, plain

if TYPE_CHECKING:  # openpyxl takes a while to load, and few processes read a register
    from openpyxl.worksheet.worksheet import Worksheet


LARGEST = 5_000_000  # bytes of a file
LARGEST_UNPACKED = 100_000_000  # bytes of everything in a workbook

# In a workbook: 10,000 rows of 50 cells are 2 million; 24 million take openpyxl 90 s and gigabytes [measured].
MOST_XML_TAGS = 2_000_000

MOST_ROWS = 10_000  # below the headings
MOST_COLUMNS = 100  # what stands further to the right is not read

UnreadableCode = Literal[
    "too-large", "too-many", "not-a-table", "empty", "letters", "open-quote", "old-excel", "protected"
]


class UnreadableFile(Exception):
    """No table can be made of the file. `code` says why; words for it are the caller's."""

    def __init__(self, code: UnreadableCode) -> None:
        super().__init__(code)
        self.code: UnreadableCode = code


_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # Excel before 2007, and the box around an encrypted workbook
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_LEADING = 20  # rows in which the headings are looked for
_Numbered = tuple[int, list[str]]


def read(content: bytes, name: str) -> FileTable:
    """The table in a file: a workbook, or text with any delimiter that Excel writes, in the encodings of Windows, Macs
    and DOS. What the file is, is told from its content; its name only helps to say what is wrong. Letters are read
    right or the file is refused. Takes about a second for 10,000 rows of a workbook. Raises UnreadableFile."""
    if len(content) > LARGEST:
        raise UnreadableFile("too-large")
    if content.startswith(_OLE):
        raise UnreadableFile("protected" if _ENCRYPTED in content else "old-excel")
    return _table(_of_workbook(content) if content.startswith(_ZIP) else _of_text(_text(content, name)))


def _table(rows: Sequence[_Numbered]) -> FileTable:
    """Of the rows in which something stands. Raises UnreadableFile."""
    top = _heading(rows)
    below = rows[top + 1 :]
    if len(below) > MOST_ROWS:
        raise UnreadableFile("too-many")
    if not below:
        raise UnreadableFile("empty")
    width = max(len(cells) for _, cells in rows[top:])
    first, *cells = (tuple(cells) + ("",) * (width - len(cells)) for _, cells in rows[top:])
    headings = tuple(map(compared, first))
    if is_ours(headings):  # whose own letters have come through
        cells = [tuple(map(from_cell, row)) for row in cells]
    elif is_garbled("\n".join(map(compared, chain(headings, *cells)))):
        raise UnreadableFile("letters")
    return FileTable(headings, tuple(FileRow(number, row) for (number, _), row in zip(below, cells, strict=True)))


def _heading(rows: Sequence[_Numbered]) -> int:
    """Where the headings are: a title stands alone in its row, headings do not, unless the table is one column."""
    if not rows:
        raise UnreadableFile("not-a-table")
    several = (place for place, (_, cells) in enumerate(rows[:_LEADING]) if sum(map(bool, cells)) > 1)
    return next(several, 0)


def _first(rows: Iterable[_Numbered]) -> list[_Numbered]:
    """As many rows in which something stands as can be told from too many."""
    return list(islice(_something(rows), _LEADING + MOST_ROWS + 1))


def _something(rows: Iterable[_Numbered]) -> Iterator[_Numbered]:
    """The rows in which something stands, without what is empty at their end."""
    for number, cells in rows:
        kept = [cell and plain(cell) for cell in cells]
        while kept and not kept[-1]:
            kept.pop()
        if kept:
            yield number, kept


# --- reading text -----------------------------------------------------------------------------------------

# A first line that Excel obeys and does not show.
_SEPARATOR = re.compile(r'"?sep=([^\w\s"]|\t)"?\r?\n', re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"?')
_RUBBISH = re.compile("[\x01-\x08\x0e-\x1b\x7f]")
_A_FEW = 3  # control characters are found in texts, and more in pictures, however small
_LOOKED_AT = 65_536  # characters, to tell what a text is
_END = "end"  # a last line of our own: where it is not read as one, a quote before it was never closed


def _text(content: bytes, name: str) -> str:
    try:
        text = decoded(content).replace("\0", "")
    except UnknownEncoding as error:
        is_text = not _is_rubbish(content[:_LOOKED_AT].decode("latin-1"))
        raise UnreadableFile("letters" if is_text else "not-a-table") from error
    start = text[:_LOOKED_AT]
    if start.lstrip().startswith("<"):  # many systems write a web page and call it .xls
        raise UnreadableFile("old-excel" if name.lower().endswith(".xls") else "not-a-table")
    if _is_rubbish(start):
        raise UnreadableFile("not-a-table")
    return text


def _is_rubbish(start: str) -> bool:
    return len(_RUBBISH.findall(start)) > _A_FEW + len(start) // 100


def _of_text(text: str) -> list[_Numbered]:
    """Numbered as Excel numbers them: a cell with line breaks is one row, an empty line is one too."""
    separator = _SEPARATOR.match(text)
    body = text[separator.end() :] if separator else text
    delimiter = separator[1] if separator else _delimiter(body)
    return _first(enumerate(_records(body, delimiter), start=1))


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    if not text.endswith(("\n", "\r")):
        text += "\n"
    lines = chain(io.StringIO(text, newline=""), [_END])
    record: list[str] = []
    before: list[str] | None = None
    try:
        for record in csv.reader(lines, delimiter=delimiter):
            if before is not None:
                yield before[:MOST_COLUMNS]
            before = record
    except csv.Error as error:  # a cell of over 131,072 characters
        raise UnreadableFile("open-quote" if '"' in text else "not-a-table") from error
    if record != [_END]:
        raise UnreadableFile("open-quote")


def _delimiter(text: str) -> str:
    """What stands between the headings, the first line in which something can. A comma is one where nothing else is:
    «Navn;Adresse, postnummer»."""
    lines = filter(str.strip, _QUOTED.sub("", text[:_LOOKED_AT]).splitlines())
    for line in islice(lines, _LEADING):
        if ";" in line or "\t" in line:
            return max("\t", ";", key=line.count)
        if "," in line:
            return ","
    return ";"


# --- reading workbooks ------------------------------------------------------------------------------------

_TALLEST = 1_048_576  # rows of a sheet in Excel; a file may claim more
_ENCRYPTED_PART = 1  # in the flags of a part
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # others are no workbook's, and unpack without a bound
_PIECE = 1_000_000  # bytes unpacked at a time
_ERROR = "e"  # the type of a cell that came to #N/A and the like

# What openpyxl, zipfile and the XML parsers raise for a broken workbook; nothing of ours is called in between.
_BROKEN = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)


def _of_workbook(content: bytes) -> list[_Numbered]:
    try:
        _look_before_unpacking(content)
        with warnings.catch_warnings(action="ignore"):  # of what openpyxl leaves out: none of it is in cells
            return _of_first_sheet(content)
    except _BROKEN as error:
        raise UnreadableFile("not-a-table") from error


def _look_before_unpacking(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        if sum(part.file_size for part in parts) > LARGEST_UNPACKED:  # no more of a part is unpacked than it claims
            raise UnreadableFile("too-large")
        if any(part.flag_bits & _ENCRYPTED_PART for part in parts):
            raise UnreadableFile("protected")
        if any(part.compress_type not in _PACKINGS for part in parts):
            raise UnreadableFile("not-a-table")
        if sum(_tags_in(archive, part) for part in parts) > MOST_XML_TAGS:
            raise UnreadableFile("too-large")


def _tags_in(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> int:
    with archive.open(part) as unpacked:
        return sum(piece.count(b"<") for piece in iter(lambda: unpacked.read(_PIECE), b""))


def _of_first_sheet(content: bytes) -> list[_Numbered]:
    """Of the first sheet in which something stands; hidden ones, often lists to choose from, come last."""
    from openpyxl import load_workbook  # noqa: PLC0415  # takes a while to load, and few processes read a register

    workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    sheets = sorted(workbook.worksheets, key=lambda sheet: sheet.sheet_state != "visible")
    return next(filter(None, (_first(_of_sheet(sheet)) for sheet in sheets)), [])


def _of_sheet(sheet: Worksheet) -> Iterator[_Numbered]:
    # Told how far to go, openpyxl does not trust the sheet's own word on how large it is.
    rows = sheet.iter_rows(max_row=_TALLEST, max_col=MOST_COLUMNS)
    before = None
    for number, cells in enumerate(rows, start=1):
        if cells is not before:  # one and the same stands for all rows that the file leaves out, a million at times
            yield number, ["" if cell.data_type == _ERROR else _shown(cell.value) for cell in cells]
        before = cells


def _shown(value: object) -> str:
    """A value as a person sees it in a Danish Excel, but dates as 2026-03-03."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return str(int(value))
        case float():
            return str(int(value)) if value.is_integer() else f"{value:.15g}".replace(".", ",")
        case datetime():
            return str(value.date() if value.time() == time() else value)
        case _:  # int, date, time, timedelta
            return str(value)

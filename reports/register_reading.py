"""A register's file read as people send it: bytes → FileTable, out of CSV in any encoding or a workbook of Excel.
Not here: what its columns and rows mean (reports.register), and the words for what is wrong: the caller's.
"""

from __future__ import annotations

import csv
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Literal

from reports.cells import from_cell
from reports.encodings import UnknownEncoding, decoded, is_garbled
from reports.register import FileRow, FileTable, RegisterField, compared, exact_fields, guess, is_ours
from reports.register_workbook import (
    MOST_COLUMNS,
    MOST_TOO_FAR,
    OversizedWorkbook,
    ProtectedWorkbook,
    Sheet,
    SheetRow,
    beyond,
    letters,
    opened,
    standing,
)

LARGEST = 5_000_000  # bytes of a file
MOST_ROWS = 10_000  # below the headings

UnreadableCode = Literal[
    "too-large", "too-many", "too-costly", "not-a-table", "empty", "letters", "open-quote", "old-excel", "protected"
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
_MOST = _LEADING + MOST_ROWS + 1  # as many rows as can be told from too many
_FEWEST_FIELDS = 2  # so many headings, called by their very names, are no row of the list


@dataclass(frozen=True, slots=True)
class _Found:
    """The rows of what is read, the sheet's name where there are others, and the others' names."""

    rows: Sequence[SheetRow]
    sheet: str = ""
    others: tuple[str, ...] = ()


def read(content: bytes, name: str) -> FileTable:
    """The table in a file: a workbook, or text with any delimiter that Excel writes, in the encodings of Windows, Macs
    and DOS. What the file is, is told from its content; its name only helps to say what is wrong. Letters are read
    right or the file is refused. Of several sheets the first is read in which the headings of a register stand.

    Takes about a second for 10,000 rows of a workbook, and as long as it likes for one that is made to cost: whoever
    has a file from outside calls reports.register_process. Raises UnreadableFile."""
    if len(content) > LARGEST:
        raise UnreadableFile("too-large")
    if content.startswith(_OLE):
        raise UnreadableFile("protected" if _ENCRYPTED in content else "old-excel")
    return _table(_in_workbook(content) if content.startswith(_ZIP) else _Found(_of_text(_text(content, name))))


def _table(found: _Found) -> FileTable:
    """Of the rows in which something stands. Raises UnreadableFile."""
    rows = found.rows
    top = _heading(rows)
    below = rows[top + 1 :]
    if len(below) > MOST_ROWS:
        raise UnreadableFile("too-many")
    if not below:
        raise UnreadableFile("empty")
    width = max(len(row.cells) for row in rows[top:])
    first, *cells = (tuple(row.cells) + ("",) * (width - len(row.cells)) for row in rows[top:])
    headings = tuple(map(compared, first))
    if is_ours(headings):  # whose own letters have come through
        cells = [tuple(map(from_cell, row)) for row in cells]
    elif is_garbled("\n".join(map(compared, chain(headings, *cells)))):
        raise UnreadableFile("letters")
    return FileTable(
        headings,
        tuple(FileRow(row.number, read, row.formulas) for row, read in zip(below, cells, strict=True)),
        heading_row=rows[top].number,
        sheet=found.sheet,
        other_sheets=found.others,
        too_far=_too_far(rows[top:]),
    )


def _too_far(rows: Sequence[SheetRow]) -> tuple[str, ...]:
    """The first columns that are not read though something stands in them, and what stands over them."""
    headings = dict(rows[0].too_far)
    columns = sorted({column for row in rows for column, _ in row.too_far})[:MOST_TOO_FAR]
    return tuple(
        f"{letters(column)} ({compared(headings[column])})" if column in headings else letters(column)
        for column in columns
    )


# --- where the headings are -------------------------------------------------------------------------------


def _heading(rows: Sequence[SheetRow]) -> int:
    """The row in which the headings of a register are recognised: what a portal prints above them (the date, how many)
    is passed over. Else where they usually are: a title stands alone in its row, headings do not, unless the table is
    one column."""
    if not rows:
        raise UnreadableFile("not-a-table")
    top = _recognised(rows)
    if top is None:
        several = (place for place, row in enumerate(rows[:_LEADING]) if sum(map(bool, row.cells)) > 1)
        top = next(several, 0)
    return _last_of_two(rows, top)


def _recognised(rows: Sequence[SheetRow]) -> int | None:
    """The row with most headings by their very names, the name's among them; one such heading is enough where it
    stands alone."""
    fields = [exact_fields(row.cells) for row in rows[:_LEADING]]
    best = max(range(len(fields)), key=lambda place: fields[place])
    alone = fields[best] == 1 and sum(map(bool, rows[best].cells)) == 1
    return best if alone or fields[best] >= _FEWEST_FIELDS else None


def _last_of_two(rows: Sequence[SheetRow], top: int) -> int:
    """Headings in two rows: the name's is merged over both, and the lower one says more."""
    column = guess(rows[top].cells).get(RegisterField.NAME)
    while column is not None and top + 1 < len(rows) and exact_fields(rows[top + 1].cells):
        below = rows[top + 1].cells
        if rows[top + 1].number != rows[top].number + 1 or below[column : column + 1] != [rows[top].cells[column]]:
            break
        top += 1
    return top


# --- reading text -----------------------------------------------------------------------------------------

# A first line that Excel obeys and does not show.
_SEPARATOR = re.compile(r'"?sep=([^\w\s"]|\t)"?\r?\n', re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"?')
_DELIMITERS = re.compile(r"[\t;|,\r\n]")
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


def _of_text(text: str) -> list[SheetRow]:
    """Numbered as Excel numbers them: a cell with line breaks is one row, an empty line is one too."""
    separator = _SEPARATOR.match(text)
    body = text[separator.end() :] if separator else text
    delimiter = separator[1] if separator else _delimiter(body)
    records = enumerate(_records(body, delimiter), start=1)
    rows = (
        standing(number, cells[:MOST_COLUMNS], (), beyond(enumerate(cells[MOST_COLUMNS:], MOST_COLUMNS + 1)))
        for number, cells in records
    )
    return list(islice(filter(None, rows), _MOST))


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    if not text.endswith(("\n", "\r")):
        text += "\n"
    lines = chain(io.StringIO(text, newline=""), [_END])
    record: list[str] = []
    before: list[str] | None = None
    try:
        for record in csv.reader(lines, delimiter=delimiter):
            if before is not None:
                yield before
            before = record
    except csv.Error as error:  # a cell of over 131,072 characters
        raise UnreadableFile("open-quote" if '"' in text else "not-a-table") from error
    if record != [_END]:
        raise UnreadableFile("open-quote")


def _delimiter(text: str) -> str:
    """What stands between the headings: what makes most headings of a register of a line. Where none is recognised, of
    the first line in which something can; a comma is one where nothing else is: «Navn;Adresse, postnummer»."""
    unquoted = _QUOTED.sub(lambda quoted: _DELIMITERS.sub(" ", quoted[0]), text[:_LOOKED_AT])
    lines = list(islice(filter(str.strip, unquoted.splitlines()), _LEADING))
    recognised = {each: max((exact_fields(line.split(each)) for line in lines), default=0) for each in "\t;|,"}
    best = max(recognised, key=recognised.__getitem__)
    if recognised[best] >= _FEWEST_FIELDS:
        return best
    for line in lines:
        if ";" in line or "\t" in line:
            return max("\t", ";", key=line.count)
        if "," in line or "|" in line:
            return max("|", ",", key=lambda each: (exact_fields(line.split(each)), line.count(each)))
    return ";"


# --- reading workbooks ------------------------------------------------------------------------------------

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


def _in_workbook(content: bytes) -> _Found:
    try:
        with opened(content) as sheets:
            return _chosen(sheets)
    except ProtectedWorkbook as error:
        raise UnreadableFile("protected") from error
    except OversizedWorkbook as error:
        raise UnreadableFile("too-large") from error
    except _BROKEN as error:
        raise UnreadableFile("not-a-table") from error


def _chosen(sheets: Sequence[Sheet]) -> _Found:
    """The first sheet in which the headings of a register are recognised above something; else the first with anything
    under its headings; else the first in which something stands."""
    starts = {sheet: start for sheet in sheets if (start := sheet.start(_LEADING + 1))}
    listing = (sheet for sheet, start in starts.items() if _is_register(start))
    tables = (sheet for sheet, start in starts.items() if _heading(start) + 1 < len(start))
    chosen = next(chain(listing, tables, starts), None)
    if chosen is None:
        return _Found(())
    others = tuple(sheet.title for sheet in starts if sheet is not chosen)
    return _Found(chosen.rows(_MOST), chosen.title if others else "", others)


def _is_register(start: Sequence[SheetRow]) -> bool:
    top = _recognised(start)
    return top is not None and top + 1 < len(start)

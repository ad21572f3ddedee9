"""The register of whom to hear, as a table: read as people send it (CSV, Excel), understood, and written again.

Not here: what is in the register already, its labels, and the words for what is wrong — the caller's, all of them.
"""

from __future__ import annotations

import csv as comma_separated
import io
import re
import struct
import unicodedata
import warnings
import zipfile
import zlib
from bisect import bisect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from enum import StrEnum
from itertools import chain, islice
from typing import TYPE_CHECKING, Literal

from bot.flows.safeguarding import looks_like_cpr
from bot.texts.names import folded
from reports.cells import CSV, from_cell

if TYPE_CHECKING:  # openpyxl takes a while to load, and few processes read or write a register
    from openpyxl.worksheet.worksheet import Worksheet


class RegisterField(StrEnum):
    NAME = "name"
    KIND = "kind"
    AREA = "area"
    DEPARTMENT = "department"
    SIZE = "size"
    TAGS = "tags"
    CONTACT = "contact"


class PartyKind(StrEnum):
    FORENING = "forening"
    RAAD = "raad"
    CENTER = "center"
    ARBEJDSPLADS = "arbejdsplads"
    NOEGLEPERSON = "noegleperson"
    UDVALG = "udvalg"
    ANDET = "andet"


# What stands above the columns that we write, in their order.
HEADINGS = {
    RegisterField.NAME: "Navn",
    RegisterField.KIND: "Type",
    RegisterField.AREA: "Område",
    RegisterField.DEPARTMENT: "Forvaltning",
    RegisterField.SIZE: "Størrelse",
    RegisterField.TAGS: "Mærker",
    RegisterField.CONTACT: "Kontakt",
}

SIZES = ("0-9", "10-24", "25-49", "50-99", "100+")
SHEET = "Register"  # the name of the one sheet that we write

WIDTHS = {  # of the columns in Excel, in characters
    RegisterField.NAME: 42,
    RegisterField.KIND: 14,
    RegisterField.AREA: 20,
    RegisterField.DEPARTMENT: 24,
    RegisterField.SIZE: 11,
    RegisterField.TAGS: 30,
    RegisterField.CONTACT: 36,
}

LARGEST = 5_000_000  # bytes of a file
LARGEST_UNPACKED = 100_000_000  # bytes of everything in a workbook

MOST_XML_TAGS = (
    2_000_000  # in a workbook: 10,000 rows of 50 cells; 24 million take openpyxl 90 s and gigabytes [measured]
)

MOST_ROWS = 10_000  # below the headings
MOST_COLUMNS = 100  # what stands further to the right is not read
LONGEST_NAME = 200  # characters
LONGEST_VALUE = 300  # characters of any other cell, and of each mark
UnreadableCode = Literal["too-large", "too-many", "not-a-table", "empty", "open-quote", "old-excel", "protected"]

BadCode = Literal[
    "no-name",
    "long-name",
    "long-value",
    "unknown-kind",
    "unknown-area",
    "unknown-department",
    "unknown-size",
    "private-name",
    "private-tags",
    "private-contact",
]


class UnreadableFile(Exception):
    """No table can be made of the file. `code` says why; words for it are the caller's."""

    def __init__(self, code: UnreadableCode) -> None:
        super().__init__(code)
        self.code: UnreadableCode = code


@dataclass(frozen=True, slots=True)
class FileRow:
    """`number` is the row's in Excel, which counts from 1 at the top of the sheet. As many cells as headings."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FileTable:
    """Texts in NFC without control characters, one space between words. Rows in which nothing stands are left out."""

    headings: tuple[str, ...]
    rows: tuple[FileRow, ...]


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """Somebody to hear. `kind`, `area` and `department` are keys, `size` one of SIZES."""

    name: str
    kind: str
    area: str | None
    department: str | None
    size: str | None
    tags: tuple[str, ...]
    contact: str | None


@dataclass(frozen=True, slots=True)
class CellWords:
    """What cells may say for each key: key → the labels that mean it. The key itself always does."""

    kinds: Mapping[str, tuple[str, ...]]
    areas: Mapping[str, tuple[str, ...]]
    departments: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class BadCell:
    """A cell that could not be taken as it is. `value` is what stands in it, but "" where it may hold a CPR number.

    Without a usable name (`no-name`, `long-name`, `private-name`) the row is left out; else only the cell's field is
    left empty, or the one mark left out.
    """

    row: int
    field: RegisterField
    code: BadCode
    value: str


@dataclass(frozen=True, slots=True)
class Merged:
    """A row about somebody who is there already: in the register, or further up in the file. `into` is their name."""

    row: int
    into: str
    in_register: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """What would come of a file. `updates` are in the register, by the names they have there: fill what is empty.

    Everybody is named once, in the order of the file, with the first value of each field and all their tags.
    """

    entries: tuple[RegisterEntry, ...]
    updates: tuple[RegisterEntry, ...]
    bad: tuple[BadCell, ...]
    merged: tuple[Merged, ...]


# --- reading ----------------------------------------------------------------------------------------------

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # Excel before 2007, and the box around an encrypted workbook
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_UNWRITTEN = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")  # and never meant
_LEADING = 20  # rows in which the headings are looked for
_Numbered = tuple[int, list[str]]


def read(content: bytes, name: str) -> FileTable:
    """The table in a file: a workbook, or text in any encoding and with any delimiter that Excel writes. What the
    file is, is told from its content; its name only helps to say what is wrong. Takes about a second for 10,000 rows
    of a workbook. Raises Unreadable."""
    if len(content) > LARGEST:
        raise UnreadableFile("too-large")
    if content.startswith(_OLE):
        raise UnreadableFile("protected" if _ENCRYPTED in content else "old-excel")
    return _table(_of_workbook(content) if content.startswith(_ZIP) else _of_text(_text(content, name)))


def plain(text: str) -> str:
    """As cells are kept: NFC, one space for all that is white, no control characters."""
    return " ".join(unicodedata.normalize("NFC", _UNWRITTEN.sub("", text)).split())


def _table(rows: Sequence[_Numbered]) -> FileTable:
    """Of the rows in which something stands. Raises Unreadable."""
    top = _heading(rows)
    below = rows[top + 1 :]
    if len(below) > MOST_ROWS:
        raise UnreadableFile("too-many")
    if not below:
        raise UnreadableFile("empty")
    width = max(len(cells) for _, cells in rows[top:])
    headings, *cells = (tuple(cells) + ("",) * (width - len(cells)) for _, cells in rows[top:])
    if _is_ours(headings):
        cells = [tuple(map(from_cell, row)) for row in cells]
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


def _is_ours(headings: Sequence[str]) -> bool:
    """Columns may have been moved and added, as happens to a file on its way."""
    return set(HEADINGS.values()) <= set(headings)


# --- reading text -----------------------------------------------------------------------------------------

# A first line that Excel obeys and does not show.
_SEPARATOR = re.compile(r'"?sep=([^\w\s"]|\t)"?\r?\n', re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"?')
_RUBBISH = re.compile("[\x01-\x08\x0e-\x1b\x7f]")
_A_FEW = 3  # control characters are found in texts, and more in pictures, however small
_LOOKED_AT = 65_536  # characters, to tell what a text is
_END = "end"  # a last line of our own: where it is not read as one, a quote before it was never closed


def _text(content: bytes, name: str) -> str:
    text = _decoded(content).replace("\0", "").removeprefix("\ufeff")
    start = text[:_LOOKED_AT]
    if start.lstrip().startswith("<"):  # many systems write a web page and call it .xls
        raise UnreadableFile("old-excel" if name.lower().endswith(".xls") else "not-a-table")
    if len(_RUBBISH.findall(start)) > _A_FEW + len(start) // 100:
        raise UnreadableFile("not-a-table")
    return text


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("latin-1").translate(_CP1252)


# Bytes that mean nothing in cp1252 stay what they are in Latin-1.
_CP1252 = {
    byte: character for byte in range(0x80, 0xA0) if (character := bytes([byte]).decode("cp1252", errors="ignore"))
}


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
        for record in comma_separated.reader(lines, delimiter=delimiter):
            if before is not None:
                yield before[:MOST_COLUMNS]
            before = record
    except comma_separated.Error as error:  # a cell of over 131,072 characters
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


# --- which column is what ---------------------------------------------------------------------------------

_BETWEEN_WORDS = re.compile(r"[\W_]+")


def _words(text: str) -> tuple[str, ...]:
    return tuple(map(folded, filter(None, _BETWEEN_WORDS.split(text))))


# What people call each column, what says it best first.
_CALLED = {
    field: tuple(map(_words, names))
    for field, names in {
        RegisterField.NAME: (
            *("Foreningens navn", "Foreningsnavn", "ForeningNavn", "Navn på forening", "Navn på foreningen"),
            *("Organisationens navn", "Organisationsnavn", "Klubnavn", "Klubbens navn"),
            *("Forening", "Foreninger", "Organisation", "Klub", "Navn", "Name", "Association", "Organization"),
        ),
        RegisterField.KIND: (
            *("Type", "Foreningstype", "Organisationstype", "Type forening", "Kategori", "Art", "Slags"),
            *("Kind", "Category"),
        ),
        RegisterField.AREA: (
            *("Område", "Lokalområde", "Geografisk område", "Bydel", "Distrikt", "Lokalsamfund", "By"),
            *("Area", "District", "Town", "City"),
        ),
        RegisterField.DEPARTMENT: ("Forvaltning", "Forvaltningsområde", "Afdeling", "Department"),
        RegisterField.SIZE: (
            *("Størrelse", "Antal medlemmer", "Medlemmer", "Medlemstal", "Medlemsantal", "Antal frivillige"),
            *("Frivillige", "Size", "Members", "Number of members", "Volunteers", "Number of volunteers"),
        ),
        RegisterField.TAGS: (
            "Mærker",
            "Mærke",
            "Tags",
            "Tag",
            "Emner",
            "Emne",
            "Emneord",
            "Nøgleord",
            "Keywords",
            "Topics",
        ),
        RegisterField.CONTACT: (
            *("E-mail", "Email", "Mail", "Kontakt", "Kontaktoplysninger", "Kontaktinfo", "Kontaktperson"),
            *("Navn på kontaktperson", "Telefon", "Telefonnummer", "Tlf", "Tlf nr", "Mobil", "Mobilnummer"),
            *("Contact", "Contact person", "Phone", "Hjemmeside", "Website", "Web", "WWW"),
        ),
    }.items()
}

_AN_EMAIL = "mail"  # mailadresse, kontaktpersonens e-mail
_Fit = tuple[int, int]


def guess(headings: Sequence[str]) -> dict[RegisterField, int]:
    """Which column is likely to be which field: field → place in `headings`, no place twice. A field without a likely
    column is left out. What we have written ourselves is recognised wholly."""
    if _is_ours(headings):
        return {field: headings.index(heading) for field, heading in HEADINGS.items()}
    found: dict[RegisterField, int] = {}
    for _, column, field in sorted(_fits(headings)):
        if field not in found and column not in found.values():
            found[field] = column
    return found


def unmapped(headings: Sequence[str], mapping: Mapping[RegisterField, int]) -> tuple[int, ...]:
    """The columns that are no field's, from the left."""
    return tuple(column for column in range(len(headings)) if column not in mapping.values())


def _fits(headings: Sequence[str]) -> Iterator[tuple[_Fit, int, RegisterField]]:
    for column, heading in enumerate(headings):
        words = _words(heading)
        for field in RegisterField:
            if fit := _fit(field, words):
                yield fit, column, field


def _fit(field: RegisterField, words: tuple[str, ...]) -> _Fit | None:
    """Lowest first: the very name, a name that goes on («Forening (navn)»). An e-mail address before other contacts."""
    together = "".join(words)
    for place, name in enumerate(_CALLED[field]):
        if together == "".join(name):
            return 0, place
    if field is RegisterField.CONTACT and _AN_EMAIL in together:
        return 0, 0
    return next(((1, place) for place, name in enumerate(_CALLED[field]) if words[: len(name)] == name), None)


# --- what the rows say ------------------------------------------------------------------------------------

_BETWEEN_TAGS = re.compile(r"[,;|]")
_Meanings = Mapping[RegisterField, Mapping[str, str]]

_UNKNOWN: Mapping[RegisterField, BadCode] = {
    RegisterField.KIND: "unknown-kind",
    RegisterField.AREA: "unknown-area",
    RegisterField.DEPARTMENT: "unknown-department",
}


@dataclass(frozen=True, slots=True)
class _RowReading:
    """One row as it is being read, and the list in which what is wrong is noted."""

    number: int
    cells: Mapping[RegisterField, str]
    bad: list[BadCell]

    def note(self, field: RegisterField, code: BadCode, value: str) -> None:
        self.bad.append(BadCell(self.number, field, code, "" if looks_like_cpr(value) else value))

    def value(self, field: RegisterField) -> str:
        value = self.cells.get(field, "")
        return value if self.is_short(field, value) else ""

    def is_short(self, field: RegisterField, value: str) -> bool:
        if is_long := len(value) > LONGEST_VALUE:
            self.note(field, "long-value", value)
        return not is_long


def preview(table: FileTable, mapping: Mapping[RegisterField, int], words: CellWords, known: Sequence[str]) -> Preview:
    """What would come of the table; nothing is done. `known` are the names in the register."""
    meanings = _meanings(words)
    registered = {folded(name): name for name in reversed(known)}
    found: dict[str, RegisterEntry] = {}
    bad: list[BadCell] = []
    merged: list[Merged] = []
    for row in table.rows:
        line = _RowReading(row.number, {field: row.cells[column] for field, column in mapping.items()}, bad)
        if (entry := _entry(line, meanings)) is None:
            continue
        same = folded(entry.name)
        if same in registered:
            entry = replace(entry, name=registered[same])
        first = found.get(same)
        if first or same in registered:
            merged.append(Merged(row.number, first.name if first else entry.name, same in registered))
        found[same] = _united(first, entry) if first else entry
    told = {same: replace(entry, kind=entry.kind or PartyKind.FORENING.value) for same, entry in found.items()}
    return Preview(
        entries=tuple(entry for same, entry in told.items() if same not in registered),
        updates=tuple(entry for same, entry in told.items() if same in registered),
        bad=tuple(bad),
        merged=tuple(merged),
    )


def _meanings(words: CellWords) -> _Meanings:
    kinds: dict[str, tuple[str, ...]] = {kind.value: () for kind in PartyKind}
    given = {
        RegisterField.KIND: {**kinds, **words.kinds},
        RegisterField.AREA: words.areas,
        RegisterField.DEPARTMENT: words.departments,
    }
    return {field: _by_label(labels) for field, labels in given.items()}


def _by_label(labels: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Folded label → key. A key means itself, whatever else is called so; of two labels the first counts."""
    said = [(key, key) for key in labels] + [(label, key) for key, several in labels.items() for label in several]
    return {folded(label): key for label, key in reversed(said)}


def _entry(line: _RowReading, meanings: _Meanings) -> RegisterEntry | None:
    """None without a name to use. `kind` is "" where none is told: another row may know better."""
    name = line.cells.get(RegisterField.NAME, "")
    if code := _wrong_with(name):
        line.note(RegisterField.NAME, code, name)
        return None
    return RegisterEntry(
        name=name,
        kind=_key(line, RegisterField.KIND, meanings) or "",
        area=_key(line, RegisterField.AREA, meanings),
        department=_key(line, RegisterField.DEPARTMENT, meanings),
        size=_size(line),
        tags=_tags(line),
        contact=_contact(line),
    )


def _wrong_with(name: str) -> BadCode | None:
    """«-» and «?» are no names, but what people write where they have none."""
    if not any(map(str.isalnum, name)):
        return "no-name"
    if len(name) > LONGEST_NAME:
        return "long-name"
    return "private-name" if looks_like_cpr(name) else None


def _key(line: _RowReading, field: RegisterField, meanings: _Meanings) -> str | None:
    if not (value := line.value(field)):
        return None
    key = meanings[field].get(folded(value))
    if key is None:
        line.note(field, _UNKNOWN[field], value)
    return key


def _tags(line: _RowReading) -> tuple[str, ...]:
    tags = _unique(filter(None, map(str.strip, _BETWEEN_TAGS.split(line.cells.get(RegisterField.TAGS, "")))))
    return tuple(
        tag for tag in tags if line.is_short(RegisterField.TAGS, tag) and _is_public(line, RegisterField.TAGS, tag)
    )


def _contact(line: _RowReading) -> str | None:
    value = line.value(RegisterField.CONTACT)
    return value if value and _is_public(line, RegisterField.CONTACT, value) else None


def _is_public(line: _RowReading, field: Literal[RegisterField.TAGS, RegisterField.CONTACT], value: str) -> bool:
    if is_private := looks_like_cpr(value):
        line.note(field, "private-tags" if field is RegisterField.TAGS else "private-contact", value)
    return not is_private


def _united(first: RegisterEntry, later: RegisterEntry) -> RegisterEntry:
    return RegisterEntry(
        name=first.name,
        kind=first.kind or later.kind,
        area=first.area or later.area,
        department=first.department or later.department,
        size=first.size or later.size,
        tags=_unique(first.tags + later.tags),
        contact=first.contact or later.contact,
    )


def _unique(tags: Iterable[str]) -> tuple[str, ...]:
    """As they were first written."""
    kept: dict[str, str] = {}
    for tag in tags:
        kept.setdefault(folded(tag), tag)
    return tuple(kept.values())


# --- sizes ------------------------------------------------------------------------------------------------

_STARTS = (0, 10, 25, 50, 100)  # of SIZES
_NUMBER = re.compile(r"\d{1,3}(?:[. ]\d{3})+(?!\d)|\d+")  # 1.250 and 1 250 as well
_OVER = re.compile(r"[+>≥]|\b(?:over|mere end|flere end|mindst|minimum|more than|at least)\b")
_UNDER = re.compile(r"[<≤]|\b(?:under|mindre end|færre end|højst|op til|maks|max|less than|up to)\b")
_OCTOBER = re.compile(r"\d{4}-10-24|2024-10-01|okt-24|oct-24|24[-. ]+(?:okt|oct)")  # what Excel makes of «10-24»


def _size(line: _RowReading) -> str | None:
    value = line.value(RegisterField.SIZE)
    size = _size_in(value.casefold())
    if value and size is None:
        line.note(RegisterField.SIZE, "unknown-size", value)
    return size


def _size_in(value: str) -> str | None:
    """The one of SIZES that holds everything that is said: «40», «ca. 40», «30–45», «over 100», «under 10»."""
    if _OCTOBER.fullmatch(value):
        return "10-24"
    numbers = [int(re.sub(r"\D", "", number)) for number in _NUMBER.findall(value)]
    sizes = {_size_of(number) for number in numbers}
    if len(sizes) != 1:
        return None
    if _OVER.search(value):
        return SIZES[-1] if min(numbers) >= _STARTS[-1] else None
    if _UNDER.search(value):
        return SIZES[0] if max(numbers) <= _STARTS[1] else None
    return sizes.pop()


def _size_of(number: int) -> str:
    return SIZES[bisect(_STARTS, number) - 1]


# --- writing ----------------------------------------------------------------------------------------------


def csv(entries: Iterable[RegisterEntry]) -> bytes:
    """As `reports.cells` writes CSV, with HEADINGS. Kinds, areas and departments are written as they are in the
    entries. `read`, `guess` and `preview` give the same entries again."""
    lines = (";".join(map(CSV.text, _cells(entry))) + "\r\n" for entry in entries)
    return "".join((CSV.header(tuple(HEADINGS.values())), *lines)).encode()


def xlsx(entries: Iterable[RegisterEntry]) -> bytes:
    """The same as a workbook: every cell a text, so that nothing is run, and «10-24» is no day in October. Only an
    apostrophe at the start is doubled, for a reader takes one away."""
    from openpyxl import Workbook  # noqa: PLC0415  # takes a while to load, and few processes write a register

    workbook, written = Workbook(), io.BytesIO()
    sheet = workbook.worksheets[0]
    sheet.title = SHEET
    for row, texts in enumerate(chain([tuple(HEADINGS.values())], map(_cells, entries)), start=1):
        for column, text in enumerate(texts, start=1):
            _write(sheet, row, column, f"'{text}" if text.startswith("'") else text)
    _lay_out(sheet)
    workbook.save(written)
    return written.getvalue()


def _cells(entry: RegisterEntry) -> tuple[str, ...]:
    """In the order of HEADINGS."""
    values = (entry.name, entry.kind, entry.area, entry.department, entry.size, ", ".join(entry.tags), entry.contact)
    return tuple(plain(value or "") for value in values)


def _write(sheet: Worksheet, row: int, column: int, text: str) -> None:
    if text:
        cell = sheet.cell(row, column, text)
        cell.data_type = "s"
        cell.number_format = "@"  # stays a text when somebody writes in the cell


def _lay_out(sheet: Worksheet) -> None:
    from openpyxl.styles import Font  # noqa: PLC0415  # as above
    from openpyxl.utils import get_column_letter  # noqa: PLC0415  # as above

    for column, field in enumerate(HEADINGS, start=1):
        sheet.cell(1, column).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(column)].width = WIDTHS[field]
    sheet.freeze_panes = "A2"

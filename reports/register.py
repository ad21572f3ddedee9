"""The register of whom to hear, as a table: its fields and headings, what a file's columns and rows mean, what would
come of them. Not here: files (reports.register_reading, reports.register_writing); what is in the register already, its
labels, and the words for what is wrong: the caller's, all of them.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

from bot.flows import person_names
from bot.flows.model import Language
from bot.flows.safeguarding import looks_like_cpr
from bot.texts.alike_names import AlikeNames, written_alike
from bot.texts.names import folded, on_one_line


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


# What stands above the columns that we write, in their order; it is read again, whatever language the reader has.
HEADINGS: dict[Language, dict[RegisterField, str]] = {
    "da": {
        RegisterField.NAME: "Navn",
        RegisterField.KIND: "Type",
        RegisterField.AREA: "Område",
        RegisterField.DEPARTMENT: "Forvaltning",
        RegisterField.SIZE: "Størrelse",
        RegisterField.TAGS: "Emneord",
        RegisterField.CONTACT: "Kontakt",
    },
    "en": {
        RegisterField.NAME: "Name",
        RegisterField.KIND: "Type",
        RegisterField.AREA: "Area",
        RegisterField.DEPARTMENT: "Department",
        RegisterField.SIZE: "Size",
        RegisterField.TAGS: "Keywords",
        RegisterField.CONTACT: "Contact",
    },
}

FORMER_HEADINGS = {"Mærker": "Emneord"}  # as an earlier version wrote them

SIZES = ("0-9", "10-24", "25-49", "50-99", "100+")

LONGEST_NAME = 200  # characters
LONGEST_VALUE = 300  # characters of any other cell, and of each mark
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
    "formula-name",
    "formula",
    "cut-name",
    "cut-number",
    "headings-again",
]
DoubtCode = Literal["person", "same", "alike"]


@dataclass(frozen=True, slots=True)
class FileRow:
    """`number` is the row's in Excel, which counts from 1 at the top of the sheet. As many cells as headings.
    `formulas` are the columns in which a formula stands that nobody has worked out."""

    number: int
    cells: tuple[str, ...]
    formulas: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class FileTable:
    """Texts as they stand in the file, but each on one line and without control characters; headings, which are
    compared alone, in NFC with one space between words. Rows in which nothing stands are left out. `sheet` is named
    where something stands in others too, whose names are `other_sheets`; what stands above `heading_row` is not read,
    nor the columns `too_far` to the right: by Excel's letters, «CW (Telefon)».
    """

    headings: tuple[str, ...]
    rows: tuple[FileRow, ...]
    heading_row: int = 1
    sheet: str = ""
    other_sheets: tuple[str, ...] = ()
    too_far: tuple[str, ...] = ()


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

    Without a usable name (`field` is NAME) the row is left out; else only the cell's field is left empty, or the one
    mark left out.
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
class RowInDoubt:
    """A row to ask about before it is taken in: it may be a private person, or somebody else under a name that is
    counted as the same, or the same under a name that is nearly so. `other` is whom it may be."""

    row: int
    code: DoubtCode
    name: str
    other: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """What would come of a file. `updates` are in the register, by the names they have there: fill what is empty.

    Everybody is named once, in the order of the file, with the first value of each field and all their tags.
    """

    entries: tuple[RegisterEntry, ...]
    updates: tuple[RegisterEntry, ...]
    bad: tuple[BadCell, ...]
    merged: tuple[Merged, ...]
    doubts: tuple[RowInDoubt, ...] = ()

    @property
    def doubtful_rows(self) -> frozenset[int]:
        return frozenset(doubt.row for doubt in self.doubts)


_NO_CHARACTERS = re.compile("[\ufffe\uffff]")


def plain(text: str) -> str:
    """As cells are kept: as they were written, on one line, without signs that nobody sees."""
    return on_one_line(_NO_CHARACTERS.sub("", text))


def compared(text: str) -> str:
    """As headings and numbers are compared: NFC, one space for all that is white."""
    return " ".join(unicodedata.normalize("NFC", text).split())


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


def is_ours(headings: Sequence[str]) -> bool:
    """Whether we wrote the table. Columns may have been moved and added, as happens to a file on its way."""
    return _written_in(headings) is not None


def _written_in(headings: Sequence[str]) -> Mapping[RegisterField, str] | None:
    """The headings that we wrote it with; None where somebody else did."""
    seen = set(_as_now(headings))
    return next((ours for ours in HEADINGS.values() if set(ours.values()) <= seen), None)


def _as_now(headings: Sequence[str]) -> list[str]:
    return [FORMER_HEADINGS.get(heading, heading) for heading in headings]


def guess(headings: Sequence[str]) -> dict[RegisterField, int]:
    """Which column is likely to be which field: field → place in `headings`, no place twice. A field without a likely
    column is left out. What we have written ourselves is recognised wholly."""
    if ours := _written_in(headings):
        return {field: _as_now(headings).index(heading) for field, heading in ours.items()}
    found: dict[RegisterField, int] = {}
    for _, column, field in sorted(_fits(headings)):
        if field not in found and column not in found.values():
            found[field] = column
    return found


def exact_fields(cells: Sequence[str]) -> int:
    """How many fields a row of headings names by what they are called; 0 where it does not name the name."""
    exact = {field for (goes_on, _), _, field in _fits(cells) if not goes_on}
    return len(exact) if RegisterField.NAME in exact else 0


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
_CUT = re.compile(r"[+-]?\d(?:[.,]\d+)?E[+-]\d{2,3}", re.IGNORECASE)  # what Excel leaves of a long number: 4,52E+09
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
    formulas: frozenset[RegisterField]
    bad: list[BadCell]

    def note(self, field: RegisterField, code: BadCode, value: str) -> None:
        self.bad.append(BadCell(self.number, field, code, "" if looks_like_cpr(value) else value))

    def value(self, field: RegisterField) -> str:
        """ "" where nothing stands, or nothing that can be taken: that is noted."""
        value = self.cells.get(field, "")
        if field in self.formulas:
            self.note(field, "formula", "")
            return ""
        return value if self.is_short(field, value) and self.is_whole(field, value) else ""

    def is_whole(self, field: RegisterField, value: str) -> bool:
        if is_cut := _CUT.fullmatch(value) is not None:
            self.note(field, "cut-number", value)
        return not is_cut

    def is_short(self, field: RegisterField, value: str) -> bool:
        if is_long := len(value) > LONGEST_VALUE:
            self.note(field, "long-value", value)
        return not is_long


def preview(
    table: FileTable,
    mapping: Mapping[RegisterField, int],
    words: CellWords,
    known: Sequence[str],
    left_out: Collection[int] = (),
) -> Preview:
    """What would come of the table, without the rows that somebody has left out; nothing is done. `known` are the
    names in the register."""
    meanings = _meanings(words)
    registered = {folded(name): name for name in reversed(known)}
    found: dict[str, RegisterEntry] = {}
    bad: list[BadCell] = []
    merged: list[Merged] = []
    named: list[tuple[int, str]] = []
    for row in table.rows:
        if row.number in left_out:
            continue
        line = _row_reading(table, row, mapping, bad)
        if line is None or (entry := _entry(line, meanings)) is None:
            continue
        named.append((row.number, entry.name))
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
        doubts=tuple(_doubts(named, known)),
    )


def _row_reading(
    table: FileTable, row: FileRow, mapping: Mapping[RegisterField, int], bad: list[BadCell]
) -> _RowReading | None:
    line = _RowReading(
        row.number,
        {field: row.cells[column] for field, column in mapping.items()},
        frozenset(field for field, column in mapping.items() if column in row.formulas),
        bad,
    )
    if all(row.cells[column] == table.headings[column] for column in mapping.values()):  # as lists are printed
        line.note(RegisterField.NAME, "headings-again", "")
        return None
    return line


def _doubts(named: Sequence[tuple[int, str]], known: Sequence[str]) -> Iterator[RowInDoubt]:
    """What to ask about, in the order of the rows, each row once."""
    alike = AlikeNames(known)
    for row, name in named:
        same, near = alike.same_as(name), alike.near(name)
        if person_names.is_likely(name):
            yield RowInDoubt(row, "person", name)
        elif same is not None:
            if not written_alike(same, name):
                yield RowInDoubt(row, "same", name, same)
        elif near is not None:
            yield RowInDoubt(row, "alike", name, near)
        alike.add(name)


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
    if code := "formula-name" if RegisterField.NAME in line.formulas else _wrong_with(name):
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
    if _CUT.fullmatch(name):
        return "cut-name"
    return "private-name" if looks_like_cpr(name) else None


def _key(line: _RowReading, field: RegisterField, meanings: _Meanings) -> str | None:
    if not (value := line.value(field)):
        return None
    key = meanings[field].get(folded(value))
    if key is None:
        line.note(field, _UNKNOWN[field], value)
    return key


def _tags(line: _RowReading) -> tuple[str, ...]:
    if RegisterField.TAGS in line.formulas:
        line.note(RegisterField.TAGS, "formula", "")
    cell = line.cells.get(RegisterField.TAGS, "")
    whole = [cell] if _CUT.fullmatch(cell) else _BETWEEN_TAGS.split(cell)  # «4,52E+09» is no two marks
    tags = _unique(filter(None, map(str.strip, whole)))
    return tuple(tag for tag in tags if _is_tag(line, tag))


def _is_tag(line: _RowReading, tag: str) -> bool:
    field: Literal[RegisterField.TAGS] = RegisterField.TAGS
    return line.is_short(field, tag) and line.is_whole(field, tag) and _is_public(line, field, tag)


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
_MONTH = re.compile(r"\d[-. ]+(?:jan|feb|mar|apr|ma[jy]|ju[nl]|aug|sep|o[kc]t|nov|dec)\b")  # what it makes of «9-1»
_OCTOBER = re.compile(r"\d{4}-10-24|2024-10-01|okt-24|oct-24|24[-. ]+(?:okt|oct)")  # what Excel makes of «10-24»


def _size(line: _RowReading) -> str | None:
    value = line.value(RegisterField.SIZE)
    size = _size_in(compared(value).casefold())
    if value and size is None:
        line.note(RegisterField.SIZE, "unknown-size", value)
    return size


def _size_in(value: str) -> str | None:
    """The one of SIZES that holds everything that is said: «40», «ca. 40», «30–45», «over 100», «under 10»."""
    if _OCTOBER.fullmatch(value):
        return "10-24"
    if _MONTH.search(value):
        return None
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

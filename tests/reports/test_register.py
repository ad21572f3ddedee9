"""A register comes in as people have it, says what it could not use, and comes back from Excel as it went out."""

from __future__ import annotations

import io
import warnings
import zipfile
from contextlib import suppress
from datetime import date, datetime

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils import get_column_letter

from bot.flows.safeguarding import looks_like_cpr
from bot.texts.names import folded
from reports import register
from reports.register import (
    HEADINGS,
    LARGEST,
    LONGEST_NAME,
    LONGEST_VALUE,
    MOST_ROWS,
    SIZES,
    BadCell,
    CellWords,
    FileRow,
    FileTable,
    Merged,
    PartyKind,
    Preview,
    RegisterEntry,
    RegisterField,
    UnreadableFile,
)
from tests.support.sizes import examples

WORDS = CellWords(
    kinds={"forening": ("Forening", "Klub"), "raad": ("Råd",), "center": ("Center", "Hus")},
    areas={"nord": ("Nordbyen", "Nord"), "aa": ("Åbyen",)},
    departments={"kultur": ("Kultur og Fritid",)},
)

KORS = RegisterEntry("Røde Kors", "forening", "nord", "kultur", "10-24", ("omsorg", "unge"), "kors@by.example")
AEGIR = RegisterEntry("Ægir", "center", None, None, None, (), None)


def books(*rows: tuple[str | float | date | None, ...]) -> openpyxl.Workbook:
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    for row in rows:
        sheet.append(row)
    return workbook


def saved(workbook: openpyxl.Workbook) -> bytes:
    written = io.BytesIO()
    workbook.save(written)
    return written.getvalue()


def packed(parts: dict[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", packing) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return written.getvalue()


def unpacked(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def with_sheet(xml: bytes) -> bytes:
    """A workbook whose one sheet holds the rows in `xml`."""
    space = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    sheet = b'<worksheet xmlns="' + space + b'"><sheetData>' + xml + b"</sheetData></worksheet>"
    return packed(unpacked(saved(books())) | {"xl/worksheets/sheet1.xml": sheet})


def code(content: bytes, name: str = "foreninger.csv") -> str:
    with pytest.raises(UnreadableFile) as refused:
        register.read(content, name)
    return refused.value.code


def understood(content: bytes, *known: str) -> Preview:
    table = register.read(content, "foreninger.csv")
    return register.preview(table, register.guess(table.headings), WORDS, known)


# --- text -------------------------------------------------------------------------------------------------

LISTED = "Navn;Type\r\nÆblets Venner;Forening\r\n«Håb» – og tro;Klub\r\n"

AS_TABLE = FileTable(
    ("Navn", "Type"), (FileRow(2, ("Æblets Venner", "Forening")), FileRow(3, ("«Håb» – og tro", "Klub")))
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_every_encoding_that_excel_writes_is_read(encoding: str) -> None:
    assert register.read(LISTED.encode(encoding), "x.csv") == AS_TABLE


def test_latin_1_is_read_and_utf_16_the_other_way_round() -> None:
    listed = LISTED.replace("–", "-")
    table = FileTable(AS_TABLE.headings, (AS_TABLE.rows[0], FileRow(3, ("«Håb» - og tro", "Klub"))))
    assert register.read(listed.encode("latin-1"), "x.csv") == table
    assert register.read(b"\xfe\xff" + listed.encode("utf-16-be"), "x.csv") == table


@pytest.mark.parametrize("line", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("between", [";", ",", "\t"])
def test_every_delimiter_and_line_end_is_read(between: str, line: str) -> None:
    text = LISTED.replace(";", between).replace("\r\n", line)
    assert register.read(text.encode(), "x.csv") == AS_TABLE


@pytest.mark.parametrize("first", ["sep=;\r\n", "SEP=;\n", '"sep=;"\r\n', "\ufeffsep=;\r\n"])
def test_excels_own_first_line_names_the_delimiter_and_is_no_row(first: str) -> None:
    assert register.read((first + LISTED).encode(), "x.csv") == AS_TABLE


@pytest.mark.parametrize(
    ("text", "headings", "cells"),
    [
        ('"Navn; kort";Type\nA;B', ("Navn; kort", "Type"), ("A", "B")),
        ('"Navn, kort",Type\n"A, B",C', ("Navn, kort", "Type"), ("A, B", "C")),
        ("Navn;Adresse, by\nA;Vej 1, Nord", ("Navn", "Adresse, by"), ("A", "Vej 1, Nord")),
        ("Navn\tMærker (med ;)\nA\tb;c", ("Navn", "Mærker (med ;)"), ("A", "b;c")),
        ('Navn;Type\n"A ""B"" C";D', ("Navn", "Type"), ('A "B" C', "D")),
        ('Navn;Type\nA "B";D', ("Navn", "Type"), ('A "B"', "D")),
        ('"Navn\npå forening";Type\n"A\r\nB";C', ("Navn på forening", "Type"), ("A B", "C")),
        ("Navn;Type\n  A \u00a0 B\t;", ("Navn", "Type"), ("A B", "")),
        ("Navn;Type\nA\0\x07;B", ("Navn", "Type"), ("A", "B")),
        ("Navn;Type\nA\u030abyen;B", ("Navn", "Type"), ("Åbyen", "B")),
        ("Navn;Type\nA;B;C", ("Navn", "Type", ""), ("A", "B", "C")),
        ("Navn;Type;;;\nA;B;;;", ("Navn", "Type"), ("A", "B")),
        ("Navn\nA", ("Navn",), ("A",)),
    ],
)
def test_cells_are_read_as_excel_reads_them(text: str, headings: tuple[str, ...], cells: tuple[str, ...]) -> None:
    assert register.read(text.encode(), "x.csv") == FileTable(headings, (FileRow(2, cells),))


def test_rows_have_the_numbers_that_excel_shows() -> None:
    text = 'sep=;\r\nForeninger 2026;;\r\n\r\nNavn;Type;\r\n"A\r\nB";x;\r\n;;\r\nC;y;\r\n'
    assert register.read(text.encode(), "x.csv") == FileTable(
        ("Navn", "Type"), (FileRow(4, ("A B", "x")), FileRow(6, ("C", "y")))
    )


def test_what_stands_far_to_the_right_is_not_read() -> None:
    table = register.read((";".join(["a"] * 3000) + "\n" + ";".join(["b"] * 3000)).encode(), "x.csv")
    assert len(table.headings) == len(table.rows[0].cells) == register.MOST_COLUMNS


# --- workbooks --------------------------------------------------------------------------------------------


def test_cells_of_a_workbook_are_read_as_a_person_sees_them() -> None:
    cells = (25.0, 12.5, 20304050, True, "A\nB ", date(2026, 3, 3), datetime(2026, 3, 3, 19), "#N/A", 0)
    headings = tuple("abcdefghi")
    table = register.read(saved(books(headings, cells)), "x.xlsx")
    shown = ("25", "12,5", "20304050", "1", "A B", "2026-03-03", "2026-03-03 19:00:00", "", "0")
    assert table == FileTable(headings, (FileRow(2, shown),))


def test_a_workbook_is_one_whatever_it_is_called() -> None:
    assert register.read(saved(books(("Navn", "Type"), ("A", "B"))), "x.csv").rows == (FileRow(2, ("A", "B")),)


def test_a_formula_is_what_it_came_to_and_nothing_when_nobody_has_worked_it_out() -> None:
    cell = b'<c r="%b" t="str"><f>%b</f>%b</c>'
    row = b'<row r="%d">%b%b</row>'
    content = with_sheet(
        row % (1, cell % (b"A1", b"1", b"<v>Navn</v>"), cell % (b"B1", b"1", b"<v>Type</v>"))
        + row % (2, cell % (b"A2", b'"A"&amp;"B"', b"<v>AB</v>"), cell % (b"B2", b"1+1", b""))
    )
    assert register.read(content, "x.xlsx") == FileTable(("Navn", "Type"), (FileRow(2, ("AB", "")),))


def test_titles_merged_cells_and_empty_rows_above_the_headings_are_passed_over() -> None:
    workbook = books((), ("Foreninger i Eksempel Kommune",), (), (None, "Navn", "Type"), (), (None, "A", "B"))
    workbook.worksheets[0].merge_cells("A2:C2")
    assert register.read(saved(workbook), "x.xlsx") == FileTable(("", "Navn", "Type"), (FileRow(6, ("", "A", "B")),))


def test_the_first_sheet_in_which_something_can_be_seen_is_read() -> None:
    workbook = books(("Valg", "Liste"), ("x", "y"))
    workbook.worksheets[0].sheet_state = "hidden"
    workbook.create_sheet("Tom")
    listed = workbook.create_sheet("Foreninger")
    listed.append(("Navn", "Type"))
    listed.append(("A", "B"))
    assert register.read(saved(workbook), "x.xlsx").headings == ("Navn", "Type")


def test_a_sheets_own_word_on_how_large_it_is_is_not_trusted() -> None:
    parts = unpacked(saved(books(("Navn", "Type"), ("A", "B"))))
    sheet = parts["xl/worksheets/sheet1.xml"].replace(b'ref="A1:B2"', b'ref="A1"')
    content = packed(parts | {"xl/worksheets/sheet1.xml": sheet})
    assert register.read(content, "x.xlsx") == FileTable(("Navn", "Type"), (FileRow(2, ("A", "B")),))


def test_a_cell_at_the_bottom_of_the_sheet_is_read() -> None:
    cell = b'<row r="%d"><c t="inlineStr"><is><t>%b</t></is></c></row>'
    table = register.read(with_sheet(cell % (1, b"Navn") + cell % (1_048_576, b"A")), "x.xlsx")
    assert table == FileTable(("Navn",), (FileRow(1_048_576, ("A",)),))


# --- what is no table -------------------------------------------------------------------------------------

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)

OLE = bytes.fromhex("d0cf11e0a1b11ae1")


@pytest.mark.parametrize(
    ("content", "name", "expected"),
    [
        (b"", "x.csv", "not-a-table"),
        (b"\r\n;;\r\n", "x.csv", "not-a-table"),
        (b"\xef\xbb\xbf", "x.csv", "not-a-table"),
        (PNG, "foreninger.csv", "not-a-table"),
        (b"%PDF-1.7\n%\xe2\xe3\n" + bytes(range(256)) * 20, "x.csv", "not-a-table"),
        (b"<html><table><tr><td>Navn", "x.csv", "not-a-table"),
        (b"<html><table><tr><td>Navn", "X.XLS", "old-excel"),
        (b"a" * 200_000, "x.csv", "not-a-table"),
        (b"Navn;Type\r\n", "x.csv", "empty"),
        (b"Navn", "x.csv", "empty"),
        (b'Navn;Type\n"A;B\nC;D\n', "x.csv", "open-quote"),
        (b'Navn;Type\n"A;B\n' + b"C;D\n" * 50_000, "x.csv", "open-quote"),
        (OLE + bytes(600) + "Workbook".encode("utf-16-le"), "x.xls", "old-excel"),
        (OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "x.xlsx", "protected"),
        (b"PK\x03\x04" + bytes(100), "x.xlsx", "not-a-table"),
        (packed({}), "x.xlsx", "not-a-table"),
        (packed({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}), "x.ods", "not-a-table"),
        (packed({"a": b"a"}, zipfile.ZIP_BZIP2), "x.xlsx", "not-a-table"),
        (saved(books()), "x.xlsx", "not-a-table"),
        (saved(books(("Navn", "Type"))), "x.xlsx", "empty"),
        (saved(books(("Navn",), ("A",)))[:-300], "x.xlsx", "not-a-table"),
        (with_sheet(b"<row><c"), "x.xlsx", "not-a-table"),
        (with_sheet(b'<row r="%d"><c><v>1</v></c></row>' % 10**15), "x.xlsx", "not-a-table"),
    ],
)
def test_what_is_no_table_is_refused_with_a_reason(content: bytes, name: str, expected: str) -> None:
    assert code(content, name) == expected


@pytest.mark.parametrize("start", [b"Navn;Type\n", b"PK\x03\x04", OLE])
def test_20_megabytes_are_refused_before_anybody_looks_at_them(start: bytes) -> None:
    assert code(start.ljust(20_000_000, b"x")) == "too-large"


def test_the_largest_file_is_read_and_one_byte_more_is_not() -> None:
    listed = LISTED.encode().ljust(LARGEST, b"\n")
    assert register.read(listed, "x.csv") == AS_TABLE
    assert code(listed + b"\n") == "too-large"


@pytest.mark.parametrize(
    "xml",
    [
        pytest.param(b" " * 101_000_000, id="unpacks to more than a hundred megabytes"),
        pytest.param(b"<row>" + b"<c/>" * 5_000_000 + b"</row>", id="millions of empty cells"),
    ],
)
def test_a_small_workbook_that_unpacks_to_a_huge_one_is_refused(xml: bytes) -> None:
    bomb = with_sheet(xml)
    assert len(bomb) < LARGEST
    assert code(bomb) == "too-large"


def test_a_workbook_in_which_names_stand_for_names_is_refused() -> None:
    names = b"".join(b'<!ENTITY a%d "%b">' % (number, b"&a%d;" % (number - 1) * 10) for number in range(1, 10))
    parts = unpacked(with_sheet(b'<row><c t="inlineStr"><is><t>&a9;</t></is></c></row>'))
    sheet = b'<!DOCTYPE x [<!ENTITY a0 "aaaaaaaaaa">' + names + b"]>" + parts["xl/worksheets/sheet1.xml"]
    assert code(packed(parts | {"xl/worksheets/sheet1.xml": sheet})) == "not-a-table"


def test_as_many_rows_as_there_may_be_are_read_and_one_more_is_not() -> None:
    listed = "Foreninger;\nNavn;Type\n" + "".join(f"Klub {number};Klub\n" for number in range(MOST_ROWS))
    assert len(register.read(listed.encode(), "x.csv").rows) == MOST_ROWS
    assert code((listed + "En til;Klub\n").encode()) == "too-many"
    assert code(saved(books(("Navn",), *((f"Klub {number}",) for number in range(MOST_ROWS + 1))))) == "too-many"


def test_five_thousand_rows_are_understood() -> None:
    listed = "Navn;Antal medlemmer\r\n" + "".join(f"Klub {number};{number}\r\n" for number in range(5000))
    preview = understood(listed.encode("utf-16"))
    assert (len(preview.entries), preview.bad, preview.merged) == (5000, (), ())


# --- headings ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "headings"),
    [
        (
            RegisterField.NAME,
            "Foreningens navn|Forening|Navn på forening|organisation|Name|Foreningsnavn|NAVN|navn |Forening (navn)|"
            "Foreningens navn (officielt)",
        ),
        (RegisterField.KIND, "Type|Kategori|Art|Foreningstype|Type forening"),
        (RegisterField.AREA, "Område|Lokalområde|By|Bydel|Distrikt|area|OMRÅDE|Omraade"),
        (RegisterField.DEPARTMENT, "Forvaltning|Afdeling|department"),
        (RegisterField.SIZE, "Antal medlemmer|Medlemmer|Medlemstal|Frivillige|Størrelse|size|Antal medlemmer 2026"),
        (RegisterField.TAGS, "Tags|Mærker|Emner|Emneord"),
        (
            RegisterField.CONTACT,
            "Kontakt|E-mail|Mail|Email|Telefon|Tlf.|Kontaktperson|Hjemmeside|Kontaktpersonens e-mail|mailadresse",
        ),
    ],
)
def test_odd_headings_are_understood(field: RegisterField, headings: str) -> None:
    for heading in headings.split("|"):
        assert register.guess(("Postnr.", heading)) == {field: 1}


@pytest.mark.parametrize(
    ("headings", "mapping"),
    [
        ("Tlf.|Bydel|Forening|E-mail", {RegisterField.AREA: 1, RegisterField.NAME: 2, RegisterField.CONTACT: 3}),
        ("Navn|Foreningens navn", {RegisterField.NAME: 1}),
        ("Navn på kontaktperson|Navn", {RegisterField.NAME: 1, RegisterField.CONTACT: 0}),
        ("Kontakt|Kontaktmail", {RegisterField.CONTACT: 1}),
        ("Foreningsnr.|Vejnavn|Fornavn|Postnummer|", {}),
        ("Navn|Navn", {RegisterField.NAME: 0}),
    ],
)
def test_each_field_gets_the_column_that_says_it_best(headings: str, mapping: dict[RegisterField, int]) -> None:
    assert register.guess(headings.split("|")) == mapping


def test_our_own_headings_are_understood_in_any_order_and_company() -> None:
    headings = ("E-mail", *reversed(HEADINGS.values()), "Foreningens navn")
    assert register.guess(headings) == {field: 7 - place for place, field in enumerate(HEADINGS)}
    assert register.unmapped(headings, register.guess(headings)) == (0, 8)


def test_no_two_names_of_columns_mean_two_fields() -> None:
    for field, names in register._CALLED.items():
        for name in names:
            assert list(register.guess((" ".join(name),))) == [field]


# --- what the rows say ------------------------------------------------------------------------------------


def listed(**cells: str) -> bytes:
    """A table with one row, by the names of the fields."""
    headings = ";".join(HEADINGS[RegisterField(name)] for name in cells)
    return f"{headings}\n{';'.join(cells.values())}\n".encode()


def test_a_row_is_understood_by_the_callers_words() -> None:
    row = listed(
        name="Røde Kors",
        kind="KLUB",
        area="nord-byen",
        department="Kultur & Fritid",
        size="12",
        tags='"omsorg, unge;"',
        contact="kors@by.example",
    )
    assert understood(row) == Preview(entries=(KORS,), updates=(), bad=(), merged=())


def test_an_empty_cell_is_nothing_and_whoever_has_no_kind_is_an_association() -> None:
    empty = RegisterEntry("Ægir", "forening", None, None, None, (), None)
    assert understood("Navn;Type;Område;Størrelse;Tags;Mail\nÆgir;;;;;\n".encode()) == Preview((empty,), (), (), ())
    assert understood("Navn\nÆgir\n".encode()) == Preview((empty,), (), (), ())


@pytest.mark.parametrize("kind", PartyKind)
def test_every_kind_means_itself(kind: PartyKind) -> None:
    assert [entry.kind for entry in understood(listed(name="A", kind=kind)).entries] == [kind]


@pytest.mark.parametrize(
    ("cells", "field", "bad"),
    [
        ({"kind": "Loge"}, RegisterField.KIND, "unknown-kind"),
        ({"area": "Sydbyen"}, RegisterField.AREA, "unknown-area"),
        ({"department": "Teknik"}, RegisterField.DEPARTMENT, "unknown-department"),
        ({"size": "mange"}, RegisterField.SIZE, "unknown-size"),
        ({"area": "x" * (LONGEST_VALUE + 1)}, RegisterField.AREA, "long-value"),
        ({"size": "9" * 5000}, RegisterField.SIZE, "long-value"),
        ({"tags": "x" * (LONGEST_VALUE + 1)}, RegisterField.TAGS, "long-value"),
        ({"contact": "x" * (LONGEST_VALUE + 1)}, RegisterField.CONTACT, "long-value"),
    ],
)
def test_a_cell_that_can_not_be_used_is_named_and_left_empty(
    cells: dict[str, str], field: RegisterField, bad: register.BadCode
) -> None:
    (value,) = cells.values()
    entry = RegisterEntry("A", "forening", None, None, None, (), None)
    assert understood(listed(name="A", **cells)) == Preview((entry,), (), (BadCell(2, field, bad, value),), ())


@pytest.mark.parametrize(
    ("cells", "field", "bad"),
    [
        ({"contact": "Bo, 010203-1234"}, RegisterField.CONTACT, "private-contact"),
        ({"tags": "0102031234"}, RegisterField.TAGS, "private-tags"),
        ({"area": "010203-1234"}, RegisterField.AREA, "unknown-area"),
    ],
)
def test_what_may_be_a_cpr_number_is_neither_kept_nor_repeated(
    cells: dict[str, str], field: RegisterField, bad: register.BadCode
) -> None:
    entry = RegisterEntry("A", "forening", None, None, None, (), None)
    assert understood(listed(name="A", **cells)) == Preview((entry,), (), (BadCell(2, field, bad, ""),), ())


@pytest.mark.parametrize(
    ("name", "bad", "repeated"),
    [
        ("", "no-name", ""),
        ("-", "no-name", "-"),
        ("x" * (LONGEST_NAME + 1), "long-name", "x" * (LONGEST_NAME + 1)),
        ("Bo Bo 010203-1234", "private-name", ""),
    ],
)
def test_a_row_without_a_name_to_use_is_named_and_left_out(name: str, bad: register.BadCode, repeated: str) -> None:
    row = listed(name=name, area="Sydbyen")
    assert understood(row) == Preview((), (), (BadCell(2, RegisterField.NAME, bad, repeated),), ())


def test_the_longest_name_and_value_are_kept() -> None:
    name, contact = "x" * LONGEST_NAME, "y" * LONGEST_VALUE
    kept = RegisterEntry(name, "forening", None, None, None, (), contact)
    assert understood(listed(name=name, contact=contact)) == Preview((kept,), (), (), ())


@pytest.mark.parametrize(
    ("written", "size"),
    [
        *((size, size) for size in SIZES),
        *(("0", "0-9"), ("9", "0-9"), ("10", "10-24"), ("49", "25-49"), ("99", "50-99"), ("100", "100+")),
        *(("10 - 24", "10-24"), ("10–24", "10-24"), ("10 til 24 medlemmer", "10-24"), ("'10-24", "10-24")),
        *(("ca. 40", "25-49"), ("30-40", "25-49"), ("over 100", "100+"), ("mere end 100", "100+"), (">100", "100+")),
        *(("under 10", "0-9"), ("<10", "0-9"), ("1.250", "100+"), ("12 500 medlemmer", "100+"), ("100-200", "100+")),
        *(("2026-10-24", "10-24"), ("2024-10-01", "10-24"), ("okt-24", "10-24"), ("24-okt", "10-24")),  # by Excel
        *(("20-30", None), ("over 50", None), ("under 50", None), ("10+", None), ("stor", None), ("3.3.2026", None)),
    ],
)
def test_a_number_or_a_range_becomes_a_size(written: str, size: str | None) -> None:
    preview = understood(listed(name="A", size=written))
    assert [entry.size for entry in preview.entries] == [size]
    assert preview.bad == (() if size else (BadCell(2, RegisterField.SIZE, "unknown-size", written),))


@pytest.mark.parametrize(
    ("written", "tags"),
    [
        ("sport, børn", ("sport", "børn")),
        ('"sport; børn | unge"', ("sport", "børn", "unge")),
        ("sport,,Sport , børn,SPORT", ("sport", "børn")),
        ("børn/unge", ("børn/unge",)),
    ],
)
def test_marks_are_told_apart_and_each_is_kept_once(written: str, tags: tuple[str, ...]) -> None:
    assert [entry.tags for entry in understood(listed(name="A", tags=written)).entries] == [tags]


def test_rows_about_the_same_one_are_merged_and_the_first_value_counts() -> None:
    table = (
        "Navn;Type;Område;Størrelse;Mærker;Kontakt\n"
        "Aarhus Klub;;;12;a;\n"
        "Ægir;Center;;;;\n"
        "ÅRHUS-KLUB;Råd;Nord;40;b, A;x@by.example\n"
    )
    merged = RegisterEntry("Aarhus Klub", "raad", "nord", None, "10-24", ("a", "b"), "x@by.example")
    assert understood(table.encode()) == Preview(
        entries=(merged, AEGIR), updates=(), bad=(), merged=(Merged(4, "Aarhus Klub", in_register=False),)
    )


def test_who_is_in_the_register_is_an_update_by_the_name_there() -> None:
    table = "Navn;Type;Kontakt\nÅrhus Klub;;\nÆgir;Center;\naarhusklub;Råd;x@by.example\n"
    update = RegisterEntry("Aarhus Klub", "raad", None, None, None, (), "x@by.example")
    assert understood(table.encode(), "Aarhus Klub", "Andre") == Preview(
        entries=(AEGIR,),
        updates=(update,),
        bad=(),
        merged=(Merged(2, "Aarhus Klub", in_register=True), Merged(4, "Aarhus Klub", in_register=True)),
    )


# --- writing, and back again ------------------------------------------------------------------------------


def test_csv_is_as_danish_excel_wants_it() -> None:
    assert register.csv([KORS, RegisterEntry('=1+"1"', "andet", None, None, None, (), "+45 20 30 40 50")]).decode() == (
        "\ufeff"
        '"Navn";"Type";"Område";"Forvaltning";"Størrelse";"Mærker";"Kontakt"\r\n'
        '"Røde Kors";"forening";"nord";"kultur";"\'10-24";"omsorg, unge";"kors@by.example"\r\n'
        '"\'=1+""1""";"andet";"";"";"";"";"\'+45 20 30 40 50"\r\n'
    )


def test_a_workbook_holds_nothing_but_texts_under_headings_that_stay_in_sight() -> None:
    entry = RegisterEntry("=1+1\x0b\x00", "andet", None, None, "10-24", ("#N/A",), "'s")
    sheet = openpyxl.load_workbook(io.BytesIO(register.xlsx([entry]))).worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows == [list(HEADINGS.values()), ["=1+1", "andet", None, None, "10-24", "#N/A", "''s"]]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value} == {"s"}
    assert [cell.font.b for cell in sheet[1]] == [True] * len(HEADINGS)
    assert sheet.freeze_panes == "A2"
    widths = [sheet.column_dimensions[get_column_letter(column)].width for column in range(1, len(HEADINGS) + 1)]
    assert widths == list(register.WIDTHS.values())


def test_a_csv_that_excel_made_a_workbook_of_is_understood_as_well() -> None:
    entry = RegisterEntry("'s Klub", "forening", None, None, "10-24", (), "+45 20 30 40 50")
    table = register.csv([entry]).decode("utf-8-sig").splitlines()
    workbook = books(*(tuple(cell.strip('"') for cell in line.split(";")) for line in table))
    assert understood(saved(workbook)).entries == (entry,)


def test_an_empty_register_is_written_and_holds_nobody() -> None:
    assert code(register.csv([])) == "empty"
    assert code(register.xlsx([])) == "empty"


TEXTS = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=20),
    st.text("=+-@'\"\t;,|aÆ1＝#_x0041\r\n", max_size=12),
)

NAMES = st.builds("{}{}".format, st.sampled_from(["", "=", "+", "-", "@", "'", "''", "'=", "10-2"]), TEXTS)

ENTRIES = st.builds(
    RegisterEntry,
    name=NAMES.map(register.plain).filter(lambda name: register._wrong_with(name) is None),
    kind=st.sampled_from([kind.value for kind in PartyKind]),
    area=st.sampled_from([None, *WORDS.areas]),
    department=st.sampled_from([None, *WORDS.departments]),
    size=st.sampled_from([None, *SIZES]),
    tags=st.lists(TEXTS.map(lambda text: register.plain(text.translate(dict.fromkeys(map(ord, ",;|"))))), max_size=3)
    .map(lambda tags: register._unique(filter(None, tags)))
    .filter(lambda tags: not any(map(looks_like_cpr, tags))),
    contact=st.one_of(st.none(), NAMES.map(register.plain).filter(lambda text: text and not looks_like_cpr(text))),
)

REGISTERS = st.lists(ENTRIES, min_size=1, max_size=4, unique_by=lambda entry: folded(entry.name))


@given(REGISTERS)
@settings(max_examples=examples(200))
def test_a_register_comes_back_from_csv_as_it_was(entries: list[RegisterEntry]) -> None:
    assert understood(register.csv(entries)) == Preview(tuple(entries), (), (), ())


@given(REGISTERS)
@settings(max_examples=examples(80), deadline=None)  # a workbook takes openpyxl 20 ms
def test_a_register_comes_back_from_a_workbook_as_it_was(entries: list[RegisterEntry]) -> None:
    assert understood(register.xlsx(entries)) == Preview(tuple(entries), (), (), ())


@given(st.binary(max_size=200), st.sampled_from([b"", b"\xff\xfe", b"Navn;Type\n", b'Navn\n"', b"sep=", b"PK\x03\x04"]))
def test_whatever_is_in_a_file_it_is_a_table_or_refused(content: bytes, start: bytes) -> None:
    try:
        table = register.read(start + content, "x.csv")
    except UnreadableFile:
        return
    assert {len(row.cells) for row in table.rows} == {len(table.headings)}


@given(st.data())
@settings(max_examples=examples(60), deadline=None)
def test_a_broken_workbook_is_a_table_or_refused(data: st.DataObject) -> None:
    parts = unpacked(register.xlsx([KORS, AEGIR]))
    broken = data.draw(st.sampled_from(sorted(parts)))
    at = data.draw(st.integers(0, len(parts[broken])))
    put = data.draw(st.sampled_from([b"", b"<a/>", b'"', b"9" * 20, b"-1", b"x"]))
    gone = data.draw(st.integers(0, 30))
    parts[broken] = parts[broken][:at] + put + parts[broken][at + gone :]
    with suppress(UnreadableFile):
        register.read(packed(parts), "x.xlsx")


def test_what_openpyxl_warns_of_is_not_ours_to_hear() -> None:
    parts = unpacked(saved(books(("Navn", "Type"), ("A", "B"))))
    more = b'<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}"/></extLst></worksheet>'
    sheet = parts["xl/worksheets/sheet1.xml"].replace(b"</worksheet>", more)
    with warnings.catch_warnings(action="error"):
        register.read(packed(parts | {"xl/worksheets/sheet1.xml": sheet}), "x.xlsx")

"""A register comes in as people have it, in any encoding that a spreadsheet writes, or is refused with a reason."""

from __future__ import annotations

import warnings
import zipfile
from contextlib import suppress
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports import register_reading, register_writing
from reports.register import FileRow, FileTable
from reports.register_reading import LARGEST, MOST_ROWS, UnreadableFile
from reports.register_workbook import MOST_COLUMNS, MOST_TOO_FAR
from tests.support.register_files import AEGIR, KORS, books, packed, saved, unpacked, with_sheet
from tests.support.sizes import examples


def code(content: bytes, name: str = "foreninger.csv") -> str:
    with pytest.raises(UnreadableFile) as refused:
        register_reading.read(content, name)
    return refused.value.code


# --- text -------------------------------------------------------------------------------------------------

LISTED = "Navn;Type\r\nÆblets Venner;Forening\r\n«Håb» – og tro;Klub\r\n"

AS_TABLE = FileTable(
    ("Navn", "Type"), (FileRow(2, ("Æblets Venner", "Forening")), FileRow(3, ("«Håb» – og tro", "Klub")))
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_every_encoding_that_excel_writes_is_read(encoding: str) -> None:
    assert register_reading.read(LISTED.encode(encoding), "x.csv") == AS_TABLE


def test_latin_1_is_read_and_utf_16_the_other_way_round() -> None:
    listed = LISTED.replace("–", "-")
    table = FileTable(AS_TABLE.headings, (AS_TABLE.rows[0], FileRow(3, ("«Håb» - og tro", "Klub"))))
    assert register_reading.read(listed.encode("latin-1"), "x.csv") == table
    assert register_reading.read(b"\xfe\xff" + listed.encode("utf-16-be"), "x.csv") == table


@pytest.mark.parametrize("encoding", ["mac_roman", "cp850", "cp865", "utf-16-le", "utf-16-be"])
def test_what_macs_and_dos_write_is_read_and_utf_16_without_a_mark(encoding: str) -> None:
    listed = LISTED.replace("–", "-").replace("»", "").replace("«", "")
    table = FileTable(AS_TABLE.headings, (AS_TABLE.rows[0], FileRow(3, ("Håb - og tro", "Klub"))))
    assert register_reading.read(listed.encode(encoding), "x.csv") == table


def test_letters_that_were_encoded_twice_are_put_right() -> None:
    twice = LISTED.encode().decode("cp1252").encode("utf-8-sig")
    assert register_reading.read(twice, "x.csv") == AS_TABLE


@pytest.mark.parametrize("line", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("between", [";", ",", "\t"])
def test_every_delimiter_and_line_end_is_read(between: str, line: str) -> None:
    text = LISTED.replace(";", between).replace("\r\n", line)
    assert register_reading.read(text.encode(), "x.csv") == AS_TABLE


@pytest.mark.parametrize("first", ["sep=;\r\n", "SEP=;\n", '"sep=;"\r\n', "\ufeffsep=;\r\n"])
def test_excels_own_first_line_names_the_delimiter_and_is_no_row(first: str) -> None:
    assert register_reading.read((first + LISTED).encode(), "x.csv") == AS_TABLE


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
        ("Navn;Type\n  A \u00a0 B\t;", ("Navn", "Type"), ("A \u00a0 B", "")),
        ("Navn;Type\nA\0\x07;B", ("Navn", "Type"), ("A", "B")),
        ("Navn;Omra\u030ade\nA\u030abyen;B", ("Navn", "Område"), ("A\u030abyen", "B")),
        ("Navn;Type\nA;B;C", ("Navn", "Type", ""), ("A", "B", "C")),
        ("Navn;Type;;;\nA;B;;;", ("Navn", "Type"), ("A", "B")),
        ("Navn\nA", ("Navn",), ("A",)),
    ],
)
def test_cells_are_read_as_excel_reads_them(text: str, headings: tuple[str, ...], cells: tuple[str, ...]) -> None:
    assert register_reading.read(text.encode(), "x.csv") == FileTable(headings, (FileRow(2, cells),))


def test_rows_have_the_numbers_that_excel_shows() -> None:
    text = 'sep=;\r\nForeninger 2026;;\r\n\r\nNavn;Type;\r\n"A\r\nB";x;\r\n;;\r\nC;y;\r\n'
    assert register_reading.read(text.encode(), "x.csv") == FileTable(
        ("Navn", "Type"), (FileRow(4, ("A B", "x")), FileRow(6, ("C", "y"))), heading_row=3
    )


def test_what_stands_far_to_the_right_is_not_read_and_is_named() -> None:
    table = register_reading.read((";".join(["a"] * 3000) + "\n" + ";".join(["b"] * 3000)).encode(), "x.csv")
    assert len(table.headings) == len(table.rows[0].cells) == MOST_COLUMNS
    assert (len(table.too_far), table.too_far[0], table.too_far[-1]) == (MOST_TOO_FAR, "CW (a)", "DP (a)")


@pytest.mark.parametrize("kind", ["csv", "workbook"])
def test_the_columns_that_are_not_read_are_named_by_letter_and_heading(kind: str) -> None:
    """One with a heading, one without; and none where nothing stands."""
    empty = [""] * 98
    lines = [
        ["Navn", "Type", *empty, "Telefon", "", "Hjemmeside", ""],
        ["Skak", "Forening", *empty, "", "", "", ""],
        ["Kor", "Forening", *empty, "12", "", "", "ny"],
    ]
    if kind == "csv":
        content = "\n".join(map(";".join, lines)).encode()
    else:
        content = saved(books(*(tuple(cell or None for cell in line) for line in lines)))
    table = register_reading.read(content, "x")
    assert table.headings == ("Navn", "Type") and len(table.rows) == 2
    assert table.too_far == ("CW (Telefon)", "CY (Hjemmeside)", "CZ")


# --- workbooks --------------------------------------------------------------------------------------------


def test_cells_of_a_workbook_are_read_as_a_person_sees_them() -> None:
    cells = (25.0, 12.5, 20304050, True, "A\nB ", date(2026, 3, 3), datetime(2026, 3, 3, 19), "#N/A", 0)
    headings = tuple("abcdefghi")
    table = register_reading.read(saved(books(headings, cells)), "x.xlsx")
    shown = ("25", "12,5", "20304050", "1", "A B", "2026-03-03", "2026-03-03 19:00:00", "", "0")
    assert table == FileTable(headings, (FileRow(2, shown),))


def test_a_workbook_is_one_whatever_it_is_called() -> None:
    assert register_reading.read(saved(books(("Navn", "Type"), ("A", "B"))), "x.csv").rows == (FileRow(2, ("A", "B")),)


def test_a_formula_is_what_it_came_to_and_marked_when_nobody_has_worked_it_out() -> None:
    """«""» is what a formula may come to; what openpyxl and others write has an empty value and no type."""
    cell = b'<c r="%b" t="str"><f>%b</f>%b</c>'
    row = b'<row r="%d">%b%b%b</row>'
    head = (cell % (place, b"1", b"<v>%b</v>" % name) for place, name in ((b"A1", b"Navn"), (b"B1", b"Type")))
    content = with_sheet(
        row % (1, *head, b"")
        + row % (2, cell % (b"A2", b'"A"&amp;"B"', b"<v>AB</v>"), cell % (b"B2", b"1+1", b""), b"")
        + row % (3, cell % (b"A3", b"1", b"<v>C</v>"), b'<c r="B3"><f>A1</f><v></v></c>', b"")
        + row % (4, cell % (b"A4", b"1", b"<v>D</v>"), cell % (b"B4", b'""', b"<v></v>"), b"")
    )
    rows = (FileRow(2, ("AB", ""), (1,)), FileRow(3, ("C", ""), (1,)), FileRow(4, ("D", "")))
    assert register_reading.read(content, "x.xlsx") == FileTable(("Navn", "Type"), rows)


def test_titles_merged_cells_and_empty_rows_above_the_headings_are_passed_over() -> None:
    workbook = books((), ("Foreninger i Eksempel Kommune",), (), (None, "Navn", "Type"), (), (None, "A", "B"))
    workbook.worksheets[0].merge_cells("A2:C2")
    assert register_reading.read(saved(workbook), "x.xlsx") == FileTable(
        ("", "Navn", "Type"), (FileRow(6, ("", "A", "B")),), heading_row=4
    )


def test_the_first_sheet_in_which_something_can_be_seen_is_read() -> None:
    workbook = books(("Valg", "Liste"), ("x", "y"))
    workbook.worksheets[0].sheet_state = "hidden"
    workbook.create_sheet("Tom")
    listed = workbook.create_sheet("Foreninger")
    listed.append(("Navn", "Type"))
    listed.append(("A", "B"))
    assert register_reading.read(saved(workbook), "x.xlsx").headings == ("Navn", "Type")


def test_a_sheets_own_word_on_how_large_it_is_is_not_trusted() -> None:
    parts = unpacked(saved(books(("Navn", "Type"), ("A", "B"))))
    sheet = parts["xl/worksheets/sheet1.xml"].replace(b'ref="A1:B2"', b'ref="A1"')
    content = packed(parts | {"xl/worksheets/sheet1.xml": sheet})
    assert register_reading.read(content, "x.xlsx") == FileTable(("Navn", "Type"), (FileRow(2, ("A", "B")),))


def test_a_cell_at_the_bottom_of_the_sheet_is_read() -> None:
    cell = b'<row r="%d"><c t="inlineStr"><is><t>%b</t></is></c></row>'
    table = register_reading.read(with_sheet(cell % (1, b"Navn") + cell % (1_048_576, b"A")), "x.xlsx")
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
        (b"Navn;Type\nS\xf8by;\x86bo\n", "x.csv", "letters"),
        ("Navn;Type\nS\ufffdby;Klub\n".encode(), "x.csv", "letters"),
        ("Navn;Type\nSÃ¸by;Råd\n".encode(), "x.csv", "letters"),
        ("Navn;Type\nSøby;Råd\n".encode("utf-16")[:-1], "x.csv", "letters"),
        (saved(books(("Navn", "OmrÃ¥de"), ("A", "B"))), "x.xlsx", "letters"),
        (saved(books(("Navn", "Type"), ("A", "Søby"), ("B", "S√∏by"))), "x.xlsx", "letters"),
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
    assert register_reading.read(listed, "x.csv") == AS_TABLE
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
    assert len(register_reading.read(listed.encode(), "x.csv").rows) == MOST_ROWS
    assert code((listed + "En til;Klub\n").encode()) == "too-many"
    assert code(saved(books(("Navn",), *((f"Klub {number}",) for number in range(MOST_ROWS + 1))))) == "too-many"


# --- anything at all --------------------------------------------------------------------------------------


@given(st.binary(max_size=200), st.sampled_from([b"", b"\xff\xfe", b"Navn;Type\n", b'Navn\n"', b"sep=", b"PK\x03\x04"]))
def test_whatever_is_in_a_file_it_is_a_table_or_refused(content: bytes, start: bytes) -> None:
    try:
        table = register_reading.read(start + content, "x.csv")
    except UnreadableFile:
        return
    assert {len(row.cells) for row in table.rows} == {len(table.headings)}


@given(st.data())
@settings(max_examples=examples(60), deadline=None)
def test_a_broken_workbook_is_a_table_or_refused(data: st.DataObject) -> None:
    parts = unpacked(register_writing.xlsx([KORS, AEGIR]))
    broken = data.draw(st.sampled_from(sorted(parts)))
    at = data.draw(st.integers(0, len(parts[broken])))
    put = data.draw(st.sampled_from([b"", b"<a/>", b'"', b"9" * 20, b"-1", b"x"]))
    gone = data.draw(st.integers(0, 30))
    parts[broken] = parts[broken][:at] + put + parts[broken][at + gone :]
    with suppress(UnreadableFile):
        register_reading.read(packed(parts), "x.xlsx")


def test_what_openpyxl_warns_of_is_not_ours_to_hear() -> None:
    parts = unpacked(saved(books(("Navn", "Type"), ("A", "B"))))
    more = b'<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}"/></extLst></worksheet>'
    sheet = parts["xl/worksheets/sheet1.xml"].replace(b"</worksheet>", more)
    with warnings.catch_warnings(action="error"):
        register_reading.read(packed(parts | {"xl/worksheets/sheet1.xml": sheet}), "x.xlsx")

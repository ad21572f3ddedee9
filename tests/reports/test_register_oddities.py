"""Register files as offices have them: a cover sheet, lines above the headings, merged cells, formulas that nobody has
worked out, numbers that Excel has cut, a delimiter of its own. Each is read right, or named with what to do."""

from __future__ import annotations

import sys
import unicodedata

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.flows import person_names
from bot.texts import names
from bot.texts.alike_names import AlikeNames, written_alike
from reports import register
from reports.register import BadCell, FileRow, FileTable, RegisterField, RowInDoubt
from reports.register_reading import read
from tests.support.register_files import WORDS, books, saved, understood

HEADINGS = ("Forening", "Type", "Område", "E-mail")
SKAK = ("Nordby Skak", "forening", "Nordby", "skak@liv.example")
ROERE = ("Havnens Roere", "forening", "Havnen", "ro@liv.example")


def with_sheets(**sheets: list[tuple[str | None, ...]]) -> openpyxl.Workbook:
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.worksheets[0])
    for title, rows in sheets.items():
        sheet = workbook.create_sheet(title)
        for row in rows:
            sheet.append(row)
    return workbook


# --- which sheet, which row -------------------------------------------------------------------------------

NUMBERS = [
    (None, "This document was exported from Numbers."),
    (None, "Numbers Sheet Name", "Numbers Table Name", "Excel Worksheet Name"),
    (None, "Ark 1", None, None),
]


def test_the_first_sheet_with_the_headings_of_a_register_is_read_and_the_others_are_named() -> None:
    workbook = with_sheets(Forside=NUMBERS, Ark=[("Tabel 1",), HEADINGS, SKAK], Lister=[("forening",), ("raad",)])
    workbook["Lister"].sheet_state = "hidden"
    assert read(saved(workbook), "x.xlsx") == FileTable(
        HEADINGS, (FileRow(3, SKAK),), heading_row=2, sheet="Ark", other_sheets=("Forside", "Lister")
    )


def test_a_sheet_with_headings_alone_is_not_the_register() -> None:
    workbook = with_sheets(Skabelon=[HEADINGS], Liste=[HEADINGS, SKAK])
    table = read(saved(workbook), "x.xlsx")
    assert (table.sheet, table.other_sheets, table.rows) == ("Liste", ("Skabelon",), (FileRow(2, SKAK),))


def test_where_no_sheet_is_recognised_the_first_is_read_and_the_others_are_named() -> None:
    workbook = with_sheets(En=[("Nr", "Hvem"), ("1", "Koret")], To=[("Nr", "Sted"), ("1", "Hallen")], Tom=[])
    table = read(saved(workbook), "x.xlsx")
    assert (table.headings, table.sheet, table.other_sheets) == (("Nr", "Hvem"), "En", ("To",))


ABOVE = [("Udtræk fra foreningsportalen",), ("Udskrevet:", "01-03-2026"), ("Antal:", "2"), ()]


def test_what_a_portal_prints_above_the_headings_is_passed_over() -> None:
    table = FileTable(HEADINGS, (FileRow(6, SKAK), FileRow(7, ROERE)), heading_row=5)
    assert read(saved(books(*ABOVE, HEADINGS, SKAK, ROERE)), "x.xlsx") == table
    text = "\r\n".join(";".join(row) for row in (*ABOVE, HEADINGS, SKAK, ROERE))
    assert read(text.encode(), "x.csv") == table
    with_commas = text.replace("Udtræk fra", "Udtræk, fuldt, fra")
    assert read(with_commas.encode(), "x.csv") == table


def test_headings_are_looked_for_in_the_first_twenty_rows() -> None:
    notes = [(f"Bemærkning {number}", "x") for number in range(20)]
    assert read(saved(books(*notes[:19], HEADINGS, SKAK)), "x.xlsx").heading_row == 20
    assert read(saved(books(*notes, HEADINGS, SKAK)), "x.xlsx").heading_row == 1


@pytest.mark.parametrize(
    "rows",
    [
        [("Nr", "Hvem er det", "Slags"), ("1", "Spejderne", "Forening"), ("2", "Klub Nord", "Forening")],
        [("Foreningens navn", "Mail"), ("Foreningen Nord", "By"), ("Klub", "x@y.example")],
    ],
)
def test_no_row_of_the_list_is_taken_for_its_headings(rows: list[tuple[str, ...]]) -> None:
    assert read(saved(books(*rows)), "x.xlsx").headings == rows[0]


def test_headings_that_are_printed_again_are_left_out_and_told() -> None:
    listed = "Navn;Type\nNordby Skak;Forening\nNavn;Type\nNordby Kor;Forening\n"
    found = understood(listed.encode())
    assert [entry.name for entry in found.entries] == ["Nordby Skak", "Nordby Kor"]
    assert found.bad == (BadCell(3, RegisterField.NAME, "headings-again", ""),)


# --- cells ------------------------------------------------------------------------------------------------


def test_what_stands_in_merged_cells_stands_in_each_of_their_rows() -> None:
    workbook = books(
        ("Område", "Forening", "Type"),
        ("Nordby", "Nordby Skak", "forening"),
        (None, "Nordby Kor", "forening"),
        (None, "Nordby Dans", "forening"),
        (None, "Uden område", "forening"),
        ("Havnen", "Havnens Roere", "forening"),
        (None, "Havnens Sejlere", "forening"),
    )
    for merged in ("A2:A4", "A6:A7"):
        workbook.worksheets[0].merge_cells(merged)
    rows = read(saved(workbook), "x.xlsx").rows
    assert [row.cells[0] for row in rows] == ["Nordby", "Nordby", "Nordby", "", "Havnen", "Havnen"]


def test_headings_merged_over_two_rows_are_one() -> None:
    workbook = books(("Forening", "Kontakt", None), (None, "E-mail", "Telefon"), ("Koret", "k@liv.example", "1"))
    for merged in ("A1:A2", "B1:C1"):
        workbook.worksheets[0].merge_cells(merged)
    table = read(saved(workbook), "x.xlsx")
    assert table.headings == ("Forening", "E-mail", "Telefon")
    assert table.rows == (FileRow(3, ("Koret", "k@liv.example", "1")),)


def test_a_formula_that_nobody_has_worked_out_is_told_in_every_column() -> None:
    content = saved(
        books(
            ("Forening", "Område", "Størrelse", "Mærker", "Kontakt"),
            ('=A9&" "&B9', "nord", None, None, None),
            ("Koret", "=A1", "=1+1", "=A1", "=LOWER(A1)"),
        )
    )
    found = understood(content)
    assert [(bad.row, bad.field.value, bad.code) for bad in found.bad] == [
        (2, "name", "formula-name"),
        *((3, field, "formula") for field in ("area", "size", "tags", "contact")),
    ]
    assert [(entry.name, entry.area, entry.contact) for entry in found.entries] == [("Koret", None, None)]


@pytest.mark.parametrize("written", ["4,52E+09", "4.52031E+11", "4,52e+09", "5E+07", "1,2E-02"])
def test_a_number_that_excel_has_cut_is_told_and_never_taken(written: str) -> None:
    listed = f'Forening;Telefon;Medlemmer;Mærker\nKoret;{written};12;a\n{written};;;\nDans;;{written};"{written}"\n'
    found = understood(listed.encode())
    assert [(bad.row, bad.field.value, bad.code, bad.value) for bad in found.bad] == [
        (2, "contact", "cut-number", written),
        (3, "name", "cut-name", written),
        (4, "size", "cut-number", written),
        (4, "tags", "cut-number", written),
    ]
    assert [(entry.name, entry.contact, entry.size, entry.tags) for entry in found.entries] == [
        ("Koret", None, "10-24", ("a",)),
        ("Dans", None, None, ()),
    ]


def test_a_telephone_number_of_a_workbook_is_whole_and_one_with_lost_digits_is_told() -> None:
    content = saved(
        books(("Forening", "Telefon"), ("A", 45203111), ("B", 45203111.0), ("C", 4520311145), ("D", 4520311145203111))
    )
    found = understood(content)
    assert [entry.contact for entry in found.entries] == ["45203111", "45203111", "4520311145", None]
    assert [(bad.row, bad.code) for bad in found.bad] == [(5, "cut-number")]


@pytest.mark.parametrize("written", ["09-jan", "1-sep", "9. okt", "10-maj"])
def test_a_size_that_excel_has_made_a_date_of_is_told(written: str) -> None:
    found = understood(f"Forening;Medlemmer\nKoret;{written}\n".encode())
    assert found.bad == (BadCell(2, RegisterField.SIZE, "unknown-size", written),)


# --- letters and delimiters -------------------------------------------------------------------------------

LETTERS = "Forening;Område\r\nÅdalens Æbleklub;Ådalen\r\nSøndermark Løbehold;Søndermark\r\n"


@pytest.mark.parametrize(
    "encoding",
    [
        *("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1", "iso8859-15"),
        *("mac_roman", "cp850", "cp865"),
    ],
)
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_the_letters_of_every_encoding_of_danish_offices_are_right(encoding: str, end: str) -> None:
    assert read(LETTERS.replace("\r\n", end).encode(encoding), "x.csv") == FileTable(
        ("Forening", "Område"),
        (FileRow(2, ("Ådalens Æbleklub", "Ådalen")), FileRow(3, ("Søndermark Løbehold", "Søndermark"))),
    )


@pytest.mark.parametrize(
    ("text", "headings"),
    [
        ("Forening|Område\nA|B", ("Forening", "Område")),
        ("Hvem|Hvor\nA|B", ("Hvem", "Hvor")),
        ("Navn,Mærker (a|b)\nA,B", ("Navn", "Mærker (a|b)")),
        ("Navn|Adresse, by\nA|B", ("Navn", "Adresse, by")),
        ("Navn;Mærker (a|b|c)\nA;B", ("Navn", "Mærker (a|b|c)")),
        ('"Navn"|"Område|by"\n"A"|"B"', ("Navn", "Område|by")),
    ],
)
def test_a_line_between_the_cells_is_a_delimiter_where_it_stands_between_the_headings(
    text: str, headings: tuple[str, ...]
) -> None:
    table = read(text.encode(), "x.csv")
    assert (table.headings, table.rows) == (headings, (FileRow(2, ("A", "B")),))


# --- names ------------------------------------------------------------------------------------------------

UNSEEN = "".join(each for each in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(each) == "Cf")


@given(st.text(st.one_of(st.characters(), st.sampled_from(UNSEEN + "\x00\x07\x1f\x85\u2028\u3164"))))
def test_a_name_keeps_no_sign_that_nobody_sees(written: str) -> None:
    kept = names.on_one_line(written)
    assert not {unicodedata.category(each) for each in kept} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert names.on_one_line(kept) == kept
    assert kept == kept.strip() and names.on_one_line("\u200b\u3164\u2800") == ""


def test_a_name_in_a_file_keeps_no_sign_that_turns_the_words_around_it() -> None:
    found = understood("Navn;Kontakt\n\u202eKor\u2066et\u200b\u00ad;a\u200b@b.example\nKo\u2060ret;\n".encode())
    assert [(entry.name, entry.contact) for entry in found.entries] == [("Koret", "a@b.example")]
    assert found.doubts == ()


def test_a_message_keeps_its_pictures_and_no_sign_that_turns_words() -> None:
    assert names.unturned("Hej\n\u202e👩\u200d🚒 \u2066jer\u200b\n") == "Hej\n👩\u200d🚒 jer\n"


@pytest.mark.parametrize(
    ("name", "is_likely"),
    [
        *((name, True) for name in ("Kirsten Hansen", "Hansen, Kirsten", "kirsten hansen", "Kaj K. Hansen")),
        *((name, True) for name in ("Min nabo Kurt", "Fru Jensen", "Ole Lund Kirkegaard", "Fatima Ali", "Åse Ågård")),
        *((name, False) for name in ("Røde Kors", "Nordby Skak", "Kirstens Café", "Hans Tausens Skole", "Kurt")),
        *((name, False) for name in ("Værestedet Oasen", "Karen Blixen Museet", "Ældrerådet", "Anna Kor", "Klub 10")),
    ],
)
def test_who_may_be_a_private_person_is_told_from_associations(name: str, *, is_likely: bool) -> None:
    assert person_names.is_likely(name) is is_likely
    assert person_names.is_likely(unicodedata.normalize("NFD", name)) is is_likely


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("Nordby Skak", "Nordby Skakklub"),
        ("Skakklub Nordby", "Nordby Skakklub"),
        ("Nordby Skaklub", "Nordby Skakklub"),
        ("Foreningen Havnens Roere", "Havnens Roere"),
        ("Havnens Roere 2", None),
        ("Klub Nord 1", None),
        ("Havnens Sejlere", None),
        ("Nordby Skakklub", None),  # the same, not near
    ],
)
def test_a_name_a_letter_or_a_usual_word_apart_is_near_and_digits_tell_apart(name: str, near: str | None) -> None:
    assert AlikeNames(["Nordby Skakklub", "Havnens Roere", "Klub Nord 2"]).near(name) == near


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("+1+1", "11", False),
        ("Klub 1-1", "Klub 11", False),
        ("A+", "A", False),
        ("Aalborg Skakklub", "ålborg skak-klub", True),
        ("Café Kor & Co.", "cafe kor og co", True),
    ],
)
def test_names_that_are_counted_as_one_differ_where_a_sign_may_tell_them_apart(
    one: str, other: str, *, alike: bool
) -> None:
    assert names.folded(one) == names.folded(other)
    assert written_alike(one, other) is written_alike(other, one) is alike


def test_each_row_in_doubt_is_asked_about_once_and_can_be_left_out() -> None:
    listed = "Navn;Type\n11;\n+1+1;\nKirsten Hansen;Nøgleperson\nNordby Skak;\nKoret;\nHavnens Roer;\nKORET;\n"
    table = read(listed.encode(), "x.csv")
    known = ("Nordby Skakklub", "Havnens Roere", "Andre")
    found = register.preview(table, register.guess(table.headings), WORDS, known)
    assert found.doubts == (
        RowInDoubt(3, "same", "+1+1", "11"),
        RowInDoubt(4, "person", "Kirsten Hansen"),
        RowInDoubt(5, "alike", "Nordby Skak", "Nordby Skakklub"),
        RowInDoubt(7, "alike", "Havnens Roer", "Havnens Roere"),
    )
    sure = register.preview(table, register.guess(table.headings), WORDS, known, found.doubtful_rows)
    assert [entry.name for entry in sure.entries] == ["11", "Koret"]
    assert sure.doubts == ()

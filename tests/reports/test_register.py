"""What the columns and rows of a register's file mean, and what would come of them."""

from __future__ import annotations

import unicodedata

import pytest

from reports import register, register_reading
from reports.register import (
    HEADINGS,
    LONGEST_NAME,
    LONGEST_VALUE,
    SIZES,
    BadCell,
    Merged,
    PartyKind,
    Preview,
    RegisterEntry,
    RegisterField,
)
from tests.support.register_files import AEGIR, KORS, WORDS, books, saved, understood

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
    headings = ("E-mail", *reversed(HEADINGS["da"].values()), "Foreningens navn")
    assert register.guess(headings) == {field: 7 - place for place, field in enumerate(RegisterField)}
    assert register.unmapped(headings, register.guess(headings)) == (0, 8)


def test_no_two_names_of_columns_mean_two_fields() -> None:
    for field, names in register._CALLED.items():
        for name in names:
            assert list(register.guess((" ".join(name),))) == [field]


# --- what the rows say ------------------------------------------------------------------------------------


def listed(**cells: str) -> bytes:
    """A table with one row, by the names of the fields."""
    headings = ";".join(HEADINGS["da"][RegisterField(name)] for name in cells)
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


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Søby  Idræt", "Søby  Idræt"),  # two blanks
        (unicodedata.normalize("NFD", "Ålborg Åkandeklub"), unicodedata.normalize("NFD", "Ålborg Åkandeklub")),
        ("Kaffe\u00a0& Kage\u00adklubben", "Kaffe\u00a0& Kageklubben"),  # nothing that nobody sees
        (" \u00a0Spejderne \r\n\tNord ", "Spejderne Nord"),  # one line, and nothing blank around it
    ],
)
def test_a_name_is_kept_as_it_was_written_and_known_however_it_is_written(written: str, kept: str) -> None:
    table = register_reading.read(saved(books(("Navn", "Kontakt"), (written, "a  b"))), "x.xlsx")
    found = register.preview(table, register.guess(table.headings), WORDS, ())
    assert [(entry.name, entry.contact) for entry in found.entries] == [(kept, "a  b")]
    folded = unicodedata.normalize("NFC", " ".join(kept.split())).replace("\u00ad", "").upper()
    again = register.preview(table, register.guess(table.headings), WORDS, (folded,))
    assert [entry.name for entry in again.updates] == [folded]


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


def test_five_thousand_rows_are_understood() -> None:
    listed = "Navn;Antal medlemmer\r\n" + "".join(f"Klub {number};{number}\r\n" for number in range(5000))
    preview = understood(listed.encode("utf-16"))
    assert (len(preview.entries), preview.bad, preview.merged) == (5000, (), ())

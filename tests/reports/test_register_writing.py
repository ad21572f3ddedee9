"""A register that is written comes back from Excel as it went out."""

from __future__ import annotations

import io
from dataclasses import replace

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils import get_column_letter

from bot.flows.safeguarding import looks_like_cpr
from bot.texts.names import folded
from reports import register, register_writing
from reports.register import HEADINGS, SIZES, PartyKind, Preview, RegisterEntry, RegisterField
from reports.register_reading import UnreadableFile, read
from tests.support.register_files import KORS, WORDS, books, saved, understood
from tests.support.sizes import examples


def test_csv_is_as_danish_excel_wants_it() -> None:
    assert register_writing.csv(
        [KORS, RegisterEntry('=1+"1"', "andet", None, None, None, (), "+45 20 30 40 50")]
    ).decode() == (
        "\ufeff"
        '"Navn";"Type";"Område";"Forvaltning";"Størrelse";"Emneord";"Kontakt"\r\n'
        '"Røde Kors";"forening";"nord";"kultur";"\'10-24";"omsorg, unge";"kors@by.example"\r\n'
        '"\'=1+""1""";"andet";"";"";"";"";"\'+45 20 30 40 50"\r\n'
    )


def test_a_workbook_holds_nothing_but_texts_under_headings_that_stay_in_sight() -> None:
    entry = RegisterEntry("=1+1\x0b\x00", "andet", None, None, "10-24", ("#N/A",), "'s")
    sheet = openpyxl.load_workbook(io.BytesIO(register_writing.xlsx([entry]))).worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows == [list(HEADINGS["da"].values()), ["=1+1", "andet", None, None, "10-24", "#N/A", "''s"]]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value} == {"s"}
    assert [cell.font.b for cell in sheet[1]] == [True] * len(RegisterField)
    assert sheet.freeze_panes == "A2"
    widths = [sheet.column_dimensions[get_column_letter(column)].width for column in range(1, len(RegisterField) + 1)]
    assert widths == list(register_writing.WIDTHS.values())


def test_a_csv_that_excel_made_a_workbook_of_is_understood_as_well() -> None:
    entry = RegisterEntry("'s Klub", "forening", None, None, "10-24", (), "+45 20 30 40 50")
    table = register_writing.csv([entry]).decode("utf-8-sig").splitlines()
    workbook = books(*(tuple(cell.strip('"') for cell in line.split(";")) for line in table))
    assert understood(saved(workbook)).entries == (entry,)


def test_odd_letters_in_a_file_of_ours_are_as_somebody_wrote_them() -> None:
    entry = RegisterEntry("SÃ¸by \ufffd", "forening", None, None, None, (), None)
    assert understood(register_writing.csv([entry])).entries == (entry,)
    assert understood(register_writing.xlsx([entry])).entries == (entry,)


def test_an_empty_register_is_written_and_holds_nobody() -> None:
    for written in (register_writing.csv([]), register_writing.xlsx([])):
        with pytest.raises(UnreadableFile) as refused:
            read(written, "besyv-liste")
        assert refused.value.code == "empty"


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
    assert _taken(register_writing.csv(entries)) == Preview(tuple(entries), (), (), ())


@given(REGISTERS)
@settings(max_examples=examples(80), deadline=None)  # a workbook takes openpyxl 20 ms
def test_a_register_comes_back_from_a_workbook_as_it_was(entries: list[RegisterEntry]) -> None:
    assert _taken(register_writing.xlsx(entries)) == Preview(tuple(entries), (), (), ())


def _taken(content: bytes) -> Preview:
    """What comes in, whoever is asked about."""
    return replace(understood(content), doubts=())

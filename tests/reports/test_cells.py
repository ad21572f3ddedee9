"""Cells that Excel leaves alone and that a reader gets back as they were."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.cells import CSV, KEPT, Memo, from_cell


def read_back(written: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(written, newline=""), delimiter=";", strict=True))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "'"])
def test_what_a_spreadsheet_would_run_gets_one_apostrophe_in_front(start: str) -> None:
    text = f"{start}HYPERLINK(1)"
    assert read_back(CSV.text(text)) == [[f"'{text}"]]
    assert from_cell(f"'{text}") == text


@pytest.mark.parametrize("text", ["10-24", "3.3", "03/04/26", "1-2-2026"])
def test_what_a_spreadsheet_would_take_for_a_date_gets_one_too(text: str) -> None:
    assert read_back(CSV.text(text)) == [[f"'{text}"]]
    assert from_cell(f"'{text}") == text


@pytest.mark.parametrize("text", ["", "Kaffe", "5-10 gange", "a=b", "«-»", " =1"])
def test_everything_else_stands_as_it_is(text: str) -> None:
    assert read_back(CSV.text(text)) == [[text]]


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")), min_size=1))
def test_a_reader_gets_every_text_back(texts: list[str]) -> None:
    row = CSV.cells([""] * len(texts), texts)[:-1] + "\r\n"
    assert [[from_cell(cell) for cell in cells] for cells in read_back(row)] == [texts]


def test_only_nul_is_not_kept_in_csv() -> None:
    assert CSV.text("\0=1\0") == '"\ufffd=1\ufffd"'


def test_a_list_that_begins_like_a_formula_is_one_guarded_cell() -> None:
    assert CSV.value(["- mere tid", "=1"]) == '"\'- mere tid | =1"'


def test_what_is_kept_is_bounded() -> None:
    squares = Memo[int, int](lambda number: number * number)
    assert [squares[number] for number in range(KEPT + 10)] == [number * number for number in range(KEPT + 10)]
    assert len(squares) == 10

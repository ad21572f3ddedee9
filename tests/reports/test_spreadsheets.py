"""The files as a real spreadsheet opens them: LibreOffice, Danish and English, with all that it guesses about cells on.

Excel can't be asked here. What it takes for a value is a rule of its own in test_forms.py.
"""

from __future__ import annotations

import random
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest

from bot.flows.engine import Answer
from reports.cells import CSV, from_cell
from reports.register import RegisterEntry
from reports.register_reading import read
from reports.register_writing import csv
from tests.support.cell_texts import VALUES, WORDS
from tests.support.export_house import House, flow, question, wrote
from tests.support.patience import PATIENCE

pytestmark = [
    pytest.mark.proof,
    pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed"),
]
DANISH, ENGLISH = (
    1030,
    1033,
)  # https://wiki.documentfoundation.org/Documentation/DevGuide/Spreadsheet_Documents#Filter_Options
RUN = ("=1+1", "+45 20 30 40 50", "-1", "@SUM(1)", "\t=1", "'=1", "'", "=cmd|' /C calc'!A0", "＝1", "- mere tid")
TOKENS = (
    *(
        "0",
        "1",
        "12",
        "2026",
        "30",
        ".",
        " ",
        ",",
        "-",
        "/",
        ":",
        "+",
        "%",
        "E",
        "e",
        "kr",
        "kr.",
        "€",
        "(",
        ")",
        "'",
        "jan",
    ),
    *(
        "Jan",
        "marts",
        "maj",
        "okt",
        "oct",
        "mandag",
        "Monday",
        "am",
        "PM",
        "p",
        "T",
        "Z",
        "sand",
        "FALSK",
        "true",
        "inf",
    ),
    *("DKK", "#N/A", "st", "\u00a0", "−", "½", "２", "x", "=", "@", "uge", "og", "I"),
)


def opened(path: Path, language: int, folder: Path) -> list[list[object]]:
    """What stands in its cells: a text only where it was left as one."""
    told = f"CSV:59,34,76,1,,{language},false,true"  # `;`, `"`, UTF-8, from row 1; special numbers are detected
    subprocess.run(
        [
            *("soffice", "--headless", f"-env:UserInstallation=file://{folder}/profile", f"--infilter={told}"),
            *("--convert-to", "xlsx", "--outdir", str(folder), str(path)),
        ],
        capture_output=True,
        check=True,
        timeout=PATIENCE,
    )
    sheet = openpyxl.load_workbook(folder / f"{path.stem}.xlsx").worksheets[0]
    return [[cell.value if cell.data_type == "s" else None for cell in row] for row in sheet.iter_rows()]


def some_texts() -> list[str]:
    """The same each time: what is put together from what values are made of."""
    chance = random.Random(1)
    made = ["".join(chance.choices(TOKENS, k=chance.randint(1, 5))) for _ in range(2000)]
    made += [" ".join(chance.choices(TOKENS, k=chance.randint(1, 4))) for _ in range(1000)]
    return [text for text in (*VALUES, *WORDS, *RUN, *made) if text.strip() and "\n" not in text and "\r" not in text]


@pytest.mark.parametrize("language", [DANISH, ENGLISH])
def test_every_text_comes_out_as_it_went_in(tmp_path: Path, language: int) -> None:
    texts = some_texts()
    path = tmp_path / "svar.csv"
    path.write_bytes("".join((CSV.header(["text"]), *(CSV.text(text) + "\r\n" for text in texts))).encode())
    [_, *rows] = opened(path, language, tmp_path)
    assert [(text, cell) for (cell,), text in zip(rows, texts, strict=True) if from_cell(str(cell)) != text] == []


@pytest.mark.parametrize("language", [DANISH, ENGLISH])
def test_an_export_of_answers_is_left_as_it_is(tmp_path: Path, language: int) -> None:
    house = House(tmp_path, flow(question("F1", "text"), question("F2", "ideas")))
    texts = ("007", "1E5", "jan-26", "12:30", "50 %", "sand", "=1+1", "'x", "Flere lokaler")
    for number, text in enumerate(texts):
        run = house.begin(house.person(f"p{number}"))
        house.answer(run, wrote("F1", text))
        house.answer(run, Answer("F2", wrote("F2", text).parts))
    heading, *rows = columns(opened(house.export("csv", "svar.csv"), language, tmp_path), ("text", "value"))
    assert heading == ["text", "value"]
    assert [list(map(from_cell, row)) for row in rows] == [[text, text] for text in texts for _ in range(2)]


def columns(table: Sequence[Sequence[object]], wanted: tuple[str, ...]) -> list[list[str]]:
    places = [table[0].index(name) for name in wanted]
    return [[str(row[place]) for place in places] for row in table]


def test_a_register_can_be_read_again_after_a_spreadsheet_has_saved_it(tmp_path: Path) -> None:
    entry = RegisterEntry("007", "forening", None, None, "10-24", ("1/2", "jan-26"), "+45 20 30 40 50")
    path = tmp_path / "liste.csv"
    path.write_bytes(csv([entry]))
    opened(path, DANISH, tmp_path)
    assert read((tmp_path / "liste.xlsx").read_bytes(), "liste.xlsx") == read(path.read_bytes(), "liste.csv")

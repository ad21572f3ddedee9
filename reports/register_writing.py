"""The register written as a file: CSV and a workbook of Excel that are read again as they were written. Not here:
reading (reports.register_reading), and what the fields mean (reports.register).
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from itertools import chain
from typing import TYPE_CHECKING

from bot.flows.model import Language
from reports.cells import CSV
from reports.register import HEADINGS, RegisterEntry, RegisterField, plain

if TYPE_CHECKING:  # openpyxl takes a while to load, and few processes write a register
    from openpyxl.worksheet.worksheet import Worksheet


SHEETS: dict[Language, str] = {"da": "Interessentliste", "en": "Register"}  # the one sheet that we write

WIDTHS = {  # of the columns in Excel, in characters
    RegisterField.NAME: 42,
    RegisterField.KIND: 14,
    RegisterField.AREA: 20,
    RegisterField.DEPARTMENT: 24,
    RegisterField.SIZE: 11,
    RegisterField.TAGS: 30,
    RegisterField.CONTACT: 36,
}


def csv(entries: Iterable[RegisterEntry], language: Language = "da") -> bytes:
    """As `reports.cells` writes CSV, with the HEADINGS of the language. Kinds, areas and departments are written as
    they are in the entries. `register_reading.read`, `guess` and `preview` give the same entries again."""
    lines = (";".join(map(CSV.text, _cells(entry))) + "\r\n" for entry in entries)
    return "".join((CSV.header(tuple(HEADINGS[language].values())), *lines)).encode()


def xlsx(entries: Iterable[RegisterEntry], language: Language = "da") -> bytes:
    """The same as a workbook: every cell a text, so that nothing is run, and «10-24» is no day in October. Only an
    apostrophe at the start is doubled, for a reader takes one away."""
    from openpyxl import Workbook  # noqa: PLC0415  # takes a while to load, and few processes write a register

    workbook, written = Workbook(), io.BytesIO()
    sheet = workbook.worksheets[0]
    sheet.title = SHEETS[language]
    for row, texts in enumerate(chain([tuple(HEADINGS[language].values())], map(_cells, entries)), start=1):
        for column, text in enumerate(texts, start=1):
            _write(sheet, row, column, f"'{text}" if text.startswith("'") else text)
    _lay_out(sheet)
    workbook.save(written)
    return written.getvalue()


def _cells(entry: RegisterEntry) -> tuple[str, ...]:
    """In the order of RegisterField."""
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

    for column, field in enumerate(RegisterField, start=1):
        sheet.cell(1, column).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(column)].width = WIDTHS[field]
    sheet.freeze_panes = "A2"

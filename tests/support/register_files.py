"""A register as a municipality uploads it: its rows, the file that a Danish Excel makes of them, workbooks sound and
broken, and what is understood of them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import date

import openpyxl

from reports import register
from reports.register import CellWords, Preview, RegisterEntry
from reports.register_reading import read

TYPES = ("Forening", "Råd", "Center", "Nøgleperson")
AREAS = ("Nordby", "Søndermark", "Havnen", "Ådalen")
PLACES = ("Ålholt", "Ørbæk", "Ærø", "Bjerre", "Møllevang", "Skovlund")


def associations(count: int = 300) -> list[tuple[str, ...]]:
    """Rows as a municipality has them: name, type, area, members, mail."""
    return [
        (f"{PLACES[n % 6]} Idrætsforening {n}", TYPES[n % 4], AREAS[n % 4], str(n), f"formand{n}@forening.example")
        for n in range(count)
    ]


def saved_by_excel(
    rows: Sequence[tuple[str, ...]], headings: tuple[str, ...] = ("Navn", "Type", "Område", "Medlemmer", "Mail")
) -> bytes:
    """«CSV (semikolonsepareret)» of a Danish Excel: semicolons, CRLF, Windows' Latin-1."""
    return "".join(";".join(row) + "\r\n" for row in (headings, *rows)).encode("cp1252")


# --- workbooks --------------------------------------------------------------------------------------------


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


# --- what is understood -----------------------------------------------------------------------------------

WORDS = CellWords(
    kinds={"forening": ("Forening", "Klub"), "raad": ("Råd",), "center": ("Center", "Hus")},
    areas={"nord": ("Nordbyen", "Nord"), "aa": ("Åbyen",)},
    departments={"kultur": ("Kultur og Fritid",)},
)

KORS = RegisterEntry("Røde Kors", "forening", "nord", "kultur", "10-24", ("omsorg", "unge"), "kors@by.example")
AEGIR = RegisterEntry("Ægir", "center", None, None, None, (), None)


def understood(content: bytes, *known: str) -> Preview:
    table = read(content, "foreninger.csv")
    return register.preview(table, register.guess(table.headings), WORDS, known)

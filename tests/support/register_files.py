"""A register as a municipality hands it in: its rows, and the file that a Danish Excel makes of them."""

from __future__ import annotations

from collections.abc import Sequence

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

"""The CSV of answers or contacts that people get, read as a spreadsheet reads it: by the keys of its columns."""

from __future__ import annotations

import csv
import io

from bot.flows.model import Language
from bot.texts import say
from reports.table_words import Column, TableWords


def by_column(text: str, language: Language = "da") -> list[dict[str, str]]:
    """Its rows, column → cell, the cells in the words that stand there. Every column has its heading."""
    headings = {say(language, f"column.{column}"): str(column) for column in Column}
    table = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=";", strict=True)
    columns = [headings[heading] for heading in next(table)]
    return [dict(zip(columns, row, strict=True)) for row in table]


def in_keys(text: str, words: TableWords) -> list[dict[str, str]]:
    """The same with the keys of values that are called by a word in the file. The question's choices stay as they
    are."""
    assert words.language is not None
    keys = {column: {str(word): key for key, word in called.items()} for column, called in words.values.items()}
    return [
        {column: keys.get(column, {}).get(cell, cell) for column, cell in row.items()}
        for row in by_column(text, words.language)
    ]

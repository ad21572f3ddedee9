"""`besyv register`: the register of whom to hear, from a file and to one."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from bot.app.settings import read_settings
from bot.cli import English, Failed, Process, execute, language_of, note, process_row, transact, write
from bot.features.invitations.service import OPERATOR
from bot.features.register import service
from bot.process.host import ProcessHost
from reports.register import (
    LONGEST_NAME,
    LONGEST_VALUE,
    BadCell,
    FileTable,
    Merged,
    Preview,
    RegisterEntry,
    RegisterField,
    guess,
)
from reports.register_process import read_apart
from reports.register_reading import LARGEST, MOST_ROWS, UnreadableFile
from reports.register_workbook import MOST_COLUMNS
from reports.register_writing import csv, xlsx
from storage.db import Tx

register_cli = typer.Typer(no_args_is_help=True, help="The register of whom to hear: associations, councils, centres.")

_UNREADABLE = {
    "too-large": f"is larger than {LARGEST // 1_000_000} MB",
    "too-costly": "is too heavy to read: copy the list into a new workbook, and save that as XLSX",
    "too-many": f"has more than {MOST_ROWS} rows",
    "not-a-table": "is no table: hand in CSV or XLSX",
    "empty": "is empty",
    "letters": "has letters that can't be read: see whether they are right, and save it as XLSX or CSV UTF-8",
    "open-quote": "has a quotation mark that is never closed",
    "old-excel": "is in the old format of Excel (.xls): save it as .xlsx",
    "protected": "is protected by a password",
}

_BAD = {
    "no-name": "no name",
    "long-name": f"a name of more than {LONGEST_NAME} characters",
    "long-value": f"more than {LONGEST_VALUE} characters",
    "unknown-kind": "no such kind",
    "unknown-area": "no such area",
    "unknown-department": "no such department",
    "unknown-size": "no size",
    "private-name": "looks like a CPR number",
    "private-tags": "looks like a CPR number",
    "private-contact": "looks like a CPR number",
    "formula-name": "a formula without a value: open the file in Excel, and save it",
    "formula": "a formula without a value: open the file in Excel, and save it",
    "cut-name": "looks like a number cut by Excel",
    "cut-number": "looks like a number cut by Excel: make the column text, and write it again",
    "headings-again": "the headings once more",
}

_DOUBTS = {
    "person": "may be a private person, who does not belong in the register",
    "same": "is counted as the same as “{other}”: is it?",
    "alike": "looks like “{other}”: is it the same?",
}


@register_cli.command("import")
def import_(
    file: Path,
    yes: Annotated[bool, typer.Option("--yes", help="Take it in; without it only what would come of it.")] = False,
    without_doubts: Annotated[
        bool, typer.Option("--without-doubts", help="Leave out what may be a private person, or somebody else.")
    ] = False,
    name_column: Annotated[str | None, typer.Option(help="The heading of the column with the names.")] = None,
    process: Process = None,
) -> None:
    """Show what would come of a CSV or XLSX file, and what is wrong with it line by line; with --yes, take it in."""
    settings = read_settings()
    table = _table(file)
    mapping = _mapping(file, table, name_column)

    def unit(tx: Tx, process_host: ProcessHost) -> tuple[Preview, Preview]:
        plan = process_host.plan(tx, process_row(tx, process).id)
        now = int(time.time())
        found = service.preview_import(tx, plan, table, mapping, now)
        taken = service.preview_import(tx, plan, table, mapping, now, with_doubts=not without_doubts)
        if yes:
            service.apply_import(tx, plan.process_id, taken, OPERATOR, now)
        return found, taken

    found, taken = transact(settings, unit)
    for line in _where(table):
        print(line)
    for heading, field in sorted((table.headings[column], str(field)) for field, column in mapping.items()):
        print(f"column {heading} is {field}")
    for bad in found.bad:
        print(_bad(bad))
    for merged in found.merged:
        print(_merged(merged))
    for doubt in found.doubts:
        left_out = "; left out" if without_doubts else ""
        print(f"line {doubt.row}: “{doubt.name}” {_DOUBTS[doubt.code].format(other=doubt.other)}{left_out}")
    told = f"{len(taken.entries)} new, {len(taken.updates)} known"
    print(f"taken in: {told}" if yes else f"would be taken in: {told}; nothing is changed without --yes")


@register_cli.command("export")
def export(
    out: Annotated[Path, typer.Option(help="The file to write, .csv or .xlsx.")],
    english: English = False,
    process: Process = None,
) -> None:
    """Write the register to a file."""
    writer = {".csv": csv, ".xlsx": xlsx}.get(out.suffix.lower())
    if writer is None:
        raise Failed(f"{out}: the name of the file must end in .csv or .xlsx")
    settings, language = read_settings(), language_of(english)

    def unit(tx: Tx, process_host: ProcessHost) -> list[RegisterEntry]:
        plan = process_host.plan(tx, process_row(tx, process).id)
        note(tx, plan.process_id, "register-export", out.suffix.lower().removeprefix("."), int(time.time()))
        return service.in_words(tx, plan, language)

    entries = transact(settings, unit)
    write(out.parent, {out.name: writer(entries, language)})
    print(f"{out}: {len(entries)} entries")


# --- a file that somebody made ----------------------------------------------------------------------------


def _table(file: Path) -> FileTable:
    try:
        if file.stat().st_size > LARGEST:
            raise UnreadableFile("too-large")
        return execute(read_apart(file.read_bytes(), file.name))
    except OSError as error:
        raise Failed(f"{file}: {error.strerror}") from None
    except UnreadableFile as unreadable:
        raise Failed(f"{file} {_UNREADABLE[unreadable.code]}") from None


def _where(table: FileTable) -> list[str]:
    """Which sheet is read and from which row on, where that is not the whole file."""
    told = []
    if table.too_far:
        told.append(
            f"not read, for only the first {MOST_COLUMNS} columns are: {', '.join(table.too_far)} (move what belongs "
            "in the register further to the left)"
        )
    if table.other_sheets:
        others = ", ".join(table.other_sheets)
        told.append(f"the sheet {table.sheet} is read; not read: {others} (save a sheet as a file of its own for that)")
    if table.heading_row > 1:
        told.append(f"the headings stand in line {table.heading_row}; what stands above them is not read")
    return told


def _mapping(file: Path, table: FileTable, name_column: str | None) -> dict[RegisterField, int]:
    """Which column is which field; the name's as it is told, where it is."""
    mapping = guess(table.headings)
    if name_column is not None:
        wanted = next((n for n, each in enumerate(table.headings) if each.casefold() == name_column.casefold()), None)
        if wanted is None:
            raise Failed(f"{file} has no column {name_column}; it has {', '.join(table.headings)}")
        mapping = {field: column for field, column in mapping.items() if column != wanted} | {
            RegisterField.NAME: wanted
        }
    if RegisterField.NAME not in mapping:
        where = "".join(f"; {line}" for line in _where(table))
        headings = ", ".join(filter(None, table.headings))
        raise Failed(f"{file}: which column holds the names? --name-column is one of {headings}{where}")
    return mapping


def _bad(bad: BadCell) -> str:
    value = f" “{bad.value}”" if bad.value else ""
    left = "the line is left out" if bad.field is RegisterField.NAME else f"{bad.field} is left empty"
    return f"line {bad.row}: {_BAD[bad.code]}{value}; {left}"


def _merged(merged: Merged) -> str:
    return f"line {merged.row}: is {merged.into}, {'in the register' if merged.in_register else 'further up'}"

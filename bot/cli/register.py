"""`besyv register`: the register of whom to hear, from a file and to one."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from bot.app.settings import read_settings
from bot.cli import Failed, Process, note, process_row, transact, write
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
from reports.register_reading import LARGEST, MOST_ROWS, UnreadableFile, read
from reports.register_writing import csv, xlsx
from storage.db import Tx

register_cli = typer.Typer(no_args_is_help=True, help="The register of whom to hear: associations, councils, centres.")

_UNREADABLE = {
    "too-large": f"is larger than {LARGEST // 1_000_000} MB",
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
}

_WITHOUT_A_ROW = ("no-name", "long-name", "private-name")


@register_cli.command("import")
def import_(
    file: Path,
    yes: Annotated[bool, typer.Option("--yes", help="Take it in; without it only what would come of it.")] = False,
    name_column: Annotated[str | None, typer.Option(help="The heading of the column with the names.")] = None,
    process: Process = None,
) -> None:
    """Show what would come of a CSV or XLSX file, and what is wrong with it line by line; with --yes, take it in."""
    settings = read_settings()
    table = _table(file)
    mapping = _mapping(file, table, name_column)

    def unit(tx: Tx, process_host: ProcessHost) -> Preview:
        plan = process_host.plan(tx, process_row(tx, process).id)
        found = service.preview_import(tx, plan, table, mapping)
        if yes:
            service.apply_import(tx, plan.process_id, found, OPERATOR, int(time.time()))
        return found

    found = transact(settings, unit)
    for heading, field in sorted((table.headings[column], str(field)) for field, column in mapping.items()):
        print(f"column {heading} is {field}")
    for bad in found.bad:
        print(_bad(bad))
    for merged in found.merged:
        print(_merged(merged))
    told = f"{len(found.entries)} new, {len(found.updates)} known"
    print(f"taken in: {told}" if yes else f"would be taken in: {told}; nothing is changed without --yes")


@register_cli.command("export")
def export(
    out: Annotated[Path, typer.Option(help="The file to write, .csv or .xlsx.")],
    process: Process = None,
) -> None:
    """Write the register to a file."""
    writer = {".csv": csv, ".xlsx": xlsx}.get(out.suffix.lower())
    if writer is None:
        raise Failed(f"{out}: the name of the file must end in .csv or .xlsx")
    settings = read_settings()

    def unit(tx: Tx, _process_host: ProcessHost) -> list[RegisterEntry]:
        wanted = process_row(tx, process).id
        note(tx, wanted, "register-export", out.suffix.lower().removeprefix("."), int(time.time()))
        return service.entries(tx, wanted)

    entries = transact(settings, unit)
    write(out.parent, {out.name: writer(entries)})
    print(f"{out}: {len(entries)} entries")


# --- a file that somebody made ----------------------------------------------------------------------------


def _table(file: Path) -> FileTable:
    try:
        if file.stat().st_size > LARGEST:
            raise UnreadableFile("too-large")
        return read(file.read_bytes(), file.name)
    except OSError as error:
        raise Failed(f"{file}: {error.strerror}") from None
    except UnreadableFile as unreadable:
        raise Failed(f"{file} {_UNREADABLE[unreadable.code]}") from None


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
        raise Failed(f"{file}: which column holds the names? --name-column is one of {', '.join(table.headings)}")
    return mapping


def _bad(bad: BadCell) -> str:
    value = f" «{bad.value}»" if bad.value else ""
    left = "the line is left out" if bad.code in _WITHOUT_A_ROW else f"{bad.field} is left empty"
    return f"line {bad.row}: {_BAD[bad.code]}{value}; {left}"


def _merged(merged: Merged) -> str:
    return f"line {merged.row}: is {merged.into}, {'in the register' if merged.in_register else 'further up'}"

"""`besyv export` and `besyv contacts`: what people said, and what they told to be reached by, as files."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from bot.app.runtime import open_runtime
from bot.app.settings import Settings, read_settings
from bot.cli import Failed, Process, execute, note, process_row, progress_bar
from reports.answers import ExportError, Format, export_answers
from reports.contacts import export_contacts
from storage.db import connect
from storage.encryption import Keyring


def export(
    out: Annotated[Path, typer.Option(help="The file to write.")],
    format: Annotated[Format, typer.Option(help="csv for Excel, jsonl for programs.")] = "csv",
    process: Process = None,
) -> None:
    """Write every answer to a file."""
    settings = read_settings()
    keys, key = execute(_audited(settings, process, "export", format))
    with closing(connect(settings.database_path)) as connection, progress_bar("export") as progress:
        try:
            rows = export_answers(connection, keys, key, out, format, progress)
        except ExportError as error:
            raise Failed(str(error)) from None
    print(f"{out}: {rows} answers")


def contacts(
    out: Annotated[Path, typer.Option(help="The CSV file to write.")],
    process: Process = None,
) -> None:
    """Write what people told to be reached by, and what they need at meetings. Never stands among the answers."""
    settings = read_settings()
    keys, key = execute(_audited(settings, process, "contacts", "csv"))
    with closing(connect(settings.database_path)) as connection:
        try:
            rows = export_contacts(connection, keys, key, out)
        except ExportError as error:
            raise Failed(str(error)) from None
    print(f"{out}: {rows} contacts and needs")


async def _audited(settings: Settings, process: str | None, action: str, detail: str) -> tuple[Keyring, str]:
    """Notes the use in the audit log; the keys, and the key of the process."""
    async with open_runtime(settings) as runtime:
        row = await runtime.database.read(lambda tx: process_row(tx, process))
        await runtime.database.write(lambda tx: note(tx, row.id, action, detail, int(time.time())))
        return runtime.database.keys, row.key

"""`besyv export` and `besyv contacts`: what people said, and what they told to be reached by, as files."""

from __future__ import annotations

import hashlib
import sys
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from bot import texts
from bot.app.runtime import open_runtime
from bot.app.settings import Settings, read_settings
from bot.cli import Failed, Process, execute, note, process_row, progress_bar, transact
from bot.features.contacts.service import lines as contact_lines
from bot.features.export import service
from bot.flows import content
from reports import contacts as reports_contacts
from reports.answers import ExportError, Format, export_answers
from reports.contacts import ContactLine
from storage import people
from storage.db import Tx, connect
from storage.encryption import Keyring


def export(
    out: Annotated[Path, typer.Option(help="The file to write.")],
    format: Annotated[Format, typer.Option(help="csv for Excel, jsonl for programs.")] = "csv",
    process: Process = None,
) -> None:
    """Write every answer to a file."""
    settings, now = read_settings(), int(time.time())
    keys, key = execute(_audited(settings, process, "export", format, now))
    with closing(connect(settings.database_path)) as connection, progress_bar("export") as progress:
        try:
            done = export_answers(connection, keys, key, out, format, progress)
        except ExportError as error:
            raise Failed(str(error)) from None
    with out.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    execute(_audited(settings, process, service.MADE, service.detail(format, done.rows, sha256), now))
    print(f"{out}: {done.rows} answers\nsha256 {sha256}")
    aside, objectors = transact(settings, lambda tx, _: _set_aside(tx, process))
    if objectors:
        print(f"left out: {aside} answers of {objectors} people who have objected to their use")
    for number in done.damaged:
        sys.stderr.write(f"besyv: answers {number}: the stored value can't be opened\n")
    if done.damaged:
        raise Failed(f"{len(done.damaged)} answers can't be read; their rows are marked damaged, all others are whole")


def _set_aside(tx: Tx, process: str | None) -> tuple[int, int]:
    """Answers, and people."""
    row = process_row(tx, process)
    return people.count_answers_set_aside(tx, row.id), people.count_set_aside(tx, row.id)


def contacts(
    out: Annotated[Path, typer.Option(help="The CSV file to write.")],
    process: Process = None,
) -> None:
    """Write what people told to be reached by. Never stands among the answers."""
    settings = read_settings()
    execute(_audited(settings, process, "contacts", "csv", int(time.time())))
    key, lines = transact(settings, lambda tx, _: _contacts(tx, process))
    try:
        reports_contacts.write(lines, key, out)
    except ExportError as error:
        raise Failed(str(error)) from None
    print(f"{out}: {len(lines)} contacts")


def _contacts(tx: Tx, process: str | None) -> tuple[str, list[ContactLine]]:
    row = process_row(tx, process)
    words = texts.say("en", "unreadable")
    return row.key, [replace(each, text=content.in_words(each.text, words)) for each in contact_lines(tx, row.id)]


async def _audited(settings: Settings, process: str | None, action: str, detail: str, now: int) -> tuple[Keyring, str]:
    """Notes the use in the audit log; the keys, and the key of the process."""
    async with open_runtime(settings) as runtime:
        row = await runtime.database.read(lambda tx: process_row(tx, process))
        await runtime.database.write(lambda tx: note(tx, row.id, action, detail, now))
        return runtime.database.keys, row.key

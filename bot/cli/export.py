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
from bot.cli import (
    English,
    Failed,
    Process,
    execute,
    language_of,
    note,
    process_row,
    progress_bar,
    transact,
)
from bot.dialogue.file_words import table_words
from bot.features.contacts.service import lines as contact_lines
from bot.features.export import service
from bot.flows import content
from bot.flows.model import Language
from bot.process.plan import Plan
from reports import contacts as reports_contacts
from reports.answers import ExportError, Format, export_answers
from reports.contacts import ContactLine
from reports.table_words import KEYS, Column
from storage import people
from storage.db import Tx, connect
from storage.encryption import Keyring


def export(
    out: Annotated[Path, typer.Option(help="The file to write.")],
    format: Annotated[Format, typer.Option(help="csv for Excel, jsonl for programs.")] = "csv",
    english: English = False,
    process: Process = None,
) -> None:
    """Write every answer to a file."""
    settings, now = read_settings(), int(time.time())
    keys, plan = execute(_audited(settings, process, "export", format, now))
    words = table_words(plan, language_of(english)) if format == "csv" else KEYS
    with closing(connect(settings.database_path)) as connection, progress_bar("export") as progress:
        try:
            done = export_answers(connection, keys, plan.file.process, out, format, words, progress)
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
        mark = words.of(Column.STATUS, "damaged")
        raise Failed(f"{len(done.damaged)} answers can't be read; their rows are marked {mark}, all others are whole")


def _set_aside(tx: Tx, process: str | None) -> tuple[int, int]:
    """Answers, and people."""
    row = process_row(tx, process)
    return people.count_answers_set_aside(tx, row.id), people.count_set_aside(tx, row.id)


def contacts(
    out: Annotated[Path, typer.Option(help="The CSV file to write.")],
    english: English = False,
    process: Process = None,
) -> None:
    """Write what people told to be reached by. Never stands among the answers."""
    settings = read_settings()
    _, plan = execute(_audited(settings, process, "contacts", "csv", int(time.time())))
    language = language_of(english)
    lines = transact(settings, lambda tx, _: _contacts(tx, plan.process_id, language))
    try:
        reports_contacts.write(lines, plan.file.process, out, table_words(plan, language))
    except ExportError as error:
        raise Failed(str(error)) from None
    print(f"{out}: {len(lines)} contacts")


def _contacts(tx: Tx, process_id: int, language: Language) -> list[ContactLine]:
    words = texts.say(language, "unreadable")
    return [replace(each, text=content.in_words(each.text, words)) for each in contact_lines(tx, process_id)]


async def _audited(settings: Settings, process: str | None, action: str, detail: str, now: int) -> tuple[Keyring, Plan]:
    """Notes the use in the audit log; the keys, and the process."""
    async with open_runtime(settings) as runtime:
        row = await runtime.database.read(lambda tx: process_row(tx, process))
        await runtime.database.write(lambda tx: note(tx, row.id, action, detail, now))
        plan = await runtime.database.read(lambda tx: runtime.process_host.plan(tx, row.id))
        return runtime.database.keys, plan

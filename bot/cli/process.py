"""`besyv process load`: a process file, stored."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from bot.app.settings import read_settings
from bot.cli import Failed, dates, note, transact
from bot.features import process_file
from bot.process.file import ProcessFile
from bot.process.flows import flow_faults, shipped_flows
from bot.process.loading import parse_file, read_file, with_questions
from storage.db import Tx

process_cli = typer.Typer(no_args_is_help=True, help="The process: municipality, steps, dates.")


@process_cli.command("load")
def process_load(
    file: Path,
    yes: Annotated[bool, typer.Option("--yes", help="The deletion date is meant to be earlier than it was.")] = False,
) -> None:
    """Load a process file, or load it again after a change."""
    settings, now = read_settings(), int(time.time())
    text = read_file(file)
    described = parse_file(text, file.name, now)
    faults = flow_faults(shipped_flows(described))
    if faults:
        raise Failed(faults[0])
    dates.warn(text, file.name, described, now)
    before = transact(settings, lambda tx, _: _load(tx, described, now, sure=yes))
    print(f"{described.process}: {described.municipality.name}, {len(described.steps)} steps")
    if before not in (None, described.deletion_date):
        print(f"deletion date: {described.deletion_date}, before {before}")


def _load(tx: Tx, file: ProcessFile, now: int, *, sure: bool) -> date | None:
    """The deletion date that the process had. Its own questions stay. Raises Failed or Faulty, and nothing is kept."""
    before = process_file.deletion_date(tx, file.process)
    if before is not None and file.deletion_date < before and not sure:
        raise Failed(
            f"deletion_date: everybody would be deleted on {file.deletion_date}, not {before}: say --yes if so"
        )
    questions = process_file.own_questions(tx, file.process)
    if questions is not None:
        file = with_questions(file, questions)
    process_id = process_file.save(tx, file, shipped_flows(file), now)
    late = process_file.planned_too_late(tx, process_id, file, now)
    if late is not None:
        raise Failed(late)
    if before is not None and file.deletion_date != before:
        note(tx, process_id, "deletion-moved", f"{before} > {file.deletion_date}", now)
    return before

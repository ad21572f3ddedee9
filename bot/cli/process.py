"""`besyv process load`: a process file, stored."""

from __future__ import annotations

import time
from pathlib import Path

import typer

from bot.app.runtime import open_runtime
from bot.app.settings import read_settings
from bot.cli import Failed, dates, execute
from bot.features import process_file
from bot.process.flows import flow_faults, shipped_flows
from bot.process.loading import parse_file, read_file

process_cli = typer.Typer(no_args_is_help=True, help="The process: municipality, steps, dates.")


@process_cli.command("load")
def process_load(file: Path) -> None:
    """Load a process file, or load it again after a change."""
    settings = read_settings()
    text = read_file(file)
    described = parse_file(text, file.name)
    flows = shipped_flows(described)
    faults = flow_faults(flows)
    if faults:
        raise Failed(faults[0])
    now = int(time.time())
    dates.warn(text, file.name, described, now)

    async def go() -> None:
        async with open_runtime(settings) as runtime:
            await runtime.database.write(lambda tx: process_file.save(tx, described, flows, now))

    execute(go())
    print(f"{described.process}: {described.municipality.name}, {len(described.steps)} steps")

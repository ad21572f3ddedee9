"""`besyv process load`: a process file, stored."""

from __future__ import annotations

import time
from pathlib import Path

import typer

from bot.app.settings import read_settings
from bot.cli import Failed, transact
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
    transact(settings, lambda tx, _: process_file.save(tx, described, flows, int(time.time())))
    print(f"{described.process}: {described.municipality.name}, {len(described.steps)} steps")

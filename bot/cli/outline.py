"""`besyv outline`: every flow as Markdown and diagram."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.app.runtime import open_runtime
from bot.app.settings import read_settings
from bot.cli import execute
from bot.flows.loader import from_json
from bot.flows.outline import diagram as drawn
from bot.flows.outline import markdown
from storage import processes


def outline(
    diagram: Annotated[bool, typer.Option("--diagram/--no-diagram", help="With a diagram of the branching.")] = True,
) -> None:
    """Print every flow as Markdown and diagram."""
    settings = read_settings()

    async def go() -> list[str]:
        async with open_runtime(settings) as runtime:
            wanted = await runtime.database.read(lambda tx: runtime.process_host.plan(tx).process_id)
            rows = await runtime.database.read(lambda tx: processes.newest_flows(tx, wanted))
        return [row.definition for row in rows]

    for definition in execute(go()):
        flow = from_json(definition)
        print(markdown(flow))
        if diagram:
            print(f"```mermaid\n{drawn(flow)}\n```\n")

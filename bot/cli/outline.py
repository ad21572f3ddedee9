"""`besyv outline`: every flow as Markdown and diagram."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.app.runtime import open_runtime
from bot.app.settings import read_settings
from bot.cli import execute
from bot.flows.loader import PolicyKind, from_json
from bot.flows.outline import diagram as drawn
from bot.flows.outline import markdown
from bot.process.flows import asked_only_in
from storage import processes


def outline(
    diagram: Annotated[bool, typer.Option("--diagram/--no-diagram", help="With a diagram of the branching.")] = True,
) -> None:
    """Print every flow as Markdown and diagram, and before them whether the policy is new or revised."""
    settings = read_settings()

    async def go() -> tuple[PolicyKind, list[str]]:
        async with open_runtime(settings) as runtime:
            plan = await runtime.database.read(runtime.process_host.plan)
            rows = await runtime.database.read(lambda tx: processes.newest_flows(tx, plan.process_id))
        return plan.file.policy.kind, [row.definition for row in rows]

    kind, definitions = execute(go())
    print(f"policy.kind: {kind}")
    for each in PolicyKind:
        listed = "; ".join(f"{flow} {' '.join(ids)}" for flow, ids in asked_only_in(each).items())
        print(f"- {each} only: {listed}")
    print()
    for definition in definitions:
        flow = from_json(definition)
        print(markdown(flow))
        if diagram:
            print(f"```mermaid\n{drawn(flow)}\n```\n")

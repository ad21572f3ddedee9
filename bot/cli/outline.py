"""`besyv outline`: every flow as Markdown and diagram."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.app.runtime import open_runtime
from bot.app.settings import read_settings
from bot.cli import Failed, execute
from bot.flows.loader import PolicyKind, from_json
from bot.flows.outline import diagram as drawn
from bot.flows.outline import markdown
from bot.process.flows import asked_only_in
from storage import processes


def outline(
    flow: Annotated[str | None, typer.Argument(help="The key of one step; every step where left out.")] = None,
    *,
    diagram: Annotated[bool, typer.Option("--diagram/--no-diagram", help="With a diagram of the branching.")] = True,
) -> None:
    """Print every flow, or one, as Markdown and diagram, and before them whether the policy is new or revised."""
    settings = read_settings()

    async def go() -> tuple[PolicyKind, list[str]]:
        async with open_runtime(settings) as runtime:
            plan = await runtime.database.read(runtime.process_host.plan)
            rows = await runtime.database.read(lambda tx: processes.newest_flows(tx, plan.process_id))
        return plan.file.policy.kind, [row.definition for row in rows]

    kind, definitions = execute(go())
    flows = [from_json(definition) for definition in definitions]
    chosen = [each for each in flows if flow in (None, each.flow)]
    if not chosen:
        raise Failed(f"there is no step {flow}; there are {', '.join(each.flow for each in flows)}")
    print(f"policy.kind: {kind}")
    for each in PolicyKind:
        listed = "; ".join(f"{key} {' '.join(ids)}" for key, ids in asked_only_in(each).items())
        print(f"- {each} only: {listed}")
    print()
    for shown in chosen:
        print(markdown(shown))
        if diagram:
            print(f"```mermaid\n{drawn(shown)}\n```\n")

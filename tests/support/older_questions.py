"""The question sets as they were shipped until December 2026 (tests/data/questions_of_2026). Whoever began on them goes
on with them (docs/decisions/0007)."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from bot.features import process_file
from bot.flows import loader
from bot.flows.loader import Material
from bot.flows.model import Flow
from bot.process.host import ProcessHost
from storage.db import Database, Tx
from tests.support.chat import Town

FOLDER = Path(__file__).parents[1] / "data" / "questions_of_2026"


@cache
def _texts() -> dict[str, str]:
    return {file.name: file.read_text(encoding="utf-8") for file in sorted(FOLDER.glob("*_*.yaml"))}


def flows(material: Material) -> list[Flow]:
    shared = loader.load_shared((FOLDER / "shared.yaml").read_text(encoding="utf-8"), "shared.yaml")
    found = (loader.load_flow(text, name, shared, material) for name, text in _texts().items())
    return [flow for flow in found if flow is not None]


async def load(town: Town, *keys: str) -> None:
    """These sets, or all of them, are the newest: whoever begins from now on gets them."""
    await put(town.runtime.database, town.runtime.process_host, int(town.clock.now), *keys)


async def put(database: Database, process_host: ProcessHost, now: int, *keys: str) -> None:
    """As `load`."""

    def save(tx: Tx) -> None:
        file = process_host.plan(tx).file
        older = [flow for flow in flows(file.material) if not keys or flow.flow in keys]
        process_file.save(tx, file, older, now)

    await database.write(save)

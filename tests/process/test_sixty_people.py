"""Sixty people in several hats through a whole process."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from tests.support.chat import Town, load_example
from tests.support.sixty import DAYS, PLAN, Sixty

pytestmark = [pytest.mark.proof]


async def test_sixty(logged: io.StringIO, tmp_path: Path) -> None:
    (prepared := tmp_path / "prepared").mkdir()
    await load_example(prepared)
    async with Town(prepared, tmp_path / "town", logged, pages=True, steps=PLAN) as town:
        sixty = Sixty(town, Path("/tmp/h25_acts.jsonl"), seed=12)
        await sixty.opens()
        for day in range(len(DAYS)):
            await sixty.lives_through(day)
        await sixty.dea.writes("/eksport")
        Path("/tmp/h25_export.csv").write_bytes(sixty.dea.somebody.phone.document)

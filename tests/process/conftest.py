"""What several tests of this folder begin with."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.office import Office, open_office, opening


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    made = await open_office(tmp_path, opening("2026-03-10 08:00"))
    yield made
    await made.database.close()

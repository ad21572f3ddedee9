"""A real browser, once for all tests here, and a town whose pages it opens. Without a chromium these tests are skipped,
and the end of the run says so (tests/conftest.py)."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from tests.support.browser.chromium import FLAGS, NO_BROWSER, chromium
from tests.support.browser.opening import Opening, Pages
from tests.support.chat import Town


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    path = chromium()
    if path is None:
        pytest.skip(NO_BROWSER)  # said loudly at the end of the run; the pages are tested over HTTP all the same
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield started
        await started.close()


@pytest.fixture
def pages(prepared: Path, tmp_path: Path, logged: io.StringIO, browser: Browser) -> Opening:
    """`async with pages(steps="linjer") as pages:`; by `name`, several towns stand side by side."""

    @asynccontextmanager
    async def open_(steps: str = "", channel: str = "web", name: str = "town", **kind: Any) -> AsyncIterator[Pages]:
        town = Town(prepared, tmp_path / name, logged, channel=channel, steps=steps, pages=True, **kind)
        async with town, Pages(town, browser) as opened:
            yield opened

    return open_

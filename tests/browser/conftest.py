"""A real browser, once for all tests here, and a town whose pages it opens. Without a chromium these tests are skipped,
and the end of the run says so (tests/conftest.py)."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, Request, async_playwright

from tests.chat import Town
from tests.conftest import NO_BROWSER

# As root, without a graphics card, and without a word to anybody outside.
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
)  # fmt: skip
PHONE = {"width": 360, "height": 740}
PATIENCE = 10_000  # milliseconds until something that should be there is missed


def chromium() -> str | None:
    return os.environ.get("BESYV_TEST_CHROMIUM") or shutil.which("chromium")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    path = chromium()
    if path is None:
        pytest.skip(NO_BROWSER)  # said loudly at the end of the run; the pages are tested over HTTP all the same
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield started
        await started.close()


@dataclass
class Pages:
    """A town's pages, and the browsers of the people in front of them. Each request takes a second of its time."""

    town: Town
    browser: Browser
    requested: list[str] = field(default_factory=list)
    _open: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    def _note(self, request: Request) -> None:
        self.requested.append(request.url)
        self.town.clock.now += 1

    async def device(self, **kind: Any) -> BrowserContext:
        """A browser of its own: other cookies, another history. A phone unless `kind` says otherwise."""
        kind = {"viewport": PHONE, "locale": "da-DK", "reduced_motion": "reduce", **kind}
        context = await self.browser.new_context(base_url=self.town.home, **kind)
        context.set_default_timeout(PATIENCE)
        context.on("request", self._note)
        self._open.push_async_callback(context.close)
        return context

    async def page(self, script: str = "", **kind: Any) -> Page:
        """On a device of its own; with `script` in every page it opens."""
        device = await self.device(**kind)
        if script:
            await device.add_init_script(script)
        return await device.new_page()


Opening = Callable[..., AbstractAsyncContextManager[Pages]]


@pytest.fixture
def pages(prepared: Path, tmp_path: Path, logged: io.StringIO, browser: Browser) -> Opening:
    """`async with pages(steps="linjer") as pages:`; by `name`, several towns stand side by side."""

    @asynccontextmanager
    async def open_(steps: str = "", channel: str = "web", name: str = "town") -> AsyncIterator[Pages]:
        town = Town(prepared, tmp_path / name, logged, channel=channel, steps=steps, pages=True)
        async with town, Pages(town, browser) as opened:
            yield opened

    return open_

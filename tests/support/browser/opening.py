"""A town's pages, and the browsers of the people in front of them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, Self

from playwright.async_api import Browser, BrowserContext, Page, Request

from tests.support.chat import Town
from tests.support.patience import PATIENCE

PHONE = {"width": 360, "height": 740}


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
        context.set_default_timeout(PATIENCE * 1000)
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

"""Somebody at the pages who has said yes and stands at a step's first question, and what they can send by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from urllib.parse import urlencode

from tests.support.chat import Town
from tests.support.pages import Browser, Page
from tests.support.patience import PATIENCE

Fields = list[tuple[str, str]]


async def arrived(town: Town, code: str = "") -> Browser:
    """In the browser of somebody who has just said yes. The caller's town closes it."""
    browser = opened(town)
    page = await browser.get(f"/i/{code}" if code else "/")
    [yes] = [control for control in page.buttons() if control.label == "Jeg er med"]
    await browser.press(page, yes.element)
    return browser


def opened(town: Town) -> Browser:
    browser = Browser(town.home, "da")
    town.browsers.append(browser)
    return browser


async def entered(browser: Browser, link: str) -> Page:
    """By a personal link: «Ja, det er mit». Where it is theirs already, they are there at once."""
    page = await browser.get(link)
    yes = page.find(".//form[starts-with(@action, '/s/')]//button", page.main)
    return await browser.press(page, yes[0]) if yes else page


async def at_step(town: Town, code: str, group: str = "Borger") -> tuple[Browser, Page]:
    """As `arrived`, with the questions about themselves skipped: the first question of the step."""
    browser = await arrived(town, code)
    page = await browser.get("/")
    place = [label for label, _ in page.boxes()].index(group)
    page = await sent(browser, page, [("choice", str(place)), ("do", "next")])
    while "/trin/start/" in page.url:
        page = await sent(browser, page, [("do", "skip")])
    return browser, page


async def sent(browser: Browser, page: Page, more: Fields) -> Page:
    """The page's question form with these fields in place of its own of the same names."""
    assert page.form is not None, f"{page.url} asks nothing"
    names = {name for name, _ in more}
    kept = [(name, value) for name, value in page.form.form_values() if name not in names]
    status, _, source, location = await posted(browser, page.form.get("action", ""), [*kept, *more])
    return await browser.get(location) if location else Page(page.url, status, source)


async def posted(
    browser: Browser, path: str, fields: Fields, headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], str, str | None]:
    """A form sent to a path, as it is: status, headers, body, and where it leads."""
    body = urlencode(fields, errors="surrogatepass").encode("ascii")
    kind = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
    async with browser.session.post(browser.home + path, data=body, headers=kind, allow_redirects=False) as response:
        return response.status, dict(response.headers), await response.text(), response.headers.get("Location")


def token(page: Page) -> str:
    return str(page.find("//input[@name='csrf']")[0].get("value"))


async def notes_are_told(left: Callable[[], object]) -> None:
    """Until nothing is `left` of what the last page told: it is erased once that page is out."""
    async with asyncio.timeout(PATIENCE):
        while left():  # noqa: ASYNC110  # nothing tells when it is erased: nobody waits for it
            await asyncio.sleep(0.01)

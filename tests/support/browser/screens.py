"""The pictures in README: `python -m tests.support.browser.screens` draws them anew into docs/screens.
Needs pngquant, and for the looks of a phone the font Roboto (Debian: fonts-roboto-unhinted).

Phones of 360×740: a volunteer's, in light and in dark, and a project leader's, who is asked for a second thing. Nothing
is staged: each page is the one the person came to.
"""

from __future__ import annotations

import asyncio
import io
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Literal

import aiohttp
from playwright.async_api import Page, Route, async_playwright

from tests.support.browser.chromium import FLAGS, chromium
from tests.support.browser.hands import Someone, Thumb
from tests.support.browser.opening import Pages
from tests.support.chat import Town, load_example
from tests.support.codes import code_for

FOLDER = Path(__file__).parents[3] / "docs" / "screens"
SCHEMES: dict[str, Literal["light", "dark"]] = {"lys": "light", "moerk": "dark"}
PHONE_IN_HAND: dict[str, Any] = {"has_touch": True, "is_mobile": True, "device_scale_factor": 2}
SHOWN = "https://besyv.eksempel-kommune.example"  # what stands in the link, instead of a port of this machine

WORDS = {
    "D1": ["Én fast person at ringe til", "Et sted at låne borde"],
    "D2": ["En dag, hvor man kan prøve at være frivillig"],
    "D3": ["Ingen skal udfylde et skema for at være noget for andre."],
    "D4": ["De smiler, når jeg kommer."],
    "D5": ["Mere papir."],
}

# The font of a phone, where it is on this machine.
FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<match target="pattern"><test qual="any" name="family" compare="not_eq"><string>monospace</string></test>
<edit name="family" mode="prepend_first" binding="strong"><string>Roboto</string></edit></match>
<include>/etc/fonts/fonts.conf</include></fontconfig>"""


async def draw() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        prepared = Path(folder)
        await load_example(prepared, empties_register=True)
        async with async_playwright() as playwright:
            fonts = prepared / "fonts.conf"
            fonts.write_text(FONTS, encoding="utf-8")
            browser = await playwright.chromium.launch(
                executable_path=chromium(), args=list(FLAGS), env={**os.environ, "FONTCONFIG_FILE": str(fonts)}
            )
            town = Town(
                prepared,
                prepared / "town",
                io.StringIO(),
                channel="web",
                steps="dialog_frivillige",
                pages=True,
                strict=True,
            )
            async with town, Pages(town, browser) as pages:
                await _leads(await pages.page(**PHONE_IN_HAND), town)
                await _answers(await pages.page(**PHONE_IN_HAND), town)
            await browser.close()


async def _leads(page: Page, town: Town) -> None:
    await page.goto(f"/i/{await town.invites('leader')}")
    await _press(page, "Jeg er med")
    await page.goto("/leder")
    await _picture(page, "bevis", "lys")
    await page.get_by_label("Koden").fill(await code_for(town))
    await _press(page, "Bekræft koden")
    await _picture(page, "leder", "lys")
    await page.goto("/enheder")
    await _picture(page, "enheder", "lys")


async def _press(page: Page, label: str) -> None:
    async with page.expect_navigation():
        await page.get_by_role("button", name=label, exact=True).click()


async def _answers(page: Page, town: Town) -> None:
    someone = Someone(page, Thumb(page), "Frivillig", WORDS)
    await someone.accepts()
    while "/start/" in page.url or await someone.kind() != "single":
        await someone.answer()
    await page.locator(".choice input").nth(1).check()
    await _picture(page, "spoergsmaal")
    await someone.leads_on()
    await someone.answers()
    await _picture(page, "gennemgang")
    await someone.press("Send")
    await _picture(page, "kvittering")
    await page.goto("/indsigelse")
    await _picture(page, "indsigelse")
    town.runtime.process_host.web = SHOWN
    await page.route("**/*", _from_outside)
    await page.goto("/link")
    await _picture(page, "link")


async def _from_outside(route: Route) -> None:
    """As whoever comes by the address that stands in the link."""
    headers = await route.request.all_headers()
    cookie = headers.get("cookie", "").replace("besyv=", "__Host-besyv=", 1)  # its name over https
    asked = {**headers, "host": SHOWN.removeprefix("https://"), "cookie": cookie}
    async with aiohttp.ClientSession() as visitor, visitor.get(route.request.url, headers=asked) as came:
        headers = {
            name: value
            for name, value in came.headers.items()
            if name.lower() not in ("content-encoding", "content-length")
        }
        await route.fulfill(status=came.status, headers=headers, body=await came.read())


async def _picture(page: Page, name: str, *schemes: str) -> None:
    for suffix in schemes or SCHEMES:
        await page.emulate_media(color_scheme=SCHEMES[suffix])
        await page.screenshot(path=FOLDER / f"{name}-{suffix}.png")
    await page.emulate_media(color_scheme="light")


if __name__ == "__main__":
    asyncio.run(draw())
    drawn = [each for suffix in SCHEMES for each in FOLDER.glob(f"*-{suffix}.png")]
    subprocess.run(["pngquant", "--force", "--ext", ".png", "--strip", *drawn], check=True)

"""The pictures in README: `python -m tests.support.browser.screens` draws them anew into docs/screens.
Needs pngquant, and for the looks of a phone the font Roboto (Debian: fonts-roboto-unhinted).

A volunteer on a phone of 360×740, in light and in dark. Nothing is staged: each page is the one the person came to.
"""

from __future__ import annotations

import asyncio
import io
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Literal

from playwright.async_api import Page, async_playwright

from tests.support.browser.chromium import FLAGS, chromium
from tests.support.browser.hands import Someone, Thumb
from tests.support.browser.opening import Pages
from tests.support.chat import Town, load_example

FOLDER = Path(__file__).parents[3] / "docs" / "screens"
SCHEMES: dict[str, Literal["light", "dark"]] = {"lys": "light", "moerk": "dark"}
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
                prepared, prepared / "town", io.StringIO(), channel="web", steps="dialog_frivillige", pages=True
            )
            async with town, Pages(town, browser) as pages:
                town.runtime.process_host.web = SHOWN
                await _walk(await pages.page(has_touch=True, is_mobile=True, device_scale_factor=2))
            await browser.close()


async def _walk(page: Page) -> None:
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
    await page.goto("/link")
    await _picture(page, "link")


async def _picture(page: Page, name: str) -> None:
    for suffix, scheme in SCHEMES.items():
        await page.emulate_media(color_scheme=scheme)
        await page.screenshot(path=FOLDER / f"{name}-{suffix}.png")
    await page.emulate_media(color_scheme="light")


if __name__ == "__main__":
    asyncio.run(draw())
    subprocess.run(["pngquant", "--force", "--ext", ".png", "--strip", *FOLDER.glob("*.png")], check=True)

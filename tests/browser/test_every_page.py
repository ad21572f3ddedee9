"""What holds on every page there is, in both languages: accessible, big enough to hit, narrow enough for 320 pixels.
In Danish they are easy to read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest
from axe_playwright_python.base import AXE_SCRIPT  # type: ignore[import-untyped]  # ships no types
from playwright.async_api import Page

from bot.flows import plain_danish
from bot.flows.lix import words_of
from bot.flows.model import LANGUAGES, Language
from tests.support.browser import tour
from tests.support.browser.opening import Opening

pytestmark = pytest.mark.asyncio(loop_scope="session")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
BRING_AXE = f"window.bringAxe = () => {{ {AXE_SCRIPT} }}"  # read on every page, run where it is wanted
ALL = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"], "resultTypes": ["violations"]}  # what a scheme changes

# Told in words by the page itself: the whole result is large, and to hand it over takes longer than to find it.
_AXE = """async options => (await axe.run(document, options)).violations.flatMap(
    rule => rule.nodes.map(node => `${rule.id}: ${node.html.slice(0, 160)} ${node.failureSummary}`))"""

# WCAG 2.2, 2.5.8: 24 by 24; links within a sentence are excepted. A card is part of the target it holds.
# 1.4.10: nothing can be pushed sideways.
_MEASURE = """() => {
    const small = [...document.querySelectorAll('a, button, summary, input:not([type=hidden]), textarea')]
        .filter(seen => seen.checkVisibility() && !seen.matches('p a, .skip'))
        .map(seen => [seen.outerHTML.slice(0, 80), (seen.closest('label') || seen).getBoundingClientRect()])
        .filter(([, at]) => at.width < 24 || at.height < 24)
        .map(([seen, at]) => `${at.width} by ${at.height} pixels: ${seen}`);
    const root = document.documentElement, sideways = root.scrollWidth - root.clientWidth;
    return sideways > 0 ? [...small, `${sideways} pixels hang out to the side`] : small; }"""

# What a page says in sentences: not what its buttons and choices are called, nor the names in its tables.
_SAYS = """() => [...document.querySelectorAll('#main :is(h1, h2, h3, p, summary, caption)')]
    .filter(seen => seen.checkVisibility() && !seen.querySelector('a, button'))
    .map(seen => seen.innerText).join('\\n')"""


@pytest.mark.proof
async def test_every_page_is_accessible_in_light_and_dark_and_at_320_pixels(pages: Opening) -> None:
    async with asyncio.TaskGroup() as group:
        for language in LANGUAGES:
            group.create_task(_look_at_all(pages, language))


async def _look_at_all(pages: Opening, language: Language) -> None:
    async with pages(steps=tour.STEPS, name=language) as opened:
        names, faults = await _looked_at(tour.tour(opened, language, BRING_AXE), language)
    assert faults == []
    assert names == tour.EVERY


async def test_the_first_pages_that_everybody_meets_are(pages: Opening) -> None:
    async with pages(steps=tour.STEPS) as opened, aclosing(tour.tour(opened, "da", BRING_AXE)) as way:
        names, faults = await _looked_at(way, "da", until="review")
    assert faults == []
    assert names > {"notice", "privacy", "menu", "single", "text", "multi"}


async def _looked_at(
    way: AsyncIterator[tuple[str, Page]], language: Language, until: str = ""
) -> tuple[set[str], list[str]]:
    """The pages along the way, to its end or to a page; and what is wrong with them."""
    names: set[str] = set()
    faults: list[str] = []
    async for name, page in way:
        names.add(name)
        faults += [f"{language} {name}: {fault}" for fault in await _faults(page, language)]
        if name == until:
            break
    return names, faults


async def _faults(page: Page, language: Language) -> list[str]:
    await page.evaluate("bringAxe()")
    found: list[str] = await page.evaluate(_AXE, ALL)
    found += await page.evaluate(_MEASURE)
    await page.emulate_media(color_scheme="dark")
    found += [f"dark {fault}" for fault in await page.evaluate(_AXE, COLOURS)]
    await page.emulate_media(color_scheme="light")
    found += await _hard_to_read(page) if language == "da" else []
    if await page.get_attribute("html", "lang") != language:
        found.append("in another language")
    return found


async def _hard_to_read(page: Page) -> list[str]:
    """By LIX, of the page as a whole. A few words alone say nothing: one long term doubles it."""
    told = await page.evaluate(_SAYS)
    return list(plain_danish.faults_of_page(told)) if len(words_of(told)) >= plain_danish.STEADY else []


async def test_a_page_that_is_hard_to_read_would_be_found(pages: Opening) -> None:
    async with pages() as opened:
        page = await opened.page()
        await page.goto("/")
        assert await _hard_to_read(page) == []
        await page.evaluate("""() => { document.querySelector('#main').innerHTML = `<p>${
            'Databeskyttelsesforordningens retsgrundlag forudsætter kommunalbestyrelsens stillingtagen. '.repeat(5)
            }</p>`; }""")
        [hard] = await _hard_to_read(page)
        assert hard.endswith("as a page, at most 35 is wanted")


async def test_axe_would_find_something(pages: Opening) -> None:
    """Who finds nothing on forty pages may have looked at none."""
    async with pages() as opened:
        page = await opened.page()
        await page.goto("/")
        await page.evaluate("""() => {
            document.querySelector('.body').style.color = '#ccc'; document.querySelector('h1').remove();
            document.querySelector('footer a').innerHTML = '<img src="data:,">'; }""")
        await page.evaluate(AXE_SCRIPT)
        found = {fault.partition(":")[0] for fault in await page.evaluate(_AXE, ALL)}
        assert found == {"color-contrast", "link-name", "page-has-heading-one", "image-alt"}

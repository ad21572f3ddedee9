"""Small, of one process_host, readable enlarged and on paper; and what scripts add where they run."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Response

from tests.support.browser.hands import Someone, Thumb
from tests.support.browser.opening import Opening, Pages

pytestmark = pytest.mark.asyncio(loop_scope="session")
MOST = 50_000  # bytes of a question page all told
_SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


async def someone_at(pages: Pages, kind: str, **device: Any) -> Someone:
    """At the first question of this kind."""
    page = await pages.page(has_touch=True, **device)
    someone = Someone(page, Thumb(page), "Ansat i kommunen" if kind == "multi" else "Borger")
    await someone.accepts()
    while await someone.kind() != kind:
        await someone.answer()
    return someone


async def test_a_question_page_weighs_under_fifty_kilobytes_and_asks_no_other_host(pages: Opening) -> None:
    async with pages(steps="linjer") as opened:
        someone = await someone_at(opened, "multi")
        fresh = await opened.page(storage_state=await someone.page.context.storage_state())  # with the cookie alone
        coming: list[Response] = []
        fresh.on("response", lambda response: coming.append(response))
        await fresh.goto(someone.page.url, wait_until="networkidle")
        weights = {_name(response.url): len(await response.body()) for response in coming}
        assert set(weights) == {_name(fresh.url), "besyv.css", "besyv.js", "icon.svg"}
        assert sum(weights.values()) < MOST, weights
        assert all(address.startswith(opened.town.home) for address in opened.requested)


def _name(address: str) -> str:
    return address.partition("?")[0].rpartition("/")[2]


async def test_text_twice_as_large_stays_on_a_phone(pages: Opening) -> None:
    async with pages(steps="linjer") as opened:
        someone = await someone_at(opened, "single")
        page, seen = someone.page, 0
        while await page.locator("#question").count():
            await page.evaluate("document.documentElement.style.fontSize = '225%'")
            assert await page.evaluate(_SIDEWAYS) <= 0, page.url
            await page.evaluate("document.documentElement.style.fontSize = ''")
            await someone.answer()
            seen += 1
        assert seen > 4


async def test_on_a_wide_screen_at_200_percent_nothing_hangs_out_and_lines_stay_short(pages: Opening) -> None:
    async with pages(steps="linjer") as opened:
        page = (await someone_at(opened, "multi", viewport={"width": 640, "height": 400}, device_scale_factor=2)).page
        assert await page.evaluate(_SIDEWAYS) <= 0
        await page.set_viewport_size({"width": 1280, "height": 800})
        await page.goto("/privatliv")
        longest = await page.evaluate(
            "Math.max(...[...document.querySelectorAll('main p')].map(p => p.getBoundingClientRect().width))"
        )
        assert longest <= 36 * 18  # 65 letters of the reading size, about


async def test_printed_the_answers_are_there_and_the_buttons_are_not(pages: Opening) -> None:
    async with pages(steps="vedtagelse") as opened:
        someone = await someone_at(opened, "scale", color_scheme="dark")
        await someone.answers()
        page = someone.page
        await page.emulate_media(media="print")
        said = page.locator(".review .said")
        assert [text.strip() for text in await said.all_inner_texts()] == list(someone.told.values())[
            -await said.count() :
        ]
        assert await said.first.is_visible()
        assert not await page.locator("nav").is_visible()
        assert not await page.locator("#main button").first.is_visible()
        assert await page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert (await page.pdf()).startswith(b"%PDF")


async def test_the_menu_opens_under_the_finger_and_covers_nothing(pages: Opening) -> None:
    async with pages(steps="borger") as opened:
        page = (await someone_at(opened, "text", java_script_enabled=False)).page
        menu, title = page.locator("nav summary"), page.locator("h1")
        before = await menu.bounding_box(), await title.bounding_box()
        await menu.tap()
        assert await menu.bounding_box() == before[0]
        last, below = await page.locator("nav li").last.bounding_box(), await title.bounding_box()
        assert last is not None and below is not None
        assert last["y"] + last["height"] <= below["y"]
        await menu.tap()
        assert (await menu.bounding_box(), await title.bounding_box()) == before


async def test_the_skip_link_leads_past_the_menu(pages: Opening) -> None:
    async with pages(steps="borger") as opened:
        page = (await someone_at(opened, "text")).page
        await page.reload()
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.className") == "skip"
        assert await page.locator(".skip").evaluate("link => link.getBoundingClientRect().top >= 0")
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.id") == "answer"


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
async def test_the_counter_counts_where_scripts_run(pages: Opening, scripts: bool) -> None:
    async with pages(steps="borger") as opened:
        page = (await someone_at(opened, "text", java_script_enabled=scripts)).page
        count = page.locator(".count")
        assert not await count.is_visible()
        await page.fill("#answer", "Æblegrød 🍎")
        if not scripts:
            assert not await count.is_visible()
            return
        assert await count.inner_text() == "10 af 10.000 tegn"
        await page.fill("#answer", "a" * 10_001)
        assert await count.inner_text() == "10.001 af 10.000 tegn"
        assert await count.get_attribute("aria-live") == "polite"
        assert "over" in (await count.get_attribute("class") or "").split()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
async def test_the_link_is_copied_where_scripts_run(pages: Opening, scripts: bool) -> None:
    async with pages(steps="borger") as opened:
        page = (await someone_at(opened, "text", java_script_enabled=scripts)).page
        await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        await page.goto("/link")
        copy = page.locator("[data-copy]")
        if not scripts:
            assert not await copy.is_visible()
            return
        await copy.click()
        await page.wait_for_selector("[data-copy]:has-text('Linket er kopieret')")
        assert await page.evaluate("navigator.clipboard.readText()") == (await page.inner_text("#link")).strip()


async def test_the_field_beside_andet_waits_until_it_is_chosen(pages: Opening) -> None:
    async with pages(steps="linjer") as opened:
        someone = await someone_at(opened, "multi", java_script_enabled=False)
        page, question = someone.page, someone.page.url
        other = page.locator("#other")
        assert not await other.is_visible()
        await someone.hands.choose(page.locator(".other input"))
        await other.fill("Dyr")
        await page.locator(".other input").uncheck()
        assert await other.is_visible()  # what was written is never out of sight
        await page.locator(".other input").check()
        await someone.leads_on()
        await page.goto(question)
        assert await other.input_value() == "Dyr"

"""Back, reload, a double click, two tabs and two channels: no answer is lost or doubled, and what happened is said."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.async_api import Page

from tests.support.browser.hands import Someone, Thumb
from tests.support.browser.opening import Opening, Pages

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def stored(page: Page) -> dict[str, dict[str, Any]]:
    """Question → its one answer, as /mine.json tells it."""
    whole: dict[str, Any] = json.loads(await (await page.context.request.get("/mine.json")).text())
    found = [answer for run in whole["runs"] for answer in run["answers"]]
    assert len(found) == len({answer["question"] for answer in found})
    return {answer["question"]: answer for answer in found}


async def answers(page: Page) -> dict[str, tuple[str, int]]:
    """Question → what was said, and 1 or one more for each time it was changed."""
    return {question: (answer["text"], answer["revision"]) for question, answer in (await stored(page)).items()}


async def at_the_first_text(pages: Pages) -> Someone:
    """A citizen on the first question of the citizens' step: a text."""
    page = await pages.page(has_touch=True)
    someone = Someone(page, Thumb(page), "Borger")
    await someone.accepts()
    while await someone.kind() != "text":
        await someone.answer()
    return someone


async def press(page: Page) -> None:
    async with page.expect_navigation():
        await page.locator("#question button.main").click()


async def test_back_shows_the_answer_and_sending_it_again_changes_nothing(pages: Opening) -> None:
    async with pages(steps="borger") as opened:
        page = (await at_the_first_text(opened)).page
        first = page.url
        await page.fill("#answer", "En bænk ved søen")
        await press(page)
        second = page.url
        await page.go_back()
        assert page.url == first
        assert await page.input_value("#answer") == "En bænk ved søen"
        await press(page)
        assert page.url == second
        await page.reload()
        assert page.url == second
        await page.go_back()
        await page.fill("#answer", "To bænke ved søen")
        await press(page)
        said = await answers(page)
        assert said[first.rpartition("/")[2]] == ("To bænke ved søen", 2)
        assert second.rpartition("/")[2] not in said


async def test_a_double_click_answers_one_question_once(pages: Opening) -> None:
    async with pages(steps="borger") as opened:
        page = (await at_the_first_text(opened)).page
        question = page.url.rpartition("/")[2]
        before = await answers(page)
        await page.fill("#answer", "En bænk ved søen")
        await page.locator("#question button.main").dblclick()
        await page.wait_for_url(lambda url: not url.endswith(question))
        assert await answers(page) == {**before, question: ("En bænk ved søen", 1)}


async def test_reloading_a_page_with_an_error_keeps_what_was_typed(pages: Opening) -> None:
    async with pages(steps="borger") as opened:
        page = (await at_the_first_text(opened)).page
        await page.fill("#answer", "Ring til 010190-1234")
        await press(page)
        for _ in range(2):
            assert await page.title() == f"Fejl: {(await page.inner_text('h1')).strip()} – Eksempel Kommune"
            assert await page.evaluate("document.activeElement.id") == "errors"
            assert await page.input_value("#answer") == "Ring til 010190-1234"
            await page.reload()
        assert await page.get_attribute("#answer", "aria-invalid") == "true"
        assert "answer-error" in (await page.get_attribute("#answer", "aria-describedby") or "").split()
        await page.locator(".error-summary a").click()
        assert await page.evaluate("document.activeElement.id") == "answer"


async def test_of_two_tabs_the_second_is_told_what_the_first_did(pages: Opening) -> None:
    async with pages(steps="borger") as opened:
        page = (await at_the_first_text(opened)).page
        question = page.url.rpartition("/")[2]
        tab = await page.context.new_page()
        await tab.goto(page.url)
        await page.fill("#answer", "Fra den ene fane")
        await press(page)
        await tab.fill("#answer", "Fra den anden fane")
        await press(tab)
        assert await tab.inner_text(".error-summary a") == (
            "Du har svaret »Fra den ene fane« i et andet vindue eller på en anden enhed. "
            "Tryk på »Videre« igen, hvis svaret her skal gælde i stedet."
        )
        assert await tab.input_value("#answer") == "Fra den anden fane"
        assert (await answers(tab))[question] == ("Fra den ene fane", 1)
        await press(tab)
        assert (await answers(tab))[question] == ("Fra den anden fane", 2)


async def test_sent_in_one_tab_the_button_of_the_other_says_kindly_that_it_is_old(pages: Opening) -> None:
    async with pages(steps="borger") as opened:
        someone = await at_the_first_text(opened)
        page = someone.page
        await someone.answers()
        tab = await page.context.new_page()
        await tab.goto("/")
        await page.locator("#main button.main").click()
        await page.wait_for_selector("h1:has-text('Tak for dine svar')")
        async with tab.expect_navigation():
            await tab.locator("#main button.main").click()
        assert await tab.locator(".notes p").all_inner_texts() == ["Knappen gælder ikke længere. Du er nået hertil:"]
        assert await tab.locator("#main h1").all_inner_texts() == ["Tak for dine svar"]  # the receipt, again
        assert len(opened.town.rows("SELECT 1 FROM runs WHERE sent_at IS NOT NULL AND flow = 'borger'")) == 1


async def test_from_the_web_to_telegram_and_back_it_is_one_set_of_answers(pages: Opening) -> None:
    async with pages(steps="borger", channel="telegram") as opened:
        someone = await at_the_first_text(opened)
        page, town = someone.page, opened.town
        question = page.url.rpartition("/")[2]
        await page.goto("/link")
        await someone.hands.press(page.locator("form[action='/link/telegram'] button"))
        address = await page.get_attribute("a[href^='https://t.me/']", "href") or ""

        anna = town.person()
        await anna.says(f"/start {address.rpartition('=')[2]}")
        assert "Nu er dine svar også her." in "\n".join(anna.sees())
        await anna.says("Skrevet på Telegram")
        asked = anna.sees()[-1]

        await page.goto("/")
        assert (await page.inner_text("h1")).strip() in asked
        assert (await answers(page))[question] == ("Skrevet på Telegram", 1)
        await someone.answer()
        await town.rest()

        another = town.person("Bo")  # the code worked once
        await another.says(f"/start {address.rpartition('=')[2]}")
        assert "Linket virker ikke." in another.sees()[0]

        await anna.says("/web")
        link = next(word for word in "\n".join(anna.sees()).split() if word.startswith(town.home))
        tablet = await opened.page(has_touch=True)
        await tablet.goto(link)
        await Thumb(tablet).press(tablet.locator("form[action^='/s/'] button"))
        assert tablet.url == page.url
        here = Someone(tablet, Thumb(tablet))
        await here.answers()
        await here.press("Send")
        channels = {name: answer["channel"] for name, answer in (await stored(tablet)).items()}
        assert channels.pop(question) == "telegram"
        assert set(channels.values()) == {"web"}
        assert await answers(tablet) == await answers(page)

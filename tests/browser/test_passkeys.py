"""A passkey is made and used in a real browser, with DevTools' virtual authenticator; and what of it can be sent again
(docs/decisions/0038)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Page, Request

from tests.support.browser.opening import Opening, Pages
from tests.support.codes import code_for

pytestmark = pytest.mark.asyncio(loop_scope="session")
ASKED = "Vis, at det er dig"
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@asynccontextmanager
async def led(pages: Opening) -> AsyncIterator[tuple[Pages, Page]]:
    """Lea leads, in a browser of a device that can keep keys. Names alone have them, so the pages have one."""
    async with pages(steps="linjer", strict=True) as opened:
        home = opened.town.home.replace("127.0.0.1", "localhost")
        opened.town.runtime.process_host.web = home
        device = await opened.device()
        page = await device.new_page()
        await device.clear_cookies()
        devtools = await device.new_cdp_session(page)
        await devtools.send("WebAuthn.enable")
        await devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
        await page.goto(f"{home}/i/{await opened.town.invites('leader')}")
        await page.get_by_role("button", name="Jeg er med").click()
        yield opened, page


async def code(opened: Pages, page: Page) -> None:
    await page.locator("#answer").fill(await code_for(opened.town))
    await page.locator("form[action='/skriv'] button").click()


async def makes_key(opened: Pages, page: Page) -> None:
    home = opened.town.runtime.process_host.web
    await page.goto(f"{home}/leder")
    await code(opened, page)
    await page.goto(f"{home}/enheder")
    await page.get_by_role("link", name="Lav en adgangsnøgle").click()
    await page.get_by_role("button", name="Lav adgangsnøglen").click()
    await page.get_by_text("Adgangsnøglen er lavet.").wait_for()


async def comes_anew(opened: Pages, page: Page) -> None:
    """By the personal link, in a session that has shown nothing."""
    home = opened.town.runtime.process_host.web
    await page.goto(f"{home}/link")
    link = await page.locator("#link").inner_text()
    await page.context.clear_cookies()
    await page.goto(link)
    await page.locator("form[action^='/s/'] button").click()
    await page.goto(f"{home}/leder")
    assert await page.inner_text("h1") == ASKED


async def test_a_passkey_is_made_and_then_opens_what_a_code_opens(pages: Opening) -> None:
    async with led(pages) as (opened, page):
        await makes_key(opened, page)
        assert "Adgangsnøgle 1 fra den 3. marts 2026" in await page.inner_text("main")
        await comes_anew(opened, page)
        await page.get_by_role("link", name="Brug din adgangsnøgle").click()
        await page.get_by_role("button", name="Brug adgangsnøglen").click()
        await page.get_by_role("button", name="Roller").wait_for()
        ways = opened.town.rows("SELECT way FROM proofs ORDER BY proven_at")
        assert ("passkey",) in ways
        actions = opened.town.rows(
            "SELECT action, detail FROM audit WHERE action LIKE '%passkey%' OR detail = 'passkey'"
        )
        assert actions == [("passkey-made", ""), ("proof-given", "passkey")]


async def test_what_a_key_has_signed_opens_nothing_a_second_time_nor_elsewhere(pages: Opening) -> None:
    async with led(pages) as (opened, page):
        home, town = opened.town.runtime.process_host.web, opened.town
        await makes_key(opened, page)
        await comes_anew(opened, page)
        signed: list[str] = []

        def keep(request: Request) -> None:
            if request.method == "POST" and request.url.endswith("/bevis/noegle"):
                signed.append(request.post_data or "")

        page.on("request", keep)
        await page.get_by_role("link", name="Brug din adgangsnøgle").click()
        await page.get_by_role("button", name="Brug adgangsnøglen").click()
        await page.get_by_role("button", name="Roller").wait_for()
        assert len(signed) == 1
        await town.runtime.database.write(lambda tx: tx.run("UPDATE proofs SET proven_at = 1"))
        form = {"Content-Type": "application/x-www-form-urlencoded", "Origin": home or ""}
        again = await page.context.request.post(f"{home}/bevis/noegle", data=signed[0], headers=form)
        assert again.ok and "Adgangsnøglen blev ikke brugt." in await again.text()
        await page.goto(f"{home}/leder")
        assert await page.inner_text("h1") == ASKED


async def test_a_key_that_was_removed_opens_nothing(pages: Opening) -> None:
    async with led(pages) as (opened, page):
        home = opened.town.runtime.process_host.web
        await makes_key(opened, page)
        await page.get_by_role("button", name="Fjern adgangsnøgle 1").click()
        await page.get_by_text("Adgangsnøglen er fjernet.").wait_for()
        await comes_anew(opened, page)
        assert await page.get_by_role("link", name="Brug din adgangsnøgle").count() == 0
        answer = await page.goto(f"{home}/bevis/noegle")
        assert answer is not None and answer.status == 404


async def test_who_has_shown_nothing_makes_no_key(pages: Opening) -> None:
    async with led(pages) as (opened, page):
        await page.goto(f"{opened.town.runtime.process_host.web}/enheder/noegle")
        assert await page.inner_text("h1") == ASKED
        await code(opened, page)
        assert await page.inner_text("h1") == "Dine enheder"


async def test_the_chat_goes_on_by_itself_when_the_key_was_used_on_the_page_it_led_to(pages: Opening) -> None:
    """Lea leads from her phone, and made a key in this browser. It is not logged in when she comes by the chat."""
    async with pages(steps="linjer", strict=True, channel="telegram") as opened:
        town = opened.town
        home = town.home.replace("127.0.0.1", "localhost")
        town.runtime.process_host.web = home
        lea = town.person("Lea")
        await lea.says(f"/start {await town.invites('leader')}")
        await lea.taps("Jeg er med")
        await lea.says("/web")
        await lea.says(await code_for(town))
        [link] = re.findall(rf"{home}/s/\S+", "".join(lea.sees()))
        device = await opened.device()
        page = await device.new_page()
        devtools = await device.new_cdp_session(page)
        await devtools.send("WebAuthn.enable")
        await devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
        await page.goto(link)
        await page.locator("form[action^='/s/'] button").click()
        await makes_key(opened, page)
        await device.clear_cookies()
        await town.runtime.database.write(lambda tx: tx.run("DELETE FROM proofs"))

        await lea.says("/leder")
        await lea.taps("Kontakter")
        [way] = re.findall(rf"{home}/bevis/chat/\S+", "".join(lea.sees()))
        await page.goto(way)
        await page.get_by_role("button", name="Brug adgangsnøglen").click()
        await page.get_by_role("heading", name="Tak. Nu ved vi, at det er dig").wait_for()
        await town.rest()
        seen = "".join(lea.sees())
        assert "Tak. Nu ved vi, at det er dig." in seen and "Kontakter" in seen
        assert town.rows("SELECT channel, way FROM proofs") == [("telegram", "passkey")]
        answer = await page.goto(f"{home}/leder")
        assert answer is not None and answer.status == 404  # nobody was logged in

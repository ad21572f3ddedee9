"""A link with a sign too much, in capitals, or with a sign that nobody sees leads where the right one leads."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

import pytest

from bot.access import Role
from bot.codes import hash_of
from bot.features.invitations import service as invitations
from bot.features.invitations.service import LinkPreset
from bot.flows.schedule import HOUR
from storage import channel_codes
from tests.support.chat import Found, Town
from tests.support.people import seen
from tests.support.visitors import at_step, entered, opened

on_both = pytest.mark.parametrize("channel", ["telegram", "web"])
UNUSABLE = "Linket virker ikke."
STEPS = (
    *(
        "hoering.",
        "hoering)",
        "hoering,",
        "hoering;",
        "hoering:",
        "hoering>",
        "hoering»",
        "hoering”",
        "hoering’",
        "hoering).",
    ),
    *(
        "Hoering",
        "HOERING",
        "høring",
        "HØRING!",
        "(hoering)",
        "hoer\u00ading",
        "hoering\u200b",
        "\ufeffhoering",
        "hoering…",
    ),
    *("eksempel--hoering.", "Eksempel--Hoering"),
)


async def came_for(town: Town, payload: str, name: str) -> str | None:
    """Which step they come for, and whether anything was said against the link."""
    assert UNUSABLE not in await told(town, payload, name), payload
    [(step,)] = town.rows("SELECT came_for FROM people ORDER BY id DESC LIMIT 1")
    return None if step is None else str(step)


async def told(town: Town, payload: str, name: str) -> str:
    """What is shown to somebody who comes by the link and says yes."""
    person = town.somebody(name)
    await person.says(f"/start {payload}")
    greeting = seen(person)
    await person.taps("Jeg er med")
    return greeting + seen(person)


@on_both
async def test_the_name_of_a_step_is_understood_however_it_was_copied(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="hoering, linjer") as town:
        led = {payload: await came_for(town, payload, f"Nr. {n}") for n, payload in enumerate(STEPS)}
        assert led == dict.fromkeys(STEPS, "hoering")


@on_both
async def test_a_code_keeps_its_letters_and_loses_the_signs_around_it(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="hoering, linjer") as town:
        process, now = town.runtime.process_host, int(town.clock.now)
        made = await town.runtime.database.write(
            lambda tx: invitations.make_campaign(tx, process.plan(tx).process_id, LinkPreset(flow="hoering"), now)
        )
        typed = (f"{made.code}.", made.code.upper(), f"«{made.code}»,", f"{made.code[:4]}\u00ad{made.code[4:]}")
        for number, code in enumerate(typed):
            assert await came_for(town, code, f"Nr. {number}") == "hoering"
        role = await town.invites(Role.FACILITATOR)
        assert UNUSABLE not in await told(town, f"{role}).", "Lea")
        assert town.rows("SELECT role FROM roles") == [("facilitator",)]
        another = (await town.invites(Role.FACILITATOR)).swapcase()
        assert UNUSABLE in await told(town, another, "En anden")


async def test_when_too_many_codes_were_tried_no_way_in_is_looked_up_either(found: Found) -> None:
    """Counted by account, and of every kind together."""
    async with found(channel="telegram", steps="hoering") as town:
        anna, bo = town.person("Anna"), town.person("Bo")
        code, now = f"m-{'B' * 22}", int(town.clock.now)
        for person in (anna, bo):
            await person.says("/start")
            await person.taps("Jeg er med")
        [(first,)] = town.rows("SELECT min(id) FROM people")
        await town.runtime.database.write(lambda tx: channel_codes.put(tx, first, hash_of(code), now + 2 * HOUR))
        for number in range(invitations.MOST_FAILURES):
            await bo.says(f"/start m-{'A' * 20}{number:02}")
        seen(bo)
        await bo.says(f"/start {code}")
        assert "Der er prøvet for mange forkerte links fra dit netværk." in seen(bo)
        assert town.rows("SELECT count(*) FROM moves") == [(1,)]
        town.clock.now += HOUR + 60
        await bo.says(f"/start {code}")
        assert "for mange forkerte links" not in seen(bo) and town.rows("SELECT count(*) FROM moves") == [(0,)]


async def test_every_page_is_found_so(found: Found) -> None:
    async with found(channel="web", steps="hoering, linjer") as town:
        browser, page = await at_step(town, "hoering")
        question = urlsplit(page.url).path
        own = (await browser.get("/link")).find("//*[@id='link']")[0].text_content().strip()
        for meant, typed in {
            "/hjaelp": ("/hjaelp.", "/Hjaelp", "/hjælp", "/HJÆLP)", "/hjaelp/", "/hj\u00adaelp"),
            "/mine": ("/mine,", "/Mine"),
            question: (f"{question}.", f"{question})", f"{question}\u200b", question.replace("/trin", "/Trin")),
        }.items():
            there = (await browser.get(meant)).main.text_content()
            for path in typed:
                found_there = await browser.get(quote(path))
                assert (path, found_there.status, found_there.main.text_content()) == (path, 200, there)
        for behind in (".", ")", "».", "\u200b"):
            assert (await entered(opened(town), own + quote(behind))).form is not None


@pytest.mark.parametrize("channel", ["telegram", "terminal"])
async def test_a_command_with_a_sign_too_much_is_the_command(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="hoering") as town:
        anna = town.somebody("Anna")
        await anna.says("/start")
        await anna.taps("Jeg er med")
        seen(anna)
        await anna.says("/hjaelp")
        help_ = seen(anna)
        for typed in ("/hjaelp.", "/hjælp!", "/Hjælp", "/HJAELP,", "/hj\u00adaelp"):
            await anna.says(typed)
            assert (typed, seen(anna)) == (typed, help_)


async def test_nobody_is_led_to_another_host(found: Found) -> None:
    async with found(channel="web", steps="hoering") as town:
        browser = opened(town)
        for path in ("//example.com.", "///example.com/x.", "/\\example.com."):
            async with browser.session.get(town.home + path, allow_redirects=False) as response:
                assert not response.headers.get("Location", "/").startswith(("//", "/\\", "http"))

"""New people have a budget: a script that makes them up is stopped, a class and a meeting get through, and nobody who
is in already notices. Those who lead are told at once, with what to do."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.app.settings import Settings
from bot.budgets import Budgets, Client, PerClient
from bot.features.invitations import service as invitations
from bot.features.invitations.service import LinkPreset
from bot.flows.schedule import HOUR
from tests.support.chat import Found, Town
from tests.support.pages import Page
from tests.support.people import seen
from tests.support.visitors import arrived, opened, posted, token

SCHOOL = "130.225.0.7"
FULL = "Der kommer usædvanligt mange nye på én gang"


def of(town: Town) -> int:
    [(people,)] = town.rows("SELECT count(*) FROM people")
    return int(people)


def yes(page: Page, code: str = "") -> list[tuple[str, str]]:
    notice = str(page.find("//input[@name='notice']")[0].get("value"))
    return [("csrf", token(page)), ("code", code), ("notice", notice)]


async def comes(town: Town, address: str, code: str = "") -> tuple[int, str]:
    """Somebody new in a browser of their own, from that address: how their yes is answered."""
    browser, named = opened(town), {"X-Forwarded-For": address}
    async with browser.session.get(town.home + (f"/i/{code}" if code else "/"), headers=named) as response:
        page = Page(town.home, response.status, await response.text())
    status, _, body, _ = await posted(browser, "/", yes(page, code), named)
    await browser.close()
    return status, body


async def health(town: Town) -> Any:
    async with opened(town).session.get(town.home + "/health") as response:
        return json.loads(await response.text())


async def test_six_hundred_people_from_one_address_are_stopped_and_a_class_gets_through(found: Found) -> None:
    async with found(channel="web", steps="borger") as town:
        assert [(await comes(town, SCHOOL))[0] for _ in range(30)] == [303] * 30
        statuses = []
        for _ in range(620):
            town.clock.now += 0.1  # so fast that requests are not what is limited
            statuses.append((await comes(town, "192.0.2.66"))[0])
        came = statuses.count(303)
        assert (statuses[:350].count(303), statuses.count(503)) == (350, 620 - came)
        assert came < 360 and of(town) == 30 + came  # a few are earned in a minute
        assert (await comes(town, SCHOOL))[0] == 303


def test_a_meeting_of_three_hundred_on_one_address_gets_through_and_a_million_a_day_does_not() -> None:
    budgets, at = Budgets(), Client("192.0.2.1")
    assert sum(budgets.people_by_client.take(at, 2 * number) for number in range(300)) == 300
    assert budgets.new_people > 300 and 24 * budgets.new_people < 30_000
    assert Settings.model_validate({}).budgets.new_people == budgets.new_people


def test_a_network_of_ipv6_has_no_more_than_three_clients_would_have() -> None:
    each = PerClient(10)
    took = [each.take(Client(f"{number:x}/64", "2001:db8/48"), 0) for number in range(100)]
    assert took.count(True) == 30
    assert each.take(Client("beyond/64", "2001:db9/48"), 0)
    assert each.take(None, 0)


async def test_beyond_the_budget_newcomers_are_asked_to_come_back_and_lose_nothing(found: Found) -> None:
    async with found(channel="web", steps="borger", more={"new_people_per_hour": 3}) as town:
        first = await arrived(town, "borger")
        for number in range(2):
            assert (await comes(town, f"192.0.2.{number}"))[0] == 303
        browser = opened(town)
        page = await browser.get("/i/borger")
        status, headers, body, _ = await posted(browser, "/", yes(page, "borger"))
        assert (status, headers["Retry-After"], of(town)) == (503, str(HOUR), 3)
        assert FULL in body and "Der er ikke gemt noget om dig." in body
        assert "Set-Cookie" not in headers and town.rows("SELECT count(*) FROM sessions") == [(3,)]
        again = Page(page.url, status, body)
        [hidden] = again.find("//input[@name='code']")
        assert hidden.get("value") == "borger"  # what they came for still stands in the form
        assert (await first.get("/")).form is not None  # who is in goes on
        town.clock.now += HOUR + 60
        assert (await posted(browser, "/", yes(again, "borger")))[0] == 303
        assert town.rows("SELECT came_for FROM people ORDER BY id DESC LIMIT 1") == [("borger",)]


async def test_an_invitation_of_ones_own_gets_in_and_counts_for_nobody_else(found: Found) -> None:
    async with found(channel="web", steps="borger", more={"new_people_per_hour": 1}) as town:
        process, now = town.runtime.process_host, int(town.clock.now)
        code = await town.runtime.database.write(
            lambda tx: invitations.make_personal(tx, process.plan(tx).process_id, LinkPreset(flow="borger"), now)
        )
        assert (await comes(town, "192.0.2.1", code))[0] == 303
        assert (await comes(town, "192.0.2.1"))[0] == 303
        assert (await comes(town, "192.0.2.1"))[0] == 503
        assert (await comes(town, "192.0.2.1", code))[0] == 503  # used up
        assert (await comes(town, "192.0.2.1", await town.invites("facilitator")))[0] == 303
        assert (await comes(town, "192.0.2.1", "i-AAAAAAAAAAAAAAAAAAAAAA"))[0] == 503  # nobody's


async def test_who_was_erased_again_is_counted_too(found: Found) -> None:
    async with found(channel="web", steps="borger", more={"new_people_per_hour": 2}) as town:
        for number in range(2):
            assert (await comes(town, f"192.0.2.{number}"))[0] == 303
            await town.runtime.database.write(lambda tx: tx.erase("DELETE FROM people"))
        assert (await comes(town, "192.0.2.9"))[0] == 503


async def test_those_who_lead_are_told_at_once_and_health_says_so(found: Found) -> None:
    async with found(pages=True, steps="borger", more={"new_people_per_hour": 3}) as town:
        lea, dan, bo = town.person("Lea"), town.person("Dan"), town.person("Bo")
        for person, role in ((lea, "leader"), (dan, "deputy"), (bo, "steering")):
            await person.says(f"/start {await town.invites(role)}")
            await person.taps("Jeg er med")
            seen(person)
        statuses = [(await comes(town, f"192.0.2.{number}"))[0] for number in range(8)]
        assert statuses == [303] * 3 + [503] * 5
        assert (await health(town))["warnings"] == ["budget"]
        await town.looks()
        told = seen(lea)
        assert "Der kommer usædvanligt mange nye deltagere" in told and "Grænsen er 3." in told
        assert "har nye deltagere 5 gange fået besked om at prøve igen senere." in told
        assert "BESYV_NEW_PEOPLE_PER_HOUR" in told and "usædvanligt mange nye" in seen(dan)
        assert "usædvanligt mange" not in seen(bo)
        assert town.log.getvalue().count("budget=people process=1 used_up") == 1
        assert (await comes(town, "192.0.2.99"))[0] == 503
        await town.looks()
        assert "usædvanligt mange nye" not in seen(lea)  # not again at once


@pytest.mark.parametrize("channel", ["telegram", "terminal"])
async def test_in_the_chat_a_newcomer_is_told_and_nothing_is_stored(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="borger", more={"new_people_per_hour": 1}) as town:
        await town.runtime.database.write(
            lambda tx: tx.run("INSERT INTO arrivals VALUES (1, :minute, 1)", minute=int(town.clock.now) // 60)
        )
        anna = town.somebody("Anna")
        for said in ("/start borger", "hej", "/start"):
            await anna.says(said)
            told = seen(anna)
            assert FULL in told and "Tryk på linket igen, eller skriv /start." in told
        assert of(town) == 0
        town.clock.now += HOUR + 60
        await anna.says("/start borger")
        assert "Jeg er med" in seen(anna) and of(town) == 1


async def test_one_who_said_yes_goes_on_and_into_another_process_too(found: Found) -> None:
    async with found(channel="telegram", steps="borger", more={"new_people_per_hour": 1}) as town:
        anna, bo = town.person("Anna"), town.person("Bo")
        await anna.says("/start borger")
        await anna.taps("Jeg er med")
        await bo.says("/start")
        assert FULL in seen(bo)
        seen(anna)
        for said in ("/start", "/start borger", "/hjaelp"):
            await anna.says(said)
            assert FULL not in seen(anna)

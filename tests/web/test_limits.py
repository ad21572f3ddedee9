"""Limits per visitor: who counts as one, whom a flood makes forgotten, and who is behind a web server in front."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from bot.app.settings import Settings
from bot.budgets import KEPT_OF_THEM, REMEMBERED, Allowance
from bot.channels.web import server
from bot.channels.web.limits import Limits, client
from bot.channels.web.proxies import ENOUGH, Proxies
from tests.support.chat import Found
from tests.support.pages import Page
from tests.support.raw_http import sent
from tests.support.visitors import opened, posted, token


def _from(host: str) -> Request:
    return Request({"type": "http", "client": (host, 1), "headers": []})


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("2001:0db8::1", "2001:db8::1", True),
        ("no address", "another", False),
    ],
)
def test_an_address_is_one_visitor_and_of_ipv6_its_64(one: str, other: str, same: bool) -> None:
    assert (client(_from(one)) == client(_from(other))) is same


def test_a_network_of_many_64_is_one_customer_with_a_looser_limit() -> None:
    limits = Limits()
    waits = [limits.wait(_from(f"2001:db8:1:{number:x}::1"), 0) for number in range(6001)]
    assert (waits.count(0), waits[-1] > 0) == (6000, True)
    assert limits.wait(_from("2001:db8:2::1"), 0) == 0


def test_a_flood_of_new_keys_makes_no_spent_one_forgotten() -> None:
    allowance = Allowance(10, 1 / 60)
    assert [allowance.take("guesser", 0) for _ in range(11)].count(0) == 10
    for number in range(3 * REMEMBERED):
        allowance.take(f"flood {number}", 0)
    assert allowance.take("guesser", 0) > 0
    assert len(allowance._full_at) <= REMEMBERED
    assert allowance.take("flood 0", 61) == 0
    allowance._forget(10_000)
    assert allowance._full_at == {}  # who has everything again is not kept
    assert KEPT_OF_THEM < REMEMBERED


def test_a_clock_that_is_put_back_makes_nobody_wait_for_it() -> None:
    allowance = Allowance(10, 1 / 60)
    assert [allowance.take("somebody", 1_000_000) for _ in range(10)] == [0] * 10
    assert allowance.take("somebody", 0) == 0


@given(st.lists(st.floats(0, 30), max_size=60))
def test_never_more_than_at_once_and_what_has_come_since(steps: list[float]) -> None:
    allowance, now, given_ = Allowance(5, 0.5), 0.0, 0
    for step in steps:
        now += step
        given_ += allowance.take("one", now) == 0
        assert given_ <= 5 + now * 0.5 + 1e-3
    assert allowance.take("one", now + 10) == 0


async def test_who_tries_one_invitation_after_the_other_is_slowed_whatever_their_cookie(found: Found) -> None:
    async with found(channel="web", steps="borger") as town:
        statuses = []
        for number in range(12):
            browser = opened(town)
            page = await browser.get(f"/i/i-{'A' * 20}{number:02}")
            fields = [("csrf", token(page)), ("code", f"i-{'A' * 20}{number:02}"), *_notice(page)]
            statuses.append((await posted(browser, "/", fields))[0])
        assert statuses == [303] * 10 + [429] * 2
        assert town.rows("SELECT count(*) FROM people") == [(10,)]
        browser = opened(town)
        page = await browser.get("/i/borger")
        status, *_ = await posted(browser, "/", [("csrf", token(page)), ("code", "borger"), *_notice(page)])
        assert status == 303  # a step is no secret


@pytest.mark.parametrize("before", ["i-" + "A" * 20, "k-aaaaaa", "s-aaaaaaaa", "m-" + "A" * 20, "eksempel--s-aaaaaaaa"])
async def test_codes_of_every_kind_are_guesses_however_they_are_written(found: Found, before: str) -> None:
    """Counted by who asks: each comes with a cookie of its own."""
    async with found(channel="web", steps="borger") as town:
        statuses = []
        for number in range(12):
            browser, code = opened(town), f"{before}{number:02}"
            page = await browser.get(f"/i/{code}")
            fields = [("csrf", token(page)), ("code", code), *_notice(page)]
            statuses.append((await posted(browser, "/", fields))[0])
        assert statuses == [303] * 10 + [429] * 2


def _notice(page: Page) -> list[tuple[str, str]]:
    return [("notice", str(page.find("//input[@name='notice']")[0].get("value")))]


# --- behind a web server in front -------------------------------------------------------------------------


async def _says_who(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse(scope["client"][0])(scope, receive, send)


@asynccontextmanager
async def _served(port: int, proxies: tuple[str, ...], *, is_public: bool = True) -> AsyncIterator[str]:
    stop = asyncio.Event()
    watched = Proxies(_says_who, is_public=is_public)
    serving = asyncio.create_task(server.serve(watched, server.bind("127.0.0.1", port), stop, proxies=proxies))
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        stop.set()
        await serving


async def _asks(home: str, forwarded: str = "", times: int = 1) -> str:
    named = f"X-Forwarded-For: {forwarded}\n" if forwarded else ""
    head = f"GET / HTTP/1.1\nHost: x\n{named}"
    said = ""
    for _ in range(times):
        said = (await sent(home, f"{head}Connection: close\n\n")).body
    return said


async def test_a_web_server_that_is_trusted_names_the_visitor_and_another_does_not(port: int) -> None:
    async with _served(port, ("127.0.0.1",)) as home:
        assert await _asks(home, "130.225.0.7") == "130.225.0.7"
        assert await _asks(home, "10.9.9.9, 130.225.0.7") == "130.225.0.7"  # what the visitor wrote is not believed
    async with _served(port, ("10.0.0.5",)) as home:
        assert await _asks(home, "130.225.0.7") == "127.0.0.1"


@pytest.mark.parametrize(
    ("forwarded", "proxies", "told"),
    [
        ("130.225.0.7", ("10.0.0.5",), "web proxy=untrusted"),
        ("", ("127.0.0.1",), "web proxy=silent"),
        ("130.225.0.7", ("127.0.0.1",), ""),
    ],
)
async def test_when_all_visitors_are_one_private_address_the_log_says_so_once(
    port: int, logged: io.StringIO, forwarded: str, proxies: tuple[str, ...], told: str
) -> None:
    async with _served(port, proxies) as home:
        await _asks(home, forwarded, ENOUGH - 1)
        assert "web proxy" not in logged.getvalue()
        await _asks(home, forwarded, 3)
    assert logged.getvalue().count("web proxy=") == bool(told)
    assert told in logged.getvalue() and "130.225.0.7" not in logged.getvalue()


def _proxies(**values: str) -> tuple[str, ...]:
    return Settings.model_validate(values).proxies


def test_the_gateway_of_a_container_is_a_word_in_the_setting() -> None:
    assert _proxies() == ("127.0.0.1", "::1")
    assert _proxies(web_proxies="10.0.0.5, 172.16.0.0/12") == ("127.0.0.1", "::1", "10.0.0.5", "172.16.0.0/12")
    assert "gateway" not in _proxies(web_proxies="gateway")

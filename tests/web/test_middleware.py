"""What keeps people safe at the pages, held for every route the application has."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import aiohttp
import pytest
from starlette.routing import Route

from bot.budgets import Allowance
from bot.channels.web.context import WebContext
from bot.channels.web.middleware import LARGEST_FORM
from bot.channels.web.session import COOKIE, cookie_name
from bot.handlers.web.routes import addresses
from tests.support.chat import Found, Town
from tests.support.pages import Browser
from tests.support.visitors import arrived, at_step, notes_are_told, opened, posted, sent, token

PLACES = {"flow": "borger", "question": "B5", "code": "borger", "secret": "A" * 22, "name": "besyv.css", "tap": "C1"}
KEYS = ("/mail/", "/besked/")  # their address is the key: a mail program has neither cookie nor token (test_email)


def is_key(path: str) -> bool:
    """Who comes in by a mail does so by a form of ours."""
    return path.startswith(KEYS) and not path.endswith(("/her", "/link"))


def _routes(town: Town) -> list[Route]:
    web = WebContext(database=town.runtime.database, context=town.runtime.context, clock=town.clock)
    return addresses(web)


def _paths(town: Town, method: str) -> list[str]:
    return [
        re.sub(r"\{(\w+):short\}", lambda name: PLACES[name[1]], route.path)
        for route in _routes(town)
        if method in (route.methods or ())
    ]


def _everything(town: Town) -> list[tuple[str, int]]:
    """How many rows each table has, and what stands in those that may change in place."""
    tables = [name for (name,) in town.rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    counts = town.rows(" UNION ALL ".join(f"SELECT '{name}', count(*) FROM {name}" for name in tables))
    changed = town.rows("SELECT count(*), sum(revision), max(answered_at) FROM answers")[0]
    told = town.rows("SELECT count(stopped_at), count(notice_version), group_concat(language) FROM people")[0]
    return [*counts, (str(changed), 0), (str(told), 0)]


async def _fetched(browser: Browser, path: str, method: str = "GET") -> tuple[int, dict[str, str], str]:
    async with browser.session.request(method, browser.home + path, allow_redirects=False) as response:
        return response.status, {name.lower(): value for name, value in response.headers.items()}, await response.text()


# --- forms are ours ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("forged", ["", "0" * 32, "somebody else's", "without a cookie"])
async def test_a_form_that_is_not_ours_changes_nothing_and_shows_what_was_typed(found: Found, forged: str) -> None:
    async with found(channel="web", steps="borger") as town:
        browser, page = await at_step(town, "borger")
        other = await arrived(town)
        sender = opened(town) if forged == "without a cookie" else browser
        csrf = {"somebody else's": token(await other.get("/hjaelp")), "without a cookie": token(page)}.get(
            forged, forged
        )
        await notes_are_told(lambda: town.rows("SELECT id FROM page_notes"))
        for path in (path for path in _paths(town, "POST") if not is_key(path)):
            before = _everything(town)
            fields = [("csrf", csrf), ("text", "Ord, der ikke må gå tabt"), ("do", "next"), ("tap", "1:1:0:z")]
            status, _, text, _ = await posted(sender, path, [*fields, ("language", "en"), ("format", "csv")])
            assert (path, status) == (path, 403)
            assert "Ord, der ikke må gå tabt" in text
            assert _everything(town) == before, path


async def test_what_is_sent_to_an_address_that_is_no_key_changes_nothing(found: Found) -> None:
    async with found(channel="web", steps="borger") as town:
        browser, _ = await at_step(town, "borger")
        await notes_are_told(lambda: town.rows("SELECT id FROM page_notes"))
        for path in (path for path in _paths(town, "POST") if is_key(path)):
            before = _everything(town)
            status, *_ = await posted(browser, path, [("text", "x")])
            assert (path, status) == (path, 200 if path.endswith("/stop") else 404)
            assert _everything(town) == before, path


async def test_every_form_on_every_page_carries_the_token(found: Found) -> None:
    async with found(channel="web", steps="borger") as town:
        browser, _ = await at_step(town, "borger")
        for path in (path for path in _paths(town, "GET") if path not in ("/was", "/health", "/mine.json")):
            if path.startswith(("/static", "/s/")) or path.endswith(".ics"):
                continue
            page = await browser.get(path)
            for form in page.find("//form"):
                assert form.get("method") == "post"
                assert page.find(".//input[@name='csrf']", form)[0].get("value") == token(page), path


# --- headers ----------------------------------------------------------------------------------------------


async def test_every_answer_has_the_headers(found: Found) -> None:
    async with found(channel="web", steps="borger") as town:
        browser, _ = await at_step(town, "borger")
        for path in [*_paths(town, "GET"), "/findes/ikke", "/trin/borger/B9"]:
            status, headers, _ = await _fetched(browser, path)
            policy = headers["content-security-policy"]
            assert "default-src 'none'" in policy and "unsafe" not in policy and "*" not in policy
            assert "frame-ancestors 'none'" in policy and "form-action 'self'" in policy
            assert headers["referrer-policy"] == "no-referrer"
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["x-frame-options"] == "DENY"
            assert "camera=()" in headers["permissions-policy"]
            assert ("no-store" in headers["cache-control"]) is not path.startswith("/static/"), path
            assert "server" not in headers and status < 500


async def test_no_page_has_style_or_script_in_it_or_asks_another_host(found: Found) -> None:
    async with found(channel="web", steps="borger") as town:
        browser, _ = await at_step(town, "borger")
        for path in ("/", "/trin/borger/B5", "/link", "/mine", "/slet", "/hjaelp", "/nix"):
            page = await browser.get(path)
            assert not page.find("//style | //*[@style] | //script[not(@src)]")
            handlers = [
                name for each in page.tree.iter() for name in getattr(each, "attrib", {}) if name.startswith("on")
            ]
            assert handlers == []
            fetched = [
                each.get("src") or each.get("href") or "" for each in page.find("//script | //img | //head/link")
            ]
            assert all(address.startswith(("/static/", "data:image/svg+xml")) for address in fetched), fetched


@pytest.mark.parametrize(("url", "secure"), [("https://besyv.example", True), ("", False)])
async def test_the_cookie_is_for_us_alone_and_behind_https_for_https_alone(
    found: Found, url: str, secure: bool
) -> None:
    async with found(channel="web") as town:
        town.runtime.process_host.web = url or town.home
        visitor = opened(town)
        if url:
            visitor.session.headers["Host"] = "besyv.example"
        _, headers, _ = await _fetched(visitor, "/")
        cookie = headers["set-cookie"]
        assert cookie.startswith(f"{cookie_name(secure=secure)}=")
        assert all(part in cookie for part in ("HttpOnly", "SameSite=lax", "Path=/")) and "Domain" not in cookie
        assert ("Secure" in cookie) is secure
        assert ("strict-transport-security" in headers) is secure


async def test_a_strangers_language_is_kept_by_their_browser_and_no_longer_than_it_is_open(found: Found) -> None:
    async with found(channel="web") as town:
        stranger, known = opened(town), await arrived(town)
        for browser, kept in ((stranger, True), (known, False)):
            fields = [("csrf", token(await browser.get("/hjaelp"))), ("language", "en"), ("back", "/hjaelp")]
            _, headers, _, _ = await posted(browser, "/sprog", fields)
            assert ("Set-Cookie" in headers) is kept
            assert "Max-Age" not in headers.get("Set-Cookie", "")
            assert (await browser.get("/hjaelp")).language == "en"
        assert town.rows("SELECT language FROM people") == [("en",)]


# --- too much ---------------------------------------------------------------------------------------------


async def _chunks(size: int) -> AsyncIterator[bytes]:
    for _ in range(0, size, 65536):
        yield b"a" * 65536


async def test_more_than_a_form_holds_is_refused_whether_it_says_so_or_not(found: Found) -> None:
    async with found(channel="web", steps="borger") as town:
        browser, page = await at_step(town, "borger")
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        for data in (b"text=" + b"a" * LARGEST_FORM, _chunks(LARGEST_FORM + 65536)):
            async with browser.session.post(page.url, data=data, headers=kind, allow_redirects=False) as response:
                assert response.status == 413
                assert "Teksten er for lang" in await response.text()


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b'{"text": "x"}'),
        ("multipart/form-data; boundary=x", b"--x--"),
        ("", b"text=x"),
        ("application/x-www-form-urlencoded", b"&".join(b"a=b" for _ in range(5000))),
    ],
)
async def test_what_is_no_form_of_ours_is_refused(found: Found, kind: str, body: bytes) -> None:
    async with found(channel="web", steps="borger") as town:
        browser, page = await at_step(town, "borger")
        headers = {"Content-Type": kind} if kind else {}
        skip = [] if kind else ["Content-Type"]
        async with browser.session.post(page.url, data=body, headers=headers, skip_auto_headers=skip) as response:
            assert 400 <= response.status < 500


async def test_one_address_is_slowed_and_the_others_are_not(found: Found) -> None:
    async with found(channel="web") as town, aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as crowd:

        async def asks(**headers: str) -> int:
            async with crowd.get(town.home + "/hjaelp", headers=headers) as response:
                status: int = response.status
                return status

        assert [await asks() for _ in range(620)].count(429) == 20
        assert await asks(**{"X-Forwarded-For": "192.0.2.7"}) == 200
        town.clock.now += 60
        assert await asks() == 200


async def test_who_is_slowed_down_is_shown_what_they_wrote(found: Found) -> None:
    async with found(channel="web", steps="borger") as town:
        browser, page = await at_step(town, "borger")
        while (await _fetched(browser, "/hjaelp"))[0] != 429:
            pass
        fields = [("csrf", token(page)), ("text", "Skrevet i en fart"), ("do", "next")]
        status, headers, text, _ = await posted(browser, "/trin/borger/B5", fields)
        assert (status, "Skrevet i en fart" in text) == (429, True)
        assert int(headers["Retry-After"]) >= 1
        town.clock.now += 10
        assert (await posted(browser, "/trin/borger/B5", fields))[0] == 303


def test_a_meeting_of_sixty_behind_one_address_is_at_home_and_one_link_has_its_own_limit() -> None:
    house, link = Allowance(600, 20), Allowance(120, 2)
    assert not any(
        house.take("the library", n / 15) for n in range(60 * 15)
    )  # 60 people, each a page every four seconds
    assert [bool(link.take("one", 0)) for _ in range(121)].count(True) == 1
    assert link.take("one", 0.6) == 0


# --- nothing in addresses, logs and elsewhere -------------------------------------------------------------


@pytest.mark.parametrize(
    "back", ["https://ond.example/", "//ond.example", "/\\ond.example", "javascript:x", "/a\r\nX-Y: z", ""]
)
async def test_a_language_form_sends_nobody_elsewhere(found: Found, back: str) -> None:
    async with found(channel="web") as town:
        browser = await arrived(town)
        fields = [("csrf", token(await browser.get("/hjaelp"))), ("language", "en"), ("back", back)]
        status, headers, _, location = await posted(browser, "/sprog", fields)
        assert (status, location) == (303, "/")
        assert "X-Y" not in headers


async def test_what_people_write_is_text_on_every_page_it_is_shown_on(found: Found) -> None:
    hostile = '"><script>alert(1)</script><img src=x onerror=alert(2)>'
    async with found(channel="web", steps="borger") as town:
        browser, page = await at_step(town, "borger")
        town.said.append(hostile)
        while page.form is not None and page.areas("text"):
            page = await sent(browser, page, [("text", hostile), ("do", "next")])
        for path in ("/trin/borger/B5", "/trin/borger/B3", "/mine", "/ret", "/"):
            shown = await browser.get(path)
            assert not shown.find("//script[not(@src)] | //*[@onerror]")
        refused = await sent(browser, await browser.get("/trin/borger/B5"), [("text", hostile + "!"), ("do", "skip")])
        assert refused.areas("text")[0].value == hostile + "!"
        assert not refused.find("//script[not(@src)] | //*[@onerror]")


async def test_no_secret_and_no_words_in_the_log(found: Found) -> None:
    async with found(channel="web", steps="borger") as town:
        browser, page = await at_step(town, "borger")
        secret = browser.cookies()[COOKIE]
        await sent(browser, page, [("text", "Skal ikke i loggen"), ("do", "next")])
        await opened(town).get(f"/s/{secret}")
        await browser.get("/s/forkert-hemmelighed-00")
        await posted(browser, "/tryk", [("csrf", "forkert")])
        log = town.log.getvalue()
        assert not any(word in log for word in (secret, token(page), "Skal ikke i loggen", "forkert", "/s/"))
        assert secret.encode() not in town.on_disk()


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
async def test_other_methods_do_nothing(found: Found, method: str) -> None:
    async with found(channel="web", steps="borger") as town:
        browser, _ = await at_step(town, "borger")
        await notes_are_told(lambda: town.rows("SELECT id FROM page_notes"))
        before = _everything(town)
        for path in ("/", "/trin/borger/B5", "/slet", "/stop"):
            status, _, _ = await _fetched(browser, path, method)
            assert status == 405
        assert _everything(town) == before

"""Whose name is asked for: no address is ever built of `Host`, and nothing is answered to a name that is not ours."""

from __future__ import annotations

import pytest

from tests.support.chat import Found, Town
from tests.support.raw_http import sent
from tests.support.visitors import arrived, posted, token

OURS = "besyv.example"


async def _status(town: Town, path: str, *hosts: str, method: str = "GET") -> int:
    lines = "".join(f"\nHost: {host}" for host in hosts)
    return (await sent(town.home, f"{method} {path} HTTP/1.1{lines}\nConnection: close\n\n")).status


# Where a sign that is too much stands alone, what is left over would be the address of another host.
LEFT_OVER = tuple(f"/{sign}/evil.example" for sign in ("!", ".", "(", "'", "%20", "%e2%80%8b", "!/!", "!/%5c", "./%2f"))


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
async def test_no_redirect_is_built_from_host(found: Found, method: str) -> None:
    async with found(channel="web", steps="borger") as town:
        town.runtime.process_host.web = f"https://{OURS}"
        for path in (
            f"/s/{'A' * 22}/",
            "/leder/",
            "/mail/x/",
            "/besked/x/",
            "/Hjaelp.",
            "//evil.example",
            "/i/plan)/",
            *LEFT_OVER,
        ):
            for host in (OURS, "evil.example"):
                head = f"{method} {path} HTTP/1.1\nHost: {host}\nContent-Length: 0\nConnection: close\n\n"
                answer = await sent(town.home, head)
                location = answer.headers.get("location", "/")
                assert (path, host, location[:1], location[1:2] == "/") == (path, host, "/", False)
                assert "evil" not in answer.body
                assert (answer.status == 421) is (host == "evil.example"), (path, host)


async def test_a_slash_too_much_is_matched_and_not_redirected(found: Found) -> None:
    async with found(channel="web", steps="borger") as town:
        browser = await arrived(town)
        for path in ("/hjaelp/", "/leder/", "/mail/x/", "/i/plan/", "/static/besyv.css/", "/health/"):
            told = []
            for each in (path, path[:-1]):
                async with browser.session.get(town.home + each, allow_redirects=False) as answer:
                    told.append((answer.status, answer.headers.get("Location")))
            assert (path, told[0]) == (path, told[1])
        fields = [("csrf", token(await browser.get("/hjaelp"))), ("language", "en")]
        status, _, _, location = await posted(browser, "/sprog/", fields)
        assert (status, location) == (303, "/")


async def test_with_an_address_of_ours_another_name_is_told_nothing_and_health_is_asked_by_number(
    found: Found,
) -> None:
    async with found(channel="web") as town:
        port = town.home.rpartition(":")[2]
        town.runtime.process_host.web = f"https://{OURS}"
        for host in (OURS, f"{OURS}:443", "Besyv.Example", f"{OURS}."):
            assert (host, await _status(town, "/", host)) == (host, 200)
        for host in ("evil.example", f"{OURS}.evil.example", f"x{OURS}", f"127.0.0.1:{port}", "localhost", "", "[::1"):
            assert (host, await _status(town, "/", host)) == (host, 421)
        for host in (f"127.0.0.1:{port}", f"localhost:{port}", "[::1]:80", "172.17.0.2", OURS):
            assert (host, await _status(town, "/health", host)) == (host, 200)
        assert await _status(town, "/health", "evil.example") == 421


async def test_without_an_address_of_ours_every_number_is_and_no_other_name(found: Found) -> None:
    async with found(channel="web") as town:
        for host in (town.home.removeprefix("http://"), "localhost:8080", "192.168.1.5", "[::1]"):
            assert (host, await _status(town, "/", host)) == (host, 200)
        assert await _status(town, "/", "evil.example") == 421


@pytest.mark.parametrize(
    "behind", [", evil.example", " evil.example", "/evil.example", "?x", "#x", ":x", ":1:2", "\\x"]
)
async def test_what_is_more_than_host_and_port_is_no_name_of_ours(found: Found, behind: str) -> None:
    async with found(channel="web") as town:
        for web in (f"https://{OURS}", town.home):
            town.runtime.process_host.web = web
            name = web.partition("://")[2].partition(":")[0]
            assert (await _status(town, "/", name), await _status(town, "/", name + behind)) == (200, 421)
            assert await _status(town, "/", f"evil.example@{name}") == 421


async def test_no_host_or_two_are_refused(found: Found) -> None:
    async with found(channel="web") as town:
        ours = town.home.removeprefix("http://")
        for path in ("/", "/health"):
            assert await _status(town, path) == 400
            assert await _status(town, path, ours, "evil.example") == 400
            assert await _status(town, path, ours, ours) == 400
        assert (await sent(town.home, "GET / HTTP/1.0\n\n")).status == 400


async def test_a_refused_name_is_told_in_words_and_the_operator_in_the_log(found: Found) -> None:
    async with found(channel="web") as town:
        head = "GET /s/hemmelighed HTTP/1.1\nHost: evil.example\nAccept-Language: en\nConnection: close\n\n"
        answer = await sent(town.home, head)
        assert (answer.status, "The page is not at this address" in answer.body) == (421, True)
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        log = town.log.getvalue()
        assert "BESYV_WEB_URL" in log and "evil" not in log and "hemmelighed" not in log

"""What is answered when nothing else can be: with the headers of every page, in words, and without a secret kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from urllib.parse import urlsplit

import pytest

from bot.budgets import Allowance
from bot.channels.web import render
from bot.channels.web.middleware import HEADERS
from storage.db import connect
from tests.support.chat import Found, Town
from tests.support.raw_http import Answer, called, heard, sent
from tests.support.visitors import arrived, at_step, opened, posted, token

KEPT = 64  # characters of a code
CLOSES = "\nConnection: close\n\n"


@contextmanager
def _changed(town: Town, change: str, back: str) -> Iterator[None]:
    """The database is so meanwhile; the faults that were meant are no faults in the log."""
    with closing(connect(town.folder / "besyv.db")) as other:
        other.execute(change)
        yield
        other.execute(back)
    town.log.seek(0)
    town.log.truncate()


def _is_a_page(answer: Answer) -> bool:
    told = {name: answer.headers.get(name) for name in HEADERS}
    return told == HEADERS and answer.headers["cache-control"] == "no-store" and "<html lang=" in answer.body


def _request(town: Town, path: str, cookie: str, language: str = "da") -> str:
    host = town.home.removeprefix("http://")
    return f"GET {path} HTTP/1.1\nHost: {host}\nCookie: besyv={cookie}\nAccept-Language: {language}\n\n"


async def test_after_a_fault_of_ours_the_page_has_the_headers_and_the_connection_is_said_to_close(
    found: Found,
) -> None:
    async with found(channel="web", steps="borger") as town:
        browser, page = await at_step(town, "borger")
        await posted(browser, page.url.removeprefix(town.home), [("csrf", token(page)), ("text", "x"), ("do", "next")])
        change = "UPDATE runs SET version = version + 99", "UPDATE runs SET version = version - 99"
        with _changed(town, *change):
            answer = await sent(town.home, _request(town, "/mine", browser.cookies()["besyv"], "en"))
            assert (answer.status, answer.headers["connection"]) == (500, "close")
            assert _is_a_page(answer) and "Something went wrong here" in answer.body
            assert "Traceback" in town.log.getvalue()


async def test_a_database_that_can_not_be_read_is_told_on_a_page(found: Found) -> None:
    async with found(channel="web", steps="borger") as town:
        browser, page = await at_step(town, "borger")
        change = "ALTER TABLE processes RENAME TO away", "ALTER TABLE away RENAME TO processes"
        with _changed(town, *change):
            fields = [("csrf", token(page)), ("text", "Ord, der ikke må gå tabt"), ("do", "next")]
            status, headers, body, _ = await posted(browser, page.url.removeprefix(town.home), fields)
            assert (status, "Ord, der ikke må gå tabt" in body, "<nav" in body) == (503, True, False)
            assert _is_a_page(Answer(status, {name.lower(): value for name, value in headers.items()}, body))


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("HELO there\n\n", 400),
        ("GET / HTTP/1.1\nHost : x\n\n", 400),
        (f"GET / HTTP/1.1\nHost: x\nCookie: {'a' * 70_000}", 431),
    ],
)
async def test_what_never_becomes_a_request_is_answered_with_a_page(found: Found, text: str, status: int) -> None:
    async with found(channel="web") as town:
        answer = await sent(town.home, text)
        assert (answer.status, answer.headers["connection"], _is_a_page(answer)) == (status, "close", True)


async def test_requests_sent_far_ahead_are_not_kept(found: Found) -> None:
    async with found(channel="web") as town:
        reader, writer = await called(town.home)
        writer.write(_request(town, "/hjaelp", "").replace("\n", "\r\n").encode() * 1000)
        assert (await heard(reader, writer)).status in (200, 400)
        assert (await opened(town).get("/hjaelp")).status == 200


async def test_a_code_of_more_than_64_characters_is_no_address(found: Found) -> None:
    async with found(channel="web", steps="borger") as town:
        browser = await arrived(town)
        for path in ("/i/{}", "/s/{}", "/mail/{}", "/besked/{}", "/besked/{}/C1", "/kalender/{}.ics", "/trin/{}/B5"):
            for tried in (path.format("é" * (KEPT + 1)), path.format("'" * 60_000)):
                page = await browser.get(tried)
                assert (path, page.status, "Siden findes ikke" in page.main.text_content()) == (path, 404, True)
        assert "Siden findes ikke" not in (await opened(town).get(f"/i/{'x' * KEPT}")).main.text_content()
        before = render._header.cache_info().currsize
        for number in range(40):
            await browser.get(f"/i/kode-{number}")
        assert render._header.cache_info().currsize <= before + 1


def _split_addresses() -> int:
    """How many Python's own library keeps."""
    kept: int = urlsplit.cache_info().currsize  # type: ignore[attr-defined]  # typed without it
    return kept


async def test_no_secret_is_the_key_of_anything_that_is_kept(found: Found) -> None:
    async with found(channel="web", steps="borger") as town:
        browser = await arrived(town)
        await browser.get("/link")
        kept = render._header.cache_info().currsize, _split_addresses()
        for path in (f"/s/{browser.cookies()['besyv']}", "/link", f"/besked/{'Q' * 22}/C1", f"/mail/{'Q' * 22}"):
            await sent(town.home, _request(town, path, browser.cookies()["besyv"], "en").replace("\n\n", CLOSES))
        assert render._header.cache_info().currsize <= kept[0] + 1  # in English
        assert _split_addresses() <= kept[1] + 2  # the host asked for, and ours
    allowance = Allowance(10, 1)
    allowance.take("hemmelighed", 0)
    assert "hemmelighed" not in repr(allowance)

"""What browsers are told, what is refused, and that nothing changes by it."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.routing import Route

from tests.chat import Town
from tests.conftest import Found
from tests.web.test_links import _own_link
from tests.web.visitors import at_step, opened, posted, token
from web.pages import application
from web.safety import HEADERS, LARGEST_FORM
from web.site import Site

TYPED = "Det, jeg nåede at skrive"
TABLES = ("people", "addresses", "runs", "answers", "answer_history", "prompts", "roles", "moves")


def _routes(town: Town, method: str) -> list[str]:
    """Of the application itself, so that a new route is covered."""
    made = application(Site(town.house.database, town.house.house, town.clock))
    filled = {"flow": "vedtagelse", "question": "V1", "code": "hoering", "secret": "A" * 22, "name": "besyv.css"}
    paths = [route.path for route in made.routes if isinstance(route, Route) and method in (route.methods or ())]
    return [path.format(**filled) for path in paths]


def _stored(town: Town) -> dict[str, list[tuple[Any, ...]]]:
    return {table: town.rows(f"SELECT * FROM {table}") for table in TABLES}


@pytest.mark.parametrize("whose", ["none", "another's", "garbled", "no cookie"])
async def test_no_form_without_its_own_token_changes_anything(found: Found, whose: str) -> None:
    async with found(channel="web", steps="vedtagelse") as town:
        browser, page = await at_step(town, "vedtagelse")
        stranger = opened(town)
        others = token(await stranger.get("/"))
        mine = token(page)
        tokens = {"none": [], "another's": [("csrf", others)], "garbled": [("csrf", "æ" * 32)]}
        sender = opened(town) if whose == "no cookie" else browser
        before = _stored(town)
        for path in _routes(town, "POST"):
            fields = [*tokens.get(whose, [("csrf", mine)]), ("text", TYPED), ("do", "next")]
            status, _, source, _ = await posted(sender, path, fields)
            assert (path, status) == (path, 403)
            assert TYPED in source, path
        assert _stored(town) == before


async def test_looking_at_every_page_as_a_stranger_stores_nothing(found: Found) -> None:
    async with found(channel="web") as town:
        before = _stored(town)
        for path in _routes(town, "GET"):
            async with opened(town).session.get(town.home + path, allow_redirects=False) as response:
                assert response.status < 500, path
        assert _stored(town) == before


async def test_every_answer_has_the_headers_that_browsers_keep_to(found: Found) -> None:
    async with found(channel="web", steps="vedtagelse") as town:
        browser, _ = await at_step(town, "vedtagelse")
        for path in [*_routes(town, "GET"), "/findes-ikke"]:
            async with browser.session.get(town.home + path, allow_redirects=False) as response:
                for name, value in HEADERS.items():
                    assert response.headers.get(name) == value, (path, name)
        assert "unsafe" not in HEADERS["content-security-policy"]


async def test_no_page_has_a_script_or_a_style_within_it(found: Found) -> None:
    async with found(channel="web", steps="vedtagelse") as town:
        browser, first = await at_step(town, "vedtagelse")
        pages = [first, *[await browser.get(path) for path in ("/", "/link", "/mine", "/slet", "/hjaelp", "/ret")]]
        for page in pages:
            assert page.find("//script[not(@src)] | //style | //*[@style] | //@*[starts-with(name(), 'on')]/..") == []
            for form in page.find("//form"):
                assert page.find(".//input[@name='csrf']", form), (page.url, form.get("action"))


@pytest.mark.parametrize("chunked", [False, True])
async def test_more_than_a_form_holds_is_refused_with_a_page(found: Found, chunked: bool) -> None:
    async with found(channel="web") as town:
        browser = opened(town)
        await browser.get("/")

        async def pieces() -> Any:
            for _ in range(9):
                yield b"x" * (LARGEST_FORM // 8)

        body = pieces() if chunked else b"x" * (LARGEST_FORM + 1)
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        async with browser.session.post(town.home + "/", data=body, headers=kind) as response:
            assert response.status == 413
            assert "Det var for meget på én gang" in await response.text()


@pytest.mark.parametrize("back", ["https://ond.example/", "//ond.example", "/\\ond.example", "/x\r\nSet-Cookie: a=b"])
async def test_nobody_is_sent_elsewhere_by_a_field(found: Found, back: str) -> None:
    async with found(channel="web") as town:
        browser = opened(town)
        front = await browser.get("/")
        fields = [("csrf", token(front)), ("language", "en"), ("back", back)]
        status, headers, _, location = await posted(browser, "/sprog", fields)
        assert (status, location) == (303, "/")


async def test_the_personal_link_is_in_no_line_of_the_log(found: Found) -> None:
    async with found(channel="web", steps="vedtagelse") as town:
        browser, _ = await at_step(town, "vedtagelse")
        link = await _own_link(browser)
        await opened(town).get(link)
        assert link.rpartition("/")[2] not in town.log.getvalue()

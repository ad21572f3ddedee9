"""The municipality's own sign-in shows who a holder of a role is, and nobody else (docs/decisions/0038)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.channels.web.openid import LARGEST
from bot.features.second_proof.municipality import HOLDS
from tests.support.cast import Cast, cast
from tests.support.chat import Clock, Found
from tests.support.codes import code_for
from tests.support.pages import Browser, OnPages, Page
from tests.support.provider import CLIENT, SECRET, Provider, provider
from tests.support.visitors import entered, opened

ASKED = "Vis, at det er dig"
USE = "Brug kommunens login"


@asynccontextmanager
async def led(found: Found, tmp_path: Path, path: str = "") -> AsyncIterator[tuple[Cast, Provider, OnPages]]:
    """Lea leads, and has shown who she is by a code; the municipality has a sign-in."""
    clock, secret = Clock(), tmp_path / "oidc.secret"
    secret.write_text(SECRET)
    async with provider(clock, path) as municipal:
        settings = {
            "oidc_issuer": municipal.issuer,
            "oidc_client_id": CLIENT,
            "oidc_client_secret_file": str(secret),
        }
        async with cast(found, "web", "leader", strict=True, clock=clock, more=settings) as there:
            lea = there.people["leader"]
            assert isinstance(lea, OnPages)
            await lea.says("/leder")
            await lea.says(await code_for(there.town))
            yield there, municipal, lea


async def sent_to(browser: Browser, path: str) -> str:
    """Where the link leads away to."""
    async with browser.session.get(browser.home + path, allow_redirects=False) as response:
        assert response.status == 303, await response.text()
        return response.headers["Location"]


async def notes(municipal: Provider, lea: OnPages) -> Page:
    return await lea.browser.get(municipal.signs_in(await sent_to(lea.browser, "/enheder/kommune")))


def said(page: Page) -> str:
    return "\n".join(page.sight().lines())


async def anew(there: Cast, lea: OnPages) -> Browser:
    """She comes by her link in another browser, which has shown nothing."""
    page = await lea.browser.get("/link")
    link = str(page.find("//*[@id='link']")[0].text_content()).strip()
    browser = opened(there.town)
    await entered(browser, link)
    assert ASKED in said(await browser.get("/leder"))
    return browser


async def test_the_municipalitys_login_is_noted_and_then_shows_who_one_is(found: Found, tmp_path: Path) -> None:
    async with led(found, tmp_path) as (there, municipal, lea):
        assert "Kommunens login er knyttet til din rolle." in said(await notes(municipal, lea))
        browser = await anew(there, lea)
        page = await browser.get("/bevis")
        [link] = [each for each in page.links() if each.label == USE]
        page = await browser.get(municipal.signs_in(await sent_to(browser, link.value)))
        assert "Roller" in said(page)
        assert ("municipality",) in there.town.rows("SELECT way FROM proofs")
        assert municipal.subject.encode() not in there.town.on_disk()
        assert municipal.subject not in there.town.log.getvalue()


async def test_a_login_that_was_not_noted_shows_nothing(found: Found, tmp_path: Path) -> None:
    async with led(found, tmp_path) as (there, municipal, lea):
        await notes(municipal, lea)
        browser = await anew(there, lea)
        away = await sent_to(browser, "/bevis/kommune")
        municipal.subject = "en.anden@kommunen"
        page = await browser.get(municipal.signs_in(away))
        assert (page.status, "Du brugte et andet login" in said(page)) == (403, True)
        assert there.town.rows("SELECT count(*) FROM proofs WHERE way = 'municipality'") == [(0,)]
        assert there.town.rows("SELECT count(*) FROM audit WHERE action = 'login-refused'") == [(1,)]


async def test_who_has_shown_nothing_notes_no_login(found: Found, tmp_path: Path) -> None:
    async with led(found, tmp_path) as (there, _municipal, lea):
        browser = await anew(there, lea)
        assert await sent_to(browser, "/enheder/kommune") == "/"
        assert ASKED in said(await browser.get("/"))
        async with browser.session.get(f"{browser.home}/bevis/kommune") as response:
            assert response.status == 404  # none is noted


@pytest.mark.parametrize(
    "wrong",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another"},
        {"aud": ["besyv", "another"]},
        {"aud": ["besyv", "another"], "azp": "another"},
        {"iss": "https://ond.example"},
        {"exp": 1},
        {"exp": None},
        {"sub": None},
    ],
    ids=str,
)
async def test_a_token_with_a_wrong_claim_shows_nothing(found: Found, tmp_path: Path, wrong: dict[str, Any]) -> None:
    async with led(found, tmp_path) as (there, municipal, lea):
        await notes(municipal, lea)
        browser = await anew(there, lea)
        municipal.wrong = wrong
        page = await browser.get(municipal.signs_in(await sent_to(browser, "/bevis/kommune")))
        assert (page.status, municipal.exchanged) == (403, 2)
        assert there.town.rows("SELECT count(*) FROM proofs WHERE way = 'municipality'") == [(0,)]
        municipal.wrong = {}
        page = await browser.get(municipal.signs_in(await sent_to(browser, "/bevis/kommune")))
        assert "Roller" in said(page)


async def test_a_token_that_another_has_signed_or_nobody_shows_nothing(found: Found, tmp_path: Path) -> None:
    async with led(found, tmp_path) as (_, municipal, lea):
        await notes(municipal, lea)
        municipal.other_key = True
        page = await lea.browser.get(municipal.signs_in(await sent_to(lea.browser, "/bevis/kommune")))
        assert page.status == 403
        municipal.other_key, municipal.algorithm = False, "none"
        page = await lea.browser.get(municipal.signs_in(await sent_to(lea.browser, "/bevis/kommune")))
        assert page.status == 403


async def test_what_comes_back_is_believed_once_in_time_and_where_it_was_begun(found: Found, tmp_path: Path) -> None:
    """A state that was used, one of another session, one for another purpose, and one that is too old."""
    async with led(found, tmp_path) as (there, municipal, lea):
        await notes(municipal, lea)
        browser = await anew(there, lea)
        back = municipal.signs_in(await sent_to(browser, "/bevis/kommune"))
        assert (await lea.browser.get(back)).status == 403
        assert (await browser.get(back.replace("use.", "note."))).status == 403
        assert "Roller" in said(await browser.get(back))
        assert (await browser.get(back)).status == 403
        there.town.clock.now += 1
        away = await sent_to(browser, "/bevis/kommune")
        there.town.clock.now += HOLDS
        assert (await browser.get(municipal.signs_in(away))).status == 403
        assert municipal.exchanged == 2


async def test_a_provider_that_is_away_or_somebody_else_is_told(found: Found, tmp_path: Path) -> None:
    async with led(found, tmp_path) as (there, municipal, lea):
        municipal.told = {"issuer": "https://ond.example"}
        page = await lea.browser.get("/enheder/kommune")
        assert (page.status, "Kommunens login svarer ikke" in said(page)) == (403, True)
        assert "web sign_in=failed error=issuer" in there.town.log.getvalue()


async def test_an_issuer_whose_name_ends_with_a_slash_is_known_by_it(found: Found, tmp_path: Path) -> None:
    """Found without it (OpenID Connect Discovery 1.0, 4.1), and it calls itself by it (4.3)."""
    async with led(found, tmp_path, "/") as (_, municipal, lea):
        assert municipal.issuer.endswith("/")
        assert "Kommunens login er knyttet til din rolle." in said(await notes(municipal, lea))


async def test_an_answer_that_comes_in_pieces_is_read_to_its_end_and_one_too_large_is_not(
    found: Found, tmp_path: Path
) -> None:
    async with led(found, tmp_path) as (_, municipal, lea):
        municipal.padding = LARGEST * 4 // 5  # more than a socket gives at a time
        assert "Kommunens login er knyttet til din rolle." in said(await notes(municipal, lea))
        municipal.padding = LARGEST
        page = await notes(municipal, lea)
        assert (page.status, "noteret" in said(page)) == (403, False)


async def test_without_the_settings_there_is_no_such_page(found: Found) -> None:
    async with cast(found, "web", "leader") as there:
        lea = there.people["leader"]
        assert isinstance(lea, OnPages)
        for path in ("/bevis/kommune", "/enheder/kommune", "/kommune?code=x&state=use.1.x"):
            assert (await lea.browser.get(path)).status == 404
        await lea.says("/enheder")
        assert USE not in said(await lea.browser.get("/"))

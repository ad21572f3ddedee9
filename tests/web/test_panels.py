"""Panels as pages: what those with a role press, write and hand in, in a browser without scripts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import aiohttp
import pytest

from bot.dialogue import panel_navigation
from bot.dialogue.panel import Elsewhere, Panel, PanelInput
from bot.features import PANELS
from bot.features.register import service as register
from storage.db import Tx
from tests.support.cast import TABLE, Cast, cast
from tests.support.chat import Found, Town
from tests.support.pages import OnPages, Page
from tests.support.register_files import associations, saved_by_excel
from tests.support.visitors import posted, token

MOST_FILE_AND_MORE = 20_000_000


@asynccontextmanager
async def led(found: Found, *labels: str) -> AsyncIterator[tuple[Cast, OnPages]]:
    """Lea leads, and stands at the panel these buttons lead to."""
    async with cast(found, "web", "leader") as there:
        lea = there.people["leader"]
        assert isinstance(lea, OnPages)
        await lea.says("/leder")
        for label in labels:
            await lea.taps(label)
        yield there, lea


def page_of(person: OnPages) -> Page:
    assert person.page is not None
    return person.page


def _text(page: Page) -> str:
    return " ".join(str(page.main.text_content()).split())


# --- what was typed ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["x" * 400, "Ring til 010203-1234", "\n<b>&amp;</b>" + "y" * 400])
async def test_what_can_not_be_taken_stands_in_the_field_again(found: Found, typed: str) -> None:
    async with led(found, "Interessentlisten", "Tilføj en forening eller et råd") as (there, lea):
        there.town.public.add("Nordby Skakklub")
        await lea.says(typed)
        [field] = page_of(lea).find("//textarea[@name='text']")
        assert (page_of(lea).status, (field.text or "").strip()) == (422, typed.strip())
        await lea.says("Nordby Skakklub")
        assert all(not (field.text or "").strip() for field in page_of(lea).find("//textarea[@name='text']"))


# --- every page -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["leader", "deputy", "steering", "facilitator"])
async def test_every_panel_of_a_role_is_a_page(found: Found, who: str) -> None:
    """With a heading, buttons that are sent to us, and all that the menu names."""
    async with cast(found, "web", who) as there:
        person = there.people[who]
        assert isinstance(person, OnPages)
        await person.says("/leder")
        labels = [button.label for button in page_of(person).buttons() if button.element.get("name") == "tap"]
        assert len(labels) == sum(
            who in roles
            for page, roles in TABLE.items()
            if page
            not in (
                "leder",
                "tilstand",
                "maal",
                "fil",
                "navne",
                "moeder",
                "mail",
                "kontrol",
                "enheder",
                "bevis",
                "tilside",
                "venter",
            )
        )
        for label in labels:
            await person.says("/leder")
            await person.taps(label)
            page = page_of(person)
            assert page.status == 200
            [heading] = page.find("//h1")
            assert str(heading.text_content()).strip()
            forms = page.find(".//form", page.main)
            assert {form.get("action") for form in forms} <= {"/tryk", "/skriv", "/fil", "/eksport"}
            assert all(page.find(".//input[@name='csrf']", form) for form in forms)


async def test_coverage_is_a_table_with_headings_for_its_rows_and_columns(found: Found) -> None:
    async with led(found, "Hvor mange har svaret?") as (_, lea):
        page = page_of(lea)
        [caption] = page.find("//table/caption")
        assert caption.text_content() == "Hvor mange der har sendt svar, gruppe for gruppe"
        columns = page.find("//thead//th[@scope='col']")
        assert [str(each.text_content()) for each in columns] == [
            "Deltagere",
            "Trin 2. Input til de overordnede linjer",
            "Borgerens stemme",
        ]
        rows = page.find("//tbody/tr[td]")
        assert rows and all(len(page.find("./th[@scope='row']", row)) == 1 for row in rows)
        assert all(len(page.find("./td", row)) == len(columns) for row in rows)
        bands = [str(each.text_content()) for each in page.find("//th[@scope='rowgroup']")]
        assert bands[:2] == ["Foreninger, frivillige og borgere", "Kommunen"]
        [box] = page.find("//*[@role='region'][.//table]")
        assert (box.get("tabindex"), box.get("aria-label")) == ("0", caption.text_content())


async def test_the_picture_is_shown_when_it_is_asked_for_with_words_for_who_cannot_see_it(found: Found) -> None:
    async with led(found) as (_, lea):
        await lea.says("/daekning")
        assert not page_of(lea).find("//img[@class='made']")
        await lea.taps("Vis billedet")
        [picture] = page_of(lea).find("//img[@class='made']")
        assert picture.get("src", "").startswith("data:image/png;base64,")
        assert picture.get("alt")


MOST_OF_ONE = 1600  # paths of one page; an audience is put together in more ways than can be looked at


async def test_a_panel_shown_again_is_the_panel_that_was_shown(found: Found) -> None:
    """Whoever reloads, comes back from a file or looks at another page finds the same words and buttons."""
    async with cast(found, "web", "leader") as there:
        differing = await there.town.runtime.database.write(partial(_shown_again, there))
        assert differing == {}


def _shown_again(there: Cast, tx: Tx) -> dict[str, str]:
    s = there.session(tx, "leader")
    for n in range(12):
        register.add(tx, s.plan.process_id, f"Forening {'abcdefghijkl'[n]}", "by-hand", s.visit.now)
    differing: dict[str, str] = {}
    seen: set[str] = set()
    looked_at: Counter[str] = Counter()
    waiting: list[tuple[str, PanelInput | None]] = [
        (page, None) for page in PANELS if page not in ("sammen", "indtast")
    ]
    while waiting:
        path, sent = waiting.pop(0)
        name = path.partition("/")[0]
        if (path in seen and sent is None) or looked_at[name] >= MOST_OF_ONE:
            continue
        seen.add(path)
        looked_at[name] += 1
        panel = panel_navigation.go(s, path, sent)
        if isinstance(panel, Elsewhere):  # on with the questions
            continue
        if not panel.shown_once:
            name, *args = panel.at.split("/")
            again = PANELS[name].show(s, tuple(args), PanelInput())
            assert isinstance(again, Panel)
            first, second = ((each.at, each.title, each.body, each.rows, each.asks) for each in (panel, again))
            if first != second:
                differing[path] = f"{first}\n{second}"
        waiting += [(go.to, None) for row in panel.rows for go in row if go.to.partition("/")[0] != "indtast"]
        if panel.asks is not None and sent is None:
            waiting += [(panel.asks, PanelInput(text)) for text in ("7", "Forening", "x" * 300)]
    assert len(seen) > 100
    return differing


# --- words and files --------------------------------------------------------------------------------------


async def test_words_are_taken_where_they_are_asked_for(found: Found) -> None:
    async with led(found, "Interessentlisten", "Tilføj en forening eller et råd") as (there, lea):
        [label] = page_of(lea).find("//label[@for='answer']")
        assert str(label.text_content()) == "Skriv her"
        there.town.public.add("Cykelværkstedet")
        await lea.says("Cykelværkstedet")
        assert "Cykelværkstedet" in _text(page_of(lea))
        assert there.town.rows("SELECT count(*) FROM parties WHERE name = 'Cykelværkstedet'") == [(1,)]


@pytest.mark.parametrize(
    ("number", "revision"), [("0", "0"), ("999999999", "0"), ("", ""), ("1", "-1"), ("²", "0"), ("x" * 400, "0")]
)
async def test_words_for_another_panel_than_the_one_that_stands_there_do_nothing_and_are_shown_again(
    found: Found, number: str, revision: str
) -> None:
    async with led(found, "Interessentlisten", "Tilføj en forening eller et råd") as (there, lea):
        fields = [
            ("csrf", token(page_of(lea))),
            ("number", number),
            ("revision", revision),
            ("text", "Bagdørens Venner"),
        ]
        status, _, text, _ = await posted(lea.browser, "/skriv", fields)
        assert (status, "Bagdørens Venner" in text) == (409, True)
        assert there.town.rows("SELECT count(*) FROM parties WHERE name = 'Bagdørens Venner'") == [(0,)]


async def test_words_from_an_old_tab_do_not_land_in_what_is_asked_now(found: Found) -> None:
    """A name for the register, sent while the other tab asks why a step is closed."""
    async with led(found, "Interessentlisten", "Tilføj en forening eller et råd") as (there, lea):
        old = page_of(lea)
        await lea.says("/leder")
        for label in ("Åbn og luk trin", "Borgerens stemme: åbent", "Ændr for alle", "Luk for svar", "Nu"):
            await lea.taps(label)
        assert page_of(lea).panel_form("/skriv") is not None
        old.areas("text")[0].value = "Cykelværkstedet"
        form = old.panel_form("/skriv")
        assert form is not None
        page = await lea.browser.press(old, old.buttons(form)[0].element)
        assert page.status == 409 and "Cykelværkstedet" in _text(page)
        assert there.town.rows("SELECT count(*) FROM step_changes") == [(0,)]


async def test_words_where_none_are_asked_for_answer_nothing(found: Found) -> None:
    async with led(found) as (there, lea):
        before = there.town.rows("SELECT count(*) FROM answers")
        for path in ("/leder", "/rolle"):
            page = await lea.browser.get(path)
            fields = [("csrf", token(page)), ("number", "1"), ("revision", "0"), ("text", "Borger")]
            assert (await posted(lea.browser, "/skriv", fields))[0] == 409
        assert there.town.rows("SELECT count(*) FROM answers") <= [(before[0][0] + 1,)]
        assert there.town.rows("SELECT count(*) FROM capacities WHERE stakeholder = 'borger'") == [(1,)]  # Anna


async def test_sent_twice_it_is_done_once(found: Found) -> None:
    async with led(found, "Links og plakater", "Lav et nyt åbent link") as (there, lea):
        for _ in range(3):
            await lea.taps("De vælger selv" if "vælger" in _text(page_of(lea)) else "Det trin, der er åbent for dem")
        page = page_of(lea)
        page.areas("text")[0].value = "Opslag i vaskeriet"
        there.town.said.append("Opslag i vaskeriet")
        form = page.panel_form("/skriv")
        assert form is not None
        before = there.town.rows("SELECT count(*) FROM invitations")[0][0]
        await lea.browser.press(page, page.buttons(form)[0].element, times=2)
        assert there.town.rows("SELECT count(*) FROM invitations") == [(before + 1,)]
        assert "Opslag i vaskeriet" in _text(await lea.browser.get("/"))


async def test_a_button_pressed_twice_does_it_once(found: Found) -> None:
    async with led(found, "Interessentlisten", "Faste høringsparter") as (
        there,
        lea,
    ):
        [button] = [each for each in page_of(lea).buttons() if each.label.startswith("☐ Ungerådet")]
        await lea.browser.press(page_of(lea), button.element, times=2)
        assert there.town.rows("SELECT count(*) FROM parties WHERE name = 'Ungerådet'") == [(1,)]


async def test_files_of_one_panel_are_fetched_one_after_the_other_without_reloading(found: Found) -> None:
    async with led(found, "Links og plakater", "Seddel i frisørens vindue · Ingen har brugt linket endnu") as (_, lea):
        page = page_of(lea)
        for label in ("Plakat A4", "Plakat A5", "QR-kode (SVG)"):
            await lea.taps(label)
            assert page_of(lea) is page
        assert [name for name, _ in lea.browser.downloads] == [
            "besyv-plakat-a4.pdf",
            "besyv-plakat-a5.pdf",
            "besyv-qr.svg",
        ]
        assert lea.browser.downloads[0][1].startswith(b"%PDF")
        await lea.taps("QR-kode (PNG)")
        assert page_of(lea).find("//img[@class='made']")


# --- /fil -------------------------------------------------------------------------------------------------


async def _hands_in(lea: OnPages, content: bytes, csrf: str | None, **headers: str) -> tuple[int, str]:
    data = aiohttp.FormData()
    if csrf is not None:
        data.add_field("csrf", csrf)
    data.add_field("file", content, filename="liste.csv", content_type="text/csv")
    session = lea.browser.session
    async with session.post(lea.browser.home + "/fil", data=data, headers=headers, allow_redirects=False) as response:
        return response.status, await response.text()


async def test_a_file_without_our_token_or_where_none_is_awaited_is_not_looked_at(found: Found) -> None:
    async with led(found, "Interessentlisten", "Importér fra Excel") as (there, lea):
        content = saved_by_excel(associations(3))
        csrf = token(page_of(lea))
        for wrong in (None, "", "0" * 32):
            assert (await _hands_in(lea, content, wrong))[0] == 403
        await lea.taps("Tilbage")
        assert (await _hands_in(lea, content, csrf))[0] == 403
        assert there.town.rows("SELECT count(*) FROM imports") == [(0,)]


async def test_a_file_is_shown_before_it_is_taken_in_and_reloading_shows_it_again(found: Found) -> None:
    async with led(found, "Interessentlisten", "Importér fra Excel") as (there, lea):
        assert "300 nye navne kommer på listen." in _text(
            await lea.browser.upload(page_of(lea), "liste.csv", saved_by_excel(associations()))
        )
        page = await lea.browser.get("/")
        assert "300 nye navne kommer på listen." in _text(page)
        [yes] = [button for button in page.buttons() if button.label == "Godkend, og sæt dem på listen"]
        await lea.browser.press(page, yes.element, times=2)
        assert there.town.rows("SELECT count(*) FROM parties WHERE process_id = 1") == [(301,)]
        assert there.town.rows("SELECT count(*) FROM audit WHERE action = 'import'") == [(1,)]


async def test_twenty_megabytes_are_read_to_their_end_and_refused_with_a_page(found: Found) -> None:
    async with led(found, "Interessentlisten", "Importér fra Excel") as (there, lea):

        async def body() -> AsyncIterator[bytes]:
            yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="l.csv"\r\n\r\n'
            for _ in range(MOST_FILE_AND_MORE // 65_536):
                yield bytes(65_536)
            yield b"\r\n--x--\r\n"

        kind = {"Content-Type": "multipart/form-data; boundary=x"}
        async with lea.browser.session.post(lea.browser.home + "/fil", data=body(), headers=kind) as response:
            assert response.status == 413
            assert "Filen må højst fylde 5 MB" in await response.text()
        assert there.town.rows("SELECT count(*) FROM imports") == [(0,)]
        assert "Importér fra Excel" in _text(await lea.browser.get("/"))


@pytest.mark.parametrize(
    "body", [b"", b"--x", b"--x\r\n\r\n", b"--y--\r\n", b"--x\r\nContent-Disposition: form-data\r\n\r\nz\r\n--x--"]
)
async def test_what_is_no_file_form_is_refused_with_a_page(found: Found, body: bytes) -> None:
    async with led(found, "Interessentlisten", "Importér fra Excel") as (_, lea):
        kind = {"Content-Type": "multipart/form-data; boundary=x"}
        async with lea.browser.session.post(lea.browser.home + "/fil", data=body, headers=kind) as response:
            assert response.status in (400, 403)
            assert "<h1" in await response.text()


# --- links that are shown once ----------------------------------------------------------------------------


async def test_a_secret_link_stands_in_the_answer_alone_with_its_codes(found: Found) -> None:
    async with led(found, "Roller", "Tildel en rolle", "Styregruppen", "Frivillig") as (there, lea):
        there.town.said.append("Besøgsvennernes repræsentant")
        await lea.says("Besøgsvennernes repræsentant")
        page = page_of(lea)
        codes = set(re.findall(r"/i/(i-[\w-]{22})", _text(page)))
        assert len(codes) == 1
        [code] = codes
        [picture] = page.find("//img[@class='made']")
        assert picture.get("src", "").startswith("data:image/png;base64,") and picture.get("alt")
        assert set(page.made) == {"besyv-qr.png", "besyv-qr.svg"}
        assert page.made["besyv-qr.svg"].lstrip().startswith((b"<?xml", b"<svg"))
        for path in ("/", "/leder", "/"):
            assert code not in str((await lea.browser.get(path)).tree.text_content())
        assert code.encode() not in there.town.on_disk()
        again = await lea.browser.get("/")
        assert [button.label for button in again.buttons()]  # there is a way on


async def test_who_only_looks_at_a_single_link_uses_nothing_up(found: Found) -> None:
    async with led(found) as (there, lea):
        assert isinstance(there.town, Town)
        code = await there.town.invites("steering")
        for _ in range(3):
            assert "Linket" in _text(await lea.browser.get(f"/i/{code}"))
        assert there.town.rows("SELECT used_at FROM invitations WHERE role = 'steering'") == [(None,)]
        assert there.town.rows("SELECT count(*) FROM failed_codes") == [(0,)]


# --- and back to one's own answers ------------------------------------------------------------------------


async def test_the_menu_leads_from_a_panel_back_to_ones_own_questions(found: Found) -> None:
    async with led(found) as (_, lea):
        await lea.says("/rolle")  # into the first question about herself
        await lea.says("/leder")
        await lea.taps("Hvor mange har svaret?")
        [on] = [link for link in page_of(lea).links(page_of(lea).tree) if link.label == "Fortsæt, hvor du slap"]
        page = await lea.browser.get(on.value)
        assert page.form is not None and "/trin/start/" in page.url

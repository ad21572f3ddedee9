"""On the web a role is used by nobody who has a link alone: what is asked for, and what an attacker with the link tries
(docs/decisions/0038)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.features.identity import personal_link
from bot.features.second_proof import proving
from bot.features.second_proof.service import Way
from bot.flows.schedule import HOUR
from storage import email_addresses, people
from storage.db import Tx
from tests.support.cast import Cast, cast
from tests.support.chat import Found
from tests.support.codes import code_for, code_in, wrong
from tests.support.mail_readers import ANNA, confirmed, link_of, meets, pressed, said, served
from tests.support.mailbox import Mailbox, mailbox
from tests.support.pages import Browser, OnPages, Page
from tests.support.visitors import entered, opened, posted, token

MAIL = "lea@eksempel-kommune.example"
ASKED = "Vis, at det er dig"
THANKS = "Tak. Nu ved vi, at det er dig."


@asynccontextmanager
async def led(found: Found) -> AsyncIterator[tuple[Cast, Mailbox, OnPages]]:
    """Lea leads on the web, and has a confirmed mailbox."""
    async with mailbox() as box, cast(found, "web", "leader", strict=True, smtp=box.url()) as there:
        lea = there.people["leader"]
        assert isinstance(lea, OnPages)

        def has_mail(tx: Tx) -> None:
            s = there.session(tx, "leader")
            email_addresses.put(tx, s.person.id, MAIL, "k" * 22, "hash", s.visit.now)
            email_addresses.confirm(tx, s.person.id, s.visit.now)

        await there.town.runtime.database.write(has_mail)
        yield there, box, lea


def shown(person: OnPages) -> str:
    return "\n".join(person.looks().lines())


async def proves(there: Cast, box: Mailbox, lea: OnPages) -> None:
    await lea.taps("Send en kode på mail")
    await there.town.rest()
    await lea.says(code_in(box.mails[-1].text))


async def own_link(browser: Browser) -> str:
    page = await browser.get("/link")
    return str(page.find("//*[@id='link']")[0].text_content()).strip()


# --- signed in with two things ----------------------------------------------------------------------------


async def test_a_role_is_used_on_the_web_after_a_code(found: Found) -> None:
    async with led(found) as (there, box, lea):
        await lea.says("/leder")
        assert ASKED in shown(lea) and "Roller" not in shown(lea)
        field = lea.page.find("//input[@name='text']") if lea.page is not None else []
        assert [(each.get("inputmode"), each.get("autocomplete")) for each in field] == [("numeric", "one-time-code")]
        await lea.taps("Send en kode på mail")
        await there.town.rest()
        [mail] = box.mails
        code = code_in(mail.text)
        assert (mail.to, mail.message["Subject"]) == (MAIL, "Din kode til Eksempel Kommune")
        assert "List-Unsubscribe" not in mail.message  # what is about a login can't be turned off by its reader
        assert "Eksempel Kommune" in mail.text and "Var det ikke dig?" in mail.text
        await lea.says(wrong(code))
        assert "Du har 4 forsøg tilbage" in shown(lea)
        await lea.says(code)
        assert THANKS in shown(lea) and "Roller" in shown(lea)
        await lea.says("/leder", after=2 * HOUR)
        assert ASKED not in shown(lea)


async def test_the_export_is_a_button_away_after_the_proof(found: Found) -> None:
    async with led(found) as (there, box, lea):
        await lea.says("/leder")
        await proves(there, box, lea)
        await lea.taps("Eksportér svar")
        here = lea.page
        assert here is not None
        there.town.clock.now += 601
        form = here.panel_form("/eksport")
        assert form is not None
        [csv, *_] = here.buttons(form)
        page = await lea.browser.press(here, csv.element)
        assert ASKED in said(page) and lea.browser.downloads == []
        lea.page = page
        await proves(there, box, lea)
        assert "Nu kan du hente filen." in shown(lea)
        form = lea.page.panel_form("/eksport")
        assert form is not None
        await lea.browser.press(lea.page, lea.page.buttons(form)[0].element)
        assert [name for name, _ in lea.browser.downloads] == ["besyv-eksempel.csv"]


async def test_what_stands_open_is_not_shown_again_without_the_proof(found: Found) -> None:
    """A new link ends what was proven, and the panel still is where she is."""
    async with led(found) as (there, box, lea):
        await lea.says("/leder")
        await proves(there, box, lea)
        await lea.taps("Kontakter")
        assert "Ingen høringssvar" in shown(lea)
        assert "Ingen høringssvar" in said(await lea.browser.get("/"))
        page = await lea.browser.get("/link")
        [new] = page.find("//form[@action='/link']//button")
        await lea.browser.press(page, new)
        page = await lea.browser.get("/")
        assert ASKED in said(page) and "Ingen høringssvar" not in said(page)
        [on] = [link for link in page.links() if link.value == "/bevis"]
        page = await lea.browser.get(on.value)
        assert "Den har otte cifre" in said(page)
        lea.page = page
        await proves(there, box, lea)
        assert "Ingen høringssvar" in shown(lea)


async def test_a_code_that_comes_late_or_not_at_all_has_a_way_on(found: Found) -> None:
    async with cast(found, "web", "leader", strict=True) as there:
        lea = there.people["leader"]
        assert isinstance(lea, OnPages)
        await lea.says("/leder")
        [(pseudonym,)] = there.town.rows("SELECT pseudonym FROM people JOIN roles ON person_id = people.id")
        assert f"besyv code {pseudonym}" in shown(lea) and "Send en kode" not in shown(lea)
        await lea.says(await code_for(there.town))
        assert THANKS in shown(lea)


# --- an attacker with the link ----------------------------------------------------------------------------


async def test_forged_taps_and_a_posted_export_get_nothing_without_a_proof(found: Found) -> None:
    async with led(found) as (there, box, lea):
        await lea.says("/leder")
        await proves(there, box, lea)
        thief = opened(there.town)
        await entered(thief, await own_link(lea.browser))
        await lea.says("/leder")
        await lea.taps("Roller")
        [(number, revision)] = there.town.rows("SELECT number, revision FROM prompts WHERE screen = 'panel'")
        roles = there.town.rows("SELECT * FROM roles")
        for place in range(6):
            page = await thief.get("/link")
            fields = [("csrf", token(page)), ("tap", f"1:{number}:{revision}:o{place}")]
            await posted(thief, "/tryk", fields)
            assert "Nyt link" not in said(await thief.get("/"))
        page = await thief.get("/link")
        fields = [("csrf", token(page)), ("format", "csv")]
        status, headers, _, to = await posted(thief, "/eksport", fields)
        assert (status, "Content-Disposition" in headers, to) == (303, False, "/")
        assert there.town.rows("SELECT * FROM roles") == roles
        assert there.town.rows("SELECT count(*) FROM audit WHERE action LIKE 'export%'") == [(0,)]
        assert there.town.rows("SELECT count(*) FROM invitations WHERE used_at IS NULL AND kind = 'role'") == [(0,)]


async def test_a_proof_is_not_carried_over_to_another_session(found: Found) -> None:
    async with led(found) as (there, box, lea):
        await lea.says("/leder")
        await proves(there, box, lea)
        thief = opened(there.town)
        await entered(thief, await own_link(lea.browser))
        assert ASKED in said(await thief.get("/leder"))
        await lea.says("/leder")
        assert ASKED not in shown(lea)


async def test_a_proof_ends_with_its_session(found: Found) -> None:
    async with led(found) as (there, box, lea):
        await lea.says("/leder")
        await proves(there, box, lea)
        assert there.town.rows("SELECT count(*) FROM proofs") == [(1,)]
        page = await lea.browser.get("/link")
        [out] = page.find("//form[@action='/log-ud']//button")
        await lea.browser.press(page, out)
        assert there.town.rows("SELECT count(*) FROM proofs") == [(0,)]


async def test_a_new_id_of_a_session_has_proven_nothing(found: Found) -> None:
    async with led(found) as (there, box, lea):
        await lea.says("/leder")
        await proves(there, box, lea)
        page = await lea.browser.get("/link")
        [new] = page.find("//form[@action='/link']//button")
        await lea.browser.press(page, new)
        assert there.town.rows("SELECT count(*) FROM proofs") == [(0,)]
        await lea.says("/leder")
        assert ASKED in shown(lea)


async def test_the_code_of_another_session_does_nothing_here(found: Found) -> None:
    async with led(found) as (there, box, lea):
        await lea.says("/leder")
        await lea.taps("Send en kode på mail")
        await there.town.rest()
        code = code_in(box.mails[-1].text)
        thief = opened(there.town)
        await entered(thief, await own_link(lea.browser))
        page = await thief.get("/leder")
        page = await _typed(thief, page, code)
        assert "Koden er ikke bestilt her" in said(page)
        assert there.town.rows("SELECT count(*) FROM proofs") == [(0,)]


async def _typed(browser: Browser, page: Page, text: str) -> Page:
    form = page.panel_form("/skriv")
    assert form is not None
    page.areas("text")[0].value = text
    return await browser.press(page, page.buttons(form)[0].element)


async def test_who_came_in_by_a_mail_gets_no_code_by_mail(found: Found) -> None:
    """Anna comes in by a link that was mailed to her, and is given a role in that session: the mailbox would be both
    things."""
    async with served(found, steps="plan", strict=True) as (town, box):
        await confirmed(town, box)
        await meets(town)
        link = link_of(box.mails[-1], "Se mødet")
        browser = opened(town)
        page = await browser.get(link)
        [button] = [each for each in page.buttons() if each.label == "Se mødet"]
        page = await browser.press(page, button.element)
        [ask] = page.find("//form[contains(@action, '/link')]//button")
        await browser.press(page, ask)
        await town.rest()
        await pressed(town, link_of(box.mails[-1], "Gå til mine svar"), "Gå til mine svar", browser)
        assert town.rows("SELECT came_by FROM sessions WHERE came_by <> ''") == [("mail",)]
        code = await town.invites("leader")
        page = await browser.get(f"/i/{code}")
        [use] = page.find(f"//form[@action='/i/{code}']//button")
        await browser.press(page, use)
        page = await browser.get("/leder")
        assert ASKED in said(page) and [each.label for each in page.buttons() if "mail" in each.label] == []
        assert town.rows("SELECT address FROM sessions WHERE came_by = 'mail'") != []
        mails = len(box.mails)
        fields = [("csrf", token(page)), ("tap", "1:1:0:o0")]
        await posted(browser, "/tryk", fields)
        await town.rest()
        assert len(box.mails) == mails
        assert ANNA in {mail.to for mail in box.mails}


async def test_who_has_the_link_alone_brings_no_other_channel_in(found: Found) -> None:
    """A chat of theirs would get the next code."""
    async with mailbox() as box, cast(found, "telegram", "leader", strict=True, pages=True, smtp=box.url()) as there:
        town = there.town

        def web_link(tx: Tx) -> str:
            return personal_link.make(there.session(tx, "leader"))

        thief = opened(town)
        await entered(thief, await town.runtime.database.write(web_link))
        page = await thief.get("/link")
        [button] = page.find("//form[@action='/link/telegram']//button")
        page = await thief.press(page, button)
        assert ASKED in said(page)
        assert town.rows("SELECT count(*) FROM moves") == [(0,)]


@pytest.mark.parametrize("for_codes", [False, True])
async def test_an_address_given_without_a_proof_takes_no_codes(found: Found, *, for_codes: bool) -> None:
    async with mailbox() as box, cast(found, "web", "leader", strict=True, smtp=box.url()) as there:

        def ways(tx: Tx) -> tuple[Way, ...]:
            s = there.session(tx, "leader")
            email_addresses.put(tx, s.person.id, MAIL, "k" * 22, "hash", s.visit.now, for_codes=for_codes)
            email_addresses.confirm(tx, s.person.id, s.visit.now)
            assert people.roles(tx, s.person.id) == {"leader"}
            return proving.ways(s)

        assert await there.town.runtime.database.write(ways) == ((Way.MAIL,) if for_codes else ())

"""A holder of a role shows on a page, for their chat, who they are: a link that is worth nothing without that very
person's passkey or municipal login, and lets nobody in anywhere (docs/decisions/0040)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot.access import Role
from bot.channels.telegram import render
from bot.channels.telegram.poller import incoming, is_numbered
from bot.dialogue.reply import Reply, Screen
from bot.dialogue.session import TELEGRAM
from bot.features.second_proof import chat_page, proving
from bot.features.second_proof.service import CODE_LASTS, Way
from bot.flows.schedule import HOUR
from storage import municipal_logins, people
from storage.db import Tx
from storage.inbox import OURS
from tests.support.authenticator import Authenticator
from tests.support.cast import Cast, cast
from tests.support.chat import Clock, Found, OnTelegram
from tests.support.pages import Browser, Page
from tests.support.provider import CLIENT, SECRET, Provider, provider
from tests.support.visitors import posted

ASKED, PROVEN = "Vis, at det er dig", "Tak. Nu ved vi, at det er dig."
OVER = "Linket virker ikke længere"
LINK = re.compile(r"(http://localhost:\d+)(/bevis/chat/([A-Za-z0-9_-]{22}))(?!\S)")


@dataclass
class Asked:
    """Lea leads from her phone, and has a passkey on another device."""

    there: Cast
    lea: OnTelegram
    key: Authenticator
    browsers: list[Browser] = field(default_factory=list)

    @property
    def town(self) -> Any:
        return self.there.town

    def link(self) -> str:
        """The path of the page, as it was told last."""
        found = LINK.search("\n".join(self.lea.sees()))
        assert found is not None
        self.town.said.append(found[3])  # it is to stand neither in the log nor in the database
        return found[2]

    def browser(self) -> Browser:
        """Of somebody who has never been here."""
        browser = Browser(self.town.home.replace("127.0.0.1", "localhost"), "da")
        self.town.browsers.append(browser)
        return browser

    async def shows(self, browser: Browser, path: str, key: Authenticator | None = None) -> Page:
        page = await browser.get(path)
        return await self.sends(browser, page, path, (key or self.key).signs(options_of(page)))

    async def sends(self, browser: Browser, page: Page, path: str, credential: str) -> Page:
        [form] = page.find("//form[@data-passkey]")
        fields = [(each.get("name", ""), each.get("value", "")) for each in page.find(".//input", form)]
        fields = [(name, credential if name == "credential" else value) for name, value in fields]
        status, _, source, location = await posted(browser, path, fields)
        await self.town.rest()
        return await browser.get(location) if location else Page(path, status, source)

    def proofs(self) -> list[tuple[Any, ...]]:
        return list(self.town.rows("SELECT channel, way FROM proofs"))


def options_of(page: Page) -> str:
    [form] = page.find("//form[@data-passkey]")
    return str(form.get("data-options"))


def said(page: Page) -> str:
    return "\n".join(str(text) for text in page.tree.itertext())


@asynccontextmanager
async def asked(found: Found, *others: str, **kind: Any) -> AsyncIterator[Asked]:
    async with cast(found, TELEGRAM, "leader", *others, strict=True, pages=True, **kind) as there:
        lea = there.people["leader"]
        assert isinstance(lea, OnTelegram)
        home = there.town.home.replace("127.0.0.1", "localhost")
        there.town.runtime.process_host.web = home
        key = Authenticator(home)

        def own(tx: Tx) -> None:
            s = there.session(tx, "leader")
            key.belongs_to(tx, s.person.id, s.visit.now - HOUR)

        await there.town.runtime.database.write(own)
        lea.sees()
        yield Asked(there, lea, key)


async def wants(lea: OnTelegram, what: str = "Kontakter") -> None:
    await lea.says("/leder")
    lea.sees()
    await lea.taps(what)


async def killed_before_anybody_is_woken(there: Asked, path: str) -> None:
    """What the page has done, and nobody has told the chat's queue."""

    def used(tx: Tx) -> None:
        found = chat_page.by_code(tx, there.town.runtime.context, path.rpartition("/")[2], int(there.town.clock.now))
        assert found is not None
        proving.prove(found[0], Way.PASSKEY)
        chat_page.proven(*found)

    await there.town.runtime.database.write(used)


# --- it opens what was asked for --------------------------------------------------------------------------


async def test_what_was_pressed_in_the_chat_opens_there_when_the_passkey_was_shown_on_the_page(found: Found) -> None:
    async with asked(found) as there:
        await wants(there.lea)
        page = await there.shows(there.browser(), there.link())
        assert (page.status, "Gå tilbage til chatten" in said(page)) == (200, True)
        seen = "".join(there.lea.sees())
        assert PROVEN in seen and "Kontakter" in seen and ASKED not in seen
        assert there.proofs() == [(TELEGRAM, "passkey")]
        await wants(there.lea, "Høringssvar")
        assert ASKED not in "".join(there.lea.sees())  # good for the session


async def test_the_export_comes_by_itself_into_the_chat(found: Found) -> None:
    async with asked(found) as there:
        await there.lea.says("/eksport csv")
        await there.shows(there.browser(), there.link())
        assert "Spørgsmål nr." in there.lea.phone.document.decode()


async def test_who_went_elsewhere_in_the_chat_is_told_and_stays_there(found: Found) -> None:
    async with asked(found) as there:
        await wants(there.lea)
        path = there.link()
        await there.lea.says("/leder")
        there.lea.sees()
        await there.shows(there.browser(), path)
        seen = "".join(there.lea.sees())
        assert PROVEN in seen and "Kontakter" not in seen
        assert there.proofs() == [(TELEGRAM, "passkey")]


async def test_a_restart_between_the_page_and_the_chat_loses_nothing(found: Found) -> None:
    """The chat's part is in the inbox with the proof, in one transaction."""
    async with asked(found) as there:
        await wants(there.lea)
        path = there.link()
        await killed_before_anybody_is_woken(there, path)
        assert there.lea.sees() == []
        home = there.town.runtime.process_host.web
        await there.town.down()
        await there.town.up()
        there.town.runtime.process_host.web = home
        await there.town.rest()
        assert PROVEN in "".join(there.lea.sees())
        assert there.proofs() == [(TELEGRAM, "passkey")]


async def test_who_has_no_passkey_is_offered_no_page(found: Found) -> None:
    async with asked(found) as there:
        await there.town.runtime.database.write(lambda tx: tx.run("DELETE FROM passkeys"))
        await wants(there.lea)
        seen = "".join(there.lea.sees())
        assert ASKED in seen and "/bevis/chat/" not in seen and "Lav et nyt link" not in seen
        assert there.town.rows("SELECT count(*) FROM proof_links") == [(0,)]


# --- and nothing to anybody else --------------------------------------------------------------------------


async def test_looking_at_the_page_changes_nothing_and_lets_nobody_in(found: Found) -> None:
    async with asked(found) as there:
        await wants(there.lea)
        path, browser = there.link(), there.browser()

        def everything() -> list[list[tuple[Any, ...]]]:
            tables = ("proofs", "proof_links", "sessions", "people", "addresses", "audit", "inbox")
            return [list(there.town.rows(f"SELECT * FROM {table}")) for table in tables]

        before = everything()
        for _ in range(3):
            page = await browser.get(path)
            assert page.status == 200 and "Du bliver ikke logget ind" in said(page)
        assert everything() == before
        assert (await browser.get("/leder")).status == 404
        await there.shows(browser, path)
        assert (await browser.get("/leder")).status == 404  # proven in the chat, and a stranger here all the same
        assert there.town.rows("SELECT count(*) FROM sessions") == [(0,)]


async def test_another_persons_passkey_proves_nothing(found: Found) -> None:
    """A deputy's, and one of nobody's: the link was forwarded to them."""
    async with asked(found, "deputy") as there:
        home = there.key.origin
        dorte, nobody = Authenticator(home), Authenticator(home)

        def own(tx: Tx) -> None:
            s = there.there.session(tx, "deputy")
            dorte.belongs_to(tx, s.person.id, s.visit.now - HOUR)

        await there.town.runtime.database.write(own)
        await wants(there.lea)
        path = there.link()
        for key in (dorte, nobody):
            page = await there.shows(there.browser(), path, key)
            assert "Adgangsnøglen blev ikke brugt" in said(page)
        forged = Authenticator(home, id=there.key.id)  # names Lea's key, and signs with its own
        assert "Adgangsnøglen blev ikke brugt" in said(await there.shows(there.browser(), path, forged))
        assert there.proofs() == [] and there.lea.sees() == []


async def test_a_link_is_used_once_and_what_was_signed_is_taken_nowhere_else(found: Found) -> None:
    async with asked(found) as there:
        await wants(there.lea)
        path, browser = there.link(), there.browser()
        page = await browser.get(path)
        signed = there.key.signs(options_of(page))
        await there.sends(browser, page, path, signed)
        assert there.proofs() == [(TELEGRAM, "passkey")]
        there.lea.sees()
        again = await there.sends(browser, page, path, signed)
        assert (again.status, OVER in said(again)) == (404, True)
        assert (await there.browser().get(path)).status == 404
        await there.town.runtime.database.write(lambda tx: tx.run("DELETE FROM proofs"))
        await wants(there.lea)
        other = there.link()
        page = await browser.get(other)
        assert "Adgangsnøglen blev ikke brugt" in said(await there.sends(browser, page, other, signed))
        assert there.proofs() == []


async def test_what_was_signed_for_one_link_does_not_serve_the_next(found: Found) -> None:
    async with asked(found) as there:
        await wants(there.lea)
        first, browser = there.link(), there.browser()
        signed = there.key.signs(options_of(await browser.get(first)))
        await there.lea.taps("Lav et nyt link til siden", after=0)
        second = there.link()
        assert second != first and (await browser.get(first)).status == 404
        page = await browser.get(second)
        assert "Adgangsnøglen blev ikke brugt" in said(await there.sends(browser, page, second, signed))
        assert there.proofs() == []


async def test_a_link_is_over_after_ten_minutes(found: Found) -> None:
    async with asked(found) as there:
        await wants(there.lea)
        path, browser = there.link(), there.browser()
        page = await browser.get(path)
        there.town.clock.now += CODE_LASTS
        signed = there.key.signs(options_of(page))
        sent = await there.sends(browser, page, path, signed)
        assert (sent.status, OVER in said(sent)) == (404, True)
        assert (await browser.get(path)).status == 404
        assert there.proofs() == []
        await there.lea.taps("Lav et nyt link til siden")
        await there.shows(browser, there.link())
        assert there.proofs() == [(TELEGRAM, "passkey")]


async def test_a_role_taken_away_meanwhile_closes_the_link(found: Found) -> None:
    async with asked(found) as there:
        await wants(there.lea)
        path, browser = there.link(), there.browser()
        page = await browser.get(path)

        def take(tx: Tx) -> None:
            people.take_role(tx, there.there.session(tx, "leader").person.id, Role.LEADER)

        await there.town.runtime.database.write(take)
        sent = await there.sends(browser, page, path, there.key.signs(options_of(page)))
        assert (sent.status, there.proofs(), there.lea.sees()) == (404, [], [])


async def test_a_role_taken_away_before_the_chat_goes_on_opens_nothing_there(found: Found) -> None:
    async with asked(found) as there:
        await wants(there.lea)
        path = there.link()
        await killed_before_anybody_is_woken(there, path)

        def take(tx: Tx) -> None:
            people.take_role(tx, there.there.session(tx, "leader").person.id, Role.LEADER)

        await there.town.runtime.database.write(take)
        there.town.runtime.wake_inbox.set()
        await there.town.rest()
        assert "Kontakter" not in "".join(there.lea.sees())


async def test_who_has_left_the_chat_proves_nothing_for_it(found: Found) -> None:
    async with asked(found) as there:
        await wants(there.lea)
        path, browser = there.link(), there.browser()
        page = await browser.get(path)

        def leave(tx: Tx) -> None:
            s = there.there.session(tx, "leader")
            people.step_out(tx, s.visit.channel, s.visit.address, s.person.id)

        await there.town.runtime.database.write(leave)
        sent = await there.sends(browser, page, path, there.key.signs(options_of(page)))
        assert (sent.status, there.proofs()) == (404, [])
        assert there.town.rows("SELECT count(*) FROM proof_links") == [(0,)]


async def test_it_counts_for_the_person_of_the_link_and_not_in_another_municipalitys_process(found: Found) -> None:
    """The same account leads two processes, and is asked in the other one when the page is used: nothing opens
    there."""
    async with asked(found) as there:
        await wants(there.lea)
        path = there.link()
        theirs = await there.town.runtime.database.write(lambda tx: _leads_there_too(tx, there))
        await wants(there.lea)
        there.lea.sees()
        await there.shows(there.browser(), path)
        assert there.lea.sees() == [PROVEN]
        rows = there.town.rows("SELECT person_id, channel, way FROM proofs")
        assert [(row[0] == theirs, *row[1:]) for row in rows] == [(False, TELEGRAM, "passkey")]
        await wants(there.lea)
        assert ASKED in "".join(there.lea.sees())


def _leads_there_too(tx: Tx, there: Asked) -> int:
    """And is there now; with a yes to the notice."""
    s = there.there.session(tx, "leader")
    plan = next(each for each in s.process_host.plans(tx) if each.process_id != s.plan.process_id)
    person = people.add(tx, plan.process_id, "lea derovre", "da", s.visit.now)
    people.accept_notice(tx, person, plan.notice.version, s.visit.now)
    people.grant(tx, person, Role.LEADER, s.visit.now)
    people.enter(tx, s.visit.channel, s.visit.address, person, s.visit.now + 1)
    return person


async def test_made_up_links_are_slowed_down(found: Found) -> None:
    async with asked(found) as there:
        browser = there.browser()
        seen = [(await browser.get(f"/bevis/chat/{number:022}")).status for number in range(12)]
        assert seen[:10] == [404] * 10 and seen[-1] == 429


def test_what_we_put_into_the_inbox_cannot_come_from_telegram() -> None:
    """It has a number and a name that nothing from outside gets."""
    raw = {"update_id": 7, OURS: {"chat": 1, "proven": 1, "path": "kontakter"}}
    assert incoming(raw).update == {"update_id": 7}
    assert not is_numbered({**raw, "update_id": -7})


# --- the municipality's sign-in ---------------------------------------------------------------------------


@asynccontextmanager
async def with_sign_in(found: Found, tmp_path: Path) -> AsyncIterator[tuple[Asked, Provider]]:
    clock, secret = Clock(), tmp_path / "oidc.secret"
    secret.write_text(SECRET)
    async with provider(clock) as municipal:
        settings = {
            "oidc_issuer": municipal.issuer,
            "oidc_client_id": CLIENT,
            "oidc_client_secret_file": str(secret),
        }
        async with asked(found, clock=clock, more=settings) as there:

            def note(tx: Tx) -> None:
                s = there.there.session(tx, "leader")
                hashed = municipal_logins.hash_of(tx, municipal.issuer, municipal.subject)
                municipal_logins.put(tx, s.person.id, hashed, s.visit.now)

            await there.town.runtime.database.write(note)
            yield there, municipal


async def away(browser: Browser, path: str) -> str:
    """Where the page's link to the sign-in leads."""
    async with browser.session.get(f"{browser.home}{path}/kommune", allow_redirects=False) as response:
        assert response.status == 303
        return response.headers["Location"]


async def back(there: Asked, browser: Browser, address: str) -> Page:
    page = await browser.get(address)
    await there.town.rest()
    return page


async def test_the_municipalitys_login_opens_in_the_chat_what_was_asked_for(found: Found, tmp_path: Path) -> None:
    async with with_sign_in(found, tmp_path) as (there, municipal):
        await wants(there.lea)
        path, browser = there.link(), there.browser()
        page = await browser.get(path)
        assert "Brug kommunens login" in [link.label for link in page.links()]
        page = await back(there, browser, municipal.signs_in(await away(browser, path)))
        assert (page.status, "Gå tilbage til chatten" in said(page)) == (200, True)
        assert PROVEN in "".join(there.lea.sees())
        assert there.proofs() == [(TELEGRAM, "municipality")]
        assert (await browser.get("/leder")).status == 404


async def test_another_login_another_browser_or_a_used_state_proves_nothing_in_the_chat(
    found: Found, tmp_path: Path
) -> None:
    async with with_sign_in(found, tmp_path) as (there, municipal):
        await wants(there.lea)
        path, browser, other = there.link(), there.browser(), there.browser()
        assert await away(browser, path) == path  # without a cookie it would not be known again
        await browser.get(path)
        await other.get(path)
        came = municipal.signs_in(await away(browser, path))
        assert (await back(there, other, came)).status == 403
        subject, municipal.subject = municipal.subject, "en.anden@kommunen"
        assert (await back(there, browser, municipal.signs_in(await away(browser, path)))).status == 403
        assert there.proofs() == []
        municipal.subject = subject
        came = municipal.signs_in(await away(browser, path))
        assert (await back(there, browser, came.replace("chat.", "use."))).status == 404
        assert (await back(there, browser, came)).status == 200
        await there.town.runtime.database.write(lambda tx: tx.run("DELETE FROM proofs"))
        assert (await back(there, browser, came)).status == 403
        assert there.proofs() == []


@pytest.mark.parametrize("url", ["http://localhost:8080/x", "https://besyv.eksempel.dk/x", "/x"])
def test_a_chat_draws_a_button_where_telegram_takes_one_and_the_address_where_it_does_not(url: str) -> None:
    [drawn] = render.draw(Reply(language="da", screen=Screen.PANEL, title="Bevis", links=(("Brug", url),)))
    keyboard = {"inline_keyboard": [[{"text": "Brug", "url": url}]]} if url.startswith("https") else None
    assert (drawn.keyboard, url in drawn.html) == (keyboard, url.startswith("http://"))

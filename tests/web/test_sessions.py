"""Sessions on the web: what starts one, what ends one, and who can neither take it away nor put one there.

The attacks are those of an authorised test of the running product; each was seen to succeed before sessions were apart
from links (docs/decisions/0032).
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable

import pytest
from yarl import URL

from bot.channels.web.session import COOKIE, Visitor
from bot.flows.schedule import DAY, HOUR
from storage import people, sessions
from storage.db import Tx
from tests.support.chat import Found, Town
from tests.support.mail_readers import ANNA, confirmed, link_of, meets, pressed, said, served
from tests.support.mailbox import Mailbox, Received
from tests.support.pages import Browser, Page
from tests.support.patience import PATIENCE
from tests.support.visitors import arrived, at_step, entered, opened, posted, sent, token

FOREIGN = (
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://ond.example"},
    {"Origin": "//["},  # what is no origin
    {"Origin": "x"},
)


def cookie_of(browser: Browser) -> str:
    return browser.cookies().get(COOKIE, "")


def with_cookie(town: Town, value: str) -> Browser:
    browser = opened(town)
    browser.session.cookie_jar.update_cookies({COOKIE: value}, URL(town.home))
    return browser


async def leads(town: Town, browser: Browser) -> None:
    code = await town.invites("leader")
    page = await browser.get(f"/i/{code}")
    [button] = page.find(f"//form[@action='/i/{code}']//button")
    await browser.press(page, button)


async def own_link(browser: Browser) -> str:
    page = await browser.get("/link")
    return str(page.find("//*[@id='link']")[0].text_content()).strip()


# --- nobody takes a session away --------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/sprog", "/", "/tryk", "/log-ud", "/findes-ikke", "/stop", "/fil", "/mail/x/stop"])
async def test_a_form_on_another_site_takes_no_session_away(found: Found, path: str) -> None:
    """The browser sends it without the cookie; what comes back must not be a new one (finding 2)."""
    async with found(channel="web", steps="borger") as town:
        for headers in FOREIGN:
            status, answered, *_ = await posted(opened(town), path, [("language", "en")], headers)
            assert status in (403, 404)
            assert "Set-Cookie" not in answered


@pytest.mark.parametrize("headers", FOREIGN)
async def test_a_form_on_another_site_does_nothing_even_with_cookie_and_token(
    found: Found, headers: dict[str, str]
) -> None:
    async with found(channel="web", steps="borger") as town:
        browser, page = await at_step(town, "borger")
        fields = [("csrf", token(page)), ("text", "Må ikke gå tabt"), ("do", "next"), ("number", "0")]
        status, _, text, _ = await posted(browser, "/trin/borger/B5", fields, headers)
        assert (status, "Knappen stod på en anden hjemmeside" in text, "Må ikke gå tabt" in text) == (403, True, True)
        assert town.rows("SELECT count(*) FROM answers JOIN runs ON runs.id = run_id WHERE flow = 'borger'") == [(0,)]
        page = await sent(browser, await browser.get(page.url), [("text", "Nu herfra"), ("do", "next")])
        assert page.url.endswith("/B3")


async def test_no_refusal_carries_a_cookie_and_a_first_look_does(found: Found) -> None:
    async with found(channel="web", steps="borger") as town:
        for method, path in (("GET", "/findes-ikke"), ("GET", "/s/" + "A" * 22), ("GET", "/leder"), ("PUT", "/")):
            async with opened(town).session.request(method, town.home + path) as response:
                assert (path, response.status >= 400, "Set-Cookie" in response.headers) == (path, True, False)
        for path in ("/", "/hjaelp", "/i/hoering"):
            async with opened(town).session.get(town.home + path) as response:
                assert (path, "Set-Cookie" in response.headers) == (path, True)
        async with opened(town).session.get(town.home, headers={"Sec-Fetch-Mode": "no-cors"}) as response:
            assert "Set-Cookie" not in response.headers  # a picture on another page
        async with opened(town).session.head(town.home) as response:
            assert "Set-Cookie" not in response.headers


async def test_a_page_for_who_has_a_session_never_changes_the_cookie(found: Found) -> None:
    async with found(channel="web", steps="borger") as town:
        browser, _ = await at_step(town, "borger")
        before = cookie_of(browser)
        for path in ("/", "/hjaelp", "/link", "/mine", "/findes-ikke", "/i/hoering"):
            await browser.get(path)
        assert cookie_of(browser) == before


# --- nobody puts one there --------------------------------------------------------------------------------


async def test_a_cookie_that_the_server_did_not_make_is_nobodys_and_stays_so(found: Found) -> None:
    """Planted beforehand, it becomes neither the person nor the leader (finding 5)."""
    async with found(channel="web", steps="borger") as town:
        for planted in ("A" * 22, "t" + "A" * 22, f"{'A' * 22}.{'B' * 22}", "x"):
            victim = with_cookie(town, planted)
            page = await victim.get("/")
            assert page.is_front
            assert cookie_of(victim) != planted
            await victim.press(page, next(each.element for each in page.buttons() if each.label == "Jeg er med"))
            assert (await victim.get("/mine")).status == 200
            assert (await with_cookie(town, planted).get("/mine")).url == f"{town.home}/"


@pytest.mark.parametrize("made_up", ["A" * 22, "t" + "A" * 22])
async def test_a_form_with_a_cookie_that_the_server_did_not_make_begins_nothing(found: Found, made_up: str) -> None:
    """Whoever makes the cookie makes the token too: it is neither a way in without a page of ours, nor what a session
    hangs on that begins in a browser where somebody has put it."""
    async with served(found, steps="borger") as (town, box):
        anna = await confirmed(town, box)
        secret = (await own_link(anna.browser)).rpartition("/")[2]
        forged = Visitor(made_up, "da", town.runtime.database.keys.derived).token
        everybody = town.rows("SELECT id FROM people"), town.rows("SELECT id_hash FROM sessions")
        notice = town.runtime.process_host
        version = await town.runtime.database.read(lambda tx: notice.plan(tx).notice.version)
        for path in ("/", f"/s/{secret}", f"/i/{await town.invites('leader')}"):
            fields = [("csrf", forged), ("code", ""), ("notice", version)]
            status, headers, text, to = await posted(with_cookie(town, made_up), path, fields)
            assert (path, status, "Set-Cookie" in headers) == (path, 303 if path.startswith("/i/") else 403, False)
            assert "Siden er udløbet" in text or to == path
        assert (town.rows("SELECT id FROM people"), town.rows("SELECT id_hash FROM sessions")) == everybody


async def test_the_yes_gives_a_new_id_and_the_one_before_is_nobodys(found: Found) -> None:
    async with found(channel="web", steps="borger") as town:
        victim = opened(town)
        page = await victim.get("/")
        planted = cookie_of(victim)  # made by the server, for the attacker
        await victim.press(page, next(each.element for each in page.buttons() if each.label == "Jeg er med"))
        town.clock.now += 60
        assert cookie_of(victim) != planted
        assert (await with_cookie(town, planted).get("/")).is_front


async def test_a_role_and_coming_in_give_a_new_id_and_the_one_before_is_nobodys(found: Found) -> None:
    async with found(channel="web", steps="borger") as town:
        browser, _ = await at_step(town, "borger")
        other, _ = await at_step(town, "borger")
        before = cookie_of(browser)
        await leads(town, browser)
        assert (await browser.get("/leder")).status == 200
        assert cookie_of(browser) != before
        town.clock.now += 60
        assert (await with_cookie(town, before).get("/leder")).status == 404
        before = cookie_of(other)
        await entered(other, await own_link(browser))
        assert cookie_of(other) != before
        town.clock.now += 60
        assert (await with_cookie(town, before).get("/mine")).url == f"{town.home}/"


async def test_a_browser_that_never_got_its_new_id_is_let_in_by_the_one_before(found: Found) -> None:
    """The answer was lost on its way, or the process was killed: nobody loses their answers by that."""
    async with found(channel="web", steps="borger") as town:
        browser, _ = await at_step(town, "borger")
        before, code = cookie_of(browser), await town.invites("steering")
        page = await browser.get(f"/i/{code}")
        await posted(browser, f"/i/{code}", [("csrf", token(page))])  # and where it leads is never asked for
        lost, never_came = with_cookie(town, before), cookie_of(browser)
        assert (await lost.get("/")).is_front
        lost = with_cookie(town, before)
        town.clock.now += sessions.LOST_AFTER
        assert (await lost.get("/daekning")).status == 200
        assert cookie_of(lost) == before
        assert (await with_cookie(town, never_came).get("/")).is_front


async def test_pressed_twice_at_once_the_yes_lets_one_person_in(found: Found) -> None:
    async with found(channel="web", steps="borger") as town:
        browser = opened(town)
        page = await browser.get("/")
        [yes] = [each.element for each in page.buttons() if each.label == "Jeg er med"]
        await browser.press(page, yes, times=3)
        assert town.rows("SELECT count(*) FROM people") == [(1,)]
        assert town.rows("SELECT count(*) FROM sessions") == [(1,)]
        assert not (await browser.get("/")).is_front


# --- a session ends ---------------------------------------------------------------------------------------


async def test_logged_out_is_logged_out_with_us_too(found: Found) -> None:
    """The same cookie afterwards leads nowhere (finding 4)."""
    async with found(channel="web", steps="borger") as town:
        browser, page = await at_step(town, "borger")
        await leads(town, browser)
        kept = cookie_of(browser)
        fields = [("csrf", token(await browser.get(page.url)))]
        status, headers, text, _ = await posted(browser, "/log-ud", fields)
        assert (status, "Du er logget ud på denne enhed" in text) == (200, True)
        assert headers["Clear-Site-Data"] == '"cache", "storage"'
        again = with_cookie(town, kept)
        assert ((await again.get("/leder")).status, (await again.get("/")).is_front) == (404, True)


@pytest.mark.parametrize(("role", "unused", "longest"), [(False, 30 * DAY, 90 * DAY), (True, 12 * HOUR, 7 * DAY)])
async def test_a_session_ends_unused_and_after_its_time(found: Found, *, role: bool, unused: int, longest: int) -> None:
    assert (sessions.UNUSED[role], sessions.LONGEST[role]) == (unused, longest)
    async with found(channel="web", steps="borger") as town:
        browser, _ = await at_step(town, "borger")
        if role:
            await leads(town, browser)
        began = int(town.clock.now)
        while town.clock.now + unused - HOUR < began + longest:
            town.clock.now += unused - HOUR
            assert not (await browser.get("/")).is_front
        town.clock.now = began + longest
        assert "Du er logget ud på denne enhed." in said(await browser.get("/"))
        browser, _ = await at_step(town, "borger")
        if role:
            await leads(town, browser)
        town.clock.now += unused
        assert (await browser.get("/")).is_front


async def test_a_new_link_closes_sessions_links_mails_and_the_calendar(found: Found) -> None:
    async with served(found, steps="borger") as (town, box):
        anna = await confirmed(town, box)
        other, link = opened(town), await own_link(anna.browser)
        await entered(other, link)
        page = await anna.browser.get("/link")
        [button] = page.find("//form[@action='/link']//button")
        await anna.browser.press(page, button)
        assert (await other.get("/")).is_front
        assert (await opened(town).get(link)).status == 404
        assert not (await anna.browser.get("/")).is_front
        assert town.rows("SELECT count(*) FROM outbox WHERE code_hash IS NOT NULL AND NOT links_closed") == [(0,)]
        assert town.rows("SELECT count(*) FROM calendars") == [(0,)]


# --- looking changes nothing ------------------------------------------------------------------------------


async def test_a_link_that_is_looked_at_stores_nobody_and_moves_nobody(found: Found) -> None:
    async with found(channel="web", steps="borger") as town:
        browser, page = await at_step(town, "borger")
        link = await own_link(browser)

        def everything() -> list[object]:
            tables = ("people", "addresses", "capacities", "sessions", "prompts", "failed_codes", "personal_links")
            return [town.rows(f"SELECT * FROM {table}") for table in tables]

        before = everything()
        for path in ("/i/hoering", "/i/borger", "/i/i-AAAAAAAAAAAAAAAAAAAAAA"):
            await browser.get(path)
            await opened(town).get(path)
        await opened(town).get(link)
        assert everything() == before
        assert (await browser.get("/")).url == page.url


# --- what a mail opens ------------------------------------------------------------------------------------


async def reminded(town: Town, box: Mailbox) -> Received:
    """Anna has not sent her answers, and is reminded of the deadline."""
    await confirmed(town, box)
    for _ in range(16):
        town.clock.now += DAY // 2
        await town.looks()
    [*_, mail] = [each for each in box.mails if f"\n{ON}: " in each.text]
    return mail


def way_on(mail: Received) -> tuple[str, str]:
    return link_of(mail, ON), ON


ON = "Fortsæt"
PLAN = "plan closes 2026-03-12 12:00"
REACH = (
    "/mine",
    "/mine.json",
    "/slet",
    "/link",
    "/ret",
    "/mail",
    "/moeder",
    "/leder",
    "/rolle",
    "/kalender",
    "/sammen",
)


async def test_a_mail_opens_its_step_alone(found: Found) -> None:
    async with served(found, steps=PLAN) as (town, box):
        mail = await reminded(town, box)
        browser = opened(town)
        there = await pressed(town, *way_on(mail), browser)
        assert "/trin/plan/" in there.url
        for path in REACH:
            page = await browser.get(path)
            assert (path, page.status, "Du skal bruge dit eget link" in said(page)) == (path, 403, True)
        for path in ("/stop", "/forlad", "/link", "/eksport", "/kalender", "/link/telegram"):
            status, *_ = await posted(browser, path, [("csrf", token(there)), ("do", "make"), ("format", "csv")])
            assert (path, status) == (path, 403)
        there = await sent(browser, there, [("idea", "Skrevet fra mailen"), ("do", "next")])
        assert town.rows("SELECT count(*) FROM answers JOIN runs ON runs.id = run_id WHERE flow = 'plan'") == [(1,)]
        town.said.append("Skrevet fra mailen")


async def test_who_came_in_by_a_mail_can_log_out_from_every_page_of_theirs(found: Found) -> None:
    async with served(found, steps=PLAN) as (town, box):
        browser = opened(town)
        there = await pressed(town, *way_on(await reminded(town, box)), browser)
        before = town.rows("SELECT count(*) FROM sessions")
        for page in (await browser.get("/mine"), there):
            [out] = page.find("//form[@action='/log-ud']//button")
            assert out.text_content() == "Log ud"
        await browser.press(there, out)
        assert town.rows("SELECT count(*) FROM sessions") == [(before[0][0] - 1,)]
        assert (await browser.get("/")).is_front


async def test_a_button_that_the_mail_does_not_have_does_nothing(found: Found) -> None:
    """Finding 1: any verb with the number of the message let one in as the recipient."""
    async with served(found, steps=PLAN) as (town, box):
        mail = await reminded(town, box)
        link, _ = way_on(mail)
        path, row = link.removeprefix(town.home).rpartition("/")[0], link.rpartition("/")[2][1:]
        for verb in "gErcqzatxvkpnduslbe":
            browser = opened(town)
            page = await browser.get(f"{path}/{verb}{row}")
            await posted(browser, f"{path}/{verb}{row}", [("csrf", token(page))])
            shown = await browser.get("/")
            assert (verb, shown.is_front or verb == "g") == (verb, True)
            assert (await browser.get("/mine.json")).status == 403 or shown.is_front


async def test_a_mail_never_carries_a_role(found: Found) -> None:
    async with served(found, steps=PLAN) as (town, box):
        anna = await confirmed(town, box)
        await leads(town, anna.browser)
        for _ in range(12):
            town.clock.now += DAY // 2
            await town.looks()
        for mail in box.mails[1:]:
            for link in {word for word in mail.text.split() if "/besked/" in word}:
                browser = opened(town)
                page = await browser.get(link)
                for button in page.buttons():
                    await browser.press(page, button.element)
                assert (await browser.get("/")).is_front
                assert (await browser.get("/leder")).status == 404


async def test_who_has_lost_their_link_is_let_in_by_a_mail_once_and_within_half_an_hour(found: Found) -> None:
    async with served(found, steps=PLAN) as (town, box):
        await confirmed(town, box)
        await meets(town)
        link = link_of(box.mails[-1], "Se mødet")
        for tried in range(4):
            browser = opened(town)
            refused = await pressed(town, link, "Se mødet", browser)
            [ask] = [each for each in refused.buttons() if each.label == "Send mig en mail"]
            told = await browser.press(refused, ask.element)
            await town.rest()
            assert ("Kig i din indbakke" in said(told)) is (tried < 3)
        *_, first, second, last = box.mails
        assert (last.to, last.message["Subject"]) == (ANNA, "Gå til dine svar")
        there = await pressed(town, link_of(last, "Gå til mine svar"), "Gå til mine svar", browser)
        assert (await browser.get("/mine")).status == 200 and there.status == 200
        page = await opened(town).get(link_of(last, "Gå til mine svar"))
        assert "Gå til mine svar" not in [each.label for each in page.buttons()]
        town.clock.now += 30 * 60
        for mail in (first, second):
            page = await opened(town).get(link_of(mail, "Gå til mine svar"))
            assert "Gå til mine svar" not in [each.label for each in page.buttons()]


async def test_who_holds_a_role_is_let_in_by_no_mail(found: Found) -> None:
    async with served(found, steps=PLAN) as (town, box):
        anna = await confirmed(town, box)
        await meets(town)
        link = link_of(box.mails[-1], "Se mødet")
        browser = opened(town)
        refused = await pressed(town, link, "Se mødet", browser)
        await leads(town, anna.browser)
        [ask] = [each for each in refused.buttons() if each.label == "Send mig en mail"]
        await browser.press(refused, ask.element)
        await town.rest()
        assert "Gå til dine svar" not in [str(mail.message["Subject"]) for mail in box.mails]
        assert "Send mig en mail" not in said(await pressed(town, link, "Se mødet", opened(town)))


async def way_in(town: Town, box: Mailbox) -> tuple[str, str]:
    """The link of a mail that was asked for, which lets one in altogether."""
    await meets(town)
    browser = opened(town)
    refused = await pressed(town, link_of(box.mails[-1], "Se mødet"), "Se mødet", browser)
    [ask] = [each for each in refused.buttons() if each.label == "Send mig en mail"]
    await browser.press(refused, ask.element)
    await town.rest()
    return link_of(box.mails[-1], "Gå til mine svar"), "Gå til mine svar"


async def way_to_step(town: Town, box: Mailbox) -> tuple[str, str]:
    return way_on(await reminded(town, box))


@pytest.mark.parametrize(("way", "has_come_in"), [(way_to_step, False), (way_to_step, True), (way_in, False)])
async def test_a_role_given_in_the_moment_a_mail_is_pressed_lets_nobody_in_by_it(
    found: Found, way: Callable[[Town, Mailbox], Awaitable[tuple[str, str]]], *, has_come_in: bool
) -> None:
    async with served(found, steps=PLAN) as (town, box):
        if way is way_in:
            await confirmed(town, box)
        link, label = await way(town, box)
        browser = opened(town)
        if has_come_in:
            await pressed(town, link, label, browser)
        page = await browser.get(link)
        [button] = [each for each in page.buttons() if each.label == label]
        before, sessions_before = cookie_of(browser), town.rows("SELECT id_hash FROM sessions ORDER BY id_hash")
        told = await _role_given_while(town, browser.press(page, button.element))
        assert town.rows("SELECT id_hash FROM sessions ORDER BY id_hash") == sessions_before
        assert cookie_of(browser) == before
        assert (told.status, "Du skal bruge dit eget link" in said(told)) == (
            (403, True) if way is way_to_step else (200, False)
        )


async def _role_given_while(town: Town, pressing: Awaitable[Page]) -> Page:
    """A role is given by a transaction that is under way when the press comes, and committed before the press's own."""
    database, pressed_too = town.runtime.database, threading.Event()

    def grant(tx: Tx) -> None:
        assert pressed_too.wait(PATIENCE)
        [person_id] = [row["person_id"] for row in tx.all("SELECT person_id FROM mailboxes")]
        people.grant(tx, person_id, "leader", int(town.clock.now))

    giving = asyncio.ensure_future(database.write(grant))
    press = asyncio.ensure_future(pressing)
    while not database._waiting and not press.done():  # noqa: ASYNC110  # nothing tells that a transaction waits
        await asyncio.sleep(0.01)
    pressed_too.set()
    await giving
    return await press


async def test_who_is_somebody_else_in_this_browser_is_asked_first(found: Found) -> None:
    async with served(found, steps=PLAN) as (town, box):
        mail = await reminded(town, box)
        bo = await arrived(town)
        before = cookie_of(bo)
        asked = await pressed(town, *way_on(mail), bo)
        assert "På denne enhed er der allerede svaret med et andet link." in said(asked)
        assert cookie_of(bo) == before
        [button] = [control for control in asked.buttons() if control.label == "Brug det nye link"]
        there = await bo.press(asked, button.element)
        assert "/trin/plan/" in there.url
        assert (await bo.get("/mine")).status == 403


async def test_the_links_of_mails_are_closed_with_their_address(found: Found) -> None:
    """Deleted, stopped, or another: what went to the old one opens nothing (finding 1)."""
    for how in ("/stop", "another", "the mail's own"):
        async with served(found, steps=PLAN) as (town, box):
            mail = await reminded(town, box)
            [anna] = list(town._visitors.values())
            if how == "/stop":
                await anna.says("/stop")
            elif how == "another":
                await anna.says("/mail")
                await anna.taps("Skriv en anden adresse")
                await anna.says("ny@nordby.example")
            else:
                await pressed(town, link_of(mail, "Stop beskeder på mail"), "Stop beskeder på mail")
            link, label = way_on(mail)
            page: Page = await opened(town).get(link)
            assert (how, page.status, label in [each.label for each in page.buttons()]) == (how, 200, False)
            assert ANNA in mail.to


# --- one's devices ----------------------------------------------------------------------------------------


async def test_where_one_is_logged_in_stands_under_ones_devices_and_each_is_logged_out_there(found: Found) -> None:
    async with served(found, steps=PLAN) as (town, box):
        anna = await confirmed(town, box)
        link = await own_link(anna.browser)
        phone = opened(town)
        phone.session.headers["User-Agent"] = "Mozilla/5.0 (Android 14; Mobile; rv:127.0) Gecko/127.0 Firefox/127.0"
        tablet = opened(town)
        for other in (phone, tablet):
            await entered(other, link)
            await other.get("/")
        await anna.says("/enheder")
        shown = "\n".join(anna.sees())
        assert "• En browser, vi ikke kender. Det er den enhed, du bruger nu." in shown
        assert "• Firefox på Android. Sidst brugt " in shown
        await anna.taps("Log ud: Firefox på Android")
        assert "Firefox på Android er logget ud." in "\n".join(anna.sees())
        assert ((await phone.get("/")).is_front, (await tablet.get("/")).is_front) == (True, False)
        await entered(phone, link)
        await anna.says("/devices")
        await anna.taps("Log alle andre ud")
        await anna.taps("Ja, log dem ud")
        assert "2 enheder er logget ud." in "\n".join(anna.sees())
        assert ((await phone.get("/")).is_front, (await tablet.get("/")).is_front) == (True, True)
        assert not (await anna.browser.get("/")).is_front


async def test_on_telegram_one_sees_ones_browsers_too(found: Found) -> None:
    async with found(steps="borger", pages=True) as town:
        anna = town.person("Anna")
        await anna.says("/start")
        for label in ("Jeg er med", "Borger", "Spring over", "Spring over"):
            await anna.taps(label)
        anna.sees()
        await anna.says("/web")
        link = next(word for text in anna.sees() for word in text.split() if "/s/" in word)
        browser = opened(town)
        await entered(browser, link)
        await anna.says("/enheder")
        shown = "\n".join(anna.sees())
        assert "• En browser, vi ikke kender. Sidst brugt " in shown and "• Telegram: din chat med os" in shown
        await anna.taps("Log ud: En browser, vi ikke kender")
        assert (await browser.get("/")).is_front
        anna.sees()
        await anna.says("/web")
        assert link in "\n".join(anna.sees())  # the same as before, not one more

"""Every kind of page there is, one after the other: what is measured on all of them is measured along this way."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable

from playwright.async_api import Locator, Page

from bot.codes import hash_of
from bot.features.meetings.service import scheduling
from bot.flows.model import Language, QuestionKind
from bot.process.file import MeetingKind
from storage import outbox
from storage.db import Tx
from storage.meetings import MeetingDetails, MeetingFacts
from storage.outbox import NewMessage
from storage.sealed_columns import EMAIL_CODE
from tests.support.browser.hands import Someone, Thumb
from tests.support.browser.opening import Pages
from tests.support.chat import Town

STEPS = "plan, linjer, vedtagelse, hoering"
NARROW = {"width": 320, "height": 640}  # WCAG 1.4.10: what 1280 pixels are at 400 %
HEARING = re.compile("Høring|Hearing")
GROUP = {"da": "Ansat i kommunen", "en": "Employee of the municipality"}
LOCALE = {"da": "da-DK", "en": "en-GB"}

_SINGLE = [
    kind for kind in QuestionKind if kind not in (QuestionKind.YES_NO, QuestionKind.CONTACT)
]  # these two are made like single and text

EVERY = {
    *("notice", "privacy", "help", "404", "statement", "no-such-link", "menu", "nav", "review", "receipt", "idle"),
    *map(str, QuestionKind),
    *(f"error-{kind}" for kind in _SINGLE),
    *(
        "paused",
        "newer",
        "correct",
        "mine",
        "link",
        "link-telegram",
        "erase",
        "objection",
        "language",
        "role-link",
        "role",
        "capacity",
    ),
    *("status", "other-link", "expired", "stopped", "logged-out", "erased", "devices"),
    *("leader", "picture", "split", "advice", "register", "panel-file", "panel-words", "once", "exports", "log"),
    *("mail", "mail-wrong", "mail-waiting", "mail-confirm", "mail-confirmed", "mail-works", "mail-stop"),
    *("message", "message-done", "old-letter", "meetings", "calendar", "calendar-made"),
}


async def _panels(page: Page, press: Callable[[Locator], Awaitable[None]]) -> AsyncIterator[tuple[str, Page]]:
    """A leader's: numbers in a table, a picture, a file asked for, words asked for, a link that is shown once."""

    async def on(path: str) -> None:
        """By the place of each button: `leder 4 1` is /leder, its fourth button, and there the first."""
        address, *places = path.split()
        await page.goto(f"/{address}")
        for place in places:
            await press(page.locator("#main form[action='/tryk'] button").nth(int(place) - 1))

    for name, path in (
        ("leader", "leder"),
        ("picture", "daekning 4"),
        ("split", "daekning 1"),
        ("advice", "leder 4"),
        ("register", "leder 6"),
        ("panel-file", "leder 6 1"),
        ("exports", "leder 17"),
        ("log", "leder 20"),
        ("panel-words", "leder 18 1 2"),
    ):
        await on(path)
        yield name, page
    await on("leder 18 1 1 1")
    await page.locator("#answer").fill("Besøgsvennerne")
    await press(page.locator("form[action='/skriv'] button"))
    assert await page.locator("img.made").count() == 1
    yield "once", page


async def _mail(
    pages: Pages, page: Page, press: Callable[[Locator], Awaitable[None]]
) -> AsyncIterator[tuple[str, Page]]:
    """A mail address from the question to the stop, what the links of a mail lead to, and a calendar of one's own."""
    town, main = pages.town, page.locator("#main button.main")
    town.runtime.process_host.mails = True
    await page.goto("/mail")
    yield "mail", page
    for typed, name in (("anna at nordby", "mail-wrong"), ("anna@nordby.example", "mail-waiting")):
        await page.locator("#answer").fill(typed)
        await press(main)
        yield name, page
    address, message = await town.runtime.database.write(lambda tx: _codes(town, tx))
    await page.goto(f"/mail/{address}")
    yield "mail-confirm", page
    await press(main)
    yield "mail-confirmed", page
    for name, path in (("mail-works", "/mail"), ("mail-stop", f"/mail/{address}/stop"), ("message", message)):
        await page.goto(path)
        yield name, page
    await press(main)
    yield "message-done", page
    for name, path in (("old-letter", f"/besked/{'A' * 22}"), ("meetings", "/moeder"), ("calendar", "/kalender")):
        await page.goto(path)
        yield name, page
    await press(main)
    yield "calendar-made", page


def _codes(town: Town, tx: Tx) -> tuple[str, str]:
    """The code in the mail that asks whether the address is theirs; and the link in an invitation that is out."""
    [(person, encrypted)] = [tuple(row) for row in tx.all("SELECT person_id, code FROM mailboxes")]
    now, code = int(town.clock.now), "B" * 22
    details = MeetingDetails(title="Fælles møde i Nordby", title_en="Meeting in Nordby", place="Sognegården")
    starts = now + 14 * 86400
    facts = MeetingFacts(
        kind=MeetingKind.OTHER, details=details, starts_at=starts, ends_at=starts + 7200, invites_at=now
    )
    meeting = scheduling.make(tx, town.runtime.process_host.plan(tx).process_id, facts, now)
    outbox.enqueue(tx, NewMessage("by mail", person, "meeting-invited", str(meeting), now, starts))
    [(row_id,)] = [tuple(row) for row in tx.all("SELECT id FROM outbox WHERE once = 'by mail'")]
    outbox.settle(tx, row_id, "sent", now, code_hash=hash_of(code))
    return tx.keys.open(EMAIL_CODE.at(person), encrypted), f"/besked/{code}/C{row_id}"


async def tour(pages: Pages, language: Language, script: str) -> AsyncGenerator[tuple[str, Page], None]:
    """Yields each page while it is shown; whoever looks may turn and stretch it, but presses nothing.

    `script` is there on every page: the browser keeps it, which is much quicker than handing it over each time.
    """
    page = await pages.page(script, viewport=NARROW, locale=LOCALE[language], has_touch=True)
    someone = Someone(page, Thumb(page), GROUP[language])
    press, seen = someone.hands.press, set[str]()
    pages.town.runtime.process_host.telegram = "besyv_robot"

    async def questions() -> AsyncIterator[tuple[str, Page]]:
        while await page.locator("#question").count():
            kind = await someone.kind()
            if kind not in seen:
                seen.add(kind)
                yield kind, page
                if kind in _SINGLE:
                    await someone.leads_on()  # without an answer
                    yield f"error-{kind}", page
            await someone.answer()

    for name, path in (
        ("notice", "/"),
        ("privacy", "/privatliv"),
        ("help", "/hjaelp"),
        ("404", "/findes-ikke"),
        ("statement", "/was"),
        ("no-such-link", "/s/AAAAAAAAAAAAAAAAAAAAAA"),
    ):
        await page.goto(path)
        yield name, page

    await someone.accepts()
    async for shown in questions():
        yield shown
    yield "menu", page
    await page.locator("nav summary").click()
    yield "nav", page
    for step in range(3):
        await page.goto("/fortsaet")
        steps = page.locator("#main form.picks button")
        await press(steps.filter(has_not_text=HEARING).first)  # the hearing comes last
        async for shown in questions():
            yield shown
        if step == 0:
            yield "review", page
        await someone.leads_on()
        if step == 0:
            yield "receipt", page

    await page.goto("/fortsaet")  # the hearing, alone now
    await someone.answer()
    await press(page.locator("#question .ways button[value=pause]"))
    yield "paused", page
    await pages.town.loads("draft.sections.1.text_da", "Hver forening har to faste personer at ringe til.")
    await page.goto("/link")
    await page.goto((await page.inner_text("#link")).strip())  # who comes in again is asked; not who is in the middle
    assert await page.locator("#main form[action='/tryk'] button").count() == 2
    yield "newer", page
    await pages.town.opens(", ".join(step for step in STEPS.split(", ") if step != "hoering"))
    await page.goto("/fortsaet")
    yield "idle", page

    for name, path in (
        ("correct", "/ret"),
        ("capacity", "/rolle"),
        ("mine", "/mine"),
        ("language", "/sprog"),
        ("erase", "/slet"),
        ("objection", "/indsigelse"),
        ("devices", "/enheder"),
        ("link", "/link"),
    ):
        await page.goto(path)
        yield name, page
    await press(page.locator("form[action='/link/telegram'] button"))
    yield "link-telegram", page
    async for shown in _mail(pages, page, press):
        yield shown

    await page.goto(f"/i/{await pages.town.invites('leader')}")
    yield "role-link", page
    await someone.leads_on()
    yield "role", page
    await page.goto("/status")
    yield "status", page
    async for shown in _panels(page, press):
        yield shown

    other = await pages.page(script, viewport=NARROW, locale=LOCALE[language], has_touch=True)
    await Someone(other, Thumb(other)).accepts()
    await other.goto("/link")
    await page.goto((await other.inner_text("#link")).strip())
    yield "other-link", page

    await other.goto("/")
    await other.locator("#question .choice input").first.check()
    await other.context.clear_cookies()
    async with other.expect_navigation():
        await other.locator("#question button.main").click()
    yield "expired", other

    await page.goto("/")
    await page.locator("nav summary").click()
    await press(page.locator("form[action='/stop'] button"))
    yield "stopped", page
    await page.goto("/slet")
    await press(page.locator("#main form button").nth(1))
    yield "erased", page
    await someone.accepts()
    await page.locator("nav summary").click()
    await press(page.locator("form[action='/log-ud'] button"))
    yield "logged-out", page

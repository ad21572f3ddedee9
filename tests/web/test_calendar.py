"""A calendar of one's own: its address, and what whoever has it is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ical.calendar import Calendar
from ical.calendar_stream import IcsCalendarStream

from bot.features.meetings.service import scheduling
from bot.features.meetings.service.signup import SignupAnswer, sign_up
from bot.process.file import MeetingKind
from storage import meetings, people
from storage.db import Tx
from storage.meetings import MeetingFacts
from tests.support.chat import Found, Town
from tests.support.mail_readers import STARTS, anna_of, facts, said
from tests.support.pages import Browser, Page
from tests.support.visitors import opened

DAY = 86400


async def gathers(town: Town, title: str, starts: int = STARTS, **more: object) -> int:
    whole = facts(starts)
    told = MeetingFacts(**{**{name: getattr(whole, name) for name in MeetingFacts.__slots__}, **more})
    told = replace(told, details=replace(told.details, title=title))
    return await town.runtime.database.write(
        lambda tx: scheduling.make(tx, town.runtime.process_host.plan(tx).process_id, told, int(town.clock.now))
    )


async def answers(town: Town, number: int, answer: SignupAnswer) -> None:
    """The only person there is."""

    def answer_(tx: Tx) -> None:
        plan = town.runtime.process_host.plan(tx)
        meeting, person = meetings.by_id(tx, plan.process_id, number), people.by_id(tx, 1)
        assert meeting is not None and person is not None
        assert sign_up(tx, plan.hours, meeting, person, answer, 1, int(town.clock.now)).taken

    await town.runtime.database.write(answer_)


async def calls_off(town: Town, number: int) -> None:
    def cancel(tx: Tx) -> None:
        plan = town.runtime.process_host.plan(tx)
        meeting = meetings.by_id(tx, plan.process_id, number)
        assert meeting is not None
        scheduling.cancel(tx, plan.hours, meeting, "", int(town.clock.now))

    await town.runtime.database.write(cancel)
    await town.looks()


async def presses(browser: Browser, page: Page, label: str) -> Page:
    [button] = [control for control in page.buttons() if control.label == label]
    return await browser.press(page, button.element)


async def subscribes(browser: Browser) -> str:
    page = await presses(browser, await browser.get("/kalender"), "Lav en kalenderadresse")
    return address_on(page)


def address_on(page: Page) -> str:
    return str(page.find("//*[@id='link']")[0].text_content()).strip()


async def fetched(town: Town, address: str, **headers: str) -> tuple[int, Mapping[str, str], bytes]:
    """As a calendar asks: without a cookie."""
    browser = opened(town)
    async with browser.session.get(address, headers=headers) as response:
        return response.status, response.headers, await response.read()


async def read(town: Town, address: str) -> Calendar:
    status, _, content = await fetched(town, address)
    assert status == 200
    return IcsCalendarStream.calendar_from_ics(content.decode())


async def titles(town: Town, address: str) -> list[str]:
    return sorted(str(event.summary) for event in (await read(town, address)).events)


# --- the page ---------------------------------------------------------------------------------------------


async def test_the_address_is_made_by_a_button_and_told_with_how_to_add_it(found: Found) -> None:
    async with found(channel="web", steps="plan") as town:
        anna = await anna_of(town)
        page = await anna.browser.get("/moeder")
        assert "/kalender" in [link.value for link in page.links()]
        before = await anna.browser.get("/kalender")
        assert town.rows("SELECT count(*) FROM calendars") == [(0,)]
        page = await presses(anna.browser, before, "Lav en kalenderadresse")
        address = address_on(page)
        assert address.startswith(f"{town.home}/kalender/") and address.endswith(".ics")
        assert next(link.value for link in page.links()) == address.replace("http://", "webcal://")
        for name in ("iPhone", "Google", "Outlook", "Del den ikke med andre."):
            assert name in page.main.text_content()
        town.said.append(address.rpartition("/")[2])


async def test_a_new_address_closes_the_old_one_and_turned_off_there_is_none(found: Found) -> None:
    async with found(channel="web", steps="plan") as town:
        browser = (await anna_of(town)).browser
        old = await subscribes(browser)
        page = await presses(browser, await browser.get("/kalender"), "Lav en ny adresse")
        new = address_on(page)
        assert [(await fetched(town, address))[0] for address in (old, new)] == [404, 200]
        page = await presses(browser, page, "Slå kalenderen fra")
        assert "Adressen er lukket." in said(page)
        assert [button.label for button in page.buttons()] == ["Lav en kalenderadresse"]
        assert (await fetched(town, new))[0] == 404


async def test_whoever_we_do_not_know_is_led_to_the_front_page(found: Found) -> None:
    async with found(channel="web", steps="plan") as town:
        assert (await opened(town).get("/kalender")).is_front


# --- what it holds ----------------------------------------------------------------------------------------


async def test_every_meeting_that_is_theirs_and_none_they_said_no_to(found: Found) -> None:
    async with found(channel="web", steps="plan") as town:
        anna = await anna_of(town)
        numbers = {
            name: await gathers(town, name, STARTS + place * DAY)
            for place, name in enumerate(
                ("Kommer", "Kommer ikke", "Måske", "Ikke sagt", "Aflyst, og jeg kom", "Aflyst")
            )
        }
        await gathers(town, "For ansatte", groups=("ansat",))
        await gathers(town, "Styregruppen", kind=MeetingKind.STEERING)
        await answers(town, numbers["Kommer"], SignupAnswer.YES)
        await answers(town, numbers["Kommer ikke"], SignupAnswer.NO)
        await answers(town, numbers["Måske"], SignupAnswer.MAYBE)
        await answers(town, numbers["Aflyst, og jeg kom"], SignupAnswer.YES)
        for name in ("Aflyst, og jeg kom", "Aflyst"):
            await calls_off(town, numbers[name])
        calendar = await read(town, await subscribes(anna.browser))
        shown = {
            str(event.summary): (event.status and event.status.value, len(event.alarm)) for event in calendar.events
        }
        assert shown == {
            "Kommer": ("CONFIRMED", 2),
            "Måske": ("TENTATIVE", 2),
            "Ikke sagt": ("TENTATIVE", 0),
            "AFLYST: Aflyst, og jeg kom": ("CANCELLED", 0),
        }


async def test_past_meetings_stay_and_a_moved_one_is_the_same_one_later(found: Found) -> None:
    async with found(channel="web", steps="plan") as town:
        anna = await anna_of(town)
        number = await gathers(town, "Mødet")
        address = await subscribes(anna.browser)
        [first] = (await read(town, address)).events

        def move(tx: Tx) -> None:
            plan = town.runtime.process_host.plan(tx)
            meeting = meetings.by_id(tx, plan.process_id, number)
            assert meeting is not None
            scheduling.change(
                tx,
                plan.hours,
                meeting,
                scheduling.at_another_time(meeting.facts, STARTS + DAY),
                "",
                int(town.clock.now),
            )

        await town.runtime.database.write(move)
        [second] = (await read(town, address)).events
        assert (second.uid, second.sequence) == (first.uid, (first.sequence or 0) + 1)
        assert int(second.start_datetime.timestamp()) == STARTS + DAY
        town.clock.now = STARTS + 30 * DAY
        assert await titles(town, address) == ["Mødet"]


async def test_who_has_left_has_an_empty_calendar_and_who_is_deleted_none(found: Found) -> None:
    async with found(channel="web", steps="plan") as town:
        anna = await anna_of(town)
        await gathers(town, "Mødet")
        address = await subscribes(anna.browser)
        await anna.says("/moeder")
        await anna.says("/stop")  # which ends messages alone
        assert await titles(town, address) == ["Mødet"]
        await anna.says("/forlad")
        assert await titles(town, address) == []
        await anna.says("/slet")
        await anna.taps("Ja, slet alt")
        assert (await fetched(town, address))[0] == 404


# --- how it is fetched ------------------------------------------------------------------------------------


async def test_a_calendar_needs_no_cookie_and_fetches_what_is_new_alone(found: Found) -> None:
    async with found(channel="web", steps="plan") as town:
        anna = await anna_of(town)
        await gathers(town, "Mødet")
        address = await subscribes(anna.browser)
        status, headers, content = await fetched(town, address)
        assert (status, headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
        assert headers["Cache-Control"] == "private, max-age=900"
        assert address.rpartition("/")[2] not in headers["Content-Disposition"]
        assert "Set-Cookie" not in headers
        tag = headers["ETag"]
        for known in (tag, f"W/{tag}", f'"andet", {tag}'):
            status, headers, content = await fetched(town, address, **{"If-None-Match": known})
            assert (status, content, headers["ETag"]) == (304, b"", tag)
        await gathers(town, "Et til")
        status, headers, content = await fetched(town, address, **{"If-None-Match": tag})
        assert (status, headers["ETag"] != tag, b"Et til" in content) == (200, True, True)
        async with opened(town).session.head(address) as response:
            assert (response.status, await response.read()) == (200, b"")


async def test_guessing_an_address_is_slowed_and_a_calendar_is_fetched_all_the_same(found: Found) -> None:
    async with found(channel="web", steps="plan") as town:
        address = await subscribes((await anna_of(town)).browser)
        guesses = [f"{town.home}/kalender/{'A' * 20}{n:02}.ics" for n in range(12)]
        statuses = [(await fetched(town, guess))[0] for guess in guesses]
        assert statuses == [404] * 10 + [429] * 2
        assert (await fetched(town, address))[0] == 200

"""What comes by e-mail, and what its links lead to: looked at, nothing happens; pressed, it happens once, without a
cookie, as the person the mail was to and nobody else."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

import pytest
from ical.calendar_stream import IcsCalendarStream

from bot.app.email import mailing
from bot.app.settings import Settings
from bot.channels.email.channel import EmailChannel
from bot.channels.email.smtp import Mailer
from bot.dialogue.reply import Reply, Screen
from bot.dialogue.session import EMAIL, Context
from bot.features import TABLES
from bot.features.email_address import confirmation
from bot.features.meetings.service import scheduling
from bot.flows import schedule
from bot.outbox.errors import RetryLater
from bot.outbox.message_links import HOLDS
from bot.outbox.sender import OutboundMessage
from bot.process.host import ProcessHost
from storage import meetings
from storage.db import Tx
from storage.meetings import Meeting
from tests.support.chat import Found, Town
from tests.support.mail_readers import (
    ANNA,
    CLICK,
    STARTS,
    TITLE,
    anna_of,
    confirmed,
    gives,
    link_of,
    meets,
    pressed,
    said,
    served,
)
from tests.support.pages import Browser
from tests.support.visitors import arrived, opened, posted


async def moved(town: Town, number: int, to: int) -> None:
    def move(tx: Tx) -> None:
        plan = town.runtime.process_host.plan(tx)
        meeting = meetings.by_id(tx, plan.process_id, number)
        assert isinstance(meeting, Meeting)
        scheduling.change(
            tx, plan.hours, meeting, replace(meeting.facts, starts_at=to, ends_at=to + 7200), "", int(town.clock.now)
        )

    await town.runtime.database.write(move)
    await town.looks()


# --- an address is confirmed ------------------------------------------------------------------------------


async def test_an_address_is_confirmed_by_a_button_and_not_by_looking(found: Found) -> None:
    async with served(found, steps="plan") as (town, box):
        anna = await anna_of(town)
        await gives(anna)
        [asked] = box.mails
        assert (asked.to, asked.message["Subject"]) == (ANNA, "Bekræft din mailadresse hos Eksempel Kommune")
        assert "Denne mail er fra Eksempel Kommune." in asked.text and "frivilligpolitik" in asked.text.lower()
        assert "Nordby" not in asked.text  # it may have come to a stranger
        link = link_of(asked, "Ja, det er min adresse")
        scanner = opened(town)
        looked = await scanner.get(link)
        assert ANNA in said(looked)
        assert town.rows("SELECT confirmed_at FROM mailboxes") == [(None,)]
        done = await pressed(town, link, "Ja, det er min adresse")
        assert "Mailadressen er bekræftet" in said(done)
        assert town.rows("SELECT confirmed_at FROM mailboxes") == [(int(town.clock.now),)]
        await anna.says("/mail")
        assert f"Vi skriver til dig på {ANNA}." in "\n".join(anna.sees())
        assert len(box.mails) == 1


@pytest.mark.parametrize("typed", [f"{ANNA}\u200b", f"<{ANNA}>", f"{ANNA}.", f"mailto:{ANNA}"])
async def test_an_address_is_taken_as_it_was_meant(found: Found, typed: str) -> None:
    async with served(found, steps="plan") as (town, box):
        await gives(await anna_of(town), typed)
        assert [each.to for each in box.mails] == [ANNA]


async def test_an_address_that_can_not_be_taken_stands_in_the_field_again(found: Found) -> None:
    async with served(found, steps="plan") as (town, box):
        anna = await anna_of(town)
        await gives(anna, 'anna"nordby.example')
        assert anna.page is not None
        [field] = anna.page.find("//input[@type='email']")
        assert field.get("value") == 'anna"nordby.example'
        assert "er ikke en gyldig mailadresse" in said(anna.page)
        await gives(anna)
        assert [each.to for each in box.mails] == [ANNA]


async def test_who_it_is_not_deletes_the_address_with_one_press(found: Found) -> None:
    async with served(found, steps="plan") as (town, box):
        await gives(await anna_of(town))
        await pressed(town, link_of(box.mails[0], "Ja, det er min adresse"), "Nej, slet adressen")
        assert town.rows("SELECT count(*) FROM mailboxes") == [(0,)]


async def test_nothing_but_the_question_goes_to_an_address_that_nobody_confirmed(found: Found) -> None:
    async with served(found, steps="plan") as (town, box):
        await gives(await anna_of(town))
        await meets(town)
        assert [each.message["Subject"] for each in box.mails] == ["Bekræft din mailadresse hos Eksempel Kommune"]
        assert town.rows("SELECT kind, state FROM outbox ORDER BY id") == [
            ("mail-confirm", "sent"),
            ("meeting-invited", "unreachable"),
        ]


async def test_the_question_goes_at_any_hour_for_it_was_asked_for_just_now(found: Found) -> None:
    async with served(found, steps="plan") as (town, box):
        town.clock.now = schedule.to_utc(datetime.fromisoformat("2026-03-08 03:00"))  # a Sunday
        await gives(await anna_of(town))
        assert [each.to for each in box.mails] == [ANNA]


async def test_an_address_that_the_server_refuses_is_asked_for_again(found: Found) -> None:
    async with served(found, steps="plan") as (town, box):
        box.at_recipient[ANNA] = "550 5.1.1 No such user here"
        anna = await anna_of(town)
        await gives(anna)
        await anna.says("/mail")
        assert "Adressen findes ikke eller tager ikke imod mail." in "\n".join(anna.sees())
        await gives(anna, "anna@nordby.example")
        town.clock.now += confirmation.BETWEEN_MAILS
        await town.looks()
        assert [each.to for each in box.mails] == ["anna@nordby.example"]


async def test_a_server_that_is_away_is_tried_again_and_nothing_is_lost_or_doubled(found: Found) -> None:
    async with served(found, steps="plan") as (town, box):
        anna = await anna_of(town)
        box.at_greeting = "421 4.3.2 Closing for now"
        await gives(anna)
        assert box.mails == []
        box.at_greeting = None
        for _ in range(4):
            town.clock.now += 30
            await town.looks()
        assert [each.to for each in box.mails] == [ANNA]


async def test_a_message_never_goes_to_an_address_that_has_been_changed(found: Found) -> None:
    """Its links are the person's."""
    async with served(found, steps="plan") as (town, box):
        await confirmed(town, box)
        channel = EmailChannel(
            Mailer(box.url(), "frivillig@eksempel-kommune.example"),
            town.runtime.database,
            town.runtime.context,
            town.clock,
        )
        [(person,)] = town.rows("SELECT person_id FROM mailboxes")
        reply = Reply(language="da", screen=Screen.TEXT, title="Hej")
        with pytest.raises(RetryLater):
            await channel.deliver(OutboundMessage(person, EMAIL, "anden@nordby.example", reply, "kode"))
        assert len(box.mails) == 1
        await channel.deliver(OutboundMessage(person, EMAIL, ANNA, reply, "kode"))
        await channel.mailer.close()
        assert [each.to for each in box.mails] == [ANNA, ANNA]


# --- what a mail is ---------------------------------------------------------------------------------------


async def test_an_invitation_as_a_mail(found: Found) -> None:
    async with served(found, steps="plan") as (town, box):
        await confirmed(town, box)
        await meets(town)
        _, invited = box.mails
        assert invited.message["Subject"] == f"Invitation: {TITLE}"
        labels = re.findall(r"^([^:\n]+): http", invited.text, re.MULTILINE)
        assert labels == ["Ja, jeg kommer", "Måske", "Nej", "Se mødet", "Stop beskeder", "Stop beskeder på mail"]
        assert "Send dem ikke videre" in invited.text and "20 30 40 50" in invited.text
        stop = link_of(invited, "Stop beskeder på mail")
        assert invited.message["List-Unsubscribe"] == f"<{stop}>"
        assert invited.message["List-Unsubscribe-Post"] == CLICK
        [file] = invited.files
        assert (file.get_content_type(), file.get_param("method")) == ("text/calendar", "PUBLISH")
        read = IcsCalendarStream.calendar_from_ics(file.get_content())
        assert [event.summary for event in read.events] == [TITLE]


async def test_a_cancellation_says_so_to_the_calendar(found: Found) -> None:
    async with served(found, steps="plan") as (town, box):
        await confirmed(town, box)
        number = await meets(town)

        def cancel(tx: Tx) -> None:
            plan = town.runtime.process_host.plan(tx)
            meeting = meetings.by_id(tx, plan.process_id, number)
            assert meeting is not None
            scheduling.cancel(tx, plan.hours, meeting, "Sne", int(town.clock.now))

        await town.runtime.database.write(cancel)
        await town.looks()
        [file] = box.mails[-1].files
        assert file.get_param("method") == "CANCEL"
        assert "STATUS:CANCELLED" in file.get_content()


# --- a button in it ---------------------------------------------------------------------------------------


async def test_a_link_for_a_button_has_it_first_and_does_nothing_until_it_is_pressed(found: Found) -> None:
    async with served(found, steps="plan") as (town, box):
        await confirmed(town, box)
        await meets(town)
        link = link_of(box.mails[-1], "Nej")
        page = await opened(town).get(link)
        assert [button.label for button in page.buttons()] == [
            "Nej",
            "Ja, jeg kommer",
            "Måske",
            "Se mødet",
            "Stop beskeder",
        ]
        assert [button.label for button in page.buttons() if button.element.get("class") == "main"] == ["Nej"]
        assert "Intet er registreret endnu." in said(page)
        assert town.rows("SELECT count(*) FROM signups") == [(0,)]


async def test_a_button_of_a_mail_answers_for_the_person_without_a_cookie(found: Found) -> None:
    async with served(found, steps="plan") as (town, box):
        anna = await confirmed(town, box)
        await meets(town)
        link = link_of(box.mails[-1], "Ja, jeg kommer")
        browser = opened(town)
        done = await pressed(town, link, "Ja, jeg kommer", browser)
        assert "Tak. Du er tilmeldt." in said(done)
        again = await pressed(town, link, "Meld afbud")  # the link shows how it stands now
        assert "Tak for din besked. Du har meldt afbud." in said(again)
        assert town.rows("SELECT answer, people FROM signups") == [("no", 1)]
        assert (await browser.get("/")).is_front  # who has pressed is not in
        await anna.says("/moeder")
        assert TITLE in "\n".join(anna.sees())


async def test_twice_is_as_good_as_once(found: Found) -> None:
    async with served(found, steps="plan") as (town, box):
        await confirmed(town, box)
        await meets(town)
        path = link_of(box.mails[-1], "Ja, jeg kommer").removeprefix(town.home)
        for _ in range(2):
            status, *_ = await posted(opened(town), path, [])
            assert status == 200
        assert town.rows("SELECT answer, people FROM signups") == [("yes", 1)]


async def test_no_more_messages_by_the_button_and_it_is_told_what_that_means_for_a_meeting(found: Found) -> None:
    async with served(found, steps="plan") as (town, box):
        await confirmed(town, box)
        number = await meets(town)
        await pressed(town, link_of(box.mails[-1], "Ja, jeg kommer"), "Ja, jeg kommer")
        page = await pressed(town, link_of(box.mails[-1], "Stop beskeder"), "Stop beskeder")
        assert "men vi kan ikke give dig besked, hvis det bliver flyttet eller aflyst." in said(page)
        assert town.rows("SELECT reminders FROM people") == [(0,)]
        sent = len(box.mails)
        await moved(town, number, STARTS + 86400)  # the address is gone with the messages it was for
        assert (len(box.mails), town.rows("SELECT count(*) FROM mailboxes")) == (sent, [(0,)])


async def test_what_is_more_than_a_step_needs_their_own_link_and_in_their_own_browser_leads_there(found: Found) -> None:
    async with served(found, steps="plan") as (town, box):
        anna = await confirmed(town, box)
        await meets(town)
        browser, link = opened(town), link_of(box.mails[-1], "Se mødet")
        assert (await browser.get(link)).url == link
        refused = await pressed(town, link, "Se mødet", browser)
        assert (refused.status, "Du skal bruge dit eget link" in said(refused)) == (403, True)
        assert (await browser.get("/")).is_front
        there = await pressed(town, link, "Se mødet", anna.browser)
        assert (there.url, TITLE in said(there)) == (f"{town.home}/", True)
        assert town.rows("SELECT count(*) FROM addresses") == [(1,)]


async def test_a_button_that_answers_leaves_whoever_is_in_this_browser_there(found: Found) -> None:
    async with served(found, steps="plan") as (town, box):
        await confirmed(town, box)
        await meets(town)
        bo = await arrived(town)
        before = (await bo.get("/")).url
        await pressed(town, link_of(box.mails[-1], "Ja, jeg kommer"), "Ja, jeg kommer", bo)
        assert (await bo.get("/")).url == before
        assert town.rows("SELECT person_id IN (SELECT person_id FROM mailboxes) FROM signups") == [(1,)]


async def test_a_code_opens_its_own_mail_alone(found: Found) -> None:
    """Bo's mail holds Bo's buttons: with the number of Anna's message it does nothing."""
    async with served(found, steps="plan") as (town, box):
        await confirmed(town, box)
        await confirmed(town, box, name="Bo", address="bo@nordby.example")
        await meets(town)
        annas, bos = sorted(box.mails[-2:], key=lambda each: each.to)
        path = link_of(bos, "Ja, jeg kommer").rpartition("/")[0].removeprefix(town.home)
        tap = link_of(annas, "Ja, jeg kommer").rpartition("/")[2]
        for forged in (tap, "E" + tap[1:], "X1", "C", "C0", "C999999999", "C٣"):
            status, *_ = await posted(opened(town), f"{path}/{forged}", [])
            assert (forged, status) == (forged, 404)
        assert town.rows("SELECT count(*) FROM signups") == [(0,)]


# --- until when -------------------------------------------------------------------------------------------


async def test_links_work_for_thirty_days_and_then_say_kindly_where_to_go(found: Found) -> None:
    async with served(found, steps="plan") as (town, box):
        await confirmed(town, box)
        await meets(town, starts=STARTS + 90 * 86400)
        link, sent_at = link_of(box.mails[-1], "Ja, jeg kommer"), int(town.clock.now)
        town.clock.now = sent_at + HOLDS - 1
        assert (await opened(town).get(link)).status == 200
        town.clock.now = sent_at + HOLDS
        old = await opened(town).get(link)
        assert (old.status, "Links i en mail virker i 30 dage." in said(old)) == (404, True)
        status, _, text, _ = await posted(opened(town), link.removeprefix(town.home), [])
        assert (status, "20 30 40 50" in text) == (404, True)
        assert town.rows("SELECT count(*) FROM signups") == [(0,)]


async def test_of_a_person_who_is_deleted_nothing_is_found(found: Found) -> None:
    async with served(found, steps="plan") as (town, box):
        anna = await confirmed(town, box)
        await meets(town)
        await anna.says("/slet")
        await anna.taps("Ja, slet alt")
        for label in ("Ja, jeg kommer", "Se mødet", "Stop beskeder på mail"):
            page = await opened(town).get(link_of(box.mails[-1], label))
            assert (page.status, TITLE in said(page)) == (404, False)


async def test_who_takes_part_no_more_sees_that_it_holds_no_more(found: Found) -> None:
    async with served(found, steps="plan") as (town, box):
        anna = await confirmed(town, box)
        await meets(town)
        await anna.says("/forlad")
        assert town.rows("SELECT count(*) FROM mailboxes") == [(0,)]
        link = link_of(box.mails[-1], "Ja, jeg kommer")
        assert "ikke længere aktuelt" in said(await opened(town).get(link))
        status, _, text, _ = await posted(opened(town), link.removeprefix(town.home), [])
        assert (status, "ikke længere aktuelt" in text) == (200, True)
        assert town.rows("SELECT count(*) FROM signups") == [(0,)]


async def test_who_has_stopped_messages_has_closed_the_links_of_those_that_came(found: Found) -> None:
    async with served(found, steps="plan") as (town, box):
        anna = await confirmed(town, box)
        await meets(town)
        await anna.says("/stop")
        for label in ("Ja, jeg kommer", "Se mødet", "Stop beskeder"):
            page = await opened(town).get(link_of(box.mails[-1], label))
            assert (page.status, "ikke længere aktuelt" in said(page)) == (200, True)
            status, _, text, _ = await posted(opened(town), link_of(box.mails[-1], label).removeprefix(town.home), [])
            assert (status, TITLE in text) == (200 if label != "Se mødet" else 403, False)
        assert town.rows("SELECT count(*) FROM signups") == [(0,)]


async def test_guessing_is_slowed_and_a_mail_opens_all_the_same(found: Found) -> None:
    async with served(found, steps="plan") as (town, box):
        await confirmed(town, box)
        await meets(town)
        guesser = opened(town)
        for path in ("/besked/{}", "/mail/{}", "/besked/{}/C1"):
            statuses = [(await guesser.get(path.format(f"{'A' * 20}{n:02}"))).status for n in range(12)]
            assert statuses[-1] == 429
        assert (await guesser.get(link_of(box.mails[-1], "Nej"))).status == 200


# --- stopped ----------------------------------------------------------------------------------------------


async def test_one_click_stops_without_cookie_or_token_and_again_and_again(found: Found) -> None:
    async with served(found, steps="plan") as (town, box):
        await confirmed(town, box)
        number = await meets(town)
        path = link_of(box.mails[-1], "Stop beskeder på mail").removeprefix(town.home)
        looked = await opened(town).get(path)
        assert [button.label for button in looked.buttons()] == ["Stop beskeder på mail"]
        assert town.rows("SELECT count(*) FROM mailboxes") == [(1,)]
        for times in range(15):
            status, *_ = await posted(opened(town), path, [("List-Unsubscribe", "One-Click")])
            assert (times, status) == (times, 200)
        assert town.rows("SELECT count(*) FROM mailboxes") == [(0,)]
        mails = len(box.mails)
        await moved(town, number, STARTS + 86400)
        assert len(box.mails) == mails


async def test_stopping_says_so_and_a_link_that_stops_nothing_any_more_too(found: Found) -> None:
    async with served(found, steps="plan") as (town, box):
        anna = await confirmed(town, box)
        await meets(town)
        link = link_of(box.mails[-1], "Stop beskeder på mail")
        assert "Beskeder på mail er stoppet" in said(await pressed(town, link, "Stop beskeder på mail"))
        gone = await opened(town).get(link)
        assert (gone.status, "Vi skriver ikke til dig på mail" in said(gone)) == (404, True)
        await anna.says("/mail")
        assert "Hvad er din mailadresse?" in "\n".join(anna.sees())


# --- where it is told of ----------------------------------------------------------------------------------


async def test_the_yes_to_messages_says_where_to_give_an_address_once(found: Found) -> None:
    async with served(found, steps="plan") as (town, box):
        anna = await anna_of(town)
        assert "Skriv den under »Din mailadresse« i menuen." in "\n".join(anna.sees())
        await gives(anna)
        await pressed(town, link_of(box.mails[-1], "Ja, det er min adresse"), "Ja, det er min adresse")
        bo = await anna_of(town, name="Bo", messages="Nej")
        assert "Din mail»" not in "\n".join(bo.sees())


async def test_without_a_mail_server_the_page_says_so_and_the_menu_has_no_such_entry(found: Found) -> None:
    async with found(channel="web", steps="plan") as town:
        anna = await anna_of(town)
        assert "Din mail»" not in "\n".join(anna.sees())
        assert anna.page is not None and "/mail" not in [link.value for link in anna.page.links(anna.page.tree)]
        await anna.says("/mail")
        shown = "\n".join(anna.sees())
        assert "Vi kan ikke sende mail." in shown and "på Telegram" in shown
        assert anna.page is not None and anna.page.panel_form("/skriv") is None


async def test_the_pages_of_a_mail_speak_the_persons_language_or_the_one_that_is_chosen(found: Found) -> None:
    async with served(found, steps="plan") as (town, box):
        await confirmed(town, box)
        await meets(town)
        browser, link = Browser(town.home, "en"), link_of(box.mails[-1], "Ja, jeg kommer")
        town.browsers.append(browser)
        page = await browser.get(link)
        assert page.language == "da"
        [switch] = [button for button in page.buttons(page.tree) if button.value == "en"]
        english = await browser.press(page, switch.element)
        assert (english.language, english.url) == ("en", link)
        assert town.rows("SELECT language FROM people") == [("da",)]


async def test_no_code_stands_in_the_log_or_lies_in_the_clear(found: Found) -> None:
    async with served(found, steps="plan") as (town, box):
        await confirmed(town, box)
        await meets(town)
        await pressed(town, link_of(box.mails[-1], "Ja, jeg kommer"), "Ja, jeg kommer")
        for received in box.mails:
            codes = re.findall(r"/(?:mail|besked)/([\w-]{22})", received.text)
            assert codes
            town.said += codes  # looked for when the town is left
        town.said.append(ANNA)


async def test_a_start_with_a_mail_server_says_where_its_links_lead_if_that_is_not_told(found: Found) -> None:
    async with served(found, steps="plan") as (town, _):
        assert f"BESYV_WEB_URL is not set: links in e-mail lead to {town.home}" in town.log.getvalue()
        told = Settings.model_validate({**_as_set(town), "web_url": "https://besyv.example", "web_port": 8080})
        without_pages = Settings.model_validate({**_as_set(town), "web_port": 0})
        for settings, mails in ((told, True), (without_pages, False)):
            fresh = replace(town.runtime, context=Context(ProcessHost("eksempel"), TABLES))
            before = len(town.log.getvalue())
            async with mailing(settings, fresh, town.clock):
                assert fresh.process_host.mails is mails
            said_ = town.log.getvalue()[before:]
            assert ("WARNING" in said_, "no e-mail is sent" in said_) == (not mails, not mails)


def _as_set(town: Town) -> dict[str, object]:
    return {"smtp_url": town.smtp, "mail_from": "frivillig@eksempel-kommune.example"}


def test_three_an_hour_a_minute_apart() -> None:
    assert (confirmation.MOST_IN_AN_HOUR, confirmation.BETWEEN_MAILS) == (3, 60)

"""Stopping is what it says: /stop ends messages and nothing else, a no to messages is what the answer says from then
on, a yes counts for what was asked, and an address goes with the messages it was for. On Telegram and on the pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from storage import people
from storage.db import Tx
from tests.support.broadcasts import sends
from tests.support.chat import Found, OnTelegram, Town
from tests.support.mail_readers import ANNA, anna_of, confirmed, gives, link_of, pressed, served
from tests.support.mailbox import Mailbox
from tests.support.pages import OnPages
from tests.support.people import comes_to, has_answered, leads
from tests.support.visitors import opened, posted

on_both = pytest.mark.parametrize("channel", ["telegram", "web"])
S7 = "Må vi sende dig beskeder om møder, frister, nye spørgsmål og hvad der kommer ud af svarene?"
MEETING = "moede: title = Fælles møde; starts = 2026-03-24 19:00"
STOPPED = "Du får ikke flere beskeder. Dine svar er stadig gemt, og du kan fortsætte med at svare."
Somebody = OnTelegram | OnPages


def shown(person: Somebody) -> str:
    return "\n".join(person.sees())


async def comes(town: Town, messages: str = "Ja") -> Somebody:
    anna = town.somebody()
    assert isinstance(anna, OnTelegram | OnPages)
    await anna.says("/start plan")
    for label in ("Jeg er med", "Frivillig", "Idræt", "Nordby", messages):
        await anna.taps(label)
    anna.sees()
    return anna


def consent(town: Town) -> tuple[object, ...]:
    """Reminders, news, whether everything is stopped, whether they take part."""
    [row] = town.rows("SELECT reminders, news, stopped_at IS NOT NULL, notice_version IS NOT NULL FROM people")
    return row


async def says_of_messages(anna: Somebody) -> str:
    """What stands in force to «Må vi sende dig beskeder?», as they see it."""
    await anna.says("/mine")
    told = shown(anna)
    return told.partition(f"– {S7}\n→ ")[2].partition("\n")[0]


# --- /stop ------------------------------------------------------------------------------------------------


@on_both
async def test_stop_ends_messages_and_nothing_else(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan") as town:
        anna = await comes(town)
        await anna.says("/stop")
        assert STOPPED in shown(anna)
        assert consent(town) == (0, 0, 1, 1)
        await anna.says("En time i vores klubhus")
        while "Send" not in labels(anna):
            await anna.taps("Spring over")
        await anna.taps("Send")
        assert "Tak for dine svar" in shown(anna)
        await town.plans_meeting(MEETING + "; invites = 2026-03-03 09:00")
        assert "Invitation" not in shown(anna)
        await anna.says("/moeder")
        assert "Fælles møde" in shown(anna)
        assert town.rows("SELECT count(*) FROM outbox WHERE state = 'sent'") == [(0,)]


def labels(anna: Somebody) -> list[str]:
    if isinstance(anna, OnTelegram):
        return anna.phone.buttons
    assert anna.page is not None
    return [button.label for button in anna.page.buttons()]


async def test_stop_written_without_a_slash_is_the_same(found: Found) -> None:
    async with found(steps="plan") as town:
        anna = await comes(town)
        await anna.says("stop")
        await anna.taps("Stop alle beskeder")
        assert STOPPED in shown(anna)
        assert consent(town) == (0, 0, 1, 1)


async def test_who_signs_up_after_stop_asks_to_be_told_of_it(found: Found) -> None:
    async with found(steps="plan") as town:
        anna = await comes(town)
        await anna.says("/stop")
        await town.plans_meeting(MEETING)
        await anna.says("/moeder")
        await anna.taps("24. mar.: Fælles møde")
        await anna.taps("Ja, jeg kommer")
        anna.sees()
        await town.plans_meeting("moede: starts = 2026-03-25 19:00")
        assert "Mødet er flyttet: Fælles møde" in shown(anna)
        assert consent(town) == (0, 0, 0, 1)  # told of that alone


async def test_who_has_signed_up_is_told_what_stop_means_for_it(found: Found) -> None:
    async with found(steps="plan") as town:
        anna = await comes(town)
        await town.plans_meeting(MEETING + "; invites = 2026-03-03 09:00")
        await anna.taps("Ja, jeg kommer")
        anna.sees()
        await anna.says("/stop")
        assert (
            "Du er stadig tilmeldt et møde, men vi kan ikke give dig besked, hvis det bliver flyttet eller aflyst."
            in shown(anna)
        )
        await town.plans_meeting("moede: starts = 2026-03-25 19:00")
        assert shown(anna) == ""


# --- what is in force is what is shown --------------------------------------------------------------------


async def says_stop(anna: Somebody) -> None:
    await anna.says("/stop")


async def says_no_thanks(anna: Somebody) -> None:
    await anna.town.plans_meeting(MEETING + "; invites = 2026-03-03 09:00")
    await anna.taps("Stop beskeder")


@pytest.mark.parametrize("stops", [says_stop, says_no_thanks])
async def test_after_a_no_the_answer_says_no_and_who_comes_back_is_asked_again(
    found: Found, stops: Callable[[Somebody], Awaitable[None]]
) -> None:
    async with found(steps="plan") as town:
        anna = await comes(town)
        assert await says_of_messages(anna) == "Ja"
        await stops(anna)
        assert await says_of_messages(anna) == "Nej"
        assert consent(town)[:2] == (0, 0)
        await anna.says("/start")
        asked = shown(anna)
        assert S7 in asked and "Dit svar nu: Nej" in asked
        await anna.taps("Nej")
        await anna.says("/start")
        assert S7 not in shown(anna)  # asked once
        assert consent(town)[:2] == (0, 0)


async def test_who_says_yes_again_gets_messages_again(found: Found) -> None:
    async with found(steps="plan") as town:
        anna = await comes(town)
        for text in ("/stop", "/start"):
            await anna.says(text)
        await anna.taps("Ja")
        assert consent(town) == (1, 1, 0, 1)
        anna.sees()
        await town.plans_meeting(MEETING + "; invites = 2026-03-03 09:00")
        assert "Invitation: Fælles møde" in shown(anna)


@on_both
async def test_who_does_not_want_to_take_part_any_more_takes_back_the_yes_and_may_delete(
    found: Found, channel: str
) -> None:
    async with found(channel=channel, steps="plan") as town:
        anna = await comes(town)
        await anna.says("/forlad")
        told = shown(anna)
        assert "Du er ikke længere med," in told and "Vil du slette alle oplysninger om dig?" in told
        assert consent(town) == (0, 0, 1, 0)
        await anna.taps("Nej, behold dem")
        assert "Jeg er med" in labels(anna)  # asked again before anything is
        assert await says_of_messages(anna) == "Nej"


async def test_on_the_pages_it_stands_in_the_menu(found: Found) -> None:
    async with found(channel="web", steps="plan") as town:
        anna = await comes(town)
        assert isinstance(anna, OnPages) and anna.page is not None
        menu = [control.label for control in anna.page.buttons(anna.page.tree)]
        assert {"Stop alle beskeder", "Afslut din deltagelse"} <= set(menu)


async def answers_as_an_association_too(anna: Somebody) -> None:
    """After a step as a volunteer, in which one thing was answered."""
    await anna.says("Vi mangler et sted at være")
    while "Send" not in labels(anna):
        await anna.taps("Spring over" if "Spring over" in labels(anna) else "Nej")
    await anna.taps("Send")
    await anna.says("/rolle")
    for label in ("Svar som en anden", "Forening", "Spring over", "Spring over", "Nordby"):
        await anna.taps(label)
    anna.sees()


@on_both
async def test_whatever_one_answers_as_there_is_one_yes_to_messages(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan") as town:
        anna = await comes(town)
        await answers_as_an_association_too(anna)
        assert town.rows("SELECT count(*) FROM capacities") == [(2,)]
        await anna.says("/stop")
        assert (consent(town), await says_of_messages(anna)) == ((0, 0, 1, 1), "Nej")
        await anna.says("/start")
        assert "Må vi sende dig beskeder" in shown(anna)
        await anna.taps("Ja")
        assert (consent(town), await says_of_messages(anna)) == ((1, 1, 0, 1), "Ja")


async def test_on_the_pages_messages_are_turned_off_whatever_one_answers_as(found: Found) -> None:
    async with found(channel="web", steps="plan") as town:
        anna = await comes(town)
        await answers_as_an_association_too(anna)
        await anna.says("/paamindelser")
        assert "Må vi sende dig beskeder" in shown(anna)
        await anna.taps("Nej")
        assert (consent(town)[:2], await says_of_messages(anna)) == ((0, 0), "Nej")


# --- a yes counts for what was asked ----------------------------------------------------------------------


async def test_a_yes_to_reminders_counts_for_reminders_alone(found: Found) -> None:
    steps = "plan, dialog_frivillige opens 2026-03-10 08:00 closes 2026-03-20 12:00"
    async with found(steps=steps) as town:
        lea = await leads(town)
        anna = await has_answered(town, "Anna")
        await has_answered(town, "Bo")
        [(bo,)] = town.rows("SELECT max(id) FROM people")
        await town.runtime.database.write(lambda tx: tx.run("UPDATE people SET news = 0 WHERE id <> :bo", bo=bo))
        await sends(lea, 1)  # to one of the two
        await comes_to(town, int(town.clock.now) + 24 * 3600)
        assert "Besked fra Eksempel Kommune" not in shown(anna)
        assert "Besked fra Eksempel Kommune" in shown(town.person("Bo"))
        await comes_to(town, int(town.clock.now) + 6 * 24 * 3600)  # it has opened
        assert "Nu kan du svare" not in shown(anna)
        assert "Hvad ønsker du dig?" in shown(town.person("Bo"))
        for _ in range(9):
            await comes_to(town, int(town.clock.now) + 24 * 3600)
        assert "Husk at svare på »Hvad ønsker du dig?«" in shown(anna)  # its deadline


async def test_the_question_asks_for_what_a_yes_is_used_for(found: Found) -> None:
    async with found(steps="plan") as town:
        await comes(town)
        assert consent(town)[:2] == (1, 1)


# --- an address, in the same breath -----------------------------------------------------------------------


async def at_the_question(town: Town) -> OnPages:
    anna = town.visitor()
    await anna.says("/start plan")
    for label in ("Jeg er med", "Frivillig", "Idræt", "Nordby"):
        await anna.taps(label)
    anna.sees()
    return anna


async def says_yes_with(anna: OnPages, address: str) -> str:
    """In the field on the page, and yes."""
    assert anna.page is not None and anna.page.form is not None
    anna.page.areas("mail")[0].value = address
    await anna.taps("Ja")
    await anna.town.rest()
    return "\n".join(anna.sees())


async def test_who_says_yes_on_the_pages_gives_the_address_in_the_same_breath(found: Found) -> None:
    async with served(found, steps="plan") as (town, box):
        anna = await at_the_question(town)
        told = await says_yes_with(anna, ANNA)
        assert f"Vi har sendt en mail til {ANNA}." in told
        assert (consent(town)[:2], [each.to for each in box.mails]) == ((1, 1), [ANNA])
        await pressed(town, link_of(box.mails[-1], "Ja, det er min adresse"), "Ja, det er min adresse")
        assert town.rows("SELECT confirmed_at IS NOT NULL FROM mailboxes") == [(1,)]


async def test_what_is_no_address_stays_in_its_field_and_nothing_is_stored(found: Found) -> None:
    async with served(found, steps="plan") as (town, box):
        anna = await at_the_question(town)
        told = await says_yes_with(anna, "anna@nordby")
        assert "anna@nordby er ikke en gyldig mailadresse." in told and S7 in told
        assert anna.page is not None
        assert anna.page.areas("mail")[0].get("value") == "anna@nordby"
        assert (consent(town)[0], box.mails) == (None, [])


async def test_a_yes_without_an_address_is_taken_and_it_is_told_that_nobody_can_be_reached_so(found: Found) -> None:
    async with served(found, steps="plan") as (town, box):
        anna = await at_the_question(town)
        await anna.taps("Ja")
        assert "Du har sagt ja, men vi har ingen mailadresse at skrive til." in "\n".join(anna.sees())
        assert (consent(town)[:2], box.mails) == ((1, 1), [])


async def test_where_no_mail_is_sent_no_address_is_asked_for_and_it_is_told(found: Found) -> None:
    async with found(channel="web", steps="plan") as town:
        anna = await at_the_question(town)
        assert anna.page is not None and anna.page.areas("mail") == []
        await anna.taps("Ja")
        assert "Du har sagt ja til beskeder, men kommunen kan ikke sende mail herfra." in "\n".join(anna.sees())


async def test_a_no_asks_for_nothing(found: Found) -> None:
    async with served(found, steps="plan") as (town, box):
        anna = await at_the_question(town)
        await anna.taps("Nej")
        assert "mailadresse" not in "\n".join(anna.sees())
        assert (consent(town)[:2], box.mails) == ((0, 0), [])


# --- and it goes with the messages ------------------------------------------------------------------------


def mailboxes(town: Town) -> int:
    return int(town.rows("SELECT count(*) FROM mailboxes")[0][0])


async def by_stop(anna: OnPages, _: Mailbox) -> None:
    await anna.says("/stop")


async def by_leaving(anna: OnPages, _: Mailbox) -> None:
    await anna.says("/forlad")


async def by_the_question(anna: OnPages, _: Mailbox) -> None:
    await anna.says("/paamindelser")
    await anna.taps("Nej")


async def by_the_panel(anna: OnPages, _: Mailbox) -> None:
    await anna.says("/mail")
    await anna.taps("Stop beskeder på mail")


async def by_a_mails_button(anna: OnPages, box: Mailbox) -> None:
    await anna.town.plans_meeting(MEETING + "; invites = 2026-03-03 09:00")
    await comes_to(anna.town, int(anna.town.clock.now) + 24 * 3600)
    await pressed(anna.town, link_of(box.mails[-1], "Stop beskeder"), "Stop beskeder")


async def by_the_mail_program(anna: OnPages, box: Mailbox) -> None:
    """One click, RFC 8058."""
    address = link_of(box.mails[-1], "Ja, det er min adresse") + "/stop"
    await posted(opened(anna.town), address.removeprefix(anna.town.home), [("List-Unsubscribe", "One-Click")])


@pytest.mark.parametrize(
    "stops", [by_stop, by_leaving, by_the_question, by_the_panel, by_a_mails_button, by_the_mail_program]
)
async def test_the_address_goes_when_messages_are_turned_off_however_that_is_done(
    found: Found, stops: Callable[[OnPages, Mailbox], Awaitable[None]]
) -> None:
    async with served(found, steps="plan") as (town, box):
        anna = await confirmed(town, box)
        assert mailboxes(town) == 1
        await stops(anna, box)
        assert (mailboxes(town), consent(town)[:2]) == (0, (0, 0))
        assert await says_of_messages(anna) == "Nej"


async def test_who_is_on_telegram_too_stops_mail_alone_by_a_mail(found: Found) -> None:
    async with served(found, steps="plan") as (town, box):
        anna = await confirmed(town, box)

        def on_telegram(tx: Tx) -> None:
            people.enter(tx, "telegram", "4711", 1, int(town.clock.now))

        await town.runtime.database.write(on_telegram)
        await by_the_mail_program(anna, box)
        assert (mailboxes(town), consent(town)[:2]) == (0, (1, 1))


async def test_an_address_that_is_not_confirmed_is_taken_back_without_a_no_to_messages(found: Found) -> None:
    async with served(found, steps="plan") as (town, _):
        anna = await anna_of(town)
        await gives(anna, "ana@nordby.example")
        await anna.taps("Slet adressen")
        assert (mailboxes(town), consent(town)[:2]) == (0, (1, 1))

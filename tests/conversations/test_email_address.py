"""«Din mail»: an address is asked for, waits for a yes, works, changes and goes; on Telegram it is only told of."""

from __future__ import annotations

import pytest

from bot.dialogue import panel_navigation
from bot.dialogue.panel import Panel, PanelInput
from bot.dialogue.session import Visit, load
from bot.features.email_address import confirmation
from bot.features.privacy import retention
from bot.flows.schedule import DAY, HOUR
from storage.db import Tx
from tests.support.chat import Found, Town
from tests.support.mail_readers import ANNA, anna_of, confirmed, gives, link_of, pressed, said, served
from tests.support.pages import OnPages

ASKED = "Hvad er din mailadresse?"
OTHER = "anna@kontoret.example"


def look(anna: OnPages) -> str:
    return "\n".join(anna.sees())


def buttons(anna: OnPages) -> list[str]:
    assert anna.page is not None
    return [button.label for button in anna.page.buttons()]


async def panel(anna: OnPages) -> str:
    await anna.says("/mail")
    return look(anna)


def kept(town: Town) -> list[tuple[object, ...]]:
    return town.rows("SELECT confirmed_at IS NOT NULL, refused_at IS NOT NULL FROM mailboxes")


async def test_it_says_what_it_is_for_and_asks_for_an_address(found: Found) -> None:
    async with served(found, steps="plan") as (town, _):
        anna = await anna_of(town)
        shown = await panel(anna)
        assert ASKED in shown and "Vi bruger kun adressen til de beskeder, du har sagt ja til" in shown
        assert anna.page is not None and anna.page.areas("text")[0].get("type") == "email"
        assert town.rows("SELECT count(*) FROM mailboxes") == [(0,)]
        await anna.taps("Fortsæt med spørgsmålene")
        assert "Hvordan skal vi gribe arbejdet an?" in look(anna) or anna.page.form is not None


@pytest.mark.parametrize(
    "typed", ["anna", "anna@nordby", "anna@@nordby.dk", "20 30 40 50", "anna at nordby punktum dk", "a@b.dk, c@d.dk"]
)
async def test_what_is_no_address_is_kindly_refused_and_asked_for_again(found: Found, typed: str) -> None:
    async with served(found, steps="plan") as (town, box):
        anna = await anna_of(town)
        await panel(anna)
        await anna.says(typed)
        shown = look(anna)
        assert f"{typed} er ikke en gyldig mailadresse." in shown and ASKED in shown
        assert (kept(town), box.mails) == ([], [])


async def test_blanks_and_capitals_do_no_harm(found: Found) -> None:
    async with served(found, steps="plan") as (town, box):
        await gives(await anna_of(town), "  anna.lund@Nordby.Example ")
        assert [each.to for each in box.mails] == [ANNA]


async def test_while_it_waits_one_may_send_again_write_another_or_let_it_be(found: Found) -> None:
    async with served(found, steps="plan") as (town, box):
        anna = await anna_of(town)
        await gives(anna)
        shown = look(anna)
        assert "Mailen er på vej." in shown and f"Vi har sendt en mail til {ANNA}." in shown
        assert buttons(anna) == [
            "Send mailen igen",
            "Skriv en anden adresse",
            "Slet adressen",
            "Fortsæt med spørgsmålene",
        ]
        await anna.taps("Skriv en anden adresse")
        assert ASKED in look(anna)
        await anna.taps("Behold adressen")
        assert f"Vi har sendt en mail til {ANNA}." in look(anna)
        await anna.taps("Skriv en anden adresse")
        await anna.says(OTHER)
        town.clock.now += confirmation.BETWEEN_MAILS
        await town.looks()
        assert [each.to for each in box.mails] == [ANNA, OTHER]
        old = await pressed_yes_is_gone(town, link_of(box.mails[0], "Ja, det er min adresse"))
        assert old == 404
        await pressed(town, link_of(box.mails[1], "Ja, det er min adresse"), "Ja, det er min adresse")
        assert f"Vi skriver til dig på {OTHER}." in await panel(anna)
        await anna.taps("Stop beskeder på mail")
        assert "Adressen er slettet." in look(anna) and kept(town) == []


async def asks_from(town: Town, address: str, number: int) -> str:
    """Somebody there gives a mail address nobody has given before; what the page says."""
    anna = await anna_of(town, name=f"Nr. {number}", messages="Nej")
    anna.browser.session.headers.update({"X-Forwarded-For": address})
    await gives(anna, f"nr{number}@nordby.example")
    return look(anna)


HERE = "Der er bedt om mange mails fra det netværk, du er på. Prøv igen om en time"


async def test_from_one_place_no_more_mails_are_asked_for_in_an_hour_than_the_setting_says(found: Found) -> None:
    async with served(found, steps="plan", more={"confirmation_mails_per_address": 2}) as (town, box):
        told = [await asks_from(town, "192.0.2.1", number) for number in range(4)]
        assert [HERE in each for each in told] == [False, False, True, True]
        assert HERE not in await asks_from(town, "192.0.2.2", 4)
        six = [await asks_from(town, f"2001:db8:1:{number}::{number}", number) for number in range(5, 13)]
        assert [HERE in each for each in six] == [False] * 6 + [True] * 2  # of one /48
        assert len(box.mails) == 9
        town.clock.now += HOUR
        assert HERE not in await asks_from(town, "192.0.2.1", 13)


async def test_to_everybody_together_no_more_go_out_in_an_hour_than_the_setting_says(found: Found) -> None:
    async with served(found, steps="plan", more={"confirmation_mails_per_hour": 2}) as (town, box):
        told = [await asks_from(town, f"192.0.2.{number}", number) for number in range(3)]
        assert ["Vi sender usædvanligt mange mails lige nu. Prøv igen om en time." in each for each in told] == [
            False,
            False,
            True,
        ]
        assert len(box.mails) == 2
        town.clock.now += HOUR
        assert "Mailen er på vej." in await asks_from(town, "192.0.2.9", 9)


async def pressed_yes_is_gone(town: Town, link: str) -> int:
    browser = town.visitor("Bo").browser
    return (await browser.get(link)).status


async def test_mails_that_ask_are_a_minute_apart_and_no_more_than_two_a_day_to_one_address(found: Found) -> None:
    async with served(found, steps="plan") as (town, box):
        anna = await anna_of(town)
        await gives(anna)
        for _ in range(2):
            await anna.taps("Send mailen igen")
        await town.looks()
        assert len(box.mails) == 1
        town.clock.now += confirmation.BETWEEN_MAILS
        await town.looks()
        assert len(box.mails) == 2  # the second press took the place of the first
        await anna.taps("Send mailen igen")
        assert "Vi har i dag sendt det antal mails, vi må, til den adresse." in look(anna)
        town.clock.now += DAY
        await town.looks()
        assert [each.to for each in box.mails] == [ANNA] * 2
        await anna.taps("Send mailen igen")
        await town.looks()
        assert len(box.mails) == 3


async def test_one_person_asks_no_more_than_three_addresses_an_hour(found: Found) -> None:
    async with served(found, steps="plan") as (town, box):
        anna, began = await anna_of(town), town.clock.now
        await gives(anna, "nr0@nordby.example")
        for number in range(1, 4):
            town.clock.now += confirmation.BETWEEN_MAILS
            await town.looks()
            await anna.taps("Skriv en anden adresse")
            await anna.says(f"nr{number}@nordby.example")
        assert "Vi har sendt dig tre mails den sidste time" in look(anna)
        assert [each.to for each in box.mails] == [f"nr{number}@nordby.example" for number in range(3)]
        town.clock.now = began + HOUR + 60
        await anna.taps("Skriv en anden adresse")
        await anna.says("nr4@nordby.example")
        await town.looks()
        assert len(box.mails) == 4


async def test_one_mailbox_gets_two_mails_a_day_whoever_asks_and_however_it_is_written(found: Found) -> None:
    async with served(found, steps="plan") as (town, box):
        for number, address in enumerate((ANNA, ANNA.upper(), ANNA.replace("@", "+x@"), ANNA, ANNA)):
            await gives(await anna_of(town, name=f"Gæst {number}"), address)
            await town.looks()
        assert len(box.mails) == 2
        await gives(await anna_of(town, name="Bo"), "bo@nordby.example")
        assert len(box.mails) == 3
        assert town.rows("SELECT count(*) FROM confirmation_mails WHERE recipient LIKE '%anna%'") == [(0,)]


async def test_a_no_is_remembered_and_nobody_has_it_asked_again(found: Found) -> None:
    async with served(found, steps="plan") as (town, box):
        await gives(await anna_of(town))
        no = await pressed(town, link_of(box.mails[0], "Nej, slet adressen"), "Nej, slet adressen")
        assert "Vi skriver ikke til adressen igen" in said(no)
        for days in (0, 1, 40):
            town.clock.now += days * DAY
            bo = await anna_of(town, name=f"Bo {days}")
            await gives(bo, ANNA)
            assert "har sagt nej til mail fra os" in look(bo)
        assert len(box.mails) == 1
        assert ANNA.encode() not in town.on_disk()


@pytest.mark.parametrize("before", ["Ja", "Nej"])
async def test_a_no_to_messages_takes_the_address_with_it_and_says_so(found: Found, before: str) -> None:
    """Also of who had given one without having said yes."""
    async with served(found, steps="plan") as (town, box):
        anna = await anna_of(town, messages=before)
        await gives(anna)
        await pressed(town, link_of(box.mails[-1], "Ja, det er min adresse"), "Ja, det er min adresse")
        assert kept(town) != []
        if before == "Nej":
            await anna.says("/paamindelser")
            await anna.taps("Ja")
            await gives(anna)
        await anna.says("/paamindelser")
        await anna.taps("Nej")
        assert kept(town) == []
        assert "Adressen er slettet. Du får ikke flere mails fra os." in look(anna)


async def test_the_question_survives_a_restart(found: Found) -> None:
    async with served(found, steps="plan") as (town, box):
        anna = await anna_of(town)
        box.at_greeting = "421 4.3.2 Not now"
        await gives(anna)
        await town.down()
        box.at_greeting = None
        town.clock.now += 30
        await town.up()
        await town.looks()
        assert [each.to for each in box.mails] == [ANNA]


async def test_the_same_address_again_is_not_asked_of_again(found: Found) -> None:
    async with served(found, steps="plan") as (town, box):
        anna = await confirmed(town, box)
        await panel(anna)
        await anna.taps("Skriv en anden adresse")
        await anna.says(ANNA)
        assert "Vi har allerede den adresse." in look(anna)
        assert (kept(town), len(box.mails)) == ([(1, 0)], 1)


async def test_an_address_that_nobody_confirms_goes_after_seven_days(found: Found) -> None:
    async with served(found, steps="plan") as (town, box):
        await gives(await anna_of(town))
        asked_at = int(town.clock.now)

        async def tidies(at: int) -> None:
            runtime = town.runtime
            await runtime.database.write(lambda tx: retention.forget_what_is_due(tx, runtime.process_host.plan(tx), at))

        await tidies(asked_at + 7 * 86400)
        assert kept(town) == [(0, 0)]
        await tidies(asked_at + 7 * 86400 + 1)
        assert kept(town) == []
        assert await pressed_yes_is_gone(town, link_of(box.mails[0], "Ja, det er min adresse")) == 404


async def test_on_telegram_it_tells_where_messages_come_and_asks_for_nothing(found: Found) -> None:
    async with found(steps="plan", pages=True) as town:
        anna = town.person("Anna")
        await anna.says("/start plan")
        await anna.taps("Jeg er med")

        def shown(tx: Tx) -> tuple[Panel, str]:
            now = int(town.clock.now)
            s = load(
                tx, town.runtime.context, Visit(channel="telegram", address=str(anna.phone.id), now=now, sent_at=now)
            )
            assert s is not None
            panel = panel_navigation.go(s, "mail/ny", PanelInput("anna@nordby.example"))
            assert isinstance(panel, Panel)
            return panel, "\n".join(panel.body)

        panel, told = await town.runtime.database.write(shown)
        assert (told, panel.asks) == ("Du får beskeder her på Telegram. Vi kan ikke sende mail.", None)
        town.runtime.process_host.mails = True
        panel, told = await town.runtime.database.write(shown)
        assert ("skriv /web" in told, panel.asks) == (True, None)
        assert town.rows("SELECT count(*) FROM mailboxes") == [(0,)]

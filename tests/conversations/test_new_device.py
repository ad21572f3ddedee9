"""Whoever holds a role is told on every channel when somebody comes in as them, or takes over the lead, and can end
it by a button."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.dialogue.session import TELEGRAM, WEB
from bot.features.identity import personal_link
from bot.features.second_proof.service import Way
from storage import email_addresses, people, proofs
from storage.db import Tx
from tests.support.cast import Cast, cast
from tests.support.chat import Found, OnTelegram
from tests.support.codes import code_for
from tests.support.mail_readers import link_of, pressed, said
from tests.support.mailbox import Mailbox, Received, mailbox
from tests.support.visitors import entered, opened

MAIL = "lea@eksempel-kommune.example"
NEW, NOT_ME = "En ny enhed er logget ind", "Det var ikke mig"
TAKEN, DISPUTE = "Der er kommet en ny projektleder", "Meld, at det ikke er aftalt"


@asynccontextmanager
async def led(found: Found, *names: str) -> AsyncIterator[tuple[Cast, Mailbox, OnTelegram]]:
    """Lea leads from her phone, and has a confirmed mailbox and a place on the web."""
    async with (
        mailbox() as box,
        cast(found, "telegram", "leader", *names, strict=True, pages=True, smtp=box.url()) as there,
    ):
        lea = there.people["leader"]
        assert isinstance(lea, OnTelegram)

        def has_mail(tx: Tx) -> None:
            s = there.session(tx, "leader")
            personal_link.make(s)
            email_addresses.put(tx, s.person.id, MAIL, "k" * 22, "hash", s.visit.now)
            email_addresses.confirm(tx, s.person.id, s.visit.now)

        await there.town.runtime.database.write(has_mail)
        lea.sees()
        yield there, box, lea


async def own_link(there: Cast) -> str:
    def link(tx: Tx) -> str:
        found = personal_link.own(there.session(tx, "leader"))
        assert found is not None
        return found

    return await there.town.runtime.database.read(link)


def of(box: Mailbox, subject: str) -> list[Received]:
    return [mail for mail in box.mails if mail.message["Subject"] == subject]


# --- a new device -----------------------------------------------------------------------------------------


async def test_a_new_device_is_told_by_mail_and_in_the_chat_at_once(found: Found) -> None:
    async with led(found) as (there, box, lea):
        await entered(opened(there.town), await own_link(there))
        await there.town.looks()
        [mail] = of(box, NEW)
        assert mail.to == MAIL and "hos Eksempel Kommune" in mail.text and "List-Unsubscribe" not in mail.message
        told = "".join(lea.sees())
        assert NEW in told and f"[{NOT_ME}]" in told
        assert there.town.rows("SELECT count(*) FROM audit WHERE action = 'device-new'") == [(1,)]


async def test_who_holds_no_role_is_not_told(found: Found) -> None:
    async with led(found, "borger") as (there, box, _):
        person = there.people["borger"]
        assert isinstance(person, OnTelegram)

        def link(tx: Tx) -> str:
            return personal_link.make(there.session(tx, "borger"))

        made = await there.town.runtime.database.write(link)
        person.sees()
        await entered(opened(there.town), made)
        await there.town.looks()
        assert person.sees() == [] and of(box, NEW) == []


async def test_it_was_not_me_in_the_chat_logs_it_out_and_closes_the_link(found: Found) -> None:
    async with led(found) as (there, _box, lea):
        link, thief, own = await own_link(there), opened(there.town), opened(there.town)
        await entered(own, link)
        await there.town.looks()
        await there.town.rest()
        there.town.clock.now += 60
        await entered(thief, link)
        await there.town.looks()
        roles = there.town.rows("SELECT * FROM roles")
        await lea.taps(NOT_ME)
        assert "Enheden er logget ud" in "".join(lea.sees())
        assert len(there.town.rows("SELECT id_hash FROM sessions")) == 1
        assert "Vær med" in said(await thief.get("/leder")) or (await thief.get("/leder")).status == 404
        assert (await opened(there.town).get(link)).status == 404
        assert (await own.get("/enheder")).status == 200
        assert there.town.rows("SELECT * FROM roles") == roles
        assert there.town.rows("SELECT action FROM audit WHERE action = 'device-denied'") == [("device-denied",)]


async def test_it_was_not_me_in_the_mail_does_the_same_and_gives_nothing(found: Found) -> None:
    async with led(found) as (there, box, _lea):
        link, thief = await own_link(there), opened(there.town)
        await entered(thief, link)
        await there.town.looks()
        button = link_of(of(box, NEW)[0], NOT_ME)
        scanner = opened(there.town)
        await scanner.get(button)
        assert len(there.town.rows("SELECT id_hash FROM sessions")) == 1  # looking does nothing
        reader = opened(there.town)
        done = await pressed(there.town, button, NOT_ME, reader)
        assert "Enheden er logget ud" in said(done)
        assert there.town.rows("SELECT id_hash FROM sessions") == []
        assert (await reader.get("/enheder")).url.endswith("/")
        assert (await opened(there.town).get(link)).status == 404


async def test_a_chat_that_is_connected_is_told_by_mail_and_can_be_put_out(found: Found) -> None:
    """By a thief who has proven something, or the code of a link that lay about."""
    async with led(found) as (there, box, _lea):
        town = there.town

        def code(tx: Tx) -> str:
            s = there.session(tx, "leader")
            people.step_out(tx, *s.visit.at, s.person.id)  # she has no chat
            return personal_link.code_for(s)

        thief = town.person("Tyv")
        await thief.says(f"/start {await town.runtime.database.write(code)}")
        await town.looks()
        [mail] = of(box, NEW)
        assert "chat på Telegram" in mail.text
        thief.sees()
        await thief.says("/leder")
        assert "Roller" in thief.phone.buttons
        await pressed(town, link_of(mail, NOT_ME), NOT_ME)
        await thief.says("/eksport csv")
        assert "Roller" not in thief.phone.buttons
        assert town.rows("SELECT count(*) FROM addresses JOIN roles USING (person_id) WHERE channel = 'telegram'") == [
            (0,)
        ]


async def test_what_a_chat_had_proven_goes_with_it_and_nothing_that_was_proven_elsewhere(found: Found) -> None:
    """So that the account proves nothing where it is connected again."""
    async with led(found) as (there, box, _lea):
        town = there.town

        def code(tx: Tx) -> str:
            s = there.session(tx, "leader")
            people.step_out(tx, *s.visit.at, s.person.id)
            return personal_link.code_for(s)

        thief = town.person("Tyv")
        await thief.says(f"/start {await town.runtime.database.write(code)}")
        await town.looks()
        [(person, address)] = town.rows(
            "SELECT person_id, address FROM addresses JOIN roles USING (person_id) WHERE channel = 'telegram'"
        )

        def proves(tx: Tx) -> None:
            for channel, place in ((TELEGRAM, address), (WEB, "her browser")):
                proofs.put(tx, int(person), channel, str(place), Way.MAIL, int(town.clock.now))

        await town.runtime.database.write(proves)
        await pressed(town, link_of(of(box, NEW)[0], NOT_ME), NOT_ME)
        assert town.rows("SELECT channel, place FROM proofs") == [(WEB, "her browser")]


async def test_a_code_that_somebody_else_asked_for_can_be_denied(found: Found) -> None:
    async with led(found) as (there, box, _lea):
        thief = opened(there.town)
        await entered(thief, await own_link(there))
        page = await thief.get("/leder")
        [send] = [each for each in page.buttons() if each.label == "Send en kode på mail"]
        await thief.press(page, send.element)
        await there.town.looks()
        [mail] = of(box, "Din kode til Eksempel Kommune")
        await pressed(there.town, link_of(mail, NOT_ME), NOT_ME)
        assert there.town.rows("SELECT count(*) FROM proof_codes") == [(0,)]
        assert there.town.rows("SELECT id_hash FROM sessions") == []


async def test_your_devices_say_where_it_was_shown_who_one_is(found: Found) -> None:
    async with led(found) as (there, _box, lea):
        browser = opened(there.town)
        await entered(browser, await own_link(there))
        await lea.says("/enheder")
        assert "Identiteten er bekræftet" not in "".join(lea.sees())
        page = await browser.get("/leder")
        form = page.panel_form("/skriv")
        assert form is not None
        page.areas("text")[0].value = await code_for(there.town)
        await browser.press(page, page.buttons(form)[0].element)
        await lea.says("/enheder")
        assert "Identiteten er bekræftet tirsdag den 3. marts 2026" in "".join(lea.sees())


# --- a take-over ------------------------------------------------------------------------------------------


async def test_who_led_is_told_on_every_channel_and_can_say_that_it_was_not_agreed(found: Found) -> None:
    async with led(found, "deputy") as (there, box, lea):
        town, dorte = there.town, there.people["deputy"]
        dorte.sees()
        nina = town.person("Nina")
        await nina.says(f"/start {await town.invites('leader')}")
        await nina.taps("Jeg er med")
        await town.looks()
        [mail] = of(box, TAKEN)
        assert mail.to == MAIL
        assert TAKEN in "".join(lea.sees())
        roles = town.rows("SELECT person_id, role FROM roles ORDER BY 1, 2")
        done = await pressed(town, link_of(mail, DISPUTE), DISPUTE)
        assert "Vi har givet 1 stedfortræder besked." in said(done)
        await town.looks()
        assert "siger, at det ikke var aftalt" in "".join(dorte.sees())
        await lea.taps(DISPUTE)
        await town.looks()
        assert dorte.sees() == []  # told once
        assert town.rows("SELECT person_id, role FROM roles ORDER BY 1, 2") == roles
        assert "roles process=1 take_over=disputed" in town.log.getvalue()


async def test_who_takes_over_shows_who_they_are_before_anything_else(found: Found) -> None:
    async with led(found) as (there, _box, _lea):
        town = there.town
        nina = town.person("Nina")
        await nina.says(f"/start {await town.invites('leader')}")
        await nina.taps("Jeg er med")
        await nina.says("/leder")
        nina.sees()
        await nina.taps("Roller")
        assert "Vis, at det er dig" in "".join(nina.sees())

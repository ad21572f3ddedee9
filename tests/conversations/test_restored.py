"""A town is put back to its backup: nothing is sent again by itself, no old button means something new, and those who
lead say what becomes of what is held."""

from __future__ import annotations

import pytest

from bot.access import Role
from storage import key_erasure, proofs
from storage.db import Tx
from tests.support.backups import backed_up, crashes_and_is_put_back
from tests.support.chat import Found, OnTelegram, Town
from tests.support.people import comes_to, has_answered, leads, seen
from tests.support.visitors import at_step, opened

TITLE = "Systemet er gendannet fra en sikkerhedskopi"
DAY = 86400


async def _begins(town: Town, name: str) -> OnTelegram:
    person = town.person(name)
    await person.says("/start dialog_frivillige")
    await person.taps("Jeg er med")
    await person.taps("Frivillig")
    return person


def _answers(town: Town) -> list[tuple[object, ...]]:
    return town.rows(
        """SELECT addresses.address, question FROM answers JOIN runs ON runs.id = run_id
           JOIN addresses ON addresses.person_id = runs.person_id ORDER BY answers.id"""
    )


async def test_a_button_from_before_the_crash_never_means_another_question(found: Found) -> None:
    """An area that was tapped on an old message was stored as what one does most."""
    async with found(steps="dialog_frivillige") as town:
        anna = await _begins(town, "Anna")
        copy = backed_up(town)
        await anna.taps("Idræt")
        area = anna.phone.last.raw["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
        await anna.taps("Nordby")
        later = anna.phone.last.raw["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
        await crashes_and_is_put_back(town, copy.path)
        before = _answers(town)
        for data in (area, area, later, later):  # what answers one shows the question again, under the next number
            await anna.forges(data)
            assert _answers(town) == before
        await anna.taps("Kultur og fritid")  # the question that it has shown again
        await anna.forges(area)
        assert len(_answers(town)) == len(before) + 1


async def test_who_is_not_in_the_backup_begins_anew_and_their_old_buttons_mean_nothing(found: Found) -> None:
    async with found(steps="dialog_frivillige") as town:
        copy = backed_up(town)
        anna = await _begins(town, "Anna")
        old = [anna.phone.last.raw["reply_markup"]["inline_keyboard"][0][0]["callback_data"]]
        await anna.taps("Idræt")
        old.append(anna.phone.last.raw["reply_markup"]["inline_keyboard"][0][0]["callback_data"])
        await crashes_and_is_put_back(town, copy.path)
        assert town.rows("SELECT count(*) FROM people") == [(0,)]
        await _begins(town, "Anna")
        before = _answers(town)
        for data in (*old, *old):
            await anna.forges(data)
        assert _answers(town) == before


async def test_buttons_from_before_an_erasure_mean_nothing_to_who_begins_anew(found: Found) -> None:
    async with found(steps="dialog_frivillige") as town:
        anna = await _begins(town, "Anna")
        old = anna.phone.last.raw["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
        await anna.says("/slet")
        await anna.taps("Ja, slet alt")
        await _begins(town, "Anna")
        before = _answers(town)
        await anna.forges(old)
        assert _answers(town) == before


async def test_words_are_not_the_answer_to_a_question_that_their_writer_has_passed(found: Found) -> None:
    async with found(steps="dialog_frivillige") as town:
        anna = await _begins(town, "Anna")
        for label in ("Idræt", "Nordby", "Nej"):
            await anna.taps(label)
        copy = backed_up(town)
        await anna.says("En eneste idé")
        await anna.taps("Færdig")
        await crashes_and_is_put_back(town, copy.path)
        before = _answers(town)
        await anna.says("Svaret på det næste spørgsmål")
        assert _answers(town) == before
        anna.sees()
        await anna.says("Svaret på det, der står her igen")
        assert len(_answers(town)) == len(before) + 1


async def test_what_was_stored_and_not_yet_acted_on_is_acted_on_after_the_restore(found: Found) -> None:
    """No update is lost, and none is applied twice."""
    async with found(steps="dialog_frivillige") as town:
        anna = await _begins(town, "Anna")
        await anna.taps("Idræt")
        before = _answers(town)
        # as a kill between taking it in and acting on it leaves it
        [(seq,)] = town.rows("SELECT max(seq) FROM inbox")
        await town.down()
        anna.phone.taps("Nordby")
        [update] = town.api.waiting_updates()
        await _takes_in(town, update)
        copy = backed_up(town)
        assert town.rows("SELECT state FROM inbox WHERE seq > ?", seq) == [("new",)]
        await town.up()
        assert len(_answers(town)) == len(before) + 1
        await crashes_and_is_put_back(town, copy.path)
        assert len(_answers(town)) == len(before) + 1
        await anna.does(lambda: town.api.repeat_update(update))
        assert len(_answers(town)) == len(before) + 1


async def _takes_in(town: Town, update: dict[str, object]) -> None:
    from bot.channels.telegram.poller import incoming
    from storage import inbox

    await town._open()
    await town.runtime.database.write(lambda tx: inbox.add(tx, [incoming(update)], int(town.clock.now)))
    town._runtime = None
    await town._life.aclose()
    if town._bound is not None:
        town._bound.close()


async def test_who_was_erased_since_the_backup_stays_erased_and_nobody_else_is(found: Found) -> None:
    async with found(steps="dialog_frivillige") as town:
        anna, bo = await _begins(town, "Anna"), await _begins(town, "Bo")
        for person in (anna, bo):
            for label in ("Idræt", "Nordby", "Nej"):
                await person.taps(label)
            await person.says(f"Noget om {person.phone.first_name}")
        copy = backed_up(town)
        await anna.says("/slet")
        await anna.taps("Ja, slet alt")
        await key_erasure.finish(town.runtime.database, int(town.clock.now))
        await crashes_and_is_put_back(town, copy.path)
        assert town.rows("SELECT address FROM addresses") == [(str(bo.phone.id),)]
        assert {address for address, _ in _answers(town)} == {str(bo.phone.id)}


# --- what may have gone out -------------------------------------------------------------------------------


STEPS = "plan, dialog_frivillige closes 2026-03-11 16:00"
DUE = "SELECT state FROM outbox WHERE kind = 'deadline'"


async def _lost_two_days(town: Town) -> tuple[OnTelegram, OnTelegram]:
    """A reminder of a deadline was due and went out after the backup. Anna has it; nobody knows."""
    lea = await leads(town)
    assert isinstance(lea, OnTelegram)
    anna = await has_answered(town)
    copy = backed_up(town)
    for _ in range(3):
        await comes_to(town, int(town.clock.now) + DAY)
    assert town.rows(DUE) == [("sent",)]
    anna.sees(), lea.sees()
    await crashes_and_is_put_back(town, copy.path)
    await town.looks()
    return lea, anna


async def test_nothing_that_was_sent_is_sent_again_until_the_leader_says_so(found: Found) -> None:
    async with found(steps=STEPS) as town:
        lea, anna = await _lost_two_days(town)
        assert anna.sees() == []
        assert town.rows(DUE) == [("held",)]
        assert seen(lea) == ""  # it is evening
        await comes_to(town, int(town.clock.now) + DAY // 2 + 4 * 3600)
        assert anna.sees() == []
        told = seen(lea)
        assert (
            TITLE in told
            and "tirsdag den 3. marts 2026 kl. 19.0" in told
            and "1 besked venter på din godkendelse" in told
        )
        await lea.taps("Se ventende beskeder")
        assert "1 person" in seen(lea)
        await lea.taps("Send alle beskederne")
        assert "1 besked bliver sendt" in seen(lea)
        await town.looks()
        assert town.rows(DUE) == [("sent",)]
        assert anna.sees() != []
        assert ("held-sent", "1") in town.rows("SELECT action, detail FROM audit")


async def test_what_the_leader_drops_never_goes_out(found: Found) -> None:
    async with found(steps=STEPS) as town:
        lea, anna = await _lost_two_days(town)
        lea.sees()
        await lea.says("/leder")
        await lea.taps("Beskeder og påmindelser")
        await lea.taps("Venter på dig: 1 besked")
        await lea.taps(lea.phone.buttons[0])  # the one kind
        await lea.taps("Send ikke")
        assert "1 besked bliver ikke sendt" in seen(lea)
        await comes_to(town, int(town.clock.now) + DAY)
        assert [each for each in anna.sees() if "frist" in each.lower()] == []
        assert town.rows(DUE) == [("withdrawn",)]


async def test_what_came_due_in_the_lost_time_is_held_as_well(found: Found) -> None:
    """A step that opened meanwhile was announced; it is not announced again by itself."""
    async with found(steps="plan, dialog_frivillige opens 2026-03-04 10:00") as town:
        anna = await has_answered(town)
        await leads(town)
        copy = backed_up(town)
        await comes_to(town, int(town.clock.now) + 16 * 3600)
        announced = town.rows("SELECT count(*) FROM outbox WHERE kind = 'step-opened' AND state = 'sent'")
        assert announced == [(1,)]
        anna.sees()
        await crashes_and_is_put_back(town, copy.path)
        await town.looks()
        assert town.rows("SELECT count(*) FROM outbox WHERE kind = 'step-opened' AND state = 'held'") == announced
        assert anna.sees() == []


@pytest.mark.parametrize("role", [Role.STEERING, Role.FACILITATOR, None])
async def test_only_those_who_see_what_is_sent_say_what_becomes_of_it(found: Found, role: Role | None) -> None:
    async with found(channel="web", steps="plan") as town:
        if role is not None:
            await leads(town, "Bo", role)
        visitor, _ = await at_step(town, "plan") if role is None else (opened(town), None)
        for path in ("/venter", "/leder/venter"):
            async with visitor.session.get(town.home + path) as response:
                assert response.status == 404


# --- sessions and codes -----------------------------------------------------------------------------------


async def test_everybody_is_logged_out_and_no_link_that_gives_a_role_holds(found: Found) -> None:
    async with found(channel="web", steps="plan") as town:
        browser, _ = await at_step(town, "plan")
        invite = await town.invites("deputy")

        def shown(tx: Tx) -> None:
            [(person,)] = tx.all("SELECT id FROM people")
            proofs.put(tx, person, "telegram", "7", "mail", int(town.clock.now))
            proofs.open_code(tx, person, "operator", None, int(town.clock.now) + 600)

        await town.runtime.database.write(shown)
        copy = backed_up(town)
        await crashes_and_is_put_back(town, copy.path)
        for table in ("sessions", "proofs", "proof_codes", "proof_links"):
            assert town.rows(f"SELECT count(*) FROM {table}") == [(0,)]
        async with browser.session.get(town.home + "/mine.json") as response:
            assert str(response.url) == town.home + "/"  # as to somebody who has not been here
        bo = town.somebody("Bo")
        await bo.says(f"/start {invite}")
        await bo.taps("Jeg er med")
        assert town.rows("SELECT count(*) FROM roles") == [(0,)]

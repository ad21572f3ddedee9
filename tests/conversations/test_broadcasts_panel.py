"""«Send besked til mange»: the leader writes, sees first how it looks and to how many it goes, and can stop
it. On Telegram and on the pages."""

from __future__ import annotations

from functools import partial

import pytest

from bot.access import Role
from bot.dialogue import panel_navigation
from bot.dialogue.panel import Panel
from bot.dialogue.session import Visit, load
from bot.features.broadcasts.panel import LONGEST
from bot.features.meetings.service import scheduling
from bot.flows.model import Group
from bot.process.file import MeetingKind
from storage import broadcasts, meetings, signups
from storage.db import Tx
from storage.meetings import MeetingDetails, MeetingFacts
from storage.recipients import ChosenAudience
from storage.signups import Signup
from tests.support.botapi import Fault, Person
from tests.support.broadcasts import QUIET, SEND, TEXT, crowd, residents, sends, writes
from tests.support.chat import Found, OnTelegram, Somebody, Town
from tests.support.people import leads, seen

on_both = pytest.mark.parametrize("channel", ["telegram", "web"])
WHOLE = f"Besked fra Eksempel Kommune\n\n{TEXT}\n\nDu får denne besked, fordi du har sagt ja til beskeder fra os."
PLAN = "Trin 1. Læg en plan"
MORNING = 14 * 3600  # seconds from the evening on which the towns begin to nine the next morning


def states(town: Town) -> dict[str, int]:
    return dict(town.rows("SELECT state, count(*) FROM outbox WHERE kind = 'bulk' GROUP BY state"))


def came(phones: list[Person]) -> list[int]:
    """How often each has it, word for word."""
    return [sum(each.text == WHOLE for each in phone.sees() if each.by_bot) for phone in phones]


# --- whom -------------------------------------------------------------------------------------------------


@on_both
async def test_the_audience_is_put_together_by_buttons_and_its_number_is_always_there(
    found: Found, channel: str
) -> None:
    async with found(channel=channel, steps="plan, linjer") as town:
        lea = await leads(town)
        await residents(town, 3, mail=True, area="nordby", sent="plan")
        await residents(town, 2, mail=True, group=Group.FORENING, area="havnen")
        await residents(town, 1, wants=0, group=Group.FORENING)
        await residents(town, 1, wants=None)
        await residents(town, 2)
        await lea.says("/leder")
        await lea.taps(SEND)
        assert "Der er ikke sendt nogen beskeder endnu." in seen(lea)
        await lea.taps("Skriv en ny besked")
        shown = seen(lea)
        assert "Til: alle" in shown
        assert "5 personer får beskeden." in shown
        assert "2 personer kan ikke få beskeden, fordi de svarer på nettet og ikke har givet en mailadresse." in shown
        assert (
            "3 personer får ikke beskeden, fordi de ikke har sagt ja til beskeder." in shown
        )  # the leader has not been asked
        await lea.taps("Vælg grupper")
        await lea.taps("☐ Forening")
        shown = seen(lea)
        assert "Til: Forening" in shown
        assert "2 personer får beskeden." in shown
        assert "1 person får ikke beskeden, fordi vedkommende ikke har sagt ja til beskeder." in shown
        await lea.taps("☐ Frivillig")
        assert "5 personer får beskeden." in seen(lea)
        await lea.taps("☑ Forening")
        assert "3 personer får beskeden." in seen(lea)
        await lea.taps("Færdig")
        await lea.taps("Vælg områder")
        await lea.taps("☐ Havnen")
        shown = seen(lea)
        assert "Til: Frivillig · Havnen" in shown
        assert "Ingen får beskeden." in shown
        await lea.taps("☑ Havnen")
        await lea.taps("Færdig")
        await lea.taps("Kun dem, der mangler at svare på et bestemt trin")
        lea.sees()
        await lea.taps(PLAN)
        shown = seen(lea)
        assert f"Til: Frivillig · dem, der mangler at svare på »{PLAN}«" in shown
        assert "Ingen får beskeden." in shown
        await lea.taps("Kun dem, der mangler at svare på et bestemt trin")
        await lea.taps("Fjern valget")
        await lea.taps("Kun dem, der har svaret på et bestemt trin")
        lea.sees()
        await lea.taps(PLAN)
        shown = seen(lea)
        assert f"Til: Frivillig · dem, der har svaret på »{PLAN}«" in shown
        assert "3 personer får beskeden." in shown
        await lea.taps("Alle")
        assert "Til: alle" in seen(lea)


async def test_one_can_write_to_those_who_come_to_a_meeting(found: Found) -> None:
    async with found(channel="web", steps="plan") as town:
        lea = await leads(town)
        yes, maybe, no, waits, *_ = await residents(town, 6, mail=True)
        start = int(town.clock.now) + 7 * 86400

        def unit(tx: Tx) -> None:
            facts = MeetingFacts(
                kind=MeetingKind.OTHER,
                details=MeetingDetails(title="Møde i hallen", place="Hallen"),
                starts_at=start,
                ends_at=start + 3600,
                invites_at=0,
            )
            meeting = scheduling.make(tx, town.runtime.process_host.plan(tx).process_id, facts, int(town.clock.now))
            for person, answer, placed in ((yes, "yes", 1), (maybe, "maybe", 0), (no, "no", 0), (waits, "yes", 0)):
                signups.put(
                    tx,
                    Signup(
                        meeting_id=meeting,
                        person_id=person,
                        answer=answer,
                        people=1,
                        placed=placed,
                        waits_since=0,
                        needs="",
                        minutes=None,
                        answered_at=0,
                    ),
                )

        await town.runtime.database.write(unit)
        await lea.says("/leder")
        for label in (SEND, "Skriv en ny besked", "Kun dem, der er tilmeldt et bestemt møde", "Møde i hallen"):
            await lea.taps(label)
        shown = seen(lea)
        assert "Til: dem, der har svaret ja eller måske til »Møde i hallen«" in shown
        assert "2 personer får beskeden." in shown
        await town.runtime.database.write(lambda tx: meetings.cancel(tx, 1, 1, "", int(town.clock.now)))
        await lea.taps("Skriv teksten")
        assert "Til: alle" in seen(lea)  # nobody comes to it any more


# --- how it looks -----------------------------------------------------------------------------------------


@on_both
async def test_the_preview_is_word_for_word_what_people_see(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan") as town:
        lea = await leads(town)
        await residents(town, 2, mail=True)
        shown = await writes(lea)
        assert "Sådan ser beskeden ud" in shown
        for paragraph in (*WHOLE.split("\n\n"), "[Stop beskeder]", "Til: alle", "2 personer får beskeden."):
            assert paragraph in shown
        assert "Beskeden bliver sendt med det samme." in shown
        assert states(town) == {}


async def test_it_survives_a_restart_before_it_is_sent_and_is_encrypted(found: Found) -> None:
    async with found(steps="plan") as town:
        lea = await leads(town)
        [anna] = await crowd(town, 1)
        await writes(lea)
        await town.wait(60)
        await lea.says("/leder")
        await lea.taps(SEND)
        await lea.taps("Ikke sendt endnu: Kære alle Vi ses i hallen på onsdag. Ta…")
        assert TEXT in seen(lea)
        await lea.taps("Ja, send den til 1 person")
        await town.looks()
        assert came([anna]) == [1]
        assert TEXT.encode() not in town.on_disk() and TEXT not in town.log.getvalue()


@on_both
async def test_what_is_too_long_is_kept_and_not_sent(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan") as town:
        lea = await leads(town)
        await residents(town, 1, mail=True)
        shown = await writes(lea, "Kom. " * 600 + "Tak!")  # 3,004 characters
        assert "Beskeden må højst være på 3.000 tegn. Den er 4 tegn for lang. Skriv den kortere." in shown
        assert "Ja, send den" not in shown
        await lea.taps("Skriv teksten om")
        assert "Kom. Kom." in seen(lea)
        await lea.says("🌻" * (LONGEST // 2))  # two units each, as Telegram counts
        assert "[Ja, send den til 1 person]" in seen(lea) or "Ja, send den til 1 person" in _labels(lea)
        await lea.taps("Slet kladden")
        assert "Kladden er slettet. Ingen har fået beskeden." in seen(lea)
        assert town.rows("SELECT count(*) FROM sendings") == [(0,)]


def _labels(person: Somebody) -> list[str]:
    if isinstance(person, OnTelegram):
        return person.phone.buttons
    return [button.label for button in person.page.buttons()] if person.page is not None else []  # type: ignore[attr-defined]  # somebody at the pages


@on_both
async def test_a_cpr_number_is_not_kept_and_not_sent(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan") as town:
        lea = await leads(town)
        shown = await writes(lea, "Spørg efter Jens, 010203-1234.")
        assert "ligner et CPR-nummer" in shown
        assert town.rows("SELECT count(*) FROM sendings") == [(0,)]
        await lea.says(TEXT)
        assert "Sådan ser beskeden ud" in seen(lea)


async def test_the_longest_one_is_a_single_message(found: Found) -> None:
    async with found(steps="plan") as town:
        lea = await leads(town)
        [anna] = await crowd(town, 1)
        await writes(lea, "Vi ses i hallen " * (LONGEST // 16))
        await lea.taps("Ja, send den til 1 person")
        before = len([each for each in anna.sees() if each.by_bot])
        await town.looks()
        assert len([each for each in anna.sees() if each.by_bot]) == before + 1


async def test_text_and_audience_are_changed_before_it_is_sent(found: Found) -> None:
    async with found(steps="plan") as town:
        lea = await leads(town)
        await crowd(town, 2)
        await crowd(town, 1, first=2, group=Group.FORENING)
        await writes(lea, "Kom og vær med.")
        await lea.taps("Vælg andre modtagere")
        for label in ("Vælg grupper", "☐ Forening", "Færdig", "Behold teksten"):
            await lea.taps(label)
        shown = seen(lea)
        assert "Kom og vær med." in shown and "Til: Forening" in shown and "[Ja, send den til 1 person]" in shown
        await lea.taps("Skriv teksten om")
        lea.sees()
        await lea.says("Kom, og tag en ven med.")
        shown = seen(lea)
        assert "Kom, og tag en ven med." in shown and "Til: Forening" in shown
        assert town.rows("SELECT count(*) FROM sendings") == [(1,)]


async def test_nobody_sends_what_was_changed_on_another_channel_meanwhile(found: Found) -> None:
    async with found(steps="plan", pages=True) as town:
        lea = await leads(town)
        await crowd(town, 1)
        await writes(lea, "Den gamle tekst står her.")
        other = {"number": 0}

        def unit(tx: Tx) -> None:
            [row] = tx.all("SELECT drafted_by, made_by, process_id FROM sendings")
            other["number"] = broadcasts.put_draft(
                tx, row["process_id"], row["drafted_by"], row["made_by"], ChosenAudience(), "Den nye tekst.", 1
            )

        await town.runtime.database.write(unit)
        await lea.taps("Ja, send den til 1 person")
        assert "Siden findes ikke længere." in seen(lea)
        assert states(town) == {}


# --- sent -------------------------------------------------------------------------------------------------


async def test_each_gets_it_once_and_what_became_of_all_is_told_by_name(found: Found) -> None:
    async with found(steps="plan") as town:
        lea = await leads(town)
        phones = await crowd(town, 6)
        await residents(town, 2)
        blocked, stopped, declined, erased, *others = phones
        assert "[Opdatér] [Stop udsendelsen]" in await sends(lea, 6)
        blocked.chat.blocked = True
        for phone, text in ((stopped, "/stop"), (erased, "/slet")):
            phone.says(text)
            await town.rest()
        erased.taps("Ja, slet alt")
        await town.rest()
        await town.runtime.database.write(
            lambda tx: tx.run(
                """UPDATE people SET reminders = 0, news = 0
                   WHERE id = (SELECT person_id FROM addresses WHERE address = :id)""",
                id=str(declined.id),
            )
        )
        await town.looks()
        await town.looks()
        assert came(others) == [1, 1]
        assert came([blocked, stopped, declined, erased]) == [0, 0, 0, 0]
        await lea.taps("Opdatér")
        shown = seen(lea)
        assert "Sendt til 2 ud af 8 personer." in shown
        for line in ("• 3 kunne ikke nås", "• 2 var ikke længere relevante", "• 1 person deltager ikke længere"):
            assert line in shown
        assert "Stop udsendelsen" not in _labels(lea)
        assert town.rows("SELECT action, detail FROM audit WHERE action LIKE 'sending%'") == [("sending", "1")]


@on_both
async def test_a_double_yes_sends_it_once(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan") as town:
        lea = await leads(town)
        await residents(town, 3, mail=True)
        await writes(lea)
        await lea.taps("Ja, send den til 3 personer", times=2)  # type: ignore[call-arg]  # both kinds of person have it
        await town.looks()  # here no mail goes out: each of the three messages comes to the same
        assert states(town) == {"unreachable": 3}
        assert town.rows("SELECT count(*) FROM sendings") == [(1,)]
        assert town.rows("SELECT count(*) FROM audit WHERE action = 'sending'") == [(1,)]


async def test_in_the_evening_it_waits_for_the_morning_and_says_so(found: Found) -> None:
    async with found(steps="plan") as town:
        lea = await leads(town)
        [anna] = await crowd(town, 1)
        await town.wait(QUIET)
        shown = await writes(lea)
        assert "Beskeden bliver sendt onsdag den 4. marts 2026 kl. 09.00." in shown
        await lea.taps("Ja, send den til 1 person")
        shown = seen(lea)
        assert "Sendt til 0 ud af 1 person." in shown
        assert "Resten bliver sendt onsdag den 4. marts 2026 kl. 09.00." in shown
        await town.looks()
        assert came([anna]) == [0]
        await town.wait(12 * 3600)
        await town.looks()
        assert came([anna]) == [1]


async def test_what_is_not_out_after_a_week_came_too_late(found: Found) -> None:
    async with found(steps="plan") as town:
        lea = await leads(town)
        [anna] = await crowd(town, 1)
        town.api.inject(Fault("sendMessage", times=1, status=502, when=lambda call: call["chat_id"] == anna.id))
        await sends(lea, 1)
        await town.looks()
        assert states(town) == {"due": 1}
        await town.wait(7 * 86400)
        await town.looks()
        assert came([anna]) == [0]
        await lea.taps("Opdatér")
        assert "• 1 nåede ikke frem i tide" in seen(lea)


async def test_down_in_the_middle_the_rest_comes_afterwards_and_nobody_gets_it_twice(found: Found) -> None:
    async with found(steps="plan") as town:
        lea = await leads(town)
        phones = await crowd(town, 60)
        await sends(lea, 60)
        late = {phone.id for phone in phones[45:]}
        town.api.inject(Fault("sendMessage", times=100, status=502, when=lambda call: call["chat_id"] in late))
        await town.looks()
        assert 40 <= sum(came(phones)) < 60
        assert states(town)["due"] == 60 - sum(came(phones))
        await town.down()
        town.clock.now += 600
        town.api.faults.clear()
        await town.up()
        await town.looks()
        assert came(phones) == [1] * 60
        assert states(town) == {"sent": 60}


async def test_stopped_in_the_middle_nobody_else_gets_it(found: Found) -> None:
    async with found(steps="plan") as town:
        lea = await leads(town)
        phones = await crowd(town, 60)
        await sends(lea, 60)
        late = {phone.id for phone in phones[45:]}
        town.api.inject(Fault("sendMessage", times=100, status=502, when=lambda call: call["chat_id"] in late))
        await town.looks()
        out = sum(came(phones))
        await lea.taps("Stop udsendelsen")
        assert f"{60 - out} personer har ikke fået beskeden endnu og får den så ikke." in seen(lea)
        await lea.taps("Ja, stop udsendelsen")
        shown = seen(lea)
        assert f"Udsendelsen er stoppet. {60 - out} personer fik ikke beskeden." in shown
        assert f"Sendt til {out} ud af 60 personer." in shown
        assert f"• {60 - out} blev stoppet" in shown
        town.api.faults.clear()
        await town.wait(600)
        await town.looks()
        assert sum(came(phones)) == out
        assert states(town) == {"sent": out, "withdrawn": 60 - out}
        assert town.rows("SELECT action, detail FROM audit WHERE action LIKE 'sending%' ORDER BY id") == [
            ("sending", "1"),
            ("sending-stopped", "1"),
        ]


async def test_earlier_ones_are_listed_the_newest_first(found: Found) -> None:
    async with found(steps="plan") as town:
        lea = await leads(town)
        await crowd(town, 1)
        for n in range(1, 11):
            await writes(lea, f"Besked nummer {n} til alle")
            await lea.taps("Ja, send den til 1 person")
        await town.looks()
        await lea.says("/leder")
        await lea.taps(SEND)
        dated = [label for label in _labels(lea) if label.startswith("3. mar.: ")]
        assert dated == [f"3. mar.: Besked nummer {n} til alle" for n in range(10, 2, -1)]
        await lea.taps("Ældre")
        await lea.taps("3. mar.: Besked nummer 1 til alle")
        shown = seen(lea)
        assert "Sendt til 1 ud af 1 person." in shown and "Besked nummer 1 til alle" in shown


# --- who may ----------------------------------------------------------------------------------------------


async def test_a_deputy_writes_too_and_a_draft_is_ones_own(found: Found) -> None:
    async with found(steps="plan") as town:
        lea, dan = await leads(town), await leads(town, "Dan", Role.DEPUTY)
        await crowd(town, 1)
        await writes(lea, "Leas egen kladde til alle")
        shown = await writes(dan, "Dans kladde til alle")
        assert "Leas egen kladde" not in shown
        await town.runtime.database.write(partial(_opens, town, dan, "skriv/1/send"))
        assert town.rows("SELECT count(*) FROM sendings WHERE confirmed_at IS NOT NULL") == [(0,)]
        await dan.taps("Ja, send den til 1 person")
        await lea.taps("Ja, send den til 1 person")
        assert town.rows("SELECT count(*) FROM sendings WHERE confirmed_at IS NOT NULL") == [(2,)]


def _opens(town: Town, person: Somebody, path: str, tx: Tx) -> None:
    """A path that no button of theirs leads to."""
    assert isinstance(person, OnTelegram)
    now = int(town.clock.now)
    s = load(tx, town.runtime.context, Visit(channel="telegram", address=str(person.phone.id), now=now, sent_at=now))
    assert s is not None
    shown = panel_navigation.go(s, path)
    assert isinstance(shown, Panel) and "Siden findes ikke længere." in shown.notes


async def test_a_leader_whose_role_is_taken_in_the_middle_of_it_sends_nothing(found: Found) -> None:
    async with found(steps="plan") as town:
        lea = await leads(town)
        await crowd(town, 1)
        await writes(lea)
        await town.runtime.database.write(lambda tx: tx.run("DELETE FROM roles"))
        await lea.taps("Ja, send den til 1 person")
        assert "Du har ikke længere adgang til siden." in seen(lea)
        assert states(town) == {}


async def test_a_draft_goes_with_the_person_who_writes_it(found: Found) -> None:
    async with found(steps="plan") as town:
        lea = await leads(town)
        await writes(lea)
        await lea.says("/slet")
        await lea.taps("Ja, slet alt")
        assert town.rows("SELECT count(*) FROM sendings") == [(0,)]

"""«Beskeder og påmindelser»: what will be sent to how many, what became of what was sent, and whom we can't reach; and
what the leader is told when something was late. On Telegram and on the pages."""

from __future__ import annotations

from datetime import datetime

import pytest

from bot.access import Role
from bot.features.meetings.service import scheduling
from bot.flows import schedule
from bot.flows.model import Group
from bot.process.file import MeetingKind
from storage import people
from storage.db import Tx
from storage.meetings import MeetingDetails, MeetingFacts
from tests.support import titles
from tests.support.botapi import Fault
from tests.support.broadcasts import QUIET, crowd, residents, sends
from tests.support.chat import Found, OnTelegram, Somebody, Town
from tests.support.people import leads, seen

on_both = pytest.mark.parametrize("channel", ["telegram", "web"])
MESSAGES = "Beskeder og påmindelser"
OPENS = "plan, dialog_frivillige opens 2026-03-10 08:00 closes 2026-03-16 12:00"
STEP = "Trin 4. Lokale dialogmøder for frivillige og foreninger"
NINE = schedule.to_utc(datetime(2026, 3, 10, 9))
WAITING = "Nogle beskeder er forsinkede"
WAS_LATE = "Nogle beskeder blev sendt for sent"


async def looks_ahead(lea: Somebody) -> str:
    await lea.says("/leder")
    await lea.taps(MESSAGES)
    return seen(lea)


async def meets(town: Town, starts: datetime, title: str = "Møde i hallen") -> int:
    at, now = schedule.to_utc(starts), int(town.clock.now)
    facts = MeetingFacts(
        kind=MeetingKind.OTHER,
        details=MeetingDetails(title=title, place="Hallen"),
        starts_at=at,
        ends_at=at + 7200,
        invites_at=now,
    )

    def unit(tx: Tx) -> int:
        return scheduling.make(tx, town.runtime.process_host.plan(tx).process_id, facts, now)

    made = await town.runtime.database.write(unit)
    await town.looks()
    return made


async def comes_to(town: Town, moment: int) -> None:
    await town.wait(moment - int(town.clock.now))
    await town.looks()


def told(person: Somebody, what: str) -> int:
    assert isinstance(person, OnTelegram)
    return sum(what in each.text for each in person.phone.sees() if each.by_bot)


# --- ahead ------------------------------------------------------------------------------------------------


@on_both
async def test_with_nothing_ahead_it_says_so_kindly(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan closes 2027-06-01 12:00") as town:
        lea = await leads(town)
        await town.looks()
        shown = await looks_ahead(lea)
        assert "Disse beskeder bliver sendt" not in shown
        assert "Der er ingen planlagte beskeder. De kommer her, når du opretter et møde eller sætter en frist." in shown
        assert "Den, der ikke har sendt sine svar efter 3 dage, får én påmindelse." in shown
        await lea.taps("Se sendte beskeder")
        assert "Der er ikke sendt nogen beskeder de sidste 14 dage." in seen(lea)
        await lea.taps("Tilbage")
        await lea.taps("Hvem kan vi ikke nå?")
        assert "Ingen har sagt ja til beskeder endnu." in seen(lea)


@on_both
async def test_day_by_day_what_is_sent_when_and_to_how_many(found: Found, channel: str) -> None:
    async with found(channel=channel, steps=OPENS) as town:
        lea = await leads(town)
        await residents(town, 3, mail=True, sent="plan")
        await residents(town, 2, mail=True, group=Group.BORGER)
        await town.wait(QUIET)
        await meets(town, datetime(2026, 3, 12, 19))
        shown = await looks_ahead(lea)
        for line in (
            "onsdag den 4. marts 2026\n• Kl. 09.00: Invitation: Møde i hallen – 5 personer",
            "torsdag den 5. marts 2026\n• Kl. 19.00: Husk mødet: Møde i hallen (7 dage før) – 5 personer",
            "tirsdag den 10. marts 2026\n• Kl. 09.00: Du kan nu svare: " + STEP + " – 3 personer",
            "onsdag den 11. marts 2026\n• Kl. 19.00: Husk mødet: Møde i hallen (dagen før) – 5 personer",
            "mandag den 16. marts 2026\n• Kl. 09.00: Husk fristen: " + STEP + " (samme dag) – 3 personer",
        ):
            assert line in shown if channel == "telegram" else all(part in shown for part in line.split("\n"))
        assert "Tallet kan blive lavere. Ingen får mere end 3 påmindelser på en uge." in shown


async def test_a_plan_that_has_just_been_changed_says_that_it_is_being_worked_out(found: Found) -> None:
    async with found(steps=OPENS) as town:
        lea = await leads(town)
        await town.looks()
        await town.opens("plan")
        assert "Planen er ved at blive opdateret. Se igen om et minut." in await looks_ahead(lea)
        await town.looks()
        assert "Planen er ved at blive opdateret." not in await looks_ahead(lea)


async def test_much_ahead_is_told_in_pages(found: Found) -> None:
    async with found(steps="plan") as town:
        lea = await leads(town)
        for n in range(12):
            await meets(town, datetime(2026, 3, 16, 8 + n), f"Møde {n} " + "med et langt navn " * 6)
        first = await looks_ahead(lea)
        assert first.count("• Kl.") == 12 and "[Senere]" in first
        await lea.taps("Senere")
        rest = seen(lea)
        assert rest.startswith(MESSAGES)  # one message, however long the names
        assert "[Tidligere]" in rest and "[Senere]" not in rest
        assert (first + rest).count(
            "• Kl."
        ) == 12 * 2  # seven days before and the same morning; the day before is a Sunday
        await lea.taps("Tidligere")
        assert "Husk mødet: Møde 0 med et langt navn" in seen(lea)


async def test_what_is_under_way_stands_there_and_leads_to_its_progress(found: Found) -> None:
    async with found(steps="plan") as town:
        lea = await leads(town)
        await crowd(town, 2)
        await town.wait(2 * 3600)
        await sends(lea, 2)
        shown = await looks_ahead(lea)
        label = "Besked fra jer: Kære alle Vi ses i hallen på onsdag. Ta…"
        assert f"På vej nu:\n• onsdag den 4. marts 2026 kl. 09.00: {label} – 2 personer" in shown
        await lea.taps(label)
        assert "Sendt til 0 ud af 2 personer." in seen(lea)


# --- behind -----------------------------------------------------------------------------------------------


async def test_what_went_out_to_how_many_stands_there_for_fourteen_days(found: Found) -> None:
    async with found(steps=OPENS) as town:
        lea = await leads(town)
        phones = await crowd(town, 3, sent="plan")
        phones[0].chat.blocked = True
        await comes_to(town, NINE)
        await looks_ahead(lea)
        await lea.taps("Se sendte beskeder")
        shown = seen(lea)
        assert "Beskeder de sidste 14 dage: 2 sendt, 1 kunne ikke nås." in shown
        assert f"Du kan nu svare: {STEP}\n2 sendt, 1 kunne ikke nås" in shown
        await comes_to(town, NINE + 14 * 86400 + 60)
        await looks_ahead(lea)
        await lea.taps("Se sendte beskeder")
        assert "Du kan nu svare" not in seen(lea)


@on_both
async def test_who_cannot_be_reached_is_told_by_channel_and_what_to_do(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan") as town:
        lea = await leads(town)
        await residents(town, 2, mail=True)
        await residents(town, 3)
        [blocked] = await residents(town, 1, channel="telegram")
        await town.runtime.database.write(
            lambda tx: tx.run("UPDATE addresses SET unreachable = 1 WHERE person_id = :id", id=blocked)
        )
        await looks_ahead(lea)
        await lea.taps("Hvem kan vi ikke nå?")
        shown = seen(lea)
        for line in (
            "6 personer har sagt ja til beskeder.",
            "1 af dem har blokeret os på Telegram.",
            "De får beskeder igen, når de åbner chatten og skriver til os.",
            "3 af dem svarer kun på nettet og har ikke givet en mailadresse.",
            "De kan selv skrive deres mailadresse under »Din mailadresse« i menuen.",
        ):
            assert line in shown
        town.runtime.process_host.mails = False
        await lea.taps("Tilbage")
        await lea.taps("Hvem kan vi ikke nå?")
        shown = seen(lea)
        assert "5 af dem svarer kun på nettet og har ikke givet en mailadresse." in shown
        assert "Mail er ikke slået til." in shown


async def test_who_is_on_both_channels_is_reached_on_the_one_that_works(found: Found) -> None:
    async with found(steps="plan") as town:
        lea = await leads(town)
        [both] = await residents(town, 1, mail=True)

        def unit(tx: Tx) -> None:
            people.enter(tx, "telegram", "4711", both, 1)
            people.set_unreachable(tx, "telegram", "4711", unreachable=True)

        await town.runtime.database.write(unit)
        await looks_ahead(lea)
        await lea.taps("Hvem kan vi ikke nå?")
        assert "Vi kan nå alle, der vil have beskeder." in seen(lea)


# --- what the leader is told when something was late ------------------------------------------------------


async def test_telegram_out_of_reach_is_told_once_when_it_is_back_and_it_says_how_it_went(found: Found) -> None:
    async with found(steps=OPENS) as town:
        lea, dan = await leads(town), await leads(town, "Dan", Role.DEPUTY)
        sten = await leads(town, "Sten", Role.STEERING)
        phones = await crowd(town, 2, sent="plan")
        town.api.inject(Fault("sendMessage", times=1000, status=502))
        await comes_to(town, NINE)
        for seconds in (301, 330, 660):
            town.clock.now = NINE + seconds
            await town.looks()
        assert town.rows("SELECT kind, count(*) FROM outbox WHERE kind = 'late' GROUP BY kind") == [("late", 2)]
        town.api.faults.clear()
        town.clock.now = NINE + 720
        await town.looks()
        assert [sum(titles.asked("dialog_frivillige") in each.text for each in phone.sees()) for phone in phones] == [
            1,
            1,
        ]
        assert [told(person, WAS_LATE) + told(person, WAITING) for person in (lea, dan, sten)] == [1, 1, 0]
        town.clock.now = NINE + 3600
        await town.looks()
        assert told(lea, WAS_LATE) + told(lea, WAITING) == 1


async def test_while_something_waits_still_the_message_says_how_much_and_since_when(found: Found) -> None:
    async with found(steps=OPENS) as town:
        lea = await leads(town)
        phones = await crowd(town, 2, sent="plan")
        ids = {phone.id for phone in phones}
        town.api.inject(
            Fault("sendMessage", times=1000, status=429, retry_after=40, when=lambda call: call["chat_id"] in ids)
        )
        await comes_to(town, NINE)
        for seconds in (301, 362):
            town.clock.now = NINE + seconds
            await town.looks()
        assert isinstance(lea, OnTelegram)
        assert lea.phone.last.text == (
            f"{WAITING}\n\n2 beskeder venter stadig på at blive sendt. Den første skulle have været sendt "
            "tirsdag den 10. marts 2026 kl. 09.00.\n\nSystemet prøver igen hele tiden. Kontakt driften, hvis det "
            "fortsætter.\n\nSe mere under »Beskeder og påmindelser«."
        )


async def test_down_over_a_reminders_time_it_comes_late_and_the_leader_is_told(found: Found) -> None:
    async with found(steps="plan") as town:
        lea = await leads(town)
        [anna] = await crowd(town, 1)
        await meets(town, datetime(2026, 3, 12, 19))
        await comes_to(town, schedule.to_utc(datetime(2026, 3, 5, 19)))
        await comes_to(town, schedule.to_utc(datetime(2026, 3, 11, 18, 59)))
        await town.down()
        town.clock.now = schedule.to_utc(datetime(2026, 3, 11, 19, 30))
        await town.up()
        await town.looks()
        assert sum("Husk mødet" in each.text for each in anna.sees()) == 2  # seven days before, and this one
        town.clock.now += 61
        await town.looks()
        assert isinstance(lea, OnTelegram)
        assert lea.phone.last.text == (
            f"{WAS_LATE}\n\nForsinkelsen begyndte onsdag den 11. marts 2026 kl. 19.00. Nu er alt sendt.\n\n"
            "1 besked er sendt nu.\n\nSe mere under »Beskeder og påmindelser«."
        )


async def test_what_nobody_could_get_any_more_is_named(found: Found) -> None:
    async with found(steps="plan") as town:
        lea = await leads(town)
        [anna] = await crowd(town, 1)
        await meets(town, datetime(2026, 3, 12, 19))
        await comes_to(town, schedule.to_utc(datetime(2026, 3, 5, 19)))
        await comes_to(town, schedule.to_utc(datetime(2026, 3, 11, 18, 59)))
        await town.down()
        town.clock.now = schedule.to_utc(datetime(2026, 3, 12, 19, 10))
        await town.up()
        await town.looks()
        town.clock.now += 61
        await town.looks()
        assert sum("Husk mødet" in each.text for each in anna.sees()) == 1  # seven days before
        assert isinstance(lea, OnTelegram)
        missed = "• Husk mødet: Møde i hallen (dagen før)\n• Husk mødet: Møde i hallen (samme dag)"
        assert "Disse beskeder blev ikke sendt, fordi systemet var ude af drift:" in lea.phone.last.text
        assert sorted(missed.splitlines()) == sorted(
            line for line in lea.phone.last.text.splitlines() if line.startswith("•")
        )
        await looks_ahead(lea)
        await lea.taps("Se sendte beskeder")
        shown = seen(lea)
        assert "• Husk mødet: Møde i hallen (dagen før). Planlagt til onsdag den 11. marts 2026 kl. 19.00." in shown

"""A deadline at midnight is told as the evening before: most read «torsdag kl. 00.00» as the end of Thursday. On
Telegram, on the pages and in mails."""

from __future__ import annotations

import pytest

from bot.flows.model import Group
from tests.support.broadcasts import QUIET, residents
from tests.support.chat import Found, Somebody, Town
from tests.support.danish_time import local
from tests.support.mail_readers import confirmed, served
from tests.support.people import leads, seen

on_both = pytest.mark.parametrize("channel", ["telegram", "web"])
THURSDAY = "2026-03-19 00:00"
STEPS = f"dialog_frivillige opens 2026-03-03 08:00 closes {THURSDAY}, plan"
STEP = "Trin 4. Lokale dialogmøder for frivillige og foreninger"
EVENING = "onsdag den 18. marts 2026 ved midnat"
WRONG = ("00.00", "torsdag den 19.")


async def comes_to(town: Town, moment: str) -> None:
    await town.wait(local(moment) - int(town.clock.now))
    await town.looks()


async def passes_over(anna: Somebody) -> str:
    """Comes for the step, and says nothing of herself or to its questions; what she sees last."""
    await anna.says("/start dialog_frivillige")
    await anna.taps("Jeg er med")
    await anna.taps("Frivillig")
    while "Spring over" in (shown := seen(anna)) and "[Send]" not in shown:
        await anna.taps("Spring over")
    return shown


@on_both
async def test_who_answers_is_told_of_the_evening_before(found: Found, channel: str) -> None:
    async with found(channel=channel, steps=STEPS) as town:
        anna = town.somebody("Anna")
        await passes_over(anna)
        await anna.says("/ret")
        await anna.taps("Hvad ønsker du dig?")
        shown = seen(anna)
        assert EVENING in shown and not any(words in shown for words in WRONG)


@on_both
async def test_who_comes_too_late_is_told_of_the_evening_before(found: Found, channel: str) -> None:
    async with found(channel=channel, steps=STEPS) as town:
        anna = town.somebody("Anna")
        await passes_over(anna)
        await anna.taps("Ret 1")
        await town.wait(local(THURSDAY) + 60 - int(town.clock.now))
        anna.sees()
        await anna.says("Kom ud til os")
        assert f"« var {EVENING}, så du kan ikke længere svare." in seen(anna)


@on_both
async def test_the_leader_sees_and_sets_it_so(found: Found, channel: str) -> None:
    async with found(channel=channel, steps=STEPS) as town:
        lea = await leads(town)
        await lea.says("/leder")
        await lea.taps("Åbn og luk trin")
        await lea.taps(f"{STEP}: åbent")
        assert f"Lukker {EVENING}." in seen(lea)
        for label in ("Ændr for alle", "Luk for svar", "På et bestemt tidspunkt"):
            await lea.taps(label)
        await lea.says("17.3.2026 kl. 24")
        shown = seen(lea)
        assert "Ændring tirsdag den 17. marts 2026 ved midnat: Luk for svar" in shown and "00.00" not in shown
        await lea.says("Vi skal videre")
        shown = seen(lea)
        assert "Lukker tirsdag den 17. marts 2026 ved midnat." in shown
        assert "• Fra tirsdag den 17. marts 2026 ved midnat: lukket for alle. Vi skal videre" in shown


@on_both
async def test_the_reminders_are_of_that_evening_and_the_last_one_is_the_same_day(found: Found, channel: str) -> None:
    async with found(channel=channel, steps=STEPS) as town:
        lea = await leads(town)
        await residents(town, 1, mail=True, group=Group.FRIVILLIG)
        await town.wait(QUIET)
        await comes_to(town, "2026-03-09 12:00")
        await lea.says("/leder")
        await lea.taps("Beskeder og påmindelser")
        shown = seen(lea)
        assert "onsdag den 18. marts 2026" in shown
        assert f"• Kl. 09.00: Husk fristen: {STEP} (samme dag) – 1 person" in shown


async def test_one_in_the_evening_before_an_early_deadline_is_not_called_the_same_day(found: Found) -> None:
    async with found(steps="dialog_frivillige opens 2026-03-03 08:00 closes 2026-03-19 07:30, plan") as town:
        lea = await leads(town)
        await residents(town, 1, group=Group.FRIVILLIG)
        await town.wait(QUIET)
        await comes_to(town, "2026-03-09 12:00")
        await lea.says("/leder")
        await lea.taps("Beskeder og påmindelser")
        shown = seen(lea)
        assert f"• Kl. 19.00: Husk fristen: {STEP} (aftenen før) – 1 person" in shown
        assert "(samme dag)" not in shown


async def test_in_a_mail_too(found: Found) -> None:
    async with served(found, steps=STEPS) as (town, box):
        await confirmed(town, box)
        await comes_to(town, "2026-03-18 09:00")
        [mail] = [each for each in box.mails if "Husk at svare" in each.text]
        assert "Svar senest onsdag den 18. marts 2026 ved midnat." in mail.text
        assert "00.00" not in mail.text

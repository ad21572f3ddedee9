"""What the leader might not have thought of is said before a step is opened or closed, and blocks nothing. On Telegram
and on the pages."""

from __future__ import annotations

import pytest

from tests.support.chat import Found, Somebody, Town
from tests.support.people import leads, seen, writes

on_both = pytest.mark.parametrize("channel", ["telegram", "web"])
PLAN = "Trin 1. Læg en plan"
HEARING = "Trin 7. Høring om udkastet (guidens trin 9)"
MIND = "Bemærk: "


async def asks(lea: Somebody, step: str, what: str, when: str = "Nu") -> str:
    """The last panel before the reason is written."""
    await lea.says("/leder")
    for label in ("Åbn og luk trin", step, "Ændr for alle", what):
        await lea.taps(label)
    lea.sees()
    if when == "Nu":
        await lea.taps("Nu")
    else:
        await lea.taps("På et bestemt tidspunkt")
        await lea.says(when)
    return seen(lea)


def kept(town: Town) -> list[tuple[str, ...]]:
    return town.rows("SELECT flow, audience, state FROM step_changes ORDER BY id")


@on_both
@pytest.mark.parametrize(
    ("when", "told"),
    [
        ("15.3.2026 kl. 12", ["Trinnet lukker søndag den 15. marts 2026 kl. 12.00. Det er en søndag."]),
        ("1.4.2026 kl. 12", ["Trinnet lukker onsdag den 1. april 2026 kl. 12.00. Det er i ugen før påske."]),
        (
            "18.3.2026 kl. 3",
            ["Trinnet lukker onsdag den 18. marts 2026 kl. 03.00. Det er sent om aftenen eller om natten."],
        ),
        ("15.3.2026 kl. 24", ["Trinnet lukker søndag den 15. marts 2026 ved midnat. Det er en søndag."]),
        ("18.3.2026 kl. 12", []),
        ("18.3.2026 kl. 24", []),
    ],
)
async def test_of_a_deadline(found: Found, channel: str, when: str, told: list[str]) -> None:
    async with found(channel=channel, steps="plan, linjer") as town:
        lea = await leads(town)
        shown = await asks(lea, f"{PLAN}: åbent", "Luk for svar", when)
        assert [line for line in shown.splitlines() if line.startswith(MIND)] == [MIND + line for line in told]
        await lea.says("Vi skal videre")
        assert kept(town) == [("plan", "", "closed")]


@on_both
async def test_of_a_hearing_that_is_short_or_goes_across_the_summer(found: Found, channel: str) -> None:
    steps = "hoering opens 2026-05-18 08:00 closes 2026-08-21 12:00, plan"
    async with found(channel=channel, steps=steps) as town:
        lea = await leads(town)
        shown = await asks(lea, f"{HEARING}: åbner senere", "Luk for svar", "29.5.2026 kl. 12")
        assert f"{MIND}Høringen varer mindre end 14 dage." in shown
        shown = await asks(lea, f"{HEARING}: åbner senere", "Følg tidsplanen igen")
        assert f"{MIND}Høringen går hen over uge 27 til 32, hvor mange har sommerferie." in shown


@on_both
async def test_a_hearing_closed_now_is_said_to_have_been_short(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="hoering opens 2026-03-02 08:00 closes 2026-04-20 12:00, plan") as town:
        lea = await leads(town)
        shown = await asks(lea, f"{HEARING}: åbent", "Luk for svar")
        assert f"{MIND}Høringen varer mindre end 14 dage." in shown


# --- near the deletion date -------------------------------------------------------------------------------


@on_both
@pytest.mark.parametrize("what", ["Luk for svar", "Åbn for svar"])
async def test_nothing_is_planned_in_the_last_thirty_days(found: Found, channel: str, what: str) -> None:
    async with found(channel=channel, steps="plan, linjer") as town:  # everybody is deleted on 1 June 2031
        lea = await leads(town)
        shown = await asks(lea, f"{PLAN}: åbent", what, "2.5.2031 kl. 0.01")
        assert "Alt her bliver slettet den 1. juni 2031." in shown
        assert "Vælg et tidspunkt senest torsdag den 1. maj 2031 ved midnat, så der er 30 dage" in shown
        assert "Hvornår?" in shown and kept(town) == []
        await lea.says("torsdag den 1. maj 2031 ved midnat")
        assert "Ændring " in seen(lea)
        await lea.says("Vi skal videre")
        assert len(kept(town)) == 1


async def test_nor_when_the_date_was_moved_before_the_reason_was_written(found: Found) -> None:
    """On the web the form has expired by then: the notice says another day."""
    async with found(steps="plan, linjer") as town:
        lea = await leads(town)
        await asks(lea, f"{PLAN}: åbent", "Luk for svar", "1.5.2026 kl. 12")
        await town.loads("deletion_date", "2026-05-20")
        await lea.says("Vi skal videre")
        assert "Vælg et tidspunkt senest søndag den 19. april 2026 ved midnat" in seen(lea)
        assert kept(town) == []


@on_both
async def test_a_step_that_is_opened_now_is_said_to_be_deleted_soon(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan closes 2026-03-03 18:00, linjer") as town:
        await town.loads("deletion_date", "2026-03-20")
        lea = await leads(town)
        told = f"{MIND}Alt her bliver slettet den 20. marts 2026, også de svar, der kommer nu."
        assert told in await asks(lea, f"{PLAN}: lukket", "Åbn for svar")
        assert told not in await asks(lea, f"{PLAN}: lukket", "Luk for svar")


@on_both
async def test_a_meeting_is_not_planned_in_the_last_thirty_days(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan") as town:
        lea = await leads(town)
        await lea.says("/leder")
        for label in ("Møder", "Nyt møde", "Dialogmøde for frivillige og foreninger"):
            await lea.taps(label)
        await writes(town, lea, "Det sidste møde")
        await lea.says("5.5.2031 kl. 19")
        await lea.taps("Mødet varer to timer")
        await writes(town, lea, "Kulturhuset")
        await lea.taps("Se hele mødet")
        shown = seen(lea)
        assert "Mødet ligger for tæt på den dag, hvor alt her bliver slettet." in shown
        await lea.taps("Se invitationen, før den bliver sendt")
        assert "Ja, opret mødet" not in seen(lea)

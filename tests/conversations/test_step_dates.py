"""What the leader might not have thought of is said before a step is opened or closed, and blocks nothing. On Telegram
and on the pages."""

from __future__ import annotations

import pytest

from tests.support.chat import Found, Somebody, Town
from tests.support.people import leads, seen

on_both = pytest.mark.parametrize("channel", ["telegram", "web"])
PLAN = "Trin 1: Læg en plan"
HEARING = "Trin 7: Høring over udkastet (guidens trin 9)"
MIND = "Vær opmærksom på: "


async def asks(lea: Somebody, step: str, what: str, when: str = "Nu") -> str:
    """The last panel before the reason is written."""
    await lea.says("/leder")
    for label in ("Åbn og luk trin", step, "Ændr for alle", what):
        await lea.taps(label)
    lea.sees()
    if when == "Nu":
        await lea.taps("Nu")
    else:
        await lea.taps("På et tidspunkt, jeg skriver")
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
        span = "Høringen varer fra mandag den 18. maj 2026 kl. 08.00 til fredag den 29. maj 2026 kl. 12.00."
        assert f"{MIND}{span} Det er under 14 dage." in shown
        shown = await asks(lea, f"{HEARING}: åbner senere", "Følg planen igen")
        span = "Høringen varer fra mandag den 18. maj 2026 kl. 08.00 til fredag den 21. august 2026 kl. 12.00."
        assert f"{MIND}{span} Mange har sommerferie fra uge 27 til 32." in shown


@on_both
async def test_a_hearing_closed_now_is_said_to_have_been_short(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="hoering opens 2026-03-02 08:00 closes 2026-04-20 12:00, plan") as town:
        lea = await leads(town)
        shown = await asks(lea, f"{HEARING}: åbent", "Luk for svar")
        assert "til tirsdag den 3. marts 2026 kl. 19.0" in shown and "Det er under 14 dage." in shown

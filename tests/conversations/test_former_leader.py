"""Who led before is told that somebody else does, is deputy for thirty days, and no longer unless it is said."""

from __future__ import annotations

import pytest

from bot.flows.schedule import DAY, HOUR
from tests.support.chat import Found, OnTelegram, Town
from tests.support.people import leads, seen

DAY_IT_ENDS = "den 2. april 2026"
TOLD = "Der er kommet en ny projektleder"


async def takes_over(town: Town) -> tuple[OnTelegram, OnTelegram]:
    """Lea led, and Nina leads now."""
    lea, nina = town.person("Lea"), town.person("Nina")
    for person in (lea, nina):
        await person.says(f"/start {await town.invites('leader')}")
        await person.taps("Jeg er med")
    await town.looks()
    return lea, nina


def roles(town: Town) -> list[tuple[str, bool]]:
    return [(role, ends is not None) for role, ends in town.rows("SELECT role, ends_at FROM roles ORDER BY role")]


async def test_who_led_before_is_told_at_once_and_until_when_they_are_deputy(found: Found) -> None:
    async with found(steps="plan") as town:
        lea, nina = await takes_over(town)
        told = "\n".join(lea.sees())
        assert TOLD in told and "med et link, der gav rollen." in told
        assert f"Du er stedfortræder frem til {DAY_IT_ENDS}." in told and "20 30 40 50" in told
        assert TOLD not in "\n".join(nina.sees())
        assert roles(town) == [("deputy", True), ("leader", False)]


@pytest.mark.parametrize("channel", ["telegram", "web"])
async def test_the_menu_of_the_role_says_so_too_to_who_is_reached_by_no_message(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan") as town:
        lea = await leads(town)
        await lea.says("/leder")
        assert TOLD not in seen(lea)
        await leads(town, "Nina")
        await lea.says("/leder")
        told = seen(lea)
        assert f"{TOLD}." in told and f"Du er stedfortræder frem til {DAY_IT_ENDS}." in told
        assert "Var det ikke aftalt?" in told and "20 30 40 50" in told


@pytest.mark.parametrize("kept", [False, True])
async def test_the_role_ends_by_itself_unless_the_leader_lets_it_go_on(found: Found, *, kept: bool) -> None:
    async with found(steps="plan") as town:
        lea, nina = await takes_over(town)
        if kept:
            await nina.says("/leder")
            await nina.taps("Roller")
            label = next(label for label in nina.phone.buttons if label.startswith("Lad rollen fortsætte: "))
            await nina.taps(label)
            assert "Rollen fortsætter, indtil du fratager den." in "\n".join(nina.sees())
        await town.wait(30 * DAY - 2 * HOUR)
        assert ("deputy", not kept) in roles(town)
        await town.wait(3 * HOUR)
        assert [role for role, _ in roles(town)] == (["deputy", "leader"] if kept else ["leader"])
        ended = town.rows("SELECT actor, detail LIKE 'deputy p%' FROM audit WHERE action = 'role-ended'")
        assert ended == ([] if kept else [("besyv", 1)])
        lea.sees()
        await lea.says("/leder")
        assert ("[Eksportér svar]" in "\n".join(lea.sees()) or "Eksportér svar" in lea.phone.buttons) is kept


async def test_a_deputy_whom_the_leader_makes_has_no_end(found: Found) -> None:
    async with found(steps="plan") as town:
        lea, _ = await takes_over(town)
        await lea.says(f"/start {await town.invites('deputy')}")
        assert roles(town) == [("deputy", False), ("leader", False)]

"""Members of the steering group who treat the same hearing response differently: both, and who leads, are told of it;
nobody sees more than their role may. On Telegram and on the pages."""

from __future__ import annotations

import pytest

from bot.access import NotAllowed, Role
from bot.dialogue import panel_navigation
from bot.dialogue.panel import Panel
from bot.dialogue.session import Visit, load
from storage.db import Tx
from tests.support.chat import Found, Somebody, Town
from tests.support.danish_time import local
from tests.support.people import comes_to, leads, seen

on_both = pytest.mark.parametrize("channel", ["telegram", "web"])
STEP = "justering"
FIRST, SECOND = "Høringssvar 1: Besøgsvennerne i Havnen", "Høringssvar 2: Ældrerådet"
TITLE = "Styregruppen er uenig"
REASON = "Fordi det er dyrt"


async def treats(town: Town, name: str, first: str, second: str) -> Somebody:
    """A member who decides on both responses, and sends it."""
    member = await leads(town, name, Role.STEERING)
    await member.says(f"/start {STEP}")
    for choice in (first, second):
        await member.taps(choice)
        await member.says(REASON)
    await member.taps("Send")
    member.sees()
    return member


async def shown(person: Somebody) -> str:
    await person.says("/leder")
    person.sees()
    await person.taps("Uenighed om indstilling")
    return seen(person)


async def told(town: Town) -> list[tuple[str, str]]:
    """To whom it has gone, by their roles, and what became of it."""
    return [
        (str(role), str(state))
        for role, state in town.rows(
            """SELECT role, state FROM outbox JOIN roles ON roles.person_id = outbox.person_id
               WHERE kind = 'dispositions-differ' ORDER BY outbox.id"""
        )
    ]


async def the_next_day(town: Town) -> None:
    await town.looks()  # it is found
    await town.wait(24 * 3600)
    await town.looks()


@on_both
async def test_both_members_and_the_leader_are_told_that_they_treat_a_response_differently(
    found: Found, channel: str
) -> None:
    async with found(channel=channel, steps=STEP) as town:
        lea = await leads(town)
        sten = await treats(town, "Sten", "Imødekommes", "Imødekommes")
        await the_next_day(town)
        assert await told(town) == []
        stine = await treats(town, "Stine", "Imødekommes ikke", "Imødekommes")
        await the_next_day(town)
        assert sorted(role for role, _ in await told(town)) == ["leader", "steering", "steering"]

        for member, mine, other in (
            (sten, "Imødekommes", "Imødekommes ikke"),
            (stine, "Imødekommes ikke", "Imødekommes"),
        ):
            panel = await shown(member)
            assert f"{FIRST}\nDu har valgt: {mine}. Mindst én anden har valgt noget andet." in panel
            assert SECOND not in panel and REASON not in panel
            assert f"{other}:" not in panel and f"Du har valgt: {other}." not in panel
        panel = await shown(lea)
        assert f"{FIRST}\n• Imødekommes: 1\n• Imødekommes ikke: 1" in panel and SECOND not in panel


async def test_the_message_says_what_its_reader_may_know_and_nothing_once_they_agree(found: Found) -> None:
    async with found(steps=STEP) as town:
        lea = await leads(town)
        sten = await treats(town, "Sten", "Imødekommes", "Imødekommes")
        stine = await treats(town, "Stine", "Imødekommes ikke", "Imødekommes")
        await the_next_day(town)
        message = seen(sten)
        assert TITLE in message and "Du har valgt: Imødekommes. Mindst én anden har valgt noget andet." in message
        assert "Imødekommes ikke" not in message and REASON not in message
        message = seen(lea)
        assert TITLE in message and "• Imødekommes: 1\n• Imødekommes ikke: 1" in message and REASON not in message
        await the_next_day(town)
        assert len(await told(town)) == 3  # once

        stine.sees()
        await stine.says("/ret")
        for label in ("Hvordan skal høringssvarene behandles?", "Ret 1", "Imødekommes"):
            await stine.taps(label)
        await the_next_day(town)
        assert "Styregruppen har ikke behandlet nogen høringssvar forskelligt." in await shown(sten)
        await stine.says("/ret")
        for label in ("Hvordan skal høringssvarene behandles?", "Ret 1", "Imødekommes delvist"):
            await stine.taps(label)
        await the_next_day(town)
        assert len(await told(town)) == 6  # a new difference is told anew


async def test_what_is_a_draft_differs_from_nothing(found: Found) -> None:
    async with found(steps=STEP) as town:
        sten = await treats(town, "Sten", "Imødekommes", "Imødekommes")
        stine = await leads(town, "Stine", Role.STEERING)
        await stine.says(f"/start {STEP}")
        await stine.taps("Imødekommes ikke")
        await stine.says(REASON)
        await the_next_day(town)
        assert await told(town) == []
        assert FIRST not in await shown(sten) and FIRST not in await shown(stine)


async def test_who_has_treated_nothing_and_who_has_left_the_group_learn_nothing(found: Found) -> None:
    async with found(steps=STEP) as town:
        await treats(town, "Sten", "Imødekommes", "Imødekommes")
        await treats(town, "Stine", "Imødekommes ikke", "Imødekommes")
        new = await leads(town, "Nora", Role.STEERING)
        assert FIRST not in await shown(new)
        await town.runtime.database.write(lambda tx: tx.run("DELETE FROM roles WHERE role = 'steering'"))
        await the_next_day(town)
        assert await told(town) == []


@pytest.mark.parametrize("role", [Role.FACILITATOR, None])
async def test_nobody_else_may_see_it(found: Found, role: Role | None) -> None:
    async with found(steps=STEP) as town:
        await treats(town, "Sten", "Imødekommes", "Imødekommes")
        await treats(town, "Stine", "Imødekommes ikke", "Imødekommes")
        other = town.somebody("Olga")
        await other.says(f"/start {await town.invites(role)}" if role is not None else "/start")
        await other.taps("Jeg er med")
        [(address,)] = town.rows("SELECT address FROM addresses ORDER BY person_id DESC LIMIT 1")
        now = int(town.clock.now)

        def go(tx: Tx) -> Panel | None:
            s = load(tx, town.runtime.context, Visit(channel=town.channel, address=address, now=now, sent_at=now))
            assert s is not None
            found = panel_navigation.go(s, "indstillinger")
            return found if isinstance(found, Panel) else None

        with pytest.raises(NotAllowed):
            await town.runtime.database.write(go)


async def test_it_is_told_in_the_daytime(found: Found) -> None:
    async with found(steps=STEP) as town:
        await comes_to(town, local("2026-03-10 22:30"))
        sten = await treats(town, "Sten", "Imødekommes", "Imødekommes")
        await treats(town, "Stine", "Imødekommes ikke", "Imødekommes")
        await town.looks()
        await comes_to(town, local("2026-03-11 06:00"))
        assert TITLE not in seen(sten)
        await comes_to(town, local("2026-03-11 10:00"))
        assert TITLE in seen(sten)

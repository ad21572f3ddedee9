"""Days and times as a leader types them: of a meeting and of a step, on Telegram and on the pages."""

from __future__ import annotations

import pytest

from tests.support.chat import Found, Somebody, Town
from tests.support.people import leads, seen, writes

on_both = pytest.mark.parametrize("channel", ["telegram", "web"])
BEGINS, ENDS, WHERE = "Hvornår begynder mødet?", "Hvornår slutter mødet?", "Hvor er mødet?"
WEDNESDAY = "Den 3. marts 2027 er en onsdag. Hvilken dag mener du?"
SKIPPED = "Kl. 02.30 findes ikke den 28. marts 2027, for uret bliver stillet frem. Hvilket klokkeslæt mener du?"
TWICE = "Kl. 02.30 kommer to gange den nat, for uret bliver stillet tilbage. Den anden gang gælder."
FIRST_STEP = "Trin 1. Læg en plan: åbent"


async def asked_when(town: Town, name: str = "Lea") -> Somebody:
    """A leader who is asked when the meeting begins."""
    lea = await leads(town, name)
    await lea.says("/leder")
    for label in ("Møder", "Nyt møde", "Dialogmøde for frivillige og foreninger"):
        await lea.taps(label)
    assert BEGINS in await writes(town, lea, "Møde i hallen")
    return lea


async def looks(lea: Somebody) -> str:
    """At all that was told of the meeting so far."""
    await lea.taps("Se hele mødet")
    return seen(lea)


@on_both
@pytest.mark.parametrize(
    "typed",
    [
        "3/3-27 kl. 19",
        "3.3.2027 19.00",
        "onsdag den 3. marts 2027 kl 19",
        "Kl. 19 ons. d. 3/3-27",
        "3/3-27 kl. 7 om aftenen",
    ],
)
async def test_when_a_meeting_begins_is_read_as_it_is_typed(found: Found, channel: str, typed: str) -> None:
    async with found(channel=channel, steps="plan") as town:
        lea = await asked_when(town)
        assert ENDS in await writes(town, lea, typed)
        assert WHERE in await writes(town, lea, "2½ time")
        shown = await looks(lea)
        assert "Begynder: onsdag den 3. marts 2027 kl. 19.00" in shown
        assert "Slutter: onsdag den 3. marts 2027 kl. 21.30" in shown


@on_both
async def test_its_end_is_taken_where_it_was_typed_with_its_beginning(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan") as town:
        lea = await asked_when(town)
        assert WHERE in await writes(town, lea, "3/3-27 kl. 19-21.30")
        assert "Slutter: onsdag den 3. marts 2027 kl. 21.30" in await looks(lea)


@on_both
async def test_a_weekday_that_is_another_is_asked_about_and_not_taken(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan") as town:
        lea = await asked_when(town)
        for typed in ("tirsdag den 3. marts 2027 kl. 19", "tirs. d. 3/3-27 kl. 19"):
            shown = await writes(town, lea, typed)
            assert WEDNESDAY in shown and BEGINS in shown and ENDS not in shown
        assert ENDS in await writes(town, lea, "onsdag den 3. marts 2027 kl. 19")
        await lea.says("tirsdag den 3. marts 2027 kl. 21")
        assert WEDNESDAY in seen(lea)


@on_both
async def test_an_hour_that_does_not_exist_is_asked_about_and_one_that_comes_twice_is_told(
    found: Found, channel: str
) -> None:
    async with found(channel=channel, steps="plan") as town:
        lea = await asked_when(town)
        shown = await writes(town, lea, "28.3.2027 kl. 2.30")
        assert SKIPPED in shown and BEGINS in shown
        shown = await writes(town, lea, "31.10.2027 kl. 2.30")
        assert TWICE in shown and ENDS in shown


@on_both
async def test_the_same_holds_of_when_a_step_changes(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan") as town:
        lea = await leads(town)
        await lea.says("/leder")
        for label in ("Åbn og luk trin", FIRST_STEP, "Ændr for alle", "Luk for svar", "På et bestemt tidspunkt"):
            await lea.taps(label)
        assert WEDNESDAY in await writes(town, lea, "tirsdag den 3. marts 2027 kl. 19")
        assert SKIPPED in await writes(town, lea, "28/3-27 kl. 2.30")
        shown = await writes(town, lea, "31/10-27 kl. 2.30")
        assert TWICE in shown and "søndag den 31. oktober 2027 kl. 02.30" in shown


async def test_in_english_it_is_asked_in_english(found: Found) -> None:
    async with found(steps="plan") as town:
        lea = town.person("Lea", "en")
        await lea.says(f"/start {await town.invites('leader')}")
        await lea.taps("I want to join")
        await lea.says("/leder")
        for label in ("Meetings", "New meeting", "Dialogue meeting for volunteers and associations"):
            await lea.taps(label)
        await writes(town, lea, "In the hall")
        assert "3 March 2027 is a Wednesday. Which day do you mean?" in await writes(town, lea, "Tue 3 March 2027, 7pm")

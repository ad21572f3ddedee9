"""A CPR number is refused wherever words are taken in, however it is written. On Telegram and on the pages."""

from __future__ import annotations

import pytest

from bot.access import Role
from tests.support.chat import Found, Somebody, Town
from tests.support.mail_readers import anna_of, served
from tests.support.people import leads, seen

on_both = pytest.mark.parametrize("channel", ["telegram", "web"])
REFUSED = "ligner et CPR-nummer. Derfor har vi ikke gemt"
FORMS = (
    "Ring til hende: 010203\u00ad1234",
    "Ring til hende: 010203\u200b-1234",
    "Ring til hende: ０１０２０３ １２３４",
    "Ring til hende: 01/02/03 12 34",
    "Ring til hende: 010203, og så de sidste fire: 1234",
    "Ring til hende: 0️⃣1️⃣0️⃣2️⃣0️⃣3️⃣-1️⃣2️⃣3️⃣4️⃣",
)
PANELS = {  # the way to where words are asked for
    "the register": ("Interessentlisten", "Tilføj en forening eller et råd"),
    "a name sought": ("Interessentlisten", "Søg"),
    "why a step opens": ("Åbn og luk trin", "Trin 1. Læg en plan: åbent", "Ændr for alle", "Luk for svar", "Nu"),
    "a message to many": ("Send besked til mange", "Skriv en ny besked", "Skriv teksten"),
    "a role's name": ("Roller", "Tildel en rolle", "Mødeleder"),
}


async def begins(town: Town) -> Somebody:
    """At the first question of a step, which asks for words."""
    person = town.somebody("Anna")
    await person.says("/start plan")
    await person.taps("Jeg er med")
    await person.taps("Frivillig")
    while "Vi begynder på" not in seen(person):
        await person.taps("Spring over")
    return person


@on_both
async def test_no_way_of_writing_it_becomes_an_answer(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan") as town:
        anna = await begins(town)
        for form in FORMS:
            await anna.says(form)
            assert REFUSED in seen(anna)
        assert town.rows("SELECT count(*) FROM answers JOIN runs ON run_id = runs.id WHERE flow = 'plan'") == [(0,)]
        await anna.says("Sag nr. 010203-1234, tlf. 20 30 40 50, den 12.03.26 1930")  # which says what it is
        assert REFUSED not in seen(anna)
        await anna.taps("Gem alligevel")  # the telephone number is to stand
        assert town.rows("SELECT count(*) FROM answers JOIN runs ON run_id = runs.id WHERE flow = 'plan'") == [(1,)]


@on_both
@pytest.mark.parametrize("panel", PANELS)
async def test_nor_what_is_written_in_a_panel(found: Found, channel: str, panel: str) -> None:
    async with found(channel=channel, steps="plan") as town:
        lea = await leads(town, role=Role.LEADER)
        await lea.says("/leder")
        for label in PANELS[panel]:
            await lea.taps(label)
        before = town.rows("SELECT (SELECT count(*) FROM parties), (SELECT count(*) FROM sendings)")
        lea.sees()
        for form in FORMS[:2]:
            await lea.says(form)
            assert REFUSED in seen(lea)
        assert town.rows("SELECT (SELECT count(*) FROM parties), (SELECT count(*) FROM sendings)") == before
        assert town.rows("SELECT count(*) FROM step_changes") == [(0,)]


async def test_nor_a_mail_address(found: Found) -> None:
    async with served(found, steps="plan") as (town, box):
        anna = await anna_of(town)
        await anna.says("/mail")
        await anna.says("010203-1234@foreningsliv.example")
        assert REFUSED in seen(anna)
        assert (town.rows("SELECT count(*) FROM mailboxes"), box.mails) == ([(0,)], [])

"""A number, a yes and a choice are understood as people write them, on every channel; a sentence stays a sentence."""

from __future__ import annotations

import pytest

from bot.flows import content
from storage import answers
from storage.db import Tx
from tests.support.chat import Found, Somebody, Town
from tests.support.people import seen

everywhere = pytest.mark.parametrize("channel", ["telegram", "terminal", "web"])
ASKED = "Må vi sende dig beskeder om møder, frister, nye spørgsmål og hvad der kommer ud af svarene?"
UNKNOWN = "Du kan ikke vælge det svar her"


async def asked_about_messages(town: Town) -> Somebody:
    anna = town.somebody("Anna")
    await anna.says("/start faelles")
    for label in ("Jeg er med", "Frivillig", "Idræt", "Nordby"):
        await anna.taps(label)
    assert ASKED in seen(anna)
    return anna


def chosen(tx: Tx) -> tuple[str, ...]:
    """The keys of what was answered to the scale."""
    [keys] = [
        content.read(stored.content).keys
        for row in tx.all("SELECT id FROM runs")
        for stored in answers.of_run(tx, row["id"])
        if stored.question == "F6"
    ]
    return keys


@everywhere
@pytest.mark.parametrize(
    ("said", "wants"),
    [
        ("ja tak", 1),
        ("Jep!", 1),
        ("yes please", 1),
        ("👍", 1),
        ("nej tak", 0),
        ("Ellers tak", 0),
        ("nr. 2", 0),
        ("1️⃣", 1),
    ],
)
async def test_a_yes_and_a_no_are_taken(found: Found, channel: str, said: str, wants: int) -> None:
    async with found(channel=channel, steps="faelles") as town:
        anna = await asked_about_messages(town)
        await anna.says(said)
        assert UNKNOWN not in seen(anna)
        assert town.rows("SELECT reminders FROM people") == [(wants,)]


@everywhere
@pytest.mark.parametrize("said", ["4️⃣", "fire", "nr. 4", "4 - ret godt", "4 af 5"])
async def test_a_number_on_a_scale_is_taken(found: Found, channel: str, said: str) -> None:
    async with found(channel=channel, steps="faelles") as town:
        anna = await asked_about_messages(town)
        await anna.says("nej")
        assert "1 er meget dårligt, 5 er meget godt" in seen(anna)
        await anna.says("fire eller fem")
        assert UNKNOWN in seen(anna)
        await anna.says(said)
        assert UNKNOWN not in seen(anna)
        assert await town.runtime.database.read(chosen) == ("4",)


@everywhere
async def test_where_the_question_takes_free_words_a_sentence_stays_one(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="faelles") as town:
        anna = town.somebody("Anna")
        await anna.says("/start faelles")
        for label in ("Jeg er med", "Frivillig"):
            await anna.taps(label)
        await anna.says("Idræt tre gange om ugen, og kor")
        assert town.rows("SELECT field FROM capacities") == [("andet",)]

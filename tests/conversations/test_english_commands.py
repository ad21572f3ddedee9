"""A command has an English name beside its Danish one, and does the same by both."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

import pytest

from bot.features import COMMANDS
from tests.support.chat import Found, Somebody
from tests.support.people import has_answered, leads, seen

IN_ENGLISH: dict[str, Callable[[Somebody], Awaitable[None]]] = {
    "fortsaet": lambda who: who.says("/continue"),
    "moeder": lambda who: who.says("/meetings"),
    "rolle": lambda who: who.says("/role"),
    "kontrol": lambda who: who.says("/check"),
    "slet": lambda who: who.says("/delete"),
    "enheder": lambda who: who.says("/devices"),
    "sammen": lambda who: who.says("/together"),
    "sprog": lambda who: who.says("/language"),
    "leder": lambda who: who.says("/lead"),
    "daekning": lambda who: who.says("/status"),
    "eksport": lambda who: who.says("/export"),
}
SAME_WORD = {"pause", "mine", "stop", "web", "start"}


def test_every_command_has_a_name_that_an_english_reader_knows() -> None:
    assert {command.name for command in COMMANDS if command.english is None} == SAME_WORD


@pytest.mark.parametrize("name", IN_ENGLISH)
async def test_it_does_the_same_by_its_english_name(found: Found, name: str) -> None:
    async with found(steps="plan, linjer") as town:
        who = await has_answered(town, group="Forening") if name == "sammen" else await leads(town)
        who.sees()
        await who.says(f"/{name}")
        in_danish = seen(who)
        await IN_ENGLISH[name](who)
        assert _without_clock(seen(who)) == _without_clock(in_danish)
        assert "Den kommando findes ikke" not in in_danish


def _without_clock(said: str) -> str:
    return re.sub(r"\d\d\.\d\d", "", said)

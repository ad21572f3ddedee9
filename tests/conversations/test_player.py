"""The player of transcripts itself: it sees every difference, and says where."""

from __future__ import annotations

import logging

import pytest

from tests.chat import parse, play
from tests.conftest import Found

TAKEN = """# Hvad svarer du som?
steps: borger

> /start
…

* Jeg er med
Hvad svarer du som?
"""


async def test_what_is_shown_otherwise_is_told_with_file_and_line(found: Found) -> None:
    async with found(steps="borger") as town:
        with pytest.raises(AssertionError, match=r"taken\.txt:4: > /start\n--- transcript\n\+\+\+ telegram"):
            await play(town, parse("taken", TAKEN))


@pytest.mark.parametrize("channel", ["telegram", "terminal"])
async def test_a_button_that_is_not_there_cannot_be_tapped(found: Found, channel: str) -> None:
    async with found(channel=channel) as town:
        somebody = town.somebody()
        await somebody.says("/start")
        with pytest.raises(AssertionError, match="no button 'Send'"):
            await somebody.taps("Send")


@pytest.mark.parametrize("act", ["! 1:1:0:a", "~ Hej ⇒ Hov", "** Jeg er med", "@ sends sticker"])
async def test_a_terminal_refuses_what_only_a_phone_can_do(found: Found, act: str) -> None:
    async with found(channel="terminal") as town:
        with pytest.raises(AssertionError, match="only on Telegram"):
            await play(town, parse("phone", f"channels: terminal\n\n{act}\n"))


def test_a_line_that_says_nothing_to_the_player_is_refused() -> None:
    with pytest.raises(AssertionError, match=r"odd\.txt:1: what is this\?"):
        parse("odd", "Hej\n\n> /start\n")


async def test_a_town_does_not_close_over_words_in_its_log(found: Found) -> None:
    with pytest.raises(AssertionError, match="'Min nabo hjælper' stands in the log"):
        async with found() as town:
            await town.person().says("Min nabo hjælper")
            logging.getLogger("bot").debug("heard %s", "Min nabo hjælper")


async def test_a_town_does_not_close_over_words_that_lie_in_the_clear(found: Found) -> None:
    with pytest.raises(AssertionError, match="'Min nabo hjælper' lies in the clear"):
        async with found() as town:
            await town.person().says("Min nabo hjælper")
            await town.house.database.write(lambda tx: tx.run("UPDATE people SET field = 'Min nabo hjælper'"))

"""The player of transcripts itself: it sees every difference, and says where."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

import pytest

from tests.chat import Town, parse, play
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


WORDS = "Min nabo hjælper"


async def _logs(_: Town) -> None:
    logging.getLogger("bot").debug("heard %s", WORDS)


async def _writes_in_the_clear(town: Town) -> None:
    await town.house.database.write(lambda tx: tx.run("UPDATE people SET field = :words", words=WORDS))


@pytest.mark.parametrize(
    ("slip", "complaint"),
    [(_logs, f"'{WORDS}' stands in the log"), (_writes_in_the_clear, f"'{WORDS}' lies in the clear")],
)
async def test_a_town_does_not_close_over_what_somebody_said(
    found: Found, slip: Callable[[Town], Awaitable[None]], complaint: str
) -> None:
    async def evening() -> None:
        async with found() as town:
            await town.person().says(WORDS)
            await slip(town)

    with pytest.raises(AssertionError, match=complaint):
        await evening()

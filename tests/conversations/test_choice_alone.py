"""A choice that stands alone («Alle områder»): the last tap wins where one taps, and a form says what to do where one
ticks."""

from __future__ import annotations

import json

import pytest

from storage.db import Tx
from storage.sealed_columns import ANSWER
from tests.support import question_sets
from tests.support.chat import Found, Town
from tests.support.sealed import opened_in
from tests.support.visitors import at_step, sent

ALL_ALONE = {"L2": {"choices": {"alle": {"exclusive": True}}}}
ALL, OLD, JOBS = "Alle områder", "Ældre", "Job"
WORDS = "Fjern krydset ved »Alle områder«, eller fjern de andre kryds og det, du selv har skrevet."
REFUSED = "»Alle områder« kan ikke vælges sammen med andre svar."


async def _chosen(town: Town) -> list[str]:
    """The keys of the answer that there is to L2."""

    def read(tx: Tx) -> list[str]:
        [content] = opened_in(tx, ANSWER, "WHERE question = 'L2'")
        return list(json.loads(content)[1])

    return await town.runtime.database.read(read)


@pytest.mark.parametrize("channel", ["telegram", "terminal"])
async def test_the_last_tap_wins_and_what_is_ticked_stands_there(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="linjer") as town:
        await question_sets.load(town, linjer=ALL_ALONE)
        anna = town.somebody()
        await anna.says("/start")
        for label in ("Jeg er med", "Frivillig", "Idræt", "Nordby", "Nej"):
            await anna.taps(label)
        for label in (f"☐ {OLD}", f"☐ {JOBS}", f"☐ {ALL}"):
            await anna.taps(label)
        assert await _chosen(town) == ["alle"]
        await anna.taps(f"☐ {JOBS}")
        assert await _chosen(town) == ["job"]
        await anna.says(ALL)
        assert await _chosen(town) == ["alle"]
        anna.sees()
        await anna.says("Job, alle områder")
        assert REFUSED in "\n".join(anna.sees())
        await anna.says("Dyrevelfærd")
        assert await _chosen(town) == ["andet"]
        anna.sees()
        await anna.taps(f"☐ {ALL}")
        assert "Tryk på »Andet« for at fjerne det, hvis du vil vælge »Alle områder« i stedet." in "\n".join(anna.sees())
        assert await _chosen(town) == ["andet"]
        await anna.taps("☑ Andet")
        await anna.taps(f"☐ {ALL}")
        await anna.taps("Færdig")
        assert await _chosen(town) == ["alle"]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ([("choice", "0"), ("choice", "15")], "Fjern krydset ved »Alle områder«, eller fjern de andre kryds."),
        ([("choice", "15"), ("text", "Dyrevelfærd")], WORDS),
        ([("text", "Job og alle områder")], "Fjern krydset ved »Alle områder«, eller fjern de andre kryds."),
    ],
)
async def test_a_form_with_both_says_what_to_do_and_keeps_what_was_ticked(
    found: Found, fields: list[tuple[str, str]], told: str
) -> None:
    async with found(channel="web", steps="linjer") as town:
        await question_sets.load(town, linjer=ALL_ALONE)
        browser, page = await at_step(town, "linjer", "Frivillig")
        refused = await sent(browser, page, [*fields, ("do", "next")])
        assert refused.status == 422
        assert refused.find("//*[@id='answer-error']")[0].text_content() == f"{REFUSED} {told}"
        ticked = [box.get("value") for _, box in refused.boxes() if box.get("checked") is not None]
        assert ticked == [value for name, value in fields if name == "choice"]
        assert refused.areas("text")[0].value == "".join(value for name, value in fields if name == "text")
        assert await sent(browser, refused, [("choice", "15"), ("text", ""), ("do", "next")])
        assert await _chosen(town) == ["alle"]

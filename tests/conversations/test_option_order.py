"""Options that half of the people see in reverse: on every channel the same person sees one order and is understood by
it, and the order is kept with the answer and comes out with it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from bot.flows import option_order, standard_choices
from bot.flows.model import Question
from storage.db import Tx
from storage.sealed_columns import ANSWER
from tests.support import question_sets
from tests.support.chat import Found, OnTelegram, Town
from tests.support.sealed import opened_in
from tests.support.visitors import at_step, sent

FREE = {"D6": {"order": "free"}}
FLOW = "dialog_frivillige"


async def _comes_to_it(anna: OnTelegram) -> list[str]:
    """As an association, up to D6. The labels, in the order shown."""
    await anna.says("/start")
    for label in ("Jeg er med", "Forening", "Vil ikke sige det", "Idræt", "Nordby", "Nej"):
        await anna.taps(label)
    while not any(label.startswith("☐") for label in anna.phone.buttons):
        await anna.taps("Spring over")
    return _labels(anna)


def _labels(anna: OnTelegram) -> list[str]:
    return [label.removeprefix("☐ ").removeprefix("☑ ") for label in anna.phone.buttons if label[0] in "☐☑"]


async def _stored(town: Town) -> list[tuple[list[str], int | None]]:
    """Keys and order of each answer there is to D6."""

    def read(tx: Tx) -> list[tuple[list[str], int | None]]:
        contents = opened_in(tx, ANSWER, "WHERE question = 'D6'")
        orders = [row[0] for row in tx.all("SELECT options_reversed FROM answers WHERE question = 'D6' ORDER BY rowid")]
        return [(list(json.loads(each)[1]), order) for each, order in zip(contents, orders, strict=True)]

    return await town.runtime.database.read(read)


async def _options(town: Town) -> tuple[dict[str, str], Question]:
    """Of D6: label → key, as written; and the question."""

    def read(tx: Tx) -> tuple[dict[str, str], Question]:
        question = town.runtime.process_host.plan(tx).flows[FLOW].flow.question("D6")
        return {choice.label.da_jer or choice.label.da: choice.key for choice in question.choices}, question

    return await town.runtime.database.read(read)


def _people(town: Town, wanted: int) -> Iterator[OnTelegram]:
    for number in range(wanted):
        yield town.person(f"Person {number}")


async def test_some_see_it_in_reverse_and_all_are_understood_by_what_they_see(found: Found) -> None:
    async with found(channel="telegram", steps=FLOW) as town:
        await question_sets.load(town, **{FLOW: FREE})
        keys, _ = await _options(town)
        written = [*keys]
        told, orders = [], []
        for anna in _people(town, 6):
            shown = await _comes_to_it(anna)
            assert shown[:-1] in (written, written[::-1])  # behind them «Andet»
            orders.append(shown[:-1] == written[::-1])
            await anna.says("2")
            await anna.taps(f"☐ {shown[0]}")
            assert _labels(anna) == shown  # redrawn as it stood
            await anna.taps("Færdig")
            told.append(([keys[shown[1]], keys[shown[0]]], int(orders[-1])))
        assert set(orders) == {False, True}
        assert await _stored(town) == told


async def test_the_order_stays_through_language_restart_and_correction_and_comes_out_with_the_answer(
    found: Found,
) -> None:
    async with found(channel="telegram", steps=FLOW) as town:
        await question_sets.load(town, **{FLOW: FREE})
        keys, question = await _options(town)
        in_english = {each.label.da_jer or each.label.da: each.label.en for each in standard_choices.options(question)}
        for anna in _people(town, 6):
            shown = await _comes_to_it(anna)
            if shown[0] != next(iter(keys)):
                break
        else:
            raise AssertionError("nobody sees it in reverse")
        await anna.says("/sprog")
        await anna.taps("English")
        english = _labels(anna)
        await town.wait(3600)
        await anna.says("/sprog")
        await anna.taps("Dansk")
        assert _labels(anna) == shown
        assert english == [in_english[label] for label in shown]
        await anna.taps(f"☐ {shown[0]}")
        await anna.taps("Færdig")
        await anna.taps("Tilbage")
        assert _labels(anna) == shown
        [(chosen, order)] = await _stored(town)
        assert (chosen, order) == ([keys[shown[0]]], 1)
        await anna.taps(f"☑ {shown[0]}")
        await anna.says("2")
        await anna.taps("Færdig")
        assert await _stored(town) == [([keys[shown[1]]], 1)]
        earlier = town.rows("SELECT answer_history.options_reversed FROM answer_history")
        assert earlier == [(1,)]


@pytest.mark.parametrize("number", range(4))
async def test_a_form_shows_the_order_and_its_boxes_mean_their_words(found: Found, number: int) -> None:
    async with found(channel="web", steps=FLOW) as town:
        await question_sets.load(town, **{FLOW: FREE})
        keys, question = await _options(town)
        for _ in range(number):  # whose runs come first
            await at_step(town, FLOW, "Borger")
        browser, page = await at_step(town, FLOW, "Forening")
        while not page.find("//input[@type='checkbox']"):
            page = await sent(browser, page, [("do", "skip")])
        shown = [label for label, _ in page.boxes()]
        [(run,)] = town.rows("SELECT max(id) FROM runs WHERE flow = ?", FLOW)
        assert (shown[:-1] == [*keys][::-1]) is option_order.is_reversed(question, run)
        value = str(page.boxes()[1][1].get("value"))
        page = await sent(browser, page, [("choice", value), ("do", "next")])
        assert await _stored(town) == [([keys[shown[1]]], int(shown[:-1] == [*keys][::-1]))]


async def test_a_question_with_one_order_notes_none(found: Found) -> None:
    async with found(channel="telegram", steps=FLOW) as town:
        await question_sets.load(town, **{FLOW: {"D6": {"order": "fixed"}}})
        keys, _ = await _options(town)
        shown = await _comes_to_it(town.person())
        assert shown[: len(keys)] == [*keys]
        await town.person().taps(f"☐ {shown[0]}")
        assert [order for _, order in await _stored(town)] == [None]

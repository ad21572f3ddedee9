"""Whole steps by keyboard alone and by thumb on a phone, with scripts and without: every kind of question."""

from __future__ import annotations

import json

import pytest
from playwright.async_api import Page

from bot.flows.model import QuestionKind
from tests.support.browser.hands import Keyboard, Someone, Thumb
from tests.support.browser.opening import Opening

pytestmark = pytest.mark.asyncio(loop_scope="session")
SOME = {QuestionKind.SINGLE, QuestionKind.YES_NO, QuestionKind.TEXT, QuestionKind.MULTI}


async def stored(page: Page) -> dict[str, str]:
    """What /mine.json holds of this person, in the form of Someone.told."""
    whole = json.loads(await (await page.context.request.get("/mine.json")).text())
    return {answer["question"]: answer["text"] for run in whole["runs"] for answer in run["answers"]}


@pytest.mark.parametrize(
    ("hands", "scripts", "steps", "kinds"),
    [
        (Keyboard, True, ["linjer"], SOME | {QuestionKind.IDEAS, QuestionKind.RANKING}),
        (
            Keyboard,
            False,
            ["plan", "vedtagelse"],
            SOME | {QuestionKind.IDEAS, QuestionKind.CONTACT, QuestionKind.SCALE},
        ),
        (Thumb, True, ["plan", "vedtagelse"], SOME | {QuestionKind.IDEAS, QuestionKind.CONTACT, QuestionKind.SCALE}),
        (Thumb, False, ["linjer"], SOME | {QuestionKind.IDEAS, QuestionKind.RANKING}),
    ],
)
async def test_every_kind_of_question_is_answered(
    pages: Opening, hands: type[Keyboard | Thumb], scripts: bool, steps: list[str], kinds: set[QuestionKind]
) -> None:
    async with pages(steps=", ".join(steps)) as opened:
        page = await opened.page(java_script_enabled=scripts, has_touch=hands is Thumb, is_mobile=hands is Thumb)
        anna = Someone(page, hands(page))
        await anna.accepts()
        await anna.answers()
        for left in range(len(steps), 0, -1):
            if left > 1:  # a menu: which one first?
                await anna.hands.press(page.locator("#main form.picks button").first)
                await anna.answers()
            await anna.press("Send")
            assert await page.inner_text("h1") == "Tak for dine svar"
            if left > 1:
                await anna.hands.press(page.locator("#main form button").first)
                await anna.answers()
        assert anna.kinds == {str(kind) for kind in kinds}
        assert await stored(page) == anna.told

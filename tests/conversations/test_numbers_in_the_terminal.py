"""In the terminal a number alone presses the button beside it, whatever is asked for; where a number may be the answer
(how many, a day, a case), the buttons have none, and are pressed by their words."""

from __future__ import annotations

import pytest

from bot import texts
from bot.flows.model import LANGUAGES, Language
from tests.support.chat import Found
from tests.support.people import leads, seen

STEP = "Trin 4. Lokale dialogmøder for frivillige og foreninger"


async def test_how_many_is_a_number_and_presses_nothing(found: Found) -> None:
    async with found(channel="terminal", steps="dialog_frivillige") as town:
        lea = await leads(town)
        await lea.says("/leder")
        for label in ("Indtast svar for andre", "Indtast nye svar", "Brev", STEP, "Frivillig"):
            await lea.taps(label)
        await lea.says("2.3.")
        assert "[Én person]\n[Tilbage]" in seen(lea)
        await lea.says("2")
        seen(lea)
        assert town.rows("SELECT behind FROM people WHERE source IS NOT NULL") == [(2,)]


@pytest.mark.parametrize("word", ["Tilbage", "én person"])
async def test_where_the_buttons_have_no_numbers_they_are_pressed_by_their_words(found: Found, word: str) -> None:
    async with found(channel="terminal", steps="dialog_frivillige") as town:
        lea = await leads(town)
        await lea.says("/leder")
        for label in ("Indtast svar for andre", "Indtast nye svar", "Brev", STEP, "Frivillig"):
            await lea.taps(label)
        await lea.says("2.3.")
        seen(lea)
        await lea.says(word)
        shown = seen(lea)
        assert "Én person" not in shown and shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_opening_says_so(language: Language) -> None:
    said = texts.say(language, "talk.how")
    assert {"da": "tallet ud for det", "en": "the number beside it"}[language] in said
    assert {"da": "streg i stedet for et tal", "en": "a dash stands in place of a number"}[language] in said

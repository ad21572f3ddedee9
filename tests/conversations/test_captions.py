"""Words under a picture are an answer like any other, and it is told that the picture is not kept."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from bot.flows.model import Language
from tests.support.chat import Found, OnTelegram, Town
from tests.support.people import seen

WORDS = "Flere lokaler til klubben om aftenen"
ONLY_TEXT = "Jeg kan kun læse tekst. Skriv gerne svaret med ord."


WALK = {
    "da": ("Jeg er med", "Frivillig", "Idræt", "Nordby", "Nej"),
    "en": ("I want to join", "Volunteer", "Sport", "Nordby", "No"),
}


async def at_ideas(town: Town, language: Language = "da") -> OnTelegram:
    """At an open question that takes ideas one by one."""
    anna = town.person("Anna", language)
    await anna.says("/start")
    for label in WALK[language]:
        await anna.taps(label)
    assert asked(town) == "D1"
    anna.sees()
    return anna


def asked(town: Town) -> str:
    [(question,)] = town.rows("SELECT question FROM prompts")
    return str(question)


async def sends(anna: OnTelegram, act: Callable[[], object], words: str = WORDS) -> str:
    await anna.does(act, said=words)
    return seen(anna)


@pytest.mark.parametrize(
    ("kind", "thing"),
    [("photo", "billedet"), ("video", "filmen"), ("voice", "optagelsen"), ("document", "filen")],
)
async def test_words_under_something_are_taken_and_what_they_stand_under_is_said_not_to_be_kept(
    found: Found, kind: str, thing: str
) -> None:
    async with found(steps="dialog_frivillige") as town:
        anna = await at_ideas(town)
        shown = await sends(anna, partial(getattr(anna.phone, f"sends_{kind}"), caption=WORDS))
        assert f"Din tekst er gemt, men ikke {thing}." in shown
        assert f"• {WORDS}" in shown and ONLY_TEXT not in shown
        bare = await sends(anna, getattr(anna.phone, f"sends_{kind}"), "")
        assert bare == ONLY_TEXT
        await anna.edits(WORDS, "Et lokale til klubben")
        await anna.taps("Færdig")
        await anna.says("/mine")
        assert "Et lokale til klubben" in anna.phone.document.decode()


async def test_in_english_it_is_told_in_english(found: Found) -> None:
    async with found(steps="dialog_frivillige") as town:
        anna = await at_ideas(town, "en")
        shown = await sends(anna, partial(anna.phone.sends_photo, caption=WORDS))
        assert "Your text is saved, but not the picture." in shown


async def test_words_that_are_refused_or_a_buttons_are_not_said_to_be_saved(found: Found) -> None:
    async with found(steps="dialog_frivillige") as town:
        anna = await at_ideas(town)
        shown = await sends(anna, partial(anna.phone.sends_photo, caption="Hun har 010203\u00ad1234"), "")
        assert "ligner et CPR-nummer" in shown
        assert "Jeg kan kun læse tekst, så billedet er ikke gemt." in shown
        await anna.says(WORDS)
        seen(anna)
        shown = await sends(anna, partial(anna.phone.sends_photo, caption="Færdig"), "")
        assert "Jeg kan kun læse tekst, så billedet er ikke gemt." in shown
        assert asked(town) != "D1"


async def test_of_an_album_it_is_told_once(found: Found) -> None:
    async with found(steps="dialog_frivillige") as town:
        anna = await at_ideas(town)

        def album(*words: str) -> None:
            for each in words:
                anna.phone.sends_photo(caption=each, media_group_id=str(len(words)))

        shown = await sends(anna, partial(album, WORDS, "", ""))
        assert shown.count("men ikke billederne.") == 1 and ONLY_TEXT not in shown
        shown = await sends(anna, partial(album, "En", "To", "Tre", "Fire"))
        assert shown.count("men ikke billederne.") == 1 and "• Fire" in shown
        assert await sends(anna, partial(album, "", "")) == ONLY_TEXT


async def test_nothing_of_a_picture_is_stored(found: Found) -> None:
    async with found(steps="dialog_frivillige") as town:
        anna = await at_ideas(town)
        await town.down()
        anna.phone.sends_photo(caption=WORDS)
        [update] = town.api.waiting_updates()
        await town.up()
        assert str(update["message"]["photo"][0]["file_id"]).encode() not in town.on_disk()
        assert town.rows("SELECT count(*) FROM inbox WHERE payload IS NOT NULL") == [(0,)]


async def test_a_picture_forwarded_with_words_is_somebody_elses(found: Found) -> None:
    async with found(steps="dialog_frivillige") as town:
        anna = await at_ideas(town)
        origin = {"type": "hidden_user", "sender_user_name": "Nogen", "date": int(town.clock.now)}
        shown = await sends(anna, partial(anna.phone.sends_photo, caption=WORDS, forward_origin=origin))
        assert shown.startswith("Beskeden er videresendt fra en anden")
        assert town.rows("SELECT count(*) FROM answers WHERE question = 'D1'") == [(0,)]

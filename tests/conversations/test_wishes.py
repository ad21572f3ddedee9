"""A command's name alone is a wish. With a slash it is done at once; without one, where the open question takes one's
own words, one is asked, and the word is kept until a button is pressed."""

from __future__ import annotations

import pytest

from bot import texts
from bot.dialogue.session import Wish
from bot.flows.model import Language
from tests.support.chat import Found, InTerminal, OnTelegram, Town
from tests.support.pages import OnPages

in_chats = pytest.mark.parametrize("channel", ["telegram", "terminal"])

# What is written, and what is seen when it is done: in Danish and in English.
WORDS: dict[Language, dict[str, tuple[Wish, str]]] = {
    "da": {
        "hjælp": (Wish.HELP, "/fortsaet – fortsæt, hvor du slap"),
        "Hjælp!": (Wish.HELP, "/fortsaet – fortsæt, hvor du slap"),
        "stop": (Wish.STOP, "Du får ikke flere beskeder. Dine svar er stadig gemt"),
        "STOP.": (Wish.STOP, "Du får ikke flere beskeder. Dine svar er stadig gemt"),
        "pause": (Wish.PAUSE, "Dine svar er gemt"),
        "menneske": (Wish.PERSON, "Vil du tale med en medarbejder, så ring på 20 30 40 50"),
        "ret": (Wish.CORRECT, "Hvilke svar vil du se eller rette?"),
        "indsigelse": (Wish.OBJECT, "Du kan gøre indsigelse mod, at vi bruger dine svar"),
        "mine": (Wish.OWN_DATA, "Her er de oplysninger, vi har gemt om dig."),
        "Afslut din deltagelse": (Wish.LEAVE, "Du er ikke længere med,"),
        "Jeg vil ikke være med mere": (Wish.LEAVE, "Du er ikke længere med,"),
        "help": (Wish.HELP, "/fortsaet – fortsæt, hvor du slap"),
        "human": (Wish.PERSON, "Vil du tale med en medarbejder, så ring på 20 30 40 50"),
    },
    "en": {
        "help": (Wish.HELP, "/help – show help and commands"),
        "stop": (Wish.STOP, "You will get no more messages. Your answers are still saved"),
        "pause": (Wish.PAUSE, "Your answers are saved"),
        "human": (Wish.PERSON, "If you want to talk to a member of staff, call 20 30 40 50"),
        "correct": (Wish.CORRECT, "Which answers do you want to see or change?"),
        "mine": (Wish.OWN_DATA, "Here is all that we keep about you."),
        "object": (Wish.OBJECT, "You can object to our using your answers"),
        "leave": (Wish.LEAVE, "You no longer take part,"),
        "hjælp": (Wish.HELP, "/help – show help and commands"),
    },
}
EVERY = [(language, word) for language, words in WORDS.items() for word in words]
JOINS: dict[Language, tuple[str, ...]] = {
    "da": ("Jeg er med", "Frivillig", "Idræt", "Nordby", "Ja"),
    "en": ("I want to join", "Volunteer", "Sport", "Nordby", "Yes"),
}
MINE = {"da": "Det er mit svar", "en": "It is my answer"}


async def answers(town: Town, language: Language = "da") -> OnTelegram | InTerminal:
    """At the first question of a step, in their own words."""
    anna = town.somebody("Anna", language)
    assert isinstance(anna, OnTelegram | InTerminal)
    await anna.says("/start plan")
    for label in JOINS[language]:
        await anna.taps(label)
    anna.sees()
    return anna


def shown(anna: OnTelegram | InTerminal) -> str:
    return "\n".join(anna.sees())


def count(town: Town) -> tuple[int, int]:
    """Answers in the step, and words that wait."""
    [(given,)] = town.rows("SELECT count(*) FROM answers JOIN runs ON runs.id = run_id WHERE flow = 'plan'")
    [(held,)] = town.rows("SELECT count(*) FROM held_words")
    return int(given), int(held)


@in_chats
@pytest.mark.parametrize(("language", "word"), EVERY)
async def test_a_wish_is_offered_beside_the_answer_it_might_be(
    found: Found, channel: str, language: Language, word: str
) -> None:
    async with found(channel=channel, steps="plan") as town:
        town.public.add(word)
        anna, (wish, done) = await answers(town, language), WORDS[language][word]
        await anna.says(word)
        label, asked = texts.say(language, f"wish.{wish}"), shown(anna)
        assert f"[{MINE[language]}]\n[{label}]" in asked and word in asked
        assert count(town) == (0, 1)
        await anna.taps(label)
        assert done in shown(anna)
        assert count(town) == (0, 0)


@in_chats
async def test_the_word_is_the_answer_if_one_says_so(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan") as town:
        anna = await answers(town)
        await anna.says("Pause!")
        anna.sees()
        await anna.taps("Det er mit svar")
        assert "Hvordan får vi både små og store foreninger med?" in shown(anna)
        assert count(town) == (1, 0)
        await anna.says("/mine")
        assert "→ Pause!" in shown(anna)  # as it was written


@in_chats
@pytest.mark.parametrize(("language", "word"), [(language, word) for language, word in EVERY if " " not in word])
async def test_with_a_slash_it_is_done_at_once(found: Found, channel: str, language: Language, word: str) -> None:
    async with found(channel=channel, steps="plan") as town:
        anna = await answers(town, language)
        await anna.says(f"/{word}")
        assert WORDS[language][word][1] in shown(anna)
        assert count(town) == (0, 0)


@in_chats
async def test_each_command_has_its_other_name(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan") as town:
        anna = await answers(town)
        await anna.says("/menneske")
        told = shown(anna)
        await anna.says("/human")
        assert shown(anna) == told and "Vil du tale med en medarbejder" in told
        await anna.says("/correct")
        assert "Hvilke svar vil du se eller rette?" in shown(anna)
        await anna.says("/leave")
        assert "Du er ikke længere med," in shown(anna)


@in_chats
@pytest.mark.parametrize("word", [word for word in WORDS["da"] if word != "ret"])
async def test_where_no_words_are_taken_it_is_done_at_once(found: Found, channel: str, word: str) -> None:
    async with found(channel=channel, steps="plan") as town:
        anna = town.somebody()
        await anna.says("/start plan")
        await anna.taps("Jeg er med")  # which group they answer as: a choice
        anna.sees()
        await anna.says(word)
        assert WORDS["da"][word][1] in "\n".join(anna.sees())
        assert count(town) == (0, 0)


@in_chats
async def test_before_the_yes_one_can_ask_for_help_and_for_a_person(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan") as town:
        anna = town.somebody()
        await anna.says("/start plan")
        anna.sees()
        await anna.says("hjælp")
        assert "/fortsaet – fortsæt, hvor du slap" in "\n".join(anna.sees())
        await anna.says("menneske")
        assert "Vil du tale med en medarbejder, så ring på 20 30 40 50" in "\n".join(anna.sees())


@in_chats
async def test_the_same_wish_once_more_means_it(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan") as town:
        anna = await answers(town)
        await anna.says("hjælp")
        anna.sees()
        await anna.says("hjælp!")
        assert "/fortsaet – fortsæt, hvor du slap" in shown(anna)
        assert count(town) == (0, 0)


@in_chats
async def test_what_was_written_behind_the_wish_is_the_answer(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan") as town:
        anna = await answers(town)
        for text in ("pause", "Mødes om aftenen", "Og på biblioteket"):
            await anna.says(text)
        anna.sees()
        await anna.taps("Hold pause")
        assert "Dine svar er gemt" in shown(anna)
        await anna.says("/mine")
        assert "→ Mødes om aftenen\nOg på biblioteket" in shown(anna)
        assert count(town) == (1, 0)


@in_chats
@pytest.mark.parametrize("said", ["Mere hjælp til de små", "stop med skemaer", "Jeg ret godt kan lide det", "minen"])
async def test_a_sentence_with_such_a_word_is_an_answer(found: Found, channel: str, said: str) -> None:
    async with found(channel=channel, steps="plan") as town:
        anna = await answers(town)
        await anna.says(said)
        assert "Hvordan får vi både små og store foreninger med?" in shown(anna)
        assert count(town) == (1, 0)


async def test_a_panel_that_takes_words_asks_too(found: Found) -> None:
    async with found(steps="plan") as town:
        lea = town.person("Lea")
        await lea.says(f"/start {await town.invites('leader')}")
        await lea.taps("Jeg er med")
        await lea.says("/leder")
        for label in ("Interessentlisten", "Tilføj en forening eller et råd"):
            await lea.taps(label)
        lea.sees()
        town.public.add("Hjælp")
        await lea.says("Hjælp")
        assert "[Brug det, jeg skrev]\n[Få hjælp]" in shown(lea)
        assert town.rows("SELECT count(*) FROM parties") == [(0,)]
        await lea.taps("Brug det, jeg skrev")
        assert town.rows("SELECT name FROM parties") == [("Hjælp",)]


async def test_stop_as_a_reply_to_a_message_is_no_answer_and_is_done_at_once(found: Found) -> None:
    async with found(steps="plan") as town:
        anna = await answers(town)
        assert isinstance(anna, OnTelegram)
        await town.plans_meeting("moede: title = Fælles møde; starts = 2026-03-24 19:00; invites = 2026-03-03 09:00")
        invitation = anna.phone.last
        phone = anna.phone
        await anna.does(lambda: phone.says("stop", reply_to=invitation.id))
        assert "Du får ikke flere beskeder." in shown(anna)
        assert count(town) == (0, 0)


# --- the ways on ------------------------------------------------------------------------------------------


@in_chats
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("da", ("Spring over", "Færdig", "Tilbage")),
        ("da", ("Skip", "Done", "Back")),
        ("en", ("Spring over", "Færdig", "Tilbage")),
    ],
)
async def test_the_ways_on_are_understood_in_both_languages(
    found: Found, channel: str, language: Language, words: tuple[str, str, str]
) -> None:
    async with found(channel=channel, steps="plan") as town:
        anna, (skip, done, back) = await answers(town, language), words
        ideas = {
            "da": "Hvordan får vi både små og store foreninger med?",
            "en": "How do we get both small and large associations to take part?",
        }
        await anna.says(skip)
        assert ideas[language] in shown(anna)
        await anna.says("Ring til formanden")
        anna.sees()
        await anna.says(done)
        assert ideas[language] not in shown(anna)
        await anna.says(back)
        assert ideas[language] in shown(anna)
        assert town.rows("SELECT skipped FROM answers WHERE question LIKE 'P%' ORDER BY id") == [(1,), (0,)]


@in_chats
async def test_done_before_anything_is_told_goes_on_without_an_answer(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan") as town:
        anna = await answers(town)
        await anna.says("Spring over")
        await anna.says("Færdig")
        assert town.rows("SELECT skipped FROM answers WHERE question LIKE 'P%' ORDER BY id") == [(1,), (1,)]


async def test_the_way_back_from_a_panel_is_understood_in_both_languages(found: Found) -> None:
    async with found(steps="plan") as town:
        lea = town.person("Lea")
        await lea.says(f"/start {await town.invites('leader')}")
        await lea.taps("Jeg er med")
        await lea.says("/leder")
        await lea.taps("Interessentlisten")
        lea.sees()
        await lea.says("back")
        assert "Din rolle" in shown(lea)


# --- on the pages -----------------------------------------------------------------------------------------


async def fills(town: Town, text: str) -> OnPages:
    anna = town.visitor()
    await anna.says("/start plan")
    for label in JOINS["da"]:
        await anna.taps(label)
    anna.sees()
    await anna.says(text)
    return anna


def page(anna: OnPages) -> str:
    return "\n".join(anna.sees())


@pytest.mark.parametrize("word", [word for word in WORDS["da"] if " " not in word])
async def test_on_a_page_the_word_stays_in_its_field_until_one_has_said_what_it_is(found: Found, word: str) -> None:
    async with found(channel="web", steps="plan") as town:
        anna, wish = await fills(town, word), WORDS["da"][word][0]
        assert "Er det dit svar, eller vil du noget andet?" in page(anna)
        assert anna.page is not None
        labels = [button.label for button in anna.page.buttons()]
        assert {"Det er mit svar", texts.say("da", f"wish.{wish}")} <= set(labels)
        assert anna.page.areas("text")[0].text == word
        assert count(town) == (0, 0)


async def test_on_a_page_the_word_is_the_answer_if_one_says_so(found: Found) -> None:
    async with found(channel="web", steps="plan") as town:
        anna = await fills(town, "Pause!")
        await anna.taps("Det er mit svar")
        assert "Hvordan får vi både små og store foreninger med?" in page(anna)
        await anna.says("/mine")
        assert "→ Pause!" in page(anna)


@pytest.mark.parametrize("word", ["hjælp", "stop", "pause", "menneske", "ret", "mine"])
async def test_on_a_page_the_wish_is_done_and_the_word_is_no_answer(found: Found, word: str) -> None:
    async with found(channel="web", steps="plan") as town:
        anna, wish = await fills(town, word), WORDS["da"][word][0]
        await anna.taps(texts.say("da", f"wish.{wish}"))
        done = {"hjælp": "En chatbot stiller spørgsmålene.", "ret": "Hvilke svar vil du se eller rette?"}
        assert done.get(word, WORDS["da"][word][1]) in page(anna)
        assert count(town) == (0, 0)


@pytest.mark.parametrize(
    ("word", "then"),
    [("Spring over", "både små og store foreninger med?"), ("skip", "både små og store foreninger med?")],
)
async def test_on_a_page_the_ways_on_are_understood(found: Found, word: str, then: str) -> None:
    async with found(channel="web", steps="plan") as town:
        anna = await fills(town, word)
        assert then in page(anna)
        assert town.rows("SELECT skipped FROM answers WHERE question = 'P1'") == [(1,)]
        await anna.says("tilbage")
        assert "Hvad er vigtigt for dig i den måde, vi laver politikken på?" in page(anna)

"""Words to a message of ours never become the answer to the open question unless the person says so. On Telegram,
where messages come in the chat in which one answers."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from contextlib import closing

import pytest

from bot.flows import content
from storage.db import connect
from storage.encryption import Keyring
from storage.sealed_columns import ANSWER
from tests.support.broadcasts import sends
from tests.support.chat import Found, OnTelegram, Town
from tests.support.danish_time import local
from tests.support.people import comes_to, leads

YES, AWAY = "Ja, jeg kommer", "Meld afbud"
MINE, THEIRS = "Det er mit svar", "Det var til beskeden"
DOUBT = "Er det dit svar?"
FIRST = "Hvad er vigtigt for dig i den måde, vi laver politikken på?"
IDEAS = "Hvordan får vi både små og store foreninger med?"
NOT_READ = "Det, du skrev, er ikke gemt som svar. Ingen læser det, du skriver som svar på vores beskeder."
MEETING = "moede: title = Fælles møde; starts = 2026-03-24 19:00; invites = 2026-03-03 09:00"
WORDS = "Mødes på biblioteket i stedet"


async def answers(town: Town, name: str = "Anna") -> OnTelegram:
    """At the first question of a step, in their own words, having said yes to messages."""
    anna = town.person(name)
    await anna.says("/start plan")
    for label in ("Jeg er med", "Frivillig", "Idræt", "Nordby", "Ja"):
        await anna.taps(label)
    anna.sees()
    return anna


async def invited(town: Town) -> OnTelegram:
    """And an invitation has come since."""
    anna = await answers(town)
    await town.plans_meeting(MEETING)
    assert "Invitation: Fælles møde" in "\n".join(anna.sees())
    town.public |= {*anna.phone.buttons, AWAY}  # what stands on a button is ours
    return anna


async def replies(anna: OnTelegram, text: str, to: str) -> str:
    """By Telegram's «reply», to the newest message of ours with these words."""
    message = next(each for each in reversed(anna.phone.sees()) if each.by_bot and to in each.text)
    await anna.does(lambda: anna.phone.says(text, reply_to=message.id), said=text)
    return "\n".join(anna.sees())


async def says(anna: OnTelegram, text: str) -> str:
    await anna.says(text)
    return "\n".join(anna.sees())


def stored(town: Town) -> list[tuple[str, list[str]]]:
    """What was answered in the step: question, and what was said, word for word."""
    keys = Keyring.open_or_create(town.folder / "besyv.key")
    with closing(connect(town.folder / "besyv.db")) as connection:
        rows = connection.execute(
            """SELECT question, content, run_id, question, answers.revision FROM answers JOIN runs ON runs.id = run_id
               WHERE flow = 'plan' ORDER BY answers.id"""
        ).fetchall()
    return [
        (question, [part.text for part in content.read(keys.open(ANSWER.at(*key), said)).parts])
        for question, said, *key in rows
    ]


def signups(town: Town) -> list[str]:
    return [answer for (answer,) in town.rows("SELECT answer FROM signups")]


def held(town: Town) -> int:
    return int(town.rows("SELECT count(*) FROM held_words")[0][0])


# --- the words of its buttons -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "answer"),
    [(YES, "yes"), ("ja, jeg kommer!", "yes"), ("Ja tak", "yes"), ("Måske", "maybe"), ("Nej", "no"), ("nej tak", "no")],
)
async def test_a_reply_with_the_words_of_a_button_presses_it(found: Found, words: str, answer: str) -> None:
    async with found(steps="plan") as town:
        anna = await invited(town)
        await replies(anna, words, "Invitation: Fælles møde")
        assert (signups(town), stored(town), held(town)) == ([answer], [], 0)


@pytest.mark.parametrize(
    ("words", "answer"), [(YES, "yes"), ("JA JEG KOMMER", "yes"), ("Ja", None), ("Måske", "maybe")]
)
async def test_right_after_a_message_the_words_of_its_button_press_it(
    found: Found, words: str, answer: str | None
) -> None:
    async with found(steps="plan") as town:
        anna = await invited(town)
        shown = await says(anna, words)
        assert (signups(town), stored(town)) == ([answer] if answer else [], [])
        assert (DOUBT in shown) is (answer is None)


async def test_the_answer_to_a_message_can_be_answered_in_turn(found: Found) -> None:
    async with found(steps="plan") as town:
        anna = await invited(town)
        await says(anna, YES)
        await replies(anna, AWAY, "Du er tilmeldt")
        assert (signups(town), stored(town)) == (["no"], [])


async def test_of_several_things_in_one_message_one_says_which(found: Found) -> None:
    async with found(steps="plan") as town:
        anna = await answers(town)
        await town.plans_meeting(MEETING)
        await town.plans_meeting("andet: title = Andet møde; starts = 2026-03-25 19:00; invites = 2026-03-04 09:00")
        await comes_to(town, int(town.clock.now) + 24 * 3600)
        town.public |= {*anna.phone.buttons}
        anna.sees()
        shown = await replies(anna, "Stop beskeder", "møde")
        assert "Du får ikke flere påmindelser og nyheder fra os." in shown
        assert stored(town) == []


async def test_a_choice_that_is_also_the_words_of_a_message_is_asked_about(found: Found) -> None:
    async with found(steps="plan") as town:
        anna = await answers(town)
        for _ in range(4):
            await anna.taps("Spring over")
        assert "Vil du høre mere om at være med i styregruppen?" in anna.phone.screen(1)
        await town.plans_meeting(MEETING)
        shown = await says(anna, "Nej")
        assert DOUBT in shown
        before = stored(town)
        await anna.taps(MINE)
        assert (signups(town), len(stored(town))) == ([], len(before) + 1)


# --- other words ------------------------------------------------------------------------------------------


WAYS: dict[str, Callable[[OnTelegram, str], Awaitable[str]]] = {
    "right after it": lambda anna, text: says(anna, text),
    "as a reply": lambda anna, text: replies(anna, text, "Invitation: Fælles møde"),
}


@pytest.mark.parametrize("way", WAYS)
async def test_other_words_are_asked_about_and_kept_until_a_button_is_pressed(found: Found, way: str) -> None:
    async with found(steps="plan") as town:
        anna = await invited(town)
        shown = await WAYS[way](anna, WORDS)
        assert DOUBT in shown and f"Du skrev: {WORDS}" in shown and FIRST in shown
        assert anna.phone.buttons == [MINE, THEIRS]
        assert (stored(town), held(town)) == ([], 1)
        assert WORDS.encode() not in town.on_disk()
        await anna.taps(MINE)
        assert (stored(town), held(town)) == ([("P1", [WORDS])], 0)
        assert IDEAS in anna.phone.screen(1)


@pytest.mark.parametrize("way", WAYS)
async def test_what_was_to_the_message_is_no_answer_and_it_is_told_that_nobody_reads_it(found: Found, way: str) -> None:
    async with found(steps="plan") as town:
        anna = await invited(town)
        await WAYS[way](anna, WORDS)
        await anna.taps(THEIRS)
        shown = anna.phone.screen(1)
        assert NOT_READ in shown and "20 30 40 50" in shown and FIRST in shown
        assert (stored(town), held(town)) == ([], 0)
        await anna.says(WORDS)  # asked once: what is written now is the answer
        assert stored(town) == [("P1", [WORDS])]


async def test_a_stale_tap_leaves_the_question_as_it_is_and_what_is_pressed_on_it_holds(found: Found) -> None:
    """Also on the message that asked before the stale tap had come in: more than one may be on its way."""
    async with found(steps="plan") as town:
        anna = await invited(town)
        await says(anna, WORDS)
        asked = anna.phone.last
        await anna.forges("1:1:0:g", after=60)
        assert "Knappen gælder ikke længere." in "\n".join(anna.sees())
        await anna.does(lambda: anna.phone.taps(MINE, on=asked.id))
        assert stored(town) == [("P1", [WORDS])]


async def test_whatever_else_is_written_before_a_button_is_pressed_is_kept_with_it(found: Found) -> None:
    async with found(steps="plan") as town:
        anna = await invited(town)
        for text in (WORDS, "Og om aftenen", "Ikke om fredagen"):
            shown = await says(anna, text)
        assert f"Du skrev: {WORDS}\nOg om aftenen\nIkke om fredagen" in shown
        await anna.taps(MINE)
        assert (stored(town), held(town)) == ([("P1", [WORDS, "Og om aftenen", "Ikke om fredagen"])], 0)


async def test_ideas_are_kept_one_by_one(found: Found) -> None:
    async with found(steps="plan") as town:
        anna = await answers(town)
        await anna.taps("Spring over")
        await anna.says("Ring til formanden")
        await town.plans_meeting(MEETING)
        for text in ("Skriv et brev", "Hæng en seddel op"):
            await anna.says(text)
        await anna.taps(MINE)
        assert stored(town)[-1] == ("P2", ["Ring til formanden", "Skriv et brev", "Hæng en seddel op"])
        await anna.says("Spørg på Facebook")
        assert stored(town)[-1][1][-1] == "Spørg på Facebook"


async def test_one_is_asked_once_to_a_message(found: Found) -> None:
    async with found(steps="plan") as town:
        anna = await invited(town)
        await anna.says(WORDS)
        await anna.taps(MINE)
        await anna.says("Ring til formanden")
        assert stored(town) == [("P1", [WORDS]), ("P2", ["Ring til formanden"])]


async def test_the_words_wait_while_one_is_elsewhere(found: Found) -> None:
    async with found(steps="plan") as town:
        anna = await invited(town)
        await anna.says(WORDS)
        for command in ("/pause", "/fortsaet"):
            await anna.says(command)
        assert DOUBT in anna.phone.screen(1)
        await town.down()
        await town.up()
        await anna.says("/start")
        assert DOUBT in anna.phone.screen(1) and WORDS in anna.phone.screen(1)
        await anna.taps(MINE)
        assert stored(town) == [("P1", [WORDS])]


async def test_what_must_not_be_kept_is_not_kept_in_doubt_either(found: Found) -> None:
    async with found(steps="plan") as town:
        anna = await invited(town)
        shown = await says(anna, "Ring til 010203-1234")
        assert "ligner et CPR-nummer" in shown
        assert (stored(town), held(town)) == ([], 0)


async def test_words_that_call_for_a_person_get_the_contact_at_once(found: Found) -> None:
    async with found(steps="plan") as town:
        anna = await invited(town)
        shown = await says(anna, "Jeg vil gerne tale med en fra kommunen")
        assert "Vil du tale med en medarbejder, så ring på 20 30 40 50" in shown and DOUBT in shown


async def test_a_message_from_the_municipality_is_no_question_either(found: Found) -> None:
    async with found(steps="plan") as town:
        lea = await leads(town)
        anna = await answers(town)
        await sends(lea, 1)
        await comes_to(town, int(town.clock.now) + 24 * 3600)
        assert "Besked fra Eksempel Kommune" in anna.phone.screen(1)
        assert DOUBT in await replies(anna, WORDS, "Besked fra Eksempel Kommune")
        assert stored(town) == []


# --- what is not about a message --------------------------------------------------------------------------


async def test_a_reply_to_the_open_question_is_its_answer(found: Found) -> None:
    async with found(steps="plan") as town:
        anna = await answers(town)
        await replies(anna, WORDS, FIRST)
        await replies(anna, "Ring til formanden", IDEAS)
        await replies(anna, "Skriv et brev", IDEAS)
        first = next(each for each in anna.phone.sees() if each.by_bot and IDEAS in each.text)  # its first drawing
        await anna.does(lambda: anna.phone.says("Spørg på Facebook", reply_to=first.id), said="Spørg på Facebook")
        assert stored(town) == [("P1", [WORDS]), ("P2", ["Ring til formanden", "Skriv et brev", "Spørg på Facebook"])]


async def test_a_reply_to_the_open_question_is_its_answer_though_a_message_has_come_since(found: Found) -> None:
    async with found(steps="plan") as town:
        anna = await invited(town)
        await replies(anna, WORDS, FIRST)
        assert stored(town) == [("P1", [WORDS])]


async def test_a_reply_to_an_earlier_question_is_not_the_answer_to_this_one(found: Found) -> None:
    async with found(steps="plan") as town:
        anna = await answers(town)
        await anna.taps("Spring over")
        assert DOUBT in await replies(anna, WORDS, FIRST)
        assert [said for _, said in stored(town)] == [[]]


async def test_a_reply_to_ones_own_words_is_as_any_words(found: Found) -> None:
    async with found(steps="plan") as town:
        anna = await answers(town)
        await anna.says(WORDS)
        mine = next(each for each in anna.phone.sees() if each.text == WORDS)
        await anna.does(lambda: anna.phone.says("Ring til formanden", reply_to=mine.id), said="Ring til formanden")
        assert stored(town) == [("P1", [WORDS]), ("P2", ["Ring til formanden"])]


async def test_the_ways_on_work_right_after_a_message(found: Found) -> None:
    async with found(steps="plan") as town:
        anna = await invited(town)
        assert IDEAS in await says(anna, "Spring over")


async def test_who_goes_on_with_the_question_is_not_asked(found: Found) -> None:
    async with found(steps="plan") as town:
        anna = await answers(town)
        await town.plans_meeting(MEETING)
        await anna.says("/fortsaet")  # the question is shown below the message
        await anna.says(WORDS)
        assert stored(town) == [("P1", [WORDS])]


async def test_where_nothing_is_asked_words_to_a_message_are_told_not_to_be_kept(found: Found) -> None:
    async with found(steps="plan") as town:
        anna = await invited(town)
        await anna.says("/pause")
        shown = await replies(anna, WORDS, "Invitation: Fælles møde")
        assert "Beskeden er ikke gemt" in shown
        assert (stored(town), held(town)) == ([], 0)


async def test_the_words_that_wait_are_among_ones_own_data(found: Found) -> None:
    async with found(steps="plan") as town:
        anna = await invited(town)
        await anna.says(WORDS)
        await anna.says("/mine")
        files = [each for each in anna.phone.sees() if each.document]
        file = town.api.world.files[files[-1].raw["document"]["file_id"]]
        [words] = json.loads(file.content)["words_in_doubt"]
        assert words["text"] == WORDS


async def test_all_that_waited_is_the_answer_also_where_its_first_words_end_what_was_asked(found: Found) -> None:
    """What they have told about themselves is corrected, and there is nothing to answer after it."""
    async with found(steps="plan closes 2026-03-12 12:00") as town:
        anna = town.person("Anna")
        await anna.says("/start plan")
        for label in ("Jeg er med", "Forening", "Vil ikke sige det", "Idræt", "Nordby", "Nej"):
            await anna.taps(label)
        await comes_to(town, local("2026-03-20 10:00"))
        for act in ("/ret", "Lidt om jer", "Ret 2"):
            await (anna.says(act) if act.startswith("/") else anna.taps(act))
        await anna.says("hjælp")
        assert "Er det jeres svar?" in await says(anna, "til Nordby")
        await anna.taps("Det er vores svar")
        assert "Der er ikke flere spørgsmål til jer lige nu." in "\n".join(anna.sees())
        assert held(town) == 0
        await anna.says("/ret")
        await anna.taps("Lidt om jer")
        shown = "\n".join(anna.sees())
        assert "→ hjælp" in shown and "til Nordby" in shown

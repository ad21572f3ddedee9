"""The player of transcripts itself: it sees every difference, and says where."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

import pytest

from tests.support import parity
from tests.support.chat import Found, Town, parse, play
from tests.support.pages import Page

TAKEN = """# Hvem svarer du som?
steps: borger

> /start
…

* Jeg er med
Hvem svarer du som?
"""


async def test_what_is_shown_otherwise_is_told_with_file_and_line(found: Found) -> None:
    async with found(steps="borger") as town:
        with pytest.raises(AssertionError, match=r"taken\.txt:4: > /start\n--- transcript\n\+\+\+ telegram"):
            await play(town, parse("taken", TAKEN))


@pytest.mark.parametrize("channel", ["telegram", "terminal", "web"])
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


# --- on pages ---------------------------------------------------------------------------------------------


async def test_a_page_that_shows_otherwise_is_told_with_file_and_line(found: Found) -> None:
    async with found(channel="web", steps="borger") as town:
        with pytest.raises(AssertionError, match=r"taken\.txt:4: > /start\n--- transcript\n\+\+\+ web"):
            await play(town, parse("taken", TAKEN))


@pytest.mark.parametrize(
    ("on_telegram", "on_a_page"),
    [
        ("Skriv dit svar i en besked.", ["Skriv dit svar i feltet."]),
        ("Write your answer in a message.", ["Write your answer in the field."]),
        (
            "Du kan højst vælge 3. Tryk på et af dine valg igen for at fjerne det.",
            ["Du kan højst vælge 3. Fjern et kryds, og prøv igen."],
        ),
        ("Skriv dit svar i en besked. Nu.", ["Skriv dit svar i en besked. Nu."]),
        ("Hvem svarer du som?", ["Hvem svarer du som?"]),
    ],
)
def test_a_phrase_stands_on_a_page_as_its_variant_for_the_web_and_nothing_else_is_changed(
    on_telegram: str, on_a_page: list[str]
) -> None:
    assert parity.on_pages(on_telegram) == on_a_page


def test_a_block_is_taken_apart_into_words_buttons_and_what_was_answered() -> None:
    block = [
        "~ ✓ Idræt",
        "Vi begynder på: Trin 1",
        "",
        "1 af 7",
        "",
        "Hvad ønsker du dig?",
        "",
        "2 punkter er gemt",
        "• Flere mål",
        "• Net",
        "\\> og bolde",
        "[Færdig] [Fjern det sidste]",
        "[Stop og gem]",
    ]
    assert parity.read(block) == parity.Told(
        paragraphs=["Vi begynder på: Trin 1", "1 af 7", "Hvad ønsker du dig?"],
        buttons=["Færdig", "Fjern det sidste", "Stop og gem"],
        ideas=["Flere mål", "Net\n> og bolde"],
    )


def _question(fields: str, error: str = "", main: str = "") -> Page:
    """A page of a question, as small as it may be."""
    wrong = f'<div class="error-summary"><p><a href="#answer">{error}</a></p></div>' if error else ""
    beside = f'<p class="error">{error}</p>' if error else ""
    return Page(
        "http://besyv.example/trin/borger/B1",
        422 if error else 200,
        f"""<html lang="da"><main>{wrong}<p class="lead">1 af 4</p><form method="post" id="question">
        <input type="hidden" name="csrf" value="t"><h1>Hvad?</h1>{beside}{fields}
        <button name="do" value="next">Videre</button></form>{main}</main></html>""",
    )


IDEAS = (
    '<textarea name="idea">\nEn</textarea><textarea name="idea">\n</textarea><button name="do" value="more">+</button>'
)

RADIOS = (
    '<label><input type="radio" name="choice" value="0" checked> Ja</label>'
    '<label><input type="radio" name="choice" value="1"> Nej</label>'
)


@pytest.mark.parametrize(
    ("page", "lines"),
    [
        (
            _question('<textarea name="text">\nHej\n\n med jer</textarea>'),
            ["1 af 4", "", "Hvad?", "", "«Hej", "", " med jer»", "", "[Videre]"],
        ),
        (_question(IDEAS), ["1 af 4", "", "Hvad?", "", "• En", "", "[+] [Videre]"]),
        (_question(RADIOS), ["1 af 4", "", "Hvad?", "", "● Ja", "○ Nej", "", "[Videre]"]),
        (
            _question('<textarea name="text"></textarea>', error="For langt"),
            ["For langt", "", "1 af 4", "", "Hvad?", "", "[Videre]"],
        ),
    ],
)
def test_a_page_is_read_from_top_to_bottom_with_what_its_fields_hold(page: Page, lines: list[str]) -> None:
    assert page.sight().lines() == lines


def test_a_question_that_a_page_has_no_control_for_fails() -> None:
    with pytest.raises(AssertionError, match="a question with nothing to answer it by"):
        _question("<canvas></canvas>").sight()


def test_what_is_wrong_is_said_above_and_beside_the_field_in_the_same_words() -> None:
    page = _question('<textarea name="text"></textarea>', error="For langt", main='<p class="error">For kort</p>')
    with pytest.raises(AssertionError, match="beside the field"):
        page.sight()


@pytest.mark.parametrize(
    ("more", "difference"),
    [("", ""), ('<button name="do" value="x">Slet alt</button>', "[Slet alt]"), ("<p class='body'>Hov</p>", "+Hov")],
)
async def test_nothing_may_stand_on_a_page_that_the_transcript_does_not_know(
    found: Found, more: str, difference: str
) -> None:
    async with found(channel="web") as town:
        anna = town.visitor()
        anna.page = _question(RADIOS + more)
        found_out = parity.differences(
            ["1 af 4", "", "Hvad?", "", "Dit svar nu: Ja", "[Ja] [Nej]", "[Behold svaret]"], anna
        )
        assert (difference in "\n".join(found_out)) if difference else found_out == []


@pytest.mark.parametrize("block", [["1 af 4", "", "Hvad?", "[Ja] [Nej]"], ["1 af 4", "", "Hvad?", "[Nej] [Ja]"]])
async def test_fields_hold_what_the_transcript_says_was_answered_and_in_its_order(
    found: Found, block: list[str]
) -> None:
    async with found(channel="web") as town:
        anna = town.visitor()
        anna.page = _question(RADIOS)
        assert parity.differences(block, anna) != []


async def test_a_secret_of_a_page_in_the_log_does_not_pass(found: Found) -> None:
    async def evening() -> None:
        async with found(channel="web") as town:
            anna = town.visitor()
            await anna.says("/start")
            logging.getLogger("bot").debug("cookie=%s", max(anna.secrets))

    with pytest.raises(AssertionError, match="a secret of the pages stands in the log"):
        await evening()


WORDS = "Min nabo hjælper"


async def _logs(_: Town) -> None:
    logging.getLogger("bot").debug("heard %s", WORDS)


async def _writes_in_the_clear(town: Town) -> None:
    await town.runtime.database.write(lambda tx: tx.run("UPDATE capacities SET field = :words", words=WORDS))


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

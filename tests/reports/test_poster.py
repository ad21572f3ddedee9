"""The notice-board poster: one page that can be read, scanned and clicked, whatever the texts."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from reports import poster, qr
from reports.fonts import ADDRESS, face, lines, shortened, spelled
from reports.poster import MOST_STEPS, Poster, Size, poster_pdf
from tests.support.sizes import examples

WEB, TELEGRAM = "https://frivillig.eksempel.dk/", "https://t.me/EksempelBesyvBot?start=plakat"

EKSEMPEL = Poster(
    municipality="Eksempel Kommune",
    heading="Hvad skal der til, for at du vil være frivillig?",
    what="Kommunen skriver en ny politik. Fortæl, hvad der virker, og hvad der står i vejen. Du er anonym.",
    when="Svar senest tirsdag den 3. marts 2026 kl. 19.00",
    how=("Scan koden med mobilens kamera", "Svar på fem minutter", "Se bagefter, hvad andre har sagt"),
    web=WEB,
    telegram=TELEGRAM,
    otherwise="Vil du hellere ringe, så ring på 20 30 40 50",
    language="da",
    web_label="På nettet",
    telegram_label="På Telegram",
)

ABSURD = Poster(
    municipality="Foreningernes og Øernes Kommune " * 6,
    heading="Å" * 90 + " W" * 900,
    what="Kommunen skriver en ny politik for frivillighed. " * 90,
    when="W" * 1500,
    how=("W" * 900,) * MOST_STEPS,
    web="https://eksempel.dk/" + "W" * 900,
    telegram="https://t.me/" + "m" * 900,
    otherwise="Vil du hellere ringe? " * 90,
    language="da",
    web_label="W" * 300,
    telegram_label="På Telegram " * 90,
)

LEAST: dict[Size, float] = {"a4": 9, "a5": 8}
POPPLER = pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="no poppler-utils: install Debian's")
sizes = pytest.mark.parametrize("size", get_args(Size))
posters = pytest.mark.parametrize("shown", [EKSEMPEL, ABSURD], ids=["eksempel", "absurd"])


def pages(made: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b", made))


def poppler(tool: str, made: bytes, *arguments: str) -> bytes:
    command = [tool, *arguments, "-", "-"] if tool == "pdftotext" else [tool, *arguments, "-"]
    return subprocess.run(command, input=made, capture_output=True, check=True).stdout


# --- One page ---------------------------------------------------------------------------------------------


@sizes
@posters
def test_a_poster_is_one_page_of_the_size_asked_for_and_small_to_send(shown: Poster, size: Size) -> None:
    made = poster_pdf(shown, size)
    assert pages(made) == 1
    assert re.findall(rb"/MediaBox \[0 0 (\S+) (\S+)\]", made) == [
        {"a4": (b"595.28", b"841.89"), "a5": (b"419.53", b"595.28")}[size]
    ]
    assert len(made) < 200_000


WIDEST = max(face("Bold").advance, key=face("Bold").width)


@sizes
@pytest.mark.parametrize("sign", [WIDEST, "\ufdfa"], ids=["widest", "spelled with eighteen"])
def test_it_is_one_page_even_of_nothing_but_the_widest_sign(sign: str, size: Size) -> None:
    long = sign * 3000
    shown = Poster(
        municipality=long,
        heading=long,
        what=long,
        when=long,
        how=(long,) * MOST_STEPS,
        web=WEB,
        telegram=TELEGRAM,
        otherwise=long,
        language="da",
        web_label=long,
        telegram_label=long,
    )
    assert pages(poster_pdf(shown, size)) == 1


texts = st.text(max_size=600)
addresses = st.none() | st.text("abcdefghijklmnopqrstuvwxyz0123456789-./?=&", max_size=200).map("https://a{}".format)


@settings(max_examples=examples(12), deadline=None)
@given(
    size=st.sampled_from(get_args(Size)),
    words=st.tuples(texts, texts, texts, texts, texts, texts),
    when=st.none() | texts,
    how=st.lists(texts, max_size=MOST_STEPS).map(tuple),
    web=addresses,
)
def test_it_is_one_page_whatever_it_says(
    size: Size, words: tuple[str, ...], when: str | None, how: tuple[str, ...], web: str | None
) -> None:
    municipality, heading, what, otherwise, web_label, telegram_label = words
    shown = Poster(
        municipality=municipality,
        heading=heading,
        what=what,
        when=when,
        how=how,
        web=web,
        telegram=TELEGRAM,
        otherwise=otherwise,
        language="en",
        web_label=web_label,
        telegram_label=telegram_label,
    )
    assert pages(poster_pdf(shown, size)) == 1


@sizes
@posters
def test_nothing_stands_in_the_twelve_millimetres_that_home_printers_cut(shown: Poster, size: Size) -> None:
    paper = poster._PAPERS[size]
    for mark in poster._fitted(shown, paper):
        match mark:
            case poster._TextLine(x, y, text, weight, points, _, _):
                em = points * 25.4 / 72
                left, top, right, bottom = x, y - em * 0.75, x + face(weight).width(text) * em, y + em * 0.22
            case poster._Code(x, y, side, _):
                left, top, right, bottom = x, y, x + side, y + side
            case poster._Box() | poster._Tail():
                left, top, right, bottom = mark.x, mark.y, mark.x + mark.width, mark.y + mark.height
        assert min(left, top) > 11.9, mark
        assert right < paper.width - 11.9, mark
        assert bottom < paper.height - 11.9, mark


@sizes
@posters
def test_no_type_is_smaller_than_can_be_read(shown: Poster, size: Size) -> None:
    marks = poster._fitted(shown, poster._PAPERS[size])
    assert min(mark.size for mark in marks if isinstance(mark, poster._TextLine)) >= LEAST[size]


@sizes
def test_an_ordinary_poster_is_read_from_two_metres(size: Size) -> None:
    marks = poster._fitted(EKSEMPEL, poster._PAPERS[size])
    by_text = {mark.text: mark.size for mark in marks if isinstance(mark, poster._TextLine)}
    assert by_text["være frivillig?"] > {"a4": 44, "a5": 31}[size]
    assert by_text["Svar på fem minutter"] > {"a4": 15, "a5": 11}[size]


def test_the_same_poster_gives_the_same_bytes() -> None:
    assert poster_pdf(EKSEMPEL, "a4") == poster_pdf(replace(EKSEMPEL), "a4")


# --- What it says -----------------------------------------------------------------------------------------


@pytest.mark.process
@POPPLER
def test_the_words_can_be_read_by_a_machine_in_the_order_they_stand() -> None:
    said = " ".join(poppler("pdftotext", poster_pdf(EKSEMPEL, "a4"), "-raw").decode().split())
    assert said == (
        "Eksempel Kommune Hvad skal der til, for at du vil være frivillig? "
        "Kommunen skriver en ny politik. Fortæl, hvad der virker, og hvad der står i vejen. Du er anonym. "
        "Svar senest tirsdag den 3. marts 2026 kl. 19.00 "
        "1 Scan koden med mobilens kamera 2 Svar på fem minutter 3 Se bagefter, hvad andre har sagt "
        "På Telegram t.me/EksempelBesyvBot?start=plakat På nettet frivillig.eksempel.dk "
        "Vil du hellere ringe, så ring på 20 30 40 50"
    )


@pytest.mark.process
@POPPLER
def test_the_file_says_what_it_is_in_which_language_and_whose() -> None:
    made = poster_pdf(replace(EKSEMPEL, heading="Kristő spørger"), "a5")
    about = poppler("pdfinfo", made).decode()
    assert re.findall(r"^(?:Title|Author): +(.*)$", about, re.M) == ["Kristő spørger", "Eksempel Kommune"]
    assert b"/Lang (da)" in made


@pytest.mark.parametrize(
    ("web", "telegram", "clicked"),
    [(WEB, TELEGRAM, {WEB, TELEGRAM}), (WEB, None, {WEB}), (None, TELEGRAM, {TELEGRAM})],
)
def test_codes_and_addresses_can_be_clicked(web: str | None, telegram: str | None, clicked: set[str]) -> None:
    made = poster_pdf(replace(EKSEMPEL, web=web, telegram=telegram), "a4")
    links = [link.decode() for link in re.findall(rb"/URI \((.*?)\)", made)]
    assert set(links) == clicked
    assert len(links) == 2 * len(clicked)


def test_a_name_of_two_hundred_letters_is_not_cut_short_even_where_everything_is_too_long() -> None:
    name = ("Foreningernes og Øernes Kommune " * 7)[:199] + "!"
    for paper in poster._PAPERS.values():
        marks = poster._fitted(replace(ABSURD, municipality=name), paper)
        said = [mark.text for mark in marks if isinstance(mark, poster._TextLine)]
        assert " ".join(said).startswith(name)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Rød grød «med» fløde – ÆØÅ, é, …", "Rød grød «med» fløde – ÆØÅ, é, …"),
        ("Kristő", "Kristo"),
        ("a\u030arhus", "århus"),
        ("№ 7", "No 7"),
        ("klar ✓", "klar ?"),
        ("fri\u00advillig\u200d", "frivillig"),
        ("to\n linjer\t", "to linjer"),
    ],
)
def test_what_lato_lacks_is_written_as_near_as_it_can_be(text: str, written: str) -> None:
    assert spelled(text, face("Bold").advance) == spelled(text, face("Regular").advance) == written


def test_a_word_is_only_broken_where_it_alone_is_too_wide() -> None:
    assert lines("en to-tre fire", len, 6) == ("en to-", "tre", "fire")
    assert lines("en tolvbogstaver", len, 6) == ("en", "tolvb-", "ogsta-", "ver")
    assert lines("t.me/Eksempel?a=b", len, 9, ADDRESS, "") == ("t.me/", "Eksempel?", "a=b")


def test_what_is_left_out_is_left_out_after_a_whole_word() -> None:
    assert shortened("en to tre", 9) == "en to tre"
    assert shortened("en to, tre", 9) == "en to…"
    assert shortened("entotretre", 5) == "ento…"


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: replace(EKSEMPEL, how=("Svar",) * (MOST_STEPS + 1)),
        lambda: replace(EKSEMPEL, web=None, telegram=None),
    ],
)
def test_a_poster_with_too_many_steps_or_leading_nowhere_is_a_mistake(wrong: Callable[[], Poster]) -> None:
    with pytest.raises(ValueError, match="poster"):
        wrong()


# --- Codes ------------------------------------------------------------------------------------------------


@pytest.mark.process
@POPPLER
@sizes
@pytest.mark.parametrize(
    ("web", "telegram", "shown"),
    [(WEB, TELEGRAM, [WEB, TELEGRAM]), (WEB, None, [WEB]), (None, TELEGRAM, [TELEGRAM])],
)
def test_each_code_on_paper_is_its_address_in_its_quiet_zone(
    web: str | None, telegram: str | None, shown: list[str], size: Size
) -> None:
    chosen, dots = replace(EKSEMPEL, web=web, telegram=telegram), 200 / 25.4
    printed = poppler("pdftoppm", poster_pdf(chosen, size), "-r", "200", "-png", "-singlefile")
    page = Image.open(io.BytesIO(printed)).convert("L")
    grey, codes = page.tobytes(), codes_of(chosen, size)
    for code in codes:
        matrix = list(qr.code(code.address).matrix_iter(border=4))
        middles = [(number + 0.5) * code.side / len(matrix) for number in range(len(matrix))]
        columns = [int((code.x + middle) * dots) for middle in middles]
        rows = [int((code.y + middle) * dots) * page.width for middle in middles]
        assert [[int(grey[row + column] < 128) for column in columns] for row in rows] == [[*row] for row in matrix]
    assert sorted(code.address for code in codes) == sorted(shown)


@sizes
def test_the_way_to_the_web_is_the_larger_of_two_and_one_alone_is_larger_still(size: Size) -> None:
    both = {code.address: code.side for code in codes_of(EKSEMPEL, size)}
    assert both[WEB] > 2 * both[TELEGRAM]
    for alone in (replace(EKSEMPEL, web=None), replace(EKSEMPEL, telegram=None)):
        assert codes_of(alone, size)[0].side > both[WEB]


@sizes
def test_no_code_is_too_small_to_scan(size: Size) -> None:
    sides = [code.side for code in codes_of(ABSURD, size)]
    assert min(sides) > {"a4": 28, "a5": 20}[size]


def codes_of(shown: Poster, size: Size) -> list[poster._Code]:
    return [mark for mark in poster._fitted(shown, poster._PAPERS[size]) if isinstance(mark, poster._Code)]


# --- Cost -------------------------------------------------------------------------------------------------


@pytest.mark.process
def test_whoever_asks_for_no_picture_waits_for_no_picture_library() -> None:
    loaded = (
        "import sys, reports.heatmap, reports.poster, reports.qr;print({'PIL', 'fpdf', 'fontTools'} & set(sys.modules))"
    )
    root = Path(poster.__file__).parents[1]
    ran = subprocess.run([sys.executable, "-c", loaded], cwd=root, capture_output=True, text=True, check=True)
    assert ran.stdout == "set()\n"

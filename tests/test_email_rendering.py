"""A reply as an e-mail: compared whole, the same words in both parts, and looked at in a real browser."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape

import pytest
from axe_playwright_python.base import AXE_SCRIPT  # type: ignore[import-untyped]  # ships no types
from lxml import html
from playwright.async_api import Page, async_playwright

from bot.channels.email.render import RenderedMail, draw
from bot.dialogue.reply import Move, Reply, Screen, Verb
from tests.support.browser.chromium import FLAGS, NO_BROWSER, chromium

FOOTER = (
    "Du får denne mail, fordi du bad om den. Svar ikke på den.",
    "Spørgsmål? Ring 20 30 40 50, eller skriv til frivillig@eksempel-kommune.example.",
)

REMINDER = Reply(
    language="da",
    screen=Screen.TEXT,
    notes=("Kun én dag tilbage.",),
    title="I morgen: Lokalt dialogmøde",
    body=("Tirsdag den 3. marts 2026 kl. 19.00", "Sognegården\nKirkevej 3 & 5, Søby", "Kan du komme?"),
    moves=(
        (Move(Verb.PICK, "Ja, jeg kommer", 0), Move(Verb.UNPICK, "Nej, jeg kan ikke", 0)),
        (Move(Verb.DECLINE, "Stop beskeder", 7),),
    ),
)


def link(move: Move) -> str:
    return f"https://besyv.example/m/Zk3?tap={move.verb}&place={move.place}"


def rendered(reply: Reply, footer: tuple[str, ...] = FOOTER) -> RenderedMail:
    return draw(reply, link, footer=footer, municipality="Eksempel Kommune")


TEXT = """\
I morgen: Lokalt dialogmøde

Kun én dag tilbage.

Tirsdag den 3. marts 2026 kl. 19.00

Sognegården
Kirkevej 3 & 5, Søby

Kan du komme?

Ja, jeg kommer: https://besyv.example/m/Zk3?tap=p&place=0

Nej, jeg kan ikke: https://besyv.example/m/Zk3?tap=n&place=0

Stop beskeder: https://besyv.example/m/Zk3?tap=w&place=7

Eksempel Kommune

Du får denne mail, fordi du bad om den. Svar ikke på den.
Spørgsmål? Ring 20 30 40 50, eller skriv til frivillig@eksempel-kommune.example.
"""

BUTTON = (
    "display:block;padding:10px 16px;border:2px solid #2e8b74;border-radius:8px;background-color:#0b5a49;color:#ffffff;"
    "font-weight:bold;line-height:24px;text-align:center;text-decoration:none"
)

LETTER = (
    "max-width:576px;margin:0 auto;padding:16px;font-family:-apple-system,'Segoe UI',Roboto,Arial,sans-serif;"
    "font-size:18px;line-height:1.5;overflow-wrap:anywhere;word-break:break-word"
)

ANSWER = "https://besyv.example/m/Zk3?tap="

HTML = f"""\
<!doctype html>
<html lang="da">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>I morgen: Lokalt dialogmøde</title>
</head>
<body style="margin:0;padding:0">
<div lang="da" style="{LETTER}">
<h1 style="margin:0 0 16px;font-size:24px;line-height:1.25">I morgen: Lokalt dialogmøde</h1>
<p style="margin:0 0 16px">Kun én dag tilbage.</p>
<p style="margin:0 0 16px">Tirsdag den 3. marts 2026 kl. 19.00</p>
<p style="margin:0 0 16px">Sognegården<br>
Kirkevej 3 &amp; 5, Søby</p>
<p style="margin:0 0 16px">Kan du komme?</p>
<p style="margin:0 0 12px"><a href="{ANSWER}p&amp;place=0" style="{BUTTON}">Ja, jeg kommer</a></p>
<p style="margin:0 0 12px"><a href="{ANSWER}n&amp;place=0" style="{BUTTON}">Nej, jeg kan ikke</a></p>
<p style="margin:0 0 12px"><a href="{ANSWER}w&amp;place=7" style="{BUTTON}">Stop beskeder</a></p>
<p style="margin:24px 0 0;font-size:16px">Eksempel Kommune</p>
<p style="margin:24px 0 0;font-size:16px">Du får denne mail, fordi du bad om den. Svar ikke på den.<br>
Spørgsmål? Ring 20 30 40 50, eller skriv til frivillig@eksempel-kommune.example.</p>
</div>
</body>
</html>
"""


def test_a_reminder_as_a_letter() -> None:
    assert rendered(REMINDER) == RenderedMail("I morgen: Lokalt dialogmøde", TEXT, HTML)


# --- what it is called ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "subject"),
    [
        (
            Reply(language="da", screen=Screen.TEXT, title="Høringen er åben", body=("Til den 10. oktober.",)),
            "Høringen er åben",
        ),
        (Reply(language="da", screen=Screen.TEXT, title="Høringen\n er  åben"), "Høringen er åben"),
        (
            Reply(language="da", screen=Screen.TEXT, notes=("Mødet er aflyst.\nVi er kede af det.",), body=("Hej",)),
            "Mødet er aflyst.",
        ),
        (
            Reply(
                language="da",
                screen=Screen.TEXT,
                body=(
                    "",
                    " \n",
                    "\n Mødet er flyttet.\nNyt sted",
                ),
            ),
            "Mødet er flyttet.",
        ),
        (Reply(language="da", screen=Screen.TEXT), "Eksempel Kommune"),
    ],
)
def test_the_subject_is_the_title_or_the_first_line_there_is(reply: Reply, subject: str) -> None:
    assert rendered(reply).subject == subject


def test_without_a_title_there_is_no_heading_and_nothing_is_said_twice() -> None:
    drawn = rendered(Reply(language="en", screen=Screen.TEXT, body=("The meeting is off.", "", "Sorry.")), footer=())
    assert drawn.text == "The meeting is off.\n\nSorry.\n\nEksempel Kommune\n"
    assert "<h1" not in drawn.html
    assert drawn.html.count("The meeting is off.") == 2  # and once in <title>, which no one sees


def test_a_way_to_stop_stands_last_and_small_in_both_parts() -> None:
    drawn = draw(REMINDER, link, footer=FOOTER, municipality="Eksempel Kommune", aside=(("Stop", "https://a.dk/stop"),))
    assert drawn.text == TEXT + "\nStop: https://a.dk/stop\n"
    *_, last = html.fromstring(drawn.html).iter("a")
    assert (last.text, last.get("href")) == ("Stop", "https://a.dk/stop")
    assert "background-color" not in str(last.get("style"))


# --- both parts, and nothing but words --------------------------------------------------------------------

NASTY = Reply(
    language="da",
    screen=Screen.TEXT,
    notes=("<script>alert(1)</script> & \"citat\" 'her'",),
    title="Møde <b>fedt</b> & {subject} %s",
    body=("</div></body> <!-- væk -->\n&lt;b&gt;", "{blocks} \\n C:\\kort"),
    moves=((Move(Verb.GO, 'Gå "til" <mødet> & mer\'', 3),),),
)


@pytest.mark.parametrize("reply", [REMINDER, NASTY, Reply(language="en", screen=Screen.TEXT, title="Hello")])
def test_both_parts_say_the_same_words(reply: Reply) -> None:
    drawn = rendered(reply)
    (seen,) = html.fromstring(drawn.html).iter("body")
    assert " ".join(map(str, seen.itertext())).split() == re.sub(r": https://\S+", "", drawn.text).split()


def test_what_people_wrote_is_words_and_never_markup() -> None:
    page = html.fromstring(rendered(NASTY).html)
    assert {element.tag for element in page.iter()} == {
        "html",
        "head",
        "meta",
        "title",
        "body",
        "div",
        "h1",
        "p",
        "br",
        "a",
    }
    assert page.findtext(".//title") == page.findtext(".//h1") == NASTY.title
    assert [anchor.text for anchor in page.iter("a")] == [NASTY.moves[0][0].label]


def test_an_address_stays_the_same_in_both_parts_whatever_is_in_it() -> None:
    address = 'https://besyv.example/m/a?b=c&copy=d#"<e>'
    drawn = draw(NASTY, lambda move: address, municipality="Eksempel Kommune")
    assert [anchor.get("href") for anchor in html.fromstring(drawn.html).iter("a")] == [address]
    assert f"{NASTY.moves[0][0].label}: {address}\n" in drawn.text


def test_nothing_is_fetched_and_nothing_tells_that_it_was_read() -> None:
    drawn = rendered(REMINDER)
    page = html.fromstring(drawn.html)
    assert {name for element in page.iter() for name in element.attrib} == {
        "lang",
        "charset",
        "name",
        "content",
        "style",
        "href",
    }
    assert re.findall(r"https?:[^\"\s]*", unescape(drawn.html)) == [link(move) for move in REMINDER.buttons]
    assert "url(" not in drawn.html and "<table" not in drawn.html


@pytest.mark.parametrize("language", ["da", "en"])
def test_the_language_is_told_twice_for_mail_on_the_web_takes_the_page_away(language: str) -> None:
    page = html.fromstring(rendered(Reply(language=language, screen=Screen.TEXT, title="Hej")).html)  # type: ignore[arg-type]  # one of the two
    assert [element.get("lang") for element in page.iter() if element.get("lang")] == [language, language]


# --- how it looks -----------------------------------------------------------------------------------------

AXE = """async options => (await axe.run(document, options)).violations.flatMap(
    rule => rule.nodes.map(node => `${rule.id}: ${node.html.slice(0, 160)} ${node.failureSummary}`))"""

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}

MEASURE = """() => ({
    sideways: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    low: [...document.querySelectorAll('a')].filter(seen => seen.getBoundingClientRect().height < 44).length,
    narrow: [...document.querySelectorAll('a')].filter(seen => seen.getBoundingClientRect().width < 44).length,
    paper: getComputedStyle(document.body).color})"""


def luminance(colour: str) -> float:
    """WCAG 2, relative luminance of #rrggbb."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_a_link_can_be_read_and_seen_on_white_paper_and_on_black() -> None:
    found = re.search(r"solid (#\w{6}).*background-color:(#\w{6});color:(#\w{6})", rendered(REMINDER).html)
    assert found is not None
    edge, green, words = found.groups()
    assert contrast(words, green) >= 7
    assert contrast(edge, "#ffffff") >= 3 and contrast(edge, "#000000") >= 3


@asynccontextmanager
async def opened(mail: RenderedMail, scheme: str) -> AsyncIterator[Page]:
    """In a window of 320 pixels."""
    path = chromium()
    if path is None:
        pytest.skip(NO_BROWSER)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        page = await browser.new_page(viewport={"width": 320, "height": 640}, color_scheme=scheme)  # type: ignore[arg-type]  # light or dark
        await page.set_content(mail.html)
        yield page
        await browser.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.process
async def test_in_a_browser_it_is_accessible_big_enough_and_narrow_enough(scheme: str) -> None:
    long = Reply(
        language="da",
        screen=Screen.TEXT,
        title="Frivillighedspolitiksudviklingsarbejdsgruppemøde",
        body=REMINDER.body,
        moves=(*REMINDER.moves, (Move(Verb.GO, "Frivillighedspolitiksudviklingsarbejdsgruppemøde: ja tak", 1),)),
    )
    async with opened(rendered(long), scheme) as page:
        measured = await page.evaluate(MEASURE)
        words = {"light": "rgb(0, 0, 0)", "dark": "rgb(255, 255, 255)"}[scheme]
        assert measured == {"sideways": 0, "low": 0, "narrow": 0, "paper": words}
        await page.evaluate(AXE_SCRIPT)
        assert await page.evaluate(AXE, RULES) == []

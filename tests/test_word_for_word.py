"""What was written is stored and exported as it was written, on every channel: only what is compared is folded."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import re
import tempfile
import unicodedata
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.flows import engine
from bot.flows.engine import MAX_PARTS, Refusal
from bot.flows.safeguarding import looks_like_cpr
from reports.answers import Format, export_answers
from reports.cells import from_cell
from storage import broadcasts
from storage.db import Tx
from storage.encryption import Keyring
from storage.export import open_reading
from tests.support.chat import Found, Somebody, Town
from tests.support.people import leads
from tests.support.sizes import examples
from tests.support.visitors import at_step, sent

DECOMPOSED = unicodedata.normalize("NFD", "Søndermark på Ærø, café på 2. sal")
ODD = (
    DECOMPOSED,
    "To  blanke,\tet tabulatortegn og et hårdt\u00a0mellemrum",
    "ﬁ, ①, ½ og ＡＢＣ er ikke fi, 1, 1/2 og ABC",
    "Bløde\u00adbinde\u00adstreger og en usynlig\u200b sammen\u2060føjer",
    "Første linje\n\n  - indrykket\n\tog mere",
    "👩‍🌾👍🏽 1️⃣",
    "Ohm Ω og Å, Å og Å",  # the signs, the letters, and a letter in two parts
    "'=1+1",
    "\ufeffmed et mærke forrest",
    "Aarhus, Århus og AARHUS",
)
TEXTS = st.one_of(
    st.sampled_from(ODD),
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=60),
    st.text(alphabet="aåæøé\u030a\u0301 \u00a0\u00ad\u200b\t\n'=;\"", min_size=1, max_size=20),
)


def can_be_kept(texts: list[str]) -> bool:
    read = [engine.read(text) for text in texts]
    return not any(isinstance(each, Refusal) for each in read) and not holds_cpr(texts)


def holds_cpr(texts: list[str]) -> bool:
    """Nobody's number by chance, in one text or over several."""
    beside = [*texts, "\n".join(texts), *(between.join(pair) for pair in pairwise(texts) for between in ("", " "))]
    return any(map(looks_like_cpr, beside))


def as_a_phone_sends(text: str) -> str:
    """Telegram's clients take away what is blank around a message."""
    return text.strip()


def as_a_browser_sends(text: str) -> str:
    """https://html.spec.whatwg.org/#converting-an-entry-list-to-a-list-of-name-value-pairs"""
    return re.sub(r"\r\n|\r|\n", "\r\n", text)


def exported(town: Town, form: Format) -> str:
    with tempfile.TemporaryDirectory(dir=town.folder) as folder:
        out = Path(folder) / "svar"
        keys = Keyring.open_or_create(town.folder / "besyv.key")
        export_answers(open_reading(town.folder / "besyv.db"), keys, "eksempel", out, form)
        return out.read_bytes().decode("utf-8-sig")


def rows(town: Town) -> list[dict[str, Any]]:
    return [json.loads(line) for line in exported(town, "jsonl").split("\n") if line]


def cells(town: Town) -> list[dict[str, str]]:
    table = csv.reader(io.StringIO(exported(town, "csv"), newline=""), delimiter=";", strict=True)
    header = next(table)
    return [dict(zip(header, map(from_cell, row), strict=True)) for row in table]


async def ideas_by_phone(town: Town, texts: list[str]) -> list[str]:
    anna = town.person("Anna")
    await anna.says("/start")
    for label in ("Jeg er med", "Frivillig", "Idræt", "Nordby", "Nej"):
        await anna.taps(label)
    for text in texts:
        await anna.says(text)
    return next(row["value"] for row in rows(town) if row["channel"] == "telegram" and row["kind"] == "ideas")


async def ideas_by_browser(town: Town, texts: list[str]) -> list[str]:
    browser, page = await at_step(town, "dialog_frivillige", "Frivillig")
    fields = [("idea", as_a_browser_sends(text)) for text in texts]
    await sent(browser, page, [*fields, ("do", "next")])
    return next(row["value"] for row in rows(town) if row["channel"] == "web" and row["kind"] == "ideas")


@settings(max_examples=examples(4), deadline=None)
@given(st.lists(TEXTS, min_size=12, max_size=MAX_PARTS - 5, unique=True).filter(can_be_kept))
def test_what_is_typed_on_telegram_and_on_the_web_is_what_stands_in_the_export(
    prepared: Path, texts: list[str]
) -> None:
    by_phone = [text for text in map(as_a_phone_sends, texts) if isinstance(engine.read(text), str)]

    async def play(folder: Path) -> None:
        async with Town(prepared, folder, io.StringIO(), steps="dialog_frivillige", pages=True) as town:
            assert await ideas_by_phone(town, [text for text in by_phone if not text.startswith("/")]) == [
                text for text in by_phone if not text.startswith("/")
            ]
            lines = [re.sub(r"\r\n|\r|\n", "\n", text) for text in texts]
            assert await ideas_by_browser(town, texts) == lines
            told = {row["answer_id"]: row["text"] for row in rows(town)}
            assert {row["answer_id"]: row["text"] for row in cells(town)} == {
                str(number): text.replace("\0", "\ufffd") for number, text in told.items()
            }

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(play(Path(folder)))


@pytest.mark.parametrize("channel", ["telegram", "web", "terminal"])
async def test_odd_letters_come_out_as_they_went_in(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="dialog_frivillige") as town:
        anna = town.somebody()
        await anna.says("/start")
        for label in ("Jeg er med", "Frivillig", "Idræt", "Nordby", "Nej"):
            await anna.taps(label)
        typed = [text for text in ODD if text != "\ufeffmed et mærke forrest" or channel != "web"]
        for text in typed:
            await anna.says(text)
        assert next(row["value"] for row in rows(town) if row["kind"] == "ideas") == typed


async def test_an_edited_message_is_kept_as_it_was_written(found: Found) -> None:
    async with found(steps="dialog_frivillige") as town:
        anna = town.person()
        await anna.says("/start")
        for label in ("Jeg er med", "Frivillig", "Idræt", "Nordby", "Nej"):
            await anna.taps(label)
        await anna.says("Mere lys")
        await anna.edits("Mere lys", DECOMPOSED)
        assert next(row["value"] for row in rows(town) if row["kind"] == "ideas") == [DECOMPOSED]


async def test_a_form_that_is_sent_again_as_it_stands_changes_nothing(found: Found) -> None:
    """A page can't hold a lone carriage return nor a NUL; whoever goes on with it has not corrected anything."""
    async with found(channel="web", steps="borger") as town:
        browser, page = await at_step(town, "borger")
        typed = f"{DECOMPOSED}\rog\0mere "
        await sent(browser, page, [("text", typed), ("do", "next")])
        shown = typed.replace("\r", "\n").replace("\0", "\ufffd")
        await sent(browser, await browser.get(page.url), [("text", as_a_browser_sends(shown)), ("do", "next")])
        assert next(row["text"] for row in rows(town) if row["flow"] == "borger") == typed
        assert town.rows("SELECT count(*) FROM answer_history") == [(0,)]


@pytest.mark.parametrize("channel", ["telegram", "web"])
async def test_what_is_typed_into_a_panel_is_kept_as_it_was_written(found: Found, channel: str) -> None:
    """A name stands on one line, with nothing blank around it; all else about it is as it was typed."""
    async with found(channel=channel, steps="plan") as town:
        lea = await leads(town)
        name = f"{DECOMPOSED}  og\u00a0omegn"
        town.public |= {name, "Søndermark på Ærø, Café på 2. sal og omegn"}
        for typed in (name, "Søndermark på Ærø, Café på 2. sal og omegn"):  # the same name, however it is written
            await lea.says("/leder")
            for label in ("Interessentlisten", "Tilføj en forening eller et råd"):
                await lea.taps(label)
            await lea.says(typed)
        assert town.rows("SELECT name FROM parties") == [(name,)]
        text = f"{DECOMPOSED}\n\n  - indrykket,  med to blanke"
        await broadcast(lea, text)
        assert await town.runtime.database.read(drafted) == [text]


def drafted(tx: Tx) -> list[str]:
    writers = [row["drafted_by"] for row in tx.all("SELECT drafted_by FROM sendings")]
    return [draft.text for writer in writers if (draft := broadcasts.draft_of(tx, writer)) is not None]


async def broadcast(lea: Somebody, text: str) -> None:
    await lea.says("/leder")
    for label in ("Send besked til mange", "Skriv en ny besked", "Skriv teksten"):
        await lea.taps(label)
    await lea.says(text)

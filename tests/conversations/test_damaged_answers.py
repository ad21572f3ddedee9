"""An answer whose stored value is damaged shuts nobody out: whose it is reads the rest, is asked again, and goes on."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import Any

import pytest

from bot.flows import content
from storage.encryption import UNREADABLE
from tests.support.chat import Found, OnTelegram, Somebody, Town
from tests.support.lived import labels, skips
from tests.support.pages import OnPages

WISHES = "Hvad ønsker du dig af politikken?"
LOST = "Dette svar er beskadiget hos os og kan ikke læses. Dine andre svar er gemt. Svar gerne på spørgsmålet igen."
DAMAGED = "Et af svarene er beskadiget hos os og kan ikke læses. Derfor kan teksten ikke kontrolleres."
SENT = "Dine svar er sendt."
pytestmark = pytest.mark.parametrize("channel", ["telegram", "web"])


def test_questions_and_storage_mark_it_alike(channel: str) -> None:
    assert content.UNREADABLE == UNREADABLE
    assert content.read(UNREADABLE).said == UNREADABLE


def _damage(town: Town, table: str = "answers") -> None:
    """The last byte of each of the first question's values is another."""
    with closing(sqlite3.connect(town.folder / "besyv.db")) as connection:
        connection.create_function("turned", 1, lambda sealed: sealed[:-1] + bytes([sealed[-1] ^ 1]))
        which = (
            "question = 'D1'" if table == "answers" else "answer_id IN (SELECT id FROM answers WHERE question = 'D1')"
        )
        assert connection.execute(f"UPDATE {table} SET content = turned(content) WHERE {which}").rowcount > 0
        connection.commit()


def anna_in(town: Town) -> Somebody:
    return town.visitor("Anna") if town.channel == "web" else town.person("Anna")


async def _wishes(town: Town) -> None:
    anna = anna_in(town)
    await anna.says("/start")
    for label in ("Jeg er med", "Frivillig", "Idræt", "Nordby", "Nej"):
        await anna.taps(label)
    await anna.says("Flere bænke")
    await anna.taps("Færdig")
    anna.sees()


async def test_they_read_the_rest_and_are_asked_again(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="dialog_frivillige") as town:
        await _wishes(town)
        anna = anna_in(town)
        await anna.says("En dag til alle")
        _damage(town)
        kept = town.rows("SELECT content FROM answers WHERE question = 'D1'")
        await anna.says("/mine")
        mine = "\n".join(anna.sees())
        assert LOST in mine and "En dag til alle" in mine and UNREADABLE not in mine
        await anna.says("/fortsaet")
        assert WISHES in "\n".join(anna.sees())
        assert town.rows("SELECT content FROM answers WHERE question = 'D1'") == kept  # it may be mended from a backup
        await anna.says("Flere skraldespande")
        await anna.taps("Færdig")
        await anna.says("/mine")
        mine = "\n".join(anna.sees())
        assert "Flere skraldespande" in mine and LOST not in mine
        assert town.rows("SELECT content FROM answer_history") == kept
        _taken(town)


async def test_what_was_sent_says_what_is_damaged_and_can_be_answered_again(found: Found, channel: str) -> None:
    """/mine and the receipt's check say so, and nothing that the text was changed; it stays sent meanwhile."""
    async with found(channel=channel, steps="dialog_frivillige") as town:
        await _wishes(town)
        anna = anna_in(town)
        await anna.says("En dag til alle")
        if "Færdig" in labels(anna):  # several things may be told
            await anna.taps("Færdig")
        await skips(anna, "Send")
        await anna.taps("Send")
        anna.sees()
        _damage(town)
        kept = town.rows("SELECT content FROM answers WHERE question = 'D1'")
        await anna.says("/mine")
        assert LOST in "\n".join(anna.sees())
        await anna.says("/kontrol")
        anna.sees()
        await anna.says("abcdefgh")
        told = "\n".join(anna.sees())
        assert DAMAGED in told and "Kontrolkoden for teksten er nu" not in told
        await anna.says("/ret")
        await anna.taps("Hvad ønsker du dig?")
        assert WISHES in "\n".join(anna.sees())
        assert town.rows("SELECT content FROM answers WHERE question = 'D1'") == kept
        await anna.says("Flere skraldespande")
        await anna.taps("Færdig")
        seen = "\n".join(anna.sees())
        assert "Flere skraldespande" in seen and "En dag til alle" in seen and SENT in seen
        assert town.rows("SELECT content FROM answer_history") == kept
        assert town.rows("SELECT count(*) FROM runs WHERE flow = 'dialog_frivillige' AND sent_at IS NOT NULL") == [(1,)]
        await anna.says("/kontrol")
        anna.sees()
        await anna.says("abcdefgh")
        assert "Kontrolkoden for teksten er nu" in "\n".join(anna.sees())
        _taken(town)


async def test_an_earlier_version_that_is_damaged_hides_nothing(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="dialog_frivillige") as town:
        await _wishes(town)
        anna = anna_in(town)
        await anna.taps("Tilbage")
        await anna.says("Flere borde")
        await anna.taps("Færdig")
        _damage(town, "answer_history")
        await anna.says("/mine")
        assert "Flere borde" in "\n".join(anna.sees())
        _taken(town)


async def test_the_file_of_ones_own_data_says_it_in_words_and_where(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="dialog_frivillige") as town:
        await _wishes(town)
        anna = anna_in(town)
        await anna.says("En dag til alle")
        whole = await _own_data(town, anna)
        assert whole["unreadable"] == []
        _damage(town)
        damaged = await _own_data(town, anna)
        [pointer] = [each for each in damaged["unreadable"] if "/answers/" in each]
        _, runs, run, answers, answer, text = pointer.split("/")
        assert (runs, answers, text) == ("runs", "answers", "text")
        told = damaged[runs][int(run)][answers][int(answer)]
        assert (told["question"], told["text"]) == ("D1", LOST)
        assert UNREADABLE not in json.dumps(damaged, ensure_ascii=False)
        assert damaged[runs][int(run)][answers][1]["text"] == "En dag til alle"
        _taken(town)


async def _own_data(town: Town, anna: Somebody) -> dict[str, Any]:
    """What /mine gives as a file."""
    if isinstance(anna, OnTelegram):
        await anna.says("/mine")
        return dict(json.loads(anna.phone.document))
    assert isinstance(anna, OnPages)
    async with anna.browser.session.get(town.home + "/mine.json") as response:
        return dict(await response.json())


def _taken(town: Town) -> None:
    """The log names it, and has no other error."""
    told = [line for line in town.log.getvalue().splitlines() if " ERROR " in line]
    assert told and all("question=D1 fault=EncryptionError" in line for line in told), told
    town.log.seek(0)
    town.log.truncate()

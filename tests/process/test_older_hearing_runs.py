"""Somebody who began on a hearing that still asked «Vil du sende dit svar nu?» goes on, sends it once, and has a
receipt; and what holds nothing is not sent."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.dialogue.reply import Reply
from bot.features import process_file
from bot.process.flows import shipped_flows
from bot.process.host import ProcessHost
from storage.db import Database, Tx
from storage.encryption import Keyring
from tests.support.bureau import NOW, OPEN, Bureau, described

ASSOCIATION = ("Forening", "Nordby IF", "Idræt", "Vil ikke svare", "Nej")
ANSWERS = ("Andre", "Nordby IF", *("Enige", "Godt") * 3, "Flere bænke")
QUESTION = {
    "id": "H6",
    "kind": "yes_no",
    "who": ["frivillig", "forening", "ansat", "leder", "raad_center", "borger"],
    "text": {"da": "Vil du sende dit svar nu?", "en": "Do you want to send your answer now?"},
    "theme": "hearing",
}


@pytest.fixture
async def bureau(tmp_path: Path) -> AsyncIterator[Bureau]:
    file = described(hoering=OPEN, dialog_fag=OPEN)
    database = await Database.open(tmp_path / "besyv.db", Keyring.open_or_create(tmp_path / "besyv.key"))
    await database.write(lambda tx: process_file.save(tx, file, shipped_flows(file), NOW))
    yield Bureau(database, ProcessHost(file.process), tmp_path / "besyv.db")
    await database.close()


def as_before(tx: Tx) -> None:
    """The hearing as an earlier Besyv stored it."""
    row = tx.only("SELECT id, definition FROM flow_versions WHERE flow = 'hoering'")
    values = json.loads(row["definition"])
    *questions, contact = values["questions"]
    asked = {"question": "H6", "is": ["ja"]}
    then = {**values, "questions": [*questions, QUESTION, {**contact, "when": asked}], "send_when": asked}
    tx.run("UPDATE flow_versions SET definition = :then WHERE id = :id", then=json.dumps(then), id=row["id"])


def labels(reply: Reply | None) -> list[str]:
    return [move.label for move in reply.buttons] if reply is not None else []


@pytest.mark.parametrize("said", ["Ja", "Nej", "Ved ikke"])
async def test_who_stands_at_the_question_whether_to_send_goes_on_and_sends_once(bureau: Bureau, said: str) -> None:
    await bureau.database.write(as_before)
    person = bureau.person()
    await person.joins(*ASSOCIATION, payload="hoering")
    for words in ANSWERS:
        await person.says(words)
    await bureau.database.write(lambda tx: tx.run("UPDATE prompts SET question = 'H6'"))  # as they were left
    reply = await person.says(said)
    assert (reply.title or "").startswith("Hvem kan vi kontakte")
    reply = await person.says("Karin Holm, 20 40 60 80")
    assert labels(reply)[:1] == ["Send høringssvaret"]
    receipt = await person.taps("Send høringssvaret")
    assert receipt.title == "Tak for høringssvar nr. 1"


async def test_a_review_with_nothing_in_it_offers_no_send_and_a_way_out(bureau: Bureau) -> None:
    """A step that has no question any more for what they answer as; it was a fault on every channel."""
    person = bureau.person()
    await person.joins("Ansat i kommunen", "Kultur og fritid", "Ja", "Vil ikke svare", "Nej", payload="dialog_fag")
    await bureau.database.write(lambda tx: tx.run("UPDATE capacities SET stakeholder = 'borger'"))
    reply = await person.types("fortsaet")
    assert [label for label in labels(reply) if label.startswith("Send")] == []
    assert "Færdig" in labels(reply)
    assert (await person.taps("Færdig")).screen != "review"

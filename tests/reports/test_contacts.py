"""Contacts and needs: in a file of their own. A contact stands with the hearing response it belongs to, and who wants
to hear more about the steering group with group and area; nothing else in it leads to what somebody answered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.dialogue.file_words import table_words
from bot.features import process_file
from bot.features.contacts import service
from bot.process.flows import shipped_flows
from bot.process.host import ProcessHost
from reports import contacts
from storage import people
from storage.db import Database, Tx
from storage.encryption import Keyring
from tests.support.answers_file import by_column
from tests.support.bureau import CONTACT, NOW, OPEN, VOLUNTEER, Bureau, Person, described

Row = dict[str, str]
CHAIR = "Karin Holm, 20 40 60 80"


@pytest.fixture
async def bureau(tmp_path: Path) -> AsyncIterator[Bureau]:
    file = described(plan=OPEN, hoering=OPEN)
    database = await Database.open(tmp_path / "besyv.db", Keyring.open_or_create(tmp_path / "besyv.key"))
    await database.write(lambda tx: process_file.save(tx, file, shipped_flows(file), NOW))
    yield Bureau(database, ProcessHost(file.process), tmp_path / "besyv.db")
    await database.close()


async def written(bureau: Bureau, folder: Path) -> list[Row]:
    out = folder / "kontakter.csv"
    lines, plan = await bureau.database.read(lambda tx: (service.lines(tx, 1), bureau.process_host.plan(tx)))
    contacts.write(lines, "eksempel", out, table_words(plan, "da"))
    assert out.stat().st_mode & 0o777 == 0o600
    found = by_column(out.read_bytes().decode())
    assert all(tuple(row) == contacts.COLUMNS for row in found)
    return found


async def plans(bureau: Bureau, address: str, *interest: str) -> Person:
    """A volunteer who answers the plan's questions about the steering group with these words."""
    person = bureau.person(address)
    await person.joins(*VOLUNTEER, payload="plan")
    for _ in range(4):
        await person.taps("Spring over")
    for words in interest:
        await person.says(words)
    while person.seen is not None and "Send" not in [move.label for move in person.seen.buttons]:
        await person.taps("Spring over")
    await person.taps("Send")
    return person


async def responds(bureau: Bureau, address: str = "70") -> Person:
    """An association's hearing response, with whom to ask about it."""
    person = bureau.person(address)
    await person.joins("Forening", "Nordby IF", "Idræt", "Vil ikke svare", "Nej", payload="hoering")
    for words in ("Andre", "Nordby IF", *("Enige", "Spring over") * 3, "Flere bænke", CHAIR):
        await person.says(words)
    await person.taps("Send høringssvaret")
    return person


async def test_a_contact_stands_with_its_hearing_response(bureau: Bureau, tmp_path: Path) -> None:
    await responds(bureau)
    [row] = await written(bureau, tmp_path)
    [of_participant] = await bureau.database.read(
        lambda tx: [row["pseudonym"] for row in tx.all("SELECT * FROM people")]
    )
    told = (row["question"], row["receipt"], row["participant"], row["group"], row["text"], row["status"])
    assert told == ("H7", "1", of_participant, "Forening", CHAIR, "Sendt")


async def test_of_who_wants_to_hear_more_group_area_and_contact_are_told_and_nothing_leads_to_their_answers(
    bureau: Bureau, tmp_path: Path
) -> None:
    await plans(bureau, "71", "Ja", CONTACT)
    await plans(bureau, "72", "Ja")  # does not say how to reach them
    await plans(bureau, "73", "Nej")
    changed = await plans(bureau, "74", "Ja", "Tove, 11 22 33 44")
    await changed.types("ret")
    await changed.taps("Hvordan skal vi gribe arbejdet an?")
    await changed.taps("Ret 5")
    await changed.says("Nej")  # not any more
    found = await written(bureau, tmp_path)
    told = [(row["question"], row["steering_group"], row["group"], row["area"], row["text"]) for row in found]
    assert sorted(told) == [
        ("P5", "1", "Frivillig", "Ikke oplyst", ""),
        ("P6", "1", "Frivillig", "Ikke oplyst", CONTACT),
    ]
    assert {row["receipt"] + row["participant"] + row["speaks_for"] for row in found} == {""}


async def test_what_is_taken_back_or_erased_leaves_no_contact(bureau: Bureau, tmp_path: Path) -> None:
    author = await responds(bureau)
    await author.taps("Træk svaret tilbage")
    await author.taps("Ja, træk det tilbage")
    assert await written(bureau, tmp_path) == []
    await author.taps("Send høringssvaret")
    assert [row["receipt"] for row in await written(bureau, tmp_path)] == ["2"]
    await author.types("slet")
    await author.taps("Ja, slet alt")
    assert await written(bureau, tmp_path) == []


async def test_the_leader_sees_them_in_the_panel_and_takes_them_out_and_both_are_logged(bureau: Bureau) -> None:
    await responds(bureau)
    await plans(bureau, "71", "Ja", CONTACT)
    lea = bureau.person("1")
    await lea.starts()
    await lea.taps("Jeg er med")
    await bureau.database.write(lambda tx: people.grant(tx, _at(tx, "1"), "leader", NOW))
    await lea.opens("kontakter")
    shown = await lea.taps("Hvem kan I spørge om et høringssvar?")
    assert f"Nr. 1, Forening: {CHAIR}" in "\n".join(shown.body)
    await lea.opens("kontakter")
    assert f"Frivillig, Ikke oplyst: {CONTACT}" in "\n".join((await lea.taps("Hvem vil med i styregruppen?")).body)
    await lea.opens("kontakter")
    [make] = (await lea.taps("Hent kontakterne som fil")).files.makes
    assert {CHAIR, CONTACT} <= {row["text"] for row in by_column(make().content.decode())}
    await lea.opens("hoeringssvar")
    await lea.taps("Nr. 1")
    assert CHAIR in "\n".join((await lea.taps("Se kontaktoplysninger")).body)
    log = "\n".join((await lea.opens("log")).body)
    for line in (
        "så kontakter til høringssvar",
        "så, hvem der vil høre mere om styregruppen",
        "hentede kontaktoplysninger i en fil",
        "så kontakten til et høringssvar (nr. 1)",
    ):
        assert line in log
    assert CHAIR not in log


def _at(tx: Tx, address: str) -> int:
    found = people.at_address(tx, "telegram", address)
    assert found is not None
    return found.id

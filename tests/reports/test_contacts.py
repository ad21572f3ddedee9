"""Contacts and needs: in a file of their own, with nothing in it that leads to the answers."""

from __future__ import annotations

import csv
from contextlib import closing
from pathlib import Path

from bot.features import process_file
from bot.process.flows import shipped_flows
from bot.process.host import ProcessHost
from reports import contacts
from storage.db import Database, connect
from storage.encryption import Keyring
from tests.support.bureau import CONTACT, NOW, OPEN, VOLUNTEER, Bureau, described


async def test_a_contact_stands_there_with_its_question_and_without_a_pseudonym(tmp_path: Path) -> None:
    file = described(plan=OPEN)
    keys = Keyring.open_or_create(tmp_path / "besyv.key")
    database = await Database.open(tmp_path / "besyv.db", keys)
    await database.write(lambda tx: process_file.save(tx, file, shipped_flows(file), NOW))
    person = Bureau(database, ProcessHost(file.process), tmp_path / "besyv.db").person()
    await person.joins(*VOLUNTEER)
    for _ in range(4):
        await person.taps("Spring over")
    await person.taps("Ja")
    await person.says(CONTACT)
    await database.close()
    out = tmp_path / "kontakter.csv"
    with closing(connect(tmp_path / "besyv.db")) as connection:
        assert contacts.export_contacts(connection, keys, "eksempel", out) == 1
        pseudonym = connection.execute("SELECT pseudonym FROM people").fetchone()[0]
    with out.open(encoding="utf-8-sig", newline="") as written:
        row = next(csv.DictReader(written, delimiter=";"))
    assert (row["flow"], row["question"], row["group"], row["text"]) == ("plan", "P6", "frivillig", CONTACT)
    assert tuple(row) == contacts.COLUMNS
    assert pseudonym not in out.read_text(encoding="utf-8-sig")
    assert out.stat().st_mode & 0o777 == 0o600

"""How an entry of the register is reached may name somebody: it is sealed, and was not before."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from storage import db, processes, register, ties
from storage.db import Database, Tx, connect
from storage.encryption import UNREADABLE, Keyring
from storage.register import NewParty

NOW = 1_772_000_000
GERDA = "Gerda Hemmeligsen, 45 20 31 11"


def _entry(name: str, contact: str | None = None) -> NewParty:
    return NewParty(name=name, folded=name.casefold(), kind="forening", source="file", contact=contact)


def _on_disk(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir() if file.name.startswith("besyv.db"))


async def test_what_an_older_besyv_kept_in_the_clear_is_sealed_when_it_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = db.migrations()
    with monkeypatch.context() as of_then, closing(connect(tmp_path / "besyv.db")) as older:
        of_then.setattr(db, "migrations", lambda: [(number, script) for number, script in known if number <= 17])
        db.migrate(older)
        older.execute("INSERT INTO processes (key, definition, revision, loaded_at) VALUES ('eksempel', '{}', 1, 1)")
        for name, contact in (("koret", GERDA), ("bandet", None)):
            older.execute(
                """INSERT INTO parties (process_id, name, folded, kind, tags, contact, must, source, added_at)
                   VALUES (1, ?, ?, 'forening', '[]', ?, 0, 'file', 1)""",
                (name, name, contact),
            )
    assert GERDA.encode() in _on_disk(tmp_path)

    keys = Keyring.open_or_create(tmp_path / "besyv.key")
    database = await Database.open(tmp_path / "besyv.db", keys)
    assert GERDA.encode() not in _on_disk(tmp_path)
    assert await database.read(lambda tx: register.contacts(tx, 1)) == {1: GERDA}
    await database.close()


async def test_the_first_contact_stays_and_an_entry_without_one_takes_over_the_other_s(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "besyv.db", Keyring.open_or_create(tmp_path / "besyv.key"))

    def put(tx: Tx) -> dict[int, str]:
        process = processes.save(tx, "eksempel", "{}", NOW)
        choir, band = (
            register.put(tx, process, _entry("Koret", GERDA), NOW),
            register.put(tx, process, _entry("B"), NOW),
        )
        assert register.put(tx, process, _entry("Koret", "en anden"), NOW) == choir
        ties.merge(tx, process, choir, band)
        register.remove(tx, process, choir)
        return register.contacts(tx, process)

    [contact] = (await database.write(put)).values()
    assert contact == GERDA
    await database.close()
    assert GERDA.encode() not in _on_disk(tmp_path)


async def test_a_contact_copied_to_another_entry_is_noticed(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "besyv.db", Keyring.open_or_create(tmp_path / "besyv.key"))

    def moved(tx: Tx) -> dict[int, str]:
        process = processes.save(tx, "eksempel", "{}", NOW)
        register.put(tx, process, _entry("Koret", GERDA), NOW)
        register.put(tx, process, _entry("Bandet"), NOW)
        tx.run("UPDATE parties SET contact = (SELECT contact FROM parties WHERE folded = 'koret')")
        return register.contacts(tx, process)

    assert sorted((await database.write(moved)).values()) == sorted((GERDA, UNREADABLE))
    await database.close()

"""What is erased leaves the files, and nothing that was promised to go is deleted in any other way."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import storage
from storage import inbox
from storage.db import Database, connect, migrate
from storage.encryption import Keyring
from storage.inbox import IncomingUpdate

NEEDLE = b"nobody may find this "


async def _opened(folder: Path) -> Database:
    return await Database.open(folder / "besyv.db", Keyring.open_or_create(folder / "besyv.key"))


def _on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("besyv.db*"))


# What Besyv takes away in its daily work, and is promised to nobody: it leaves the log within the hour, with the tidy.
DAILY = {
    "budgets": ["arrivals"],
    "channel_codes": ["moves", "moves", "moves"],  # hashes
    "confirmation_mails": ["confirmation_mails", "confirmation_mails", "confirmation_mails", "declined_recipients"],
    "coverage_counters": ["targets"],
    "delays": ["delays"],
    "dispositions": ["dispositions_told"],
    "heartbeats": ["heartbeats"],
    "held_words": ["held_words"],  # they became an answer, or not: at every one of them
    "invitations": ["failed_codes"],  # hashes
    "joint_answers": ["joint_members", "joint_backers", "joint_sent"],
    "late_answers": ["receptions"],
    "meetings": ["minutes", "minutes", "meeting_drafts"],
    "page_notes": ["page_notes"],  # shown: at every page
    "person_keys": ["keys_to_erase"],  # overwritten
    "people": ["addresses"],  # stepped out of what was entered for somebody
    "proof_links": ["proof_links", "proof_links"],  # hashes
    "proofs": [*("proofs", "proof_codes", "proof_tries") * 2],  # no words of anybody's
    "published": ["published_numbers"],
    "reminders": ["reminders"],
    "sessions": ["proofs", "sessions", "sessions"],  # hashes
    "ties": ["file_parties"],
}


def test_what_is_deleted_is_erased_but_for_the_daily_work() -> None:
    ways: dict[str, list[str]] = {}
    for module in sorted(Path(storage.__path__[0]).glob("*.py")):
        found = re.findall(r"tx\.run\(\s*f?\"+DELETE FROM (\w+)", module.read_text(encoding="utf-8"))
        if found:
            ways[module.stem] = found
    ways["joint_answers"] = sorted(set(ways["joint_answers"]), key=DAILY["joint_answers"].index)
    assert ways == DAILY


async def test_what_is_erased_is_in_no_file_when_the_writer_is_at_rest(tmp_path: Path) -> None:
    database = await _opened(tmp_path)
    await database.write(lambda tx: tx.run("CREATE TABLE said (text BLOB)"))
    await database.write(lambda tx: tx.run("INSERT INTO said VALUES (:text)", text=NEEDLE * 1000))
    assert NEEDLE in _on_disk(tmp_path)
    await database.write(lambda tx: tx.erase("DELETE FROM said"))
    assert await database.overwrite_erased()
    assert NEEDLE not in _on_disk(tmp_path)
    await database.close()


async def test_erasing_nothing_and_daily_work_do_not_empty_the_log(tmp_path: Path) -> None:
    database = await _opened(tmp_path)
    await database.write(lambda tx: tx.run("CREATE TABLE said (text BLOB)"))
    before = (tmp_path / "besyv.db-wal").stat().st_size
    await database.write(lambda tx: tx.erase("DELETE FROM said"))
    await database.overwrite_erased()
    assert (tmp_path / "besyv.db-wal").stat().st_size >= before > 0
    await database.close()


async def test_a_unit_that_fails_beside_it_does_not_keep_the_log_from_being_emptied(tmp_path: Path) -> None:
    database = await _opened(tmp_path)
    await database.write(lambda tx: inbox.add(tx, [IncomingUpdate(1, 77, {"a": "b"})], 0))
    with closing(connect(tmp_path / "besyv.db")) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM inbox").fetchall()
        await database.write(lambda tx: tx.erase("DELETE FROM inbox"))
        assert await database.overwrite_erased() is False
        assert await database.write(lambda tx: tx.count("SELECT count(*) FROM inbox")) == 0  # nobody is kept waiting
    assert await database.overwrite_erased() is True
    assert (tmp_path / "besyv.db-wal").stat().st_size == 0
    await database.close()


async def test_what_an_older_besyv_deleted_is_overwritten_at_the_first_start(tmp_path: Path) -> None:
    with closing(connect(tmp_path / "besyv.db")) as connection:
        migrate(connection)
        connection.execute("PRAGMA secure_delete = FAST")
        connection.execute("CREATE TABLE said (text BLOB)")
        connection.executemany("INSERT INTO said VALUES (?)", [(NEEDLE * 1000,)] * 9)
        connection.execute("DELETE FROM said")
        assert connection.execute("PRAGMA application_id").fetchone()[0] == 0
    assert NEEDLE in _on_disk(tmp_path)
    database = await _opened(tmp_path)
    assert NEEDLE not in _on_disk(tmp_path)
    await database.close()
    with closing(sqlite3.connect(tmp_path / "besyv.db")) as connection:  # a free page, which a second copy would drop
        connection.executescript("CREATE TABLE room (x); DROP TABLE room")
    size = (tmp_path / "besyv.db").stat().st_size
    await (await _opened(tmp_path)).close()
    assert (tmp_path / "besyv.db").stat().st_size == size

"""Backup, restore and drill as an operator does them: commands beside a bot that works, and after it was killed."""

from __future__ import annotations

import asyncio
import random
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from storage import in_use
from storage.db import Tx, connect, migrations
from storage.encryption import Keyring
from tests.support import sizes
from tests.support.botapi import Person
from tests.support.command_line import besyv
from tests.support.databases import FOLDER, KEPT
from tests.support.databases import restore as kept_database
from tests.support.sizes import few_and_many
from tests.support.world import Answering, Bot, Flows, ForkServer, Told, everything_open, running

pytestmark = pytest.mark.process
SEED = 20261130
ROLES = ("Frivillig", "Forening", "Borger", "Ansat i kommunen")


def _besyv(bot: Bot, *arguments: str) -> tuple[int, str, str]:
    return besyv(*arguments, **bot.env)


async def _command(bot: Bot, *arguments: str) -> tuple[int, str, str]:
    return await asyncio.to_thread(_besyv, bot, *arguments)


def _folder(bot: Bot, name: str) -> Path:
    (bot.folder / name).mkdir(exist_ok=True)
    return bot.folder / name


# --- under load -------------------------------------------------------------------------------------------


@few_and_many("people_backups", (6, 3), (sizes.KILLED_PEOPLE, 6))
async def test_what_was_acknowledged_before_a_backup_is_in_it_and_the_drill_finds_it_whole(
    tmp_path: Path, fork_server: ForkServer, people_backups: tuple[int, int]
) -> None:
    people, backups = people_backups
    process = everything_open()
    flows = Flows(process)
    async with running(tmp_path, fork_server, process=process, speed=4) as bot:
        crowd = [
            Answering(Person(bot.api, f"P{n}"), flows, random.Random(f"{SEED} {n}"), ROLES[n % len(ROLES)])
            for n in range(people)
        ]
        enough = asyncio.Event()
        async with asyncio.TaskGroup() as seats:
            for someone in crowd:
                seats.create_task(someone.answers(enough=enough.is_set))
            for number in range(backups):
                await bot.until(
                    lambda number=number: sum(len(each.told) for each in crowd) > (number + 1) * 2 * people,  # type: ignore[misc]  # mypy does not infer defaults
                    "answers",
                )
                acknowledged = [(each.person.id, dict(list(each.told.items())[:-1])) for each in crowd]
                folder = _folder(bot, f"copies-{number}")
                code, out, wrong = await _command(bot, "backup", "--out", str(folder))
                assert (code, wrong) == (0, ""), wrong
                [made] = folder.iterdir()
                assert out.startswith(str(made))
                _holds(bot, flows, made, acknowledged)
            code, out, wrong = await _command(bot, "drill")
            assert (code, wrong) == (0, ""), wrong
            assert re.search(r"backup: \d+ bytes in \d+\.\d s; restore: \d+\.\d s", out)
            enough.set()
        assert bot.sql("SELECT count(*) FROM heartbeats WHERE name IN ('backed-up', 'drilled')") == [(2,)]


def _holds(bot: Bot, flows: Flows, file: Path, acknowledged: list[tuple[int, dict[tuple[str, str], Told]]]) -> None:
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        tx = Tx(connection, Keyring(bot.key))
        for address, told in acknowledged:
            stored = flows.stored(tx, address)
            assert {key: stored.get(key) for key in told} == told


# --- restored ---------------------------------------------------------------------------------------------


async def test_a_restore_waits_until_the_bot_is_stopped_and_then_it_goes_on_from_the_backup(
    tmp_path: Path, fork_server: ForkServer
) -> None:
    async with running(tmp_path, fork_server) as bot:
        anna = Person(bot.api, "Anna")
        anna.starts()
        await anna.reads(until="Du svarer til en chatbot")
        folder = _folder(bot, "copies")
        assert (await _command(bot, "backup", "--out", str(folder)))[0] == 0
        [made] = folder.iterdir()
        code, _, wrong = await _command(bot, "restore", str(made), "--yes")
        assert (code, wrong) == (
            1,
            f"besyv: {bot.database} is in use: stop Besyv first, then restore, then start it again\n",
        )
        bo = Person(bot.api, "Bo")
        bo.starts()
        await bo.reads(until="Du svarer til en chatbot")
        assert bot.sql("SELECT count(*) FROM people") == [(2,)]
        await bot.kill()  # what is in its log is not in the file
        assert _log_of(bot) > 0
        code, out, wrong = await _command(bot, "restore", str(made), "--yes")
        assert (code, wrong) == (0, ""), wrong
        assert "1 people" in out and f"restored: {bot.database}" in out
        _kept_aside(tmp_path, out)
        await bot.start()
        assert bot.sql("SELECT count(*) FROM people") == [(1,)]
        assert bot.sql("PRAGMA integrity_check") == [("ok",)]
        assert (await _command(bot, "check"))[0] == 0


def _log_of(bot: Bot) -> int:
    """Bytes of the write-ahead log."""
    return Path(f"{bot.database}-wal").stat().st_size


def _kept_aside(folder: Path, said: str) -> None:
    """What was there, with what was in its log; and nothing else is left."""
    [before] = folder.glob("besyv.db.before-*")
    assert str(before) in said
    assert not [path for path in folder.iterdir() if path.name.startswith(".besyv-restore")]
    with closing(sqlite3.connect(before)) as old:
        assert old.execute("SELECT count(*) FROM people").fetchone() == (2,)


def test_a_drill_whose_backup_is_thrown_away_is_no_backup(tmp_path: Path) -> None:
    (tmp_path / "copies").mkdir()
    database = tmp_path / "besyv.db"
    environment = {
        "BESYV_DATABASE": str(database),
        "BESYV_KEY_FILE": str(tmp_path / "besyv.key"),
        "BESYV_WEB_PORT": "0",
    }
    assert besyv("invite", "leader", **environment)[0] == 0
    for more, noted in (((), {"drilled"}), (("--out", str(tmp_path / "copies")), {"drilled", "backed-up"})):
        assert besyv("drill", *more, **environment)[0] == 0
        with closing(sqlite3.connect(database)) as connection:
            beats = {name for (name,) in connection.execute("SELECT name FROM heartbeats")}
        assert beats & {"drilled", "backed-up"} == noted


def test_a_database_that_is_a_link_to_another_disk_is_restored_there(tmp_path: Path) -> None:
    link, database, copies = tmp_path / "besyv.db", tmp_path / "disk" / "data.db", tmp_path / "copies"
    for folder in (database.parent, copies):
        folder.mkdir()
    link.symlink_to(database)
    environment = {
        "BESYV_DATABASE": str(link),
        "BESYV_KEY_FILE": str(tmp_path / "besyv.key"),
        "BESYV_WEB_PORT": "0",
    }
    assert besyv("invite", "leader", **environment)[0] == 0
    assert besyv("backup", "--out", str(copies), **environment)[0] == 0
    assert besyv("invite", "leader", **environment)[0] == 0
    [made] = copies.iterdir()
    assert besyv("restore", str(made), "--yes", **environment)[0] == 0
    assert (link.is_symlink(), link.resolve()) == (True, database)
    [before] = database.parent.glob("data.db.before-*")
    assert [_invitations(each) for each in (before, database)] == [2, 1]


def _invitations(file: Path) -> int:
    with closing(sqlite3.connect(file)) as connection:
        return int(connection.execute("SELECT count(*) FROM invitations WHERE kind = 'role'").fetchone()[0])


def test_the_obvious_copy_beside_an_old_log_is_damaged_and_a_restore_is_not(tmp_path: Path) -> None:
    """A bot that was killed leaves a log. `cp` puts the backup beside it, and SQLite replays it over the backup."""
    database, copies = tmp_path / "besyv.db", tmp_path / "copies"
    copies.mkdir()
    environment = {
        "BESYV_DATABASE": str(database),
        "BESYV_KEY_FILE": str(tmp_path / "besyv.key"),
        "BESYV_WEB_PORT": "0",
    }
    assert besyv("invite", "leader", **environment)[0] == 0
    assert besyv("backup", "--out", str(copies), **environment)[0] == 0
    [made] = copies.iterdir()
    _killed_while_it_writes(database)
    for name in ("besyv.db", "besyv.db-wal"):
        shutil.copy(tmp_path / name, tmp_path / f"crashed-{name}")
    shutil.copy(made, database)
    assert _seen(database) != (0, "ok")  # rows of after the backup, or damage
    for name in ("besyv.db", "besyv.db-wal"):
        shutil.copy(tmp_path / f"crashed-{name}", tmp_path / name)
    (tmp_path / "besyv.db-shm").unlink(missing_ok=True)
    code, _, wrong = besyv("restore", str(made), "--yes", **environment)
    assert (code, wrong) == (0, "")
    assert _seen(database) == (0, "ok")


def _killed_while_it_writes(database: Path) -> None:
    code = """
import os, sys
from pathlib import Path
from storage.db import connect
connection = connect(Path(sys.argv[1]))
connection.execute("PRAGMA wal_autocheckpoint = 0")
for number in range(300):
    connection.execute("INSERT INTO failed_codes VALUES (?, ?)", (str(number) * 400, number))
    connection.execute("UPDATE processes SET revision = revision + 1")
os._exit(9)
"""
    assert subprocess.run([sys.executable, "-c", code, str(database)], check=False).returncode == 9


def _seen(database: Path) -> tuple[object, object]:
    """How many rows of after the backup are there, and whether it is whole."""
    try:
        with closing(sqlite3.connect(database)) as connection:
            [rows] = connection.execute("SELECT count(*) FROM failed_codes").fetchone()
            return rows, connection.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.DatabaseError as error:
        return 0, str(error)


@pytest.mark.parametrize("left", KEPT)
def test_a_backup_of_an_older_besyv_is_looked_through_and_restored(left: str, tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    kept_database(FOLDER / left, tmp_path / "old")
    old, database = tmp_path / "old" / "besyv.db", tmp_path / "besyv.db"
    content = old.read_bytes()
    environment = {"BESYV_DATABASE": str(database), "BESYV_KEY_FILE": str(tmp_path / "old" / "besyv.key")}
    with closing(sqlite3.connect(old)) as connection:
        [people] = connection.execute("SELECT count(*) FROM people").fetchone()
        [version] = connection.execute("PRAGMA user_version").fetchone()
    assert version < migrations()[-1][0]
    old.write_bytes(content)
    code, out, wrong = besyv("restore", "--check", str(old), **environment)
    assert (code, wrong) == (0, "")
    assert f"schema {version}, whole" in out and f"{people} people" in out
    assert "may have been sent since" in out and "will be sent by themselves" in out
    assert (old.read_bytes(), database.exists()) == (content, False)
    assert besyv("restore", str(old), "--yes", **environment)[0] == 0
    code, _, wrong = besyv("check", **environment)
    assert (code, wrong) == (0, "")


def test_of_a_copy_that_a_link_leads_to_the_log_beside_it_is_read(tmp_path: Path) -> None:
    """A copy of the disk, and not of the database: what was committed last is in the log alone."""
    (there := tmp_path / "there").mkdir()
    (tmp_path / "old").mkdir()
    kept_database(FOLDER / KEPT[-1], tmp_path / "old")
    old, link = tmp_path / "old" / "besyv.db", tmp_path / "newest.db"
    with closing(connect(old)) as connection:
        assert connection.execute("DELETE FROM answers").rowcount > 0
        for path in (old, old.with_name("besyv.db-wal")):
            shutil.copyfile(path, there / path.name)
    link.symlink_to(there / "besyv.db")
    environment = {
        "BESYV_DATABASE": str(tmp_path / "besyv.db"),
        "BESYV_KEY_FILE": str(tmp_path / "old" / "besyv.key"),
    }
    by_link, itself = (besyv("restore", "--check", str(file), **environment) for file in (link, there / "besyv.db"))
    assert (by_link[0], by_link[1].splitlines()[1:]) == (0, itself[1].splitlines()[1:])


def test_after_a_backup_the_copy_of_the_key_store_is_renewed(tmp_path: Path) -> None:
    for name in ("keys", "elsewhere", "copies"):
        (tmp_path / name).mkdir()
    environment = {
        "BESYV_DATABASE": str(tmp_path / "besyv.db"),
        "BESYV_KEY_FILE": str(tmp_path / "keys" / "besyv.key"),
        "BESYV_KEY_STORE_COPY": str(tmp_path / "elsewhere" / "people.db"),
    }
    assert besyv("check", **environment)[0] == 0
    assert besyv("invite", "leader", **environment)[0] == 0
    with closing(connect(tmp_path / "besyv.db")):
        Keyring(tmp_path / "keys" / "besyv.key", store=tmp_path / "keys" / "besyv.people.db").people.new()
    code, _, wrong = besyv("backup", "--out", str(tmp_path / "copies"), **environment)
    assert (code, wrong) == (0, "")
    assert (tmp_path / "elsewhere" / "people.db").stat().st_mode & 0o777 == 0o600
    for name in ("keys", "elsewhere"):
        code, _, wrong = besyv("backup", "--out", str(tmp_path / name), **environment)
        assert code == 1 and "the keys lie in" in wrong


# --- refused ----------------------------------------------------------------------------------------------


@pytest.fixture
def stopped(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """A backup of a database in which something is sealed, and what names them."""
    (tmp_path / "keys").mkdir()
    (tmp_path / "copies").mkdir()
    environment = {"BESYV_DATABASE": str(tmp_path / "besyv.db"), "BESYV_KEY_FILE": str(tmp_path / "keys" / "besyv.key")}
    assert besyv("link", "make", "--name", "Plakat", **environment)[0] == 0
    assert besyv("backup", "--out", str(tmp_path / "copies"), **environment)[0] == 0
    [made] = (tmp_path / "copies").iterdir()
    return made, environment


def test_what_cannot_be_restored_is_said_in_one_line_and_changes_nothing(
    stopped: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    made, environment = stopped
    database, key = tmp_path / "besyv.db", tmp_path / "keys" / "besyv.key"
    content = database.read_bytes()
    cut = tmp_path / "cut.db"
    cut.write_bytes(made.read_bytes()[: made.stat().st_size // 2])
    (tmp_path / "text.db").write_bytes(b"hej" * 2000)
    (tmp_path / "other.key").write_text(Keyring.open_or_create(tmp_path / "x.key").path.read_text())
    newer = tmp_path / "newer.db"
    shutil.copy(made, newer)
    with closing(sqlite3.connect(newer)) as connection:
        connection.execute("PRAGMA user_version = 9999")
    other_key = {**environment, "BESYV_KEY_FILE": str(tmp_path / "other.key")}
    no_key = {**environment, "BESYV_KEY_FILE": str(tmp_path / "keys" / "nowhere.key")}
    for file, named, words in (
        (tmp_path / "nowhere.db", environment, "there is no file"),
        (cut, environment, "cut.db"),
        (tmp_path / "text.db", environment, "text.db"),
        (newer, environment, "Use a newer Besyv"),
        (made, other_key, "holds none of the keys"),
        (made, no_key, "without its keys nobody can read a backup"),
    ):
        for how in (["--check"], ["--yes"]):
            code, out, wrong = besyv("restore", str(file), *how, **named)
            assert (code, out, wrong.count("\n")) == (1, "", 1), (file, wrong)
            assert wrong.startswith("besyv: ") and words in wrong
    assert besyv("restore", str(made), **environment)[0] == 1  # nobody is there to say yes
    assert database.read_bytes() == content
    assert not (tmp_path / "keys" / "nowhere.key").exists()
    assert sorted(path.name for path in tmp_path.iterdir() if "restore" in path.name or "before" in path.name) == []
    assert key.exists()


def test_a_damaged_value_is_named_and_the_rest_is_restored(stopped: tuple[Path, dict[str, str]]) -> None:
    made, environment = stopped
    with closing(connect(made)) as connection:
        connection.execute(
            """INSERT INTO invitations (process_id, kind, code_hash, label, made_by, created_at)
               SELECT 1, 'campaign', 'h', label, 'operator', 0 FROM invitations"""
        )
        [last] = connection.execute("SELECT max(id) FROM invitations").fetchone()
        connection.execute("UPDATE invitations SET id = 0 WHERE id = ?", (last,))  # under another place than its own
    for how in (["--check"], ["--yes"]):
        code, out, wrong = besyv("restore", str(made), *how, **environment)
        assert code == 1
        assert "invitations 0: a stored value has been damaged, tampered with or moved" in wrong
        assert ("restored:" in out) is (how == ["--yes"])


def test_a_backup_where_the_keys_lie_or_nowhere_is_refused(
    stopped: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    _, environment = stopped
    for folder, words in (
        (tmp_path / "keys", "the keys lie in"),
        (tmp_path, "the keys lie in"),
        (tmp_path / "nowhere", "there is no folder"),
    ):
        code, out, wrong = besyv("backup", "--out", str(folder), **environment)
        assert (code, out, wrong.count("\n")) == (1, "", 1)
        assert wrong.startswith("besyv: ") and words in wrong
    code, _, wrong = besyv("backup", "--out", str(tmp_path / "copies"), "--keep", "soon", **environment)
    assert (code, wrong) == (1, "besyv: --keep: must be hours, days or weeks, like 30d\n")
    code, _, wrong = besyv("run", **{**environment, "BESYV_BACKUP_DIR": str(tmp_path / "keys")})
    assert code == 1
    assert "BESYV_BACKUP_DIR: the keys lie in it" in wrong


# --- half done --------------------------------------------------------------------------------------------


def _made_whole(folder: Path, before: set[Path]) -> Path:
    [made] = set(folder.iterdir()) - before
    with closing(sqlite3.connect(f"{made.as_uri()}?mode=ro", uri=True)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    return made


@pytest.mark.parametrize("trouble", ["the copy's place is gone", "the key store is damaged", "the copy is damaged"])
@pytest.mark.parametrize("command", ["backup", "drill"])
def test_a_backup_whose_keys_can_not_be_copied_says_in_one_line_that_it_was_made_and_what_was_not(
    stopped: tuple[Path, dict[str, str]], tmp_path: Path, trouble: str, command: str
) -> None:
    _, environment = stopped
    copies, copy = tmp_path / "copies", tmp_path / "elsewhere" / "people.db"
    environment = {**environment, "BESYV_KEY_STORE_COPY": str(copy)}
    copy.parent.mkdir()
    people = Keyring(tmp_path / "keys" / "besyv.key", store=tmp_path / "keys" / "besyv.people.db").people
    people.new()
    people.close()
    assert besyv("backup", "--out", str(copies), **environment)[0] == 0
    if trouble == "the copy's place is gone":
        shutil.rmtree(copy.parent)
    else:
        (copy if "copy" in trouble else tmp_path / "keys" / "besyv.people.db").write_bytes(b"hej" * 5000)
    before = set(copies.iterdir())
    code, out, wrong = besyv(command, "--out", str(copies), **environment)
    made = _made_whole(copies, before)
    told = f"besyv: {made} was made and is whole, but the copy of the key store was not renewed: "
    assert (code, out, wrong.count("\n"), wrong.startswith(told)) == (1, "", 1, True), wrong


def test_rekey_beside_a_restore_ends_in_one_line(stopped: tuple[Path, dict[str, str]], tmp_path: Path) -> None:
    _, environment = stopped
    with in_use.alone(tmp_path / "besyv.db"):
        for command in (("rekey",), ("backup", "--out", str(tmp_path / "copies")), ("lost-keys", "--drop")):
            code, out, wrong = besyv(*command, **environment)
            assert (code, out, wrong.count("\n"), "Traceback" in wrong) == (1, "", 1, False), wrong


# --- keys of who was lost ---------------------------------------------------------------------------------


def test_keys_of_who_came_after_the_backup_are_named_and_dropped_by_the_operator_alone(
    stopped: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    made, environment = stopped
    database, store = tmp_path / "besyv.db", tmp_path / "keys" / "besyv.people.db"
    people = Keyring(tmp_path / "keys" / "besyv.key", store=store).people
    key_id = people.new()
    with closing(connect(database)) as connection:
        connection.execute(
            """INSERT INTO people (process_id, pseudonym, language, created_at, key_id)
               SELECT id, 'p-lost', 'da', 1, :key FROM processes""",
            {"key": key_id},
        )
    people.close()
    assert besyv("lost-keys", **environment)[1] == "31 keys belong to nobody in this database\n"
    code, out, wrong = besyv("restore", str(made), "--yes", **environment)
    assert (code, wrong) == (0, "")
    assert "p-lost" in out and "32 keys belong to nobody in this database" in out
    assert besyv("check", **environment)[0] == 0
    assert besyv("lost-keys", **environment)[1] == "32 keys belong to nobody in this database\n"
    assert _live(store) == 32  # nothing drops them by itself
    held = in_use.share(database)  # a bot works
    code, _, wrong = besyv("lost-keys", "--drop", "--yes", **environment)
    in_use.leave(held)
    assert (code, _live(store)) == (1, 32) and "stop Besyv first" in wrong
    assert besyv("lost-keys", "--drop", "--yes", **environment)[:2] == (0, "32 keys overwritten\n")
    assert _live(store) == 0


def _live(store: Path) -> int:
    with closing(sqlite3.connect(store)) as connection:
        return int(connection.execute("SELECT count(wrapped) FROM keys").fetchone()[0])

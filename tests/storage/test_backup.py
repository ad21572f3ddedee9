"""Backups: whole or not there, readable by their owner alone, never beside the keys, and the old ones removed."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from storage import backup, heartbeats, in_use
from storage.backup import BackupError
from storage.db import connect, migrate

NOW = 1_772_560_800
DAY = 86400
NAME = "besyv-20260303T180000Z.db"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """With something in it, and a log beside it that is not in the file yet."""
    (tmp_path / "data").mkdir()
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "besyv.key").write_text("x")
    path = tmp_path / "data" / "besyv.db"
    with closing(connect(path)) as connection:
        migrate(connection)
    return path


@pytest.fixture
def key(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "besyv.key"


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    (tmp_path / "copies").mkdir()
    return tmp_path / "copies"


def _fill(connection: sqlite3.Connection, rows: int = 2000) -> None:
    connection.execute("BEGIN")
    for number in range(rows):
        connection.execute("INSERT INTO failed_codes VALUES (?, ?)", (f"{number}" * 40, number))
    connection.execute("COMMIT")


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_a_backup_holds_what_is_committed_and_its_moment_and_is_its_owners_alone(
    database: Path, copies: Path, key: Path, umask: int
) -> None:
    with closing(connect(database)) as writer:
        _fill(writer)
        writer.execute("BEGIN IMMEDIATE")  # somebody is writing
        writer.execute("INSERT INTO failed_codes VALUES ('not committed', 0)")
        before = os.umask(umask)
        try:
            made = backup.make(database, copies, [key], NOW)
        finally:
            os.umask(before)
        writer.execute("ROLLBACK")
    assert (made.path, made.at, made.size) == (copies / NAME, NOW, made.path.stat().st_size)
    assert [path.name for path in copies.iterdir()] == [NAME]
    assert made.path.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(made.path)) as copy:
        assert copy.execute("SELECT count(*) FROM failed_codes").fetchone() == (2000,)
        assert copy.execute("SELECT at FROM heartbeats WHERE name = ?", (heartbeats.COPIED,)).fetchone() == (NOW,)


def test_two_of_the_same_second_are_two(database: Path, copies: Path, key: Path) -> None:
    first, second = (backup.make(database, copies, [key], NOW) for _ in range(2))
    assert {path.name for path in copies.iterdir()} == {NAME, "besyv-20260303T180000Z-2.db"}
    assert backup.in_folder(copies) == sorted([first, second], key=lambda each: each.path.name, reverse=True)


def test_older_ones_are_removed_when_a_new_one_is_good_and_nothing_else_is(
    database: Path, copies: Path, key: Path
) -> None:
    old, recent = (backup.make(database, copies, [key], NOW - days * DAY) for days in (31, 29))
    (copies / "noter.txt").write_text("mine")
    (copies / "besyv.db").write_text("mine")
    new = backup.make(database, copies, [key], NOW)
    backup.remove_older(copies, NOW - 30 * DAY, new)
    assert not old.path.exists()
    assert {path.name for path in copies.iterdir()} == {new.path.name, recent.path.name, "noter.txt", "besyv.db"}
    later = backup.make(database, copies, [key], NOW - 400 * DAY)  # by a clock that was put back
    backup.remove_older(copies, NOW - 401 * DAY, later)
    assert later.path.exists()


def test_where_none_can_be_made_nothing_is_removed(database: Path, copies: Path, key: Path) -> None:
    old = backup.make(database, copies, [key], NOW - 400 * DAY)
    database.unlink()
    with pytest.raises(BackupError, match="there is no database"):
        backup.make(database, copies, [key], NOW)
    assert list(copies.iterdir()) == [old.path]


def test_where_older_ones_cannot_be_looked_for_the_new_one_stays_and_it_is_said(
    database: Path, copies: Path, key: Path
) -> None:
    made = backup.make(database, copies, [key], NOW)
    with pytest.raises(BackupError, match=r"older backups in .* can't be removed"):
        backup.remove_older(copies / "away", NOW, made)
    assert made.path.exists()


def test_never_where_the_keys_lie(database: Path, tmp_path: Path, key: Path) -> None:
    (tmp_path / "link").symlink_to(key.parent)
    for folder in (key.parent, tmp_path, tmp_path / "link"):
        with pytest.raises(BackupError, match="the keys lie in"):
            backup.make(database, folder, [key], NOW)
    assert sorted(path.name for path in key.parent.iterdir()) == ["besyv.key"]


def test_a_folder_that_is_none_is_said(database: Path, tmp_path: Path, key: Path) -> None:
    for folder in (tmp_path / "nowhere", database):
        with pytest.raises(BackupError, match="there is no folder"):
            backup.make(database, folder, [key], NOW)


def test_a_damaged_database_makes_no_backup_that_counts(database: Path, copies: Path, key: Path) -> None:
    with closing(connect(database)) as connection:
        _fill(connection)
        connection.execute("CREATE INDEX of_codes ON failed_codes (at)")
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("INSERT INTO roles (person_id, role, granted_at) VALUES (99, 'leader', 0)")
    with pytest.raises(BackupError, match="a row of roles refers to what is not in people"):
        backup.make(database, copies, [key], NOW)
    assert list(copies.iterdir()) == []


def test_a_file_that_is_damaged_or_is_something_else_is_no_backup(
    database: Path, copies: Path, key: Path, tmp_path: Path
) -> None:
    with closing(connect(database)) as connection:
        _fill(connection)
    made = backup.make(database, copies, [key], NOW)
    whole = made.path.read_bytes()
    for name, content in (("cut.db", whole[: len(whole) // 2]), ("text.db", b"hej" * 1000)):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(BackupError, match=f"{name} (is damaged|can't be read)"):
            backup.require_whole(tmp_path / name)
    (tmp_path / "other.db").touch()
    with pytest.raises(BackupError, match=r"other\.db is no database of Besyv"):
        backup.require_whole(tmp_path / "other.db")


@pytest.mark.process
def test_a_full_disk_leaves_no_half_file_and_one_line(database: Path, copies: Path, key: Path) -> None:
    with closing(connect(database)) as connection:
        _fill(connection)
    code = """
import resource, sys
from pathlib import Path
from storage import backup
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
try:
    backup.make(Path(sys.argv[1]), Path(sys.argv[2]), [Path(sys.argv[3])], 1772560800)
except backup.BackupError as error:
    print(error)
"""
    command = [sys.executable, "-c", code, str(database), str(copies), str(key)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert told.startswith(f"no backup in {copies}: ") and told.count("\n") == 1
    assert list(copies.iterdir()) == []


def test_what_a_kill_left_half_done_is_no_backup_and_is_cleared_away(database: Path, copies: Path, key: Path) -> None:
    fresh, abandoned = (copies / f"besyv-20260303T170000Z.{number}.part" for number in (1, 2))
    for half, age in ((fresh, 60), (abandoned, 7200)):
        half.write_bytes(b"SQLite format 3\0")
        os.utime(half, (NOW - age, NOW - age))
    assert backup.newest(copies, NOW) is None
    backup.make(database, copies, [key], NOW)
    assert sorted(path.name for path in copies.iterdir()) == sorted([NAME, fresh.name])


# --- in use -----------------------------------------------------------------------------------------------


def test_many_share_and_one_is_alone(database: Path, copies: Path, key: Path) -> None:
    with in_use.shared(database), in_use.shared(database), pytest.raises(in_use.InUse), in_use.alone(database):
        pass
    with in_use.alone(database):
        with pytest.raises(in_use.InUse):
            in_use.share(database)
        with pytest.raises(BackupError, match="is being restored"):
            backup.make(database, copies, [key], NOW)
    with in_use.alone(database):
        pass


@pytest.mark.process
def test_who_was_killed_holds_nothing(database: Path) -> None:
    code = "import sys, time; from pathlib import Path; from storage import in_use; "
    code += "in_use.share(Path(sys.argv[1])); print('held', flush=True); time.sleep(600)"
    with subprocess.Popen([sys.executable, "-c", code, str(database)], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None and other.stdout.readline() == "held\n"
        with pytest.raises(in_use.InUse), in_use.alone(database):
            pass
        other.kill()
        other.wait()
    with in_use.alone(database):
        pass

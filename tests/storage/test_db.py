"""The database on a real file: what a transaction promises, and what becomes of it when the outside fails."""

from __future__ import annotations

import asyncio
import inspect
import sqlite3
import subprocess
import sys
import textwrap
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import aiosqlite
import pytest

from storage import db
from storage.db import Database, DatabaseError, TakesTime, Tx
from storage.encryption import Keyring
from storage.files_in_place import FileGone
from tests.support.patience import PATIENCE

NEWEST = db.migrations()[-1][0]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "besyv.db"


@pytest.fixture
def keys(tmp_path: Path) -> Keyring:
    return Keyring.open_or_create(tmp_path / "besyv.key")


@pytest.fixture
async def database(file: Path, keys: Keyring) -> AsyncIterator[Database]:
    """With a table of notes, none of which may stand twice."""
    opened = await Database.open(file, keys)
    await opened.write(lambda tx: tx.run("CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE)"))
    yield opened
    await opened.close()


@pytest.fixture
def elsewhere(file: Path, database: Database) -> Iterator[sqlite3.Connection]:
    """A connection of another process: it sees what is committed and nothing else."""
    with closing(sqlite3.connect(file, isolation_level=None, timeout=0)) as connection:
        yield connection


def note(text: str) -> Callable[[Tx], int]:
    return lambda tx: tx.insert("INSERT INTO notes (text) VALUES (:text)", text=text)


def noted(tx: Tx) -> list[str]:
    return [row["text"] for row in tx.all("SELECT text FROM notes ORDER BY id")]


def seen_by(connection: sqlite3.Connection) -> list[str]:
    return [text for (text,) in connection.execute("SELECT text FROM notes ORDER BY id")]


class Held:
    """A unit that keeps the writer busy until it is let go, so that others wait together behind it."""

    def __init__(self, database: Database) -> None:
        self._started, self._let_go = threading.Event(), threading.Event()
        self._task = asyncio.create_task(database.write(self._wait))

    def _wait(self, tx: Tx) -> None:
        self._started.set()
        assert self._let_go.wait(PATIENCE)

    async def until_it_runs(self) -> None:
        assert await asyncio.to_thread(self._started.wait, PATIENCE)

    async def let_go(self) -> None:
        self._let_go.set()
        await self._task


async def behind_a_held_writer(database: Database, *units: db.Unit[object]) -> list[object]:
    """What comes of units that all wait for the writer at once, errors as values."""
    held = Held(database)
    await held.until_it_runs()
    tasks = [asyncio.create_task(database.write(unit)) for unit in units]
    await asyncio.sleep(0)
    await held.let_go()
    return await asyncio.gather(*tasks, return_exceptions=True)


# --- transactions -----------------------------------------------------------------------------------------


async def test_a_write_gives_what_its_unit_returns_and_a_read_sees_it(database: Database) -> None:
    assert await database.write(note("en")) == 1
    assert await database.write(lambda tx: tx.run("UPDATE notes SET text = :text", text="to")) == 1
    assert await database.write(lambda tx: tx.run("INSERT INTO notes (text) VALUES (:a), (:b)", a="a", b="b")) == 2
    assert await database.read(noted) == ["to", "a", "b"]
    assert await database.read(lambda tx: tx.one("SELECT 1 FROM notes WHERE text = :text", text="væk")) is None


async def test_what_a_unit_raises_is_raised_to_its_caller_and_nothing_of_it_is_kept(database: Database) -> None:
    def half(tx: Tx) -> None:
        note("halv")(tx)
        raise LookupError("nej")

    with pytest.raises(LookupError, match=r"^nej$"):
        await database.write(half)
    assert await database.read(noted) == []
    assert await database.write(note("igen")) == 1


async def test_those_who_wait_together_share_one_commit(database: Database, elsewhere: sqlite3.Connection) -> None:
    visible: list[int] = []

    def looked_at_from_elsewhere(tx: Tx) -> None:
        with closing(sqlite3.connect(database.path)) as connection:
            visible.append(len(seen_by(connection)))

    outcomes = await behind_a_held_writer(database, *[note(f"{n}") for n in range(50)], looked_at_from_elsewhere)
    assert outcomes == [*range(1, 51), None]
    assert visible == [0]  # the fifty before it in the group are not committed while it runs
    assert len(seen_by(elsewhere)) == 50


async def test_more_than_a_group_holds_are_all_served_in_order(database: Database) -> None:
    many = db.MOST_IN_A_GROUP * 2 + 3
    assert await asyncio.gather(*[database.write(note(f"{n}")) for n in range(many)]) == list(range(1, many + 1))
    assert await database.read(noted) == [f"{n}" for n in range(many)]


async def test_nobody_has_a_result_before_it_is_on_disk(database: Database, elsewhere: sqlite3.Connection) -> None:
    found: dict[str, bool] = {}
    tasks = [asyncio.create_task(database.write(note(f"{n}")), name=f"{n}") for n in range(40)]
    for task in tasks:
        task.add_done_callback(lambda done: found.update({done.get_name(): done.get_name() in seen_by(elsewhere)}))
    await asyncio.gather(*tasks)
    await asyncio.sleep(0)
    assert found == {f"{n}": True for n in range(40)}


async def test_a_unit_that_fails_takes_back_itself_alone(database: Database, elsewhere: sqlite3.Connection) -> None:
    def half(tx: Tx) -> None:
        note("halv")(tx)
        raise LookupError("nej")

    outcomes = await behind_a_held_writer(database, note("a"), half, note("a"), note("b"))
    assert [type(outcome) for outcome in outcomes] == [int, LookupError, sqlite3.IntegrityError, int]
    assert seen_by(elsewhere) == ["a", "b"]


async def test_a_caller_who_is_cancelled_has_still_asked(database: Database) -> None:
    held = Held(database)
    await held.until_it_runs()
    gone, stayed = (
        asyncio.create_task(database.write(note("gået"))),
        asyncio.create_task(database.write(note("blevet"))),
    )
    await asyncio.sleep(0)
    gone.cancel()
    await held.let_go()
    assert await stayed == 2
    assert gone.cancelled()
    assert await database.read(noted) == ["gået", "blevet"]


async def test_closing_waits_for_what_is_being_written(database: Database, elsewhere: sqlite3.Connection) -> None:
    held = Held(database)
    await held.until_it_runs()
    task = asyncio.create_task(database.write(note("sidst")))
    await asyncio.sleep(0)
    closing_ = asyncio.create_task(database.close())
    await asyncio.sleep(0)
    await held.let_go()
    await closing_
    assert await task == 1
    assert seen_by(elsewhere) == ["sidst"]


# --- reading beside the writer ----------------------------------------------------------------------------


async def test_a_read_does_not_wait_for_the_writer(database: Database) -> None:
    await database.write(note("før"))
    held = Held(database)
    await held.until_it_runs()
    assert await asyncio.wait_for(database.read(noted), PATIENCE) == ["før"]
    await held.let_go()


async def test_a_read_sees_one_moment_from_beginning_to_end(database: Database) -> None:
    await database.write(note("før"))
    begun, go_on = threading.Event(), threading.Event()

    def twice(tx: Tx) -> list[list[str]]:
        first = noted(tx)
        begun.set()
        assert go_on.wait(PATIENCE)
        return [first, noted(tx)]

    reading = asyncio.create_task(database.read(twice))
    assert await asyncio.to_thread(begun.wait, PATIENCE)
    await database.write(note("imens"))
    go_on.set()
    assert await reading == [["før"], ["før"]]
    assert await database.read(noted) == ["før", "imens"]


async def test_a_read_that_raises_leaves_the_reader_usable_and_writes_nothing(database: Database) -> None:
    with pytest.raises(sqlite3.OperationalError):
        await database.read(lambda tx: tx.all("SELECT * FROM intet"))
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        await database.read(lambda tx: tx.run("INSERT INTO notes (text) VALUES ('smuglet')"))
    assert await database.read(noted) == []


# --- when the outside fails -------------------------------------------------------------------------------


async def test_a_locked_database_is_told_to_everyone_who_waits_and_works_again_later(
    file: Path, keys: Keyring, database: Database
) -> None:
    await database.close()
    impatient = await Database.open(file, keys, busy=0.05)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        outcomes = await asyncio.gather(*[impatient.write(note(f"{n}")) for n in range(3)], return_exceptions=True)
        assert [(type(o), str(o)) for o in outcomes] == [(sqlite3.OperationalError, "database is locked")] * 3
        assert await impatient.read(noted) == []
        other.execute("ROLLBACK")
    assert await impatient.write(note("nu")) == 1
    assert await impatient.read(noted) == ["nu"]
    await impatient.close()


async def test_a_full_database_is_told_to_those_it_undid_and_nothing_is_half_kept(
    database: Database, elsewhere: sqlite3.Connection
) -> None:
    def limit(more: int) -> db.Unit[None]:
        def unit(tx: Tx) -> None:
            pages = tx.all("PRAGMA page_count")[0][0]
            tx.all(f"PRAGMA max_page_count = {pages + more}")

        return unit

    def large(tx: Tx) -> None:
        note("før det store")(tx)
        note("x" * 1_000_000)(tx)

    await database.write(limit(2))
    outcomes = await behind_a_held_writer(database, note("a"), large, note("b"))
    full = [isinstance(o, sqlite3.OperationalError) and str(o) == "database or disk is full" for o in outcomes]
    assert full[1]
    assert seen_by(elsewhere) == [text for text, told in zip(("a", "", "b"), full, strict=True) if not told]
    await database.write(limit(1_000_000))
    assert await database.write(note("c")) > 0
    await database.write(large)
    assert [text[:20] for text in seen_by(elsewhere)][-3:] == ["c", "før det store", "x" * 20]


FULL_DISK = """
    import asyncio, resource, sqlite3, sys
    from pathlib import Path
    from storage.db import Database
    from storage.encryption import Keyring

    async def main(folder):
        file = folder / "besyv.db"
        database = await Database.open(file, Keyring.open_or_create(folder / "besyv.key"))
        await database.write(lambda tx: tx.run("CREATE TABLE notes (text TEXT)"))
        def note(text):
            return lambda tx: tx.run("INSERT INTO notes VALUES (:text)", text=text)
        def noted(tx):
            return [row[0][:1] + str(len(row[0])) for row in tx.all("SELECT text FROM notes")]
        size = file.with_name("besyv.db-wal").stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 8192, resource.RLIM_INFINITY))
        told = await asyncio.gather(*[database.write(note(c * 100_000)) for c in "abc"], return_exceptions=True)
        print([isinstance(error, sqlite3.Error) for error in told])
        print(await database.read(noted))
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        print(await asyncio.gather(*[database.write(note(c * 100_000)) for c in "de"]))
        print(await database.read(noted))
        await database.close()
        print(sqlite3.connect(file).execute("PRAGMA integrity_check").fetchone()[0])

    asyncio.run(main(Path(sys.argv[1])))
"""


@pytest.mark.process
def test_a_full_disk_is_told_to_everyone_and_writing_goes_on_when_there_is_room_again(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(FULL_DISK), str(tmp_path)],
        cwd=Path(db.__file__).parents[1],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.stdout.splitlines(), done.stderr) == (
        ["[True, True, True]", "[]", "[1, 1]", "['d100000', 'e100000']", "ok"],
        "",
    )


# --- opening ----------------------------------------------------------------------------------------------


def version_of(file: Path) -> int:
    with closing(sqlite3.connect(file)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


async def test_an_empty_file_is_brought_up_to_date_and_opening_it_again_changes_nothing(
    file: Path, keys: Keyring
) -> None:
    await (await Database.open(file, keys)).close()
    with closing(sqlite3.connect(file)) as connection:
        before = connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY name").fetchall()
        connection.execute("INSERT INTO processes (key, definition, revision, loaded_at) VALUES ('p', '{}', 1, 0)")
        connection.commit()
    await (await Database.open(file, keys)).close()
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY name").fetchall() == before
        assert connection.execute("SELECT key FROM processes").fetchall() == [("p",)]
    assert version_of(file) == NEWEST


def test_migrations_are_numbered_without_a_gap() -> None:
    assert [number for number, _ in db.migrations()] == list(range(1, NEWEST + 1))


async def test_a_database_of_a_newer_besyv_is_refused_and_left_alone(file: Path, keys: Keyring) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(f"PRAGMA user_version = {NEWEST + 1}")
    with pytest.raises(DatabaseError) as refused:
        await Database.open(file, keys)
    assert str(refused.value) == (
        f"the database is of version {NEWEST + 1}; this Besyv knows {NEWEST}. Use a newer Besyv"
    )
    assert version_of(file) == NEWEST + 1


def test_two_that_start_at_once_on_an_empty_file_both_get_it(file: Path) -> None:
    with closing(db.connect(file)) as first, closing(db.connect(file)) as second:

        def the_other_was_faster(statement: str) -> None:
            if statement.startswith("BEGIN IMMEDIATE"):
                second.set_trace_callback(None)
                db.migrate(first)

        second.set_trace_callback(the_other_was_faster)
        db.migrate(second)
    assert version_of(file) == NEWEST


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda file: file.write_bytes(b"this is a letter, not a database" * 100), "file is not a database"),
        (lambda file: file.mkdir(), "unable to open database file"),
    ],
    ids=["a letter", "a folder"],
)
async def test_what_is_no_database_is_refused_in_one_line(
    file: Path, keys: Keyring, make: Callable[[Path], object], reason: str
) -> None:
    make(file)
    with pytest.raises(DatabaseError) as refused:
        await Database.open(file, keys)
    assert str(refused.value) == f"the database {file} can't be opened: {reason}"


async def test_a_commit_is_on_disk_and_keys_of_other_tables_hold(database: Database) -> None:
    async def pragma(name: str) -> object:
        return (await database.write(lambda tx: tx.all(f"PRAGMA {name}")))[0][0]

    assert [await pragma("journal_mode"), await pragma("synchronous"), await pragma("foreign_keys")] == ["wal", 2, 1]


def test_the_inside_of_aiosqlite_that_we_lean_on_is_there() -> None:
    assert list(inspect.signature(aiosqlite.Connection._execute).parameters) == ["self", "fn", "args", "kwargs"]
    assert isinstance(aiosqlite.Connection._conn, property)
    assert hasattr(aiosqlite.Connection(lambda: sqlite3.connect(":memory:"), 64)._tx, "put_nowait")
    assert aiosqlite.__version__ == "0.22.1"


# --- what takes time --------------------------------------------------------------------------------------


async def test_what_takes_time_is_worked_out_while_others_write_and_asked_for_again(database: Database) -> None:
    """Nothing of the first attempt is kept; and what has changed meanwhile is worked out anew."""
    known: list[list[str]] = []
    others = threading.Event()

    def unit(tx: Tx) -> list[str]:
        found = noted(tx)
        note("mine")(tx)
        if found not in known:
            raise TakesTime(partial(work, found))
        return found

    def work(found: list[str]) -> None:
        assert others.wait(PATIENCE)  # set by somebody who writes meanwhile
        known.append(found)

    async def another() -> None:
        await database.write(note("theirs"))
        others.set()

    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
        mine = group.create_task(database.write(unit))
        group.create_task(another())
    assert known == [[], ["theirs"]] and mine.result() == ["theirs"]
    assert await database.read(noted) == ["theirs", "mine"]


async def test_what_takes_time_holds_up_no_reader(database: Database) -> None:
    done: list[bool] = []
    others = threading.Event()

    def unit(tx: Tx) -> list[str]:
        if not done:
            raise TakesTime(lambda: done.append(others.wait(PATIENCE)))
        return noted(tx)

    async def another() -> None:
        await database.read(noted)
        others.set()

    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
        mine = group.create_task(database.read(unit))
        group.create_task(another())
    assert (mine.result(), done) == ([], [True])


# --- copied over ------------------------------------------------------------------------------------------


def held(file: Path) -> bytes:
    return file.read_bytes()


def copied_over(file: Path, content: bytes) -> None:
    """As `cp` does it: into the very file."""
    file.write_bytes(content)


async def test_an_earlier_copy_of_the_very_file_is_noticed_and_nothing_else_that_others_do_is(
    file: Path, database: Database, elsewhere: sqlite3.Connection
) -> None:
    """A file that was only copied has the same header but for its change counter, which goes up."""
    elsewhere.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    earlier = held(file)
    for number in range(20):  # others write, move the log into the file, and copy it by SQLite
        await database.write(lambda tx, number=number: (tx.count_on(), note(f"mine {number}")(tx)))  # type: ignore[misc]  # mypy does not infer defaults
        elsewhere.execute("INSERT INTO notes (text) VALUES (:text)", {"text": f"theirs {number}" * 50})
        elsewhere.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        await database.require_in_place()
    later = held(file)
    copied_over(file, earlier)
    for text in ("lost", "lost again"):
        with pytest.raises(FileGone):
            await database.require_in_place()
        with pytest.raises(FileGone):
            await database.write(note(text))
    copied_over(file, later)
    await database.require_in_place()

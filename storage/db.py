"""The database: one writer thread, one reader thread, migrations. Knows transactions and nothing of what is stored.

A transaction is a plain function of a `Tx` (docs/decisions/0002): it runs from start to end in the writer's
thread, so nothing can be awaited, sent or cancelled inside it. Functions that wait at the same time share one
commit, each within a savepoint of its own; nobody's result is given out before that commit is on disk.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any, Self, TypeVar

import aiosqlite

from storage import carrying_over, in_use
from storage.encryption import Keyring
from storage.files_in_place import FileGone, FilesInPlace, count_on

T = TypeVar("T")
Unit = Callable[["Tx"], T]
BUSY_SECONDS = 2.0  # for which one waits for a lock that another process holds
AT_A_TERMINAL_SECONDS = 30.0  # the same of a command beside a busy bot: somebody waits for it, and for nothing else
MOST_IN_A_GROUP = 256
_OVERWRITTEN = int.from_bytes(b"Bsyv")  # the application id of a file whose free space holds nothing of before


class DatabaseError(Exception):
    """The database can't be used as it is. One line, for the operator."""


class TakesTime(Exception):
    """What a transaction needs takes long to work out, and nobody is to wait for that: it is rolled back, `work` is
    done beside everybody, and the transaction begins anew, which asks again whether that still is what it needs."""

    def __init__(self, work: Callable[[], object]) -> None:
        super().__init__("to be worked out first")
        self.work = work


class Tx:
    """A running transaction: SQL with named, bound values, and the keys for encrypted columns."""

    __slots__ = ("_connection", "erased", "keys")

    def __init__(self, connection: sqlite3.Connection, keys: Keyring) -> None:
        self._connection = connection
        self.keys = keys
        self.erased = False  # something that must not be found in the files once this is committed

    @property
    def may_write(self) -> bool:
        """Not of a snapshot that is only read."""
        return not self.number("PRAGMA query_only")

    def all(self, sql: str, **values: Any) -> list[sqlite3.Row]:
        return self._connection.execute(sql, values).fetchall()

    def one(self, sql: str, **values: Any) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self._connection.execute(sql, values).fetchone()
        return row

    def only(self, sql: str, **values: Any) -> sqlite3.Row:
        """The one row there is. Raises LookupError where there is none."""
        row = self.one(sql, **values)
        if row is None:
            raise LookupError("no row")
        return row

    def number(self, sql: str, **values: Any) -> int | None:
        """The first column of the first row: a count, an id, a moment. None where there is no row, or nothing in it."""
        row = self.one(sql, **values)
        return None if row is None or row[0] is None else int(row[0])

    def count(self, sql: str, **values: Any) -> int:
        """What a query for one `count(…)` or `sum(…)` finds."""
        return self.number(sql, **values) or 0

    def run(self, sql: str, **values: Any) -> int:
        """The number of rows changed."""
        return self._connection.execute(sql, values).rowcount

    def erase(self, sql: str, **values: Any) -> int:
        """As `run`, for what people were promised is gone: it leaves the write-ahead log too, soon after the commit."""
        rows = self.run(sql, **values)
        self.erased = self.erased or rows > 0
        return rows

    def count_on(self) -> None:
        """From the next checkpoint on, a copy of the file of before is told from it (storage.files_in_place)."""
        count_on(self._connection)

    def changed(self, sql: str, **values: Any) -> bool:
        """Whether the row it is about was there to be changed."""
        return self.run(sql, **values) == 1

    def insert(self, sql: str, **values: Any) -> int:
        """The new row's id."""
        return self._connection.execute(sql, values).lastrowid or 0


class _Worker(aiosqlite.Connection):
    """aiosqlite's connection and thread, with the two things its public methods do not offer: running a whole function
    in one hop, and submitting one without waiting for it. The only place that leans on its inside (`_execute`, `_tx`),
    hence the exact pin in pyproject.toml and tests/storage/test_db.py."""

    async def perform(self, unit: Callable[[sqlite3.Connection], T]) -> T:
        result: T = await self._execute(unit, self._conn)  # type: ignore[no-untyped-call]  # aiosqlite's own
        return result

    def submit(self, unit: Callable[[sqlite3.Connection], None]) -> None:
        connection = self._conn
        self._tx.put_nowait((None, lambda: unit(connection)))


def _create(path: Path, busy: float) -> None:
    """Creates the file readable by its owner only: Telegram ids and groups are stored in the clear. Also fails here,
    before aiosqlite's thread exists and would have to be stopped."""
    if path.parent.is_dir() and not path.exists():
        path.touch(mode=0o600)
    connect(path, busy).close()


async def _started(path: Path, busy: float) -> _Worker:
    worker = _Worker(lambda: connect(path, busy), iter_chunk_size=64)
    await worker
    return worker


@dataclass(slots=True)
class _Waiting:
    unit: Unit[Any]
    future: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None

    def settle(self) -> None:
        if self.future.done():  # the caller was cancelled; what it asked for has still been done
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


@dataclass(slots=True, kw_only=True)
class Database:
    path: Path
    keys: Keyring
    _writer: _Worker
    _reader: _Worker
    _files: FilesInPlace
    _in_use: int | None  # None: closed
    _waiting: deque[_Waiting] = field(default_factory=deque)
    _writing: bool = False
    _log_holds_erased: bool = False

    @classmethod
    async def open(cls, path: Path, keys: Keyring, busy: float = BUSY_SECONDS) -> Self:
        """Opens or creates the file and brings it up to date. `busy`: seconds for which a lock of another process is
        waited for. Raises DatabaseError with one clear line."""
        try:
            held = in_use.share(path)
        except in_use.InUse:
            raise DatabaseError(f"the database {path} is being restored: wait until that is done") from None
        except OSError as error:
            raise DatabaseError(f"the database {path} can't be opened: {error.strerror}") from None
        try:
            return await cls._open(path, keys, busy, held)
        except BaseException:
            in_use.leave(held)
            raise

    @classmethod
    async def _open(cls, path: Path, keys: Keyring, busy: float, held: int) -> Self:
        try:
            _create(path, busy)
            writer = await _started(path, busy)
        except (sqlite3.Error, OSError) as error:
            raise DatabaseError(f"the database {path} can't be opened: {error}") from None
        try:
            await writer.perform(overwrite_free_space)
            await writer.perform(migrate)
            await writer.perform(lambda connection: _once(connection, keys))
            emptied = await writer.perform(empty_log)  # of what was erased just before a kill
            reader = await _started(path, busy)
            await reader.execute("PRAGMA query_only = ON")
            in_place = await writer.perform(lambda connection: FilesInPlace.at(path, connection))
        except (DatabaseError, sqlite3.Error) as error:
            await writer.close()
            raise DatabaseError(str(error)) from None
        return cls(
            path=path,
            keys=keys,
            _writer=writer,
            _reader=reader,
            _files=in_place,
            _in_use=held,
            _log_holds_erased=not emptied,
        )

    async def close(self) -> None:
        """Waits for what is being written, then closes."""
        with suppress(sqlite3.Error):  # whoever asked for the failing write has been told already
            while self._writing or self._waiting:
                await self.write(_nothing)
        await self._reader.close()
        await self.overwrite_erased()
        await self._writer.close()
        if self._in_use is not None:
            self._files.close()
            in_use.leave(self._in_use)
            self._in_use = None

    async def overwrite_erased(self) -> bool:
        """Empties the write-ahead log if it may still hold something erased; whether nothing is left in it. It is,
        while somebody reads a snapshot of before: then it must be called again."""
        if self._log_holds_erased:
            await self._writer.perform(self._empty_log)
        return not self._log_holds_erased

    def _empty_log(self, connection: sqlite3.Connection) -> None:
        self._log_holds_erased = not empty_log(connection)

    async def write(self, unit: Unit[T]) -> T:
        """Runs `unit` in a transaction and returns when it is durably committed. What it raises is raised here
        and nothing of it is kept; sqlite3.Error when the disk is full or another process holds the lock."""
        loop = asyncio.get_running_loop()
        while True:
            waiting = _Waiting(unit, loop.create_future())
            self._waiting.append(waiting)
            self._start_group(loop)
            try:
                result: T = await waiting.future
            except TakesTime as found:
                await asyncio.to_thread(found.work)
            else:
                return result

    async def read(self, unit: Unit[T]) -> T:
        """Runs `unit` on a snapshot, beside the writer."""

        def snapshot(connection: sqlite3.Connection) -> T:
            connection.execute("BEGIN")
            try:
                return unit(Tx(connection, self.keys))
            finally:
                connection.execute("ROLLBACK")

        while True:
            try:
                return await self._reader.perform(snapshot)
            except TakesTime as found:
                await asyncio.to_thread(found.work)

    def _start_group(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._writing or not self._waiting:
            return
        self._writing = True
        group = [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST_IN_A_GROUP))]

        def perform(connection: sqlite3.Connection) -> None:
            erased = False
            try:
                erased = commit_together(connection, self.keys, group)
                self._log_holds_erased = self._log_holds_erased or erased
                self._find_in_place(connection, group)
            finally:
                loop.call_soon_threadsafe(self._end_group, loop, group)
            if erased:  # nobody waits for this but who writes next
                self._empty_log(connection)

        self._writer.submit(perform)

    def _find_in_place(self, connection: sqlite3.Connection, group: list[_Waiting]) -> None:
        """What was committed to a file that is not where it was is told to nobody as stored."""
        try:
            self._files.require(connection)
        except FileGone as error:
            for waiting in group:
                waiting.error = waiting.error or error

    async def require_in_place(self) -> None:
        """Raises FileGone where the files of the database or of the key store were removed, replaced or copied over."""
        await self._writer.perform(self._files.require)
        await asyncio.to_thread(self.keys.people.require_in_place)

    def _end_group(self, loop: asyncio.AbstractEventLoop, group: list[_Waiting]) -> None:
        self._writing = False
        self._start_group(loop)  # the disk works on while the results are given out
        for waiting in group:
            waiting.settle()


def _nothing(_: Tx) -> None: ...


def fields_of(columns: str) -> tuple[str, ...]:
    """`people.id, runs.id AS run_id` → («id», «run_id»): the fields that rows of these columns fill."""
    return tuple(sys.intern(column.rpartition(" AS ")[2].strip().rpartition(".")[2]) for column in columns.split(","))


def named(fields: tuple[str, ...], row: sqlite3.Row) -> dict[str, Any]:
    """The row's first columns by the names of these fields: as `dict(row)`, in a third of the time, since SQLite makes
    the names anew for each row."""
    return dict(zip(fields, row, strict=False))


def commit_together(connection: sqlite3.Connection, keys: Keyring, group: list[_Waiting]) -> bool:
    """Every unit in a savepoint of its own, one commit for all; whether something was erased. A unit that raises takes
    only itself back; a transaction that can't begin or commit takes all of them back, and each is told."""
    tx = Tx(connection, keys)
    try:
        connection.execute("BEGIN IMMEDIATE")
        for waiting in group:
            connection.execute("SAVEPOINT unit")
            try:
                waiting.result = waiting.unit(tx)
            except BaseException as error:  # given to the caller, who decides; nothing is swallowed here
                waiting.error = error
                if not connection.in_transaction:  # SQLite itself rolled everything back: the disk is full
                    raise
                connection.execute("ROLLBACK TO unit")
            connection.execute("RELEASE unit")
        connection.execute("COMMIT")
    except BaseException as error:  # given to every caller whose work it undid
        for waiting in group:
            waiting.error = waiting.error or error
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        return False
    return tx.erased


def empty_log(connection: sqlite3.Connection) -> bool:
    """Moves the write-ahead log into the database and cuts it to nothing, without waiting for anybody; False where
    somebody is reading from it, or the disk refuses."""
    [busy] = connection.execute("PRAGMA busy_timeout").fetchone()
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        return not connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    except sqlite3.OperationalError:  # as being busy: it is tried again
        return False
    finally:
        connection.execute(f"PRAGMA busy_timeout = {busy}")


def overwrite_free_space(connection: sqlite3.Connection) -> None:
    """Once for a database of an older Besyv, which freed space without overwriting it. Noted in the file's header."""
    if connection.execute("PRAGMA application_id").fetchone()[0] == _OVERWRITTEN:
        return
    connection.execute("PRAGMA temp_store = DEFAULT")  # the copy that is made on the way does not fit in memory
    connection.execute("VACUUM")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute(f"PRAGMA application_id = {_OVERWRITTEN}")


def connect(path: Path, busy: float = BUSY_SECONDS) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=busy)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten, in pages that become free too
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("PRAGMA journal_size_limit = 67108864")
    return connection


def migrations() -> list[tuple[int, str]]:
    folder = files("storage") / "migrations"
    scripts = [(int(script.name[:4]), script) for script in folder.iterdir() if script.name.endswith(".sql")]
    return [(number, script.read_text(encoding="utf-8")) for number, script in sorted(scripts)]


def migrate(connection: sqlite3.Connection) -> None:
    """Applies what is missing, in one transaction. Refuses a database from a newer Besyv.

    The version is read under the write lock: of two processes that start at once, the second finds nothing to do.
    A table that is rebuilt is dropped, which must not take with it what refers to it: foreign keys rest meanwhile and
    are checked at the end.
    """
    known = migrations()
    newest = known[-1][0]
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("BEGIN IMMEDIATE")
    try:
        current = connection.execute("PRAGMA user_version").fetchone()[0]
        if current > newest:
            raise DatabaseError(f"the database is of version {current}; this Besyv knows {newest}. Use a newer Besyv")
        for number, script in known:
            if number > current:
                for statement in statements(script):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {number}")
        if current < newest and (broken := connection.execute("PRAGMA foreign_key_check").fetchone()):
            raise DatabaseError(f"the database can't be brought up: {broken[0]} refers to what is not in {broken[2]}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    finally:
        connection.execute("PRAGMA foreign_keys = ON")


def _once(connection: sqlite3.Connection, keys: Keyring) -> None:
    """What a migration left to be worked out with the keys."""
    for table, work_out in carrying_over.ONCE:
        if connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() is not None:
            _in_one(connection, partial(work_out, connection, keys))


def _in_one(connection: sqlite3.Connection, work: Callable[[], object]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        work()
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def is_current(tx: Tx) -> bool:
    """Whether every migration that this Besyv knows is in the database."""
    row = tx.one("PRAGMA user_version")
    return row is not None and row[0] == migrations()[-1][0]


def statements(script: str) -> Iterator[str]:
    """The script's statements one by one, each ending its line with a semicolon; executescript() would commit first."""
    held = ""
    for line in script.splitlines(keepends=True):
        held += line
        if sqlite3.complete_statement(held):
            yield held
            held = ""

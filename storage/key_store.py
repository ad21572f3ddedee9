"""The key store: a key per person, and per hearing response, in a small file of its own, apart from the data and never
part of its backup (docs/decisions/0036). Erasing somebody overwrites their key here and leaves its number as erased:
then no copy of the data opens what was theirs.

A key is on disk here before anything is sealed with it, and no row is ever deleted: a key that is not here is missing,
which is another thing than erased. Keys are wrapped with the key file's (storage.encryption.Keyring).
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.disk import sync, sync_folder
from storage.encryption_errors import EncryptionError, KeyErased, KeyMissing, KeyStoreError
from storage.files_in_place import FilesInPlace

NAME: Final = "besyv.people.db"  # beside the key file, where no setting says otherwise
ID, KEY = 8, 32  # bytes
STOCK = 32  # keys made at a time, so that hardly anybody waits for this file
KEPT_OPEN = 4096  # keys kept unwrapped
READ_AHEAD = 256  # wrapped keys read at a time: those of people who came one after the other lie side by side
BUSY_SECONDS = 5.0
_APPLICATION = int.from_bytes(b"Bsyk")
_TABLE = """CREATE TABLE IF NOT EXISTS keys (
    number      INTEGER PRIMARY KEY,
    id          BLOB    NOT NULL UNIQUE,  -- drawn; what a value sealed with it names
    wrapped     BLOB,                     -- NULL: erased
    erased_at   INTEGER
) STRICT"""
Wrap = Callable[[bytes, bytes], bytes]  # (key id, key or wrapped key) → the other


@dataclass(frozen=True, slots=True)
class StoredKeys:
    """The ids in a key store; of those that are erased, when that was."""

    live: frozenset[bytes]
    erased: Mapping[bytes, int]

    def __contains__(self, key_id: bytes) -> bool:
        return key_id in self.live or key_id in self.erased


class KeyStore:
    """One file, used by several threads and processes. `copy`: where its copy lies, in another place."""

    def __init__(self, path: Path, wrap: Wrap, unwrap: Wrap, copy: Path | None = None) -> None:
        self.path = path
        self.copy = copy
        self._wrap = wrap
        self._unwrap = unwrap
        self._lock = threading.RLock()
        self._copying = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._files: FilesInPlace | None = None
        self._process = 0  # whose connection it is: none survives a fork
        self._open: dict[bytes, AESGCM] = {}
        self._ahead: dict[bytes, bytes] = {}  # id → wrapped
        self._stock: list[bytes] = []
        self.missing = 0  # keys that the database names and that are not here, when last compared (storage.key_watch)

    def exists(self) -> bool:
        """Also while it is open, and was removed: then using it raises FileGone."""
        return self._connection is not None or (self.path.exists() and self.path.stat().st_size > 0)

    # --- keys ---------------------------------------------------------------------------------------------

    def key(self, key_id: bytes) -> AESGCM:
        """Raises KeyMissing, KeyErased; sqlite3.Error where the file can't be read."""
        found = self._open.get(key_id)
        return found if found is not None else self._unwrapped(key_id)

    def new(self) -> bytes:
        """The id of a key nobody has yet, on disk already. Raises sqlite3.Error where the file can't be written."""
        with self._lock:
            if not self._stock:
                self._stock = self._made(STOCK)
            return self._stock.pop()

    def _unwrapped(self, key_id: bytes) -> AESGCM:
        with self._lock:
            wrapped = self._ahead.pop(key_id, None) or self._read(key_id)
            key = AESGCM(self._unwrap(key_id, wrapped))
            if len(self._open) >= KEPT_OPEN:
                self._open.clear()  # to find the oldest costs more than to open those in use again
            self._open[key_id] = key
            return key

    def _read(self, key_id: bytes) -> bytes:
        if not self.exists():
            raise KeyMissing(f"the key store {self.path.name} is not there")
        connection = self._connected()
        row = connection.execute("SELECT number, wrapped FROM keys WHERE id = ?", (key_id,)).fetchone()
        if row is None:
            raise KeyMissing(f"a person's key is not in {self.path.name}")
        number, wrapped = row
        if wrapped is None:
            raise KeyErased(f"a person's key was erased from {self.path.name}")
        self._ahead = dict(
            connection.execute(
                "SELECT id, wrapped FROM keys WHERE number > ? AND number <= ? AND wrapped IS NOT NULL",
                (number, number + READ_AHEAD),
            )
        )
        return bytes(wrapped)

    def _made(self, number: int) -> list[bytes]:
        made = [(os.urandom(ID), AESGCM.generate_key(8 * KEY)) for _ in range(number)]
        with self._writing() as connection:
            connection.executemany(
                "INSERT INTO keys (id, wrapped) VALUES (?, ?)", [(each, self._wrap(each, key)) for each, key in made]
            )
        return [key_id for key_id, _ in reversed(made)]  # the first one made is taken first

    # --- erased -------------------------------------------------------------------------------------------

    def erase(self, key_ids: Iterable[bytes], now: int) -> None:
        """Overwrites them, in the log too. Raises KeyStoreError where somebody reads a state of before just now: it
        must be called again; sqlite3.Error where the file can't be written."""
        gone = list(key_ids)
        with self._lock:
            for each in gone:
                self._open.pop(each, None)
            self._ahead.clear()
            self._stock = [each for each in self._stock if each not in gone]
            with self._writing() as connection:
                connection.executemany(
                    """INSERT INTO keys (id, erased_at) VALUES (:id, :now)
                       ON CONFLICT (id) DO UPDATE SET wrapped = NULL, erased_at = coalesce(erased_at, :now)""",
                    [{"id": each, "now": now} for each in gone],
                )
            if self._connected().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                raise KeyStoreError(f"{self.path.name} is being read")

    def require_in_place(self) -> None:
        """Raises FileGone where the file was removed or replaced while it was open."""
        with self._lock:
            if self._files is not None:
                self._files.require()

    def ids(self) -> StoredKeys:
        with self._lock:
            return _ids(self._connected()) if self.exists() else StoredKeys(frozenset(), {})

    # --- another key of the key file ----------------------------------------------------------------------

    def rewrap(self, head: bytes) -> dict[int, str]:
        """Wraps every key anew that is not wrapped with the key file's active key, which wrapped keys begin with.
        Returns the numbers of those that no key of the key file opens, and why; they are left as they are."""
        damaged: dict[int, str] = {}
        if not self.exists():
            return damaged
        with self._writing() as connection:
            old = "SELECT number, id, wrapped FROM keys WHERE substr(wrapped, 1, :size) <> :head"
            for number, key_id, wrapped in connection.execute(old, {"size": len(head), "head": head}).fetchall():
                try:
                    new = self._wrap(key_id, self._unwrap(key_id, wrapped))
                except EncryptionError as error:
                    damaged[number] = str(error)
                else:
                    connection.execute("UPDATE keys SET wrapped = ? WHERE number = ?", (new, number))
        with self._lock:
            self._ahead.clear()
            self._connected().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return damaged

    # --- the copy -----------------------------------------------------------------------------------------

    def renew_copy(self) -> bool:
        """Makes the copy equal to the key store; False where none is set up. To be called after every backup of the
        data, so that no backup is newer than its keys; after every erasure it is done anyway.

        The new copy is written beside the old one (mode 600), synced and renamed over it; the old one's bytes are
        overwritten then: only the newest is kept. Stopped at any point, either the old copy or the new one is whole.
        What the copy knows as erased is erased here first. Raises KeyStoreError where the copy can't be written, is no
        key store, or holds keys that are not here: then this store is the older one, and nothing is overwritten.
        """
        if self.copy is None or not self.exists():
            return False
        with self._lock:
            self._connected()  # it is a key store, and in its place
        with self._copying:
            try:
                while erased := self._renewed_unless_behind(self.copy):
                    self.erase(erased, max(erased.values()))
            except (OSError, sqlite3.Error) as error:
                raise KeyStoreError(f"the copy {self.copy} can't be written: {error}") from None
        return True

    def _renewed_unless_behind(self, copy: Path) -> dict[bytes, int]:
        """What the copy knows as erased and this store does not, and when that was; nothing else is done then."""
        with _alone(self.path) as connection:
            theirs, ours = _ids_of_copy(copy), _ids(connection)
            if unknown := sum(key_id not in ours for key_id in (*theirs.live, *theirs.erased)):
                raise KeyStoreError(
                    f"the copy {copy} holds {unknown} keys that are not in {self.path.name}, and is left as it is: the "
                    "key store is an older one. Put the copy in its place"
                )
            erased = {key_id: at for key_id, at in theirs.erased.items() if key_id not in ours.erased}
            if not erased:
                _replace(self.path, copy)
        return erased

    def copy_is_behind(self) -> bool:
        """Whether there is to be a copy, and it is not equal."""
        if self.copy is None or not self.exists():
            return False
        with _alone(self.path) as connection, _copy(self.copy) as other:
            return other is None or bool(other.execute(_STATE).fetchone() != connection.execute(_STATE).fetchone())

    # --- the file -----------------------------------------------------------------------------------------

    def close(self) -> None:
        with self._lock:
            if self._connection is not None and self._process == os.getpid():
                self._connection.close()
            self._connection = self._files = None

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            connection = self._connected()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def _connected(self) -> sqlite3.Connection:
        """Makes the file where there is none. Raises KeyStoreError where it is something else, FileGone where it was
        removed or replaced while it was open."""
        if self._connection is None or self._files is None or self._process != os.getpid():
            if not self.path.exists():
                self.path.touch(mode=0o600)
                sync_folder(self.path.parent)
            self._connection, self._process = _connected(self.path), os.getpid()
            self._files = FilesInPlace.at(self.path)
        self._files.require()
        return self._connection


_STATE = "SELECT count(*), count(wrapped), max(number) FROM keys"


def _connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=BUSY_SECONDS)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("BEGIN IMMEDIATE")
        if not connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
            connection.execute(_TABLE)
            connection.execute(f"PRAGMA application_id = {_APPLICATION}")
        elif connection.execute("PRAGMA application_id").fetchone()[0] != _APPLICATION:
            raise KeyStoreError(f"{path} is no key store")
        connection.execute("COMMIT")
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def _copy(path: Path) -> Iterator[sqlite3.Connection | None]:
    """To read; None where there is none yet. Raises KeyStoreError where it is something else."""
    if not path.exists() or path.stat().st_size == 0:
        yield None
        return
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)) as connection:
        try:
            known = connection.execute("PRAGMA application_id").fetchone()[0] == _APPLICATION
        except sqlite3.DatabaseError:
            known = False
        if not known:
            raise KeyStoreError(f"{path} is no copy of a key store, and is left as it is")
        yield connection


def _ids(connection: sqlite3.Connection) -> StoredKeys:
    rows = connection.execute("SELECT id, erased_at FROM keys").fetchall()
    return StoredKeys(
        frozenset(key_id for key_id, at in rows if at is None),
        {key_id: at for key_id, at in rows if at is not None},
    )


def _ids_of_copy(copy: Path) -> StoredKeys:
    with _copy(copy) as other:
        return StoredKeys(frozenset(), {}) if other is None else _ids(other)


def _replace(path: Path, copy: Path) -> None:
    """By who is alone with it: what lies half done beside the copy is nobody's."""
    for left in copy.parent.glob(f"{copy.name}.*.new"):  # by somebody who was stopped
        _overwrite(os.open(left, os.O_WRONLY))
        left.unlink()
    new = copy.with_name(f"{copy.name}.{os.getpid()}.new")
    os.close(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with closing(_opened(path)) as connection:
        connection.execute("VACUUM INTO ?", (str(new),))
    sync(new)
    before = os.open(copy, os.O_WRONLY) if copy.exists() else None
    try:
        new.replace(copy)
        sync_folder(copy.parent)
    except BaseException:
        if before is not None:
            os.close(before)
        raise
    if before is not None:
        _overwrite(before)


@contextmanager
def _alone(path: Path) -> Iterator[sqlite3.Connection]:
    """Holds the key store's write lock, which ends with the process. A backup at the command line renews the copy while
    the bot erases somebody: neither may put an older copy over the other's, or take what the other writes for a ruin.
    Nobody waits for a lock of this process meanwhile: who has that may wait for this one."""
    with closing(_opened(path)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield connection


def _opened(path: Path) -> sqlite3.Connection:
    """A file that is there; none is made."""
    uri = f"{path.resolve().as_uri()}?mode=rw"
    return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=BUSY_SECONDS)


def _overwrite(descriptor: int) -> None:
    """What the disk holds of the file there; closes it."""
    with os.fdopen(descriptor, "wb") as file:
        file.write(bytes(os.fstat(descriptor).st_size))
        file.flush()
        os.fsync(descriptor)

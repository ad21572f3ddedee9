"""Encryption of what must not lie in the clear: AES-256-GCM, with the key's id in each value so that keys can change.

A sealed value is: version (1 byte) · key id · nonce (12) · ciphertext and tag, which authenticates the place too. Of
version 3 the key is a person's or a response's own (8 bytes of id, storage.key_store), which is overwritten when they
are erased; of version 2 it is one of the key file (4), for what is about nobody. Version 1, of an older Besyv, is as
version 2 and authenticates no place; it is opened, and never made any more. The key file is text, a line per key
(`<id> <key>`, both hex); the first line seals, and wraps the keys of the key store; every line opens. Telegram's terms
for bot developers, § 4.4(a), ask for encryption at rest with the key kept apart from the data.
"""

from __future__ import annotations

import hmac
import logging
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, NewType

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage import key_store
from storage.disk import sync_folder
from storage.encryption_errors import EncryptionError, KeyStoreError, KeyUnavailable
from storage.key_store import KeyStore

log = logging.getLogger(__name__)
UNREADABLE: Final = "\ufffd"  # stands where something stands that can't be read
PERSONAL: Final = b"\x03"
_VERSION, _PLACELESS = b"\x02", b"\x01"
_ID, _NONCE, _KEY = 4, 12, 32  # bytes
_HEAD = 1 + _ID
_START = _HEAD + _NONCE
_PERSONAL_HEAD = 1 + key_store.ID
_PERSONAL_START = _PERSONAL_HEAD + _NONCE
_DAMAGED = "a stored value has been damaged, tampered with or moved"
SealedPlace = NewType("SealedPlace", bytes)  # where a value stands; made by storage.sealed_columns alone
NOTICED = 1.0  # seconds until encrypting knows that another process has changed the key file


class Keyring:
    """The keys of one key file. Encrypts with the first, opens with all.

    Another process may change the file while this one runs (`besyv rekey`). Encrypting notices within NOTICED seconds,
    opening as soon as it meets a key that is new to it. Keys that have left the file still open until the restart,
    for the sake of snapshots that are being read; a file that can't be read just now changes nothing for encrypting.
    """

    def __init__(
        self,
        path: Path,
        clock: Callable[[], float] = time.monotonic,
        *,
        store: Path | None = None,
        store_copy: Path | None = None,
    ) -> None:
        """`store`: the key store; beside the key file where left out."""
        self._path = path
        self.people = KeyStore(store or path.with_name(key_store.NAME), self._wrapped, self._unwrapped, store_copy)
        self._clock = clock
        self._keys: dict[bytes, AESGCM] = {}  # by what a value encrypted with it begins with: version and key id
        self._head = b""
        self._first = b""
        self._stamp: tuple[int, int, int] | None = None
        self._look_at = 0.0
        self._load()

    @classmethod
    def open_or_create(cls, path: Path, *, store: Path | None = None, store_copy: Path | None = None) -> Keyring:
        """Creates the file with mode 600 and one new key where there is none."""
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            _put_first(path)
        return cls(path, store=store, store_copy=store_copy)

    @property
    def path(self) -> Path:
        return self._path

    @property
    def active(self) -> bytes:
        """The id (4 bytes) of the key that encrypts."""
        return self._head[1:]

    @property
    def head(self) -> bytes:
        """What everything encrypted with the active key begins with (5 bytes)."""
        return self._head

    @property
    def count(self) -> int:
        """How many keys the file holds now."""
        return len(self._lines())

    def derived(self, purpose: str) -> bytes:
        """A key of its own for the purpose (32 bytes), from the key that encrypts: another after a rotation."""
        return hmac.digest(self._first, purpose.encode(), "sha256")

    def seal(self, place: SealedPlace, text: str) -> bytes:
        """What is about nobody: with the key file's key."""
        return self._sealed(place, text.encode())

    def seal_for(self, key_id: bytes | None, place: SealedPlace, text: str) -> bytes:
        """With the key of the person or the response it is about (storage.person_keys); None: nobody we know. Raises
        KeyMissing, KeyErased."""
        if key_id is None:
            return self._sealed(place, text.encode())
        nonce = os.urandom(_NONCE)
        return PERSONAL + key_id + nonce + self.people.key(key_id).encrypt(nonce, text.encode(), place)

    def open(self, place: SealedPlace, encrypted: bytes) -> str:
        """Raises EncryptionError where no key opens it, or it was tampered with, or sealed for another place; of them
        KeyMissing and KeyErased where its person's or response's key is not there any more."""
        try:
            if encrypted[:1] == PERSONAL:
                return (
                    self.people.key(encrypted[1:_PERSONAL_HEAD])
                    .decrypt(encrypted[_PERSONAL_HEAD:_PERSONAL_START], encrypted[_PERSONAL_START:], place)
                    .decode()
                )
            return self._opened(place, encrypted).decode()
        except (InvalidTag, ValueError):  # ValueError: cut off before its nonce ends, or no text
            raise EncryptionError(_DAMAGED) from None

    def open_or_mark(self, place: SealedPlace, encrypted: bytes, *, waits: bool = False) -> str:
        """UNREADABLE where it can't be opened, for lists in which nobody's damaged value or lost key may hide the
        others. With `waits` only where it is damaged: a key that is not there is waited for, as what it opens is whole.
        Raises KeyMissing and KeyErased then."""
        try:
            return self.open(place, encrypted)
        except EncryptionError as error:
            if waits and isinstance(error, KeyUnavailable):
                raise
            log.error("sealed fault=%s", type(error).__name__)
            return UNREADABLE

    def _sealed(self, place: bytes, content: bytes) -> bytes:
        if self._clock() >= self._look_at:
            self._notice()
        head, nonce = self._head, os.urandom(_NONCE)
        return head + nonce + self._keys[head].encrypt(nonce, content, place)

    def _opened(self, place: bytes, encrypted: bytes) -> bytes:
        key = self._keys.get(encrypted[:_HEAD]) or self._newly_added(encrypted[:_HEAD])
        return key.decrypt(encrypted[_HEAD:_START], encrypted[_START:], place if encrypted[0] == _VERSION[0] else None)

    # Of the key store: a key is tied to its id as a value to its place.

    def _wrapped(self, key_id: bytes, key: bytes) -> bytes:
        return self._sealed(_place_of_key(key_id), key)

    def _unwrapped(self, key_id: bytes, wrapped: bytes) -> bytes:
        try:
            key = self._keys.get(wrapped[:_HEAD]) or self._newly_added(wrapped[:_HEAD])
            return key.decrypt(wrapped[_HEAD:_START], wrapped[_START:], _place_of_key(key_id))
        except (InvalidTag, ValueError):  # or too short to hold anything
            raise EncryptionError("a person's key has been damaged, tampered with or moved") from None
        except EncryptionError as error:
            raise KeyStoreError(f"a person's key was wrapped with a key that is not in {self._path.name}") from error

    def _newly_added(self, head: bytes) -> AESGCM:
        self._load()
        key = self._keys.get(head)
        if key is None:
            raise EncryptionError(f"a stored value was encrypted with a key that is not in {self._path.name}")
        return key

    def _notice(self) -> None:
        """Reads the file again if it is another than before."""
        self._look_at = self._clock() + NOTICED
        with suppress(EncryptionError, OSError):
            if _stamp(self._path) != self._stamp:
                self._load()

    def add(self) -> None:
        """Puts a new key first. The old ones stay until `retire`."""
        self._rewrite([_new_line(), *self._lines()])

    def retire(self) -> None:
        """Drops every key but the one that encrypts. Only when nothing is encrypted with the others any more.

        Raises EncryptionError where another key has become the first one in the file.
        """
        lines = self._lines()
        if bytes.fromhex(lines[0].split()[0]) != self.active:
            raise EncryptionError(f"{self._path.name} was changed by something else: nothing was dropped from it")
        self._rewrite(lines[:1])

    def refresh(self) -> None:
        """Reads the file again. Raises EncryptionError where it can't be."""
        self._load()

    def _lines(self) -> list[str]:
        return [line for line in self._path.read_text(encoding="ascii").splitlines() if line.strip()]

    def _rewrite(self, lines: list[str]) -> None:
        beside = self._path.with_name(self._path.name + ".new")
        beside.unlink(missing_ok=True)
        _write_new(beside, lines)
        beside.replace(self._path)
        sync_folder(self._path.parent)
        self._keys = {}
        self._load()

    def _load(self) -> None:
        try:
            stamp = _stamp(self._path)
            pairs = [line.split() for line in self._lines()]
            keys = {bytes.fromhex(key_id): AESGCM(bytes.fromhex(key)) for key_id, key in pairs}
        except (OSError, ValueError, UnicodeDecodeError):
            raise EncryptionError(f"the key file {self._path.name} can't be read or is no key file") from None
        if not keys or any(len(key_id) != _ID for key_id in keys) or any(len(key) != 2 * _KEY for _, key in pairs):
            raise EncryptionError(f"the key file {self._path.name} holds no key")
        for version in (_VERSION, _PLACELESS):
            self._keys |= {version + key_id: key for key_id, key in keys.items()}
        self._head, self._stamp = _VERSION + next(iter(keys)), stamp
        self._first = bytes.fromhex(pairs[0][1])


def _stamp(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_ino, found.st_mtime_ns, found.st_size


def _place_of_key(key_id: bytes) -> bytes:
    return b"keys\x1f" + key_id


def _new_line() -> str:
    return f"{os.urandom(_ID).hex()} {AESGCM.generate_key(8 * _KEY).hex()}"


def _put_first(path: Path) -> None:
    """Whole or not at all, whatever happens on the way; where another process was a moment earlier, its file stays."""
    beside = path.with_name(f"{path.name}.{os.getpid()}.new")
    beside.unlink(missing_ok=True)
    _write_new(beside, [_new_line()])
    with suppress(FileExistsError):
        os.link(beside, path)
    beside.unlink()
    sync_folder(path.parent)


def _write_new(path: Path, lines: list[str]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        os.fsync(file.fileno())

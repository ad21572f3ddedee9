"""Sealing of what must not lie in the clear: AES-256-GCM, with the key's id in each value so that keys can change.

A sealed value is: version (1 byte) · key id (4) · nonce (12) · ciphertext and tag. The key file is text, a line
per key (`<id> <key>`, both hex); the first line seals, every line opens. Telegram's terms for bot developers,
§ 4.4(a), ask for encryption at rest with the key kept apart from the data.
"""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_VERSION = b"\x01"
_ID, _NONCE = 4, 12
_START = 1 + _ID + _NONCE


class SealError(Exception):
    """The key file can't be used, or a value can't be opened with any key in it. One line, for the operator."""


class Keyring:
    """The keys of one key file. Seals with the first, opens with all; reads the file again when a key is new to it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._keys: dict[bytes, AESGCM] = {}
        self._active = b""
        self._load()

    @classmethod
    def open_or_create(cls, path: Path) -> Keyring:
        """Creates the file with mode 600 and one new key where there is none."""
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_new(path, [_new_line()])
        return cls(path)

    @property
    def path(self) -> Path:
        return self._path

    @property
    def active(self) -> bytes:
        """The id (4 bytes) of the key that seals."""
        return self._active

    def seal(self, text: str) -> bytes:
        nonce = os.urandom(_NONCE)
        return _VERSION + self._active + nonce + self._keys[self._active].encrypt(nonce, text.encode(), None)

    def unseal(self, sealed: bytes) -> str:
        """Raises SealError where no key opens it or it was tampered with."""
        key = self._keys.get(sealed[1 : 1 + _ID])
        if key is None:
            self._load()  # another process may have added a key: `besyv rekey` while the bot runs
            key = self._keys.get(sealed[1 : 1 + _ID])
        if key is None or sealed[:1] != _VERSION:
            raise SealError(f"a stored value was sealed with a key that is not in {self._path.name}")
        try:
            return key.decrypt(sealed[1 + _ID : _START], sealed[_START:], None).decode()
        except InvalidTag:
            raise SealError("a stored value has been damaged or tampered with") from None

    def add(self) -> None:
        """Puts a new key first. The old ones stay until `retire`."""
        self._rewrite([_new_line(), *self._lines()])

    def retire(self) -> None:
        """Drops every key but the one that seals. Only when nothing is sealed with the others any more."""
        self._rewrite(self._lines()[:1])

    def _lines(self) -> list[str]:
        return [line for line in self._path.read_text(encoding="ascii").splitlines() if line.strip()]

    def _rewrite(self, lines: list[str]) -> None:
        beside = self._path.with_name(self._path.name + ".new")
        beside.unlink(missing_ok=True)
        _write_new(beside, lines)
        beside.replace(self._path)
        self._load()

    def _load(self) -> None:
        try:
            pairs = [line.split() for line in self._lines()]
            keys = {bytes.fromhex(key_id): AESGCM(bytes.fromhex(key)) for key_id, key in pairs}
        except (OSError, ValueError, UnicodeDecodeError):
            raise SealError(f"the key file {self._path.name} can't be read or is no key file") from None
        if not keys or any(len(key_id) != _ID for key_id in keys):
            raise SealError(f"the key file {self._path.name} holds no key")
        self._keys, self._active = keys, bytes.fromhex(pairs[0][0])


def _new_line() -> str:
    return f"{os.urandom(_ID).hex()} {AESGCM.generate_key(256).hex()}"


def _write_new(path: Path, lines: list[str]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        os.fsync(file.fileno())

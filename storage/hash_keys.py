"""Keys for hashes that are no use without the key file: drawn once, stored encrypted, never shown. They outlive a
rotation of the key file's keys."""

from __future__ import annotations

import secrets

from storage.db import Tx
from storage.sealed_columns import HASH_KEY


def of(tx: Tx, name: str) -> bytes:
    """The key of the name, drawn where there is none yet."""
    row = tx.one("SELECT content FROM hash_keys WHERE name = :name", name=name)
    if row is not None:
        return bytes.fromhex(tx.keys.open(HASH_KEY.at(name), row["content"]))
    drawn = secrets.token_hex(32)
    tx.run(
        "INSERT INTO hash_keys (name, content) VALUES (:name, :content)",
        name=name,
        content=tx.keys.seal(HASH_KEY.at(name), drawn),
    )
    return bytes.fromhex(drawn)

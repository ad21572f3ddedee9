"""Heartbeats: when something that goes on and on was done last."""

from __future__ import annotations

from typing import Final

from storage.db import Tx

FETCHED: Final = "fetched"  # updates of Telegram
LOOKED: Final = "looked"  # for messages that are late


def beat(tx: Tx, name: str, at: int) -> None:
    tx.run(
        "INSERT INTO heartbeats (name, at) VALUES (:name, :at) ON CONFLICT (name) DO UPDATE SET at = excluded.at",
        name=name,
        at=at,
    )


def last(tx: Tx, name: str) -> int | None:
    return tx.number("SELECT at FROM heartbeats WHERE name = :name", name=name)

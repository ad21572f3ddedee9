"""Heartbeats: when something that goes on and on was done last."""

from __future__ import annotations

from typing import Final

from storage.db import Tx

FETCHED: Final = "fetched"  # updates of Telegram
LOOKED: Final = "looked"  # for messages that are late
WRITTEN: Final = "written"  # a try whether anything can be stored
CLOCK: Final = "clock"  # the last moment that is beyond doubt
CLOCK_DOUBTED: Final = "clock-doubted"  # since when it is in doubt
CLOCK_SEEN: Final = "clock-seen"  # and what it said last
COPIED: Final = "copied"  # of a backup: its own moment
BACKED_UP: Final = "backed-up"  # the database
BACKUP_LATE: Final = "backup-late"  # since when one was due that has not been made
DRILLED: Final = "drilled"  # a backup was restored beside, for practice
RESTORED: Final = "restored"  # the database, from a backup


def beat(tx: Tx, name: str, at: int) -> None:
    tx.run(
        "INSERT INTO heartbeats (name, at) VALUES (:name, :at) ON CONFLICT (name) DO UPDATE SET at = excluded.at",
        name=name,
        at=at,
    )


def last(tx: Tx, name: str) -> int | None:
    return tx.number("SELECT at FROM heartbeats WHERE name = :name", name=name)


def every(tx: Tx) -> dict[str, int]:
    """The last of each, by its name."""
    return {row["name"]: row["at"] for row in tx.all("SELECT name, at FROM heartbeats")}


def stop(tx: Tx, name: str) -> None:
    tx.run("DELETE FROM heartbeats WHERE name = :name", name=name)

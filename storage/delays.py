"""Delays: times in which something that was due did not go out."""

from __future__ import annotations

from dataclasses import dataclass

from storage.db import Tx


@dataclass(frozen=True, slots=True)
class Delay:
    id: int
    since: int
    noticed_at: int
    over_at: int | None


_DELAY = "SELECT id, since, noticed_at, over_at FROM delays"


def lasting(tx: Tx, process_id: int) -> Delay | None:
    row = tx.one(f"{_DELAY} WHERE process_id = :process AND over_at IS NULL", process=process_id)
    return Delay(*row) if row else None


def by_id(tx: Tx, process_id: int, delay_id: int) -> Delay | None:
    row = tx.one(f"{_DELAY} WHERE process_id = :process AND id = :id", process=process_id, id=delay_id)
    return Delay(*row) if row else None


def begin(tx: Tx, process_id: int, since: int, now: int) -> int:
    return tx.insert(
        "INSERT INTO delays (process_id, since, noticed_at) VALUES (:process, :since, :now)",
        process=process_id,
        since=since,
        now=now,
    )


def end(tx: Tx, delay_id: int, now: int) -> None:
    tx.run("UPDATE delays SET over_at = :now WHERE id = :id", id=delay_id, now=now)


def sent_after(tx: Tx, process_id: int, delay: Delay) -> int:
    """How many messages that were due when it was noticed have gone out since."""
    return _counted(tx, process_id, delay, "state = 'sent' AND due_at <= :noticed")


def expired_in(tx: Tx, process_id: int, delay: Delay) -> int:
    """How many messages came too late in it."""
    return _counted(tx, process_id, delay, "state = 'expired' AND (:over IS NULL OR done_at <= :over)")


def _counted(tx: Tx, process_id: int, delay: Delay, which: str) -> int:
    return tx.count(
        f"""SELECT count(*) AS messages FROM outbox JOIN people ON people.id = person_id
            WHERE process_id = :process AND state <> 'due' AND rank = 0 AND kind <> 'late' AND done_at >= :noticed
              AND {which}""",
        process=process_id,
        noticed=delay.noticed_at,
        over=delay.over_at,
    )


def prune(tx: Tx, before: int) -> None:
    """Those that were over before then."""
    tx.run("DELETE FROM delays WHERE over_at < :before", before=before)

"""Messages we owe: a row each, unique by `once`, claimed with a lease, settled when it is out or not wanted."""

from __future__ import annotations

from dataclasses import dataclass

from storage.db import Tx

LEASE = 120  # seconds in which whoever claimed a message must have settled it


@dataclass(frozen=True, slots=True)
class Owed:
    id: int
    person_id: int
    kind: str
    about: str
    due_at: int
    attempts: int


@dataclass(frozen=True, slots=True)
class NewOwed:
    once: str
    person_id: int
    kind: str
    about: str
    due_at: int
    expires_at: int


def owe(tx: Tx, new: NewOwed) -> bool:
    """False where it is owed, or was sent, already."""
    return tx.run(
        """INSERT INTO outbox (once, person_id, kind, about, due_at, expires_at)
           VALUES (:once, :person, :kind, :about, :due, :expires) ON CONFLICT (once) DO NOTHING""",
        once=new.once, person=new.person_id, kind=new.kind, about=new.about, due=new.due_at, expires=new.expires_at,
    ) == 1  # fmt: skip


def announce(tx: Tx, process_id: int, flow: str, audience: str, at: int) -> bool:
    """False where this opening was announced before."""
    return tx.run(
        "INSERT INTO announced VALUES (:process, :flow, :audience, :at) ON CONFLICT DO NOTHING",
        process=process_id, flow=flow, audience=audience, at=at,
    ) == 1  # fmt: skip


def owe_opening(
    tx: Tx, process_id: int, flow: str, audience: str, at: int, *, due_at: int, expires_at: int, channel: str
) -> int:
    """A message to everyone of the group who has sent something before, wants messages, is reached on the channel, and
    has not begun this flow; to nobody twice. How many."""
    return tx.run(
        """INSERT INTO outbox (once, person_id, kind, about, due_at, expires_at)
           SELECT 'opened:' || :flow || ':' || :at || ':' || people.id, people.id, 'step-opened', :flow, :due, :expires
           FROM people
           WHERE process_id = :process AND stakeholder = :audience AND reminders = 1 AND stopped_at IS NULL
             AND notice_version IS NOT NULL AND source IS NULL
             AND EXISTS (SELECT 1 FROM addresses WHERE person_id = people.id AND channel = :channel AND unreachable = 0)
             AND EXISTS (SELECT 1 FROM runs WHERE person_id = people.id AND flow <> 'start' AND sent_at IS NOT NULL)
             AND NOT EXISTS (SELECT 1 FROM runs WHERE person_id = people.id AND flow = :flow)
           ON CONFLICT (once) DO NOTHING""",
        process=process_id, flow=flow, audience=audience, at=at, due=due_at, expires=expires_at, channel=channel,
    )  # fmt: skip


def owed_to(tx: Tx, owed_id: int, person_id: int) -> Owed | None:
    row = tx.one(
        "SELECT id, person_id, kind, about, due_at, attempts FROM outbox WHERE id = :id AND person_id = :person",
        id=owed_id, person=person_id,
    )  # fmt: skip
    return Owed(*row) if row else None


def claim(tx: Tx, now: int, most: int) -> list[Owed]:
    """The oldest due messages that nobody else is sending, now ours for `LEASE` seconds."""
    return [
        Owed(*row)
        for row in tx.all(
            """UPDATE outbox SET leased_until = :until, attempts = attempts + 1
               WHERE id IN (SELECT id FROM outbox WHERE state = 'due' AND due_at <= :now AND leased_until <= :now
                            ORDER BY due_at, id LIMIT :most)
               RETURNING id, person_id, kind, about, due_at, attempts""",
            now=now, until=now + LEASE, most=most,
        )
    ]  # fmt: skip


def settle(tx: Tx, owed_id: int, state: str, now: int) -> None:
    """`state`: sent, unwanted, unreachable, expired or failed."""
    tx.run(
        "UPDATE outbox SET state = :state, done_at = :now WHERE id = :id AND state = 'due'",
        id=owed_id, state=state, now=now,
    )  # fmt: skip


def expire(tx: Tx, now: int) -> int:
    return tx.run(
        "UPDATE outbox SET state = 'expired', done_at = :now WHERE state = 'due' AND expires_at <= :now", now=now
    )


def counts(tx: Tx, process_id: int) -> dict[str, int]:
    rows = tx.all(
        """SELECT state, count(*) AS messages FROM outbox JOIN people ON people.id = person_id
           WHERE process_id = :process GROUP BY state""",
        process=process_id,
    )
    return {row["state"]: row["messages"] for row in rows}


def of_person(tx: Tx, person_id: int) -> list[tuple[str, str, int, str]]:
    """Kind, about, due at, state of every message to them."""
    rows = tx.all("SELECT kind, about, due_at, state FROM outbox WHERE person_id = :id ORDER BY id", id=person_id)
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def prune(tx: Tx, before: int) -> None:
    tx.run("DELETE FROM outbox WHERE state <> 'due' AND done_at < :before", before=before)


@dataclass(frozen=True, slots=True)
class Digest:
    person_id: int
    weekday: int
    hour: int
    off: int


def digest_of(tx: Tx, person_id: int) -> Digest:
    row = tx.one("SELECT person_id, weekday, hour, off FROM digests WHERE person_id = :id", id=person_id)
    return Digest(*row) if row else Digest(person_id, 1, 9, 0)


def set_digest(tx: Tx, digest: Digest) -> None:
    tx.run(
        """INSERT INTO digests (person_id, weekday, hour, off) VALUES (:id, :weekday, :hour, :off)
           ON CONFLICT DO UPDATE SET weekday = excluded.weekday, hour = excluded.hour, off = excluded.off""",
        id=digest.person_id, weekday=digest.weekday, hour=digest.hour, off=digest.off,
    )  # fmt: skip

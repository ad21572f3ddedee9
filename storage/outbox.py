"""Outbox: a row per message, unique by `once` (its idempotency key), claimed with a lease, settled when it is out or
not wanted."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from storage.db import Tx

LEASE = 120  # seconds in which whoever claimed a message must have settled it


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxMessage:
    id: int
    person_id: int
    kind: str
    about: str
    due_at: int
    attempts: int
    links_closed: int = 0  # of one that went as a mail: its links do nothing any more
    sent_at: int | None = None  # of one that is looked at by the code of its mail
    only_by: str | None = None  # the one channel by which it may go


@dataclass(frozen=True, slots=True)
class NewMessage:
    once: str
    person_id: int
    kind: str
    about: str
    due_at: int
    expires_at: int
    urgent: int = 0  # 1: goes at any hour rather than not at all; 2: at any hour, for it was asked for just now
    only_by: str | None = None  # the one channel by which it may go; None: as the person is reached


def enqueue(tx: Tx, new: NewMessage) -> bool:
    """False where it is enqueued, or was sent, already."""
    return tx.changed(
        """INSERT INTO outbox (once, person_id, kind, about, due_at, expires_at, urgent, only_by)
           VALUES (:once, :person, :kind, :about, :due, :expires, :urgent, :only_by) ON CONFLICT (once) DO NOTHING""",
        once=new.once,
        person=new.person_id,
        kind=new.kind,
        about=new.about,
        due=new.due_at,
        expires=new.expires_at,
        urgent=new.urgent,
        only_by=new.only_by,
    )


def enqueue_on(tx: Tx, new: NewMessage, channels: Iterable[str]) -> int:
    """The same message by each of these channels, whatever becomes of it on the others; how many were not enqueued
    already. `once` is made each one's own."""
    each = (replace(new, once=f"{new.once}:{channel}", only_by=channel) for channel in channels)
    return sum(enqueue(tx, message) for message in each)


def announce(tx: Tx, process_id: int, flow: str, audience: str, at: int) -> bool:
    """False where this opening was announced before."""
    return tx.changed(
        "INSERT INTO announced VALUES (:process, :flow, :audience, :at) ON CONFLICT DO NOTHING",
        process=process_id,
        flow=flow,
        audience=audience,
        at=at,
    )


def message_at(tx: Tx, row_id: int, channel: str, address: str) -> OutboxMessage | None:
    """A message to one of those who are reached at the address, whoever of them it acts as now."""
    row = tx.one(
        """SELECT outbox.id, outbox.person_id, kind, about, due_at, attempts
           FROM outbox JOIN addresses ON addresses.person_id = outbox.person_id
           WHERE outbox.id = :id AND channel = :channel AND address = :address""",
        id=row_id,
        channel=channel,
        address=address,
    )
    return OutboxMessage(**dict(row)) if row else None


# Due, nobody's, and at an hour at which it may go.
_MAY_AT = "(SELECT hours.value ->> 1 FROM json_each(:hours) AS hours WHERE hours.value ->> 0 = people.process_id)"

_READY = f"""outbox JOIN people ON people.id = outbox.person_id
             WHERE outbox.state = 'due' AND outbox.due_at <= :now AND outbox.leased_until <= :now
               AND ({_MAY_AT} <= :now OR outbox.urgent = 2
                    OR (outbox.urgent = 1 AND outbox.expires_at <= {_MAY_AT}))"""


def claim(tx: Tx, now: int, most: int, hours: Sequence[tuple[int, int]]) -> list[list[OutboxMessage]]:
    """Claims what is due, for `LEASE` seconds, to people nobody is sending to: all of a person's messages at once,
    longest-waiting person first, broadcasts last; at most `most` people.

    `hours` are processes and when one may write to their people next. What is urgent goes at any hour rather than not
    at all; what was asked for just now, at once.
    """
    rows = tx.all(
        f"""UPDATE outbox SET leased_until = :until, attempts = attempts + 1
           WHERE id IN (
               SELECT outbox.id FROM {_READY} AND person_id IN (
                   SELECT person_id FROM {_READY} AND NOT EXISTS (
                       SELECT 1 FROM outbox AS under_way WHERE under_way.person_id = outbox.person_id
                       AND under_way.state = 'due' AND under_way.leased_until > :now)
                   ORDER BY rank, due_at, outbox.id LIMIT :most))
           RETURNING rank, due_at, id, person_id, kind, about, attempts, only_by""",
        now=now,
        until=now + LEASE,
        most=most,
        hours=json.dumps(hours),
    )
    claimed: dict[int, list[OutboxMessage]] = {}
    for row in sorted(rows, key=lambda row: (row["rank"], row["due_at"], row["id"])):
        values = {name: row[name] for name in row.keys() if name != "rank"}  # noqa: SIM118  # a sqlite3.Row is no dict
        claimed.setdefault(row["person_id"], []).append(OutboxMessage(**values))
    return list(claimed.values())


def put_back(tx: Tx, ids: list[int], until: int) -> None:
    """Returns messages that were not tried or not accepted: due again at `until`, not counted as an attempt."""
    tx.run(
        """UPDATE outbox SET leased_until = :until, attempts = attempts - 1
           WHERE state = 'due' AND id IN (SELECT value FROM json_each(:ids))""",
        ids=json.dumps(ids),
        until=until,
    )


def settle(
    tx: Tx, row_id: int, state: str, now: int, *, joined: int | None = None, code_hash: str | None = None
) -> None:
    """`state`: sent, unwanted, enough, unreachable, expired or failed. `joined`: the message it went along with.
    What is out is out, though it was withdrawn or came to be too late while it was on its way."""
    tx.run(
        """UPDATE outbox SET state = :state, done_at = :now, joined = :joined, code_hash = :code
           WHERE id = :id AND (state = 'due' OR (:state = 'sent' AND state IN ('withdrawn', 'expired')))""",
        id=row_id,
        state=state,
        now=now,
        joined=joined,
        code=code_hash,
    )


def expire(tx: Tx, now: int) -> int:
    return tx.run(
        "UPDATE outbox SET state = 'expired', done_at = :now WHERE state = 'due' AND expires_at <= :now", now=now
    )


def withdraw(tx: Tx, kinds: Sequence[str], about: str, now: int, *, person_id: int | None = None) -> int:
    """Withdraws what is enqueued of these kinds about one thing, for one person or all; what is on its way goes out."""
    return tx.run(
        """UPDATE outbox SET state = 'withdrawn', done_at = :now
           WHERE state IN ('due', 'held') AND about = :about AND kind IN (SELECT value FROM json_each(:kinds))
             AND (:person IS NULL OR person_id = :person)""",
        kinds=json.dumps(kinds),
        about=about,
        now=now,
        person=person_id,
    )


def withdraw_of(tx: Tx, kind: str, about: str, once: str, now: int) -> int:
    """The same, of what came of one reminder alone; `once` is the reminder's."""
    return tx.run(
        """UPDATE outbox SET state = 'withdrawn', done_at = :now
           WHERE state IN ('due', 'held') AND kind = :kind AND about = :about
             AND substr(once, 1, length(:of) + 1) = :of || ':'""",
        kind=kind,
        about=about,
        of=once,
        now=now,
    )


def states_of(tx: Tx, kind: str, about: str, once: str) -> dict[str, int]:
    """What became of messages that belong together, and since when; `once` is what each of theirs begins with."""
    rows = tx.all(
        """SELECT state, min(coalesce(done_at, due_at)) AS at FROM outbox WHERE kind = :kind AND about = :about
           AND substr(once, 1, length(:of) + 1) = :of || ':' GROUP BY state""",
        kind=kind,
        about=about,
        of=once,
    )
    return {row["state"]: row["at"] for row in rows}


def sent_since(tx: Tx, person_id: int, kinds: Sequence[str], since: int) -> int:
    """How many messages of these kinds somebody has had since then; what went along in one counts as one."""
    return tx.count(
        """SELECT count(*) AS messages FROM outbox WHERE person_id = :person AND state = 'sent' AND joined IS NULL
             AND done_at > :since AND kind IN (SELECT value FROM json_each(:kinds))""",
        person=person_id,
        kinds=json.dumps(kinds),
        since=since,
    )


@dataclass(frozen=True, slots=True)
class LateMessages:
    messages: int
    oldest: int | None = None  # since when the one that waits longest is due
    oldest_id: int | None = None


_WAITS = "process_id = :process AND state = 'due' AND rank = 0 AND kind <> 'late'"  # not what is of many


def late(tx: Tx, process_id: int, before: int, *, urgent_until: int | None = None) -> LateMessages:
    """Counts messages due before then and not sent, except broadcasts and the warning about delays itself. With
    `urgent_until`, only those that may go at any hour."""
    row = tx.one(
        f"""SELECT count(*) OVER () AS messages, due_at, outbox.id FROM outbox JOIN people ON people.id = person_id
            WHERE {_WAITS} AND due_at < :before
              AND (:until IS NULL OR urgent = 2 OR (urgent = 1 AND expires_at <= :until))
            ORDER BY due_at, outbox.id LIMIT 1""",
        process=process_id,
        before=before,
        until=urgent_until,
    )
    return LateMessages(row["messages"], row["due_at"], row["id"]) if row else LateMessages(0)


def is_draining(tx: Tx, process_id: int, since: int, due_by: int) -> bool:
    """Whether anything that was due no later than that has gone out since: what waits only waits its turn."""
    return (
        tx.one(
            """SELECT 1 FROM outbox JOIN people ON people.id = person_id
           WHERE process_id = :process AND state <> 'due' AND state = 'sent' AND rank = 0 AND kind <> 'late'
             AND done_at >= :since AND due_at <= :due_by LIMIT 1""",
            process=process_id,
            since=since,
            due_by=due_by,
        )
        is not None
    )


@dataclass(frozen=True, slots=True)
class MessageOutcomes:
    """What became of messages of one kind about one thing."""

    kind: str
    about: str
    states: dict[str, int]  # state → messages
    last: int  # when the last of them was settled


def lately(tx: Tx, process_id: int, since: int) -> list[MessageOutcomes]:
    """Of what was settled since then; the newest first."""
    rows = tx.all(
        """SELECT kind, about, state, count(*) AS messages, max(done_at) AS last
           FROM outbox JOIN people ON people.id = person_id
           WHERE process_id = :process AND state <> 'due' AND done_at >= :since GROUP BY kind, about, state""",
        process=process_id,
        since=since,
    )
    found: dict[tuple[str, str], MessageOutcomes] = {}
    for kind, about, state, messages, last in rows:
        known = found.get((kind, about), MessageOutcomes(kind, about, {}, 0))
        found[kind, about] = MessageOutcomes(kind, about, {**known.states, state: messages}, max(known.last, last))
    return sorted(found.values(), key=lambda each: (-each.last, each.kind, each.about))


@dataclass(frozen=True, slots=True)
class WaitingMessages:
    kind: str
    about: str
    due_at: int
    messages: int


def waiting(tx: Tx, process_id: int) -> list[WaitingMessages]:
    """What is enqueued and not out, the earliest first."""
    rows = tx.all(
        """SELECT kind, about, due_at, count(*) FROM outbox JOIN people ON people.id = person_id
           WHERE process_id = :process AND state = 'due' GROUP BY kind, about, due_at ORDER BY due_at, kind, about""",
        process=process_id,
    )
    return [WaitingMessages(*row) for row in rows]


# --- held: they may have gone out in the time that a restored database has lost -----------------------------


def held(tx: Tx, process_id: int) -> list[WaitingMessages]:
    """What waits for the leader's word, the earliest first."""
    rows = tx.all(
        """SELECT kind, about, min(due_at) AS due, count(*) FROM outbox JOIN people ON people.id = person_id
           WHERE process_id = :process AND state = 'held' GROUP BY kind, about ORDER BY due, kind, about""",
        process=process_id,
    )
    return [WaitingMessages(*row) for row in rows]


def let_go(tx: Tx, process_id: int, kind: str | None = None, about: str | None = None) -> int:
    """They are due again, and go out if they are still worth it: all that are held, or one kind about one thing. How
    many."""
    return _end_hold(tx, "due", None, process_id, kind, about)


def drop(tx: Tx, process_id: int, now: int, kind: str | None = None, about: str | None = None) -> int:
    """The same, and they never go out."""
    return _end_hold(tx, "withdrawn", now, process_id, kind, about)


def _end_hold(tx: Tx, state: str, done_at: int | None, process_id: int, kind: str | None, about: str | None) -> int:
    return tx.run(
        """UPDATE outbox SET state = :state, done_at = :done
           WHERE state = 'held' AND person_id IN (SELECT id FROM people WHERE process_id = :process)
             AND (:kind IS NULL OR (kind = :kind AND about = :about))""",
        state=state,
        done=done_at,
        process=process_id,
        kind=kind,
        about=about,
    )


def outcome(tx: Tx, kinds: Sequence[str], about: str) -> dict[str, int]:
    """State → how many messages of these kinds about one thing that has a number of its own."""
    rows = tx.all(
        """SELECT state, count(*) AS messages FROM outbox
           WHERE about = :about AND kind IN (SELECT value FROM json_each(:kinds)) GROUP BY state""",
        about=about,
        kinds=json.dumps(kinds),
    )
    return {row["state"]: row["messages"] for row in rows}


def close_links(tx: Tx, person_id: int) -> None:
    """The links in the mails that have gone to the person do nothing any more."""
    tx.run("UPDATE outbox SET links_closed = 1 WHERE person_id = :person AND code_hash IS NOT NULL", person=person_id)


def use_up(tx: Tx, message_id: int) -> None:
    """The links of the mail that it went out in do nothing any more."""
    tx.run("UPDATE outbox SET links_closed = 1 WHERE id = :id", id=message_id)


def by_code(tx: Tx, code_hash: str, since: int) -> list[OutboxMessage]:
    """What went out together in one mail, if that was after then."""
    rows = tx.all(
        """SELECT id, person_id, kind, about, due_at, attempts, links_closed, done_at AS sent_at, only_by FROM outbox
           WHERE code_hash = :hash AND done_at > :since ORDER BY id""",
        hash=code_hash,
        since=since,
    )
    return [OutboxMessage(**dict(row)) for row in rows]


def told_of(tx: Tx, person_id: int, kinds: Sequence[str]) -> frozenset[str]:
    """What somebody has had messages of these kinds about."""
    rows = tx.all(
        """SELECT DISTINCT about FROM outbox WHERE person_id = :person AND state = 'sent'
           AND kind IN (SELECT value FROM json_each(:kinds))""",
        person=person_id,
        kinds=json.dumps(kinds),
    )
    return frozenset(row["about"] for row in rows)


def asked_for(tx: Tx, person_id: int, kind: str, since: int) -> list[int]:
    """When the messages of a kind to somebody were or are due, after then; the earliest first. Not those that were
    withdrawn."""
    rows = tx.all(
        """SELECT due_at FROM outbox WHERE person_id = :person AND kind = :kind AND due_at > :since
           AND state <> 'withdrawn' ORDER BY due_at""",
        person=person_id,
        kind=kind,
        since=since,
    )
    return [int(row["due_at"]) for row in rows]


def opening_outcomes(tx: Tx, process_id: int, flow: str) -> dict[str, int]:
    """State → how many messages that the flow has opened."""
    rows = tx.all(
        """SELECT state, count(*) AS messages FROM outbox JOIN people ON people.id = person_id
           WHERE process_id = :process AND kind = 'step-opened' AND about = :flow GROUP BY state""",
        process=process_id,
        flow=flow,
    )
    return {row["state"]: row["messages"] for row in rows}


def of_person(tx: Tx, person_id: int) -> list[tuple[str, str, int, str]]:
    """Kind, about, due at, state of every message to them."""
    rows = tx.all("SELECT kind, about, due_at, state FROM outbox WHERE person_id = :id ORDER BY id", id=person_id)
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def prune(tx: Tx, before: int) -> None:
    """What was settled before then. The reminders that messages came of stay: by them it is known what was enqueued
    already."""
    tx.erase("DELETE FROM outbox WHERE state <> 'due' AND done_at < :before", before=before)

"""Reminders: moments at which messages become due, one row per event and moment, unique by `once`."""

from __future__ import annotations

from dataclasses import dataclass

from storage.db import Tx

_COLUMNS = "kind, about, what, event_at, version, due_at, expires_at, id, state, messages"


@dataclass(frozen=True, slots=True)
class PlannedReminder:
    """`event_at` tells one event from the same one moved; the version is of what it says."""

    kind: str
    about: str
    what: str
    event_at: int
    version: int
    due_at: int
    expires_at: int

    @property
    def once(self) -> str:
        return f"{self.kind}:{self.about}:{self.event_at}:{self.what}"


@dataclass(frozen=True, slots=True)
class Reminder(PlannedReminder):
    """A row as it stands."""

    id: int
    state: str
    messages: int


def plan(tx: Tx, process_id: int, new: PlannedReminder) -> None:
    """A row as it is wanted now. One that was withdrawn comes back; one that is done stays done."""
    tx.run(
        """INSERT INTO reminders (process_id, once, kind, about, what, event_at, version, due_at, expires_at)
           VALUES (:process, :once, :kind, :about, :what, :event, :version, :due, :expires)
           ON CONFLICT (once) DO UPDATE SET state = 'due', done_at = NULL, version = excluded.version,
               due_at = excluded.due_at, expires_at = excluded.expires_at
           WHERE state IN ('due', 'withdrawn')""",
        process=process_id,
        once=f"{process_id}:{new.once}",
        kind=new.kind,
        about=new.about,
        what=new.what,
        event=new.event_at,
        version=new.version,
        due=new.due_at,
        expires=new.expires_at,
    )


def withdraw(tx: Tx, reminder_id: int, now: int) -> None:
    tx.run(
        "UPDATE reminders SET state = 'withdrawn', done_at = :now WHERE id = :id AND state = 'due'",
        id=reminder_id,
        now=now,
    )


def settle(tx: Tx, reminder_id: int, state: str, messages: int, now: int) -> None:
    """`state`: done or expired."""
    tx.run(
        "UPDATE reminders SET state = :state, messages = :messages, done_at = :now WHERE id = :id",
        id=reminder_id,
        state=state,
        messages=messages,
        now=now,
    )


# --- not planned: told of at once, and counted from when it is out ----------------------------------------


@dataclass(frozen=True, slots=True)
class Noted:
    """`at`: since when it counts, moved on by the time that nobody saw pass."""

    once: str
    what: str
    noted_at: int
    at: int
    told: bool  # it is out, or nobody could be told


def note(tx: Tx, process_id: int, new: PlannedReminder, messages: int) -> None:
    """That it became messages when it was due."""
    tx.run(
        """INSERT INTO reminders (process_id, once, kind, about, what, event_at, version, due_at, expires_at, state,
                                  messages, done_at)
           VALUES (:process, :once, :kind, :about, :what, :event, :version, :due, :expires, 'noted',
                   :messages, :due)""",
        process=process_id,
        once=f"{process_id}:{new.once}",
        kind=new.kind,
        about=new.about,
        what=new.what,
        event=new.event_at,
        version=new.version,
        due=new.due_at,
        expires=new.expires_at,
        messages=messages,
    )


def noted(tx: Tx, process_id: int, kind: str, event_at: int) -> list[Noted]:
    """Of an event; the one noted last is the last."""
    rows = tx.all(
        """SELECT once, what, due_at, done_at, state = 'told' AS told FROM reminders
           WHERE process_id = :process AND kind = :kind AND event_at = :event AND state IN ('noted', 'told')
           ORDER BY id""",
        process=process_id,
        kind=kind,
        event=event_at,
    )
    return [Noted(once, what, noted_at, at, bool(told)) for once, what, noted_at, at, told in rows]


def tell(tx: Tx, once: str, at: int) -> None:
    """It counts from then on."""
    tx.run("UPDATE reminders SET state = 'told', done_at = :at WHERE once = :once", once=once, at=at)


def move_on(tx: Tx, kind: str, seconds: int) -> None:
    """What is noted of a kind counts from so much later: nobody saw that time pass."""
    tx.run(
        "UPDATE reminders SET done_at = done_at + :seconds WHERE kind = :kind AND state IN ('noted', 'told')",
        kind=kind,
        seconds=seconds,
    )


def forget(tx: Tx, process_id: int, kind: str, *, after: int = -1) -> None:
    """What was noted of a kind after then."""
    tx.run(
        """DELETE FROM reminders WHERE process_id = :process AND kind = :kind AND state IN ('noted', 'told')
           AND due_at > :after""",
        process=process_id,
        kind=kind,
        after=after,
    )


# --- as they stand ----------------------------------------------------------------------------------------


def due(tx: Tx, process_id: int, until: int) -> list[Reminder]:
    """What is due by then, the earliest first."""
    return _all(tx, "state = 'due' AND due_at <= :until ORDER BY due_at, id", process_id, until=until)


def waiting(tx: Tx, process_id: int) -> list[Reminder]:
    return _all(tx, "state = 'due' ORDER BY due_at, id", process_id)


def done_ahead(tx: Tx, process_id: int, now: int) -> list[Reminder]:
    """What became messages, of events that are still to come."""
    return _all(tx, "state = 'done' AND event_at > :now ORDER BY due_at, id", process_id, now=now)


def of_event(tx: Tx, process_id: int, kind: str, about: str, event_at: int) -> list[Reminder]:
    """Every row of an event, whatever became of it."""
    return _all(
        tx,
        "kind = :kind AND about = :about AND event_at = :event ORDER BY due_at, id",
        process_id,
        kind=kind,
        about=about,
        event=event_at,
    )


def lately(tx: Tx, process_id: int, since: int) -> list[Reminder]:
    """What is done or came too late, the newest first."""
    return _all(
        tx, "state IN ('done', 'expired') AND done_at >= :since ORDER BY done_at DESC, id DESC", process_id, since=since
    )


def _all(tx: Tx, where: str, process_id: int, **values: object) -> list[Reminder]:
    rows = tx.all(
        f"SELECT {_COLUMNS} FROM reminders WHERE process_id = :process AND {where}", process=process_id, **values
    )
    return [Reminder(*row) for row in rows]


def planned_revision(tx: Tx, process_id: int) -> int | None:
    return tx.number("SELECT revision FROM planned WHERE process_id = :process", process=process_id)


def note_planned(tx: Tx, process_id: int, revision: int) -> None:
    tx.run(
        """INSERT INTO planned (process_id, revision) VALUES (:process, :revision)
           ON CONFLICT DO UPDATE SET revision = excluded.revision""",
        process=process_id,
        revision=revision,
    )

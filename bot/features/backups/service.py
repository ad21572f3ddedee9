"""Backups by the clock: when one is due, and who is told that none could be made. After a restore: who is told, and
what becomes of the messages that are held back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Final

from bot.access import Right, roles_with
from bot.features.invitations.service import OPERATOR
from bot.flows import schedule
from bot.flows.schedule import DAY, HOUR, WEEK
from bot.outbox.kinds import MessageKind
from bot.process.plan import Plan
from storage import audit, heartbeats, outbox, people
from storage.db import Tx
from storage.outbox import NewMessage
from storage.people import Person

PATIENCE: Final = HOUR  # for which a backup that is due may be tried
WORTH: Final = WEEK  # for which it is worth telling
# Said twice rather than never: who leads must know of it.
NEVER_HELD: Final = (
    MessageKind.DELETION,
    MessageKind.CLOCK,
    MessageKind.RESTORED,
    MessageKind.BACKUP,
    MessageKind.ERASURE_LATE,
)
_SPANS: Final = {"h": HOUR, "d": DAY, "w": WEEK}


def seconds_of(span: str) -> int:
    """`30d` → seconds. Raises ValueError with what it must look like."""
    found = re.fullmatch(r"([1-9][0-9]{0,3})([hdw])", span)
    if found is None:
        raise ValueError("must be hours, days or weeks, like 30d")
    return int(found[1]) * _SPANS[found[2]]


def times_of(text: str) -> tuple[time, ...]:
    """`03:30, 12:00` → times of the day. Raises ValueError with what it must look like."""
    try:
        found = {time.fromisoformat(each.strip()) for each in text.split(",")}
    except ValueError:
        raise ValueError("must be times of the day with commas between, like 03:30") from None
    return tuple(sorted(found))


# --- by the clock -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BackupSchedule:
    """Where to, at what times of the day on a Danish wall, and for how many seconds they are kept."""

    folder: Path
    times: tuple[time, ...]
    keep: int

    def last_due(self, now: int) -> int:
        """The latest moment at which one was due, by now."""
        today = schedule.to_local(now).date()
        moments = [
            schedule.to_utc(datetime.combine(day, at))
            for day in (today - timedelta(days=1), today, today + timedelta(days=1))
            for at in self.times
        ]
        return max(at for at in moments if at <= now)

    def is_overdue(self, backed_up: int | None, now: int) -> bool:
        """Whether the last one is missing for longer than it may be tried."""
        return backed_up is None or backed_up < self.last_due(now - PATIENCE)


def note_made(tx: Tx, at: int) -> None:
    heartbeats.beat(tx, heartbeats.BACKED_UP, at)
    heartbeats.stop(tx, heartbeats.BACKUP_LATE)


def note_failed(tx: Tx, plans: Sequence[Plan], now: int) -> None:
    """After an hour in which none could be made those who see what is sent when are told, once."""
    since = heartbeats.last(tx, heartbeats.BACKUP_LATE)
    if since is None or since > now:
        heartbeats.beat(tx, heartbeats.BACKUP_LATE, now)
        return
    if now - since < PATIENCE:
        return
    for plan in plans:
        due = schedule.next_sending_time(now, plan.hours)
        for person in _told(tx, plan):
            once = f"{MessageKind.BACKUP}:{since}:{person}"
            outbox.enqueue(tx, NewMessage(once, person, MessageKind.BACKUP, str(since), due, due + WORTH))


def _told(tx: Tx, plan: Plan) -> list[int]:
    return people.holder_ids(tx, plan.process_id, *roles_with(Right.WRITE_TO_MANY))


# --- restored ---------------------------------------------------------------------------------------------


def tell_restored(tx: Tx, plans: Sequence[Plan], copied_at: int, now: int) -> None:
    """Those who see what is sent when are told, at once: it is they who say what becomes of what is held."""
    for plan in plans:
        audit.note(tx, plan.process_id, OPERATOR, "restored", f"{schedule.to_local(copied_at):%Y-%m-%d %H:%M}", now)
        due = schedule.next_sending_time(now, plan.hours)
        for person in _told(tx, plan):
            once = f"{MessageKind.RESTORED}:{now}:{person}"
            outbox.enqueue(tx, NewMessage(once, person, MessageKind.RESTORED, str(copied_at), due, due + WORTH))


def let_go(tx: Tx, plan: Plan, by: Person, now: int, which: tuple[str, str] | None = None) -> int:
    """What is held goes out, if it is still worth it; all of it, or one kind about one thing. How many messages."""
    number = outbox.let_go(tx, plan.process_id, *(which or (None, None)))
    if number:
        audit.note(tx, plan.process_id, by.pseudonym, "held-sent", str(number), now)
    return number


def drop(tx: Tx, plan: Plan, by: Person, now: int, which: tuple[str, str] | None = None) -> int:
    """The same, and it never goes out."""
    number = outbox.drop(tx, plan.process_id, now, *(which or (None, None)))
    if number:
        audit.note(tx, plan.process_id, by.pseudonym, "held-dropped", str(number), now)
    return number

"""The watchdog: what was due, and five minutes later is not out. Said in the log, on /health, and to the leader.

Time counts from when something is due, or from when one may write again after a night, whatever is later. Messages to
many take their time and are not looked at. Where there is much, and it goes out in its order, nobody is told.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from bot.access import Right, roles_with
from bot.flows import schedule
from bot.flows.schedule import DAY
from bot.outbox.kinds import MessageKind
from bot.process.plan import Plan
from storage import delays, heartbeats, outbox, people, reminders
from storage.db import Tx
from storage.outbox import LateMessages, NewMessage
from storage.reminders import Reminder

log = logging.getLogger(__name__)
PATIENCE = 300  # seconds something due may wait
TOLD_AFTER = 60  # seconds: when we have been down, what is late goes out first, and that can be told
WORTH = 3 * DAY  # for which it is worth telling


@dataclass(frozen=True, slots=True)
class OverdueMessages:
    """What is late now. `draining`: it goes out in its order, and there is much of it."""

    late: LateMessages
    draining: bool = False

    @property
    def is_trouble(self) -> bool:
        return self.late.messages > 0 and not self.draining

    def age(self, now: int) -> int | None:
        """Seconds since the oldest was due."""
        return None if self.late.oldest is None else now - self.late.oldest


def overdue(tx: Tx, plan: Plan, now: int) -> OverdueMessages:
    """Changes nothing."""
    if _open_for_long(plan, now):
        late = outbox.late(tx, plan.process_id, now - PATIENCE)
    else:  # only what goes at any hour can be late
        may_at = schedule.next_sending_time(now, plan.hours)
        late = outbox.late(tx, plan.process_id, now - PATIENCE, urgent_until=may_at)
    draining = late.oldest is not None and outbox.is_draining(tx, plan.process_id, now - PATIENCE, late.oldest)
    return OverdueMessages(late, draining)


def _open_for_long(plan: Plan, now: int) -> bool:
    """Whether one may write to people, and might for as long as something due may wait."""
    # one span a day at most
    opened = schedule.next_sending_time(schedule.start_of(schedule.to_local(now).date()), plan.hours)
    return opened < now - PATIENCE and schedule.next_sending_time(now, plan.hours) == now


def look(tx: Tx, plan: Plan, now: int, looked_at: int | None) -> None:
    """Records where messages begin to be late and where the delay is over. `looked_at` is the previous check; what came
    due since, more than PATIENCE ago, was missed because the bot was down."""
    found, lasting = overdue(tx, plan, now), delays.lasting(tx, plan.process_id)
    missed = _missed(tx, plan, now, looked_at)
    if lasting is None and (found.is_trouble or missed is not None):
        since = min(at for at in (missed, found.late.oldest) if at is not None)
        number = delays.begin(tx, plan.process_id, since, now)
        _tell(tx, plan, number, now)
        log.warning(
            "outbox process=%d delay=%d late=%d oldest=%s age=%d",
            plan.process_id,
            number,
            found.late.messages,
            found.late.oldest_id,
            now - since,
        )
    elif lasting is not None and not outbox.late(tx, plan.process_id, now - PATIENCE).messages:
        delays.end(tx, lasting.id, now)
        log.warning(
            "outbox process=%d delay=%d over sent=%d expired=%d",
            plan.process_id,
            lasting.id,
            delays.sent_after(tx, plan.process_id, lasting),
            delays.expired_in(tx, plan.process_id, lasting),
        )


def _missed(tx: Tx, plan: Plan, now: int, looked_at: int | None) -> int | None:
    """Since when the earliest reminder was due that came due while nobody looked, and became messages, or came to
    nothing, only at this look."""
    if looked_at is None:
        return None
    found = reminders.lately(tx, plan.process_id, now)
    due = [row.due_at for row in found if looked_at < row.due_at < now - PATIENCE and _matters(plan, row, now)]
    return min(due, default=None)


def _matters(plan: Plan, row: Reminder, now: int) -> bool:
    return row.state == "expired" or (row.messages > 0 and _open_for_long(plan, now))


def _tell(tx: Tx, plan: Plan, delay: int, now: int) -> None:
    """One message to each of those who see what is sent when. What it says is made when it can go out."""
    due = schedule.next_sending_time(now + TOLD_AFTER, plan.hours)
    for person in people.holder_ids(tx, plan.process_id, *roles_with(Right.WRITE_TO_MANY)):
        once = f"{MessageKind.LATE}:{delay}:{person}"
        outbox.enqueue(tx, NewMessage(once, person, MessageKind.LATE, str(delay), due, due + WORTH))


def note_look(tx: Tx, now: int) -> int | None:
    """Notes this look, and returns when the one before it was."""
    before = heartbeats.last(tx, heartbeats.LOOKED)
    heartbeats.beat(tx, heartbeats.LOOKED, now)
    tx.count_on()
    return before

"""Trust in the clock: whether anything may be erased by it (docs/decisions/0023).

Each look is compared with the one before it. After more than three days that nobody saw, or where the clock has gone
back as far, it is in doubt: nothing is erased by itself until it has gone on for a week, somebody has confirmed it, or
it is where it should be again. Those who lead are told.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.access import Right, roles_with
from bot.flows import schedule
from bot.flows.schedule import DAY, WEEK
from bot.outbox.kinds import MessageKind
from bot.process.plan import Plan
from storage import heartbeats, outbox, people, processes, reminders
from storage.db import Tx
from storage.outbox import NewMessage

log = logging.getLogger(__name__)
JUMP = 3 * DAY  # a long weekend without us is no jump
STEADY = WEEK  # for which a clock in doubt must have gone on
WORTH = WEEK  # for which it is worth telling
TRUSTED, SINCE, SEEN = heartbeats.CLOCK, heartbeats.CLOCK_DOUBTED, heartbeats.CLOCK_SEEN


@dataclass(frozen=True, slots=True)
class ClockDoubt:
    """`last` is the last moment that is beyond doubt; the others are told by the clock in doubt."""

    last: int
    since: int  # moved on by jumps: what lies between it and `seen` was seen to pass
    seen: int

    @property
    def ends_at(self) -> int:
        """When it ends by itself, if the clock goes on."""
        return self.since + STEADY


def look(tx: Tx, plans: Sequence[Plan], now: int) -> bool:
    """Notes what the clock says, and returns whether it can be trusted."""
    beats = heartbeats.every(tx)
    doubt, last = _doubt_of(beats), _last(tx, beats)
    before = (now if last is None else last) if doubt is None else doubt.seen
    gap = now - before
    if (doubt is None and abs(gap) <= JUMP) or not any(people.count(tx, plan.process_id) for plan in plans):
        return _trust(tx, doubt, now)  # as it should be, or there is nobody
    if abs(gap) > JUMP:
        reminders.move_on(tx, MessageKind.DELETION, gap)  # nobody saw it pass
    if doubt is None:
        return _begin_to_doubt(tx, plans, before, now)
    steady = doubt.since if 0 <= gap <= JUMP else doubt.since + gap
    heartbeats.beat(tx, SINCE, steady)
    heartbeats.beat(tx, SEEN, now)
    is_back = -JUMP <= now - doubt.last <= JUMP + now - steady and not 0 <= gap <= JUMP
    return _trust(tx, doubt, now) if is_back or now - steady >= STEADY else False


def is_doubted(tx: Tx) -> bool:
    return doubted(tx) is not None


def doubted(tx: Tx) -> ClockDoubt | None:
    return _doubt_of(heartbeats.every(tx))


def _doubt_of(beats: Mapping[str, int]) -> ClockDoubt | None:
    return ClockDoubt(beats[TRUSTED], beats[SINCE], beats[SEEN]) if SINCE in beats else None


def confirm(tx: Tx, now: int) -> None:
    """Ends the doubt: somebody has looked at another clock."""
    beats = heartbeats.every(tx)
    doubt = _doubt_of(beats)
    last = _last(tx, beats) if doubt is None else doubt.seen
    if last is not None and abs(now - last) > JUMP:
        reminders.move_on(tx, MessageKind.DELETION, now - last)
    _trust(tx, doubt, now)


def those_told(tx: Tx, plan: Plan) -> list[int]:
    """Returns those who lead: who can take out the answers."""
    return people.holder_ids(tx, plan.process_id, *roles_with(Right.EXPORT))


def _last(tx: Tx, beats: Mapping[str, int]) -> int | None:
    """Returns the last moment that is beyond doubt. An older Besyv noted others."""
    known = beats.get(TRUSTED, beats.get(heartbeats.LOOKED))
    return processes.last_loaded(tx) if known is None else known


def _trust(tx: Tx, doubt: ClockDoubt | None, now: int) -> bool:
    if doubt is not None:
        log.warning("clock=%s trusted", _shown(now))
        for name in (SINCE, SEEN):
            heartbeats.stop(tx, name)
        outbox.withdraw(tx, (MessageKind.CLOCK,), "", now)
    heartbeats.beat(tx, TRUSTED, now)
    return True


def _begin_to_doubt(tx: Tx, plans: Sequence[Plan], last: int, now: int) -> bool:
    log.warning("clock=%s last=%s: nothing is erased by itself", _shown(now), _shown(last))
    for name, at in ((TRUSTED, last), (SINCE, now), (SEEN, now)):
        heartbeats.beat(tx, name, at)
    for plan in plans:
        due = schedule.next_sending_time(now, plan.hours)
        for person in those_told(tx, plan):
            outbox.enqueue(tx, NewMessage(f"clock:{now}:{person}", person, MessageKind.CLOCK, "", due, due + WORTH))
    return False


def _shown(at: int) -> str:
    return f"{schedule.to_local(at):%Y-%m-%dT%H:%M}"

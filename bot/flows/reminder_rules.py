"""Reminder rules: which reminders an event gets, and when; not to whom, nor what they say.

1. Reminders are wished for in words: «7d» is seven days before at the same time by the clock on the wall, «2h» two
   hours before as they pass, «morning» 9.00 on the day itself (of midnight: the day that ends with it), «half»
   half-way from the opening to the end.
2. At hours when one does not write to people, it waits until one may again; if the event is over by then, it comes in
   the last open hour before the event instead.
3. A reminder that had to move gives way to any other within twelve hours of it; of two that had to move, the later
   stays. One that stands where it was meant to always stays.
4. What was due before people were told is left out: they know. Where nothing is left and one is promised, there is
   one as soon as one may write, «late».
5. A reminder is worth sending until the next one is due, the last one until the event.

Rules 3 and 4 come in that order, so that planning again later only leaves out, and never adds (but «late»).
No Danish rule for a public body's reminders was found; these are our own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.flows.schedule import (
    DEFAULT_SENDING_HOURS,
    HOUR,
    SendingHours,
    last_sending_time,
    next_sending_time,
    to_local,
    to_utc,
)

TOKEN = r"^((?:[1-9]|[1-5][0-9]|60)d|(?:[1-9]|[1-6][0-9]|7[0-2])h|morning|half)$"  # noqa: S105  # not a secret
LATE = "late"  # what the one is called that is promised when it is too late for the others
EVENING = "evening"  # and one of the morning that had to move to the day before; so it is only told
MORNING = time(9)
MIN_SPACING = 12 * HOUR  # a reminder that had to move keeps further away than this from the others


@dataclass(frozen=True, slots=True)
class Due:
    """One reminder."""

    what: str  # the token it comes from: «7d», «morning», …, or «late»
    due_at: int  # UTC seconds
    expires_at: int  # not worth sending from then on


@dataclass(frozen=True, slots=True, order=True)
class _Placed:
    """A reminder as it was meant, and where the sending hours put it; UTC seconds."""

    at: int
    meant: int
    what: str

    @property
    def moved(self) -> bool:
        return self.at != self.meant


def before(
    event_at: int,
    wanted: Sequence[str],
    since: int,
    hours: SendingHours = DEFAULT_SENDING_HOURS,
    *,
    opens_at: int | None = None,
    at_least_one: bool = False,
) -> tuple[Due, ...]:
    """The reminders of an event in the order of their time; all times are UTC seconds.

    `wanted` are tokens, in any order. `since` is when it was planned, or when people were told last. `opens_at` is
    where a hearing begins; without it there is no «half». ValueError for a token that is none, and for hours at which
    nobody can be written to.
    """
    kept = [one for one in _apart(_placed(event_at, wanted, hours, opens_at)) if one.at >= since]
    if not kept and at_least_one and (soon := next_sending_time(since, hours)) < event_at:
        kept = [_Placed(soon, soon, LATE)]
    ends = (*(one.at for one in kept[1:]), event_at)
    return tuple(Due(one.what, one.at, end) for one, end in zip(kept, ends, strict=False))  # no end without one


def _placed(event_at: int, wanted: Sequence[str], hours: SendingHours, opens_at: int | None) -> Iterator[_Placed]:
    for what in wanted:
        meant = _meant(what, event_at, opens_at)
        if meant is not None and (at := _open_before(event_at, meant, hours)) is not None:
            yield _Placed(at, meant, what)


def _meant(what: str, event_at: int, opens_at: int | None) -> int | None:
    """The moment a token names, open or not; it may lie after the event."""
    if re.fullmatch(TOKEN, what) is None:
        raise ValueError(f"no reminder is called {what!r}")
    wall = to_local(event_at)
    if what == "morning":
        return to_utc(datetime.combine(_day_of(wall), MORNING))
    if what == "half":
        return None if opens_at is None or opens_at >= event_at else opens_at + (event_at - opens_at) // 120 * 60
    count = int(what[:-1])
    return to_utc(wall - timedelta(days=count)) if what.endswith("d") else event_at - count * HOUR


def _day_of(event: datetime) -> date:
    """The day that people take it for: midnight belongs to the evening before."""
    return (event - timedelta(microseconds=1)).date()


def as_told(what: str, due_at: int, event_at: int) -> str:
    """What a reminder is called where it is listed: a «morning» that had to move to a day before is «evening»."""
    same_day = to_local(due_at).date() == _day_of(to_local(event_at))
    return EVENING if what == "morning" and not same_day else what


def _open_before(event_at: int, meant: int, hours: SendingHours) -> int | None:
    at = next_sending_time(meant, hours)
    return at if at < event_at else last_sending_time(event_at, hours)


def _apart(placed: Iterable[_Placed]) -> list[_Placed]:
    """Those that stay, by time. Of equal moments it is the one meant later, whatever the order of the wish."""
    by_time = sorted(placed)
    kept = {one.at: one for one in by_time if not one.moved}
    for one in reversed(by_time):
        if one.moved and all(abs(one.at - at) > MIN_SPACING for at in kept):
            kept[one.at] = one
    return [kept[at] for at in sorted(kept)]

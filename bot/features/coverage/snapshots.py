"""The numbers that the steering group is shown: published once a day, of six in the morning, for the whole process.

By a job, or by whoever looks first where it has not run; and always of six o'clock, so that nobody can choose a moment
between two answers. How the numbers are made: publication.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta

from bot.features.coverage import publication, service
from bot.features.coverage.service import ASKED, LINES, PLAN, TOTAL, Coverage, CoverageCell, CoverageNumber
from bot.flows import schedule
from bot.process.plan import Plan
from storage import coverage_counters, published
from storage.coverage_counters import PRESENT
from storage.db import Tx
from storage.published import Counted, Place

AT = time(6)
_SECRET = 32  # bytes


def moment(now: int) -> int:
    """The latest six o'clock in the morning, Danish time."""
    today = schedule.to_local(now).date()
    at = schedule.to_utc(datetime.combine(today, AT))
    return at if at <= now else schedule.to_utc(datetime.combine(today - timedelta(days=1), AT))


def refresh(tx: Tx, plan: Plan, now: int) -> bool:
    """Publishes the numbers of the latest six o'clock, unless they are; whether it did."""
    at = moment(now)
    if published.taken_at(tx, plan.process_id) == at:
        return False
    secret = published.secret(tx, plan.process_id)
    if secret is None:
        secret = secrets.token_bytes(_SECRET)
        published.keep_secret(tx, plan.process_id, secret)
    published.put(tx, plan.process_id, publication.numbers(_counted(tx, plan, at, secret), secret), at)
    return True


def _counted(tx: Tx, plan: Plan, at: int, secret: bytes) -> Iterator[Counted]:
    sent = published.who_sent(tx, plan.process_id, at)
    yield from published.who_takes_part(tx, plan.process_id, at)
    yield from sent
    lines = (one.at for one in sent if one.flow == LINES and publication.counts_as(secret, one.person_id))
    before = service.step_2_began(plan, min(lines, default=None), at)
    for one in sent:
        if one.flow == PLAN and one.at < before and one.stakeholder in ASKED:
            yield one._replace(flow=publication.ASKED_FIRST)


def look(tx: Tx, plan: Plan, flows: Iterable[str], now: int) -> Coverage:
    """What was published last; who has begun is not. Publishes it first where that is due and this may write."""
    if tx.may_write:
        refresh(tx, plan, now)
    wanted = tuple(flows)
    numbers, targets = published.of_process(tx, plan.process_id), coverage_counters.targets(tx, plan.process_id)
    places = {place for _, place in numbers} | {("group", group) for _, group in targets}

    def number(flow: str, place: Place) -> CoverageNumber:
        people = numbers.get((flow, place), 0)
        return CoverageNumber(people, shown=people > 0)

    cells = {
        (flow, place): CoverageCell(
            number(PRESENT, place),
            _NOT_SHOWN,
            number(flow, place),
            number(flow, publication.ANSWERS) if place == TOTAL else _NOT_SHOWN,
            number(flow, publication.associations(place)) if service.of_associations(place) else None,
            targets.get((flow, place[1])) if place[0] == "group" else None,
        )
        for flow in (*wanted, publication.ASKED_FIRST)
        for place in places
    }
    nobody = CoverageCell(_NOT_SHOWN, _NOT_SHOWN, _NOT_SHOWN, _NOT_SHOWN)
    return Coverage(wanted, cells, nobody, published.taken_at(tx, plan.process_id))


_NOT_SHOWN = CoverageNumber(0, shown=False)

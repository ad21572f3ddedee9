"""Rules of objections (GDPR art. 18 and 21): from the moment somebody objects, their answers are kept and used for
nothing, until the leader has decided; they may have them used again whenever they like. Not here: what is left out
(`counted_in`, docs/decisions/0039).
"""

from __future__ import annotations

import logging

from bot.access import Right, roles_with
from bot.features.hearing import service as hearing
from bot.features.register import service as register
from bot.flows import schedule
from bot.flows.schedule import DAY
from bot.outbox.kinds import MessageKind
from bot.process.plan import Plan
from storage import objections, outbox, people
from storage.db import Tx
from storage.objections import Objection
from storage.outbox import NewMessage
from storage.people import Person

log = logging.getLogger(__name__)
DECIDED_WITHIN = 30 * DAY  # a month (GDPR art. 12, 3)
REMINDED_AFTER = 14 * DAY  # who decides
WORTH = 30 * DAY  # for which the decision is tried to be told
DECIDES = Right.KEEP_CASE


def standing(tx: Tx, person_id: int) -> Objection | None:
    """The last objection of somebody that they have not taken back."""
    return next((each for each in reversed(objections.of_person(tx, person_id)) if each.taken_back_at is None), None)


def set_aside(tx: Tx, plan: Plan, person: Person, now: int) -> None:
    """The person objects: at once nothing uses their answers, and who decides is told. Twice is once."""
    if person.set_aside_at is not None:
        return
    people.set_aside(tx, person.id, now)
    number = objections.put(tx, person.id, "", now)
    log.info("objection=%d set aside", number)
    for at, again in ((now, ""), (now + REMINDED_AFTER, ":again")):
        due = schedule.next_sending_time(at, plan.hours)
        for holder in _who_decides(tx, plan):
            once = f"objection-made:{number}:{holder}{again}"
            outbox.enqueue(
                tx, NewMessage(once, holder, MessageKind.OBJECTION_MADE, str(number), due, at + DECIDED_WITHIN)
            )


def _who_decides(tx: Tx, plan: Plan) -> list[int]:
    return people.holder_ids(tx, plan.process_id, *roles_with(DECIDES))


def use_again(tx: Tx, plan: Plan, person_id: int, now: int) -> None:
    """The person wants their answers used, before the decision or after it."""
    objections.take_back(tx, person_id, now)
    _use(tx, plan, person_id)


def _use(tx: Tx, plan: Plan, person_id: int) -> None:
    people.use_again(tx, person_id)
    register.tie_by_name(tx, plan.process_id)  # the register may have changed meanwhile


def uphold(tx: Tx, plan: Plan, objection: Objection, now: int) -> bool:
    """The answers stay aside until the deletion date. False where it was decided or taken back before."""
    if not objections.decide(tx, objection, now, upheld=True):
        return False
    _tell(tx, plan, objection, now)
    return True


def overrule(tx: Tx, plan: Plan, objection: Objection, reason: str, now: int) -> bool:
    """The answers are used again, for a reason that the person is told. False where it was decided or taken back
    before."""
    if not objections.decide(tx, objection, now, upheld=False, reason=reason):
        return False
    _use(tx, plan, objection.person_id)
    _tell(tx, plan, objection, now)
    return True


def _tell(tx: Tx, plan: Plan, objection: Objection, now: int) -> None:
    due, once = schedule.next_sending_time(now, plan.hours), f"objection-decided:{objection.id}"
    outbox.enqueue(
        tx,
        NewMessage(once, objection.person_id, MessageKind.OBJECTION_DECIDED, str(objection.id), due, due + WORTH),
    )


def of_case(tx: Tx, plan: Plan, person: Person, now: int) -> tuple[int, ...]:
    """Numbers of their hearing responses that belong to the case, and stay in its journal."""
    return hearing.on_erasure(tx, plan, person, now).asked

"""Erasing somebody: by their own wish, and once more where a database is restored that was copied before."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Final

from bot.access import Right, roles_with
from bot.dialogue.session import TELEGRAM
from bot.features.hearing import service as hearing
from bot.features.hearing.service import Erasure, ReplyAddress
from bot.features.meetings.service import give_up_places
from bot.flows import schedule
from bot.flows.schedule import DAY, WEEK
from bot.outbox.kinds import MessageKind
from bot.process.plan import Plan
from storage import erasure_requests, hearing_responses, inbox, key_watch, outbox, people, person_keys, runs
from storage.db import Tx
from storage.outbox import NewMessage
from storage.people import Person

log = logging.getLogger(__name__)
TOLD_AFTER: Final = DAY  # for which the key of somebody erased may wait to be overwritten
WORTH: Final = WEEK  # for which it is worth telling


def erase(
    tx: Tx, plan: Plan, person: Person, now: int, *, asked_at: int, reached: ReplyAddress | None = None
) -> Erasure:
    """Deletes the person and everything about them, but hearing responses that belong to the case."""
    for address in people.addresses(tx, person.id):
        if address.channel == TELEGRAM:
            inbox.forget(tx, int(address.address))
    give_up_places(tx, plan.hours, person, now)
    people.leave_entered(tx, person.id)
    return hearing.erase_person(tx, plan, person, asked_at, reached)


def drop_erased(tx: Tx, plans: Sequence[Plan], now: int) -> int:
    """Of a database that was copied before: erases again exactly those people and hearing responses whose keys are
    marked as erased in the key store, as at that time; how many. Nobody else is touched, nor whose key is missing."""
    found = key_watch.compare(key_watch.named(tx), tx.keys.people.ids()).erased
    by_process = {plan.process_id: plan for plan in plans}
    for run_id, at in found["runs"]:
        _drop_response(tx, by_process, run_id, at)
    for person_id, at in found["people"]:
        _drop_person(tx, by_process, person_id, at, now)
    dropped = sum(map(len, found.values()))
    if dropped:
        log.warning("restored erased_again=%d", dropped)
    return dropped


def note_unfinished(tx: Tx, plans: Sequence[Plan], now: int) -> None:
    """Keys of who is erased could not be overwritten. After a day those who keep the case are told, on every channel,
    once for each that waits."""
    person_keys.note_since(tx, now)
    since = person_keys.waiting_since(tx)
    if since is None or now - since < TOLD_AFTER:
        return
    for plan in plans:
        due = schedule.next_sending_time(now, plan.hours)
        for person_id in people.holder_ids(tx, plan.process_id, *roles_with(Right.KEEP_CASE)):
            _tell_unfinished(tx, person_id, since, due)


def _tell_unfinished(tx: Tx, person_id: int, since: int, due: int) -> None:
    once = f"{MessageKind.ERASURE_LATE}:{since}:{person_id}"
    told = NewMessage(once, person_id, MessageKind.ERASURE_LATE, str(since), due, due + WORTH)
    outbox.enqueue_on(tx, told, people.channels(tx, person_id))


def _drop_response(tx: Tx, plans: Mapping[int, Plan], run_id: int, at: int) -> None:
    """Taken back, or erased by the leader or with its author, since the copy."""
    run, response = runs.by_id(tx, run_id), hearing_responses.of_run(tx, run_id)
    person = people.by_id(tx, run.person_id) if run is not None else None
    if run is None or person is None:
        return
    if response is not None and hearing.is_of_case(tx, plans[person.process_id], person, run, response, at):
        hearing_responses.mark_erased(tx, person.process_id, response.number, at)
    elif response is not None:
        hearing_responses.withdraw(tx, run_id, at)
    runs.erase(tx, run_id)


def _drop_person(tx: Tx, plans: Mapping[int, Plan], person_id: int, at: int, now: int) -> None:
    person = people.by_id(tx, person_id)
    if person is None:
        return
    if erasure_requests.of_holder(tx, person_id):  # erased before the copy: they have been answered since
        hearing.forget_reached(tx, person_id)
    else:
        erase(tx, plans[person.process_id], person, now, asked_at=at)

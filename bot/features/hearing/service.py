"""Rules of hearing responses: none that was sent vanishes (DENMARK 2.4).

Until the deadline its author may correct it and take it back; then its number, the time and «trukket tilbage» stay.
After the deadline, or once it is in the municipality's case (journaliseret), erasing oneself leaves it and nothing
else, and asks the leader to erase it.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from bot import codes
from bot.access import Right, roles_with
from bot.flows import schedule
from bot.flows.schedule import DAY
from bot.outbox.kinds import MessageKind
from bot.process import late_answers
from bot.process.plan import HEARING, Plan, State
from storage import answers, email_addresses, erasure_requests, hearing_responses, outbox, people, person_keys, runs
from storage.db import Tx
from storage.erasure_requests import ErasureRequest
from storage.hearing_responses import HearingResponse
from storage.outbox import NewMessage
from storage.people import Person
from storage.runs import Run

log = logging.getLogger(__name__)
ANSWERED_WITHIN = 30 * DAY  # a request (GDPR art. 12, 3: a month)
WORTH = 30 * DAY  # for which the answer to one is tried


@dataclass(frozen=True, slots=True)
class ReplyAddress:
    """Where somebody who has erased themselves waits for the answer: at an address on a channel, or (None) at the mail
    address that they have confirmed."""

    channel: str
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Erasure:
    """What becomes of somebody's hearing responses when they erase themselves: numbers."""

    withdrawn: tuple[int, ...] = ()
    asked: tuple[int, ...] = ()  # belong to the case: the leader is asked to erase them


def is_of_case(tx: Tx, plan: Plan, person: Person, run: Run, response: HearingResponse, now: int) -> bool:
    """Whether it can't be taken back any more: the deadline has passed, of a late link its own, or it is
    journaliseret."""
    if response.journalised_at is not None:
        return True
    if plan.state(HEARING, now, run.stakeholder) is State.OPEN:
        return False
    return late_answers.by_link_until(tx, person, HEARING, run, now) is None


def may_withdraw(tx: Tx, plan: Plan, run: Run, now: int) -> bool:
    """Whether the run is a hearing response that its author can take back."""
    response, person = hearing_responses.of_run(tx, run.id), people.by_id(tx, run.person_id)
    if response is None or person is None:
        return False
    return not is_of_case(tx, plan, person, run, response, now)


def is_journalised(tx: Tx, run_id: int) -> bool:
    response = hearing_responses.of_run(tx, run_id)
    return response is not None and response.journalised_at is not None


def corrected_at(tx: Tx, response: HearingResponse) -> int | None:
    """When the text became another than the one that was sent; None where it is the same, or gone."""
    last = answers.last_given(tx, response.run_id) if response.run_id is not None else None
    return last if last is not None and last > response.sent_at else None


def withdraw(tx: Tx, run_id: int, now: int) -> None:
    """Number and time stay, as taken back; the run is a draft again, or goes with its author."""
    hearing_responses.withdraw(tx, run_id, now)


# --- erasing oneself --------------------------------------------------------------------------------------


def on_erasure(tx: Tx, plan: Plan, person: Person, now: int) -> Erasure:
    """What erasing the person now would do."""
    responses = hearing_responses.of_person(tx, person.id)
    theirs = {run.id: run for run in runs.of_person(tx, person.id)}
    asked = {
        each.number
        for each in responses
        if each.run_id is not None and is_of_case(tx, plan, person, theirs[each.run_id], each, now)
    }
    return Erasure(
        tuple(each.number for each in responses if each.number not in asked),
        tuple(each.number for each in responses if each.number in asked),
    )


def erase_person(tx: Tx, plan: Plan, person: Person, now: int, reached: ReplyAddress | None = None) -> Erasure:
    """Erases the person and everything about them, but hearing responses that belong to the case: those are left by
    themselves, and the leader is asked to erase them. `reached`: where the answer goes."""
    done = on_erasure(tx, plan, person, now)
    kept = people.add_departed(tx, person.id, codes.new_pseudonym(), now) if done.asked else None
    for response in hearing_responses.of_person(tx, person.id):
        if response.run_id is None:
            continue
        if kept is None or response.number in done.withdrawn:
            withdraw(tx, response.run_id, now)
            continue
        runs.hand_over(tx, response.run_id, kept)
        answers.keep_as_sent(tx, response.run_id)
        _ask(tx, plan, response.number, kept, now, reached)
    if kept is not None and reached is not None and reached.address is None:
        email_addresses.hand_over(tx, person.id, kept)
    people.erase(tx, person.id)
    if kept is not None:
        people.name(tx, kept, person.pseudonym)  # what was taken out before knows it by this
    return done


def _ask(tx: Tx, plan: Plan, number: int, kept: int, now: int, reached: ReplyAddress | None) -> None:
    channel, address = (None, None) if reached is None else (reached.channel, reached.address)
    request = erasure_requests.ask(tx, plan.process_id, number, kept, now, channel=channel, address=address)
    log.info("erasure request=%d response=%d", request, number)
    due = schedule.next_sending_time(now, plan.hours)
    for holder in _who_answers(tx, plan):
        once, until = f"erasure-asked:{request}:{holder}", now + ANSWERED_WITHIN
        outbox.enqueue(tx, NewMessage(once, holder, MessageKind.ERASURE_ASKED, str(request), due, until))


def _who_answers(tx: Tx, plan: Plan) -> list[int]:
    return people.holder_ids(tx, plan.process_id, *roles_with(Right.KEEP_CASE))


# --- the request ------------------------------------------------------------------------------------------


def grant(tx: Tx, plan: Plan, request: ErasureRequest, now: int) -> bool:
    """Erases the response; its number and time stay. False where it was answered before."""
    if not erasure_requests.answer(tx, request.id, now, granted=True):
        return False
    response = hearing_responses.by_number(tx, plan.process_id, request.number)
    if response is not None and response.run_id is not None:
        runs.erase(tx, response.run_id)
        hearing_responses.mark_erased(tx, plan.process_id, request.number, now)
    _tell(tx, plan, request, now)
    return True


def refuse(tx: Tx, plan: Plan, request: ErasureRequest, reason: str, now: int) -> bool:
    """Keeps the response. False where the request was answered before."""
    if not erasure_requests.answer(tx, request.id, now, granted=False, reason=reason):
        return False
    _tell(tx, plan, request, now)
    return True


def _tell(tx: Tx, plan: Plan, request: ErasureRequest, now: int) -> None:
    if request.person_id is None or request.channel is None:
        return
    due = schedule.next_sending_time(now, plan.hours)
    once = f"erasure-answered:{request.id}"
    outbox.enqueue(
        tx,
        NewMessage(once, request.person_id, MessageKind.ERASURE_ANSWERED, str(request.id), due, due + WORTH),
    )


def forget_told(tx: Tx, plan: Plan) -> int:
    """Where those were reached who have been told, and who had nothing left but the wait; how many of both."""
    told = erasure_requests.answered_and_told(tx, plan.process_id, MessageKind.ERASURE_ANSWERED)
    return sum(forget_reached(tx, person_id) for person_id in told)


def forget_reached(tx: Tx, person_id: int) -> int:
    """Where somebody who has erased themselves waited for an answer, with the key of that; them too, if they hold no
    response any more. How many of both."""
    gone = erasure_requests.forget_address(tx, person_id)
    email_addresses.forget(tx, person_id)
    person_keys.drop(tx, person_id)
    if not runs.of_person(tx, person_id):
        people.erase(tx, person_id)
        gone += 1
    return gone


def forget_everything(tx: Tx, process_id: int) -> None:
    """On the deletion date, with everybody."""
    erasure_requests.forget(tx, process_id)
    hearing_responses.forget(tx, process_id)

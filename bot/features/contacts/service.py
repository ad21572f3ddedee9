"""Contacts: whom to ask about which hearing response, and who wants to hear more about joining the steering group."""

from __future__ import annotations

from bot.flows import content
from bot.flows.model import YES
from bot.process.plan import HEARING
from reports.contacts import ContactLine
from storage import contacts
from storage.contacts import ToldInRun
from storage.db import Tx

# «Vil du høre mere om at være med i styregruppen?», and how to reach who says yes.
PLANNING, INTERESTED, REACHED_AT = "plan", "P5", "P6"
_CONTACT = "contact"  # what such questions are counted under; needs at a meeting are for who runs it, and nobody else


def lines(tx: Tx, process_id: int) -> list[ContactLine]:
    """How to reach people, the oldest first, UNREADABLE where that is damaged; and who is interested without having
    said how to reach them. Who was interested, and is not any more, is left out."""
    interested = {each.run_id: each for each in _interested(tx, process_id)}
    told = [each for each in contacts.kept_apart(tx, process_id) if _is_contact(each)]
    reached = {each.run_id for each in told if _is_of_interest(each)}
    found = [_line(each, interested) for each in told if not _is_of_interest(each) or each.run_id in interested]
    found += [_unreached(each) for each in interested.values() if each.run_id not in reached]
    return sorted(found, key=lambda line: line.answered_at)


def of_responses(found: list[ContactLine]) -> list[ContactLine]:
    """Whom to ask about a hearing response that was sent, in the order of their numbers."""
    return sorted((each for each in found if each.receipt is not None), key=lambda each: each.receipt or 0)


def of_response(tx: Tx, process_id: int, number: int) -> list[ContactLine]:
    return [each for each in lines(tx, process_id) if each.receipt == number]


def for_steering_group(found: list[ContactLine]) -> list[ContactLine]:
    """Who has sent that they want to hear more."""
    return [each for each in found if each.steering_group and each.sent]


def _interested(tx: Tx, process_id: int) -> list[ToldInRun]:
    asked = contacts.answers_to(tx, process_id, PLANNING, INTERESTED)
    return [each for each in asked if YES in content.read(each.content).keys]


def _is_contact(told: ToldInRun) -> bool:
    """What a damaged one is counted under nobody knows: it is taken for what its flow asks how to be reached in."""
    if told.content == content.UNREADABLE:
        return _is_of_interest(told) or told.flow == HEARING
    return content.read(told.content).category == _CONTACT


def _is_of_interest(told: ToldInRun) -> bool:
    return (told.flow, told.question) == (PLANNING, REACHED_AT)


def _line(told: ToldInRun, interested: dict[int, ToldInRun]) -> ContactLine:
    of_response = told.flow == HEARING and told.sent_at is not None
    return ContactLine(
        flow=told.flow,
        question=told.question,
        asked=told.asked,
        receipt=told.number if of_response else None,
        participant=told.pseudonym if of_response else None,
        speaks_for=told.party if of_response else None,
        group=told.stakeholder,
        area=told.area,
        steering_group=told.run_id in interested and _is_of_interest(told),
        text=content.read(told.content).said,
        sent=told.sent_at is not None,
        answered_at=told.answered_at,
    )


def _unreached(told: ToldInRun) -> ContactLine:
    return ContactLine(
        flow=told.flow,
        question=told.question,
        asked=told.asked,
        group=told.stakeholder,
        area=told.area,
        steering_group=True,
        text="",
        sent=told.sent_at is not None,
        answered_at=told.answered_at,
    )

"""Consent: to messages, and to taking part. How each is taken back, and that who comes back is asked again.

What somebody has taken back is what their answer says: it becomes a no, and is left open, for they may be asked again.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.dialogue.session import TELEGRAM, Session, load_person
from bot.flows.engine import Answer
from bot.flows.model import NO, OF_MESSAGES
from bot.process.plan import START
from storage import email_addresses, people
from storage.runs import Run


@dataclass(frozen=True, slots=True)
class Reached:
    """What is said to somebody who says yes to messages: where they come, or that they can't come. `wrong`: why the yes
    can't be taken as it was given."""

    notes: tuple[str, ...] = ()
    wrong: str | None = None


def is_on_telegram(s: Session) -> bool:
    """Whether messages reach them there, without an address."""
    known = people.addresses(s.tx, s.person.id)
    return any(each.channel == TELEGRAM and not each.unreachable for each in known)


def turn_off_messages(s: Session) -> None:
    """No reminders and no news. Of what they have signed up for they are told still."""
    people.decline_messages(s.tx, s.person.id)
    _answers_no(s)


def stop(s: Session) -> None:
    """No messages at all; nothing else ends."""
    people.stop(s.tx, s.person.id, s.visit.now)
    _answers_no(s)


def leave(s: Session) -> None:
    """They take part no more. Their answers stay until they are deleted."""
    stop(s)
    people.take_back_consent(s.tx, s.person.id)
    s.read_person()


def start_run(s: Session) -> Run | None:
    """The run in which they were asked about messages: the first, whatever they answer as now."""
    return next((run for run in s.runs if run.flow == START), None)


def ask_again(s: Session) -> None:
    """Who comes back is asked what they took back, or were never asked in these words."""
    run = start_run(s)
    if run is None or run.sent_at is None or s.person.source is not None:
        return
    own = load_person(s.tx, s.context, s.visit, s.person.id)
    if own is None:
        return
    own.take_up(run)
    if own.open_question is not None and own.open_question.sets in OF_MESSAGES:
        s.take_up(run)


def _answers_no(s: Session) -> None:
    email_addresses.forget(s.tx, s.person.id)
    s.read_person()
    own, run = load_person(s.tx, s.context, s.visit, s.person.id), start_run(s)
    if own is None or run is None:
        return
    own.take_up(run)
    asked = next((question for question in own.path if question.sets in OF_MESSAGES), None)
    if asked is not None and asked.id in own.stored:
        own.save(Answer(asked.id, keys=(NO,), open=True))

"""An e-mail address is given, confirmed and taken back. Not here: the panel, the links of other mail
(bot.outbox.message_links), sending (bot.channels.email).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from bot.access import Proof
from bot.codes import hash_of, new_secret
from bot.dialogue import consent
from bot.dialogue.consent import Reached
from bot.dialogue.reply import Move, Reply, Screen, Verb
from bot.dialogue.session import Context, Session, Visit, load_person
from bot.features.meetings.service import is_signed_up
from bot.flows.schedule import DAY, HOUR
from bot.outbox.kinds import MessageKind
from bot.texts import email_address
from storage import confirmation_mails, email_addresses, outbox
from storage.db import Tx
from storage.email_addresses import EmailAddress
from storage.outbox import NewMessage

BETWEEN_MAILS = 60  # seconds between two mails that ask whether an address is somebody's
MOST_IN_AN_HOUR = 3  # of them, asked for by one person
MOST_A_DAY, MOST_A_MONTH = 2, 6  # of them, to one recipient, whoever asks
REMEMBERED = 30 * DAY  # for which it is known to whom they went
DECLINED = 365 * DAY  # for which a no is remembered
ASKED_FOR = DAY  # for which such a mail is worth sending
LONGEST_QUOTED = 60  # characters of what was typed and is no address


# --- an address is given ----------------------------------------------------------------------------------


class ConfirmationAsked(StrEnum):
    """What became of it."""

    ON_ITS_WAY = "on-its-way"
    NO_ADDRESS = "no-address"
    TOO_MANY = "too-many"
    ENOUGH = "enough"  # mails to that recipient
    BUSY = "busy"  # with mails to everybody
    MANY_HERE = "many-here"  # are asked for from where they are
    DECLINED = "declined"  # by whose address it is
    HAS_IT = "has-it"  # it is confirmed already


_Refused = Literal[
    ConfirmationAsked.TOO_MANY,
    ConfirmationAsked.ENOUGH,
    ConfirmationAsked.DECLINED,
    ConfirmationAsked.BUSY,
    ConfirmationAsked.MANY_HERE,
]


def ask(s: Session, typed: str) -> ConfirmationAsked:
    """A new address in place of the one there was; a mail goes there that asks whether it is theirs."""
    address, before = email_address.as_meant(typed), email_addresses.of_person(s.tx, s.person.id)
    if not email_address.is_address(address):
        return ConfirmationAsked.NO_ADDRESS
    if before is not None and before.address == address and before.refused_at is None:
        return ConfirmationAsked.HAS_IT if before.works else again(s, address)
    due = _next(s, address)
    if isinstance(due, ConfirmationAsked):
        return due
    code = new_secret()
    for_codes = not s.roles or s.context.proof_shown(s) is not Proof.NONE
    email_addresses.put(s.tx, s.person.id, address, code, hash_of(code), s.visit.now, for_codes=for_codes)
    return _enqueue(s, address, due)


def again(s: Session, address: str) -> Literal[ConfirmationAsked.ON_ITS_WAY] | _Refused:
    """Sends the confirmation mail again to the address that waits, if it got lost."""
    due = _next(s, address)
    if isinstance(due, ConfirmationAsked):
        return due
    email_addresses.ask_again(s.tx, s.person.id, s.visit.now)
    return _enqueue(s, address, due)


def _next(s: Session, address: str) -> int | _Refused:
    """When the next such mail may go; or why none may."""
    recipient, now = confirmation_mails.recipient_of(s.tx, address), s.visit.now
    if confirmation_mails.has_declined(s.tx, recipient):
        return ConfirmationAsked.DECLINED
    _withdraw_the_one_that_waits(s)
    if (
        confirmation_mails.to_recipient(s.tx, recipient, now - DAY) >= MOST_A_DAY
        or confirmation_mails.to_recipient(s.tx, recipient, now - REMEMBERED) >= MOST_A_MONTH
    ):
        return ConfirmationAsked.ENOUGH
    sent = outbox.asked_for(s.tx, s.person.id, MessageKind.CONFIRM, s.visit.now - HOUR)
    if len(sent) >= MOST_IN_AN_HOUR:
        return ConfirmationAsked.TOO_MANY
    if confirmation_mails.in_all(s.tx, now - HOUR) >= s.context.budgets.confirmation_mails:
        return ConfirmationAsked.BUSY
    if not s.context.budgets.mails_by_client.take(s.visit.client, now):
        return ConfirmationAsked.MANY_HERE
    return max([now, *(at + BETWEEN_MAILS for at in sent)])


def _withdraw_the_one_that_waits(s: Session) -> None:
    """It is another's now; and it has not been sent."""
    waited = email_addresses.of_person(s.tx, s.person.id)
    withdrawn = outbox.withdraw(s.tx, (MessageKind.CONFIRM,), "", s.visit.now, person_id=s.person.id)
    if withdrawn and waited is not None:
        confirmation_mails.take_back(s.tx, confirmation_mails.recipient_of(s.tx, waited.address))


def _enqueue(s: Session, address: str, due: int) -> Literal[ConfirmationAsked.ON_ITS_WAY]:
    confirmation_mails.note(s.tx, confirmation_mails.recipient_of(s.tx, address), s.visit.now)
    once = f"{MessageKind.CONFIRM}:{s.person.id}:{secrets.token_hex(4)}"
    outbox.enqueue(s.tx, NewMessage(once, s.person.id, MessageKind.CONFIRM, "", due, due + ASKED_FOR, urgent=2))
    return ConfirmationAsked.ON_ITS_WAY


def forget(s: Session) -> None:
    """No messages by e-mail any more: the address is deleted. Where they came there alone, none come."""
    address = email_addresses.of_person(s.tx, s.person.id)
    email_addresses.forget(s.tx, s.person.id)
    if address is not None and address.works and not consent.is_on_telegram(s):
        consent.turn_off_messages(s)


# --- in the same breath as the yes to messages --------------------------------------------------------------


def is_wanted(s: Session) -> bool:
    """Whether somebody who says yes to messages has to give an address: there is no other way to reach them."""
    known = email_addresses.of_person(s.tx, s.person.id)
    has_one = known is not None and known.refused_at is None
    return s.visit.pages and s.process_host.mails and not has_one and not consent.is_on_telegram(s)


def on_answer(s: Session, typed: str, *, agrees: bool) -> Reached:
    """Takes the address that came with a yes to messages; without one, tells that they can't be reached. With a no the
    address goes, and it is told what that means for a meeting."""
    if not agrees:
        return Reached(tuple(_told_of_no(s)))
    if not s.visit.pages or consent.is_on_telegram(s):
        return Reached()
    if not s.process_host.mails:
        return Reached((s.say("messages.nowhere"),))
    if not is_wanted(s):
        return Reached()
    if not typed.strip():
        return Reached((s.say("messages.no-address"),))
    match ask(s, typed):
        case ConfirmationAsked.NO_ADDRESS:
            return Reached(wrong=s.say("mail.no-address", typed=" ".join(typed.split())[:LONGEST_QUOTED]))
        case ConfirmationAsked.ON_ITS_WAY:
            return Reached((s.say("mail.waiting", address=email_address.as_meant(typed)), s.say("mail.waiting-what")))
        case outcome:
            return Reached((s.say(f"mail.asked.{outcome}"),))


def _told_of_no(s: Session) -> Iterator[str]:
    """What the no does: the address goes with it, also of who had given one without a yes, and what that means for a
    meeting."""
    if s.process_host.mails and email_addresses.of_person(s.tx, s.person.id) is not None:
        email_addresses.forget(s.tx, s.person.id)
        yield s.say("mail.deleted")
    if (
        s.visit.pages
        and not consent.is_on_telegram(s)
        and is_signed_up(s.tx, s.plan.process_id, s.person.id, s.visit.now)
    ):
        yield s.say("stop.still-coming")


# --- confirmed, or taken back, by a link ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OpenedAddress:
    """An address that somebody has the code of."""

    s: Session  # whose it is
    address: EmailAddress


def by_code(tx: Tx, context: Context, visit: Visit, code: str) -> OpenedAddress | None:
    """None for a code that is none, or none any more."""
    found = email_addresses.by_code(tx, hash_of(code))
    s = load_person(tx, context, visit, found.person_id) if found is not None else None
    return OpenedAddress(s, found) if s is not None and found is not None else None


def confirmation_page(held: OpenedAddress) -> Reply:
    """What can be done by the link that stands in every mail. Looking does nothing: mail scanners follow links."""
    s, address = held.s, held.address.address
    if held.address.confirmed_at is None:
        yes, no = Move(Verb.CONFIRMS, s.say("confirm.yes")), Move(Verb.DECLINE, s.say("confirm.no"))
        body = (s.say("confirm.press", address=address),)
        return Reply(
            language=s.language, screen=Screen.TEXT, title=s.say("confirm.title"), body=body, moves=((yes,), (no,))
        )
    stop_ = Move(Verb.DECLINE, s.say("mail.stop"))
    body = (s.say("mail.stop-what", address=address),)
    return Reply(language=s.language, screen=Screen.TEXT, title=s.say("mail.stop-title"), body=body, moves=((stop_,),))


def confirm(held: OpenedAddress) -> Reply:
    s = held.s
    email_addresses.confirm(s.tx, s.person.id, s.visit.now)
    confirmation_mails.forget(s.tx, confirmation_mails.recipient_of(s.tx, held.address.address))
    body = (s.say("confirm.done-what", address=held.address.address),)
    return Reply(language=s.language, screen=Screen.TEXT, title=s.say("confirm.done"), body=body)


def stop(held: OpenedAddress) -> Reply:
    """By whoever holds the link, without a question. Who has never said yes is not asked again either."""
    s = held.s
    forget(s)
    if held.address.confirmed_at is None:
        confirmation_mails.decline(s.tx, confirmation_mails.recipient_of(s.tx, held.address.address), s.visit.now)
        told = (s.say("confirm.declined-what"),)
        return Reply(language=s.language, screen=Screen.TEXT, title=s.say("confirm.declined"), body=told)
    return Reply(
        language=s.language, screen=Screen.TEXT, title=s.say("mail.stopped"), body=(s.say("mail.stopped-what"),)
    )

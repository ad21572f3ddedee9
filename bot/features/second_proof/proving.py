"""How a holder of a role shows a second thing: by which ways a code can come, and what becomes of one that is typed.
Never by the channel they came in by (docs/decisions/0038).
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.dialogue.session import EMAIL, TELEGRAM, WEB, Session
from bot.features.second_proof.service import CODE_LASTS, SentBy, Way
from bot.flows.schedule import HOUR
from bot.outbox.kinds import MessageKind
from storage import email_addresses, outbox, people, proofs, sessions
from storage.outbox import NewMessage

MOST_TRIES: Final = 5  # of one code
MOST_ASKED: Final = 5  # codes that one person asks for in an hour
MOST_WRONG: Final = 10  # wrong codes that are typed for one person in an hour, wherever
LONGEST_TYPED: Final = 40  # characters


class Sent(StrEnum):
    """What became of a code that was asked for."""

    ON_ITS_WAY = "on-its-way"
    TOO_OFTEN = "too-often"
    NO_WAY = "no-way"


class Checked(StrEnum):
    """What became of a code that was typed."""

    PROVEN = "proven"
    WRONG = "wrong"
    TOO_OLD = "too-old"
    USED_UP = "used-up"  # too many wrong ones were typed for it
    TOO_MANY = "too-many"  # were typed for the person in an hour
    NONE_OPEN = "none-open"  # here


def ways(s: Session) -> tuple[SentBy, ...]:
    """Where a code can be sent: to a channel that is not the one they came by."""
    found: list[SentBy] = []
    if mail_for_codes(s) is not None and s.process_host.mails and not _came_by_mail(s):
        found.append(Way.MAIL)
    if s.visit.channel != TELEGRAM and s.process_host.telegram is not None and _is_in_chat(s):
        found.append(Way.TELEGRAM)
    return tuple(found)


def mail_for_codes(s: Session) -> str | None:
    """The confirmed address; None where it was given by a holder of a role who had proven nothing: it may be of who
    only has their link."""
    email = email_addresses.of_person(s.tx, s.person.id)
    return email.address if email is not None and email.works and email.for_codes else None


def _came_by_mail(s: Session) -> bool:
    return s.visit.channel == WEB and sessions.came_by_mail(s.tx, s.visit.session)


def _is_in_chat(s: Session) -> bool:
    return any(each.channel == TELEGRAM and not each.unreachable for each in people.addresses(s.tx, s.person.id))


# --- a code is sent ---------------------------------------------------------------------------------------


def send(s: Session, way: SentBy) -> Sent:
    """A new code by this way, in place of the one that was open. It is to be typed here."""
    now, person = s.visit.now, s.person.id
    if way not in ways(s):
        return Sent.NO_WAY
    if proofs.tries(s.tx, person, proofs.ASKED, now - HOUR) >= MOST_ASKED:
        return Sent.TOO_OFTEN
    proofs.note_try(s.tx, person, proofs.ASKED, now)
    proofs.open_code(s.tx, person, way, (s.visit.channel, s.visit.place), now + CODE_LASTS)
    about = s.visit.session[: sessions.SHORT]  # «it was not me» ends that session
    outbox.withdraw(s.tx, (MessageKind.CODE,), about, now, person_id=person)
    new = NewMessage(
        f"{MessageKind.CODE}:{person}:{secrets.token_hex(4)}",
        person,
        MessageKind.CODE,
        about,
        now,
        now + CODE_LASTS,
        urgent=2,
        only_by=EMAIL if way is Way.MAIL else TELEGRAM,
    )
    outbox.enqueue(s.tx, new)
    return Sent.ON_ITS_WAY


# --- and typed --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CodeChecked:
    outcome: Checked
    left: int = 0  # tries, of a wrong one


def check(s: Session, typed: str) -> CodeChecked:
    """Takes a code that was typed here. It is counted before it is looked at."""
    now, person = s.visit.now, s.person.id
    if proofs.tries(s.tx, person, proofs.WRONG, now - HOUR) >= MOST_WRONG:
        return CodeChecked(Checked.TOO_MANY)
    code = proofs.code_of(s.tx, person)
    if code is None or (code.channel is not None and (code.channel, code.place) != (s.visit.channel, s.visit.place)):
        return CodeChecked(Checked.NONE_OPEN)
    if now >= code.expires_at:
        proofs.close_code(s.tx, person)
        return CodeChecked(Checked.TOO_OLD)
    if code.tries >= MOST_TRIES:
        return CodeChecked(Checked.USED_UP)
    proofs.count_try(s.tx, person)
    if not hmac.compare_digest(proofs.digits(s.tx, code).encode(), _digits(typed).encode()):
        return _wrong(s, MOST_TRIES - code.tries - 1)
    proofs.close_code(s.tx, person)
    prove(s, Way(code.way))
    return CodeChecked(Checked.PROVEN)


def _wrong(s: Session, left: int) -> CodeChecked:
    proofs.note_try(s.tx, s.person.id, proofs.WRONG, s.visit.now)
    if left == 0:
        s.audit("proof-refused")
        return CodeChecked(Checked.USED_UP)
    return CodeChecked(Checked.WRONG, left)


def _digits(typed: str) -> str:
    """As it may be written: «1234 5678»."""
    return "".join(char for char in typed[:LONGEST_TYPED] if char.isascii() and not char.isspace() and char != "-")


def prove(s: Session, way: Way) -> None:
    """They have shown it, here and nowhere else."""
    proofs.put(s.tx, s.person.id, s.visit.channel, s.visit.place, way, s.visit.now)
    s.audit("proof-given", way)

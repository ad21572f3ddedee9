"""The ways to show a second thing, who has one, and the code that is given by hand."""

from __future__ import annotations

import secrets
from enum import StrEnum
from ipaddress import ip_address
from typing import Final, Literal
from urllib.parse import urlsplit

from bot.flows.schedule import DAY
from bot.outbox.kinds import MessageKind
from bot.process.host import ProcessHost
from storage import audit, email_addresses, municipal_logins, outbox, passkeys, people, proofs
from storage.db import Tx
from storage.outbox import NewMessage
from storage.people import Person

CODE_LASTS = 600  # seconds
TOLD_WITHIN: Final = DAY  # for which it is tried to tell somebody that they were given a code


class Way(StrEnum):
    """By what it was shown. The values stand in the database."""

    MAIL = "mail"
    TELEGRAM = "telegram"
    PASSKEY = "passkey"
    MUNICIPALITY = "municipality"  # its own sign-in, by OpenID Connect
    OPERATOR = "operator"  # a code that whoever runs Besyv has made, or who leads


SentBy = Literal[Way.MAIL, Way.TELEGRAM]  # where a code can be sent


def host_for_keys(web: str | None) -> str | None:
    """The name that passkeys are made for. None where there can be none: browsers take names alone, by https or of the
    machine itself (https://www.w3.org/TR/webauthn-3/#rp-id)."""
    split = urlsplit(web or "")
    name = split.hostname or ""
    if not name or _is_number(name) or (split.scheme != "https" and name != "localhost"):
        return None
    return name


def _is_number(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def has_a_way(tx: Tx, person_id: int, host: ProcessHost) -> bool:
    """Whether the person can show a second thing without anybody's help."""
    email = email_addresses.of_person(tx, person_id)
    if host.mails and email is not None and email.works and email.for_codes:
        return True
    if host_for_keys(host.web) is not None and passkeys.of_person(tx, person_id):
        return True
    if host.signs_in and municipal_logins.of_person(tx, person_id) is not None:
        return True
    reached = {each.channel for each in people.addresses(tx, person_id) if not each.unreachable}
    return host.telegram is not None and reached >= {"telegram", "web"}  # a code for the one comes by the other


def give(tx: Tx, person: Person, now: int, *, by: str) -> str:
    """A code for who has no other way, from whoever runs Besyv or leads, to be told them in another way than the link.
    What was typed wrong before is forgotten."""
    proofs.forget_tries(tx, person.id)
    code = proofs.open_code(tx, person.id, Way.OPERATOR, None, now + CODE_LASTS)
    audit.note(tx, person.process_id, by, "proof-code", person.pseudonym, now)
    return proofs.digits(tx, code)


def give_and_tell(tx: Tx, person: Person, now: int, *, by: str) -> str:
    """The same from who leads; the person is told wherever they are reached, and not what the code is."""
    once = f"{MessageKind.CODE_GIVEN}:{person.id}:{secrets.token_hex(4)}"
    told = NewMessage(once, person.id, MessageKind.CODE_GIVEN, "", now, now + TOLD_WITHIN, urgent=2)
    outbox.enqueue_on(tx, told, people.channels(tx, person.id))
    return give(tx, person, now, by=by)

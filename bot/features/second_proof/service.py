"""The ways to show a second thing, and the code that is given by hand."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, Literal

from storage import audit, proofs
from storage.db import Tx
from storage.people import Person

CODE_LASTS: Final = 600  # seconds


class Way(StrEnum):
    """By what it was shown. The values stand in the database."""

    MAIL = "mail"
    TELEGRAM = "telegram"
    PASSKEY = "passkey"
    MUNICIPALITY = "municipality"  # its own sign-in, by OpenID Connect
    OPERATOR = "operator"  # a code that whoever runs Besyv has made, or who leads


SentBy = Literal[Way.MAIL, Way.TELEGRAM]  # where a code can be sent


def give(tx: Tx, person: Person, now: int, *, by: str) -> str:
    """A code for who has no other way, from whoever runs Besyv or leads, to be told them in another way than the link.
    What was typed wrong before is forgotten."""
    proofs.forget_tries(tx, person.id)
    code = proofs.open_code(tx, person.id, Way.OPERATOR, None, now + CODE_LASTS)
    audit.note(tx, person.process_id, by, "proof-code", person.pseudonym, now)
    return proofs.digits(tx, code)

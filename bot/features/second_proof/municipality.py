"""The municipality's own sign-in as a second thing: which login is whose, and what one sign-in hangs on. Nothing of it
is stored before it is over: state, nonce and verifier are worked out from session, person, purpose and second."""

from __future__ import annotations

import hmac
from typing import Final, Literal

from bot import codes
from bot.dialogue.session import Session
from bot.features.second_proof import proving
from bot.features.second_proof.service import Way
from storage import municipal_logins, proofs

HOLDS: Final = 600  # seconds between the way there and the way back
SignInPurpose = Literal["note", "use", "chat"]


def may_use(s: Session) -> bool:
    return s.visit.pages and is_noted(s)


def is_noted(s: Session) -> bool:
    """Whether there is a sign-in, and a login of theirs is known."""
    return s.process_host.signs_in and municipal_logins.of_person(s.tx, s.person.id) is not None


def secret(s: Session, what: str, purpose: SignInPurpose, at: int, bound: str = "") -> str:
    """43 characters that hang on a key of ours. `what`: state, nonce or verifier; `bound`: what else they are for."""
    about = f"{what}:{purpose}:{s.visit.channel}:{s.visit.place}:{s.person.id}:{at}:{bound}"
    return codes.of_bytes(hmac.digest(s.tx.keys.derived("municipal login"), about.encode(), "sha256"))


def is_open(s: Session, purpose: SignInPurpose, at: int, state: str, bound: str = "") -> bool:
    """Whether this session has begun it, not long ago, and has shown nothing by it since."""
    known = hmac.compare_digest(secret(s, "state", purpose, at, bound).encode(), state.encode())
    shown = proofs.find(s.tx, s.person.id, s.visit.channel, s.visit.place)
    is_used = purpose == "use" and shown is not None and shown.way == Way.MUNICIPALITY and shown.proven_at >= at
    return known and 0 <= s.visit.now - at < HOLDS and not is_used


def note(s: Session, issuer: str, subject: str) -> None:
    """That login is theirs from now on. Only in a session with a fresh proof."""
    municipal_logins.put(s.tx, s.person.id, municipal_logins.hash_of(s.tx, issuer, subject), s.visit.now)
    s.audit("login-noted")


def use(s: Session, issuer: str, subject: str) -> bool:
    """Whether it is the login that was noted for them: then it is proven here."""
    noted = municipal_logins.of_person(s.tx, s.person.id)
    if noted is None or not hmac.compare_digest(noted[0], municipal_logins.hash_of(s.tx, issuer, subject)):
        s.audit("login-refused")
        return False
    proving.prove(s, Way.MUNICIPALITY)
    return True

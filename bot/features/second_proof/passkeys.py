"""Passkeys: made on a page, used on a page, by the library `webauthn`. What a device signs is a challenge of ours for
one session, one person and one purpose, which holds for five minutes and no longer once the key was used.
"""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from typing import Final, Literal

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
)

from bot.dialogue.session import Session
from bot.features.second_proof import proving
from bot.features.second_proof.service import Way, host_for_keys
from storage import passkeys
from storage.passkeys import Passkey

HOLDS: Final = 300  # seconds for which a challenge is taken
MOST: Final = 10  # of one person
LONGEST: Final = 20_000  # characters of what a browser sends
Purpose = Literal["make", "use"]
# What webauthn 3.0 raises for what is no credential: besides its own, what CBOR, JSON or a key that is none leads to.
_NO_CREDENTIAL: Final = (WebAuthnException, ValueError, LookupError, TypeError, AttributeError, RecursionError)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page hands to the browser: the options as JSON, and when they were made, which comes back."""

    options: str
    at: int


def host(s: Session) -> str | None:
    return host_for_keys(s.process_host.web)


def may_use(s: Session) -> bool:
    return host(s) is not None and bool(passkeys.of_person(s.tx, s.person.id))


def to_make(s: Session) -> Asked | None:
    """What a browser needs to make one. None where there can be none, or are enough."""
    name, had = host(s), passkeys.of_person(s.tx, s.person.id)
    if name is None or len(had) >= MOST:
        return None
    municipality = s.plan.file.municipality.name
    options = generate_registration_options(
        rp_id=name,
        rp_name=municipality,
        user_id=s.person.pseudonym.encode(),
        user_name=s.say("passkey.name", municipality=municipality),
        challenge=_challenge(s, "make", s.visit.now),
        exclude_credentials=[_descriptor(each) for each in had],
        authenticator_selection=AuthenticatorSelectionCriteria(resident_key=ResidentKeyRequirement.DISCOURAGED),
    )
    return Asked(options_to_json(options), s.visit.now)


def to_use(s: Session, bound: str = "") -> Asked | None:
    """What a browser needs to use one. `bound`: what it is for, besides the session it is shown in."""
    name, had = host(s), passkeys.of_person(s.tx, s.person.id)
    if name is None or not had:
        return None

    options = generate_authentication_options(
        rp_id=name,
        challenge=_challenge(s, "use", s.visit.now, bound),
        allow_credentials=[_descriptor(each) for each in had],
    )
    return Asked(options_to_json(options), s.visit.now)


def make(s: Session, sent: str, asked_at: int, device: str) -> bool:
    """Keeps the key that the browser has made; False where it is none for this challenge."""

    name = host(s)
    if name is None or not _is_in_time(s, asked_at) or len(passkeys.of_person(s.tx, s.person.id)) >= MOST:
        return False
    try:
        found = verify_registration_response(
            credential=sent[:LONGEST],
            expected_challenge=_challenge(s, "make", asked_at),
            expected_rp_id=name,
            expected_origin=s.process_host.web or "",
        )
    except _NO_CREDENTIAL:
        return False
    added = passkeys.add(
        s.tx,
        s.person.id,
        credential=bytes_to_base64url(found.credential_id),
        public_key=found.credential_public_key,
        sign_count=found.sign_count,
        device=device,
        now=s.visit.now,
    )
    if added:
        s.audit("passkey-made")
    return added


def use(s: Session, sent: str, asked_at: int, bound: str = "") -> bool:
    """Whether the browser has shown a key of the person's: then it is proven here."""

    name, key = host(s), _named(s, sent)
    if name is None or key is None or not _is_in_time(s, asked_at) or asked_at < key.used_at:
        return False
    try:
        found = verify_authentication_response(
            credential=sent[:LONGEST],
            expected_challenge=_challenge(s, "use", asked_at, bound),
            expected_rp_id=name,
            expected_origin=s.process_host.web or "",
            credential_public_key=key.public_key,
            credential_current_sign_count=key.sign_count,
        )
    except _NO_CREDENTIAL:
        return False
    passkeys.note_use(s.tx, key.id, found.new_sign_count, s.visit.now + 1)
    proving.prove(s, Way.PASSKEY)
    return True


def _named(s: Session, sent: str) -> Passkey | None:
    """The person's key that the browser says it has used."""
    try:
        named = json.loads(sent[:LONGEST])
    except (ValueError, RecursionError):
        return None
    wanted = named.get("id") if isinstance(named, dict) else None
    return next((each for each in passkeys.of_person(s.tx, s.person.id) if each.credential == wanted), None)


def _is_in_time(s: Session, asked_at: int) -> bool:
    return 0 <= s.visit.now - asked_at < HOLDS


def _challenge(s: Session, purpose: Purpose, at: int, bound: str = "") -> bytes:
    """Of one session, one person, one purpose and one second."""
    about = f"{purpose}:{s.visit.channel}:{s.visit.place}:{s.person.id}:{at}:{bound}"
    return hmac.digest(s.tx.keys.derived("passkey challenge"), about.encode(), "sha256")


def _descriptor(key: Passkey) -> PublicKeyCredentialDescriptor:
    return PublicKeyCredentialDescriptor(id=base64url_to_bytes(key.credential))

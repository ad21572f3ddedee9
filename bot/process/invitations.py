"""One-time invitations to a role: made by the operator, hashed at rest, expiring, used once."""

from __future__ import annotations

import hashlib
import secrets

from bot.access import Role
from storage import audit, invites, people, processes
from storage.db import Tx
from storage.people import Person

LASTS = 7 * 24 * 3600  # seconds
_PREFIX = "i-"  # tells an invitation from the name of a step in a link


def make(tx: Tx, process_id: int, role: Role, now: int) -> str:
    """The start payload (24 characters, 128 random bits). Shown once; only its hash is kept."""
    code = _PREFIX + secrets.token_urlsafe(16)
    invites.add(tx, process_id, role, hashed(code), now, now + LASTS)
    audit.note(tx, process_id, "operator", "invite", role, now)
    return code


def arrival(tx: Tx, payload: str) -> tuple[int | None, str]:
    """What a link leads to: the process it names (None: the one the person is in, or the first), and the rest.

    `<flow>` · `<process>` · `<process>--<flow>` · an invitation's code, which knows its process.
    """
    process, _, rest = payload.partition("--")
    named = processes.by_key(tx, process)
    if named is not None:
        return named.id, rest
    return (invites.process_of(tx, hashed(payload)) if payload.startswith(_PREFIX) else None), payload


def gives_role(payload: str) -> bool:
    """Whether a link with this would use up an invitation."""
    return payload.startswith(_PREFIX)


def redeem(tx: Tx, person: Person, code: str, now: int) -> Role | None:
    """The role the code gives, now held by the person; None for one that is unknown, used or too old."""
    if not code.startswith(_PREFIX):
        return None
    found = invites.use(tx, hashed(code), person.process_id, now)
    if found is None:
        return None
    role = Role(found)
    people.grant(tx, person.id, role, now)
    audit.note(tx, person.process_id, person.pseudonym, "role-granted", role, now)
    return role


def hashed(code: str) -> str:
    """What is kept of a code."""
    return hashlib.sha256(code.encode()).hexdigest()

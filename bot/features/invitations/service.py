"""Invitations: public campaign links that grant nothing, and single links, to a person or to a role, hashed at rest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from bot.access import Role
from bot.codes import hash_of, legible, new_secret, spelled, tidied
from bot.features.register import service as register_rules
from bot.flows.schedule import DAY, HOUR, WEEK
from bot.outbox.kinds import MessageKind
from storage import (
    audit,
    capacities,
    channel_codes,
    invitations,
    joint_answers,
    late_answers,
    outbox,
    people,
    processes,
    register,
)
from storage.db import Tx
from storage.invitations import Invitation, NewInvitation
from storage.outbox import NewMessage
from storage.people import Person

ROLE_LASTS = WEEK
PERSONAL_LASTS = 60 * DAY
MOST_FAILURES = 5  # codes that did not hold, from one address within `FORGOTTEN`
FORGOTTEN = HOUR
DEPUTY_AFTERWARDS = 30 * DAY  # for which who led before is deputy, if the leader does not let it go on
WORTH = 30 * DAY  # for which it is tried to tell them
OPERATOR = "operator"  # who makes something on the command line
BY_ITSELF = "besyv"  # who it is in the audit log where nobody did it
LONGEST_LINK_NAME = 60  # characters
_SINGLE = "i-"  # tells a code that is used up from the name of a step in a link
_CAMPAIGN = "k-"
COLLATION = "s-"  # of an association that answers together
CHANNEL = "m-"  # of somebody who goes over to another channel


class InvitationKind(StrEnum):
    CAMPAIGN = "campaign"
    PERSONAL = "personal"
    ROLE = "role"


@dataclass(frozen=True, slots=True)
class LinkPreset:
    """Where a link leads to, and what is told about oneself by coming by it."""

    flow: str | None = None
    stakeholder: str | None = None
    area: str | None = None
    party_id: int | None = None


@dataclass(frozen=True, slots=True)
class Campaign:
    """A public link that was made: the number of its invitation, and its code (10 characters)."""

    number: int
    code: str


class TooMany(Exception):
    """Too many codes were tried from there. Nothing is looked up before an hour has passed."""


def make(
    tx: Tx, process_id: int, role: Role, now: int, *, by: str = OPERATOR, stands_for: str | None = None, label: str = ""
) -> str:
    """The start payload (24 characters, 128 random bits) that gives a role, once. Only its hash is kept."""
    code = _SINGLE + new_secret()
    new = NewInvitation(
        process_id=process_id,
        kind=InvitationKind.ROLE,
        code_hash=hash_of(code),
        made_by=by,
        label=label,
        role=role,
        stakeholder=stands_for,
        expires_at=now + ROLE_LASTS,
    )
    invitations.add(tx, new, now)
    audit.note(tx, process_id, by, "invite", role, now)
    return code


def make_personal(
    tx: Tx,
    process_id: int,
    to: LinkPreset,
    now: int,
    *,
    by: str = OPERATOR,
    label: str = "",
    answers_until: int | None = None,
) -> str:
    """As `make`, to one person or entry of the register, who answers by it; it gives no rights. `answers_until`: a late
    link, by which its step can be answered until then, though it is closed."""
    code = _SINGLE + new_secret()
    new = NewInvitation(
        process_id=process_id,
        kind=InvitationKind.PERSONAL,
        code_hash=hash_of(code),
        made_by=by,
        label=label,
        stakeholder=to.stakeholder,
        flow=to.flow,
        area=to.area,
        party_id=to.party_id,
        expires_at=now + PERSONAL_LASTS if answers_until is None else answers_until,
        answers_until=answers_until,
    )
    number = invitations.add(tx, new, now)
    if to.party_id is not None:
        register.mark_invited(tx, process_id, to.party_id, now)
    audit.note(tx, process_id, by, "invite-personal" if answers_until is None else "invite-late", str(number), now)
    return code


def make_campaign(
    tx: Tx, process_id: int, to: LinkPreset, now: int, *, by: str = OPERATOR, label: str = ""
) -> Campaign:
    """Creates a public link that may be used any number of times."""
    code = _CAMPAIGN + legible(8)
    new = NewInvitation(
        process_id=process_id,
        kind=InvitationKind.CAMPAIGN,
        code_hash=hash_of(code),
        made_by=by,
        code=code,
        label=label,
        role=None,
        stakeholder=to.stakeholder,
        flow=to.flow,
        area=to.area,
    )
    number = invitations.add(tx, new, now)
    audit.note(tx, process_id, by, "invite-campaign", str(number), now)
    return Campaign(number, code)


def revoke(tx: Tx, process_id: int, number: int, now: int, *, by: str = OPERATOR) -> bool:
    """False where there is nothing to revoke."""
    done = invitations.revoke(tx, process_id, number, now)
    if done:
        audit.note(tx, process_id, by, "revoke", str(number), now)
    return done


def resolve_payload(tx: Tx, payload: str) -> tuple[int | None, str]:
    """What a link leads to: the process it names (None: the one the person is in, or the first), and the rest.

    `<flow>` · `<process>` · `<process>--<flow>` · an invitation's code, which knows its process.
    """
    process, _, rest = payload.partition("--")
    named = processes.by_key(tx, process) or processes.by_key(tx, spelled(process))
    if named is not None:
        return named.id, rest
    found = invitations.by_hash(tx, hash_of(payload)) if is_code(payload) else None
    return (found.process_id if found else None), payload


def as_meant(payload: str) -> str:
    """What somebody typed, or copied with a sign too much. A code that is read off a poster has small letters alone."""
    tidy = tidied(payload)
    prefix, rest = tidy[:2].lower(), tidy[2:]
    if prefix in (_CAMPAIGN, COLLATION):
        return prefix + rest.lower()
    return prefix + rest if prefix in (_SINGLE, CHANNEL) else tidy


def step_meant(payload: str, steps: Iterable[str]) -> str | None:
    """Which of the steps is named, in letters of any size, and with æ, ø and å as people write them."""
    return next((step for step in steps if step in (payload, spelled(payload))), None)


def is_code(payload: str) -> bool:
    return payload.startswith((_SINGLE, _CAMPAIGN))


def holds_a_secret(tx: Tx, payload: str) -> str | None:
    """The code in what a link carries, of whatever kind; None where it carries none."""
    _, code = resolve_payload(tx, payload)
    return code if is_code(code) or code.startswith((COLLATION, CHANNEL)) else None


def is_guess(tx: Tx, code: str) -> bool:
    """Whether it looks like a code and never was one, or is one no longer."""
    if code.startswith(COLLATION):
        return not joint_answers.is_code(tx, code)
    if code.startswith(CHANNEL):
        return not channel_codes.is_open(tx, hash_of(code))
    return invitations.by_hash(tx, hash_of(code)) is None


def is_ones_own(tx: Tx, payload: str, now: int) -> bool:
    """Whether a link with this is to one person, and not used up."""
    _, code = resolve_payload(tx, payload)
    return is_single(code) and invitations.can_be_used(tx, hash_of(code), now)


def is_single(payload: str) -> bool:
    """Whether a link with this would be used up by coming by it."""
    return payload.startswith(_SINGLE)


def redeem(tx: Tx, person: Person, code: str, at: tuple[str, str], now: int) -> Invitation | None:
    """The invitation the code is of, used by the person at this channel and address; None for one that is unknown,
    used, revoked or too old. Raises TooMany, and then nothing was looked up."""
    require_few_failures(tx, at, now)
    if (before := _had_before(tx, person, code)) is not None:
        return before  # a button pressed twice, or the same link opened again by whom it was for
    found = invitations.use(tx, hash_of(code), person.process_id, now) if is_code(code) else None
    if found is None:
        note_failure(tx, at, now)
        return None
    people.come_by(tx, person.id, found.id)
    if found.party_id is not None:
        register_rules.invited(tx, person.id, found.party_id)
    if found.answers_until is not None:
        late_answers.come_by(tx, person.id, found.id)
        people.ask_for_whom(tx, person.id)
    if found.role is not None:
        grant(tx, person, Role(found.role), found.stakeholder, now)
    return found


def require_few_failures(tx: Tx, at: tuple[str, str], now: int) -> None:
    """Raises TooMany where too many codes of any kind were tried."""
    if are_too_many(tx, at, now):
        raise TooMany


def are_too_many(tx: Tx, at: tuple[str, str], now: int) -> bool:
    """Codes that did not hold, tried at this channel and address."""
    return invitations.failures(tx, _whose(at), now - FORGOTTEN) >= MOST_FAILURES


def note_failure(tx: Tx, at: tuple[str, str], now: int) -> None:
    invitations.note_failure(tx, _whose(at), now)


def _whose(at: tuple[str, str]) -> str:
    """Nobody's address is kept for a mistyped code."""
    return hash_of(":".join(at))


def _had_before(tx: Tx, person: Person, code: str) -> Invitation | None:
    """A used invitation that brought this very person here, or gives what they have already."""
    found = invitations.by_hash(tx, hash_of(code)) if is_single(code) else None
    if found is None or found.used_at is None or found.process_id != person.process_id:
        return None
    if found.role is not None:
        return found if found.role in people.roles(tx, person.id) else None
    if found.answers_until is not None:  # it is for who came first, and for nobody else of the entry
        return found if late_answers.came_by(tx, person.id, found.id) else None
    theirs = found.party_id is not None and capacities.was_invited_as(tx, person.id, found.party_id)
    return found if theirs or found.id == person.came_by else None


def grant(tx: Tx, person: Person, role: Role, stands_for: str | None, now: int) -> None:
    """A process has one leader who is accountable (the guide l. 103-104): who led it before is deputy for a while, and
    is told."""
    if role is Role.LEADER:
        for before in people.holder_ids(tx, person.process_id, Role.LEADER):
            if before != person.id:
                people.take_role(tx, before, Role.LEADER)
                people.grant(tx, before, Role.DEPUTY, now, ends_at=now + DEPUTY_AFTERWARDS)
                _tell_who_led(tx, before, now)
                audit.note(tx, person.process_id, person.pseudonym, "took-over", _pseudonym(tx, before), now)
    people.grant(tx, person.id, role, now, stands_for)
    audit.note(tx, person.process_id, person.pseudonym, "role-granted", role, now)


def _tell_who_led(tx: Tx, person_id: int, now: int) -> None:
    """At once, and on every channel: who comes by the link first has taken over."""
    once = f"{MessageKind.TAKEN_OVER}:{person_id}:{now}"
    new = NewMessage(once, person_id, MessageKind.TAKEN_OVER, str(now), now, now + WORTH, urgent=2)
    outbox.enqueue_on(tx, new, people.channels(tx, person_id))


def dispute(tx: Tx, person: Person, took_over_at: int, now: int) -> int:
    """Who led before says that it was not agreed. The other deputies are told, and it stands in the log; the roles stay
    as they are. How many are told."""
    deputies = [each for each in people.holder_ids(tx, person.process_id, Role.DEPUTY) if each != person.id]
    audit.note(tx, person.process_id, person.pseudonym, "take-over-disputed", "", now)
    for deputy in deputies:
        once = f"{MessageKind.DISPUTED}:{deputy}:{person.id}:{took_over_at}"
        about = str(took_over_at)
        outbox.enqueue(tx, NewMessage(once, deputy, MessageKind.DISPUTED, about, now, now + WORTH, urgent=2))
    return len(deputies)


def end_roles(tx: Tx, process_id: int, now: int) -> int:
    """Takes the roles whose time is over, and notes it; how many."""
    over = people.end_roles(tx, process_id, now)
    for pseudonym, role in over:
        audit.note(tx, process_id, BY_ITSELF, "role-ended", f"{role} {pseudonym}", now)
    return len(over)


def _pseudonym(tx: Tx, person_id: int) -> str:
    found = people.by_id(tx, person_id)
    return found.pseudonym if found else ""

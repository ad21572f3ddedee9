"""Who may do what: one table. Asked in the first line of each use case that touches other people's data.

A role holds for one process: it hangs on a person, and a person belongs to one process.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Role(StrEnum):
    PARTICIPANT = "participant"  # everybody who is known here; never stored
    FACILITATOR = "facilitator"
    LATE_ENTRY = "late-entry"  # of a facilitator whom the leader lets enter what came by letter or mail
    STEERING = "steering"
    DEPUTY = "deputy"
    LEADER = "leader"


class Right(StrEnum):
    ANSWER = "answer"
    COLLECT = "collect"  # an association's chair: members' drafts, with their yes
    MENU = "menu"  # whoever may more than everybody
    ENTER = "enter"  # what a table, or somebody on the phone or on paper, said
    ENTER_POSTED = "enter-posted"  # and what came by letter or mail, with its day, after the deadline too
    SEE_COVERAGE = "see-coverage"  # progress, in published numbers, and who is missing
    SEE_DISPOSITIONS = "see-dispositions"  # which hearing responses the steering group's members treat differently
    SHARE = "share"  # a public link to hand on
    SEE_STATUS = "see-status"  # every number, live and exact
    EXPORT = "export"
    INVITE = "invite"
    KEEP_REGISTER = "keep-register"
    OPEN_STEPS = "open-steps"
    CHANGE_QUESTIONS = "change-questions"  # see what was proposed for the meetings, and ask it of others
    KEEP_MEETINGS = "keep-meetings"
    LEAD_MEETINGS = "lead-meetings"  # the sign-ups, the count and the minutes of those one leads oneself
    KEEP_CASE = "keep-case"  # hearing responses: what is in the case, requests to erase one, whom to ask about one
    WRITE_TO_MANY = "write-to-many"  # and see what is sent to whom when
    SEE_AUDIT = "see-audit"
    GIVE_ROLES = "give-roles"


_EVERYBODY = frozenset({Right.ANSWER, Right.COLLECT})
_STEERING = frozenset({Right.MENU, Right.SEE_COVERAGE, Right.SEE_DISPOSITIONS, Right.SHARE})

RIGHTS: dict[Role, frozenset[Right]] = {
    Role.PARTICIPANT: _EVERYBODY,
    Role.FACILITATOR: _EVERYBODY | {Right.MENU, Right.ENTER, Right.LEAD_MEETINGS},
    Role.LATE_ENTRY: frozenset({Right.ENTER_POSTED}),
    Role.STEERING: _EVERYBODY | _STEERING,
    Role.DEPUTY: frozenset(Right) - {Right.GIVE_ROLES},
    Role.LEADER: frozenset(Right),
}


class Proof(IntEnum):
    """What a holder of a role has shown besides the link or the account they came by. The higher counts for the
    lower."""

    NONE = 0
    SESSION = 1  # a second thing, since this session began
    FRESH = 2  # and that in the last ten minutes


FRESH_FOR = 600  # seconds

# What a right needs of its holder on every channel. On pages nobody uses a role by a link alone, which can be handed
# on: there every right that is not everybody's needs a session's proof. In the chat the account is the first thing,
# and what shows answers or contacts asks for the second.
PROOFS: dict[Right, Proof] = {
    Right.ANSWER: Proof.NONE,
    Right.COLLECT: Proof.NONE,
    Right.MENU: Proof.NONE,
    Right.ENTER: Proof.NONE,
    Right.ENTER_POSTED: Proof.NONE,
    Right.SEE_COVERAGE: Proof.NONE,
    Right.SHARE: Proof.NONE,
    Right.SEE_STATUS: Proof.NONE,
    Right.INVITE: Proof.NONE,
    Right.OPEN_STEPS: Proof.NONE,
    Right.KEEP_MEETINGS: Proof.NONE,
    Right.LEAD_MEETINGS: Proof.NONE,
    Right.WRITE_TO_MANY: Proof.NONE,
    Right.SEE_AUDIT: Proof.NONE,
    Right.SEE_DISPOSITIONS: Proof.SESSION,
    Right.KEEP_REGISTER: Proof.SESSION,
    Right.KEEP_CASE: Proof.SESSION,
    Right.CHANGE_QUESTIONS: Proof.SESSION,
    Right.EXPORT: Proof.SESSION,
    Right.GIVE_ROLES: Proof.FRESH,
}


def proof_of(right: Right, *, pages: bool) -> Proof:
    """What the right needs where there are pages, or messages."""
    return max(PROOFS[right], Proof.SESSION) if pages and right not in _EVERYBODY else PROOFS[right]


class NotAllowed(Exception):
    """The person lacks the right. Channels answer with help, as to an unknown command."""


def rights(roles: frozenset[str]) -> frozenset[Right]:
    """Everything that holders of these roles may do; of nobody with none what every participant may."""
    return _EVERYBODY.union(*(RIGHTS[Role(role)] for role in roles))


def roles_with(right: Right) -> tuple[Role, ...]:
    """Those whose holders may do it."""
    return tuple(role for role, allowed in RIGHTS.items() if right in allowed)


def require(roles: frozenset[str], right: Right) -> None:
    if right not in rights(roles):
        raise NotAllowed(right)

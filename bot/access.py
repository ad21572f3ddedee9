"""Who may do what: one table. Asked in the first line of each use case that touches other people's data."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    LEADER = "leader"
    STEERING = "steering"


class Right(StrEnum):
    SEE_STATUS = "see-status"
    EXPORT = "export"


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.LEADER: frozenset(Right),
    Role.STEERING: frozenset({Right.SEE_STATUS}),
}


class NotAllowed(Exception):
    """The person lacks the right. Channels answer with help, as to an unknown command."""


def require(roles: frozenset[str], right: Right) -> None:
    if not any(right in RIGHTS[Role(role)] for role in roles):
        raise NotAllowed(right)

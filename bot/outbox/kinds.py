"""Kinds of messages: their names, and what one line of the table MESSAGES says of a kind (bot.features)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from bot.dialogue.reply import Attachment, Reply, Verb
from bot.dialogue.session import Session
from storage.db import Tx
from storage.outbox import OutboxMessage


class MessageKind(StrEnum):
    """The values stand in the outbox and never change meaning."""

    OPENED = "step-opened"
    DIGEST = "digest"  # the weekly overview
    INVITED = "meeting-invited"
    SOON = "meeting-soon"
    MOVED = "meeting-moved"
    CANCELLED = "meeting-cancelled"
    PLACE = "meeting-place"  # up from the waiting list
    MINUTES = "minutes"
    MINUTES_DUE = "minutes-owed"  # to who led the meeting
    DIFFERS = "dispositions-differ"  # to the steering group and who leads: a response is treated differently
    DEADLINE = "deadline"
    UNFINISHED = "unfinished"
    BULK = "bulk"  # from the leader to many
    CONFIRM = "mail-confirm"  # whether a mail address is theirs: to that address, at any hour
    LATE = "late"  # to the leader: what was due has not gone out
    CLOCK = "clock"  # to the leader: it may be wrong, and nothing is erased by itself
    COME_IN = "come-in"  # a link by which somebody who has lost theirs comes in, asked for in a mail that they got
    CODE = "proof-code"  # which somebody with a role has asked for, to show who they are
    CODE_GIVEN = "code-given"  # to who holds a role: who leads has made a code for them
    NEW_DEVICE = "new-device"  # to who holds a role: somebody has come in as them
    TAKEN_OVER = "taken-over"  # to who led before: somebody else does now
    AWAY = "away"  # we were away, and something they tapped may be lost
    DELETION = "deletion"  # to the leader: when everything is deleted, and what was taken out
    DISPUTED = "take-over-disputed"  # to the deputies: who led before says that it was not agreed
    ERASURE_ASKED = "erasure-asked"  # to the leader: somebody wants a hearing response erased
    OBJECTION_MADE = "objection-made"  # to the leader: somebody wants their answers not used
    OBJECTION_DECIDED = "objection-decided"  # to who has objected, whatever they said to messages
    RESTORED = "restored"  # to the leader: a backup was put in the database's place
    BACKUP = "backup"  # to the leader: none could be made
    BUDGET = "budget"  # to the leader: more comes in, or is kept, than is allowed for
    ERASURE_LATE = "erasure-late"  # to the leader: the key of somebody erased could not be overwritten for a day
    ERASURE_ANSWERED = "erasure-answered"  # to who asked, and is gone otherwise


Compose = Callable[[Session, OutboxMessage], Reply | None]  # None: not wanted any more, or no longer true
Press = Callable[[Session, OutboxMessage, Verb], Reply]


def _nothing(_s: Session, _message: OutboxMessage) -> None:
    return None


def _itself(_s: Session, about: str) -> str:
    return about


def _never(_tx: Tx, _message: OutboxMessage) -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageType:
    """What a kind of message says and does. Everything is made from how things stand when it is sent, or pressed."""

    compose: Compose
    in_short: Compose | None = None  # as one of several things, with short buttons; None: as it is
    nudge: int | None = None  # one that may be enough, and is joined; of two about the same thing the lowest is said
    always: Callable[[Tx, OutboxMessage], bool] = _never  # of a nudge: sent even to who has had enough
    at_once: Mapping[Verb, Press] = field(default_factory=dict)  # buttons that do something, wherever one is
    opens: Mapping[Verb, Press] = field(
        default_factory=dict
    )  # buttons that lead somewhere: who presses one in a mail comes in
    to_step: bool = False  # what it opens is the step it is about, to be answered, and nothing else
    afterwards: Compose = _nothing  # what an old mail's page shows of what it was about
    named: Callable[[Session, str], str] = _itself  # what it is about, in words
    attach: Callable[[Session, Sequence[OutboxMessage]], Attachment | None] | None = None  # one file for several
    in_dialogue: bool = False  # part of what they were just doing: goes to who has not said yes yet, too
    asks_address: bool = False  # whether it is theirs: goes to the unconfirmed one, with that one's links
    lets_in: int = 0  # seconds for which its button lets its reader in, once; it goes by mail alone
    of_login: bool = False  # about who is logged in as them: to who has stopped messages too, with no way to stop it
    to_departed: bool = False  # an answer we owe: to who has erased themselves too, or has stopped messages

    def press_of(self, verb: Verb) -> Press | None:
        return self.at_once.get(verb) or self.opens.get(verb)


Messages = Mapping[str, MessageType]

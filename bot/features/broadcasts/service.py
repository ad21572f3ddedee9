"""Broadcasts, messages from the leader to many: started, stopped, and how far they have come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.flows import schedule
from bot.flows.schedule import WEEK
from bot.outbox.kinds import MessageKind
from bot.process.plan import Plan
from storage import audit, broadcasts, outbox, recipients
from storage.broadcasts import Broadcast
from storage.db import Tx
from storage.people import Person
from storage.recipients import ChosenAudience, QueuedMessage

WORTH = WEEK  # for which such a message is worth sending
A_SECOND = 22  # messages that go out in a second when nothing is in the way
OF_MANY = 1  # their rank in the outbox: behind everything that is to somebody alone

# What may become of one of them, in the order in which it is told. «gone»: the person has deleted everything.
OUTCOMES: Final = ("sent", "due", "held", "unreachable", "failed", "unwanted", "expired", "withdrawn", "gone")


@dataclass(frozen=True, slots=True)
class BroadcastReach:
    """Whom an audience comes to as things stand now."""

    wanting: int  # they want messages, and get this one
    out_of_reach: recipients.Unreached  # of those
    not_wanting: int  # they have not said yes to messages, and get nothing

    @property
    def reached(self) -> int:
        return self.wanting - self.out_of_reach.people


def reach(tx: Tx, plan: Plan, to: ChosenAudience, *, mails: bool) -> BroadcastReach:
    """`mails`: whether e-mail goes out at all."""
    wanting = recipients.chosen(plan.process_id, to)
    others = recipients.chosen(plan.process_id, to, wanting=False)
    return BroadcastReach(
        recipients.count(tx, wanting), recipients.out_of_reach(tx, wanting, mails=mails), recipients.count(tx, others)
    )


def start(tx: Tx, plan: Plan, broadcast: Broadcast, by: Person, now: int) -> int:
    """Confirms the draft and enqueues it once for everybody in its audience. Returns how many; 0 if it was confirmed
    before."""
    if not broadcasts.confirm(tx, broadcast.id, now):
        return 0
    due = schedule.next_sending_time(now, plan.hours)
    about = str(broadcast.id)
    message = QueuedMessage(f"bulk:{about}", MessageKind.BULK, about, due, due + WORTH, rank=OF_MANY)
    people = recipients.enqueue(tx, recipients.chosen(plan.process_id, broadcast.audience), message)
    broadcasts.set_people(tx, broadcast.id, people)
    audit.note(tx, plan.process_id, by.pseudonym, "sending", about, now)
    return people


def stop(tx: Tx, plan: Plan, broadcast: Broadcast, by: Person, now: int) -> int:
    """Withdraws what has not been sent; messages being sent right now still go out. Returns how many were withdrawn."""
    if broadcast.is_draft or not broadcasts.cancel(tx, broadcast.id, now):
        return 0
    audit.note(tx, plan.process_id, by.pseudonym, "sending-stopped", str(broadcast.id), now)
    return outbox.withdraw(tx, (MessageKind.BULK,), str(broadcast.id), now)


@dataclass(frozen=True, slots=True)
class BroadcastProgress:
    """How far a broadcast has come. The outcomes add up to the people it went to."""

    people: int
    outcomes: dict[str, int]  # outcome → people, those that are not 0
    next_at: int | None  # when one may write next, if that is not now and somebody waits
    seconds_left: int  # of sending, at A_SECOND

    @property
    def sent(self) -> int:
        return self.outcomes.get("sent", 0)

    @property
    def waiting(self) -> int:
        return self.outcomes.get("due", 0)


def progress(tx: Tx, plan: Plan, broadcast: Broadcast, now: int) -> BroadcastProgress:
    states = broadcast.outcome
    if states is None:
        states = outbox.outcome(tx, (MessageKind.BULK,), str(broadcast.id))
    counted = {**states, "gone": broadcast.people - sum(states.values())}
    outcomes = {each: counted[each] for each in OUTCOMES if counted.get(each)}
    waiting, may_at = outcomes.get("due", 0), schedule.next_sending_time(now, plan.hours)
    return BroadcastProgress(
        broadcast.people, outcomes, may_at if waiting and may_at > now else None, -(-waiting // A_SECOND)
    )

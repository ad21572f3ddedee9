"""Messages from the leader to many: begun, stopped, and how far they have come. What they say: conversation."""

from __future__ import annotations

from dataclasses import dataclass

from bot.flows import schedule
from bot.process.kinds import Kind
from bot.process.plan import Plan
from storage import audit, concerned, outbox, sendings
from storage.concerned import Chosen, Message
from storage.db import Tx
from storage.people import Person
from storage.sendings import Sending

WORTH = 7 * 24 * 3600  # seconds for which such a message is worth sending
A_SECOND = 22  # messages that go out in a second when nothing is in the way
OF_MANY = 1  # their rank in the outbox: behind everything that is to somebody alone

# What may become of one of them, in the order in which it is told. «gone»: the person has deleted everything.
OUTCOMES = ("sent", "due", "unreachable", "failed", "unwanted", "expired", "withdrawn", "gone")


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom an audience comes to as things stand now."""

    wanting: int  # they want messages, and are owed this one
    out_of_reach: concerned.OutOfReach  # of those
    not_wanting: int  # they have not said yes to messages, and get nothing

    @property
    def reached(self) -> int:
        return self.wanting - self.out_of_reach.people


def reach(tx: Tx, plan: Plan, to: Chosen, *, mails: bool) -> Reach:
    """`mails`: whether e-mail goes out at all."""
    wanting = concerned.chosen(plan.process_id, to)
    others = concerned.chosen(plan.process_id, to, wanting=False)
    return Reach(
        concerned.count(tx, wanting), concerned.out_of_reach(tx, wanting, mails=mails), concerned.count(tx, others)
    )


def start(tx: Tx, plan: Plan, sending: Sending, by: Person, now: int) -> int:
    """The draft is confirmed, and everybody of its audience is owed it, once; how many. 0 where it was confirmed
    before."""
    if not sendings.confirm(tx, sending.id, now):
        return 0
    due = schedule.decent(now, plan.hours)
    about = str(sending.id)
    message = Message(f"bulk:{about}", Kind.BULK, about, due, due + WORTH, rank=OF_MANY)
    people = concerned.owe(tx, concerned.chosen(plan.process_id, sending.audience), message)
    sendings.went_to(tx, sending.id, people)
    audit.note(tx, plan.process_id, by.pseudonym, "sending", about, now)
    return people


def stop(tx: Tx, plan: Plan, sending: Sending, by: Person, now: int) -> int:
    """What is not out is withdrawn; how many messages. What is on its way this moment goes out."""
    if sending.is_draft or not sendings.cancel(tx, sending.id, now):
        return 0
    audit.note(tx, plan.process_id, by.pseudonym, "sending-stopped", str(sending.id), now)
    return outbox.withdraw(tx, (Kind.BULK,), str(sending.id), now)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a sending has come. The outcomes add up to the people it went to."""

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


def progress(tx: Tx, plan: Plan, sending: Sending, now: int) -> Progress:
    states = sending.outcome
    if states is None:
        states = outbox.outcome(tx, (Kind.BULK,), str(sending.id))
    counted = {**states, "gone": sending.people - sum(states.values())}
    outcomes = {each: counted[each] for each in OUTCOMES if counted.get(each)}
    waiting, may_at = outcomes.get("due", 0), schedule.decent(now, plan.hours)
    return Progress(sending.people, outcomes, may_at if waiting and may_at > now else None, -(-waiting // A_SECOND))

"""Composes messages of the outbox from how things stand when they are sent. Their buttons hold at any time.

Here: which messages go out, which are not wanted any more, what becomes of several at once, and whose buttons they are.
What a message says stands with its feature.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.dialogue import acting_as, naming
from bot.dialogue.navigation import proceed
from bot.dialogue.panel_navigation import open_or_closed
from bot.dialogue.reply import PERMANENT_PROMPT, Attachment, Files, Move, Reply, Screen, Tap, Verb
from bot.dialogue.session import Session, step_in, the_person
from bot.flows.schedule import WEEK
from bot.outbox.kinds import Messages
from bot.process.plan import Plan
from storage import outbox
from storage.db import Tx
from storage.outbox import OutboxMessage


@dataclass(frozen=True, slots=True)
class ComposedMessage:
    """One message, and the rows of the outbox that it settles."""

    rows: tuple[OutboxMessage, ...]
    reply: Reply


@dataclass(frozen=True, slots=True)
class Composed:
    """What goes to one person now."""

    messages: tuple[ComposedMessage, ...]
    settled: tuple[tuple[OutboxMessage, str], ...]  # rows of which nothing is sent, and what became of them


def compose(messages: Messages, s: Session, claimed: list[OutboxMessage]) -> Composed:
    """Composes what one person is due: news one by one, nudges joined into one message, or dropped when there have been
    enough."""
    made, nudges, settled = [], [], []
    for one in claimed:
        reply = message(messages, s, one)
        if reply is None:
            settled.append((one, "unwanted"))
        elif _is_enough(messages, s.tx, s.plan, one, s.visit.now):
            settled.append((one, "enough"))
        elif messages[one.kind].nudge is not None:
            nudges.append(ComposedMessage((one,), reply))
        else:
            made.append(ComposedMessage((one,), reply))
    return Composed((*made, *(_together(messages, s, nudges) if len(nudges) > 1 else nudges)), tuple(settled))


def message(messages: Messages, s: Session, row: OutboxMessage) -> Reply | None:
    """None where it is not wanted any more, or no longer true."""
    kind = messages[row.kind]
    if s.person.stopped_at is not None and not (kind.to_departed or kind.of_login):
        return None
    if not s.takes_part and not (kind.to_departed or kind.in_dialogue or kind.of_login):
        return None
    reply = kind.compose(s, row)
    return None if reply is None else with_why(_in_words(s, reply))


def _in_words(s: Session, reply: Reply) -> Reply:
    """What is damaged is said to be, and is no mark that nobody understands."""
    title = reply.title if reply.title is None else s.readable(reply.title)
    return replace(reply, title=title, body=tuple(map(s.readable, reply.body)))


def with_why(reply: Reply) -> Reply:
    """As a message of its own, which says last why they get it."""
    return reply if reply.why is None else replace(reply, body=(*reply.body, reply.why), why=None)


def _is_enough(messages: Messages, tx: Tx, plan: Plan, row: OutboxMessage, now: int) -> bool:
    """Whether the person has reached this week's limit of nudges."""
    kind = messages[row.kind]
    if kind.nudge is None or kind.always(tx, row):
        return False
    nudges = tuple(name for name, each in messages.items() if each.nudge is not None)
    return outbox.sent_since(tx, row.person_id, nudges, now - WEEK) >= plan.file.reminders.most_per_week


# --- several in one ---------------------------------------------------------------------------------------


def _together(messages: Messages, s: Session, nudges: list[ComposedMessage]) -> list[ComposedMessage]:
    """One message of everything that is due; of two about the same thing the one that says more stands for both."""
    told = _about_different_things(messages, nudges)
    rows = tuple(dict.fromkeys(row for each in (*told, *nudges) for row in each.rows))
    if len(told) == 1:
        return [replace(told[0], rows=rows)]
    shown = [each.rows[0] for each in told]
    replies = [reply for row in shown if (reply := _in_short(messages, s, row)) is not None]
    body = tuple(_numbered(number, reply) for number, reply in enumerate(replies, 1))
    moves = tuple(row for number, reply in enumerate(replies, 1) if (row := _in_a_row(s, number, reply)))
    stop = (unsubscribe(s, rows[0].id),)
    together = Reply(
        language=s.language,
        screen=Screen.TEXT,
        title=s.count("joined.title", len(replies)),
        body=(*body, s.say("reminded.why")),
        moves=(*moves, stop),
        files=Files(attachment=_attached(messages, s, shown)),
    )
    return [ComposedMessage(rows, together)]


def unsubscribe(s: Session, row_id: int) -> Move:
    """The button under a message: no more of them."""
    return Move(Verb.DECLINE, s.say("opened.stop"), row_id)


def _about_different_things(messages: Messages, nudges: list[ComposedMessage]) -> list[ComposedMessage]:
    told: dict[str, ComposedMessage] = {}
    for each in sorted(nudges, key=lambda each: messages[each.rows[0].kind].nudge or 0):
        told.setdefault(each.rows[0].about, each)
    return [each for each in nudges if each in told.values()]


def _in_short(messages: Messages, s: Session, row: OutboxMessage) -> Reply | None:
    kind = messages[row.kind]
    return (kind.in_short or kind.compose)(s, row)


def _attached(messages: Messages, s: Session, shown: list[OutboxMessage]) -> Attachment | None:
    """The file of the first kind that has one for all of its messages here."""
    for name in dict.fromkeys(row.kind for row in shown):
        attach = messages[name].attach
        if attach is not None:
            return attach(s, [row for row in shown if row.kind == name])
    return None


def _numbered(number: int, reply: Reply) -> str:
    """Without why they get it, which is said once for all."""
    return "\n".join((f"{number}. {reply.title}", *reply.body))


def _in_a_row(s: Session, number: int, reply: Reply) -> tuple[Move, ...]:
    """The buttons that do the thing, beside each other: «1: Ja», «1: Nej», «1: Se mødet». No more of them is said once
    for all."""
    return tuple(
        replace(move, label=s.say("joined.button", number=number, label=move.label))
        for move in reply.buttons
        if move.verb is not Verb.DECLINE
    )


# --- their buttons ----------------------------------------------------------------------------------------


def tapped(messages: Messages, s: Session, tap: Tap, _seen: Reply | None = None) -> Reply:
    """A button of such a message, whenever it is pressed."""
    at = (tap.place or 0, s.visit.channel, s.visit.address)
    row = outbox.message_at(s.tx, *at) if tap.number == PERMANENT_PROMPT else None
    return proceed(s, s.say("tap.stale")) if row is None else pressed(messages, s, row, tap.verb)


def pressed(messages: Messages, s: Session, row: OutboxMessage, verb: Verb) -> Reply:
    press = messages[row.kind].press_of(verb) if row.kind in messages else None
    return proceed(s) if press is None else press(s, row, verb)


def as_recipient(s: Session, row: OutboxMessage) -> Session:
    """Whom the message was for, without going there: where the person is they stay."""
    if s.person.id == row.person_id:
        return s
    return the_person(s.tx, s.context, s.visit, row.person_id)


def go_as_recipient(s: Session, row: OutboxMessage, use_case: Callable[[Session], Reply]) -> Reply:
    """As whom the message was for: not an entry they sit in for somebody else, which is said, nor who they are in
    another process."""

    def case(own: Session) -> Reply:
        if own.person.id == row.person_id:
            return use_case(own)
        there = step_in(own, row.person_id)
        reply = use_case(there)
        delivery = replace(reply.delivery, other_commands=True)
        return replace(reply, notes=(naming.moved_to(there), *reply.notes), delivery=delivery)

    return acting_as.as_oneself(case)(s)


def go_to_panel(s: Session, row: OutboxMessage, path: str) -> Reply:
    """To a panel, as whom the message was for."""

    def opened(own: Session) -> Reply:
        return proceed(own) if not own.accepted else open_or_closed(own, path)

    return go_as_recipient(s, row, opened)

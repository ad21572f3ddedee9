"""What we owe a person, as messages made from how things stand when they are sent. Their buttons hold at any time.

Here: which messages go out, which are not wanted any more, and what their buttons do. What a message says stands in
steps, meetings, roles and mail, a function per kind.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from bot import texts
from bot.access import NotAllowed
from bot.dialogue import acting_as
from bot.dialogue.navigation import onward, open_panel
from bot.dialogue.reply import Move, Reply, Screen, Tap, Verb
from bot.dialogue.session import Session, load_person, step_in
from bot.features.broadcasts import messages as broadcast_messages
from bot.features.coverage import messages as coverage_messages
from bot.features.email_address import messages as email_address_messages
from bot.features.meetings import messages as meeting_messages
from bot.features.meetings.signup import SignupAnswer, is_signed_up
from bot.features.steps import messages as step_messages
from bot.outbox import producers
from bot.outbox.kinds import ABOUT_A_MEETING, ABOUT_A_STEP, NUDGES, OF_A_MEETING, MessageKind
from storage import outbox, people
from storage.outbox import Digest, OutboxMessage

WORDS: dict[MessageKind, Callable[[Session, OutboxMessage], Reply | None]] = {
    MessageKind.OPENED: step_messages.opened,
    MessageKind.DEADLINE: step_messages.deadline,
    MessageKind.UNFINISHED: step_messages.unfinished,
    MessageKind.DIGEST: coverage_messages.digest,
    MessageKind.BULK: broadcast_messages.from_the_leader,
    MessageKind.LATE: broadcast_messages.late,
    MessageKind.CONFIRM: email_address_messages.confirmation,
    MessageKind.INVITED: meeting_messages.invited,
    MessageKind.SOON: meeting_messages.soon,
    MessageKind.MOVED: meeting_messages.moved,
    MessageKind.CANCELLED: meeting_messages.cancelled,
    MessageKind.PLACE: meeting_messages.place,
    MessageKind.MINUTES: meeting_messages.minutes,
    MessageKind.MINUTES_OWED: meeting_messages.minutes_owed,
}

ANSWERS = {Verb.COMES: SignupAnswer.YES, Verb.STAYS_AWAY: SignupAnswer.NO, Verb.MAYBE: SignupAnswer.MAYBE}


@dataclass(frozen=True, slots=True)
class ComposedMessage:
    """One message, and the rows of the outbox that it settles."""

    rows: tuple[OutboxMessage, ...]
    reply: Reply


@dataclass(frozen=True, slots=True)
class Composed:
    letters: tuple[ComposedMessage, ...]
    settled: tuple[tuple[OutboxMessage, str], ...]  # rows of which nothing is sent, and what became of them


def compose(s: Session, claimed: list[OutboxMessage]) -> Composed:
    """What goes out of what is due to one person: news one by one, nudges together in one message, or none when there
    have been enough."""
    made, nudges, settled = [], [], []
    for one in claimed:
        reply = message(s, one)
        if reply is None:
            settled.append((one, "unwanted"))
        elif producers.is_enough(s.tx, s.plan, one, s.visit.now):
            settled.append((one, "enough"))
        elif one.kind in NUDGES:
            nudges.append(ComposedMessage((one,), reply))
        else:
            made.append(ComposedMessage((one,), reply))
    return Composed((*made, *(_together(s, nudges) if len(nudges) > 1 else nudges)), tuple(settled))


def message(s: Session, owed: OutboxMessage) -> Reply | None:
    """None where it is not wanted any more, or no longer true."""
    if s.person.stopped_at is not None or not s.takes_part:
        return None
    reply = WORDS[MessageKind(owed.kind)](s, owed)
    return None if reply is None else replace(reply, standing=True)


# --- several in one ---------------------------------------------------------------------------------------

IN_SHORT = {**WORDS, MessageKind.INVITED: meeting_messages.invited_in_short}

FIRST = (
    MessageKind.INVITED,
    MessageKind.DEADLINE,
    MessageKind.OPENED,
    MessageKind.SOON,
    MessageKind.UNFINISHED,
)  # of two about the same thing, which


def _together(s: Session, nudges: list[ComposedMessage]) -> list[ComposedMessage]:
    """One message of everything that is due; of two about the same thing the one that says more stands for both."""
    told = _about_different_things(nudges)
    rows = tuple(dict.fromkeys(row for letter in (*told, *nudges) for row in letter.rows))
    if len(told) == 1:
        return [replace(told[0], rows=rows)]
    shown = [letter.rows[0] for letter in told]
    replies = [reply for row in shown if (reply := IN_SHORT[MessageKind(row.kind)](s, row)) is not None]
    body = tuple(_numbered(s, number, reply) for number, reply in enumerate(replies, 1))
    moves = tuple(row for number, reply in enumerate(replies, 1) if (row := _in_a_row(s, number, reply)))
    stop = (Move(Verb.DECLINE, s.say("opened.stop"), rows[0].id),)
    together = Reply(
        s.language,
        Screen.TEXT,
        title=texts.count(s.language, "joined.title", len(replies)),
        body=(*body, s.say("reminded.why")),
        moves=(*moves, stop),
        standing=True,
        attachment=meeting_messages.calendar_file(s, [row for row in shown if row.kind == MessageKind.INVITED]),
    )
    return [ComposedMessage(rows, together)]


def _about_different_things(nudges: list[ComposedMessage]) -> list[ComposedMessage]:
    told: dict[str, ComposedMessage] = {}
    for letter in sorted(nudges, key=lambda each: FIRST.index(MessageKind(each.rows[0].kind))):
        told.setdefault(letter.rows[0].about, letter)
    return [letter for letter in nudges if letter in told.values()]


def _numbered(s: Session, number: int, reply: Reply) -> str:
    """Without why they get it, which is said once for all."""
    whys = {s.say("opened.why"), s.say("reminded.why"), s.say("invited.why"), s.say("soon.why")}
    return "\n".join((f"{number}. {reply.title}", *(text for text in reply.body if text not in whys)))


def _in_a_row(s: Session, number: int, reply: Reply) -> tuple[Move, ...]:
    """The buttons that do the thing, short enough to stand beside each other: «1: Ja», «1: Nej», «1: Se mødet»."""
    moves = {move.verb: move for row in reply.moves for move in row}
    short = {Verb.COMES: s.say("joined.yes"), Verb.STAYS_AWAY: s.say("meeting.no")}
    wanted = (Verb.COMES, Verb.STAYS_AWAY, Verb.MEETING, Verb.GO) if Verb.COMES in moves else (Verb.MEETING, Verb.GO)
    return tuple(
        Move(verb, s.say("joined.button", number=number, label=short.get(verb, moves[verb].label)), moves[verb].place)
        for verb in wanted
        if verb in moves
    )


# --- their buttons ----------------------------------------------------------------------------------------


def tapped(s: Session, tap: Tap) -> Reply:
    """A button of such a message, whenever it is pressed."""
    owed = outbox.message_at(s.tx, tap.place or 0, s.visit.channel, s.visit.address)
    return onward(s, s.say("tap.stale")) if owed is None else pressed(s, owed, tap.verb)


def pressed(s: Session, owed: OutboxMessage, verb: Verb) -> Reply:
    match verb:
        case Verb.QUIET:
            before = outbox.digest_of(s.tx, owed.person_id)
            outbox.set_digest(s.tx, Digest(owed.person_id, before.weekday, before.hour, 1))
            return Reply(s.language, Screen.TEXT, notes=(s.say("digest.quieted"),))
        case Verb.DECLINE:
            return _declined(_as(s, owed.person_id))
        case Verb.GO if owed.kind in ABOUT_A_STEP:
            return _oneself(s, owed.person_id, lambda own: _begun(own, owed.about))
        case Verb.COMES | Verb.STAYS_AWAY | Verb.MAYBE if owed.kind in OF_A_MEETING:
            them = _as(s, owed.person_id)
            return meeting_messages.signed_up(them, owed, ANSWERS[verb]) if them.takes_part else onward(s)
        case Verb.AGREES if owed.kind == MessageKind.MINUTES:
            them = _as(s, owed.person_id)
            return meeting_messages.agreed(them, owed) if them.takes_part else onward(s)
        case Verb.MEETING if owed.kind in ABOUT_A_MEETING:
            return _oneself(s, owed.person_id, lambda own: _panel(own, meeting_messages.panel_of(owed)))
        case _:
            return onward(s)


def _declined(s: Session) -> Reply:
    """No reminders any more; of what they have signed up for they are told until they say that they do not come."""
    people.decline_messages(s.tx, s.person.id)
    signed_up = is_signed_up(s.tx, s.plan.process_id, s.person.id, s.visit.now)
    still = (s.say("opened.still-told"),) if signed_up else ()
    return Reply(s.language, Screen.TEXT, notes=(s.say("opened.stopped"), *still))


def _panel(s: Session, path: str) -> Reply:
    try:
        return onward(s) if not s.accepted else open_panel(s, path)
    except NotAllowed:
        return onward(s, s.say("panel.closed"))


def _begun(s: Session, flow: str) -> Reply:
    """As by a link to the step: after the yes, where that is asked for, and only if it can be answered still."""
    people.come_for(s.tx, s.person.id, flow)
    s.read_person()
    s.run = None
    return onward(s)


def _as(s: Session, person_id: int) -> Session:
    """Whom the message was for, without going there: where the person is they stay."""
    if s.person.id == person_id:
        return s
    found = load_person(s.tx, s.house, s.visit, person_id)
    assert found is not None  # noqa: S101  # the message was to them
    return found


def _oneself(s: Session, person_id: int, use_case: Callable[[Session], Reply]) -> Reply:
    """As whom the message was for: not an entry they sit in for somebody else, which is said, nor who they are in
    another process."""

    def case(own: Session) -> Reply:
        if own.person.id != person_id:
            step_in(own, person_id)
        return use_case(_as(own, person_id))

    return acting_as.as_oneself(case)(s)

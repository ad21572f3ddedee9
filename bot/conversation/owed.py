"""What we owe a person, as messages made from how things stand when they are sent. Their buttons hold at any time.

Here: which messages go out, which are not wanted any more, and what their buttons do. What a message says stands in
owed_steps, owed_meetings and owed_words, a function per kind.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.access import NotAllowed
from bot.conversation import entering, owed_meetings, owed_steps, owed_words
from bot.conversation.onward import onward, open_panel
from bot.conversation.situation import Situation, load_person, step_in
from bot.process import owed as owing
from bot.process.kinds import NUDGES, OF_A_MEETING, Kind
from bot.process.meetings import Answer
from bot.reply import Move, Reply, Screen, Tap, Verb
from storage import outbox, people
from storage.outbox import Digest, Owed

WORDS: dict[Kind, Callable[[Situation, Owed], Reply | None]] = {
    Kind.OPENED: owed_steps.opened,
    Kind.DEADLINE: owed_steps.deadline,
    Kind.UNFINISHED: owed_steps.unfinished,
    Kind.DIGEST: owed_words.digest,
    Kind.BULK: owed_words.from_the_leader,
    Kind.LATE: owed_words.late,
    Kind.INVITED: owed_meetings.invited,
    Kind.SOON: owed_meetings.soon,
    Kind.MOVED: owed_meetings.moved,
    Kind.CANCELLED: owed_meetings.cancelled,
    Kind.PLACE: owed_meetings.place,
    Kind.MINUTES: owed_meetings.minutes,
    Kind.MINUTES_OWED: owed_meetings.minutes_owed,
}
ANSWERS = {Verb.COMES: Answer.YES, Verb.STAYS_AWAY: Answer.NO, Verb.MAYBE: Answer.MAYBE}


@dataclass(frozen=True, slots=True)
class Letter:
    """One message, and the rows of the outbox that it settles."""

    rows: tuple[Owed, ...]
    reply: Reply


@dataclass(frozen=True, slots=True)
class Made:
    letters: tuple[Letter, ...]
    settled: tuple[tuple[Owed, str], ...]  # rows of which nothing is sent, and what became of them


def letters(s: Situation, claimed: list[Owed]) -> Made:
    """What goes out of what is due to one person: news one by one, nudges together in one message, or none when there
    have been enough."""
    made, nudges, settled = [], [], []
    for one in claimed:
        reply = message(s, one)
        if reply is None:
            settled.append((one, "unwanted"))
        elif owing.is_enough(s.tx, s.plan, one, s.visit.now):
            settled.append((one, "enough"))
        elif one.kind in NUDGES:
            nudges.append(Letter((one,), reply))
        else:
            made.append(Letter((one,), reply))
    return Made((*made, *_together(s, nudges)), tuple(settled))


def message(s: Situation, owed: Owed) -> Reply | None:
    """None where it is not wanted any more, or no longer true."""
    if s.person.stopped_at is not None or not s.takes_part:
        return None
    reply = WORDS[Kind(owed.kind)](s, owed)
    return None if reply is None else replace(reply, standing=True)


def _together(s: Situation, nudges: list[Letter]) -> list[Letter]:
    if len(nudges) < 2:
        return nudges
    replies = [letter.reply for letter in nudges]
    body = tuple(paragraph for reply in replies for paragraph in ("\n".join((f"• {reply.title}", *reply.body)),))
    moves = tuple(
        tuple(Move(move.verb, s.say("together.button", label=move.label, what=reply.title), move.place) for move in row)
        for reply in replies
        for row in reply.moves
        if all(move.verb is not Verb.DECLINE for move in row)
    )
    stop = (Move(Verb.DECLINE, s.say("opened.stop"), nudges[0].rows[0].id),)
    together = Reply(
        s.language, Screen.TEXT, title=s.say("together.title"), body=body, moves=(*moves, stop), standing=True
    )
    return [Letter(tuple(row for letter in nudges for row in letter.rows), together)]


# --- their buttons ----------------------------------------------------------------------------------------


def tapped(s: Situation, tap: Tap) -> Reply:
    """A button of such a message, whenever it is pressed."""
    owed = outbox.owed_at(s.tx, tap.place or 0, s.visit.channel, s.visit.address)
    return onward(s, s.say("tap.stale")) if owed is None else pressed(s, owed, tap.verb)


def pressed(s: Situation, owed: Owed, verb: Verb) -> Reply:
    match verb:
        case Verb.QUIET:
            before = outbox.digest_of(s.tx, owed.person_id)
            outbox.set_digest(s.tx, Digest(owed.person_id, before.weekday, before.hour, 1))
            return Reply(s.language, Screen.TEXT, notes=(s.say("digest.quieted"),))
        case Verb.DECLINE:
            people.decline_messages(s.tx, owed.person_id)
            return Reply(s.language, Screen.TEXT, notes=(s.say("opened.stopped"),))
        case Verb.GO if owed.kind in (Kind.OPENED, Kind.DEADLINE, Kind.UNFINISHED):
            return _begun(_oneself(s, owed.person_id), owed.about)
        case Verb.COMES | Verb.STAYS_AWAY | Verb.MAYBE if owed.kind in OF_A_MEETING:
            return owed_meetings.signed_up(_as(s, owed.person_id), owed, ANSWERS[verb])
        case Verb.AGREES if owed.kind == Kind.MINUTES:
            return owed_meetings.agreed(_as(s, owed.person_id), owed)
        case Verb.MEETING:
            return _panel(_oneself(s, owed.person_id), owed_meetings.panel_of(owed))
        case _:
            return onward(s)


def _panel(s: Situation, path: str) -> Reply:
    try:
        return onward(s) if not s.accepted else open_panel(s, path)
    except NotAllowed:
        return onward(s, s.say("panel.closed"))


def _begun(s: Situation, flow: str) -> Reply:
    """As by a link to the step: after the yes, where that is asked for, and only if it can be answered still."""
    people.come_for(s.tx, s.person.id, flow)
    s.read_person()
    s.run = None
    return onward(s)


def _as(s: Situation, person_id: int) -> Situation:
    """Whom the message was for, without going there: where the person is they stay."""
    if s.person.id == person_id:
        return s
    found = load_person(s.tx, s.house, s.visit, person_id)
    assert found is not None  # noqa: S101  # the message was to them
    return found


def _oneself(s: Situation, person_id: int) -> Situation:
    """Whom the message was for: not an entry they sit in for somebody else, nor who they are in another process."""
    s = entering.leave(s)
    if s.person.id == person_id:
        return s
    step_in(s, person_id)
    return _as(s, person_id)

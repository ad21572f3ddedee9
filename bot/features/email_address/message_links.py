"""What the links of a mail lead to. Whoever has its code acts as the person it was to, with what its buttons do and
nothing else: 128 random bits, of which a hash is looked up. Not here: what a message says (owed).
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.codes import hashed
from bot.dialogue.naming import step_name
from bot.dialogue.navigation import not_answerable
from bot.dialogue.reply import Move, Reply, Screen, Verb
from bot.dialogue.session import Session, Visit, load, load_person
from bot.features.meetings import wording as meeting_wording
from bot.outbox import compose
from bot.outbox.kinds import ABOUT_A_MEETING, ABOUT_A_STEP
from bot.process.host import ProcessHost
from storage import meetings, outbox, people, runs, signups
from storage.db import Tx
from storage.outbox import OutboxMessage

HOLDS = 30 * 24 * 3600  # seconds for which the links of a mail work

# What a mail's button does without the person coming in.
AT_ONCE = frozenset({Verb.COMES, Verb.STAYS_AWAY, Verb.MAYBE, Verb.AGREES, Verb.DECLINE, Verb.QUIET})


@dataclass(frozen=True, slots=True)
class OpenedMail:
    """What went out in one mail, and the person it was to, as they stand now."""

    s: Session
    rows: tuple[OutboxMessage, ...]

    def row(self, place: int) -> OutboxMessage | None:
        """The message whose button it is; none of anybody else's."""
        return next((row for row in self.rows if row.id == place), None)


def letter(tx: Tx, house: ProcessHost, visit: Visit, code: str) -> OpenedMail | None:
    """None where the link holds no more."""
    rows = outbox.by_code(tx, hashed(code), visit.now - HOLDS)
    s = load_person(tx, house, visit, rows[0].person_id) if rows else None
    return OpenedMail(s, tuple(rows)) if s is not None else None


def as_it_stands(opened: OpenedMail) -> tuple[Reply, ...]:
    """Each thing the mail spoke of, with what can be done still; of two messages about the same thing one."""
    s = opened.s
    if not s.takes_part or s.person.stopped_at is not None:
        return ()
    told: dict[str, Reply] = {}
    for row in opened.rows:
        shown = None if row.about in told else compose.message(s, row) or _what_became(s, row)
        if shown is not None:
            told[row.about] = shown
    return tuple(told.values())


def _what_became(s: Session, row: OutboxMessage) -> Reply | None:
    """Of what a message that would not be sent any more was about."""
    if row.kind in ABOUT_A_MEETING:
        return _meeting(s, row)
    return _step(s, row) if row.kind in ABOUT_A_STEP else None


def _meeting(s: Session, row: OutboxMessage) -> Reply | None:
    meeting = meetings.by_id(s.tx, s.plan.process_id, int(row.about))
    if meeting is None:
        return None
    signup = signups.of(s.tx, meeting.id, s.person.id)
    body = (
        *meeting_wording.described(s, meeting),
        *meeting_wording.said(s, signup),
        *meeting_wording.signing_up(s, meeting, signup),
    )
    moves = (*meeting_wording.buttons(s, meeting, signup, row.id), *_stop(s, row))
    return Reply(
        s.language, Screen.TEXT, title=meeting_wording.title(s, meeting), body=body, moves=moves, standing=True
    )


def _step(s: Session, row: OutboxMessage) -> Reply | None:
    known = s.plan.flows.get(row.about)
    if known is None:
        return None
    run = next((run for run in runs.of_person(s.tx, s.person.id) if run.flow == row.about), None)
    title, sent = step_name(s, known.flow), run is not None and run.sent_at is not None
    if sent or known.flow not in s.plan.open_for(s.respondent, s.visit.now):
        return Reply(s.language, Screen.TEXT, title=title, body=(not_answerable(s, known.flow, sent=sent),))
    go = Move(Verb.GO, s.say("opened.begin" if run is None else "unfinished.go"), row.id)
    return Reply(s.language, Screen.TEXT, title=title, moves=((go,), *_stop(s, row)), standing=True)


def _stop(s: Session, row: OutboxMessage) -> tuple[tuple[Move, ...], ...]:
    return ((Move(Verb.DECLINE, s.say("opened.stop"), row.id),),) if s.person.reminders == 1 else ()


def press(opened: OpenedMail, row: OutboxMessage, verb: Verb) -> Reply:
    """One of AT_ONCE, as the person the mail was to, wherever they are."""
    assert verb in AT_ONCE  # noqa: S101  # the caller has looked
    return compose.pressed(opened.s, row, verb)


def is_here(opened: OpenedMail) -> bool | None:
    """Whether this browser is the person's own; None: it is nobody's."""
    s = opened.s
    at = (s.visit.channel, s.visit.address)
    if any((each.channel, each.address) == at for each in people.addresses(s.tx, s.person.id)):
        return True
    return None if people.at_address(s.tx, *at) is None else False


def come_in(opened: OpenedMail, row: OutboxMessage, verb: Verb) -> Reply:
    """What a button that leads somewhere does: this browser is theirs from now on, and there they are."""
    s = opened.s
    if not is_here(opened):
        people.enter(s.tx, s.visit.channel, s.visit.address, s.person.id, s.visit.now)
    here = load(s.tx, s.house, s.visit)
    assert here is not None  # noqa: S101  # they are here, or were entered on the line above
    return compose.pressed(here, row, verb)

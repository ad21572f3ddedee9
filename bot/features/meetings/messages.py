"""Messages about a meeting: the invitation, that it is soon, moved or cancelled, a place come free, its minutes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot import texts
from bot.dialogue.navigation import proceed
from bot.dialogue.reply import Attachment, Files, Move, Reply, Rows, Screen, Verb
from bot.dialogue.screens import words
from bot.dialogue.session import Session
from bot.features.meetings import wording
from bot.features.meetings.service.minutes import (
    MinutesReply,
    MinutesText,
    in_force,
    objections_end,
    takes_objections,
)
from bot.features.meetings.service.signup import SignupAnswer, is_late, is_open, is_theirs, sign_up
from bot.outbox.compose import as_recipient, go_to_panel, unsubscribe
from bot.outbox.kinds import MessageKind
from bot.texts import lists
from storage import meetings, signups
from storage.db import Tx
from storage.meetings import Meeting
from storage.outbox import OutboxMessage
from storage.signups import Signup


def invited(s: Session, row: OutboxMessage) -> Reply | None:
    meeting = _to_invite(s, row)
    if meeting is None:
        return None
    title, body, why = invitation(s, meeting)
    return _message(s, row, meeting, None, title, body, why)


def invitation(s: Session, meeting: Meeting) -> tuple[str, tuple[str, ...], str]:
    """What it says, also of a meeting that is only planned: title, paragraphs, and why they get it."""
    body = (*wording.described(s, meeting), *wording.signing_up(s, meeting))
    return s.say("invited.what", title=wording.title(s, meeting)), body, s.say("invited.why")


def invited_in_short(s: Session, row: OutboxMessage) -> Reply | None:
    """As one of several things."""
    meeting = _to_invite(s, row)
    if meeting is None:
        return None
    title, _, why = invitation(s, meeting)
    body = (*wording.facts(s, meeting), *wording.signing_up(s, meeting))
    return _in_short(s, _message(s, row, meeting, None, title, body, why))


def _to_invite(s: Session, row: OutboxMessage) -> Meeting | None:
    meeting, signup = _both(s, row)
    if meeting is None or signup is not None or not s.person.wants_reminders:
        return None
    return meeting if is_open(meeting, s.visit.now) and _is_theirs(s, meeting) else None


def _is_theirs(s: Session, meeting: Meeting) -> bool:
    """Still: somebody's group or role may be another since it was enqueued."""
    return is_theirs(s.tx, meeting, s.person.id)


def soon(s: Session, row: OutboxMessage) -> Reply | None:
    meeting, signup = _both(s, row)
    if meeting is None or not s.person.wants_reminders or not is_open(meeting, s.visit.now):
        return None
    if signup is None and (is_late(meeting, s.visit.now) or not _is_theirs(s, meeting)):
        return None
    if signup is not None and (signup.answer == SignupAnswer.NO or signup.waits):
        return None
    body = (*wording.facts(s, meeting), *wording.said(s, signup), *wording.signing_up(s, meeting, signup))
    title = s.say("soon.what", title=wording.title(s, meeting))
    return _message(s, row, meeting, signup, title, body, _why(s, signup))


def soon_in_short(s: Session, row: OutboxMessage) -> Reply | None:
    reply = soon(s, row)
    return None if reply is None else _in_short(s, reply)


def _why(s: Session, signup: Signup | None) -> str:
    """Of a reminder: they have signed up, and want to be reminded."""
    return s.say("soon.why" if signup is not None and signup.answer == SignupAnswer.YES else "reminded.why")


def moved(s: Session, row: OutboxMessage) -> Reply | None:
    meeting, signup = _both(s, row)
    if meeting is None or not is_open(meeting, s.visit.now) or not _is_news_to(s, signup):
        return None
    title, body = news_of_move(s, meeting)
    own = (*wording.said(s, signup), *wording.signing_up(s, meeting, signup))
    return _message(s, row, meeting, signup, title, (*body, *own), wording.because(s, signup))


def news_of_move(s: Session, meeting: Meeting) -> tuple[str, tuple[str, ...]]:
    """What it says to everybody, also of a move that is only planned."""
    body = (s.say("moved.what"), *wording.facts(s, meeting), *wording.why(s, meeting))
    return s.say("moved.title", title=wording.title(s, meeting)), body


def cancelled(s: Session, row: OutboxMessage) -> Reply | None:
    meeting = _meeting(s, row)
    signup = signups.of(s.tx, int(row.about), s.person.id)
    if meeting is None or not _is_news_to(s, signup):
        return None
    body = (*wording.facts(s, meeting), *wording.why(s, meeting), s.say("cancelled.what"))
    title = s.say("cancelled.title", title=wording.title(s, meeting))
    return _message(s, row, meeting, signup, title, body, wording.because(s, signup))


def _is_news_to(s: Session, signup: Signup | None) -> bool:
    """Whether they are told of a change: whoever signed up, whatever they say to other messages."""
    return s.person.wants_reminders if signup is None else signup.answer != SignupAnswer.NO


def place(s: Session, row: OutboxMessage) -> Reply | None:
    meeting, signup = _both(s, row)
    if meeting is None or signup is None or not signup.comes or not is_open(meeting, s.visit.now):
        return None
    body = (*wording.facts(s, meeting), *wording.said(s, signup), s.say("place.if-not"))
    title = s.say("place.what", title=wording.title(s, meeting))
    return _message(s, row, meeting, signup, title, body, s.say("place.why"))


def minutes(s: Session, row: OutboxMessage) -> Reply | None:
    """The points, to confirm or object to."""
    meeting, signup = _both(s, row)
    if meeting is None or signup is None or not signup.comes or not takes_objections(meeting, s.visit.now):
        return None
    moves = (
        (Move(Verb.AGREES, s.say("minutes.agree"), row.id),),
        (Move(Verb.MEETING, s.say("minutes.object"), row.id),),
    )
    title, body, why = as_points(s, meeting, in_force(s.tx, meeting))
    return Reply(
        language=s.language, screen=Screen.TEXT, title=title, body=body, why=why, moves=(*moves, *_stop(s, row))
    )


def as_points(s: Session, meeting: Meeting, sent: MinutesText) -> tuple[str, tuple[str, ...], str]:
    """What minutes say to those who had a place, also before they are sent: title, paragraphs, and why they get it."""
    until = texts.moment(s.language, objections_end(meeting))
    title = wording.title(s, meeting)
    if sent.version == 1:
        body = (*wording.facts(s, meeting), lists.numbered(sent.points), s.say("minutes.ask", moment=until))
        return s.say("minutes.title", title=title), body, s.say("minutes.why")
    body = (
        *wording.facts(s, meeting),
        *wording.minutes_changed(s, sent),
        lists.numbered(sent.points, s.say("minutes.now")),
        s.say("minutes.ask-again", moment=until),
    )
    return s.say("minutes.title-changed", title=title), body, s.say("minutes.why")


def minutes_due(s: Session, row: OutboxMessage) -> Reply | None:
    meeting, _ = _both(s, row)
    if meeting is None or meeting.minutes_at is not None:
        return None
    title = s.say("minutes-owed.title", title=wording.title(s, meeting))
    moves = ((Move(Verb.MEETING, s.say("minutes-owed.write"), row.id),),)
    body, why = (*wording.facts(s, meeting), s.say("minutes-owed.what")), s.say("minutes-owed.why")
    return Reply(language=s.language, screen=Screen.TEXT, title=title, body=body, why=why, moves=moves)


def _meeting(s: Session, row: OutboxMessage) -> Meeting | None:
    """The meeting that the message is about."""
    return meetings.by_id(s.tx, s.plan.process_id, int(row.about))


def _both(s: Session, row: OutboxMessage) -> tuple[Meeting | None, Signup | None]:
    """The meeting, unless it is cancelled, and what the person has said to it."""
    meeting = _meeting(s, row)
    if meeting is None or meeting.is_cancelled:
        return None, None
    return meeting, signups.of(s.tx, meeting.id, s.person.id)


def _message(
    s: Session, row: OutboxMessage, meeting: Meeting, signup: Signup | None, title: str, body: tuple[str, ...], why: str
) -> Reply:
    moves = (*_moves(s, row, meeting, signup), *_stop(s, row))
    file = wording.calendar_file(s, meeting, signup) if row.kind != MessageKind.SOON else None
    files = Files(attachment=file)
    return Reply(language=s.language, screen=Screen.TEXT, title=title, body=body, why=why, moves=moves, files=files)


def _in_short(s: Session, reply: Reply) -> Reply:
    """With buttons that can stand in a row: yes and no, while one can come, and the way to the meeting."""
    moves = {move.verb: move for move in reply.buttons}
    said = {Verb.COMES: s.say("joined.yes"), Verb.STAYS_AWAY: s.say("meeting.no")} if Verb.COMES in moves else {}
    row = (*(replace(moves[verb], label=label) for verb, label in said.items() if verb in moves), moves[Verb.MEETING])
    return replace(reply, moves=(row,))


def _stop(s: Session, row: OutboxMessage) -> Rows:
    """For who said yes to messages. Others are told of what they have signed up for, until they say that they do not
    come."""
    return ((unsubscribe(s, row.id),),) if s.person.wants_reminders else ()


def calendar_file(s: Session, invitations: Sequence[OutboxMessage]) -> Attachment | None:
    """One file with every meeting that these invite to."""
    found = [_meeting(s, row) for row in invitations]
    several = [meeting for meeting in found if meeting is not None]
    return wording.calendar_of(s, several) if several else None


def named(s: Session, about: str) -> str:
    """The meeting's title."""
    meeting = meetings.by_id(s.tx, s.plan.process_id, int(about))
    return wording.title(s, meeting) if meeting is not None else about


def afterwards(s: Session, row: OutboxMessage) -> Reply | None:
    """What can be said still to the meeting that an old mail spoke of."""
    meeting = _meeting(s, row)
    if meeting is None:
        return None
    signup = signups.of(s.tx, meeting.id, s.person.id)
    body = (*wording.described(s, meeting), *wording.said(s, signup), *wording.signing_up(s, meeting, signup))
    moves = (*_moves(s, row, meeting, signup), *_stop(s, row))
    return Reply(
        language=s.language,
        screen=Screen.TEXT,
        title=wording.title(s, meeting),
        body=body,
        moves=moves,
    )


def comes(tx: Tx, row: OutboxMessage) -> bool:
    """Of a meeting somebody has said yes to they are reminded all the same."""
    signup = signups.of(tx, int(row.about), row.person_id)
    return signup is not None and signup.comes


# --- buttons ----------------------------------------------------------------------------------------------

ANSWERS = {Verb.COMES: SignupAnswer.YES, Verb.STAYS_AWAY: SignupAnswer.NO, Verb.MAYBE: SignupAnswer.MAYBE}
_VERBS = {answer: verb for verb, answer in ANSWERS.items()}


def _moves(s: Session, row: OutboxMessage, meeting: Meeting, signup: Signup | None) -> Rows:
    """What can still be said to the meeting, and the way to its panel. They hold at any time."""
    rows = wording.answers(s, meeting, signup)
    said = tuple(tuple(Move(_VERBS[answer], label, row.id) for answer, label in choices) for choices in rows)
    return (*said, (Move(Verb.MEETING, s.say("meeting.look"), row.id),))


def see(s: Session, row: OutboxMessage, _verb: Verb) -> Reply:
    """«Se mødet»."""
    return go_to_panel(s, row, f"moeder/{row.about}")


def write_minutes(s: Session, row: OutboxMessage, _verb: Verb) -> Reply:
    return go_to_panel(s, row, f"moedeplan/{row.about}")


def answer(s: Session, row: OutboxMessage, verb: Verb) -> Reply:
    """Ja, Måske, Nej, beside where the person is."""
    them = as_recipient(s, row)
    return _signed_up(them, row, ANSWERS[verb]) if them.takes_part else proceed(s)


def agree(s: Session, row: OutboxMessage, _verb: Verb) -> Reply:
    them = as_recipient(s, row)
    return _agreed(them, row) if them.takes_part else proceed(s)


def _signed_up(s: Session, row: OutboxMessage, answer: SignupAnswer) -> Reply:
    """What has become of it, beside where the person is; with what can be said still."""
    meeting = _meeting(s, row)
    if meeting is None:
        return words(s, s.say("panel.gone"))
    if not _is_theirs(s, meeting):
        return words(s, s.say("meeting.not-yours", email=s.plan.file.contacts.email))
    before = signups.of(s.tx, meeting.id, s.person.id)
    people = before.people if before is not None and before.answer == SignupAnswer.YES else 1
    signed = sign_up(s.tx, s.plan.hours, meeting, s.person, answer, people, s.visit.now)
    signup = signups.of(s.tx, meeting.id, s.person.id)
    moved = (s.say("moved.since"),) if signed.taken and row.due_at < meeting.changed_at else ()
    told = wording.outcome(s, meeting, signed, signup)
    about = (*moved, *wording.facts(s, meeting), *_hints(s, signup)) if signed.taken else ()
    return Reply(
        language=s.language,
        screen=Screen.TEXT,
        notes=told[:1],
        title=wording.title(s, meeting),
        body=(*told[1:], *about),
        moves=_moves(s, row, meeting, signup),
    )


def _hints(s: Session, signup: Signup | None) -> tuple[str, ...]:
    """What else can be said, and where."""
    if signup is None or signup.answer == SignupAnswer.MAYBE:
        return ()
    if signup.answer == SignupAnswer.NO:
        return (s.say("signup.absent-hint"),)
    return (s.say("signup.more-hint-many" if s.many else "signup.more-hint"),)


def _agreed(s: Session, row: OutboxMessage) -> Reply:
    """The minutes are right; unless they are others by now, or the person has objected to them."""
    meeting = _meeting(s, row)
    signup = signups.of(s.tx, int(row.about), s.person.id)
    look = ((Move(Verb.MEETING, s.say("meeting.look"), row.id),),)
    if meeting is None or signup is None or meeting.minutes_at is None:
        return words(s, s.say("panel.gone"))
    if row.due_at < meeting.minutes_at:
        note = s.say("minutes.newer")
    elif not takes_objections(meeting, s.visit.now):
        note = s.say("minutes.closed", email=s.plan.file.contacts.email)
    elif signup.minutes == MinutesReply.OBJECTED:
        note = s.say("minutes.objected-first")
    else:
        signups.put(s.tx, replace(signup, minutes=MinutesReply.CONFIRMED))
        note = s.say("minutes.agreed")
    return Reply(
        language=s.language,
        screen=Screen.TEXT,
        notes=(note,),
        title=wording.title(s, meeting),
        moves=look,
    )

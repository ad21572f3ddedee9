"""What is said of a meeting: the invitation, that it is soon, moved or cancelled, a place come free, its minutes."""

from __future__ import annotations

from dataclasses import replace

from bot.conversation import meeting as words
from bot.conversation.situation import Situation
from bot.process import meetings
from bot.process.kinds import Kind
from bot.process.meetings import Answer
from bot.reply import Move, Reply, Screen, Verb
from storage import meetings as stored
from storage import signups
from storage.meetings import Meeting
from storage.outbox import Owed
from storage.signups import Signup


def invited(s: Situation, owed: Owed) -> Reply | None:
    meeting, signup = _both(s, owed)
    if meeting is None or signup is not None or s.person.reminders != 1 or _is_past(s, meeting):
        return None
    title, body = invitation(s, meeting)
    return _message(s, owed, meeting, signup, title, body)


def invitation(s: Situation, meeting: Meeting) -> tuple[str, tuple[str, ...]]:
    """What it says to those it goes to, also of a meeting that is only planned."""
    body = (*words.described(s, meeting), *words.signing_up(s, meeting), s.say("invited.why"))
    return s.say("invited.what", title=words.title(s, meeting)), body


def soon(s: Situation, owed: Owed) -> Reply | None:
    meeting, signup = _both(s, owed)
    if meeting is None or s.person.reminders != 1 or _is_past(s, meeting):
        return None
    if signup is not None and (signup.answer == Answer.NO or signup.waits):
        return None
    body = (*words.facts(s, meeting), *words.said(s, signup), *words.signing_up(s, meeting), s.say("reminded.why"))
    return _message(s, owed, meeting, signup, s.say("soon.what", title=words.title(s, meeting)), body)


def moved(s: Situation, owed: Owed) -> Reply | None:
    meeting, signup = _both(s, owed)
    if meeting is None or _is_past(s, meeting) or (signup is not None and signup.answer == Answer.NO):
        return None
    why = (s.say("meeting.why", why=meeting.why),) if meeting.why else ()
    body = (s.say("moved.what"), *words.facts(s, meeting), *why, *words.said(s, signup))
    return _message(s, owed, meeting, signup, s.say("moved.title", title=words.title(s, meeting)), body)


def cancelled(s: Situation, owed: Owed) -> Reply | None:
    meeting = stored.by_id(s.tx, s.plan.process_id, int(owed.about))
    signup = signups.of(s.tx, int(owed.about), s.person.id)
    if meeting is None or (signup is not None and signup.answer == Answer.NO):
        return None
    why = (s.say("meeting.why", why=meeting.why),) if meeting.why else ()
    body = (*words.facts(s, meeting), *why)
    title = s.say("cancelled.title", title=words.title(s, meeting))
    file = words.calendar_file(s, meeting, signup)
    return Reply(s.language, Screen.TEXT, title=title, body=body, attachment=file)


def place(s: Situation, owed: Owed) -> Reply | None:
    meeting, signup = _both(s, owed)
    if meeting is None or signup is None or not signup.comes or _is_past(s, meeting):
        return None
    body = (*words.facts(s, meeting), *words.said(s, signup))
    return _message(s, owed, meeting, signup, s.say("place.what", title=words.title(s, meeting)), body)


def minutes(s: Situation, owed: Owed) -> Reply | None:
    """The points, to confirm or object to."""
    meeting, signup = _both(s, owed)
    if meeting is None or signup is None or not signup.comes:
        return None
    points = "\n".join(f"{n}. {point}" for n, point in enumerate(stored.minutes(s.tx, meeting.id), 1))
    moves = (
        (Move(Verb.AGREES, s.say("minutes.agree"), owed.id),),
        (Move(Verb.MEETING, s.say("minutes.object"), owed.id),),
    )
    title = s.say("minutes.title", title=words.title(s, meeting))
    return Reply(s.language, Screen.TEXT, title=title, body=(points, s.say("minutes.ask")), moves=moves)


def minutes_owed(s: Situation, owed: Owed) -> Reply | None:
    meeting, _ = _both(s, owed)
    if meeting is None or meeting.minutes_at is not None:
        return None
    title = s.say("minutes-owed.title", title=words.title(s, meeting))
    moves = ((Move(Verb.MEETING, s.say("minutes-owed.write"), owed.id),),)
    return Reply(s.language, Screen.TEXT, title=title, body=(s.say("minutes-owed.what"),), moves=moves)


def _both(s: Situation, owed: Owed) -> tuple[Meeting | None, Signup | None]:
    """The meeting, unless it is cancelled, and what the person has said to it."""
    meeting = stored.by_id(s.tx, s.plan.process_id, int(owed.about))
    if meeting is None or meeting.is_cancelled:
        return None, None
    return meeting, signups.of(s.tx, meeting.id, s.person.id)


def _is_past(s: Situation, meeting: Meeting) -> bool:
    return s.visit.now >= meeting.facts.starts_at


def _message(
    s: Situation, owed: Owed, meeting: Meeting, signup: Signup | None, title: str, body: tuple[str, ...]
) -> Reply:
    stop = ((Move(Verb.DECLINE, s.say("opened.stop"), owed.id),),)
    moves = (*words.buttons(s, meeting, signup, owed.id), *stop)
    file = words.calendar_file(s, meeting, signup) if owed.kind != Kind.SOON else None
    return Reply(s.language, Screen.TEXT, title=title, body=body, moves=moves, attachment=file)


# --- buttons ----------------------------------------------------------------------------------------------


def panel_of(owed: Owed) -> str:
    """Where «Se mødet» leads."""
    return f"moedeplan/{owed.about}" if owed.kind == Kind.MINUTES_OWED else f"moeder/{owed.about}"


def signed_up(s: Situation, owed: Owed, answer: Answer) -> Reply:
    """What has become of it, beside where the person is; with what can be said still."""
    meeting = stored.by_id(s.tx, s.plan.process_id, int(owed.about))
    assert meeting is not None  # noqa: S101  # meetings are never deleted
    before = signups.of(s.tx, meeting.id, s.person.id)
    people = before.people if before is not None and before.answer == Answer.YES else 1
    outcome = meetings.sign_up(s.tx, s.plan.hours, meeting, s.person, answer, people, s.visit.now)
    signup = signups.of(s.tx, meeting.id, s.person.id)
    note = s.say(f"signup.{outcome.outcome}")
    body = (*words.facts(s, meeting), *words.said(s, signup)) if outcome.taken else ()
    moves = words.buttons(s, meeting, signup, owed.id)
    return Reply(s.language, Screen.TEXT, notes=(note,), title=words.title(s, meeting), body=body, moves=moves,
                 standing=True)  # fmt: skip


def agreed(s: Situation, owed: Owed) -> Reply:
    """The minutes are right."""
    signup = signups.of(s.tx, int(owed.about), s.person.id)
    if signup is not None and signup.comes:
        signups.put(s.tx, replace(signup, minutes="confirmed"))
    return Reply(s.language, Screen.TEXT, notes=(s.say("minutes.agreed"),))

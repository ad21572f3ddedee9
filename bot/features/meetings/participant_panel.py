"""The panel «/moeder»: the meetings for a person, who says whether they come, with how many, what they need and ask.

Not here: the minutes (minutes_review), planning and leading a meeting (organiser).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from bot import texts
from bot.dialogue import screens
from bot.dialogue.naming import contact_note
from bot.dialogue.panel import Args, Elsewhere, Go, Panel, PanelInput, column
from bot.dialogue.panel_parts import back, onward
from bot.dialogue.session import Session
from bot.features.meetings import calendar_feed, minutes_review, wording
from bot.features.meetings.service.signup import (
    Outcome,
    SignupAnswer,
    is_late,
    is_open,
    is_theirs,
    most_now,
    next_for,
    sign_up,
    tell_needs,
)
from bot.features.meetings.service.words import WordsKind
from bot.flows import engine, typed
from bot.flows.engine import Refusal
from bot.texts import lists
from storage import meetings, signups
from storage.meetings import Meeting, MeetingWords
from storage.signups import Signup

LONGEST = 1000  # characters of what is written about a meeting
MOST_WORDS = 10  # questions of one person, and things to be said for them
AS_BUTTONS = 6  # people; a larger number is written
ANSWERS = {"ja": SignupAnswer.YES, "nej": SignupAnswer.NO, "maaske": SignupAnswer.MAYBE}  # by what stands in the path
_PATHS = {answer: path for path, answer in ANSWERS.items()}
TheirWords = Literal[WordsKind.QUESTION, WordsKind.ABSENT]
WORDS_BY_PATH: dict[str, TheirWords] = {
    "spoerg": WordsKind.QUESTION,
    "sig": WordsKind.ABSENT,
}


def show(s: Session, args: Args, sent: PanelInput) -> Panel | Elsewhere:
    match args:
        case ("videre",):
            return Elsewhere()
        case (number, *rest):
            meeting = _found(s, number)
            return _list(s, s.say("panel.gone")) if meeting is None else _at(s, meeting, tuple(rest), sent)
        case _:
            return _list(s)


def _found(s: Session, number: str) -> Meeting | None:
    """A meeting of theirs; to whom it is not for there is none."""
    known = re.fullmatch(r"[0-9]{1,9}", number) is not None
    meeting = meetings.by_id(s.tx, s.plan.process_id, int(number)) if known else None
    return meeting if meeting is not None and is_theirs(s.tx, meeting, s.person.id) else None


def _at(s: Session, meeting: Meeting, rest: Args, sent: PanelInput) -> Panel:
    match rest:
        case ("antal",):
            return _number(s, meeting, sent.text) if sent.text else _how_many(s, meeting)
        case ("ja",) if s.many and _most(s, meeting) > 1:
            return _how_many(s, meeting)
        case ("ja" | "nej" | "maaske" as answer,):
            return _signed(s, meeting, ANSWERS[answer], 1)
        case ("ja", people):
            return _signed(s, meeting, SignupAnswer.YES, int(people))
        case ("behov", *what):
            return _needs(s, meeting, tuple(what), sent.text)
        case ("spoerg" | "sig" as kind, *what):
            return _words(s, meeting, kind, tuple(what), sent.text)
        case ("kalender",):
            return _one(s, meeting, makes_calendar=True)
        case ("referat", version, *what):
            return _one(s, meeting, *minutes_review.said(s, meeting, version, tuple(what)))
        case ("punkt", version, point) if signup := minutes_review.may_object(s, meeting, version, point):
            return _point(s, meeting, signup, version, int(point), sent.text)
        case ("punkt", version, _) if minutes_review.is_outdated(s, meeting, version):
            return _one(s, meeting, s.say("minutes.newer-here"))
        case _:
            return _one(s, meeting)


# --- all of them ------------------------------------------------------------------------------------------


def _list(s: Session, *notes: str) -> Panel:
    ahead = next_for(s.tx, s.plan.process_id, s.person.id, s.visit.now)
    minutes = minutes_review.to_read(s)
    body = [_line(s, meeting) for meeting in ahead]
    rows = [Go(wording.button_label(s, meeting), f"moeder/{meeting.id}") for meeting in ahead]
    rows += [Go(s.say("minutes.title", title=wording.title(s, each)), f"moeder/{each.id}") for each in minutes]
    empty = s.say("meetings.none-more" if minutes else "meetings.none")
    continue_button = onward(s, "moeder/videre")
    return Panel(
        at="moeder",
        title=s.say("lead.moeder"),
        body=tuple(body) or (empty,),
        rows=column(*rows, continue_button),
        notes=notes,
        links=calendar_feed.way_there(s),
    )


def _line(s: Session, meeting: Meeting) -> str:
    """Its title, when and where, and what they have said."""
    cancelled = (s.say("meeting.cancelled"),) if meeting.is_cancelled else ()
    told = () if cancelled else wording.said(s, signups.of(s.tx, meeting.id, s.person.id))
    return "\n".join((wording.title(s, meeting), *cancelled, *wording.facts(s, meeting), *told))


# --- one of them ------------------------------------------------------------------------------------------


def _one(s: Session, meeting: Meeting, *notes: str, makes_calendar: bool = False) -> Panel:
    signup = signups.of(s.tx, meeting.id, s.person.id)
    heard = minutes_review.of(s, meeting, signup)
    body = (
        *wording.described(s, meeting),
        *wording.signing_up(s, meeting, signup),
        *_said(s, meeting, signup),
        *heard.body,
    )
    file = wording.calendar_file(s, meeting, signup) if makes_calendar else None
    rows = (
        *_answers(s, meeting, signup),
        *column(*_more(s, meeting, signup), *heard.buttons),
        *_ways(s, meeting, signup),
    )
    return Panel(
        at=f"moeder/{meeting.id}",
        title=wording.title(s, meeting),
        body=body,
        rows=rows,
        notes=notes,
        makes=(lambda: file,) if file is not None else (),
    )


def _said(s: Session, meeting: Meeting, signup: Signup | None) -> tuple[str, ...]:
    """What they have said, as long as it matters."""
    if meeting.facts.ends_at <= s.visit.now or meeting.is_cancelled:
        return ()
    needs = (s.say("needs.yours", needs=signup.needs),) if signup is not None and signup.needs else ()
    questions = [each.text for each in _mine(s, meeting, WordsKind.QUESTION)]
    absent = [each.text for each in _mine(s, meeting, WordsKind.ABSENT)]
    return (
        *wording.said(s, signup),
        *needs,
        *((lists.bulleted(questions, s.say("question.yours")),) if questions else ()),
        *((lists.bulleted(absent, s.say("absent.yours")),) if absent else ()),
    )


def _answers(s: Session, meeting: Meeting, signup: Signup | None) -> tuple[tuple[Go, ...], ...]:
    rows = wording.answers(s, meeting, signup)
    return tuple(tuple(Go(label, f"moeder/{meeting.id}/{_PATHS[answer]}") for answer, label in row) for row in rows)


def _more(s: Session, meeting: Meeting, signup: Signup | None) -> list[Go]:
    at, answered = f"moeder/{meeting.id}", None if signup is None else signup.answer
    if not is_open(meeting, s.visit.now):
        return []
    more = []
    if answered == SignupAnswer.YES and s.many and _most(s, meeting) > 1:
        more.append(Go(s.say("people.change"), f"{at}/antal"))
    if signup is not None and answered in (SignupAnswer.YES, SignupAnswer.MAYBE):
        more.append(Go(s.say("needs.change" if signup.needs else "needs.tell"), f"{at}/behov"))
    if answered == SignupAnswer.NO:
        more.append(Go(s.say("absent.tell"), f"{at}/sig"))
    else:
        more.append(Go(s.say("question.tell"), f"{at}/spoerg"))
    return more


def _ways(s: Session, meeting: Meeting, signup: Signup | None) -> tuple[tuple[Go, ...], ...]:
    """Who has said no has no use for it in their calendar."""
    declined = signup is not None and signup.answer == SignupAnswer.NO
    ahead = not declined and not meeting.is_cancelled and s.visit.now < meeting.facts.ends_at
    calendar = (Go(s.say("calendar.get"), f"moeder/{meeting.id}/kalender"),) if ahead else ()
    return column(*calendar, back(s, "moeder"), onward(s, "moeder/videre"))


# --- who comes --------------------------------------------------------------------------------------------


def _signed(s: Session, meeting: Meeting, answer: SignupAnswer, people: int) -> Panel:
    signed = sign_up(s.tx, s.plan.hours, meeting, s.person, answer, people, s.visit.now)
    told = wording.outcome(s, meeting, signed, signups.of(s.tx, meeting.id, s.person.id))
    if signed.outcome is Outcome.TOO_MANY and signed.left and s.many:
        return _how_many(s, meeting, told[0])
    if signed.outcome in (Outcome.CANCELLED, Outcome.OVER):
        return _one(s, meeting)  # which says so
    return _one(s, meeting, told[0])  # the rest of it stands below


def _most(s: Session, meeting: Meeting) -> int:
    """How many they can be; when it is late, no more than they have places for."""
    signup = signups.of(s.tx, meeting.id, s.person.id)
    if signup is not None and signup.comes and is_late(meeting, s.visit.now):
        return signup.people
    return most_now(s.tx, meeting, s.person, signup)


def _how_many(s: Session, meeting: Meeting, *notes: str) -> Panel:
    if not is_open(meeting, s.visit.now):
        return _one(s, meeting)
    at, most = f"moeder/{meeting.id}", _most(s, meeting)
    cap = meeting.facts.most_per_party
    body = (
        s.say("people.count-yourself"),
        *((s.say("people.write"),) if most > AS_BUTTONS else ()),
        *((s.count("people.most", most),) if cap is not None else ()),
        *wording.signing_up(s, meeting),
    )
    few = [Go(str(people), f"{at}/ja/{people}") for people in range(1, min(AS_BUTTONS, most) + 1)]
    rows = (*(tuple(few[n : n + 3]) for n in range(0, len(few), 3)), (back(s, at),))
    return Panel(
        at=f"{at}/antal",
        title=s.say("people.how-many"),
        body=body,
        rows=rows,
        notes=notes,
        asks=f"{at}/antal",
        asks_number=True,
        send=s.say("send.sign-up"),
    )


def _number(s: Session, meeting: Meeting, text: str) -> Panel:
    """«Vi er 12»."""
    numbers = re.findall(r"[0-9]+", typed.plain(text))
    people = int(numbers[0]) if len(numbers) == 1 and len(numbers[0]) <= len("9999") else typed.count(text)
    if len(numbers) > 1 or people is None or not 1 <= people <= 9999:
        return _how_many(s, meeting, s.say("people.not-a-number"))
    return _signed(s, meeting, SignupAnswer.YES, people)


# --- what they write --------------------------------------------------------------------------------------


def _needs(s: Session, meeting: Meeting, what: Args, text: str) -> Panel:
    """They may tell of their health (GDPR art. 9): kept after a yes of their own, which says who sees them and until
    when, and after no other; apart, shown to who leads the work or the meeting, gone when it is over."""
    signup = signups.of(s.tx, meeting.id, s.person.id)
    at = f"moeder/{meeting.id}/behov"
    if signup is None or signup.answer == SignupAnswer.NO or not is_open(meeting, s.visit.now):
        return _one(s, meeting, *((s.say("words.too-late"),) if text else ()))
    if what == ("slet",):
        tell_needs(s.tx, signup, "", s.visit.now)
        return _one(s, meeting, s.say("needs.gone"))
    if what != ("ja",) and not signup.needs:
        return _asks_for_yes(s, meeting)
    read = _read(s, text) if text and what == ("ja",) else None
    if isinstance(read, str):
        tell_needs(s.tx, signup, read, s.visit.now)
        return _one(s, meeting, s.say("needs.kept"), *contact_note(s, text))
    kept = (s.say("needs.yours", needs=signup.needs),) if signup.needs else ()
    body = (*kept, s.say("needs.what"), s.say("needs.who"))
    rows = column(
        *((Go(s.say("needs.delete"), f"{at}/slet"),) if signup.needs else ()), back(s, f"moeder/{meeting.id}")
    )
    return Panel(
        at=f"{at}/ja",
        title=s.say("needs.ask"),
        body=body,
        rows=rows,
        notes=_why(read),
        asks=f"{at}/ja",
        send=s.say("send.needs"),
    )


def _asks_for_yes(s: Session, meeting: Meeting) -> Panel:
    """Nothing that is written here is kept."""
    at = f"moeder/{meeting.id}"
    return Panel(
        at=f"{at}/behov",
        title=s.say("needs.any"),
        body=(s.say("needs.who"), s.say("needs.health")),
        rows=column(Go(s.say("needs.yes"), f"{at}/behov/ja"), Go(s.say("needs.no"), at)),
    )


def _words(s: Session, meeting: Meeting, path: str, what: Args, text: str) -> Panel:
    """Questions sent in beforehand, or what is to be said for somebody who cannot come."""
    kind = WORDS_BY_PATH[path]
    if not is_open(meeting, s.visit.now):
        return _one(s, meeting, *((s.say("words.too-late"),) if text else ()))
    notes: tuple[str, ...] = ()
    if what and what[0].isdecimal():
        _take_back(s, meeting, kind, int(what[0]))
    elif text:
        notes = _told(s, meeting, kind, text)
    took = _read(s, text) in [each.text for each in _mine(s, meeting, kind)]
    return replace(_asking(s, meeting, path, *notes), took=took)


def _told(s: Session, meeting: Meeting, kind: TheirWords, text: str) -> tuple[str, ...]:
    read, mine = _read(s, text), _mine(s, meeting, kind)
    if isinstance(read, RefusedText):
        return (read.why,)
    if read not in [each.text for each in mine]:  # sent twice is said once
        if len(mine) >= MOST_WORDS:
            return (s.count("words.enough", MOST_WORDS),)
        meetings.add_words(s.tx, meeting.id, s.person.id, kind, read, s.visit.now)
    return (s.say(f"asking.{kind}.saved"), *contact_note(s, text))


def _asking(s: Session, meeting: Meeting, path: str, *notes: str) -> Panel:
    at, kind = f"moeder/{meeting.id}/{path}", WORDS_BY_PATH[path]
    mine = _mine(s, meeting, kind)
    listed = lists.numbered(each.text for each in mine)
    body = (*((listed,) if mine else ()), s.say(f"asking.{kind}.what"), s.say("hint.privacy"))
    drops = [Go(s.say("words.delete", number=n), f"{at}/{each.id}") for n, each in enumerate(mine, 1)]
    rows = column(*drops, back(s, f"moeder/{meeting.id}"))
    return Panel(
        at=at, title=s.say(f"asking.{kind}"), body=body, rows=rows, notes=notes, asks=at, send=s.say("send.text")
    )


def _mine(s: Session, meeting: Meeting, kind: str) -> list[MeetingWords]:
    found = meetings.words_of(s.tx, s.person.id)
    return [each for each in found if (each.meeting_id, each.kind) == (meeting.id, kind)]


def _take_back(s: Session, meeting: Meeting, kind: str, words_id: int) -> None:
    if words_id in [each.id for each in _mine(s, meeting, kind)]:
        meetings.take_back(s.tx, words_id, s.person.id)


@dataclass(frozen=True, slots=True)
class RefusedText:
    """What was written and is not kept, and why."""

    why: str


def _read(s: Session, text: str) -> str | RefusedText:
    """What was written, as it is kept."""
    read = engine.read(text)
    if isinstance(read, Refusal):
        return RefusedText(screens.refused(s, read))
    if len(read) > LONGEST:
        return RefusedText(s.say("words.too-long", most=texts.decimal(s.language, LONGEST)))
    if s.lacks_room_for(read):
        return RefusedText(s.say("refusal.full", email=s.plan.file.contacts.email))
    return read


def _why(read: str | RefusedText | None) -> tuple[str, ...]:
    return (read.why,) if isinstance(read, RefusedText) else ()


# --- the minutes ------------------------------------------------------------------------------------------


def _point(s: Session, meeting: Meeting, signup: Signup, version: str, point: int, text: str) -> Panel:
    """What is wrong with one point of the minutes."""
    read = _read(s, text) if text else None
    if isinstance(read, str):
        minutes_review.object_to(s, meeting, signup, point, read)
        return _one(s, meeting, s.say("minutes.objected"), *contact_note(s, text))
    at = f"moeder/{meeting.id}/punkt/{version}/{point}"
    said = meetings.minutes(s.tx, meeting.id)[point - 1]
    rows = column(back(s, f"moeder/{meeting.id}"))
    return Panel(
        at=at,
        title=s.say("minutes.what-is-wrong", point=point),
        body=(said, s.say("minutes.how-it-was")),
        rows=rows,
        notes=_why(read),
        asks=at,
        send=s.say("send.correction"),
    )

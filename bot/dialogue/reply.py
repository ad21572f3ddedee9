"""What a person gets to see: the same for every channel, in words already, with nothing of any channel in it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum, unique

from bot.flows.engine import Answer
from bot.flows.model import Choice, Language, Question
from storage.db import Database


class Screen(StrEnum):
    """What is shown. The value is stored with the prompt, so that it can be shown again when in doubt."""

    NOTICE = "notice"
    ASK = "ask"
    REVIEW = "review"
    RECEIPT = "receipt"
    MENU = "menu"  # several steps are open: which one?
    IDLE = "idle"  # nothing to answer now
    CORRECT = "correct"  # which step's answers to change
    PAUSED = "paused"
    NEWER = "newer"  # a newer version of the questions is offered
    LANGUAGE = "language"
    ERASE = "erase"
    WITHDRAW = "withdraw"  # whether a hearing response is to be taken back
    PANEL = "panel"  # a menu of the leader's, the steering group's, a facilitator's, a chair's
    PARTY = "party"  # whom of the register one speaks for
    READING = "reading"  # the questions of a step that may be read, and not answered yet
    CAPACITY = "capacity"  # what one answers as
    PROCESS = "process"  # in which of the processes one takes part in one goes on
    JOIN = "join"  # whether a chair may see one's drafts
    DOUBT = "doubt"  # whether words were an answer
    TEXT = "text"  # words alone


@unique
class Verb(StrEnum):
    """What a button does. Values stand in callback data and never change meaning."""

    ACCEPT = "a"
    PICK = "p"
    UNPICK = "n"
    DONE = "d"
    UNDO = "u"
    SKIP = "s"
    BACK = "b"
    KEEP = "k"
    PAUSE = "x"
    SEND = "t"
    EDIT = "e"
    GO = "g"  # on to a step
    RESUME = "r"
    SPEAK = "l"
    ERASE = "z"
    CANCEL = "c"
    ADOPT = "v"
    DECLINE = "w"
    OPEN = "o"  # a panel's button
    SPEAK_FOR = "f"  # an entry of the register
    JOIN = "j"
    TAKE = "T"  # a member's words into the chair's draft
    ANSWER_AS = "i"  # in this capacity
    READ = "q"  # look at a step's questions
    LEAVE = "y"  # back to oneself, from answers entered for others
    QUIET = "h"  # no weekly overview any more: stands in a message of its own
    COMES = "C"  # to the meeting that the message is about; so do the next ones
    STAYS_AWAY = "S"
    MAYBE = "M"
    MEETING = "E"  # to the meeting's own panel
    AGREES = "A"  # the minutes are right
    WISH = "W"  # what a word without a slash asked for
    WITHDRAW = "R"  # takes a hearing response back, and asks before
    NOT_ME = "N"  # who came in, or took over, was not to: stands in a message
    KEEP_DETAILS = "K"  # what tells of somebody is the answer
    REWRITE = "F"  # it is to be written anew
    CONFIRMS = "B"  # that a mail address is theirs: stands in a mail, and on the page it leads to


class FormWay(StrEnum):
    """Where the person wants to go with what they filled in."""

    NEXT = "next"
    STAY = "stay"  # one more idea, another order
    BACK = "back"
    SKIP = "skip"
    PAUSE = "pause"
    MEANT = "meant"  # the word is the answer
    WISH = "wish"  # the word asks for something
    KEEP = "keep"  # what tells of somebody is the answer
    KEEP_STAY = "keep-stay"  # the same, of one more idea
    REWRITE = "rewrite"  # it is to be written anew


# Taps whose meaning does not depend on how the prompt looked: they hold on any redrawing of the same prompt.
COMMUTING = frozenset({Verb.PICK, Verb.UNPICK, Verb.DONE, Verb.TAKE})


@dataclass(frozen=True, slots=True)
class Move:
    """A button: what it says and what it does. `place` is the choice, question or step it means, from 0."""

    verb: Verb
    label: str
    place: int | None = None


Rows = tuple[tuple[Move, ...], ...]  # of buttons


@dataclass(frozen=True, slots=True)
class Tap:
    """A button that was pressed, as the channel reports it. Nothing in it is trusted."""

    number: int
    revision: int
    verb: Verb
    place: int | None


@dataclass(frozen=True, slots=True)
class Ask:
    """The open question, for channels that draw more than buttons. `order`: the places of the options (from 0), in the
    order in which they are shown."""

    question: Question
    options: tuple[Choice, ...]
    order: tuple[int, ...]
    answer: Answer | None
    number: int
    total: int
    many: bool


@dataclass(frozen=True, slots=True)
class ReviewLine:
    flow: str
    question: Question
    asked: str
    said: str | None  # None: skipped


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file. `picture` says in words what it shows: it is shown at once where the channel can. `type` is its media
    type where its name does not say enough."""

    name: str
    content: bytes
    picture: str | None = None
    type: str = ""


Maker = Callable[[], Attachment]  # takes its time: called outside any transaction, in a thread


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under column headings, the first cell of each row being its heading; in bands with a name each."""

    caption: str
    columns: tuple[str, ...]
    bands: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...]


@dataclass(frozen=True, slots=True)
class Input:
    """What a panel waits for, besides its buttons."""

    words: bool = False
    send: str = ""  # what the button that sends the words is called
    mail: bool = False  # and the words are a mail address
    code: bool = False  # and they are a code of some digits
    number: bool = False  # and they may be a number alone
    file: bool = False
    refused: str = ""  # what was typed and can't be taken, to stand in the field again
    begun: str = ""  # what stands in the field to begin with, to be changed


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a reply reaches the person, where that is not a new message of its own."""

    redraw: bool = False  # in place of the message that was tapped
    left: Reply | None = None  # what the tapped message is left as: the question and «✓ the answer»
    shown_once: bool = False  # can't be shown again: it is not drawn over
    other_commands: bool = False  # they are somebody else now, who may have other commands


@dataclass(frozen=True, slots=True)
class Files:
    """What comes with a reply, or after it."""

    attachment: Attachment | None = None
    makes: tuple[Maker, ...] = ()  # to be made now
    follows: Callable[[Database], Awaitable[Reply]] | None = None  # what takes its time, and then is a reply of its own
    exports: bool = False  # here the answers are taken out


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    language: Language
    screen: str  # of the table SCREENS
    notes: tuple[str, ...] = ()  # what just happened
    lead: str | None = None  # «3 af 6»
    title: str | None = None
    body: tuple[str, ...] = ()
    why: str | None = None  # of a message: why they get it. Said last, and once for several
    moves: Rows = ()
    number: int = 0
    revision: int = 0
    person_id: int | None = None  # whose prompt it is, to note when it was shown
    at: tuple[str, str] | None = None  # the flow and the question that is asked
    ask: Ask | None = None
    review: tuple[ReviewLine, ...] = ()
    table: Table | None = None
    links: tuple[tuple[str, str], ...] = ()  # to pages: label, and a path; in a chat a whole address
    input: Input = Input()
    delivery: Delivery = Delivery()
    files: Files = Files()

    @property
    def buttons(self) -> tuple[Move, ...]:
        """Of every row, in order."""
        return tuple(move for row in self.moves for move in row)


@dataclass(frozen=True, slots=True)
class QuestionPage:
    """A question with its form, on channels that are pages."""

    reply: Reply
    ask: Ask
    seen: str  # the state of the answer it is drawn over
    error: str | None = None  # why what was sent can't be used; what was typed stays in the form
    offers: tuple[tuple[FormWay, str], ...] = ()  # what it may have meant
    asks_mail: bool = False  # for an address, to write to


# --- a button's data --------------------------------------------------------------------------------------

_DATA = re.compile(r"1:(\d{1,9}):(\d{1,6}):([a-zA-Z])(\d{1,9})?")
PERMANENT_PROMPT = 0  # the prompt of a message whose buttons hold at any time


def data_of(reply: Reply, move: Move) -> str:
    """`1:<prompt>:<revision>:<verb><place>`: what a button sends back. Carries no secret and grants nothing. A
    permanent button's prompt is 0."""
    place = "" if move.place is None else str(move.place)
    return f"1:{reply.number}:{reply.revision}:{move.verb}{place}"


def tap_of(data: str | None) -> Tap | None:
    """What a button's data says was pressed; None for anything we have not written."""
    found = _DATA.fullmatch(data or "")
    if found is None or not found[0].isascii() or found[3] not in set(Verb):
        return None
    return Tap(int(found[1]), int(found[2]), Verb(found[3]), int(found[4]) if found[4] is not None else None)


NOT_OURS = Tap(-1, -1, Verb.CANCEL, None)  # data we never wrote: treated as any stale tap

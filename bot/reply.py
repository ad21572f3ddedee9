"""What a person gets to see: the same for every channel, in words already, with nothing of any channel in it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.flows.engine import Answer
from bot.flows.model import Choice, Language, Question


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
    TEXT = "text"  # words alone


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


# Taps whose meaning does not depend on how the prompt looked: they hold on any redrawing of the same prompt.
COMMUTING = frozenset({Verb.PICK, Verb.UNPICK, Verb.DONE})


@dataclass(frozen=True, slots=True)
class Move:
    """A button: what it says and what it does. `place` is the choice, question or step it means, from 0."""

    verb: Verb
    label: str
    place: int | None = None


@dataclass(frozen=True, slots=True)
class Tap:
    """A button that was pressed, as the channel hands it in. Nothing in it is trusted."""

    number: int
    revision: int
    verb: Verb
    place: int | None


@dataclass(frozen=True, slots=True)
class Ask:
    """The open question, for channels that draw more than buttons."""

    question: Question
    options: tuple[Choice, ...]
    answer: Answer | None
    number: int
    total: int
    many: bool


@dataclass(frozen=True, slots=True)
class ReviewLine:
    question: Question
    asked: str
    said: str | None  # None: skipped


@dataclass(frozen=True, slots=True)
class Attachment:
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    language: Language
    screen: Screen
    notes: tuple[str, ...] = ()  # what just happened
    lead: str | None = None  # «3 af 6»
    title: str | None = None
    body: tuple[str, ...] = ()
    moves: tuple[tuple[Move, ...], ...] = ()
    number: int = 0
    revision: int = 0
    ask: Ask | None = None
    review: tuple[ReviewLine, ...] = ()
    redraw: bool = False  # in place of the message that was tapped
    left: Reply | None = None  # what the tapped message is left as: the question and «✓ the answer»
    attachment: Attachment | None = None
    making: str | None = None  # the process whose answers are being written to a file
    person_id: int | None = None  # whose prompt it is, to note when it was shown

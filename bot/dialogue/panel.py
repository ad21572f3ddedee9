"""What a panel is made of: words, buttons that lead to paths, and what may be typed or sent to it.

A path is `<page>/<argument>/…`, all of them keys and numbers of ours. Showing a path changes nothing; a button may lead
to one that does something and then shows another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.dialogue.reply import Maker, Reply, Table
from bot.dialogue.upload import Upload

Args = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Go:
    """A button: what it says, and the path it leads to."""

    label: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    at: str  # the path that shows it again
    title: str
    body: tuple[str, ...] = ()
    rows: tuple[tuple[Go, ...], ...] = ()
    notes: tuple[str, ...] = ()  # what just happened
    asks: str | None = None  # the path that takes what is typed
    send: str = ""  # what the button beside the field is called: what happens when it is pressed
    begun: str = ""  # what stands in the field to begin with, where there is a field
    asks_mail: bool = False  # what is typed is a mail address
    asks_code: bool = False  # what is typed is a code of some digits
    asks_number: bool = False  # what is typed may be a number alone: how many, a day, a time, a case
    took: bool = False  # what was typed was taken, and this asks for more; otherwise it stands in the field again
    asks_file: str | None = None  # the path that takes a file
    table: Table | None = None  # for channels that draw tables
    makes: tuple[Maker, ...] = ()  # files made once this is committed
    shown_once: bool = False  # holds a secret that is not kept: it stands where it is, and is not drawn over
    exports: bool = False  # here the answers are taken out
    links: tuple[tuple[str, str], ...] = ()  # to pages that are no panels: label, and a path; in a chat a whole address


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The person stands somewhere else now: at a question, as somebody else. `then`: what is shown instead of where
    they are, worked out from their session."""

    notes: tuple[str, ...] = ()
    then: Callable[..., Reply] | None = None


@dataclass(frozen=True, slots=True)
class PanelInput:
    """What was typed, sign for sign, or a file that was sent. No `text` where only blanks were typed."""

    text: str = ""
    upload: Upload | None = None


def column(*buttons: Go) -> tuple[tuple[Go, ...], ...]:
    """One under the other."""
    return tuple((button,) for button in buttons)

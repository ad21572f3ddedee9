"""A message of ours in a chat, beside what the person is asked: an invitation, a reminder, what became of a sign-up.

Its buttons hold at any time, and their words press them (docs/decisions/0025).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from bot.dialogue.reply import PERMANENT_PROMPT, Reply, Tap, data_of, tap_of
from bot.flows import typed

_BETWEEN = re.compile(r"[:;,.]")


@dataclass(frozen=True, slots=True)
class ChatMessage:
    at: int  # UTC seconds, by the channel's clock
    buttons: tuple[tuple[str, str], ...] = ()  # what each says, and what it sends back
    number: int | None = None  # the channel's

    @property
    def taps(self) -> tuple[tuple[str, Tap], ...]:
        found = ((label, tap_of(data)) for label, data in self.buttons)
        return tuple((label, tap) for label, tap in found if tap is not None)

    def pressed(self, text: str, *, loosely: bool) -> Tap | None:
        """The button that the words press. `loosely`: a yes in other words is a yes, where one button says yes."""
        lasting = [(label, tap) for label, tap in self.taps if tap.number == PERMANENT_PROMPT]
        said = _words(text)
        exact = next((tap for label, tap in lasting if _words(label) == said), None)
        if exact is not None or not loosely:
            return exact
        answer = typed.yes_or_no(text)
        meant = [tap for label, tap in lasting if answer is not None and _answer_in(label) == answer]
        return meant[0] if len(meant) == 1 else None

    def written(self) -> str:
        return json.dumps([self.at, self.buttons], ensure_ascii=False)

    @classmethod
    def read(cls, written: str) -> ChatMessage:
        at, buttons = json.loads(written)
        return cls(at, tuple((label, data) for label, data in buttons))


def of_reply(reply: Reply, at: int) -> ChatMessage:
    return ChatMessage(at, tuple((move.label, data_of(reply, move)) for move in reply.buttons))


def _words(text: str) -> str:
    """`1: Ja` is `1 ja`; what stands between the words is no word."""
    return typed.without_thanks(" ".join(_BETWEEN.sub(" ", typed.plain(text)).split()))


def _answer_in(label: str) -> typed.YesNo | None:
    """«Ja, jeg kommer» says yes."""
    return typed.yes_or_no(label.partition(",")[0])

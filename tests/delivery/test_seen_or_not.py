"""Whether a question can have been seen when something was sent: by Telegram's dates, which are whole seconds, and its
numbers of messages."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.dialogue.dispatch import GRACE, Sight, sight
from bot.dialogue.session import Visit
from bot.flows.engine import Said
from storage.prompts import Prompt
from tests.support.sizes import examples

LED, SHOWN = 1000, 1010  # when something led to the question, and when that was shown
NUMBER = 50  # of the message that showed it


def prompt(
    *, shown_at: int = SHOWN, message: int | None = NUMBER, continues: bool = False, maybe_from: int | None = None
) -> Prompt:
    return Prompt(
        number=7,
        revision=0,
        screen="ask",
        run_id=1,
        question="B3",
        continues="B5" if continues else None,
        shown_at=shown_at,
        message=message,
        maybe_from=maybe_from,
    )


def found(shown: Prompt, at: int, number: int = NUMBER + 1) -> Sight:
    return sight(Visit(channel="telegram", address="1", now=at, sent_at=at), Said("Ja", number), shown)


TABLE: dict[str, tuple[Prompt, int, int, Sight]] = {
    "a second before": (prompt(), SHOWN - 1, NUMBER - 1, Sight.UNSEEN),
    "in the same second, and before": (prompt(), SHOWN, NUMBER - 1, Sight.UNSEEN),
    "in the same second, and after": (prompt(), SHOWN, NUMBER + 1, Sight.SEEN),
    "a second after": (prompt(), SHOWN + 1, NUMBER + 1, Sight.SEEN),
    "a second after, and it may be more of the answer before": (
        prompt(continues=True),
        SHOWN + GRACE,
        NUMBER + 1,
        Sight.UNSEEN,
    ),
    "later, and it may be more of the answer before": (
        prompt(continues=True),
        SHOWN + GRACE + 1,
        NUMBER + 1,
        Sight.SEEN,
    ),
    "never shown, however late": (prompt(message=None), SHOWN + 9999, NUMBER + 1, Sight.UNSEEN),
    "shown again, and sent before anything led to it": (prompt(maybe_from=LED), LED, NUMBER - 1, Sight.UNSEEN),
    "shown again, and sent in between": (prompt(maybe_from=LED), LED + 1, NUMBER - 1, Sight.IN_DOUBT),
    "shown again, sent in between, perhaps more of the answer before": (
        prompt(maybe_from=LED, continues=True),
        LED + GRACE,
        NUMBER - 1,
        Sight.UNSEEN,
    ),
    "shown again, and sent after that": (prompt(maybe_from=LED), SHOWN + 1, NUMBER + 1, Sight.SEEN),
    "of a database that an older Besyv left": (prompt(message=0), SHOWN, 3, Sight.SEEN),
}


@pytest.mark.parametrize("when", TABLE)
def test_what_was_sent(when: str) -> None:
    shown, at, number, expected = TABLE[when]
    assert found(shown, at, number) is expected


@dataclass(frozen=True, slots=True)
class Showing:
    """What happened to a question. `first` is when it was seen first; we know of `noted` alone."""

    led: int
    first: int
    noted: int

    @property
    def known(self) -> int | None:
        return self.led if self.noted != self.first else None


@st.composite
def showings(draw: st.DrawFn) -> Showing:
    led = draw(st.integers(1000, 1010))
    first = led + draw(st.integers(0, 5))
    return Showing(led, first, draw(st.just(first) | st.integers(first, first + 100)))


@settings(max_examples=examples(400))
@given(showing=showings(), lost=st.booleans(), continues=st.booleans(), at=st.integers(990, 1130))
def test_what_was_sent_before_it_was_shown_never_counts_as_seen_and_what_was_sent_after_never_as_unseen(
    showing: Showing, lost: bool, continues: bool, at: int
) -> None:
    """`lost`: killed before the first showing, which then never was; nobody can tell that from one that was."""
    seen_from = showing.noted if lost else showing.first
    maybe_from = showing.led if lost else showing.known
    told = found(prompt(shown_at=showing.noted, continues=continues, maybe_from=maybe_from), at, NUMBER)
    if at < seen_from:
        assert told is not Sight.SEEN
    if at > seen_from + GRACE:
        assert told is not Sight.UNSEEN
    if at <= showing.led:
        assert told is Sight.UNSEEN or at == showing.noted
    if maybe_from is None:
        assert told is not Sight.IN_DOUBT

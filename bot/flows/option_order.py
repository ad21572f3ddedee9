"""The order in which the options of a question are shown. Where it matters and none is natural (`order: free`), half of
those who are asked get it in reverse: what stands first is chosen more often, and so it shows whether it was.

Decided by the run and the question alone: the same person sees the same order each time, and nothing of it tells one
person's answers in another run. «Alle», «Andet», «Ved ikke» and «Vil ikke svare» stay last in both.
"""

from __future__ import annotations

import hashlib

from bot.flows import standard_choices
from bot.flows.model import OTHER, PREFERS_NOT, UNKNOWN, Choice, Question

LAST = frozenset({OTHER, UNKNOWN, PREFERS_NOT, "vil_ikke_sige", "ingen_mening", "ingen", "alle"})


def is_reversed(question: Question, run: int) -> bool | None:
    """Whether whoever answers in that run sees the options in reverse; None where there is one order for all."""
    if question.order != "free":
        return None
    asked = question.id.partition(".")[0]  # of each section in the same order
    return bool(hashlib.blake2b(f"{run} {asked}".encode(), digest_size=1).digest()[0] & 1)


def places(question: Question, *, reverse: bool | None) -> tuple[int, ...]:
    """The places (from 0) of the options among `standard_choices.options`, in the order in which they are shown.
    `reverse` as `is_reversed` says."""
    options = standard_choices.options(question)
    written = range(len(options))
    if reverse is None:
        return tuple(written)
    last = [place for place in written if stays_last(options[place])]
    others = [place for place in written if place not in last]
    return (*(reversed(others) if reverse else others), *last)


def stays_last(choice: Choice) -> bool:
    return choice.last or choice.exclusive or choice.key in LAST

"""What speaks against the dates of a step, in words: for the panel, `besyv check` and `besyv process load`."""

from __future__ import annotations

from bot import texts
from bot.features.steps.reminders import HEARING
from bot.flows import odd_dates
from bot.flows.model import Language
from bot.flows.odd_dates import OddDate, Where


def warnings(language: Language, flow: str, opens: int | None, closes: int | None, now: int) -> list[tuple[Where, str]]:
    """What each is about, and a sentence."""
    found = odd_dates.of_step(opens, closes, now, hearing=flow == HEARING)
    return [(each.where, _told(language, each, opens, closes)) for each in found]


def _told(language: Language, odd: OddDate, opens: int | None, closes: int | None) -> str:
    if odd.where == "span":
        return texts.say(language, f"odd.span.{next(each for each in odd_dates.OF_A_SPAN if each == odd.why)}")
    what = texts.say(language, f"planning.warn.{odd.why}")
    if odd.where == "opens":
        return texts.say(language, "odd.opens", moment=texts.moment(language, opens or 0), what=what)
    return texts.say(language, "odd.closes", moment=texts.deadline(language, closes or 0), what=what)

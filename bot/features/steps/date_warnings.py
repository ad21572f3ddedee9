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
    what = texts.say(language, f"planning.warn.{odd.why}")
    opening = texts.moment(language, opens) if opens is not None else ""
    closing = texts.deadline(language, closes) if closes is not None else ""
    match odd.where:
        case "opens":
            return texts.say(language, "odd.opens", moment=opening, what=what)
        case "closes":
            return texts.say(language, "odd.closes", moment=closing, what=what)
        case "span":
            return texts.say(language, "odd.span", opens=opening, closes=closing, what=what)

"""After we were away for longer than Telegram keeps taps: the open question is offered once more."""

from __future__ import annotations

from bot.dialogue import screens
from bot.dialogue.navigation import proceed
from bot.dialogue.reply import Reply, Screen
from bot.dialogue.session import Context, Visit, load
from bot.flows.schedule import DAY
from storage import prompts
from storage.db import Tx

TAPS_LIVE = 150  # seconds for which Telegram keeps a tap
RECENT = DAY  # before we went away: who was asked longer ago has hardly tapped just then


def addresses(tx: Tx, context: Context, channel: str, since: int) -> list[tuple[str, int]]:
    """(address, prompt number) of everyone who may have tapped something we never heard of."""
    last = since + TAPS_LIVE  # heartbeats are rare: some were asked after the last one. We came back later than this
    offered = [name for name, screen in context.tables.screens.items() if screen.offered_again]
    return prompts.waiting_since(tx, channel, since - RECENT, last, offered)


def offer(tx: Tx, context: Context, visit: Visit, number: int) -> Reply | None:
    """The person's screen again; None where they have gone on in the meantime."""
    s = load(tx, context, visit)
    if s is None or s.prompt is None or s.prompt.number != number or s.person.stopped_at is not None:
        return None
    if s.prompt.screen == Screen.ASK or not s.prompt_holds:
        return proceed(s, s.say("away"))
    return screens.draw(s, s.say("away"))

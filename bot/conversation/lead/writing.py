"""«Send en besked»: to many at once: whom, what, how it looks and to how many; progress, and a way to stop."""

from __future__ import annotations

from bot.conversation.lead.panel import Args, Panel, Sent
from bot.conversation.situation import Situation


def show(s: Situation, _args: Args, _sent: Sent) -> Panel:
    return Panel("skriv", s.say("lead.skriv"))

"""«Møder»: planned, moved and cancelled; who comes; afterwards how many came, and the minutes."""

from __future__ import annotations

from bot.conversation.lead.panel import Args, Panel, Sent
from bot.conversation.situation import Situation


def show(s: Situation, _args: Args, _sent: Sent) -> Panel:
    return Panel("moedeplan", s.say("lead.moedeplan"))

"""«Beskeder»: what will be sent to how many in the next days, and what became of what was sent."""

from __future__ import annotations

from bot.conversation.lead.panel import Args, Panel, Sent
from bot.conversation.situation import Situation


def show(s: Situation, _args: Args, _sent: Sent) -> Panel:
    return Panel("beskeder", s.say("lead.beskeder"))

"""«/moeder»: the meetings that are for a person: sign up, say what one needs, ask, object to the minutes."""

from __future__ import annotations

from bot.conversation.lead.panel import Args, Panel, Sent
from bot.conversation.situation import Situation


def show(s: Situation, _args: Args, _sent: Sent) -> Panel:
    return Panel("moeder", s.say("lead.moeder"))

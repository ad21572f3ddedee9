"""Where the answers are taken out. Making the file is the channel's: it takes its time."""

from __future__ import annotations

from bot.conversation.lead.panel import Args, Panel, Sent, back, column
from bot.conversation.situation import Situation


def show(s: Situation, _args: Args, _sent: Sent) -> Panel:
    return Panel("filer", s.say("lead.filer"), (s.say("files.what"),), column(back(s, "leder")), exports=True)

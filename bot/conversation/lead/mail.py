"""«Din mail»: an address to which what we owe a person on the web is sent, once it is confirmed."""

from __future__ import annotations

from bot.conversation.lead.panel import Args, Panel, Sent
from bot.conversation.situation import Situation


def show(s: Situation, _args: Args, _sent: Sent) -> Panel:
    return Panel("mail", s.say("lead.mail"))

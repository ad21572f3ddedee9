"""The panel where the answers are taken out. The channel makes the file, for that takes its time."""

from __future__ import annotations

from bot.dialogue.panel import Args, Panel, PanelInput, column
from bot.dialogue.panel_parts import back
from bot.dialogue.session import Session


def show(s: Session, _args: Args, _sent: PanelInput) -> Panel:
    return Panel(
        at="filer", title=s.say("lead.filer"), body=(s.say("files.what"),), rows=column(back(s, "leder")), exports=True
    )

"""The panel where the answers are taken out. The channel makes the file, for that takes its time."""

from __future__ import annotations

from bot import texts
from bot.dialogue.panel import Args, Panel, PanelInput, column
from bot.dialogue.panel_parts import back
from bot.dialogue.session import Session
from storage import people


def show(s: Session, _args: Args, _sent: PanelInput) -> Panel:
    aside = people.count_set_aside(s.tx, s.plan.process_id)
    told = (texts.count(s.language, "files.aside", aside),) if aside else ()
    return Panel(
        at="filer",
        title=s.say("lead.filer"),
        body=(s.say("files.what"), *told),
        rows=column(back(s, "leder")),
        exports=True,
    )

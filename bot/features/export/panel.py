"""The panel where the answers are taken out. The channel makes the file, for that takes its time."""

from __future__ import annotations

from bot.dialogue.panel import Args, Elsewhere, Panel, PanelInput, column
from bot.dialogue.panel_parts import back
from bot.dialogue.session import Session
from bot.features.export import command


def show(s: Session, args: Args, _sent: PanelInput) -> Panel | Elsewhere:
    match args:
        case ("hent", wanted) if wanted in command.FORMATS and not s.visit.pages:
            return Elsewhere(then=lambda own: command.make(own, wanted))
        case ("hent", *_):  # on pages a file is the answer to its own button, and the page stays
            return _home(s, s.say("files.now"))
        case _:
            return _home(s)


def _home(s: Session, *notes: str) -> Panel:
    told = command.left_out(s)
    return Panel(
        at=command.AT,
        title=s.say("lead.filer"),
        body=(s.say("files.what"), *told),
        rows=column(back(s, "leder")),
        exports=True,
        notes=notes,
    )

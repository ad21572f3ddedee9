"""The panel «Uenige indstillinger»: which hearing responses members of the steering group treat differently."""

from __future__ import annotations

from bot import texts
from bot.dialogue.panel import Args, Go, Panel, PanelInput, column
from bot.dialogue.panel_parts import ListPage, back
from bot.dialogue.session import Session
from bot.features.dispositions import service, wording

PANEL = "indstillinger"
SHOWN = 8  # responses to a page


def show(s: Session, args: Args, _sent: PanelInput) -> Panel:
    first = int(args[1]) if len(args) == 2 and args[0] == "side" and args[1].isdecimal() else 0
    found = wording.seen(s)
    page = ListPage(found, SHOWN, first)
    told = [wording.of(s, each) for each in page.shown]
    leads = bool(s.roles & service.LEADING)
    what = s.say("dispositions.what-leads") if leads else s.say("dispositions.what")
    stands = (
        (what, texts.count(s.language, "dispositions.count", len(found))) if found else (s.say("dispositions.none"),)
    )
    rows = (
        *page.turning(lambda place: f"{PANEL}/side/{place}", s.say("panel.older"), s.say("panel.newer")),
        *column(Go(s.say("together.refresh"), PANEL), back(s, "leder")),
    )
    return Panel(at=f"{PANEL}/side/{first}", title=s.say("lead.indstillinger"), body=(*stands, *told), rows=rows)

"""The panel «Venter på dig»: messages that a restored Besyv holds back, for they may have gone out already."""

from __future__ import annotations

from collections.abc import Callable

from bot import texts
from bot.dialogue.panel import Args, Go, Panel, PanelInput, column
from bot.dialogue.panel_parts import ListPage, back
from bot.dialogue.session import Session
from bot.features.backups import service
from storage import heartbeats, outbox
from storage.outbox import WaitingMessages

Named = Callable[[Session, str, str], str]  # what a kind of message about something is, in words
SHOWN = 8  # to a page: one button each


def show(named: Named, s: Session, args: Args, _sent: PanelInput) -> Panel:
    match args:
        case ("alle", "ud"):
            return _listed(named, s, 0, _let_go(s))
        case ("alle", "vaek"):
            return _listed(named, s, 0, _dropped(s))
        case ("vis", kind, about):
            return _one(named, s, kind, about)
        case ("ud", kind, about):
            return _listed(named, s, 0, _let_go(s, (kind, about)))
        case ("vaek", kind, about):
            return _listed(named, s, 0, _dropped(s, (kind, about)))
        case ("fra", first):
            return _listed(named, s, int(first))
        case _:
            return _listed(named, s, 0)


def _let_go(s: Session, which: tuple[str, str] | None = None) -> str:
    number = service.let_go(s.tx, s.plan, s.person, s.visit.now, which)
    return texts.count(s.language, "held.let-go", number)


def _dropped(s: Session, which: tuple[str, str] | None = None) -> str:
    number = service.drop(s.tx, s.plan, s.person, s.visit.now, which)
    return texts.count(s.language, "held.dropped", number)


def _listed(named: Named, s: Session, first: int, *notes: str) -> Panel:
    held = outbox.held(s.tx, s.plan.process_id)
    page = ListPage(held, SHOWN, first)
    restored = heartbeats.last(s.tx, heartbeats.RESTORED)
    body: tuple[str, ...] = (s.say("held.nothing"),)
    if held and restored is not None:
        lines = "\n".join(_line(named, s, each) for each in page.shown)
        body = (s.say("held.what", moment=texts.moment(s.language, restored)), lines, s.say("held.how"))
    everything = (
        column(Go(s.say("held.all-out"), "venter/alle/ud"), Go(s.say("held.all-away"), "venter/alle/vaek"))
        if held
        else ()
    )
    rows = (
        *((Go(_told(named, s, each), f"venter/vis/{each.kind}/{each.about}"),) for each in page.shown),
        *page.turning(lambda place: f"venter/fra/{place}", s.say("messages.later"), s.say("messages.earlier")),
        *everything,
        (back(s, "beskeder"),),
    )
    return Panel(at=f"venter/fra/{first}", title=s.say("held.title"), body=body, rows=rows, notes=notes)


def _one(named: Named, s: Session, kind: str, about: str) -> Panel:
    held = outbox.held(s.tx, s.plan.process_id)
    found = next((each for each in held if (each.kind, each.about) == (kind, about)), None)
    if found is None:
        return _listed(named, s, 0, s.say("held.gone"))
    at = f"{kind}/{about}"
    return Panel(
        at=f"venter/vis/{at}",
        title=_told(named, s, found),
        body=(_line(named, s, found), s.say("held.how")),
        rows=column(
            Go(s.say("held.out"), f"venter/ud/{at}"),
            Go(s.say("held.away"), f"venter/vaek/{at}"),
            back(s, "venter"),
        ),
    )


def _line(named: Named, s: Session, each: WaitingMessages) -> str:
    people, due = texts.count(s.language, "people", each.messages), texts.moment(s.language, each.due_at)
    return s.say("messages.at-moment", moment=due, told=_told(named, s, each), people=people)


def _told(named: Named, s: Session, each: WaitingMessages) -> str:
    return named(s, each.kind, each.about)

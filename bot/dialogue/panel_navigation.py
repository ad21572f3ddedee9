"""Panels: the leader's, the steering group's and the facilitator's menus of plain buttons, on every channel.

A button's meaning is what stood in it when it was drawn, and is kept with the prompt: a list that has grown meanwhile
leads nobody astray. Whether the person may is asked anew each time.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from bot.access import NotAllowed, require
from bot.dialogue.panel import Elsewhere, Panel, PanelInput, PanelKind
from bot.dialogue.reply import Move, Reply, Screen, Verb
from bot.dialogue.session import Session
from bot.features import PAGES
from storage import audit


@dataclass(frozen=True, slots=True)
class About:
    """What a panel's prompt remembers: where it is, what its buttons lead to, where words and files go."""

    at: str
    to: tuple[str, ...]
    asks: str | None
    asks_file: str | None
    once: bool = False

    def written(self) -> str:
        return json.dumps([self.at, self.to, self.asks, self.asks_file, self.once])


def about(s: Session) -> About:
    assert s.prompt is not None and s.prompt.about is not None  # noqa: S101  # a panel's prompt has it
    at, to, *rest = json.loads(s.prompt.about)
    return About(at, tuple(to), *rest)


def about_of(panel: Panel) -> About:
    to = tuple(go.to for row in panel.rows for go in row)
    return About(panel.at, to, panel.asks, panel.asks_file, panel.once)


def go(s: Session, path: str, sent: PanelInput | None = None) -> Panel | Elsewhere:
    """Opens a path: what it does is done, and what it shows is noted where the log wants it. Raises NotAllowed."""
    name, *args = path.split("/")
    page = admitted(s, path)
    if page.noted is not None and sent is None and (not args or _is_elsewhere(s, name)):
        audit.note(s.tx, s.plan.process_id, s.person.pseudonym, page.noted, "", s.visit.now)
    return page.show(s, tuple(args), sent or PanelInput())


def admitted(s: Session, path: str) -> PanelKind:
    """The path's page, for those who may. Raises NotAllowed."""
    page = PAGES[path.partition("/")[0]]
    require(s.roles, page.right)
    return page


def _is_elsewhere(s: Session, name: str) -> bool:
    """Whether another page than this stands before the person."""
    return s.prompt is None or s.prompt.screen != Screen.PANEL or about(s).at.partition("/")[0] != name


def view(s: Session) -> Reply:
    """The panel of the person's prompt as it looks now. Changes nothing."""
    name, *args = about(s).at.split("/")
    page = PAGES.get(name)
    try:
        if page is None:
            raise NotAllowed(name)
        require(s.roles, page.right)
        shown = page.show(s, tuple(args), PanelInput())
    except NotAllowed:
        return Reply(s.language, Screen.PANEL, title=s.say("panel.closed"))
    assert isinstance(shown, Panel)  # noqa: S101  # a path that shows something stays where it is
    return drawn(s, shown, about(s))


def drawn(s: Session, panel: Panel, kept: About) -> Reply:
    """The panel with the buttons that its prompt knows: what has come up since is there when it is opened again."""
    rows = tuple(
        tuple(Move(Verb.OPEN, go.label, kept.to.index(go.to)) for go in row if go.to in kept.to) for row in panel.rows
    )
    return Reply(
        s.language,
        Screen.PANEL,
        title=panel.title,
        body=panel.body,
        moves=rows,
        table=panel.table,
        asks_words=panel.asks is not None,
        asks_mail=panel.asks_mail,
        asks_file=panel.asks_file is not None,
        once=panel.once,
        exports=panel.exports,
        links=panel.links,
    )


def with_files(reply: Reply, panel: Panel) -> Reply:
    return replace(reply, notes=(*reply.notes, *panel.notes), makes=panel.makes)

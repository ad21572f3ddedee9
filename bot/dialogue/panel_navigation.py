"""Panels: the leader's, the steering group's and the facilitator's menus of plain buttons, on every channel.

A button's meaning is what stood in it when it was drawn, and is kept with the prompt: a list that has grown meanwhile
leads nobody astray. Whether the person may is asked anew each time.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.access import NotAllowed, Proof, proof_of, require
from bot.dialogue import dispatch, screens
from bot.dialogue.navigation import proceed
from bot.dialogue.panel import Elsewhere, Panel, PanelInput
from bot.dialogue.reply import Delivery, Files, Input, Move, Reply, Screen, Tap, Verb
from bot.dialogue.session import PanelType, ScreenType, Session, Takes, somebody
from bot.dialogue.upload import Upload
from bot.flows import safeguarding
from bot.flows.engine import Said
from storage import proofs
from storage.prompts import Prompt


@dataclass(frozen=True, slots=True)
class About:
    """What a panel's prompt remembers: where it is, what its buttons lead to, where words and files go."""

    at: str
    to: tuple[str, ...]
    asks: str | None
    asks_file: str | None
    shown_once: bool = False

    def written(self) -> str:
        return json.dumps([self.at, self.to, self.asks, self.asks_file, self.shown_once])


NOWHERE = About("", (), None, None)
PROOF_PAGE = "/bevis"  # where a proof is given, on pages


def about(s: Session) -> About:
    """Of the panel that was shown last."""
    if s.prompt is None or s.prompt.about is None:
        return NOWHERE
    at, to, *rest = json.loads(s.prompt.about)
    return About(at, tuple(to), *rest)


def about_of(panel: Panel) -> About:
    to = tuple(go.to for row in panel.rows for go in row)
    return About(panel.at, to, panel.asks, panel.asks_file, panel.shown_once)


# --- opened -----------------------------------------------------------------------------------------------


def open_panel(s: Session, path: str, sent: PanelInput | None = None, *, in_place: bool = False) -> Reply:
    """Opens a path and shows the resulting panel, in place of the tapped one with `in_place`. Raises NotAllowed."""
    stood = about(s) if sent is not None and sent.text else None
    outcome = go(s, path, sent)
    if not isinstance(outcome, Panel):
        there = somebody(s.tx, s.context, s.visit)
        return proceed(there, *outcome.notes) if outcome.then is None else outcome.then(there)
    reply = show_panel(s, outcome, in_place=in_place)
    if sent is None or stood is None or outcome.took or (outcome.at, outcome.asks) != (stood.at, stood.asks):
        return reply
    return _refused(reply, sent.text)


def _refused(reply: Reply, text: str) -> Reply:
    """Asked as before: it was not taken."""
    return replace(reply, input=replace(reply.input, refused=text))


def open_or_closed(s: Session, path: str, sent: PanelInput | None = None, *, in_place: bool = False) -> Reply:
    """Opens the path's panel. Without the right, says that it is closed and shows where the person is instead."""
    try:
        return open_panel(s, path, sent, in_place=in_place)
    except NotAllowed:
        return proceed(s, s.say("panel.closed"))


def show_panel(s: Session, panel: Panel, *, in_place: bool = False) -> Reply:
    s.leave_run()
    old, in_place = s.prompt, in_place and not panel.shown_once
    about = about_of(panel)
    new = Prompt.next(old, Screen.PANEL, s.visit.sent_at, about=about.written())
    if old is not None and in_place:
        made_here = bool(panel.makes) and old.about == new.about  # a page is as it was, beside it
        new = replace(new, number=old.number, revision=old.revision + (not made_here), message=old.message)
    s.put_prompt(new)
    reply = draw(s, panel, about)
    return replace(
        reply,
        notes=panel.notes,
        number=new.number,
        revision=new.revision,
        person_id=s.person.id,
        delivery=replace(reply.delivery, redraw=in_place),
        files=replace(reply.files, makes=panel.makes),
    )


def go(
    s: Session,
    path: str,
    sent: PanelInput | None = None,
    *,
    asks: Callable[[Session, str, Proof], Panel | Elsewhere] | None = None,
) -> Panel | Elsewhere:
    """Performs what the path does and returns the panel, noting it in the audit log where its line asks for that.
    Where a proof is missing, the panel that asks for it, and the path comes after that; `asks` makes it, where it is
    not the usual one. Raises NotAllowed."""
    name, *args = path.split("/")
    page = admit(s, path)
    needs = needed(s, path)
    shown = _too_little(s, needs)
    if shown is not None:
        return (asks or s.context.tables.asks_proof)(s, path, shown)
    if needs is not Proof.NONE and not s.visit.pages:  # on the web the session is noted to be used
        proofs.note_use(s.tx, s.person.id, s.visit.channel, s.visit.place, s.visit.now)
    if page.audited is not None and sent is None and (not args or _is_elsewhere(s, name)):
        s.audit(page.audited)
    return _in_words(s, page.show(s, tuple(args), sent or PanelInput()))


def _in_words(s: Session, shown: Panel | Elsewhere) -> Panel | Elsewhere:
    """One damaged value shuts nobody out of the rest, and nobody guesses what its mark means."""
    if not isinstance(shown, Panel):
        return shown
    rows = tuple(tuple(replace(go, label=s.readable(go.label)) for go in row) for row in shown.rows)
    body, notes = tuple(map(s.readable, shown.body)), tuple(map(s.readable, shown.notes))
    return replace(shown, title=s.readable(shown.title), body=body, notes=notes, rows=rows)


def admit(s: Session, path: str) -> PanelType:
    """The path's panel, for those who may. Raises NotAllowed."""
    name = path.partition("/")[0]
    found = s.context.tables.panels.get(name)
    if found is None:
        raise NotAllowed(name)
    require(s.roles, found.right)
    return found


def needed(s: Session, path: str) -> Proof:
    """What proof the path needs: of holders of a role alone, for what they may do is not theirs."""
    name, *args = path.split("/")
    page = s.context.tables.panels[name]
    if page.proves:
        return Proof.NONE
    of_paths = (proof for start, proof in page.proofs if _begins(tuple(args), tuple(filter(None, start.split("/")))))
    needs = max(proof_of(page.right, pages=s.visit.pages), *of_paths, Proof.NONE)
    return needs if needs is Proof.NONE or s.roles else Proof.NONE


def _begins(args: tuple[str, ...], start: tuple[str, ...]) -> bool:
    return len(args) >= len(start) and all(part in ("*", arg) for part, arg in zip(start, args, strict=False))


def lacks(s: Session, path: str) -> bool:
    """Whether the path asks for a proof first."""
    return too_little(s, path) is not None


def too_little(s: Session, path: str) -> Proof | None:
    """What has been shown, where the path needs more."""
    return _too_little(s, needed(s, path))


def _too_little(s: Session, needs: Proof) -> Proof | None:
    if needs is Proof.NONE:
        return None
    shown = s.context.proof_shown(s)
    return shown if shown < needs else None


def asked_first(s: Session, path: str) -> Reply | None:
    """The panel that asks for the proof that the path needs, and leads on to it; None where none is missing. Raises
    NotAllowed where one is, and the right is too."""
    shown = too_little(s, path)
    return None if shown is None else ask_first(s, path, shown)


def ask_first(s: Session, path: str, shown: Proof) -> Reply:
    """Asks for the proof that is missing. Raises NotAllowed."""
    admit(s, path)
    return show_panel(s, s.context.tables.asks_proof(s, path, shown))


def _is_elsewhere(s: Session, name: str) -> bool:
    """Whether another page than this stands before the person."""
    return s.prompt is None or s.prompt.screen != Screen.PANEL or about(s).at.partition("/")[0] != name


def view(s: Session) -> Reply | None:
    """The panel of the person's prompt as it looks now. Changes nothing; None of a path that shows nothing, at which
    nobody stands."""
    kept = about(s)
    try:
        page = admit(s, kept.at)
        needs = min(needed(s, kept.at), Proof.SESSION)  # looking takes nothing with it that can't be taken back
        if _too_little(s, needs) is not None:
            return _unproven(s)
        shown = _in_words(s, page.show(s, tuple(kept.at.split("/")[1:]), PanelInput()))
    except NotAllowed:
        return Reply(language=s.language, screen=Screen.PANEL, title=s.say("panel.closed"))
    return draw(s, shown, kept) if isinstance(shown, Panel) else None


def _unproven(s: Session) -> Reply:
    """In place of a panel that would need a proof: the way to one."""
    links = ((s.say("proof.go"), PROOF_PAGE),) if s.visit.pages else ()
    told = (s.say("proof.before"),)
    return Reply(language=s.language, screen=Screen.PANEL, title=s.say("proof.title"), body=told, links=links)


def draw(s: Session, panel: Panel, kept: About) -> Reply:
    """The panel with the buttons that its prompt knows: what has come up since is there when it is opened again."""
    rows = tuple(
        tuple(Move(Verb.OPEN, go.label, kept.to.index(go.to)) for go in row if go.to in kept.to) for row in panel.rows
    )
    return Reply(
        language=s.language,
        screen=Screen.PANEL,
        title=panel.title,
        body=panel.body,
        moves=rows,
        table=panel.table,
        input=Input(
            words=panel.asks is not None,
            send=panel.send,
            mail=panel.asks_mail,
            code=panel.asks_code,
            number=panel.asks_number,
            file=panel.asks_file is not None,
            begun=panel.begun,
        ),
        delivery=Delivery(shown_once=panel.shown_once),
        files=Files(exports=panel.exports),
        links=panel.links,
    )


# --- tapped, written to, sent a file ----------------------------------------------------------------------


def tapped(s: Session, tap: Tap, _seen: Reply | None = None) -> Reply:
    """A panel's button means what it meant when it was drawn. Pressed again after that, it does nothing more."""
    kept, prompt = about(s), s.prompt
    if prompt is None or tap.number != prompt.number:
        return screens.draw(s, s.say("tap.stale"))
    if tap.revision != prompt.revision or tap.verb is not Verb.OPEN or not 0 <= (tap.place or 0) < len(kept.to):
        return screens.draw(s)
    return open_or_closed(s, kept.to[tap.place or 0], in_place=not kept.shown_once)


def said(s: Session, what: Said, seen: Reply | None = None) -> Reply:
    asks = about(s).asks
    return dispatch.not_asked(s, what, seen) if asks is None else _taken(s, asks, what.text)


def take_text(s: Session, number: int, revision: int, text: str) -> Reply | None:
    """What was written in a panel's own field; None where another panel, or none that asks, stands there by now."""
    asks = about(s).asks if _is_open(s, number, revision) else None
    return None if asks is None else _taken(s, asks, text)


def _taken(s: Session, asks: str, text: str) -> Reply:
    """As it was written; nothing where nothing was. A CPR number gets no further than this, whatever is asked for."""
    if safeguarding.looks_like_cpr(text):
        return _refused(screens.draw(s, s.say("panel.cpr")), text)
    return open_or_closed(s, asks, PanelInput(text if text.strip() else ""))


def _is_open(s: Session, number: int, revision: int) -> bool:
    """Whether this very panel is what the person was shown last."""
    prompt = s.prompt
    return (
        prompt is not None
        and s.accepted
        and (prompt.screen, prompt.number, prompt.revision) == (Screen.PANEL, number, revision)
    )


def receive_upload(s: Session, upload: Upload) -> Reply:
    """A file was sent. Where no panel waits for one it is not looked at."""
    if s.visit.again:
        return dispatch.shown_again(s)
    asks_file = _asks_file(s)
    if asks_file is None:
        return screens.words(s, s.say("said.not-text"))
    return open_or_closed(s, asks_file, PanelInput(upload=upload))


def waits_for_file(s: Session) -> bool:
    return _asks_file(s) is not None


def _asks_file(s: Session) -> str | None:
    """The path that takes a file, of the panel the person was shown last."""
    on_panel = s.prompt is not None and s.prompt.screen == Screen.PANEL
    return about(s).asks_file if on_panel else None


def takes(s: Session, _text: str) -> Takes:
    return Takes.NOTHING if about(s).asks is None else Takes.WORDS


PANEL = ScreenType(draw=view, tapped=tapped, heard=dispatch.by_label, said=said, takes=takes)

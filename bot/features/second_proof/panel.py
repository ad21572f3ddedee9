"""The panel that asks a holder of a role for a second thing, and then goes on to what they wanted.

What they wanted is a path, and stands behind this panel's own: `bevis/til/<path>`.
"""

from __future__ import annotations

from dataclasses import replace

from bot import texts
from bot.access import Proof
from bot.dialogue import panel_navigation
from bot.dialogue.panel import Args, Elsewhere, Go, Panel, PanelInput, column
from bot.dialogue.session import Session
from bot.features.second_proof import chat_page, municipality, passkeys, proving
from bot.features.second_proof.proving import Checked, CodeChecked, Sent
from bot.features.second_proof.service import SentBy, Way

NAME = "bevis"
_HOME = "leder"


def show(s: Session, args: Args, sent: PanelInput) -> Panel | Elsewhere:
    match args:
        case ("tilbage",):
            return _back(s)
        case ("til", *path) if path:
            return _wanted(s, "/".join(path))
        case ("vist", *path) if path:
            return _wanted(s, "/".join(path), s.say("proof.checked.proven"))
        case ("side", *path) if path:
            chat_page.make(s, "/".join(path))
            return _wanted(s, "/".join(path))
        case ("send", Way.MAIL, *path) if path:
            return _send(s, Way.MAIL, "/".join(path))
        case ("send", Way.TELEGRAM, *path) if path:
            return _send(s, Way.TELEGRAM, "/".join(path))
        case ("kode", *path) if path:
            return _typed(s, "/".join(path), sent.text)
        case _:
            return _wanted(s, _where_they_stand(s))


def before(s: Session, path: str, shown: Proof) -> Panel:
    """What asks, before the path is gone."""
    chat_page.make(s, path)
    return _ask(s, path, shown)


def _where_they_stand(s: Session) -> str:
    at = panel_navigation.about(s).at
    return at if at and at.partition("/")[0] != NAME else _HOME


def _wanted(s: Session, path: str, *notes: str) -> Panel | Elsewhere:
    """On to it, as if they had only just pressed it, where it is proven by now."""
    outcome = panel_navigation.go(s, path, asks=_ask)
    return replace(outcome, notes=(*notes, *outcome.notes))


def _ask(s: Session, path: str, shown: Proof, *notes: str) -> Panel:
    ways = proving.ways(s)
    pages = _on_pages(s) if s.visit.pages else _by_page(s, path)
    by_page = not s.visit.pages and bool(chat_page.ways(s))
    by_hand = s.say("proof.operator" if ways or pages or by_page else "proof.no-way", pseudonym=s.person.pseudonym)
    rows = column(
        *((Go(s.say("proof.page-anew"), f"{NAME}/side/{path}"),) if by_page else ()),
        *(Go(s.say(f"proof.send.{way}"), f"{NAME}/send/{way}/{path}") for way in ways),
        Go(s.say("panel.back"), f"{NAME}/tilbage"),
    )
    return Panel(
        at=f"{NAME}/til/{path}",
        title=s.say("proof.title"),
        body=(
            s.say("proof.fresh" if shown is Proof.SESSION else "proof.session"),
            *((s.say("proof.by-page"),) if pages and by_page else ()),
            *((s.say("proof.make-key"),) if not by_page and chat_page.could_be_used(s) else ()),
            by_hand,
            s.say("proof.type"),
        ),
        rows=rows,
        notes=notes,
        asks=f"{NAME}/kode/{path}",
        asks_code=True,
        send=s.say("send.code"),
        links=pages,
    )


def _on_pages(s: Session) -> tuple[tuple[str, str], ...]:
    """The ways that have a page of their own."""
    key = ((s.say("proof.passkey"), "/bevis/noegle"),) if passkeys.may_use(s) else ()
    return (*key, *(((s.say("proof.municipality"), "/bevis/kommune"),) if municipality.may_use(s) else ()))


def _by_page(s: Session, path: str) -> tuple[tuple[str, str], ...]:
    """From the chat to the page on which it can be shown for the chat."""
    match chat_page.address(s, path), chat_page.ways(s):
        case None, _:
            return ()
        case str(address), (way,):
            return ((s.say(f"proof.{way}"), address),)
        case str(address), _:
            return ((s.say("proof.page"), address),)


def _send(s: Session, way: SentBy, path: str) -> Panel | Elsewhere:
    sent = proving.send(s, way)
    if sent is not Sent.ON_ITS_WAY:
        return _wanted(s, path, s.say(f"proof.sent.{sent}"))
    if way is Way.MAIL:
        return _wanted(s, path, s.say("proof.on-its-way.mail", address=_masked(proving.mail_for_codes(s) or "")))
    return _wanted(s, path, s.say("proof.on-its-way.telegram"))


def _masked(address: str) -> str:
    """«a•••@eksempel.dk»: known to whom it belongs, and no news for anybody else."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}•••@{domain}"


def _typed(s: Session, path: str, text: str) -> Panel | Elsewhere:
    if not text:
        return _wanted(s, path)
    checked = proving.check(s, text)
    note = _told(s, checked)
    if checked.outcome is Checked.PROVEN:
        return _wanted(s, path, note)
    return _ask(s, path, s.context.proof_shown(s), note)


def _told(s: Session, checked: CodeChecked) -> str:
    match checked.outcome:
        case Checked.WRONG:
            return texts.count(s.language, "proof.wrong", checked.left)
        case outcome:
            return s.say(f"proof.checked.{outcome}")


def _back(s: Session) -> Panel | Elsewhere:
    return panel_navigation.go(s, _HOME, asks=lambda *_: Elsewhere())

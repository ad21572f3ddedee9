"""Passkeys as pages: one is made, and one is used to show who one is. The browser's part is in static/besyv.js."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.access import NotAllowed
from bot.channels.web import render
from bot.channels.web.context import WebContext
from bot.channels.web.form_data import Fields, moment, one
from bot.channels.web.session import Visitor
from bot.dialogue import acting_as, panel_navigation
from bot.dialogue.reply import Reply
from bot.dialogue.session import Context, Session, Visit, load, somebody
from bot.features.second_proof import passkeys
from storage.db import Tx

MAKE, USE = "/enheder/noegle", "/bevis/noegle"
_TO_MAKE = "enheder/noegle"  # the path that says what has to be proven before one is made


async def to_make(web: WebContext, request: Request) -> Response:
    """Where a passkey is made, by a holder of a role who has just shown who they are. Raises NotAllowed."""
    visitor = web.visitor(request)

    def asked(tx: Tx, context: Context, visit: Visit) -> Reply | passkeys.Asked | None:
        s = holder(load(tx, context, visit))
        return panel_navigation.asked_first(s, _TO_MAKE) or passkeys.to_make(s)

    return await _page(web, visitor, await web.lead(visitor, asked), "make", MAKE)


async def to_use(web: WebContext, request: Request) -> Response:
    """Where one is used. Raises NotAllowed."""
    visitor = web.visitor(request)
    asked, _ = await web.look(visitor, lambda tx, context, visit: passkeys.to_use(holder(load(tx, context, visit))))
    return await _page(web, visitor, asked, "use", USE)


async def _page(
    web: WebContext, visitor: Visitor, asked: Reply | passkeys.Asked | None, purpose: passkeys.Purpose, action: str
) -> Response:
    if isinstance(asked, Reply):
        return web.redirect_to_person(visitor, asked)
    if asked is None:
        raise HTTPException(404)
    frame = await web.frame(visitor)
    html = render.passkey(visitor, frame, web.words_for(visitor), purpose, action, asked.options, asked.at)
    return web.page(visitor, html)


async def make(web: WebContext, _request: Request, visitor: Visitor, sent: Fields) -> Response:
    """What the browser has made. Raises NotAllowed, Unknown."""

    def made(tx: Tx, context: Context, visit: Visit) -> Reply:
        s = holder(somebody(tx, context, visit))
        asked = panel_navigation.asked_first(s, _TO_MAKE)
        if asked is not None:
            return asked
        done = passkeys.make(s, one(sent, "credential"), moment(sent), visitor.device)
        return panel_navigation.open_panel(s, "enheder/noegle/lavet" if done else "enheder/noegle/ikke")

    return web.redirect_to_person(visitor, await web.lead(visitor, made))


async def use(web: WebContext, _request: Request, visitor: Visitor, sent: Fields) -> Response:
    """What the browser has shown; then on to what was wanted. Raises NotAllowed, Unknown."""

    def used(tx: Tx, context: Context, visit: Visit) -> Reply | None:
        s = holder(somebody(tx, context, visit))
        if not passkeys.use(s, one(sent, "credential"), moment(sent)):
            return None
        at = panel_navigation.about(s).at
        return panel_navigation.open_or_closed(s, at if at.startswith("bevis/") else "leder")

    reply = await web.lead(visitor, used)
    if reply is None:
        frame = await web.frame(visitor)
        web.leave_word(visitor, (render.sayer(frame.language)("passkey.failed"),))
        return RedirectResponse(USE, 303)
    return web.redirect_to_person(visitor, reply)


def holder(s: Session | None) -> Session:
    """Themselves, of who holds a role. Raises NotAllowed."""
    own = acting_as.oneself(s) if s is not None else None
    if own is None or not own.roles:
        raise NotAllowed("passkeys")
    return own

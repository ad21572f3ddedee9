"""Links: invitations, the personal link to a browser, the way into Telegram, and being forgotten on a machine."""

from __future__ import annotations

from functools import partial
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot import texts
from bot.channels.web import form_data, render, session
from bot.channels.web.context import Entry, WebContext
from bot.channels.web.form_data import Fields, one
from bot.channels.web.guards import slowed_down, unknown_link
from bot.channels.web.session import PageFrame, SessionOver, Visitor
from bot.dialogue import acting_as, panel_navigation
from bot.dialogue.reply import Reply, Screen
from bot.dialogue.session import Context, Session, Visit, load, somebody
from bot.features.identity import arrival, personal_link, process_screen
from bot.features.invitations import service as invitations
from bot.handlers.web.answering import landing, wait_for_guesses
from storage import sessions
from storage.db import Tx


async def invited(web: WebContext, request: Request) -> Response:
    """A link to a step, to another process, or one that gives a role. It is used by a button: who only looks stores
    nobody, goes nowhere, and uses nothing up."""
    visitor, code = web.visitor(request), invitations.as_meant(str(request.path_params["code"]))
    frame = await web.frame(visitor)
    if not frame.known:
        return await landing(web, visitor, code)
    key = "page.role-link" if invitations.is_single(code) else "page.invitation"
    return _ask_first(web, visitor, frame, key, f"/i/{quote(code, safe='')}")


def _ask_first(web: WebContext, visitor: Visitor, frame: PageFrame, key: str, action: str) -> Response:
    """Nothing is done by looking: what a button would do is told, `{key}-what`, and the button, `{key}-use`."""
    say = partial(texts.say, frame.language)
    html = render.message(visitor, frame, say(key), say(f"{key}-what"), post=action, post_label=say(f"{key}-use"))
    return web.page(visitor, html)


async def redeem(web: WebContext, request: Request, visitor: Visitor, _fields: Fields) -> Response:
    """By who is known; anybody else is greeted first."""
    code = str(request.path_params["code"])
    if not (await web.frame(visitor)).known:
        return RedirectResponse(f"/i/{quote(code, safe='')}", 303)
    if wait := await wait_for_guesses(web, request, invitations.as_meant(code)):
        return await slowed_down(web, request, wait)
    reply = await web.come_in(visitor, lambda tx, context, visit: arrival.start(tx, context, visit, code))
    return RedirectResponse("/", 303) if reply is None else web.redirect_to_person(visitor, reply)


async def personal(web: WebContext, request: Request) -> Response:
    """The personal link: are you that person? Whose browser it is already goes on at once."""
    visitor, secret = web.visitor(request), str(request.path_params["secret"])

    def whose(tx: Tx, _context: Context, visit: Visit) -> bool | None:
        at = personal_link.address_of(tx, secret) if session.is_secret(secret) else None
        return None if at is None else at == visit.address

    theirs, frame = await web.look(visitor, whose)
    if theirs is None:
        return await unknown_link(web, request, "page.no-such-link")
    if theirs and not visitor.is_limited:
        return web.redirect_to_person(visitor, await web.lead(visitor, _begins_afresh))
    other = frame.known and not theirs
    return _ask_first(web, visitor, frame, "page.other-link" if other else "page.is-it-you", f"/s/{secret}")


def _begins_afresh(tx: Tx, context: Context, visit: Visit) -> Reply:
    """As /start: at the step that fits now."""
    return arrival.start(tx, context, visit, "")


def _stays_where_they_were(tx: Tx, context: Context, visit: Visit) -> Reply | None:
    s = load(tx, context, visit)
    return None if s is None else Reply(language=s.language, screen=Screen.TEXT)


async def personal_after_all(web: WebContext, request: Request, visitor: Visitor, _fields: Fields) -> Response:
    """They say so: this browser is theirs from now on."""
    secret = str(request.path_params["secret"])

    def leads_to(tx: Tx, _context: Context, _visit: Visit) -> Entry | None:
        if visitor.has_ended:  # nor is it told whether there is such a link
            raise SessionOver
        address = personal_link.address_of(tx, secret) if session.is_secret(secret) else None
        return None if address is None else Entry(address)

    reply = await web.come_in(visitor, _stays_where_they_were, by=leads_to)
    if reply is None:
        return await unknown_link(web, request, "page.no-such-link")
    return web.redirect_to_person(visitor, reply)


async def switch(web: WebContext, _request: Request, visitor: Visitor, sent: Fields) -> Response:
    """To another process that they take part in. The session goes with them, under a new id: no form that was drawn
    before holds any more, and what was proven is to be proven again."""
    process_id = form_data.number(one(sent, "process"), digits=9)
    reply = await web.come_in(visitor, lambda tx, context, visit: process_screen.go(tx, context, visit, process_id))
    return RedirectResponse("/", 303) if reply is None else web.redirect_to_person(visitor, reply)


async def link(web: WebContext, request: Request) -> Response:
    return await _link(web, web.visitor(request), None)


async def _link(web: WebContext, visitor: Visitor, code: str | None) -> Response:
    own, frame = await web.see(visitor, lambda s: personal_link.own(s) or _from_before(s, visitor))
    if not frame.known:
        return RedirectResponse("/", 303)
    html = render.link(
        visitor,
        frame,
        web.words_for(visitor),
        own,
        telegram=web.context.process_host.bot_address(code) if code else None,
        telegram_expected=web.context.process_host.telegram is not None,
    )
    return web.page(visitor, html)


def _from_before(s: Session, visitor: Visitor) -> str | None:
    """The link of who came before links were kept: what is in their cookie still is what is in it."""
    leads = personal_link.address_of(s.tx, visitor.cookie) == s.visit.address
    return personal_link.written(s, visitor.cookie) if leads else None


async def renew(web: WebContext, _request: Request, visitor: Visitor, _fields: Fields) -> Response:
    """A new link; the old ones lead nowhere, and every other browser is logged out."""
    if not (await web.frame(visitor)).known:
        return RedirectResponse("/", 303)

    def renewed(tx: Tx, context: Context, visit: Visit) -> Reply:
        return personal_link.renew(somebody(tx, context, visit))

    reply = await web.come_in(visitor, renewed)
    response = RedirectResponse("/link", 303)
    if reply is not None:
        web.give_cookie(response, visitor)
    return response


async def to_telegram(web: WebContext, _request: Request, visitor: Visitor, _fields: Fields) -> Response:
    if not (await web.frame(visitor)).known:
        return RedirectResponse("/", 303)

    def made(tx: Tx, context: Context, visit: Visit) -> Reply | str:
        s = somebody(tx, context, visit)
        shown = panel_navigation.too_little(acting_as.oneself(s), _TO_TELEGRAM)
        if shown is None:
            return personal_link.code_for(s)
        return acting_as.as_oneself(lambda own: panel_navigation.ask_first(own, _TO_TELEGRAM, shown))(s)

    outcome = await web.lead(visitor, made)
    if isinstance(outcome, Reply):
        return web.redirect_to_person(visitor, outcome)
    return await _link(web, visitor, outcome)


_TO_TELEGRAM = "enheder/telegram"  # the path that says what a holder of a role has to prove first


async def log_out(web: WebContext, _request: Request, visitor: Visitor, _fields: Fields) -> Response:
    """The session ends, here and with us; the answers stay."""

    def ended(tx: Tx, _context: Context, visit: Visit) -> None:
        if visit.session:
            sessions.end(tx, visit.session)

    frame = await web.frame(visitor)
    await web.act(visitor, ended)
    say = partial(texts.say, frame.language)
    nobody = PageFrame(frame.plan, known=False, language=frame.language)
    html = render.message(visitor, nobody, say("page.logged-out"), say("page.logged-out-what"))
    response = HTMLResponse(html)
    session.forget(response, secure=web.secure)
    return response

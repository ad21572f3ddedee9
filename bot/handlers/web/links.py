"""Links: invitations, the personal link to a browser, the way into Telegram, and being forgotten on a machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot import texts
from bot.channels.web import render, session
from bot.channels.web.context import WebContext
from bot.channels.web.form_data import Fields
from bot.channels.web.guards import slowed_down, unknown_link
from bot.channels.web.session import PageFrame, Visitor
from bot.dialogue.reply import Reply
from bot.dialogue.session import Context, Session, Visit, somebody
from bot.features.identity import arrival, personal_link
from bot.features.invitations import service as invitations
from bot.handlers.web.answering import landing, wait_for_guesses
from storage.db import Tx


async def invited(web: WebContext, request: Request) -> Response:
    """A link to a step, or one that gives a role. The latter is used by a button: who only looks uses nothing up."""
    visitor, code = session.visitor(request), invitations.as_meant(str(request.path_params["code"]))
    frame = await web.frame(visitor)
    if not frame.known:
        return await landing(web, visitor, code)
    if not invitations.is_single(code):
        if wait := await wait_for_guesses(web, request, code):
            return await slowed_down(web, request, wait)
        reply = await web.lead(visitor, lambda tx, context, visit: arrival.start(tx, context, visit, code))
        return web.redirect_to_person(visitor, reply)
    return _ask_first(web, visitor, frame, "page.role-link", f"/i/{code}")


def _ask_first(web: WebContext, visitor: Visitor, frame: PageFrame, key: str, action: str) -> Response:
    """Nothing is done by looking: what a button would do is told, `{key}-what`, and the button, `{key}-use`."""
    say = partial(texts.say, frame.language)
    html = render.message(visitor, frame, say(key), say(f"{key}-what"), post=action, post_label=say(f"{key}-use"))
    return web.page(visitor, html)


async def redeem(web: WebContext, request: Request, visitor: Visitor, _fields: Fields) -> Response:
    code = str(request.path_params["code"])
    if wait := await wait_for_guesses(web, request, invitations.as_meant(code)):
        return await slowed_down(web, request, wait)
    reply = await web.lead(visitor, lambda tx, context, visit: arrival.start(tx, context, visit, code))
    return web.redirect_to_person(visitor, reply)


async def personal(web: WebContext, request: Request) -> Response:
    """The personal link: the cookie, and on. Who is somebody else in this browser already is asked first."""
    visitor = session.visitor(request)
    owner = await _owner(web, request, visitor)
    if owner is None:
        return await unknown_link(web, request, "page.no-such-link")
    frame = await web.frame(visitor)
    if frame.known and owner.secret != visitor.secret:
        return _ask_first(web, visitor, frame, "page.other-link", f"/s/{owner.secret}")
    # A new device: who was sent somebody else's link is to notice.
    return await _enter(web, owner, () if frame.known else (texts.say(frame.language, "link.entered"),))


async def personal_after_all(web: WebContext, request: Request, visitor: Visitor, _fields: Fields) -> Response:
    owner = await _owner(web, request, visitor)
    return await unknown_link(web, request, "page.no-such-link") if owner is None else await _enter(web, owner)


async def _owner(web: WebContext, request: Request, visitor: Visitor) -> Visitor | None:
    """Whose link it is."""
    secret = str(request.path_params["secret"])
    owner = Visitor(secret, visitor.language, came_with_cookie=True)
    return owner if session.is_secret(secret) and (await web.frame(owner)).known else None


async def _enter(web: WebContext, owner: Visitor, notes: tuple[str, ...] = ()) -> Response:
    def entered(tx: Tx, context: Context, visit: Visit) -> Reply:
        reply = arrival.start(tx, context, visit, "")
        return replace(reply, notes=(*notes, *reply.notes))

    reply = await web.lead(owner, entered)
    response = web.redirect_to_person(owner, reply)
    session.remember(response, owner.secret, secure=web.secure)
    return response


async def link(web: WebContext, request: Request) -> Response:
    return await _link(web, session.visitor(request), None)


async def _link(web: WebContext, visitor: Visitor, code: str | None) -> Response:
    frame = await web.frame(visitor)
    if not frame.known or web.context.process_host.web is None:
        return RedirectResponse("/", 303)
    html = render.link(
        visitor,
        frame,
        web.words_for(visitor),
        personal_link.personal_link(web.context.process_host.web, visitor.secret),
        telegram=web.context.process_host.bot_address(code) if code else None,
        telegram_expected=web.context.process_host.telegram is not None,
    )
    return web.page(visitor, html)


async def renew(web: WebContext, _request: Request, visitor: Visitor, _fields: Fields) -> Response:
    frame = await web.frame(visitor)
    if not frame.known:
        return RedirectResponse("/", 303)
    secret = await web.act(visitor, _for_known(personal_link.renew))
    owner = Visitor(secret, visitor.language, came_with_cookie=True)
    web.leave_word(owner, (texts.say(frame.language, "link.renewed"),))
    response = RedirectResponse("/link", 303)
    session.remember(response, secret, secure=web.secure)
    return response


async def to_telegram(web: WebContext, _request: Request, visitor: Visitor, _fields: Fields) -> Response:
    if not (await web.frame(visitor)).known:
        return RedirectResponse("/", 303)
    code = await web.act(visitor, _for_known(personal_link.code_for))
    return await _link(web, visitor, code)


def _for_known(use_case: Callable[[Session], str]) -> Callable[[Tx, Context, Visit], str]:
    return lambda tx, context, visit: use_case(somebody(tx, context, visit))


async def forget(web: WebContext, _request: Request, visitor: Visitor, _fields: Fields) -> Response:
    """On a borrowed or shared machine: the cookie goes, the answers stay."""
    frame = await web.frame(visitor)
    say = partial(texts.say, frame.language)
    nobody = PageFrame(frame.plan, known=False, language=frame.language)
    html = render.message(visitor, nobody, say("page.forgotten"), say("page.forgotten-what"))
    response = HTMLResponse(html)
    session.forget(response, secure=web.secure)
    return response

"""What one can do in the browser: the table of contents. Each page unpacks, calls one use case, shows its reply."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from bot import texts
from bot.channels.web import form_data, guards, health, render, session
from bot.channels.web.context import WebContext
from bot.channels.web.form_data import Fields, one
from bot.channels.web.guards import Page, Posted, page_of_words
from bot.channels.web.middleware import Guard, TooLarge, client
from bot.channels.web.session import PageFrame, Visitor
from bot.dialogue import commands, dispatch
from bot.dialogue.reply import NOT_OURS, Reply, Screen, tap_of
from bot.dialogue.session import Session, Visit, load
from bot.features.answering.form import NotAsked, about_oneself, current_page, question_page, submit
from bot.features.export.service import FORMATS
from bot.features.identity import personal_link
from bot.features.invitations import service as invitations
from bot.features.privacy import own_data
from bot.flows.model import Language
from bot.handlers.web import calendar_feed, email_links, panels
from bot.process.host import ProcessHost
from storage.db import Tx

log = logging.getLogger(__name__)
FOREVER = "public, max-age=31536000, immutable"  # the address changes with the content


def application(site: WebContext) -> Starlette:
    """The whole site as one ASGI application."""

    def get(path: str, page: Page) -> Route:
        return Route(path, partial(guards.counted, site, page), methods=["GET"])

    def post(path: str, page: Posted) -> Route:
        return Route(path, partial(guards.counted, site, partial(guards.checked, page)), methods=["POST"])

    def by_code(path: str, page: Page, done: Page) -> tuple[Route, Route]:
        """Its address is the key: what is sent there brings neither cookie nor token."""
        return get(path, page), Route(path, partial(guards.counted, site, done), methods=["POST"])

    routes = [
        get("/", home),
        post("/", accept),
        get("/trin/{flow}/{question}", question),
        post("/trin/{flow}/{question}", answer),
        post("/tryk", tap),
        post("/skriv", panels.words),
        Route("/fil", partial(guards.counted, site, panels.file), methods=["POST"]),
        get("/i/{code}", invited),
        post("/i/{code}", redeem),
        get("/s/{secret}", personal),
        post("/s/{secret}", personal_after_all),
        get("/link", link),
        post("/link", renew),
        post("/link/telegram", to_telegram),
        post("/glem", forget),
        get("/fortsaet", _command(commands.resume)),
        get("/ret", _of_known(commands.correct)),
        get("/slet", _of_known(commands.erase)),
        get("/rolle", _about("group")),
        get("/paamindelser", _about("reminders")),
        get("/sprog", _of_known(commands.language)),
        post("/sprog", speak),
        post("/stop", stop),
        get("/mine", mine),
        get("/mine.json", mine_as_file),
        get("/privatliv", privacy),
        get("/privacy", privacy),
        get("/hjaelp", help_),
        get("/help", help_),
        get("/leder", panels.page_of("leder")),
        get("/daekning", panels.page_of("daekning")),
        get("/status", panels.page_of("daekning")),
        get("/moeder", panels.page_of("moeder")),
        get("/sammen", panels.page_of("sammen")),
        get("/mail", panels.page_of("mail")),
        *by_code("/mail/{code}", email_links.address, email_links.confirm),
        *by_code("/mail/{code}/stop", email_links.address, email_links.stop),
        get("/besked/{code}", email_links.letter),
        *by_code("/besked/{code}/{tap}", email_links.letter, email_links.press),
        Route(
            "/besked/{code}/{tap}/her", partial(guards.counted, site, email_links.come_in_after_all), methods=["POST"]
        ),
        get("/kalender", calendar_feed.page),
        post("/kalender", calendar_feed.change),
        get("/kalender/{code}.ics", calendar_feed.file),
        post("/eksport", panels.export),
        get("/was", accessibility),
        Route("/health", partial(health.look, site), methods=["GET"]),
        Route("/static/{name}", static, methods=["GET"]),
    ]
    handlers: dict[Any, Callable[..., Awaitable[Response]]] = {
        400: partial(guards.not_found, site),
        404: partial(guards.not_found, site),
        405: partial(guards.not_found, site),
        form_data.UnreadableForm: partial(guards.not_found, site),
        TooLarge: partial(guards.too_large, site),
        sqlite3.Error: partial(guards.trouble, site),
        Exception: guards.broken,
    }
    return Starlette(
        routes=routes,
        exception_handlers=handlers,
        middleware=[Middleware(Guard, https=lambda: site.secure)],
    )


# --- where one is -----------------------------------------------------------------------------------------


async def home(site: WebContext, request: Request) -> Response:
    visitor = session.visitor(request)
    reply, standing = await site.look(visitor, current_page)
    if reply is None and not standing.known:
        return await _landing(site, visitor, "")
    if reply is None:
        return _show(site, visitor, standing, await site.act(visitor, commands.resume))
    return _show(site, visitor, standing, reply)


def _show(site: WebContext, visitor: Visitor, standing: PageFrame, reply: Reply, at: str = "/") -> Response:
    """A screen as a page; a question has a page of its own."""
    if reply.screen is Screen.ASK:
        return site.led(visitor, reply)
    exported = tuple(("/eksport", name) for name in FORMATS) if reply.exports else ()
    html = render.screen(visitor, standing, reply, site.words_for(visitor), at, exports=exported)
    return site.page(visitor, html)


async def _landing(site: WebContext, visitor: Visitor, code: str, note: str | None = None) -> Response:
    """Hello, the notice, and the yes to it. Nothing is stored before that yes."""

    def greet(tx: Tx, house: ProcessHost, visit: Visit) -> tuple[Reply, PageFrame]:
        process, _ = invitations.arrival(tx, code)
        plan = house.plan(tx, process)
        return commands.greeting(plan, visit.language), PageFrame(plan, known=False, language=visit.language)

    (reply, standing), _ = await site.look(visitor, greet)
    hidden = (("code", code), ("notice", standing.plan.notice_version))
    waiting = (note,) if note else ()
    at = f"/i/{quote(code, safe='')}" if code else "/"  # where changing the language comes back to
    return site.page(visitor, render.screen(visitor, standing, reply, waiting, at, action="/", hidden=hidden))


async def accept(site: WebContext, _request: Request, visitor: Visitor, sent: Fields) -> Response:
    code = one(sent, "code")
    reply = await site.act(
        visitor, lambda tx, house, visit: commands.accept(tx, house, visit, code, one(sent, "notice"))
    )
    if reply is None:
        return await _landing(site, visitor, code, texts.say(visitor.language, "notice.changed"))
    return site.led(visitor, reply)


# --- a question -------------------------------------------------------------------------------------------


async def question(site: WebContext, request: Request) -> Response:
    visitor, names = session.visitor(request), request.path_params
    reply, standing = await site.look(
        visitor, lambda tx, house, visit: question_page(tx, house, visit, names["flow"], names["question"])
    )
    if reply is None:
        return RedirectResponse("/", 303)
    return site.page(visitor, render.question(visitor, standing, reply, site.words_for(visitor)))


async def answer(site: WebContext, request: Request, visitor: Visitor, sent: Fields) -> Response:
    names = request.path_params
    form = form_data.form(sent, names["flow"], names["question"])
    try:
        reply = await site.act(visitor, lambda tx, house, visit: submit(tx, house, visit, form))
    except NotAsked:
        return await page_of_words(site, request, "page.not-asked", 409, form_data.typed(sent))
    if reply is None:
        return await page_of_words(site, request, "page.unknown", 403, form_data.typed(sent))
    if reply.error is not None:
        html = render.question(visitor, await site.stand(visitor), reply, (), form_data.entered(sent))
        return site.page(visitor, html, 422)
    return site.led(visitor, reply)


async def tap(site: WebContext, _request: Request, visitor: Visitor, sent: Fields) -> Response:
    pressed = tap_of(one(sent, "tap")) or NOT_OURS

    def tapped(tx: Tx, house: ProcessHost, visit: Visit) -> Reply | None:
        known = site.standing(tx, visit).known  # a stranger's button makes nobody known
        return dispatch.tapped(tx, house, visit, pressed) if known else None

    reply = await site.act(visitor, tapped)
    if reply is None:
        return RedirectResponse("/", 303)
    if reply.screen is Screen.PANEL:
        site.wake()  # a panel may write to people
    if reply.screen is not Screen.TEXT:
        return await panels.led(site, visitor, reply)
    standing = await site.stand(visitor)
    response = site.page(visitor, render.screen(visitor, standing, reply, (), "/"))
    if not standing.known:  # they have deleted everything
        session.forget(response, secure=site.secure)
    return response


# --- links ------------------------------------------------------------------------------------------------


async def invited(site: WebContext, request: Request) -> Response:
    """A link to a step, or one that gives a role. The latter is used by a button: who only looks uses nothing up."""
    visitor, code = session.visitor(request), str(request.path_params["code"])
    standing = await site.stand(visitor)
    if not standing.known:
        return await _landing(site, visitor, code)
    if not invitations.is_single(code):
        reply = await site.act(visitor, lambda tx, house, visit: commands.start(tx, house, visit, code))
        return site.led(visitor, reply)
    return _ask_first(site, visitor, standing, "page.role-link", f"/i/{code}")


def _ask_first(site: WebContext, visitor: Visitor, standing: PageFrame, key: str, action: str) -> Response:
    """Nothing is done by looking: what a button would do is told, `{key}-what`, and the button, `{key}-use`."""
    say = partial(texts.say, standing.language)
    html = render.message(visitor, standing, say(key), say(f"{key}-what"), post=action, post_label=say(f"{key}-use"))
    return site.page(visitor, html)


async def redeem(site: WebContext, request: Request, visitor: Visitor, _fields: Fields) -> Response:
    code = str(request.path_params["code"])
    reply = await site.act(visitor, lambda tx, house, visit: commands.start(tx, house, visit, code))
    return site.led(visitor, reply)


async def personal(site: WebContext, request: Request) -> Response:
    """The personal link: the cookie, and on. Who is somebody else in this browser already is asked first."""
    visitor = session.visitor(request)
    owner = await _owner(site, request, visitor)
    if owner is None:
        return await _no_such_link(site, request)
    standing = await site.stand(visitor)
    if standing.known and owner.secret != visitor.secret:
        return _ask_first(site, visitor, standing, "page.other-link", f"/s/{owner.secret}")
    if not standing.known:  # a new device; and who was sent somebody else's link is to notice
        site.leave_word(owner, (texts.say(standing.language, "link.entered"),))
    return await _enter(site, owner)


async def personal_after_all(site: WebContext, request: Request, visitor: Visitor, _fields: Fields) -> Response:
    owner = await _owner(site, request, visitor)
    return await _no_such_link(site, request) if owner is None else await _enter(site, owner)


async def _owner(site: WebContext, request: Request, visitor: Visitor) -> Visitor | None:
    """Whose link it is."""
    secret = str(request.path_params["secret"])
    owner = Visitor(secret, visitor.language, came_with_cookie=True)
    return owner if session.is_secret(secret) and (await site.stand(owner)).known else None


async def _no_such_link(site: WebContext, request: Request) -> Response:
    """Who tries one link after the other is slowed down."""
    if site.limits.guesses.take(client(request), site.clock()):
        return await page_of_words(site, request, "page.too-fast", 429)
    return await page_of_words(site, request, "page.no-such-link", 404)


async def _enter(site: WebContext, owner: Visitor) -> Response:
    reply = await site.act(owner, lambda tx, house, visit: commands.start(tx, house, visit, ""))
    response = site.led(owner, reply)
    session.remember(response, owner.secret, secure=site.secure)
    return response


async def link(site: WebContext, request: Request) -> Response:
    return await _link(site, session.visitor(request), None)


async def _link(site: WebContext, visitor: Visitor, code: str | None) -> Response:
    standing = await site.stand(visitor)
    if not standing.known or site.house.web is None:
        return RedirectResponse("/", 303)
    telegram = f"https://t.me/{site.house.telegram}?start={code}" if code and site.house.telegram else None
    html = render.link(
        visitor,
        standing,
        site.words_for(visitor),
        personal_link.personal_link(site.house.web, visitor.secret),
        telegram=telegram,
        telegram_expected=site.house.telegram is not None,
    )
    return site.page(visitor, html)


async def renew(site: WebContext, _request: Request, visitor: Visitor, _fields: Fields) -> Response:
    standing = await site.stand(visitor)
    if not standing.known:
        return RedirectResponse("/", 303)
    secret = await site.act(visitor, _for_known(personal_link.renew))
    owner = Visitor(secret, visitor.language, came_with_cookie=True)
    site.leave_word(owner, (texts.say(standing.language, "link.renewed"),))
    response = RedirectResponse("/link", 303)
    session.remember(response, secret, secure=site.secure)
    return response


async def to_telegram(site: WebContext, _request: Request, visitor: Visitor, _fields: Fields) -> Response:
    if not (await site.stand(visitor)).known:
        return RedirectResponse("/", 303)
    code = await site.act(visitor, _for_known(personal_link.code_for))
    return await _link(site, visitor, code)


def _for_known(use_case: Callable[[Session], str]) -> Callable[[Tx, ProcessHost, Visit], str]:
    return lambda tx, house, visit: use_case(commands.somebody(tx, house, visit))


async def forget(site: WebContext, _request: Request, visitor: Visitor, _fields: Fields) -> Response:
    """On a borrowed or shared machine: the cookie goes, the answers stay."""
    standing = await site.stand(visitor)
    say = partial(texts.say, standing.language)
    nobody = PageFrame(standing.plan, known=False, language=standing.language)
    html = render.message(visitor, nobody, say("page.forgotten"), say("page.forgotten-what"))
    response = HTMLResponse(html)
    session.forget(response, secure=site.secure)
    return response


# --- what the commands do ---------------------------------------------------------------------------------


def _command(use_case: Callable[[Tx, ProcessHost, Visit], Reply]) -> Page:
    async def page(site: WebContext, request: Request) -> Response:
        visitor = session.visitor(request)
        standing = await site.stand(visitor)
        if not standing.known:
            return RedirectResponse("/", 303)
        return _show(site, visitor, standing, await site.act(visitor, use_case), request.url.path)

    return page


def _of_known(use_case: Callable[[Session], Reply]) -> Page:
    return _command(lambda tx, house, visit: commands.known(tx, house, visit, use_case))


def _about(sets: str) -> Page:
    """The start question that sets this of a person, to be answered anew."""

    async def page(site: WebContext, request: Request) -> Response:
        visitor = session.visitor(request)
        reply, _ = await site.look(visitor, lambda tx, house, visit: about_oneself(tx, house, visit, sets))
        return RedirectResponse("/", 303) if reply is None else site.led(visitor, reply)

    return page


async def speak(site: WebContext, _request: Request, visitor: Visitor, sent: Fields) -> Response:
    language: Language = "en" if one(sent, "language") == "en" else "da"
    response = RedirectResponse(_local(one(sent, "back")), 303)
    if (await site.stand(visitor)).known:
        await site.act(visitor, lambda tx, house, visit: commands.speak(tx, house, visit, language))
    else:  # nothing of a stranger is stored here; their browser keeps it until it is closed
        session.remember_language(response, language, secure=site.secure)
    return response


def _local(path: str) -> str:
    """A page of ours, or the first one: nobody is sent elsewhere by a field."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() else "/"


def _stop(tx: Tx, house: ProcessHost, visit: Visit) -> Reply:
    return commands.known(tx, house, visit, commands.stop)


async def stop(site: WebContext, _request: Request, visitor: Visitor, _fields: Fields) -> Response:
    standing = await site.stand(visitor)
    if not standing.known:
        return RedirectResponse("/", 303)
    return _show(site, visitor, standing, await site.act(visitor, _stop))


async def mine(site: WebContext, request: Request) -> Response:
    visitor = session.visitor(request)
    reply, standing = await site.look(visitor, _mine)
    if reply is None:
        return RedirectResponse("/", 303)
    return site.page(visitor, render.screen(visitor, standing, reply, (), "/mine", download="/mine.json"))


async def mine_as_file(site: WebContext, request: Request) -> Response:
    visitor = session.visitor(request)
    reply, _ = await site.look(visitor, _mine)
    if reply is None or reply.attachment is None:
        return RedirectResponse("/", 303)
    name = reply.attachment.name
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(reply.attachment.content, media_type="application/json", headers=headers)


def _mine(tx: Tx, house: ProcessHost, visit: Visit) -> Reply | None:
    s = load(tx, house, visit)
    return None if s is None else own_data.mine(s)


async def privacy(site: WebContext, request: Request) -> Response:
    return await _told(site, request, commands.privacy)


async def help_(site: WebContext, request: Request) -> Response:
    return await _told(site, request, commands.help_)


async def _told(site: WebContext, request: Request, use_case: Callable[[Session], Reply]) -> Response:
    """Words for anybody; to somebody we do not know as to one who has not begun."""
    visitor = session.visitor(request)

    def words(tx: Tx, house: ProcessHost, visit: Visit) -> Reply:
        s = load(tx, house, visit)
        return use_case(s if s is not None else commands.nobody(tx, house, visit))

    reply, standing = await site.look(visitor, words)
    return site.page(visitor, render.screen(visitor, standing, reply, (), request.url.path))


# --- beside the conversation ------------------------------------------------------------------------------


async def accessibility(site: WebContext, request: Request) -> Response:
    """/was, where the law wants the accessibility statement to be found."""
    standing = await site.stand(session.visitor(request))
    statement = standing.plan.file.contacts.accessibility
    if statement is None:
        return await page_of_words(site, request, "page.no-statement", 404)
    return RedirectResponse(statement, 303)


async def static(request: Request) -> Response:
    found = render.static_files().get(request.path_params["name"])
    if found is None:
        raise HTTPException(404)
    content, kind, _ = found
    return Response(content, media_type=kind, headers={"cache-control": FOREVER})

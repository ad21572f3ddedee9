"""What one can do in the browser: the table of contents. Each page unpacks, calls one use case, shows its reply."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from bot import texts
from bot.access import NotAllowed
from bot.conversation import arrive, forms, handed, moving, own_data, turn
from bot.conversation import export as exports
from bot.conversation.situation import Situation, Visit, load
from bot.export_job import written
from bot.flows.model import Language
from bot.process import invitations
from bot.process.plan import House
from bot.reply import NOT_OURS, Attachment, Reply, Screen, tap_of
from storage.db import Tx
from web import fields, health, render, session
from web.fields import Fields, one
from web.safety import FOR_FILES, LARGEST_FORM, Guard, TooLarge, client
from web.session import Standing, Visitor
from web.site import Site

log = logging.getLogger(__name__)

Page = Callable[[Site, Request], Awaitable[Response]]
Posted = Callable[[Site, Request, Visitor, Fields], Awaitable[Response]]

FOREVER = "public, max-age=31536000, immutable"  # the address changes with the content


def application(site: Site) -> Starlette:
    """The whole site as one ASGI application."""

    def get(path: str, page: Page) -> Route:
        return Route(path, partial(_counted, site, page), methods=["GET"])

    def post(path: str, page: Posted) -> Route:
        return Route(path, partial(_counted, site, partial(_checked, page)), methods=["POST"])

    routes = [
        get("/", home),
        post("/", accept),
        get("/trin/{flow}/{question}", question),
        post("/trin/{flow}/{question}", answer),
        post("/tryk", tap),
        post("/skriv", words),
        Route("/fil", partial(_counted, site, file), methods=["POST"]),
        get("/i/{code}", invited),
        post("/i/{code}", redeem),
        get("/s/{secret}", personal),
        post("/s/{secret}", personal_after_all),
        get("/link", link),
        post("/link", renew),
        post("/link/telegram", to_telegram),
        post("/glem", forget),
        get("/fortsaet", _command(arrive.resume)),
        get("/ret", _of_known(arrive.correct)),
        get("/slet", _of_known(arrive.erase)),
        get("/rolle", _about("group")),
        get("/paamindelser", _about("reminders")),
        get("/sprog", _of_known(arrive.language)),
        post("/sprog", speak),
        post("/stop", stop),
        get("/mine", mine),
        get("/mine.json", mine_as_file),
        get("/privatliv", privacy),
        get("/privacy", privacy),
        get("/hjaelp", help_),
        get("/help", help_),
        get("/leder", _panel("leder")),
        get("/daekning", _panel("daekning")),
        get("/status", _panel("daekning")),
        get("/sammen", _panel("sammen")),
        post("/eksport", export),
        get("/was", accessibility),
        Route("/health", partial(health.look, site), methods=["GET"]),
        Route("/static/{name}", static, methods=["GET"]),
    ]
    handlers: dict[Any, Callable[..., Awaitable[Response]]] = {
        400: partial(_not_found, site),
        404: partial(_not_found, site),
        405: partial(_not_found, site),
        fields.Unreadable: partial(_not_found, site),
        TooLarge: partial(_too_large, site),
        sqlite3.Error: partial(_trouble, site),
        Exception: _broken,
    }
    return Starlette(
        routes=routes,
        exception_handlers=handlers,
        middleware=[Middleware(Guard, https=lambda: site.secure)],
    )


# --- around each page -------------------------------------------------------------------------------------


async def _counted(site: Site, page: Page, request: Request) -> Response:
    """No more requests of one address or one link than people make."""
    now = site.clock()
    wait = site.limits.by_address.take(client(request), now)
    secret = request.cookies.get(session.COOKIE, "")
    if not wait and session.is_secret(secret):
        wait = site.limits.by_link.take(secret, now)
    if wait:
        response = await _say(site, request, "page.too-fast", 429, await _typed(request))
        response.headers["retry-after"] = str(wait)
        return response
    return await page(site, request)


async def _checked(page: Posted, site: Site, request: Request) -> Response:
    """A form of ours, sent by whom we made it for. Otherwise nothing is done, and what was typed is shown again."""
    if int(request.headers.get("content-length") or 0) > LARGEST_FORM:
        raise TooLarge
    sent = fields.read(await request.body(), request.headers.get("content-type", ""))
    visitor = session.visitor(request)
    if visitor.came_with_cookie and visitor.sent(one(sent, "csrf")):
        return await page(site, request, visitor, sent)
    log.info("web form=expired cookie=%s", "yes" if visitor.came_with_cookie else "no")
    return await _say(site, request, "page.expired", 403, fields.typed(sent))


async def _typed(request: Request) -> tuple[str, ...]:
    """The words in a form that nothing is done with."""
    if request.method != "POST" or _is_file_form(request):
        return ()
    return fields.typed(fields.read(await request.body(), request.headers.get("content-type", "")))


async def _say(site: Site, request: Request, key: str, status: int, typed: tuple[str, ...] = ()) -> Response:
    """A page of words: `{key}` is its heading, `{key}-what` what to do now."""
    visitor = session.visitor(request)
    standing = await site.stand(visitor)
    contacts = standing.plan.file.contacts
    what = texts.say(standing.language, f"{key}-what", phone=contacts.phone, email=contacts.email)
    html = render.message(visitor, standing, texts.say(standing.language, key), what, typed=typed)
    return site.page(visitor, html, status)


async def _not_found(site: Site, request: Request, error: Exception) -> Response:
    visitor = session.visitor(request)
    standing = await site.stand(visitor)
    say = render.sayer(standing.language)
    html = render.message(visitor, standing, say("page.not-found"), say("said.unknown-command"), say("help.commands"))
    return site.page(visitor, html, error.status_code if isinstance(error, HTTPException) else 415)


async def _too_large(site: Site, request: Request, _: Exception) -> Response:
    return await _say(site, request, "page.too-large-file" if request.url.path == FOR_FILES else "page.too-large", 413)


async def _trouble(site: Site, request: Request, error: Exception) -> Response:
    """The database is locked or the disk is full: nothing is changed, and what was typed stands there again."""
    log.error("web database=%s", type(error).__name__)
    response = await _say(site, request, "page.trouble", 503, await _typed(request))
    response.headers["retry-after"] = "10"
    return response


async def _broken(request: Request, _: Exception) -> Response:
    """A fault of ours. Starlette raises it again afterwards, so that it stands in the log."""
    language = session.visitor(request).language
    heading, what = texts.say(language, "page.broken"), texts.say(language, "page.broken-what")
    return HTMLResponse(f"<!doctype html><title>{heading}</title><h1>{heading}</h1><p>{what}</p>", 500)


# --- where one is -----------------------------------------------------------------------------------------


async def home(site: Site, request: Request) -> Response:
    visitor = session.visitor(request)
    reply, standing = await site.look(visitor, forms.here)
    if reply is None and not standing.known:
        return await _landing(site, visitor, "")
    if reply is None:
        return _show(site, visitor, standing, await site.act(visitor, arrive.resume))
    return _show(site, visitor, standing, reply)


def _show(site: Site, visitor: Visitor, standing: Standing, reply: Reply, at: str = "/") -> Response:
    """A screen as a page; a question has a page of its own."""
    if reply.screen is Screen.ASK:
        return site.led(visitor, reply)
    exported = tuple(("/eksport", name) for name in exports.FORMATS) if reply.exports else ()
    html = render.screen(visitor, standing, reply, site.words_for(visitor), at, exports=exported)
    return site.page(visitor, html)


async def _landing(site: Site, visitor: Visitor, code: str, note: str | None = None) -> Response:
    """Hello, the notice, and the yes to it. Nothing is stored before that yes."""

    def greet(tx: Tx, house: House, visit: Visit) -> tuple[Reply, Standing]:
        process, _ = invitations.arrival(tx, code)
        plan = house.plan(tx, process)
        return arrive.greeting(plan, visit.language), Standing(plan, known=False, language=visit.language)

    (reply, standing), _ = await site.look(visitor, greet)
    hidden = (("code", code), ("notice", standing.plan.notice_version))
    waiting = (note,) if note else ()
    at = f"/i/{quote(code, safe='')}" if code else "/"  # where changing the language comes back to
    return site.page(visitor, render.screen(visitor, standing, reply, waiting, at, action="/", hidden=hidden))


async def accept(site: Site, _request: Request, visitor: Visitor, sent: Fields) -> Response:
    code = one(sent, "code")
    reply = await site.act(visitor, lambda tx, house, visit: arrive.accept(tx, house, visit, code, one(sent, "notice")))
    if reply is None:
        return await _landing(site, visitor, code, texts.say(visitor.language, "notice.changed"))
    return site.led(visitor, reply)


# --- a question -------------------------------------------------------------------------------------------


async def question(site: Site, request: Request) -> Response:
    visitor, names = session.visitor(request), request.path_params
    reply, standing = await site.look(
        visitor, lambda tx, house, visit: forms.page(tx, house, visit, names["flow"], names["question"])
    )
    if reply is None:
        return RedirectResponse("/", 303)
    return site.page(visitor, render.question(visitor, standing, reply, site.words_for(visitor)))


async def answer(site: Site, request: Request, visitor: Visitor, sent: Fields) -> Response:
    names = request.path_params
    form = fields.form(sent, names["flow"], names["question"])
    try:
        reply = await site.act(visitor, lambda tx, house, visit: forms.fill(tx, house, visit, form))
    except forms.NotAsked:
        return await _say(site, request, "page.not-asked", 409, fields.typed(sent))
    if reply is None:
        return await _say(site, request, "page.unknown", 403, fields.typed(sent))
    if reply.error is not None:
        html = render.question(visitor, await site.stand(visitor), reply, (), fields.entered(sent))
        return site.page(visitor, html, 422)
    return site.led(visitor, reply)


async def tap(site: Site, _request: Request, visitor: Visitor, sent: Fields) -> Response:
    pressed = tap_of(one(sent, "tap")) or NOT_OURS

    def tapped(tx: Tx, house: House, visit: Visit) -> Reply | None:
        known = site.standing(tx, visit).known  # a stranger's button makes nobody known
        return turn.tapped(tx, house, visit, pressed) if known else None

    reply = await site.act(visitor, tapped)
    if reply is None:
        return RedirectResponse("/", 303)
    if reply.screen is not Screen.TEXT:
        return await _led(site, visitor, reply)
    standing = await site.stand(visitor)
    response = site.page(visitor, render.screen(visitor, standing, reply, (), "/"))
    if not standing.known:  # they have deleted everything
        session.forget(response, secure=site.secure)
    return response


# --- links ------------------------------------------------------------------------------------------------


async def invited(site: Site, request: Request) -> Response:
    """A link to a step, or one that gives a role. The latter is used by a button: who only looks uses nothing up."""
    visitor, code = session.visitor(request), str(request.path_params["code"])
    standing = await site.stand(visitor)
    if not standing.known:
        return await _landing(site, visitor, code)
    if not invitations.is_single(code):
        reply = await site.act(visitor, lambda tx, house, visit: arrive.start(tx, house, visit, code))
        return site.led(visitor, reply)
    return _ask_first(site, visitor, standing, "page.role-link", f"/i/{code}")


def _ask_first(site: Site, visitor: Visitor, standing: Standing, key: str, action: str) -> Response:
    """Nothing is done by looking: what a button would do is told, `{key}-what`, and the button, `{key}-use`."""
    say = partial(texts.say, standing.language)
    html = render.message(
        visitor, standing, say(key), say(f"{key}-what"), post=action, post_label=say(f"{key}-use")
    )  # fmt: skip
    return site.page(visitor, html)


async def redeem(site: Site, request: Request, visitor: Visitor, _fields: Fields) -> Response:
    code = str(request.path_params["code"])
    reply = await site.act(visitor, lambda tx, house, visit: arrive.start(tx, house, visit, code))
    return site.led(visitor, reply)


async def personal(site: Site, request: Request) -> Response:
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


async def personal_after_all(site: Site, request: Request, visitor: Visitor, _fields: Fields) -> Response:
    owner = await _owner(site, request, visitor)
    return await _no_such_link(site, request) if owner is None else await _enter(site, owner)


async def _owner(site: Site, request: Request, visitor: Visitor) -> Visitor | None:
    """Whose link it is."""
    secret = str(request.path_params["secret"])
    owner = Visitor(secret, visitor.language, came_with_cookie=True)
    return owner if session.is_secret(secret) and (await site.stand(owner)).known else None


async def _no_such_link(site: Site, request: Request) -> Response:
    """Who tries one link after the other is slowed down."""
    if site.limits.guesses.take(client(request), site.clock()):
        return await _say(site, request, "page.too-fast", 429)
    return await _say(site, request, "page.no-such-link", 404)


async def _enter(site: Site, owner: Visitor) -> Response:
    reply = await site.act(owner, lambda tx, house, visit: arrive.start(tx, house, visit, ""))
    response = site.led(owner, reply)
    session.remember(response, owner.secret, secure=site.secure)
    return response


async def link(site: Site, request: Request) -> Response:
    return await _link(site, session.visitor(request), None)


async def _link(site: Site, visitor: Visitor, code: str | None) -> Response:
    standing = await site.stand(visitor)
    if not standing.known or site.house.web is None:
        return RedirectResponse("/", 303)
    telegram = f"https://t.me/{site.house.telegram}?start={code}" if code and site.house.telegram else None
    html = render.link(
        visitor, standing, site.words_for(visitor), moving.personal_link(site.house.web, visitor.secret),
        telegram=telegram, telegram_expected=site.house.telegram is not None,
    )  # fmt: skip
    return site.page(visitor, html)


async def renew(site: Site, _request: Request, visitor: Visitor, _fields: Fields) -> Response:
    standing = await site.stand(visitor)
    if not standing.known:
        return RedirectResponse("/", 303)
    secret = await site.act(visitor, _for_known(moving.renew))
    owner = Visitor(secret, visitor.language, came_with_cookie=True)
    site.leave_word(owner, (texts.say(standing.language, "link.renewed"),))
    response = RedirectResponse("/link", 303)
    session.remember(response, secret, secure=site.secure)
    return response


async def to_telegram(site: Site, _request: Request, visitor: Visitor, _fields: Fields) -> Response:
    if not (await site.stand(visitor)).known:
        return RedirectResponse("/", 303)
    code = await site.act(visitor, _for_known(moving.code_for))
    return await _link(site, visitor, code)


def _for_known(use_case: Callable[[Situation], str]) -> Callable[[Tx, House, Visit], str]:
    return lambda tx, house, visit: use_case(arrive.somebody(tx, house, visit))


async def forget(site: Site, _request: Request, visitor: Visitor, _fields: Fields) -> Response:
    """On a borrowed or shared machine: the cookie goes, the answers stay."""
    standing = await site.stand(visitor)
    say = partial(texts.say, standing.language)
    nobody = Standing(standing.plan, known=False, language=standing.language)
    html = render.message(visitor, nobody, say("page.forgotten"), say("page.forgotten-what"))
    response = HTMLResponse(html)
    session.forget(response, secure=site.secure)
    return response


# --- what the commands do ---------------------------------------------------------------------------------


def _command(use_case: Callable[[Tx, House, Visit], Reply]) -> Page:
    async def page(site: Site, request: Request) -> Response:
        visitor = session.visitor(request)
        standing = await site.stand(visitor)
        if not standing.known:
            return RedirectResponse("/", 303)
        return _show(site, visitor, standing, await site.act(visitor, use_case), request.url.path)

    return page


def _of_known(use_case: Callable[[Situation], Reply]) -> Page:
    return _command(lambda tx, house, visit: arrive.known(tx, house, visit, use_case))


def _about(sets: str) -> Page:
    """The start question that sets this of a person, to be answered anew."""

    async def page(site: Site, request: Request) -> Response:
        visitor = session.visitor(request)
        reply, _ = await site.look(
            visitor, lambda tx, house, visit: forms.about_oneself(tx, house, visit, sets)
        )  # fmt: skip
        return RedirectResponse("/", 303) if reply is None else site.led(visitor, reply)

    return page


async def speak(site: Site, _request: Request, visitor: Visitor, sent: Fields) -> Response:
    language: Language = "en" if one(sent, "language") == "en" else "da"
    response = RedirectResponse(_local(one(sent, "back")), 303)
    if (await site.stand(visitor)).known:
        await site.act(visitor, lambda tx, house, visit: arrive.speak(tx, house, visit, language))
    else:  # nothing of a stranger is stored here; their browser keeps it until it is closed
        session.remember_language(response, language, secure=site.secure)
    return response


def _local(path: str) -> str:
    """A page of ours, or the first one: nobody is sent elsewhere by a field."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() else "/"


def _stop(tx: Tx, house: House, visit: Visit) -> Reply:
    return arrive.known(tx, house, visit, arrive.stop)


async def stop(site: Site, _request: Request, visitor: Visitor, _fields: Fields) -> Response:
    standing = await site.stand(visitor)
    if not standing.known:
        return RedirectResponse("/", 303)
    return _show(site, visitor, standing, await site.act(visitor, _stop))


async def mine(site: Site, request: Request) -> Response:
    visitor = session.visitor(request)
    reply, standing = await site.look(visitor, _mine)
    if reply is None:
        return RedirectResponse("/", 303)
    return site.page(visitor, render.screen(visitor, standing, reply, (), "/mine", download="/mine.json"))


async def mine_as_file(site: Site, request: Request) -> Response:
    visitor = session.visitor(request)
    reply, _ = await site.look(visitor, _mine)
    if reply is None or reply.attachment is None:
        return RedirectResponse("/", 303)
    name = reply.attachment.name
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(reply.attachment.content, media_type="application/json", headers=headers)


def _mine(tx: Tx, house: House, visit: Visit) -> Reply | None:
    s = load(tx, house, visit)
    return None if s is None else own_data.mine(s)


async def privacy(site: Site, request: Request) -> Response:
    return await _told(site, request, arrive.privacy)


async def help_(site: Site, request: Request) -> Response:
    return await _told(site, request, arrive.help_)


async def _told(site: Site, request: Request, use_case: Callable[[Situation], Reply]) -> Response:
    """Words for anybody; to somebody we do not know as to one who has not begun."""
    visitor = session.visitor(request)

    def words(tx: Tx, house: House, visit: Visit) -> Reply:
        s = load(tx, house, visit)
        return use_case(s if s is not None else arrive.nobody(tx, house, visit))

    reply, standing = await site.look(visitor, words)
    return site.page(visitor, render.screen(visitor, standing, reply, (), request.url.path))


def _panel(path: str) -> Page:
    """A panel, for those who may; for everybody else there is no such page."""
    case = arrive.panel(path)

    async def page(site: Site, request: Request) -> Response:
        visitor = session.visitor(request)
        try:
            reply = await site.act(visitor, lambda tx, house, visit: case(arrive.somebody(tx, house, visit)))
        except arrive.Unknown:
            raise HTTPException(404) from None
        if reply.screen is Screen.TEXT:
            raise HTTPException(404)
        return await _led(site, visitor, replace(reply, makes=()))

    return page


async def words(site: Site, request: Request, visitor: Visitor, sent: Fields) -> Response:
    """What was typed into a panel."""
    number, revision = fields.panel(sent)

    def taken(tx: Tx, house: House, visit: Visit) -> Reply | None:
        s = load(tx, house, visit)
        return None if s is None else turn.typed(s, number, revision, one(sent, "text"))

    reply = await site.act(visitor, taken)
    if reply is None:
        return await _say(site, request, "page.expired", 409, fields.typed(sent))
    return await _led(site, visitor, reply)


async def file(site: Site, request: Request) -> Response:
    """A file handed in to a panel; read in a thread, and only for who is waited for."""
    visitor = session.visitor(request)
    waits, _ = await site.look(visitor, _waits_for_file)
    if not waits or not _is_file_form(request):
        return await _say(site, request, "page.expired", 403, await _typed(request))
    async with request.form(max_files=1, max_fields=5) as form:
        token, upload = form.get("csrf"), form.get("file")
        if not isinstance(token, str) or not visitor.sent(token) or not isinstance(upload, UploadFile):
            return await _say(site, request, "page.expired", 403)
        content = await upload.read()
    taken = await asyncio.to_thread(handed.read, upload.filename or "", content)
    try:
        reply = await site.act(
            visitor, lambda tx, house, visit: turn.handed_in(arrive.somebody(tx, house, visit), taken)
        )  # fmt: skip
    except arrive.Unknown:  # deleted meanwhile
        return RedirectResponse("/", 303)
    return await _led(site, visitor, reply)


def _waits_for_file(tx: Tx, house: House, visit: Visit) -> bool:
    s = load(tx, house, visit)
    return s is not None and turn.waits_for_file(s)


def _is_file_form(request: Request) -> bool:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == "multipart/form-data"


async def _led(site: Site, visitor: Visitor, reply: Reply) -> Response:
    """On to where the person is now. What can't be shown again, and pictures, stand in the answer itself; another file
    is the answer."""
    if not reply.makes and not reply.once:
        return site.led(visitor, reply)
    made = [await asyncio.to_thread(make) for make in reply.makes]
    if made and not reply.once and made[0].picture is None:
        return _download(made[0])
    standing = await site.stand(visitor)
    return site.page(visitor, render.screen(visitor, standing, reply, (), "/leder", made=tuple(made)))


def _download(made: Attachment) -> Response:
    headers = {"content-disposition": f'attachment; filename="{made.name}"'}
    return Response(made.content, media_type="application/octet-stream", headers=headers)


async def export(site: Site, _request: Request, visitor: Visitor, sent: Fields) -> Response:
    wanted = one(sent, "format")
    try:
        reply = await site.act(
            visitor, lambda tx, house, visit: exports.export(arrive.somebody(tx, house, visit), wanted)
        )
    except (NotAllowed, arrive.Unknown):
        raise HTTPException(404) from None
    if reply.making is None:
        raise HTTPException(404)
    made = await written(site.database, reply.making, wanted)
    return _download(made.attachment)


# --- beside the conversation ------------------------------------------------------------------------------


async def accessibility(site: Site, request: Request) -> Response:
    """/was, where the law wants the accessibility statement to be found."""
    standing = await site.stand(session.visitor(request))
    statement = standing.plan.file.contacts.accessibility
    return RedirectResponse(statement, 303) if statement else await _say(site, request, "page.no-statement", 404)


async def static(request: Request) -> Response:
    found = render.static_files().get(request.path_params["name"])
    if found is None:
        raise HTTPException(404)
    content, kind, _ = found
    return Response(content, media_type=kind, headers={"cache-control": FOREVER})

"""Guards around each page: request limits, form tokens, and the pages shown when something is wrong."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Scope

from bot import texts
from bot.channels.web import form_data, render, session
from bot.channels.web.context import WebContext
from bot.channels.web.form_data import Fields, one
from bot.channels.web.limits import client
from bot.channels.web.middleware import FOR_FILES, LARGEST_FORM, TooLarge
from bot.channels.web.session import Visitor
from storage.encryption_errors import KeyUnavailable

log = logging.getLogger(__name__)


class OutOfReach(Exception):
    """More than a session may reach that a mail's button has begun."""


Page = Callable[[WebContext, Request], Awaitable[Response]]
Posted = Callable[[WebContext, Request, Visitor, Fields], Awaitable[Response]]


async def limit_requests(web: WebContext, page: Page, request: Request, *, by_mail: bool = False) -> Response:
    """Limits requests per address and per session; a form from another site gets no further. `by_mail`: also for who
    has come in by a mail, to one step."""
    now, visitor = web.clock(), web.visitor(request)
    wait = web.limits.wait(request, now)
    if not wait and visitor.came_with_cookie:
        wait = web.limits.by_link.take(visitor.id_hash, now)
    if wait:
        return await slowed_down(web, request, wait)
    if request.method == "POST" and _is_foreign(web, request):
        log.info("web form=foreign")
        return await page_of_words(web, request, "page.foreign", 403, await typed_in(request))
    if visitor.is_limited and not by_mail and (await web.frame(visitor)).known:
        return await out_of_reach(web, request, OutOfReach())
    response = await page(web, request)
    await web.note_use(visitor)
    return response


async def slowed_down(web: WebContext, request: Request, wait: int) -> Response:
    """`wait`: seconds until it may be tried again."""
    log.warning("web slowed=429")
    response = await page_of_words(web, request, "page.too-fast", 429, await typed_in(request))
    response.headers["retry-after"] = str(wait)
    return response


def _is_foreign(web: WebContext, request: Request) -> bool:
    """Whether the browser says that the form stood in a page of somebody else. Our pages send no referrer, so that
    `Origin` may be null for a form of ours (https://fetch.spec.whatwg.org/#append-a-request-origin-header); where an
    old browser tells neither, cookie and token decide."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("origin", "null")
    ours = (urlsplit(web.context.process_host.web or "").netloc, request.headers.get("host", ""))
    named = origin.partition("://")[2]  # it is no more than scheme, host and port
    return origin != "null" and (not named or named not in ours)


async def check_form(page: Posted, web: WebContext, request: Request) -> Response:
    """Accepts a form only with its visitor's own token. Otherwise changes nothing and shows what was typed."""
    if int(request.headers.get("content-length") or 0) > LARGEST_FORM:
        raise TooLarge
    sent = form_data.read(await request.body(), request.headers.get("content-type", ""))
    visitor = web.visitor(request)
    if visitor.came_with_cookie and visitor.sent(one(sent, "csrf")):
        return await page(web, request, visitor, sent)
    log.info("web form=expired cookie=%s", "yes" if visitor.came_with_cookie else "no")
    return await page_of_words(web, request, "page.expired", 403, form_data.typed_texts(sent))


async def typed_in(request: Request) -> tuple[str, ...]:
    """The words in a form that nothing is done with."""
    if request.method != "POST" or is_file_form(request):
        return ()
    return form_data.typed_texts(form_data.read(await request.body(), request.headers.get("content-type", "")))


async def page_of_words(
    web: WebContext, request: Request, key: str, status: int, typed: tuple[str, ...] = ()
) -> Response:
    """A page of words: `{key}` is its heading, `{key}-what` what to do now."""
    visitor = web.visitor(request)
    frame = await web.frame(visitor)
    contacts = frame.plan.file.contacts
    what = texts.say(frame.language, f"{key}-what", phone=contacts.phone, email=contacts.email)
    html = render.message(visitor, frame, texts.say(frame.language, key), what, typed=typed)
    return web.page(visitor, html, status)


async def unknown_link(web: WebContext, request: Request, key: str) -> Response:
    """What a link leads to that is none, or none any more. Who tries one after the other is slowed down."""
    if wait := web.limits.guesses.take(client(request), web.clock()):
        return await slowed_down(web, request, wait)
    return await page_of_words(web, request, key, 404)


async def not_found(web: WebContext, request: Request, error: Exception) -> Response:
    visitor = web.visitor(request)
    frame = await web.frame(visitor)
    say = render.sayer(frame.language)
    html = render.message(visitor, frame, say("page.not-found"), say("said.unknown-command"), say("help.pages"))
    unreadable = 415 if isinstance(error, form_data.UnreadableForm) else 404
    return web.page(visitor, html, error.status_code if isinstance(error, HTTPException) else unreadable)


async def out_of_reach(web: WebContext, request: Request, _: Exception) -> Response:
    """Who came in by a mail needs their personal link for it."""
    return await page_of_words(web, request, "page.by-mail", 403, await typed_in(request))


async def session_over(web: WebContext, request: Request, _: Exception) -> Response:
    """A page from before the session ended; or a cookie that somebody else has made, whose token they can make too."""
    log.info("web form=expired cookie=%s", "over")
    return await page_of_words(web, request, "page.expired", 403, await typed_in(request))


async def too_large(web: WebContext, request: Request, _: Exception) -> Response:
    key = "page.too-large-file" if request.scope["path"] == FOR_FILES else "page.too-large"
    return await page_of_words(web, request, key, 413)


async def service_unavailable(web: WebContext, request: Request, error: Exception) -> Response:
    """The database is locked, the disk is full or a person's key is lost: nothing is changed, and what was typed stands
    there again."""
    log.error("web database=%s", type(error).__name__)
    typed = await typed_in(request)
    try:
        response = await page_of_words(web, request, "page.trouble", 503, typed)
    except (sqlite3.Error, KeyUnavailable):  # it can't be read either
        response = bare_page(request, "page.unreadable", 503, typed)
    response.headers["retry-after"] = "10"
    return response


async def server_error(request: Request, _: Exception) -> Response:
    """A fault of ours. Starlette raises it again afterwards, so that it stands in the log, and then the server closes
    the connection."""
    response = bare_page(request, "page.broken", 500)
    response.headers["connection"] = "close"
    return response


def wrong_host(scope: Scope, status: int) -> Response:
    """What was asked of a name that is not ours, or of none."""
    log.warning("web host=refused: it is not that of BESYV_WEB_URL; does the web server in front forward Host?")
    response = bare_page(Request(scope), "page.wrong-host", status)
    response.headers["connection"] = "close"
    return response


def bare_page(request: Request, key: str, status: int, typed: tuple[str, ...] = ()) -> Response:
    """As `page_of_words`, where nothing can be looked up."""
    say = render.sayer(session.language_of(request))
    return HTMLResponse(render.bare(session.language_of(request), say(key), say(f"{key}-what"), typed=typed), status)


def is_file_form(request: Request) -> bool:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == "multipart/form-data"

"""A calendar of one's own: the page where its address is made, and what calendars fetch there."""

from __future__ import annotations

import asyncio
import hashlib
import logging

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from bot import texts
from bot.channels.web import render, session
from bot.channels.web.context import WebContext
from bot.channels.web.form_data import Fields, one
from bot.channels.web.limits import client
from bot.channels.web.session import Visitor
from bot.dialogue import acting_as
from bot.dialogue.session import Context, Session, Unknown, Visit, somebody
from bot.features.meetings import calendar_feed
from storage.db import Tx

log = logging.getLogger(__name__)
KEPT = "private, max-age=900"  # seconds for which a calendar need not ask again


async def page(web: WebContext, request: Request) -> Response:
    visitor = web.visitor(request)
    address, frame = await web.see(visitor, lambda s: calendar_feed.address_of(acting_as.oneself(s)))
    if not frame.known or web.context.process_host.web is None:
        return RedirectResponse("/", 303)
    return web.page(visitor, render.calendar(visitor, frame, web.words_for(visitor), address))


async def change(web: WebContext, _request: Request, visitor: Visitor, sent: Fields) -> Response:
    """«Lav min adresse», «Ny adresse», «Slå fra»."""
    wanted = one(sent, "do")

    def changed(tx: Tx, context: Context, visit: Visit) -> str:
        s = acting_as.oneself(somebody(tx, context, visit))
        return _changed(s, wanted)

    try:
        note = await web.act(visitor, changed)
    except Unknown:
        return RedirectResponse("/", 303)
    web.leave_word(visitor, (note,) if note else ())
    return RedirectResponse(calendar_feed.PAGE, 303)


def _changed(s: Session, wanted: str) -> str:
    match wanted:
        case "make":
            calendar_feed.make(s)
            return s.say("calendar.made")
        case "close":
            calendar_feed.close(s)
            return s.say("calendar.closed")
        case _:
            return ""


async def file(web: WebContext, request: Request) -> Response:
    """For calendars, which bring no cookie; they come again and again, and mostly nothing is new."""
    code = str(request.path_params["code"])
    visitor = web.visitor(request)

    def subscribed(tx: Tx) -> calendar_feed.Subscription | None:
        return calendar_feed.subscription(tx, web.context, web.visit_in(tx, visitor), code)

    found = await web.database.read(subscribed) if session.is_secret(code) else None
    if found is None:
        return _none(web, request)
    content = await asyncio.to_thread(found.written)
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"cache-control": KEPT, "etag": tag}
    if tag in _tags(request):
        return Response(status_code=304, headers=headers)
    name = f"{texts.say(found.language, 'calendar.files')}"
    headers["content-disposition"] = f'attachment; filename="{name}"'  # not the address, which is a secret
    return Response(content, media_type="text/calendar; charset=utf-8", headers=headers)


def _tags(request: Request) -> list[str]:
    """Of what the calendar has already; compared weakly (RFC 9110, 13.1.2)."""
    return [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]


def _none(web: WebContext, request: Request) -> Response:
    """Who tries one address after the other is slowed down."""
    if wait := web.limits.guesses.take(client(request), web.clock()):
        log.warning("web slowed=429")
        return PlainTextResponse("", 429, {"retry-after": str(wait)})
    return PlainTextResponse("", 404)

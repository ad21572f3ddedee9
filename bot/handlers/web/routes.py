"""What one can do in the browser: the table of contents. Each page unpacks, calls one use case, shows its reply."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.convertors import StringConvertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from bot.access import NotAllowed
from bot.channels.web import form_data, guards, render
from bot.channels.web.context import WebContext
from bot.channels.web.guards import Page, Posted, page_of_words
from bot.channels.web.middleware import AsMeant, Guard, Hosts, TooLarge
from bot.channels.web.session import SessionOver
from bot.dialogue.commands import every
from bot.dialogue.session import Unknown
from bot.handlers.web import (
    answering,
    calendar_feed,
    chat_proof,
    commands,
    email_links,
    health,
    links,
    municipality,
    panels,
    passkeys,
)
from storage.encryption_errors import KeyUnavailable

FOREVER = "public, max-age=31536000, immutable"  # the address changes with the content

# Commands whose pages show more than the command says.
OWN_PAGES: dict[str, Page] = {
    "mine": commands.mine,
    "privatliv": commands.privacy,
    "hjaelp": commands.help_,
    "rolle": commands.role,
    "web": links.link,
}

# Also for who has come in by a button of a mail, to answer one step. What they see there: bot.handlers.web.reach.
OPEN_BY_MAIL = frozenset(
    {
        "/",
        "/trin/{flow}/{question}",
        "/tryk",
        "/s/{secret}",
        "/sprog",
        "/log-ud",
        "/privatliv",
        "/privacy",
        "/hjaelp",
        "/help",
        "/menneske",
        "/human",
        "/mail/{code}",
        "/mail/{code}/stop",
        "/besked/{code}",
        "/besked/{code}/{tap}",
        "/besked/{code}/{tap}/her",
        "/besked/{code}/{tap}/link",
        "/kalender/{code}.ics",
        "/bevis/chat/{code}",
        "/bevis/chat/{code}/kommune",
        "/kommune",
        "/was",
    }
)


def commands_of(web: WebContext, get: Callable[[str, Page], Route]) -> Iterator[Route]:
    """A page for every command that has one, under its aliases too."""
    for command in every(web.context):
        if command.page is not None:
            page = OWN_PAGES.get(command.name) or commands.page_of(command)
            yield from (get(address, page) for address in (command.page, *(f"/{each}" for each in command.aliases)))


def application(web: WebContext) -> ASGIApp:
    """The whole web as one ASGI application. What stands around Starlette holds for the page of its last resort too."""
    pages = Starlette(routes=addresses(web), exception_handlers=errors(web))
    pages.router.redirect_slashes = False  # it would build the address of whatever Host says
    hosts = Hosts(AsMeant(pages), web=lambda: web.context.process_host.web, refused=guards.wrong_host)
    return Guard(hosts, https=lambda: web.secure)


class ShortConvertor(StringConvertor):
    """A part of an address that may be a code, a step or a question. Ours have 64 characters at most."""

    regex = "[^/]{1,64}"


register_url_convertor("short", ShortConvertor())


def _short(path: str) -> str:
    return path.replace("}", ":short}")


def addresses(web: WebContext) -> list[Route]:
    """Every address, and what stands there."""

    def get(path: str, page: Page) -> Route:
        by_mail = path in OPEN_BY_MAIL
        return Route(_short(path), partial(guards.limit_requests, web, page, by_mail=by_mail), methods=["GET"])

    def unchecked(path: str, page: Page) -> Route:
        """What is sent brings neither cookie nor token, for its address is the key; or the page looks itself."""
        by_mail = path in OPEN_BY_MAIL
        return Route(_short(path), partial(guards.limit_requests, web, page, by_mail=by_mail), methods=["POST"])

    def post(path: str, page: Posted) -> Route:
        return unchecked(path, partial(guards.check_form, page))

    return [
        get("/", answering.home),
        post("/", answering.accept),
        get("/trin/{flow}/{question}", answering.question),
        post("/trin/{flow}/{question}", answering.answer),
        post("/tryk", answering.tap),
        post("/skriv", panels.words),
        unchecked("/fil", panels.file),
        get("/i/{code}", links.invited),
        post("/i/{code}", links.redeem),
        get("/s/{secret}", links.personal),
        post("/s/{secret}", links.personal_after_all),
        post("/link", links.renew),
        post("/link/telegram", links.to_telegram),
        post("/log-ud", links.log_out),
        *commands_of(web, get),
        get("/paamindelser", commands.about("messages")),
        post("/sprog", commands.speak),
        post("/skift", links.switch),
        post("/stop", commands.stop),
        post("/forlad", commands.leave),
        get("/mine.json", commands.mine_as_file),
        get("/mail", panels.page_of("mail")),
        get("/bevis", panels.page_of("bevis")),
        get(passkeys.USE, passkeys.to_use),
        post(passkeys.USE, passkeys.use),
        get(passkeys.MAKE, passkeys.to_make),
        post(passkeys.MAKE, passkeys.make),
        get(chat_proof.PAGE, chat_proof.show),
        post(chat_proof.PAGE, chat_proof.use),
        get(f"{chat_proof.PAGE}/kommune", municipality.for_chat),
        get(municipality.USE, municipality.to_use),
        get(municipality.NOTE, municipality.to_note),
        get(municipality.BACK, municipality.back),
        get("/mail/{code}", email_links.address),
        unchecked("/mail/{code}", email_links.confirm),
        get("/mail/{code}/stop", email_links.address),
        unchecked("/mail/{code}/stop", email_links.stop),
        get("/besked/{code}", email_links.show),
        get("/besked/{code}/{tap}", email_links.show),
        unchecked("/besked/{code}/{tap}", email_links.press),
        post("/besked/{code}/{tap}/her", email_links.come_in_after_all),
        post("/besked/{code}/{tap}/link", email_links.ask_for_link),
        get("/kalender", calendar_feed.page),
        post("/kalender", calendar_feed.change),
        get("/kalender/{code}.ics", calendar_feed.file),
        post("/eksport", panels.export),
        get("/was", accessibility),
        Route("/health", health.Health(web).look, methods=["GET"]),
        Route(_short("/static/{name}"), static, methods=["GET"]),
    ]


def errors(web: WebContext) -> dict[Any, Callable[..., Awaitable[Response]]]:
    """What is shown instead, by status or exception."""
    not_found = partial(guards.not_found, web)
    return {
        400: not_found,
        404: not_found,
        405: not_found,
        guards.OutOfReach: partial(guards.out_of_reach, web),
        SessionOver: partial(guards.session_over, web),
        NotAllowed: not_found,  # for whoever lacks the right there is no such page
        Unknown: not_found,
        form_data.UnreadableForm: not_found,
        TooLarge: partial(guards.too_large, web),
        sqlite3.Error: partial(guards.service_unavailable, web),
        KeyUnavailable: partial(guards.service_unavailable, web),
        Exception: guards.server_error,
    }


async def accessibility(web: WebContext, request: Request) -> Response:
    """/was, where the law wants the accessibility statement to be found."""
    frame = await web.frame(web.visitor(request))
    statement = frame.plan.file.contacts.accessibility
    if statement is None:
        return await page_of_words(web, request, "page.no-statement", 404)
    return RedirectResponse(statement, 303)


async def static(request: Request) -> Response:
    found = render.static_files().get(request.path_params["name"])
    if found is None:
        raise HTTPException(404)
    content, kind, _ = found
    return Response(content, media_type=kind, headers={"cache-control": FOREVER})

"""Commands as pages: what is typed after a slash elsewhere has an address here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.channels.web import render, session
from bot.channels.web.context import WebContext
from bot.channels.web.form_data import Fields, one
from bot.channels.web.guards import Page
from bot.channels.web.middleware import LONGEST_MISTYPED
from bot.channels.web.session import Visitor
from bot.dialogue import commands
from bot.dialogue.commands import for_known
from bot.dialogue.reply import Reply, Screen
from bot.dialogue.session import Command, Context, Session, Visit, load
from bot.features.answering import capacity_screen
from bot.features.answering.form import about_oneself
from bot.features.identity import language_screen
from bot.features.objections import panel as objection_panel
from bot.features.privacy import commands as privacy_commands
from bot.features.privacy import own_data
from bot.flows.model import Language
from bot.handlers.web import panels
from bot.handlers.web.answering import show
from bot.process.plan import START
from storage.db import Tx


def page_of(command: Command) -> Page:
    """What the command shows. Raises NotAllowed."""

    async def page(web: WebContext, request: Request) -> Response:
        visitor = web.visitor(request)
        frame = await web.frame(visitor)
        if not frame.known and command.right is None:
            return RedirectResponse("/", 303)
        if not frame.known:
            raise HTTPException(404)
        reply = await web.act(visitor, partial(commands.run_allowed, command))
        if reply.screen == Screen.PANEL:
            return await panels.after_panel(web, visitor, replace(reply, files=replace(reply.files, makes=())))
        return show(web, visitor, frame, reply, request.scope["path"])

    return page


def about(sets: str) -> Page:
    """The start question that sets this of a person, to be answered anew."""

    async def page(web: WebContext, request: Request) -> Response:
        visitor = web.visitor(request)
        reply, _ = await web.see(visitor, lambda s: about_oneself(s, sets))
        return RedirectResponse("/", 303) if reply is None else web.redirect_to_person(visitor, reply)

    return page


async def role(web: WebContext, request: Request) -> Response:
    """Another capacity to answer in, where there is a choice; the question for the first time, of who only held a role
    so far; else once more."""
    visitor = web.visitor(request)
    begins, _ = await web.see(visitor, lambda s: capacity_screen.offers(s) or s.run_of(START) is None)
    page = page_of(web.context.tables.commands["rolle"]) if begins else about("group")
    return await page(web, request)


async def speak(web: WebContext, _request: Request, visitor: Visitor, sent: Fields) -> Response:
    language: Language = "en" if one(sent, "language") == "en" else "da"
    response = RedirectResponse(_local(one(sent, "back")), 303)
    if (await web.frame(visitor)).known:
        await web.act(visitor, lambda tx, context, visit: language_screen.speak(tx, context, visit, language))
    else:  # nothing of a stranger is stored here; their browser keeps it until it is closed
        session.remember_language(response, language, secure=web.secure)
    return response


def _local(path: str) -> str:
    """A page of ours, or the first one: nobody is sent elsewhere by a field, nor with more than a header can hold."""
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if is_ours and len(path) <= LONGEST_MISTYPED else "/"


async def stop(web: WebContext, _request: Request, visitor: Visitor, _fields: Fields) -> Response:
    frame = await web.frame(visitor)
    if not frame.known:
        return RedirectResponse("/", 303)
    return show(web, visitor, frame, await web.act(visitor, for_known(privacy_commands.stop)))


async def leave(web: WebContext, _request: Request, visitor: Visitor, _fields: Fields) -> Response:
    frame = await web.frame(visitor)
    if not frame.known:
        return RedirectResponse("/", 303)
    return show(web, visitor, frame, await web.act(visitor, for_known(privacy_commands.leave)))


_mine = partial(own_data.mine, objection_panel.in_short)


async def mine(web: WebContext, request: Request) -> Response:
    visitor = web.visitor(request)
    reply, frame = await web.see(visitor, _mine)
    if reply is None:
        return RedirectResponse("/", 303)
    return web.page(visitor, render.screen(visitor, frame, reply, (), "/mine", download="/mine.json"))


async def mine_as_file(web: WebContext, request: Request) -> Response:
    visitor = web.visitor(request)
    reply, _ = await web.see(visitor, _mine)
    if reply is None or reply.files.attachment is None:
        return RedirectResponse("/", 303)
    return panels.download(reply.files.attachment, "application/json")


async def privacy(web: WebContext, request: Request) -> Response:
    return await _told(web, request, privacy_commands.privacy)


async def help_(web: WebContext, request: Request) -> Response:
    return await _told(web, request, commands.help_)


async def _told(web: WebContext, request: Request, use_case: Callable[[Session], Reply]) -> Response:
    """Words for anybody; to somebody we do not know as to one who has not begun."""
    visitor = web.visitor(request)

    def words(tx: Tx, context: Context, visit: Visit) -> Reply:
        s = load(tx, context, visit)
        return use_case(s if s is not None else commands.nobody(tx, context, visit))

    reply, frame = await web.look(visitor, words)
    return web.page(visitor, render.screen(visitor, frame, reply, (), request.scope["path"]))

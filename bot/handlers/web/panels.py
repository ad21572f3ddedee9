"""Panels as pages: opened, typed into, sent a file; the files they give, and the export."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.channels.web import form_data, render
from bot.channels.web.context import WebContext
from bot.channels.web.form_data import Fields, one
from bot.channels.web.guards import Page, is_file_form, page_of_words, typed_in
from bot.channels.web.session import Visitor
from bot.dialogue import commands, panel_navigation
from bot.dialogue.reply import Attachment, Reply, Screen
from bot.dialogue.session import Context, Unknown, Visit, somebody
from bot.dialogue.upload import read_upload
from bot.features.export.command import begin
from storage.db import Tx


def page_of(path: str) -> Page:
    """A panel. Raises NotAllowed, Unknown."""
    case = commands.panel(path)

    async def page(web: WebContext, request: Request) -> Response:
        visitor = web.visitor(request)
        reply = await web.lead(visitor, lambda tx, context, visit: case(somebody(tx, context, visit)))
        if reply.screen is Screen.TEXT:
            raise HTTPException(404)
        return await after_panel(web, visitor, replace(reply, files=replace(reply.files, makes=())))

    return page


async def words(web: WebContext, request: Request, visitor: Visitor, sent: Fields) -> Response:
    """What was typed into a panel."""
    number, revision = form_data.panel(sent)

    def taken(tx: Tx, context: Context, visit: Visit) -> Reply | None:
        return panel_navigation.take_text(somebody(tx, context, visit), number, revision, one(sent, "text"))

    try:
        reply = await web.lead(visitor, taken)
    except Unknown:
        return await page_of_words(web, request, "page.unknown", 403, form_data.typed_texts(sent))
    if reply is None:  # sent twice, perhaps: the first time it was taken
        return await page_of_words(web, request, "page.moved-on", 409, form_data.typed_texts(sent))
    web.wake()  # a panel may write to people
    if reply.input.refused and not reply.files.makes:
        frame = await web.frame(visitor)
        return web.page(visitor, render.screen(visitor, frame, reply, web.words_for(visitor), "/leder"), 422)
    return await after_panel(web, visitor, reply)


async def file(web: WebContext, request: Request) -> Response:
    """A file uploaded to a panel; read in a process of its own, and only for who is waited for."""
    visitor = web.visitor(request)
    waits, _ = await web.see(visitor, panel_navigation.waits_for_file)
    if not waits or not is_file_form(request):
        # sent twice, perhaps: the first time it was taken
        key = "page.moved-on" if waits is False and is_file_form(request) else "page.expired"
        return await page_of_words(web, request, key, 403, await typed_in(request))
    async with request.form(max_files=1, max_fields=5) as form:
        token, upload = form.get("csrf"), form.get("file")
        if not isinstance(token, str) or not visitor.sent(token) or not isinstance(upload, UploadFile):
            return await page_of_words(web, request, "page.expired", 403)
        content = await upload.read()
    taken = await read_upload(upload.filename or "", content)
    try:
        reply = await web.lead(
            visitor, lambda tx, context, visit: panel_navigation.receive_upload(somebody(tx, context, visit), taken)
        )
    except Unknown:  # deleted meanwhile
        return RedirectResponse("/", 303)
    return await after_panel(web, visitor, reply)


async def after_panel(web: WebContext, visitor: Visitor, reply: Reply) -> Response:
    """On to where the person is now. What can't be shown again, and pictures, stand in the answer itself; another file
    is the answer."""
    if not reply.files.makes and not reply.delivery.shown_once:
        return web.redirect_to_person(visitor, reply)
    made = [await asyncio.to_thread(make) for make in reply.files.makes]
    if made and not reply.delivery.shown_once and made[0].picture is None:
        return download(made[0])
    frame = await web.frame(visitor)
    return web.page(visitor, render.screen(visitor, frame, reply, web.words_for(visitor), "/leder", made=tuple(made)))


def download(made: Attachment, media_type: str = "application/octet-stream") -> Response:
    headers = {"content-disposition": f'attachment; filename="{made.name}"'}
    return Response(made.content, media_type=media_type, headers=headers)


async def export(web: WebContext, _request: Request, visitor: Visitor, sent: Fields) -> Response:
    """The answers as a file; or what asks first for a proof. Raises NotAllowed, Unknown."""
    wanted = one(sent, "format")
    reply = await web.act(visitor, lambda tx, context, visit: begin(somebody(tx, context, visit), wanted))
    if reply.screen == Screen.PANEL:
        return web.redirect_to_person(visitor, reply)
    made = await reply.files.follows(web.database) if reply.files.follows is not None else reply
    if made.files.attachment is None:
        raise HTTPException(404)
    return download(made.files.attachment)

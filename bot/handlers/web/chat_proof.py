"""The page on which a holder of a role shows for their chat who they are. The browser may be anybody's: it is let in
nowhere, and what it shows counts in the chat alone (docs/decisions/0040)."""

from __future__ import annotations

from functools import partial

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot import texts
from bot.channels.web import render
from bot.channels.web.context import WebContext
from bot.channels.web.form_data import Fields, moment, one
from bot.channels.web.guards import unknown_link
from bot.channels.web.session import Visitor
from bot.dialogue.session import Context, Visit
from bot.features.second_proof import chat_page, municipality, passkeys
from storage.db import Tx

PAGE = f"{chat_page.ADDRESS}/{{code}}"


async def show(web: WebContext, request: Request) -> Response:
    """What one is asked for, and by what one can show it. Changes nothing."""
    visitor, code = web.visitor(request), str(request.path_params["code"])

    def asked(tx: Tx, context: Context, visit: Visit) -> tuple[passkeys.Asked | None, bool] | None:
        found = chat_page.by_code(tx, context, code, visit.now)
        if found is None:
            return None
        s, link = found
        return passkeys.to_use(s, chat_page.bound(link)), municipality.is_noted(s)

    ways, frame = await web.look(visitor, asked)
    if ways is None or ways == (None, False):
        return await unknown_link(web, request, "page.no-chat-proof")
    by_key, by_login = ways
    action = f"{chat_page.ADDRESS}/{code}"
    links = ((render.sayer(frame.language)("proof.municipality"), f"{action}/kommune"),) if by_login else ()
    options, asked_at = (by_key.options, by_key.at) if by_key is not None else (None, 0)
    html = render.chat_proof(visitor, frame, web.words_for(visitor), action, options, asked_at, links)
    return web.page(visitor, html)


async def use(web: WebContext, request: Request, visitor: Visitor, sent: Fields) -> Response:
    """What the browser has shown: then it is proven in the chat."""
    code = str(request.path_params["code"])

    def used(tx: Tx, context: Context, visit: Visit) -> bool | None:
        found = chat_page.by_code(tx, context, code, visit.now)
        if found is None:
            return None
        s, link = found
        done = passkeys.use(s, one(sent, "credential"), moment(sent), chat_page.bound(link))
        if done:
            chat_page.proven(s, link)
        return done

    done = await web.act(visitor, used)
    if done is None:
        return await unknown_link(web, request, "page.no-chat-proof")
    if not done:
        frame = await web.frame(visitor)
        web.leave_word(visitor, (render.sayer(frame.language)("passkey.failed"),))
        return RedirectResponse(f"{chat_page.ADDRESS}/{code}", 303)
    return await proven(web, visitor)


async def proven(web: WebContext, visitor: Visitor) -> Response:
    """It goes on in the chat."""
    web.wake_chat()
    frame = await web.frame(visitor)
    say = partial(texts.say, frame.language)
    return web.page(visitor, render.message(visitor, frame, say("page.proven"), say("page.proven-what")))

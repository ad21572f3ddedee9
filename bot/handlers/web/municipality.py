"""The municipality's own sign-in: to it, and back. The browser is sent there by a link, for a form of ours leads
nowhere else (form-action)."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.channels.web.context import WebContext
from bot.channels.web.guards import page_of_words
from bot.channels.web.openid import OpenId, SignIn, SignInFailed
from bot.channels.web.session import Visitor
from bot.dialogue import panel_navigation
from bot.dialogue.reply import Reply
from bot.dialogue.session import Context, Session, Visit, load
from bot.features.second_proof import chat_page, municipality
from bot.features.second_proof.municipality import SignInPurpose
from bot.handlers.web import chat_proof
from bot.handlers.web.passkeys import holder
from storage.db import Tx
from storage.proof_links import ProofLink

log = logging.getLogger(__name__)
USE, NOTE, BACK = "/bevis/kommune", "/enheder/kommune", "/kommune"
_TO_NOTE = "enheder/kommune"  # the path that says what has to be proven before a login is noted


@dataclass(frozen=True, slots=True)
class _Returned:
    """What the browser brings back: `<purpose>.<second>.<state>`, and for a chat the link's number behind it."""

    purpose: SignInPurpose
    at: int
    state: str
    number: str = ""


async def to_use(web: WebContext, request: Request) -> Response:
    """To the sign-in, to show who one is. Raises NotAllowed."""
    visitor, provider = web.visitor(request), _provider(web)

    def begun(tx: Tx, context: Context, visit: Visit) -> SignIn | None:
        s = holder(load(tx, context, visit))
        return _begin(s, "use") if municipality.may_use(s) else None

    found, _ = await web.look(visitor, begun)
    if found is None:
        raise HTTPException(404)
    return await _there(web, request, provider, found)


async def to_note(web: WebContext, request: Request) -> Response:
    """To the sign-in, to note whose login it is, by who has just shown who they are. Raises NotAllowed."""
    visitor, provider = web.visitor(request), _provider(web)

    def begun(tx: Tx, context: Context, visit: Visit) -> Reply | SignIn:
        s = holder(load(tx, context, visit))
        return panel_navigation.asked_first(s, _TO_NOTE) or _begin(s, "note")

    found = await web.lead(visitor, begun)
    if isinstance(found, Reply):
        return web.redirect_to_person(visitor, found)
    return await _there(web, request, provider, found)


async def for_chat(web: WebContext, request: Request) -> Response:
    """To the sign-in, to show who one is in a chat. The browser must come back with the cookie that it went with."""
    visitor, provider, code = web.visitor(request), _provider(web), str(request.path_params["code"])
    page = f"{chat_page.ADDRESS}/{code}"
    if not visitor.came_with_cookie:
        return RedirectResponse(page, 303)

    def begun(tx: Tx, context: Context, visit: Visit) -> SignIn | None:
        found = chat_page.by_code(tx, context, code, visit.now)
        if found is None or not municipality.is_noted(found[0]):
            return None
        return _sign_in_for_chat(*found, visitor, visit.now)

    found, _ = await web.look(visitor, begun)
    if found is None:
        return RedirectResponse(page, 303)
    return await _there(web, request, provider, found)


def _sign_in_for_chat(s: Session, link: ProofLink, visitor: Visitor, at: int) -> SignIn:
    return _sign_in(s, "chat", at, chat_page.bound(link, visitor.id_hash), f".{link.number}")


def _provider(web: WebContext) -> OpenId:
    if web.openid is None:
        raise HTTPException(404)
    return web.openid


def _begin(s: Session, purpose: SignInPurpose) -> SignIn:
    return _sign_in(s, purpose, s.visit.now)


def _sign_in(s: Session, purpose: SignInPurpose, at: int, bound: str = "", told: str = "") -> SignIn:
    state = f"{purpose}.{at}.{municipality.secret(s, 'state', purpose, at, bound)}{told}"
    nonce, verifier = (municipality.secret(s, what, purpose, at, bound) for what in ("nonce", "verifier"))
    return SignIn(state, nonce, verifier)


async def _there(web: WebContext, request: Request, provider: OpenId, begun: SignIn) -> Response:
    try:
        return RedirectResponse(await provider.address(begun, _back(web)), 303)
    except SignInFailed as error:
        return await _failed(web, request, error)


def _back(web: WebContext) -> str:
    return f"{web.context.process_host.web}{BACK}"


async def _failed(web: WebContext, request: Request, error: SignInFailed) -> Response:
    log.warning("web sign_in=failed error=%s", error)
    return await page_of_words(web, request, "page.sign-in-failed", 403)


async def back(web: WebContext, request: Request) -> Response:
    """Back from the sign-in: believed only in the session that went there. Raises NotAllowed."""
    visitor, provider, returned = web.visitor(request), _provider(web), _returned(request)
    code = request.query_params.get("code", "")
    if returned is not None and returned.purpose == "chat":
        return await _back_for_chat(web, request, provider, returned, code)

    def begun(tx: Tx, context: Context, visit: Visit) -> SignIn | None:
        s = holder(load(tx, context, visit))
        if returned is None or not municipality.is_open(s, returned.purpose, returned.at, returned.state):
            return None
        return _sign_in(s, returned.purpose, returned.at)

    found, _ = await web.look(visitor, begun)
    if found is None or returned is None or not code:
        return await page_of_words(web, request, "page.sign-in-over", 403)
    try:
        subject = await provider.subject(found, code, _back(web))
    except SignInFailed as error:
        return await _failed(web, request, error)

    def over(tx: Tx, context: Context, visit: Visit) -> Reply | None:
        s = holder(load(tx, context, visit))
        if not municipality.is_open(s, returned.purpose, returned.at, returned.state):
            return None
        if returned.purpose == "use":
            return _used(s, provider.issuer, subject)
        asked = panel_navigation.asked_first(s, _TO_NOTE)
        if asked is None:
            municipality.note(s, provider.issuer, subject)
        return asked or panel_navigation.open_panel(s, "enheder/kommune/noteret")

    reply = await web.lead(visitor, over)
    if reply is None:
        return await page_of_words(web, request, "page.sign-in-other", 403)
    return web.redirect_to_person(visitor, reply)


async def _back_for_chat(
    web: WebContext, request: Request, provider: OpenId, returned: _Returned, code: str
) -> Response:
    """Back from the sign-in, begun by this browser for a chat whose link is still open: proven there, and it is let in
    nowhere."""
    visitor = web.visitor(request)

    def standing(tx: Tx, context: Context, visit: Visit) -> tuple[Session, ProofLink] | None:
        found = chat_page.by_number(tx, context, returned.number, visit.now)
        if found is None or not visitor.came_with_cookie:
            return None
        bound = chat_page.bound(found[1], visitor.id_hash)
        return found if municipality.is_open(found[0], "chat", returned.at, returned.state, bound) else None

    def begun(tx: Tx, context: Context, visit: Visit) -> SignIn | None:
        found = standing(tx, context, visit)
        return None if found is None else _sign_in_for_chat(*found, visitor, returned.at)

    def over(tx: Tx, context: Context, visit: Visit) -> bool | None:
        found = standing(tx, context, visit)
        if found is None:
            return None
        done = municipality.use(found[0], provider.issuer, subject)
        if done:
            chat_page.proven(*found)
        return done

    sign_in, _ = await web.look(visitor, begun)
    if sign_in is None or not code:
        return await page_of_words(web, request, "page.sign-in-over", 403)
    try:
        subject = await provider.subject(sign_in, code, _back(web))
    except SignInFailed as error:
        return await _failed(web, request, error)
    done = await web.act(visitor, over)
    if not done:
        return await page_of_words(web, request, "page.sign-in-over" if done is None else "page.sign-in-other", 403)
    return await chat_proof.proven(web, visitor)


def _used(s: Session, issuer: str, subject: str) -> Reply | None:
    if not municipality.use(s, issuer, subject):
        return None
    at = panel_navigation.about(s).at
    return panel_navigation.open_or_closed(s, at if at.startswith("bevis/") else "leder")


def _returned(request: Request) -> _Returned | None:
    purpose, _, rest = request.query_params.get("state", "")[:200].partition(".")
    at, _, state = rest.partition(".")
    if not (at.isascii() and at.isdigit() and len(at) <= 12):
        return None
    if purpose == "chat":
        state, _, number = state.partition(".")
        return _Returned("chat", int(at), state, number)
    if purpose == "use":
        return _Returned("use", int(at), state)
    return _Returned("note", int(at), state) if purpose == "note" else None

"""What the links of a mail lead to: a message with its buttons, and the yes and the stop of an address. Nobody brings
a cookie or a token here, for the address of the page is the key; and nothing is done by looking."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from bot import codes, texts
from bot.channels.web import render, session
from bot.channels.web.context import WebContext
from bot.channels.web.guards import page_of_words, unknown_link
from bot.channels.web.render import PageButton
from bot.channels.web.session import PageFrame, Visitor
from bot.dialogue.reply import Move, Reply, Screen, Verb
from bot.dialogue.session import Context, Session, Visit
from bot.features import MESSAGES
from bot.features.email_address import confirmation
from bot.features.email_address.confirmation import OpenedAddress
from bot.flows.model import LANGUAGES
from bot.handlers.web import panels
from bot.outbox import message_links
from bot.outbox.message_links import OpenedMail
from storage.db import Tx

_TAP = re.compile(r"([a-zA-Z])([0-9]{1,9})")


# --- an address -------------------------------------------------------------------------------------------


async def address(web: WebContext, request: Request) -> Response:
    """What stands in the mail that asks: the yes is a button."""
    return await _of_address(web, request, confirmation.confirmation_page, changes=False)


async def confirm(web: WebContext, request: Request) -> Response:
    return await _of_address(web, request, confirmation.confirm, changes=True)


async def stop(web: WebContext, request: Request) -> Response:
    """Where people press, and mail programs for them (RFC 8058): twice is as good as once, and whether there was
    anything to stop is told to nobody who has no code. So nothing is won by guessing, and nobody is slowed down."""
    return await _of_address(web, request, confirmation.stop, changes=True, tells=False)


async def _of_address(
    web: WebContext, request: Request, use_case: Callable[[OpenedAddress], Reply], *, changes: bool, tells: bool = True
) -> Response:
    visitor, code = session.visitor(request), str(request.path_params["code"])

    def done(tx: Tx, context: Context, visit: Visit) -> tuple[Session, Reply] | None:
        held = confirmation.by_code(tx, context, visit, code) if session.is_secret(code) else None
        if held is None:
            return None
        _speak(held.s, request, known=web.frame_in(tx, visit).known)
        return held.s, use_case(held)

    found = await web.act(visitor, done) if changes else (await web.look(visitor, done))[0]
    if found is None:
        if tells:
            return await unknown_link(web, request, "page.no-mailbox")
        return await page_of_words(web, request, "page.no-mailbox", 200)
    s, reply = found
    actions = {Verb.CONFIRMS: f"/mail/{code}", Verb.DECLINE: f"/mail/{code}/stop"}
    acts = tuple(PageButton(move.label, actions[move.verb], first=move is reply.buttons[0]) for move in reply.buttons)
    return await _page(web, visitor, s, [(reply, acts)], f"/mail/{code}")


# --- a message --------------------------------------------------------------------------------------------


async def show(web: WebContext, request: Request) -> Response:
    """The message as it stands now. A link for one of its buttons has that one first."""
    visitor, names = session.visitor(request), request.path_params
    code, first = str(names["code"]), str(names.get("tap", ""))

    def shown(tx: Tx, context: Context, visit: Visit) -> tuple[Session, tuple[Reply, ...]] | None:
        opened = _opened(web, request, tx, context, visit)
        return None if opened is None else (opened.s, message_links.current_content(MESSAGES, opened))

    found, _ = await web.look(visitor, shown)
    if found is None:
        return await unknown_link(web, request, "page.old-letter")
    s, replies = found
    if not replies:
        over = Reply(
            language=s.language, screen=Screen.TEXT, title=s.say("letter.over"), body=(s.say("letter.over-what"),)
        )
        return await _page(web, visitor, s, [(over, ())], f"/besked/{code}")
    listed = [(reply, _acts(code, reply, first, s.say("letter.press"))) for reply in replies]
    listed.sort(key=lambda part: not any(act.first for act in part[1]))
    return await _page(web, visitor, s, listed, request.scope["path"])


async def press(web: WebContext, request: Request) -> Response:
    """A button of a mail. What leads somewhere needs the person to be here."""
    visitor, code = session.visitor(request), str(request.path_params["code"])
    verb, place = _pressed(request)

    def does_it_at_once(tx: Tx, context: Context, visit: Visit) -> bool:
        opened = _opened(web, request, tx, context, visit)
        row = opened.row(place) if opened is not None else None
        return row is not None and message_links.is_at_once(MESSAGES, row, verb)

    if not (await web.look(visitor, does_it_at_once))[0]:
        return await _come_in(web, request, verb, place)

    def pressed(tx: Tx, context: Context, visit: Visit) -> tuple[Session, Reply | None] | None:
        opened = _opened(web, request, tx, context, visit)
        row = opened.row(place) if opened is not None else None
        if opened is None or row is None:
            return None
        content = message_links.current_content(MESSAGES, opened)
        return opened.s, message_links.press(MESSAGES, opened, row, verb) if content else None

    found = await web.act(visitor, pressed)
    if found is None:
        return await unknown_link(web, request, "page.old-letter")
    s, reply = found
    if reply is None:
        return await show(web, request)
    web.wake()  # somebody may have got the place
    return await _page(web, visitor, s, [(reply, _acts(code, reply))], f"/besked/{code}")


async def come_in_after_all(web: WebContext, request: Request) -> Response:
    """By who was somebody else in this browser, and was asked."""
    return await _come_in(web, request, *_pressed(request), sure=True)


async def _come_in(web: WebContext, request: Request, verb: Verb, place: int, *, sure: bool = False) -> Response:
    """This browser becomes theirs, if it is nobody's; who is somebody else in it is asked first."""
    visitor, code = session.visitor(request), str(request.path_params["code"])

    def looked(tx: Tx, context: Context, visit: Visit) -> tuple[bool, bool | None]:
        opened = _opened(web, request, tx, context, visit)
        here = opened is not None and opened.row(place) is not None
        return here, message_links.is_here(opened) if opened is not None else None

    (holds, here), frame = await web.look(visitor, looked)
    if not holds:
        return await unknown_link(web, request, "page.old-letter")
    if here is False and not sure:
        say, after_all = render.sayer(frame.language), f"/besked/{code}/{verb}{place}/her"
        what, label = say("page.other-link-what"), say("page.other-link-use")
        html = render.message(visitor, frame, say("page.other-link"), what, post=after_all, post_label=label)
        return web.page(visitor, html)
    owner = visitor if here else Visitor(codes.new_secret(), visitor.language, came_with_cookie=True)

    def entered(tx: Tx, context: Context, visit: Visit) -> Reply | None:
        opened = message_links.open_mail(tx, context, visit, code)
        row = opened.row(place) if opened is not None else None
        if opened is None or row is None:
            return None
        led = message_links.come_in(MESSAGES, opened, row, verb)
        if here is not None:
            return led
        note = texts.say(led.language, "link.entered")  # a new device: who was sent somebody else's mail is to notice
        return replace(led, notes=(note, *led.notes))

    reply = await web.lead(owner, entered)
    if reply is None:
        return await unknown_link(web, request, "page.old-letter")
    response = await panels.after_panel(web, owner, reply)
    session.remember(response, owner.secret, secure=web.secure)
    return response


# --- what each of them needs ------------------------------------------------------------------------------


def _pressed(request: Request) -> tuple[Verb, int]:
    """The button in the page's address. CANCEL 0, which no mail has, for anything we have not written."""
    tap = _TAP.fullmatch(str(request.path_params["tap"]))
    return (Verb(tap[1]), int(tap[2])) if tap is not None and tap[1] in set(Verb) else (Verb.CANCEL, 0)


def _opened(web: WebContext, request: Request, tx: Tx, context: Context, visit: Visit) -> OpenedMail | None:
    code = str(request.path_params["code"])
    opened = message_links.open_mail(tx, context, visit, code) if session.is_secret(code) else None
    if opened is not None:
        _speak(opened.s, request, known=web.frame_in(tx, visit).known)
    return opened


def _speak(s: Session, request: Request, *, known: bool) -> None:
    """In the person's language; or as was chosen in this browser, which is nobody's."""
    chosen = request.cookies.get(session.LANGUAGE_COOKIE, "")
    if not known and chosen in LANGUAGES:
        s.person = replace(s.person, language=chosen)


def _acts(code: str, reply: Reply, first: str = "", hint: str = "") -> tuple[PageButton, ...]:
    return tuple(
        PageButton(move.label, f"/besked/{code}/{_tap(move)}", _tap(move) == first, hint) for move in reply.buttons
    )


def _tap(move: Move) -> str:
    return f"{move.verb}{move.place}"


async def _page(
    web: WebContext, visitor: Visitor, s: Session, parts: Sequence[tuple[Reply, tuple[PageButton, ...]]], at: str
) -> Response:
    frame = await web.frame(visitor)
    frame = replace(frame, plan=s.plan) if frame.known else PageFrame(s.plan, known=False, language=s.language)
    return web.page(visitor, render.email(visitor, frame, s.language, parts, at))

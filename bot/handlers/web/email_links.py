"""What the links of a mail lead to: a message with its buttons, and the yes and the stop of an address. Nobody brings
a cookie or a token here, for the address of the page is the key; and nothing is done by looking."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from bot import texts
from bot.channels.web import render, session
from bot.channels.web.context import Entry, WebContext
from bot.channels.web.form_data import Fields
from bot.channels.web.guards import check_form, page_of_words, unknown_link
from bot.channels.web.render import PageButton
from bot.channels.web.session import PageFrame, Visitor
from bot.dialogue.reply import Move, Reply, Screen, Verb
from bot.dialogue.session import Context, Session, Visit
from bot.features import MESSAGES
from bot.features.email_address import confirmation
from bot.features.email_address.confirmation import OpenedAddress
from bot.features.identity import way_in
from bot.flows.model import LANGUAGES
from bot.handlers.web import panels
from bot.outbox import message_links
from bot.outbox.message_links import OpenedMail
from storage import people
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
    visitor, code = web.visitor(request), str(request.path_params["code"])

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
    visitor, names = web.visitor(request), request.path_params
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
    """A button of a mail. What leads somewhere needs the person to be here, and so a form of ours."""
    visitor = web.visitor(request)
    verb, place = _pressed(request)

    def does_it_at_once(tx: Tx, context: Context, visit: Visit) -> bool | None:
        opened = _opened(web, request, tx, context, visit)
        row = opened.row(place) if opened is not None else None
        return None if row is None else message_links.is_at_once(MESSAGES, row, verb)

    match (await web.look(visitor, does_it_at_once))[0]:
        case None:
            return await unknown_link(web, request, "page.old-letter")
        case False:
            return await check_form(partial(_come_in, sure=False), web, request)

    def pressed(tx: Tx, context: Context, visit: Visit) -> tuple[Session, Reply | None] | None:
        opened = _opened(web, request, tx, context, visit)
        row = opened.row(place) if opened is not None else None
        if opened is None or row is None:
            return None
        offered = message_links.is_offered(MESSAGES, opened, row, verb)
        return opened.s, message_links.press(MESSAGES, opened, row, verb) if offered else None

    found = await web.act(visitor, pressed)
    if found is None:
        return await unknown_link(web, request, "page.old-letter")
    s, reply = found
    if reply is None:
        return await show(web, request)
    web.wake()  # somebody may have got the place
    code = str(request.path_params["code"])
    return await _page(web, visitor, s, [(reply, _acts(code, reply))], f"/besked/{code}")


async def come_in_after_all(web: WebContext, request: Request, visitor: Visitor, sent: Fields) -> Response:
    """By who was somebody else in this browser, and was asked."""
    return await _come_in(web, request, visitor, sent, sure=True)


class _Leads(Enum):
    """What comes of a button that leads in."""

    NOWHERE = auto()  # the mail's links hold no more
    OVER = auto()  # its message has no such button now
    IN = auto()
    IF_THEY_SAY_SO = auto()  # this browser is somebody else's
    BY_OWN_LINK = auto()  # it is more than a step, and the mail does not let them in


@dataclass(frozen=True, slots=True)
class _WayIn:
    leads: _Leads
    entry: Entry | None = None  # of IN alone
    may_ask: bool = False  # for a mail that lets them in


async def _come_in(web: WebContext, request: Request, visitor: Visitor, _sent: Fields, *, sure: bool) -> Response:
    """In their own browser, on to where it leads. In one that is nobody's, to the step alone that it is about; who is
    somebody else in it is asked first, and what is more than a step needs the personal link."""
    way, reply = await _entered(web, request, visitor, sure=sure)
    if reply is None:
        return await _not_entered(web, request, visitor, way)
    response = await panels.after_panel(web, visitor, reply)
    web.give_cookie(response, visitor)
    return response


async def _entered(web: WebContext, request: Request, visitor: Visitor, *, sure: bool) -> tuple[_WayIn, Reply | None]:
    """The way in is decided in the transaction that begins the session: whoever was given a role by then comes in by no
    mail. None where it does not lead in."""
    verb, place = _pressed(request)
    way = _WayIn(_Leads.NOWHERE)

    def decided(tx: Tx, context: Context, visit: Visit) -> Entry | None:
        nonlocal way
        way = _way_in(_by_code(request, tx, context, visit), verb, place, visitor, sure=sure)
        return way.entry

    def led(tx: Tx, context: Context, visit: Visit) -> Reply | None:
        opened = _by_code(request, tx, context, visit)
        row = opened.row(place) if opened is not None else None
        if opened is None or row is None or way.entry is None:
            return None
        reply = message_links.come_in(MESSAGES, opened, row, verb)
        if not way.entry.begins:
            return reply
        note = texts.say(reply.language, "letter.entered")  # who was sent somebody else's mail is to notice
        return replace(reply, notes=(note, *reply.notes))

    reply = await web.come_in(visitor, led, by=decided)
    return way, reply


def _way_in(opened: OpenedMail | None, verb: Verb, place: int, visitor: Visitor, *, sure: bool) -> _WayIn:
    """`sure`: they have said that this browser is to be theirs."""
    row = opened.row(place) if opened is not None else None
    if opened is None or row is None:
        return _WayIn(_Leads.NOWHERE)
    if not message_links.is_offered(MESSAGES, opened, row, verb):
        return _WayIn(_Leads.OVER)
    here, step = message_links.is_here(opened), message_links.step_to_open(MESSAGES, opened, row)
    if here and (not visitor.is_limited or _answers(visitor, step)):
        return _WayIn(_Leads.IN, Entry(opened.s.visit.address, begins=False))
    if step is None and not message_links.lets_in(MESSAGES, opened, row):
        return _WayIn(_Leads.BY_OWN_LINK, may_ask=way_in.can_be_sent(opened.s))
    if here is False and not sure:
        return _WayIn(_Leads.IF_THEY_SAY_SO)
    address = people.web_address(opened.s.tx, row.person_id)
    if address is None:
        return _WayIn(_Leads.NOWHERE)
    return _WayIn(_Leads.IN, Entry(address, step=step, by_mail=True))


async def _not_entered(web: WebContext, request: Request, visitor: Visitor, way: _WayIn) -> Response:
    match way.leads:
        case _Leads.NOWHERE | _Leads.IN:
            return await unknown_link(web, request, "page.old-letter")
        case _Leads.OVER:
            return await show(web, request)
        case _Leads.BY_OWN_LINK:
            ask = f"{_address_of(request)}/link" if way.may_ask else None
            return _needs_own_link(web, visitor, await web.frame(visitor), ask)
        case _Leads.IF_THEY_SAY_SO:
            frame = await web.frame(visitor)
            say = render.sayer(frame.language)
            what, label = say("page.other-link-what"), say("page.other-link-use")
            after_all = f"{_address_of(request)}/her"
            html = render.message(visitor, frame, say("page.other-link"), what, post=after_all, post_label=label)
            return web.page(visitor, html)


def _needs_own_link(web: WebContext, visitor: Visitor, frame: PageFrame, ask: str | None) -> Response:
    """`ask`: where a mail with a link in is asked for; None where there can be none."""
    say, contacts = render.sayer(frame.language), frame.plan.file.contacts
    what = say("page.by-mail-what", phone=contacts.phone, email=contacts.email)
    body = (what, say("page.by-mail-lost")) if ask is not None else (what,)
    html = render.message(
        visitor, frame, say("page.by-mail"), *body, post=ask, post_label=say("page.by-mail-send") if ask else ""
    )
    return web.page(visitor, html, 403)


async def ask_for_link(web: WebContext, request: Request, visitor: Visitor, _sent: Fields) -> Response:
    """A mail with a link in, to the mailbox that the mail before came to."""

    def asked(tx: Tx, context: Context, visit: Visit) -> bool | None:
        opened = _opened(web, request, tx, context, visit)
        return None if opened is None or opened.is_closed else way_in.ask(opened.s)

    sent = await web.act(visitor, asked)
    if sent is None:
        return await unknown_link(web, request, "page.old-letter")
    web.wake()
    return await page_of_words(web, request, "page.way-in-sent" if sent else "page.way-in-not-sent", 200)


def _answers(visitor: Visitor, step: str | None) -> bool:
    return visitor.session is not None and step is not None and visitor.session.step == step


# --- what each of them needs ------------------------------------------------------------------------------


def _pressed(request: Request) -> tuple[Verb, int]:
    """The button in the page's address. CANCEL 0, which no mail has, for anything we have not written."""
    tap = _TAP.fullmatch(str(request.path_params["tap"]))
    return (Verb(tap[1]), int(tap[2])) if tap is not None and tap[1] in set(Verb) else (Verb.CANCEL, 0)


def _address_of(request: Request) -> str:
    """Of the button."""
    verb, place = _pressed(request)
    return f"/besked/{request.path_params['code']}/{verb}{place}"


def _by_code(request: Request, tx: Tx, context: Context, visit: Visit) -> OpenedMail | None:
    code = str(request.path_params["code"])
    return message_links.open_mail(tx, context, visit, code) if session.is_secret(code) else None


def _opened(web: WebContext, request: Request, tx: Tx, context: Context, visit: Visit) -> OpenedMail | None:
    """In the language of the page it is for."""
    opened = _by_code(request, tx, context, visit)
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

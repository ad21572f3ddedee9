"""The dialogue as pages: where one is, the notice, a question with its form, a button that was pressed."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot import texts
from bot.channels.web import form_data, render, session
from bot.channels.web.context import WebContext
from bot.channels.web.form_data import Fields, one
from bot.channels.web.guards import OutOfReach, page_of_words, slowed_down
from bot.channels.web.limits import client
from bot.channels.web.session import PageFrame, Visitor
from bot.dialogue import commands, dispatch, wishes
from bot.dialogue.consent import Reached
from bot.dialogue.reply import NOT_OURS, QuestionPage, Reply, Screen, tap_of
from bot.dialogue.session import Context, Session, Visit, Wish, load, somebody
from bot.features.answering.form import NotAsked, QuestionForm, current_page, question_page, submit
from bot.features.email_address import confirmation
from bot.features.export.command import FORMATS
from bot.features.identity import arrival, newcomers
from bot.features.identity.arrival import NotIn
from bot.features.invitations import service as invitations
from bot.flows.model import OF_MESSAGES
from bot.flows.schedule import HOUR
from bot.handlers.web import panels, reach
from bot.handlers.web.question_form import form_of
from storage.db import Tx


async def home(web: WebContext, request: Request) -> Response:
    visitor = web.visitor(request)

    def here(s: Session) -> Reply | None:
        reach.may_see(visitor, s)
        return current_page(s)

    reply, frame = await web.see(visitor, here)
    if reply is None and not frame.known:
        return await landing(web, visitor, "")
    if reply is None:
        return show(web, visitor, frame, await web.act(visitor, _resumed))
    return show(web, visitor, frame, reply)


def _resumed(tx: Tx, context: Context, visit: Visit) -> Reply:
    return commands.run(tx, context, visit, "fortsaet")


def show(web: WebContext, visitor: Visitor, frame: PageFrame, reply: Reply, at: str = "/") -> Response:
    """A screen as a page; a question has a page of its own."""
    if reply.screen == Screen.ASK:
        return web.redirect_to_person(visitor, reply)
    exported = tuple(("/eksport", name) for name in FORMATS) if reply.files.exports else ()
    html = render.screen(visitor, frame, reply, web.words_for(visitor), at, exports=exported)
    return web.page(visitor, html)


async def landing(
    web: WebContext, visitor: Visitor, code: str, note: str | None = None, *, status: int = 200
) -> Response:
    """Hello, the notice, and the yes to it. Nothing is stored before that yes."""

    def greet(tx: Tx, context: Context, visit: Visit) -> tuple[Reply, PageFrame]:
        process, _ = invitations.resolve_payload(tx, code)
        plan = context.process_host.plan(tx, process)
        return arrival.greeting(plan, visit.language, visit.channel), PageFrame(
            plan, known=False, language=visit.language
        )

    (reply, frame), _ = await web.look(visitor, greet)
    hidden = (("code", code), ("notice", frame.plan.notice.version))
    ended = (texts.say(frame.language, "page.session-over"),) if visitor.has_ended else ()
    waiting = (*ended, *((note,) if note else ()))
    at = f"/i/{quote(code, safe='')}" if code else "/"  # where changing the language comes back to
    return web.page(visitor, render.screen(visitor, frame, reply, waiting, at, action="/", hidden=hidden), status)


async def wait_for_guesses(web: WebContext, request: Request, code: str) -> int:
    """0, or for how many seconds no code is taken from there. Counted by who asks, whatever their cookie says."""
    if not code:
        return 0

    def guessed(tx: Tx) -> bool | None:
        secret = invitations.holds_a_secret(tx, code)
        return None if secret is None else invitations.is_guess(tx, secret)

    who, now = client(request), web.clock()
    match await web.database.read(guessed):
        case None:
            return 0
        case True:
            return web.limits.guesses.take(who, now)
        case False:
            return web.limits.guesses.wait(who, now)


async def accept(web: WebContext, request: Request, visitor: Visitor, sent: Fields) -> Response:
    code, notice = one(sent, "code"), one(sent, "notice")
    if wait := await wait_for_guesses(web, request, invitations.as_meant(code)):
        return await slowed_down(web, request, wait)
    not_in: NotIn | None = None

    def accepted(tx: Tx, context: Context, visit: Visit) -> Reply | None:
        nonlocal not_in
        outcome = arrival.accept(tx, context, visit, code, notice)
        not_in = outcome if isinstance(outcome, NotIn) else None
        return None if isinstance(outcome, NotIn) else outcome

    reply = await web.come_in(visitor, accepted)
    if reply is not None:
        return web.redirect_to_person(visitor, reply)
    if not_in is NotIn.TOO_MANY:
        return await _come_back(web, visitor, invitations.as_meant(code))
    return await landing(web, visitor, code, texts.say(visitor.language, "notice.changed"))


async def _come_back(web: WebContext, visitor: Visitor, code: str) -> Response:
    """There is no room for anybody new just now. The page stands there as it was, with its button."""
    why, _ = await web.look(
        visitor, lambda tx, context, visit: newcomers.why(newcomers.plan_of(tx, context, code), visit)
    )
    response = await landing(web, visitor, code, why, status=503)
    response.headers["retry-after"] = str(HOUR)
    return response


# --- a question -------------------------------------------------------------------------------------------


async def question(web: WebContext, request: Request) -> Response:
    visitor, names = web.visitor(request), request.path_params

    def wanted(s: Session) -> QuestionPage | None:
        reach.may_answer(visitor, s, names["flow"])
        return _with_mail(s, question_page(s, names["flow"], names["question"]))

    page, frame = await web.see(visitor, wanted)
    if page is None:
        return RedirectResponse("/", 303)
    return web.page(visitor, render.question(visitor, frame, page, web.words_for(visitor)))


def _with_mail(s: Session, page: QuestionPage | None) -> QuestionPage | None:
    """Whoever can say yes to messages here gives the address in the same breath, where it is wanted."""
    if page is None or page.ask.question.sets not in OF_MESSAGES:
        return page
    return replace(page, asks_mail=confirmation.is_wanted(s))


def _submitted(
    tx: Tx, context: Context, visit: Visit, visitor: Visitor, form: QuestionForm, mail: str
) -> Reply | QuestionPage | Wish | None:
    """`mail` is the address that stood beside the yes to messages."""
    if visitor.is_limited:
        reach.may_answer(visitor, somebody(tx, context, visit), form.flow)

    def reached(s: Session, agrees: bool) -> Reached:
        return confirmation.on_answer(s, mail, agrees=agrees)

    outcome = submit(tx, context, visit, form, reached)
    return _with_mail(somebody(tx, context, visit), outcome) if isinstance(outcome, QuestionPage) else outcome


async def answer(web: WebContext, request: Request, visitor: Visitor, sent: Fields) -> Response:
    names = request.path_params
    form, mail = form_of(sent, names["flow"], names["question"]), one(sent, "mail")
    try:
        outcome = await web.lead(visitor, partial(_submitted, visitor=visitor, form=form, mail=mail))
    except NotAsked:
        return await page_of_words(web, request, "page.not-asked", 409, form_data.typed_texts(sent))
    match outcome:
        case None:
            return await page_of_words(web, request, "page.unknown", 403, form_data.typed_texts(sent))
        case QuestionPage():
            html = render.question(visitor, await web.frame(visitor), outcome, (), form_data.read_values(sent))
            return web.page(visitor, html, 422 if outcome.error is not None else 200)
        case Wish():
            return await _granted(web, visitor, outcome)
        case Reply():
            if mail:
                web.wake()  # it is asked whether the address is theirs
            return web.redirect_to_person(visitor, outcome)


async def _granted(web: WebContext, visitor: Visitor, wish: Wish) -> Response:
    """What the word asked for: the page of its command, or what it does."""
    command = wishes.command_of(web.context.tables, wish)
    if visitor.is_limited and command.page is None:
        raise OutOfReach
    if command.page is not None:
        return RedirectResponse(command.page, 303)
    reply = await web.act(visitor, partial(commands.run_allowed, command))
    return show(web, visitor, await web.frame(visitor), reply)


async def tap(web: WebContext, _request: Request, visitor: Visitor, sent: Fields) -> Response:
    pressed = tap_of(one(sent, "tap")) or NOT_OURS

    def tapped(tx: Tx, context: Context, visit: Visit) -> Reply | None:
        s = load(tx, context, visit)
        if s is not None:
            reach.may_press(visitor, s)
        return None if s is None else dispatch.tapped_by(s, pressed)  # a stranger's button makes nobody known

    reply = await web.lead(visitor, tapped)
    if reply is None or reply == Reply(language=reply.language, screen=Screen.TEXT):  # pressed twice: it is done
        return RedirectResponse("/", 303)
    if reply.screen == Screen.PANEL:
        web.wake()  # a panel may write to people
    if reply.screen != Screen.TEXT:
        return await panels.after_panel(web, visitor, reply)
    frame = await web.frame(visitor)
    response = web.page(visitor, render.screen(visitor, frame, reply, web.words_for(visitor), "/"))
    if not frame.known:  # they have deleted everything
        session.forget(response, secure=web.secure)
    return response

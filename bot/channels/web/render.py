"""Reply → HTML. The only place that knows the templates; everything from people is escaped."""

from __future__ import annotations

import base64
import hashlib
import mimetypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from http import HTTPStatus
from importlib.resources import files
from typing import Any, Literal

import segno
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from bot import texts
from bot.access import RIGHTS, Role
from bot.channels.web.form_data import EnteredValues
from bot.channels.web.session import PageFrame, Visitor
from bot.dialogue.reply import Ask, Attachment, FormWay, QuestionPage, Reply, Screen, Verb, data_of
from bot.dialogue.session import WEB
from bot.flows.engine import MAX_FIELD
from bot.flows.model import LANGUAGES, OTHER, Language, QuestionKind

_environment = Environment(
    loader=PackageLoader("bot.channels.web"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.tests["heading"] = lambda text: isinstance(text, texts.Heading)

# The menu, and what each entry is called: the same as the commands of the other channels.
MENU = (
    ("/fortsaet", "menu.on"),
    ("/ret", "command.ret"),
    ("/moeder", "command.moeder"),
    ("/link", "menu.link"),
    ("/enheder", "lead.enheder"),
    ("/rolle", "command.rolle"),
    ("/paamindelser", "menu.reminders"),
    ("/mail", "lead.mail"),  # only where messages can come by e-mail
    ("/mine", "command.mine"),
    ("/slet", "command.slet"),
)

_IN_MENU = frozenset(address for address, _ in MENU) | {"/sammen", "/leder"}
_TOKEN, _BACK = "<!-- token -->", "<!-- back -->"  # what is put into a header that is kept

_WAYS = {Verb.BACK: FormWay.BACK, Verb.SKIP: FormWay.SKIP, Verb.PAUSE: FormWay.PAUSE}


def _page(template: str, visitor: Visitor, frame: PageFrame, language: Language, **values: Any) -> str:
    file, at = frame.plan.file, values.setdefault("at", "/")
    token = f'<input type="hidden" name="csrf" value="{visitor.token}">'
    leads, together = bool(frame.rights - RIGHTS[Role.PARTICIPANT]), frame.together
    header = _header(
        language,
        file.municipality.name,
        at if at in _IN_MENU else "",
        known=frame.known and not visitor.is_limited,
        limited=frame.known and visitor.is_limited,
        leads=leads,
        together=together,
        mails=frame.mails,
        here=frame.here,
        others=frame.others if not visitor.is_limited else (),
    )
    defaults = {
        "language": language,
        "say": sayer(language),
        "csrf": Markup(token),  # noqa: S704  # hexadecimal digits of our own
        "static": static_address,
        "file": file,
        "here": frame.here,
        "header": Markup(header.replace(_TOKEN, token).replace(_BACK, escape(at))),  # noqa: S704  # all of it is escaped
        "footer": _footer(language, file.contacts.phone, file.contacts.email),
        "error": None,
        "notes": (),
    }
    return _environment.get_template(template).render({**defaults, **values})


@lru_cache(256)
def _header(
    language: Language,
    municipality: str,
    current: str,
    *,
    known: bool,
    limited: bool,
    leads: bool,
    together: bool,
    mails: bool,
    here: str,
    others: tuple[tuple[int, str], ...],
) -> str:
    """The top of a page, for everyone who is to see it so. It takes as long to draw as the rest of the page. Nothing
    that comes from outside decides it: neither memory nor a secret is kept by it. `current`: the menu's entry."""
    say, other = sayer(language), next(code for code in LANGUAGES if code != language)
    menu = [(address, say(key)) for address, key in MENU if mails or address != "/mail"]
    menu += [("/sammen", say("together.title"))] if together else []
    menu += [("/leder", say("menu.leder"))] if leads else []
    return _environment.get_template("header.html").render(
        say=say,
        csrf=Markup(_TOKEN),  # noqa: S704  # a mark of ours
        back=Markup(_BACK),  # noqa: S704  # as above
        static=static_address,
        municipality=municipality,
        current=current,
        known=known,
        limited=limited,
        menu=menu,
        here=here,
        others=others,
        other=other,
        other_name=texts.say(other, "language.name"),
    )


@lru_cache(64)
def _footer(language: Language, phone: str, email: str) -> Markup:
    html = _environment.get_template("footer.html").render(say=sayer(language), phone=phone, email=email)
    return Markup(html)  # noqa: S704  # rendered with everything escaped


@cache
def sayer(language: Language, *, many: bool = False) -> Callable[..., str]:
    """`say` in the language, in the words of the pages, to one or to several."""

    @cache
    def phrase(key: str) -> str:
        return texts.say(language, texts.on_channel(language, key, WEB, many=many))

    def say(key: str, /, **values: object) -> str:
        return phrase(key).format(**values) if values else phrase(key)

    return say


# --- pages ------------------------------------------------------------------------------------------------


def screen(
    visitor: Visitor,
    frame: PageFrame,
    reply: Reply,
    waiting: tuple[str, ...],
    at: str,
    *,
    action: str = "/tryk",
    hidden: tuple[tuple[str, str], ...] = (),
    download: str | None = None,
    exports: tuple[tuple[str, str], ...] = (),
    made: tuple[Attachment, ...] = (),
) -> str:
    """A screen: what happened, what there is to read, and its buttons."""
    say = sayer(reply.language)
    moves = [move for move in reply.buttons if not (reply.review and move.verb is Verb.EDIT)]
    if reply.screen is Screen.NOTICE:
        moves = [move for move in moves if move.verb is Verb.ACCEPT]  # the other stands at the top of every page
    heading = reply.title or say("page.hello")
    return _page(
        "screen.html",
        visitor,
        frame,
        reply.language,
        reply=reply,
        notes=(*waiting, *reply.notes),
        moves=moves,
        heading=heading,
        data=lambda move: data_of(reply, move),
        action=action,
        hidden=hidden,
        download=download,
        exports=exports,
        made=[_inline(one) for one in made],
        unfolds=frame.plan.notice.whole(reply.language, WEB) if reply.screen is Screen.NOTICE else (),
        offers_resume=reply.screen is Screen.TEXT,
        at=at,
    )


def _inline(made: Attachment) -> tuple[str, str, str | None]:
    """Name, address and, of a picture, its words: a file that can't be fetched again stands in the page itself."""
    kind = mimetypes.guess_type(made.name)[0] or "application/octet-stream"
    return made.name, f"data:{kind};base64,{base64.b64encode(made.content).decode()}", made.picture


def address_of(reply: Reply) -> str:
    """The page where the reply is seen: a question has one of its own."""
    return "/" if reply.at is None else "/trin/{}/{}".format(*reply.at)


def question(
    visitor: Visitor,
    frame: PageFrame,
    page: QuestionPage,
    waiting: tuple[str, ...],
    entered: EnteredValues | None = None,
) -> str:
    """A question with its form: filled in with what was entered, or else with what is stored."""
    reply, ask, error = page.reply, page.ask, page.error
    kind, now = ask.question.kind, entered or _stored(ask)
    labels = [choice.label.to(reply.language, many=ask.many) for choice in ask.options]
    written = tuple(text for text in now.texts if text.strip()) if kind is QuestionKind.IDEAS else now.texts
    hints = [f"hint-{n}" for n in range(1, len(reply.body) + 1)] + (["answer-error"] if error else [])
    return _page(
        "question.html",
        visitor,
        frame,
        reply.language,
        say=sayer(reply.language, many=ask.many),
        reply=reply,
        ask=ask,
        kind=str(kind),
        notes=(*waiting, *reply.notes),
        heading=reply.title,
        error=error,
        seen=page.seen,
        texts=written,
        places=now.places,
        hints=" ".join(hints),
        at=address_of(reply),
        choices=[(n, labels[n], ask.options[n].key) for n in ask.order],
        order=[(n, labels[n]) for n in now.places if 0 <= n < len(labels)] if kind is QuestionKind.RANKING else [],
        left=[(n, label) for n, label in enumerate(labels) if n not in now.places],
        shortcuts=list(enumerate(labels)) if kind in (QuestionKind.TEXT, QuestionKind.CONTACT) else [],
        offers=page.offers,
        asks_mail=page.asks_mail,
        mail=now.mail,
        longest=MAX_FIELD,
        longest_said=texts.decimal(reply.language, MAX_FIELD),
        takes=[(move.place, move.label) for move in reply.buttons if move.verb is Verb.TAKE],
        ways=[(_WAYS[move.verb], move.label) for move in reply.buttons if move.verb in _WAYS],
    )


def _stored(ask: Ask) -> EnteredValues:
    answer = ask.answer
    if answer is None:
        return EnteredValues((), ())
    said = tuple(part.text for part in answer.parts)
    if ask.question.kind is not QuestionKind.IDEAS:
        said = ("\n".join(said),) if said and _own_words(ask) else ()
    keys = [choice.key for choice in ask.options]
    return EnteredValues(said, tuple(keys.index(key) for key in answer.keys if key in keys))


def _own_words(ask: Ask) -> bool:
    """Not the label of a choice, as it was typed on another channel."""
    return ask.question.is_written or (ask.answer is not None and OTHER in ask.answer.keys)


def link(
    visitor: Visitor,
    frame: PageFrame,
    waiting: tuple[str, ...],
    address: str | None,
    *,
    telegram: str | None,
    telegram_expected: bool,
) -> str:
    """The personal link, and the way to Telegram."""
    return _page(
        "link.html",
        visitor,
        frame,
        frame.language,
        notes=waiting,
        link=address,
        heading=texts.say(frame.language, "menu.link"),
        qr=_qr(address) if address is not None else "",
        telegram=telegram,
        telegram_qr=_qr(telegram) if telegram else "",
        telegram_expected=telegram_expected,
        at="/link",
    )


def message(
    visitor: Visitor,
    frame: PageFrame,
    heading: str,
    *body: str,
    typed: tuple[str, ...] = (),
    post: str | None = None,
    post_label: str = "",
) -> str:
    """Words alone: what is not there, or went wrong; with what was typed, so that it is not lost."""
    return _page(
        "message.html",
        visitor,
        frame,
        frame.language,
        heading=heading,
        body=body,
        typed=typed,
        post=post,
        post_label=post_label,
    )


def passkey(
    visitor: Visitor,
    frame: PageFrame,
    notes: tuple[str, ...],
    purpose: Literal["make", "use"],
    action: str,
    options: str,
    at: int,
) -> str:
    """Where a passkey is made or used. `options`: for the browser, as JSON."""
    say = sayer(frame.language)
    return _page(
        "passkey.html",
        visitor,
        frame,
        frame.language,
        notes=notes,
        heading=say(f"passkey.title.{purpose}"),
        body=(say(f"passkey.what.{purpose}"),),
        label=say(f"passkey.do.{purpose}"),
        purpose=purpose,
        action=action,
        options=options,
        asked_at=at,
        links=(),
    )


def chat_proof(
    visitor: Visitor,
    frame: PageFrame,
    notes: tuple[str, ...],
    action: str,
    options: str | None,
    asked_at: int,
    links: tuple[tuple[str, str], ...],
) -> str:
    """Where it is shown for a chat who somebody is: by a passkey (`options`), or by what the links lead to."""
    say = sayer(frame.language)
    contacts = frame.plan.file.contacts
    what = say("page.chat-proof-what", municipality=frame.plan.file.municipality.name)
    not_you = say("page.chat-proof-not-you", email=contacts.email, phone=contacts.phone)
    return _page(
        "passkey.html",
        visitor,
        frame,
        frame.language,
        notes=notes,
        heading=say("page.chat-proof"),
        body=(what, not_you, *((say("passkey.what.use"),) if options is not None else ())),
        label=say("passkey.do.use"),
        purpose="use",
        action=action,
        options=options,
        asked_at=asked_at,
        links=links,
    )


def bare(language: Language, heading: str, *body: str, typed: tuple[str, ...] = ()) -> str:
    """Words without the frame, for when the frame can't be looked up."""
    return _environment.get_template("bare.html").render(
        language=language, say=sayer(language), static=static_address, heading=heading, body=body, typed=typed
    )


@cache
def turned_away(status: int) -> bytes:
    """For what never became a request, so that nobody knows in which language."""
    say = sayer("da")
    if status == HTTPStatus.REQUEST_TIMEOUT:
        return bare("da", say("page.too-slow"), say("page.too-slow-what")).encode()
    return bare("da", say("page.no-request"), say("page.no-request-what")).encode()


@dataclass(frozen=True, slots=True)
class PageButton:
    """A button that is a form of its own, and needs no cookie: its address is the key."""

    label: str
    action: str
    first: bool = False  # it stands out
    hint: str = ""  # what stands above it


def email(
    visitor: Visitor,
    frame: PageFrame,
    language: Language,
    parts: Sequence[tuple[Reply, tuple[PageButton, ...]]],
    at: str,
) -> str:
    """What the links of a mail lead to: each thing it spoke of, with what can be done about it."""
    heading = parts[0][0].title or frame.plan.file.municipality.name
    return _page("email.html", visitor, frame, language, parts=parts, heading=heading, at=at)


def calendar(visitor: Visitor, frame: PageFrame, waiting: tuple[str, ...], address: str | None) -> str:
    """A calendar of one's own: what it is, or its address and how to add it."""
    heading = texts.say(frame.language, "calendar.title")
    opens = None if address is None else f"webcal://{address.partition('://')[2]}"
    return _page(
        "calendar.html",
        visitor,
        frame,
        frame.language,
        notes=waiting,
        heading=heading,
        address=address,
        opens=opens,
        at="/kalender",
    )


def _qr(address: str) -> str:
    return str(segno.make(address, micro=False, error="m").svg_data_uri(scale=4, dark="#000", light="#fff"))


# --- what the browser fetches beside the page -------------------------------------------------------------

_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


@cache
def static_files() -> dict[str, tuple[bytes, str, str]]:
    """Name → content, media type, and a short digest that stands in its address: it may be kept for ever."""
    folder = files("bot.channels.web").joinpath("static")
    found = {}
    for entry in folder.iterdir():
        kind = _TYPES.get(entry.name.rpartition(".")[2])
        if kind is not None:
            content = entry.read_bytes()
            found[entry.name] = (content, kind, hashlib.sha256(content).hexdigest()[:12])
    return found


def static_address(name: str) -> str:
    return f"/static/{name}?{static_files()[name][2]}"

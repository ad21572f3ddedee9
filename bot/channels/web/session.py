"""Who is at the page: what the browser's cookie says, and the token that shows a form is ours (docs/decisions/0032).

A cookie holds the random id of a session (storage.sessions), or, of somebody we do not know, a number that we have
signed: forms need one. What is in neither form, or in none of our tables, is nobody's.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from bot import codes, texts
from bot.access import Right
from bot.budgets import Client
from bot.channels.web.limits import client_of
from bot.flows.model import LANGUAGES, Language
from bot.flows.schedule import DAY
from bot.process.plan import Plan
from bot.texts import device
from storage.sessions import WebSession

COOKIE = "besyv"
LANGUAGE_COOKIE = "besyv-sprog"
COOKIE_LASTS = 90 * DAY  # as long as the longest session (storage.sessions.LONGEST)
_SECRET = re.compile(r"[A-Za-z0-9_-]{22}")
_SESSION = re.compile(r"[A-Za-z0-9_-]{22}|t[A-Za-z0-9_-]{22}")  # with a t: of one step alone
_NONCE = 16  # hexadecimal digits
Derive = Callable[[str], bytes]  # a key of ours for a purpose (storage.encryption.Keyring.derived)


class SessionOver(Exception):
    """A form that would begin a session came with the id of one that there is not, or not any more."""


class Visitor:
    """The browser that asks. Whose session its cookie names is looked up in the request's first transaction, and is
    `session` from then on."""

    def __init__(
        self,
        cookie: str,
        language: Language,
        derive: Derive,
        *,
        navigates: bool = False,
        device: str = "",
        client: Client | None = None,
        by_old_name: bool = False,
    ) -> None:
        self.language = language
        self.navigates = navigates  # to a page that is to be shown in the browser's window
        self.device = device
        self.client = client
        self.by_old_name = by_old_name  # the cookie's, from before the pages were reached by https
        self._derive = derive
        self.came_with_cookie = _SESSION.fullmatch(cookie) is not None or self._is_signed(cookie)
        self.cookie = cookie if self.came_with_cookie else self._signed(codes.new_secret())
        self.session: WebSession | None = None
        self.is_looked_up = False
        self.has_ended = False  # its cookie names a session that there is none of, or none any more
        self.nonce = ""  # of the form that was sent: another page's is another
        self.new_id = ""  # which the browser is to be given with the answer

    @property
    def names_session(self) -> bool:
        """Whether its cookie has the form of a session's."""
        return _SESSION.fullmatch(self.cookie) is not None

    def found(self, session: WebSession | None) -> None:
        """What stands in our tables of the cookie. One that leads nowhere is replaced with the page that says so."""
        self.session, self.is_looked_up = session, True
        self.has_ended = session is None and self.names_session
        if session is None and self.names_session and self.navigates:
            self.cookie, self.came_with_cookie = self._signed(codes.new_secret()), False

    @property
    def is_limited(self) -> bool:
        """Whether its cookie is of a session that may answer one step alone."""
        return self.names_session and not is_secret(self.cookie)

    @property
    def id_hash(self) -> str:
        return codes.address_of(self.cookie)

    @property
    def address(self) -> str:
        """Where its people are; of nobody we know, where somebody would be who says yes by the form that was sent.
        Nobody can come there by what they know: it hangs on a key of ours."""
        return self.session.address if self.session is not None else codes.address_of(f"people:{self.next_id()}")

    def next_id(self, *, limited: bool = False) -> str:
        """The id of the session that the form just sent begins. Sent twice, it begins the same one."""
        made = hmac.digest(self._derive("web-session"), f"{self.cookie}:{self.nonce}:{limited:d}".encode(), "sha256")
        return ("t" if limited else "") + codes.of_bytes(made[:16])

    @property
    def token(self) -> str:
        """Stands in every form of theirs, and in each page another: known to our pages alone, and of no use without the
        cookie."""
        return self._token(secrets.token_hex(_NONCE // 2))

    def sent(self, token: str) -> bool:
        """Whether the token is of a form that this browser was given."""
        if not hmac.compare_digest(self._token(token[:_NONCE]).encode(), token.encode()):
            return False
        self.nonce = token[:_NONCE]
        return True

    def _token(self, nonce: str) -> str:
        return nonce + hmac.digest(self.cookie.encode(), f"besyv-form:{nonce}".encode(), "sha256").hex()[:32]

    def _signed(self, number: str) -> str:
        signature = hmac.digest(self._derive("web-visitor"), number.encode(), "sha256")
        return f"{number}.{codes.of_bytes(signature[:16])}"

    def _is_signed(self, cookie: str) -> bool:
        number = cookie.partition(".")[0]
        return is_secret(number) and hmac.compare_digest(self._signed(number).encode(), cookie.encode())


@dataclass(frozen=True, slots=True)
class PageFrame:
    """What about the visitor decides how a page's frame looks."""

    plan: Plan
    known: bool
    language: Language
    rights: frozenset[Right] = frozenset()
    together: bool = False  # a chair, or somebody whose answers one sees
    mails: bool = False  # messages can come by e-mail
    here: str = ""  # which process it is; only where there are others
    others: tuple[tuple[int, str], ...] = ()  # the other processes they take part in: id, name


def visitor(request: Request, derive: Derive, *, secure: bool) -> Visitor:
    """Of a browser that came before cookies had their name over https, the old one is read."""
    cookies, headers = request.cookies, request.headers
    cookie = cookies.get(cookie_name(secure=secure), "")
    by_old_name = secure and not cookie and COOKIE in cookies
    return Visitor(
        cookies[COOKIE] if by_old_name else cookie,
        language_of(request),
        derive,
        navigates=request.method == "GET" and headers.get("sec-fetch-mode", "navigate") == "navigate",
        device=device.of(headers.get("user-agent", "")),
        client=client_of(request),
        by_old_name=by_old_name,
    )


def cookie_name(*, secure: bool) -> str:
    """`__Host-`: browsers take it from this host alone, by https, for all of its paths (RFC 6265bis, 4.1.3.2)."""
    return f"__Host-{COOKIE}" if secure else COOKIE


def is_secret(text: str) -> bool:
    return _SECRET.fullmatch(text) is not None


def language_of(request: Request) -> Language:
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    if chosen in LANGUAGES:
        return chosen
    return texts.for_reader_of(request.headers.get("accept-language", "").split(",")[0])


def remember(response: Response, cookie: str, *, secure: bool) -> None:
    """Of somebody we do not know, until the browser is closed."""
    lasts = COOKIE_LASTS if _SESSION.fullmatch(cookie) else None
    response.set_cookie(
        cookie_name(secure=secure), cookie, max_age=lasts, path="/", secure=secure, httponly=True, samesite="lax"
    )


def forget(response: Response, *, secure: bool) -> None:
    """Our own cookies go, and what the browser has kept of our pages. Not `"cookies"`: that would be those of the
    municipality's whole domain (https://www.w3.org/TR/clear-site-data/#grammardef-cookies)."""
    for name in dict.fromkeys((cookie_name(secure=secure), COOKIE, LANGUAGE_COOKIE)):
        response.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="lax")
    response.headers["clear-site-data"] = '"cache", "storage"'


def remember_language(response: Response, language: Language, *, secure: bool) -> None:
    """Until the browser is closed: of somebody known it is stored with them."""
    response.set_cookie(LANGUAGE_COOKIE, language, path="/", secure=secure, httponly=True, samesite="lax")

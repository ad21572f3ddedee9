"""Who is at the page: a secret in a cookie, and the token that shows a form is ours.

The secret is made on the first page; a person belongs to it only once they have said yes. What is stored of it is a
hash (bot.codes).
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from functools import cached_property

from starlette.requests import Request
from starlette.responses import Response

from bot import codes, texts
from bot.access import Right
from bot.flows.model import LANGUAGES, Language
from bot.flows.schedule import DAY
from bot.process.plan import Plan

COOKIE = "besyv"
LANGUAGE_COOKIE = "besyv-sprog"
COOKIE_LASTS = 365 * DAY  # the longest a browser keeps a cookie is a little more
_SECRET = re.compile(r"[A-Za-z0-9_-]{22}")


@dataclass(frozen=True)
class Visitor:
    secret: str
    language: Language
    came_with_cookie: bool

    @cached_property
    def address(self) -> str:
        return codes.address_of(self.secret)

    @cached_property
    def token(self) -> str:
        """Stands in every form of theirs: known to our pages alone, and of no use without the cookie."""
        return hmac.digest(self.secret.encode(), b"besyv-form", "sha256").hex()[:32]

    def sent(self, token: str) -> bool:
        return hmac.compare_digest(self.token.encode(), token.encode())


@dataclass(frozen=True, slots=True)
class PageFrame:
    """What about the visitor decides how a page's frame looks."""

    plan: Plan
    known: bool
    language: Language
    rights: frozenset[Right] = frozenset()
    together: bool = False  # a chair, or somebody whose answers one sees
    mails: bool = False  # messages can come by e-mail


def visitor(request: Request) -> Visitor:
    secret = request.cookies.get(COOKIE, "")
    known = is_secret(secret)
    return Visitor(secret if known else codes.new_secret(), language_of(request), known)


def is_secret(text: str) -> bool:
    return _SECRET.fullmatch(text) is not None


def language_of(request: Request) -> Language:
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    if chosen in LANGUAGES:
        return chosen
    return texts.for_reader_of(request.headers.get("accept-language", "").split(",")[0])


def remember(response: Response, secret: str, *, secure: bool) -> None:
    response.set_cookie(COOKIE, secret, max_age=COOKIE_LASTS, path="/", secure=secure, httponly=True, samesite="lax")


def forget(response: Response, *, secure: bool) -> None:
    response.delete_cookie(COOKIE, path="/", secure=secure, httponly=True, samesite="lax")


def remember_language(response: Response, language: Language, *, secure: bool) -> None:
    """Until the browser is closed: of somebody known it is stored with them."""
    response.set_cookie(LANGUAGE_COOKIE, language, path="/", secure=secure, httponly=True, samesite="lax")

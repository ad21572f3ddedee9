"""Every address with values that nobody means well with, in each place where a request carries one: never a fault of
ours, never shown as markup, always the headers, no cookie with a refusal, and nobody stored (docs/security.md)."""

from __future__ import annotations

import random
import re
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from urllib.parse import quote

import aiohttp
from yarl import URL

from bot.channels.web.middleware import HEADERS
from bot.channels.web.session import COOKIE, LANGUAGE_COOKIE, Visitor
from storage.db import connect
from tests.support.callers import FORM, routes
from tests.support.chat import Found, Town
from tests.support.pages import OnPages
from tests.support.people import leads
from tests.support.raw_http import sent as raw
from tests.support.sizes import few_and_many
from tests.support.visitors import at_step

MARK = "zqx7"  # in every value that would be markup: shown as it is, it is a fault
VALUES: dict[str, str] = {
    "nul": "a%00b",
    "crlf": "a%0d%0aSet-Cookie:%20besyv=x%0d%0a%0d%0a<b>",
    "64": "A" * 64,
    "65": "A" * 65,
    "10k": "A" * 10_000,
    "right to left": quote("\u202egnp.exe\u2066\u200b\ufeff"),
    "half a surrogate": "%ed%a0%80%ed%bf%bf",
    "not utf-8": "%ff%fe%c0%af",
    "up and out": "..%2f..%2f..%2fetc%2fpasswd",
    "up": "../../etc/passwd",
    "sql": quote("' OR 1=1;DROP TABLE people;--"),
    "like": "%25_%25",
    "template": quote("{{'qzx'+'vjk'}}${'qzx'+'vjk'}<%= 'qzx'+'vjk' %>{0.__class__}%(x)s"),
    "script": quote(f"<script>{MARK}</script>"),
    "attribute": quote(f"\"' onfocus={MARK} autofocus x='"),
    "javascript": f"javascript:{MARK}",
    "another host": "//evil.example/",
    "backslashes": quote("\\\\evil.example\\x"),
    "huge": "9" * 400,
    "64 bits": str(1 << 63),
    "negative": "-1",
    "not ascii digits": quote("١٢٣"),
    "exponent": "1e400",
    "nan": "nan",
    "emoji": quote("👩‍👩‍👧‍👦🏳️‍🌈" * 20),
    "combining": quote("e" + "\u0301" * 500),
    "per cent": "%",
    "half an escape": "%4",
    "empty": "",
    "spaces": "%20%09%c2%a0",
    "json": quote('{"a": [[[[' + "[" * 900),
    "array": "x[]=1&x[y]=2",
    "plus": "+" * 300,
}
NAMES = ("csrf", "text", "do", "tap", "format", "number", "revision", "language", "back", "notice", "code", "idea")
MORE = ("choice", "mail", "seen", "file", "List-Unsubscribe", "state", "error", "x")
IN_HEADERS: dict[str, tuple[str, ...]] = {
    "Accept-Language": ("da;q=NaN", "*" * 5000, "en-" * 900, "\xff\xfe", ";;;=,,", "da\t;q=0"),
    "X-Forwarded-For": ("', --", "::ffff:1.2.3.4%eth0", "1.2.3.4, [::1]:99999", "9" * 3000, ", , ,", "[::"),
    "X-Forwarded-Host": ("evil.example", "<script>" + MARK),
    "X-Forwarded-Proto": ("javascript", "https, http", "\xff"),
    "Forwarded": ("for=evil;host=evil.example;proto=https",),
    "X-Original-URL": ("/leder",),
    "X-HTTP-Method-Override": ("DELETE",),
    "Origin": ("https://evil.example", "null", "//[", "\xff", "http://127.0.0.1:1.evil.example"),
    "Sec-Fetch-Site": ("cross-site", "same-origin", "x" * 3000, ""),
    "Sec-Fetch-Mode": ("navigate", "cors", "\xff"),
    "Content-Type": (
        "application/x-www-form-urlencoded; charset=utf-16",
        "application/json",
        "multipart/form-data",
        "multipart/form-data; boundary=" + "x" * 300,
        'multipart/form-data; boundary="\xff"',
        "text/xml",
        "\xff",
        "",
    ),
    "If-None-Match": ('W/"x", *', '"' * 3000),
    "Range": ("bytes=0-0", "bytes=-99999999999999999999", "x"),
    "Cookie": (
        f"{COOKIE}=" + "A" * 22,
        f"{COOKIE}=t" + "A" * 22,
        f"{COOKIE}={'A' * 22}.{'B' * 22}",
        f"{COOKIE}=" + "9" * 8000,
        f"{COOKIE}=\xff\xfe; {LANGUAGE_COOKIE}=../../etc",
        f'{COOKIE}="\\000\\"; {LANGUAGE_COOKIE}=<script>{MARK}',
        f"{COOKIE}=a; {COOKIE}=b; =; ;;; {COOKIE}",
        f"__Host-{COOKIE}=x; $Version=1",
    ),
    "User-Agent": ("", "\xff" * 300, f"<script>{MARK}</script>", "Mozilla/" + "5" * 5000),
    "Authorization": ("Basic Og==",),
    "Expect": ("200-ok",),
}
BODIES: dict[str, tuple[str, bytes]] = {
    "none": ("application/x-www-form-urlencoded", b""),
    "no pairs": ("application/x-www-form-urlencoded", b"&&&;;;==="),
    "not ascii": ("application/x-www-form-urlencoded", b"text=\xff\xfe\x00&\x80=\x80"),
    "many": ("application/x-www-form-urlencoded", b"&".join(b"text=%d" % n for n in range(3000))),
    "many alike": ("application/x-www-form-urlencoded", b"csrf=a&csrf=b&csrf=c&tap=1&tap=2&text=&text=x"),
    "no boundary": ("multipart/form-data", b"--x\r\n\r\n--x--"),
    "no end": ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="csrf"\r\n\r\nabc'),
    "no name": ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\nabc\r\n--x--\r\n"),
    "two files": (
        "multipart/form-data; boundary=x",
        b"".join(
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="../../%d.xlsx"\r\n\r\nPK\x03\x04\r\n' % n
            for n in range(9)
        )
        + b"--x--\r\n",
    ),
    "headers without end": ("multipart/form-data; boundary=x", b"--x\r\n" + b"X-A: b\r\n" * 9000),
    "nested": (
        "multipart/form-data; boundary=x",
        b"--x\r\nContent-Type: multipart/mixed; boundary=y\r\n"
        b'Content-Disposition: form-data; name="csrf"\r\n\r\n--y--\r\n--x--',
    ),
    "odd encoding": (
        "multipart/form-data; boundary=x; charset=utf-7",
        b"--x\r\nContent-Disposition: form-data; name*=utf-8''%ff; filename*=UTF-16''x\r\n\r\nabc\r\n--x--\r\n",
    ),
    "json": ("application/json", b'{"csrf": 1e400, "text": [[[[[[' + b"[" * 20_000),
    "xml": ("application/xml", b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'),
}
RAW: tuple[str, ...] = (
    "GET / HTTP/1.1\nHost: {host}\nContent-Length: -1\n\n",
    "POST / HTTP/1.1\nHost: {host}\nContent-Length: 1e3\n\nx",
    "POST / HTTP/1.1\nHost: {host}\nContent-Length: \xb2\n\nx",
    "POST / HTTP/1.1\nHost: {host}\nContent-Length: 99999999999999999999\n\nx",
    "POST / HTTP/1.1\nHost: {host}\nContent-Length: 1\nContent-Length: 2\n\nxx",
    "POST / HTTP/1.1\nHost: {host}\nContent-Length: 3\nTransfer-Encoding: chunked\n\n0\n\n",
    "POST / HTTP/1.1\nHost: {host}\nTransfer-Encoding: chunked\nConnection: close\n\nffffffffffffffff\nx",
    "POST / HTTP/1.1\nHost: {host}\nTransfer-Encoding: gzip, chunked\nConnection: close\n\n0\n\n",
    "GET / HTTP/1.1\nHost: {host}\nHost: evil.example\nConnection: close\n\n",
    "GET / HTTP/1.1\nHost: {host}, evil.example\nConnection: close\n\n",
    "GET / HTTP/1.1\nHost: evil.example@{host}\nConnection: close\n\n",
    "GET / HTTP/1.1\nHost: \xff\xfe\nConnection: close\n\n",
    "GET / HTTP/1.1\nHost: xn--\u00ff.example\nConnection: close\n\n",
    "GET / HTTP/1.1\nHost: [::1%25eth0]:99999\nConnection: close\n\n",
    "GET / HTTP/1.1\nHost:\nConnection: close\n\n",
    "GET http://evil.example/leder HTTP/1.1\nHost: {host}\nConnection: close\n\n",
    "GET /leder HTTP/1.0\n\n",
    "GET //evil.example/%2f%2e%2e HTTP/1.1\nHost: {host}\nConnection: close\n\n",
    "OPTIONS * HTTP/1.1\nHost: {host}\nConnection: close\n\n",
    "TRACE / HTTP/1.1\nHost: {host}\nConnection: close\n\n",
    "CONNECT evil.example:443 HTTP/1.1\nHost: {host}\nConnection: close\n\n",
    "PROPFIND / HTTP/1.1\nHost: {host}\nConnection: close\n\n",
    "GET / HTTP/1.1\nHost: {host}\nX-A : b\nConnection: close\n\n",
    "GET / HTTP/1.1\nHost: {host}\nAccept-Language: da\x0b\x01\nConnection: close\n\n",
    "GET / HTTP/1.1\nHost: {host}\n X-folded: b\nConnection: close\n\n",
    "GET /\x00 HTTP/1.1\nHost: {host}\nConnection: close\n\n",
    "GET /\u00e6\u00f8 HTTP/1.1\nHost: {host}\nConnection: close\n\n",
    "GET / HTTP/9.9\nHost: {host}\n\n",
    "GET / HTTP/1.1\nHost: {host}\nUpgrade: websocket\nConnection: Upgrade\nSec-WebSocket-Key: x\n\n",
    "PRI * HTTP/2.0\n\nSM\n\n",
    "\x16\x03\x01\x02\x00\x01\x00\n\n",
)
PARTS = {"flow": "borger", "question": "B5", "code": "borger", "secret": "A" * 22, "name": "besyv.css", "tap": "C1"}
TOKEN = b"TOKEN"  # in a body: the sender's
ABOUT_PEOPLE = ("people", "addresses", "capacities", "roles", "invitations", "personal_links", "parties")


@dataclass(frozen=True, slots=True)
class Attack:
    """`known`: sent by somebody with a session, and with their token where it is a form."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    kind: str = FORM
    body: bytes | None = None
    known: bool = True


def _filled(path: str, parts: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda name: parts[name[1]], path)


def _form(**fields: str) -> bytes:
    """`fields` as they are to be sent, quoted already."""
    return b"&".join([b"csrf=" + TOKEN, *(f"{name}={value}".encode() for name, value in fields.items())])


def _attacks(town: Town) -> Iterator[Attack]:
    for method, path in routes(town):
        form = _form(do="next") if method == "POST" else None
        plain = _filled(path, PARTS)
        for value in VALUES.values():
            for name in re.findall(r"\{(\w+)\}", path):
                yield Attack(method, _filled(path, {**PARTS, name: value}), body=form, known=len(value) % 2 == 0)
            yield Attack(method, f"{plain}?{value}={value}&code={value}&back={value}&state={value}", body=form)
            if method == "POST":
                yield Attack(method, plain, body=_form(**dict.fromkeys((*NAMES, *MORE), value)))
                yield Attack(method, plain, body=_form(tap=f"1:1:0:o{value}", do=f"drop:{value}", back=f"/{value}"))
        for name, values in IN_HEADERS.items():
            for value in values:
                yield Attack(method, plain, ((name, value),), body=form, known=name != "Cookie")
        if method == "POST":
            yield from (Attack(method, plain, kind=kind, body=body) for kind, body in BODIES.values())
        yield Attack(method, plain + "/" * 40, body=form)


@asynccontextmanager
async def attacking(town: Town, cookie: str) -> AsyncIterator[Attacker]:
    client = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), max_line_size=100_000, max_field_size=100_000)
    with closing(connect(town.folder / "besyv.db")) as database:
        async with client:
            yield Attacker(town, cookie, client, database)


class Attacker:
    """Sends what is to be tried; looks at each answer for what none may have."""

    def __init__(self, town: Town, cookie: str, client: aiohttp.ClientSession, database: sqlite3.Connection) -> None:
        self._town = town
        self._cookie = cookie
        self._client = client
        self._database = database
        self._tried = 0
        self.faults: list[tuple[Attack, str]] = []

    def _stored(self) -> list[tuple[int, ...]]:
        asked = " UNION ALL ".join(f"SELECT count(*) FROM {table}" for table in ABOUT_PEOPLE)
        return [tuple(row) for row in self._database.execute(asked)]

    async def tries(self, attack: Attack) -> None:
        self._tried += 1
        self._town.clock.now += 0.6  # of one session so many a second are answered
        far = f"10.{self._tried >> 16}.{self._tried >> 8 & 255}.{self._tried & 255}"
        headers = {"X-Forwarded-For": far, "Content-Type": attack.kind, **dict(attack.headers)}
        if attack.body is None and "Content-Type" not in dict(attack.headers):
            del headers["Content-Type"]
        if attack.known:
            headers.setdefault("Cookie", f"{COOKIE}={self._cookie}")
        before = self._stored()
        body = attack.body
        if body is not None:
            token = Visitor(self._cookie, "da", self._town.runtime.database.keys.derived).token
            body = body.replace(TOKEN, token.encode())
        url = URL(self._town.home + attack.path, encoded=True)
        async with self._client.request(
            attack.method, url, data=body, headers=headers, allow_redirects=False, skip_auto_headers=["Content-Type"]
        ) as response:
            text = (await response.read()).decode("utf-8", "replace")
            told = list(_faults(attack, response, text))
        if (attack.method == "GET" or response.status >= 400) and self._stored() != before:
            told.append("stored something about people")
        self.faults += [(attack, each) for each in told]


def _faults(attack: Attack, response: aiohttp.ClientResponse, text: str) -> Iterator[str]:
    if response.status >= 500:
        yield f"status {response.status}"
    yield from (f"no {name}" for name in (*HEADERS, "cache-control") if name not in response.headers)
    cookies = response.headers.getall("set-cookie", [])
    if cookies and response.status >= 400:
        yield "a refusal with a cookie"
    yield from (each for each in cookies if not OUR_COOKIE.match(each))
    where = response.headers.get("location", "/")
    if len(where) > LONGEST_HEADER:
        yield f"leads to {len(where)} characters"
    if not LEADS_HERE.match(where):
        yield f"leads to {where}"
    yield from (f"markup: {each}" for each in SHOWN_AS_IT_IS if each in text.lower())
    if attack.path.startswith("/mine.json") and response.status == 200:
        return
    if "qzxvjk" in text:
        yield "a template was filled in"


LONGEST_HEADER = 8000  # what web servers in front take
LEADS_HERE = re.compile(r"/(?![/\\])[^\x00-\x20]*$")
OUR_COOKIE = re.compile(rf"({COOKIE}|{LANGUAGE_COOKIE})=[\w.\-]*; ")
SHOWN_AS_IT_IS = (
    f"<script>{MARK}",
    f"\"' onfocus={MARK}",
    *(f'{name}="javascript:' for name in ("href", "src", "action")),
    "<b>",
    "root:x:0:0",
)


@few_and_many("most", 600, 1_000_000)
async def test_hostile_values_in_every_place_of_every_address(found: Found, most: int) -> None:
    async with found(channel="web", steps="borger") as town:
        browser, _ = await at_step(town, "borger")
        lea = await leads(town)
        assert isinstance(lea, OnPages)
        await lea.says("/leder")
        for label in ("Interessentlisten", "Importér fra Excel"):
            await lea.taps(label)  # so that a file is waited for
        everything = list(_attacks(town))
        random.Random(13).shuffle(everything)
        for who in (browser, lea.browser):
            async with attacking(town, who.cookies()[COOKIE]) as attacker:
                for attack in everything[:most]:
                    if attack.method == "GET" or attack.path.partition("?")[0].rstrip("/") not in ENDS:
                        await attacker.tries(attack)
                assert attacker.faults == []


ENDS = ("/log-ud", "/link", "/forlad")  # after which nothing else would be tried by somebody who is known


async def test_what_is_hardly_a_request_is_refused_in_words(found: Found) -> None:
    async with found(channel="web", steps="borger") as town:
        people = town.rows("SELECT count(*) FROM people")
        for text in RAW:
            answer = await raw(town.home, text.replace("{host}", town.home.removeprefix("http://")))
            assert answer.status < 500, text
            assert LEADS_HERE.match(answer.headers.get("location", "/")), text
            if answer.status:
                assert {*HEADERS} <= answer.headers.keys(), (text, answer)
            assert answer.status < 400 or "set-cookie" not in answer.headers, text
        assert town.rows("SELECT count(*) FROM people") == people

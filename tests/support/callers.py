"""Everybody who can come to the pages, each as the cookie they bring, in a town with something to leak; and every
address that the application has, filled in.

Here: who they are, and what they send. Not here: what they should be answered.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
from starlette.routing import Route
from yarl import URL

from bot import codes
from bot.access import FRESH_FOR
from bot.channels.web.context import WebContext
from bot.channels.web.session import COOKIE, Visitor
from bot.dialogue.session import WEB
from bot.features.identity import personal_link
from bot.features.second_proof.service import Way
from bot.flows.schedule import DAY
from bot.handlers.web.routes import addresses
from storage import calendar_feeds, people, proofs, sessions
from storage.db import Tx, connect
from tests.support.cast import LABEL, PARTY, ROLES, SECRET, THEIRS, WRITTEN, Cast, cast
from tests.support.chat import Found, Town
from tests.support.mail_readers import confirmed, link_of, meets, pressed
from tests.support.mailbox import Mailbox, mailbox
from tests.support.pages import MOST_REDIRECTS
from tests.support.visitors import opened

ON = "Fortsæt"
MAI, MAIS = "Mai", "mai.holm@nordby.example"
HER_WORDS = "Det her har jeg kun skrevet til kommunen, siger Mai."
HER_PHONE = "Mozilla/5.0 (Android 14; Mobile; rv:127.0) Gecko/127.0 Firefox/127.0"
FORM = "application/x-www-form-urlencoded"
NONE, STALE, FRESH = "nothing", "a proof of an hour ago", "a proof of just now"
NOBODY, STRANGER, PLANTED = "nobody", "who was shown a form", "who made the cookie themselves"
ENDED, BY_MAIL = "whose session has ended", "by a mail"


@dataclass(frozen=True, slots=True)
class Told:
    status: int
    headers: dict[str, str]
    body: str


@dataclass
class Callers:
    """`cookies` by who it is; `keys` are Mai's, by the name of a part of an address."""

    there: Cast
    box: Mailbox
    client: aiohttp.ClientSession
    cookies: dict[str, str]
    keys: dict[str, str]
    ids: dict[str, int] = field(default_factory=dict)
    asked: int = 0

    @property
    def town(self) -> Town:
        return self.there.town

    async def asks(
        self, who: str, method: str, path: str, fields: dict[str, str] | None = None, **headers: str
    ) -> Told:
        """Each from another network, so that nobody is slowed down but by what is asked."""
        self.asked += 1
        self.town.clock.now += 0.6  # of one session so many a second are answered
        sent = {"X-Forwarded-For": f"10.{self.asked >> 16}.{self.asked >> 8 & 255}.{self.asked & 255}", **headers}
        if cookie := self.cookies.get(who, ""):
            sent["Cookie"] = f"{COOKIE}={cookie}"
        body = None
        if fields is not None:
            sent.setdefault("Content-Type", FORM)
            body = urlencode(fields, errors="surrogatepass").encode("ascii")
        url = URL(self.town.home + path, encoded=True)
        async with self.client.request(method, url, data=body, headers=sent, allow_redirects=False) as response:
            text = (await response.read()).decode("utf-8", "replace")
            return Told(response.status, {name.lower(): value for name, value in response.headers.items()}, text)

    async def follows(self, who: str, path: str) -> Told:
        """A page that is asked for, or the one that it leads to."""
        told = await self.asks(who, "GET", path)
        for _ in range(MOST_REDIRECTS):
            if "location" not in told.headers:
                return told
            assert told.status == 303 and told.headers["location"].startswith("/"), (path, told.headers["location"])
            told = await self.asks(who, "GET", told.headers["location"])
        raise AssertionError(f"{path} leads on and on")

    def token(self, who: str) -> str:
        """As who knows a cookie can make it for themselves."""
        return Visitor(self.cookies.get(who, ""), "da", self.town.runtime.database.keys.derived).token

    async def proves(self, who: str, proof: str) -> None:
        """What somebody has shown in their session, and when."""
        now = int(self.town.clock.now)
        place = codes.address_of(self.cookies[who])

        def put(tx: Tx) -> None:
            tx.run("DELETE FROM proofs WHERE person_id = :id", id=self.ids[who])
            if proof != NONE:
                at = now - (0 if proof == FRESH else FRESH_FOR + 60)
                proofs.put(tx, self.ids[who], WEB, place, Way.MAIL, at)

        await self.town.runtime.database.write(put)

    def sees_form(self, who: str) -> None:
        """In a browser that is nobody's: the cookie that goes with it."""
        self.cookies[who] = Visitor("", "da", self.town.runtime.database.keys.derived).cookie

    async def comes_in(self, who: str) -> None:
        """With a new session of their own."""
        cookie = codes.new_secret()

        def begin(tx: Tx) -> None:
            address = people.web_address(tx, self.ids[who])
            assert address is not None
            sessions.begin(tx, codes.address_of(cookie), address, HER_PHONE if who == MAI else "", self.now)

        await self.town.runtime.database.write(begin)
        self.cookies[who] = cookie

    @property
    def now(self) -> int:
        return int(self.town.clock.now)


# --- what is stored ---------------------------------------------------------------------------------------

# Written by the bot, whoever asks; and what a page was to say, erased when that page is out.
BY_THE_CLOCK = ("heartbeats", "delays", "keys_to_erase", "page_notes")
SENT_BY_THE_CLOCK = re.compile(r"'kind': '(late|digest)'")
USE_IS_NOTED = ("seen_at", "device")  # of a session, by whatever its browser asks for
Rows = dict[str, Counter[str]]


class Stored:
    """What every table holds. Read anew only where something was written."""

    def __init__(self, database: Path) -> None:
        self._connection = connect(database)
        found = self._connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        )
        self._tables = sorted({str(name) for (name,) in found} - {*BY_THE_CLOCK})
        self._version = -1
        self._rows: Rows = {}

    def close(self) -> None:
        self._connection.close()

    def rows(self) -> Rows:
        [version] = self._connection.execute("PRAGMA data_version").fetchone()
        if version != self._version:
            self._version, self._rows = version, {table: self._of(table) for table in self._tables}
        return self._rows

    def _of(self, table: str) -> Counter[str]:
        cursor = self._connection.execute(f"SELECT * FROM {table}")
        names = [name for name, *_ in cursor.description]
        noted = USE_IS_NOTED if table == "sessions" else ()
        rows = (
            repr({name: told for name, told in zip(names, row, strict=True) if name not in noted}) for row in cursor
        )
        return Counter(row for row in rows if table != "outbox" or not SENT_BY_THE_CLOCK.search(row))


def changed(before: Rows, after: Rows) -> list[tuple[str, str]]:
    """Each row that is another now, as it was or as it is, by its table."""
    both = ((table, (before[table] - after[table]) + (after[table] - before[table])) for table in before)
    return [(table, row) for table, rows in both for row in rows]


# What is whose: who may be shown what of these, says the test.
def markers(callers: Callers) -> dict[str, str]:
    keys = callers.keys
    return {
        "an answer": SECRET,
        "Mai's answer": HER_WORDS,
        "the register": PARTY,
        "a link's label": LABEL,
        "a message to many": WRITTEN,
        "Mai's address": MAIS,
        "Mai's link": keys["secret"],
        "Mai's mail": keys["letter"],
        "Mai's calendar": keys["calendar"],
        "Mai's device": "Firefox på Android",
    }


@asynccontextmanager
async def callers(found: Found) -> AsyncIterator[Callers]:
    names = ("frivillig", "forening", *ROLES, THEIRS)
    async with mailbox() as box, cast(found, "web", *names, strict=True, smtp=box.url()) as there:
        town = there.town
        mai = await _mai(there, box)
        client = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        try:
            made = Callers(there, box, client, {}, {})
            for name in (*names, MAI):
                [(made.ids[name],)] = (
                    town.rows(
                        "SELECT person_id FROM addresses WHERE channel = 'web' AND address = ?", there.address(name)[1]
                    )
                    if name != MAI
                    else [(mai,)]
                )
                await made.comes_in(name)
            await _keys(made)
            for name in (ENDED, BY_MAIL):
                await _special(made, name)
            made.cookies |= {NOBODY: "", PLANTED: "A" * 22}
            made.sees_form(STRANGER)
            yield made
        finally:
            await client.close()


async def _mai(there: Cast, box: Mailbox) -> int:
    """Has an address that is confirmed, an answer, an invitation, and a step that she is reminded of."""
    town = there.town
    await town.opens("plan closes 2026-03-12 12:00, borger, linjer")
    mai = await confirmed(town, box, name=MAI, address=MAIS)
    await mai.says("/fortsaet")
    await mai.says(HER_WORDS)
    await meets(town)
    for _ in range(16):
        town.clock.now += DAY // 2
        await town.looks()
    [(number,)] = town.rows("SELECT person_id FROM mailboxes")
    there.people[MAI] = mai
    return int(number)


async def _keys(made: Callers) -> None:
    letter = next(mail for mail in made.box.mails if "Se mødet: " in mail.text)
    _, _, code, tap = link_of(letter, "Se mødet").removeprefix(made.town.home).split("/")
    address = next(mail for mail in made.box.mails if "Ja, det er min adresse: " in mail.text)
    confirm = link_of(address, "Ja, det er min adresse").rpartition("/mail/")[2]
    calendar = codes.new_secret()

    def make(tx: Tx) -> str:
        calendar_feeds.put(tx, made.ids[MAI], calendar, codes.hash_of(calendar), made.now)
        secret, at = codes.new_secret(), people.web_address(tx, made.ids[MAI])
        assert at is not None
        personal_link.keep(tx, at, secret, made.now)
        return secret

    secret = await made.town.runtime.database.write(make)
    made.keys |= {"letter": code, "tap": tap, "mailbox": confirm, "secret": secret, "calendar": calendar}


async def _special(made: Callers, who: str) -> None:
    """A session of Mai's that she logged out; and one that a mail's button has begun."""
    town, browser = made.town, opened(made.town)
    if who == ENDED:
        kept = made.cookies[MAI]
        await town.runtime.database.write(lambda tx: sessions.end(tx, codes.address_of(kept)))
        made.cookies[ENDED] = kept
        await made.comes_in(MAI)
        return
    reminder = next(mail for mail in reversed(made.box.mails) if f"\n{ON}: " in mail.text and mail.to == MAIS)
    await pressed(town, link_of(reminder, ON), ON, browser)
    made.cookies[BY_MAIL], made.ids[BY_MAIL] = browser.cookies()[COOKIE], made.ids[MAI]
    assert made.cookies[BY_MAIL].startswith("t")


# --- every address ----------------------------------------------------------------------------------------


def routes(town: Town) -> list[tuple[str, str]]:
    """Method and address of each, as `/besked/{code}/{tap}`."""
    web = WebContext(database=town.runtime.database, context=town.runtime.context, clock=town.clock)
    found: list[Route] = addresses(web)
    return [
        (method, route.path.replace(":short", ""))
        for route in found
        for method in sorted(route.methods or ())
        if method != "HEAD"
    ]


# Addresses that are keys: with Mai's key in.
KEYED = {
    "/s/{secret}": ("secret",),
    "/mail/{code}": ("mailbox",),
    "/mail/{code}/stop": ("mailbox",),
    "/besked/{code}": ("letter",),
    "/besked/{code}/{tap}": ("letter", "tap"),
    "/besked/{code}/{tap}/her": ("letter", "tap"),
    "/besked/{code}/{tap}/link": ("letter", "tap"),
    "/kalender/{code}.ics": ("calendar",),
}


def keyed(path: str, keys: dict[str, str]) -> str:
    parts = dict(zip(re.findall(r"\{(\w+)\}", path), (keys[name] for name in KEYED[path]), strict=True))
    return filled(path, **parts)


def filled(path: str, **parts: str) -> str:
    return re.sub(r"\{(\w+)\}", lambda name: parts[name[1]], path)

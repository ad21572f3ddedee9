"""Everybody at every address: what each is shown, and whose rows what they send can change (docs/decisions/0032, 0038).

The addresses are the application's own: one that is not in the tables here fails. Panels within an address are held by
tests/conversations/test_roles.py and tests/conversations/test_second_proof.py.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum

import pytest

from tests.support.callers import (
    BY_MAIL,
    ENDED,
    FRESH,
    KEYED,
    MAI,
    NOBODY,
    NONE,
    PLANTED,
    STALE,
    STRANGER,
    Callers,
    Rows,
    Stored,
    Told,
    callers,
    changed,
    filled,
    keyed,
    markers,
    routes,
)
from tests.support.cast import LEAD, ROLES, THEIRS
from tests.support.chat import Found

UNKNOWN = (NOBODY, STRANGER, PLANTED, ENDED)
PEOPLE = (MAI, "frivillig", "forening")
ASKED = "Vis, at det er dig"
GREETS = 'name="notice"'


class Sees(StrEnum):
    PAGE = "the page"
    FRONT = "the notice and the yes"
    PROOF = "what asks for a proof"
    NEEDS_LINK = "that it needs one's own link"
    NONE = "no such page"
    FILE = "a file"


PAGE, FRONT, PROOF, NEEDS_LINK, FILE = Sees.PAGE, Sees.FRONT, Sees.PROOF, Sees.NEEDS_LINK, Sees.FILE
NO_SUCH = Sees.NONE


@dataclass(frozen=True, kw_only=True)
class Looks:
    """What whoever asks for an address sees: whom we do not know, who came by a mail, people, holders of roles with the
    least proof that opens it to them."""

    unknown: Sees = NO_SUCH
    by_mail: Sees = NEEDS_LINK
    people: Sees = NO_SUCH
    roles: dict[str, str] = field(default_factory=dict)
    with_proof: Sees = PAGE


def _all(proof: str, *names: str) -> dict[str, str]:
    return dict.fromkeys(names or (*ROLES, THEIRS), proof)


OWN = Looks(unknown=FRONT, people=PAGE, roles=_all(NONE))  # one's own things
OPEN = Looks(unknown=PAGE, by_mail=PAGE, people=PAGE, roles=_all(NONE))
KEY = Looks(unknown=NO_SUCH, by_mail=NO_SUCH)  # by who has not got it

SHOWN: dict[str, Looks] = {
    "/": Looks(unknown=FRONT, by_mail=PAGE, people=PAGE, roles=_all(NONE)),
    "/trin/{flow}/{question}": Looks(unknown=FRONT, by_mail=NEEDS_LINK, people=PAGE, roles=_all(NONE)),
    "/i/{code}": Looks(unknown=FRONT, by_mail=NEEDS_LINK, people=PAGE, roles=_all(NONE)),
    "/s/{secret}": KEY,
    "/mail/{code}": KEY,
    "/mail/{code}/stop": KEY,
    "/besked/{code}": KEY,
    "/besked/{code}/{tap}": KEY,
    "/kalender/{code}.ics": KEY,
    "/fortsaet": OWN,
    "/ret": OWN,
    "/correct": OWN,
    "/pause": OWN,
    "/moeder": OWN,
    "/rolle": OWN,
    "/mine": OWN,
    "/mine.json": OWN,
    "/kontrol": OWN,
    "/indsigelse": OWN,
    "/object": OWN,
    "/slet": OWN,
    "/link": OWN,
    "/enheder": OWN,
    "/devices": OWN,
    "/kalender": OWN,
    "/paamindelser": OWN,
    "/sprog": Looks(unknown=FRONT, by_mail=PAGE, people=PAGE, roles=_all(NONE)),
    "/menneske": Looks(unknown=FRONT, by_mail=PAGE, people=PAGE, roles=_all(NONE)),
    "/human": Looks(unknown=FRONT, by_mail=PAGE, people=PAGE, roles=_all(NONE)),
    "/privatliv": OPEN,
    "/privacy": OPEN,
    "/hjaelp": OPEN,
    "/help": OPEN,
    "/mail": Looks(people=PAGE, roles=_all(NONE)),
    "/sammen": Looks(unknown=FRONT),  # and an association: below
    "/leder": Looks(roles=_all(STALE)),
    "/daekning": Looks(roles=_all(STALE, *LEAD, "steering", THEIRS)),
    "/status": Looks(roles=_all(STALE, *LEAD, "steering", THEIRS)),
    "/bevis": Looks(roles=_all(STALE)),
    "/bevis/noegle": Looks(),  # passkeys and the municipality's sign-in are not set up here: with them, test_passkeys
    "/enheder/noegle": Looks(roles=_all(FRESH), with_proof=NO_SUCH),  # and test_municipal_login
    "/bevis/chat/{code}": KEY,  # who has a chat's code: test_chat_proof
    "/bevis/chat/{code}/kommune": KEY,
    "/bevis/kommune": Looks(),
    "/enheder/kommune": Looks(),
    "/kommune": KEY,
    "/was": Looks(by_mail=NO_SUCH),
    "/health": OPEN,
    "/static/{name}": OPEN,
}
PARTS = {"flow": "borger", "question": "B5", "code": "borger", "secret": "A" * 22, "name": "besyv.css", "tap": "C1"}
WHO = (*UNKNOWN, BY_MAIL, *PEOPLE, *ROLES, THEIRS)


def proofs_of(who: str) -> tuple[str, ...]:
    return (NONE, STALE, FRESH) if who in ROLES else (FRESH,) if who == THEIRS else (NONE,)


EVERYBODY = [(who, proof) for who in WHO for proof in proofs_of(who)]


def _wanted(path: str, who: str, proof: str) -> Sees:
    row = SHOWN[path]
    if who in UNKNOWN:
        return row.unknown
    if who == BY_MAIL:
        return row.by_mail
    if path == "/sammen" and who == "forening":
        return PAGE
    if who in PEOPLE or who not in row.roles:
        return row.people
    order = (NONE, STALE, FRESH)
    return row.with_proof if order.index(proof) >= order.index(row.roles[who]) else PROOF


def _seen(told: Told) -> Sees:
    if told.status in (403, 404):
        return {403: NEEDS_LINK, 404: NO_SUCH}[told.status]
    assert told.status == 200, told.status
    if ASKED in told.body:
        return PROOF
    return FRONT if GREETS in told.body else PAGE


def _read(there: Callers, told: Told) -> set[str]:
    return {name for name, text in markers(there).items() if text in told.body}


def _may_read(who: str, proof: str) -> set[str]:
    """Of what is somebody's: what stands on pages that this one opens."""
    hers = {"Mai's answer", "Mai's address", "Mai's link", "Mai's calendar", "Mai's device"}
    shown = hers if who == MAI else {"Mai's answer"} if who == BY_MAIL else set()
    if proof != NONE and who in LEAD:
        shown = shown | {"the register", "a link's label", "a message to many"}
    if proof != NONE and who == "steering":
        shown = shown | {"the register", "a link's label"}
    return shown


@asynccontextmanager
async def _watched(found: Found) -> AsyncIterator[tuple[Callers, Stored]]:
    async with callers(found) as there:
        stored = Stored(there.town.folder / "besyv.db")
        try:
            yield there, stored
        finally:
            stored.close()


def _whose(row: str) -> set[int]:
    """The people whom a row is about, as it says."""
    return {int(number) for number in re.findall(r"'person_id': (\d+)", row)}


async def test_every_address_is_in_the_tables(found: Found) -> None:
    async with found(channel="web") as town:
        assert {path for method, path in routes(town) if method == "GET"} == SHOWN.keys()


def _foreign(there: Callers, who: str, before: Rows, after: Rows) -> list[tuple[str, str]]:
    """Rows that are another now, and not about who asked."""
    mine = {there.ids[who]} if who in there.ids else set()
    return [row for row in changed(before, after) if not mine or not _whose(row[1]) <= mine]


async def test_everybody_sees_what_is_theirs_and_nothing_else_at_every_address(found: Found) -> None:
    async with _watched(found) as (there, stored):
        seen, wanted, leaks, foreign = {}, {}, [], []
        for who, proof in EVERYBODY:
            if who in (*ROLES, THEIRS):
                await there.proves(who, proof)
            await there.follows(who, "/fortsaet")
            for path in SHOWN:
                before, at = stored.rows(), (path, who, proof)
                answer = await there.follows(who, filled(path, **PARTS))
                seen[at], wanted[at] = _seen(answer), _wanted(*at)
                leaks += [(at, each) for each in _read(there, answer) - _may_read(who, proof)]
                foreign += [(at, row) for row in _foreign(there, who, before, stored.rows())]
        wrong = {at: (str(each), str(wanted[at])) for at, each in seen.items() if each != wanted[at]}
        assert (wrong, leaks, foreign) == ({}, [], [])


async def test_asked_for_the_head_alone_an_address_tells_no_more_and_gives_no_cookie(found: Found) -> None:
    """As scanners of mails and of the web do; with Mai's keys too."""
    async with _watched(found) as (there, stored):
        for who in (*UNKNOWN, "frivillig"):
            for path in (*(filled(path, **PARTS) for path in SHOWN), *(keyed(path, there.keys) for path in KEYED)):
                before = stored.rows()
                asked, told = [await there.asks(who, method, path) for method in ("GET", "HEAD")]
                post_alone = path.endswith(("/her", "/link")) and "/besked/" in path
                assert (path, who, told.status, told.body) == (path, who, 405 if post_alone else asked.status, "")
                assert "set-cookie" not in told.headers, path
                assert _foreign(there, who, before, stored.rows()) == [], (path, who)


# --- with a key that is somebody's ------------------------------------------------------------------------

SAYS_ITSELF = {  # of what is Mai's: what stands where her key leads, for whoever brings it
    "/s/{secret}": {"Mai's link"},
    "/mail/{code}": {"Mai's address"},
    "/mail/{code}/stop": {"Mai's address"},
    "/besked/{code}": {"Mai's mail"},
    "/besked/{code}/{tap}": {"Mai's mail"},
    "/kalender/{code}.ics": set(),
}


async def test_where_somebodys_key_leads_stands_what_it_is_for_and_looking_does_nothing(found: Found) -> None:
    async with _watched(found) as (there, stored):
        for who in (NOBODY, STRANGER, PLANTED, ENDED, BY_MAIL, "frivillig", *ROLES, THEIRS):
            for path, says in SAYS_ITSELF.items():
                before = stored.rows()
                told = await there.asks(who, "GET", keyed(path, there.keys))
                assert (path, who, told.status) == (path, who, 200)
                assert (path, who, _read(there, told)) == (path, who, says)
                assert _foreign(there, who, before, stored.rows()) == [], (path, who)
        assert (await there.asks(MAI, "GET", keyed("/s/{secret}", there.keys))).status == 303  # she is there already


# --- forms ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Sent:
    """The status of the answer to a form with a good token, by who sends it."""

    unknown: int
    by_mail: int
    people: int
    roles: int
    stranger: int | None = None  # of whom we do not know and have shown a form, where that is another
    before_proof: int | None = None  # of a role's holder, where that is another


SENT: dict[str, Sent] = {
    "/": Sent(unknown=403, stranger=200, by_mail=200, people=200, roles=200),  # of a notice that is not today's
    "/trin/{flow}/{question}": Sent(unknown=403, by_mail=403, people=409, roles=409),
    "/tryk": Sent(unknown=303, by_mail=303, people=303, roles=303),
    "/skriv": Sent(unknown=403, by_mail=403, people=409, roles=409),
    "/fil": Sent(unknown=403, by_mail=403, people=403, roles=403),
    "/i/{code}": Sent(unknown=303, by_mail=403, people=303, roles=303),
    "/s/{secret}": Sent(unknown=403, stranger=404, by_mail=404, people=404, roles=404),
    "/link/telegram": Sent(unknown=303, by_mail=403, people=200, roles=200, before_proof=303),
    "/sprog": Sent(unknown=303, by_mail=303, people=303, roles=303),
    "/bevis/noegle": Sent(unknown=404, by_mail=403, people=404, roles=303),
    "/bevis/chat/{code}": Sent(unknown=404, by_mail=404, people=404, roles=404),
    "/enheder/noegle": Sent(unknown=404, by_mail=403, people=404, roles=303),
    "/mail/{code}": Sent(unknown=404, by_mail=404, people=404, roles=404),
    "/mail/{code}/stop": Sent(unknown=200, by_mail=200, people=200, roles=200),
    "/besked/{code}/{tap}": Sent(unknown=404, by_mail=404, people=404, roles=404),
    "/besked/{code}/{tap}/her": Sent(unknown=404, by_mail=404, people=404, roles=404),
    "/besked/{code}/{tap}/link": Sent(unknown=404, by_mail=404, people=404, roles=404),
    "/kalender": Sent(unknown=303, by_mail=403, people=303, roles=303),
    "/eksport": Sent(unknown=404, by_mail=403, people=404, roles=404),  # and who may: below
    "/skift": Sent(unknown=403, stranger=303, by_mail=403, people=303, roles=303),
    "/stop": Sent(unknown=303, by_mail=403, people=200, roles=200),
    "/link": Sent(unknown=303, by_mail=403, people=303, roles=303),
    "/forlad": Sent(unknown=303, by_mail=403, people=200, roles=200),
    "/log-ud": Sent(unknown=200, by_mail=200, people=200, roles=200),
}
EXPORT = "/eksport"
WITHOUT_TOKEN = ("/mail/{code}", "/mail/{code}/stop", "/besked/{code}/{tap}")  # the address is the key
FORM = {
    "text": "x",
    "do": "next",
    "tap": "1:1:0:o0",
    "format": "csv",
    "number": "1",
    "revision": "0",
    "language": "da",
    "back": "/",
    "notice": "x",
    "code": "borger",
    "process": "2",  # the one next door
}
ENDS_SESSION = ("/link", "/log-ud", "/i/{code}")


def _status(path: str, who: str, proof: str) -> int:
    row = SENT[path]
    if path == EXPORT and who in (*LEAD, THEIRS):
        return 200 if proof == FRESH else 303
    if who in UNKNOWN:
        return row.stranger if row.stranger is not None and who == STRANGER else row.unknown
    if who == BY_MAIL or who in PEOPLE:
        return row.by_mail if who == BY_MAIL else row.people
    return row.before_proof if row.before_proof is not None and proof == NONE else row.roles


async def test_every_form_is_in_the_table(found: Found) -> None:
    async with found(channel="web") as town:
        assert {path for method, path in routes(town) if method == "POST"} == SENT.keys()


async def test_what_somebody_sends_changes_nobody_elses_rows_and_tells_of_nobody_else(found: Found) -> None:
    """Each form with the token that goes with the sender's cookie, by everybody; holders of roles before their
    proof and after."""
    async with _watched(found) as (there, stored):
        leaks, foreign, got = [], [], {}
        for who, proof in (each for each in EVERYBODY if each[0] != NOBODY and each[1] != STALE):
            for path in SENT:
                if who in (*ROLES, THEIRS):
                    await there.proves(who, proof)
                before, at = stored.rows(), (path, who, proof)
                told = await there.asks(who, "POST", filled(path, **PARTS), {**FORM, "csrf": there.token(who)})
                got[at] = told.status
                may = _may_read(who, proof) | (
                    {"an answer", "Mai's answer"} if path == EXPORT and who in LEAD else set()
                )
                leaks += [(at, each) for each in _read(there, told) - may]
                foreign += [(at, row) for row in _foreign(there, who, before, stored.rows())]
                if path in ENDS_SESSION and who in there.ids and who != BY_MAIL:
                    await there.comes_in(who)
        wrong = {at: (status, _status(*at)) for at, status in got.items() if status != _status(*at)}
        assert (wrong, leaks, foreign) == ({}, [], [])


@pytest.mark.parametrize("how", ["without a token", "with somebody else's", "from another site", "without a cookie"])
async def test_a_form_that_is_not_the_senders_own_is_refused_at_every_address(found: Found, how: str) -> None:
    async with _watched(found) as (there, stored):
        for who in ("frivillig", "leader", BY_MAIL):
            if who == "leader":
                await there.proves(who, FRESH)
            for path in SENT:
                token = {"without a token": "", "with somebody else's": there.token(MAI)}.get(how, there.token(who))
                headers = {"Sec-Fetch-Site": "cross-site"} if how == "from another site" else {}
                key = path in WITHOUT_TOKEN and how != "from another site"
                before, sender = stored.rows(), NOBODY if how == "without a cookie" else who
                told = await there.asks(sender, "POST", filled(path, **PARTS), {**FORM, "csrf": token}, **headers)
                wanted = (200 if path.endswith("/stop") else 404) if key else 403
                assert (path, who, told.status) == (path, who, wanted)
                assert "set-cookie" not in told.headers and "Content-Disposition" not in told.headers
                assert (path, who, changed(before, stored.rows())) == (path, who, [])

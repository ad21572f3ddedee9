"""The links of a mail, each verb there is, in each state that the mail can be in: looking does nothing, a button does
what the message offers now, for that row, and after what closes them nothing is left to press."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from bot.channels.web.session import COOKIE
from bot.dialogue.reply import Verb
from bot.outbox.message_links import HOLDS
from tests.support.callers import MAI, MAIS, NOBODY, STRANGER, Callers, Stored, callers, changed, keyed
from tests.support.cast import SECRET
from tests.support.chat import Found
from tests.support.pages import OnPages

NOBODYS = 99_999_999


def letters(there: Callers) -> dict[str, list[int]]:
    """Mai's mails, by code: the messages in each."""
    links = re.findall(
        r"/besked/([\w-]{22})/[A-Za-z](\d+)", "".join(mail.text for mail in there.box.mails if mail.to == MAIS)
    )
    found: dict[str, list[int]] = {}
    for code, row in dict.fromkeys(links):
        found.setdefault(code, []).append(int(row))
    return found


async def offered(there: Callers, code: str) -> set[str]:
    """The buttons that the page of the mail has now."""
    told = await there.asks(NOBODY, "GET", f"/besked/{code}")
    return set(re.findall(rf'action="/besked/{code}/([A-Za-z]\d+)"', told.body))


def _about(rows: list[tuple[str, str]]) -> set[int]:
    """The people whom rows are about, as they say."""
    return {int(number) for _, row in rows for number in re.findall(r"'person_id': (\d+)", row)}


# --- what closes them -------------------------------------------------------------------------------------


async def _as_it_came(_: Callers) -> None:
    """Nothing has happened since."""


async def _thirty_days(there: Callers) -> None:
    there.town.clock.now += HOLDS


async def _posted(there: Callers, path: str) -> None:
    told = await there.asks(MAI, "POST", path, {"csrf": there.token(MAI)})
    assert told.status in (200, 303)


async def _renewed(there: Callers) -> None:
    await _posted(there, "/link")


async def _stopped(there: Callers) -> None:
    await _posted(there, "/stop")


async def _left(there: Callers) -> None:
    await _posted(there, "/forlad")


async def _taken_back(there: Callers) -> None:
    await _posted(there, keyed("/mail/{code}/stop", there.keys))


async def _another(there: Callers) -> None:
    mai = there.there.people[MAI]
    assert isinstance(mai, OnPages)
    await mai.says("/mail")
    await mai.taps("Skriv en anden adresse")
    await mai.says("ny@nordby.example")


async def _deleted(there: Callers) -> None:
    mai = there.there.people[MAI]
    await mai.says("/slet")
    await mai.taps("Ja, slet alt")
    await there.town.rest()


CLOSED_BY: dict[str, Callable[[Callers], Awaitable[None]]] = {
    "thirty days": _thirty_days,
    "a new personal link": _renewed,
    "/stop": _stopped,
    "/forlad": _left,
    "its own stop": _taken_back,
    "another address": _another,
    "/slet": _deleted,
}


async def test_a_mail_does_what_it_offers_now_for_its_own_messages_and_looking_does_nothing(found: Found) -> None:
    async with _mailed(found) as (there, stored, taps):
        done: set[str] = set()
        for code, tap in sorted(taps, key=lambda each: each[1][0] == Verb.DECLINE):  # which ends it all
            has = await offered(there, code)
            before = stored.rows()
            for who, method in ((NOBODY, "GET"), (NOBODY, "HEAD"), ("frivillig", "GET")):
                told = await there.asks(who, method, f"/besked/{code}/{tap}")
                rows = changed(before, stored.rows())
                assert (tap, who, told.status in (200, 404), rows) == (tap, who, True, [])
            told = await there.asks(NOBODY, "POST", f"/besked/{code}/{tap}")  # as programs press, without a form
            assert "set-cookie" not in told.headers, tap
            assert tap in has or changed(before, stored.rows()) == [], tap
            for who in (STRANGER, "frivillig"):
                for behind in ("", "/her"):
                    told = await there.asks(who, "POST", f"/besked/{code}/{tap}{behind}", {"csrf": there.token(who)})
                    rows = changed(before, stored.rows())
                    if tap not in has:
                        assert (tap, who, rows, "set-cookie" in told.headers) == (tap, who, [], False)
                        continue
                    done.add(tap[0])
                    assert _about(rows) <= {there.ids[MAI]}, (tap, rows)
                    assert "Eksportér svar" not in told.body and SECRET not in told.body
                    if cookie := told.headers.get("set-cookie"):
                        assert cookie.startswith(f"{COOKIE}=t"), tap  # of one step alone
                    there.sees_form(STRANGER)
                    await there.comes_in("frivillig")
        assert {Verb.GO, Verb.COMES, Verb.STAYS_AWAY, Verb.MAYBE, Verb.MEETING, Verb.DECLINE} <= done


@pytest.mark.parametrize("how", CLOSED_BY)
async def test_after_what_closes_a_mail_no_verb_does_anything(found: Found, how: str) -> None:
    async with _mailed(found) as (there, stored, taps):
        await CLOSED_BY[how](there)
        await there.town.rest()
        for code in {code for code, _ in taps}:
            assert (how, await offered(there, code)) == (how, set())
        before = stored.rows()
        for code, tap in taps:
            for who, behind in ((NOBODY, ""), (STRANGER, ""), (STRANGER, "/her"), (STRANGER, "/link")):
                path = f"/besked/{code}/{tap}{behind}"
                told = await there.asks(who, "POST", path, {"csrf": there.token(who)})
                assert told.status in (200, 403, 404), (how, path)
                assert "set-cookie" not in told.headers, (how, path)
                assert changed(before, stored.rows()) == [], (how, path)


@asynccontextmanager
async def _mailed(found: Found) -> AsyncIterator[tuple[Callers, Stored, list[tuple[str, str]]]]:
    """With every verb there is on every message of Mai's mails, on one of somebody else's, and on none."""
    async with callers(found) as there:
        town = there.town
        [(others,)] = town.rows("SELECT max(id) FROM outbox WHERE person_id <> ?", there.ids[MAI])
        assert others is not None
        taps = [
            (code, f"{verb}{row}")
            for code, rows in letters(there).items()
            for row in (*rows, others, NOBODYS)
            for verb in Verb
        ]
        stored = Stored(town.folder / "besyv.db")
        try:
            yield there, stored, taps
        finally:
            stored.close()

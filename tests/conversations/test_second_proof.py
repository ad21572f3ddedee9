"""Whoever holds a role shows a second thing besides the link or the account they came by (docs/decisions/0038)."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from bot.access import PROOFS, Proof, Right, proof_of
from bot.dialogue import panel_navigation
from bot.dialogue.panel import Panel
from bot.dialogue.session import TELEGRAM, TERMINAL, WEB, Display, Session, Visit, load
from bot.features import PANELS
from bot.features.export.command import begin
from bot.features.second_proof import proving
from bot.features.second_proof.proving import MOST_ASKED, MOST_TRIES, MOST_WRONG, Checked
from bot.features.second_proof.service import CODE_LASTS, Way
from bot.flows.schedule import DAY, HOUR
from storage import email_addresses, people, proofs
from storage.db import Tx
from tests.support.cast import TABLE, Cast, cast
from tests.support.chat import Found, OnTelegram
from tests.support.codes import code_for, code_in, wrong
from tests.support.mailbox import Mailbox, mailbox
from tests.support.pages import OnPages

CHANNELS = (TELEGRAM, WEB)
MAIL = "lea@eksempel-kommune.example"
ASKED = "Vis, at det er dig"
NO_CODE, WRONG_CODE = "Koden er ikke bestilt her", "Koden er forkert"

# What is asked for where a holder of a role opens it, in a chat and on pages; every panel is named.
NEITHER, PAGES_ALONE, BOTH, FRESH = (0, 0), (0, 1), (1, 1), (2, 2)
OPENED = {
    "leder": PAGES_ALONE,
    "daekning": PAGES_ALONE,
    "mangler": PAGES_ALONE,
    "tilstand": PAGES_ALONE,
    "raad": PAGES_ALONE,
    "maal": PAGES_ALONE,
    "links": PAGES_ALONE,
    "trin": PAGES_ALONE,
    "spoergsmaal": BOTH,
    "spoergsmaal/forslag/1-1-0": BOTH,
    "spoergsmaal/kladde/se": BOTH,
    "spoergsmaal/kladde/ja": FRESH,
    "spoergsmaal/egne/Q1/sluk": BOTH,
    "spoergsmaal/egne/Q1/sluk/ja": FRESH,
    "spoergsmaal/egne/Q1/stil/ja": FRESH,
    "spoergsmaal/fil": BOTH,
    "moedeplan": PAGES_ALONE,
    "moedeplan/1/tilmeldte": BOTH,
    "moedeplan/1/tilmeldte/behov": BOTH,
    "moedeplan/1/referat/svar": BOTH,
    "skriv": PAGES_ALONE,
    "beskeder": PAGES_ALONE,
    "venter": PAGES_ALONE,
    "indtast": PAGES_ALONE,
    "del": PAGES_ALONE,
    "overblik": PAGES_ALONE,
    "log": PAGES_ALONE,
    "indstillinger": BOTH,
    "liste": BOTH,
    "liste/hent/csv": FRESH,
    "liste/1/slet/ja": FRESH,
    "fil": FRESH,
    "fil/ja": FRESH,
    "navne": BOTH,
    "hoeringssvar": BOTH,
    "indsigelser": BOTH,
    "hoeringssvar/anmodning/1/slet": FRESH,
    "hoeringssvar/anmodning/1/slet/ja": FRESH,
    "kontakter": BOTH,
    "kontakter/se/svar": BOTH,
    "kontakter/fil": FRESH,
    "filer": BOTH,
    "filer/hent/csv": FRESH,
    "roller": FRESH,
    "roller/tag/1/deputy/ja": FRESH,
    "roller/ny/leader/-": FRESH,
    "moeder": NEITHER,
    "kontrol": NEITHER,
    "tilside": NEITHER,
    "enheder": NEITHER,
    "enheder/link": BOTH,
    "enheder/telegram": FRESH,
    "mail": NEITHER,
    "mail/ny": FRESH,
    "mail/koder": FRESH,
    "bevis": NEITHER,
}


# --- the rule ---------------------------------------------------------------------------------------------


def test_every_right_says_what_proof_it_needs() -> None:
    assert PROOFS.keys() == set(Right)
    everybodys = {right for right in Right if proof_of(right, pages=True) is Proof.NONE}
    assert everybodys == {Right.ANSWER, Right.COLLECT}


THEIRS = [page for page in PANELS if page != "bevis" and "leader" in TABLE[page]]


def test_the_table_names_every_panel() -> None:
    assert {path.partition("/")[0] for path in OPENED} | {"sammen"} == PANELS.keys() == TABLE.keys()


@pytest.mark.parametrize("channel", [*CHANNELS, TERMINAL])
@pytest.mark.parametrize("age", [None, 0, 599, 600, 2 * HOUR], ids=["none", "now", "599s", "600s", "2h"])
async def test_each_path_is_asked_for_the_proof_it_needs(found: Found, channel: str, age: int | None) -> None:
    """No proof, one of just now, of almost ten minutes, of ten, of two hours. Who runs Besyv
    sits at their machine, and needs none."""
    shown = 0 if age is None else 2 if age < 600 else 1
    at = WEB if channel == WEB else TELEGRAM
    async with cast(found, at, "leader", strict=True) as there:

        def try_all(tx: Tx) -> dict[str, bool]:
            s = there.session(tx, "leader")
            if channel == TERMINAL:
                people.enter(tx, TERMINAL, "local", s.person.id, s.visit.now)
                visit = Visit(channel=TERMINAL, address="local", now=s.visit.now, sent_at=s.visit.now)
                at_terminal = load(tx, s.context, visit)
                assert at_terminal is not None
                s = at_terminal
            if age is not None:
                proofs.put(tx, s.person.id, s.visit.channel, s.visit.place, Way.MAIL, s.visit.now - age)
            return {path: panel_navigation.lacks(s, path) for path in OPENED}

        lacks = await there.town.runtime.database.write(try_all)
        needs = {path: each[channel == WEB] if channel != TERMINAL else 0 for path, each in OPENED.items()}
        assert lacks == {path: need > shown for path, need in needs.items()}


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("who", ["facilitator", "steering", "deputy", "leader"])
async def test_no_panel_shows_anything_before_the_proof_that_it_needs(found: Found, channel: str, who: str) -> None:
    """Each panel the role has, opened and looked at again: what stands there is what asks."""
    async with cast(found, channel, who, strict=True) as there:

        def try_all(tx: Tx) -> dict[str, str]:
            titles = {}
            for page in PANELS:
                s = there.session(tx, who)
                if who not in TABLE[page] or not panel_navigation.lacks(s, page):
                    continue
                panel = panel_navigation.go(s, page)
                assert isinstance(panel, Panel)
                titles[page] = panel.title
            return titles

        titles = await there.town.runtime.database.write(try_all)
        wanted = {p for p, need in OPENED.items() if p in PANELS and who in TABLE[p] and need[channel == WEB] > 0}
        assert titles == dict.fromkeys(wanted, ASKED)
        assert titles or channel == TELEGRAM


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("shown", [Proof.NONE, Proof.FRESH])
@pytest.mark.parametrize("way", ["", "bevis/til/"], ids=["pressed", "asked for before"])
async def test_what_somebody_has_shown_is_looked_up_once_for_a_tap(
    found: Found, channel: str, shown: Proof, way: str
) -> None:
    async with cast(found, channel, "leader", strict=True) as there:

        def looked_up(tx: Tx) -> dict[str, int]:
            times: Counter[str] = Counter()
            for page in THEIRS:

                def count(_: Session, page: str = page) -> Proof:
                    times[page] += 1
                    return shown

                s = there.session(tx, "leader")
                counted = load(tx, replace(s.context, proof_shown=count), s.visit)
                assert counted is not None
                panel_navigation.open_panel(counted, way + page)
            return dict(times)

        needs = {page for page in THEIRS if OPENED[page][channel == WEB] > 0}
        assert needs and await there.town.runtime.database.write(looked_up) == dict.fromkeys(needs, 1)


@pytest.mark.parametrize("channel", CHANNELS)
async def test_it_is_looked_up_once_where_something_is_asked_for_in_another_way(found: Found, channel: str) -> None:
    """/eksport, /web, a new passkey: what asks comes first."""
    async with cast(found, channel, "leader", strict=True) as there:

        def looked_up(tx: Tx) -> tuple[list[str | None], int]:
            titles: list[str | None] = []
            times = 0

            def count(_: Session) -> Proof:
                nonlocal times
                times += 1
                return Proof.NONE

            s = there.session(tx, "leader")
            counted = load(tx, replace(s.context, proof_shown=count), s.visit)
            assert counted is not None
            for reply in (panel_navigation.asked_first(counted, "enheder/link"), begin(counted, "csv")):
                assert reply is not None
                titles.append(reply.title)
            return titles, times

        assert await there.town.runtime.database.write(looked_up) == ([ASKED, ASKED], 2)


async def test_who_holds_no_role_is_never_asked(found: Found) -> None:
    async with cast(found, WEB, "borger", strict=True) as there:

        def asked(tx: Tx) -> set[str]:
            s = there.session(tx, "borger")
            return {path for path in OPENED if panel_navigation.lacks(s, path)}

        assert await there.town.runtime.database.read(asked) == set()


# --- in the chat ------------------------------------------------------------------------------------------


@asynccontextmanager
async def led(found: Found, channel: str = TELEGRAM, **kind: Any) -> AsyncIterator[tuple[Cast, Mailbox, OnTelegram]]:
    """Lea leads from her phone, and has a confirmed mailbox."""
    async with (
        mailbox() as box,
        cast(found, channel, "leader", strict=True, pages=True, smtp=box.url(), **kind) as there,
    ):
        lea = there.people["leader"]
        assert isinstance(lea, OnTelegram)
        await there.town.runtime.database.write(lambda tx: _has_mail(tx, there))
        lea.sees()
        yield there, box, lea


def _has_mail(tx: Tx, there: Cast, who: str = "leader") -> None:
    s = there.session(tx, who)
    if people.web_address(tx, s.person.id) is None:
        people.enter(tx, WEB, f"of {who}", s.person.id, s.visit.now - 1)
    email_addresses.put(tx, s.person.id, MAIL, "k" * 22, f"hash of {who}", s.visit.now)
    email_addresses.confirm(tx, s.person.id, s.visit.now)


async def test_in_the_chat_the_code_from_the_mail_opens_what_was_pressed(found: Found) -> None:
    async with led(found) as (there, box, lea):
        await lea.says("/leder")
        assert ASKED not in "".join(lea.sees())
        await lea.taps("Høringssvar")
        assert ASKED in "".join(lea.sees())
        await lea.taps("Send en kode på mail")
        assert "l•••@eksempel-kommune.example" in "".join(lea.sees())
        [mail] = box.mails
        assert mail.to == MAIL
        code = code_in(mail.text)
        assert code.replace(" ", "") not in mail.message["Subject"].replace(" ", "")
        await lea.says(code)
        seen = "".join(lea.sees())
        assert "Tak. Nu ved vi, at det er dig." in seen and "høringssvar" in seen.casefold()
        assert there.town.rows("SELECT channel, way FROM proofs") == [(TELEGRAM, "mail")]
        await lea.taps("Tilbage")
        await lea.taps("Kontakter")
        assert ASKED not in "".join(lea.sees())  # good for the session


async def test_the_export_comes_as_soon_as_it_is_proven(found: Found) -> None:
    async with led(found) as (there, box, lea):
        await lea.says("/eksport csv")
        assert ASKED in "".join(lea.sees())
        assert there.town.rows("SELECT count(*) FROM audit WHERE action LIKE 'export%'") == [(0,)]
        await lea.taps("Send en kode på mail")
        await lea.says(code_in(box.mails[-1].text))
        assert "Spørgsmål nr." in lea.phone.document.decode()
        lea.sees()
        await lea.says("/eksport csv", after=60)
        assert ASKED not in "".join(lea.sees())
        await lea.says("/eksport csv", after=601)
        seen = "".join(lea.sees())
        assert ASKED in seen and "inden for de sidste ti minutter" in seen


async def test_a_pressed_button_is_done_after_the_proof_and_a_yes_still_asked(found: Found) -> None:
    async with led(found) as (there, box, lea):
        await there.town.invites("deputy")
        dorte = there.town.person("Dorte")
        await dorte.says(f"/start {there.town.invite}")
        await dorte.taps("Jeg er med")
        await lea.says("/leder")
        await lea.taps("Roller")
        await lea.taps("Send en kode på mail")
        await lea.says(code_in(box.mails[-1].text))
        [take] = [
            label for label in lea.phone.buttons if label.startswith("Fratag rollen: ") and "Stedfortræder" in label
        ]
        lea.sees()
        await lea.taps(take, after=700)
        assert ASKED in "".join(lea.sees())
        await lea.taps("Send en kode på mail")
        await lea.says(code_in(box.mails[-1].text))
        assert there.town.rows("SELECT count(*) FROM roles WHERE role = 'deputy'") == [(1,)]  # asked first
        await lea.taps("Ja, fratag rollen")
        assert there.town.rows("SELECT count(*) FROM roles WHERE role = 'deputy'") == [(0,)]


async def test_back_leads_back_and_proves_nothing(found: Found) -> None:
    async with led(found) as (there, _box, lea):
        await lea.says("/leder")
        await lea.taps("Kontakter")
        await lea.taps("Tilbage")
        assert "Kontakter" in lea.phone.buttons
        assert there.town.rows("SELECT count(*) FROM proofs") == [(0,)]


async def test_in_the_chat_no_code_comes_to_the_chat(found: Found) -> None:
    async with led(found) as (there, _box, lea):
        await lea.says("/leder")
        await lea.taps("Kontakter")
        assert [label for label in lea.phone.buttons if "Telegram" in label] == []

        def ways(tx: Tx) -> tuple[str, ...]:
            return proving.ways(there.session(tx, "leader"))

        assert await there.town.runtime.database.read(ways) == (Way.MAIL,)


async def test_the_personal_link_is_shown_in_the_chat_after_a_second_thing(found: Found) -> None:
    """Who has the phone alone would come in on the web with it, and ask for a code on the phone."""
    async with led(found) as (there, _box, lea):
        await lea.says("/web")
        seen = "".join(lea.sees())
        assert ASKED in seen and "/s/" not in seen
        await lea.says(await code_for(there.town))
        assert "/s/" in "".join(lea.sees())


async def test_unused_for_twelve_hours_or_after_seven_days_it_is_asked_for_again(found: Found) -> None:
    async with led(found) as (there, _box, lea):
        await lea.says("/leder")
        await lea.taps("Kontakter")
        await lea.says(await code_for(there.town))
        lea.sees()
        for _ in range(13):  # used every eleven hours, for six days
            await lea.says("/leder", after=11 * HOUR)
            await lea.taps("Kontakter")
            assert ASKED not in "".join(lea.sees())
        lea.sees()
        await lea.says("/leder", after=DAY - 13 * HOUR)
        await lea.says("/leder", after=11 * HOUR)
        await lea.taps("Kontakter")
        await lea.says("/leder", after=4 * HOUR)  # seven days, and hardly unused
        await lea.taps("Kontakter")
        assert ASKED in "".join(lea.sees())
        await lea.says(await code_for(there.town))
        lea.sees()
        await lea.says("/leder", after=12 * HOUR)
        await lea.taps("Kontakter")
        assert ASKED in "".join(lea.sees())


# --- codes that do not do it ------------------------------------------------------------------------------


async def test_a_code_that_is_wrong_too_old_used_or_closed_says_so(found: Found) -> None:
    async with led(found) as (there, _box, lea):
        town = there.town
        await lea.says("/leder")
        await lea.taps("Kontakter")
        await lea.says("12345678")
        assert NO_CODE in "".join(lea.sees())
        code = await code_for(town)
        await lea.says(wrong(code))
        assert f"{WRONG_CODE}. Du har 4 forsøg" in "".join(lea.sees())
        town.clock.now += CODE_LASTS
        await lea.says(code)
        assert "mere end ti minutter" in "".join(lea.sees())
        code = await code_for(town)
        for _ in range(MOST_TRIES):
            await lea.says(wrong(code))
        assert "fem forkerte koder" in "".join(lea.sees())
        await lea.says(code)
        assert "fem forkerte koder" in "".join(lea.sees())
        code = await code_for(town)
        await lea.says(code)
        assert "Tak. Nu ved vi" in "".join(lea.sees())
        await lea.says("/leder", after=12 * HOUR)
        await lea.taps("Kontakter")
        await lea.says(code)
        assert NO_CODE in "".join(lea.sees())
        assert town.rows("SELECT action FROM audit WHERE action LIKE 'proof%' ORDER BY id") == [
            ("proof-code",),
            ("proof-code",),
            ("proof-refused",),
            ("proof-code",),
            ("proof-given",),
        ]


async def test_the_code_of_another_person_does_nothing(found: Found) -> None:
    async with cast(found, TELEGRAM, "leader", "deputy", strict=True) as there:
        lea = there.people["leader"]
        dorte = there.town.rows("SELECT pseudonym FROM people JOIN roles ON person_id = id WHERE role = 'deputy'")[0][0]
        await code_for(there.town)
        code = await code_for(there.town, dorte)
        await lea.says("/leder")
        await lea.taps("Kontakter")
        lea.sees()
        await lea.says(code)
        assert WRONG_CODE in "".join(lea.sees())
        assert there.town.rows("SELECT count(*) FROM proofs") == [(0,)]


async def test_codes_are_guessed_neither_by_many_sessions_nor_by_many_codes(found: Found) -> None:
    """Five tries of a code, and ten for a person in an hour, wherever they are typed."""
    async with cast(found, WEB, "leader", strict=True) as there:

        def guess(tx: Tx) -> list[Checked]:
            made = []
            for number in range(30):
                s = there.session(tx, "leader")
                if number % MOST_TRIES == 0:
                    code = proofs.open_code(tx, s.person.id, Way.OPERATOR, None, s.visit.now + CODE_LASTS)
                    missed = wrong(proofs.digits(tx, code))
                s.visit = Visit(
                    channel=WEB, address=s.visit.address, now=s.visit.now, sent_at=0, session=f"session {number}"
                )
                made.append(proving.check(s, missed).outcome)
            right = proofs.code_of(tx, s.person.id)
            assert right is not None
            return [*made, proving.check(s, proofs.digits(tx, right)).outcome]

        made = await there.town.runtime.database.write(guess)
        assert made[: MOST_WRONG + 1] == [*[Checked.WRONG] * 4, Checked.USED_UP] * 2 + [Checked.TOO_MANY]
        assert set(made[MOST_WRONG:]) == {Checked.TOO_MANY}  # the right one, too


async def test_a_code_is_to_be_typed_where_it_was_asked_for(found: Found) -> None:
    """Who has stolen the link can't have the owner type the code for them, nor use the one the owner asked for."""
    async with led(found) as (there, box, lea):
        await lea.says("/leder")
        await lea.taps("Kontakter")
        await lea.taps("Send en kode på mail")
        code = code_in(box.mails[-1].text)

        def elsewhere(tx: Tx) -> Checked:
            s = there.session(tx, "leader")
            s.visit = Visit(
                channel=WEB, address="x", now=s.visit.now, sent_at=0, session="another", display=Display.PAGES
            )
            return proving.check(s, code).outcome

        assert await there.town.runtime.database.write(elsewhere) is Checked.NONE_OPEN
        await lea.says(code)
        assert "Tak. Nu ved vi" in "".join(lea.sees())


async def test_no_more_than_five_codes_are_sent_in_an_hour(found: Found) -> None:
    async with led(found) as (_there, box, lea):
        await lea.says("/leder")
        await lea.taps("Kontakter")
        for _ in range(MOST_ASKED + 1):
            await lea.taps("Send en kode på mail")
        assert len(box.mails) == MOST_ASKED
        assert "fem koder på en time" in "".join(lea.sees())
        await lea.says(code_in(box.mails[-1].text))  # the last is the one that is open
        assert "Tak. Nu ved vi" in "".join(lea.sees())


async def test_a_code_stands_neither_in_the_log_nor_in_the_database(found: Found) -> None:
    async with led(found) as (there, box, lea):
        await lea.says("/leder")
        await lea.taps("Kontakter")
        await lea.taps("Send en kode på mail")
        code = code_in(box.mails[-1].text).replace(" ", "")
        for written in (code, f"{code[:4]} {code[4:]}"):
            assert written not in there.town.log.getvalue()
            assert written.encode() not in there.town.on_disk()


# --- a role is given --------------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", CHANNELS)
async def test_who_is_given_a_role_shows_anew_who_they_are(found: Found, channel: str) -> None:
    async with cast(found, channel, "steering", strict=True) as there:
        person, town = there.people["steering"], there.town

        def proven(tx: Tx) -> Proof:
            s = there.session(tx, "steering")
            return s.context.proof_shown(s)

        def prove(tx: Tx) -> None:
            proving.prove(there.session(tx, "steering"), Way.MAIL)

        await town.runtime.database.write(prove)
        assert await town.runtime.database.read(proven) is Proof.FRESH
        await person.says(f"/start {await town.invites('leader')}")
        assert await town.runtime.database.read(proven) is Proof.NONE
        assert town.rows("SELECT count(*) FROM proofs") == [(0,)]


async def test_who_leaves_the_chat_and_comes_back_shows_anew_who_they_are(found: Found) -> None:
    """In the transaction in which they leave it, by whatever way; what was shown elsewhere holds there."""
    async with cast(found, TELEGRAM, "steering", strict=True) as there:

        def leaves(tx: Tx) -> tuple[Proof, list[str], int]:
            s = there.session(tx, "steering")
            chat, elsewhere = (s.visit.channel, s.visit.address), (WEB, "a session of theirs")
            for place in (chat, elsewhere):
                proofs.put(tx, s.person.id, *place, Way.MAIL, s.visit.now)
            proofs.open_code(tx, s.person.id, Way.MAIL, chat, s.visit.now + CODE_LASTS)
            people.step_out(tx, *chat, s.person.id)
            people.enter(tx, *chat, s.person.id, s.visit.now)
            left = [channel for channel, _ in proofs.of_person(tx, s.person.id)]
            return s.context.proof_shown(s), left, tx.count("SELECT count(*) FROM proof_codes")

        assert await there.town.runtime.database.write(leaves) == (Proof.NONE, [WEB], 0)


async def test_who_has_proven_nothing_can_not_say_where_codes_go(found: Found) -> None:
    """The address that somebody with a stolen link gives is confirmed, and takes no codes."""
    async with mailbox() as box, cast(found, WEB, "leader", strict=True, smtp=box.url()) as there:
        thief = there.people["leader"]
        assert isinstance(thief, OnPages)
        await thief.says("/mail")
        await thief.says("tyv@ond.example")
        assert there.town.rows("SELECT count(*) FROM mailboxes") == [(0,)]
        assert ASKED in "\n".join(thief.looks().lines())

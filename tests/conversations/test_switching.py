"""Back and forth between two processes of one municipality, from the menu, on every channel."""

from __future__ import annotations

import pytest

from bot.access import Proof, Role
from bot.channels.web.session import COOKIE
from bot.dialogue.session import Display, Session, Visit, proof_shown, somebody
from bot.features import process_file
from bot.features.invitations import service as invitations
from bot.features.second_proof.service import Way
from bot.flows.loader import PolicyKind
from bot.process.flows import shipped_flows
from storage import proofs
from storage.db import Tx
from tests.support.cast import said_to
from tests.support.chat import Found, OnTelegram, Somebody, Town
from tests.support.pages import OnPages
from tests.support.visitors import posted, token

CHANNELS = ("telegram", "web", "terminal")
THERE = "nabo--borger"
TO_THERE, BACK = "Skift til den nye medborgerskabspolitik", "Skift til den nye frivilligpolitik"


async def second_process(town: Town, role: Role | None = None, kind: PolicyKind = PolicyKind.NEW) -> str:
    """Of the same municipality; a code for the role in it, or nothing."""

    def made(tx: Tx) -> str:
        file = town.runtime.process_host.plan(tx).file
        policy = file.policy.model_copy(
            update={"kind": kind, "da": "medborgerskabspolitik", "en": "citizenship policy"}
        )
        other = file.model_copy(update={"process": "nabo", "policy": policy})
        there = process_file.save(tx, other, shipped_flows(other), int(town.clock.now))
        return invitations.make(tx, there, role, int(town.clock.now)) if role is not None else ""

    return await town.runtime.database.write(made)


async def joins(town: Town, name: str, *payloads: str) -> Somebody:
    person = town.somebody(name)
    for payload in payloads:
        await person.says(f"/start {payload}".strip())
        await person.taps("Jeg er med")
    person.sees()
    return person


async def switches(person: Somebody, label: str) -> str:
    """From the menu; what is told then."""
    if isinstance(person, OnPages):
        assert person.page is not None
        [button] = [each for each in person.page.find("//nav//button") if each.text_content() == label]
        person.page = await person.browser.press(person.page, button)
        return " ".join(person.page.main.text_content().split())
    await person.says("/skift", after=0)
    person.sees()
    await person.taps(label, after=0)
    return "\n".join(person.sees())


def offered(person: OnPages) -> list[str]:
    assert person.page is not None
    return [each.text_content() for each in person.page.find("//nav//form[@action='/skift']//button")]


def current(town: Town) -> str:
    [(key,)] = town.rows(
        """SELECT key FROM addresses JOIN people ON people.id = person_id JOIN processes ON processes.id = process_id
           ORDER BY entered_at DESC LIMIT 1"""
    )
    return str(key)


@pytest.mark.parametrize("channel", CHANNELS)
async def test_one_goes_there_and_back_within_a_second_and_sees_where_one_is(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="borger") as town:
        await second_process(town)
        anna = await joins(town, "Anna", "", THERE)
        assert current(town) == "nabo"
        for _ in range(3):
            assert "Du svarer nu om den nye frivilligpolitik." in await switches(anna, BACK)
            assert current(town) == "eksempel"
            assert "Du svarer nu om den nye medborgerskabspolitik." in await switches(anna, TO_THERE)
            assert current(town) == "nabo"
        if isinstance(anna, OnPages) and anna.page is not None:
            [title] = anna.page.find("//title")
            assert title.text_content().endswith("– Eksempel Kommune: medborgerskabspolitik")
            [name] = anna.page.find("//a[@class='name']")
            assert name.text_content() == "Eksempel Kommune: medborgerskabspolitik"
        else:
            await anna.says("/skift")
            assert "Du svarer lige nu om den nye medborgerskabspolitik." in "\n".join(anna.sees())
            await anna.taps("Bliv her")
            assert current(town) == "nabo"


@pytest.mark.parametrize("channel", CHANNELS)
async def test_one_that_is_revised_is_offered_as_that(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="borger") as town:
        await second_process(town, kind=PolicyKind.REVISION)
        anna = await joins(town, "Anna", "", THERE)
        assert "Du svarer nu om den nye frivilligpolitik." in await switches(anna, BACK)
        there = await switches(anna, "Skift til den reviderede medborgerskabspolitik")
        assert "Du svarer nu om den reviderede medborgerskabspolitik." in there


@pytest.mark.parametrize("channel", CHANNELS)
async def test_who_takes_part_in_one_alone_is_offered_no_other(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="borger") as town:
        await second_process(town)
        anna = await joins(town, "Anna", "")
        if isinstance(anna, OnPages):
            assert offered(anna) == []
            assert anna.page is not None
            there = max(town.rows("SELECT id FROM processes"))[0]
            fields = [("csrf", token(anna.page)), ("process", str(there))]
            assert (await posted(anna.browser, "/skift", fields))[3] == "/"
        else:
            await anna.says("/vejret")
            unknown = await said_to(anna)
            await anna.says("/skift")
            assert await said_to(anna) == unknown
        assert current(town) == "eksempel"
        assert town.rows("SELECT count(*) FROM people") == [(1,)]


@pytest.mark.parametrize("channel", CHANNELS)
async def test_who_has_not_said_yes_there_gets_back_and_is_not_led_there_again(found: Found, channel: str) -> None:
    """By its link they are there, and are asked; on the web a link is only used by a yes."""
    async with found(channel=channel, steps="borger") as town:
        await second_process(town)
        anna = await joins(town, "Anna", "")
        await anna.says(f"/start {THERE}")
        await switches(anna, BACK)
        assert current(town) == "eksempel"
        if isinstance(anna, OnPages):
            assert offered(anna) == []
        else:
            await anna.says("/switch")
            assert "/hjaelp" in "\n".join(anna.sees())  # as any word that is no command


async def test_telegrams_menu_shows_the_command_to_who_takes_part_in_several(found: Found) -> None:
    async with found(channel="telegram", steps="borger") as town:
        code = await second_process(town, Role.LEADER)
        anna = await joins(town, "Anna", "")
        assert isinstance(anna, OnTelegram)
        assert _menu(anna) is None
        await anna.says(f"/start {code}")
        await anna.taps("Jeg er med")
        assert {"skift", "leder"} <= set(_menu(anna) or ())
        await switches(anna, BACK)
        assert "skift" in (_menu(anna) or ())
        assert "leder" not in (_menu(anna) or ())  # that role is of the other process
        await switches(anna, TO_THERE)
        assert {"skift", "leder"} <= set(_menu(anna) or ())


async def test_on_the_pages_moving_gives_a_new_session_id_and_no_form_drawn_before_holds(found: Found) -> None:
    async with found(channel="web", steps="borger") as town:
        await second_process(town)
        anna = await joins(town, "Anna", "", THERE)
        assert isinstance(anna, OnPages)
        before, other_tab = anna.browser.cookies()[COOKIE], anna.page
        assert other_tab is not None
        await switches(anna, BACK)
        assert anna.browser.cookies()[COOKIE] != before
        assert town.rows("SELECT count(*) FROM sessions") == [(1,)]
        for path in ("/tryk", "/skriv", "/link", "/stop", "/forlad", "/skift"):
            assert (await posted(anna.browser, path, [("csrf", token(other_tab))]))[0] == 403
        assert current(town) == "eksempel"


@pytest.mark.parametrize("channel", ["telegram", "web"])
async def test_what_was_proven_in_one_process_is_not_proven_in_the_other(found: Found, channel: str) -> None:
    """Back again, it holds in the chat; on the pages the session has a new id, in which nothing is proven."""
    async with found(channel=channel, steps="borger") as town:
        code = await second_process(town, Role.LEADER)
        lea = await joins(town, "Lea", await town.invites("leader"), code)
        await town.runtime.database.write(lambda tx: _prove(tx, town, channel))
        assert await town.runtime.database.read(lambda tx: _proven(tx, town, channel)) is Proof.FRESH
        await switches(lea, BACK)
        assert await town.runtime.database.read(lambda tx: _proven(tx, town, channel)) is Proof.NONE
        await switches(lea, TO_THERE)
        again = Proof.FRESH if channel == "telegram" else Proof.NONE
        assert await town.runtime.database.read(lambda tx: _proven(tx, town, channel)) is again


def _session(tx: Tx, town: Town, channel: str) -> Session:
    [address] = {row["address"] for row in tx.all("SELECT address FROM addresses WHERE channel = :c", c=channel)}
    here = tx.one("SELECT id_hash FROM sessions")
    now, session = int(town.clock.now), "" if here is None else str(here["id_hash"])
    pages = Display.PAGES if channel == "web" else Display.MESSAGES
    visit = Visit(channel=channel, address=address, now=now, sent_at=now, display=pages, session=session)
    return somebody(tx, town.runtime.context, visit)


def _prove(tx: Tx, town: Town, channel: str) -> None:
    s = _session(tx, town, channel)
    proofs.put(tx, s.person.id, channel, s.visit.place, Way.MAIL, s.visit.now)


def _proven(tx: Tx, town: Town, channel: str) -> Proof:
    return proof_shown(_session(tx, town, channel))


def _menu(person: OnTelegram) -> list[str] | None:
    """The commands that Telegram shows in their chat; None: those of everybody."""
    own = person.phone.world.commands.get((f"chat:{person.phone.id}", ""))
    return [each["command"] for each in own] if own is not None else None

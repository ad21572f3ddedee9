"""Links that invite: what they tell, how often they work, what is kept of them, and who is slowed down.

On both channels where nothing else is said. What differs on the web stands in tests/web/test_links.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

import pytest

from bot.access import Role
from bot.codes import hash_of
from bot.features import process_file
from bot.features.invitations import service as invitations
from bot.features.invitations.service import MOST_FAILURES, PERSONAL_LASTS, ROLE_LASTS, LinkPreset
from bot.features.register import service as register
from bot.process.flows import shipped_flows
from storage.db import Tx
from tests.support.cast import said_to
from tests.support.chat import Found, OnTelegram, Somebody, Town
from tests.support.pages import OnPages

T = TypeVar("T")
CHANNELS = ("telegram", "web")
UNUSABLE = "Linket virker ikke."
TOO_MANY = "Der er prøvet for mange forkerte links fra dit netværk. Vent en time"
WRONG = "i-0123456789abcdefghijkl"
LONGEST_PAYLOAD = 64  # https://core.telegram.org/bots/features#deep-linking


async def make(town: Town, act: Callable[[Tx, int, int], T]) -> T:
    """What a leader or the operator makes: `act(tx, process, now)`."""
    process = town.runtime.process_host
    return await town.runtime.database.write(lambda tx: act(tx, process.plan(tx).process_id, int(town.clock.now)))


async def campaign(town: Town, to: LinkPreset, label: str = "") -> tuple[int, str]:
    made = await make(town, lambda tx, process, now: invitations.make_campaign(tx, process, to, now, label=label))
    return made.number, made.code


async def role_link(town: Town, role: str) -> str:
    return await make(town, lambda tx, process, now: invitations.make(tx, process, Role(role), now))


async def known(town: Town, name: str) -> Somebody:
    """Has said yes."""
    person = town.somebody(name)
    await person.says("/start")
    await person.taps("Jeg er med")
    person.sees()
    return person


async def comes_by(person: Somebody, code: str) -> str:
    """Follows the link, and what is told of it."""
    person.sees()
    await person.says(f"/start {code}")
    return (await said_to(person))[1]


# --- campaign links ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", CHANNELS)
async def test_a_public_link_tells_step_group_and_area_and_gives_no_rights(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="dialog_frivillige, borger") as town:
        _, code = await campaign(town, LinkPreset("dialog_frivillige", "forening", "nordby"))
        anna = town.somebody("Anna")
        await anna.says(f"/start {code}")
        await anna.taps("Jeg er med")
        told = (await said_to(anna))[1]
        assert "I svarer som: Forening, fordi linket hører til den gruppe." in told
        told = (await _skipped(anna), await _skipped(anna))[1]
        assert "Jeres lokalområde er sat til Nordby, fordi linket hører til Nordby." in told
        assert town.rows("SELECT stakeholder, area, came_for FROM people JOIN capacities ON person_id = people.id") == [
            ("forening", "nordby", "dialog_frivillige")
        ]
        assert town.rows("SELECT count(*) FROM roles") == [(0,)]
        while "/trin/dialog_frivillige/" not in _at(anna) and "Vi begynder på »Hvad ønsker I jer?«" not in told:
            told = await _skipped(anna)
        assert town.rows("SELECT flow FROM runs WHERE flow <> 'start'") == [("dialog_frivillige",)]


def _at(person: Somebody) -> str:
    return person.page.url if isinstance(person, OnPages) and person.page is not None else ""


async def _skipped(person: Somebody) -> str:
    """Whatever is asked of oneself: the next thing that may be left out."""
    await person.taps("Spring over")
    return (await said_to(person))[1]


@pytest.mark.parametrize("channel", CHANNELS)
async def test_what_a_link_told_can_be_changed_like_any_answer(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="borger, dialog_frivillige") as town:
        _, code = await campaign(town, LinkPreset(stakeholder="forening"))
        anna = town.somebody("Anna")
        await anna.says(f"/start {code}")
        await anna.taps("Jeg er med")
        await anna.says("/rolle")
        await anna.taps("Borger")
        assert town.rows("SELECT stakeholder FROM capacities") == [("borger",)]


@pytest.mark.parametrize("channel", CHANNELS)
async def test_who_came_by_a_link_is_counted_once_each(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="borger") as town:
        number, code = await campaign(town, LinkPreset(), "Plakat på biblioteket")
        town.said.append("Plakat på biblioteket")
        for name in ("Anna", "Bo", "Cilla"):
            person = town.somebody(name)
            await person.says(f"/start {code}")
            await person.taps("Jeg er med")
            await person.says(f"/start {code}")
        lea = await known(town, "Lea")
        await comes_by(lea, await role_link(town, "leader"))
        await lea.says("/leder")
        await lea.taps("Links og plakater")
        assert "Plakat på biblioteket · 3 personer har brugt linket" in (await said_to(lea))[1]
        assert town.rows("SELECT count(*) FROM people WHERE came_by = ?", number) == [(3,)]


@pytest.mark.parametrize("channel", CHANNELS)
async def test_a_public_link_that_is_closed_says_so_and_the_way_in_stays_open(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="borger") as town:
        number, code = await campaign(town, LinkPreset("borger", "borger"))
        assert await make(town, lambda tx, process, now: invitations.revoke(tx, process, number, now))
        assert not await make(town, lambda tx, process, now: invitations.revoke(tx, process, number, now))
        anna = town.somebody("Anna")
        told = await comes_by(anna, code)
        await anna.taps("Jeg er med")
        told += (await said_to(anna))[1]
        assert UNUSABLE in told and "frivillig@eksempel-kommune.example" in told
        assert "Hvem svarer du som?" in told
        assert town.rows("SELECT stakeholder, came_by FROM people JOIN capacities ON person_id = people.id") == [
            (None, None)
        ]


# --- single links -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("kind", ["role", "personal"])
async def test_a_single_link_works_once_and_the_second_account_is_told(found: Found, channel: str, kind: str) -> None:
    async with found(channel=channel, steps="borger") as town:
        anna, bo = await known(town, "Anna"), await known(town, "Bo")
        if kind == "role":
            code = await role_link(town, "steering")
        else:
            code = await make(
                town,
                lambda tx, process, now: invitations.make_personal(tx, process, LinkPreset("borger", "borger"), now),
            )
        assert UNUSABLE not in await comes_by(anna, code)
        assert UNUSABLE in await comes_by(bo, code)
        assert UNUSABLE not in await comes_by(anna, code)  # a finger that trembles, or the mail opened again
        assert town.rows("SELECT count(*) FROM roles") == [(1 if kind == "role" else 0,)]
        assert town.rows("SELECT count(*) FROM people WHERE came_by IS NOT NULL") == [(1,)]
        assert town.rows("SELECT count(*) FROM failed_codes") == [(1,)]


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize(
    ("kind", "lasts"), [("role", ROLE_LASTS), ("personal", PERSONAL_LASTS)], ids=["role", "personal"]
)
async def test_a_single_link_works_until_the_last_second(found: Found, channel: str, kind: str, lasts: int) -> None:
    async with found(channel=channel, steps="borger") as town:
        anna, bo = await known(town, "Anna"), await known(town, "Bo")

        def both(tx: Tx, process: int, now: int) -> tuple[str, str]:
            if kind == "role":
                return tuple(invitations.make(tx, process, Role.STEERING, now) for _ in "12")  # type: ignore[return-value]  # two
            return tuple(invitations.make_personal(tx, process, LinkPreset(), now) for _ in "12")  # type: ignore[return-value]  # two

        first, second = await make(town, both)
        made = town.clock.now
        town.clock.now = made + lasts - 1 - 7  # they take seven seconds
        assert UNUSABLE not in await comes_by(anna, first)
        town.clock.now = made + lasts
        assert UNUSABLE in await comes_by(bo, second)


@pytest.mark.parametrize("channel", CHANNELS)
async def test_a_role_link_that_is_closed_before_it_was_used_gives_nothing(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="borger") as town:
        code = await role_link(town, "steering")
        lea, bo = await known(town, "Lea"), await known(town, "Bo")
        await comes_by(lea, await role_link(town, "leader"))
        await lea.says("/leder")
        for label in ("Links og plakater", "Styregruppen · giver en rolle, ikke brugt", "Luk linket"):
            await lea.taps(label)
        assert "Vil du lukke »Styregruppen«?" in (await said_to(lea))[1]
        await lea.taps("Ja, luk det")
        assert UNUSABLE in await comes_by(bo, code)
        assert town.rows("SELECT role FROM roles") == [("leader",)]


async def test_a_personal_link_tells_whom_one_speaks_for_and_what_one_answers_as(found: Found) -> None:
    async with found(steps="borger, dialog_frivillige") as town:
        town.public.add("Besøgsvennerne i Havnen")

        def invite(tx: Tx, process: int, now: int) -> str:
            party = register.add(tx, process, "Besøgsvennerne i Havnen", "by-hand", now)
            return invitations.make_personal(tx, process, LinkPreset(stakeholder="forening", party_id=party), now)

        code = await make(town, invite)
        assert town.rows("SELECT invited_at IS NOT NULL FROM parties") == [(1,)]
        anna = town.person("Anna")
        await anna.says(f"/start {code}")
        await anna.taps("Jeg er med")
        assert "I svarer som: Forening, fordi linket hører til den gruppe." in anna.phone.last.text
        while "Hvem svarer I for?" not in anna.phone.last.text:
            await anna.taps("Spring over")
        await anna.taps("Besøgsvennerne i Havnen")
        assert town.rows("SELECT name FROM parties JOIN capacities ON party_id = parties.id") == [
            ("Besøgsvennerne i Havnen",)
        ]
        assert town.rows("SELECT count(*) FROM roles") == [(0,)]


async def test_of_a_single_link_only_a_hash_is_kept(found: Found) -> None:
    async with found(steps="borger", pages=True) as town:
        code = await role_link(town, "leader")
        lea = town.person("Lea")
        await lea.says(f"/start {code}")
        await lea.taps("Jeg er med")
        await lea.says("/leder")
        for label in ("Roller", "Tildel en rolle", "Styregruppen", "Frivillig"):
            await lea.taps(label)
        await lea.says("Repræsentant for besøgsvennerne")
        [given] = set(re.findall(r"i-[\w-]{22}", "\n".join(map(str, lea.phone.sees())))) - {code}
        disk = town.on_disk()
        assert code.encode() not in disk and given.encode() not in disk
        assert "Repræsentant for besøgsvennerne".encode() not in disk
        assert hash_of(given).encode() in disk
        assert given not in town.log.getvalue()


async def test_a_deep_link_is_no_longer_than_telegram_allows(found: Found) -> None:
    async with found(steps="borger", pages=True) as town:
        _, public = await campaign(town, LinkPreset("dialog_frivillige", "raad_center", "soendermark"))
        personal = await make(
            town, lambda tx, process, now: invitations.make_personal(tx, process, LinkPreset("dialog_frivillige"), now)
        )
        for code in (public, personal, await role_link(town, "facilitator")):
            assert re.fullmatch(rf"[A-Za-z0-9_-]{{1,{LONGEST_PAYLOAD}}}", code)


# --- guessing ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", CHANNELS)
async def test_after_five_wrong_codes_the_right_one_waits_an_hour_too_and_others_do_not(
    found: Found, channel: str
) -> None:
    async with found(channel=channel, steps="borger") as town:
        code, other = await role_link(town, "leader"), await role_link(town, "steering")
        mallory, bo = await known(town, "Mallory"), await known(town, "Bo")
        for n in range(MOST_FAILURES):
            assert UNUSABLE in await comes_by(mallory, f"{WRONG[:-1]}{n}")
        assert TOO_MANY in await comes_by(mallory, code)
        assert town.rows("SELECT count(*) FROM roles") == [(0,)]
        assert UNUSABLE not in await comes_by(bo, other)
        await town.wait(3600)
        assert TOO_MANY not in await comes_by(mallory, code)
        assert town.rows("SELECT role FROM roles ORDER BY role") == [("leader",), ("steering",)]


# --- who leads --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", CHANNELS)
async def test_there_is_one_leader_and_who_was_it_before_is_deputy(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="borger") as town:
        for name in ("Lea", "Mia", "Ole"):
            person = await known(town, name)
            await comes_by(person, await role_link(town, "leader"))
            assert town.rows("SELECT count(*) FROM roles WHERE role = 'leader'") == [(1,)]
        roles = town.rows("SELECT person_id, role FROM roles ORDER BY person_id")
        assert [role for _, role in roles] == ["deputy", "deputy", "leader"]
        assert town.rows("SELECT action FROM audit WHERE action = 'took-over'") == [("took-over",)] * 2
        lea = town.somebody("Lea")
        await lea.says("/leder")
        assert "Du er her som: Stedfortræder" in (await said_to(lea))[1]
        assert "Roller" not in _labels(lea)


def _labels(person: Somebody) -> list[str]:
    if isinstance(person, OnPages):
        assert person.page is not None
        return [button.label for button in person.page.buttons()]
    assert isinstance(person, OnTelegram)
    return person.phone.buttons


async def test_the_leader_has_no_button_to_leave_the_process_without_one(found: Found) -> None:
    async with found(steps="borger") as town:
        lea = town.person("Lea")
        await lea.says(f"/start {await town.invites('leader')}")
        await lea.taps("Jeg er med")
        await lea.says("/leder")
        await lea.taps("Roller")
        assert lea.phone.buttons == ["Tildel en rolle", "Tilbage"]


# --- another process --------------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", CHANNELS)
async def test_a_link_to_another_process_leads_there_and_gives_nothing_here(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="borger") as town:
        now = int(town.clock.now)

        def elsewhere(tx: Tx) -> str:
            file = town.runtime.process_host.plan(tx).file.model_copy(update={"process": "nabo"})
            there = process_file.save(tx, file, shipped_flows(file), now)
            return invitations.make(tx, there, Role.LEADER, now)

        code = await town.runtime.database.write(elsewhere)
        anna = await known(town, "Anna")
        await comes_by(anna, code)
        await anna.taps("Jeg er med")  # to that municipality's notice
        assert town.rows(
            """SELECT key, role FROM roles JOIN people ON people.id = person_id
               JOIN processes ON processes.id = process_id"""
        ) == [("nabo", "leader")]
        await anna.says("/start eksempel")
        anna.sees()
        await anna.says("/vejret")
        unknown = await said_to(anna)
        await anna.says("/leder")
        assert await said_to(anna) == unknown


# --- shown once -------------------------------------------------------------------------------------------


async def test_a_secret_link_is_shown_once_and_no_tap_or_command_brings_it_back(found: Found) -> None:
    async with found(steps="borger", pages=True) as town:
        town.public.add("Ældrerådet")
        lea = town.person("Lea")
        await lea.says(f"/start {await town.invites('leader')}")
        await lea.taps("Jeg er med")
        await make(town, lambda tx, process, now: register.add(tx, process, "Ældrerådet", "by-hand", now, kind="raad"))
        await lea.says("/leder")
        for label in ("Interessentlisten", "Se hele listen", "Ældrerådet", "Lav et personligt link"):
            await lea.taps(label)
        shown = [str(seen) for seen in lea.phone.sees() if "Linket kan bruges én gang og vises kun nu." in str(seen)]
        [code] = set(re.findall(r"i-[\w-]{22}", shown[0]))
        assert f"{town.home}/i/{code}" in shown[0] and f"?start={code}" in shown[0]
        assert [seen.document for seen in lea.phone.sees() if seen.document] == ["besyv-qr.svg"]
        lea.sees()
        await lea.taps("Tilbage")  # as a message of its own: what stands above is not drawn over
        for command in ("/leder", "/start", "/fortsaet"):
            await lea.says(command)
        await lea.says("/leder")
        for label in ("Links og plakater", "Ældrerådet · personligt, ikke brugt"):
            await lea.taps(label)
        assert "Linket er ikke gemt og kan ikke vises igen" in lea.phone.last.text
        assert code not in "\n".join(lea.sees())
        assert code in "\n".join(map(str, lea.phone.sees()))

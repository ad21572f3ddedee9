"""Whom of the register somebody speaks for: asked once, of the likely ones, and nobody has to say."""

from __future__ import annotations

import json
from functools import partial

import pytest

from bot.features.invitations import service as invitations
from bot.features.invitations.service import LinkPreset
from bot.texts import names
from storage import register
from storage.db import Tx
from storage.register import NewParty
from tests.support.chat import Found, OnTelegram, Town
from tests.support.pages import OnPages

OPEN = "dialog_frivillige"
WHICH = "Hvem svarer I for?"
NEITHER = "Ingen af dem, eller vil ikke oplyse det"
NOT_US = "Nej, eller vil ikke oplyse det"
Somebody = OnTelegram | OnPages


@pytest.fixture(params=["telegram", "web"])
def channel(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def _listed(town: Town, *listed: str, size: str | None = None) -> list[int]:
    """Entries of the register, by name."""

    def put(tx: Tx) -> list[int]:
        process, now = town.runtime.process_host.plan(tx).process_id, int(town.clock.now)
        new = [
            NewParty(name=name, folded=names.folded(name), kind="forening", source="by-hand", size=size)
            for name in listed
        ]
        return [register.put(tx, process, one, now) for one in new]

    town.public.update(listed)
    return await town.runtime.database.write(put)


async def _comes(town: Town, name: str, *told: str, by: str = "") -> Somebody:
    somebody = town.somebody(name)
    assert isinstance(somebody, OnTelegram | OnPages)
    await somebody.says(f"/start {by}".strip())
    await somebody.taps("Jeg er med")
    for act in told:
        await (somebody.says(act[2:]) if act.startswith("> ") else somebody.taps(act))
    return somebody


def _look(somebody: Somebody) -> str:
    return "\n\n".join(somebody.sees())


def _buttons(somebody: Somebody) -> list[str]:
    if isinstance(somebody, OnTelegram):
        return somebody.phone.buttons
    assert somebody.page is not None
    return [button.label for button in somebody.page.buttons()]


def _association(called: str) -> tuple[str, ...]:
    return ("Forening", f"> {called}", "Idræt", "Nordby", "Nej")


def _told(town: Town) -> list[tuple[object, ...]]:
    return town.rows("SELECT party_id, party_asked FROM capacities ORDER BY person_id")


async def test_who_writes_a_name_like_one_in_the_register_is_asked_once(found: Found, channel: str) -> None:
    async with found(channel=channel, steps=OPEN) as town:
        number, *_ = await _listed(town, "Nordby Idrætsforening", "Nordby Håndboldforening", "Ældrerådet")
        karl = await _comes(town, "Karl", *_association("Nordby idraetsforening"))
        shown = _look(karl)
        assert WHICH in shown and "Det er frivilligt at oplyse det." in shown
        assert _buttons(karl)[0] == "Nordby Idrætsforening" and "Ældrerådet" not in _buttons(karl)
        await karl.taps("Nordby Idrætsforening")
        assert "1 af 7" in (begun := _look(karl)) and "rettet" not in begun
        assert _told(town) == [(number, 1)]
        await karl.says("/start")
        assert WHICH not in _look(karl)


async def test_they_may_decline_and_are_not_asked_again(found: Found, channel: str) -> None:
    async with found(channel=channel, steps=OPEN) as town:
        await _listed(town, "Nordby Idrætsforening")
        karl = await _comes(town, "Karl", *_association("Nordby Idrætsforening"))
        assert _buttons(karl) == ["Nordby Idrætsforening", NOT_US]
        await karl.taps(NOT_US)
        assert "1 af 7" in _look(karl)
        assert _told(town) == [(None, 1)]
        await karl.says("/start")
        assert WHICH not in _look(karl)


@pytest.mark.parametrize(
    "told",
    [
        _association("Skakklubben"),
        ("Forening", "Vil ikke sige det", "Idræt", "Nordby", "Nej"),
        ("Frivillig", "Idræt", "Nordby", "Nej"),
    ],
)
async def test_nobody_is_asked_without_a_likely_entry(found: Found, told: tuple[str, ...]) -> None:
    async with found(steps=OPEN) as town:
        await _listed(town, "Nordby Idrætsforening")
        karl = await _comes(town, "Karl", *told)
        assert "1 af 7" in _look(karl)
        assert _told(town) == [(None, 0)]


async def test_without_a_register_nobody_is_asked(found: Found, channel: str) -> None:
    async with found(channel=channel, steps=OPEN) as town:
        karl = await _comes(town, "Karl", *_association("Nordby Idrætsforening"))
        assert "1 af 7" in _look(karl)


async def _personal(town: Town, party: int) -> str:
    def make(tx: Tx) -> str:
        process = town.runtime.process_host.plan(tx).process_id
        return invitations.make_personal(tx, process, LinkPreset(party_id=party), int(town.clock.now))

    code = await town.runtime.database.write(make)
    town.said.append(code)
    return code


@pytest.mark.parametrize("told", [("Frivillig", "Idræt", "Nordby", "Nej"), _association("Noget helt andet")])
async def test_a_personal_link_asks_about_its_entry_whatever_one_answers_as(
    found: Found, channel: str, told: tuple[str, ...]
) -> None:
    async with found(channel=channel, steps=OPEN) as town:
        _, number = await _listed(town, "Noget andet", "Ældrerådet")
        anna = await _comes(town, "Anna", *told, by=await _personal(town, number))
        assert _buttons(anna) == ["Ældrerådet", NOT_US]
        await anna.taps("Ældrerådet")
        assert _told(town) == [(number, 1)]


async def test_a_personal_link_asks_who_came_by_another_way_before(found: Found) -> None:
    async with found(steps=OPEN) as town:
        [number] = await _listed(town, "Ældrerådet")

        def campaign(tx: Tx) -> str:
            process = town.runtime.process_host.plan(tx).process_id
            return invitations.make_campaign(tx, process, LinkPreset(), int(town.clock.now)).code

        code = await town.runtime.database.write(campaign)
        town.public.add(code)
        anna = await _comes(town, "Anna", "Frivillig", "Idræt", "Nordby", "Nej", by=code)
        _look(anna)
        await anna.says(f"/start {await _personal(town, number)}")
        assert _buttons(anna) == ["Ældrerådet", NOT_US]
        await anna.taps(NOT_US)
        await anna.says(f"/start {await _personal(town, number)}")
        assert "Ældrerådet" not in _buttons(anna)


async def test_a_button_means_the_entry_it_named_however_the_register_has_changed(found: Found, channel: str) -> None:
    async with found(channel=channel, steps=OPEN) as town:
        first, second = await _listed(town, "Nordby Håndboldklub", "Nordby Håndbold")
        karl = await _comes(town, "Karl", *_association("Nordby Håndbold"))
        assert set(_buttons(karl)) == {"Nordby Håndboldklub", "Nordby Håndbold", NEITHER}
        await _listed(town, "Nordby Håndbold og Gymnastik", "Aa Nordby Håndbold")
        await karl.taps("Nordby Håndbold")
        assert _told(town) == [(second, 1)]
        assert first != second


async def test_an_entry_that_is_gone_is_chosen_by_nobody(found: Found, channel: str) -> None:
    async with found(channel=channel, steps=OPEN) as town:
        first, second = await _listed(town, "Nordby Håndboldklub", "Nordby Håndbold")
        karl = await _comes(town, "Karl", *_association("Nordby Håndbold"))
        await town.runtime.database.write(partial(_removed, town=town, number=second))
        await karl.taps("Nordby Håndbold")
        assert _told(town) == [(None, 0)]
        await karl.taps("Nordby Håndboldklub")
        assert _told(town) == [(first, 1)]
        await town.runtime.database.write(partial(_removed, town=town, number=first))
        assert _told(town) == [(None, 1)]  # they speak for nobody, and answer on
        await karl.says("Flere borde")
        assert "Flere borde" in _look(karl)


def _removed(tx: Tx, *, town: Town, number: int) -> None:
    register.remove(tx, town.runtime.process_host.plan(tx).process_id, number)


async def test_the_size_is_the_registers_where_they_told_none(found: Found) -> None:
    async with found(steps=OPEN) as town:
        await _listed(town, "Nordby Håndbold", size="25-49")
        karl = await _comes(town, "Karl", *_association("Nordby Håndbold"))
        await karl.taps("Nordby Håndbold")
        assert town.rows("SELECT size FROM capacities") == [("25-49",)]
        for _ in range(3):
            await karl.taps("Spring over")
        await karl.taps("100 eller flere")
        assert town.rows("SELECT size FROM capacities") != [("25-49",)]


async def test_mine_tells_whom_one_speaks_for(found: Found) -> None:
    async with found(steps=OPEN) as town:
        await _listed(town, "Nordby Håndbold")
        karl = await _comes(town, "Karl", *_association("Nordby Håndbold"))
        await karl.taps("Nordby Håndbold")
        await karl.says("/mine")
        assert isinstance(karl, OnTelegram)
        assert json.loads(karl.phone.document)["speaks_for"] == "Nordby Håndbold"


async def test_who_answers_as_somebody_else_speaks_for_nobody_until_asked_again(found: Found, channel: str) -> None:
    async with found(channel=channel, steps=OPEN) as town:
        [number] = await _listed(town, "Nordby Håndbold")
        karl = await _comes(town, "Karl", *_association("Nordby Håndbold"))
        await karl.taps("Nordby Håndbold")
        await karl.says("/rolle")
        await karl.taps("Jeg valgte forkert")
        await karl.taps("Forening")  # the same again changes nothing
        assert _told(town) == [(number, 1)]
        await karl.says("/rolle")
        await karl.taps("Jeg valgte forkert")
        await karl.taps("Frivillig")
        assert _told(town) == [(None, 0)]
        await karl.says("/rolle")
        await karl.taps("Jeg valgte forkert")
        await karl.taps("Forening")
        assert _buttons(karl)[:1] == ["Nordby Håndbold"]
        await karl.taps("Nordby Håndbold")
        assert _told(town) == [(number, 1)]

"""Nothing is filled in unsaid: what a link tells of who comes by it is said when it is used, corrected by a button,
kept as coming from the link, and exported without a wording that nobody was shown."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from bot.features.invitations import service as invitations
from bot.features.invitations.service import LinkPreset
from reports import answers as export
from storage.db import Tx, connect
from storage.encryption import Keyring
from tests.support.cast import said_to
from tests.support.chat import Found, OnTelegram, Town
from tests.support.pages import OnPages

T = TypeVar("T")
Somebody = OnTelegram | OnPages
AS_VOLUNTEER = "Du svarer som: Frivillig, fordi linket hører til den gruppe."
AS_ASSOCIATION = "I svarer som: Forening, fordi linket hører til den gruppe."
FOR_HAVNEN = "Dit lokalområde er sat til Havnen, fordi linket hører til Havnen."
GIVEN = "SELECT question, channel, asked <> '', open, revision FROM answers ORDER BY question"


@pytest.fixture(params=["telegram", "web"])
def channel(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def make(town: Town, act: Callable[[Tx, int, int], T]) -> T:
    process = town.runtime.process_host
    return await town.runtime.database.write(lambda tx: act(tx, process.plan(tx).process_id, int(town.clock.now)))


async def link(town: Town, to: LinkPreset) -> str:
    made = await make(town, lambda tx, process, now: invitations.make_campaign(tx, process, to, now))
    town.public.add(made.code)
    return made.code


async def comes(town: Town, name: str, by: str) -> tuple[Somebody, str]:
    somebody = town.somebody(name)
    assert isinstance(somebody, OnTelegram | OnPages)
    await somebody.says(f"/start {by}")
    await somebody.taps("Jeg er med")
    return somebody, await looks(somebody)


async def looks(somebody: Somebody) -> str:
    return (await said_to(somebody))[1]


def corrections(somebody: Somebody) -> list[str]:
    """Buttons on Telegram, links on a page."""
    if isinstance(somebody, OnTelegram):
        labels = somebody.phone.buttons
    else:
        page = somebody.page
        assert page is not None
        labels = [link.label for each in page.find(".//*[@class='aside']", page.main) for link in page.links(each)]
    return [label for label in labels if label.startswith(("Ret ", "Change "))]


async def does(somebody: Somebody, *acts: str) -> str:
    """What they see at the end."""
    for act in acts:
        somebody.sees()
        await (somebody.says(act[2:]) if act.startswith("> ") else somebody.taps(act))
    return await looks(somebody)


async def exported(town: Town, folder: Path) -> list[dict[str, str]]:
    """The rows of the CSV, as Excel reads them."""
    with connect(town.folder / "besyv.db") as connection:
        keys = Keyring.open_or_create(town.folder / "besyv.key")
        out = folder / "svar.csv"
        export.export_answers(connection, keys, "eksempel", out, "csv")
    return list(csv.DictReader(io.StringIO(out.read_text("utf-8-sig"), newline=""), delimiter=";"))


# --- said ------------------------------------------------------------------------------------------------


async def test_what_a_link_fills_in_is_said_with_a_button_that_corrects_it(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="linjer") as town:
        anna, told = await comes(town, "Anna", await link(town, LinkPreset(None, "frivillig", "havnen")))
        assert told.index("Hvilket område er du mest aktiv i som frivillig?") < told.index(AS_VOLUNTEER)
        assert corrections(anna) == ["Ret gruppen"]
        told = await does(anna, "Idræt")
        assert told.index("Må vi sende dig beskeder") < told.index(FOR_HAVNEN)
        assert AS_VOLUNTEER not in told and corrections(anna) == ["Ret stedet"]


async def test_all_that_a_link_filled_in_at_once_is_said_at_once(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="borger") as town:
        anna, told = await comes(town, "Anna", await link(town, LinkPreset(None, "borger", "havnen")))
        assert "Må vi sende dig beskeder" in told
        assert "Du svarer som: Borger, fordi linket hører til den gruppe." in told and FOR_HAVNEN in told
        assert corrections(anna) == ["Ret gruppen", "Ret stedet"]


async def test_it_is_said_again_when_the_question_is_shown_again(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="linjer") as town:
        anna, told = await comes(town, "Anna", await link(town, LinkPreset(None, "frivillig", "havnen")))
        assert AS_VOLUNTEER in told
        assert AS_VOLUNTEER in await does(anna, "> /fortsaet")
        assert FOR_HAVNEN in await does(anna, "Idræt", "> /fortsaet")


async def test_it_is_said_in_english_to_who_reads_english(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="linjer") as town:
        code = await link(town, LinkPreset(None, "frivillig", "havnen"))
        tom = town.somebody("Tom", "en")
        await tom.says(f"/start {code}")
        await tom.taps("I want to join")
        told = (await said_to(tom))[1]
        assert isinstance(tom, OnTelegram | OnPages) and corrections(tom) == ["Change the group"]
        assert "You are answering as: Volunteer, because the link is for that group." in told
        told = await does(tom, "Sport")
        assert "Your local area is set to The harbour, because the link belongs to The harbour." in told
        assert corrections(tom) == ["Change the place"]


async def test_a_place_alone_is_filled_in_when_it_is_known_who_answers(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="linjer") as town:
        code = await link(town, LinkPreset(area="havnen"))
        anna, told = await comes(town, "Anna", code)
        assert "Hvem svarer du som?" in told and FOR_HAVNEN not in told
        told = await does(anna, "Frivillig", "Idræt")
        assert FOR_HAVNEN in told and AS_VOLUNTEER not in told and corrections(anna) == ["Ret stedet"]
        await does(anna, "Ja")
        assert town.rows("SELECT stakeholder, area FROM capacities") == [("frivillig", "havnen")]


async def test_who_is_asked_for_no_place_is_given_none(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="linjer") as town:
        anna, _ = await comes(town, "Anna", await link(town, LinkPreset(area="havnen")))
        assert FOR_HAVNEN not in await does(anna, "Ansat i kommunen")
        assert town.rows("SELECT stakeholder, area FROM capacities") == [("ansat", None)]
        assert town.rows("SELECT question FROM answers") == [("S1",)]


# --- corrected --------------------------------------------------------------------------------------------


async def test_what_a_link_filled_in_is_corrected_by_its_button(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="linjer") as town:
        anna, _ = await comes(town, "Anna", await link(town, LinkPreset(None, "frivillig", "havnen")))
        told = await does(anna, "Ret gruppen")
        assert "Hvem svarer du som?" in told and AS_VOLUNTEER not in told
        told = await does(anna, "Frivillig", "Idræt", "Ret stedet")
        assert "Hvilket lokalområde hører du mest til?" in told
        assert FOR_HAVNEN not in await does(anna, "Nordby")
        assert town.rows("SELECT stakeholder, area FROM capacities") == [("frivillig", "nordby")]
        assert town.rows(GIVEN) == [("S1", channel, 1, 0, 1), ("S3", channel, 1, 0, 1), ("S6", channel, 1, 0, 2)]


async def test_what_was_looked_at_and_left_as_it_is_is_ones_own_answer(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="linjer") as town:
        anna, _ = await comes(town, "Anna", await link(town, LinkPreset(None, "frivillig", "havnen")))
        await does(anna, "Ret gruppen", "Frivillig")
        assert town.rows(GIVEN) == [("S1", channel, 1, 0, 1)]
        assert AS_VOLUNTEER not in await does(anna, "> /fortsaet")


async def test_in_another_capacity_a_link_fills_in_nothing(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="linjer") as town:
        anna, _ = await comes(town, "Anna", await link(town, LinkPreset(None, "frivillig", "havnen")))
        await does(anna, "Idræt", "Ja", "☐ Ældre", "Færdig", "Spring over", "Spring over", "Spring over", "Send")
        told = await does(anna, "> /rolle", "Svar som en anden", "Borger")
        assert "Hvilket lokalområde hører du mest til?" in told


async def test_the_buttons_of_what_a_link_filled_in_reach_nothing_else(found: Found) -> None:
    async with found(steps="linjer") as town:
        bo, _ = await comes(town, "Bo", "")
        await does(bo, "Frivillig")
        before = town.rows("SELECT question, open FROM answers")
        assert isinstance(bo, OnTelegram)
        await bo.forges(f"1:{town.rows('SELECT number FROM prompts')[0][0]}:0:e0")
        assert town.rows("SELECT question, open FROM answers") == before


# --- exported ---------------------------------------------------------------------------------------------


async def test_the_export_shows_no_wording_that_was_not_shown(found: Found, channel: str, tmp_path: Path) -> None:
    async with found(channel=channel, steps="linjer") as town:
        seen: dict[str, str] = {}
        for name, to in (("Anna", LinkPreset(None, "forening", "havnen")), ("Bo", LinkPreset(area="nordby"))):
            somebody, told = await comes(town, name, await link(town, to))
            for act in (*(("Frivillig",) if name == "Bo" else ("> Koret",)), "Kultur og fritid", "Ja"):
                told += await does(somebody, act)
            seen[name] = told
        ida = town.somebody("Ida")
        assert isinstance(ida, OnTelegram | OnPages)
        await does(ida, f"> /start {await town.invites('facilitator')}", "Jeg er med")
        told = ""
        for act in ("> /leder", "Indtast svar for andre", "Indtast nye svar", "Papir", STEP, "Frivillig", "Én person"):
            told += await does(ida, act)
        for act in ("Idræt", "Havnen"):
            told += await does(ida, act)
        seen["Ida's entry"] = told
        rows = await exported(town, tmp_path)
        people = list(dict.fromkeys(row["participant"] for row in rows))
        assert len(people) == 3
        for participant, (name, told) in zip(people, seen.items(), strict=True):
            asked = [row["asked"] for row in rows if row["participant"] == participant and row["asked"]]
            assert asked and [each for each in asked if each not in told] == [], name
        by_link = {(row["question"], row["asked"], row["channel"]) for row in rows if row["channel"] == "link"}
        assert by_link == {("S1", "", "link"), ("S6", "", "link")}


STEP = "Trin 2. Input til de overordnede linjer"


async def test_mine_says_what_the_link_filled_in(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="linjer") as town:
        anna, _ = await comes(town, "Anna", await link(town, LinkPreset(None, "frivillig", "havnen")))
        told = await does(anna, "Idræt", "Nej", "> /mine")
        assert "– Udfyldt af det link, du kom med\n→ Havnen" in told


# --- the message to those who are missing -----------------------------------------------------------------


async def test_the_message_for_those_who_are_missing_fills_nothing_in_for_them(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="linjer") as town:
        lea, _ = await comes(town, "Lea", await town.invites("leader"))
        town.public.add("Koret")
        await does(lea, "> /leder", "Interessentlisten", "Tilføj en forening eller et råd", "> Koret")
        codes = [
            await link(town, to) for to in (LinkPreset(), LinkPreset(stakeholder="forening"), LinkPreset(area="havnen"))
        ]
        told = await does(lea, "> /leder", "Hvem mangler at svare?")
        assert [code in told for code in codes] == [True, False, False]
        await make(town, lambda tx, process, now: invitations.revoke(tx, process, 2, now))
        told = await does(lea, "> /leder", "Hvem mangler at svare?")
        assert [code in told for code in codes] == [False, False, False]  # the front page

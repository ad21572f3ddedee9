"""What the project leader and the steering group may do, and what everybody else is told when they try."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from tests.support.answers_file import by_column
from tests.support.chat import Found, OnTelegram, Town, play, read


async def _leader(town: Town, name: str = "Lea") -> OnTelegram:
    """Came by a leader's link, and said yes; answers nothing."""
    return await _with_role(town, "leader", name)


async def _with_role(town: Town, role: str, name: str) -> OnTelegram:
    person = town.person(name)
    await person.says(f"/start {await town.invites(role)}")
    await person.taps("Jeg er med")
    return person


async def _answered(town: Town) -> OnTelegram:
    await play(town, read("frivillig-plan"))
    return town.person()


async def test_the_leader_takes_all_answers_out_as_csv_but_nothing_that_is_kept_apart(found: Found) -> None:
    async with found(steps="plan") as town:
        await _answered(town)
        lea = await _leader(town)
        lea.sees()
        await lea.says("/eksport csv")

        making, done, file = lea.sees()
        assert making == "Filen bliver lavet. Det tager lidt tid."
        assert done == (
            "Her er besyv-eksempel.csv med 10 rækker. Svarene er fortrolige. "
            "Gem filen et sikkert sted, og slet den her i chatten bagefter."
        )
        assert file == "<besyv-eksempel.csv>"
        rows = by_column(lea.phone.document.decode())
        assert [row["question"] for row in rows] == ["P1", "P2", "P3", "P4", "P5", "X1", "S1", "S3", "S6", "S7"]
        told = {row["question"]: row for row in rows}
        assert told["P4"]["text"] == "Møde om aftenen, Svare på mobil eller computer"
        assert told["P4"]["status"] == "Sendt"
        assert told["X1"]["text"] == "Tak, fordi I spørger."
        assert {row["participant"] for row in rows} == {
            pseudonym
            for (pseudonym,) in town.rows(
                "SELECT pseudonym FROM people JOIN capacities ON person_id = people.id WHERE stakeholder = 'frivillig'"
            )
        }
        assert "Anna" not in lea.phone.document.decode()


async def test_the_leader_takes_all_answers_out_as_json_lines(found: Found) -> None:
    async with found(steps="plan") as town:
        await _answered(town)
        lea = await _leader(town)
        await lea.says("/eksport jsonl")
        rows: list[Any] = [json.loads(line) for line in lea.phone.document.splitlines()]
        assert {row["question"]: row["value"] for row in rows}["P4"] == ["moede_aften", "mobil"]


async def test_every_look_at_others_answers_is_in_the_audit_log(found: Found) -> None:
    async with found(steps="plan") as town:
        lea = await _leader(town)
        await lea.says("/status")
        await lea.says("/eksport csv")
        await lea.says("/eksport xlsx")
        [(pseudonym,)] = town.rows("SELECT pseudonym FROM people")
        assert town.rows("SELECT actor, action, detail FROM audit ORDER BY id") == [
            ("operator", "invite", "leader"),
            (pseudonym, "role-granted", "leader"),
            (pseudonym, "coverage", ""),
            (pseudonym, "export", "csv"),
            (pseudonym, "export-made", f"csv 0 {hashlib.sha256(lea.phone.document).hexdigest()}"),
        ]


async def test_the_menu_opens_after_the_yes_to_the_notice_and_says_the_role(found: Found) -> None:
    async with found(steps="plan") as town:
        lea = town.person("Lea")
        await lea.says(f"/start {await town.invites('leader')}")
        await lea.says("/leder")
        assert lea.phone.buttons == ["Jeg er med", "Læs om dine oplysninger", "English"]
        await lea.taps("Jeg er med")
        await lea.says("/leder")
        assert "Du er her som: " in lea.phone.last.text
        assert lea.phone.buttons == [
            "Hvor mange har svaret?",
            "Hvem mangler at svare?",
            "Uenighed om indstilling",
            "Gode råd fra guiden",
            "Links og plakater",
            "Interessentlisten",
            "Åbn og luk trin",
            "Lav spørgsmål af forslag",
            "Møder",
            "Send besked til mange",
            "Beskeder og påmindelser",
            "Høringssvar",
            "Indsigelser",
            "Kontakter",
            "Indtast svar for andre",
            "Del et link",
            "Eksportér svar",
            "Roller",
            "Ugens overblik",
            "Adgangslog",
        ]


@pytest.mark.parametrize("role", ["leader", "deputy", "steering"])
@pytest.mark.parametrize("command", ["/status", "/daekning", "/dækning"])
async def test_how_it_goes_is_told_with_a_picture(found: Found, role: str, command: str) -> None:
    async with found(steps="plan") as town:
        await _answered(town)
        person = await _with_role(town, role, "Lea")
        person.sees()
        await person.says(command)
        told, picture = person.sees()
        assert told.startswith("Hvor mange har svaret?\n\nDeltagere i alt: ")
        assert "Trin 1. Læg en plan: " in told
        assert ("i spring på 5." in told) is (role == "steering")
        assert picture  # what it shows, in words
        assert person.phone.document.startswith(b"\x89PNG")


async def test_to_everyone_else_the_leaders_commands_do_not_exist(found: Found) -> None:
    async with found(steps="plan") as town:
        await _answered(town)
        sten, nora = await _with_role(town, "steering", "Sten"), town.person("Nora")
        await nora.says("/start")
        await nora.taps("Jeg er med")
        for person in (nora, sten):
            person.sees()
        await nora.says("/vejret")
        unknown = nora.sees()
        for command in ("/eksport csv", "/status", "/daekning", "/leder"):
            await nora.says(command)
            assert (command, nora.sees()) == (command, unknown)
        await sten.says("/eksport csv")
        assert sten.sees() == unknown


async def test_a_role_shows_its_commands_in_the_holders_menu_alone(found: Found) -> None:
    async with found(steps="plan") as town:
        lea, sten = await _leader(town), await _with_role(town, "steering", "Sten")
        nora = town.person("Nora")
        await nora.says("/start")
        assert _menu(town, lea)[:3] == ["leder", "daekning", "eksport"]
        assert _menu(town, sten)[:3] == ["leder", "daekning", "fortsaet"]
        assert _menu(town, nora) == []


def _menu(town: Town, person: OnTelegram) -> list[str]:
    """The commands set for this one chat."""
    listed: list[str] = []
    for (scope, _), commands in town.api.world.commands.items():
        if str(person.phone.id) in scope:
            listed += [command["command"] for command in commands]
    return listed

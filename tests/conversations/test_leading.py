"""What the project leader and the steering group may do, and what everybody else is told when they try."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from tests.chat import OnTelegram, Town, play, read
from tests.conftest import Found


async def _leader(town: Town, name: str = "Lea") -> OnTelegram:
    """Came by a leader's link; answers nothing."""
    lea = town.person(name)
    await lea.says(f"/start {await town.invites('leader')}")
    return lea


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
        assert making == "Jeg laver filen. Det tager lidt tid."
        assert done == (
            "Her er besyv-eksempel.csv med 10 rækker. Svarene er fortrolige. "
            "Gem filen et sikkert sted, og slet den her bagefter."
        )
        assert file == "<besyv-eksempel.csv>"
        rows = _of_csv(lea.phone.document)
        assert [row["question"] for row in rows] == ["P1", "P2", "P3", "P4", "P5", "X1", "S1", "S3", "S6", "S7"]
        told = {row["question"]: row for row in rows}
        assert told["P4"]["text"] == "Møde om aftenen, Svare på mobilen"
        assert told["P4"]["status"] == "sent"
        assert told["X1"]["text"] == "Tak, fordi I spørger."
        assert {row["participant"] for row in rows} == {
            pseudonym for (pseudonym,) in town.rows("SELECT pseudonym FROM people WHERE stakeholder = 'frivillig'")
        }
        assert "Anna" not in lea.phone.document.decode()


def _of_csv(content: bytes) -> list[dict[str, str]]:
    text = content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";" if ";" in text.splitlines()[0] else ","))


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
            (pseudonym, "status", ""),
            (pseudonym, "export", "csv"),
        ]


async def test_to_everyone_else_the_leaders_commands_do_not_exist(found: Found) -> None:
    async with found(steps="plan") as town:
        await _answered(town)
        nora, sten = town.person("Nora"), town.person("Sten")
        await nora.says("/start")
        await sten.says(f"/start {await town.invites('steering')}")
        for person in (nora, sten):
            person.sees()
        await nora.says("/vejret")
        unknown = nora.sees()
        await nora.says("/eksport csv")
        assert nora.sees() == unknown
        await nora.says("/status")
        assert nora.sees() == unknown
        await sten.says("/eksport csv")
        assert sten.sees() == unknown
        await sten.says("/status")
        assert "Trin 1: Læg en plan: 1 begyndt, 1 sendt" in sten.sees()[0]


async def test_a_role_shows_its_commands_in_the_holders_menu_alone(found: Found) -> None:
    async with found(steps="plan") as town:
        lea, nora = await _leader(town), town.person("Nora")
        await nora.says("/start")
        assert _menu(town, lea)[:2] == ["status", "eksport"]
        assert _menu(town, nora) == []


def _menu(town: Town, person: OnTelegram) -> list[str]:
    """The commands set for this one chat."""
    listed: list[str] = []
    for (scope, _), commands in town.api.world.commands.items():
        if str(person.phone.id) in scope:
            listed += [command["command"] for command in commands]
    return listed

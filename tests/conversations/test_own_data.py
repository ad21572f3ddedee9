"""What is held about a person: nothing they were told is not kept, all of it on request, none of it afterwards."""

from __future__ import annotations

import json
from typing import Any

from tests.support import older_questions
from tests.support.chat import Found, OnTelegram, Town, play, read
from tests.support.danish_time import local
from tests.support.visitors import opened

CPR = ("010203-1234", "0102031234")


async def _walked(town: Town, name: str) -> OnTelegram:
    await play(town, read(name))
    return town.person()


def _mine(anna: OnTelegram) -> Any:
    return json.loads(anna.phone.document)


async def test_a_cpr_number_lies_nowhere_in_the_files_of_the_database(found: Found) -> None:
    async with found(steps="dialog_frivillige") as town:
        anna = await _walked(town, "cpr")
        await anna.says("/mine")
        everything = json.dumps(_mine(anna), ensure_ascii=False)
        await town.down()
        disk = town.on_disk()
        for number in CPR:
            assert number not in everything
            assert number.encode() not in disk
        assert town.rows("SELECT count(*) FROM inbox WHERE payload IS NOT NULL") == [(0,)]
        await town.up()


async def test_mine_is_everything_that_the_tables_hold_about_the_person(found: Found) -> None:
    async with found(steps="plan") as town:
        anna = await _walked(town, "frivillig-plan")
        await anna.says("/mine")
        mine = _mine(anna)

        [person], [capacity] = _table(town, "people"), _table(town, "capacities")
        del person["created_at"], person["key_id"], person["counted_in"], capacity["person_id"]
        asked = {"capacity_id": capacity.pop("id"), "party_asked": capacity.pop("party_asked")}
        assert mine["answers_as"] == [{"id": asked["capacity_id"], **capacity}]
        del capacity["in_use"], capacity["party_by"]
        assert mine["person"] == {**person, **asked, **capacity}
        assert [row["address"] for row in mine["addresses"]] == [str(anna.phone.id)]
        assert mine["roles"] == []
        assert [(run["flow"], len(run["answers"])) for run in mine["runs"]] == [("start", 4), ("plan", 7)]
        told = {answer["question"]: answer for run in mine["runs"] for answer in run["answers"]}
        assert told["P2"]["text"] == "Ring til formanden\nSpørg på Facebook"
        assert told["P6"]["text"] == "Anna Andersen, anna@havnen.example"
        assert [question for question, answer in told.items() if answer["kept_apart"]] == ["P6"]
        held = town.rows("SELECT question FROM answers UNION ALL SELECT question FROM answers_apart")
        assert sorted(told) == sorted(question for (question,) in held)


def _table(town: Town, name: str) -> list[dict[str, Any]]:
    columns = [column for _, column, *_ in town.rows(f"PRAGMA table_xinfo ({name})")]  # what is worked out too
    return [dict(zip(columns, row, strict=True)) for row in town.rows(f"SELECT * FROM {name} ORDER BY id")]


async def test_what_was_answered_in_another_capacity_is_there_too(found: Found) -> None:
    async with found(steps="plan, dialog_frivillige") as town:
        anna = await _walked(town, "role-second")
        await anna.says("/mine")
        mine = _mine(anna)
        assert [(each["stakeholder"], each["area"], each["in_use"]) for each in mine["answers_as"]] == [
            ("frivillig", "havnen", 0),
            ("forening", "nordby", 1),
        ]
        told = [
            (run["flow"], run["stakeholder"], run["sent_at"] is not None, len(run["answers"])) for run in mine["runs"]
        ]
        assert told == [
            ("start", "frivillig", True, 4),
            ("dialog_frivillige", "frivillig", True, 7),
            ("start", "forening", True, 4),
            ("dialog_frivillige", "forening", False, 1),
            ("plan", "frivillig", False, 0),
        ]


async def test_an_edited_message_keeps_what_it_said_before(found: Found) -> None:
    async with found(steps="dialog_frivillige") as town:
        anna = await _walked(town, "edited-messages")
        await anna.says("/mine")
        [_, dialogue] = _mine(anna)["runs"]
        assert [(old["question"], old["revision"], old["text"]) for old in dialogue["earlier"]] == [
            ("D1", 1, "Nye mål"),
            ("D3", 1, "En løbedag"),
            ("D4", 1, "Skriv det kort."),
        ]
        assert {answer["question"]: answer["revision"] for answer in dialogue["answers"]}["D4"] == 2


async def test_deleting_leaves_no_row_of_the_person_in_any_table(found: Found) -> None:
    async with found(steps="plan") as town:
        anna = await _walked(town, "frivillig-plan")
        [(pseudonym,)] = town.rows("SELECT pseudonym FROM people")
        bo = town.person("Bo")
        await bo.says("/start")
        before = _rows_by_table(town)
        assert all(before[table] for table in ("people", "addresses", "runs", "answers", "answers_apart", "prompts"))

        await anna.says("/slet")
        await anna.taps("Ja, slet alt")

        left = _rows_by_table(town)
        assert {table: len(left[table]) for table in _OF_PEOPLE} == {
            **dict.fromkeys(_OF_PEOPLE, 0),
            "people": 1,
            "addresses": 1,
            "prompts": 1,
        }
        for table, rows in left.items():
            assert str(anna.phone.id) not in str(rows), table
            assert pseudonym not in str(rows), table
        assert await _nothing_about(town, anna)


_OF_PEOPLE = ("people", "addresses", "roles", "runs", "answers", "answer_history", "answers_apart", "prompts")


def _rows_by_table(town: Town) -> dict[str, list[tuple[Any, ...]]]:
    tables = [name for (name,) in town.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {table: town.rows(f"SELECT * FROM {table}") for table in tables}


async def _nothing_about(town: Town, anna: OnTelegram) -> bool:
    """Asked for what is held, the bot greets a stranger."""
    await anna.says("/mine")
    return anna.phone.last.labels == ["Jeg er med", "Læs om dine oplysninger", "English"]


async def test_someone_who_never_says_yes_is_forgotten_after_a_month(town: Town) -> None:
    anna, bo = town.person("Anna"), town.person("Bo")
    await anna.says("/start")
    await bo.says("/start")
    await bo.taps("Jeg er med")
    await bo.taps("Borger")
    await town.wait(29 * 86400)
    assert town.rows("SELECT count(*) FROM people") == [(2,)]
    await town.wait(2 * 86400)
    assert [address for (address,) in town.rows("SELECT address FROM addresses")] == [str(bo.phone.id)]


async def test_everything_is_deleted_on_the_day_the_municipality_named(found: Found) -> None:
    async with found(steps="plan") as town:
        await _walked(town, "frivillig-plan")
        for moment, left in (("2031-05-03 12:00", 1), ("2031-05-31 23:59", 1), ("2031-06-01 00:00", 0)):
            await town.wait(local(moment) - int(town.clock.now))
            assert town.rows("SELECT count(*) FROM people") == [(left,)]
        assert town.rows("SELECT count(*) FROM answers") == [(0,)]


async def test_needs_told_for_a_meeting_are_deleted_when_its_step_closes(found: Found) -> None:
    async with found(steps="faelles_foer") as town:
        await older_questions.load(town, "faelles_foer")
        anna = town.person()
        await anna.says("/start")
        for label in (
            "Jeg er med",
            "Forening",
            "Vil ikke sige det",
            "Idræt",
            "Havnen",
            "Nej",
            "Ja",
            "Ja, gem det til mødet",
        ):
            await anna.taps(label)
        await anna.says("En rampe ved hoveddøren")
        await anna.taps("Send")
        assert town.rows("SELECT question FROM answers_apart ORDER BY id") == [("F12",), ("F10",)]
        await town.wait(150 * 86400)
        assert town.rows("SELECT question FROM answers_apart") == []
        assert town.rows("SELECT count(*) FROM answers WHERE question = 'F9'") == [(1,)]


async def test_the_whole_notice_is_behind_a_button_and_can_be_read_again_at_any_time_under_either_of_its_names(
    town: Town,
) -> None:
    anna = town.person()
    await anna.says("/start")
    [first] = anna.sees()
    assert first.count("• ") == 5 and "Hvem har ansvaret?" not in first
    await anna.taps("Læs om dine oplysninger")
    whole = "\n".join(seen for seen in anna.sees() if not seen.startswith("~"))  # the first message has no button left
    assert whole.index("Hvem har ansvaret?") < whole.index("Ja og nej") < whole.rindex("[Jeg er med]")
    await anna.taps("Jeg er med")  # under what was read last
    assert "Hvem svarer du som?" in "\n".join(anna.sees())
    await anna.says("/privatliv")
    again = "\n".join(anna.sees())
    assert again.split("Ja og nej")[0] == whole.split("Ja og nej")[0]
    await anna.says("/privacy")
    assert "\n".join(anna.sees()) == again


async def test_on_the_pages_the_whole_notice_unfolds_and_can_be_read_before_the_yes(found: Found) -> None:
    async with found(channel="web") as town:
        browser = opened(town)
        page = await browser.get("/")
        [folded] = page.find(".//details[summary='Læs om dine oplysninger']", page.main)
        whole = (await town.runtime.database.read(town.runtime.process_host.plan)).notice.whole("da", "web")
        assert [" ".join(each.text_content().split()) for each in folded.iterchildren("h2", "p")] == list(whole)
        assert "Hvem har ansvaret?" in (await browser.get("/privatliv")).sight().paragraphs
        assert town.rows("SELECT count(*) FROM people") == [(0,)]

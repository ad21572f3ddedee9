"""Groups, other people's buttons, and twice the same update: none of it changes anybody's answers."""

from __future__ import annotations

from functools import partial
from typing import Any

from tests.support.chat import Found, OnTelegram, Town


async def _at_the_second_question(town: Town, name: str) -> OnTelegram:
    person = town.person(name)
    await person.says("/start")
    await person.taps("Jeg er med")
    await person.taps("Frivillig")
    person.sees()
    return person


def _answers(town: Town) -> list[tuple[Any, ...]]:
    return town.rows("SELECT run_id, question, revision, content FROM answers ORDER BY id")


async def test_in_a_group_the_bot_shows_the_way_to_a_chat_of_ones_own_and_stores_nothing(town: Town) -> None:
    anna = await _at_the_second_question(town, "Anna")
    before = _answers(town)
    group = town.api.group("Styregruppen", added_by=anna.phone.user)
    for text in ("/start", "@besyv_lokal_bot hvad siger du?", "/eksport csv", "/slet"):
        await anna.does(partial(anna.phone.says_in_group, group, text))
        assert str(anna.phone.sees(group)[-1]) == (
            "Jeg svarer kun i private chats. Tryk her for at åbne en.\n[Åbn privat chat]"
        )
    assert anna.sees() == []
    assert _answers(town) == before
    assert town.rows("SELECT count(*) FROM people") == [(1,)]


async def test_a_tap_in_a_group_is_nobodys_answer(town: Town) -> None:
    anna = await _at_the_second_question(town, "Anna")
    group = town.api.group("Styregruppen")
    await anna.does(lambda: anna.phone.says_in_group(group, "/start"))
    before, shown = _answers(town), len(anna.phone.sees(group))
    message = town.api.messages(group)[-1]
    await anna.does(lambda: town.api.world.tap(anna.phone.user, message, "1:3:0:p0"))
    assert (_answers(town), len(anna.phone.sees(group)), anna.sees()) == (before, shown, [])


async def test_a_tap_on_another_persons_message_is_not_taken_for_them_nor_for_oneself(town: Town) -> None:
    anna, bo = await _at_the_second_question(town, "Anna"), await _at_the_second_question(town, "Bo")
    before = _answers(town)
    hers = anna.phone.last.raw
    data = hers["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    await bo.does(lambda: town.api.world.tap(bo.phone.user, hers, data))
    assert _answers(town) == before
    assert (anna.sees(), bo.sees()) == ([], [])


async def test_the_same_data_means_each_persons_own_question(town: Town) -> None:
    anna, bo = await _at_the_second_question(town, "Anna"), await _at_the_second_question(town, "Bo")
    number = town.rows("SELECT max(number) FROM prompts")[0][0]
    await town.runtime.database.write(lambda tx: tx.run("UPDATE prompts SET number = :number", number=number))
    [button] = anna.phone.last.raw["reply_markup"]["inline_keyboard"][0]
    _, _, what = button["callback_data"].split(":", 2)
    await bo.forges(f"1:{number}:{what}")
    assert [row[1] for row in _answers(town)] == ["S1", "S1", "S3"]
    assert anna.sees() == []


async def test_an_update_that_comes_twice_is_one_answer(found: Found) -> None:
    async with found(steps="dialog_frivillige") as town:
        anna = await _at_the_second_question(town, "Anna")
        for label in ("Idræt", "Nordby", "Nej"):
            await anna.taps(label)
        await town.down()
        anna.phone.says("En eneste idé")
        [update] = town.api.waiting_updates()
        await town.up()
        anna.sees()
        await anna.does(lambda: town.api.repeat_update(update))
        assert anna.sees() == []
        await anna.taps("Færdig")
        assert anna.sees()[0] == "~ ✓ 1 punkt er gemt"


async def test_what_was_written_while_the_bot_was_down_is_answered_in_order(found: Found) -> None:
    async with found(steps="dialog_frivillige") as town:
        anna = await _at_the_second_question(town, "Anna")
        for label in ("Idræt", "Nordby", "Nej"):
            await anna.taps(label)
        anna.sees()
        await town.down()
        for text in ("En", "To", "Tre"):
            town.clock.now += 7
            anna.phone.says(text)
        await town.up()
        assert "3 punkter er gemt\n• En\n• To\n• Tre" in anna.sees()[-1]

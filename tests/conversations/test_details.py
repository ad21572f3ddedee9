"""What tells of somebody's telephone, mail, illness or name is asked about before it is an answer: kept aside, sealed,
in no list, count or file, until one of two buttons is pressed, on whichever channel and however often one comes back.
"""

from __future__ import annotations

import json
from contextlib import closing

import pytest

from bot.flows import content
from bot.flows.schedule import DAY
from reports import answers as answers_file
from storage.db import connect
from storage.encryption import Keyring
from storage.export import open_reading
from storage.sealed_columns import ANSWER
from tests.support.chat import Found, InTerminal, OnTelegram, Somebody, Town
from tests.support.danish_time import local
from tests.support.pages import OnPages
from tests.support.people import comes_to, leads
from tests.support.visitors import at_step, entered, opened, sent

FIX, KEEP = "Ret", "Gem alligevel"
ASKED = "Skal svaret gemmes, som det er?"
PHONE, ILL, NAME, MAIL = "Ring 61 23 45 67", "Min mor har demens", "Spørg Hanne Mortensen", "Skriv til per@eksempel.dk"
HARMLESS, OTHER = "Mødes på biblioteket", "Og om aftenen"
FIRST, SECOND = "Hvad er vigtigt for dig i den måde", "Hvordan får vi både små og store foreninger med?"
AS_CITIZEN = "Hvem ville du gå til"  # the second question of a citizen
TOLD = ("Frivillig", "Idræt", "Nordby", "Ja")

everywhere = pytest.mark.parametrize("channel", ["telegram", "terminal", "web"])
in_chats = pytest.mark.parametrize("channel", ["telegram", "terminal"])


async def answers(town: Town, name: str = "Anna", by: str = "plan") -> Somebody:
    """At the first question of a step, in their own words."""
    anna = town.somebody(name)
    await anna.says(f"/start {by}")
    for label in ("Jeg er med", *TOLD):
        await anna.taps(label)
    anna.sees()
    return anna


async def says(anna: Somebody, text: str) -> str:
    await anna.says(text)
    return "\n".join(anna.sees())


async def taps(anna: Somebody, label: str) -> str:
    await anna.taps(label)
    return "\n".join(anna.sees())


def asks(shown: str) -> bool:
    """In the chat on a screen of its own, on a page at the field."""
    return ASKED in shown or "hvis svaret skal gemmes, som det er" in shown


def stored(town: Town, flow: str = "plan") -> dict[str, list[str]]:
    keys = Keyring.open_or_create(town.folder / "besyv.key")
    with closing(connect(town.folder / "besyv.db")) as connection:
        rows = connection.execute(
            """SELECT question, content, run_id, question, answers.revision FROM answers JOIN runs ON runs.id = run_id
               WHERE flow = ? ORDER BY answers.id""",
            (flow,),
        ).fetchall()
    return {
        question: [part.text for part in content.read(keys.open(ANSWER.at(*key), said)).parts]
        for question, said, *key in rows
    }


def held(town: Town) -> int:
    return int(town.rows("SELECT count(*) FROM held_words WHERE reason = 'details'")[0][0])


async def restarts(town: Town) -> None:
    await town.down()
    await town.up()


# --- asked, and what is pressed -----------------------------------------------------------------------------


@everywhere
@pytest.mark.parametrize("text", [PHONE, ILL, NAME, MAIL])
async def test_it_is_no_answer_before_it_is_said_that_it_is(found: Found, channel: str, text: str) -> None:
    async with found(steps="plan", channel=channel) as town:
        anna = await answers(town)
        assert asks(await says(anna, text))
        assert (stored(town), held(town)) == ({}, 1)
        assert text.encode() not in town.on_disk()
        shown = await taps(anna, KEEP)
        assert SECOND in shown and not asks(shown)
        assert (stored(town), held(town)) == ({"P1": [text]}, 0)


@everywhere
async def test_what_is_to_be_corrected_is_given_back_and_is_in_no_file(found: Found, channel: str) -> None:
    async with found(steps="plan", channel=channel) as town:
        anna = await answers(town)
        await says(anna, PHONE)
        shown = await taps(anna, FIX)
        assert PHONE in shown and FIRST in shown and not asks(shown)
        assert (stored(town), held(town)) == ({}, 0)
        assert SECOND in await says(anna, "Ring til os")
        assert stored(town) == {"P1": ["Ring til os"]}


@everywhere
async def test_what_tells_of_nobody_is_an_answer_at_once(found: Found, channel: str) -> None:
    async with found(steps="plan", channel=channel) as town:
        anna = await answers(town)
        assert SECOND in await says(anna, "Kræftens Bekæmpelse og mennesker med demens")
        assert held(town) == 0


@everywhere
async def test_what_was_kept_is_not_asked_about_again_however_the_rest_is_corrected(found: Found, channel: str) -> None:
    async with found(steps="plan", channel=channel) as town:
        anna = await answers(town)
        await says(anna, PHONE)
        await taps(anna, KEEP)
        await taps(anna, "Tilbage")
        assert SECOND in await says(anna, f"{HARMLESS}. {PHONE.upper()}.")
        await taps(anna, "Tilbage")
        assert asks(await says(anna, f"{HARMLESS}. {PHONE}. {NAME}."))


@everywhere
async def test_an_idea_is_asked_about_and_the_others_stand(found: Found, channel: str) -> None:
    async with found(steps="plan", channel=channel) as town:
        anna = await answers(town)
        await says(anna, HARMLESS)
        await says(anna, "En idé")
        shown = await says(anna, NAME)
        assert asks(shown) and stored(town)["P2"] == ["En idé"]
        shown = await taps(anna, KEEP)
        assert stored(town)["P2"] == ["En idé", NAME]
        assert SECOND in shown  # more can be told


@everywhere
async def test_where_a_name_or_a_number_is_asked_for_nothing_is_asked(found: Found, channel: str) -> None:
    async with found(steps="hoering", channel=channel) as town:
        anna = await answers(town, by="hoering")
        await taps(anna, "En forening")
        shown = await says(anna, "Karen Jensen, Nordby Idrætsforening")
        assert not asks(shown) and held(town) == 0
        assert stored(town, "hoering")["H2"] == ["Karen Jensen, Nordby Idrætsforening"]


@everywhere
async def test_other_is_asked_about_too(found: Found, channel: str) -> None:
    async with found(steps="plan", channel=channel) as town:
        anna = town.somebody("Anna")
        await anna.says("/start plan")
        for label in ("Jeg er med", "Frivillig"):
            await anna.taps(label)
        anna.sees()
        shown = await says(anna, NAME)
        if isinstance(anna, OnPages) and not asks(shown):
            raise AssertionError(shown)
        assert asks(shown) and stored(town, "start").get("S3") is None
        await taps(anna, KEEP)
        assert stored(town, "start")["S3"] == [NAME]


# --- kept aside ------------------------------------------------------------------------------------------------


@everywhere
async def test_it_is_in_no_count_and_no_file_and_ones_own(found: Found, channel: str) -> None:
    async with found(steps="plan", channel=channel) as town:
        anna = await answers(town)
        await says(anna, HARMLESS)
        before = everything_but(town), exported(town)
        await says(anna, NAME)
        assert before == (everything_but(town), exported(town))
        assert f"du har ikke valgt, om teksten skal gemmes: {NAME}" in await says(anna, "/mine")
        await says(anna, "/fortsaet")
        await taps(anna, KEEP)
        assert exported(town) != before[1]


def everything_but(town: Town) -> dict[str, list[tuple[object, ...]]]:
    """What is stored, but for what is shown and what is held."""
    tables = [str(name) for (name,) in town.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    moving = {"prompts", "held_words", "inbox", "page_notes", "sessions", "addresses", "heartbeats", "sqlite_sequence"}
    return {name: town.rows(f"SELECT * FROM {name}") for name in sorted(set(tables) - moving)}


def exported(town: Town) -> list[str]:
    out = town.folder / "svar.jsonl"
    with closing(open_reading(town.folder / "besyv.db")) as connection:
        answers_file.export_answers(connection, town.runtime.database.keys, "eksempel", out, "jsonl")
    told = out.read_text(encoding="utf-8").splitlines()
    out.unlink()
    return told


@everywhere
async def test_who_comes_back_is_asked_again_also_after_a_restart(found: Found, channel: str) -> None:
    async with found(steps="plan", channel=channel) as town:
        anna = await answers(town)
        await says(anna, PHONE)
        if channel != "terminal":
            await restarts(town)
        assert asks(await says(anna, "/fortsaet"))
        assert asks(await says(anna, "/pause")) or asks(await says(anna, "/fortsaet"))
        await taps(anna, KEEP)
        assert stored(town) == {"P1": [PHONE]}


@everywhere
async def test_in_the_other_language_it_is_asked_in_that(found: Found, channel: str) -> None:
    async with found(steps="plan", channel=channel) as town:
        anna = await answers(town)
        await says(anna, PHONE)
        await says(anna, "/sprog")
        await anna.taps("English")
        if isinstance(anna, OnPages):
            await anna.says("/fortsaet")
        shown = "\n".join(anna.sees())
        found_it = "There is a telephone number in what you wrote."
        assert f"{found_it} The municipality's project leader and deputy can read the answer." in shown
        await taps(anna, "Save it anyway")
        assert stored(town) == {"P1": [PHONE]}


@everywhere
async def test_what_closed_meanwhile_takes_nothing_in(found: Found, channel: str) -> None:
    async with found(steps="plan closes 2026-03-03 20:00", channel=channel) as town:
        anna = await answers(town)
        await says(anna, PHONE)
        town.clock.now += DAY
        shown = await taps(anna, KEEP)
        assert not asks(shown) and "20.00" in shown
        assert stored(town) == {}


@everywhere
async def test_it_goes_with_its_person(found: Found, channel: str) -> None:
    async with found(steps="plan", channel=channel) as town:
        anna = await answers(town)
        await says(anna, PHONE)
        await says(anna, "/slet")
        await taps(anna, "Ja, slet alt")
        assert town.rows("SELECT count(*) FROM held_words") == [(0,)]


# --- whosever answer it is --------------------------------------------------------------------------------------

DIALOGUE, DIALOGUE_STEP = "dialog_frivillige", "Trin 4. Lokale dialogmøder for frivillige og foreninger"
TOGETHER = "Hvad ønsker I jer?"
ON_BOTH = pytest.mark.parametrize("channel", ["telegram", "web"])


@ON_BOTH
async def test_what_is_entered_for_others_is_asked_about_too_also_when_it_came_by_letter_in_time(
    found: Found, channel: str
) -> None:
    async with found(channel=channel, steps=f"{DIALOGUE} closes 2026-03-12 12:00") as town:
        lea = await leads(town)
        await comes_to(town, local("2026-03-20 10:00"))
        await lea.says("/leder")
        for label in ("Indtast svar for andre", "Indtast nye svar", "Brev", DIALOGUE_STEP, "Frivillig"):
            await lea.taps(label)
        await lea.says("11.3.")
        for label in ("Én person", "Idræt", "Nordby"):
            await lea.taps(label)
        lea.sees()
        assert asks(await says(lea, NAME)) and stored(town, DIALOGUE) == {}
        await taps(lea, KEEP)
        assert stored(town, DIALOGUE) == {"D1": [NAME]}


@ON_BOTH
async def test_a_member_keeps_it_and_the_chair_is_asked_before_it_is_in_the_joint_answer(
    found: Found, channel: str
) -> None:
    async with found(channel=channel, steps=DIALOGUE) as town:
        karl = town.somebody("Karl")
        await karl.says("/start")
        for label in ("Jeg er med", "Forening", "Vil ikke sige det", "Idræt", "Nordby", "Nej"):
            await karl.taps(label)
        await karl.says("/sammen")
        await karl.taps(f"Begynd et fælles svar: {TOGETHER}")
        [(code,)] = town.rows("SELECT code FROM joints")
        town.public.add(str(code))
        mia = town.somebody("Mia")
        await mia.says(f"/start {code}")
        for label in ("Jeg er med", *TOLD[:3], "Nej", "Ja, det må de gerne"):
            await mia.taps(label)
        mia.sees()
        assert asks(await says(mia, NAME))
        await karl.says("/fortsaet")
        assert NAME not in "\n".join(karl.sees())
        await taps(mia, KEEP)
        await karl.says("/fortsaet")
        if "Brug nr. 1" not in _labels(karl):
            await karl.taps(next(label for label in _labels(karl) if TOGETHER in label))
        karl.sees()
        assert asks(await taps(karl, "Brug nr. 1"))
        await taps(karl, KEEP)
        rows = town.rows("SELECT count(*) FROM answers WHERE question = 'D1'")
        assert (rows, held(town)) == ([(2,)], 0)


@everywhere
async def test_a_sent_answer_stands_while_its_correction_waits(found: Found, channel: str) -> None:
    async with found(steps="plan", channel=channel) as town:
        anna = await answers(town)
        await anna.says(HARMLESS)
        while "Spring over" in _labels(anna):
            await anna.taps("Spring over")
        await anna.taps("Send")
        out = [json.loads(line) for line in exported(town)]
        await anna.taps("Ret mine svar")
        await anna.taps(next(label for label in _labels(anna) if "gribe arbejdet an" in label))
        await anna.taps("Ret 1")
        anna.sees()
        assert asks(await says(anna, PHONE))
        now = [json.loads(line) for line in exported(town)]
        assert [row["text"] for row in now] == [row["text"] for row in out]
        await taps(anna, KEEP)
        assert stored(town)["P1"] == [PHONE]
        assert town.rows("SELECT count(*) FROM answer_history") == [(1,)]


# --- in the chat ------------------------------------------------------------------------------------------------


@in_chats
async def test_two_messages_quickly_after_one_another_belong_together(found: Found, channel: str) -> None:
    async with found(steps="plan", channel=channel) as town:
        anna = await answers(town)
        await anna.says(PHONE, 0)
        shown = await says(anna, OTHER)
        assert f"{PHONE[:5]}»61 23 45 67«\n{OTHER}" in shown
        assert stored(town) == {}
        await taps(anna, KEEP)
        assert stored(town) == {"P1": [PHONE, OTHER]}


async def test_more_of_the_same_thought_is_asked_about_before_it_is_added(found: Found) -> None:
    async with found(steps="plan") as town:
        anna = await answers(town)
        await anna.says(HARMLESS)
        await anna.says(PHONE, 0)
        assert asks("\n".join(anna.sees()))
        assert stored(town) == {"P1": [HARMLESS]}
        assert SECOND in await taps(anna, KEEP)
        assert stored(town) == {"P1": [HARMLESS, PHONE]}


async def test_twice_on_a_button_is_once(found: Found) -> None:
    async with found(steps="plan") as town:
        anna = await answers(town)
        assert isinstance(anna, OnTelegram)
        await says(anna, PHONE)
        await anna.taps(KEEP, times=2)
        assert stored(town) == {"P1": [PHONE]}
        assert town.rows("SELECT revision FROM answers JOIN runs ON runs.id = run_id WHERE flow = 'plan'") == [(1,)]


async def test_the_buttons_words_press_them_and_a_wish_is_done(found: Found) -> None:
    async with found(steps="plan") as town:
        anna = await answers(town)
        await says(anna, PHONE)
        assert "/fortsaet" in await says(anna, "hjælp")
        assert "Svaret er ikke gemt" in await says(anna, "ret")
        await says(anna, PHONE)
        await says(anna, "gem alligevel")
        assert stored(town) == {"P1": [PHONE]}


# --- corrections -----------------------------------------------------------------------------------------------


async def test_a_corrected_message_is_asked_about_and_the_answer_stands_as_it_did(found: Found) -> None:
    async with found(steps="plan") as town:
        anna = await answers(town)
        assert isinstance(anna, OnTelegram)
        await says(anna, HARMLESS)
        await anna.edits(HARMLESS, PHONE)
        assert asks("\n".join(anna.sees()))
        assert stored(town) == {"P1": [HARMLESS]}
        assert "svaret er, som det var før" in await taps(anna, FIX)
        assert stored(town) == {"P1": [HARMLESS]}
        await anna.edits(PHONE, NAME)
        assert SECOND in await taps(anna, KEEP)
        assert stored(town) == {"P1": [NAME]}


async def test_who_corrects_the_message_that_is_asked_about_need_press_nothing(found: Found) -> None:
    async with found(steps="plan") as town:
        anna = await answers(town)
        assert isinstance(anna, OnTelegram)
        await says(anna, PHONE)
        await anna.edits(PHONE, "Ring til os")
        shown = "\n".join(anna.sees())
        assert SECOND in shown and held(town) == 0
        assert stored(town) == {"P1": ["Ring til os"]}


async def test_what_is_written_beside_a_corrected_message_waits_too(found: Found) -> None:
    async with found(steps="plan") as town:
        anna = await answers(town)
        assert isinstance(anna, OnTelegram)
        await says(anna, HARMLESS)
        await anna.edits(HARMLESS, PHONE)
        await says(anna, "En idé")
        await taps(anna, KEEP)
        assert stored(town) == {"P1": [PHONE]}
        await taps(anna, "Det er mit svar")
        assert stored(town) == {"P1": [PHONE], "P2": ["En idé"]}


@everywhere
async def test_nothing_is_sent_while_something_waits(found: Found, channel: str) -> None:
    async with found(steps="borger", channel=channel) as town:
        anna = town.somebody("Anna")
        await anna.says("/start borger")
        for label in ("Jeg er med", "Borger", "Nordby", "Ja"):
            await anna.taps(label)
        await anna.says(HARMLESS)
        while "Spring over" in _labels(anna):
            await anna.taps("Spring over")
        anna.sees()
        if isinstance(anna, OnTelegram):
            phone = next(each.text for each in anna.phone.sees() if not each.by_bot and each.text == HARMLESS)
            await anna.edits(phone, PHONE)
            await says(anna, "/ret")
        else:
            await anna.taps("Ret 1")
            await says(anna, PHONE)
            await anna.says("/fortsaet")
        assert "Send" not in _labels(anna)
        assert town.rows("SELECT count(*) FROM runs WHERE flow = 'borger' AND sent_at IS NOT NULL") == [(0,)]


def _labels(person: Somebody) -> list[str]:
    if isinstance(person, OnTelegram):
        return list(person.phone.buttons)
    if isinstance(person, InTerminal):
        return list(person._labels)
    assert isinstance(person, OnPages) and person.page is not None
    return [button.label for button in person.page.buttons()]


# --- on the pages ------------------------------------------------------------------------------------------------


async def test_on_a_page_it_stands_at_the_field_and_the_words_in_it(found: Found) -> None:
    async with found(channel="web", steps="borger") as town:
        browser, page = await at_step(town, "borger")
        for asked in (
            await sent(browser, page, [("text", PHONE), ("do", "next")]),
            await browser.get("/"),
            await browser.get(page.url),
        ):
            [error] = asked.find("//*[@id='answer-error']")
            assert "»61 23 45 67«" in str(error.text_content())
            [area] = asked.areas("text")
            assert (area.value, area.get("aria-invalid")) == (PHONE, "true")
            assert "answer-error" in str(area.get("aria-describedby"))
            assert asked.find("//*[@id='errors']")[0].get("role") == "alert"


async def test_who_goes_back_or_takes_a_break_is_asked_when_they_come_again(found: Found) -> None:
    async with found(channel="web", steps="borger") as town:
        browser, page = await at_step(town, "borger")
        page = await sent(browser, page, [("text", HARMLESS), ("do", "next")])
        before = await sent(browser, page, [("text", PHONE), ("do", "back")])
        assert before.url.endswith("/B5")
        assert "Svaret er ikke gemt endnu" in str(before.tree.text_content())
        again = await sent(browser, before, [("do", "next")])
        assert again.url.endswith("/B3") and again.areas("text")[0].value == PHONE
        assert stored(town, "borger") == {"B5": [HARMLESS]}


async def test_what_is_changed_before_it_is_kept_is_looked_at_anew(found: Found) -> None:
    async with found(channel="web", steps="borger") as town:
        browser, page = await at_step(town, "borger")
        asked = await sent(browser, page, [("text", PHONE), ("do", "next")])
        more = await sent(browser, asked, [("text", f"{PHONE} {NAME}"), ("do", "keep")])
        assert more.status == 422 and stored(town, "borger") == {}
        assert (await sent(browser, more, [("text", f"{PHONE} {NAME}"), ("do", "keep")])).url.endswith("/B3")
        again = await sent(browser, more, [("text", f"{PHONE} {NAME}"), ("do", "keep")])  # a double click
        assert again.url.endswith("/B3") and stored(town, "borger")["B5"] == [f"{PHONE} {NAME}"]


async def test_in_the_chat_it_is_asked_about_what_was_written_on_a_page(found: Found) -> None:
    async with found(steps="borger", pages=True) as town:
        anna = town.somebody("Anna")
        assert isinstance(anna, OnTelegram)
        await anna.says("/start borger")
        for label in ("Jeg er med", "Borger", "Nordby", "Ja"):
            await anna.taps(label)
        await anna.says("/web")
        browser = opened(town)
        page = await entered(browser, link_in("\n".join(anna.sees())))
        asked = await sent(browser, page, [("text", PHONE), ("do", "next")])
        town.said.append(PHONE)
        assert asked.status == 422
        assert asks(await says(anna, "/fortsaet"))
        assert AS_CITIZEN in await taps(anna, KEEP)
        assert stored(town, "borger") == {"B5": [PHONE]}
        again = await sent(browser, asked, [("text", PHONE), ("do", "keep")])  # the page stands there still
        assert again.url.endswith("/B3") and town.rows("SELECT max(revision) FROM answers") == [(1,)]


async def test_what_was_settled_on_a_page_is_not_pressed_in_the_chat(found: Found) -> None:
    async with found(steps="borger", pages=True) as town:
        anna = town.somebody("Anna")
        assert isinstance(anna, OnTelegram)
        await anna.says("/start borger")
        for label in ("Jeg er med", "Borger", "Nordby", "Ja"):
            await anna.taps(label)
        await anna.says("/web")
        browser = opened(town)
        page = await entered(browser, link_in("\n".join(anna.sees())))
        await says(anna, "/fortsaet")
        await says(anna, PHONE)
        asked = await browser.get(page.url)
        assert asked.areas("text")[0].value == PHONE
        await sent(browser, asked, [("text", "Ring til os"), ("do", "next")])
        town.said.append("Ring til os")
        assert AS_CITIZEN in await taps(anna, KEEP)
        assert stored(town, "borger") == {"B5": ["Ring til os"]}


def link_in(shown: str) -> str:
    return next(word for word in shown.split() if word.startswith("http"))

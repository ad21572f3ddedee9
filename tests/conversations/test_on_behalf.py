"""Entering what others said, on Telegram and on the pages: whose answers they are, and that they are nobody else's."""

from __future__ import annotations

import json
import random
from functools import partial
from typing import Any

import pytest

from bot.dialogue import dispatch
from bot.dialogue.panel_navigation import open_panel
from bot.dialogue.reply import Reply, Tap, Verb
from bot.dialogue.session import Session, Visit, load
from bot.features.invitations import service as invitations
from bot.features.invitations.service import LinkPreset
from bot.flows.engine import Said
from storage import coverage_counters, people, recipients
from storage.db import Tx
from storage.recipients import QueuedMessage
from storage.sealed_columns import ANSWER
from tests.support.chat import Found, OnTelegram, Town
from tests.support.pages import OnPages
from tests.support.rows import PEOPLE
from tests.support.sealed import opened_in
from tests.support.visitors import posted

STEP = "Trin 4. Lokale dialogmøder for frivillige og foreninger"
OPEN = "dialog_frivillige"
TABLE, PHONE, PAPER = "En gruppe på et møde", "Telefon", "Papir"
FOR_THE_TABLE = "Indtastes for: En gruppe på et møde, 8 personer, Frivillig"
LEAVE = "Luk indtastningen"
LEFT = "Indtastningen er gemt og lukket."

# What somebody tells about themselves.
TOLD = {
    "Borger": ("Borger", "Spring over", "Spring over"),
    "Frivillig": ("Frivillig", "Idræt", "Nordby", "Nej"),
    "Forening": ("Forening", "Vil ikke sige det", "Idræt", "Nordby", "Nej"),
}

Somebody = OnTelegram | OnPages


@pytest.fixture(params=["telegram", "web"])
def channel(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def _facilitator(town: Town, name: str = "Ida", group: str = "Borger", *, on_pages: bool = False) -> Somebody:
    """Somebody with the role, who has told about themselves. A citizen has nothing to answer here."""
    ida = town.visitor(name) if on_pages else town.somebody(name)
    assert isinstance(ida, OnTelegram | OnPages)
    await ida.says(f"/start {await town.invites('facilitator')}")
    await ida.taps("Jeg er med")
    await ida.says("/rolle")
    for label in TOLD[group]:
        await ida.taps(label)
    _look(ida)
    return ida


def _has(somebody: Somebody, label: str) -> bool:
    if isinstance(somebody, OnTelegram):
        return label in somebody.phone.buttons
    return somebody.page is not None and label in [button.label for button in somebody.page.buttons()]


def _look(somebody: Somebody) -> str:
    return "\n\n".join(somebody.sees())


async def _begins(ida: Somebody, source: str = TABLE, group: str = "Frivillig", behind: str = "8") -> str:
    """A new entry, up to its first question: what was shown then."""
    await ida.says("/leder")
    for label in ("Indtast svar for andre", "Indtast nye svar", source, STEP, group):
        await ida.taps(label)
    _look(ida)
    await (ida.taps("Én person") if behind == "1" else ida.says(behind))
    return _look(ida)


async def _at_the_step(ida: Somebody) -> str:
    """Past the questions on who they are."""
    await ida.taps("Idræt")
    _look(ida)
    await ida.taps("Nordby")
    return _look(ida)


async def _leaves(ida: Somebody) -> str:
    await ida.taps("Stop og gem")
    await ida.taps(LEAVE)
    return _look(ida)


async def _sends(ida: Somebody, idea: str) -> str:
    """One idea, the rest passed by, and sent."""
    await ida.says(idea)
    await ida.taps("Færdig")
    while _has(ida, "Spring over"):
        await ida.taps("Spring over")
    await ida.taps("Send")
    return _look(ida)


def _ids(town: Town) -> tuple[int, list[int]]:
    """The facilitator's id, and those of the entries."""
    [(by,)] = town.rows("SELECT person_id FROM roles WHERE role = 'facilitator'")
    return by, [number for (number,) in town.rows("SELECT id FROM people WHERE source IS NOT NULL ORDER BY id")]


def _questions(town: Town, person: int) -> list[str]:
    found = town.rows("SELECT question FROM answers JOIN runs ON runs.id = run_id WHERE person_id = ?", person)
    return sorted(question for (question,) in found)


def _who_acts(town: Town) -> int:
    """Whom the one address there is enters as."""
    return int(town.rows("SELECT person_id FROM addresses ORDER BY entered_at DESC, person_id DESC LIMIT 1")[0][0])


async def _tallied(town: Town) -> list[tuple[int, int]]:
    """Begun and sent in the step, as counted; the same as counted afresh."""

    def both(tx: Tx) -> tuple[list[coverage_counters.CoverageCounter], list[coverage_counters.CoverageCounter]]:
        process = town.runtime.process_host.plan(tx).process_id
        return coverage_counters.of_process(tx, process), coverage_counters.recounted(tx, process)

    kept, fresh = await town.runtime.database.read(both)
    assert sorted(map(str, kept)) == sorted(map(str, fresh))
    return [(count.started, count.sent) for count in kept if count.flow == OPEN]


# --- entering ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "group", "behind", "asked"),
    [
        (TABLE, "Frivillig", "8", "Hvilket område arbejder I mest med?"),
        (TABLE, "Frivillig", "1", "Hvilket område er du mest aktiv i som frivillig?"),
        (PHONE, "Frivillig", "1", "Hvilket område er du mest aktiv i som frivillig?"),
        (PAPER, "Frivillig", "2", "Hvilket område arbejder I mest med?"),
    ],
)
async def test_several_are_asked_as_several_and_one_as_one(
    found: Found, channel: str, source: str, group: str, behind: str, asked: str
) -> None:
    async with found(channel=channel, steps=OPEN) as town:
        ida = await _facilitator(town)
        assert asked in await _begins(ida, source, group, behind)


async def test_an_association_is_asked_as_several_also_where_one_of_it_has_called(found: Found, channel: str) -> None:
    async with found(channel=channel, steps=OPEN) as town:
        ida = await _facilitator(town)
        assert "Hvad hedder jeres forening, råd eller frivilligcenter?" in await _begins(ida, PHONE, "Forening", "1")


async def test_what_is_kept_of_the_wording_is_what_the_table_was_asked(found: Found) -> None:
    async with found(channel="telegram", steps=OPEN) as town:
        ida = await _facilitator(town)
        await _begins(ida)
        await _at_the_step(ida)
        await ida.says("Et sted at være")
        asked = town.rows("SELECT asked FROM answers WHERE question IN ('S3', 'D1') ORDER BY question")[-2:]
        assert asked == [
            ("Hvad ønsker I jer af politikken? Skriv ét ønske eller én idé ad gangen.",),
            ("Hvilket område arbejder I mest med?",),
        ]


async def test_a_table_is_asked_what_everybody_of_the_group_is_asked_and_every_screen_says_for_whom(
    found: Found, channel: str
) -> None:
    async with found(channel=channel, steps=OPEN) as town:
        vera = town.somebody("Vera")
        assert isinstance(vera, OnTelegram | OnPages)
        await vera.says("/start")
        for label in ("Jeg er med", "Frivillig", "Idræt", "Nordby", "Nej"):
            await vera.taps(label)
        await _sends(vera, "Et sted at mødes")

        ida = await _facilitator(town)
        shown = [await _begins(ida), *[await _at_the_step(ida)], await _sends(ida, "Flere borde")]
        assert all(FOR_THE_TABLE in screen for screen in shown), shown
        assert "Du indtaster nu svar for andre" in shown[0]
        assert "Tak for jeres svar" in shown[-1]
        _, [entry] = _ids(town)
        assert town.rows(f"SELECT source, behind, stakeholder, reminders FROM {PEOPLE} WHERE people.id = ?", entry) == [
            ("table", 8, "frivillig", None)
        ]
        [(volunteer,)] = town.rows(f"SELECT people.id FROM {PEOPLE} WHERE stakeholder = 'frivillig' AND source IS NULL")
        asked = _questions(town, volunteer)  # nobody writes to a table, so nobody asks it whether we may
        assert _questions(town, entry) == [question for question in asked if question != "S7"] != asked
        assert await _tallied(town) == [(9, 9)]


async def test_every_screen_of_an_entry_says_for_whom(found: Found, channel: str) -> None:
    async with found(channel=channel, steps=OPEN) as town:
        ida = await _facilitator(town)
        await _begins(ida)
        await _at_the_step(ida)
        for act in ("Stop og gem", "Fortsæt", "/ret", "/sprog", "/start", "/slet", "/rolle", "/fortsaet"):
            await (ida.says(act) if act.startswith("/") else ida.taps(act))
            screen = _look(ida)
            assert "Indtastes for: En gruppe på et møde, 8 personer" in screen, (act, screen)


@pytest.mark.parametrize(("source", "kept"), [(TABLE, "table"), (PHONE, "phone"), (PAPER, "paper")])
async def test_each_source_is_marked(found: Found, source: str, kept: str) -> None:
    async with found(steps=OPEN) as town:
        ida = await _facilitator(town)
        shown = await _begins(ida, source, behind="1")
        assert f"Indtastes for: {source}, 1 person, Frivillig" in shown
        assert town.rows("SELECT source, behind FROM people WHERE source IS NOT NULL") == [(kept, 1)]


@pytest.mark.parametrize("wrong", ["0", "-1", "501", "en hel del", "8,5", "٨", "1e2", "0008"])
async def test_only_a_number_of_people_begins_an_entry(found: Found, channel: str, wrong: str) -> None:
    async with found(channel=channel, steps=OPEN) as town:
        ida = await _facilitator(town)
        assert "Antallet skal være et tal fra 1 til 500." in await _begins(ida, behind=wrong)
        assert _ids(town)[1] == []
        await ida.says("500")
        assert len(_ids(town)[1]) == 1


async def test_a_group_is_offered_only_where_the_step_takes_its_answers(found: Found) -> None:
    async with found(steps=OPEN) as town:
        ida = await _facilitator(town)
        await ida.says("/leder")
        for label in ("Indtast svar for andre", "Indtast nye svar", TABLE, STEP):
            await ida.taps(label)
        assert isinstance(ida, OnTelegram)
        assert ida.phone.buttons == ["Frivillig", "Forening", "Frivilligråd eller frivilligcenter", "Tilbage"]


# --- out again, and back in -------------------------------------------------------------------------------


async def test_closing_leads_back_to_ones_own_panel_and_ones_own_answers(found: Found, channel: str) -> None:
    async with found(channel=channel, steps=OPEN) as town:
        ida = await _facilitator(town, group="Frivillig")
        await ida.says("Mit eget ønske")
        await _begins(ida)
        await _at_the_step(ida)
        await ida.says("Bordets ønske")
        assert "Indtast svar for andre" in (left := await _leaves(ida)) and "Du har indtastet svar 1 gang." in left
        await ida.says("/fortsaet")
        assert "Mit eget ønske" in (own := _look(ida)) and "Bordets ønske" not in own and "Indtastes for" not in own
        await ida.says("Mit andet ønske")
        by, [entry] = _ids(town)
        held = {person: [*await _words(town, person)] for person in (by, entry)}
        assert held == {by: ["Mit eget ønske", "Mit andet ønske"], entry: ["Bordets ønske"]}


async def _words(town: Town, person: int) -> list[str]:
    """What was written in the step, as it is stored of the person."""

    def read(tx: Tx) -> list[str]:
        of_theirs = "JOIN runs ON runs.id = run_id WHERE person_id = :id AND flow = :flow"
        said = opened_in(tx, ANSWER, of_theirs, id=person, flow=OPEN)
        return [text for content in said for text, _ in json.loads(content)[2]]

    return await town.runtime.database.read(read)


async def test_an_entry_is_taken_up_again_and_corrected_by_whoever_made_it(found: Found, channel: str) -> None:
    async with found(channel=channel, steps=OPEN) as town:
        ida = await _facilitator(town)
        await _begins(ida)
        await _at_the_step(ida)
        await _sends(ida, "Borde")
        await ida.taps(LEAVE)
        assert f"✓ En gruppe på et møde, 8 personer, Frivillig · {STEP}" in _look(ida)
        await ida.taps(f"✓ En gruppe på et møde, 8 personer, Frivillig · {STEP}")
        await ida.taps("Ret antallet af personer")
        await ida.says("12")
        assert "Ændringen er gemt." in _look(ida)
        assert await _tallied(town) == [(12, 12)]
        await ida.taps("Ret eller fortsæt")
        again = _look(ida)
        assert "Du fortsætter en tidligere indtastning." in again and "En gruppe på et møde, 12 personer" in again
        await ida.taps("Ret 1")
        await ida.says("Stole")
        await ida.taps("Færdig")
        await ida.taps(LEAVE)
        assert "Du har indtastet svar 1 gang." in _look(ida)
        _, [entry] = _ids(town)
        assert await _words(town, entry) == ["Borde", "Stole"]
        assert await _tallied(town) == [(12, 12)]
        logged = town.rows("SELECT action, detail FROM audit WHERE action LIKE 'enter%'")
        assert logged == [("enter", f"table {OPEN} frivillig 8"), ("enter-again", "12"), ("enter-again", "")]


async def test_closing_from_any_screen_sends_nothing(found: Found, channel: str) -> None:
    async with found(channel=channel, steps=OPEN) as town:
        ida = await _facilitator(town)
        await _begins(ida)
        await _at_the_step(ida)
        while _has(ida, "Spring over"):
            await ida.taps("Spring over")
        assert _has(ida, LEAVE) and _has(ida, "Stop og gem")  # the review
        await ida.taps(LEAVE)
        assert "Du har indtastet svar 1 gang." in _look(ida)
        assert town.rows("SELECT sent_at FROM runs WHERE flow = ?", OPEN) == [(None,)]
        assert await _tallied(town) == [(8, 0)]


async def test_nobody_else_takes_an_entry_up(found: Found) -> None:
    async with found(steps=OPEN) as town:
        ida = await _facilitator(town)
        await _begins(ida)
        await _leaves(ida)
        _, [entry] = _ids(town)
        bo = await _facilitator(town, "Bo")
        lea = town.person("Lea")
        await lea.says(f"/start {await town.invites('leader')}")
        await lea.taps("Jeg er med")
        for other in (bo, lea):
            assert isinstance(other, OnTelegram)
            visit = Visit(
                channel="telegram", address=str(other.phone.id), now=int(town.clock.now), sent_at=int(town.clock.now)
            )
            for path in (f"indtast/igen/{entry}", f"indtast/{entry}", f"indtast/antal/{entry}"):
                shown = await town.runtime.database.write(partial(_opens, town=town, visit=visit, path=path))
                assert "Siden findes ikke længere." in shown.notes, path
            for data in ("1:9:0:o0", "1:9:0:o7", f"1:9:0:o{entry}"):
                await other.forges(data)
        assert town.rows("SELECT count(*) FROM addresses WHERE person_id = ?", entry) == [(0,)]
        assert town.rows("SELECT behind FROM people WHERE id = ?", entry) == [(8,)]


def _opens(tx: Tx, *, town: Town, visit: Visit, path: str) -> Reply:
    return open_panel(_standing(tx, town, visit), path)


def _standing(tx: Tx, town: Town, visit: Visit) -> Session:
    s = load(tx, town.runtime.context, visit)
    assert s is not None
    return s


async def test_all_entries_are_within_reach(found: Found) -> None:
    async with found(steps=OPEN) as town:
        ida = await _facilitator(town)
        for behind in range(2, 14):
            await _begins(ida, behind=str(behind))
            await _leaves(ida)
        assert isinstance(ida, OnTelegram)
        assert [label for label in ida.phone.buttons if "13 personer" in label or "2 personer" in label] == [
            "En gruppe på et møde, 13 personer, Frivillig",
            "En gruppe på et møde, 12 personer, Frivillig",
        ]
        await ida.taps("Ældre")
        assert ida.phone.buttons == [
            "En gruppe på et møde, 3 personer, Frivillig",
            "En gruppe på et møde, 2 personer, Frivillig",
            "Tilbage",
        ]


# --- what one does for oneself ----------------------------------------------------------------------------


async def _in_an_entry(town: Town, group: str = "Frivillig", *, on_pages: bool = False) -> tuple[Somebody, int, int]:
    """Ida, who has an answer of her own, at the first question of the step for a table."""
    ida = await _facilitator(town, group=group, on_pages=on_pages)
    await ida.says("Mit eget ønske")
    await _begins(ida)
    await _at_the_step(ida)
    by, [entry] = _ids(town)
    return ida, by, entry


async def test_stop_is_the_facilitators_own(found: Found, channel: str) -> None:
    async with found(channel=channel, steps=OPEN) as town:
        ida, by, entry = await _in_an_entry(town)
        await ida.says("/stop")
        assert LEFT in _look(ida)
        stopped = town.rows("SELECT id, stopped_at IS NULL, notice_version IS NULL FROM people ORDER BY id")
        assert stopped == [(by, 0, 0), (entry, 1, 0)]
        assert town.rows("SELECT person_id FROM addresses") == [(by,)]


async def test_mine_is_ones_own_and_says_that_one_entered_for_others(found: Found) -> None:
    async with found(steps=OPEN) as town:
        ida, by, _ = await _in_an_entry(town)
        await ida.says("Bordets ønske")
        await ida.says("/mine")
        assert isinstance(ida, OnTelegram)
        mine = json.loads(ida.phone.document)
        assert mine["person"]["id"] == by
        [(pseudonym,)] = town.rows("SELECT pseudonym FROM people WHERE source IS NOT NULL")
        assert mine["entered_for_others"] == [{"participant": pseudonym, "source": "table", "people": 8}]
        assert "Bordets ønske" not in json.dumps(mine, ensure_ascii=False)
        assert "Mit eget ønske" in json.dumps(mine, ensure_ascii=False)
        assert ("enter", f"table {OPEN} frivillig 8") in [(e["action"], e["detail"]) for e in mine["rights_used"]]
        await ida.says("Bordets andet ønske")  # one is still where one was
        assert "Bordets andet ønske" in _look(ida)


async def test_the_personal_link_leads_to_oneself_and_never_to_an_entry(found: Found) -> None:
    async with found(steps=OPEN, pages=True) as town:
        ida, by, _ = await _in_an_entry(town)
        await ida.says("/web")
        shown = _look(ida)
        assert LEFT in shown and "/s/" in shown
        assert town.rows("SELECT channel, person_id FROM addresses ORDER BY channel") == [
            ("telegram", by),
            ("web", by),
        ]


async def test_on_the_pages_a_new_link_and_a_code_to_telegram_are_ones_own(found: Found) -> None:
    async with found(steps=OPEN, pages=True) as town:
        ida, by, _ = await _in_an_entry(town, on_pages=True)
        assert isinstance(ida, OnPages)
        page = await ida.browser.get("/link")
        [button] = page.find("//form[@action='/link']//button")
        await ida.browser.press(page, button)
        assert set(town.rows("SELECT person_id FROM addresses")) == {(by,)}
        await _begins(ida)
        page = await ida.browser.get("/link")
        [button] = page.find("//form[@action='/link/telegram']//button")
        await ida.browser.press(page, button)
        assert town.rows("SELECT person_id FROM moves") == [(by,)]
        assert {person for (person,) in town.rows("SELECT person_id FROM addresses")} == {by}


@pytest.mark.parametrize("kind", ["step", "campaign", "personal", "role", "code", "unknown"])
async def test_a_link_is_opened_as_oneself(found: Found, channel: str, kind: str) -> None:
    async with found(channel=channel, steps=f"{OPEN}, hoering") as town:
        ida, by, entry = await _in_an_entry_of_two_steps(town)
        before = town.rows(f"SELECT * FROM {PEOPLE} WHERE people.id = ?", entry)
        await ida.says(f"/start {await _payload(town, kind)}")
        shown = _look(ida)
        assert LEFT in shown and "Indtastes for" not in shown
        assert town.rows("SELECT person_id FROM addresses") == [(by,)]
        assert town.rows(f"SELECT * FROM {PEOPLE} WHERE people.id = ?", entry) == before
        assert set(town.rows("SELECT person_id FROM roles")) == {(by,)}


async def _in_an_entry_of_two_steps(town: Town) -> tuple[Somebody, int, int]:
    ida = await _facilitator(town, group="Borger")
    await _begins(ida)
    await _at_the_step(ida)
    by, [entry] = _ids(town)
    return ida, by, entry


async def _payload(town: Town, kind: str) -> str:
    now = int(town.clock.now)

    def make(tx: Tx) -> str:
        process = town.runtime.process_host.plan(tx).process_id
        match kind:
            case "campaign":
                return invitations.make_campaign(tx, process, LinkPreset("hoering", "forening"), now).code
            case "personal":
                return invitations.make_personal(tx, process, LinkPreset("hoering"), now)
            case "step":
                return "hoering"
            case "code":
                return "s-abcdefghjk"
            case _:
                return "i-AAAAAAAAAAAAAAAAAAAAAA"

    code = await town.invites("steering") if kind == "role" else await town.runtime.database.write(make)
    (town.public.add if kind == "campaign" else town.said.append)(code)
    return code


async def test_panels_are_opened_as_oneself(found: Found, channel: str) -> None:
    async with found(channel=channel, steps=OPEN) as town:
        ida, by, _ = await _in_an_entry(town, "Forening")
        for command in ("/leder", "/sammen"):
            await ida.says(command)
            shown = _look(ida)
            assert LEFT in shown and town.rows("SELECT person_id FROM addresses") == [(by,)]
            await _begins(ida)
        await ida.says("/daekning")  # not a facilitator's
        assert len(town.rows("SELECT person_id FROM addresses")) == 2


async def test_role_and_language_of_an_entry_are_the_entrys(found: Found) -> None:
    async with found(steps=OPEN) as town:
        ida, by, entry = await _in_an_entry(town)
        await ida.says("/sprog")
        await ida.taps("English")
        await ida.says("/rolle")
        await ida.taps("I chose wrong")
        await ida.taps("Association")
        assert town.rows(f"SELECT people.id, stakeholder, language FROM {PEOPLE} ORDER BY people.id") == [
            (by, "frivillig", "da"),
            (entry, "forening", "en"),
        ]


# --- deleting ---------------------------------------------------------------------------------------------


async def test_slet_in_an_entry_deletes_the_entry_alone_and_says_so(found: Found, channel: str) -> None:
    async with found(channel=channel, steps=OPEN) as town:
        ida, by, entry = await _in_an_entry(town)
        await ida.says("Bordets ønske")
        number = town.rows("SELECT number FROM prompts WHERE person_id = ?", entry)[0][0]
        await ida.says("/slet")
        assert "Vi sletter kun det, der er indtastet for: En gruppe på et møde, 8 personer, Frivillig." in _look(ida)
        await ida.taps("Ja, slet indtastningen")
        assert "Indtastningen er slettet. Dine egne svar er ikke ændret." in _look(ida)
        assert town.rows("SELECT id FROM people") == [(by,)]
        assert town.rows("SELECT person_id FROM addresses") == [(by,)]
        assert await _words(town, by) == ["Mit eget ønske"]
        assert town.rows("SELECT number FROM prompts")[0][0] > number
        assert ("enter-erase",) in town.rows("SELECT action FROM audit")
        assert await _tallied(town) == [(1, 0)]


async def test_a_facilitator_who_deletes_everything_leaves_the_entries_and_no_way_to_them(
    found: Found, channel: str
) -> None:
    async with found(channel=channel, steps=OPEN) as town:
        ida, _, entry = await _in_an_entry(town)
        await ida.says("Bordets ønske")
        await _leaves(ida)
        await ida.says("/slet")
        await ida.taps("Ja, slet alt")
        assert town.rows("SELECT id, entered_by, behind FROM people") == [(entry, None, 8)]
        assert town.rows("SELECT count(*) FROM addresses") == [(0,)]
        assert await _words(town, entry) == ["Bordets ønske"]
        _look(ida)
        await ida.says("/start")
        assert "Indtastes for" not in _look(ida)


async def test_erased_on_one_channel_while_entering_on_another_nobody_is_in_the_entry(found: Found) -> None:
    async with found(steps=OPEN, pages=True) as town:
        ida, by, entry = await _in_an_entry(town)
        assert isinstance(ida, OnTelegram)
        await town.runtime.database.write(partial(_erased, by=by))
        _look(ida)
        await ida.says("Til bordet")
        assert "Indtastes for" not in _look(ida)
        assert await _words(town, entry) == []


def _erased(tx: Tx, *, by: int) -> None:
    people.leave_entered(tx, by)
    people.erase(tx, by)


# --- the role is taken back -------------------------------------------------------------------------------


async def test_whose_role_is_taken_back_is_themselves_at_once(found: Found, channel: str) -> None:
    async with found(channel=channel, steps=OPEN) as town:
        ida, by, entry = await _in_an_entry(town)
        await ida.says("Bordets ønske")
        await town.runtime.database.write(lambda tx: people.take_role(tx, by, "facilitator"))
        _look(ida)
        await ida.says("Mere fra bordet")
        await ida.says("/fortsaet")
        await ida.says("Mit andet ønske")
        assert "Indtastes for" not in _look(ida)
        assert await _words(town, entry) == ["Bordets ønske"]
        assert "Mit andet ønske" in await _words(town, by)
        assert "Mere fra bordet" not in await _words(town, by)
        await ida.says("/leder")
        await ida.says("/start")
        assert "Indtastes for" not in _look(ida)
        assert town.rows("SELECT count(*) FROM people WHERE source IS NOT NULL") == [(1,)]


# --- old buttons, old pages -------------------------------------------------------------------------------


async def test_no_button_from_before_stepping_in_or_out_answers_anything(found: Found) -> None:
    """A walk in and out at random; after each step every button that was ever shown is pressed, but the newest ones."""
    chance = random.Random(20260303)
    async with found(steps=OPEN) as town:
        ida = await _facilitator(town, group="Frivillig")
        assert isinstance(ida, OnTelegram)
        ever: set[str] = set()
        for _ in range(40):
            match chance.randrange(4):
                case 0 if LEAVE not in ida.phone.buttons and not _inside(town):
                    await _begins(ida, behind=str(chance.randrange(2, 9)))
                case 1 if _inside(town):
                    await ida.says("/leder")
                case 2:
                    await ida.says("/fortsaet")
                case _ if _has(ida, "Spring over"):
                    await ida.taps("Spring over")
                case _:
                    await ida.says("/start")
            newest = _data(ida)
            ever |= newest
            stale = sorted(ever - newest)
            before = _state(town)
            for data in chance.sample(stale, min(6, len(stale))):
                await ida.forges(data)
                now = _data(ida)
                ever |= now
                assert _state(town) == before, data
        assert len(ever) > 60 and len(_ids(town)[1]) >= 3


def _inside(town: Town) -> bool:
    return town.rows("SELECT source FROM people WHERE id = ?", _who_acts(town)) != [(None,)]


def _data(ida: OnTelegram) -> set[str]:
    """The buttons of the newest message."""
    rows = ida.phone.last.raw.get("reply_markup", {}).get("inline_keyboard", [])
    return {button["callback_data"] for row in rows for button in row}


def _state(town: Town) -> list[list[tuple[Any, ...]]]:
    """Who is whom, and everything that was answered or sent."""
    return [
        [(_who_acts(town),)],
        town.rows(
            f"SELECT people.id, source, behind, stakeholder, language FROM {PEOPLE} ORDER BY people.id, capacities.id"
        ),
        town.rows("SELECT id, person_id, flow, sent_at FROM runs ORDER BY id"),
        town.rows("SELECT run_id, question, revision, skipped, open, content FROM answers ORDER BY id"),
    ]


async def test_a_page_from_before_stepping_in_or_out_is_not_taken_for_somebody_else(found: Found) -> None:
    async with found(steps=OPEN, channel="web") as town:
        ida = await _facilitator(town, group="Frivillig")
        assert isinstance(ida, OnPages) and ida.page is not None
        own = ida.page  # her own first question, in a tab that stays open
        await _begins(ida)
        await _at_the_step(ida)
        theirs = ida.page
        assert own.form is not None and theirs is not None and own.url == theirs.url
        by, _ = _ids(town)

        async def sends(page: Any, do: str) -> int:
            fields = [*page.form.form_values(), ("idea", "Fra en gammel fane"), ("do", do)]
            status, *_ = await posted(ida.browser, page.form.get("action"), fields)
            return status

        before = _state(town)
        assert [await sends(own, do) for do in ("more", "next", "skip", "back", "pause")] == [409] * 5
        assert _state(town) == before
        await _leaves(ida)
        before = _state(town)
        assert [await sends(theirs, do) for do in ("more", "next", "skip", "back", "pause")] == [409] * 5
        assert _state(town) == before
        assert await sends(own, "more") == 303
        town.said.append("Fra en gammel fane")
        assert await _words(town, by) == ["Fra en gammel fane"]


# --- restarts ---------------------------------------------------------------------------------------------


async def test_a_restart_in_the_middle_changes_nothing(found: Found) -> None:
    async with found(steps=OPEN) as town:
        ida, _, entry = await _in_an_entry(town)
        await ida.says("Først")
        await town.down()
        await town.up()
        _look(ida)
        await ida.says("Siden")
        assert FOR_THE_TABLE in _look(ida)
        assert await _words(town, entry) == ["Først", "Siden"]


async def test_killed_after_the_commit_it_is_shown_again_and_done_once(found: Found) -> None:
    """As the dispatcher does it with an update that was applied and not settled."""
    async with found(steps=OPEN) as town:
        ida = await _facilitator(town)
        assert isinstance(ida, OnTelegram)
        await _begins(ida)
        now = int(town.clock.now)
        again = Visit(channel="telegram", address=str(ida.phone.id), now=now, sent_at=now, again=True)

        def said(tx: Tx) -> Reply:
            return dispatch.said(tx, town.runtime.context, again, Said("8", 1))

        before = _state(town)
        shown = await town.runtime.database.write(said)
        assert shown.lead is not None and shown.lead.startswith(FOR_THE_TABLE)
        assert _state(town) == before

        await ida.taps("Stop og gem")
        [left] = [data for data in _data(ida) if ":y" in data]
        await ida.taps(LEAVE)
        before = _state(town)
        number, revision = map(int, left.split(":")[1:3])
        tap = Tap(number, revision, Verb.LEAVE, None)
        shown = await town.runtime.database.write(lambda tx: dispatch.tapped(tx, town.runtime.context, again, tap))
        assert shown.title == "Indtast svar for andre"
        assert _state(town) == before


# --- never written to -------------------------------------------------------------------------------------


async def test_an_entry_is_never_written_to(found: Found, channel: str) -> None:
    async with found(channel=channel, steps=OPEN) as town:
        ida = await _facilitator(town)
        await _begins(ida)
        await _at_the_step(ida)
        await _sends(ida, "Borde")
        _, [entry] = _ids(town)
        if isinstance(ida, OnPages):
            await ida.says("/paamindelser")
            assert "Indtastes for" in _look(ida)

        def enqueue(tx: Tx) -> int:
            tx.run("UPDATE people SET reminders = 1, news = 1 WHERE id = :id", id=entry)  # as if somebody had said so
            process = town.runtime.process_host.plan(tx).process_id
            whom = recipients.to_tell_of_opening(process, "hoering", ["frivillig"], told_since=0, newcomers=True)
            return recipients.enqueue(tx, whom, QueuedMessage("opened:hoering:1", "step-opened", "hoering", 1, 1 << 40))

        assert await town.runtime.database.write(enqueue) == 0
        await ida.taps(LEAVE)
        assert town.rows("SELECT count(*) FROM addresses WHERE person_id = ?", entry) == [(0,)]

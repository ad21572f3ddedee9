"""An association answers as one: who shows what to whom, with whose yes, and who sees nothing of it."""

from __future__ import annotations

import json
from contextlib import closing
from typing import Any

import pytest

from bot.dialogue.panel_navigation import open_panel
from bot.dialogue.session import Visit, load
from bot.features.joint_answers import service as joint_answers
from bot.features.joint_answers.service import MemberWords
from bot.flows import content
from reports import answers
from storage.db import Tx
from storage.export import open_reading
from storage.sealed_columns import ANSWER
from tests.support.chat import Found, OnTelegram, Town
from tests.support.pages import OnPages

STEP, MEMBERS_STEP = "Hvad ønsker I jer?", "Hvad ønsker du dig?"
OPEN = "dialog_frivillige"
YES, NO = "Ja, det må de gerne", "Nej"
ASKED = "Må den, der samler svarene for jeres forening, se dine svar?"
SAID = "Medlemmerne har skrevet:"
Somebody = OnTelegram | OnPages


@pytest.fixture(params=["telegram", "web"])
def channel(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def _look(somebody: Somebody) -> str:
    return "\n\n".join(somebody.sees())


def _has(somebody: Somebody, label: str) -> bool:
    if isinstance(somebody, OnTelegram):
        return label in somebody.phone.buttons
    return somebody.page is not None and label in [button.label for button in somebody.page.buttons()]


async def _comes(town: Town, name: str, *told: str, by: str = "") -> Somebody:
    somebody = town.somebody(name)
    assert isinstance(somebody, OnTelegram | OnPages)
    await somebody.says(f"/start {by}".strip())
    for label in ("Jeg er med", *told):
        await somebody.taps(label)
    return somebody


async def _chair(town: Town, name: str = "Karl") -> tuple[Somebody, str]:
    """An association's chair, and the code of what they collect."""
    karl = await _comes(town, name, "Forening", "Vil ikke sige det", "Idræt", "Nordby", "Nej")
    await karl.says("/sammen")
    await karl.taps(f"Begynd et fælles svar: {STEP}")
    shown = _look(karl)
    assert "Del dette link med medlemmerne:" in shown and "Ingen medlemmer deler deres svar med jer lige nu." in shown
    [(code,)] = town.rows("SELECT code FROM joints ORDER BY id DESC LIMIT 1")
    assert code in shown
    town.public.add(code)
    return karl, str(code)


VOLUNTEER = ("Frivillig", "Idræt", "Nordby", "Nej")


async def _member(town: Town, name: str, code: str, *ideas: str, answer: str = YES) -> Somebody:
    """New here, by the code: asked after the questions about themselves."""
    somebody = await _comes(town, name, *VOLUNTEER, by=code)
    asked = _look(somebody)
    assert ASKED in asked and MEMBERS_STEP in asked and "Dit navn bliver ikke vist." in asked
    await somebody.taps(answer)
    assert "1 af" in _look(somebody)
    for idea in ideas:
        await somebody.says(idea)
    return somebody


async def _view(chair: Somebody) -> str:
    """The chair's panel as it stands now."""
    await chair.says("/sammen")
    await chair.taps(f"Jeres fælles svar: {STEP}")
    return _look(chair)


async def _sends(somebody: Somebody) -> str:
    await somebody.taps("Færdig")
    while _has(somebody, "Spring over"):
        await somebody.taps("Spring over")
    await somebody.taps("Send")
    return _look(somebody)


# --- the whole of it --------------------------------------------------------------------------------------


async def test_members_show_their_drafts_and_the_chair_sends_one_answer(found: Found, channel: str) -> None:
    async with found(channel=channel, steps=OPEN) as town:
        karl, code = await _chair(town)
        mia = await _member(town, "Mia", code, "Flere borde")
        await _member(town, "Per", code, "Bedre lys")
        seen = await _view(karl)
        assert "2 medlemmer deler deres svar med jer." in seen
        assert (
            "Hvad ønsker I jer af politikken? Skriv ét ønske eller én idé ad gangen.\n• Bedre lys\n• Flere borde"
            in seen
        )
        pseudonyms = [pseudonym for (pseudonym,) in town.rows("SELECT pseudonym FROM people")]
        assert not any(who in seen for who in ("Mia", "Per", *pseudonyms))

        await karl.taps("Skriv det fælles svar")
        beside = _look(karl)
        assert f"{SAID}\n1. Bedre lys\n2. Flere borde" in beside
        await karl.says("Borde og lys i hallen")
        assert "Tak for jeres svar" in await _sends(karl)

        sent = town.rows("SELECT stakeholder, sent_at IS NOT NULL FROM runs WHERE flow <> 'start' ORDER BY person_id")
        assert sent == [("forening", 1), ("frivillig", 0), ("frivillig", 0)]
        assert "Tak for dine svar" in await _sends(mia)  # theirs are theirs: they may send them too
        assert town.rows("SELECT action, detail FROM audit WHERE action LIKE 'collect%'") == [("collect", OPEN)]


async def test_a_member_sees_nothing_of_the_others_nor_of_the_chair(found: Found, channel: str) -> None:
    async with found(channel=channel, steps=OPEN) as town:
        karl, code = await _chair(town)
        await karl.taps("Skriv det fælles svar")
        await karl.says("Formandens udkast")
        await _member(town, "Per", code, "Bedre lys")
        mia = await _member(town, "Mia", code, "Flere borde")
        await mia.says("/ret")
        await mia.says("/sammen")
        shown = _look(mia)
        assert "Del ikke længere mine svar" in shown
        assert not any(text in shown for text in ("Formandens udkast", "Bedre lys", code))


async def test_who_is_known_already_is_asked_too_and_their_answers_stand(found: Found, channel: str) -> None:
    async with found(channel=channel, steps=OPEN) as town:
        karl, code = await _chair(town)
        mia = await _comes(town, "Mia", *VOLUNTEER)
        await mia.says("Flere borde")
        _look(mia)
        await mia.says(f"/start {code}")
        assert ASKED in _look(mia)
        assert "Flere borde" not in await _view(karl)
        await mia.taps(YES)
        assert "Flere borde" in _look(mia)
        assert "Flere borde" in await _view(karl)


@pytest.mark.parametrize("answer", [NO, None])
async def test_without_a_yes_nothing_is_shown(found: Found, channel: str, answer: str | None) -> None:
    async with found(channel=channel, steps=OPEN) as town:
        karl, code = await _chair(town)
        mia = await _comes(town, "Mia", *VOLUNTEER)
        await mia.says("Flere borde")
        await mia.says(f"/start {code}")
        if answer is not None:
            await mia.taps(answer)
            await mia.says("Og stole")
        seen = await _view(karl)
        assert "Ingen medlemmer deler deres svar med jer lige nu." in seen and "borde" not in seen
        await karl.taps("Skriv det fælles svar")
        assert SAID not in _look(karl)
        assert town.rows("SELECT count(*) FROM joint_members WHERE joined_at > 0") == [(0,)]


# --- members' words, taken over ---------------------------------------------------------------------------


async def _begins_to_write(karl: Somebody) -> str:
    await _view(karl)
    await karl.taps("Skriv det fælles svar")
    return _look(karl)


async def _changes_the_last(karl: Somebody, text: str) -> None:
    """Of the ideas in their draft."""
    if isinstance(karl, OnTelegram):
        await karl.taps("Fjern det sidste")
    else:
        _write_over(karl, "En lampe", "")
    await karl.says(text)


def _write_over(karl: OnPages, before: str, after: str) -> None:
    """In the field where it stands, without sending it."""
    assert karl.page is not None
    [area] = [area for area in karl.page.areas("idea") if (area.value or "") == before]
    area.value = after


def _drafted(town: Town) -> list[str]:
    """The texts of the chair's answer to the first question, as they are stored."""
    return _texts(
        town,
        """SELECT content, run_id, question, revision FROM answers JOIN runs ON run_id = runs.id
           WHERE flow <> 'start' AND person_id = 1""",
    )


def _texts(town: Town, sql: str) -> list[str]:
    keys = town.runtime.database.keys
    return [
        part.text
        for written, *key in town.rows(sql)
        for part in content.read(keys.open(ANSWER.at(*key), written)).parts
    ]


async def test_a_members_words_come_into_the_chairs_draft_by_one_press_and_can_be_changed_before_they_are_sent(
    found: Found, channel: str
) -> None:
    async with found(channel=channel, steps=OPEN) as town:
        karl, code = await _chair(town)
        mia = await _member(town, "Mia", code, "Flere borde", "En lampe")
        shown = await _begins_to_write(karl)
        assert f"{SAID}\n1. En lampe\n2. Flere borde" in shown  # idea by idea
        await karl.taps("Brug nr. 2")
        assert "Ordene står nu i det fælles svar. I kan rette dem, før I sender." in _look(karl)
        assert _drafted(town) == ["Flere borde"]
        await karl.taps("Brug nr. 2")  # the same words again
        assert _drafted(town) == ["Flere borde"]
        await karl.taps("Brug nr. 1")
        assert _drafted(town) == ["Flere borde", "En lampe"]
        await _changes_the_last(karl, "To lamper")
        assert _drafted(town) == ["Flere borde", "To lamper"]
        assert "Tak for jeres svar" in await _sends(karl)
        await mia.says("/slet")
        await mia.taps("Ja, slet alt")
        assert _drafted(town) == ["Flere borde", "To lamper"]  # a copy: the answer is the association's


async def test_what_a_chair_has_typed_stands_when_they_take_over_a_members_words(found: Found) -> None:
    async with found(channel="web", steps=OPEN) as town:
        karl, code = await _chair(town)
        await _member(town, "Mia", code, "Flere borde")
        await _begins_to_write(karl)
        assert isinstance(karl, OnPages)
        _write_over(karl, "", "Og stole")
        await karl.taps("Brug nr. 1")
        assert _drafted(town) == ["Og stole", "Flere borde"]


async def test_a_button_means_the_words_that_stood_beside_it(found: Found, channel: str) -> None:
    async with found(channel=channel, steps=OPEN) as town:
        karl, code = await _chair(town)
        mia = await _member(town, "Mia", code, "Flere borde", "Noget andet")
        await _begins_to_write(karl)
        await _member(town, "Per", code, "Aaa")  # comes first in the list now
        await karl.taps("Brug nr. 1")
        assert _drafted(town) == ["Flere borde"]
        await mia.says("/slet")
        await mia.taps("Ja, slet alt")
        _look(karl)
        await karl.taps("Brug nr. 3")  # as it stood on the drawing: «Noget andet»
        assert "Ordene står der ikke længere. Medlemmet har rettet dem." in _look(karl)
        assert _drafted(town) == ["Flere borde"]


async def test_nobody_but_the_chair_takes_over_words(found: Found) -> None:
    async with found(steps=OPEN) as town:
        _, code = await _chair(town)
        await _member(town, "Mia", code, "Flere borde")
        rosa, _ = await _chair(town, "Rosa")
        await rosa.taps("Skriv det fælles svar")
        assert isinstance(rosa, OnTelegram)
        [(number, revision)] = town.rows("SELECT number, revision FROM prompts ORDER BY person_id DESC LIMIT 1")
        mark = MemberWords("Flere borde", written=True).mark
        await rosa.forges(f"1:{number}:{revision}:W{mark}")
        assert town.rows("SELECT count(*) FROM answers JOIN runs ON run_id = runs.id WHERE flow <> 'start'") == [(1,)]


async def test_members_are_told_that_their_words_can_be_used(found: Found, channel: str) -> None:
    async with found(channel=channel, steps=OPEN) as town:
        _, code = await _chair(town)
        mia = await _comes(town, "Mia", *VOLUNTEER, by=code)
        assert "og kan bruge dine ord i det fælles svar." in _look(mia)


# --- what was sent as one ---------------------------------------------------------------------------------


def _exported(town: Town) -> dict[str, tuple[object, object, object]]:
    """Of each participant's step: joint, members, members_sent."""
    with closing(open_reading(town.folder / "besyv.db")) as connection:
        out = town.folder / "svar.jsonl"
        answers.export_answers(connection, town.runtime.database.keys, "eksempel", out, "jsonl")
    told = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    out.unlink()
    return {
        row["participant"]: (row["joint"], row["members"], row["members_sent"]) for row in told if row["flow"] == OPEN
    }


def _pseudonyms(town: Town) -> list[str]:
    return [str(pseudonym) for (pseudonym,) in town.rows("SELECT pseudonym FROM people ORDER BY id")]


async def test_a_joint_answer_is_exported_as_one_with_its_members_and_theirs_are_told_apart(
    found: Found, channel: str
) -> None:
    async with found(channel=channel, steps=OPEN) as town:
        karl, code = await _chair(town)
        mia = await _member(town, "Mia", code, "Flere borde")
        per = await _member(town, "Per", code, "Bedre lys")
        ida = await _member(town, "Ida", code, "Ingenting", answer=NO)
        await _begins_to_write(karl)
        await karl.says("Borde og lys")
        chair, *members, other = _pseudonyms(town)
        nothing = (None, None, None)
        assert _exported(town) == dict.fromkeys((chair, *members, other), nothing)  # nothing is sent
        assert "2 medlemmer har delt deres svar med jer." in await _sends(karl)
        await _sends(mia)
        await _sends(ida)
        own = ("member", None, None)
        assert _exported(town) == {chair: ("joint", 2, 1), members[0]: own, members[1]: own, other: nothing}

        # What was sent stands, whatever comes later.
        await per.says("/sammen")
        await per.taps(f"Del ikke længere mine svar: {MEMBERS_STEP}")
        await _view(karl)
        await karl.taps("Luk for medlemmernes svar")
        await karl.taps("Ja, luk for svar")
        assert _exported(town) == {chair: ("joint", 2, 1), members[0]: own, members[1]: own, other: nothing}
        await mia.says("/slet")
        await mia.taps("Ja, slet alt")
        assert _exported(town) == {chair: ("joint", 2, 0), members[1]: own, other: nothing}


async def test_members_stand_behind_what_is_sent_after_the_chair_has_stopped_collecting(
    found: Found, channel: str
) -> None:
    async with found(channel=channel, steps=OPEN) as town:
        karl, code = await _chair(town)
        await _member(town, "Mia", code, "Flere borde")
        left = await _member(town, "Per", code, "Bedre lys")
        await left.says("/sammen")
        await left.taps(f"Del ikke længere mine svar: {MEMBERS_STEP}")
        await _begins_to_write(karl)
        await karl.says("Borde")
        await _view(karl)
        await karl.taps("Luk for medlemmernes svar")
        await karl.taps("Ja, luk for svar")
        _look(karl)
        await karl.says("/fortsaet")
        assert SAID not in _look(karl)
        assert "Ét medlem har delt sine svar med jer." in await _sends(karl)
        chair, mia, per = _pseudonyms(town)
        assert _exported(town) == {chair: ("joint", 1, 0), mia: ("member", None, None), per: (None, None, None)}


async def test_without_members_an_associations_answer_is_no_joint_one(found: Found) -> None:
    async with found(steps=OPEN) as town:
        karl, _ = await _chair(town)
        await _begins_to_write(karl)
        await karl.says("Borde")
        assert "fælles svar" not in await _sends(karl)
        [chair] = _pseudonyms(town)
        assert _exported(town) == {chair: (None, None, None)}


# --- ending it --------------------------------------------------------------------------------------------


async def test_a_member_leaves_when_they_like(found: Found, channel: str) -> None:
    async with found(channel=channel, steps=OPEN) as town:
        karl, code = await _chair(town)
        mia = await _member(town, "Mia", code, "Flere borde")
        assert "Flere borde" in await _view(karl)
        if isinstance(mia, OnPages):
            assert mia.page is not None and "/sammen" in [link.value for link in mia.page.links(mia.page.tree)]
        await mia.says("/sammen")
        await mia.taps(f"Del ikke længere mine svar: {MEMBERS_STEP}")
        left = _look(mia)
        assert "Dine svar bliver ikke længere delt." in left and "Flere borde" in left  # back where they were
        assert "Flere borde" not in await _view(karl)
        await mia.says("/sammen")
        assert "Del ikke længere mine svar" not in _look(mia)


async def test_what_a_member_changes_or_deletes_is_gone_from_the_view_at_once(found: Found) -> None:
    async with found(steps=OPEN) as town:
        karl, code = await _chair(town)
        mia = await _member(town, "Mia", code, "Flere borde", "En lampe")
        assert isinstance(mia, OnTelegram)
        await mia.edits("Flere borde", "Flere stole")
        seen = await _view(karl)
        assert "Flere stole" in seen and "Flere borde" not in seen
        await mia.taps("Fjern det sidste")
        assert "En lampe" not in await _view(karl)
        await mia.says("/slet")
        await mia.taps("Ja, slet alt")
        seen = await _view(karl)
        assert "Ingen medlemmer deler deres svar med jer lige nu." in seen and "Flere stole" not in seen
        assert town.rows("SELECT count(*) FROM joint_members") == [(0,)]


async def test_a_closed_code_shows_nothing_and_lets_nobody_in(found: Found, channel: str) -> None:
    async with found(channel=channel, steps=OPEN) as town:
        karl, code = await _chair(town)
        await _member(town, "Mia", code, "Flere borde")
        await _view(karl)
        await karl.taps("Luk for medlemmernes svar")
        assert "I kan ikke længere se medlemmernes svar" in _look(karl)
        await karl.taps("Ja, luk for svar")
        assert "Flere borde" not in _look(karl)
        per = await _comes(town, "Per", *VOLUNTEER, by=code)
        assert ASKED not in _look(per)
        assert town.rows("SELECT count(*) FROM joint_members WHERE ended_at IS NULL") == [(0,)]
        await karl.taps(f"Begynd et nyt fælles svar: {STEP}")
        again = _look(karl)
        assert code not in again and "Flere borde" not in again
        town.public.add(town.rows("SELECT code FROM joints")[0][0])
        assert [action for (action,) in town.rows("SELECT action FROM audit ORDER BY id")] == [
            "collect",
            "collect-end",
            "collect",
        ]


async def test_a_yes_goes_to_the_one_that_was_asked_about_and_to_nobody_else(found: Found) -> None:
    async with found(steps=OPEN) as town:
        karl, first = await _chair(town)
        _, second = await _chair(town, "Rosa")
        mia = await _comes(town, "Mia", *VOLUNTEER, by=first)
        await mia.says(f"/start {second}")
        await _view(karl)
        await karl.taps("Luk for medlemmernes svar")
        await karl.taps("Ja, luk for svar")
        await mia.taps(YES)  # to Karl's, which is closed now
        assert town.rows("SELECT count(*) FROM joint_members WHERE joined_at > 0") == [(0,)]
        assert ASKED in _look(mia)  # and now Rosa's
        await mia.taps(YES)
        assert town.rows("SELECT count(*) FROM joint_members WHERE joined_at > 0") == [(1,)]


async def test_who_is_no_chair_any_more_sees_nothing(found: Found, channel: str) -> None:
    async with found(channel=channel, steps=OPEN) as town:
        karl, code = await _chair(town)
        await _member(town, "Mia", code, "Flere borde")
        await _view(karl)
        await karl.says("/rolle")
        await karl.taps("Jeg valgte forkert")
        await karl.taps("Frivillig")
        _look(karl)
        await karl.says("/fortsaet")
        for _ in range(3):
            if _has(karl, "Behold svaret"):
                await karl.taps("Behold svaret")
        assert "Flere borde" not in _look(karl)
        await karl.says("/sammen")
        assert "Dit fælles svar" not in _look(karl)
        assert await _said_to(town, OPEN) == ((), "gone")


async def _said_to(town: Town, flow: str) -> tuple[tuple[str, ...], str]:
    """What the use cases give whoever came first, by a path that no button of theirs has."""
    [(address,)] = town.rows("SELECT address FROM addresses ORDER BY person_id LIMIT 1")
    now = int(town.clock.now)

    def look(tx: Tx) -> tuple[tuple[str, ...], str]:
        s = load(tx, town.runtime.context, Visit(channel=town.channel, address=address, now=now, sent_at=now))
        assert s is not None
        said = [
            joint_answers.said_by_members(s.tx, s.person, flow, question, s.respondent, s.language)
            for question in s.plan.flows[flow].flow
        ]
        shown = open_panel(s, f"sammen/{flow}")
        return tuple(
            each.text for words in said for each in words
        ), "gone" if "Siden findes ikke længere." in shown.notes else ""

    return await town.runtime.database.write(look)


# --- nobody else ------------------------------------------------------------------------------------------


async def test_a_guessed_a_foreign_and_ones_own_code_show_nothing(found: Found, channel: str) -> None:
    async with found(channel=channel, steps=OPEN) as town:
        karl, code = await _chair(town)
        await karl.says(f"/start {code}")
        assert "Det er jeres eget link." in _look(karl)
        mia = await _comes(town, "Mia", *VOLUNTEER, by="s-aaaaaaaaaa")
        shown = _look(mia)
        assert ASKED not in shown
        for guess in (code[:-1], f"{code}a", "s-", "s-aaaaaaaaab"):
            await mia.says(f"/start {guess}")
            assert "Linket virker ikke." in _look(mia)
        await mia.says(f"/start {code}")  # after five that did not hold none is looked up for an hour
        assert ASKED not in _look(mia)
        assert town.rows("SELECT count(*) FROM joint_members") == [(0,)]


async def test_leader_and_steering_group_see_none_of_it(found: Found, channel: str) -> None:
    async with found(channel=channel, steps=OPEN) as town:
        _, code = await _chair(town)
        await _member(town, "Mia", code, "Flere borde")
        for role in ("leader", "steering", "facilitator"):
            other = town.somebody(role)
            assert isinstance(other, OnTelegram | OnPages)
            await other.says(f"/start {await town.invites(role)}")
            await other.taps("Jeg er med")
            await other.says("/leder")
            await other.says("/sammen")
            seen = _look(other)
            assert "Flere borde" not in seen and code not in seen
            assert "Dit fælles svar" not in seen


async def test_another_chair_sees_none_of_it(found: Found) -> None:
    async with found(steps=OPEN) as town:
        _, code = await _chair(town)
        await _member(town, "Mia", code, "Flere borde")
        rosa, _ = await _chair(town, "Rosa")
        assert "Flere borde" not in await _view(rosa)
        await rosa.taps("Skriv det fælles svar")
        assert SAID not in _look(rosa)


async def test_what_is_kept_apart_is_never_shown(found: Found) -> None:
    async with found(steps="plan") as town:
        karl = await _comes(town, "Karl", "Forening", "Vil ikke sige det", "Idræt", "Nordby", "Nej")
        await karl.says("/sammen")
        assert isinstance(karl, OnTelegram)
        [step] = [label for label in karl.phone.buttons if label.startswith("Begynd et fælles svar")]
        await karl.taps(step)
        [(code,)] = town.rows("SELECT code FROM joints")
        town.public.add(str(code))
        mia = await _comes(town, "Mia", *VOLUNTEER, by=str(code))
        await mia.taps(YES)
        for _ in range(4):
            await mia.taps("Spring over")
        await mia.taps("Ja")
        await mia.says("Mia Madsen, mia@havnen.example")
        assert town.rows("SELECT question FROM answers_apart") == [("P6",)]
        _look(karl)
        await karl.taps("Opdatér")
        seen = _look(karl)
        assert "1 medlem deler sine svar med jer." in seen and "Mia Madsen" not in seen

        said, _ = await _said_to(town, "plan")
        assert said == ("Ja",)  # that one may be written to, and not where


async def test_mine_tells_who_shows_and_who_collects(found: Found) -> None:
    async with found(steps=OPEN) as town:
        karl, code = await _chair(town)
        mia = await _member(town, "Mia", code, "Flere borde")
        told: list[Any] = []
        for somebody in (karl, mia):
            await somebody.says("/mine")
            assert isinstance(somebody, OnTelegram)
            mine = json.loads(somebody.phone.document)
            told.append((mine["shows_answers_to"], mine["collects_in"]))
            assert ("Flere borde" in json.dumps(mine)) is (somebody is mia)
        assert told == [([], [OPEN]), ([OPEN], [])]


async def test_a_chair_who_deletes_everything_ends_it_for_all(found: Found) -> None:
    async with found(steps=OPEN) as town:
        karl, code = await _chair(town)
        await _member(town, "Mia", code, "Flere borde")
        await karl.says("/slet")
        await karl.taps("Ja, slet alt")
        assert town.rows("SELECT count(*) FROM joints") == town.rows("SELECT count(*) FROM joint_members") == [(0,)]
        assert town.rows("SELECT count(*) FROM answers WHERE question = 'D1'") == [(1,)]

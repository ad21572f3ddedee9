"""An association answers as one: who shows what to whom, with whose yes, and who sees nothing of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.dialogue.panel_navigation import open_panel
from bot.dialogue.session import Visit, load
from bot.features.joint_answers import service as joint_answers
from storage.db import Tx
from tests.support.chat import Found, OnTelegram, Town
from tests.support.pages import OnPages

STEP = "Trin 4: Lokale dialogmøder: frivillige og foreninger"
OPEN = "dialog_frivillige"
YES, NO = "Ja, det må de gerne", "Nej"
ASKED = "Må den, der samler svar for jeres forening, se dine svar?"
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
    assert "Del linket med medlemmerne:" in shown and "0 viser dig deres svar." in shown
    [(code,)] = town.rows("SELECT code FROM joints ORDER BY id DESC LIMIT 1")
    assert code in shown
    town.public.add(code)
    return karl, str(code)


VOLUNTEER = ("Frivillig", "Idræt", "Nordby", "Nej")


async def _member(town: Town, name: str, code: str, *ideas: str, answer: str = YES) -> Somebody:
    """New here, by the code: asked after the questions about themselves."""
    somebody = await _comes(town, name, *VOLUNTEER, by=code)
    asked = _look(somebody)
    assert ASKED in asked and STEP in asked and "men ikke hvem du er" in asked
    await somebody.taps(answer)
    assert "1 af" in _look(somebody)
    for idea in ideas:
        await somebody.says(idea)
    return somebody


async def _view(chair: Somebody) -> str:
    """The chair's panel as it stands now."""
    await chair.says("/sammen")
    await chair.taps(f"Dit fælles svar: {STEP}")
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
        assert "2 viser dig deres svar." in seen
        assert "Hvad ønsker I jer af politikken? Skriv ét ønske ad gangen.\n• Bedre lys\n• Flere borde" in seen
        pseudonyms = [pseudonym for (pseudonym,) in town.rows("SELECT pseudonym FROM people")]
        assert not any(who in seen for who in ("Mia", "Per", *pseudonyms))

        await karl.taps("Skriv det fælles svar")
        beside = _look(karl)
        assert f"{SAID}\n• Bedre lys\n• Flere borde" in beside
        await karl.says("Borde og lys i hallen")
        assert "Tak. Dine svar er sendt." in await _sends(karl)

        sent = town.rows("SELECT stakeholder, sent_at IS NOT NULL FROM runs WHERE flow <> 'start' ORDER BY person_id")
        assert sent == [("forening", 1), ("frivillig", 0), ("frivillig", 0)]
        assert "Tak. Dine svar er sendt." in await _sends(mia)  # theirs are theirs: they may send them too
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
        assert "Vis ikke mine svar mere" in shown
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
        assert "0 viser dig deres svar." in seen and "borde" not in seen
        await karl.taps("Skriv det fælles svar")
        assert SAID not in _look(karl)
        assert town.rows("SELECT count(*) FROM joint_members WHERE joined_at > 0") == [(0,)]


# --- ending it --------------------------------------------------------------------------------------------


async def test_a_member_leaves_when_they_like(found: Found, channel: str) -> None:
    async with found(channel=channel, steps=OPEN) as town:
        karl, code = await _chair(town)
        mia = await _member(town, "Mia", code, "Flere borde")
        assert "Flere borde" in await _view(karl)
        if isinstance(mia, OnPages):
            assert mia.page is not None and "/sammen" in [link.value for link in mia.page.links(mia.page.tree)]
        await mia.says("/sammen")
        await mia.taps(f"Vis ikke mine svar mere: {STEP}")
        left = _look(mia)
        assert "Dine svar bliver ikke vist mere." in left and "Flere borde" in left  # back where they were
        assert "Flere borde" not in await _view(karl)
        await mia.says("/sammen")
        assert "Vis ikke mine svar mere" not in _look(mia)


async def test_what_a_member_changes_or_deletes_is_gone_from_the_view_at_once(found: Found) -> None:
    async with found(steps=OPEN) as town:
        karl, code = await _chair(town)
        mia = await _member(town, "Mia", code, "Flere borde", "En lampe")
        assert isinstance(mia, OnTelegram)
        await mia.edits("Flere borde", "Flere stole")
        seen = await _view(karl)
        assert "Flere stole" in seen and "Flere borde" not in seen
        await mia.taps("Fortryd")
        assert "En lampe" not in await _view(karl)
        await mia.says("/slet")
        await mia.taps("Ja, slet alt")
        seen = await _view(karl)
        assert "0 viser dig deres svar." in seen and "Flere stole" not in seen
        assert town.rows("SELECT count(*) FROM joint_members") == [(0,)]


async def test_a_closed_code_shows_nothing_and_lets_nobody_in(found: Found, channel: str) -> None:
    async with found(channel=channel, steps=OPEN) as town:
        karl, code = await _chair(town)
        await _member(town, "Mia", code, "Flere borde")
        await _view(karl)
        await karl.taps("Luk for medlemmernes svar")
        assert "Så kan du ikke se medlemmernes svar mere" in _look(karl)
        await karl.taps("Ja, luk")
        assert "Flere borde" not in _look(karl)
        per = await _comes(town, "Per", *VOLUNTEER, by=code)
        assert ASKED not in _look(per)
        assert town.rows("SELECT count(*) FROM joint_members") == [(0,)]
        await karl.taps(f"Begynd et fælles svar: {STEP}")
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
        await karl.taps("Ja, luk")
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
        s = load(tx, town.runtime.context, Visit(town.channel, address, now, now))
        assert s is not None
        said = [
            joint_answers.said_by_members(s.tx, s.person, flow, question, s.respondent, s.language)
            for question in s.plan.flows[flow].flow
        ]
        shown = open_panel(s, f"sammen/{flow}")
        return tuple(text for texts in said for text in texts), "gone" if "Det findes ikke mere." in shown.notes else ""

    return await town.runtime.database.write(look)


# --- nobody else ------------------------------------------------------------------------------------------


async def test_a_guessed_a_foreign_and_ones_own_code_show_nothing(found: Found, channel: str) -> None:
    async with found(channel=channel, steps=OPEN) as town:
        karl, code = await _chair(town)
        await karl.says(f"/start {code}")
        assert "Det er dit eget link." in _look(karl)
        mia = await _comes(town, "Mia", *VOLUNTEER, by="s-aaaaaaaaaa")
        shown = _look(mia)
        assert ASKED not in shown
        for guess in (code[:-1], f"{code}a", "s-", "s-aaaaaaaaab"):
            await mia.says(f"/start {guess}")
            assert "Den kode kan jeg ikke bruge." in _look(mia)
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
        await karl.taps("Se igen")
        seen = _look(karl)
        assert "1 viser dig sine svar." in seen and "Mia Madsen" not in seen

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

"""Steps by hand: the leader opens, closes, hides and lets read, for all or one group, now or later; and what those see
who are in the middle of it. On Telegram and on the pages."""

from __future__ import annotations

from contextlib import closing

import pytest

from bot.access import Role
from storage import step_overrides
from storage.db import Tx, connect
from storage.encryption import Keyring
from storage.step_overrides import StepOverride
from tests.support.chat import Found, Somebody, Town
from tests.support.people import leads, seen

on_both = pytest.mark.parametrize("channel", ["telegram", "web"])
PLAN = "Trin 1. Læg en plan"
LINES = "Trin 2. Input til de overordnede linjer"
PLAN_ASKED, LINES_ASKED = "Hvordan skal vi gribe arbejdet an?", "Hvad skal politikken handle om?"
WHY = "Vi er færdige med mødet"
FIRST = (
    "Hvad er vigtigt for dig i den måde, vi laver politikken på? "
    "Det kan fx være tidspunkter, steder, eller hvem der er med."
)
SECOND = "Hvordan får vi både små og store foreninger med? Skriv én idé ad gangen."


async def answers(town: Town, name: str = "Anna", group: str = "Frivillig", *, flow: str = "plan") -> Somebody:
    """At the first question of the step, or where the start questions led else."""
    person = town.somebody(name)
    await person.says(f"/start {flow}")
    await person.taps("Jeg er med")
    await person.taps(group)
    for _ in range(20):
        shown = seen(person)
        if "Lidt om dig" in shown or "Spring over" not in shown or "Vi begynder på" in shown:
            break
        await person.taps("Spring over")
    return person


async def changes(lea: Somebody, step: str, audience: str, what: str, when: str = "Nu", why: str = WHY) -> str:
    """The last panel before the reason is written, and what came of it."""
    await lea.says("/leder")
    await lea.taps("Åbn og luk trin")
    await lea.taps(step)
    await lea.taps(audience)
    await lea.taps(what)
    if when == "Nu":
        await lea.taps("Nu")
    else:
        await lea.taps("På et bestemt tidspunkt")
        await lea.says(when)
    lea.sees()
    await lea.says(why)
    return seen(lea)


def kept(town: Town) -> list[tuple[str, ...]]:
    return town.rows("SELECT flow, audience, state FROM step_changes ORDER BY id")


# --- the leader -------------------------------------------------------------------------------------------


@on_both
async def test_what_will_happen_and_to_how_many_is_shown_before_it_does(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan, linjer") as town:
        for name, group in (("Anna", "Frivillig"), ("Bo", "Frivillig"), ("Cai", "Forening")):
            await answers(town, name, group)
        lea = await leads(town)
        await lea.says("/leder")
        await lea.taps("Åbn og luk trin")
        assert f"{PLAN}: åbent" in seen(lea)
        await lea.taps(f"{PLAN}: åbent")
        assert "Lukker tirsdag den 30. juni 2026 kl. 16.00." in seen(lea)
        await lea.taps("Ændr for alle")
        await lea.taps("Luk for svar")
        await lea.taps("Nu")
        shown = seen(lea)
        assert f"{PLAN} · alle\nÆndring nu: Luk for svar" in shown
        assert "Ændringen berører 3 personer, som deltager nu." in shown
        assert kept(town) == []
        await lea.says(WHY)
        done = seen(lea)
        assert "Trinnet er ændret." in done
        assert "Trinnet er lukket." in done
        assert f"lukket for alle. {WHY}" in done
        assert kept(town) == [("plan", "", "closed")]


@on_both
async def test_for_one_group_it_concerns_that_group_alone(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan, linjer") as town:
        anna, bo = await answers(town), await answers(town, "Bo", "Forening")
        lea = await leads(town)
        done = await changes(lea, f"{PLAN}: åbent", "Ændr for: Forening", "Luk for svar")
        assert "Trinnet er åbent." in done
        assert "Forening: lukket" in done
        await bo.says("Spørg os først")
        assert "« var tirsdag den 3. marts 2026 kl. 19." in seen(bo)
        await anna.says("Kom ud til os")
        assert SECOND in seen(anna)


@on_both
@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("4.3.2026 kl. 12.00", "onsdag den 4. marts 2026 kl. 12.00"),
        ("onsdag den 4. marts kl. 12", "onsdag den 4. marts 2026 kl. 12.00"),
        ("i morgen kl. 8.30", "onsdag den 4. marts 2026 kl. 08.30"),
    ],
)
async def test_at_a_written_time_it_happens_then(found: Found, channel: str, written: str, moment: str) -> None:
    async with found(channel=channel, steps="plan, linjer") as town:
        lea = await leads(town)
        done = await changes(lea, f"{PLAN}: åbent", "Ændr for alle", "Luk for svar", written)
        assert "Trinnet er åbent." in done
        assert f"Lukker {moment}." in done
        assert f"• Fra {moment}: lukket for alle. {WHY}" in done


@on_both
async def test_a_time_that_is_none_or_has_passed_is_asked_for_again(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan, linjer") as town:
        lea = await leads(town)
        await lea.says("/leder")
        for label in ("Åbn og luk trin", f"{PLAN}: åbent", "Ændr for alle", "Luk for svar"):
            await lea.taps(label)
        await lea.taps("På et bestemt tidspunkt")
        for wrong in ("snart", "3.3.2026 kl. 18.00", "30.2.2027 kl. 12", "4.3.2026"):
            lea.sees()
            await lea.says(wrong)
            assert "Tidspunktet kan ikke læses, eller det er passeret." in seen(lea)
        await lea.says("5.3.2026 kl. 12")
        shown = seen(lea)
        assert "Ændring torsdag den 5. marts 2026 kl. 12.00: Luk for svar" in shown
        assert "Hvad er begrundelsen?" in shown
        assert kept(town) == []


@on_both
async def test_the_reason_is_asked_for_and_kept_with_who_and_what(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan, linjer") as town:
        lea = await leads(town)
        too_long = await changes(lea, f"{PLAN}: åbent", "Ændr for alle", "Luk for svar", why="fordi " * 40)
        assert "Begrundelsen er for lang, og trinnet er ikke ændret. Skriv den igen med højst 200 tegn." in too_long
        assert kept(town) == []
        await lea.says(WHY)
        [(pseudonym,)] = town.rows("SELECT pseudonym FROM people")
        assert town.rows("SELECT actor, action, detail FROM audit WHERE action = 'step'") == [
            (pseudonym, "step", "plan alle closed")
        ]
        assert town.rows("SELECT actor, made_at, from_at FROM step_changes") == [
            (pseudonym, int(town.clock.now), int(town.clock.now))
        ]
        await lea.says("/leder")
        await lea.taps("Åbn og luk trin")
        await lea.taps(f"{PLAN}: lukket")
        assert WHY in seen(lea)


@on_both
async def test_a_step_that_the_file_does_not_name_is_opened_and_given_back(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan") as town:
        anna = await answers(town, flow="linjer")
        assert LINES not in seen(anna)
        lea = await leads(town)
        await lea.says("/leder")
        for label in ("Åbn og luk trin", f"{LINES}: skjult", "Ændr for alle", "Åbn for svar", "Nu"):
            await lea.taps(label)
        assert "Trinnet er åbent, indtil du lukker det." in seen(lea)
        await lea.says(WHY)
        await anna.says("/start linjer")
        assert f"Vi begynder på »{LINES_ASKED}«" in seen(anna)
        await changes(lea, f"{LINES}: åbent", "Ændr for alle", "Følg tidsplanen igen")
        await anna.says("/fortsaet")
        assert f"Vi tager ikke imod svar på »{LINES_ASKED}« lige nu." in seen(anna)


@on_both
async def test_the_steering_groups_step_concerns_its_members_who_may_read_it_and_then_answer(
    found: Found, channel: str
) -> None:
    own, first = "Er alle kommet med?", "Hvem bør vi gøre en ekstra indsats for at få med? Vælg på listen."
    async with found(channel=channel, steps="plan, opfoelgning opens 2026-09-01 08:00") as town:
        await answers(town)
        stig = await leads(town, "Stig", Role.STEERING)
        lea = await leads(town)
        await lea.says("/leder")
        for label in (
            "Åbn og luk trin",
            "Styregruppens opfølgning: åbner senere",
            "Ændr for alle",
            "Vis kun spørgsmålene",
            "Nu",
        ):
            await lea.taps(label)
        assert "Ændringen berører 1 person, som deltager nu." in seen(lea)
        await lea.says(WHY)
        await stig.says("/fortsaet")
        await stig.taps(f"Læs spørgsmålene til »{own}«")
        assert first in seen(stig)
        await changes(lea, "Styregruppens opfølgning: kan læses", "Ændr for alle", "Åbn for svar")
        seen(stig)
        await stig.says("/fortsaet")
        assert f"Vi begynder på »{own}«" in seen(stig)  # the only one of them that asks nobody whom they answer as
        assert town.rows("SELECT stakeholder, capacity_id FROM runs WHERE flow = 'opfoelgning'") == [
            ("styregruppe", None)
        ]


@on_both
async def test_who_has_no_right_to_it_is_told_that_there_is_no_such_command(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan") as town:
        anna = await answers(town)
        anna.sees()
        await anna.says("/leder")
        assert "Åbn og luk trin" not in seen(anna)
        stig = town.somebody("Stig")
        await stig.says(f"/start {await town.invites('steering')}")
        await stig.taps("Jeg er med")
        await stig.taps("Nej")
        stig.sees()
        await stig.says("/leder")
        shown = seen(stig)
        assert "Ugens overblik" in shown
        assert "Åbn og luk trin" not in shown


async def test_a_leader_whose_role_is_taken_in_the_middle_of_it_changes_nothing(found: Found) -> None:
    async with found(steps="plan, linjer") as town:
        lea = await leads(town)
        await lea.says("/leder")
        for label in ("Åbn og luk trin", f"{PLAN}: åbent", "Ændr for alle", "Luk for svar", "Nu"):
            await lea.taps(label)
        await town.runtime.database.write(_no_roles)
        await lea.says(WHY)
        assert kept(town) == []


def _no_roles(tx: Tx) -> None:
    tx.run("DELETE FROM roles")


# --- who answers ------------------------------------------------------------------------------------------


@on_both
async def test_closed_in_the_middle_nothing_is_lost_and_it_is_said_kindly(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan, linjer") as town:
        anna = await answers(town)
        await anna.says("Kom ud til os")
        lea = await leads(town)
        await changes(lea, f"{PLAN}: åbent", "Ændr for alle", "Luk for svar")
        anna.sees()
        await anna.says("Ring til formanden")
        shown = seen(anna)
        assert "« var tirsdag den 3. marts 2026 kl. 19." in shown
        assert "frivillig@eksempel-kommune.example" in shown
        [(count,)] = town.rows("SELECT count(*) FROM answers JOIN runs ON runs.id = run_id WHERE flow = 'plan'")
        assert count == 1
        await changes(lea, f"{PLAN}: lukket", "Ændr for alle", "Åbn for svar")
        anna.sees()
        await anna.says("/start plan")
        shown = seen(anna)
        assert f"Vi fortsætter med »{PLAN_ASKED}«, hvor du slap." in shown
        assert SECOND in shown


@on_both
async def test_what_may_be_read_is_shown_and_takes_no_answer(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan opens 2026-03-20 12:00") as town:
        lea = await leads(town)
        await changes(lea, f"{PLAN}: åbner senere", "Ændr for alle", "Vis kun spørgsmålene")
        anna = await answers(town, flow="")
        anna.sees()
        await anna.says("/fortsaet")
        label = next(line for line in seen(anna).splitlines() if "æs" in line and PLAN_ASKED in line).strip("[]")
        await anna.taps(label)
        shown = seen(anna)
        assert f"1. {FIRST}" in shown
        assert f"Du kan læse spørgsmålene i »{PLAN_ASKED}« nu og svare senere." in shown
        await anna.says("Kom ud til os")
        assert town.rows("SELECT count(*) FROM runs WHERE flow = 'plan'") == [(0,)]
        await anna.says("/start plan")
        assert f"Du kan læse spørgsmålene i »{PLAN_ASKED}« nu" in seen(anna)
        assert town.rows("SELECT count(*) FROM runs WHERE flow = 'plan'") == [(0,)]
        await changes(lea, f"{PLAN}: kan læses", "Ændr for alle", "Åbn for svar")
        await anna.says("/start plan")
        assert FIRST in seen(anna)


@on_both
async def test_hidden_a_step_is_nowhere(found: Found, channel: str) -> None:
    async with found(channel=channel, steps="plan, linjer") as town:
        lea = await leads(town)
        await changes(lea, f"{LINES}: åbent", "Ændr for alle", "Skjul trinnet")
        anna = await answers(town, flow="")
        await anna.says("/start linjer")
        assert f"Vi tager ikke imod svar på »{LINES_ASKED}« lige nu." in seen(anna)


async def test_a_deadline_moved_out_by_hand_is_the_one_that_is_said(found: Found) -> None:
    """On the review, on the receipt, where one pauses, and to the second."""
    async with found(steps="plan closes 2026-03-03 20:00, linjer") as town:
        anna = await answers(town)
        lea = await leads(town)
        await changes(lea, f"{PLAN}: åbent", "Ændr for alle", "Åbn for svar")
        await changes(lea, f"{PLAN}: åbent", "Ændr for alle", "Luk for svar", "5.3.2026 kl. 12")
        await anna.says("Kom ud til os")
        anna.sees()
        await anna.taps("Stop og gem")
        until = "torsdag den 5. marts 2026 kl. 12.00"
        assert until in seen(anna)
        await town.wait(3600)  # past the deadline of the file
        await anna.taps("Fortsæt")
        for _ in range(6):
            if "[Send]" in (shown := seen(anna)):
                break
            await anna.taps("Spring over")
        assert until in shown
        await anna.taps("Send")
        assert f"Du kan rette dine svar frem til {until}." in seen(anna)
        await anna.taps("Ret mine svar")
        await anna.taps(PLAN_ASKED)
        await town.wait(2 * 86400)
        anna.sees()
        await anna.taps("Ret 1")
        assert f"« var {until}" in seen(anna)


async def test_a_running_bot_notices_what_another_process_decided(found: Found) -> None:
    async with found(steps="plan, linjer") as town:
        anna = await answers(town)
        [(process,)] = town.rows("SELECT id FROM processes")
        at = int(town.clock.now)
        change = StepOverride("plan", "", "closed", at, at, "operator", "fordi")
        with closing(connect(town.folder / "besyv.db")) as connection:
            step_overrides.add(Tx(connection, Keyring(town.folder / "besyv.key")), process, change)
        anna.sees()
        await anna.says("Kom ud til os")
        assert "Fristen for »" in seen(anna)

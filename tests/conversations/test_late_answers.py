"""Late and by post: what came by letter or mail is entered with its day, after the deadline too, by who may; and one
party answers late by a link of its own. On Telegram and on the pages."""

from __future__ import annotations

import json
from contextlib import closing

import pytest

from bot.access import Role
from bot.features.register import service as register
from reports import answers
from storage.export import open_reading
from tests.support.chat import Found, OnTelegram, Somebody, Town
from tests.support.danish_time import local
from tests.support.pages import OnPages
from tests.support.people import comes_to, leads, seen

on_both = pytest.mark.parametrize("channel", ["telegram", "web"])
FLOW = "dialog_frivillige"
STEP = "Trin 4: Lokale dialogmøder: frivillige og foreninger"
CLOSES = f"{FLOW} closes 2026-03-12 12:00"
AFTER = local("2026-03-20 10:00")


def labels(person: Somebody) -> list[str]:
    if isinstance(person, OnTelegram):
        return list(person.phone.buttons)
    assert isinstance(person, OnPages) and person.page is not None
    return [button.label for button in person.page.buttons()]


async def enters(town: Town, lea: Somebody, day: str, source: str = "Brev") -> None:
    """A volunteer's letter that came that day, with one idea, and sends it."""
    await lea.says("/leder")
    for label in ("Skriv ind for andre", "Skriv nye svar ind", source, STEP, "Frivillig"):
        await lea.taps(label)
    lea.sees()
    await lea.says(day)
    await lea.taps("Én person")
    for label in ("Idræt", "Nordby"):
        await lea.taps(label)
    await lea.says("En bænk ved stien")
    await lea.taps("Færdig")
    while "Spring over" in labels(lea):
        await lea.taps("Spring over")
    await lea.taps("Send")


def exported(town: Town) -> list[tuple[object, object, object]]:
    """Source, the day it came, and whether it is late, of what was sent; a row to each participant."""
    out = town.folder / "svar.jsonl"
    with closing(open_reading(town.folder / "besyv.db")) as connection:
        answers.export_answers(connection, town.runtime.database.keys, "eksempel", out, "jsonl")
    told = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    out.unlink()
    rows = {r["participant"]: r for r in told if r["flow"] == FLOW and r["status"] == "sent"}
    return [(row["source"], row["came_on"], row["late"]) for row in rows.values()]


# --- by letter and mail -----------------------------------------------------------------------------------


@on_both
@pytest.mark.parametrize(
    ("day", "came_on", "late"),
    [("11.3.", "2026-03-11", False), ("12.3.", "2026-03-12", False), ("13.3.", "2026-03-13", True)],
)
async def test_what_came_by_letter_is_late_by_the_day_it_came_alone(
    found: Found, channel: str, day: str, came_on: str, late: bool
) -> None:
    """Whenever it is entered, and at whatever hour of the day the step closed."""
    async with found(channel=channel, steps=CLOSES) as town:
        lea = await leads(town)
        await comes_to(town, AFTER)
        await enters(town, lea, day)
        assert exported(town) == [("letter", came_on, late)]
        await lea.taps("Luk indtastningen")
        shown = seen(lea)
        assert f"kom {day[:2]}. mar." in shown and ("efter fristen" in shown) == late


async def test_what_came_late_is_late_though_it_is_entered_before_others_and_stays_so(found: Found) -> None:
    async with found(steps=CLOSES) as town:
        lea = await leads(town)
        await enters(town, lea, "3.3.", "Mail")  # while the step is open
        assert exported(town) == [("mail", "2026-03-03", False)]
        await comes_to(town, AFTER)
        assert exported(town) == [("mail", "2026-03-03", False)]


@on_both
async def test_a_letter_can_be_entered_by_a_facilitator_whom_the_leader_lets_and_by_no_other(
    found: Found, channel: str
) -> None:
    async with found(channel=channel, steps=CLOSES) as town:
        lea = await leads(town)
        fie = await leads(town, "Fie", Role.FACILITATOR)
        await comes_to(town, AFTER)
        await fie.says("/leder")
        for label in ("Skriv ind for andre", "Skriv nye svar ind"):
            await fie.taps(label)
        assert {"Brev", "Mail"}.isdisjoint(labels(fie)) and "Papir" in labels(fie)

        await lea.says("/leder")
        await lea.taps("Roller")
        [let] = [label for label in labels(lea) if label.startswith("Lad ")]
        await lea.taps(let)
        await enters(town, fie, "10.3.")
        assert exported(town) == [("letter", "2026-03-10", False)]
        assert town.rows("SELECT action FROM audit WHERE action = 'role-given'") == [("role-given",)]

        # Taken back, the step is as closed as to others, also in what they have entered.
        await town.runtime.database.write(lambda tx: tx.run("DELETE FROM roles WHERE role = 'late-entry'"))
        fie.sees()
        await fie.says("/ret")
        assert "Ret 1" not in labels(fie) or "Fristen" in seen(fie)


@pytest.mark.parametrize("day", ["i morgen", "13.3.2028", "sidste år", "31.2.", "4.3.2024"])
async def test_a_day_that_cannot_be_is_asked_for_again(found: Found, day: str) -> None:
    async with found(steps=CLOSES) as town:
        lea = await leads(town)
        await lea.says("/leder")
        for label in ("Skriv ind for andre", "Skriv nye svar ind", "Brev", STEP, "Frivillig"):
            await lea.taps(label)
        lea.sees()
        await lea.says(day)
        assert "Skriv en dag inden for det seneste år." in seen(lea)
        assert town.rows("SELECT count(*) FROM people WHERE source = 'letter'") == [(0,)]


async def test_a_table_is_not_entered_after_the_deadline(found: Found) -> None:
    async with found(steps=CLOSES) as town:
        lea = await leads(town)
        await comes_to(town, AFTER)
        await lea.says("/leder")
        for label in ("Skriv ind for andre", "Skriv nye svar ind", "Papir"):
            await lea.taps(label)
        assert "Ingen trin er åbne for svar nu." in seen(lea)


# --- a late link ------------------------------------------------------------------------------------------


async def late_link(town: Town, lea: Somebody, day: str) -> str:
    """To an association of the register, in the step, until the end of that day: its code."""

    def add(tx: object) -> int:
        now = int(town.clock.now)
        return register.add(tx, 1, "Nordby Petanque", "by-hand", now)  # type: ignore[arg-type]

    number = await town.runtime.database.write(add)
    town.public.add("Nordby Petanque")
    await lea.says("/leder")
    await lea.taps("Interessentliste" if "Interessentliste" in labels(lea) else _register(lea))
    await lea.taps("Find")
    lea.sees()
    await lea.says("Nordby Petanque")
    for label in ("Nordby Petanque", "Link efter fristen", STEP):
        await lea.taps(label)
    lea.sees()
    await lea.says(day)
    shown = seen(lea)
    assert number and "Med linket kan de svare på" in shown
    return next(part for part in shown.replace("=", "/").split("/") if part.startswith("i-")).split()[0]


def _register(lea: Somebody) -> str:
    return next(label for label in labels(lea) if label.startswith("Listen"))


@on_both
async def test_one_party_answers_after_the_deadline_until_a_day_and_is_told_until_when(
    found: Found, channel: str
) -> None:
    async with found(channel=channel, steps=CLOSES) as town:
        lea = await leads(town)
        await comes_to(town, AFTER)
        code = await late_link(town, lea, "25.3.")
        karl = town.somebody("Karl")
        await karl.says(f"/start {code}")
        await karl.taps("Jeg er med")
        assert "onsdag den 25. marts 2026 kl. 23.59" in seen(karl) or channel == "web"
        while "Færdig" not in labels(karl) and "1 af 7" not in seen(karl):
            offered = [
                label
                for label in ("Nej", "Vil ikke sige det", "Nordby Petanque", "Spring over")
                if label in labels(karl)
            ]
            await karl.taps(offered[0] if offered else labels(karl)[0])
        await karl.says("Lys på banen")
        await karl.taps("Færdig")
        while "Spring over" in labels(karl):
            await karl.taps("Spring over")
        await karl.taps("Send")
        assert "Du kan rette det til og med onsdag den 25. marts 2026 kl. 23.59." in seen(karl)
        assert exported(town) == [("self", None, True)]

        await comes_to(town, local("2026-03-26 09:00"))
        karl.sees()
        await karl.says("/ret")
        assert "Ret 1" not in labels(karl) or "12. marts" in seen(karl)
        assert town.rows("SELECT count(*) FROM late_answers") == [(1,)]


async def test_a_late_link_opens_no_other_step_and_to_nobody_else(found: Found) -> None:
    async with found(steps=f"{CLOSES}, plan closes 2026-03-12 12:00") as town:
        lea = await leads(town)
        await comes_to(town, AFTER)
        code = await late_link(town, lea, "25.3.")
        karl, other = town.somebody("Karl"), town.somebody("Olga")
        await karl.says(f"/start {code}")
        await karl.taps("Jeg er med")
        await other.says(f"/start {code}")  # it is used
        await other.taps("Jeg er med")
        assert town.rows("SELECT person_id, flow FROM late_answers") == [(2, FLOW)]


@pytest.mark.parametrize("day", ["1.3.2026", "i går", "2.6.2031", "ved ikke"])
async def test_a_late_link_ends_on_a_day_that_is_to_come_and_before_the_deletion(found: Found, day: str) -> None:
    async with found(steps=CLOSES) as town:
        lea = await leads(town)
        await comes_to(town, AFTER)
        with pytest.raises((AssertionError, StopIteration)):
            await late_link(town, lea, day)
        assert town.rows("SELECT count(*) FROM invitations WHERE answers_until IS NOT NULL") == [(0,)]

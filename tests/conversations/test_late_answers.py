"""Late and by post: what came by letter or mail is entered with its day, after the deadline too, by who may; and one
party answers late by a link of its own. On Telegram and on the pages."""

from __future__ import annotations

import json
from contextlib import closing

import pytest

from bot.access import Role
from bot.features.register import service as register
from reports import answers
from storage.db import Tx
from storage.export import open_reading
from tests.support.chat import Found, OnTelegram, Somebody, Town
from tests.support.danish_time import local
from tests.support.pages import OnPages
from tests.support.people import comes_to, has_answered, leads, seen

on_both = pytest.mark.parametrize("channel", ["telegram", "web"])
FLOW = "dialog_frivillige"
STEP = "Trin 4. Lokale dialogmøder for frivillige og foreninger"
ASKED, ASKED_MANY = "Hvad ønsker du dig?", "Hvad ønsker I jer?"
CLOSES = f"{FLOW} closes 2026-03-12 12:00"
SHUT = "« var torsdag den 12. marts 2026 kl. 12.00"
AFTER = local("2026-03-20 10:00")


def labels(person: Somebody) -> list[str]:
    if isinstance(person, OnTelegram):
        return list(person.phone.buttons)
    assert isinstance(person, OnPages) and person.page is not None
    return [button.label for button in person.page.buttons()]


async def begins(lea: Somebody, source: str = "Brev") -> None:
    """Until the day is asked for."""
    await lea.says("/leder")
    for label in ("Indtast svar for andre", "Indtast nye svar", source, STEP, "Frivillig"):
        await lea.taps(label)


async def enters(town: Town, lea: Somebody, day: str, source: str = "Brev") -> None:
    """A volunteer's letter that came that day, with one idea, and sends it."""
    await begins(lea, source)
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
        for label in ("Indtast svar for andre", "Indtast nye svar"):
            await fie.taps(label)
        assert {"Brev", "Mail"}.isdisjoint(labels(fie)) and "Papir" in labels(fie)

        await lea.says("/leder")
        await lea.taps("Roller")
        [let] = [label for label in labels(lea) if label.startswith("Giv ret til")]
        await lea.taps(let)
        await enters(town, fie, "13.3.")
        assert exported(town) == [("letter", "2026-03-13", True)]
        await fie.taps("Luk indtastningen")
        await fie.taps("Indtast nye svar")  # «Brev» is among the buttons
        assert {"Brev", "Mail"} < set(labels(fie))

        await lea.taps(_taken(lea))
        await lea.taps("Ja, fratag rollen")
        assert [row for row in town.rows("SELECT action FROM audit ORDER BY id") if row[0].startswith("role-")] == [
            ("role-granted",),
            ("role-granted",),
            ("role-given",),
            ("role-taken",),
        ]
        fie.sees()
        await fie.taps("Brev")  # a button of before
        assert "Siden findes ikke længere." in seen(fie)
        assert {"Brev", "Mail"}.isdisjoint(labels(fie))
        await fie.taps(next(label for label in labels(fie) if label.startswith("✓")))
        assert "Ret, hvilken dag svaret kom" not in labels(fie)
        await fie.taps("Ret eller fortsæt")  # the step is as closed as to others, also in what they have entered
        await fie.taps("Ret mine svar")
        fie.sees()
        await fie.taps(ASKED)
        assert SHUT in seen(fie)
        assert exported(town) == [("letter", "2026-03-13", True)]


def _taken(lea: Somebody) -> str:
    """The button that takes back what lets a facilitator enter letters and mails."""
    return next(label for label in labels(lea) if label.startswith("Fratag rollen") and "breve og mails" in label)


@pytest.mark.parametrize(
    ("day", "told"),
    [
        ("i morgen", "Du skrev den 4. marts 2026, men den dag er ikke kommet endnu."),
        ("13.3.2028", "Du skrev den 13. marts 2028, men den dag er ikke kommet endnu."),
        ("4.3.2026", "Du skrev den 4. marts 2026, men den dag er ikke kommet endnu."),
        ("28.2.", "Trinnet åbnede først den 1. marts 2026, så svaret kan ikke være kommet den 28. februar 2026."),
        ("4.3.", "så svaret kan ikke være kommet den 4. marts 2025."),
        ("onsdag den 2. marts", "Den 2. marts 2026 er en mandag. Hvilken dag mener du?"),
        ("tirsdag", "Skriv en dag, fx 5.3., i går eller i torsdags."),
        ("31.2.", "Skriv en dag,"),
        ("sidste år", "Skriv en dag,"),
    ],
)
async def test_a_day_that_cannot_be_is_asked_for_again_and_it_is_said_why(found: Found, day: str, told: str) -> None:
    async with found(steps=f"{FLOW} opens 2026-03-01 08:00 closes 2026-03-12 12:00") as town:
        lea = await leads(town)
        await begins(lea)
        lea.sees()
        await lea.says(day)
        assert told in seen(lea)
        assert town.rows("SELECT count(*) FROM people WHERE source = 'letter'") == [(0,)]


@pytest.mark.parametrize(
    ("said", "came_on"),
    [
        ("i går", "2026-03-19"),
        ("i forgårs", "2026-03-18"),
        ("i torsdags", "2026-03-19"),
        ("sidste mandag", "2026-03-16"),
        ("torsdag den 5. marts", "2026-03-05"),
        ("5/3-26", "2026-03-05"),
        ("2026-03-05", "2026-03-05"),
        ("d. 5. marts 2026", "2026-03-05"),
    ],
)
async def test_the_day_is_read_as_people_write_it(found: Found, said: str, came_on: str) -> None:
    async with found(steps=CLOSES) as town:
        lea = await leads(town)
        await comes_to(town, AFTER)  # a Friday
        town.public.add(said)  # a day is no secret
        await enters(town, lea, said)
        [(_, day, _)] = exported(town)
        assert day == came_on


async def test_what_is_late_stays_so_when_the_deadline_is_moved(found: Found) -> None:
    """What was sent is as it was when it was sent."""
    async with found(steps=CLOSES) as town:
        lea = await leads(town)
        await comes_to(town, AFTER)
        await enters(town, lea, "13.3.")
        assert exported(town) == [("letter", "2026-03-13", True)]
        await town.loads("steps", [{"flow": FLOW, "closes": "2026-04-30 12:00"}])
        assert exported(town) == [("letter", "2026-03-13", True)]
        await lea.taps("Luk indtastningen")
        assert "efter fristen" in seen(lea)


@on_both
async def test_a_day_that_was_mistyped_is_corrected_and_decides(found: Found, channel: str) -> None:
    async with found(channel=channel, steps=CLOSES) as town:
        lea = await leads(town)
        await comes_to(town, AFTER)
        await enters(town, lea, "13.3.")
        assert "Svaret er registreret som modtaget efter fristen." in seen(lea)
        await lea.taps("Luk indtastningen")
        [entry] = [label for label in labels(lea) if label.startswith("✓")]
        await lea.taps(entry)
        await lea.taps("Ret, hvilken dag svaret kom")
        lea.sees()
        await lea.says("11.3.")
        assert "kom 11. mar." in seen(lea)
        assert exported(town) == [("letter", "2026-03-11", False)]
        assert town.rows("SELECT detail FROM audit WHERE action = 'enter-day'") == [("2026-03-11",)]


async def test_a_table_is_not_entered_after_the_deadline(found: Found) -> None:
    async with found(steps=CLOSES) as town:
        lea = await leads(town)
        await comes_to(town, AFTER)
        await lea.says("/leder")
        for label in ("Indtast svar for andre", "Indtast nye svar", "Papir"):
            await lea.taps(label)
        assert "Ingen trin er åbne for svar nu." in seen(lea)


# --- a late link ------------------------------------------------------------------------------------------

PARTY = "Nordby Petanque"
FIRST = "1 af 7"
UNTIL = "onsdag den 25. marts 2026 ved midnat"


async def late_link(town: Town, lea: Somebody, day: str) -> str:
    """To an association of the register, in the step, until the end of that day: its code."""
    await at_day(town, lea)
    await lea.says(day)
    shown = seen(lea)
    assert f"Med linket kan de svare på »{STEP}«" in shown
    return next(part for part in shown.replace("=", "/").split("/") if part.startswith("i-")).split()[0]


async def at_day(town: Town, lea: Somebody) -> None:
    """Where the leader is asked until which day the association's late link holds."""

    def add(tx: Tx) -> int:
        process = town.runtime.process_host.plan(tx).process_id
        return register.add(tx, process, PARTY, "by-hand", int(town.clock.now))

    number = await town.runtime.database.write(add)
    town.public.add(PARTY)
    await card_of_the_party(lea)
    for label in ("Link efter fristen", STEP):
        await lea.taps(label)
    lea.sees()
    assert number


async def card_of_the_party(lea: Somebody) -> str:
    await lea.says("/leder")
    for label in ("Interessentlisten", "Søg"):
        await lea.taps(label)
    await lea.says(PARTY)
    lea.sees()
    await lea.taps(PARTY)
    return seen(lea)


async def comes_by(person: Somebody, code: str) -> str:
    """To the step, as the association that the link is for, and what is shown there."""
    await person.says(f"/start {code}")
    await person.taps("Jeg er med")
    while FIRST not in (shown := seen(person)):
        offered = ("Nej", "Vil ikke sige det", "Vil ikke svare", PARTY, "Spring over")
        await person.taps(next(label for label in offered if label in labels(person)))
    return shown


async def sends(person: Somebody, words: str) -> None:
    await person.says(words)
    await person.taps("Færdig")
    while "Spring over" in labels(person):
        await person.taps("Spring over")
    await person.taps("Send")


@on_both
async def test_one_party_answers_after_the_deadline_until_a_day_and_is_told_until_when(
    found: Found, channel: str
) -> None:
    async with found(channel=channel, steps=CLOSES) as town:
        lea = await leads(town)
        await comes_to(town, AFTER)
        code = await late_link(town, lea, "25.3.")
        karl = town.somebody("Karl")
        assert f"til og med {UNTIL}" in await comes_by(karl, code)
        await sends(karl, "Lys på banen")
        receipt = seen(karl)
        assert "Svaret er registreret som modtaget efter fristen." in receipt
        assert f"Svaret kan rettes til og med {UNTIL}." in receipt
        assert exported(town) == [("self", None, True)]
        card = await card_of_the_party(lea)
        assert "Modtaget efter fristen. De kom med deres eget link." in card

        await karl.says("/ret")
        await karl.taps(ASKED_MANY)
        karl.sees()
        await karl.taps("Ret 1")
        assert "Ret 1" not in labels(karl)  # they are asked again
        await karl.taps("Færdig")
        await comes_to(town, local("2026-03-26 09:00"))
        await karl.says("/ret")
        await karl.taps(ASKED_MANY)
        karl.sees()
        await karl.taps("Ret 1")
        assert SHUT in seen(karl)


@on_both
async def test_a_late_link_is_closed_by_the_leader_used_or_not(found: Found, channel: str) -> None:
    async with found(channel=channel, steps=CLOSES) as town:
        lea = await leads(town)
        await comes_to(town, AFTER)
        code = await late_link(town, lea, "25.3.")
        karl = town.somebody("Karl")
        await comes_by(karl, code)
        await karl.says("Lys på banen")
        await closes(lea)
        karl.sees()
        await karl.taps("Færdig")
        assert SHUT in seen(karl)
        assert exported(town) == []

        other = await late_link(town, lea, "26.3.")
        await closes(lea)
        olga = town.somebody("Olga")
        await olga.says(f"/start {other}")
        await olga.taps("Jeg er med")
        assert town.rows("SELECT count(*) FROM late_links") == [(1,)]


async def closes(lea: Somebody) -> None:
    await lea.says("/leder")
    await lea.taps("Links og plakater")
    await lea.taps(f"{PARTY} · efter fristen")
    await lea.taps("Luk linket")
    await lea.taps("Ja, luk det")


async def test_a_late_link_is_for_its_own_step_and_party_and_for_who_comes_first(found: Found) -> None:
    async with found(steps=f"{CLOSES}, plan closes 2026-03-12 12:00") as town:
        lea = await leads(town)
        await comes_to(town, AFTER)
        code = await late_link(town, lea, "25.3.")
        karl, olga = town.somebody("Karl"), town.somebody("Olga")
        assert ASKED_MANY in await comes_by(karl, code)
        await olga.says(f"/start {code}")  # it is used
        await olga.taps("Jeg er med")
        assert town.rows("SELECT count(*) FROM late_links") == [(1,)]
        await karl.says("/start plan")
        assert SHUT in seen(karl)


async def test_who_says_that_they_are_not_the_party_does_not_answer_late(found: Found) -> None:
    async with found(steps=CLOSES) as town:
        lea = await leads(town)
        await comes_to(town, AFTER)
        code = await late_link(town, lea, "25.3.")
        karl = town.somebody("Karl")
        await karl.says(f"/start {code}")
        await karl.taps("Jeg er med")
        while PARTY not in labels(karl):
            offered = ("Nej", "Vil ikke sige det", "Vil ikke svare", "Spring over")
            await karl.taps(next(label for label in offered if label in labels(karl)))
        karl.sees()
        await karl.taps(next(label for label in labels(karl) if label != PARTY))
        assert SHUT in seen(karl)


async def test_who_is_known_already_answers_late_as_the_party_and_as_nobody_else(found: Found) -> None:
    """Somebody who has answered as a volunteer, and comes by an association's late link."""
    async with found(steps=f"{CLOSES}, plan") as town:
        anna = await has_answered(town)
        lea = await leads(town)
        await comes_to(town, AFTER)
        code = await late_link(town, lea, "25.3.")
        anna.sees()
        await anna.says(f"/start {code}")
        assert PARTY in labels(anna)  # they are asked whether they speak for it
        await anna.taps(PARTY)
        shown = seen(anna)
        assert "Du svarer nu som: Forening." in shown
        while FIRST not in shown:
            await anna.taps("Spring over")
            shown = seen(anna)
        assert f"til og med {UNTIL}" in shown


async def test_what_was_sent_in_time_is_not_opened_by_a_late_link(found: Found) -> None:
    async with found(steps=CLOSES) as town:
        lea = await leads(town)
        code = await late_link(town, lea, "25.3.")  # before the deadline
        karl = town.somebody("Karl")
        await comes_by(karl, code)
        await sends(karl, "Lys på banen")
        assert exported(town) == [("self", None, False)]
        await comes_to(town, AFTER)
        await karl.says("/ret")
        await karl.taps(ASKED_MANY)
        karl.sees()
        await karl.taps("Ret 1")
        assert SHUT in seen(karl)


@pytest.mark.parametrize("day", ["1.3.2026", "i går", "2.6.2031", "ved ikke"])
async def test_a_late_link_ends_on_a_day_that_is_to_come_and_before_the_deletion(found: Found, day: str) -> None:
    async with found(steps=CLOSES) as town:
        lea = await leads(town)
        await comes_to(town, AFTER)
        await at_day(town, lea)
        await lea.says(day)
        assert "Skriv en dag, der ikke er gået, og som ligger før slettedatoen." in seen(lea)
        assert town.rows("SELECT count(*) FROM invitations WHERE answers_until IS NOT NULL") == [(0,)]


async def test_the_log_says_that_a_late_link_was_made_and_not_for_whom_or_which(found: Found) -> None:
    """That its code is kept nowhere is looked after by every town (tests/support/chat.py)."""
    async with found(steps=CLOSES) as town:
        lea = await leads(town)
        await comes_to(town, AFTER)
        code = await late_link(town, lea, "25.3.")
        town.said.append(code)
        [(number,)] = town.rows("SELECT id FROM invitations WHERE answers_until IS NOT NULL")
        assert town.rows("SELECT detail FROM audit WHERE action = 'invite-late'") == [(str(number),)]


# --- where other things happen to a late link ----------------------------------------------------------------


@on_both
async def test_nobody_is_told_that_they_may_answer_by_a_link_that_lets_them_no_more(found: Found, channel: str) -> None:
    """Opened again by whom it was for: after it was closed, and after its day."""
    async with found(channel=channel, steps=CLOSES) as town:
        lea = await leads(town)
        await comes_to(town, AFTER)
        code, other = await late_link(town, lea, "25.3."), await late_link(town, lea, "25.3.")
        karl, olga = town.somebody("Karl"), town.somebody("Olga")
        await comes_by(karl, code)
        await comes_by(olga, other)
        await closes(lea)
        await comes_to(town, local("2026-03-26 09:00"))
        for somebody, link in ((karl, code), (olga, other)):
            somebody.sees()
            await somebody.says(f"/start {link}")
            shown = seen(somebody)
            assert "til og med" not in shown and SHUT in shown


@on_both
async def test_who_opens_a_late_link_while_the_step_is_open_is_not_told_that_the_deadline_is_over(
    found: Found, channel: str
) -> None:
    async with found(channel=channel, steps=CLOSES) as town:
        lea = await leads(town)
        code = await late_link(town, lea, "25.3.")
        karl = town.somebody("Karl")
        await karl.says(f"/start {code}")
        assert "Fristen er udløbet" not in seen(karl)
        await karl.taps("Jeg er med")
        assert "Fristen er udløbet" not in seen(karl)


async def test_a_late_link_that_is_used_is_no_link_to_somebody_else_of_the_entry(found: Found) -> None:
    """Forwarded to who has come by the entry's ordinary link."""
    async with found(steps=CLOSES) as town:
        lea = await leads(town)
        await comes_to(town, AFTER)
        code = await late_link(town, lea, "25.3.")
        await card_of_the_party(lea)
        await lea.taps("Lav et personligt link")
        own = next(part for part in seen(lea).replace("=", "/").split("/") if part.startswith("i-")).split()[0]
        karl, olga = town.somebody("Karl"), town.somebody("Olga")
        await comes_by(karl, code)
        await olga.says(f"/start {own}")
        await olga.taps("Jeg er med")
        olga.sees()
        await olga.says(f"/start {code}")
        assert "til og med" not in seen(olga)
        assert town.rows("SELECT count(*) FROM late_links") == [(1,)]


@on_both
async def test_a_late_link_leads_to_what_one_speaks_for_its_entry_as(found: Found, channel: str) -> None:
    """Opened while they answer as something else."""
    async with found(channel=channel, steps=f"{CLOSES}, plan") as town:
        lea = await leads(town)
        code = await late_link(town, lea, "25.3.")
        anna = town.somebody("Anna")
        await anna.says("/start plan")
        for label in ("Jeg er med", "Forening"):
            await anna.taps(label)
        town.public.add(PARTY)
        await anna.says(PARTY)
        for label in ("Idræt", "Nordby", "Nej", PARTY):
            await anna.taps(label)
        await anna.says("Et ønske om lys")
        for label in ("/rolle", "Svar som en anden", "Frivillig", "Idræt", "Nordby"):
            await (anna.says(label) if label.startswith("/") else anna.taps(label))
        await comes_to(town, AFTER)
        anna.sees()
        await anna.says(f"/start {code}")
        shown = seen(anna)
        assert "Du svarer nu som: Forening." in shown and f"til og med {UNTIL}" in shown and SHUT not in shown
        await sends(anna, "Lys på banen")
        assert exported(town) == [("self", None, True)]


@on_both
async def test_a_late_link_goes_with_its_entry(found: Found, channel: str) -> None:
    """Of an entry that is taken off the register it lets nobody answer, whatever they answer as."""
    async with found(channel=channel, steps=CLOSES) as town:
        lea = await leads(town)
        await comes_to(town, AFTER)
        code, other = await late_link(town, lea, "25.3."), await late_link(town, lea, "25.3.")
        karl, olga = town.somebody("Karl"), town.somebody("Olga")
        await comes_by(karl, code)
        await card_of_the_party(lea)
        for label in ("Fjern fra listen", "Ja, fjern fra listen"):
            await lea.taps(label)
        for label in ("/rolle", "Svar som en anden", "Frivillig", "Idræt", "Nordby"):
            await (karl.says(label) if label.startswith("/") else karl.taps(label))
        karl.sees()
        await karl.says(f"/start {FLOW}")
        assert SHUT in seen(karl)
        await olga.says(f"/start {other}")
        await olga.taps("Jeg er med")
        assert "til og med" not in seen(olga)
        assert town.rows("SELECT count(*) FROM late_links") == [(1,)]


@on_both
async def test_who_has_answered_as_themselves_answers_late_as_the_entry_beside_that(found: Found, channel: str) -> None:
    """What they sent in time stands; the association's answer is another one, with a row of its own."""
    async with found(channel=channel, steps=CLOSES) as town:
        lea = await leads(town)
        code = await late_link(town, lea, "25.3.")
        anna = town.somebody("Anna")
        await anna.says(f"/start {FLOW}")
        for label in ("Jeg er med", "Frivillig", "Idræt", "Nordby", "Nej"):
            await anna.taps(label)
        await sends(anna, "Mere lys på stien")
        await comes_to(town, AFTER)
        await anna.says(f"/start {code}")
        anna.sees()
        await anna.taps(PARTY)
        shown = seen(anna)
        assert "Du svarer nu som: Forening." in shown
        while FIRST not in shown:
            await anna.taps("Spring over")
            shown = seen(anna)
        await sends(anna, "Lys på banen")
        late = "(SELECT late FROM receptions WHERE run_id = runs.id)"
        sent = town.rows(
            f"SELECT stakeholder, party_id IS NOT NULL, tied_by, {late} FROM runs WHERE flow = ? ORDER BY id", FLOW
        )
        assert sent == [("frivillig", 0, None, None), ("forening", 1, "link", 1)]
        assert town.rows("SELECT stakeholder, party_id IS NOT NULL FROM capacities WHERE stakeholder IS NOT NULL") == [
            ("frivillig", 0),
            ("forening", 1),
        ]

"""Hearing responses that come after the deadline, by a late link or by letter: their numbers and receipts are those of
all others, their author takes one back while the late link holds, and what is in the case stays."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.access import Role
from bot.dialogue.reply import Reply
from bot.features import process_file
from bot.features.invitations import service as invitations
from bot.features.invitations.service import LinkPreset
from bot.features.late_answers import service as late_answers
from bot.features.register import service as register
from bot.features.register import ties
from bot.flows.schedule import DAY
from bot.process.flows import shipped_flows
from bot.process.host import ProcessHost
from bot.process.notice import notice_of
from bot.process.plan import Plan, Versioned
from bot.texts import times
from storage import coverage_counters, hearing_responses, people
from storage.db import Database, Tx
from storage.encryption import Keyring
from tests.support import titles
from tests.support.bureau import NOW, Bureau, Person, described
from tests.support.receipts import codes_on

CLOSES = "2026-03-20 12:00"  # the hearing's
AFTER = NOW + 20 * DAY  # the 23rd
UNTIL = NOW + 30 * DAY
PARTY = "Nordby Petanque"
SEND, WITHDRAW, YES_WITHDRAW, ERASE = (
    "Send høringssvaret",
    "Træk svaret tilbage",
    "Ja, træk det tilbage",
    "Ja, slet alt",
)
STEP = "Høring om den nye politik"
LATE = "Svaret er registreret som modtaget efter fristen."
SHUT = "« var fredag den 20. marts 2026 kl. 12.00"


@pytest.fixture
async def bureau(tmp_path: Path) -> AsyncIterator[Bureau]:
    file = described(hoering=("2026-03-01 08:00", CLOSES))
    database = await Database.open(tmp_path / "besyv.db", Keyring.open_or_create(tmp_path / "besyv.key"))
    await database.write(lambda tx: process_file.save(tx, file, shipped_flows(file), NOW))
    yield Bureau(database, ProcessHost(file.process), tmp_path / "besyv.db")
    await database.close()


def said(reply: Reply) -> str:
    return "\n\n".join((*reply.notes, reply.title or "", *reply.body))


def labels(reply: Reply | None) -> list[str]:
    return [move.label for move in reply.buttons] if reply is not None else []


async def code_of(bureau: Bureau, until: int = UNTIL) -> str:
    def make(tx: Tx) -> str:
        party = register.add(tx, 1, PARTY, "by-hand", NOW)
        to = LinkPreset(flow="hoering", stakeholder="forening", party_id=party)
        return invitations.make_personal(tx, 1, to, NOW, label=PARTY, answers_until=until)

    return await bureau.database.write(make)


def is_at_a_section(person: Person) -> bool:
    return any(label.startswith("Enig") for label in labels(person.seen))


async def at_step(bureau: Bureau, code: str, address: str = "700", now: int = AFTER) -> Person:
    person = bureau.person(address)
    person.now = now
    await person.starts(code)
    await person.taps("Jeg er med")
    while not is_at_a_section(person):
        offered = ("Nej", "Vil ikke sige det", "Vil ikke svare", PARTY, "Vores forening", "Spring over")
        await person.taps(next(label for label in offered if label in labels(person.seen)))
    return person


async def sends(person: Person, words: str = "Lys på banen") -> Reply:
    for answer in (*("enig", "Spring over") * 3, words):
        await person.says(answer)
    while SEND not in labels(person.seen):
        await person.taps(next(label for label in ("Nej", "Spring over") if label in labels(person.seen)))
    return await person.taps(SEND)


async def listed(bureau: Bureau) -> list[tuple[int, bool]]:
    """Number, and whether it was taken back, of each response that was ever sent."""
    found = await bureau.database.read(lambda tx: hearing_responses.of_process(tx, 1))
    return [(each.number, each.withdrawn_at is not None) for each in found]


async def journalises(bureau: Bureau, number: int) -> None:
    await bureau.database.write(lambda tx: hearing_responses.mark_journalised(tx, 1, number, AFTER + DAY))


async def counted_right(bureau: Bureau) -> None:
    counted, recounted = await bureau.database.read(
        lambda tx: (coverage_counters.of_process(tx, 1), coverage_counters.recounted(tx, 1))
    )
    assert sorted(map(repr, counted)) == sorted(map(repr, recounted))


async def test_a_late_response_has_the_next_number_and_a_receipt_whose_check_holds(bureau: Bureau) -> None:
    in_time = await at_step(bureau, await code_of(bureau), "699", NOW)
    assert LATE not in said(await sends(in_time))
    person = await at_step(bureau, await code_of(bureau))
    receipt = said(await sends(person))
    assert "Tak for høringssvar nr. 2\n" in receipt
    assert LATE in receipt
    code, check = codes_on(receipt)
    assert await listed(bureau) == [(1, False), (2, False)]
    await person.types("kontrol")
    assert f"Kontrolkoden for teksten er nu: {check}" in said(await person.says(code))
    await counted_right(bureau)


async def test_a_late_response_is_taken_back_by_its_author_while_the_link_holds(bureau: Bureau) -> None:
    person = await at_step(bureau, await code_of(bureau))
    assert WITHDRAW in labels(await sends(person))
    await person.taps(WITHDRAW)
    await person.taps(YES_WITHDRAW)
    assert await listed(bureau) == [(1, True)]
    assert LATE in said(await person.taps(SEND))  # again, with a number of its own
    assert await listed(bureau) == [(1, True), (2, False)]
    person.now = UNTIL
    await person.types("ret")
    assert WITHDRAW not in labels(person.seen)
    await counted_right(bureau)


async def test_a_late_response_is_erased_with_its_author_while_the_link_holds(bureau: Bureau) -> None:
    person = await at_step(bureau, await code_of(bureau))
    await sends(person)
    await person.types("slet")
    assert "Høringssvar nr. 1 er trukket tilbage." in said(await person.taps(ERASE))
    assert await listed(bureau) == [(1, True)]


@pytest.mark.parametrize("when", ["the link has ended", "it is in the case", "the link is closed"])
async def test_afterwards_a_late_response_stands(bureau: Bureau, when: str) -> None:
    """It is neither corrected nor taken back, and erasing oneself asks the leader."""
    person = await at_step(bureau, await code_of(bureau))
    await sends(person)
    if when == "the link has ended":
        person.now = UNTIL
    elif when == "it is in the case":
        await journalises(bureau, 1)
    else:
        await bureau.database.write(lambda tx: tx.run("UPDATE invitations SET revoked_at = :now", now=AFTER))
    await person.types("ret")
    await person.taps(STEP)
    assert WITHDRAW not in labels(person.seen)
    assert SHUT in said(await person.taps("Ret 5"))
    await person.types("slet")
    await person.taps(ERASE)
    assert await listed(bureau) == [(1, False)]
    assert bureau.rows("erasure_requests") == 1


async def speaks_for_oneself(bureau: Bureau, person: Person) -> Reply:
    await person.starts(await code_of(bureau))
    await person.taps("Jeg er med")
    while not is_at_a_section(person):
        offered = ("Kun mig selv", "Nej", "Vil ikke sige det", "Vil ikke svare", PARTY, "Spring over")
        await person.taps(next(label for label in offered if label in labels(person.seen)))
    return await sends(person)


@pytest.mark.parametrize("tied", ["by nobody: they answer for themselves", "by the leader no more"])
async def test_a_late_response_is_its_authors_until_the_links_day_whoever_it_is_tied_to(
    bureau: Bureau, tied: str
) -> None:
    if tied == "by the leader no more":
        person = await at_step(bureau, await code_of(bureau))
        await sends(person)
        await bureau.database.write(
            lambda tx: ties.undo(tx, tx.only("SELECT id FROM runs WHERE flow = 'hoering'")["id"])
        )
    else:
        person = bureau.person("700")
        person.now = AFTER
        receipt = await speaks_for_oneself(bureau, person)
        assert SHUT not in said(receipt) and WITHDRAW in labels(receipt)
    await person.types("ret")
    await person.taps(STEP)
    assert SHUT not in said(await person.taps("Ret 8"))
    await person.says("Lys ved banen")
    await person.types("ret")
    await person.taps(STEP)
    await person.taps(WITHDRAW)
    await person.taps(YES_WITHDRAW)
    assert await listed(bureau) == [(1, True)]
    await counted_right(bureau)


# --- by letter --------------------------------------------------------------------------------------------


async def leads(bureau: Bureau) -> Person:
    person = bureau.person("1")
    person.now = AFTER
    await person.starts()
    await person.taps("Jeg er med")

    def grant(tx: Tx) -> None:
        found = people.at_address(tx, "telegram", "1")
        assert found is not None
        people.grant(tx, found.id, Role.LEADER, NOW)

    await bureau.database.write(grant)
    return person


async def enters(lea: Person, day: str) -> Reply:
    await lea.opens("indtast")
    for label in ("Indtast nye svar", "Brev", titles.at_work("hoering"), "Borger"):
        await lea.taps(label)
    await lea.says(day)
    await lea.taps("Én person")
    while not is_at_a_section(lea):
        offered = ("Mig selv", "Nej", "Vil ikke svare", "Spring over")
        await lea.taps(next(label for label in offered if label in labels(lea.seen)))
    return await sends(lea)


@pytest.mark.parametrize(("day", "late"), [("20.3.", False), ("21.3.", True)])
async def test_a_letter_is_a_response_with_number_receipt_and_the_day_it_came(
    bureau: Bureau, day: str, late: bool
) -> None:
    lea = await leads(bureau)
    receipt = said(await enters(lea, day))
    assert "Tak for høringssvar nr. 1\n" in receipt
    assert f"Brevet eller mailen kom den {day[:2]}. marts 2026." in receipt
    assert (LATE in receipt) == late
    await lea.taps("Luk indtastningen")
    listing = said(await lea.opens("hoeringssvar"))
    assert f"Brevet eller mailen kom den {day[:2]}. marts 2026." in listing
    assert ("Modtaget efter fristen." in listing) == late
    await counted_right(bureau)


async def test_a_letter_in_the_case_is_not_corrected(bureau: Bureau) -> None:
    lea = await leads(bureau)
    await enters(lea, "21.3.")
    await lea.types("ret")
    await lea.taps(STEP)
    assert "Ret 5" in labels(lea.seen)
    await journalises(bureau, 1)
    assert SHUT in said(await lea.taps("Ret 5"))


async def test_the_day_of_a_letter_in_the_case_is_not_corrected(bureau: Bureau) -> None:
    lea = await leads(bureau)
    await enters(lea, "21.3.")
    await lea.taps("Luk indtastningen")
    await lea.taps(next(label for label in labels(lea.seen) if label.startswith("✓")))
    asked = await lea.taps("Ret, hvilken dag svaret kom")
    assert "Hvilken dag" in said(asked)
    await journalises(bureau, 1)
    assert "Siden findes ikke længere." in said(await lea.says("19.3."))
    await lea.taps(next(label for label in labels(lea.seen) if label.startswith("✓")))
    assert "Ret, hvilken dag svaret kom" not in labels(lea.seen)
    assert "Modtaget efter fristen." in said(await lea.opens("hoeringssvar"))


async def test_how_many_stand_behind_a_letter_in_the_case_is_not_corrected(bureau: Bureau) -> None:
    lea = await leads(bureau)
    await enters(lea, "19.3.")
    await lea.taps("Luk indtastningen")
    await lea.taps(next(label for label in labels(lea.seen) if label.startswith("✓")))
    await lea.taps("Ret antallet af personer")
    await journalises(bureau, 1)
    assert "Siden findes ikke længere." in said(await lea.says("400"))
    await lea.taps(next(label for label in labels(lea.seen) if label.startswith("✓")))
    assert "Ret antallet af personer" not in labels(lea.seen)
    assert await bureau.database.read(lambda tx: tx.count("SELECT max(behind) FROM runs")) == 1


# --- the rules --------------------------------------------------------------------------------------------


@given(st.dates(date(2026, 3, 1), date(2026, 4, 30)), st.integers(0, 40 * 24))
def test_a_letter_is_late_by_its_day_alone(day: date, hours: int) -> None:
    """Whenever it is entered after the deadline, and at whatever hour."""
    plan = _plan()
    deadline = date(2026, 3, 20)
    closed = plan.closes_at("hoering", NOW + 60 * DAY)
    assert closed is not None
    for now in (closed, closed + hours * 3600):
        assert late_answers.came_late(plan, "hoering", "borger", day, now) == (day > deadline)


def _plan() -> Plan:
    file = described(hoering=("2026-03-01 08:00", CLOSES))
    flows = {flow.flow: Versioned(1, flow) for flow in shipped_flows(file)}
    return Plan(process_id=1, revision=1, file=file, notice=notice_of(file), flows=flows)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)), st.integers(0, 364))
def test_a_day_without_a_year_is_the_last_time_it_came(today: datetime, ago: int) -> None:
    day = today.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=ago)
    assert times.past_day(f"{day.day}.{day.month}.", today) == day
    assert times.past_day(f"{day.day}/{day.month}-{day.year}", today) == day

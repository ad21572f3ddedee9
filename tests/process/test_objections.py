"""Who objects has their answers set aside at once; the leader decides in writing, and the person may undo it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.access import Role
from bot.dialogue.reply import Reply
from bot.features import MESSAGES, process_file
from bot.features.objections import panel as objection_panel
from bot.features.privacy import own_data
from bot.flows.schedule import DAY
from bot.outbox.sender import OutboundMessage, Sender
from bot.process.flows import shipped_flows
from bot.process.host import ProcessHost
from storage import audit, coverage_counters, export, objections, people
from storage.db import Database, Tx
from storage.encryption import Keyring
from tests.support.bureau import NOW, OPEN, VOLUNTEER, Bureau, Person, described

CLOSES = "2026-03-20 12:00"  # the hearing's
AFTER = NOW + 20 * DAY
ASIDE, AGAIN = "Brug ikke mine svar", "Brug mine svar igen"
COUNTS_NOTHING = "Dine svar er sat til side og tæller ikke med for tiden."
WHY, REASON = "Jeg skrev mere, end jeg ville", "Uden svaret kan udvalget ikke se, hvem der er hørt"


@pytest.fixture
async def bureau(tmp_path: Path) -> AsyncIterator[Bureau]:
    file = described(hoering=(None, CLOSES), borger=OPEN)
    database = await Database.open(tmp_path / "besyv.db", Keyring.open_or_create(tmp_path / "besyv.key"))
    await database.write(lambda tx: process_file.save(tx, file, shipped_flows(file), NOW))
    yield Bureau(database, ProcessHost(file.process), tmp_path / "besyv.db")
    await database.close()


def said(reply: Reply) -> str:
    return "\n\n".join((*reply.notes, reply.title or "", *reply.body))


def labels(reply: Reply) -> list[str]:
    return [move.label for move in reply.buttons]


def at(tx: Tx, address: str) -> people.Person:
    found = people.at_address(tx, "telegram", address)
    assert found is not None
    return found


async def responds(bureau: Bureau, address: str = "700") -> Person:
    person = bureau.person(address)
    await person.joins(*VOLUNTEER, payload="hoering")
    for answer in ("Mig selv", *("Enig", "Spring over") * 3, "Flere bænke i byen"):
        await person.says(answer)
    await person.taps("Send høringssvaret")
    return person


async def leads(bureau: Bureau, role: Role = Role.LEADER, address: str = "1") -> Person:
    person = bureau.person(address)
    await person.starts()
    await person.taps("Jeg er med")
    await bureau.database.write(lambda tx: people.grant(tx, at(tx, address).id, role, NOW))
    return person


async def objects(person: Person, why: str = "") -> Reply:
    await person.types("indsigelse")
    reply = await person.taps(ASIDE)
    return await person.says(why) if why else reply


async def used(bureau: Bureau) -> tuple[int, list[tuple[str, int]]]:
    """Rows of the export; what is counted as sent."""

    def counted(tx: Tx) -> list[tuple[str, int]]:
        return [(each.flow, each.sent) for each in coverage_counters.of_process(tx, 1) if each.sent]

    connection = export.open_reading(bureau.path)
    rows = export.count(connection, 1)
    connection.close()
    return rows, await bureau.database.read(counted)


async def goes_out(bureau: Bureau, now: int) -> list[tuple[str, str]]:
    """What is sent by then: to whom, and its words."""
    out: list[tuple[str, str]] = []

    async def send(message: OutboundMessage) -> int:
        out.append((message.address, said(message.reply)))
        return now

    sender = Sender(database=bureau.database, context=bureau.context, messages=MESSAGES, clock=lambda: now)
    sender.connect_channel("telegram", send)
    await sender.send_due()
    return out


async def test_from_the_yes_on_nothing_uses_the_answers_and_back_is_as_it_was(bureau: Bureau) -> None:
    person = await responds(bureau)
    before = await used(bureau)
    for asked in (await person.types("object"), await person.says("indsigelse")):  # by its own word, too
        assert "Loven kalder det indsigelse og begrænsning. Det står i artikel 18 og 21" in said(asked)
    assert await used(bureau) == before  # nothing until the yes
    done = await person.taps(ASIDE)
    assert "Dine svar er sat til side, og projektlederen har fået din indsigelse." in said(done)
    assert await used(bureau) == (0, [])
    assert "Dine svar blev sat til side" in said(await person.types("indsigelse"))
    back = said(await person.taps(AGAIN))
    assert "Vi bruger dine svar igen." in back and "Vil du gøre indsigelse?" not in back
    assert await used(bureau) == before


async def test_the_leader_sees_who_objects_why_and_about_how_much_and_no_answer(bureau: Bureau) -> None:
    person, lea = await responds(bureau), await leads(bureau)
    given = said(await objects(person, WHY))
    assert "Din begrundelse er gemt." in given and "Vil du ændre begrundelsen, så skriv den igen." in given
    assert "hvorfor du ikke vil have" not in given
    signs = (await bureau.database.read(lambda tx: at(tx, "700"))).pseudonym[-4:]
    assert "1 indsigelse venter på din afgørelse." in said(await lea.types("leder"))
    listed = said(await lea.taps("Indsigelser"))
    assert f"Deltager …{signs}: Sat til side" in listed and WHY not in listed
    card = said(await lea.taps(f"Se indsigelsen fra …{signs}"))
    assert f"Begrundelse: {WHY}" in card
    assert "Høring om udkastet (guidens trin 9): " in card and "Høringssvar nr. 1 er med" in card
    assert "Flere bænke" not in card
    responses = said(await lea.opens("hoeringssvar"))
    assert "Nr. 1: sendt" in responses and "Sat til side" in responses
    card_of_response = await lea.taps("Nr. 1")
    assert labels(card_of_response) == ["Tilbage"]  # neither contact, check nor mark
    files = said(await lea.opens("filer"))
    assert "1 person har gjort indsigelse. Antal svar, der er sat til side og ikke står i filen: 12." in files
    lines = await bureau.database.read(lambda tx: audit.newest(tx, 1, 50, 1 << 62))
    assert {"objections", "objection-read"} <= {line.action for line in lines}
    assert WHY not in str(lines) and signs not in str([line.detail for line in lines])


async def test_upheld_they_stay_aside_until_the_deletion_date_and_the_person_may_still_undo_it(bureau: Bureau) -> None:
    person, lea = await responds(bureau), await leads(bureau)
    before = await used(bureau)
    await objects(person)
    await lea.opens("indsigelser/1/se")
    await lea.taps("Brug ikke svarene")
    assert "Personen får besked." in said(await lea.taps("Ja, brug dem ikke"))
    [told] = [words for to, words in await goes_out(bureau, NOW + DAY) if to == "700"]
    assert "Projektlederen gav dig ret" in told and "klage til Datatilsynet" in told
    assert await used(bureau) == (0, [])
    assert "Projektlederen gav dig ret" in said(await person.types("mine"))
    await person.types("indsigelse")
    await person.taps(AGAIN)
    assert await used(bureau) == before
    assert "Indsigelsen er trukket tilbage" in said(await lea.opens("indsigelser/1"))


async def test_overruled_they_are_used_again_for_a_reason_the_person_is_told(bureau: Bureau) -> None:
    person, lea = await responds(bureau), await leads(bureau, Role.DEPUTY)
    before = await used(bureau)
    await objects(person)
    await person.types("stop")  # an answer that is owed comes all the same
    await lea.opens("indsigelser/1/se")
    asked = await lea.taps("Brug svarene igen")
    assert await used(bureau) == (0, [])  # not without a reason
    assert "bliver svarene brugt igen" in said(asked)
    assert "Svarene bliver brugt igen." in said(await lea.says(REASON))
    assert await used(bureau) == before
    [told] = [words for to, words in await goes_out(bureau, NOW + DAY) if to == "700"]
    assert REASON in told and "klage til Datatilsynet" in told
    assert REASON in said(await person.types("mine"))
    await objects(person)  # again, for other reasons
    assert await used(bureau) == (0, [])


async def test_a_decision_comes_too_late_for_what_was_taken_back_or_decided(bureau: Bureau) -> None:
    person, lea = await responds(bureau), await leads(bureau)
    before = await used(bureau)
    await objects(person)
    await lea.opens("indsigelser/1/se")
    await lea.taps("Brug ikke svarene")
    await person.types("indsigelse")
    await person.taps(AGAIN)
    assert "Indsigelsen er trukket tilbage" in said(await lea.taps("Ja, brug dem ikke"))
    assert await used(bureau) == before
    assert [to for to, _ in await goes_out(bureau, NOW + DAY)] == []  # who leads need not be told any more


async def test_of_two_who_decide_at_once_the_second_is_shown_what_was_decided(bureau: Bureau) -> None:
    person, lea, dan = await responds(bureau), await leads(bureau), await leads(bureau, Role.DEPUTY, "2")
    before = await used(bureau)
    await objects(person)
    for each in (lea, dan):
        await each.opens("indsigelser/1/se")
    await lea.taps("Brug ikke svarene")
    await dan.taps("Brug svarene igen")
    await dan.says(REASON)
    shown = said(await lea.taps("Ja, brug dem ikke"))
    assert ("Personen får besked." in shown, REASON in shown) == (False, True)
    assert await used(bureau) == before


async def test_who_decides_is_told_at_once_and_after_a_fortnight_if_it_still_waits(bureau: Bureau) -> None:
    person = await responds(bureau)
    await leads(bureau)
    await leads(bureau, Role.STEERING, "2")
    await objects(person)
    [(to, words)] = await goes_out(bureau, NOW + DAY)
    assert to == "1" and "En deltager har gjort indsigelse" in words
    assert await goes_out(bureau, NOW + 13 * DAY) == []
    assert [to for to, _ in await goes_out(bureau, NOW + 16 * DAY)] == ["1"]
    assert await goes_out(bureau, NOW + 40 * DAY) == []


@pytest.mark.parametrize("role", [None, Role.STEERING, Role.FACILITATOR, Role.DEPUTY, Role.LEADER])
async def test_only_leader_and_deputy_decide(bureau: Bureau, role: Role | None) -> None:
    person = await responds(bureau)
    await objects(person)
    other = await leads(bureau, role) if role is not None else await responds(bureau, "9")
    allowed = role in (Role.LEADER, Role.DEPUTY)
    for path in ("indsigelser", "indsigelser/1/se", "indsigelser/1/side/ja"):
        shown = await other.opens(path)
        assert (shown.title is not None and shown.title.startswith(("Indsigelser", "Deltager …"))) is allowed, path
    [found] = await bureau.database.read(lambda tx: objections.of_process(tx, 1))
    assert (found.decided_at is not None) is allowed


async def test_a_response_of_the_case_is_said_to_stay_in_it_and_erased_it_stays_aside(bureau: Bureau) -> None:
    person, lea = await responds(bureau), await leads(bureau)
    assert "hører til kommunens sag" not in said(await person.types("indsigelse"))
    person.now = lea.now = AFTER
    assert "Høringssvar nr. 1 hører til kommunens sag." in said(await person.types("indsigelse"))
    await person.taps(ASIDE)
    await person.types("slet")
    await person.taps("Ja, slet alt")
    assert (bureau.rows("objections"), bureau.rows("hearing_responses"), await used(bureau)) == (0, 1, (0, []))
    assert "Sat til side" in said(await lea.opens("hoeringssvar"))


async def test_their_own_data_tells_of_it_and_what_they_send_meanwhile_counts_nothing(bureau: Bureau) -> None:
    person = bureau.person()
    await person.joins("Borger", "Vil ikke svare", "Nej", payload="borger")
    await objects(person, WHY)
    await person.types("fortsaet")
    await person.says("I lørdags")
    while "Send" not in labels(person.seen or Reply(language="da", screen="text")):
        await person.taps("Spring over")
    receipt = said(await person.taps("Send"))
    assert "Kvittering" in receipt and COUNTS_NOTHING in receipt
    assert await used(bureau) == (0, [])
    mine = await person.asks(lambda s: own_data.mine(objection_panel.in_short, s))
    assert "Dine svar blev sat til side" in said(mine)
    assert mine.files.attachment is not None
    [told] = json.loads(mine.files.attachment.content)["objections"]
    assert (told["why"], told["decided_at"]) == (WHY, None)
    await person.types("indsigelse")
    await person.taps(AGAIN)
    rows, counted = await used(bureau)
    assert (rows > 0, counted) == (True, [("borger", 1)])


async def test_in_an_entry_for_others_it_is_that_one_that_is_set_aside_and_its_own_answers_are_not(
    bureau: Bureau,
) -> None:
    await responds(bureau)
    lea, facilitator = await leads(bureau), await leads(bureau, Role.FACILITATOR, "2")

    def enters(tx: Tx) -> int:
        own = at(tx, "2")
        entered = people.add(tx, own.process_id, "et-bord", "da", NOW)
        people.add_entered(tx, entered, "phone", 1, own.id)
        people.accept_notice(tx, entered, own.notice_version or "", NOW)
        people.enter(tx, "telegram", "2", entered, NOW)
        return own.id

    own = await bureau.database.write(enters)
    await objects(facilitator)
    found = await bureau.database.read(lambda tx: (at(tx, "2"), people.by_id(tx, own)))
    assert found[0].source == "phone" and found[0].set_aside_at is not None
    assert found[1] is not None and found[1].set_aside_at is None
    assert "Vi kan ikke skrive til personen" in said(await lea.opens("indsigelser/1/se"))

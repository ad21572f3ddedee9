"""A sent hearing response never vanishes: its number is given once, its author takes it back until the deadline, and
what belongs to the case is left when its author is erased, for the leader to decide on."""

from __future__ import annotations

import asyncio
import hashlib
import json
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.access import Role
from bot.dialogue.reply import Reply
from bot.features import MESSAGES, process_file
from bot.features.hearing import service
from bot.features.privacy import retention
from bot.flows import receipts
from bot.flows.schedule import DAY
from bot.outbox.sender import OutboundMessage, Sender
from bot.process.flows import shipped_flows
from bot.process.host import ProcessHost
from bot.process.plan import deletion_at
from reports.answers import write
from storage import coverage_counters, erasure_requests, export, hearing_responses, people, recipients, runs
from storage.db import Database, Tx
from storage.encryption import Keyring
from tests.support.bureau import NOW, OPEN, VOLUNTEER, Bureau, Person, described
from tests.support.receipts import codes_on
from tests.support.sizes import examples

CLOSES = "2026-03-20 12:00"  # the hearing's
AFTER = NOW + 20 * DAY
SEND, WITHDRAW, YES_WITHDRAW, ERASE = (
    "Send høringssvaret",
    "Træk svaret tilbage",
    "Ja, træk det tilbage",
    "Ja, slet alt",
)
WORDS = "Flere bænke i byen"


@asynccontextmanager
async def a_bureau(folder: Path) -> AsyncIterator[Bureau]:
    file = described(hoering=(None, CLOSES), borger=OPEN)
    database = await Database.open(folder / "besyv.db", Keyring.open_or_create(folder / "besyv.key"))
    await database.write(lambda tx: process_file.save(tx, file, shipped_flows(file), NOW))
    yield Bureau(database, ProcessHost(file.process), folder / "besyv.db")
    await database.close()


@pytest.fixture
async def bureau(tmp_path: Path) -> AsyncIterator[Bureau]:
    async with a_bureau(tmp_path) as found:
        yield found


def said(reply: Reply) -> str:
    return "\n\n".join((*reply.notes, reply.title or "", *reply.body))


def labels(reply: Reply | None) -> list[str]:
    return [move.label for move in reply.buttons] if reply is not None else []


async def responds(bureau: Bureau, address: str = "700", words: str = WORDS) -> tuple[Person, Reply]:
    """A hearing response that is sent, and its receipt."""
    person = bureau.person(address)
    await person.joins(*VOLUNTEER, payload="hoering")
    for answer in ("Mig selv", *("Enig", "Spring over") * 3, words):
        await person.says(answer)
    return person, await person.taps(SEND)


async def leads(bureau: Bureau, role: Role = Role.LEADER, address: str = "1") -> Person:
    person = bureau.person(address)
    await person.starts()
    await person.taps("Jeg er med")
    await bureau.database.write(lambda tx: people.grant(tx, _at(tx, address), role, NOW))
    return person


def _at(tx: Tx, address: str) -> int:
    found = people.at_address(tx, "telegram", address)
    assert found is not None
    return found.id


async def erases(person: Person) -> str:
    await person.types("slet")
    return said(await person.taps(ERASE))


async def listed(bureau: Bureau) -> list[tuple[int, bool, bool]]:
    """Number, whether it was taken back, whether the text is gone; of each response that was ever sent."""
    found = await bureau.database.read(lambda tx: hearing_responses.of_process(tx, 1))
    return [(each.number, each.withdrawn_at is not None, each.run_id is None) for each in found]


async def request_of(bureau: Bureau) -> erasure_requests.ErasureRequest:
    [found] = await bureau.database.read(lambda tx: erasure_requests.of_process(tx, 1))
    return found


async def exported(bureau: Bureau) -> list[dict[str, object]]:
    def read() -> list[dict[str, object]]:
        lines: list[bytes] = []
        connection = export.open_reading(bureau.path)
        write(connection, bureau.database.keys, "eksempel", "jsonl", lines.append)
        connection.close()
        return [json.loads(line) for line in b"".join(lines).splitlines()]

    return await asyncio.to_thread(read)


async def counted_right(bureau: Bureau) -> None:
    counted, recounted = await bureau.database.read(
        lambda tx: (coverage_counters.of_process(tx, 1), coverage_counters.recounted(tx, 1))
    )
    assert sorted(map(repr, counted)) == sorted(map(repr, recounted))


# --- numbers ----------------------------------------------------------------------------------------------


async def test_numbers_are_given_in_order_and_never_again_whatever_is_erased(bureau: Bureau) -> None:
    for number, address in enumerate(("11", "12", "13"), 1):
        person, receipt = await responds(bureau, address)
        assert f"Tak for høringssvar nr. {number}\n" in said(receipt)
        assert f"Høringssvar nr. {number} er trukket tilbage." in await erases(person)
    assert await listed(bureau) == [(1, True, True), (2, True, True), (3, True, True)]
    await counted_right(bureau)


async def test_each_step_counts_for_itself(bureau: Bureau) -> None:
    await responds(bureau)
    citizen = bureau.person("20")
    await citizen.joins("Borger", "Vil ikke svare", "Nej", payload="borger")
    await citizen.says("I lørdags")
    while "Send" not in labels(citizen.seen):
        await citizen.taps("Spring over")
    assert "Kvitteringsnummeret er 1." in said(await citizen.taps("Send"))


async def test_the_number_stands_in_the_export(bureau: Bureau) -> None:
    await responds(bureau, "11")
    await responds(bureau, "12", "Flere borde")
    rows = [row for row in await exported(bureau) if row["question"] == "H5"]
    assert {row["text"]: row["receipt"] for row in rows} == {WORDS: 1, "Flere borde": 2}


# --- taken back -------------------------------------------------------------------------------------------


async def test_what_is_taken_back_keeps_its_number_and_is_a_draft_that_nobody_else_sees(bureau: Bureau) -> None:
    author, _ = await responds(bureau)
    await author.taps(WITHDRAW)
    assert "Høringssvar nr. 1 er trukket tilbage." in said(await author.taps(YES_WITHDRAW))
    assert await listed(bureau) == [(1, True, True)]
    assert [row for row in await exported(bureau) if row["flow"] == "hoering"] == []
    await counted_right(bureau)
    assert "Tak for høringssvar nr. 2\n" in said(await author.taps(SEND))
    assert await listed(bureau) == [(1, True, True), (2, False, False)]
    assert WORDS in [row["text"] for row in await exported(bureau)]


@pytest.mark.parametrize("late", [False, True], ids=["journalised", "after the deadline"])
async def test_what_belongs_to_the_case_is_not_taken_back_though_the_button_stands_there(
    bureau: Bureau, late: bool
) -> None:
    author, _ = await responds(bureau)
    await author.taps(WITHDRAW)
    if late:
        author.now = AFTER
    else:
        await bureau.database.write(lambda tx: hearing_responses.mark_journalised(tx, 1, 1, NOW))
    told = said(await author.taps(YES_WITHDRAW))
    assert ("Fristen" in told or "fristen" in told) if late else ("journaliseret" in told)
    assert await listed(bureau) == [(1, False, False)]
    await author.types("ret")
    assert WITHDRAW not in labels(author.seen)


async def test_who_took_it_back_is_reminded_no_more(bureau: Bureau) -> None:
    author, _ = await responds(bureau)
    await author.taps(WITHDRAW)
    await author.taps(YES_WITHDRAW)
    groups = ("frivillig",)
    for whom in (
        recipients.not_answered(1, "hoering", groups),
        recipients.unfinished(1, "hoering", groups, AFTER, 0),
    ):
        assert await bureau.database.read(lambda tx, whom=whom: recipients.count(tx, whom)) == 0  # type: ignore[misc]  # a default in a lambda


# --- the check of a receipt -------------------------------------------------------------------------------


async def test_the_check_is_repeated_with_the_code_of_the_receipt_by_hand_and_by_its_author(bureau: Bureau) -> None:
    author, receipt = await responds(bureau)
    code, check = codes_on(said(receipt))
    shown = await author.types("kontrol")
    [make] = (await author.taps("Hent teksten")).files.makes
    text = make().content
    by_hand = hashlib.sha256(code.replace("-", "").encode() + text).hexdigest()[:16]
    assert check.replace("-", "") == by_hand
    assert WORDS in text.decode() and shown.input.words
    assert f"Kontrolkoden for teksten er nu: {check}" in said(await author.says(f" {code.upper().replace('-', ' ')} "))
    assert "Det, du skrev, er ikke en kvitteringskode." in said(await author.says("abcd-efg"))


async def test_the_check_is_another_when_the_text_is(bureau: Bureau) -> None:
    author, receipt = await responds(bureau)
    code, check = codes_on(said(receipt))
    await author.types("ret")
    await author.taps("Høring om den nye politik")
    await author.taps("Ret 8")
    await author.says("Færre bænke i byen")
    await author.types("kontrol")
    told = said(await author.says(code))
    assert check not in told and "Teksten blev rettet" in told


async def test_the_leader_repeats_it_of_a_receipt_that_is_shown_and_that_is_logged(bureau: Bureau) -> None:
    _, receipt = await responds(bureau)
    code, check = codes_on(said(receipt))
    lea = await leads(bureau)
    await lea.opens("hoeringssvar")
    for label in ("Nr. 1", "Kontrollér en kvittering"):
        await lea.taps(label)
    assert f"Kontrolkoden for teksten er nu: {check}" in said(await lea.says(code))
    assert "kontrollerede en kvittering (nr. 1)" in said(await lea.opens("log"))


async def test_a_receipts_code_is_stored_nowhere(bureau: Bureau) -> None:
    codes = [codes_on(said((await responds(bureau, address))[1])) for address in ("11", "12")]
    await bureau.database.close()
    kept = bureau.raw()
    for code, check in codes:
        assert all(each.encode() not in kept for each in (code, code.replace("-", ""), check, check.replace("-", "")))
    assert len({code for code, _ in codes}) == 2


@given(st.text(), st.text())
def test_a_check_tells_texts_apart_and_reads_a_code_however_it_is_typed(one: str, other: str) -> None:
    code = "abcd-efgh"
    checks = [receipts.check_of(typed, one) for typed in (code, "ABCDEFGH", " abcd efgh")]
    assert len(set(checks)) == 1
    assert (checks[0] == receipts.check_of(code, other)) == (one == other)
    assert checks[0] != receipts.check_of("abcd-efgj", one)


# --- erased, when it belongs to the case ------------------------------------------------------------------


async def test_erasing_oneself_leaves_what_belongs_to_the_case_and_nothing_else(bureau: Bureau) -> None:
    author, _ = await responds(bureau)
    await leads(bureau)
    before = [row for row in await exported(bureau) if row["flow"] == "hoering"]
    author.now = AFTER
    shown = said(await author.types("slet"))
    assert "Høringssvar nr. 1 hører nu til sagen." in shown
    assert "Du får svar her på Telegram inden en måned. Indtil da gemmer vi kun dit bruger-id på Telegram." in shown
    told = said(await author.taps(ERASE))
    assert "Projektlederen afgør, om høringssvaret også kan slettes." in told
    assert await listed(bureau) == [(1, False, False)]
    rows = await exported(bureau)
    assert [row for row in rows if row["flow"] == "hoering"] == before
    assert {row["flow"] for row in rows} == {"hoering"}
    await counted_right(bureau)
    assert await bureau.database.read(lambda tx: people.at_address(tx, "telegram", "700")) is None
    assert "Du svarer til en chatbot" in said(await author.starts())  # a stranger


async def test_nobody_is_found_by_where_they_are_reached_and_a_month_later_they_are_there_still(bureau: Bureau) -> None:
    author, _ = await responds(bureau)
    author.now = AFTER
    await erases(author)
    await bureau.forget(AFTER + 40 * DAY)
    assert await listed(bureau) == [(1, False, False)]


async def test_of_two_who_answer_a_request_at_once_the_second_is_shown_the_first_ones_answer(bureau: Bureau) -> None:
    author, _ = await responds(bureau)
    lea, dan = await leads(bureau), await leads(bureau, Role.DEPUTY, "2")
    for each in (author, lea, dan):
        each.now = AFTER
    await erases(author)
    for each in (lea, dan):
        await each.opens("hoeringssvar")
        await each.taps("Anmodning om sletning: nr. 1")
    await lea.taps("Slet høringssvaret")
    await dan.taps("Afslå anmodningen")
    await dan.says("Svaret er behandlet i byrådet.")
    shown = said(await lea.taps("Ja, slet høringssvaret"))
    assert "Høringssvar nr. 1 er slettet." not in shown
    assert "Anmodningen blev afslået" in shown and "Svaret er behandlet i byrådet." in shown


async def ask_and_answer(bureau: Bureau, *, grant: bool) -> tuple[Person, list[str]]:
    """The leader after answering a request, and what went out to whom asked."""
    author, _ = await responds(bureau)
    lea = await leads(bureau)
    author.now = lea.now = AFTER
    await erases(author)
    sent: list[str] = []

    async def route(message: OutboundMessage) -> None:
        sent.append(f"{message.address}: {said(message.reply)}")

    sender = Sender(database=bureau.database, context=bureau.context, messages=MESSAGES, clock=lambda: AFTER + DAY)
    sender.connect_channel("telegram", route)
    await sender.send_due()
    assert len(sent) == 1 and sent[0].startswith("1: ") and "Anmodning om sletning: nr. 1" in sent[0]
    await lea.opens("hoeringssvar")
    await lea.taps("Anmodning om sletning: nr. 1")
    if grant:
        await lea.taps("Slet høringssvaret")
        await lea.taps("Ja, slet høringssvaret")
    else:
        await lea.taps("Afslå anmodningen")
        await lea.says("Svaret er behandlet i byrådet.")
    sent.clear()
    await sender.send_due()
    return lea, sent


async def test_a_refusal_is_told_with_its_reason_and_then_nothing_leads_to_them(bureau: Bureau) -> None:
    lea, sent = await ask_and_answer(bureau, grant=False)
    [told] = sent
    assert told.startswith("700: ")
    assert "Begrundelsen er: Svaret er behandlet i byrådet." in told and "datatilsynet.dk" in told
    request = await request_of(bureau)
    assert request.address == "700"
    await bureau.forget(AFTER + 2 * DAY)
    request = await request_of(bureau)
    assert (request.channel, request.address) == (None, None)
    assert await listed(bureau) == [(1, False, False)]
    assert "afslog at slette et høringssvar (nr. 1)" in said(await lea.opens("log"))


async def test_what_is_granted_goes_with_all_that_was_left_but_number_and_time(bureau: Bureau) -> None:
    lea, sent = await ask_and_answer(bureau, grant=True)
    [told] = sent
    assert "Du bad om at få høringssvaret slettet, og det er nu gjort." in told
    assert await listed(bureau) == [(1, False, True)]
    assert [row for row in await exported(bureau) if row["flow"] == "hoering"] == []
    await bureau.forget(AFTER + 2 * DAY)
    await counted_right(bureau)
    everybody = await bureau.database.read(lambda tx: people.of_process(tx, 1))
    assert len(everybody) == 1  # who leads
    assert "Slettet efter anmodning" in said(await lea.opens("hoeringssvar"))
    assert "slettede et høringssvar efter anmodning (nr. 1)" in said(await lea.opens("log"))


async def test_where_nobody_can_be_reached_they_are_told_to_ask_with_the_number(bureau: Bureau) -> None:
    author, _ = await responds(bureau)
    await bureau.database.write(lambda tx: tx.run("UPDATE addresses SET channel = 'web' WHERE address = '700'"))
    await bureau.database.write(lambda tx: tx.run("UPDATE prompts SET channel = 'web'"))
    author.channel, author.now = "web", AFTER
    assert "Bagefter kan vi ikke kontakte dig." in said(await author.types("slet"))
    await author.taps(ERASE)
    request = await request_of(bureau)
    assert (request.channel, request.address) == (None, None)


@pytest.mark.parametrize("role", [None, Role.STEERING, Role.FACILITATOR, Role.DEPUTY, Role.LEADER])
async def test_only_leader_and_deputy_see_responses_and_contacts(bureau: Bureau, role: Role | None) -> None:
    await responds(bureau)
    person = await leads(bureau, role) if role is not None else bureau.person("9")
    if role is None:
        await person.joins(*VOLUNTEER)
    allowed = role in (Role.LEADER, Role.DEPUTY)
    for path, title in (
        ("hoeringssvar", "Nr. 1: sendt"),
        ("kontakter", "Ingen høringssvar har en kontaktperson endnu."),
    ):
        assert (title in said(await person.opens(path))) is allowed, path


async def test_on_the_deletion_date_all_of_it_goes_and_numbers_go_on(bureau: Bureau) -> None:
    author, _ = await responds(bureau)
    author.now = AFTER
    await erases(author)
    plan = await bureau.database.read(lambda tx: bureau.process_host.plan(tx))
    day = deletion_at(plan.file)
    await bureau.announces_deletion(day - 30 * DAY)
    await bureau.database.write(lambda tx: retention.forget_what_is_due(tx, plan, day + DAY))
    assert await listed(bureau) == []
    assert await bureau.database.read(lambda tx: erasure_requests.of_process(tx, 1)) == []
    assert await bureau.database.write(lambda tx: hearing_responses.next_number(tx, 1, "hoering")) == 2


# --- in any order -----------------------------------------------------------------------------------------

ACTS = st.lists(
    st.tuples(
        st.sampled_from(["11", "12", "13"]),
        st.sampled_from(
            ["sends", "sends", "corrects", "withdraws", "erases", "journalise", "grant", "refuse", "close"]
        ),
    ),
    min_size=4,
    max_size=14,
)


@given(ACTS)
@settings(max_examples=examples(12), deadline=None)
def test_in_any_order_no_number_is_missing_or_given_twice_and_only_its_author_takes_a_text_away(
    acts: list[tuple[str, str]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_lived(Path(folder), acts))


async def _lived(folder: Path, acts: list[tuple[str, str]]) -> None:
    async with a_bureau(folder) as bureau:
        given_out: list[int] = []
        texts: dict[int, str] = {}  # number → what stands in the export
        closed = False
        for place, (address, act) in enumerate(acts):
            number = await bureau.database.read(lambda tx, address=address: _number(tx, address))  # type: ignore[misc]  # a default in a lambda
            journalised = await bureau.database.read(
                lambda tx: {each.number for each in hearing_responses.of_process(tx, 1) if each.journalised_at}
            )
            at = AFTER if closed else NOW + place * 600
            match act:
                case "sends" if number is None and not closed:
                    if await bureau.database.read(lambda tx, a=address: people.at_address(tx, "telegram", a)):  # type: ignore[misc]  # a default in a lambda
                        continue
                    words = f"Ord nummer {place}"
                    _, receipt = await responds(bureau, address, words)
                    given_out.append(max(given_out, default=0) + 1)
                    assert f"høringssvar nr. {given_out[-1]}\n" in said(receipt)
                    texts[given_out[-1]] = words
                case "corrects" if number is not None:
                    person = await _back(bureau, address, at)
                    await person.types("ret")
                    await person.taps("Høring om den nye politik")
                    if "Ret 8" in labels(person.seen):
                        await person.taps("Ret 8")
                        await person.says(f"Rettet {place}")
                        if not closed:
                            texts[number] = f"Rettet {place}"
                case "withdraws" if number is not None:
                    person = await _back(bureau, address, at)
                    await person.types("ret")
                    await person.taps("Høring om den nye politik")
                    may = not closed and number not in journalised
                    assert (WITHDRAW in labels(person.seen)) is may
                    if may:
                        await person.taps(WITHDRAW)
                        await person.taps(YES_WITHDRAW)
                        del texts[number]
                case "erases" if number is not None:
                    person = await _back(bureau, address, at)
                    await erases(person)
                    if not closed and number not in journalised:
                        del texts[number]
                case "journalise":
                    await bureau.database.write(lambda tx: hearing_responses.mark_all_journalised(tx, 1, NOW))
                case "grant" | "refuse":
                    await _answer(bureau, act == "grant", at, texts)
                case "close":
                    closed = True
            await _holds(bureau, given_out, texts)


def _number(tx: Tx, address: str) -> int | None:
    person = people.at_address(tx, "telegram", address)
    found = runs.of_person(tx, person.id) if person is not None else []
    return next((run.number for run in found if run.flow == "hoering"), None)


async def _back(bureau: Bureau, address: str, at: int) -> Person:
    person = bureau.person(address)
    person.now = max(at, NOW + 3600)
    return person


async def _answer(bureau: Bureau, grant: bool, at: int, texts: dict[int, str]) -> None:
    waiting = [
        each
        for each in await bureau.database.read(lambda tx: erasure_requests.of_process(tx, 1))
        if each.answered_at is None
    ]
    if not waiting:
        return
    plan = await bureau.database.read(lambda tx: bureau.process_host.plan(tx))
    first = waiting[0]
    if grant:
        await bureau.database.write(lambda tx: service.grant(tx, plan, first, at))
        del texts[first.number]
    else:
        await bureau.database.write(lambda tx: service.refuse(tx, plan, first, "Det er del af sagen.", at))


async def _holds(bureau: Bureau, given_out: list[int], texts: dict[int, str]) -> None:
    found = await listed(bureau)
    assert [number for number, _, _ in found] == given_out
    assert {number for number, _, gone in found if not gone} == set(texts)
    rows = [row for row in await exported(bureau) if row["question"] == "H5"]
    assert {row["receipt"]: row["text"] for row in rows if row["status"] == "sent"} == texts
    await counted_right(bureau)

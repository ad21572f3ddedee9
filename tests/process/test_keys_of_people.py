"""Who is erased opens from no copy of the data, and stays erased where one is restored; nobody else loses anything."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.app.jobs import by_the_clock
from bot.app.key_jobs import KeyJobs
from bot.app.runtime import Runtime
from bot.dialogue.session import Visit, load_person
from bot.features import MESSAGES, process_file
from bot.features.privacy import erasure
from bot.flows.schedule import DAY
from bot.outbox import compose
from bot.outbox.sender import Sender
from bot.process.flows import shipped_flows
from bot.process.host import ProcessHost
from storage import email_addresses, hearing_responses, key_erasure, moving_to_keys, outbox, people, person_keys
from storage.db import Database, Tx, connect
from storage.encryption import PERSONAL, Keyring
from storage.encryption_errors import EncryptionError, KeyStoreError
from storage.sealed_columns import COLUMNS
from tests.support.bureau import NOW, OPEN, VOLUNTEER, Bureau, Person, described
from tests.support.sizes import examples

CLOSES = "2026-03-20 12:00"  # the hearing's
AFTER = NOW + 20 * DAY
FILE = described(hoering=(None, CLOSES), borger=OPEN)


class House(Bureau):
    """A bureau whose keys lie apart from the data, and the copy of the key store apart from both."""

    @property
    def keys(self) -> Keyring:
        return self.database.keys

    @property
    def copy(self) -> Path:
        return self.path.parents[1] / "elsewhere" / "keys.copy"

    async def finishes(self, now: int = NOW) -> int:
        return await key_erasure.finish(self.database, now)

    async def backs_up(self, name: str) -> Path:
        """A copy of the data, as an operator makes it; then the key store's."""
        out = self.path.with_name(name)
        await asyncio.to_thread(_copied, self.path, out)
        self.keys.people.renew_copy()
        return out


def _copied(path: Path, out: Path) -> None:
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(out)) as target:
        source.backup(target)


def ring(folder: Path) -> Keyring:
    return Keyring.open_or_create(folder / "keys" / "besyv.key", store_copy=folder / "elsewhere" / "keys.copy")


@asynccontextmanager
async def a_house(folder: Path, database: Path | None = None) -> AsyncIterator[House]:
    """`database`: a copy that takes the place of the one there was."""
    for name in ("data", "elsewhere"):
        (folder / name).mkdir(exist_ok=True)
    opened = await Database.open(database or folder / "data" / "besyv.db", ring(folder))
    if database is None:
        await opened.write(lambda tx: process_file.save(tx, FILE, shipped_flows(FILE), NOW))
    try:
        yield House(opened, ProcessHost(FILE.process), opened.path)
    finally:
        await opened.close()
        opened.keys.people.close()


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with a_house(tmp_path) as found:
        yield found


async def responds(house: House, address: str, words: str) -> Person:
    person = house.person(address)
    await person.joins(*VOLUNTEER, payload="hoering")
    for answer in ("Mig selv", *("Enig", "Spring over") * 3, words):
        await person.says(answer)
    await person.taps("Send høringssvaret")
    return person


async def erases(person: Person) -> None:
    await person.types("slet")
    await person.taps("Ja, slet alt")


async def drop_erased(house: House) -> int:
    return await house.database.write(lambda tx: erasure.drop_erased(tx, house.process_host.plans(tx), AFTER))


def sealed_in(path: Path, keys: Keyring) -> dict[str, list[str]]:
    """What each column of a copy holds: the texts that open with the keys there are now, or the kind of error."""
    found: dict[str, list[str]] = {}
    with closing(connect(path)) as connection:
        for column in COLUMNS:
            rows = connection.execute(f"SELECT {column.value}, {', '.join(column.key)} FROM {column.source}")
            found[column.value] = [_opened(keys, column.at(*key), value) for value, *key in rows if value is not None]
    return found


def _opened(keys: Keyring, place: object, value: bytes) -> str:
    try:
        return keys.open(place, value)  # type: ignore[arg-type]  # what a column made
    except EncryptionError as error:
        return type(error).__name__


# --- what was erased --------------------------------------------------------------------------------------


async def test_who_is_erased_opens_from_no_copy_of_the_data_and_everybody_else_does(house: House) -> None:
    anna, _ = await responds(house, "1", "Annas ord"), await responds(house, "2", "Bents ord")
    copy = await house.backs_up("copy.db")
    await erases(anna)
    assert await house.finishes() == 2  # her key, and that of her response
    found = sealed_in(copy, ring(house.path.parents[1]))
    assert not [text for texts in found.values() for text in texts if "Annas ord" in text]
    assert [text for text in found["answers.content"] if "Bents ord" in text]
    kinds = {text for texts in found.values() for text in texts if text.endswith(("Erased", "Missing", "Error"))}
    assert kinds == {"KeyErased"}


async def test_nothing_about_anybody_is_sealed_with_the_key_file_alone(house: House) -> None:
    await responds(house, "1", "Annas ord")
    with closing(connect(house.path)) as connection:
        for column in COLUMNS:
            if column.of:
                found = {
                    row[0] for row in connection.execute(f"SELECT substr({column.value}, 1, 1) FROM {column.table}")
                }
                assert found <= {PERSONAL, None}, column


@pytest.mark.parametrize("trouble", ["the copy's place is gone", "the key store can't be written"])
async def test_a_key_that_can_not_be_overwritten_waits_is_told_and_goes_when_it_can(house: House, trouble: str) -> None:
    anna = await responds(house, "1", "Annas ord")
    house.keys.people.renew_copy()
    await erases(anna)
    away = house.copy.parent.with_name("away")
    holder = sqlite3.connect(house.keys.people.path, isolation_level=None)
    if trouble.startswith("the copy"):
        house.copy.parent.rename(away)
    else:
        holder.execute("BEGIN IMMEDIATE")
        house.keys.people._connected().execute("PRAGMA busy_timeout = 10")
    for day in range(2):
        with pytest.raises((KeyStoreError, sqlite3.OperationalError)):
            await house.finishes(NOW + day * DAY)
        await house.database.write(lambda tx, day=day: person_keys.note_since(tx, NOW + day * DAY))  # type: ignore[misc]  # a default in a lambda
    assert await house.database.read(person_keys.waiting_since) == NOW
    if trouble.startswith("the copy"):
        away.rename(house.copy.parent)
    holder.close()
    assert await house.finishes(NOW + 2 * DAY) == 2
    assert await house.database.read(person_keys.waiting_since) is None
    assert not house.keys.people.copy_is_behind()


async def test_who_leads_is_told_after_a_day_on_every_channel_and_no_more_when_it_is_done(house: House) -> None:
    anna = await responds(house, "1", "Annas ord")
    lea = await responds(house, "2", "Leas ord")

    def leads(tx: Tx) -> int:
        person = people.at_address(tx, lea.channel, lea.address)
        assert person is not None
        people.grant(tx, person.id, "leader", NOW)
        email_addresses.put(tx, person.id, "lea@eksempel.dk", "k" * 22, "hash", NOW)
        email_addresses.confirm(tx, person.id, NOW)
        return person.id

    leader = await house.database.write(leads)
    await erases(anna)

    def told(tx: Tx) -> list[tuple[int, str]]:
        rows = tx.all("SELECT person_id, only_by FROM outbox WHERE kind = 'erasure-late' ORDER BY only_by")
        return [(row["person_id"], row["only_by"]) for row in rows]

    def tries(tx: Tx, now: int) -> list[tuple[int, str]]:
        erasure.note_unfinished(tx, house.process_host.plans(tx), now)
        return told(tx)

    for now in (NOW, NOW + DAY - 1):
        assert await house.database.write(partial(tries, now=now)) == []
    both = [(leader, "email"), (leader, "telegram")]
    for now in (NOW + DAY, NOW + DAY + 60, NOW + 2 * DAY):
        assert await house.database.write(partial(tries, now=now)) == both

    def said(tx: Tx) -> list[str | None]:
        s = load_person(
            tx, house.context, Visit(channel=lea.channel, address=lea.address, now=NOW, sent_at=NOW), leader
        )
        assert s is not None
        rows = [row["id"] for row in tx.all("SELECT id FROM outbox WHERE kind = 'erasure-late'")]
        messages = [outbox.message_at(tx, each, lea.channel, lea.address) for each in rows]
        replies = [compose.message(MESSAGES, s, each) for each in messages if each is not None]
        return [reply.title if reply is not None else None for reply in replies]

    assert await house.database.read(said) == ["En sletning er ikke færdig"] * 2
    await house.finishes(NOW + 2 * DAY)
    assert await house.database.read(said) == [None, None]


async def test_a_response_that_outlives_its_author_opens_and_nothing_else_of_theirs(house: House) -> None:
    anna = await responds(house, "1", "Annas ord")
    copy = await house.backs_up("copy.db")
    anna.now = AFTER
    await erases(anna)
    assert await house.finishes() == 1
    found = sealed_in(copy, ring(house.path.parents[1]))
    assert len([text for text in found["answers.content"] if "Annas ord" in text]) == 1
    assert {text for column, texts in found.items() for text in texts if column != "answers.content"} <= {"KeyErased"}


async def test_taken_back_a_response_opens_from_no_copy_and_is_its_authors_draft(house: House) -> None:
    anna = await responds(house, "1", "Annas ord")
    copy = await house.backs_up("copy.db")
    await anna.types("ret")
    for button in ("Høring om den nye politik", "Træk svaret tilbage", "Ja, træk det tilbage"):
        await anna.taps(button)
    assert await house.finishes() == 1
    assert not [text for text in sealed_in(copy, house.keys)["answers.content"] if "Annas ord" in text]
    assert [text for text in sealed_in(house.path, house.keys)["answers.content"] if "Annas ord" in text]


# --- restored ---------------------------------------------------------------------------------------------


@dataclass
class Life:
    """What is true of everybody, at each backup and now."""

    words: dict[str, tuple[str, int]] = field(default_factory=dict)  # and how often it was taken back
    erased: set[str] = field(default_factory=set)
    backups: list[tuple[Path, dict[str, tuple[str, int]]]] = field(default_factory=list)


ACTS = st.lists(
    st.sampled_from(["comes", "comes", "erases", "withdraws", "backs up", "backs up", "finishes"]),
    min_size=3,
    max_size=14,
)


@given(ACTS, st.integers(0, 5))
@settings(max_examples=examples(12), deadline=None)
def test_restored_from_any_copy_the_erased_stay_erased_and_all_others_are_whole(acts: list[str], chance: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_lived(Path(folder), acts, chance))


async def _lived(folder: Path, acts: list[str], chance: int) -> None:
    life = Life()
    async with a_house(folder) as house:
        for place, act in enumerate(acts):
            await _acts(house, life, act, place, chance)
        await house.finishes()
    for copy, then in life.backups:
        async with a_house(folder, copy) as restored:
            await drop_erased(restored)
            assert await drop_erased(restored) == 0
            await restored.finishes()
            kept = await restored.database.read(lambda tx, then=then: {a for a in then if _is_there(tx, a)})  # type: ignore[misc]  # a default in a lambda
            assert kept == then.keys() - life.erased
            texts = sealed_in(copy, restored.keys)
            assert {kind for found in texts.values() for kind in found} & {"KeyErased", "KeyMissing"} == set()
            for address in then.keys() - life.erased:
                there = any(then[address][0] in text for text in texts["answers.content"])
                assert there is (life.words.get(address) == then[address]), address
            for address in life.erased:
                assert not any(f"ord af {address}." in text for found in texts.values() for text in found)


def _is_there(tx: Tx, address: str) -> bool:
    return people.at_address(tx, "telegram", address) is not None


async def _acts(house: House, life: Life, act: str, place: int, chance: int) -> None:
    here = sorted(life.words)
    match act:
        case "comes":
            address = str(100 + place)
            life.words[address] = (f"{place}. ord af {address}.", 0)
            await responds(house, address, life.words[address][0])
        case "erases" if here:
            address = here[(place + chance) % len(here)]
            person = house.person(address)
            await person.types("slet")
            await person.taps("Ja, slet alt")
            del life.words[address]
            life.erased.add(address)
        case "withdraws" if here:
            address = here[(place + chance) % len(here)]
            number = await house.database.read(lambda tx: len(hearing_responses.of_process(tx, 1)))
            assert number
            person = house.person(address)
            await person.types("ret")
            await person.taps("Høring om den nye politik")
            if "Træk svaret tilbage" in [move.label for move in person.seen.buttons] if person.seen else []:
                await person.taps("Træk svaret tilbage")
                await person.taps("Ja, træk det tilbage")
                text, times = life.words[address]
                life.words[address] = (text, times + 1)  # as it stands in the copies of before it goes
        case "backs up":
            life.backups.append((await house.backs_up(f"copy{place}.db"), dict(life.words)))
        case "finishes":
            await house.finishes()


async def test_whose_key_is_merely_missing_is_dropped_by_nothing(house: House) -> None:
    await responds(house, "1", "Annas ord")
    with closing(sqlite3.connect(house.keys.people.path)) as connection, connection:
        connection.execute("DELETE FROM keys")  # as in an older copy
    assert await drop_erased(house) == 0
    assert house.rows("people") == 1 and house.rows("answers") > 5


# --- at the start, and beside a bot that serves ---------------------------------------------------------


def runs(house: House) -> Runtime:
    sender = Sender(database=house.database, context=house.context, messages=MESSAGES, clock=lambda: AFTER)
    return Runtime(house.database, house.context, sender)


@pytest.fixture
async def copied(tmp_path: Path) -> AsyncIterator[House]:
    """A database copied before Anna erased herself, and put back."""
    async with a_house(tmp_path) as house:
        anna, _ = await responds(house, "1", "Annas ord"), await responds(house, "2", "Bents ord")
        copy = await house.backs_up("copy.db")
        await erases(anna)
        await house.finishes()
    async with a_house(tmp_path, copy) as restored:
        yield restored


async def here(house: House) -> set[str]:
    return await house.database.read(lambda tx: {each for each in ("1", "2") if _is_there(tx, each)})


async def test_who_was_erased_is_gone_from_a_copy_before_anything_else_is_done(copied: House) -> None:
    assert await here(copied) == {"1", "2"}
    scheduler = await by_the_clock(runs(copied), lambda: AFTER)
    scheduler.shutdown(wait=False)
    assert await here(copied) == {"2"}


async def test_where_the_key_store_is_away_at_the_start_they_go_when_it_is_back(
    copied: House, caplog: pytest.LogCaptureFixture
) -> None:
    store = copied.keys.people.path
    copied.keys.people.ids()  # it is open
    store.rename(away := store.with_name("away"))
    jobs = KeyJobs(runs(copied), lambda: AFTER)
    await jobs.drop_erased()
    assert (await here(copied), "keys not_dropped=" in caplog.text) == ({"1", "2"}, True)
    away.rename(store)
    await jobs.look()
    assert await here(copied) == {"2"}


@pytest.mark.parametrize("older", [False, True], ids=["restored", "of an older Besyv"])
async def test_all_that_is_done_about_keys_may_be_done_at_once(
    house: House, tmp_path: Path, caplog: pytest.LogCaptureFixture, *, older: bool
) -> None:
    """While people erase themselves everything that overwrites keys, moves values and drops people runs twice over: the
    erased open from nothing, nobody else loses anything, and nothing fails."""
    everybody = [await responds(house, str(each), f"ord af {each}.") for each in range(1, 7)]
    if older:
        await house.database.write(_as_before)
    jobs, stop = KeyJobs(runs(house), lambda: AFTER), asyncio.Event()

    async def again_and_again(work: Callable[[], Awaitable[object]]) -> None:
        while not stop.is_set():
            await work()
            await asyncio.sleep(0)

    twice = [jobs.drop_erased, jobs.look, jobs.finish_erasures, jobs.finish_erasures]
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        for work in twice:
            group.create_task(again_and_again(work))
        moving = group.create_task(jobs.move())
        for person in everybody[::2]:
            await erases(person)
            await asyncio.sleep(0)
        await moving
        stop.set()
    await jobs.finish_erasures()
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []
    assert await house.database.read(person_keys.due) == []
    texts = sealed_in(house.path, ring(tmp_path))
    said = [text for text in texts["answers.content"] if "ord af" in text]
    assert sorted(text[text.index("ord af") :][:9] for text in said) == ["ord af 2.", "ord af 4.", "ord af 6."]
    kinds = {text for found in texts.values() for text in found}
    assert kinds & {"KeyErased", "KeyMissing", "EncryptionError"} == set()
    assert not house.keys.people.copy_is_behind()


# --- of an older Besyv ------------------------------------------------------------------------------------


async def test_what_was_sealed_with_the_key_file_alone_is_moved_and_then_erased_from_copies(house: House) -> None:
    anna = await responds(house, "1", "Annas ord")
    await house.database.write(_as_before)
    assert await house.database.read(moving_to_keys.left) > 5
    moved = await moving_to_keys.move(house.database)
    assert (moved.damaged, await house.database.read(moving_to_keys.left)) == (0, 0)
    assert (await moving_to_keys.move(house.database)).sealed == 0
    copy = await house.backs_up("copy.db")
    await erases(anna)
    assert await house.finishes() == 2
    found = sealed_in(copy, house.keys)
    assert not [text for texts in found.values() for text in texts if "Annas ord" in text]


def _as_before(tx: Tx) -> None:
    for column in COLUMNS:
        if column.of and column.of != "chat":
            rows = tx.all(f"SELECT {column.table}.rowid, {column.value}, {', '.join(column.key)} FROM {column.source}")
            for row, value, *key in rows:
                if value is not None:
                    tx.run(
                        f"UPDATE {column.table} SET {column.column} = :new WHERE rowid = :row",
                        new=tx.keys.seal(column.at(*key), tx.keys.open(column.at(*key), value)),
                        row=row,
                    )
    for table in ("people", "runs"):
        tx.run(f"UPDATE {table} SET key_id = NULL")
    tx.run("DELETE FROM keys_to_erase")

"""A large file for a large register: names alike are looked for beside everybody, and for the register as it is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.app.jobs import by_the_clock
from bot.app.runtime import Runtime
from bot.features import MESSAGES, process_file
from bot.features.register import service
from bot.features.register.previews import KEPT_FOR, PREVIEWS, Previews
from bot.flows.schedule import DAY
from bot.outbox.sender import Sender
from bot.process.flows import shipped_flows
from bot.process.host import ProcessHost
from reports.register import CellWords, FileRow, FileTable, Preview, RegisterEntry, RegisterField, preview
from reports.register_reading import MOST_ROWS
from storage import register
from storage.db import Database, TakesTime, Tx
from storage.encryption import Keyring
from tests.support.bureau import NOW, OPEN, Bureau, described


@pytest.fixture
async def bureau(tmp_path: Path) -> AsyncIterator[Bureau]:
    file = described(borger=OPEN)
    database = await Database.open(tmp_path / "besyv.db", Keyring.open_or_create(tmp_path / "besyv.key"))
    await database.write(lambda tx: process_file.save(tx, file, shipped_flows(file), NOW))
    yield Bureau(database, ProcessHost(file.process), tmp_path / "besyv.db")
    await database.close()


FAR = 700  # names: more than are looked at in a moment
MAPPING = {RegisterField.NAME: 0, RegisterField.KIND: 1}


def name(number: int) -> str:
    return f"Nordby {'abcdefghij'[number % 10] * 3}klub nr {number}"


def table(first: int, number: int) -> FileTable:
    """One in seven is a letter from one in the register, and another is counted as the same."""
    rows = (FileRow(each, (name(each), "Forening")) for each in range(first, first + number))
    odd = (FileRow(20_000 + each, (f"{name(each)}x", "Forening")) for each in range(0, number, 7))
    return FileTable(("Navn", "Type"), (*rows, *odd))


async def has(bureau: Bureau, number: int) -> None:
    def put(tx: Tx) -> None:
        for each in range(number):
            service.add(tx, 1, name(each), "by-hand", NOW)

    await bureau.database.write(put)


def looked(bureau: Bureau, file: FileTable, now: int = NOW, *, with_doubts: bool = True) -> Callable[[Tx], Preview]:
    def unit(tx: Tx) -> Preview:
        plan = bureau.process_host.plan(tx)
        return service.preview_import(tx, plan, file, MAPPING, now, with_doubts=with_doubts)

    return unit


async def test_the_search_is_not_done_in_the_transaction_and_finds_the_same(bureau: Bureau) -> None:
    await has(bureau, 30)
    file, asked = table(1000, FAR), []

    def once(tx: Tx) -> None:
        with pytest.raises(TakesTime) as found:
            looked(bureau, file)(tx)
        asked.append(found.value)

    await bureau.database.write(once)
    found = await bureau.database.write(looked(bureau, file))
    assert len(asked) == 1 and {doubt.code for doubt in found.doubts} == {"alike"}
    assert found == await bureau.database.read(lambda tx: _plainly(tx, bureau, file))
    without = await bureau.database.write(looked(bureau, file, with_doubts=False))
    assert len(without.entries) == len(found.entries) - len(found.doubtful_rows)


def _plainly(tx: Tx, bureau: Bureau, file: FileTable) -> Preview:
    plan = bureau.process_host.plan(tx)
    known = [party.name for party in register.of_process(tx, plan.process_id)]
    words = CellWords({"forening": ("Forening",)}, {}, {})
    return preview(file, MAPPING, words, known)


# --- what stays in memory ---------------------------------------------------------------------------------


def entries(number: int) -> Preview:
    entry = RegisterEntry("Koret", "forening", None, None, None, (), "korets@formand.example")
    return Preview((entry,) * number, (), (), ())


async def test_names_and_contacts_of_a_large_file_stay_no_longer_than_somebody_asks_for_them(bureau: Bureau) -> None:
    file, later = table(1000, FAR), NOW + KEPT_FOR
    PREVIEWS.drop_old(NOW + DAY)
    found = await bureau.database.write(looked(bureau, file))
    assert await bureau.database.write(looked(bureau, file, later - 1)) is found  # the leader reads what would come
    sender = Sender(database=bureau.database, context=bureau.context, messages=MESSAGES, clock=lambda: later)
    runtime, now = Runtime(bureau.database, bureau.context, sender), later + KEPT_FOR - 2
    scheduler = await by_the_clock(runtime, lambda: now)
    [job] = [each for each in scheduler.get_jobs() if "forget_previews" in str(each.func)]
    try:
        await job.func()
        assert len(PREVIEWS) == 1
        now += 1
        await job.func()
        assert len(PREVIEWS) == 0
    finally:
        scheduler.shutdown(wait=False)


def test_never_more_than_two_of_the_largest_stay_and_the_newest_always_does() -> None:
    kept, large = Previews(), entries(MOST_ROWS)
    for key in (b"1", b"2", b"3"):
        kept.keep(key, large, NOW)
    assert [kept.find(key, NOW) is large for key in (b"1", b"2", b"3")] == [False, True, True]
    kept.find(b"2", NOW)
    kept.keep(b"4", entries(1), NOW)
    assert [kept.find(key, NOW) is not None for key in (b"2", b"3", b"4")] == [True, False, True]
    kept.keep(b"5", entries(3 * MOST_ROWS), NOW)
    assert [len(kept), kept.find(b"5", NOW) is not None] == [1, True]
    kept.drop_old(NOW - DAY)  # the clock was put back
    assert len(kept) == 0


async def test_a_register_that_changed_meanwhile_is_looked_through_again(bureau: Bureau) -> None:
    """What was found for another register is not taken for this one's."""
    await has(bureau, 3)
    file = table(1000, FAR)
    before = await bureau.database.write(looked(bureau, file))
    near = f"{name(1001)}y"
    await bureau.database.write(lambda tx: service.add(tx, 1, near, "by-hand", NOW))
    after = await bureau.database.write(looked(bureau, file))
    news = {(doubt.row, doubt.other) for doubt in after.doubts} - {(doubt.row, doubt.other) for doubt in before.doubts}
    assert (1001, near) in news

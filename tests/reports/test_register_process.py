"""A register's file is read in a process of its own: what is made to cost ends there, and says what to do."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from reports import register_reading
from reports.register_process import LARGEST_TABLE, LIMITS, ReadingLimits, read_apart
from reports.register_reading import LARGEST, UnreadableFile
from tests.support.patience import PATIENCE
from tests.support.register_files import books, packed, saved, unpacked, with_sheet

pytestmark = pytest.mark.process

CELL = b'<c t="inlineStr"><is><t>%b</t></is></c>'


def row(*cells: bytes, attributes: bytes = b"") -> bytes:
    return b"<row %b>" % attributes + b"".join(CELL % cell for cell in cells) + b"</row>"


LISTED = row(b"Navn", b"Type") + row(b"Klub", b"Forening")
LONG_TAG = with_sheet(row(b"Navn", attributes=b'spans="' + b"1" * 20_000_000 + b'"') + row(b"Klub"))
ONE_CELL = with_sheet(row(b"Navn") + row(b"x" * 99_000_000))
EMPTY_ROWS = with_sheet(b"<row/>" * 640_000 + row(b"Navn") + row(b"Klub"))
DEEP = with_sheet(b"<row>" + b"<a>" * 900_000 + b"</a>" * 900_000 + b"</row>")


def children() -> set[str]:
    """The processes that this one has started, by their numbers."""
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())


async def fault(content: bytes, name: str = "x.xlsx", limits: ReadingLimits = LIMITS) -> str:
    with pytest.raises(UnreadableFile) as refused:
        await read_apart(content, name, limits)
    return refused.value.code


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (saved(books(("Navn", "Type"), ("Ægir", "Klub"), (None, 12.5))), "liste.xlsx"),
        ("Navn;Type\r\nSøby Idræt;Forening\r\n".encode("cp1252"), "liste.csv"),
        (b"Navn\n" + b"Klub\n" * 10_000, "liste.csv"),
    ],
)
async def test_a_file_read_apart_is_the_same_table(content: bytes, name: str) -> None:
    assert await read_apart(content, name) == register_reading.read(content, name)


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "x.csv", "not-a-table"),
        (b"Navn;Type\nS\xf8by;\x86bo\n", "x.csv", "letters"),
        (b"<html><table>", "X.XLS", "old-excel"),
        (b"x" * (LARGEST + 1), "x.csv", "too-large"),
    ],
)
async def test_what_is_wrong_with_a_file_is_told_across_the_process(content: bytes, name: str, code: str) -> None:
    assert await fault(content, name) == code


@pytest.mark.parametrize(
    ("content", "limits"),
    [
        pytest.param(LONG_TAG, ReadingLimits(cpu_seconds=1), id="a tag of 20 MB, read again and again"),
        pytest.param(EMPTY_ROWS, ReadingLimits(cpu_seconds=1), id="640,000 empty rows"),
        pytest.param(EMPTY_ROWS, ReadingLimits(wall_seconds=0.5), id="time on the wall"),
        pytest.param(ONE_CELL, ReadingLimits(memory=300_000_000), id="99 MB in one cell"),
        pytest.param(DEEP, ReadingLimits(memory=300_000_000), id="900,000 cells within cells"),
    ],
)
async def test_a_file_that_is_made_to_cost_is_ended_at_the_limit(content: bytes, limits: ReadingLimits) -> None:
    before = children()
    assert len(content) < LARGEST
    assert await fault(content, limits=limits) == "too-costly"
    assert children() <= before
    assert (await read_apart(with_sheet(LISTED), "x.xlsx")).headings == ("Navn", "Type")


@pytest.mark.proof
@pytest.mark.parametrize("content", [LONG_TAG, ONE_CELL])
async def test_the_limits_that_we_run_with_end_it_too(content: bytes) -> None:
    assert await fault(content) == "too-costly"


async def test_who_no_longer_waits_leaves_no_process_behind() -> None:
    before = children()
    reading = asyncio.create_task(read_apart(LONG_TAG, "x.xlsx"))
    while children() <= before:  # noqa: ASYNC110  # a process that starts sets no event
        await asyncio.sleep(0)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert children() <= before


async def test_files_are_read_one_at_a_time() -> None:
    """So that many of them cost the machine no more than one."""
    before, most = children(), 0
    readings = [asyncio.create_task(read_apart(with_sheet(LISTED), "x.xlsx")) for _ in range(4)]
    while not all(reading.done() for reading in readings):
        most = max(most, len(children() - before))
        await asyncio.sleep(0)
    assert most == 1
    assert {(await reading).headings for reading in readings} == {("Navn", "Type")}


async def test_a_text_that_stands_in_very_many_cells_is_too_large() -> None:
    content = saved(books(("Navn",), *[("x" * 1_000,) * 100] * 1_000))
    assert 100 * 1_000 * 1_000 > LARGEST_TABLE > len(content)
    assert await fault(content) in ("too-large", "too-costly")


def test_a_fault_of_ours_tells_where_and_nothing_that_stands_in_the_file() -> None:
    sent = b"HEMMELIG {\nNavn\nHEMMELIG\n"
    ended = subprocess.run(
        [sys.executable, "-m", "reports.register_process", "10", "600000000"],
        input=sent,
        capture_output=True,
        timeout=PATIENCE,
    )
    assert (ended.returncode, ended.stdout) == (1, b"")
    assert ended.stderr.startswith(b"JSONDecodeError ") and b"main:" in ended.stderr
    assert b"HEMMELIG" not in ended.stderr


def test_nothing_starts_without_the_guard_against_entities() -> None:
    """openpyxl reads without defusedxml, too, and then believes whatever a file declares."""
    start = "import sys; sys.modules['defusedxml'] = None; import bot.app.run"
    ended = subprocess.run([sys.executable, "-c", start], capture_output=True, timeout=PATIENCE)
    assert ended.returncode == 1 and b"defusedxml" in ended.stderr


async def test_entities_are_refused_in_the_process_whatever_the_environment_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENPYXL_DEFUSEDXML", "False")
    parts = unpacked(with_sheet(row(b"Navn") + row(b"&who;")))
    sheet = b'<!DOCTYPE x [<!ENTITY who "Klub">]>' + parts["xl/worksheets/sheet1.xml"]
    assert await fault(packed(parts | {"xl/worksheets/sheet1.xml": sheet})) == "not-a-table"

"""A disk that is full: who is told that something is stored finds it again; everybody else is told that it is not."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support.answers_file import by_column
from tests.support.pages import Browser, Page
from tests.support.served import BESYV, serving, settings, visited
from tests.support.visitors import at_step, posted

pytestmark = pytest.mark.process
NO_DISK = "no disk of its own can be mounted here"
FILLER = "filler"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of six megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip(NO_DISK)  # what a write that fails does is told in tests/delivery and tests/storage all the same
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def _fill(disk: Path) -> None:
    with (disk / FILLER).open("ab", buffering=0) as filler, suppress(OSError):
        while True:
            filler.write(b"x" * 4096)


async def _says(browser: Browser, page: Page, text: str) -> tuple[int, str]:
    assert page.form is not None
    kept = [(name, value) for name, value in page.form.form_values() if name not in ("text", "do")]
    status, _, source, _ = await posted(browser, page.form.get("action", ""), [*kept, ("text", text), ("do", "next")])
    return status, source


def _exported(disk: Path, folder: Path, port: int) -> set[str]:
    out = folder / "svar.csv"
    subprocess.run([BESYV, "export", "--out", str(out)], cwd=disk, env=settings(port), check=True)
    return {row["text"] for row in by_column(out.read_text("utf-8-sig")) if row["question"] == "B5"}


async def test_on_a_full_disk_nothing_that_was_acknowledged_is_lost_and_it_goes_on_when_there_is_room(
    disk: Path, tmp_path: Path, port: int
) -> None:
    acknowledged: set[str] = set()
    refused = 0
    with serving(disk, port):
        town = visited(f"http://127.0.0.1:{port}")
        seats = [await at_step(town, "borger") for _ in range(4)]
        for turn in range(12):
            if turn == 4:
                _fill(disk)
            if turn == 8:
                health = await _health(seats[0][0])
                said = (health["status"], health["writable"])
                assert said in (("writing", False), ("space", True))  # what it writes itself may fit into the log still
                (disk / FILLER).unlink()
            for number, (browser, page) in enumerate(seats):
                text = f"Svar {turn} fra {number}: " + "æ" * 9000
                status, source = await _says(browser, page, text)
                assert status in (303, 503), status
                if status == 303:
                    acknowledged = {each for each in acknowledged if not each.endswith(f"fra {number}")}
                    acknowledged.add(f"Svar {turn} fra {number}")
                else:
                    refused += 1
                    assert "æ" * 9000 in source  # what was typed stands there again
                seats[number] = (browser, await browser.get(page.url))
        for browser, _ in seats:
            await browser.close()
    assert refused >= 4
    assert {text.partition(":")[0] for text in await asyncio.to_thread(_exported, disk, tmp_path, port)} == acknowledged
    assert {f"Svar 11 fra {number}" for number in range(4)} == acknowledged


async def _health(browser: Browser) -> dict[str, object]:
    async with browser.session.get(browser.home + "/health") as response:
        assert response.status == 503
        return dict(json.loads(await response.text()))

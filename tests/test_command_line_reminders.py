"""`besyv reminders`: the operator sees what will be sent, when and to how many, before it happens."""

from __future__ import annotations

import asyncio
import re
import sqlite3
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.app.runtime import open_runtime
from bot.app.settings import Settings
from bot.flows import schedule
from tests.support.command_line import besyv

pytestmark = pytest.mark.process
STEP = "Trin 2. Input til de overordnede linjer"
HERE = schedule.to_local(int(time.time()))
IN_TEN_DAYS = (HERE + timedelta(days=10)).replace(hour=19, minute=0, second=0, microsecond=0)

PEOPLE = """
INSERT INTO people (id, process_id, pseudonym, language, created_at, notice_version, notice_at, reminders, news)
VALUES (1, 1, 'p1', 'da', 1, 'x', 1, 1, 1), (2, 1, 'p2', 'da', 1, 'x', 1, 1, 1), (3, 1, 'p3', 'da', 1, 'x', 1, 0, 0);
INSERT INTO capacities (person_id, in_use, stakeholder)
VALUES (1, 1, 'frivillig'), (2, 1, 'forening'), (3, 1, 'forening');
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to stand in, with a process file in it: a meeting in ten days, at any hour."""
    monkeypatch.chdir(tmp_path)
    Path("vores.yaml").write_text(FILE.format(starts=f"{IN_TEN_DAYS:%Y-%m-%d %H:%M}"), encoding="utf-8")
    return tmp_path


FILE = """
process: vores
municipality: {{name: "Vores Kommune"}}
policy: {{da: "frivilligpolitik", en: "volunteering policy"}}
contacts: {{email: "f@by.example", phone: "20 30 40 50", dpo: "d@by.example", supplier: "Drift ApS"}}
deletion_date: 2090-01-01
writing_hours: {{weekdays: "6-22", saturday: "6-22", sunday: "6-22"}}
steps: [{{flow: linjer}}]
meetings:
  - {{key: hal, title: "Møde i hallen", place: "Hallen", starts: "{starts}"}}
"""


def rows(sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect("besyv.db")) as connection:
        return connection.execute(sql).fetchall()


def foretold(*arguments: str) -> list[list[str]]:
    """The cells of the table, line by line."""
    code, out, err = besyv("reminders", *arguments, BESYV_PROCESS="vores.yaml")
    assert (code, err) == (0, ""), err
    return [
        [cell.strip() for cell in re.split(r"[│┃]", line)[1:-1]] for line in out.splitlines() if line[:1] in ("│", "┃")
    ]


def with_people() -> None:
    """Three in the process, two of whom want messages."""
    values = {"database": "besyv.db", "key_file": "besyv.key", "process": "vores.yaml"}

    async def load() -> None:
        async with open_runtime(Settings.model_validate(values)):
            pass

    asyncio.run(load())
    with closing(sqlite3.connect("besyv.db", isolation_level=None)) as connection:
        connection.executescript(PEOPLE)


def test_it_is_a_table_of_when_and_what_and_to_how_many() -> None:
    with_people()
    head, *lines = foretold()
    assert head == ["Hvornår", "Hvad", "Til hvor mange"]
    assert [line[1:] for line in lines] == [
        ["Invitation: Møde i hallen", "2 personer"],
        ["Husk mødet: Møde i hallen (7 dage før)", "2 personer"],
        ["Husk mødet: Møde i hallen (dagen før)", "2 personer"],
        ["Husk mødet: Møde i hallen (samme dag)", "ingen"],  # nobody has said yes yet
        ["Husk referatet: Møde i hallen (3 dage efter)", "ingen"],  # and there is no leader yet
    ]
    assert all(re.fullmatch(r"\w+dag den \d+\. \w+ \d{4} kl\. \d\d\.\d\d", line[0]) for line in lines)
    # and nothing is changed by looking
    assert rows("SELECT (SELECT count(*) FROM reminders), (SELECT count(*) FROM planned), count(*) FROM outbox") == [
        (0, 0, 0)
    ]


def test_it_goes_as_far_as_the_day_that_is_told_and_that_day_is_within() -> None:
    with_people()
    day_before = IN_TEN_DAYS - timedelta(days=1)
    assert [line[1] for line in foretold("--until", f"{day_before:%Y-%m-%d}")[1:]][-1].endswith("(dagen før)")
    earlier = f"{day_before - timedelta(days=1):%Y-%m-%d}"
    assert [line[1] for line in foretold("--until", earlier)[1:]][-1].endswith("(7 dage før)")


def test_where_there_is_nothing_to_send_it_says_so() -> None:
    code, out, _ = besyv("reminders", "--until", f"{HERE + timedelta(days=3):%Y-%m-%d}")  # the example has no meeting
    assert code == 0
    assert re.fullmatch(r"Der er ingen beskeder at sende frem til \w+dag den \d+\. \w+ \d{4} kl\. 23\.59\.\n", out)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--until", "2020-01-31"], "--until 2020-01-31 has passed: give a later day"),
        (["--until", "9999-12-31"], "--until 9999-12-31 is more than 3660 days away"),
        (["--process", "nej"], "there is no process nej; there are eksempel"),
    ],
)
def test_what_makes_no_sense_is_one_line(arguments: list[str], line: str) -> None:
    assert besyv("reminders", *arguments) == (1, "", f"besyv: {line}\n")


@pytest.mark.parametrize("until", ["i morgen", "2026-02-30"])
def test_what_is_no_day_is_wrong_use(until: str) -> None:
    assert besyv("reminders", "--until", until)[0] == 2
    assert not Path("besyv.db").exists()


def test_what_waits_already_stands_there_too() -> None:
    with_people()
    soon = int(time.time()) + 60
    with closing(sqlite3.connect("besyv.db", isolation_level=None)) as connection:
        connection.execute(
            "INSERT INTO outbox (once, person_id, kind, about, due_at, expires_at) VALUES ('x', 1, 'deadline',"
            f" 'linjer', {soon}, {soon + 86400})"
        )
    assert ["Husk fristen: " + STEP, "1 person"] in [line[1:] for line in foretold()]

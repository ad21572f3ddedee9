"""Dates on the command line: `besyv check` and `besyv process load` warn of what is allowed and may not be meant."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot.process.loading import example
from storage.encryption import Keyring
from tests.support.command_line import besyv
from tests.support.sealed import of_an_older_besyv

pytestmark = pytest.mark.process
STEPS = re.compile(r"(?ms)^steps:\n.*?(?=^# Påmindelser)")
MEETING = """
meetings:
  - key: aabning
    title: "Fælles møde"
    place: "Rådhuset"
    starts: "2030-02-03 14:00"
    {more}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to stand in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(*steps: str, meeting: str | None = None) -> str:
    """The example with these steps; the line of the first one."""
    listed = "steps:\n" + "".join(f"  - {{{step}}}\n" for step in steps) + "\n"
    text = STEPS.sub(lambda _: listed, example())
    text += "" if meeting is None else MEETING.format(more=meeting)
    Path("vores.yaml").write_text(text, encoding="utf-8")
    return f"vores.yaml:{text[: text.index('steps:')].count(chr(10)) + 2}"


def warned(*arguments: str) -> list[str]:
    """What each command that goes well says on standard error."""
    code, _, err = besyv(*arguments)
    assert code == 0, err
    return err.splitlines()


ODD = [
    (
        'flow: hoering, opens: "2030-02-11 08:00", closes: "2030-02-24 00:00"',
        [
            ".opens: The step opens Monday 11 February 2030 at 08:00. Many have winter holidays in weeks 7 and 8.",
            ".closes: The step closes Saturday 23 February 2030 at midnight."
            " Many have winter holidays in weeks 7 and 8.",
            ": The hearing lasts less than 14 days.",
        ],
    ),
    (
        'flow: linjer, closes: "2030-06-05 12:00"',
        [".closes: The step closes Wednesday 5 June 2030 at 12:00. It is a holiday, or many are off."],
    ),
    ('flow: linjer, closes: "2030-06-04 12:00"', []),
    ('flow: linjer, opens: "2020-01-01 03:00", closes: "2020-06-05 12:00"', []),  # has passed
]


@pytest.mark.parametrize(("step", "expected"), ODD)
def test_of_a_step(step: str, expected: list[str]) -> None:
    line = written(step)
    lines = [f"besyv: warning: {line}: steps[0]{each}" for each in expected]
    assert warned("check", "vores.yaml") == lines
    assert warned("process", "load", "vores.yaml") == lines


@pytest.mark.parametrize(("more", "warns"), [("", True), ("cancelled: true", False)])
def test_of_a_meeting(more: str, warns: bool) -> None:
    written("flow: linjer", meeting=more)
    lines = warned("check", "vores.yaml")
    told = "meetings[0].starts: The meeting begins Sunday 3 February 2030 at 14:00. It is a Sunday."
    assert [line.split(": ", 3)[3] for line in lines] == ([told] if warns else [])


def test_the_example_has_nothing_odd() -> None:
    Path("vores.yaml").write_text(example(), encoding="utf-8")
    assert warned("check", "vores.yaml") == []


# --- the deletion date ------------------------------------------------------------------------------------


def deleted_on(day: str, closes: str = "2030-06-28 16:00", *, meeting: str | None = None) -> None:
    """`vores.yaml`: one step that closes then, and everybody is deleted on that day."""
    written(f'flow: linjer, closes: "{closes}"', meeting=meeting)
    text = Path("vores.yaml").read_text(encoding="utf-8").replace("deletion_date: 2031-06-01", f"deletion_date: {day}")
    Path("vores.yaml").write_text(text.replace("process: eksempel", "process: vores"), encoding="utf-8")


def refused(*arguments: str) -> str:
    """The one line of a command that refuses, without where."""
    code, out, err = besyv(*arguments)
    assert (code, out, err.count("\n")) == (1, "", 1), err
    return re.sub(r"^vores.yaml:\d+: ", "", err.removeprefix("besyv: ").strip())


def rows(sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect("besyv.db")) as connection:
        return connection.execute(sql).fetchall()


LOAD = ("process", "load", "vores.yaml")


@pytest.mark.parametrize(
    ("day", "closes", "line"),
    [
        ("2026-03-01", "2026-01-15 12:00", "deletion_date: 2026-03-01 has passed: everybody would be deleted at once"),
        (
            "2030-07-28",
            "2030-06-28 16:00",
            "deletion_date: linjer closes 2030-06-28 16:00, and 30 days must be left after that to take out what people"
            " said; 2030-07-29 is the first day that will do",
        ),
    ],
)
def test_a_deletion_date_that_would_surprise_is_refused(day: str, closes: str, line: str) -> None:
    deleted_on(day, closes)
    assert refused("check", "vores.yaml") == line
    assert refused(*LOAD) == line
    assert not Path("besyv.db").exists() or rows("SELECT key FROM processes WHERE key = 'vores'") == []


def test_nor_does_the_first_start_take_one() -> None:
    deleted_on("2026-03-01", "2026-01-15 12:00")
    code, _, err = besyv("invite", "leader", BESYV_PROCESS="vores.yaml")
    assert code == 1 and "deletion_date: 2026-03-01 has passed" in err


def test_an_earlier_one_is_asked_about() -> None:
    deleted_on("2031-06-01")
    assert warned(*LOAD) == []
    deleted_on("2030-09-01")
    line = "deletion_date: everybody would be deleted on 2030-09-01, not 2031-06-01: say --yes if so"
    assert refused(*LOAD) == line
    assert rows("SELECT definition ->> 'deletion_date' FROM processes WHERE key = 'vores'") == [("2031-06-01",)]
    code, out, err = besyv(*LOAD, "--yes")
    assert (code, err) == (0, "")
    assert out.splitlines()[1] == "deletion date: 2030-09-01, before 2031-06-01"
    assert rows("SELECT actor, action, detail FROM audit") == [
        ("operator", "deletion-moved", "2031-06-01 > 2030-09-01")
    ]
    assert warned(*LOAD) == []  # the same again is asked about no more
    deleted_on("2032-06-01")
    assert warned(*LOAD) == []  # nor is a later one


def test_the_example_that_nobody_has_answered_is_replaced_without_a_question() -> None:
    assert warned("invite", "leader") == []
    text = example().replace("deletion_date: 2031-06-01", "deletion_date: 2031-05-01")
    Path("vores.yaml").write_text(text, encoding="utf-8")
    assert warned(*LOAD) == []


@pytest.mark.parametrize(
    ("planned", "line"),
    [
        (
            "UPDATE meetings SET starts_at = unixepoch('2031-01-20 18:00'), ends_at = unixepoch('2031-01-20 20:00')",
            "deletion_date: Fælles møde ends 2031-01-20 21:00,",
        ),
        (
            """INSERT INTO step_changes (process_id, flow, audience, state, from_at, made_at, actor, why)
               SELECT process_id, 'linjer', '', 'closed', unixepoch('2031-01-10 11:00'), unixepoch(), 'x', :sealed
               FROM meetings""",
            "deletion_date: linjer is changed by hand 2031-01-10 12:00,",
        ),
    ],
)
def test_what_was_planned_by_hand_counts_too(planned: str, line: str) -> None:
    deleted_on("2031-06-01", meeting='ends: "2030-02-03 16:00"')
    assert len(warned(*LOAD)) == 1  # of the Sunday
    sealed = of_an_older_besyv(Keyring(Path("besyv.key")), "fordi")
    with closing(sqlite3.connect("besyv.db", isolation_level=None)) as connection:
        connection.execute(planned, {"sealed": sealed} if ":sealed" in planned else {})
    deleted_on("2031-02-01", meeting='ends: "2030-02-03 16:00"')
    code, _, err = besyv(*LOAD, "--yes")
    assert code == 1 and err.splitlines()[-1].startswith(f"besyv: {line}"), err
    assert rows("SELECT definition ->> 'deletion_date' FROM processes WHERE key = 'vores'") == [("2031-06-01",)]
    deleted_on("2031-03-01", meeting='ends: "2030-02-03 16:00"')
    assert besyv(*LOAD, "--yes")[0] == 0

"""Dates on the command line: `besyv check` and `besyv process load` warn of what is allowed and may not be meant."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.process.loading import example
from tests.support.command_line import besyv

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
            ": The hearing runs from Monday 11 February 2030 at 08:00 to Saturday 23 February 2030 at midnight."
            " That is under 14 days.",
        ],
    ),
    (
        'flow: linjer, closes: "2030-06-05 12:00"',
        [".closes: The step closes Wednesday 5 June 2030 at 12:00. It is a holiday, or a day off for most."],
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

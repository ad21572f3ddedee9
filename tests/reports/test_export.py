"""The export as a file and as a process: there whole, or not there at all."""

from __future__ import annotations

import itertools
import json
import operator
import os
import resource
import signal
import stat
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from reports.__main__ import NICENESS
from reports.answers import Exported, Format, export_answers
from reports.table_words import TableWords
from storage.db import connect
from storage.encryption import Keyring
from storage.export import open_reading
from tests.support import sizes
from tests.support.export_house import House, flow, question, wrote
from tests.support.patience import PATIENCE

pytestmark = pytest.mark.process
COUNT = 2500
LOWEST = 19  # as nice as Linux has it: the tests may be nice themselves


@pytest.fixture
def house(tmp_path: Path) -> House:
    return with_answers(tmp_path, COUNT)


def with_answers(folder: Path, count: int) -> House:
    made = House(folder, flow(question("F1", "text")))
    made.connection.execute("BEGIN")
    for number in range(count):
        made.answer(
            made.begin(made.person(f"P-{number}")), wrote("F1", f"Vi mangler et sted at mødes, siger nummer {number}")
        )
    made.connection.execute("COMMIT")
    return made


def command(house: House, **changed: str) -> list[str]:
    given = {
        "database": str(house.database),
        "key-file": str(house.key_file),
        "process": "eksempel",
        "format": "csv",
        "out": str(house.folder / "svar.csv"),
        **changed,
    }
    return [sys.executable, "-m", "reports", *(word for name, value in given.items() for word in (f"--{name}", value))]


def files(house: House) -> list[str]:
    return sorted(path.name for path in house.folder.iterdir() if path.name.startswith("svar"))


def test_as_a_process_it_writes_the_file_and_says_how_many_rows(house: House) -> None:
    ran = subprocess.run(command(house), capture_output=True, text=True, check=True)
    out = house.folder / "svar.csv"
    assert (ran.stdout, ran.stderr, files(house)) == (f"{COUNT}\n", "", ["svar.csv"])
    assert (out.read_bytes().count(b"\r\n"), stat.S_IMODE(out.stat().st_mode)) == (COUNT + 1, 0o600)


def test_as_a_process_it_says_in_its_words_what_both_halves_hold(house: House) -> None:
    words = TableWords(language="da", headings={"status": "Status"}, values={"status": {"draft": "Kladde"}})
    (house.folder / "words.json").write_text(words.to_json(), encoding="utf-8")
    subprocess.run(command(house, words=str(house.folder / "words.json")), check=True, capture_output=True)
    text = (house.folder / "svar.csv").read_text("utf-8-sig")
    assert (text.count(';"Status";'), text.count(';"Kladde";'), text.count('"draft"')) == (1, COUNT, 0)


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"process": "nowhere"}, "there is no process called nowhere in the database"),
        ({"out": "{folder}/no/svar.csv"}, "{folder}/no/svar.csv can't be written: No such file or directory"),
        ({"database": "{folder}/no.db"}, "the database {folder}/no.db can't be opened: unable to open database file"),
        ({"database": "{folder}/besyv.key"}, "the database can't be read: file is not a database"),
        ({"key-file": "{folder}/no.key"}, "the key file no.key can't be read or is no key file"),
        ({"key-file": "{folder}/strange.key"}, "no answer can be opened with the keys in strange.key"),
    ],
)
def test_what_goes_wrong_is_said_in_one_line_and_leaves_nothing(
    house: House, changed: dict[str, str], line: str
) -> None:
    Keyring.open_or_create(house.folder / "strange.key")
    changed = {name: value.format(folder=house.folder) for name, value in changed.items()}
    ran = subprocess.run(command(house, **changed), capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (1, "", line.format(folder=house.folder) + "\n")
    assert files(house) == []


def test_a_full_disk_leaves_the_file_from_before(house: House) -> None:
    (house.folder / "svar.csv").write_text("den fra i går")
    ran = subprocess.run(
        command(house),
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)),
    )
    assert (ran.returncode, ran.stderr) == (1, f"{house.folder}/svar.csv can't be written: File too large\n")
    assert (files(house), (house.folder / "svar.csv").read_text()) == (["svar.csv"], "den fra i går")


@pytest.mark.parametrize(("how", "left"), [(signal.SIGTERM, 0), (signal.SIGKILL, 1)])
def test_killed_it_leaves_no_half_file_under_the_final_name(house: House, how: signal.Signals, left: int) -> None:
    begun = house.folder / "begun"
    script = (
        "import runpy, time, pathlib; from reports import answers; rows = answers._AnswerTable.rows\n"
        "def slowly(self, *given):\n"
        "    for found in rows(self, *given):\n"
        "        yield found\n"
        f"        pathlib.Path({str(begun)!r}).touch(); time.sleep(600)\n"
        "answers._AnswerTable.rows = slowly; runpy.run_module('reports', run_name='__main__')"
    )
    process = subprocess.Popen([sys.executable, "-c", script, *command(house)[3:]], start_new_session=True)
    while not begun.exists():
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(how)
    assert process.wait(PATIENCE) != 0
    with suppress(ProcessLookupError):  # the other half, which sleeps on where the first could not tell it anything
        os.killpg(process.pid, signal.SIGKILL)
    assert files(house) == [f"svar.csv.part-{process.pid}"] * left
    assert house.export("csv", "svar.csv").exists()
    assert files(house) == ["svar.csv"]  # the half one was cleared away


def test_the_half_file_of_an_export_that_still_runs_is_left_alone(house: House) -> None:
    running = house.folder / f"svar.csv.part-{os.getppid()}"
    running.write_text("x")
    house.export("csv", "svar.csv")
    assert files(house) == ["svar.csv", running.name]


def test_a_damaged_answer_is_marked_and_named_and_all_others_are_whole(house: House) -> None:
    before = [row for row in house.rows() if row["answer_id"] != 2000]
    house.connection.execute("UPDATE answers SET content = CAST(content || x'00' AS BLOB) WHERE id = 2000")
    out = house.folder / "svar.jsonl"
    done = export_answers(open_reading(house.database), house.keys, "eksempel", out, "jsonl")
    assert done == Exported(COUNT, (2000,))
    [damaged] = [row for row in house.rows() if row["answer_id"] == 2000]
    assert [damaged[name] for name in ("status", "text", "value", "category", "skipped")] == ["damaged", *[None] * 4]
    assert [row for row in house.rows() if row["answer_id"] != 2000] == before


def test_answers_swapped_between_people_are_marked_in_both_places(house: House) -> None:
    """Otherwise whoever can write to the file puts words into people's mouths."""
    first, second = [value for (value,) in house.connection.execute("SELECT content FROM answers WHERE id IN (7, 8)")]
    for number, value in ((7, second), (8, first)):
        house.connection.execute("UPDATE answers SET content = ? WHERE id = ?", (value, number))
    done = export_answers(open_reading(house.database), house.keys, "eksempel", house.folder / "svar.csv", "csv")
    assert done == Exported(COUNT, (7, 8))


def test_it_shows_one_moment_while_the_bot_goes_on_writing(house: House) -> None:
    told: list[tuple[int, int]] = []

    def bot(done: int, total: int) -> None:
        told.append((done, total))
        house.connection.execute("DELETE FROM people WHERE id > 1")

    reading = open_reading(house.database)
    assert export_answers(reading, house.keys, "eksempel", house.folder / "svar.csv", "csv", progress=bot).rows == COUNT
    assert (told[0][1], told[-1]) == (COUNT, (COUNT, COUNT))
    assert export_answers(reading, house.keys, "eksempel", house.folder / "svar.csv", "csv").rows == 1


def test_with_a_connection_of_the_bot_it_is_the_same(house: House) -> None:
    theirs = house.folder / "svar-2.csv"
    export_answers(connect(house.database), house.keys, "eksempel", theirs, "csv")
    assert theirs.read_bytes() == house.export("csv", "svar.csv").read_bytes()


def test_it_is_nice_to_the_bot(house: House) -> None:
    script = "import atexit, os, runpy; atexit.register(lambda: print(os.nice(0)))\n"
    script += "runpy.run_module('reports', run_name='__main__')"
    ran = subprocess.run(
        [sys.executable, "-c", script, *command(house)[3:]], capture_output=True, text=True, check=True
    )
    assert ran.stdout.split() == [str(COUNT), str(min(os.nice(0) + NICENESS, LOWEST))]


# --- by two processes -------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_by_two_processes_it_is_the_same_file(house: House, form: Format) -> None:
    subprocess.run(command(house, format=form), capture_output=True, check=True)
    assert (house.folder / "svar.csv").read_bytes() == house.export(form, "svar-one").read_bytes()


@pytest.mark.proof
def test_a_large_one_too_and_every_answer_is_in_it(tmp_path: Path) -> None:
    house = with_answers(tmp_path, sizes.EXPORTED)
    ran = subprocess.run(command(house, format="jsonl"), capture_output=True, text=True, check=True)
    assert ran.stdout == f"{sizes.EXPORTED}\n"
    with (house.folder / "svar.csv").open("rb") as by_two, house.export("jsonl", "svar-one").open("rb") as by_one:
        alike = itertools.starmap(operator.eq, zip(by_two, by_one, strict=True))
        assert all(alike)
    with (house.folder / "svar.csv").open(encoding="utf-8") as lines:
        said = [json.loads(line)["text"] for line in lines]
    assert sorted(int(text.rpartition(" ")[2]) for text in said) == [*range(sizes.EXPORTED)]


def test_both_halves_show_the_same_moment_while_the_bot_writes(house: House) -> None:
    """The bot changes the first and the last answer in one transaction, again and again."""
    script = (
        "import sqlite3, sys\n"
        f"bot = sqlite3.connect({str(house.database)!r}, isolation_level=None, timeout={PATIENCE})\n"
        "bot.execute('PRAGMA synchronous = OFF')\n"
        "for revision in range(2, 10**9):\n"
        f"    bot.execute('UPDATE answers SET revision = ? WHERE id IN (1, {COUNT})', (revision,))\n"
    )
    bot = subprocess.Popen([sys.executable, "-c", script])
    try:
        for _ in range(4):
            subprocess.run(command(house, format="jsonl"), capture_output=True, check=True)
            lines = (house.folder / "svar.csv").read_text(encoding="utf-8").splitlines()
            first, last = (json.loads(line)["revision"] for line in (lines[0], lines[-1]))
            assert (len(lines), first) == (COUNT, last)
    finally:
        bot.kill()
        bot.wait()
    assert last > 1


def test_damage_in_either_half_is_named(house: House) -> None:
    for number in (2, COUNT - 1):
        house.connection.execute("UPDATE answers SET content = CAST(content || x'00' AS BLOB) WHERE id = ?", (number,))
    ran = subprocess.run(command(house), capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, f"{COUNT} 2 {COUNT - 1}\n", "")


def test_a_fault_in_the_second_half_is_told_in_the_same_words(house: House) -> None:
    house.connection.execute(
        "UPDATE people SET pseudonym = CAST(x'ff' AS TEXT) WHERE id = (SELECT max(id) FROM people)"
    )
    ran = subprocess.run(command(house), capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr[:27]) == (1, "the database can't be read:")
    assert files(house) == []

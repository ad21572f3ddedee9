"""The operator invites, hands out links and posters, keeps the register and looks at the coverage on the command line.

Every command as the program it is. What is wrong is one line and exit code 1; all of it stands in the audit log.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from bot.process.flows import flow_keys
from reports import qr
from reports.register_reading import LARGEST
from tests.support.botapi import LocalBotApi
from tests.support.command_line import besyv
from tests.support.register_files import books, saved, with_sheet

pytestmark = pytest.mark.process
WEB = "http://127.0.0.1:8080"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to stand in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def rows(sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect("besyv.db")) as connection:
        return connection.execute(sql).fetchall()


def change(*scripts: str) -> None:
    with closing(sqlite3.connect("besyv.db", isolation_level=None)) as connection:
        for script in scripts:
            connection.executescript(script)


def logged() -> list[tuple[Any, ...]]:
    return rows("SELECT actor, action, detail FROM audit ORDER BY id")


def well(*arguments: str, **environment: str) -> str:
    """What a command that goes well prints."""
    code, out, err = besyv(*arguments, **environment)
    assert (code, err) == (0, "")
    return out


def ill(*arguments: str, **environment: str) -> str:
    """The one line of a command that can't be carried out."""
    code, out, err = besyv(*arguments, **environment)
    assert (code, out, err.count("\n")) == (1, "", 1)
    return err.removeprefix("besyv: ").strip()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# --- invite -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["leader", "deputy", "steering", "facilitator"])
def test_every_role_is_given_by_a_link_that_is_kept_as_a_hash_alone(role: str) -> None:
    out = well("invite", role)
    found = re.fullmatch(rf"{re.escape(WEB)}/i/(i-\S{{22}})\n/start \1\n", out)
    assert found is not None
    assert rows("SELECT kind, role, code, made_by FROM invitations") == [("role", role, None, "operator")]
    assert found[1].encode() not in b"".join(path.read_bytes() for path in Path().glob("besyv.db*"))
    assert logged() == [("operator", "invite", role)]


def test_a_steering_member_stands_for_a_group() -> None:
    well("invite", "steering", "--stands-for", "forening")
    assert rows("SELECT role, stakeholder FROM invitations") == [("steering", "forening")]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["leader", "--stands-for", "forening"], "--stands-for is for a member of the steering group"),
        (
            ["steering", "--stands-for", "styregruppe"],
            "the steering group is no group to answer as by a link, or to stand for",
        ),
        (["leader", "--process", "nej"], "there is no process nej; there are eksempel"),
    ],
)
def test_an_invitation_that_makes_no_sense_is_refused(arguments: list[str], line: str) -> None:
    assert ill("invite", *arguments) == line


def test_the_code_of_an_invitation_can_be_handed_out_as_a_picture(folder: Path) -> None:
    out = well("invite", "steering", "--out", "ud/styregruppe")
    address, _, *written = out.splitlines()
    assert written == ["ud/styregruppe/besyv-qr.png", "ud/styregruppe/besyv-qr.svg"]
    assert (folder / written[0]).read_bytes() == qr.png(address)
    assert (folder / written[1]).read_bytes() == qr.svg(address)


def test_the_link_is_printed_before_a_folder_that_can_not_be_written() -> None:
    Path("ud").write_text("en fil")
    code, out, err = besyv("invite", "leader", "--out", "ud")
    assert (code, err.count("\n")) == (1, 1)
    assert out.startswith(f"{WEB}/i/i-")


# --- code ---------------------------------------------------------------------------------------------------


def test_a_code_is_for_one_holder_of_a_role_and_stands_nowhere() -> None:
    assert ill("code") == "nobody leads the process, and nobody holds a role"
    change(
        "INSERT INTO people (id, process_id, pseudonym, language, created_at) VALUES (7, 1, 'p7', 'da', 0)",
        "INSERT INTO capacities (person_id, in_use) VALUES (7, 1) ON CONFLICT DO NOTHING",
        "INSERT INTO roles (person_id, role, granted_at) VALUES (7, 'leader', 0)",
    )
    first, second = (
        re.fullmatch(r"(\d{4} \d{4})\nfor p7, once, for ten minutes\n", well("code", *who)) for who in ((), ("p7",))
    )
    assert first is not None and second is not None and first[1] != second[1]
    assert ill("code", "p8") == "nobody with a role is p8; there are: p7 (leader)"
    assert rows("SELECT person_id, way, channel, tries FROM proof_codes") == [(7, "operator", None, 0)]
    for digits in (second[1], second[1].replace(" ", "")):
        assert digits.encode() not in b"".join(path.read_bytes() for path in Path().glob("besyv.db*"))
    assert logged() == [("operator", "proof-code", "p7")] * 2


# --- link -------------------------------------------------------------------------------------------------


def test_a_public_link_leads_to_a_step_as_a_group_in_an_area(folder: Path) -> None:
    out = well("link", "make", "--step", "linjer", "--group", "forening", "--area", "nordby", "--name", "  Hallen  ")
    found = re.fullmatch(rf"{re.escape(WEB)}/i/(k-[a-z2-9]{{8}})\n/start \1\n", out)
    assert found is not None
    [kept] = rows("SELECT kind, code, flow, stakeholder, area, role, expires_at, made_by FROM invitations")
    assert kept == ("campaign", found[1], "linjer", "forening", "nordby", None, None, "operator")
    assert well("link", "list") == f"1  Hallen  used by nobody yet  {WEB}/i/{found[1]}\n"
    assert logged() == [("operator", "invite-campaign", "1")]
    assert names(folder) == [name for name in names(folder) if name.startswith("besyv.")]


def test_a_link_without_a_name_is_called_by_what_it_leads_to() -> None:
    well("link", "make", "--step", "linjer", "--group", "forening")
    well("link", "make")
    listed = [line.split("  ")[1] for line in well("link", "list").splitlines()]
    assert listed == ["besyv", "Input til de overordnede linjer · forening"]


def test_posters_and_codes_are_written_for_a_public_link(folder: Path) -> None:
    out = well("link", "make", "--step", "linjer", "--out", "ud")
    address = out.splitlines()[0]
    assert names(folder / "ud") == ["besyv-plakat-a4.pdf", "besyv-plakat-a5.pdf", "besyv-qr.png", "besyv-qr.svg"]
    assert (folder / "ud" / "besyv-qr.png").read_bytes() == qr.png(address)
    for size in ("a4", "a5"):
        assert (folder / "ud" / f"besyv-plakat-{size}.pdf").read_bytes().startswith(b"%PDF-")


async def test_with_a_token_there_is_a_telegram_address_too() -> None:
    async with LocalBotApi() as api:
        there = {"BESYV_TELEGRAM_TOKEN": api.token, "BESYV_TELEGRAM_API": api.url}
        out = await asyncio.to_thread(well, "link", "make", **there)
        lines = out.splitlines()
        code = lines[2].removeprefix("/start ")
        assert lines == [f"{WEB}/i/{code}", f"https://t.me/besyv_lokal_bot?start={code}", f"/start {code}"]
    out = await asyncio.to_thread(well, "invite", "leader", **there)  # nobody is there any more
    assert out.splitlines()[1] == "no Telegram bot could be asked for its name: use the command"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--step", "nej"], "there is no step nej; there are plan, linjer, "),
        (["--step", "start"], "there is no step start; there are plan, linjer, "),
        (["--area", "nej"], "there is no area nej; there are nordby, soendermark, havnen, aadalen"),
        (["--group", "styregruppe"], "the steering group is no group to answer as by a link, or to stand for"),
        (["--name", "x" * 61], "--name is longer than 60 characters"),
        (["--process", "nej"], "there is no process nej; there are eksempel"),
    ],
)
def test_a_link_that_leads_nowhere_is_not_made(arguments: list[str], line: str) -> None:
    assert ill("link", "make", *arguments).startswith(line)
    assert not Path("besyv.db").exists() or rows("SELECT count(*) FROM invitations") == [(0,)]


def test_without_an_address_there_is_nothing_to_print_on_a_poster() -> None:
    line = ill("link", "make", "--out", "ud", BESYV_WEB_PORT="0")
    assert line == "a poster needs an address: set BESYV_WEB_URL, or BESYV_TELEGRAM_TOKEN"
    assert not Path("ud").exists()


def test_a_revoked_link_is_not_listed_and_nobody_comes_in_by_it() -> None:
    well("link", "make", "--name", "Torvet")
    well("invite", "steering")
    listed = well("link", "list").splitlines()
    assert re.fullmatch(r"2  steering  once, until \d{4}-\d\d-\d\d \d\d:\d\d", listed[0])
    assert well("link", "revoke", "1") == "link 1 is revoked\n"
    assert well("link", "revoke", "2") == "link 2 is revoked\n"
    assert well("link", "list") == "there is no link\n"
    assert [detail for _, action, detail in logged() if action == "revoke"] == ["1", "2"]
    assert ill("link", "revoke", "1") == "there is no link 1 that could be revoked"
    assert ill("link", "revoke", "77") == "there is no link 77 that could be revoked"


# --- register ---------------------------------------------------------------------------------------------

AS_EXCEL_SAVES_IT = (
    "Forening;Type;Område;Mail;Antal medlemmer\r\n"
    "Nordby Idrætsforening;Klub;Nordby;post@nordby-if.example;120\r\n"
    ";Klub;Nordby;;\r\n"
    "Jens 010203-1234;;;;\r\n"
    "NORDBY IDRÆTS-FORENING;;;;\r\n"
    "Ældrerådet;Råd;Mars;;mange\r\n"
)


@pytest.fixture
def nobody_listed(folder: Path) -> None:
    """The leader has taken off the register what the process file lists."""
    well("link", "list")
    change("PRAGMA foreign_keys = ON; DELETE FROM parties;")


@pytest.fixture
def file(folder: Path, nobody_listed: None) -> str:
    (folder / "liste.csv").write_bytes(AS_EXCEL_SAVES_IT.encode("cp1252"))
    return "liste.csv"


PREVIEW = """\
column Antal medlemmer is size
column Forening is name
column Mail is contact
column Område is area
column Type is kind
line 3: no name; the line is left out
line 4: looks like a CPR number; the line is left out
line 6: no such area “Mars”; area is left empty
line 6: no size “mange”; size is left empty
line 5: is Nordby Idrætsforening, further up
"""


def test_a_file_is_looked_through_first_and_taken_in_with_yes(file: str) -> None:
    end = "would be taken in: 2 new, 0 known; nothing is changed without --yes\n"
    assert well("register", "import", file) == PREVIEW + end
    assert (rows("SELECT count(*) FROM parties"), logged()) == ([(0,)], [])
    assert well("register", "import", file, "--yes") == PREVIEW + "taken in: 2 new, 0 known\n"
    assert rows("SELECT name, kind, area, size, contact IS NULL FROM parties ORDER BY id") == [
        ("Nordby Idrætsforening", "forening", "nordby", "100+", 0),
        ("Ældrerådet", "raad", None, None, 1),
    ]
    assert logged() == [("operator", "import", "2 + 0")]
    assert well("register", "import", file, "--yes").endswith("taken in: 0 new, 2 known\n")
    assert rows("SELECT count(*) FROM parties") == [(2,)]


@pytest.mark.usefixtures("nobody_listed")
def test_rows_in_doubt_are_told_and_left_out_where_that_is_asked_for(folder: Path) -> None:
    well("register", "import", _written(folder, "Navn\nNordby Skakklub\n"), "--yes")
    file = _written(folder, "Navn\nKirsten Hansen\nNordby Skak\n11\n+1+1\nKoret\n")
    doubts = (
        "line 2: “Kirsten Hansen” may be a private person, who does not belong in the register",
        "line 3: “Nordby Skak” looks like “Nordby Skakklub”: is it the same?",
        "line 5: “+1+1” is counted as the same as “11”: is it?",
    )
    assert well("register", "import", file).splitlines() == [
        "column Navn is name",
        "line 5: is 11, further up",
        *doubts,
        "would be taken in: 4 new, 0 known; nothing is changed without --yes",
    ]
    left_out = well("register", "import", file, "--without-doubts", "--yes").splitlines()
    assert left_out[2:] == [*(f"{doubt}; left out" for doubt in doubts), "taken in: 2 new, 0 known"]
    assert rows("SELECT name FROM parties ORDER BY id") == [("Nordby Skakklub",), ("11",), ("Koret",)]
    assert well("register", "import", file, "--yes").endswith("taken in: 2 new, 2 known\n")


def _written(folder: Path, text: str) -> str:
    (folder / "liste.csv").write_text(text, encoding="utf-8")
    return "liste.csv"


@pytest.mark.usefixtures("nobody_listed")
def test_the_sheet_that_is_read_and_the_others_are_named(folder: Path) -> None:
    workbook = books(("Vejledning",), ("Udfyld arket", "Foreninger"))
    listed = workbook.create_sheet("Foreninger")
    for row in (("Udskrevet:", "01-03-2026"), ("Forening", "Kontakt"), ("Koret", "=A1")):
        listed.append(row)
    (folder / "liste.xlsx").write_bytes(saved(workbook))
    assert well("register", "import", "liste.xlsx", "--yes").splitlines() == [
        "the sheet Foreninger is read; not read: Sheet (save a sheet as a file of its own for that)",
        "the headings stand in line 2; what stands above them is not read",
        "column Forening is name",
        "column Kontakt is contact",
        "line 3: a formula without a value: open the file in Excel, and save it; contact is left empty",
        "taken in: 1 new, 0 known",
    ]
    workbook.remove(listed)
    other = workbook.create_sheet("Andet")
    for row in (("Hvem", "Hvad"), ("Koret", "Klub")):
        other.append(row)
    (folder / "liste.xlsx").write_bytes(saved(workbook))
    assert ill("register", "import", "liste.xlsx") == (
        "liste.xlsx: which column holds the names? --name-column is one of Hvem, Hvad; the sheet Andet is read; "
        "not read: Sheet (save a sheet as a file of its own for that)"
    )


def test_a_file_that_is_made_to_cost_says_what_to_do(folder: Path) -> None:
    (folder / "liste.xlsx").write_bytes(with_sheet(b'<row spans="' + b"1" * 60_000_000 + b'"><c/></row>'))
    assert ill("register", "import", "liste.xlsx") == (
        "liste.xlsx is too heavy to read: copy the list into a new workbook, and save that as XLSX"
    )


@pytest.mark.usefixtures("nobody_listed")
def test_the_column_of_the_names_can_be_told(folder: Path) -> None:
    (folder / "liste.csv").write_text("Hvem;Hvad\nNordby IF;Klub\n", encoding="utf-8")
    assert ill("register", "import", "liste.csv") == (
        "liste.csv: which column holds the names? --name-column is one of Hvem, Hvad"
    )
    assert ill("register", "import", "liste.csv", "--name-column", "Navn") == (
        "liste.csv has no column Navn; it has Hvem, Hvad"
    )
    well("register", "import", "liste.csv", "--name-column", "hvem", "--yes")
    assert rows("SELECT name FROM parties") == [("Nordby IF",)]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (None, "liste.csv: No such file or directory"),
        (b"Navn;Type\n", "liste.csv is empty"),
        (b"Navn\n" + b"x" * LARGEST, f"liste.csv is larger than {LARGEST // 1_000_000} MB"),
        (b"", "liste.csv is no table: hand in CSV or XLSX"),
        (b'Navn;Type\n"Nordby IF;Klub\n', "liste.csv has a quotation mark that is never closed"),
    ],
    ids=["none", "empty", "large", "no table", "open quote"],
)
def test_a_file_that_is_no_register_is_refused_in_one_line(folder: Path, content: bytes | None, line: str) -> None:
    if content is not None:
        (folder / "liste.csv").write_bytes(content)
    assert ill("register", "import", "liste.csv", "--yes") == line


def test_what_was_taken_in_is_written_out_again(folder: Path, file: str) -> None:
    well("register", "import", file, "--yes")
    assert well("register", "export", "--out", "ud.csv") == "ud.csv: 2 entries\n"
    assert well("register", "export", "--out", "ud.xlsx") == "ud.xlsx: 2 entries\n"
    text = (folder / "ud.csv").read_text(encoding="utf-8-sig")
    assert [line.split(";")[0].strip('"') for line in text.splitlines()] == [
        "Navn",
        "Nordby Idrætsforening",
        "Ældrerådet",
    ]
    with closing(load_workbook(folder / "ud.xlsx", read_only=True)) as book:
        cells = [row[0] for row in book.worksheets[0].iter_rows(values_only=True)]
    assert cells == ["Navn", "Nordby Idrætsforening", "Ældrerådet"]
    assert logged()[1:] == [("operator", "register-export", "csv"), ("operator", "register-export", "xlsx")]
    end = "would be taken in: 0 new, 2 known; nothing is changed without --yes"
    assert well("register", "import", "ud.xlsx").splitlines()[-1] == end


@pytest.mark.parametrize(
    ("english", "headings", "kind"),
    [
        ((), '"Navn";"Type";"Område";"Forvaltning";"Størrelse";"Emneord";"Kontakt"', "Forening"),
        (("--english",), '"Name";"Type";"Area";"Department";"Size";"Keywords";"Contact"', "Association"),
    ],
    ids=["Danish", "English"],
)
def test_the_register_is_written_in_either_language_and_read_again(
    folder: Path, file: str, english: tuple[str, ...], headings: str, kind: str
) -> None:
    well("register", "import", file, "--yes")
    listed = rows("SELECT name, kind, area, department, size, tags FROM parties ORDER BY name")
    well("register", "export", "--out", "ud.csv", *english)
    first, *rest = (folder / "ud.csv").read_text(encoding="utf-8-sig").splitlines()
    assert (first, any(f'"{kind}"' in line for line in rest)) == (headings, True)
    change("DELETE FROM parties")
    assert "taken in: 2 new, 0 known" in well("register", "import", "ud.csv", "--yes")
    assert rows("SELECT name, kind, area, department, size, tags FROM parties ORDER BY name") == listed


@pytest.mark.parametrize(
    ("command", "danish", "english"),
    [
        ("export", '"Løbenummer";"Proces";"Trin nr.";"Trin"', '"Serial number";"Process";"Step no.";"Step"'),
        ("contacts", '"Proces";"Trin";"Spørgsmål nr."', '"Process";"Step";"Question no."'),
    ],
)
def test_answers_and_contacts_are_written_in_danish_or_in_english(
    folder: Path, command: str, danish: str, english: str
) -> None:
    for more, headings in ((), danish), (("--english",), english):
        assert besyv(command, "--out", "ud.csv", *more)[0] == 0
        assert (folder / "ud.csv").read_text(encoding="utf-8-sig").startswith(headings)


def test_a_register_is_written_as_csv_or_xlsx_alone() -> None:
    assert ill("register", "export", "--out", "ud.pdf") == "ud.pdf: the name of the file must end in .csv or .xlsx"
    assert "No such file or directory" not in ill("register", "export", "--out", "besyv.key/ud.csv")


# --- coverage ---------------------------------------------------------------------------------------------

ANSWERED = """
INSERT INTO people (id, process_id, pseudonym, language, created_at, notice_version, notice_at, behind)
VALUES (1, 1, 'p1', 'da', 1, 'x', 1, 1), (2, 1, 'p2', 'da', 1, 'x', 1, 8), (3, 1, 'p3', 'da', 1, 'x', 1, 1);
INSERT INTO capacities (id, person_id, in_use, stakeholder)
VALUES (1, 1, 1, 'frivillig'), (2, 2, 1, 'forening'), (3, 3, 1, NULL);
INSERT INTO runs (person_id, capacity_id, flow, version, started_at, sent_at, stakeholder, behind)
VALUES (1, 1, 'linjer', 1, 1, 2, 'frivillig', 1), (2, 2, 'linjer', 1, 1, 2, 'forening', 8),
       (3, 3, 'linjer', 1, 1, 2, NULL, 1), (1, 1, 'borger', 1, 1, NULL, 'frivillig', 1);
"""


def test_coverage_is_a_table_of_what_was_sent_and_the_registers_numbers(file: str) -> None:
    well("register", "import", file, "--yes")
    change(ANSWERED)
    out = well("coverage")
    table = [re.split(r"\s*[│┃]\s*", line.strip("│┃ ")) for line in out.splitlines() if line[:1] in "│┃"]
    heads = [cell.strip() for cell in table[0]]
    shown = {row[0].strip(): dict(zip(heads, (cell.strip() for cell in row), strict=True)) for row in table[1:]}
    assert set(shown) <= set(flow_keys())
    sent = {head: number for head, number in shown["linjer"].items() if number not in ("0", "linjer")}
    three = {"people": "10", "answers": "3", "associations": "1"}
    assert sent == {"frivillig": "1", "forening": "1 (8 people)", "not told": "1", **three}
    assert shown["borger"]["people"] == "0"
    assert out.splitlines()[-1] == ("register: 2 known, 0 invited, 0 opened, 0 started, 0 sent, 0 declined, 0 silent")
    assert logged()[-1] == ("operator", "coverage", "")
    assert ill("coverage", "--process", "nej") == "there is no process nej; there are eksempel"


def test_check_recounts_the_coverage() -> None:
    good = "settings, process file, flows and texts are in order\n"
    assert well("check") == good
    assert not Path("besyv.db").exists()  # it makes none
    well("invite", "leader")
    change(ANSWERED)
    assert well("check") == good
    change("UPDATE tally SET sent = sent + 1 WHERE stakeholder = 'forening'")
    assert ill("check") == "the counters of coverage of eksempel are not what a recount gives"


def test_check_lets_a_database_be_that_knows_nothing_of_coverage_yet() -> None:
    well("invite", "leader")
    change("DROP VIEW recount; DROP TABLE tally")
    well("check")


@pytest.mark.parametrize(
    "arguments",
    [
        ["link"],
        ["register"],
        ["link", "revoke"],
        ["link", "revoke", "en"],
        ["link", "make", "--group", "konge"],
        ["register", "import"],
    ],
)
def test_what_is_no_command_exits_with_2(arguments: list[str]) -> None:
    assert besyv(*arguments)[0] == 2
    assert not Path("besyv.db").exists()

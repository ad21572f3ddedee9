"""`besyv questions check|show|load` by the real command: what is said, what is drawn, what a running bot makes of it,
and that whoever is in the middle of a set goes on."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.dialogue.reply import Screen
from bot.features import process_file
from bot.process.flows import shipped_flows
from bot.process.host import ProcessHost
from bot.process.loading import example
from storage.db import Database
from storage.encryption import Keyring
from tests.support.bureau import NOW, OPEN, VOLUNTEER, Bureau, described
from tests.support.command_line import besyv
from tests.support.databases import FOLDER, KEPT, on_database, restore

pytestmark = pytest.mark.process
ASKED = "Hvilke lokaler kan din forening bruge i dag?"
REWORDED = "Hvordan skal det være at bo i Nordby om ti år?"
OWN = f"""steps:
  - flow: faelles
    questions:
      - id: F1
        text:
          da: "{REWORDED}"
          en: "What should it be like to live in Nordby in ten years?"
      - id: Q1
        kind: text
        who: [frivillig, forening]
        text:
          da: "{ASKED}"
          da_jer: "Hvilke lokaler kan I bruge i dag?"
          en: "Which rooms can your association use today?"
        after: F1
      - id: F14
        switched_off: true
  - flow: plan
    switched_off: true
  - flow: egen_lokaler
    title: {{da: "Lokaler i Nordby", en: "Rooms in Nordby"}}
    who: [frivillig]
    questions:
      - id: Q2
        kind: single
        text: {{da: "Hvor let er det at låne et lokale af kommunen?", en: "How easy is it to borrow a room?"}}
        choices:
          - {{key: let, label: {{da: "Let", en: "Easy"}}}}
          - {{key: svaert, label: {{da: "Svært", en: "Hard"}}}}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to stand in, with the questions in a file."""
    monkeypatch.chdir(tmp_path)
    Path("egne.yaml").write_text(OWN, encoding="utf-8")
    return tmp_path


def rows(sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect("besyv.db")) as connection:
        return [tuple(row) for row in connection.execute(sql)]


LEADING = (
    "besyv: warning: egne.yaml:26: steps[2].questions[0].text.da: leading: »hvor let« nævner kun den ene side. "
    "Nævn begge sider, fx »Hvor let eller svært …«."
)


def test_check_says_what_a_good_survey_would_do_otherwise_and_stores_nothing() -> None:
    code, out, err = besyv("questions", "check", "egne.yaml")
    assert (code, out) == (0, "egne.yaml: in order; 1 step changed, 1 step of your own, 1 step switched off\n")
    assert LEADING in err.splitlines()
    assert not Path("besyv.db").exists()


@pytest.mark.parametrize("command", ["check", "show", "load"])
def test_a_faulty_file_is_refused_by_each_command_with_every_line(command: str) -> None:
    Path("egne.yaml").write_text(
        OWN.replace("id: F1\n", "id: F77\n").replace("after: F1\n", "after: F78\n"), encoding="utf-8"
    )
    code, out, err = besyv("questions", command, "egne.yaml")
    assert (code, out) == (1, "")
    assert [line.partition(": ")[2].partition(" is ")[0].partition(" has ")[0] for line in err.splitlines()] == [
        "egne.yaml:4: steps[0].questions[0].id: faelles",
        "steps[0].questions[1].after: F78",
    ]


def test_show_draws_each_question_as_the_chat_and_as_the_page_has_it() -> None:
    code, out, err = besyv("questions", "show", "egne.yaml", "--pages", "sider")
    assert (code, err) == (0, "")
    assert f"\n{ASKED}\n" in out
    assert "Hvilke lokaler kan I bruge i dag?" in out
    assert "| frivillig | F6 (F13) F1 Q1 F2 " in out
    assert "   1  Let\n" in out
    page = Path("sider/egen_lokaler-Q2.html").read_text(encoding="utf-8")
    assert '<input type="radio"' in page
    assert "Hvor let er det at låne et lokale af kommunen?" in page
    assert sorted(path.name for path in Path("sider").glob("*.html")) == [
        "egen_lokaler-Q2.html",
        "faelles-F1.html",
        "faelles-Q1-jer.html",
        "faelles-Q1.html",
    ]
    (style,) = re.findall(r'href="(static/[^"?]+[.]css)', page)
    assert (Path("sider") / style).exists()
    assert not Path("besyv.db").exists()


def test_show_in_english_has_the_english() -> None:
    code, out, _ = besyv("questions", "show", "egne.yaml", "--english")
    assert code == 0
    assert "\nWhich rooms can your association use today?\n" in out
    assert ASKED not in out


def test_load_says_what_is_different_and_for_whom_and_a_second_time_nothing() -> None:
    code, out, _ = besyv("questions", "load", "egne.yaml")
    assert code == 0
    first, *told = out.splitlines()
    assert first == "eksempel: egne.yaml is loaded"
    assert told[0].startswith("faelles: F1 is worded anew, for frivillig,")
    assert "Q1 is new, for frivillig, forening; F14 is asked no more, of " in told[0]
    assert told[0].endswith("; nobody is in the middle of it")
    assert told[1:] == [
        "egen_lokaler: a step of your own, for frivillig",
        "plan: switched off; what was answered stays; nobody is in the middle of it",
    ]
    assert besyv("questions", "load", "egne.yaml")[1].splitlines()[1:] == ["nothing is different from before"]
    assert rows("SELECT action, detail FROM audit ORDER BY id")[0] == ("questions-loaded", "egne.yaml")


def test_the_process_file_loaded_again_keeps_them_and_an_empty_list_takes_them_back() -> None:
    assert besyv("questions", "load", "egne.yaml")[0] == 0
    Path("vores.yaml").write_text(example(), encoding="utf-8")
    assert besyv("process", "load", "vores.yaml")[0] == 0
    assert "Q1" in besyv("outline", "--no-diagram")[1]
    Path("egne.yaml").write_text("steps: []\n", encoding="utf-8")
    code, out, _ = besyv("questions", "load", "egne.yaml")
    assert (code, out.splitlines()[-1]) == (0, "plan: open as the process file says")
    assert "Q1" not in besyv("outline", "--no-diagram")[1].split("flow: faelles")[1]


CHAT = """
from_chat:
  - flow: plan
    id: Q4
    kind: text
    who: [borger]
    text:
      da: "Hvem kan du ringe til, når et lokale er låst?"
      en: "Whom can you call when a room is locked?"
"""


def test_what_was_made_in_the_chat_is_shown_and_written_and_stays_whatever_is_loaded() -> None:
    put("steps: []\n" + CHAT)
    assert besyv("questions", "load", "egne.yaml")[0] == 0
    code, out, _ = besyv("questions", "show")
    assert code == 0
    assert "\nHvem kan du ringe til, når et lokale er låst?\n" in out
    put(OWN)
    code, out, _ = besyv("questions", "load", "egne.yaml")
    kept = "plan: Q4 was made in the chat, and stays: »Hvem kan du ringe til, når et lokale er låst?«"
    assert (code, out.splitlines()[-1]) == (0, kept)
    put("steps: []\n")
    assert besyv("questions", "load", "egne.yaml")[1].splitlines()[-1] == kept
    Path("vores.yaml").write_text(example(), encoding="utf-8")
    assert besyv("process", "load", "vores.yaml")[0] == 0
    assert "Q4" in besyv("outline", "--no-diagram")[1]
    assert besyv("questions", "export", "ud.yaml") == (0, "", "")
    assert Path("ud.yaml").read_text(encoding="utf-8") == besyv("questions", "export")[1]
    code, out, _ = besyv("questions", "load", "ud.yaml")
    assert (code, out.splitlines()[1:]) == (0, ["nothing is different from before"])


@pytest.mark.parametrize("command", ["check", "show", "load"])
def test_a_number_that_was_given_in_the_chat_is_refused_for_another_question(command: str) -> None:
    """Of the same kind and in the same step too: the file would take the place of what was made in the chat, and what
    people answered would stand under a question that they were never asked."""
    put("steps: []\n" + CHAT)
    assert besyv("questions", "load", "egne.yaml")[0] == 0
    put(
        "steps:\n  - flow: plan\n    questions:\n      - {id: Q4, kind: text, who: [forening], "
        'text: {da: "Hvilke lokaler mangler I?", en: "Which rooms do you lack?"}}\n'
    )
    code, out, err = besyv("questions", command, "egne.yaml")
    assert (code, out) == (1, "")
    assert err.startswith(
        "besyv: egne.yaml:4: steps[0].questions[0].id: Q4 is a question made in the chat, "
        "»Hvem kan du ringe til, når et lokale er låst?«: use Q1. "
    )
    assert "Hvem kan du ringe til, når et lokale er låst?" in besyv("questions", "export")[1]


@pytest.mark.parametrize("command", ["show", "export"])
def test_where_there_are_none_of_ones_own_it_is_said(command: str) -> None:
    assert besyv("questions", command) == (1, "", "besyv: there are no questions of your own\n")


def test_the_setting_names_the_file_that_an_empty_database_begins_with() -> None:
    code, out, _ = besyv("outline", "--no-diagram", BESYV_QUESTIONS="egne.yaml")
    assert code == 0
    assert ASKED in out
    Path("egne.yaml").write_text("steps:\n  - {flow: nej, switched_off: true}\n", encoding="utf-8")
    Path("besyv.db").unlink()
    code, _, err = besyv("outline", BESYV_QUESTIONS="egne.yaml")
    assert (code, err.partition("no step")[0]) == (1, "besyv: BESYV_QUESTIONS: egne.yaml:2: steps[0].flow: ")
    code, _, err = besyv("check", BESYV_QUESTIONS="egne.yaml")
    assert code == 1
    assert [line for line in err.splitlines() if line.startswith("besyv: egne.yaml:2: steps[0].flow: no step")]


def test_questions_in_the_process_file_itself_are_refused() -> None:
    Path("vores.yaml").write_text(example() + "\nquestions:\n  name: a\n  text: b\n", encoding="utf-8")
    code, _, err = besyv("process", "load", "vores.yaml")
    assert code == 1
    assert err.endswith("questions: questions of your own stand in a file of their own\n")


def put(text: str) -> None:
    Path("egne.yaml").write_text(text, encoding="utf-8")


def exported(question: str) -> list[str]:
    """The lines of the exported file with an answer to it."""
    return [line for line in Path("svar.csv").read_text(encoding="utf-8-sig").splitlines() if question in line]


# --- a bot that runs, and who is in the middle ------------------------------------------------------------


@pytest.fixture
async def bureau(folder: Path) -> AsyncIterator[Bureau]:
    file = described(faelles=OPEN, plan=OPEN)
    database = await Database.open(folder / "besyv.db", Keyring.open_or_create(folder / "besyv.key"))
    await database.write(lambda tx: process_file.save(tx, file, shipped_flows(file), NOW))
    yield Bureau(database, ProcessHost(file.process), folder / "besyv.db")
    await database.close()


async def test_a_running_bot_takes_them_up_and_whoever_is_in_the_middle_may_choose(bureau: Bureau) -> None:
    stays, goes = bureau.person("1"), bureau.person("2")
    for person in (stays, goes):
        await person.joins(*VOLUNTEER, payload="faelles")
        await person.says("4")
        await person.says("At vi kender hinanden")
    code, out, _ = besyv("questions", "load", "egne.yaml")
    assert code == 0
    assert "2 people are in the middle of it and may choose" in out

    reply = await goes.types("fortsaet")
    assert (reply.screen, len(reply.buttons)) == (Screen.NEWER, 2)
    await goes.taps(reply.buttons[1].label)
    assert (await goes.types("fortsaet")).title == REWORDED
    assert (await goes.says("Grønnere")).title == ASKED
    await stays.types("fortsaet")
    await stays.taps(reply.buttons[0].label)
    assert (await stays.types("fortsaet")).title not in (REWORDED, ASKED)
    assert rows("SELECT version, count(*) FROM runs WHERE flow = 'faelles' GROUP BY version") == [(1, 1), (2, 1)]
    assert rows("SELECT count(*) FROM answers WHERE question = 'F6'") == [(2,)]  # what was answered stays


async def test_somebody_new_is_asked_them_and_a_step_switched_off_is_gone_from_what_can_be_answered(
    bureau: Bureau,
) -> None:
    assert besyv("questions", "load", "egne.yaml")[0] == 0
    person = bureau.person()
    await person.joins(*VOLUNTEER)
    menu = await person.types("fortsaet")
    labels = [move.label for move in menu.buttons]
    assert [label for label in labels if label.startswith("Lokaler i Nordby")]
    shown = await bureau.database.read(lambda tx: bureau.process_host.plan(tx).steps_shown(NOW))
    assert shown == ["faelles", "egen_lokaler"]


@pytest.mark.parametrize("left", KEPT)
def test_a_database_of_an_older_besyv_takes_them_and_nobody_in_the_middle_is_moved(left: str, folder: Path) -> None:
    restore(FOLDER / left, folder)
    assert on_database(folder, "coverage")[0] == 0
    pinned = rows("SELECT id, flow, version, sent_at FROM runs ORDER BY id")
    said = rows("SELECT run_id, question, version FROM answers ORDER BY 1, 2")
    unsent = [flow for _, flow, _, sent in pinned if sent is None]
    assert "dialog_frivillige" in unsent
    Path("egne.yaml").write_text(OWN.replace("flow: plan", "flow: afdaek"), encoding="utf-8")
    code, out, err = on_database(folder, "questions", "load", str(folder / "egne.yaml"))
    assert code == 0, err
    assert "may choose" in out
    assert rows("SELECT id, flow, version, sent_at FROM runs ORDER BY id") == pinned
    assert rows("SELECT run_id, question, version FROM answers ORDER BY 1, 2") == said
    assert on_database(folder, "check")[0] == 0


async def test_a_step_of_ones_own_is_answered_sent_counted_and_exported_as_any(bureau: Bureau) -> None:
    assert besyv("questions", "load", "egne.yaml")[0] == 0
    assert besyv("link", "make", "--step", "egen_lokaler")[0] == 0
    person = bureau.person()
    await person.joins(*VOLUNTEER, payload="egen_lokaler")
    review = await person.says("Svært")
    assert review.screen is Screen.REVIEW
    receipt = await person.taps(review.buttons[0].label)
    assert receipt.screen is Screen.RECEIPT
    code, out, _ = besyv("coverage")
    assert (
        code,
        [line for line in out.splitlines() if "Lokaler i Nordby" in line or "egen_lokaler" in line] != [],
    ) == (0, True)
    assert besyv("reminders")[0] == 0
    assert besyv("export", "--out", "svar.csv")[0] == 0
    (line,) = exported("Q2")
    assert "Lokaler i Nordby" in line
    assert "egen_lokaler" not in line
    assert "Svært" in line


@pytest.mark.parametrize("left", ["steps: []\n", "steps:\n  - {flow: faelles, switched_off: true}\n"])
async def test_whoever_is_in_the_middle_of_a_step_that_is_taken_away_is_told_so_and_keeps_what_they_said(
    bureau: Bureau, left: str
) -> None:
    """A step of one's own taken out of the file, and one that Besyv comes with switched off."""
    assert besyv("questions", "load", "egne.yaml")[0] == 0
    own, shipped = bureau.person("1"), bureau.person("2")
    await own.joins(*VOLUNTEER, payload="egen_lokaler")
    await own.says("Let")
    await shipped.joins(*VOLUNTEER, payload="faelles")
    await shipped.says("4")
    said = rows("SELECT run_id, question, revision FROM answers ORDER BY id")
    put(left)
    code, out, _ = besyv("questions", "load", "egne.yaml")
    assert (code, "egen_lokaler: switched off; what was answered stays; 1 person is in the middle of it" in out) == (
        0,
        True,
    )
    for person in (own, shipped):
        for command in ("fortsaet", "mine", "ret", "hjaelp"):
            assert (await person.types(command)).screen is not None
    assert (await own.types("fortsaet")).screen is not Screen.REVIEW
    assert rows("SELECT run_id, question, revision FROM answers ORDER BY id") == said
    assert besyv("export", "--out", "svar.csv")[0] == 0

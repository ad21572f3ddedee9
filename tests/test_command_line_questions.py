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


NOTHING_NEW = "Der er ikke noget nyt i forhold til det, der er indlæst nu."
LEADING = (
    "besyv: Overvej: egne.yaml, linje 26: Q2, text, da: »hvor let« nævner kun den ene side. "
    "Nævn begge sider, fx »Hvor let eller svært …«."
)


def test_check_says_what_a_good_survey_would_do_otherwise_and_stores_nothing() -> None:
    code, out, err = besyv("questions", "check", "egne.yaml")
    assert (code, out.splitlines()) == (
        0,
        [
            "egne.yaml: Filen er i orden.",
            "Hvordan kan vi arbejde godt sammen? (faelles)",
            "- F1 er omformuleret. Det går til: frivillige, råd og centre.",
            "- Q1 er et nyt spørgsmål til: frivillige, foreninger.",
            "- F14 bliver ikke stillet mere. Før gik det til: frivillige, foreninger, råd og centre.",
            "Lokaler i Nordby (egen_lokaler)",
            "- Nyt trin. Spørgsmålene går til: frivillige.",
            "Hvordan skal vi gribe arbejdet an? (plan)",
            "- Trinnet er slået fra. Det, der er svaret, bliver stående.",
        ],
    )
    assert LEADING in err.splitlines()
    assert not Path("besyv.db").exists()


@pytest.mark.parametrize("command", ["check", "show", "load"])
def test_a_faulty_file_is_refused_by_each_command_with_every_line(command: str) -> None:
    Path("egne.yaml").write_text(
        OWN.replace("id: F1\n", "id: F77\n").replace("after: F1\n", "after: F78\n"), encoding="utf-8"
    )
    code, out, err = besyv("questions", command, "egne.yaml")
    assert (code, out) == (1, "")
    first, second = err.splitlines()
    assert first.startswith("besyv: egne.yaml, linje 4: F77 er ikke et spørgsmål i faelles. Der er F6, F13, F1, ")
    assert second == "egne.yaml, linje 15: Q1, after: F78 er ikke et spørgsmål i faelles."
    in_english = besyv("questions", command, "egne.yaml", "--english")[2].splitlines()
    assert in_english[1] == "egne.yaml, line 15: Q1, after: F78 is no question of faelles"


def test_show_draws_each_question_as_the_chat_and_as_the_page_has_it() -> None:
    code, out, err = besyv("questions", "show", "egne.yaml", "--pages", "sider")
    assert (code, err) == (0, "")
    assert f"\n{ASKED}\n" in out
    assert "Hvilke lokaler kan I bruge i dag?" in out
    assert "- Frivillige: F6 (F13) F1 Q1 F2 " in out
    assert "\n- Slået fra: F14.\n" in out
    assert " Q1, skrevet til flere " in out
    assert out.splitlines()[-2:] == [
        "Hvordan skal vi gribe arbejdet an? (plan)",
        "- Trinnet er slået fra. Det, der er svaret, bliver stående.",
    ]
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
    assert first == "egne.yaml er indlæst i eksempel."
    assert told[1:5] == [
        "- F1 er omformuleret. Det går til: frivillige, råd og centre.",
        "- Q1 er et nyt spørgsmål til: frivillige, foreninger.",
        "- F14 bliver ikke stillet mere. Før gik det til: frivillige, foreninger, råd og centre.",
        "- Ingen er i gang med trinnet.",
    ]
    assert told[6:] == [
        "- Nyt trin. Spørgsmålene går til: frivillige.",
        "Hvordan skal vi gribe arbejdet an? (plan)",
        "- Trinnet er slået fra. Det, der er svaret, bliver stående.",
        "- Ingen var i gang med trinnet.",
    ]
    assert besyv("questions", "load", "egne.yaml")[1].splitlines()[1:] == [NOTHING_NEW]
    assert rows("SELECT action, detail FROM audit ORDER BY id")[0] == ("questions-loaded", "egne.yaml")


def test_the_process_file_loaded_again_keeps_them_and_an_empty_list_takes_them_back() -> None:
    assert besyv("questions", "load", "egne.yaml")[0] == 0
    Path("vores.yaml").write_text(example(), encoding="utf-8")
    assert besyv("process", "load", "vores.yaml")[0] == 0
    assert "Q1" in besyv("outline", "--no-diagram")[1]
    Path("egne.yaml").write_text("steps: []\n", encoding="utf-8")
    code, out, _ = besyv("questions", "load", "egne.yaml")
    assert (code, out.splitlines()[-1]) == (0, "- Trinnet følger igen procesfilens tider.")
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
    kept = "plan: Q4 er lavet i chatten og bliver stående: »Hvem kan du ringe til, når et lokale er låst?«"
    assert (code, out.splitlines()[-1]) == (0, kept)
    put("steps: []\n")
    assert besyv("questions", "load", "egne.yaml")[1].splitlines()[-1] == kept
    Path("vores.yaml").write_text(example(), encoding="utf-8")
    assert besyv("process", "load", "vores.yaml")[0] == 0
    assert "Q4" in besyv("outline", "--no-diagram")[1]
    assert besyv("questions", "export", "ud.yaml") == (0, "", "")
    assert Path("ud.yaml").read_text(encoding="utf-8") == besyv("questions", "export")[1]
    code, out, _ = besyv("questions", "load", "ud.yaml")
    assert (code, out.splitlines()[1:]) == (0, [NOTHING_NEW])


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
        "besyv: egne.yaml, linje 4: Q4 er lavet i chatten: »Hvem kan du ringe til, når et lokale er låst?«. "
        "Kald jeres spørgsmål Q1. "
    )
    assert "Hvem kan du ringe til, når et lokale er låst?" in besyv("questions", "export")[1]


@pytest.mark.parametrize("command", ["check", "show", "load"])
def test_too_many_questions_are_named_with_those_made_in_the_chat_and_the_line_is_one_of_the_file(command: str) -> None:
    """The file has six lines, and behind it stands what was made in the chat: no line of that is ever named."""
    put("steps: []\n" + CHAT.replace("[borger]", "[raad_center]").replace("flow: plan", "flow: dialog_frivillige"))
    assert besyv("questions", "load", "egne.yaml")[0] == 0
    put(
        "steps:\n  - flow: dialog_frivillige\n    questions:\n"
        '      - {id: Q5, kind: text, who: [raad_center], text: {da: "Hvad mangler I?", en: "What do you lack?"}}\n'
        '      - {id: Q6, kind: text, who: [raad_center], text: {da: "Hvad har I?", en: "What do you have?"}}\n'
        "      - {id: D9, after: D12}\n"
    )
    code, out, err = besyv("questions", command, "egne.yaml")
    assert (code, out) == (1, "")
    assert err.startswith(
        "besyv: egne.yaml, linje 5: Q6: For mange spørgsmål i »Hvad ønsker du dig?«: råd og centre får 9 ("
    )
    assert "Lavet i chatten: Q4." in err


def test_a_choice_that_was_misspelt_is_seen_before_the_file_is_loaded() -> None:
    put(
        "steps:\n  - flow: plan\n    questions:\n      - id: P4\n        choices:\n"
        '          - {key: papiret, label: {da: "På et ark", en: "On a sheet"}}\n'
        '          - {key: mobil, label: {da: "På telefonen", en: "On the phone"}}\n'
    )
    code, out, _ = besyv("questions", "check", "egne.yaml")
    assert code == 0
    assert "- P4: »På et ark« er et nyt svar.\n" in out
    assert re.search(r"^- P4: Svaret »[^«]+« hedder nu »På telefonen«[.]$", out, re.MULTILINE)
    assert "omformuleret" not in out


def test_a_text_that_associations_are_asked_and_that_says_du_is_named_with_what_is_missing() -> None:
    put(
        "steps:\n  - flow: plan\n    questions:\n      - id: Q1\n        who: [forening]\n"
        '        text: {da: "Hvad mangler du i hallen?", en: "What do you lack?"}\n        kind: text\n'
    )
    warned = besyv("questions", "check", "egne.yaml")[2].splitlines()
    assert (
        "besyv: Overvej: egne.yaml, linje 6: Q1, text, da_jer: Foreninger eller råd får også teksten, "
        "og den siger »du«. Skriv den med »I« ved `da_jer`."
    ) in warned


@pytest.mark.parametrize("command", ["show", "export"])
def test_where_there_are_none_of_ones_own_it_is_said(command: str) -> None:
    assert besyv("questions", command) == (1, "", "besyv: Der er ingen egne spørgsmål.\n")


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


def test_one_step_can_be_printed_by_itself() -> None:
    code, out, _ = besyv("outline", "dialog_frivillige", "--no-diagram")
    assert (code, re.findall(r"^- flow: (.*)$", out, re.MULTILINE)) == (0, ["dialog_frivillige"])
    code, _, err = besyv("outline", "dialog")
    assert (code, err.partition("; ")[0]) == (1, "besyv: there is no step dialog")


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
    assert "- 2 personer er i gang med trinnet og kan vælge mellem de gamle og de nye spørgsmål." in out

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
    assert "kan vælge mellem de gamle og de nye spørgsmål" in out
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
    off = "- Trinnet er slået fra. Det, der er svaret, bliver stående.\n- 1 person var i gang med trinnet.\n"
    assert (code, f"Lokaler i Nordby (egen_lokaler)\n{off}" in out) == (0, True)
    for person in (own, shipped):
        for command in ("fortsaet", "mine", "ret", "hjaelp"):
            assert (await person.types(command)).screen is not None
    assert (await own.types("fortsaet")).screen is not Screen.REVIEW
    assert rows("SELECT run_id, question, revision FROM answers ORDER BY id") == said
    assert besyv("export", "--out", "svar.csv")[0] == 0

"""No key of the code in what people read: phrases, transcripts, the panels of everybody who holds a role, and the files
that they get."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from openpyxl import load_workbook

from bot import texts
from bot.dialogue.file_words import BUCKETS, TIES, table_words
from bot.features.contacts import service as contacts_service
from bot.features.register import service as register_service
from bot.features.register.ties import TiedBy
from bot.flows import loader
from bot.flows.model import LANGUAGES, Language
from bot.process.host import ProcessHost
from reports import answers, contacts
from reports.register import HEADINGS, RegisterField, guess, preview
from reports.register_reading import read
from reports.register_writing import csv as register_csv
from reports.register_writing import xlsx as register_xlsx
from reports.table_words import Column, TableWords
from storage.db import Database
from storage.encryption import Keyring
from tests.support.bureau import Bureau
from tests.support.code_keys import every_key, in_no_language, not_danish, question_ids, shown
from tests.support.databases import FOLDER, HANDS, KEPT, restore
from tests.support.example import of_example, planned
from tests.support.opened_panels import opened_panels

LEFT = FOLDER / KEPT[-1]
NOW = json.loads((LEFT / HANDS).read_text(encoding="utf-8"))["now"]
KEYS = every_key()
NOWHERE, NOT_IN_DANISH = in_no_language(KEYS) | question_ids(), not_danish(KEYS) | question_ids()


def _of(language: Language) -> frozenset[str]:
    return NOT_IN_DANISH if language == "da" else NOWHERE


# --- what is said ------------------------------------------------------------------------------------------


def test_keys_are_told_from_words() -> None:
    assert {"hoering", "ansat_front", "raad_center", "leader", "damaged", "paper"} <= NOT_IN_DANISH
    assert list(shown("fik en rolle (leader)", NOT_IN_DANISH)) == ["leader"]
    assert list(shown("Skriv /fortsaet, eller gå til by.example/hoering. {name}", NOT_IN_DANISH)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_phrase_says_a_key(language: Language) -> None:
    both = ("language.which",)  # stands in both languages
    found = {
        (str(message.id), key)
        for message in texts.catalogue(language)
        if message.id and message.id not in both
        for text in ([message.string] if isinstance(message.string, str) else message.string or ())
        for key in shown(text, _of(language))
    }
    assert found == set()


_DONE = re.compile(r"[>*@#!~]|(?:steps|channels|because|language): ")  # by the person, or told of the file
_MIXED = re.compile(r"^(?:language: en|\* English|@ person \w+ en|> /sprog|\* English)$", re.MULTILINE)


def test_no_transcript_shows_a_key() -> None:
    found = set()
    for path in sorted(Path(__file__).with_name("conversations").joinpath("transcripts").glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        keys = NOWHERE if _MIXED.search(text) else NOT_IN_DANISH
        lines = (line for line in text.splitlines() if not _DONE.match(line))
        found |= {(path.name, key) for line in lines for key in shown(line, keys)}
    assert found == set()


# --- panels ------------------------------------------------------------------------------------------------


@pytest.fixture
async def left(tmp_path: Path) -> AsyncIterator[Bureau]:
    """In the middle of everything (tests/support/lived.py)."""
    restore(LEFT, tmp_path)
    database = await Database.open(tmp_path / "besyv.db", Keyring.open_or_create(tmp_path / "besyv.key"))
    yield Bureau(database, ProcessHost("eksempel"), tmp_path / "besyv.db")
    await database.close()


@pytest.mark.story
@pytest.mark.parametrize("language", LANGUAGES)
async def test_no_panel_of_anybody_shows_a_key(left: Bureau, language: Language) -> None:
    rows = await left.database.read(
        lambda tx: tx.all(
            """SELECT channel, address, min(role) AS role FROM people JOIN addresses ON addresses.person_id = people.id
                      JOIN roles ON roles.person_id = people.id
               WHERE source IS NULL GROUP BY role ORDER BY people.id"""
        )
    )
    await left.database.write(lambda tx: tx.run("UPDATE people SET language = :language", language=language))
    found, seen = set(), 0
    for row in rows:
        opened = await opened_panels(left, row["channel"], row["address"], NOW)
        seen += len(opened)
        found |= {
            (row["role"], shape, key)
            for shape, said in opened.items()
            for text in said
            for key in shown(text, _of(language))
        }
    assert found == set()
    assert seen > 100


# --- files -------------------------------------------------------------------------------------------------

# What people wrote themselves, what numbers a question (F6: the leader's guide speaks of them), and what the
# municipality has called its process.
_AS_IT_IS = (Column.TEXT, Column.SPEAKS_FOR, Column.PARTICIPANT, Column.QUESTION, Column.PROCESS, Column.ASKED)


def _cells(content: bytes) -> tuple[list[str], list[list[str]]]:
    assert content.startswith(b"\xef\xbb\xbf")
    headings, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";", strict=True)
    return headings, rows


def _keys_in(columns: tuple[Column, ...], content: bytes, keys: frozenset[str]) -> set[tuple[str, str]]:
    """Column and key: of the headings, and of cells that are, or have in their list, nothing but a key."""
    headings, rows = _cells(content)
    found = {("headings", heading) for heading in headings if heading in keys}
    for row in rows:
        for column, cell in zip(columns, row, strict=True):
            written = row[columns.index(Column.KIND)] in _WRITTEN if Column.KIND in columns else False
            if column not in _AS_IT_IS and not (column is Column.VALUE and written):
                found |= {(column, part) for part in cell.split(" | ") if part in keys}
    return found


_WRITTEN = {texts.say(language, f"cell.kind.{kind}") for language in LANGUAGES for kind in ("text", "ideas")}


def _every_key_of(connection: sqlite3.Connection) -> frozenset[str]:
    """Of the code, and of every version of the questions that was ever answered in the database."""
    flows = [loader.from_json(text) for (text,) in connection.execute("SELECT definition FROM flow_versions")]
    of_questions = {choice.key for flow in flows for question in flow.questions for choice in question.choices}
    of_questions |= {bucket.name for flow in flows for question in flow.questions for bucket in question.buckets}
    return KEYS | {*LANGUAGES} | {key for key in of_questions if not re.fullmatch(r"[\d+-]+", key)}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_no_file_of_answers_has_a_key_in_its_headings_or_values(
    left: Bureau, tmp_path: Path, language: Language
) -> None:
    plan = await left.database.read(lambda tx: left.process_host.plan(tx))
    words, out = table_words(plan, language), tmp_path / "svar.csv"
    with closing(sqlite3.connect(left.path)) as connection:
        keys = _every_key_of(connection)
        done = answers.export_answers(connection, left.database.keys, "eksempel", out, "csv", words)
        answers.export_answers(connection, left.database.keys, "eksempel", tmp_path / "keys.csv", "csv")
    assert done.rows > 50
    assert _keys_in(answers.COLUMNS, out.read_bytes(), keys) == set()
    headings, rows = _cells(out.read_bytes())
    assert len(set(headings)) == len(headings)
    keyed, rows_of_keys = _cells((tmp_path / "keys.csv").read_bytes())
    assert keyed == list(answers.COLUMNS)
    told = {  # the same rows in keys do have them: the test can fail
        column
        for row in rows_of_keys
        for column, cell in zip(answers.COLUMNS, row, strict=True)
        if set(cell.split(" | ")) & keys and column not in _AS_IT_IS
    }
    assert told >= {Column.STEP, Column.FLOW, Column.KIND, Column.GROUP, Column.SOURCE, Column.CHANNEL, Column.VALUE}
    assert told >= {Column.LANGUAGE, Column.CATEGORY, Column.STATUS, Column.TIED_BY}
    assert len(rows) == len(rows_of_keys) == done.rows


@pytest.mark.parametrize("language", LANGUAGES)
async def test_no_file_of_contacts_has_a_key_in_its_headings_or_values(left: Bureau, language: Language) -> None:
    plan = await left.database.read(lambda tx: left.process_host.plan(tx))
    lines = await left.database.read(lambda tx: contacts_service.lines(tx, plan.process_id))
    assert lines
    written = contacts.csv(lines, "eksempel", table_words(plan, language))
    assert _keys_in(contacts.COLUMNS, written, KEYS | {"nordby", "havnen", "vil_ikke_svare"}) == set()
    with_keys = contacts.csv(lines, "eksempel", TableWords())
    assert _keys_in(contacts.COLUMNS, with_keys, KEYS) != set()


@pytest.mark.parametrize("language", LANGUAGES)
async def test_no_file_of_the_register_has_a_key_and_every_one_is_read_again_as_it_was(
    left: Bureau, language: Language
) -> None:
    plan = await left.database.read(lambda tx: left.process_host.plan(tx))
    listed = await left.database.read(lambda tx: register_service.entries(tx, plan.process_id))
    in_words = await left.database.read(lambda tx: register_service.in_words(tx, plan, language))
    assert len(listed) > 2
    assert {each.area for each in listed} - {None}
    places = {item.key for item in (*plan.file.areas, *plan.file.departments)}
    files = register_csv(in_words, language), register_xlsx(in_words, language)
    headings, rows = _cells(files[0])
    assert headings == list(HEADINGS[language].values())
    assert {cell for row in rows for cell in row} & (KEYS | places) == set()
    book = load_workbook(io.BytesIO(files[1])).worksheets[0]
    assert {str(cell.value) for row in book.iter_rows() for cell in row} & (KEYS | places) == set()
    with_keys = register_csv(listed)  # as an earlier Besyv wrote it
    danish, keys = (";".join(f'"{each}"' for each in head).encode() for head in _HEADS)
    for content in (*files, with_keys, with_keys.replace(danish, keys)):
        table = read(content, "besyv-liste")
        found = preview(table, guess(table.headings), register_service.cell_words(plan), [])
        assert (list(found.entries), found.bad) == (listed, ())


_HEADS = (HEADINGS["da"].values(), RegisterField)


def test_the_words_are_those_of_every_key_that_there_is() -> None:
    assert set(TIES) == set(TiedBy) - {TiedBy.UNDONE}
    own = {
        bucket.name
        for each in planned(of_example()).flows.values()
        for q in each.flow.questions
        for bucket in q.buckets
    }
    assert own <= set(BUCKETS)

"""Whatever value of the database is damaged, or whose key is lost: every panel opens, and says in words what can't be
read, for one value shuts nobody out of the rest. In a database in the middle of everything (tests/support/lived.py).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.flows import content
from bot.process.host import ProcessHost
from bot.texts import say
from storage.db import Database, Tx
from storage.encryption import Keyring
from storage.key_store import NAME
from storage.sealed_columns import COLUMNS, HASH_KEY, PUBLISHED_SECRET
from tests.support.bureau import Bureau
from tests.support.databases import FOLDER, HANDS, KEPT, restore
from tests.support.opened_panels import opened_panels

pytestmark = pytest.mark.story

LEFT = FOLDER / KEPT[-1]
NOW = json.loads((LEFT / HANDS).read_text(encoding="utf-8"))["now"]
SHOWN = tuple(column for column in COLUMNS if column not in (HASH_KEY, PUBLISHED_SECRET))  # the two hold no words
UNREADABLE = {language: say(language, "unreadable") for language in ("da", "en")}

# Where something that can't be read stands before who opens it, in the first and in the second case.
ALL_DAMAGED = {
    "beskeder",
    "del",
    "indsigelser/N/se",
    "links",
    "liste/N",
    "liste/N/svar/N/se",
    "moedeplan/N",
    "moedeplan/N/tilmeldte/behov/se",
    "moeder/N",
    "skriv",
}
OTHERS_LOST = {"indsigelser/N/se", "liste/N/svar/N/se", "moedeplan/N/tilmeldte/behov/se"}


@pytest.fixture
async def left(tmp_path: Path) -> AsyncIterator[Bureau]:
    """As it was left; everybody has said yes to the notice of today."""
    restore(LEFT, tmp_path)
    database = await Database.open(tmp_path / "besyv.db", Keyring.open_or_create(tmp_path / "besyv.key"))
    bureau = Bureau(database, ProcessHost("eksempel"), tmp_path / "besyv.db")

    def say_yes(tx: Tx) -> None:
        newest = bureau.process_host.plan(tx).notice.version
        tx.run("UPDATE people SET notice_version = :newest WHERE notice_version IS NOT NULL", newest=newest)

    await database.write(say_yes)
    yield bureau
    await database.close()


def _damage_everything(database: Path) -> None:
    """The last byte of every value is another."""
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.create_function("turned", 1, lambda sealed: sealed[:-1] + bytes([sealed[-1] ^ 1]))
        for column in SHOWN:
            value = column.column
            connection.execute(f"UPDATE {column.table} SET {value} = turned({value}) WHERE {value} IS NOT NULL")


def _lose_keys(folder: Path, but: set[bytes]) -> None:
    with closing(sqlite3.connect(folder / NAME)) as connection, connection:
        lost = [(each,) for (each,) in connection.execute("SELECT id FROM keys") if each not in but]
        connection.executemany("DELETE FROM keys WHERE id = ?", lost)


async def _people(bureau: Bureau, which: str) -> list[tuple[str, str, str]]:
    """Channel, address, role: of each role one, and one who has said something of a meeting and holds none."""
    rows = await bureau.database.read(
        lambda tx: tx.all(
            f"""SELECT channel, address, coalesce((SELECT min(role) FROM roles WHERE roles.person_id = people.id),
                       'participant') AS what
                FROM people JOIN addresses ON person_id = people.id WHERE source IS NULL AND {which}
                GROUP BY people.id ORDER BY people.id"""
        )
    )
    first = {row["what"]: tuple(row) for row in reversed(rows)}
    return [*first.values()]


_HOLDERS = "people.id IN (SELECT person_id FROM roles)"
_THEIR_KEYS = """WITH theirs AS (SELECT id, key_id FROM people WHERE id IN (SELECT person_id FROM roles)
                                   OR entered_by IN (SELECT person_id FROM roles))
                 SELECT key_id FROM theirs WHERE key_id IS NOT NULL
                 UNION SELECT runs.key_id FROM runs JOIN theirs ON theirs.id = person_id
                       WHERE runs.key_id IS NOT NULL"""
_AT_MEETINGS = "people.id IN (SELECT person_id FROM meeting_words UNION SELECT person_id FROM signups)"


def _said(opened: dict[str, list[str]]) -> set[str]:
    return {shape for shape, texts in opened.items() if any(words in t for words in UNREADABLE.values() for t in texts)}


async def test_with_every_value_damaged_every_panel_opens_and_says_so(left: Bureau) -> None:
    _damage_everything(left.path)
    said: set[str] = set()
    for channel, address, who in await _people(left, f"({_HOLDERS} OR {_AT_MEETINGS})"):
        opened = await opened_panels(left, channel, address, NOW)
        assert not [(who, shape) for shape, texts in opened.items() if any(content.UNREADABLE in t for t in texts)]
        said |= _said(opened)
    assert said >= ALL_DAMAGED, ALL_DAMAGED - said


async def test_with_everybody_elses_key_lost_every_panel_of_who_holds_a_role_opens_and_says_so(left: Bureau) -> None:
    theirs = await left.database.read(lambda tx: {row[0] for row in tx.all(_THEIR_KEYS)})
    left.database.keys.people.close()
    _lose_keys(left.path.parent, theirs)
    said: set[str] = set()
    for channel, address, who in await _people(left, _HOLDERS):
        opened = await opened_panels(left, channel, address, NOW)
        assert not [(who, shape) for shape, texts in opened.items() if any(content.UNREADABLE in t for t in texts)]
        said |= _said(opened)
    assert said >= OTHERS_LOST, OTHERS_LOST - said

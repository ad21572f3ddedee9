"""What was sent before runs kept what they were sent as: brought up, it stands in the group it was sent in."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from storage import coverage_counters
from storage.db import Database, Tx, statements
from storage.db import migrations as all_migrations
from storage.encryption import Keyring
from tests.support.rows import keys
from tests.support.sealed import of_an_older_besyv

START = {"questions": [{"id": "S1", "sets": "group"}, {"id": "S5", "sets": "front"}, {"id": "S6", "sets": "area"}]}


def old_database(path: Path, keyring: Keyring) -> None:
    """Schema 4: Anna sent as a volunteer in Havnen and then chose to answer as staff; Bo changed before he sent."""
    connection = sqlite3.connect(path, isolation_level=None)
    for number, script in all_migrations():
        if number <= 4:
            for statement in statements(script):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number}")

    def told(answer: int, run: int, question: str, revision: int, key: str, at: int, *, history: bool = False) -> None:
        content = of_an_older_besyv(keyring, json.dumps(["", [key], [], None]))
        if history:
            connection.execute(
                "INSERT INTO answer_history VALUES (?, ?, 1, 'Hvad svarer du som?', 'da', 'web', ?, 0, ?)",
                (answer, revision, content, at),
            )
        else:
            connection.execute(
                "INSERT INTO answers VALUES (?, ?, ?, 1, ?, 'Hvad svarer du som?', 'da', 'web', ?, 0, 0, 1, ?)",
                (answer, run, question, revision, content, at),
            )

    connection.execute("INSERT INTO processes VALUES (1, 'eksempel', '{}', 1, 0)")
    connection.execute("INSERT INTO flow_versions VALUES (1, 1, 'start', 1, 'd', ?, 0)", (json.dumps(START),))
    for person, name in ((1, "anna"), (2, "bo")):
        connection.execute(
            """INSERT INTO people (id, process_id, pseudonym, language, stakeholder, front, area, notice_at, created_at)
               VALUES (?, 1, ?, 'da', 'ansat', 1, NULL, 1, 1)""",
            (person, name),
        )
        connection.execute("INSERT INTO runs VALUES (?, ?, 'start', 1, 1, NULL, 5)", (person, person))
        connection.execute(
            "INSERT INTO runs VALUES (?, ?, 'plan', 1, 10, NULL, ?)", (10 + person, person, 20 if person == 1 else 40)
        )
        told(person * 100, person, "S1", 2, "ansat", 30)
        told(person * 100, person, "S1", 1, "frivillig", 2, history=True)
        told(person * 100 + 1, person, "S5", 1, "ja", 31)
    told(102, 1, "S6", 1, "havnen", 3)
    connection.execute("INSERT INTO runs VALUES (21, 1, 'linjer', 1, 50, NULL, 60)")  # sent as staff
    connection.close()


async def test_what_was_sent_before_somebody_changed_role_stands_in_the_group_it_was_sent_in(tmp_path: Path) -> None:
    keyring = keys()
    old_database(tmp_path / "besyv.db", keyring)
    for _ in range(2):  # the second time nothing is left to do
        database = await Database.open(tmp_path / "besyv.db", keyring)
        sent = await database.read(
            lambda tx: [tuple(row) for row in tx.all("SELECT id, stakeholder, front, area FROM runs ORDER BY id")]
        )
        assert sent == [
            (1, "ansat", 1, None),
            (2, "ansat", 1, None),
            (11, "frivillig", None, "havnen"),
            (12, "ansat", 1, None),
            (21, "ansat", 1, None),
            (22, "frivillig", None, "havnen"),  # the start questions of the volunteer
        ]

        def alike(tx: Tx) -> bool:
            counted, afresh = coverage_counters.of_process(tx, 1), coverage_counters.recounted(tx, 1)
            return sorted(map(repr, counted)) == sorted(map(repr, afresh))

        assert await database.read(alike)
        in_use = await database.read(
            lambda tx: [tuple(row) for row in tx.all("SELECT person_id, stakeholder, in_use FROM capacities")]
        )
        assert in_use == [(1, "ansat", 1), (2, "ansat", 1), (1, "frivillig", 0)]
        await database.close()

"""Schema 11 brought up: what a link filled in says so, and what was tied says how."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from storage.db import connect, migrate, statements
from storage.db import migrations as all_migrations


def old_database(path: Path) -> None:
    """Anna came by a link for volunteers in Havnen, and corrected where; Karl came by an entry's own link; Bo chose his
    entry; Eva came by the link and had begun before."""
    connection = sqlite3.connect(path, isolation_level=None)
    for number, script in all_migrations():
        if number <= 11:
            for statement in statements(script):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number}")
    connection.execute("INSERT INTO processes VALUES (1, 'eksempel', '{}', 1, 0)")
    for party, name in ((1, "Koret"), (2, "Vennerne")):
        connection.execute(
            """INSERT INTO parties (id, process_id, name, folded, kind, tags, source, added_at)
               VALUES (?, 1, ?, lower(?), 'forening', '[]', 'by-hand', 0)""",
            (party, name, name),
        )
    links: tuple[tuple[object, ...], ...] = ((1, "frivillig", "havnen", None), (2, None, None, 1))
    for link, group, area, invited in links:
        connection.execute(
            """INSERT INTO invitations (id, process_id, kind, code_hash, stakeholder, area, party_id, made_by,
                                        created_at)
               VALUES (?, 1, 'campaign', ?, ?, ?, ?, 'operator', 0)""",
            (link, f"hash{link}", group, area, invited),
        )
    everybody: tuple[tuple[int, str, int | None, int | None], ...] = (
        (1, "anna", 1, None),
        (2, "karl", 2, 1),
        (3, "bo", None, 2),
        (4, "eva", 1, None),
    )
    for person, name, came_by, spoken_for in everybody:
        connection.execute(
            """INSERT INTO people (id, process_id, pseudonym, language, came_by, created_at)
               VALUES (?, 1, ?, 'da', ?, 1)""",
            (person, name, came_by),
        )
        connection.execute(
            "INSERT INTO capacities (id, person_id, in_use, stakeholder, party_id) VALUES (?, ?, 1, 'frivillig', ?)",
            (person, person, spoken_for),
        )
        for run, flow in ((person, "start"), (10 + person, "plan")):
            connection.execute(
                """INSERT INTO runs (id, person_id, capacity_id, flow, version, started_at, sent_at, stakeholder,
                                     party_id)
                   VALUES (?, ?, ?, ?, 1, 100, 200, 'frivillig', ?)""",
                (run, person, person, flow, spoken_for),
            )
        for question, revision, at in (
            ("S1", 1, 100 if name != "eva" else 105),
            ("S6", 2 if name == "anna" else 1, 110),
        ):
            answer = person * 10 + (question == "S6")
            connection.execute(
                """INSERT INTO answers (id, run_id, question, version, revision, asked, language, channel, content,
                                        skipped, open, closed_once, answered_at)
                   VALUES (?, ?, ?, 1, ?, 'Hvad?', 'da', 'web', x'00', 0, 0, 1, ?)""",
                (answer, person, question, revision, at),
            )
            if revision == 2:
                connection.execute(
                    "INSERT INTO answer_history VALUES (?, 1, 1, 'Hvad?', 'da', 'web', x'00', 0, 100)", (answer,)
                )
    connection.close()


def test_what_a_link_filled_in_says_so_and_what_was_tied_says_how(tmp_path: Path) -> None:
    old_database(tmp_path / "besyv.db")
    connection = connect(tmp_path / "besyv.db")
    migrate(connection)

    def rows(sql: str) -> list[tuple[object, ...]]:
        return [tuple(row) for row in connection.execute(sql)]

    assert rows("SELECT run_id, question FROM answers WHERE channel = 'link' AND asked = ''") == [(1, "S1")]
    assert rows("SELECT answer_id FROM answer_history WHERE channel = 'link' AND asked = ''") == [(11,)]
    assert rows("SELECT count(*) FROM answers WHERE channel = 'web' AND asked = 'Hvad?'") == [(7,)]
    assert rows("SELECT person_id, party_by, invited_as FROM capacities ORDER BY 1") == [
        (1, None, None),
        (2, "link", 1),
        (3, "said", None),
        (4, None, None),
    ]
    assert rows("SELECT person_id, tied_by FROM runs WHERE flow = 'plan' ORDER BY 1") == [
        (1, None),
        (2, "link"),
        (3, "said"),
        (4, None),
    ]
    connection.close()

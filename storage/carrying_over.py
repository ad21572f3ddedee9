"""What no migration can do, for it takes the keys: worked out once, when a database of an older Besyv is opened. Below
storage.db, which does it: it works on a connection.

What was sent before runs kept what they were sent as (migration 0005), from what people had told by then, for whoever
answered as somebody else afterwards; contacts of the register, which stood in the clear before (migration 0018).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from typing import Final

from storage.encryption import Keyring
from storage.sealed_columns import ANSWER, PARTY_CONTACT

# What a start question tells (`sets` in its definition) → the column it is kept in.
_COLUMNS: Final = {
    "group": "stakeholder",
    "front": "front",
    "field": "field",
    "department": "department",
    "area": "area",
    "size": "size",
}
_Told = dict[str, str | int | None]  # by column


def carry_over(connection: sqlite3.Connection, keys: Keyring) -> int:
    """Each run that was sent becomes what its person answered as at that time. How many were something else now."""
    sent = connection.execute(
        """SELECT runs.id, runs.person_id, sent_at, stakeholder, process_id
           FROM sent_before JOIN runs ON runs.id = run_id JOIN people ON people.id = runs.person_id ORDER BY runs.id"""
    ).fetchall()
    changed = 0
    for run in sent:
        [start, version] = connection.execute(
            "SELECT id, version FROM runs WHERE person_id = ? AND flow = 'start' ORDER BY id", (run["person_id"],)
        ).fetchone()
        tells = _questions(connection, run["process_id"], version)
        told: _Told = dict.fromkeys(_COLUMNS.values())
        told |= {column: _as_of(connection, keys, start, each, run["sent_at"]) for each, column in tells.items()}
        if told["front"] is not None:
            told["front"] = int(told["front"] == "ja")
        if told["stakeholder"] not in (None, run["stakeholder"]):
            capacity = _capacity(connection, keys, run["person_id"], start, told, tells)
            connection.execute(
                """UPDATE runs SET capacity_id = :capacity, stakeholder = :stakeholder, front = :front, field = :field,
                                   department = :department, area = :area, size = :size, party_id = NULL, party = NULL
                   WHERE id = :id""",
                {"id": run["id"], "capacity": capacity, **told},
            )
            changed += 1
    connection.execute("DELETE FROM sent_before")
    return changed


def _questions(connection: sqlite3.Connection, process_id: int, version: int) -> dict[str, str]:
    """Of the start questions: id → the column that keeps what it tells."""
    [definition] = connection.execute(
        "SELECT definition FROM flow_versions WHERE process_id = ? AND flow = 'start' AND version = ?",
        (process_id, version),
    ).fetchone()
    questions = json.loads(definition)["questions"]
    return {each["id"]: _COLUMNS[each["sets"]] for each in questions if each.get("sets") in _COLUMNS}


def _as_of(connection: sqlite3.Connection, keys: Keyring, run_id: int, question: str, at: int) -> str | None:
    """The key that was the answer to the question then; None where there was none."""
    row = connection.execute(
        """SELECT * FROM (
               SELECT run_id, question, answer_history.content, answer_history.skipped, answer_history.revision,
                      answer_history.answered_at
               FROM answer_history JOIN answers ON answers.id = answer_id WHERE run_id = :run AND question = :question
               UNION ALL
               SELECT run_id, question, content, skipped, revision, answered_at FROM answers
               WHERE run_id = :run AND question = :question)
           WHERE answered_at <= :at ORDER BY revision DESC LIMIT 1""",
        {"run": run_id, "question": question, "at": at},
    ).fetchone()
    return None if row is None or row["skipped"] else _key(keys, row)


def _key(keys: Keyring, row: sqlite3.Row) -> str | None:
    """The first key of an answer (bot.flows.content)."""
    chosen = json.loads(_opened(keys, row))[1]
    return str(chosen[0]) if chosen else None


def _opened(keys: Keyring, row: sqlite3.Row) -> str:
    return keys.open(ANSWER.at(row["run_id"], row["question"], row["revision"]), row["content"])


def _capacity(
    connection: sqlite3.Connection, keys: Keyring, person_id: int, start: int, told: _Told, tells: dict[str, str]
) -> int:
    """The capacity it was sent in; where there is none it is made, with the answer that tells of it."""
    known = connection.execute(
        "SELECT id FROM capacities WHERE person_id = ? AND stakeholder = ?", (person_id, told["stakeholder"])
    ).fetchone()
    if known is not None:
        return int(known["id"])
    made = connection.execute(
        """INSERT INTO capacities (person_id, in_use, stakeholder, front, field, department, area, size)
           VALUES (:person, 0, :stakeholder, :front, :field, :department, :area, :size) RETURNING id""",
        {"person": person_id, **told},
    ).fetchone()["id"]
    asked = next(question for question, column in tells.items() if column == "stakeholder")
    kept = connection.execute(
        """SELECT run_id, question, answer_history.* FROM answer_history JOIN answers ON answers.id = answer_id
           WHERE run_id = ? AND question = ? ORDER BY answer_history.revision""",
        (start, asked),
    ).fetchall()
    answer = next(each for each in kept if _key(keys, each) == told["stakeholder"])
    _tell_of(connection, keys, made, start, asked, answer)
    return int(made)


def _tell_of(
    connection: sqlite3.Connection, keys: Keyring, capacity: int, start: int, asked: str, answer: sqlite3.Row
) -> None:
    """The start questions of a capacity: whom they answered as, word for word as it stands in the history."""
    given = {"capacity": capacity, "start": start, "question": asked, **dict(answer)}
    given["run"] = connection.execute(
        """INSERT INTO runs (person_id, capacity_id, flow, version, started_at, sent_at, stakeholder, front, field,
                             department, area, size, behind)
           SELECT runs.person_id, capacities.id, 'start', :version, :answered_at, :answered_at, capacities.stakeholder,
                  capacities.front, capacities.field, capacities.department, capacities.area, capacities.size, behind
           FROM runs JOIN capacities ON capacities.id = :capacity WHERE runs.id = :start RETURNING id""",
        given,
    ).fetchone()["id"]
    given["content"] = keys.seal(ANSWER.at(given["run"], asked, 1), _opened(keys, answer))
    connection.execute(
        """INSERT INTO answers (run_id, question, version, revision, asked, language, channel, content, skipped, open,
                                closed_once, answered_at)
           VALUES (:run, :question, :version, 1, :asked, :language, :channel, :content, 0, 0, 1, :answered_at)""",
        given,
    )


def seal_contacts(connection: sqlite3.Connection, keys: Keyring) -> None:
    before = "SELECT id, process_id, contacts_before.contact FROM contacts_before JOIN parties ON id = party_id"
    for row in connection.execute(before).fetchall():
        connection.execute(
            "UPDATE parties SET contact = :sealed WHERE id = :id",
            {"sealed": keys.seal(PARTY_CONTACT.at(row["process_id"], row["id"]), row["contact"]), "id": row["id"]},
        )
    connection.execute("DELETE FROM contacts_before")


# What is worked out, and the table in which a migration left it.
ONCE: Final[tuple[tuple[str, Callable[[sqlite3.Connection, Keyring], object]], ...]] = (
    ("sent_before", carry_over),
    ("contacts_before", seal_contacts),
)

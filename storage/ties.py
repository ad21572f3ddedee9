"""Ties: which entry of the register what was sent belongs to, and how that is known (migration 0013)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from sqlite3 import Row
from typing import Final

from storage import answers, register
from storage.db import Tx, fields_of, named

_COLUMNS = """runs.id AS run_id, runs.person_id, runs.capacity_id, flow, version, sent_at, runs.stakeholder,
              runs.party_id, runs.tied_by, runs.party, people.source, runs.behind,
              party_asked AND capacities.party_id IS NULL AND party_by IS NULL AS declined"""
_FIELDS = fields_of(_COLUMNS)
_SENT = """runs JOIN people ON people.id = runs.person_id LEFT JOIN capacities ON capacities.id = runs.capacity_id
           WHERE people.process_id = :process AND sent_at IS NOT NULL AND flow <> 'start'"""
_USED = f"{_SENT} AND counted_in IS NOT NULL"  # what others than its author see


@dataclass(frozen=True, slots=True, kw_only=True)
class SentRun:
    """What was sent, and its tie."""

    run_id: int
    person_id: int
    capacity_id: int | None
    flow: str
    version: int
    sent_at: int
    stakeholder: str | None
    party_id: int | None
    tied_by: str | None
    party: str | None  # the name of whom they said they spoke for, when it was sent
    source: str | None  # entered for others: table, phone, paper
    behind: int
    declined: int | None  # they were asked whom of the register they speak for, and did not say


def _run(row: Row) -> SentRun:
    return SentRun(**named(_FIELDS, row))


def by_id(tx: Tx, process_id: int, run_id: int) -> SentRun | None:
    row = tx.one(f"SELECT {_COLUMNS} FROM {_SENT} AND runs.id = :run", process=process_id, run=run_id)
    return _run(row) if row else None


def shown(tx: Tx, process_id: int, run_id: int) -> SentRun | None:
    """The same for others than its author; None also where it is set aside."""
    row = tx.one(f"SELECT {_COLUMNS} FROM {_USED} AND runs.id = :run", process=process_id, run=run_id)
    return _run(row) if row else None


def of_party(tx: Tx, process_id: int, party_id: int) -> list[SentRun]:
    """What an entry has sent, the newest first."""
    rows = tx.all(
        f"SELECT {_COLUMNS} FROM {_USED} AND runs.party_id = :party ORDER BY sent_at DESC, runs.id DESC",
        process=process_id,
        party=party_id,
    )
    return [_run(row) for row in rows]


def of_capacity(tx: Tx, process_id: int, capacity_id: int) -> list[SentRun]:
    rows = tx.all(
        f"SELECT {_COLUMNS} FROM {_SENT} AND runs.capacity_id = :capacity ORDER BY runs.id",
        process=process_id,
        capacity=capacity_id,
    )
    return [_run(row) for row in rows]


def untied(tx: Tx, process_id: int) -> list[SentRun]:
    """What belongs to no entry, the newest first; also what the leader took off one."""
    rows = tx.all(
        f"SELECT {_COLUMNS} FROM {_USED} AND runs.party_id IS NULL ORDER BY sent_at DESC, runs.id DESC",
        process=process_id,
    )
    return [_run(row) for row in rows]


def tied_in(tx: Tx, process_id: int, flow: str, ways: tuple[str, ...]) -> list[SentRun]:
    """What was sent in one step and is tied in one of two ways, the newest first."""
    rows = tx.all(
        f"""SELECT {_COLUMNS} FROM {_USED} AND flow = :flow AND runs.party_id IS NOT NULL
            AND runs.tied_by IN (:one, :other) ORDER BY sent_at DESC, runs.id DESC""",
        process=process_id,
        flow=flow,
        one=ways[0],
        other=ways[-1],
    )
    return [_run(row) for row in rows]


def tie(tx: Tx, run_id: int, party_id: int | None, by: str | None) -> None:
    """What was said when it was sent stays as it was."""
    tx.run("UPDATE runs SET party_id = :party, tied_by = :by WHERE id = :run", run=run_id, party=party_id, by=by)


def unsay(tx: Tx, run_id: int) -> None:
    """It is sent for nobody of the register, though its sender speaks for somebody else."""
    tx.run("UPDATE runs SET party_id = NULL, tied_by = NULL, party = NULL WHERE id = :run", run=run_id)


def confirm(tx: Tx, person_id: int, party_id: int) -> None:
    """Somebody came by the entry's own link: what they sent for it is the entry's."""
    tx.run(
        """UPDATE runs SET tied_by = 'link'
           WHERE person_id = :person AND party_id = :party AND tied_by IN ('said', 'name')""",
        person=person_id,
        party=party_id,
    )


def channel_of(tx: Tx, run_id: int) -> str | None:
    """Where the last of its answers was given."""
    row = tx.one(
        "SELECT channel FROM answers WHERE run_id = :run ORDER BY answered_at DESC, id DESC LIMIT 1", run=run_id
    )
    return row["channel"] if row is not None else None


@dataclass(frozen=True, slots=True)
class ToldName:
    """What somebody answered to a question that asks for a name, or whether there is one; opened."""

    run_id: int
    capacity_id: int | None
    question: str
    content: str


ALL: Final = -1


def told(tx: Tx, process_id: int, flow: str, questions: Sequence[str], capacity_id: int = ALL) -> list[ToldName]:
    """The answers to these questions of a flow, of one capacity or of all; nothing skipped."""
    rows = tx.all(
        """SELECT run_id, capacity_id, question, revision, content
           FROM answers JOIN runs ON runs.id = run_id JOIN people ON people.id = runs.person_id
           WHERE process_id = :process AND flow = :flow AND question IN (SELECT value FROM json_each(:questions))
             AND skipped = 0
             AND ((:capacity = -1 AND counted_in IS NOT NULL) OR capacity_id = :capacity)""",
        process=process_id,
        flow=flow,
        questions=json.dumps(questions),
        capacity=capacity_id,
    )
    return [
        ToldName(row["run_id"], row["capacity_id"], row["question"], told) for row, told in answers.readable(tx, rows)
    ]


# --- entries that change ----------------------------------------------------------------------------------


def merge(tx: Tx, process_id: int, party_id: int, into: int) -> None:
    """All that is tied to one entry is the other's, which keeps its name and takes over what it lacks."""
    for table in ("runs", "capacities", "invitations", "name_decisions", "file_parties"):
        tx.run(f"UPDATE {table} SET party_id = :into WHERE party_id = :party", party=party_id, into=into)
    tx.run("UPDATE capacities SET invited_as = :into WHERE invited_as = :party", party=party_id, into=into)
    tx.run(
        """UPDATE parties SET area = coalesce(parties.area, other.area),
                              department = coalesce(parties.department, other.department),
                              size = coalesce(parties.size, other.size),
                              tags = CASE WHEN parties.tags = '[]' THEN other.tags ELSE parties.tags END,
                              must = max(parties.must, other.must),
                              invited_at = coalesce(min(parties.invited_at, other.invited_at), parties.invited_at,
                                                    other.invited_at)
           FROM parties AS other
           WHERE parties.id = :into AND other.id = :party AND parties.process_id = :process""",
        process=process_id,
        party=party_id,
        into=into,
    )
    reached = register.contacts(tx, process_id)
    if party_id in reached and into not in reached:
        register.set_contact(tx, process_id, into, reached[party_id])


def is_used(tx: Tx, party_id: int) -> bool:
    """Whether anybody spoke for the entry, sent for it, or was invited as it."""
    used = """SELECT EXISTS (SELECT 1 FROM runs WHERE party_id = :party)
                  OR EXISTS (SELECT 1 FROM capacities WHERE party_id = :party OR invited_as = :party)
                  OR EXISTS (SELECT 1 FROM invitations WHERE party_id = :party) AS used"""
    return bool(tx.only(used, party=party_id)["used"])


# --- the entries of the process file ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FileParty:
    key: str
    name: str
    party_id: int | None


def of_file(tx: Tx, process_id: int) -> dict[str, FileParty]:
    """By key: what the process file listed when it was loaded last."""
    rows = tx.all("SELECT key, name, party_id FROM file_parties WHERE process_id = :process", process=process_id)
    return {row["key"]: FileParty(row["key"], row["name"], row["party_id"]) for row in rows}


def note_of_file(tx: Tx, process_id: int, entry: FileParty) -> None:
    tx.run(
        """INSERT INTO file_parties (process_id, key, name, party_id) VALUES (:process, :key, :name, :party)
           ON CONFLICT DO UPDATE SET name = excluded.name, party_id = excluded.party_id""",
        process=process_id,
        key=entry.key,
        name=entry.name,
        party=entry.party_id,
    )


def forget_of_file(tx: Tx, process_id: int, key: str) -> None:
    tx.run("DELETE FROM file_parties WHERE process_id = :process AND key = :key", process=process_id, key=key)

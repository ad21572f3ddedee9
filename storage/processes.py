"""Processes and the versions of their question sets, as text; what is in the text is not known here."""

from __future__ import annotations

from dataclasses import dataclass

from storage.db import Tx


@dataclass(frozen=True, slots=True)
class ProcessRow:
    id: int
    key: str
    definition: str
    revision: int


def save(tx: Tx, key: str, definition: str, now: int) -> int:
    """The process's id. Loading again replaces the definition and counts up the revision."""
    row = tx.only(
        """INSERT INTO processes (key, definition, revision, loaded_at) VALUES (:key, :definition, 1, :now)
           ON CONFLICT (key) DO UPDATE SET
               definition = excluded.definition, revision = processes.revision + 1, loaded_at = excluded.loaded_at
           RETURNING id""",
        key=key,
        definition=definition,
        now=now,
    )
    return int(row["id"])


def touch(tx: Tx, process_id: int) -> None:
    """The running bot notices: the process counts as loaded anew."""
    tx.run("UPDATE processes SET revision = revision + 1 WHERE id = :process", process=process_id)


def last_loaded(tx: Tx) -> int | None:
    """When a process was loaded last."""
    return tx.number("SELECT max(loaded_at) FROM processes")


def by_id(tx: Tx, process_id: int) -> ProcessRow | None:
    row = tx.one("SELECT id, key, definition, revision FROM processes WHERE id = :id", id=process_id)
    return ProcessRow(**row) if row else None


def revision(tx: Tx, process_id: int) -> int | None:
    return tx.number("SELECT revision FROM processes WHERE id = :id", id=process_id)


def by_key(tx: Tx, key: str) -> ProcessRow | None:
    row = tx.one("SELECT id, key, definition, revision FROM processes WHERE key = :key", key=key)
    return ProcessRow(**row) if row else None


def revisions(tx: Tx) -> dict[int, int]:
    """Of every process, by its id."""
    return {row["id"]: row["revision"] for row in tx.all("SELECT id, revision FROM processes ORDER BY id")}


def every(tx: Tx) -> list[ProcessRow]:
    return [ProcessRow(**row) for row in tx.all("SELECT id, key, definition, revision FROM processes ORDER BY id")]


@dataclass(frozen=True, slots=True)
class FlowVersion:
    flow: str
    version: int
    digest: str
    definition: str


def newest_flows(tx: Tx, process_id: int) -> list[FlowVersion]:
    return [
        FlowVersion(**row)
        for row in tx.all(
            """SELECT flow, version, digest, definition FROM flow_versions AS newest
               WHERE process_id = :process AND version = (
                   SELECT max(version) FROM flow_versions
                   WHERE process_id = newest.process_id AND flow = newest.flow)
               ORDER BY id""",
            process=process_id,
        )
    ]


def flow_version(tx: Tx, process_id: int, flow: str, version: int) -> FlowVersion | None:
    row = tx.one(
        """SELECT flow, version, digest, definition FROM flow_versions
           WHERE process_id = :process AND flow = :flow AND version = :version""",
        process=process_id,
        flow=flow,
        version=version,
    )
    return FlowVersion(**row) if row else None


def definitions(tx: Tx, process_id: int) -> list[str]:
    """Of every version of every flow."""
    rows = tx.all("SELECT definition FROM flow_versions WHERE process_id = :process ORDER BY id", process=process_id)
    return [row["definition"] for row in rows]


def add_flow_version(tx: Tx, process_id: int, new: FlowVersion, now: int) -> None:
    tx.run(
        """INSERT INTO flow_versions (process_id, flow, version, digest, definition, loaded_at)
           VALUES (:process, :flow, :version, :digest, :definition, :now)""",
        process=process_id,
        flow=new.flow,
        version=new.version,
        digest=new.digest,
        definition=new.definition,
        now=now,
    )

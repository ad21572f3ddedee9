"""The audit log: rights used over other people's data. Never what was read."""

from __future__ import annotations

from dataclasses import dataclass

from storage.db import Tx


def note(tx: Tx, process_id: int, actor: str, action: str, detail: str, now: int) -> None:
    tx.run(
        """INSERT INTO audit (process_id, at, actor, action, detail)
           VALUES (:process, :now, :actor, :action, :detail)""",
        process=process_id,
        actor=actor,
        action=action,
        detail=detail,
        now=now,
    )


@dataclass(frozen=True, slots=True)
class AuditEntry:
    at: int
    action: str
    detail: str


def of_actor(tx: Tx, process_id: int, actor: str) -> list[AuditEntry]:
    return [
        AuditEntry(*row)
        for row in tx.all(
            "SELECT at, action, detail FROM audit WHERE process_id = :process AND actor = :actor ORDER BY id",
            process=process_id,
            actor=actor,
        )
    ]


@dataclass(frozen=True, slots=True)
class AuditLine:
    id: int
    at: int
    actor: str
    action: str
    detail: str


def newest(tx: Tx, process_id: int, most: int, before: int = 1 << 62) -> list[AuditLine]:
    """The newest lines of the log whose id is under `before`, newest first."""
    return [
        AuditLine(*row)
        for row in tx.all(
            """SELECT id, at, actor, action, detail FROM audit WHERE process_id = :process AND id < :before
               ORDER BY id DESC LIMIT :most""",
            process=process_id,
            before=before,
            most=most,
        )
    ]


NAMING = ("role-given", "role-taken", "role-ended", "took-over", "proof-code")  # whose detail has a pseudonym


def forget_names(tx: Tx, process_id: int, *, but: tuple[str, ...]) -> None:
    """Keeps what was done and when, not by whom, nor to whom; those in `but` are nobody's."""
    people = [
        row["actor"]
        for row in tx.all("SELECT DISTINCT actor FROM audit WHERE process_id = :process", process=process_id)
        if row["actor"] not in ("", *but)
    ]
    for actor in people:
        tx.erase(
            "UPDATE audit SET actor = '' WHERE process_id = :process AND actor = :actor",
            process=process_id,
            actor=actor,
        )
    for action in NAMING:
        tx.erase(
            "UPDATE audit SET detail = '' WHERE process_id = :process AND action = :action AND detail <> ''",
            process=process_id,
            action=action,
        )


def last_of(tx: Tx, process_id: int, action: str) -> AuditLine | None:
    """The newest line of an action."""
    row = tx.one(
        """SELECT id, at, actor, action, detail FROM audit WHERE process_id = :process AND action = :action
           ORDER BY id DESC LIMIT 1""",
        process=process_id,
        action=action,
    )
    return AuditLine(*row) if row else None

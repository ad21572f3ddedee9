"""The log of rights used over other people's data. Never what was read."""

from __future__ import annotations

from storage.db import Tx


def note(tx: Tx, process_id: int, actor: str, action: str, detail: str, now: int) -> None:
    tx.run(
        """INSERT INTO audit (process_id, at, actor, action, detail)
           VALUES (:process, :now, :actor, :action, :detail)""",
        process=process_id, actor=actor, action=action, detail=detail, now=now,
    )  # fmt: skip

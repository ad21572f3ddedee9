"""Overrides of the plan: steps opened, closed or hidden by hand, or at a time somebody chose. Never changed, only
added to."""

from __future__ import annotations

from dataclasses import dataclass

from storage import processes
from storage.db import Tx
from storage.sealed_columns import OVERRIDE_REASON


@dataclass(frozen=True, slots=True)
class StepOverride:
    flow: str
    audience: str  # a stakeholder group, or empty for everybody
    state: str
    from_at: int
    made_at: int
    actor: str
    why: str


def of_process(tx: Tx, process_id: int) -> tuple[StepOverride, ...]:
    """In the order they take hold; of two at the same time the one made later is later."""
    rows = tx.all(
        """SELECT flow, audience, state, from_at, made_at, actor, why FROM step_changes
           WHERE process_id = :process ORDER BY from_at, id""",
        process=process_id,
    )
    return tuple(
        StepOverride(
            flow,
            audience,
            state,
            from_at,
            made_at,
            actor,
            tx.keys.open_or_mark(OVERRIDE_REASON.at(process_id, flow, audience, made_at), why),
        )
        for flow, audience, state, from_at, made_at, actor, why in rows
    )


def add(tx: Tx, process_id: int, change: StepOverride) -> None:
    tx.run(
        """INSERT INTO step_changes (process_id, flow, audience, state, from_at, made_at, actor, why)
           VALUES (:process, :flow, :audience, :state, :from_at, :made_at, :actor, :why)""",
        process=process_id,
        flow=change.flow,
        audience=change.audience,
        state=change.state,
        from_at=change.from_at,
        made_at=change.made_at,
        actor=change.actor,
        why=tx.keys.seal(OVERRIDE_REASON.at(process_id, change.flow, change.audience, change.made_at), change.why),
    )
    processes.touch(tx, process_id)

"""Counters of coverage, kept by triggers in the transaction of what they count (migration 0003)."""

from __future__ import annotations

import json
from dataclasses import dataclass

from storage.db import Tx

PRESENT = ""  # the flow under which people who said yes to the notice are counted


@dataclass(frozen=True, slots=True)
class CoverageCounter:
    """People, not rows: an entry for a table counts for all who sat there. An empty string is «not told»."""

    flow: str
    stakeholder: str
    area: str
    size: str
    department: str
    front: int  # 1 staff who meet citizens, 0 who do not, -1 not told
    started: int
    sent: int


_COLUMNS = "flow, stakeholder, area, size, department, front, started, sent"


def of_process(tx: Tx, process_id: int) -> list[CoverageCounter]:
    rows = tx.all(f"SELECT {_COLUMNS} FROM tally WHERE process_id = :process AND started <> 0", process=process_id)
    return [CoverageCounter(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class CounterSplit:
    """Counters added up: of a group, or of some groups by one of the columns."""

    flow: str
    key: str
    started: int
    sent: int


def by_group(tx: Tx, process_id: int) -> list[CounterSplit]:
    """Each stakeholder group in each flow."""
    rows = tx.all(
        """SELECT flow, stakeholder, sum(started), sum(sent) FROM tally WHERE process_id = :process
           GROUP BY flow, stakeholder HAVING sum(started) <> 0""",
        process=process_id,
    )
    return [CounterSplit(*row) for row in rows]


def split(tx: Tx, process_id: int, column: str, groups: frozenset[str]) -> list[CounterSplit]:
    """These groups together in each flow, by `area`, `size` or `department`."""
    rows = tx.all(
        """SELECT flow, CASE :column WHEN 'area' THEN area WHEN 'size' THEN size WHEN 'department' THEN department END,
                  sum(started), sum(sent)
           FROM tally WHERE process_id = :process AND stakeholder IN (SELECT value FROM json_each(:groups))
           GROUP BY 1, 2 HAVING sum(started) <> 0""",
        process=process_id,
        column=column,
        groups=json.dumps(sorted(groups)),
    )
    return [CounterSplit(*row) for row in rows]


def recounted(tx: Tx, process_id: int) -> list[CoverageCounter]:
    """The same counted afresh from people and runs, for checks. Seconds, not milliseconds."""
    rows = tx.all(f"SELECT {_COLUMNS} FROM recount WHERE process_id = :process AND started <> 0", process=process_id)
    return [CoverageCounter(*row) for row in rows]


def targets(tx: Tx, process_id: int) -> dict[tuple[str, str], int]:
    """(flow, stakeholder group) → how many people the leader wants to hear."""
    rows = tx.all("SELECT flow, stakeholder, people FROM targets WHERE process_id = :process", process=process_id)
    return {(row["flow"], row["stakeholder"]): row["people"] for row in rows}


def set_target(tx: Tx, process_id: int, flow: str, stakeholder: str, people: int) -> None:
    """0 takes it away."""
    tx.run(
        """INSERT INTO targets (process_id, flow, stakeholder, people) VALUES (:process, :flow, :stakeholder, :people)
           ON CONFLICT DO UPDATE SET people = excluded.people""",
        process=process_id,
        flow=flow,
        stakeholder=stakeholder,
        people=people,
    )
    tx.run("DELETE FROM targets WHERE people = 0")

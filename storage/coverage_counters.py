"""Counters of coverage, kept by triggers in the transaction of what they count (migrations 0003, 0005, 0023 and
0031). Who has set their answers aside counts in none."""

from __future__ import annotations

import json
from dataclasses import dataclass

from storage.db import Tx, fields_of, named

_SPLITS = frozenset({"area", "size", "department"})
PRESENT = ""  # the flow under which people who said yes to the notice are counted


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageCounter:
    """People and answers: an entry for a table counts for all who sat there, and is one answer. An empty string is «not
    told»."""

    flow: str
    stakeholder: str
    area: str
    size: str
    department: str
    front: int  # 1 staff who meet citizens, 0 who do not, -1 not told
    started: int
    sent: int
    answers_started: int
    answers_sent: int


_COLUMNS = "flow, stakeholder, area, size, department, front, started, sent, answers_started, answers_sent"
_FIELDS = fields_of(_COLUMNS)


def of_process(tx: Tx, process_id: int) -> list[CoverageCounter]:
    rows = tx.all(f"SELECT {_COLUMNS} FROM tally WHERE process_id = :process AND started <> 0", process=process_id)
    return [CoverageCounter(**named(_FIELDS, row)) for row in rows]


@dataclass(frozen=True, slots=True)
class CounterSplit:
    """Counters added up: of a group, or of some groups by one of the columns."""

    flow: str
    key: str
    started: int  # people
    sent: int
    answers_sent: int


def by_group(tx: Tx, process_id: int) -> list[CounterSplit]:
    """Each stakeholder group in each flow."""
    rows = tx.all(
        """SELECT flow, stakeholder, sum(started), sum(sent), sum(answers_sent) FROM tally WHERE process_id = :process
           GROUP BY flow, stakeholder HAVING sum(started) <> 0""",
        process=process_id,
    )
    return [CounterSplit(*row) for row in rows]


def split(tx: Tx, process_id: int, column: str, groups: frozenset[str]) -> list[CounterSplit]:
    """These groups together in each flow, by `area`, `size` or `department`."""
    rows = tx.all(
        """SELECT flow, CASE :column WHEN 'area' THEN area WHEN 'size' THEN size WHEN 'department' THEN department END,
                  sum(started), sum(sent), sum(answers_sent)
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
    return [CoverageCounter(**named(_FIELDS, row)) for row in rows]


@dataclass(frozen=True, slots=True)
class EntryCounter:
    """Answers of one step for an entry of the register; with no entry, those beyond the first, of every entry. In all
    (`split` empty), of one group, or of one size."""

    flow: str
    split: str
    key: str
    party_id: int | None
    started: int
    sent: int


def of_entries(tx: Tx, process_id: int) -> list[EntryCounter]:
    return _of_entries(tx, process_id, "entry_tally", "further_tally")


def entries_recounted(tx: Tx, process_id: int) -> list[EntryCounter]:
    """The same counted afresh, for checks."""
    return _of_entries(tx, process_id, "entry_recount", "further_recount")


def _of_entries(tx: Tx, process_id: int, entries: str, further: str) -> list[EntryCounter]:
    rows = tx.all(
        f"""SELECT flow, split, key, party_id, started, sent FROM {entries}
           WHERE process_id = :process AND started <> 0
           UNION ALL
           SELECT flow, split, key, NULL, started, sent FROM {further} WHERE process_id = :process AND started <> 0""",
        process=process_id,
    )
    return [EntryCounter(*row) for row in rows]


def agree(tx: Tx, process_id: int) -> bool:
    """Whether every counter is what a recount says. Seconds, not milliseconds."""
    pairs = ((of_process, recounted), (of_entries, entries_recounted))
    return all(set(counted(tx, process_id)) == set(afresh(tx, process_id)) for counted, afresh in pairs)


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


@dataclass(frozen=True, slots=True)
class FlowTotals:
    """Of one flow three numbers, each once: people (in whatever capacities they answered), answers, and those of
    associations and councils, where several that answered for the same entry of the register are one."""

    people_started: int
    people_sent: int
    answers_started: int
    answers_sent: int
    associations_started: int
    associations_sent: int


def for_the_same(tx: Tx, process_id: int, column: str) -> dict[tuple[str, str], int]:
    """By flow and by `stakeholder` or `size` (of associations alone): answers that were sent for an entry of the
    register for which another was sent there: so many more answers than associations."""
    rows = tx.all(
        "SELECT flow, key, sent FROM further_tally WHERE process_id = :process AND split = :column AND sent <> 0",
        process=process_id,
        column=column,
    )
    return {(row[0], row[1]): row[2] for row in rows}


def totals(tx: Tx, process_id: int, speaking_for_many: tuple[str, ...]) -> dict[str, FlowTotals]:
    """By flow; under PRESENT people alone."""
    many = json.dumps(speaking_for_many)
    sums = tx.all(
        """SELECT flow, sum(started) AS started, sum(sent) AS sent, sum(answers_started) AS answers,
                  sum(answers_sent) AS answers_sent,
                  sum(CASE WHEN stakeholder IN (SELECT value FROM json_each(:many)) THEN answers_started ELSE 0 END),
                  sum(CASE WHEN stakeholder IN (SELECT value FROM json_each(:many)) THEN answers_sent ELSE 0 END)
           FROM tally WHERE process_id = :process GROUP BY flow HAVING sum(started) <> 0""",
        process=process_id,
        many=many,
    )
    again, tied = counted_again(tx, process_id), _for_the_same(tx, process_id)
    found = {}
    for flow, started, sent, answers, answers_sent, many_started, many_sent in map(tuple, sums):
        twice_started, twice_sent = again.get((flow, ""), (0, 0))
        same_started, same_sent = tied.get(flow, (0, 0))
        found[flow] = FlowTotals(
            started - twice_started,
            sent - twice_sent,
            answers,
            answers_sent,
            many_started - same_started,
            many_sent - same_sent,
        )
    return found


def counted_again(
    tx: Tx,
    process_id: int,
    groups: frozenset[str] | None = None,
    column: str = "",
    not_told: frozenset[str] = frozenset(),
) -> dict[tuple[str, str], tuple[int, int]]:
    """By flow, and by `area`, `size` or `department`: people who are counted once more than they are people, started
    and sent, because they answer in several capacities there; of these groups, or of all. Only those in several
    capacities are looked at. Keys that are `not_told` are one."""
    told = f"{{0}}.{column}" if column in _SPLITS else "''"
    key = f"coalesce(CASE WHEN {told} NOT IN (SELECT value FROM json_each(:not_told)) THEN {told} END, '')"
    of_run, of_capacity = (key.format(table) for table in ("runs", "capacities"))
    rows = tx.all(
        f"""WITH several AS (SELECT DISTINCT person_id AS id, people.behind AS people, notice_at
                            FROM capacities INDEXED BY further_capacities JOIN people ON people.id = person_id
                            WHERE in_use = 0 AND counted_in = :process),
                 wanted AS (SELECT value FROM json_each(:groups))
           SELECT flow, key, sum(people * (started - 1)), sum(people * max(sent - 1, 0)) FROM (
               SELECT several.id, people, flow, {of_run} AS key, count(*) AS started, count(sent_at) AS sent
               FROM several JOIN runs ON runs.person_id = several.id
               WHERE flow <> 'start' AND (:groups IS NULL OR stakeholder IN wanted) GROUP BY several.id, flow, 4)
           GROUP BY flow, key
           UNION ALL
           SELECT '', key, sum(people * (told - 1)), 0 FROM (
               SELECT several.id, people, {of_capacity} AS key, count(*) AS told
               FROM several JOIN capacities ON capacities.person_id = several.id
               WHERE stakeholder <> 'styregruppe' AND notice_at IS NOT NULL
                 AND (:groups IS NULL OR stakeholder IN wanted) GROUP BY several.id, 3)
           GROUP BY key""",
        process=process_id,
        groups=None if groups is None else json.dumps(sorted(groups)),
        not_told=json.dumps(sorted(not_told)),
    )
    return {(row[0], row[1]): (row[2] or 0, row[3] or 0) for row in rows}


def _for_the_same(tx: Tx, process_id: int) -> dict[str, tuple[int, int]]:
    """By flow: answers for an entry of the register beyond the first, started and sent."""
    rows = tx.all(
        "SELECT flow, started, sent FROM further_tally WHERE process_id = :process AND split = ''", process=process_id
    )
    return {row[0]: (row[1], row[2]) for row in rows}

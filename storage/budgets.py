"""Budgets: how many people were stored lately, how much is kept of one, and which budget was used up when."""

from __future__ import annotations

from dataclasses import dataclass

from storage.db import Tx

MINUTE = 60
ROW = 300  # bytes that a row costs beside what was written


# --- new people -------------------------------------------------------------------------------------------


def note_arrival(tx: Tx, process_id: int, now: int) -> None:
    tx.run(
        """INSERT INTO arrivals (process_id, minute, people) VALUES (:process, :minute, 1)
           ON CONFLICT (process_id, minute) DO UPDATE SET people = people + 1""",
        process=process_id,
        minute=now // MINUTE,
    )


def arrivals(tx: Tx, process_id: int, since: int, now: int) -> int:
    """How many were stored since then. What is noted ahead of now was so before the clock was put back."""
    return tx.count(
        "SELECT total(people) FROM arrivals WHERE process_id = :process AND minute > :since AND minute <= :now",
        process=process_id,
        since=since // MINUTE,
        now=now // MINUTE,
    )


def prune(tx: Tx, before: int) -> None:
    tx.run("DELETE FROM arrivals WHERE minute < :before", before=before // MINUTE)


# --- what is kept of a person -----------------------------------------------------------------------------

_KEPT = f"""SELECT
    (SELECT total(length(content) + {ROW}) FROM runs JOIN answers ON answers.run_id = runs.id
     WHERE person_id = :person)
  + (SELECT total(length(content) + {ROW}) FROM runs JOIN answers_apart ON answers_apart.run_id = runs.id
     WHERE person_id = :person)
  + (SELECT total(length(answer_history.content) + {ROW}) FROM runs JOIN answers ON answers.run_id = runs.id
     JOIN answer_history ON answer_id = answers.id WHERE person_id = :person)
  + (SELECT total(length(content) + {ROW}) FROM held_words WHERE person_id = :person)
  + (SELECT total(length(content) + {ROW}) FROM meeting_words WHERE person_id = :person)
  + (SELECT total(length(needs)) FROM signups WHERE person_id = :person)
  + (SELECT total(length(why)) FROM objections WHERE person_id = :person)"""


def kept_of(tx: Tx, person_id: int) -> int:
    """Bytes of what a person has written and is kept: answers with their versions, words in doubt, what they wrote
    of meetings and of an objection. Of sealed values SQLite tells the length without reading them."""
    return tx.count(_KEPT, person=person_id)


# --- used up ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Exceeded:
    budget: str
    since: int
    last_at: int
    times: int
    told_at: int | None


_COLUMNS = "budget, since, last_at, times, told_at"


def note_exceeded(tx: Tx, process_id: int, budget: str, now: int, quiet: int) -> None:
    """Counts from now on anew where it was not for so many seconds."""
    tx.run(
        """INSERT INTO exceeded_budgets (process_id, budget, since, last_at, times)
           VALUES (:process, :budget, :now, :now, 1)
           ON CONFLICT (process_id, budget) DO UPDATE SET
               since = CASE WHEN last_at BETWEEN :now - :quiet AND :now THEN since ELSE :now END,
               times = CASE WHEN last_at BETWEEN :now - :quiet AND :now THEN times + 1 ELSE 1 END,
               last_at = :now""",
        process=process_id,
        budget=budget,
        now=now,
        quiet=quiet,
    )


def exceeded(tx: Tx, process_id: int) -> list[Exceeded]:
    rows = tx.all(
        f"SELECT {_COLUMNS} FROM exceeded_budgets WHERE process_id = :process ORDER BY budget", process=process_id
    )
    return [Exceeded(*row) for row in rows]


def exceeded_since(tx: Tx, since: int, now: int) -> bool:
    """Whether any was, in any process."""
    return (
        tx.one(
            "SELECT 1 FROM exceeded_budgets WHERE last_at > :since AND last_at <= :now LIMIT 1", since=since, now=now
        )
        is not None
    )


def note_told(tx: Tx, process_id: int, budget: str, now: int) -> None:
    tx.run(
        "UPDATE exceeded_budgets SET told_at = :now WHERE process_id = :process AND budget = :budget",
        process=process_id,
        budget=budget,
        now=now,
    )

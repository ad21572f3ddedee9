"""Hearing responses: their numbers, and what became of each, also when the text is gone; numbers of receipts."""

from __future__ import annotations

from dataclasses import dataclass

from storage import person_keys
from storage.db import Tx

_COLUMNS = """number, run_id, sent_at, withdrawn_at, erased_at, journalised_at, case_number,
              (SELECT set_aside_at FROM runs JOIN people ON people.id = person_id WHERE runs.id = run_id)"""
_USED = """(run_id IS NULL OR EXISTS (SELECT 1 FROM runs JOIN people ON people.id = person_id
                                       WHERE runs.id = run_id AND counted_in IS NOT NULL))"""


@dataclass(frozen=True, slots=True)
class HearingResponse:
    number: int
    run_id: int | None  # None: the text is gone, or the author's draft again
    sent_at: int
    withdrawn_at: int | None
    erased_at: int | None  # on request
    journalised_at: int | None
    case_number: str | None
    set_aside_at: int | None  # its author has objected: it is not used

    @property
    def stands(self) -> bool:
        return self.withdrawn_at is None and self.erased_at is None


def next_number(tx: Tx, process_id: int, flow: str) -> int:
    """The receipt's of what is sent now: one more than the last in the step, whatever has become of that."""
    row = tx.only(
        """INSERT INTO receipt_numbers (process_id, flow, last) VALUES (:process, :flow, 1)
           ON CONFLICT (process_id, flow) DO UPDATE SET last = last + 1 RETURNING last""",
        process=process_id,
        flow=flow,
    )
    return int(row["last"])


def put(tx: Tx, process_id: int, number: int, run_id: int, now: int) -> None:
    """From now on it has a key of its own: it may outlive its author."""
    person_keys.give_own(tx, run_id)
    tx.run(
        """INSERT INTO hearing_responses (process_id, number, run_id, sent_at)
           VALUES (:process, :number, :run, :now)""",
        process=process_id,
        number=number,
        run=run_id,
        now=now,
    )


def of_run(tx: Tx, run_id: int) -> HearingResponse | None:
    row = tx.one(f"SELECT {_COLUMNS} FROM hearing_responses WHERE run_id = :run", run=run_id)
    return HearingResponse(*row) if row else None


def by_number(tx: Tx, process_id: int, number: int) -> HearingResponse | None:
    row = tx.one(
        f"SELECT {_COLUMNS} FROM hearing_responses WHERE process_id = :process AND number = :number",
        process=process_id,
        number=number,
    )
    return HearingResponse(*row) if row else None


def of_process(tx: Tx, process_id: int) -> list[HearingResponse]:
    """Every one that was ever sent, in the order of numbers."""
    rows = tx.all(f"SELECT {_COLUMNS} FROM hearing_responses WHERE process_id = :process", process=process_id)
    return sorted((HearingResponse(*row) for row in rows), key=lambda each: each.number)


def of_person(tx: Tx, person_id: int) -> list[HearingResponse]:
    """Those of a person that stand."""
    rows = tx.all(
        f"""SELECT {_COLUMNS} FROM hearing_responses WHERE run_id IN (SELECT id FROM runs WHERE person_id = :person)
            ORDER BY number""",
        person=person_id,
    )
    return [HearingResponse(*row) for row in rows]


def withdraw(tx: Tx, run_id: int, now: int) -> None:
    """Number and time stay; the run is no response any more."""
    tx.run("UPDATE hearing_responses SET withdrawn_at = :now, run_id = NULL WHERE run_id = :run", run=run_id, now=now)


def mark_erased(tx: Tx, process_id: int, number: int, now: int) -> None:
    tx.run(
        "UPDATE hearing_responses SET erased_at = :now WHERE process_id = :process AND number = :number",
        process=process_id,
        number=number,
        now=now,
    )


def mark_journalised(tx: Tx, process_id: int, number: int, now: int | None, case_number: str | None = None) -> None:
    """`now` None: it is not, after all."""
    tx.run(
        """UPDATE hearing_responses SET journalised_at = :now, case_number = :case
           WHERE process_id = :process AND number = :number""",
        process=process_id,
        number=number,
        now=now,
        case=case_number,
    )


def mark_all_journalised(tx: Tx, process_id: int, now: int) -> int:
    """Those that stand, are not yet, and are not set aside; how many."""
    return tx.run(
        f"""UPDATE hearing_responses SET journalised_at = :now WHERE process_id = :process
           AND journalised_at IS NULL AND withdrawn_at IS NULL AND erased_at IS NULL AND {_USED}""",
        process=process_id,
        now=now,
    )


def forget(tx: Tx, process_id: int) -> None:
    """On the deletion date. The last numbers stay: none is given again."""
    tx.erase("DELETE FROM hearing_responses WHERE process_id = :process", process=process_id)

"""Objections: people who want their answers set aside (GDPR art. 18 and 21), and what the leader decided."""

from __future__ import annotations

from dataclasses import dataclass
from sqlite3 import Row

from storage import person_keys
from storage.db import Tx
from storage.sealed_columns import OBJECTION_REASON, OBJECTION_WORDS, SealedColumn

_COLUMNS = "objections.id, person_id, made_at, why, taken_back_at, decided_at, upheld, reason"


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    id: int
    person_id: int
    made_at: int
    why: str  # in their own words; empty: they gave none
    taken_back_at: int | None
    decided_at: int | None
    upheld: bool  # of one that is decided: the answers stay aside
    reason: str  # the leader's, why they are used again

    @property
    def waits(self) -> bool:
        """For the leader."""
        return self.decided_at is None and self.taken_back_at is None


def put(tx: Tx, person_id: int, why: str, now: int) -> int:
    return tx.insert(
        "INSERT INTO objections (person_id, made_at, why) VALUES (:person, :now, :why)",
        person=person_id,
        now=now,
        why=_sealed(tx, OBJECTION_WORDS, person_id, now, why) if why else None,
    )


def of_person(tx: Tx, person_id: int) -> list[Objection]:
    """The oldest first."""
    rows = tx.all(f"SELECT {_COLUMNS} FROM objections WHERE person_id = :person ORDER BY id", person=person_id)
    return [_opened(tx, row) for row in rows]


def by_id(tx: Tx, process_id: int, objection_id: int) -> Objection | None:
    row = tx.one(
        f"""SELECT {_COLUMNS} FROM objections JOIN people ON people.id = person_id
            WHERE process_id = :process AND objections.id = :id""",
        process=process_id,
        id=objection_id,
    )
    return _opened(tx, row) if row is not None else None


def of_process(tx: Tx, process_id: int) -> list[Objection]:
    """Those that are not taken back, the oldest first."""
    rows = tx.all(
        f"""SELECT {_COLUMNS} FROM objections JOIN people ON people.id = person_id
            WHERE process_id = :process AND taken_back_at IS NULL ORDER BY objections.id""",
        process=process_id,
    )
    return [_opened(tx, row) for row in rows]


def count_waiting(tx: Tx, process_id: int) -> int:
    """How many the leader has not decided."""
    return tx.count(
        """SELECT count(*) AS objections FROM objections JOIN people ON people.id = person_id
           WHERE process_id = :process AND taken_back_at IS NULL AND decided_at IS NULL""",
        process=process_id,
    )


def _opened(tx: Tx, row: Row) -> Objection:
    place, why, reason = (row["person_id"], row["made_at"]), row["why"], row["reason"]
    return Objection(
        id=row["id"],
        person_id=row["person_id"],
        made_at=row["made_at"],
        why=tx.keys.open_or_mark(OBJECTION_WORDS.at(*place), why) if why is not None else "",
        taken_back_at=row["taken_back_at"],
        decided_at=row["decided_at"],
        upheld=row["upheld"] == 1,
        reason=tx.keys.open_or_mark(OBJECTION_REASON.at(*place), reason) if reason is not None else "",
    )


def _sealed(tx: Tx, column: SealedColumn, person_id: int, made_at: int, text: str) -> bytes:
    return tx.keys.seal_for(person_keys.of_person(tx, person_id), column.at(person_id, made_at), text)


def give_words(tx: Tx, objection: Objection, why: str) -> None:
    """Why they object, in place of what they gave before."""
    sealed = _sealed(tx, OBJECTION_WORDS, objection.person_id, objection.made_at, why)
    tx.run("UPDATE objections SET why = :why WHERE id = :id", id=objection.id, why=sealed)


def take_back(tx: Tx, person_id: int, now: int) -> None:
    """All that stand."""
    tx.run(
        "UPDATE objections SET taken_back_at = :now WHERE person_id = :person AND taken_back_at IS NULL",
        person=person_id,
        now=now,
    )


def decide(tx: Tx, objection: Objection, now: int, *, upheld: bool, reason: str = "") -> bool:
    """False where it was decided or taken back before."""
    whose = (objection.person_id, objection.made_at)
    return tx.changed(
        """UPDATE objections SET decided_at = :now, upheld = :upheld, reason = :reason
           WHERE id = :id AND decided_at IS NULL AND taken_back_at IS NULL""",
        id=objection.id,
        now=now,
        upheld=int(upheld),
        reason=_sealed(tx, OBJECTION_REASON, *whose, reason) if reason else None,
    )


@dataclass(frozen=True, slots=True)
class AnswersInStep:
    flow: str
    answers: int
    sent_at: int | None


def extent(tx: Tx, person_id: int) -> list[AnswersInStep]:
    """How many answers of theirs it is about, in which steps; in the order they began on them."""
    rows = tx.all(
        """SELECT flow, count(*) AS answers, sent_at FROM runs JOIN answers ON answers.run_id = runs.id
           WHERE person_id = :person AND flow <> 'start' GROUP BY runs.id ORDER BY runs.id""",
        person=person_id,
    )
    return [AnswersInStep(row["flow"], row["answers"], row["sent_at"]) for row in rows]

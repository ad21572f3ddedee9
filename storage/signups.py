"""Sign-ups: who comes to which meeting, with how many, and who waits for a place."""

from __future__ import annotations

from dataclasses import dataclass
from sqlite3 import Row

from storage import person_keys
from storage.db import Tx, fields_of, named
from storage.encryption import UNREADABLE
from storage.sealed_columns import NEEDS

_COLUMNS = "meeting_id, person_id, answer, people, placed, waits_since, needs, minutes, answered_at, needs_yes_at"
_FIELDS = fields_of(_COLUMNS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signup:
    meeting_id: int
    person_id: int
    answer: str  # yes, no, maybe
    people: int
    placed: int  # of a yes: they have a place
    waits_since: int
    needs: str
    minutes: str | None  # confirmed, objected, absent
    answered_at: int
    needs_yes_at: int | None = None  # since when they let us keep what they need; None of no needs, and of before 0027

    @property
    def comes(self) -> bool:
        return self.answer == "yes" and bool(self.placed)

    @property
    def waits(self) -> bool:
        return self.answer == "yes" and not self.placed


def of(tx: Tx, meeting_id: int, person_id: int) -> Signup | None:
    row = tx.one(
        f"SELECT {_COLUMNS} FROM signups WHERE meeting_id = :meeting AND person_id = :person",
        meeting=meeting_id,
        person=person_id,
    )
    return _opened(tx, row) if row else None


def of_meeting(tx: Tx, meeting_id: int) -> list[Signup]:
    """Everybody's, in the order they answered; the waiting list is in its order."""
    rows = tx.all(
        f"SELECT {_COLUMNS} FROM signups WHERE meeting_id = :meeting ORDER BY waits_since, person_id",
        meeting=meeting_id,
    )
    return [_opened(tx, row) for row in rows]


def waiting(tx: Tx, meeting_id: int) -> list[Signup]:
    """The waiting list in its order, without those who have stopped: nobody may tell them that they have a place."""
    rows = tx.all(
        f"""SELECT {_COLUMNS} FROM signups JOIN people ON people.id = person_id
            WHERE meeting_id = :meeting AND answer = 'yes' AND placed = 0 AND stopped_at IS NULL
            ORDER BY waits_since, person_id""",
        meeting=meeting_id,
    )
    return [_opened(tx, row) for row in rows]


def of_person(tx: Tx, person_id: int) -> list[Signup]:
    rows = tx.all(f"SELECT {_COLUMNS} FROM signups WHERE person_id = :person ORDER BY meeting_id", person=person_id)
    return [_opened(tx, row) for row in rows]


def _opened(tx: Tx, row: Row) -> Signup:
    needs, place = row["needs"], NEEDS.at(row["meeting_id"], row["person_id"])
    return Signup(**named(_FIELDS, row) | {"needs": tx.keys.open_or_mark(place, needs) if needs else ""})


def put(tx: Tx, signup: Signup) -> None:
    tx.run(
        """INSERT INTO signups (meeting_id, person_id, answer, people, placed, waits_since, needs, minutes, answered_at,
                                needs_yes_at)
           VALUES (:meeting, :person, :answer, :people, :placed, :since, :needs, :minutes, :at, :yes_at)
           ON CONFLICT (meeting_id, person_id) DO UPDATE SET
               answer = excluded.answer, people = excluded.people, placed = excluded.placed,
               waits_since = excluded.waits_since,
               needs = CASE WHEN :unreadable THEN needs ELSE excluded.needs END, minutes = excluded.minutes,
               answered_at = excluded.answered_at, needs_yes_at = excluded.needs_yes_at""",
        meeting=signup.meeting_id,
        person=signup.person_id,
        answer=signup.answer,
        people=signup.people,
        placed=signup.placed,
        since=signup.waits_since,
        needs=None if signup.needs in ("", UNREADABLE) else _sealed_needs(tx, signup),
        unreadable=int(signup.needs == UNREADABLE),
        minutes=signup.minutes,
        at=signup.answered_at,
        yes_at=signup.needs_yes_at if signup.needs else None,
    )


def _sealed_needs(tx: Tx, signup: Signup) -> bytes:
    place = NEEDS.at(signup.meeting_id, signup.person_id)
    return tx.keys.seal_for(person_keys.of_person(tx, signup.person_id), place, signup.needs)


def give_place(tx: Tx, meeting_id: int, person_id: int) -> None:
    tx.run(
        "UPDATE signups SET placed = 1 WHERE meeting_id = :meeting AND person_id = :person",
        meeting=meeting_id,
        person=person_id,
    )


def people_coming(tx: Tx, meeting_id: int) -> int:
    """Places that are taken."""
    return tx.count(
        "SELECT total(people) AS people FROM signups WHERE meeting_id = :meeting AND answer = 'yes' AND placed = 1",
        meeting=meeting_id,
    )


def of_party(tx: Tx, meeting_id: int, party_id: int, *, but: int) -> int:
    """How many of an association have signed up or wait, other than by this person."""
    return tx.count(
        """SELECT total(signups.people) AS people FROM signups
           WHERE meeting_id = :meeting AND answer = 'yes' AND person_id <> :but
             AND person_id IN (SELECT person_id FROM capacities WHERE party_id = :party)""",
        meeting=meeting_id,
        party=party_id,
        but=but,
    )


def forget_needs(tx: Tx, process_id: int, ended_before: int) -> int:
    """Deletes what people told they need at meetings that are over or cancelled; how many."""
    return tx.erase(
        """UPDATE signups SET needs = NULL, needs_yes_at = NULL WHERE needs IS NOT NULL AND meeting_id IN (
               SELECT id FROM meetings WHERE process_id = :process
               AND (ends_at <= :before OR cancelled_at IS NOT NULL))""",
        process=process_id,
        before=ended_before,
    )


@dataclass(frozen=True, slots=True)
class SignupCount:
    stakeholder: str | None  # None too where their answers are set aside
    answer: str
    placed: int
    signups: int
    people: int


def by_group(tx: Tx, meeting_id: int) -> list[SignupCount]:
    """How many have said what, and with how many they come."""
    rows = tx.all(
        """SELECT CASE WHEN who.counted_in IS NOT NULL THEN stakeholder END AS told, answer, placed,
                  count(*) AS signups, sum(signups.people) AS people
           FROM signups JOIN capacities USING (person_id) JOIN people AS who ON who.id = signups.person_id
           WHERE in_use = 1 AND meeting_id = :meeting GROUP BY 1, 2, 3 ORDER BY 1, 2, 3""",
        meeting=meeting_id,
    )
    return [SignupCount(*row) for row in rows]

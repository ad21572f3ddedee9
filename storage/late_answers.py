"""Late answers: who came by a late link, on which day a letter or a mail came, and what was sent late."""

from __future__ import annotations

from dataclasses import dataclass

from storage.db import Tx


@dataclass(frozen=True, slots=True)
class LateLink:
    """By which somebody came."""

    flow: str
    until_at: int
    revoked_at: int | None


@dataclass(frozen=True, slots=True)
class PostedEntry:
    """A letter or a mail."""

    flow: str
    came_on: int  # when the day began


@dataclass(frozen=True, slots=True)
class Reception:
    """How something came that was sent."""

    came_on: int | None  # when the day began on which a letter or a mail came; None: it was sent here
    late: bool


IN_TIME = Reception(None, late=False)


# --- by a late link ---------------------------------------------------------------------------------------


def come_by(tx: Tx, person_id: int, invitation_id: int) -> None:
    tx.run(
        "INSERT INTO late_links (person_id, invitation_id) VALUES (:person, :link) ON CONFLICT DO NOTHING",
        person=person_id,
        link=invitation_id,
    )


def came_by(tx: Tx, person_id: int, invitation_id: int) -> bool:
    found = "SELECT 1 FROM late_links WHERE person_id = :person AND invitation_id = :link"
    return tx.one(found, person=person_id, link=invitation_id) is not None


def links_of(tx: Tx, person_id: int) -> list[LateLink]:
    rows = tx.all(
        """SELECT flow, answers_until, revoked_at FROM late_links JOIN invitations ON invitations.id = invitation_id
           WHERE person_id = :person AND flow IS NOT NULL ORDER BY invitation_id""",
        person=person_id,
    )
    return [LateLink(*row) for row in rows]


def holds(tx: Tx, person_id: int, invitation_id: int, at: int) -> bool:
    """Whether they came by the link, and it is open then."""
    found = """SELECT 1 FROM late_links JOIN invitations ON invitations.id = invitation_id
               WHERE person_id = :person AND invitation_id = :link AND revoked_at IS NULL AND answers_until > :at
                 AND party_id IS NOT NULL"""
    return tx.one(found, person=person_id, link=invitation_id, at=at) is not None


def open_until(tx: Tx, person_id: int, flow: str, run_id: int | None, at: int) -> int | None:
    """Until when the step can be answered by a link that is open then, by who speaks for the party that the link is
    for: in the run, or (None) as they are now. To whom what they sent is tied does not matter. With its party goes the
    link."""
    return tx.number(
        """SELECT max(answers_until) FROM late_links JOIN invitations ON invitations.id = invitation_id
           WHERE person_id = :person AND flow = :flow AND revoked_at IS NULL AND answers_until > :at
             AND party_id = (SELECT capacities.party_id FROM capacities
                             WHERE capacities.person_id = :person AND CASE WHEN :run IS NULL THEN in_use = 1
                                   ELSE capacities.id = (SELECT capacity_id FROM runs WHERE runs.id = :run) END)""",
        person=person_id,
        flow=flow,
        run=run_id,
        at=at,
    )


# --- by letter or mail ------------------------------------------------------------------------------------


def put_posted(tx: Tx, person_id: int, flow: str, came_on: int) -> None:
    """Told, or corrected."""
    tx.run(
        """INSERT INTO posted_entries (person_id, flow, came_on) VALUES (:person, :flow, :came)
           ON CONFLICT (person_id, flow) DO UPDATE SET came_on = excluded.came_on""",
        person=person_id,
        flow=flow,
        came=came_on,
    )


def posted_of(tx: Tx, person_id: int) -> list[PostedEntry]:
    rows = tx.all("SELECT flow, came_on FROM posted_entries WHERE person_id = :person ORDER BY flow", person=person_id)
    return [PostedEntry(*row) for row in rows]


def came_on(tx: Tx, person_id: int, flow: str) -> int | None:
    """When the day began on which it came; None for what is no letter and no mail."""
    return tx.number(
        "SELECT came_on FROM posted_entries WHERE person_id = :person AND flow = :flow", person=person_id, flow=flow
    )


# --- what was sent ----------------------------------------------------------------------------------------


def note(tx: Tx, run_id: int, reception: Reception) -> None:
    """In place of what was noted when it was sent before."""
    tx.run("DELETE FROM receptions WHERE run_id = :run", run=run_id)
    if reception != IN_TIME:
        tx.run(
            "INSERT INTO receptions (run_id, came_on, late) VALUES (:run, :came, :late)",
            run=run_id,
            came=reception.came_on,
            late=int(reception.late),
        )


def reception(tx: Tx, run_id: int) -> Reception:
    """As it was when the run was sent."""
    row = tx.one(
        """SELECT came_on, late FROM receptions JOIN runs ON runs.id = run_id
           WHERE run_id = :run AND sent_at IS NOT NULL""",
        run=run_id,
    )
    return Reception(row["came_on"], late=bool(row["late"])) if row is not None else IN_TIME

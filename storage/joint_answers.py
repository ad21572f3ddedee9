"""Joint answers: who shows their drafts in which flow to whom, and who stood behind what was sent."""

from __future__ import annotations

from dataclasses import dataclass

from storage import answers, capacities
from storage.db import Tx

_COLUMNS = "joints.id, chair_id, joints.capacity_id, flow, code, closed_at"
_SHOWS = "joined_at > 0 AND ended_at IS NULL"  # of a member: the chair sees their answers


@dataclass(frozen=True, slots=True)
class JointAnswer:
    id: int
    chair_id: int
    capacity_id: int  # in which the chair collects
    flow: str
    code: str
    closed_at: int | None


def add(tx: Tx, chair_id: int, flow: str, code: str, now: int) -> JointAnswer:
    """In the capacity that the chair answers in now. Begun anew where it was closed: with a new code, so that old ones
    stay shut."""
    row = tx.only(
        f"""INSERT INTO joints (chair_id, capacity_id, flow, code, made_at)
            VALUES (:chair, :capacity, :flow, :code, :now)
            ON CONFLICT (capacity_id, flow) DO UPDATE SET
                code = excluded.code, made_at = excluded.made_at, closed_at = NULL
            RETURNING {_COLUMNS}""",
        chair=chair_id,
        capacity=capacities.in_use(tx, chair_id),
        flow=flow,
        code=code,
        now=now,
    )
    return JointAnswer(*row)


def by_code(tx: Tx, process_id: int, code: str) -> JointAnswer | None:
    """One that is open, in this process."""
    row = tx.one(
        f"""SELECT {_COLUMNS} FROM joints JOIN people ON people.id = chair_id
            WHERE code = :code AND process_id = :process AND closed_at IS NULL""",
        code=code,
        process=process_id,
    )
    return JointAnswer(*row) if row else None


def is_code(tx: Tx, code: str) -> bool:
    """Whether somebody collects by it, or has."""
    return tx.one("SELECT 1 FROM joints WHERE code = :code", code=code) is not None


def of_chair(tx: Tx, chair_id: int, flow: str) -> JointAnswer | None:
    """In the capacity that they answer in now."""
    row = tx.one(
        f"""SELECT {_COLUMNS} FROM capacities JOIN joints ON joints.capacity_id = capacities.id
            WHERE person_id = :chair AND in_use = 1 AND flow = :flow""",
        chair=chair_id,
        flow=flow,
    )
    return JointAnswer(*row) if row else None


def chaired(tx: Tx, chair_id: int) -> list[JointAnswer]:
    """In whatever capacity."""
    return [
        JointAnswer(*row) for row in tx.all(f"SELECT {_COLUMNS} FROM joints WHERE chair_id = :chair", chair=chair_id)
    ]


def of_member(tx: Tx, person_id: int) -> list[JointAnswer]:
    """The open ones they show their answers in."""
    return [
        JointAnswer(*row)
        for row in tx.all(
            f"""SELECT {_COLUMNS} FROM joints JOIN joint_members ON joint_id = joints.id
                WHERE person_id = :person AND {_SHOWS} AND closed_at IS NULL""",
            person=person_id,
        )
    ]


def join(tx: Tx, joint_id: int, person_id: int, now: int) -> None:
    """Who was asked; nobody else. They show what they answer as now."""
    tx.run(
        """UPDATE joint_members SET joined_at = :now, capacity_id = :capacity
           WHERE joint_id = :joint AND person_id = :person""",
        capacity=capacities.in_use(tx, person_id),
        joint=joint_id,
        person=person_id,
        now=now,
    )


def leave(tx: Tx, joint_id: int, person_id: int) -> None:
    tx.run(
        "DELETE FROM joint_members WHERE joint_id = :joint AND person_id = :person", joint=joint_id, person=person_id
    )


def close(tx: Tx, joint_id: int, now: int) -> None:
    """Nobody's answers are shown any more."""
    tx.run("UPDATE joints SET closed_at = :now WHERE id = :joint", joint=joint_id, now=now)
    tx.run("DELETE FROM joint_members WHERE joint_id = :joint AND joined_at = 0", joint=joint_id)
    tx.run(
        "UPDATE joint_members SET ended_at = :now WHERE joint_id = :joint AND ended_at IS NULL", joint=joint_id, now=now
    )


def members(tx: Tx, joint_id: int) -> list[int]:
    """Whose answers the chair sees."""
    rows = tx.all(
        f"""SELECT person_id FROM joint_members JOIN people ON people.id = person_id
            WHERE joint_id = :joint AND {_SHOWS} AND counted_in IS NOT NULL
            ORDER BY joined_at, person_id""",
        joint=joint_id,
    )
    return [row["person_id"] for row in rows]


def said(tx: Tx, joint_id: int, flow: str, question: str) -> list[str]:
    """The contents of what members have answered so far to one question of the flow; drafts too, nothing skipped and
    nothing that is kept apart or set aside."""
    rows = tx.all(
        f"""SELECT run_id, question, revision, content
            FROM joint_members JOIN runs USING (capacity_id) JOIN answers ON run_id = runs.id
                 JOIN people ON people.id = joint_members.person_id
            WHERE joint_id = :joint AND {_SHOWS} AND counted_in IS NOT NULL AND flow = :flow AND question = :question
              AND skipped = 0""",
        joint=joint_id,
        flow=flow,
        question=question,
    )
    return [told for _, told in answers.readable(tx, rows)]


# --- asked, and not answered yet: no time of joining ------------------------------------------------------


def ask(tx: Tx, joint_id: int, person_id: int) -> None:
    """Whoever shows their answers already is not asked; whoever did before it was closed is asked anew."""
    tx.run(
        """INSERT INTO joint_members (joint_id, person_id, joined_at) VALUES (:joint, :person, 0)
           ON CONFLICT (joint_id, person_id) DO UPDATE SET joined_at = 0, ended_at = NULL WHERE ended_at IS NOT NULL""",
        joint=joint_id,
        person=person_id,
    )


def asked(tx: Tx, person_id: int) -> JointAnswer | None:
    row = tx.one(
        f"""SELECT {_COLUMNS} FROM joints JOIN joint_members ON joint_id = joints.id
            WHERE person_id = :person AND joined_at = 0 AND closed_at IS NULL ORDER BY joints.id LIMIT 1""",
        person=person_id,
    )
    return JointAnswer(*row) if row else None


# --- who stood behind what was sent -----------------------------------------------------------------------


def note_sent(tx: Tx, run_id: int, joint_id: int) -> int:
    """The chair's run was sent: whoever shows their answers, or did until the chair stopped collecting, stands behind
    it, unless their answers are set aside. Returns how many; none is no joint answer. In place of what was noted when
    it was sent before."""
    tx.run("DELETE FROM joint_backers WHERE run_id = :run", run=run_id)
    tx.run("DELETE FROM joint_sent WHERE run_id = :run", run=run_id)
    members = tx.run(
        """INSERT INTO joint_backers (run_id, person_id, capacity_id)
           SELECT :run, person_id, capacity_id FROM joint_members JOIN people ON people.id = person_id
           WHERE joint_id = :joint AND joined_at > 0 AND counted_in IS NOT NULL""",
        run=run_id,
        joint=joint_id,
    )
    if members:
        tx.run("INSERT INTO joint_sent (run_id, members) VALUES (:run, :members)", run=run_id, members=members)
    return members


def stood_behind(tx: Tx, run_id: int) -> int | None:
    """How many members stood behind the run when it was sent; None where it is no joint answer."""
    return tx.number("SELECT members FROM joint_sent WHERE run_id = :run", run=run_id)


def backed(tx: Tx, person_id: int) -> list[str]:
    """The flows in which somebody stood behind a joint answer that was sent, or does behind one that is to be sent,
    though the chair has stopped collecting."""
    rows = tx.all(
        """SELECT flow FROM joint_backers JOIN runs ON runs.id = run_id WHERE joint_backers.person_id = :person
           UNION SELECT flow FROM joint_members JOIN joints ON joints.id = joint_id
                 WHERE joint_members.person_id = :person AND ended_at IS NOT NULL
           ORDER BY flow""",
        person=person_id,
    )
    return [row["flow"] for row in rows]

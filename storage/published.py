"""What was published last of who has been heard, and whom it is made of. What is made of them: features/coverage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from storage.db import Tx
from storage.sealed_columns import PUBLISHED_SECRET

Place = tuple[str, str]  # («group», «forening»), («area», «havnen»)


class Counted(NamedTuple):
    """Somebody who counts: in a flow that they sent, or under the flow «» as somebody who takes part. An empty string
    is «not told». A tuple, for there may be a million."""

    flow: str
    person_id: int
    behind: int  # how many people stand behind the answers
    stakeholder: str
    area: str
    size: str
    department: str
    front: int  # 1 staff who meet citizens, 0 who do not, -1 not told
    party_id: int  # the entry of the register that they answer for, 0: none
    several: int  # 1 of who answers in several capacities
    at: int  # when it was sent; 0 of those who take part


_PROFILE = """coalesce(area, '') AS area, coalesce(size, '') AS size, coalesce(department, '') AS department,
              coalesce(front, -1) AS front, coalesce(party_id, 0) AS party_id,
              EXISTS (SELECT 1 FROM capacities AS further WHERE further.person_id = people.id
                                                                AND further.in_use = 0) AS several"""


def who_sent(tx: Tx, process_id: int, until: int) -> list[Counted]:
    """Everybody in every flow that they had sent by then, as what they sent it as."""
    rows = tx.all(
        f"""SELECT flow, person_id, runs.behind AS behind, stakeholder, {_PROFILE}, sent_at AS at
            FROM runs JOIN people ON people.id = person_id
            WHERE counted_in = :process AND flow <> 'start' AND sent_at <= :until AND stakeholder IS NOT NULL""",
        process=process_id,
        until=until,
    )
    return [Counted._make(row) for row in rows]


def who_takes_part(tx: Tx, process_id: int, until: int) -> list[Counted]:
    """Everybody who had sent something by then, or said yes and came by an invitation of their own, as everything that
    they answer as. Who merely came in and said yes does not count: anybody may do that, any number of times."""
    rows = tx.all(
        f"""SELECT '' AS flow, person_id, behind, stakeholder, {_PROFILE}, 0 AS at
            FROM capacities JOIN people ON people.id = person_id
            WHERE counted_in = :process AND stakeholder <> 'styregruppe'
                  AND (EXISTS (SELECT 1 FROM runs WHERE capacity_id = capacities.id AND flow <> 'start'
                                                        AND sent_at <= :until)
                       OR (notice_at <= :until AND EXISTS (
                           SELECT 1 FROM invitations WHERE invitations.id = came_by AND kind = 'personal')))""",
        process=process_id,
        until=until,
    )
    return [Counted._make(row) for row in rows]


def secret(tx: Tx, process_id: int) -> bytes | None:
    row = tx.one("SELECT secret FROM publications WHERE process_id = :process", process=process_id)
    return None if row is None else bytes.fromhex(tx.keys.open(PUBLISHED_SECRET.at(process_id), row["secret"]))


def keep_secret(tx: Tx, process_id: int, secret: bytes) -> None:
    """Once and for all: with another one, what was published before and after would tell more than either."""
    tx.run(
        "INSERT INTO publications (process_id, secret) VALUES (:process, :secret)",
        process=process_id,
        secret=tx.keys.seal(PUBLISHED_SECRET.at(process_id), secret.hex()),
    )


def taken_at(tx: Tx, process_id: int) -> int | None:
    """The moment that the published numbers are of; None where there are none yet."""
    return tx.number("SELECT taken_at FROM publications WHERE process_id = :process", process=process_id)


def of_process(tx: Tx, process_id: int) -> dict[tuple[str, Place], int]:
    """The published numbers by flow and place; what is not there is too small."""
    rows = tx.all(
        "SELECT flow, split, key, people FROM published_numbers WHERE process_id = :process", process=process_id
    )
    return {(row["flow"], (row["split"], row["key"])): row["people"] for row in rows}


def put(tx: Tx, process_id: int, numbers: Mapping[tuple[str, Place], int], at: int) -> None:
    """In place of those before: nobody is shown older ones."""
    tx.run("DELETE FROM published_numbers WHERE process_id = :process", process=process_id)
    for (flow, (split, key)), people in numbers.items():
        tx.run(
            """INSERT INTO published_numbers (process_id, flow, split, key, people)
               VALUES (:process, :flow, :split, :key, :people)""",
            process=process_id,
            flow=flow,
            split=split,
            key=key,
            people=people,
        )
    tx.run("UPDATE publications SET taken_at = :at WHERE process_id = :process", process=process_id, at=at)

"""Capacities: what one answers as. Drafts follow it, what was sent keeps what it was sent as; and how a database gets
them that knew a single one."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from storage import capacities, coverage_counters, people, register, runs
from storage.db import Tx, migrate
from storage.register import NewParty
from tests.support.rows import NOW, began, came, sent, standing, tell


@pytest.fixture
def tx() -> Tx:
    return standing()


def kept(tx: Tx, run: int) -> tuple[Any, ...]:
    return tuple(tx.only("SELECT stakeholder, area, size, party FROM runs WHERE id = :id", id=run))


def club(tx: Tx, name: str = "Spejderne") -> int:
    return register.put(
        tx, 1, NewParty(name=name, folded=name.lower(), kind="forening", source="by-hand", size="10-24"), NOW
    )


def test_a_draft_follows_what_one_answers_as_and_what_was_sent_does_not(tx: Tx) -> None:
    anna = came(tx, stakeholder="forening", area="havnen")
    people.speak_for(tx, anna, club(tx))
    start, draft, done = began(tx, anna, "start"), began(tx, anna, "linjer"), sent(tx, anna)
    runs.mark_sent(tx, start, NOW)
    assert kept(tx, done) == ("forening", "havnen", "10-24", "Spejderne")
    tell(tx, anna, stakeholder="raad_center", area="nordby", size="100+")
    people.speak_for(tx, anna, club(tx, "Koret"))
    assert kept(tx, done) == ("forening", "havnen", "10-24", "Spejderne")
    assert kept(tx, draft) == ("raad_center", "nordby", "100+", None)
    assert kept(tx, start)[:3] == ("raad_center", "nordby", "100+")  # they tell of the capacity, sent or not
    runs.withdraw(tx, done, NOW)
    assert kept(tx, done) == ("raad_center", "nordby", "100+", None)
    runs.mark_sent(tx, done, NOW)
    assert kept(tx, done) == ("raad_center", "nordby", "100+", "Koret")


def test_what_was_sent_for_an_entry_says_so_when_the_entry_is_gone(tx: Tx) -> None:
    anna, party = came(tx, stakeholder="forening"), club(tx)
    people.speak_for(tx, anna, party)
    done = sent(tx, anna)
    register.remove(tx, 1, party)
    assert kept(tx, done)[3] == "Spejderne"
    assert tx.only("SELECT party_id FROM runs WHERE id = :id", id=done)["party_id"] is None


def test_in_another_capacity_the_same_step_is_answered_again_and_the_steering_groups_own_once(tx: Tx) -> None:
    anna = came(tx, stakeholder="frivillig")
    first, own = sent(tx, anna), runs.start(tx, anna, "justering", 1, NOW, by_role=True)
    capacities.use(tx, anna, None)
    tell(tx, anna, stakeholder="forening")
    second = began(tx, anna)
    assert first != second
    assert runs.start(tx, anna, "justering", 1, NOW, by_role=True).id == own.id
    assert (own.capacity_id, own.stakeholder) == (None, "styregruppe")
    capacities.use(tx, anna, capacities.of_group(tx, anna, "frivillig"))
    assert began(tx, anna) == first
    assert [(each.stakeholder, each.in_use) for each in capacities.of_person(tx, anna)] == [
        ("frivillig", 1),
        ("forening", 0),
    ]


def test_of_one_person_a_single_capacity_is_in_use_and_one_is_of_each_group(tx: Tx) -> None:
    anna = came(tx, stakeholder="frivillig")
    with pytest.raises(sqlite3.IntegrityError):
        tx.run("INSERT INTO capacities (person_id, in_use) VALUES (:id, 1)", id=anna)
    with pytest.raises(sqlite3.IntegrityError):
        tx.run("INSERT INTO capacities (person_id, in_use, stakeholder) VALUES (:id, 0, 'frivillig')", id=anna)


# --- a database from before there were capacities ---------------------------------------------------------


def test_people_of_before_have_one_capacity_and_what_they_sent_keeps_what_they_were() -> None:
    tx = standing(at=4)
    put = tx._connection.execute
    put(
        """INSERT INTO parties (id, process_id, name, folded, kind, tags, source, added_at)
           VALUES (1, 1, 'Koret', 'koret', 'forening', '[]', 'file', 0)"""
    )
    put(
        """INSERT INTO people (id, process_id, pseudonym, language, stakeholder, area, party_id, party_asked, behind,
                               notice_at, created_at)
           VALUES (1, 1, 'p1', 'da', 'forening', 'havnen', 1, 1, 8, 1, 0), (2, 1, 'p2', 'da', NULL, NULL, NULL, 0, 1,
                   1, 0), (3, 1, 'p3', 'da', 'styregruppe', NULL, NULL, 0, 1, 1, 0)"""
    )
    put(
        """INSERT INTO runs (id, person_id, flow, version, started_at, sent_at)
           VALUES (11, 1, 'start', 1, 0, 1), (12, 1, 'plan', 1, 0, 1), (13, 1, 'linjer', 1, 0, NULL),
                  (31, 3, 'start', 1, 0, 1), (32, 3, 'linjer', 1, 0, 1), (33, 3, 'justering', 1, 0, 1)"""
    )
    put(
        """INSERT INTO answers (run_id, question, version, revision, asked, language, channel, content, skipped, open,
                                closed_once, answered_at)
           VALUES (12, 'P1', 1, 1, '?', 'da', 'web', x'00', 0, 0, 1, 1)"""
    )
    put("INSERT INTO joints (id, chair_id, flow, code, made_at) VALUES (1, 1, 'plan', 'c', 0)")
    put("INSERT INTO joint_members (joint_id, person_id, joined_at) VALUES (1, 1, 5), (1, 2, 0)")
    migrate(tx._connection)

    assert [(each.person_id, each.capacity_id, each.stakeholder) for each in map(run_of(tx), (12, 13))] == [
        (1, capacities.in_use(tx, 1), "forening")
    ] * 2
    assert kept(tx, 12) == ("forening", "havnen", None, "Koret")
    assert kept(tx, 13) == ("forening", "havnen", None, None)
    assert tx.count("SELECT sum(behind) AS n FROM runs WHERE person_id = 1") == 24
    assert tx.count("SELECT count(*) AS n FROM answers WHERE run_id = 12") == 1  # nothing went with the old table
    assert [tuple(row) for row in tx.all("SELECT person_id, capacity_id FROM joint_members ORDER BY person_id")] == [
        (1, capacities.in_use(tx, 1)),
        (2, None),
    ]
    # Who answered as the steering group: that stands, its own steps by the role; they are asked whom else they are.
    steering = capacities.of_person(tx, 3)
    assert [(each.stakeholder, each.in_use) for each in steering] == [("styregruppe", 0), (None, 1)]
    assert [run_of(tx)(number).capacity_id for number in (31, 32, 33)] == [steering[0].id, steering[0].id, None]
    assert {run_of(tx)(number).stakeholder for number in (31, 32, 33)} == {"styregruppe"}
    assert sorted(coverage_counters.of_process(tx, 1), key=str) == sorted(coverage_counters.recounted(tx, 1), key=str)


def run_of(tx: Tx) -> Any:
    def found(number: int) -> runs.Run:
        run = runs.by_id(tx, number)
        assert run is not None
        return run

    return found

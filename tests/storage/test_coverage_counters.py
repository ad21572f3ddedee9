"""Counters of coverage: whatever is done to people and runs, they are what a recount says."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import astuple
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from bot.features.coverage.service import GROUPS_OF_SPLIT
from bot.flows.model import SPEAK_FOR_MANY
from storage import capacities, coverage_counters, people, register, runs
from storage.coverage_counters import CoverageCounter, EntryCounter
from storage.db import Database, Tx, migrate
from tests.support.rows import NOW, began, came, keys, sent, standing, tell
from tests.support.sizes import examples

PROCESSES = (1, 2)
FLOWS = ("start", "plan", "linjer", "borger")  # whose start questions somebody is at is not counted
GROUPS = st.sampled_from([None, "frivillig", "forening", "ansat", "politiker"])

PROFILES = st.fixed_dictionaries(
    {
        "stakeholder": GROUPS,
        "area": st.sampled_from([None, "havnen", "nordby", "vil_ikke_svare"]),
        "department": st.sampled_from([None, "boern_skole"]),
        "front": st.sampled_from([None, 0, 1]),
        "size": st.sampled_from([None, "0-9", "100+"]),
    }
)


@pytest.fixture
def tx() -> Tx:
    return standing(processes=PROCESSES)


def counted(tx: Tx, process: int = 1) -> dict[tuple[str, str], tuple[int, int]]:
    """(flow, group) → started, sent."""
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for count in coverage_counters.of_process(tx, process):
        started, sent = found.get((count.flow, count.stakeholder), (0, 0))
        found[count.flow, count.stakeholder] = (started + count.started, sent + count.sent)
    return found


def agrees(tx: Tx) -> None:
    for process in PROCESSES:
        assert _in_order(coverage_counters.of_process(tx, process)) == _in_order(
            coverage_counters.recounted(tx, process)
        )
        assert _in_order(coverage_counters.of_entries(tx, process)) == _in_order(
            coverage_counters.entries_recounted(tx, process)
        )


def _in_order(counts: Sequence[CoverageCounter | EntryCounter]) -> list[tuple[Any, ...]]:
    return sorted(map(astuple, counts))


# --- what is counted --------------------------------------------------------------------------------------


def test_somebody_is_counted_from_their_yes_and_in_each_step_they_begin_and_send(tx: Tx) -> None:
    person = people.add(tx, 1, "p", "da", NOW)
    assert counted(tx) == {}
    people.accept_notice(tx, person, "v", NOW)
    runs.start(tx, person, "start", 1, NOW)
    assert counted(tx) == {}  # nobody knows whom of the groups came
    tell(tx, person, stakeholder="borger")
    assert counted(tx) == {("", "borger"): (1, 0)}
    run = runs.start(tx, person, "plan", 1, NOW)
    assert counted(tx) == {("", "borger"): (1, 0), ("plan", "borger"): (1, 0)}
    runs.mark_sent(tx, run.id, NOW)
    runs.mark_sent(tx, run.id, NOW + 1)  # a tap too many
    assert counted(tx) == {("", "borger"): (1, 0), ("plan", "borger"): (1, 1)}
    runs.withdraw(tx, run.id, NOW + 2)
    assert counted(tx) == {("", "borger"): (1, 0), ("plan", "borger"): (1, 0)}


def test_who_told_of_themselves_before_their_yes_is_counted_from_it(tx: Tx) -> None:
    person = people.add(tx, 1, "p", "da", NOW)
    tell(tx, person, stakeholder="borger")
    assert counted(tx) == {}
    people.accept_notice(tx, person, "v", NOW)
    people.accept_notice(tx, person, "v2", NOW)
    assert counted(tx) == {("", "borger"): (1, 0)}


def test_what_was_sent_stays_in_the_group_it_was_sent_as_and_drafts_follow(tx: Tx) -> None:
    person = came(tx, stakeholder="frivillig")
    run = sent(tx, person)
    runs.start(tx, person, "linjer", 1, NOW)
    tell(tx, person, stakeholder="borger")
    assert counted(tx) == {("", "borger"): (1, 0), ("plan", "frivillig"): (1, 1), ("linjer", "borger"): (1, 0)}
    runs.withdraw(tx, run, NOW + 2)  # a draft again
    assert counted(tx) == {("", "borger"): (1, 0), ("plan", "borger"): (1, 0), ("linjer", "borger"): (1, 0)}


def test_who_answers_in_two_capacities_is_counted_in_both_and_what_each_sent_in_its_own(tx: Tx) -> None:
    person = came(tx, stakeholder="frivillig")
    sent(tx, person)
    capacities.use(tx, person, None)
    assert counted(tx) == {("", "frivillig"): (1, 0), ("plan", "frivillig"): (1, 1)}
    tell(tx, person, stakeholder="forening")
    began(tx, person)
    both = {("", "frivillig"): (1, 0), ("", "forening"): (1, 0), ("plan", "frivillig"): (1, 1)}
    assert counted(tx) == {**both, ("plan", "forening"): (1, 0)}
    capacities.use(tx, person, capacities.of_group(tx, person, "frivillig"))
    assert counted(tx) == {**both, ("plan", "forening"): (1, 0)}
    agrees(tx)
    people.erase(tx, person)
    assert counted(tx) == {}


def test_a_step_of_the_steering_groups_is_counted_as_its_whoever_sends_it(tx: Tx) -> None:
    person = came(tx, stakeholder="frivillig")
    run = runs.start(tx, person, "justering", 1, NOW, by_role=True)
    runs.mark_sent(tx, run.id, NOW)
    tell(tx, person, stakeholder="borger")
    assert counted(tx) == {("", "borger"): (1, 0), ("justering", "styregruppe"): (1, 1)}
    runs.withdraw(tx, run.id, NOW + 2)
    assert counted(tx) == {("", "borger"): (1, 0), ("justering", "styregruppe"): (1, 0)}
    agrees(tx)


def test_a_table_counts_for_everybody_who_sat_there(tx: Tx) -> None:
    by, table = came(tx, stakeholder="ansat"), came(tx, stakeholder="borger")
    people.add_entered(tx, table, "table", 8, by)
    sent(tx, table)
    assert counted(tx) == {("", "ansat"): (1, 0), ("", "borger"): (8, 0), ("plan", "borger"): (8, 8)}
    people.recount_behind(tx, table, 6)
    assert counted(tx) == {("", "ansat"): (1, 0), ("", "borger"): (6, 0), ("plan", "borger"): (6, 6)}
    people.erase(tx, by)  # what they entered stays
    assert counted(tx) == {("", "borger"): (6, 0), ("plan", "borger"): (6, 6)}


def test_who_is_erased_leaves_no_count_and_who_stops_is_still_counted(tx: Tx) -> None:
    gone, stopped = came(tx, stakeholder="borger"), came(tx, stakeholder="leder")
    sent(tx, gone)
    sent(tx, stopped)
    people.stop(tx, stopped, NOW)
    people.erase(tx, gone)
    assert counted(tx) == {("", "leder"): (1, 0), ("plan", "leder"): (1, 1)}
    agrees(tx)


def test_an_entrys_size_is_counted_for_who_speaks_for_it_and_had_told_none(tx: Tx) -> None:
    party = register.put(
        tx,
        1,
        register.NewParty(name="Spejderne", folded="spejderne", kind="forening", source="by-hand", size="10-24"),
        NOW,
    )
    for size in (None, "100+"):
        people.speak_for(tx, came(tx, stakeholder="forening", size=size), party)
    assert sorted(count.size for count in coverage_counters.of_process(tx, 1)) == ["10-24", "100+"]
    agrees(tx)
    register.remove(tx, 1, party)
    agrees(tx)


def test_whoever_writes_a_row_it_is_counted(tx: Tx) -> None:
    person = tx.insert(
        """INSERT INTO people (process_id, pseudonym, language, notice_at, created_at, behind)
           VALUES (1, 'p', 'da', 1, 0, 4)"""
    )
    capacity = tx.insert(
        "INSERT INTO capacities (person_id, in_use, stakeholder) VALUES (:person, 1, 'borger')", person=person
    )
    tx.run(
        """INSERT INTO runs (person_id, capacity_id, flow, version, started_at, sent_at, stakeholder, behind)
           VALUES (:person, :capacity, 'plan', 1, 0, 1, 'borger', 4)""",
        person=person,
        capacity=capacity,
    )
    assert counted(tx) == {("", "borger"): (4, 0), ("plan", "borger"): (4, 4)}
    tx.run("UPDATE people SET process_id = 2 WHERE id = :person", person=person)
    assert counted(tx) == {}
    assert counted(tx, 2) == {("", "borger"): (4, 0), ("plan", "borger"): (4, 4)}
    tx.run("DELETE FROM people")
    assert counted(tx, 2) == {}
    agrees(tx)


def test_processes_are_counted_apart(tx: Tx) -> None:
    for process, times in ((1, 2), (2, 3)):
        for _ in range(times):
            sent(tx, came(tx, process, stakeholder="borger"))
    assert counted(tx, 1)["plan", "borger"] == (2, 2)
    assert counted(tx, 2)["plan", "borger"] == (3, 3)


def test_answers_of_the_same_entry_are_counted_of_whoever_speaks_for_many_and_associations_by_size(tx: Tx) -> None:
    splits = {(row["stakeholder"], row["split"]) for row in tx.all("SELECT stakeholder, split FROM entry_splits")}
    of_all = {(str(group), split) for group in SPEAK_FOR_MANY for split in ("", "stakeholder")}
    assert splits == of_all | {(group, "size") for group in GROUPS_OF_SPLIT["size"]}


# --- equal to a recount at all times ----------------------------------------------------------------------


class Counting(RuleBasedStateMachine):
    """Everything that storage does to people and runs, in any order, in transactions that may be taken back."""

    alive = Bundle("alive")
    listed = Bundle("listed")

    def __init__(self) -> None:
        super().__init__()
        self.tx = standing(processes=PROCESSES)
        self.number = 0

    @initialize(target=alive)
    def somebody_is_there(self) -> int:
        return came(self.tx)

    @rule(target=alive, process=st.sampled_from(PROCESSES), accepts=st.booleans())
    def comes(self, process: int, accepts: bool) -> int:
        self.number += 1
        person = people.add(self.tx, process, f"n{self.number}", "da", NOW + self.number % 3)
        if accepts:
            people.accept_notice(self.tx, person, "v", NOW)
        return person

    @rule(person=alive)
    def says_yes(self, person: int) -> None:
        people.accept_notice(self.tx, person, "v2", NOW)

    @rule(person=alive)
    def stops(self, person: int) -> None:
        people.stop(self.tx, person, NOW)

    @rule(person=alive, profile=PROFILES)
    def tells(self, person: int, profile: dict[str, Any]) -> None:
        told = people.by_id(self.tx, person)
        if told is None:
            return
        group = profile["stakeholder"]
        if group is not None and capacities.of_group(self.tx, person, group) not in (None, told.capacity_id):
            profile = {**profile, "stakeholder": told.stakeholder}  # one has a single capacity in each group
        tell(self.tx, person, **profile)

    @rule(person=alive, flow=st.sampled_from(FLOWS))
    def begins(self, person: int, flow: str) -> None:
        if people.by_id(self.tx, person) is not None:
            runs.start(self.tx, person, flow, 1, NOW)

    @rule(person=alive)
    def begins_by_role(self, person: int) -> None:
        if people.by_id(self.tx, person) is not None:
            runs.start(self.tx, person, "justering", 1, NOW, by_role=True)

    @rule(person=alive, group=GROUPS)
    def answers_as_another(self, person: int, group: str | None) -> None:
        """In the capacity they have, or a new one."""
        if people.by_id(self.tx, person) is not None:
            capacities.use(self.tx, person, capacities.of_group(self.tx, person, group) if group else None)

    @rule(person=alive, flow=st.sampled_from(FLOWS))
    def sends(self, person: int, flow: str) -> None:
        if people.by_id(self.tx, person) is not None:
            sent(self.tx, person, flow)

    @rule(person=alive)
    def takes_all_back(self, person: int) -> None:
        for run in runs.of_person(self.tx, person):
            runs.withdraw(self.tx, run.id, NOW)

    @rule(person=alive, by=alive, behind=st.integers(1, 9))
    def is_entered(self, person: int, by: int, behind: int) -> None:
        if people.by_id(self.tx, by) is not None:
            people.add_entered(self.tx, person, "table", behind, by)

    @rule(person=alive, behind=st.integers(1, 9))
    def is_counted_again(self, person: int, behind: int) -> None:
        people.recount_behind(self.tx, person, behind)

    @rule(target=listed, size=st.sampled_from([None, "0-9", "10-24"]))
    def is_listed(self, size: str | None) -> int:
        self.number += 1
        name = f"forening {self.number}"
        return register.put(
            self.tx, 1, register.NewParty(name=name, folded=name, kind="forening", source="by-hand", size=size), NOW
        )

    @rule(person=alive, party=st.one_of(st.none(), listed))
    def speaks_for(self, person: int, party: int | None) -> None:
        people.speak_for(self.tx, person, party)

    @rule(party=consumes(listed))
    def is_struck_off(self, party: int) -> None:
        register.remove(self.tx, 1, party)

    @rule(person=alive)  # who is gone may be acted on once more
    def is_erased(self, person: int) -> None:
        people.erase(self.tx, person)

    @rule(process=st.sampled_from(PROCESSES))
    def those_who_never_said_yes_are_erased(self, process: int) -> None:
        people.erase_never_accepted(self.tx, process, NOW + 2)

    @rule(person=alive, profile=PROFILES, flow=st.sampled_from(FLOWS))
    def does_much_that_comes_to_nothing(self, person: int, profile: dict[str, Any], flow: str) -> None:
        before = [_in_order(coverage_counters.of_process(self.tx, process)) for process in PROCESSES]

        def unit(_: Tx) -> None:
            self.tells(person, profile)
            self.begins(person, flow)
            self.sends(person, flow)
            self.is_erased(person)
            raise RuntimeError

        with suppress(RuntimeError):
            _in_savepoint(self.tx, unit)
        assert [_in_order(coverage_counters.of_process(self.tx, process)) for process in PROCESSES] == before

    @invariant()
    def counters_are_what_a_recount_says(self) -> None:
        agrees(self.tx)
        assert not self.tx.all("SELECT * FROM tally WHERE started < 0 OR sent < 0 OR sent > started")
        for counters in ("entry_tally", "further_tally"):
            assert not self.tx.all(f"SELECT * FROM {counters} WHERE started < 0 OR sent < 0 OR sent > started")


def _in_savepoint(tx: Tx, unit: Callable[[Tx], None]) -> None:
    """As `commit_together` does with what raises."""
    tx.run("SAVEPOINT unit")
    try:
        unit(tx)
    except BaseException:
        tx.run("ROLLBACK TO unit")
        raise
    finally:
        tx.run("RELEASE unit")


TestCounting = Counting.TestCase
TestCounting.settings = settings(derandomize=True, deadline=None, max_examples=examples(60), stateful_step_count=40)


async def test_who_raises_in_a_shared_commit_takes_their_own_counts_back(tmp_path: Path) -> None:
    def fails(tx: Tx) -> None:
        sent(tx, came(tx, stakeholder="leder"))
        raise RuntimeError

    async with opened(tmp_path) as database:
        units = (lambda tx: sent(tx, came(tx, stakeholder="borger")), fails, fails)
        results = await asyncio.gather(*map(database.write, units), return_exceptions=True)
        assert [type(result) for result in results] == [int, RuntimeError, RuntimeError]
        assert await database.read(counted) == {("", "borger"): (1, 0), ("plan", "borger"): (1, 1)}


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Database]:
    database = await Database.open(folder / "besyv.db", keys())
    await database.write(lambda tx: tx.run("INSERT INTO processes VALUES (1, 'eksempel', '{}', 1, 0)"))
    yield database
    await database.close()


# --- a database from before there were counters -----------------------------------------------------------


def counter(*values: object) -> CoverageCounter:
    names = [field.name for field in dataclasses.fields(CoverageCounter)]
    return CoverageCounter(**dict(zip(names, values, strict=True)))  # type: ignore[arg-type]  # a row of each


def test_a_database_with_people_in_it_is_counted_when_it_is_brought_up_to_date() -> None:
    tx = standing(at=2, processes=PROCESSES)
    for person, (process, group, notice) in enumerate(
        [(1, "frivillig", NOW), (1, "frivillig", NOW), (1, None, None), (1, "ansat", NOW), (2, "borger", NOW)], 1
    ):
        tx._connection.execute(
            """INSERT INTO people (id, process_id, pseudonym, language, stakeholder, front, area, notice_at,
                                   created_at) VALUES (?, ?, ?, 'da', ?, ?, 'havnen', ?, 0)""",
            (person, process, f"p{person}", group, 1 if group == "ansat" else None, notice),
        )
        for flow, at in (("start", NOW), ("plan", NOW if person != 2 else None)):
            if notice:
                tx._connection.execute(
                    "INSERT INTO runs (person_id, flow, version, started_at, sent_at) VALUES (?, ?, 1, 0, ?)",
                    (person, flow, at),
                )
    migrate(tx._connection)
    agrees(tx)
    assert coverage_counters.of_process(tx, 1) == [
        counter("", "ansat", "havnen", "", "", 1, 1, 0, 0, 0),
        counter("", "frivillig", "havnen", "", "", -1, 2, 0, 0, 0),
        counter("plan", "ansat", "havnen", "", "", 1, 1, 1, 1, 1),
        counter("plan", "frivillig", "havnen", "", "", -1, 2, 1, 2, 1),
    ]
    sent(tx, came(tx, stakeholder="frivillig"))  # and goes on counting
    assert counted(tx)["plan", "frivillig"] == (3, 2)
    agrees(tx)

"""People, answers and associations are three numbers, each counted once."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from storage import capacities, coverage_counters, people, register, runs
from storage.coverage_counters import PRESENT, FlowTotals
from storage.db import Tx
from tests.support.rows import NOW, came, standing, tell
from tests.support.sizes import examples

MANY = ("forening", "raad_center")
GROUPS = ("frivillig", "forening", "raad_center", "ansat")


def listed(tx: Tx, name: str) -> int:
    entry = register.NewParty(name=name, folded=name, kind="forening", source="by-hand")
    return register.put(tx, 1, entry, NOW)


def test_a_table_of_eight_that_answers_as_one_association_is_eight_people_one_answer_and_one_association() -> None:
    tx = standing()
    table = came(tx, stakeholder="forening")
    people.add_entered(tx, table, "table", 8, came(tx))
    runs.mark_sent(tx, runs.start(tx, table, "plan", 1, NOW).id, NOW)
    assert coverage_counters.totals(tx, 1, MANY)["plan"] == FlowTotals(8, 8, 1, 1, 1, 1)


def test_who_answers_in_two_capacities_is_one_person_with_two_answers() -> None:
    tx = standing()
    anna = came(tx, stakeholder="frivillig")
    runs.mark_sent(tx, runs.start(tx, anna, "plan", 1, NOW).id, NOW)
    capacities.use(tx, anna, None)
    tell(tx, anna, stakeholder="forening")
    runs.start(tx, anna, "plan", 1, NOW)
    assert coverage_counters.totals(tx, 1, MANY) == {
        PRESENT: FlowTotals(1, 0, 0, 0, 0, 0),
        "plan": FlowTotals(1, 1, 2, 1, 1, 0),
    }


def test_two_who_answer_for_the_same_entry_are_one_association() -> None:
    tx = standing()
    party = listed(tx, "nordby if")
    for _ in range(2):
        chair = came(tx, stakeholder="forening")
        people.speak_for(tx, chair, party)
        runs.mark_sent(tx, runs.start(tx, chair, "plan", 1, NOW).id, NOW)
    assert coverage_counters.totals(tx, 1, MANY)["plan"] == FlowTotals(2, 2, 2, 2, 1, 1)


STORIES = st.lists(
    st.tuples(
        st.integers(0, 5),  # who
        st.sampled_from(GROUPS),
        st.sampled_from(("plan", "linjer")),
        st.integers(-1, 2),  # for whom, if for anybody
        st.booleans(),  # whether they send
    ),
    max_size=25,
)


@given(STORIES)
@settings(max_examples=examples(80), deadline=None)
def test_each_is_what_a_count_by_hand_gives(story: list[tuple[int, str, str, int, bool]]) -> None:
    tx = standing()
    parties = [listed(tx, f"forening {number}") for number in range(3)]
    crowd = [came(tx) for _ in range(6)]
    for number, behind in ((0, 8), (1, 3)):
        people.add_entered(tx, crowd[number], "table", behind, crowd[5])
    for who, group, flow, party, sends in story:
        person = crowd[who]
        known = capacities.of_group(tx, person, group)
        capacities.use(tx, person, known)
        if known is None:
            tell(tx, person, stakeholder=group)
            people.speak_for(tx, person, parties[party] if party >= 0 else None)
        run = runs.start(tx, person, flow, 1, NOW)
        if sends:
            runs.mark_sent(tx, run.id, NOW)
    found = coverage_counters.totals(tx, 1, MANY)
    rows = tx.all("SELECT * FROM runs")
    for flow in ("plan", "linjer"):
        for measure, counted in (("started", rows), ("sent", [row for row in rows if row["sent_at"]])):
            here = [row for row in counted if row["flow"] == flow]
            of_many = [row for row in here if row["stakeholder"] in MANY]
            totals = found.get(flow, FlowTotals(0, 0, 0, 0, 0, 0))
            assert getattr(totals, f"people_{measure}") == sum(
                {row["person_id"]: row["behind"] for row in here}.values()
            )
            assert getattr(totals, f"answers_{measure}") == len(here)
            tied = {row["party_id"] for row in of_many if row["party_id"]}
            untied = [row for row in of_many if not row["party_id"]]
            assert getattr(totals, f"associations_{measure}") == len(tied) + len(untied)

"""Who has been heard, in numbers: all of them, for leader and deputy. What the steering group is shown of them:
test_published_numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.access import Role
from bot.dialogue.panel import Panel, PanelInput
from bot.features.coverage import advice
from bot.features.coverage import panel as coverage_panel
from bot.features.coverage import service as coverage
from bot.features.coverage.advice import Advice
from bot.features.coverage.service import GROUPS_OF_SPLIT, TOTAL, CoverageCell, CoverageNumber, RegisterCoverage
from bot.flows.schedule import DAY
from reports import heatmap
from storage import coverage_counters, people, published, register
from storage.db import Tx
from storage.published import Place
from storage.register import NewParty
from storage.step_overrides import StepOverride
from tests.support.coverage import FLOWS, Town, town
from tests.support.example import of_example, planned
from tests.support.rows import NOW, began, came, sent, standing
from tests.support.sizes import examples


def cell(
    present: int, started: int, sent: int, target: int | None = None, *, answers: int = -1, associations: int = -1
) -> CoverageCell:
    """As many answers as people, and no associations, where nothing else is said."""
    return CoverageCell(
        CoverageNumber(present),
        CoverageNumber(started),
        CoverageNumber(sent),
        CoverageNumber(sent if answers < 0 else answers),
        None if associations < 0 else CoverageNumber(associations),
        target,
    )


# --- what the leader sees ---------------------------------------------------------------------------------

VOLUNTEER = {"stakeholder": "frivillig", "area": "havnen"}
SMALL_CLUB = {"stakeholder": "forening", "area": "havnen", "size": "0-9"}
LARGE_CLUB = {"stakeholder": "forening", "area": "nordby", "size": "100+"}
TEACHER = {"stakeholder": "ansat", "department": "boern_skole", "front": 1, "area": "nordby"}
MANAGER = {"stakeholder": "leder", "department": "kultur_fritid"}
COUNCILLOR = {"stakeholder": "politiker"}
SECRETIVE = {"stakeholder": "borger", "area": "vil_ikke_svare"}

# Who, how many stand behind it, and how far they are in the plan: "" came in, b began, s sent.
TOWN: tuple[tuple[dict[str, Any], int, str], ...] = (
    (VOLUNTEER, 1, "s"),
    (VOLUNTEER, 1, "s"),
    (VOLUNTEER, 1, "b"),
    (SMALL_CLUB, 1, "s"),
    (LARGE_CLUB, 1, "b"),
    (TEACHER, 1, "s"),
    (TEACHER, 1, ""),
    (MANAGER, 1, "s"),
    (COUNCILLOR, 1, ""),
    (SECRETIVE, 8, "s"),
    ({}, 1, ""),
)


def hand_made() -> Tx:
    tx = standing()
    for profile, behind, far in TOWN:
        person = came(tx, **profile)
        people.recount_behind(tx, person, behind)
        if far:
            (sent if far == "s" else began)(tx, person)
    return tx


@pytest.mark.parametrize(
    ("place", "seen"),
    [
        (TOTAL, cell(17, 15, 13, answers=6, associations=1)),
        (("side", "civil"), cell(13, 13, 11, answers=4)),
        (("side", "municipal"), cell(4, 2, 2)),
        (("group", "frivillig"), cell(3, 3, 2)),
        (("group", "forening"), cell(2, 2, 1, associations=1)),
        (("group", "borger"), cell(8, 8, 8, answers=1)),  # a table of eight
        (("group", "raad_center"), cell(0, 0, 0)),
        (("group", "ansat"), cell(2, 1, 1)),
        (("group", "leder"), cell(1, 1, 1)),
        (("group", "politiker"), cell(1, 0, 0)),
        (("group", ""), cell(0, 0, 0)),  # has not told yet
        (("area", "havnen"), cell(4, 4, 3)),
        (("area", "nordby"), cell(1, 1, 0)),  # staff are not counted where they live
        (("area", ""), cell(8, 8, 8, answers=1)),  # will not say
        (("size", "0-9"), cell(1, 1, 1, associations=1)),
        (("size", "100+"), cell(1, 1, 0, associations=0)),
        (("department", "boern_skole"), cell(2, 1, 1)),
        (("department", "kultur_fritid"), cell(1, 1, 1)),
    ],
)
def test_the_leader_sees_every_number(place: Place, seen: CoverageCell) -> None:
    looked = coverage.look(hand_made(), 1, FLOWS)
    assert looked.cell("plan", place) == seen
    none = CoverageNumber(0)
    associations = None if seen.associations is None else none
    assert looked.cell("linjer", place) == replace(
        seen, started=none, sent=none, answers=none, associations=associations
    )


def test_each_split_lists_the_places_where_somebody_is() -> None:
    looked = coverage.look(hand_made(), 1, FLOWS)
    assert {split: looked.places(split) for split in GROUPS_OF_SPLIT} == {
        "area": ["", "havnen", "nordby"],
        "size": ["0-9", "100+"],
        "department": ["boern_skole", "kultur_fritid"],
    }


def test_a_target_stands_at_its_step_and_group_until_it_is_set_to_nothing() -> None:
    tx = hand_made()
    coverage_counters.set_target(tx, 1, "plan", "frivillig", 20)
    assert coverage.look(tx, 1, FLOWS).cell("plan", ("group", "frivillig")) == cell(3, 3, 2, 20)
    assert coverage.look(tx, 1, FLOWS).cell("linjer", ("group", "frivillig")) == cell(3, 0, 0)
    coverage_counters.set_target(tx, 1, "plan", "frivillig", 0)
    assert coverage.look(tx, 1, FLOWS).cell("plan", ("group", "frivillig")) == cell(3, 3, 2)


def test_where_nobody_is_there_is_nothing_to_see() -> None:
    looked = coverage.look(standing(), 1, FLOWS)
    assert (looked.flows, looked.cells) == (FLOWS, {})
    assert looked.cell("plan", TOTAL) == cell(0, 0, 0)


def test_a_step_that_is_opened_by_hand_for_one_group_has_begun() -> None:
    ahead = planned(of_example().model_copy(update={"steps": ()}))
    assert coverage.begun(ahead, 0) == []
    opened = StepOverride("linjer", "forening", "open", 0, 0, "p", "")
    assert coverage.begun(replace(ahead, changes=(opened,)), 0) == ["linjer"]
    for state in ("reading", "off"):
        assert coverage.begun(replace(ahead, changes=(replace(opened, state=state),)), 0) == []


# --- the register -----------------------------------------------------------------------------------------


def entry(tx: Tx, name: str, *, invited: bool = True, declined: bool = False) -> int:
    party = register.put(tx, 1, NewParty(name=name, folded=name, kind="forening", source="by-hand"), NOW)
    if invited:
        register.mark_invited(tx, 1, party, NOW)
    if declined:
        register.mark_declined(tx, 1, party, NOW)
    return party


def speaks(tx: Tx, party: int, far: str = "", flow: str = "plan") -> None:
    person = came(tx, stakeholder="forening")
    people.speak_for(tx, person, party)
    if far:
        (sent if far == "s" else began)(tx, person, flow)


def test_an_entry_stands_where_the_one_who_got_furthest_in_its_name_does() -> None:
    tx = standing(processes=(1, 2))
    entry(tx, "not invited", invited=False)
    entry(tx, "silent")
    entry(tx, "said no", declined=True)
    speaks(tx, entry(tx, "came"))
    speaks(tx, entry(tx, "came without being invited", invited=False), "b")
    several = entry(tx, "three speak for it")
    for far in ("", "b", "s"):
        speaks(tx, several, far)
    speaks(tx, entry(tx, "said no, and sent all the same", declined=True), "s")
    other = register.put(
        tx, 2, NewParty(name="another process", folded="another", kind="forening", source="by-hand"), NOW
    )
    speaks(tx, other, "s")  # who answers here for an entry of another process

    assert coverage.of_register(tx, 1) == RegisterCoverage(
        known=7, invited=5, opened=4, started=3, sent=2, declined=1, silent=2
    )  # came and has not begun: silent still
    missing = {heard.party.name for heard in register.progress(tx, 1, "") if coverage.is_missing(heard)}
    assert missing == {"not invited", "silent", "came", "came without being invited"}


def test_in_one_step_only_what_was_done_there_counts() -> None:
    tx = standing()
    party = entry(tx, "spejderne")
    speaks(tx, party, "s", "plan")
    speaks(tx, party, "b", "linjer")
    assert [
        (flow, heard.came, heard.started, heard.sent)
        for flow in ("", "plan", "linjer", "borger")
        for heard in register.progress(tx, 1, flow)
    ] == [
        ("", True, True, True),
        ("plan", True, True, True),
        ("linjer", True, True, False),
        ("borger", True, False, False),
    ]
    assert coverage.of_register(tx, 1, "borger") == RegisterCoverage(1, 1, 1, 0, 0, 0, 1)


def test_start_questions_alone_are_no_answer() -> None:
    tx = standing()
    party = entry(tx, "spejderne")
    speaks(tx, party, "s", "start")
    assert coverage.of_register(tx, 1) == RegisterCoverage(1, 1, 1, 0, 0, 0, 1)


# --- the leader's page ------------------------------------------------------------------------------------

Crowds = list[tuple[dict[str, Any], int, str, str]]  # profile, how many, how far they are in each step
PROFILES = (VOLUNTEER, SMALL_CLUB, LARGE_CLUB, TEACHER, MANAGER, COUNCILLOR, SECRETIVE)
HOW_FAR = st.sampled_from(["", "b", "s", "s"])
CROWDS = st.lists(st.tuples(st.sampled_from(PROFILES), st.sampled_from([1, 2, 5, 12]), HOW_FAR, HOW_FAR), max_size=14)


def people_come(tx: Tx, crowds: Crowds) -> None:
    """As many people, each like any other."""
    for profile, number, *progress in crowds:
        for _ in range(number):
            person = came(tx, **profile)
            for flow, far in zip(FLOWS, progress, strict=True):
                if far:
                    (sent if far == "s" else began)(tx, person, flow, NOW - 9 + FLOWS.index(flow))


def test_the_leader_is_told_the_evidence_as_it_is() -> None:
    here = town(Role.LEADER)
    people_come(
        here.tx, [(TEACHER, 2, "s", ""), (VOLUNTEER, 1, "s", ""), (SMALL_CLUB, 3, "s", ""), (COUNCILLOR, 1, "s", "")]
    )
    told = advice.checks(here.tx, here.session().plan, NOW, small=True)
    assert {check.advice: check.evidence for check in told} == {
        Advice.STEERING: {name: CoverageNumber(0) for name in ("members", "civil", "municipal", "volunteers")},
        Advice.FROM_THE_START: {"sent": CoverageNumber(4)},
        Advice.MAPPED: {"known": CoverageNumber(7), "small": CoverageNumber(3), "single": CoverageNumber(1)},
        Advice.STAFF: {"departments": CoverageNumber(1), "front": CoverageNumber(2)},
        Advice.POLITICIANS: {"sent": CoverageNumber(1)},
        Advice.ACROSS: {"departments": CoverageNumber(0)},
    }


def test_who_has_not_told_whom_they_answer_as_is_not_there_yet_even_for_the_leader() -> None:
    here = town()
    people_come(here.tx, [(VOLUNTEER, 12, "s", ""), ({"stakeholder": None}, 1, "", "")])
    looked = coverage.look(here.tx, 1, FLOWS)
    assert looked.cell("plan", TOTAL).present == looked.cell("plan", ("side", "civil")).present == CoverageNumber(12)
    assert looked.cell("plan", ("group", "")).present == CoverageNumber(0)


@pytest.mark.parametrize("role", [Role.LEADER, Role.STEERING])
def test_the_weekly_overview_says_what_the_page_says(role: Role) -> None:
    here = town(role)
    people_come(here.tx, [(VOLUNTEER, 3, "s", ""), (SECRETIVE, 9, "s", ""), (LARGE_CLUB, 30, "s", "")])
    shown = coverage_panel.show(here.session(NOW + DAY), (), PanelInput())
    assert isinstance(shown, Panel)
    assert coverage_panel.in_short(here.session(NOW + DAY)) == shown.body


# --- colours ----------------------------------------------------------------------------------------------


def picture(here: Town) -> dict[str, tuple[heatmap.HeatmapCell, ...]]:
    s = here.session(NOW + DAY)
    drawn = coverage_panel.heatmap_of(s, coverage_panel.look(s))
    return {label: cells for _, rows in drawn.bands for label, cells in rows}


@given(CROWDS)
@settings(derandomize=True, deadline=None, max_examples=examples(60))
def test_a_colour_says_no_more_than_the_numbers_that_are_shown(crowds: Crowds) -> None:
    here = town()
    people_come(here.tx, crowds)
    drawn = list(picture(here).values())
    for column in range(len(FLOWS)):
        cells = [cells[column] for cells in drawn if cells[column].share is not None]
        most = max((int(cell.label) for cell in cells if cell.label.isdecimal()), default=0)
        for cell in cells:
            assert cell.share == (0.1 if cell.label == "få" else int(cell.label) / most)


def test_a_small_number_has_the_same_colour_whatever_it_is_also_against_a_target() -> None:
    colours = set()
    for number in (0, 1, 2):  # two count as four at the most
        here = town()
        people_come(here.tx, [(VOLUNTEER, number, "s", ""), (LARGE_CLUB, 30, "s", "")])
        coverage_counters.set_target(here.tx, 1, "plan", "frivillig", 5)
        colours.add(picture(here)["Frivillig"][0])
    assert colours == {heatmap.HeatmapCell("få af 5", 0.1)} or colours == {heatmap.HeatmapCell("få", 0.1)}


# --- how it looks -----------------------------------------------------------------------------------------


def test_the_leader_sees_every_number_and_the_steering_group_what_is_published() -> None:
    crowds: Crowds = [
        (VOLUNTEER, 12, "s", "b"),
        (SECRETIVE, 3, "s", ""),
        (LARGE_CLUB, 9, "s", ""),
        (TEACHER, 8, "b", ""),
    ]
    tables = {}
    for role in (Role.LEADER, Role.STEERING):
        here = town(role)
        published.keep_secret(here.tx, 1, b"f")
        people_come(here.tx, crowds)
        shown = coverage_panel.show(here.session(NOW + DAY), (), PanelInput())
        assert isinstance(shown, Panel)
        assert shown.table is not None
        tables[role] = {row[0]: row[1:] for _, rows in shown.table.bands for row in rows}
    nobody = ("0", "0", "0")
    assert tables[Role.LEADER] == {
        "Frivillig": ("12", "12", "0"),
        "Forening": ("9", "9", "0"),
        "Borger": ("3", "3", "0"),
        "Ansat i kommunen": ("8", "0", "0"),
        "Frivilligråd eller frivilligcenter": nobody,
        "Leder i kommunen": nobody,
        "Byråd eller udvalg": nobody,
    }
    few = ("få", "få", "få")
    assert tables[Role.STEERING] == {
        "Frivillig": ("10", "10", "få"),
        "Forening": ("5", "5", "få"),
        "Borger": few,
        "Øvrige": ("5", "5", "få"),  # the citizens, and what is rounded off the others
        "Ansat i kommunen": few,  # who have begun, and sent nothing yet
        "Frivilligråd eller frivilligcenter": few,
        "Leder i kommunen": few,
        "Byråd eller udvalg": few,
    }

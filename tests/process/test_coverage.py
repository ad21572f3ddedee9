"""Who has been heard, in numbers: all of them for the leader; for the steering group those that give nobody away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.access import Role
from bot.dialogue.naming import step_of
from bot.dialogue.panel import Panel, PanelInput
from bot.dialogue.session import Context, Session, Visit, load
from bot.features import TABLES, process_file
from bot.features.coverage import advice
from bot.features.coverage import panel as coverage_panel
from bot.features.coverage import service as coverage
from bot.features.coverage.advice import Advice
from bot.features.coverage.cell_suppression import FEWEST, PLAUSIBLE
from bot.features.coverage.service import (
    CIVIL,
    GROUPS_OF_SPLIT,
    MUNICIPAL,
    TOTAL,
    CoverageCell,
    CoverageNumber,
    Place,
    RegisterCoverage,
)
from bot.process.file import ProcessFile
from bot.process.flows import shipped_flows
from bot.process.host import ProcessHost
from reports import heatmap
from storage import coverage_counters, people, register
from storage.db import Tx
from storage.register import NewParty
from storage.step_overrides import StepOverride
from tests.support.example import of_example, planned
from tests.support.rows import NOW, began, came, sent, standing
from tests.support.sizes import examples

FLOWS = ("plan", "linjer")


def cell(present: int, started: int, sent: int, target: int | None = None) -> CoverageCell:
    return CoverageCell(CoverageNumber(present), CoverageNumber(started), CoverageNumber(sent), target)


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
        (TOTAL, cell(17, 15, 13)),
        (("side", "civil"), cell(13, 13, 11)),
        (("side", "municipal"), cell(4, 2, 2)),
        (("group", "frivillig"), cell(3, 3, 2)),
        (("group", "forening"), cell(2, 2, 1)),
        (("group", "borger"), cell(8, 8, 8)),  # a table of eight
        (("group", "raad_center"), cell(0, 0, 0)),
        (("group", "ansat"), cell(2, 1, 1)),
        (("group", "leder"), cell(1, 1, 1)),
        (("group", "politiker"), cell(1, 0, 0)),
        (("group", ""), cell(0, 0, 0)),  # has not told yet
        (("area", "havnen"), cell(4, 4, 3)),
        (("area", "nordby"), cell(1, 1, 0)),  # staff are not counted where they live
        (("area", ""), cell(8, 8, 8)),  # will not say
        (("size", "0-9"), cell(1, 1, 1)),
        (("size", "100+"), cell(1, 1, 0)),
        (("department", "boern_skole"), cell(2, 1, 1)),
        (("department", "kultur_fritid"), cell(1, 1, 1)),
    ],
)
def test_the_leader_sees_every_number(place: Place, seen: CoverageCell) -> None:
    looked = coverage.look(hand_made(), 1, FLOWS, small=True)
    assert looked.cell("plan", place) == seen
    assert looked.cell("linjer", place) == replace(seen, started=CoverageNumber(0), sent=CoverageNumber(0))


def test_each_split_lists_the_places_where_somebody_is() -> None:
    looked = coverage.look(hand_made(), 1, FLOWS, small=True)
    assert {split: looked.places(split) for split in GROUPS_OF_SPLIT} == {
        "area": ["", "havnen", "nordby"],
        "size": ["0-9", "100+"],
        "department": ["boern_skole", "kultur_fritid"],
    }


def test_a_target_stands_at_its_step_and_group_until_it_is_set_to_nothing() -> None:
    tx = hand_made()
    coverage_counters.set_target(tx, 1, "plan", "frivillig", 20)
    assert coverage.look(tx, 1, FLOWS, small=True).cell("plan", ("group", "frivillig")) == cell(3, 3, 2, 20)
    assert coverage.look(tx, 1, FLOWS, small=True).cell("linjer", ("group", "frivillig")) == cell(3, 0, 0)
    coverage_counters.set_target(tx, 1, "plan", "frivillig", 0)
    assert coverage.look(tx, 1, FLOWS, small=True).cell("plan", ("group", "frivillig")) == cell(3, 3, 2)


def test_where_nobody_is_there_is_nothing_to_see() -> None:
    looked = coverage.look(standing(), 1, FLOWS, small=False)
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


# --- what the steering group is shown ---------------------------------------------------------------------


@dataclass
class Town:
    """A process with two steps under way, and somebody on its steering group, who answers nothing."""

    tx: Tx
    process_host: ProcessHost
    role: Role = Role.STEERING

    def session(self) -> Session:
        found = load(self.tx, Context(self.process_host, TABLES), Visit("terminal", self.role, NOW, NOW))
        assert found is not None
        return found


def two_steps() -> ProcessFile:
    return of_example().model_copy(update={"steps": tuple(s for s in of_example().steps if s.flow in FLOWS)})


SHIPPED = shipped_flows(two_steps())


def town(role: Role = Role.STEERING) -> Town:
    tx = standing(processes=())
    file = two_steps()
    written = file.model_dump(mode="json")
    file = ProcessFile.model_validate({**written, "steps": [{"flow": flow} for flow in FLOWS]})
    process_file.save(tx, file, SHIPPED, NOW)
    holder = people.add(tx, 1, "holder", "da", NOW)
    people.enter(tx, "terminal", role, holder, NOW)
    people.grant(tx, holder, role, NOW)
    return Town(tx, ProcessHost(file.process), role)


Fact = tuple[str, str, Place]  # what is counted, in which step, where; those who came in are of no step
Bounds = tuple[int, int]
FREE: Bounds = (0, 10_000)


class Attacker:
    """Reads all that the steering group is shown, and works with sums and with what is at most something else."""

    def __init__(self, town: Town) -> None:
        self.session = town.session()
        self.hidden: set[Fact] = set()
        self.fits: dict[Fact, Bounds] = {}
        self.read()
        self.work()

    # Reading

    def told(self, fact: Fact, figure: str) -> None:
        """The same fact may stand in several places."""
        if not figure.isdecimal():
            assert figure == "skjult", figure
            self.hidden.add(fact)
            least = 0 if fact[0] == "sent" else 1
            figure_bounds = (least, FREE[1])
        else:
            figure_bounds = (int(figure), int(figure))
        low, high = self.fits.get(fact, FREE)
        self.fits[fact] = (max(low, figure_bounds[0]), min(high, figure_bounds[1]))

    def read(self) -> None:
        s = self.session
        overview = coverage_panel.show(s, (), PanelInput())
        assert isinstance(overview, Panel)
        people_in, steps = overview.body[0].splitlines(), overview.body[1].splitlines()
        for place, line in zip((TOTAL, ("side", "civil"), ("side", "municipal")), people_in, strict=True):
            self.told(("present", "", place), line.partition(": ")[2].removesuffix(" personer").removesuffix(" person"))
        for flow, line in zip(FLOWS, steps, strict=True):
            self.both(flow, TOTAL, line)
        assert overview.table is not None
        rows = [row for _, band in overview.table.bands for row in band]
        for group, (_, present, *figures) in zip((*CIVIL, *MUNICIPAL, *self.rest(len(rows))), rows, strict=True):
            self.told(("present", "", ("group", group)), present)
            for flow, figure in zip(FLOWS, figures, strict=True):
                self.told(("sent", flow, ("group", group)), figure.replace("–", "0"))
        for split in GROUPS_OF_SPLIT:
            self.read_split(split)

    def rest(self, rows: int) -> list[str]:
        """The groups of neither side that are listed; by which ones there are, as a reader would."""
        looked = coverage.look(self.session.tx, 1, FLOWS, small=False)
        rest = [group for group in ("styregruppe", "") if ("plan", ("group", group)) in looked.cells]
        assert rows == len(CIVIL) + len(MUNICIPAL) + len(rest)
        return rest

    def read_split(self, split: str) -> None:
        shown = coverage_panel.show(self.session, (split,), PanelInput())
        assert isinstance(shown, Panel)
        assert shown.table is not None
        keys = coverage_panel._keys(self.session, coverage.look(self.session.tx, 1, FLOWS, small=False), split)
        for key, (_, *figures) in zip(keys, shown.table.bands[0][1], strict=True):
            for flow, figure in zip(FLOWS, figures, strict=True):
                self.told(("sent", flow, (split, key)), figure)
                self.fits.setdefault(("started", flow, (split, key)), (0, 0))  # unless it is listed below
        names = {coverage_panel.place_in(self.session, split, key): key for key in keys}
        for paragraph in shown.body:
            heading, *lines = paragraph.splitlines()
            step = next((flow for flow in FLOWS if heading == step_of(self.session, flow)), None)
            for line in lines if step is not None else ():
                name = line.removeprefix("• ").rpartition(": ")[0]
                assert step is not None
                self.fits.pop(("started", step, (split, names[name])), None)
                self.both(step, (split, names[name]), line)

    def both(self, flow: str, place: Place, line: str) -> None:
        started, sent = line.rpartition(": ")[2].split(", ")
        self.told(("started", flow, place), started.removesuffix(" begyndt"))
        self.told(("sent", flow, place), sent.removesuffix(" sendt"))

    # Working

    def work(self) -> None:
        """Bounds that follow from bounds, until nothing more follows."""
        places = {place for _, _, place in self.fits}
        sums = [(what, flow, parts, wholes) for what, flow in self.measures() for parts, wholes in self.sums(places)]
        before: dict[Fact, Bounds] = {}
        while before != self.fits:
            before = dict(self.fits)
            for what, flow, parts, wholes in sums:
                self.balance([(what, flow, p) for p in parts], [(what, flow, p) for p in wholes])
            for flow in FLOWS:
                for place in places:
                    self.no_more_than(("sent", flow, place), ("started", flow, place))
                    self.no_more_than(("started", flow, place), ("present", "", place))

    def measures(self) -> Iterator[tuple[str, str]]:
        yield "present", ""
        yield from ((what, flow) for what in ("started", "sent") for flow in FLOWS)

    def sums(self, places: set[Place]) -> Iterator[tuple[list[Place], list[Place]]]:
        def of(kind: str, keys: Any = None) -> list[Place]:
            return [place for place in places if place[0] == kind and (keys is None or place[1] in keys)]

        yield of("group"), [TOTAL]
        yield of("group", CIVIL), [("side", "civil")]
        yield of("group", MUNICIPAL), [("side", "municipal")]
        yield [("side", "civil"), ("side", "municipal"), *of("group", ("", "styregruppe"))], [TOTAL]
        for split, groups in GROUPS_OF_SPLIT.items():
            yield of(split), of("group", groups)

    def balance(self, parts: list[Fact], wholes: list[Fact]) -> None:
        for side, other in ((parts, wholes), (wholes, parts)):
            least, most = (sum(self.bounds(fact)[end] for fact in other) for end in (0, 1))
            for fact in side:
                rest = [self.bounds(beside) for beside in side if beside != fact]
                self.narrow(fact, least - sum(high for _, high in rest), most - sum(low for low, _ in rest))

    def no_more_than(self, less: Fact, more: Fact) -> None:
        self.narrow(less, 0, self.bounds(more)[1])
        self.narrow(more, self.bounds(less)[0], FREE[1])

    def narrow(self, fact: Fact, low: int, high: int) -> None:
        was = self.bounds(fact)
        self.fits[fact] = max(was[0], low), min(was[1], high)
        assert self.fits[fact][0] <= self.fits[fact][1], (fact, was, low, high)

    def bounds(self, fact: Fact) -> Bounds:
        return self.fits.get(fact, FREE)


PROFILE = st.one_of(
    st.fixed_dictionaries(
        {"stakeholder": st.sampled_from(["frivillig", "borger"]), "area": st.sampled_from(["havnen", "nordby", None])}
    ),
    st.fixed_dictionaries(
        {
            "stakeholder": st.just("forening"),
            "area": st.sampled_from(["havnen", "nordby"]),
            "size": st.sampled_from(["0-9", "10-24", "100+"]),
        }
    ),
    st.fixed_dictionaries(
        {
            "stakeholder": st.sampled_from(["ansat", "leder"]),
            "department": st.sampled_from(["boern_skole", "kultur_fritid", "job_social"]),
            "front": st.sampled_from([0, 1]),
        }
    ),
    st.fixed_dictionaries({"stakeholder": st.sampled_from(["politiker", "raad_center", "styregruppe", None])}),
)

Crowds = list[tuple[dict[str, Any], int, str, str]]  # profile, how many, how far they are in each step
HOW_FAR = st.sampled_from(["", "b", "s", "s"])
CROWDS = st.lists(st.tuples(PROFILE, st.sampled_from([1, 1, 2, 3, 4, 5, 7, 12]), HOW_FAR, HOW_FAR), max_size=14)


def people_come(tx: Tx, crowds: Crowds) -> None:
    """Rows like any others; how many stand behind one makes it many."""
    for profile, behind, *progress in crowds:
        person = came(tx, **profile)
        people.recount_behind(tx, person, behind)
        for flow, far in zip(FLOWS, progress, strict=True):
            if far:
                (sent if far == "s" else began)(tx, person, flow, NOW - 9 + FLOWS.index(flow))


@given(CROWDS)
@example(  # five volunteers have come in, four of them have begun, in two areas
    [
        ({"stakeholder": "frivillig", "area": "havnen"}, 1, "", ""),
        ({"stakeholder": "frivillig", "area": "havnen"}, 1, "", "b"),
        ({"stakeholder": "frivillig", "area": "nordby"}, 3, "", "s"),
        ({"stakeholder": "forening", "area": "havnen", "size": "0-9"}, 2, "", ""),
    ]
)
@settings(derandomize=True, deadline=None, max_examples=examples(120))
def test_from_all_that_the_steering_group_is_shown_nobody_works_out_a_number_under_five(
    crowds: Crowds,
) -> None:
    here = town()
    people_come(here.tx, crowds)
    attacker = Attacker(here)
    there = town()
    people_come(there.tx, [crowd for crowd in crowds if crowd[0]["stakeholder"] is not None])
    looked = coverage.look(there.tx, 1, FLOWS, small=True)

    for fact, (low, high) in attacker.fits.items():
        what, flow, place = fact
        value = getattr(looked.cell(flow or FLOWS[0], place), what).value
        assert low <= value <= high, fact
        if 0 < value < FEWEST:
            assert high >= FEWEST, (fact, value, (low, high))
            assert high - low + 1 >= PLAUSIBLE, (fact, value, (low, high))


@given(CROWDS)
@settings(derandomize=True, deadline=None, max_examples=examples(60))
def test_what_the_checks_give_as_evidence_tells_no_more_than_that(
    crowds: Crowds,
) -> None:
    here = town()
    people_come(here.tx, crowds)
    attacker = Attacker(here)
    evidence = {check.advice: check.evidence for check in advice.checks(here.tx, here.session().plan, NOW, small=False)}
    small, single = (evidence[Advice.MAPPED][name] for name in ("small", "single"))
    politicians, front = evidence[Advice.POLITICIANS]["sent"], evidence[Advice.STAFF]["front"]

    def shown(*places: Place) -> list[int]:
        """What the tables show of these places together, step by step."""
        facts = [[attacker.bounds(("sent", flow, place)) for place in places] for flow in FLOWS]
        return [sum(low for low, _ in step) for step in facts if all(low == high for low, high in step)]

    for number, places in (
        (single, [("group", "frivillig")]),
        (politicians, [("group", "politiker")]),
        (small, [("size", "0-9"), ("size", "10-24")]),
    ):
        assert not number.shown or number.value == max(shown(*places), default=0)
    assert not front.shown or front.value == 0
    asked = evidence[Advice.FROM_THE_START]["sent"]
    told = shown(("group", "frivillig"), ("group", "forening"))
    assert not asked.shown or asked.value == 0 or asked.value == told[0]  # nobody sent the plan too late here


def test_the_leader_is_told_the_evidence_as_it_is() -> None:
    here = town(Role.LEADER)
    people_come(
        here.tx, [(TEACHER, 2, "s", ""), (VOLUNTEER, 1, "s", ""), (SMALL_CLUB, 3, "s", ""), (COUNCILLOR, 1, "s", "")]
    )
    told = advice.checks(here.tx, here.session().plan, NOW, small=True)
    assert {check.advice: check.evidence for check in told} == {
        Advice.STEERING: {name: CoverageNumber(0) for name in ("members", "civil", "municipal", "volunteers")},
        Advice.FROM_THE_START: {"sent": CoverageNumber(4)},
        Advice.MAPPED: {"known": CoverageNumber(0), "small": CoverageNumber(3), "single": CoverageNumber(1)},
        Advice.STAFF: {"departments": CoverageNumber(1), "front": CoverageNumber(2)},
        Advice.POLITICIANS: {"sent": CoverageNumber(1)},
        Advice.ACROSS: {"departments": CoverageNumber(0)},
    }


def test_who_has_not_told_whom_they_answer_as_is_not_there_yet_even_for_the_leader() -> None:
    here = town()
    people_come(here.tx, [(VOLUNTEER, 12, "s", ""), ({"stakeholder": None}, 1, "", "")])
    everything, shown = (coverage.look(here.tx, 1, FLOWS, small=small) for small in (True, False))
    for looked in (everything, shown):
        assert (
            looked.cell("plan", TOTAL).present == looked.cell("plan", ("side", "civil")).present == CoverageNumber(12)
        )
        assert looked.cell("plan", ("group", "")).present == CoverageNumber(0)


def test_the_weekly_overview_says_what_the_page_says() -> None:
    here = town()
    people_come(here.tx, [(VOLUNTEER, 3, "s", ""), (SECRETIVE, 9, "s", ""), (LARGE_CLUB, 30, "s", "")])
    shown = coverage_panel.show(here.session(), (), PanelInput())
    assert isinstance(shown, Panel)
    assert coverage_panel.in_short(here.session()) == shown.body


# --- colours ----------------------------------------------------------------------------------------------


def picture(here: Town) -> dict[str, tuple[heatmap.HeatmapCell, ...]]:
    s = here.session()
    return {
        label: cells for _, rows in coverage_panel._heatmap(s, coverage_panel._look(s)).bands for label, cells in rows
    }


@given(CROWDS)
@settings(derandomize=True, deadline=None, max_examples=examples(60))
def test_a_colour_says_no_more_than_the_numbers_that_are_shown(
    crowds: Crowds,
) -> None:
    here = town()
    people_come(here.tx, crowds)
    drawn = list(picture(here).values())
    for column in range(len(FLOWS)):
        cells = [cells[column] for cells in drawn if cells[column].share is not None]
        most = max((int(cell.label) for cell in cells if cell.label.isdecimal()), default=0)
        for cell in cells:
            hidden = cell.label == "skjult"
            assert cell.share == (0.1 if hidden else int(cell.label) / most if most else 0.0)


def test_a_hidden_number_has_the_same_colour_whatever_it_is_also_against_a_target() -> None:
    colours = set()
    for number in (1, 2, 4):
        here = town()
        people_come(here.tx, [(VOLUNTEER, number, "s", ""), (SECRETIVE, 9, "s", ""), (LARGE_CLUB, 30, "s", "")])
        coverage_counters.set_target(here.tx, 1, "plan", "frivillig", 5)
        drawn = picture(here)
        colours.add((drawn["Frivillig"][0], drawn["Borger"][0]))
    assert colours == {(heatmap.HeatmapCell("skjult", 0.1), heatmap.HeatmapCell("skjult", 0.1))}


# --- how it looks -----------------------------------------------------------------------------------------


def test_the_leader_and_the_steering_group_are_shown_the_same_table_but_for_small_numbers() -> None:
    crowds: Crowds = [
        (VOLUNTEER, 12, "s", "b"),
        (SECRETIVE, 3, "s", ""),
        (LARGE_CLUB, 9, "s", ""),
        (TEACHER, 8, "b", ""),
    ]
    tables = {}
    for role in (Role.LEADER, Role.STEERING):
        here = town(role)
        people_come(here.tx, crowds)
        shown = coverage_panel.show(here.session(), (), PanelInput())
        assert isinstance(shown, Panel)
        assert shown.table is not None
        tables[role] = {row[0]: row[1:] for _, rows in shown.table.bands for row in rows}
    nobody = ("0", "0", "0")
    neither = {"Frivilligråd eller frivilligcenter": nobody, "Leder i kommunen": nobody, "Byråd eller udvalg": nobody}
    assert tables[Role.LEADER] == neither | {
        "Frivillig": ("12", "12", "0"),
        "Forening": ("9", "9", "0"),
        "Borger": ("3", "3", "0"),
        "Ansat i kommunen": ("8", "0", "0"),
    }
    assert tables[Role.STEERING] == neither | {
        "Frivillig": ("skjult", "skjult", "0"),  # with the citizens, who would else be what is left of the total
        "Forening": ("9", "9", "0"),
        "Borger": ("skjult", "skjult", "0"),
        "Ansat i kommunen": ("8", "0", "0"),
    }

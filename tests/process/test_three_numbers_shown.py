"""A table of eight that answers as one association: eight people, one answer, one association, wherever it shows."""

from __future__ import annotations

from bot.access import Role
from bot.dialogue.panel import Panel, PanelInput
from bot.features.coverage import advice, publication
from bot.features.coverage import panel as coverage_panel
from storage import capacities, coverage_counters, people, published, register
from storage.register import NewParty
from tests.support.coverage import Town, town
from tests.support.rows import NOW, came, sent, tell


def a_table_of_eight(here: Town) -> None:
    table = came(here.tx, stakeholder="forening", area="havnen", size="0-9")
    people.add_entered(here.tx, table, "table", 8, came(here.tx))
    sent(here.tx, table)


def shown(here: Town, *args: str) -> Panel:
    panel = coverage_panel.show(here.session(NOW), args, PanelInput())
    assert isinstance(panel, Panel)
    return panel


def test_on_the_page_and_in_the_weekly_overview() -> None:
    here = town(Role.LEADER)
    a_table_of_eight(here)
    told = "8 er begyndt, 8 har sendt svar (1 svar, heraf 1 fra foreninger og råd)"
    assert told in "\n".join(shown(here).body)
    assert told in "\n".join(coverage_panel.in_short(here.session(NOW)))


def test_in_the_tables_associations_are_counted_and_the_people_behind_them_told() -> None:
    here = town(Role.LEADER)
    a_table_of_eight(here)
    table = shown(here).table
    assert table is not None
    rows = {row[0]: row[1:] for _, band in table.bands for row in band}
    assert rows["Forening"][1] == "1 (8 personer)"
    sizes = shown(here, "size").table
    assert sizes is not None
    assert [row[1] for _, band in sizes.bands for row in band if row[1] != "0"] == ["1 (8 personer)"]


def test_in_the_picture_and_against_the_target() -> None:
    here = town(Role.LEADER)
    a_table_of_eight(here)
    coverage_counters.set_target(here.tx, 1, "plan", "forening", 4)
    s = here.session(NOW)
    drawn = coverage_panel.heatmap_of(s, coverage_panel.look(s))
    cells = {name: cells for _, rows in drawn.bands for name, cells in rows}
    assert (cells["Forening"][0].label, cells["Forening"][0].share) == ("1", 0.25)


def test_in_the_guides_advice() -> None:
    here = town(Role.LEADER)
    a_table_of_eight(here)
    checks = {check.advice: check for check in advice.checks(here.tx, here.session(NOW).plan, NOW, small=True)}
    assert checks[advice.Advice.MAPPED].evidence["small"].value == 1


def test_in_the_guides_advice_an_association_is_one_whoever_answered_for_it() -> None:
    here = town(Role.LEADER)
    party = register_entry(here)
    for _ in range(2):
        chair = came(here.tx, stakeholder="forening")
        people.speak_for(here.tx, chair, party)
        sent(here.tx, chair, at=NOW - 2)
    sent(here.tx, came(here.tx, stakeholder="forening"), at=NOW - 2)  # it names none
    sent(here.tx, came(here.tx, stakeholder="frivillig"), at=NOW - 2)
    checks = {check.advice: check for check in advice.checks(here.tx, here.session(NOW).plan, NOW, small=True)}
    assert checks[advice.Advice.FROM_THE_START].evidence["sent"].value == 3


def register_entry(here: Town) -> int:
    new = NewParty(name="Koret", folded="koret", kind="forening", source="by-hand")
    return register.put(here.tx, 1, new, NOW - 9)


def test_who_answers_in_two_capacities_is_one_person_on_a_side_and_in_an_area() -> None:
    """«Vil ikke svare» and nothing told are one place: nobody knows."""
    here = town(Role.LEADER)
    for areas in (("havnen", "havnen"), ("vil_ikke_svare", None)):
        anna = came(here.tx, stakeholder="frivillig", area=areas[0])
        sent(here.tx, anna)
        capacities.use(here.tx, anna, None)
        tell(here.tx, anna, stakeholder="forening", area=areas[1])
        sent(here.tx, anna)
    told = "\n".join(shown(here).body)
    assert "Deltagere i alt: 2 personer\nForeninger, frivillige og borgere: 2 personer\nKommunen: ingen" in told
    areas_told = "\n".join(shown(here, "area").body)
    assert (
        "• Havnen: 1 er begyndt, 1 har sendt svar" in areas_told
        and "• Ikke oplyst: 1 er begyndt, 1 har sendt svar" in areas_told
    )


def test_so_they_are_in_what_is_published() -> None:
    here = town()
    anna = came(here.tx, stakeholder="frivillig", area="havnen")
    sent(here.tx, anna)
    for group, area in (("forening", "havnen"), ("ansat", "nordby")):
        capacities.use(here.tx, anna, None)
        tell(here.tx, anna, stakeholder=group, area=area)
        sent(here.tx, anna)
    sums = publication.blurred(published.who_sent(here.tx, 1, NOW), _counts_everybody_once())
    of_area = {place: people for (_, place), people in sums.items() if place[0] == "area"}
    assert of_area == {("area", "havnen"): 1}  # staff are asked for a department
    assert [sums["plan", ("side", "civil")], sums["plan", ("whole", "area")]] == [1, 1]


def _counts_everybody_once() -> bytes:
    """A secret under which nobody is left out or counted twice here."""
    secrets = (bytes([n]) for n in range(256))
    return next(each for each in secrets if publication.counts_as(each, 1) == 1)

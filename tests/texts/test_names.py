"""Two ways of writing one name are one name; names stand as in a Danish list; what was typed finds what was meant."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.texts.names import alike, folded, sort_key

NAMES = st.one_of(
    st.text(max_size=30),
    st.text("aAåÅäæÆøöéÉü &-.'«»19", max_size=12),
    st.text("aA\u030a\u0308\u0301oOßİŉΣς\u0345\u0591क्", max_size=8),
)


# --- what is the same name --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Røde Kors", "røde kors"),
        ("Aarhus Svømmeklub", "Århus svømmeklub"),
        ("AABENRAA", "Åbenrå"),
        ("Café Danmark", "Cafe Danmark"),
        ("Müllers Venner", "Mullers venner"),
        ("Malmö", "Malmø"),
        ("Ängel", "Ængel"),
        ("Børn & Unge", "Børn og Unge"),
        ("B.K. Frem", "BK Frem"),
        ("Nørre-Snede IF", "Nørre Snede I.F."),
        ("Nord – Syd", "Nord-Syd"),
        ("«Glade Børn»", '"Glade børn"'),
        ("Sct. Hans\u00a0Klub", "Sct Hans Klub"),
        ("A\u030abenra\u030a", "Åbenrå"),
        ("'s Venner", "s venner"),
        ("STRAẞE", "strasse"),
    ],
)
def test_these_are_one_name(one: str, other: str) -> None:
    assert folded(one) == folded(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Foreningen Norden", "Norden"),
        ("Håb", "Hab"),
        ("Bøn", "Bon"),
        ("Æble", "Able"),
        ("Røde Kors", "Roede Kors"),
        ("3F", "4F"),
        ("★", "☆"),
    ],
)
def test_these_are_two_names(one: str, other: str) -> None:
    assert folded(one) != folded(other)


@given(NAMES)
def test_folding_twice_changes_nothing(name: str) -> None:
    assert folded(folded(name)) == folded(name)


@given(NAMES)
def test_only_a_name_in_which_nothing_stands_folds_to_nothing(name: str) -> None:
    assert (folded(name) == "") == (name.strip() == "")


# --- order ------------------------------------------------------------------------------------------------

# As ICU sorts them for Denmark (PyICU 2.17, ICU 72.1) [measured].
LISTS = [
    "10. klasse|3F|Aby|Zealand|Ængel|Ängel|Ærø|Ølund|Ölund|Ørsted|Øster|aa|Åbenrå|Aarhus",
    "Cafe|Café|Cafeen|Çelik|Dalum|Élan|Elba|Søren",
    "Mullah|Myg|Myller|Müller|Myllerup|Nord",
    "Dansk Ø|Dansk Aaben|Danskerne|Dansø",  # word by word
    "Adelen|ADHD|adhokrati",
]


@pytest.mark.parametrize("listed", LISTS)
def test_names_stand_as_in_a_danish_list(listed: str) -> None:
    names = listed.split("|")
    assert sorted(random.Random(3).sample(names, len(names)), key=sort_key) == names


def test_quotes_and_points_do_not_move_a_name() -> None:
    assert sorted(["Fyn", "«Glade» børn", "Gule Ærter", "- F.C. Nord"], key=sort_key) == [
        "- F.C. Nord",
        "Fyn",
        "«Glade» børn",
        "Gule Ærter",
    ]


@given(st.lists(NAMES, max_size=6), st.randoms(use_true_random=False))
def test_every_order_of_names_is_sorted_into_the_same(names: list[str], chance: random.Random) -> None:
    shuffled = chance.sample(names, len(names))
    assert sorted(shuffled, key=sort_key) == sorted(names, key=sort_key)


@given(NAMES, NAMES)
def test_only_one_text_has_one_key(one: str, other: str) -> None:
    assert (sort_key(one) == sort_key(other)) == (one == other)


@given(st.text("aAåÅäÆæøÖöéÉüZz &-.'«»19", max_size=12))
def test_case_does_not_move_a_name_past_another(name: str) -> None:
    assert sort_key(name)[:2] == sort_key(name.upper())[:2]


# --- what was meant ---------------------------------------------------------------------------------------

TOWN = [
    (1, "Røde Kors Ungdom i Odense"),
    (2, "Dansk Røde Kors"),
    (3, "Røde Kors"),
    (4, "Rode Kors' Venner"),
    (5, "Aarhus Boldklub"),
    (6, "Ældresagen"),
    (7, "★"),
]


@pytest.mark.parametrize(
    ("wanted", "meant"),
    [
        ("røde kors", [3, 1, 2]),  # the same, begins with it, holds it
        ("RØDE-KORS", [3, 1, 2]),
        ("Røde Kros", [3]),
        ("Ældre Sagen", [6]),
        ("Ældesagen", [6]),
        ("århus", [5]),
        ("Århus Boldklubb", [5]),
        ("★", [7]),
        ("skakklub", []),
        ("", []),
        (" ", []),
    ],
)
def test_what_was_typed_finds_what_may_be_meant_the_likeliest_first(wanted: str, meant: list[int]) -> None:
    assert alike(wanted, TOWN, 9) == meant


def test_no_more_are_named_than_were_asked_for() -> None:
    assert alike("røde kors", TOWN, 2) == [3, 1]


def test_of_equally_likely_ones_the_first_comes_first() -> None:
    assert alike("klub", [("b", "Klub B"), ("a", "Klub A")], 5) == ["b", "a"]

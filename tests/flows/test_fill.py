"""What a form makes of an answer (`engine.fill`), on every question of every shipped flow."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.flows import engine
from bot.flows.engine import Answer, Filled, Part, Refusal
from bot.flows.model import Kind, Question, Respondent
from tests.flows.material import flows
from tests.flows.test_engine_properties import NASTY, asked_of

ASKED = [(question, respondent) for flow in flows().values() for question in flow for respondent in asked_of(question)]
FORMS = st.builds(
    Filled,
    st.lists(NASTY, max_size=4).map(tuple),
    st.lists(st.integers(-1, 15), max_size=4).map(tuple),
    st.booleans(),
)


def one_of(kind: Kind, *, other: bool = False) -> tuple[Question, Respondent]:
    return next((q, who) for q, who in ASKED if q.kind is kind and q.other is other)


@given(st.sampled_from(ASKED), FORMS)
def test_the_same_form_twice_is_as_once(asked: tuple[Question, Respondent], form: Filled) -> None:
    question, who = asked
    once = engine.fill(question, who, Answer(question.id), form)
    assume(isinstance(once, Answer))
    assert isinstance(once, Answer)
    again = engine.fill(question, who, once, form)
    if question.other and once.open and not once.parts:
        assert again in (once, Refusal("empty"))  # we have asked what «Andet» is
    else:
        assert again == once


@given(st.sampled_from(ASKED), FORMS)
def test_only_a_form_that_is_not_done_leaves_an_answer_open(asked: tuple[Question, Respondent], form: Filled) -> None:
    question, who = asked
    outcome = engine.fill(question, who, Answer(question.id), form)
    if isinstance(outcome, Answer) and form.done:
        assert not outcome.is_empty
        assert not outcome.open or (question.other and not outcome.parts)


@pytest.mark.parametrize("kind", list(Kind))
def test_an_empty_form_is_refused_in_the_words_of_its_kind(kind: Kind) -> None:
    question, who = next((q, who) for q, who in ASKED if q.kind is kind)
    written = kind in (Kind.TEXT, Kind.IDEAS, Kind.CONTACT)
    assert engine.fill(question, who, Answer(question.id), Filled()) == Refusal(
        "empty" if written else "nothing-chosen"
    )


@pytest.mark.parametrize("kind", [Kind.SINGLE, Kind.MULTI, Kind.RANKING, Kind.SCALE, Kind.YES_NO])
@pytest.mark.parametrize("place", [-1, 99, 999])
def test_a_place_that_is_no_choice_is_refused(kind: Kind, place: int) -> None:
    question, who = next((q, who) for q, who in ASKED if q.kind is kind)
    assert engine.fill(question, who, Answer(question.id), Filled(places=(place,))) == Refusal("not-a-choice")


@pytest.mark.parametrize(
    ("texts", "refusal"),
    [
        (("x" * (engine.MAX_FIELD + 1),), "too-long"),
        (("x" * engine.MAX_FIELD, "y" * engine.MAX_FIELD, "z"), "too-long"),
        (tuple(f"Idé {n}" for n in range(engine.MAX_PARTS + 1)), "too-many"),
        (("Mit nummer er 010203-1234",), "cpr"),
        (("010203", "1234"), "cpr"),
    ],
)
def test_ideas_that_cannot_be_kept_are_refused(texts: tuple[str, ...], refusal: engine.RefusalCode) -> None:
    question, who = one_of(Kind.IDEAS)
    assert engine.fill(question, who, Answer(question.id), Filled(texts)) == Refusal(refusal)


def test_a_field_of_exactly_the_most_is_taken() -> None:
    question, who = one_of(Kind.TEXT)
    outcome = engine.fill(question, who, Answer(question.id), Filled(("x" * engine.MAX_FIELD,)))
    assert isinstance(outcome, Answer)


def test_more_ticks_than_may_be_made_are_refused() -> None:
    question, who = next((q, who) for q, who in ASKED if q.most == 3)
    form = Filled(places=(0, 1, 2, 3))
    assert engine.fill(question, who, Answer(question.id), form) == Refusal("too-many-chosen")


def test_words_beside_another_choice_than_the_other_are_both() -> None:
    question, who = one_of(Kind.SINGLE, other=True)
    assert engine.fill(question, who, Answer(question.id), Filled(("Skak",), (0,))) == Refusal("both")


def test_a_part_from_telegram_keeps_its_number_while_its_words_stand() -> None:
    question, who = one_of(Kind.IDEAS)
    stored = Answer(question.id, (Part("Bænke", 7), Part("Træer", 8)))
    outcome = engine.fill(question, who, stored, Filled(("Bænke", "Buske")))
    assert isinstance(outcome, Answer)
    assert outcome.parts == (Part("Bænke", 7), Part("Buske"))


@pytest.mark.parametrize("kind", [Kind.SINGLE, Kind.SCALE, Kind.YES_NO])
def test_a_typed_label_is_its_choice(kind: Kind) -> None:
    question, who = next((q, who) for q, who in ASKED if q.kind is kind)
    choice = engine.options(question, who)[0]
    outcome = engine.fill(question, who, Answer(question.id), Filled((choice.label.da,)))
    assert outcome == Answer(question.id, keys=(choice.key,))


@given(st.sampled_from([a for a in ASKED if a[0].kind is Kind.IDEAS]))
def test_an_empty_form_that_is_not_done_leaves_nothing_where_nothing_was(asked: tuple[Question, Respondent]) -> None:
    question, who = asked
    none = Answer(question.id)
    assert engine.fill(question, who, none, replace(Filled(), done=False)) == none

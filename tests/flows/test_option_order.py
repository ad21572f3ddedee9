"""Options turned round for half of the runs, the same each time; what is meant is what stood there."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.flows import check, engine, option_order
from bot.flows.engine import Answer, Filled, Picked, Refusal, Said
from bot.flows.model import OTHER, Audience, Choice, Flow, Question, QuestionKind, Respondent, Wording

LABELS = ("Møder", "Kurser", "Penge", "Lokaler", "Hjælp til regnskab")


def _question(kind: QuestionKind = QuestionKind.MULTI, order: str | None = "free", **more: Any) -> Question:
    values: dict[str, Any] = {
        "id": "T1",
        "kind": kind,
        "who": (Audience.ALLE,),
        "text": Wording(da="Hvad?", en="What?"),
        "theme": "need",
        "choices": (
            *(Choice(key=f"c{place}", label=Wording(da=label, en=label)) for place, label in enumerate(LABELS)),
            Choice(key="ved_ikke", label=Wording(da="Ved ikke", en="Don't know")),
        ),
        "other": True,
        "order": order,
    }
    return Question(**(values | more))


def _flow(question: Question) -> Flow:
    return Flow(flow="proeve", step="plan", title=Wording(da="Prøve", en="Trial"), questions=(question,))


def _shown(question: Question, run: int) -> tuple[Choice, ...]:
    options = engine.options(question)
    order = option_order.places(question, reverse=option_order.is_reversed(question, run))
    return tuple(options[place] for place in order)


RUNS = st.integers(1, 10**9)
ORDERS = st.sampled_from(["free", "fixed", None])
KINDS = st.sampled_from([QuestionKind.SINGLE, QuestionKind.MULTI])


def test_half_of_the_runs_see_them_in_reverse_and_which_half_differs_from_question_to_question() -> None:
    first, second = _question(), _question(id="T2")
    turned = [(option_order.is_reversed(first, run), option_order.is_reversed(second, run)) for run in range(1, 4001)]
    for way in ((False, False), (False, True), (True, False), (True, True)):
        assert 900 < turned.count(way) < 1100


def test_runs_begun_one_after_the_other_do_not_take_turns() -> None:
    """A person's runs often have every second number: who is asked one thing more must not always see one order."""
    turned = [option_order.is_reversed(_question(), run) for run in range(2, 4001, 2)]
    assert 900 < turned.count(True) < 1100


@given(RUNS)
def test_every_section_is_asked_about_in_one_order(run: int) -> None:
    one, other = _question(id="T1.tidlig"), _question(id="T1.sen")
    assert option_order.is_reversed(one, run) is option_order.is_reversed(other, run)


@given(RUNS, KINDS, ORDERS)
def test_all_options_are_shown_once_and_what_stays_last_stays_last(run: int, kind: QuestionKind, order: str) -> None:
    question = _question(kind, order)
    keys = [choice.key for choice in _shown(question, run)]
    assert sorted(keys) == sorted(question.keys)
    assert keys[-2:] == ["ved_ikke", OTHER]
    written = [choice.key for choice in engine.options(question)]
    assert keys[:-2] in (written[:-2], written[-3::-1])
    if order != "free":
        assert keys == written


def test_a_choice_stays_last_by_its_key_by_standing_alone_and_by_its_mark() -> None:
    choices = (
        Choice(key="alt", label=Wording(da="Det hele", en="All of it"), exclusive=True),
        Choice(key="a", label=Wording(da="A", en="A")),
        Choice(key="ingen_af_dem", label=Wording(da="Ingen af dem", en="None"), last=True),
        Choice(key="b", label=Wording(da="B", en="B")),
        Choice(key="vil_ikke_svare", label=Wording(da="Vil ikke svare", en="I would rather not say")),
    )
    question = _question(choices=choices, other=False)
    both = [option_order.places(question, reverse=reverse) for reverse in (False, True)]
    assert both == [(1, 3, 0, 2, 4), (3, 1, 0, 2, 4)]


@given(RUNS, KINDS, ORDERS, st.integers(0, 6))
def test_the_key_chosen_is_the_key_stored_however_it_is_chosen(
    run: int, kind: QuestionKind, order: str, place: int
) -> None:
    """By its button, its number in what is seen, its label, its box: the same choice."""
    question = _question(kind, order)
    seen = _shown(question, run)
    wanted = seen[place]
    written = engine.options(question).index(wanted)

    def shown(_: Question) -> tuple[Choice, ...]:
        return seen

    outcomes = [
        engine.take_turn(_flow(question), Respondent(), {}, turn, None, shown)
        for turn in (Picked(written), Said(str(place + 1)), Said(wanted.label.da))
    ]
    outcomes += [
        engine.fill(question, Answer("T1"), filled, shown)
        for filled in (Filled(places=(written,)), Filled((str(place + 1),)))
    ]
    for outcome in outcomes:
        assert not isinstance(outcome, Refusal)
        assert outcome.keys == (wanted.key,)


@given(RUNS, ORDERS, st.integers(0, 4), st.integers(0, 4))
def test_a_number_that_is_edited_means_the_place_that_was_seen(run: int, order: str, first: int, then: int) -> None:
    question = _question(QuestionKind.SINGLE, order, other=False)
    seen = _shown(question, run)
    given = engine.take_turn(_flow(question), Respondent(), {}, Said(str(first + 1), 1), None, lambda _: seen)
    assert isinstance(given, Answer)
    corrected = engine.correct(_flow(question), {"T1": given}, Said(str(then + 1), 1), lambda _: seen)
    assert isinstance(corrected, Answer)
    assert corrected.keys == (seen[then].key,)


@pytest.mark.parametrize("kind", [QuestionKind.SCALE, QuestionKind.YES_NO, QuestionKind.RANKING, QuestionKind.TEXT])
def test_other_questions_have_one_order(kind: QuestionKind) -> None:
    with pytest.raises(ValueError, match="`order` belongs to single and multi"):
        _question(
            kind, choices=() if kind in (QuestionKind.SCALE, QuestionKind.YES_NO) else _question().choices, other=False
        )


GRADED = ("Hver dag", "Hver uge", "Sjældent")


@pytest.mark.parametrize(
    ("labels", "order", "doubted"),
    [
        (LABELS, None, ["T1: 5 choices; is their order `free` or `fixed`?"]),
        (LABELS, "free", []),
        (LABELS, "fixed", []),
        (LABELS[:4], None, []),
        ((*GRADED, "Om aftenen", "I ferien"), None, []),
        (GRADED, "free", ["T1: `order: free`, and its choices look like a scale: Hver dag, Hver uge, Sjældent"]),
        (GRADED, "fixed", []),
        (
            (*LABELS, "Ingen af dem"),
            "free",
            ["T1: `order: free`, and Ingen af dem does not stay last; is it `last: true`?"],
        ),
    ],
)
def test_an_order_that_may_not_be_meant_is_asked_about(
    labels: tuple[str, ...], order: str | None, doubted: list[str]
) -> None:
    choices = tuple(Choice(key=f"c{at}", label=Wording(da=label, en=label)) for at, label in enumerate(labels))
    assert check.doubts(_flow(_question(order=order, choices=choices))) == doubted

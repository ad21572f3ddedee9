"""A whole form at once: what it makes of a question's answer, by tables and by rules that always hold."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.flows import engine
from bot.flows.engine import MAX_FIELD, Answer, Filled, NotTogether, Part, Refusal, fill
from bot.flows.model import OTHER, Audience, Choice, Question, QuestionKind, Respondent, Wording

ANYBODY = Respondent()
LETTERS = ("Alfa", "Bravo", "Charlie")


def _question(kind: QuestionKind, **more: Any) -> Question:
    needs = kind in (QuestionKind.SINGLE, QuestionKind.MULTI, QuestionKind.RANKING)
    choices = tuple(Choice(key=label.lower(), label=Wording(da=label, en=label)) for label in LETTERS)
    values: dict[str, Any] = {
        "id": "T1",
        "kind": kind,
        "who": (Audience.ALLE,),
        "text": Wording(da="Hvad?", en="What?"),
        "theme": "test",
        "choices": choices if needs else (),
        "apart": kind is QuestionKind.CONTACT,
        **more,
    }
    return Question(**values)


NEW = Answer("T1")


def _said(*texts: str) -> Answer:
    return Answer("T1", tuple(Part(text, n) for n, text in enumerate(texts, 1)))


def _chose(*keys: str, **more: Any) -> Answer:
    return Answer("T1", keys=keys, **more)


ALONE = _question(
    QuestionKind.MULTI,
    other=True,
    choices=(
        *(Choice(key=label.lower(), label=Wording(da=label, en=label)) for label in LETTERS),
        Choice(key="alle", label=Wording(da="Alle", en="All"), exclusive=True),
    ),
)


TABLE: dict[str, tuple[Question, Answer, Filled, Answer | Refusal]] = {
    "a text": (_question(QuestionKind.TEXT), NEW, Filled(("Ja tak",)), Answer("T1", (Part("Ja tak"),))),
    "an empty text": (_question(QuestionKind.TEXT), NEW, Filled((" \n",)), Refusal("empty")),
    "a text that stands unchanged keeps its messages": (
        _question(QuestionKind.TEXT),
        _said("Første", "anden"),
        Filled(("Første\r\nanden",)),
        _said("Første", "anden"),
    ),
    "a text too long for its field": (
        _question(QuestionKind.TEXT),
        NEW,
        Filled(("x" * (MAX_FIELD + 1),)),
        Refusal("too-long"),
    ),
    "a CPR number": (_question(QuestionKind.TEXT), NEW, Filled(("010203-1234",)), Refusal("cpr")),
    "ideas, empty fields aside": (
        _question(QuestionKind.IDEAS),
        NEW,
        Filled(("En", "", "To")),
        Answer("T1", (Part("En"), Part("To"))),
    ),
    "one idea taken out, the other keeps its message": (
        _question(QuestionKind.IDEAS),
        _said("En", "To"),
        Filled(("To",)),
        Answer("T1", (Part("To", 2),)),
    ),
    "a CPR number parted over two fields": (
        _question(QuestionKind.IDEAS),
        NEW,
        Filled(("010203", "1234")),
        Refusal("cpr"),
    ),
    "61 ideas": (_question(QuestionKind.IDEAS), NEW, Filled(tuple(map(str, range(61)))), Refusal("too-many")),
    "one of several": (_question(QuestionKind.SINGLE), NEW, Filled(places=(1,)), _chose("bravo")),
    "nothing chosen": (_question(QuestionKind.SINGLE), NEW, Filled(), Refusal("nothing-chosen")),
    "a place that is not there": (_question(QuestionKind.SINGLE), NEW, Filled(places=(9,)), Refusal("not-a-choice")),
    "a place before the first": (_question(QuestionKind.SINGLE), NEW, Filled(places=(-1,)), Refusal("not-a-choice")),
    "a typed label": (_question(QuestionKind.SINGLE), NEW, Filled(("charlie",)), _chose("charlie")),
    "a typed word that is no choice": (
        _question(QuestionKind.SINGLE),
        NEW,
        Filled(("Delta",)),
        Refusal("not-a-choice"),
    ),
    "«Andet» and what it is": (
        _question(QuestionKind.SINGLE, other=True),
        NEW,
        Filled(("Delta",), (3,)),
        Answer("T1", (Part("Delta"),), (OTHER,)),
    ),
    "«Andet» alone asks what it is": (
        _question(QuestionKind.SINGLE, other=True),
        NEW,
        Filled(places=(3,)),
        _chose(OTHER, open=True),
    ),
    "and asks again": (
        _question(QuestionKind.SINGLE, other=True),
        _chose(OTHER, open=True),
        Filled(places=(3,)),
        Refusal("empty"),
    ),
    "a choice and another word": (
        _question(QuestionKind.SINGLE, other=True),
        NEW,
        Filled(("Delta",), (0,)),
        Refusal("both"),
    ),
    "several": (_question(QuestionKind.MULTI), NEW, Filled(places=(2, 0)), _chose("alfa", "charlie")),
    "the same in another order, as they were tapped": (
        _question(QuestionKind.MULTI),
        _chose("charlie", "alfa"),
        Filled(places=(0, 2)),
        _chose("charlie", "alfa"),
    ),
    "a word ticks «Andet» by itself": (
        _question(QuestionKind.MULTI, other=True),
        NEW,
        Filled(("Delta",), (0,)),
        Answer("T1", (Part("Delta"),), ("alfa", OTHER)),
    ),
    "more than are allowed": (
        _question(QuestionKind.MULTI, most=1),
        NEW,
        Filled(places=(0, 1)),
        Refusal("too-many-chosen"),
    ),
    "one that stands alone, alone": (ALONE, NEW, Filled(places=(3,)), _chose("alle")),
    "one that stands alone, with another": (ALONE, NEW, Filled(places=(0, 3)), NotTogether("both", "alle")),
    "one that stands alone, with a word": (
        ALONE,
        NEW,
        Filled(("Delta",), (3,)),
        NotTogether("both", "alle", words=True),
    ),
    "one that stands alone, in place of others": (
        ALONE,
        _chose("alfa", "bravo"),
        Filled(places=(0, 1, 3)),
        NotTogether("both", "alle"),
    ),
    "one that stands alone with another, as an older version took it": (
        ALONE,
        _chose("alfa", "alle"),
        Filled(places=(0, 3)),
        _chose("alfa", "alle"),
    ),
    "a scale": (_question(QuestionKind.SCALE), NEW, Filled(places=(4,)), _chose("5")),
    "yes or no": (_question(QuestionKind.YES_NO), NEW, Filled(places=(1,)), _chose("nej")),
    "an order": (_question(QuestionKind.RANKING), NEW, Filled(places=(2, 0)), _chose("charlie", "alfa")),
    "nothing put in order": (_question(QuestionKind.RANKING), NEW, Filled(), Refusal("nothing-chosen")),
    "half an order is kept": (
        _question(QuestionKind.RANKING),
        NEW,
        Filled(places=(1,), done=False),
        _chose("bravo", open=True),
    ),
    "nothing at all is nothing to keep": (_question(QuestionKind.TEXT), NEW, Filled(("",), done=False), NEW),
}


@pytest.mark.parametrize("case", TABLE)
def test_what_a_form_makes_of_an_answer(case: str) -> None:
    question, current, filled, expected = TABLE[case]
    assert fill(question, current, filled) == expected


QUESTIONS = st.sampled_from(
    [_question(kind) for kind in QuestionKind]
    + [
        _question(QuestionKind.SINGLE, other=True),
        _question(QuestionKind.MULTI, other=True),
        _question(QuestionKind.MULTI, most=2),
        ALONE,
    ]
)

FORMS = st.builds(
    Filled,
    st.lists(st.text(max_size=30), max_size=4).map(tuple),
    st.lists(st.integers(0, 4), max_size=4).map(tuple),
    st.booleans(),
)


@given(QUESTIONS, FORMS, FORMS)
def test_the_same_form_twice_is_as_once(question: Question, before: Filled, filled: Filled) -> None:
    first = fill(question, NEW, before)
    current = NEW if isinstance(first, Refusal) else first
    once = fill(question, current, filled)
    if isinstance(once, Refusal):
        assert fill(question, current, filled) == once
        return
    twice = fill(question, once, filled)
    if once.open and once.keys == (OTHER,) and not once.parts and filled.done:
        assert twice == Refusal("empty")  # asked what it is, and not told
    else:
        assert twice == once


@given(QUESTIONS, FORMS)
def test_a_form_that_is_taken_loses_no_word_and_no_tick(question: Question, filled: Filled) -> None:
    answer = fill(question, NEW, filled)
    if isinstance(answer, Refusal):
        return
    seen = engine.options(question)
    words = engine.read_all(filled.texts)
    assert not isinstance(words, Refusal)
    match question.kind:
        case QuestionKind.IDEAS:
            assert tuple(part.text for part in answer.parts) == words
        case QuestionKind.MULTI | QuestionKind.RANKING:
            assert {seen[place].key for place in filled.places} <= set(answer.keys)
            assert question.exclusive.isdisjoint(answer.keys) or len(answer.keys) == 1
        case QuestionKind.SCALE | QuestionKind.YES_NO:
            assert set(answer.keys) <= {choice.key for choice in seen}
        case _:
            pass

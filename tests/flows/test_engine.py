"""The rules of one turn: what it does to the answers, what it is refused for, and what an answer says."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest
from pydantic import ValidationError

from bot.flows import engine
from bot.flows.engine import (
    Answer,
    Answers,
    Finished,
    Kept,
    NotTogether,
    Part,
    Picked,
    Refusal,
    Reopened,
    Said,
    Skipped,
    Turn,
    Undone,
    WentBack,
)
from bot.flows.model import Audience, Bucket, Choice, Flow, Group, Language, Question, QuestionKind, Respondent, Wording
from tests.support.flow_material import flows

CITIZEN = Respondent(group=Group.BORGER)
ASSOCIATION = Respondent(group=Group.FORENING)
VOLUNTEER = Respondent(group=Group.FRIVILLIG)
FRONT = Respondent(group=Group.ANSAT, front=True)
OFFICE = Respondent(group=Group.ANSAT)

COLOURS = (
    Choice(key="roed", label=Wording(da="Rød", en="Red")),
    Choice(key="blaa", label=Wording(da="Blå", en="Blue", da_jer="Blå til jer alle")),
    Choice(key="ved_ikke", label=Wording(da="Ved ikke", en="Don't know")),
)

SIZES = (
    *(Choice(key=key, label=Wording(da=key, en=key)) for key in ("0-9", "10-24", "100+")),
    Choice(key="ingen", label=Wording(da="Ingen mening", en="No opinion")),
)

NUMBERS = (
    *(Choice(key=f"n{number}", label=Wording(da=number, en=number)) for number in ("2", "10", "20")),
    Choice(key="flere", label=Wording(da="Flere", en="More")),
)


def question(kind: QuestionKind, **more: object) -> Question:
    given: dict[str, object] = {
        "id": "T1",
        "kind": kind,
        "who": (Audience.ALLE,),
        "text": Wording(da="Hvad?", en="What?"),
        "theme": "wish",
    }
    return Question.model_validate(given | more)


TEXT = question(QuestionKind.TEXT)
TEXT_OR_NO = question(QuestionKind.TEXT, choices=(Choice(key="nej", label=Wording(da="Nej", en="No")),))
CONTACT = question(QuestionKind.CONTACT, apart=True)
IDEAS = question(QuestionKind.IDEAS)
SINGLE = question(QuestionKind.SINGLE, choices=COLOURS)
SINGLE_OTHER = question(QuestionKind.SINGLE, choices=COLOURS, other=True)
SINGLE_RANGES = question(QuestionKind.SINGLE, choices=SIZES)
SINGLE_NUMBERS = question(QuestionKind.SINGLE, choices=NUMBERS)
MULTI = question(QuestionKind.MULTI, choices=COLOURS)
MULTI_OTHER = question(QuestionKind.MULTI, choices=COLOURS, other=True)
UP_TO_TWO = question(QuestionKind.MULTI, choices=COLOURS, other=True, most=2)
SCALE = question(QuestionKind.SCALE)
RANKING = question(QuestionKind.RANKING, choices=COLOURS)
YES_NO = question(QuestionKind.YES_NO)
EVERY_KIND = (TEXT, CONTACT, IDEAS, SINGLE, MULTI, SCALE, RANKING, YES_NO)
COLLECTING = (IDEAS, MULTI, RANKING)


def turn_on(asked: Question, turn: Turn, current: Answer | None = None) -> Answer | Refusal:
    """What a turn does to the only question of a flow."""
    return engine.take_turn(flow_of(asked), CITIZEN, {} if current is None else {"T1": current}, turn)


def flow_of(*questions: Question) -> Flow:
    return Flow(flow="proeve", step="plan", title=Wording(da="Prøve", en="Trial"), questions=questions)


def edit(asked: Question, given: Answer | Refusal, text: str, message: int = 1) -> Answer | Refusal | None:
    """What editing a message does to the answer to the only question of a flow."""
    assert isinstance(given, Answer)
    return engine.correct(flow_of(asked), {"T1": given}, Said(text, message))


def answer(*said: str, keys: tuple[str, ...] = (), skipped: bool = False, open: bool = False) -> Answer:
    return Answer("T1", tuple(Part(text) for text in said), keys, skipped, open)


def named(value: object) -> str:
    """The row's name: the question's kind and the turn, not what comes of it."""
    match value:
        case Question():
            return f"{value.kind}{'-other' if value.other else ''}"
        case Answer() | Refusal():
            return ""
        case _:
            return str(value)


# --- each kind and each turn ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "turn", "outcome"),
    [
        (TEXT, Said("Flere bænke"), answer("Flere bænke")),
        (TEXT, Picked(0), Refusal("not-a-choice")),
        (TEXT, Picked(0, on=False), Refusal("not-a-choice")),
        (TEXT, Undone(), Refusal("nothing-to-undo")),
        (TEXT_OR_NO, Said("Flere bænke"), answer("Flere bænke")),
        (TEXT_OR_NO, Said("nej!"), answer("nej!", keys=("nej",))),
        (TEXT_OR_NO, Said("NO."), answer("NO.", keys=("nej",))),
        (TEXT_OR_NO, Said("Nej tak"), answer("Nej tak")),
        (TEXT_OR_NO, Picked(0), answer(keys=("nej",))),
        (TEXT_OR_NO, Picked(0, on=False), Refusal("not-a-choice")),
        (CONTACT, Said("Bo, bo@eksempel.dk"), answer("Bo, bo@eksempel.dk")),
        (CONTACT, Picked(0), Refusal("not-a-choice")),
        (IDEAS, Said("En bænk"), answer("En bænk", open=True)),
        (IDEAS, Picked(0), Refusal("not-a-choice")),
        (IDEAS, Undone(), Refusal("nothing-to-undo")),
        (SINGLE, Said("Rød"), answer("Rød", keys=("roed",))),
        (SINGLE, Said("Grøn"), Refusal("not-a-choice")),
        (SINGLE, Picked(1), answer(keys=("blaa",))),
        (SINGLE, Picked(1, on=False), Refusal("not-a-choice")),
        (SINGLE, Picked(3), Refusal("not-a-choice")),
        (SINGLE, Picked(-1), Refusal("not-a-choice")),
        (SINGLE, Undone(), Refusal("nothing-to-undo")),
        (SINGLE_OTHER, Said("Grøn"), answer("Grøn", keys=("andet",))),
        (SINGLE_OTHER, Said("rød"), answer("rød", keys=("roed",))),
        (SINGLE_OTHER, Said("Andet"), answer(keys=("andet",), open=True)),
        (SINGLE_OTHER, Picked(3), answer(keys=("andet",), open=True)),
        (SINGLE_OTHER, Picked(3, on=False), Refusal("not-a-choice")),
        (MULTI, Said("Rød"), answer(keys=("roed",), open=True)),
        (MULTI, Said("Grøn"), Refusal("not-a-choice")),
        (MULTI, Picked(1), answer(keys=("blaa",), open=True)),
        (MULTI, Picked(1, on=False), answer(open=True)),
        (MULTI, Picked(3), Refusal("not-a-choice")),
        (MULTI, Undone(), Refusal("nothing-to-undo")),
        (MULTI_OTHER, Said("Grøn"), answer("Grøn", keys=("andet",), open=True)),
        (MULTI_OTHER, Said("Andet"), answer(keys=("andet",), open=True)),
        (MULTI_OTHER, Picked(3), answer(keys=("andet",), open=True)),
        (SCALE, Said("4"), answer("4", keys=("4",))),
        (SCALE, Said("0"), Refusal("not-a-choice")),
        (SCALE, Said("fire"), answer("fire", keys=("4",))),
        (SCALE, Said("seks"), Refusal("not-a-choice")),
        (SCALE, Said("Don't know"), answer("Don't know", keys=("ved_ikke",))),
        (SCALE, Picked(0), answer(keys=("1",))),
        (SCALE, Picked(5), answer(keys=("ved_ikke",))),
        (SCALE, Picked(6), Refusal("not-a-choice")),
        (SCALE, Picked(0, on=False), Refusal("not-a-choice")),
        (RANKING, Said("Blå"), answer(keys=("blaa",), open=True)),
        (RANKING, Said("Grøn"), Refusal("not-a-choice")),
        (RANKING, Picked(2), answer(keys=("ved_ikke",), open=True)),
        (RANKING, Picked(0, on=False), Refusal("not-a-choice")),
        (RANKING, Undone(), Refusal("nothing-to-undo")),
        (YES_NO, Said("Ja"), answer("Ja", keys=("ja",))),
        (YES_NO, Said("no"), answer("no", keys=("nej",))),
        (YES_NO, Said("måske"), Refusal("not-a-choice")),
        (YES_NO, Picked(2), answer(keys=("ved_ikke",))),
        (YES_NO, Picked(3), Refusal("not-a-choice")),
        (YES_NO, Picked(0, on=False), Refusal("not-a-choice")),
    ],
    ids=named,
)
def test_a_turn_on_a_question_that_has_no_answer(asked: Question, turn: Turn, outcome: Answer | Refusal) -> None:
    assert turn_on(asked, turn) == outcome


@pytest.mark.parametrize("asked", [RANKING, SINGLE, YES_NO], ids=named)
def test_only_a_tick_is_taken_back_by_a_tap(asked: Question) -> None:
    before = answer(keys=(asked.keys[0],), open=True)
    assert turn_on(asked, Picked(0, on=False), before) == Refusal("not-a-choice")


def test_a_number_beyond_the_scale_is_refused() -> None:
    assert turn_on(SCALE, Said("6")) == Refusal("not-a-choice")


@pytest.mark.parametrize("number", ["1", "1.", "ca. 1"])
def test_a_number_is_an_answer_in_itself_where_words_are_asked_for(number: str) -> None:
    assert turn_on(TEXT_OR_NO, Said(number)) == answer(number)


def test_a_typed_choice_keeps_the_number_of_its_message() -> None:
    assert turn_on(YES_NO, Said("Ja", 7)) == Answer("T1", (Part("Ja", 7),), ("ja",))
    assert turn_on(YES_NO, Said("Nej", 8), Answer("T1", (Part("Ja", 7),), ("ja",), open=True)) == Answer(
        "T1", (Part("Nej", 8),), ("nej",)
    )


@pytest.mark.parametrize("asked", [SINGLE, SINGLE_OTHER, YES_NO], ids=named)
def test_a_tap_takes_the_place_of_what_was_typed(asked: Question) -> None:
    typed = answer("Ved ikke", keys=("ved_ikke",), open=True)
    assert turn_on(asked, Picked(0), typed) == answer(keys=(asked.keys[0],))


@pytest.mark.parametrize("asked", EVERY_KIND, ids=named)
@pytest.mark.parametrize(
    ("turn", "outcome"),
    [
        (Skipped(), answer(skipped=True)),
        (Finished(), answer(skipped=True)),
        (Kept(), Refusal("nothing-chosen")),
        (WentBack(), Refusal("nothing-before")),
        (Reopened("T1"), Refusal("not-a-choice")),
        (Reopened("T9"), Refusal("not-a-choice")),
        (Said(""), Refusal("empty")),
        (Said(" \n\t\u00a0"), Refusal("empty")),
        (Said("\u200b"), Refusal("empty")),
        (Said("\ufeff \u200b\u2060\u00ad\n"), Refusal("empty")),
        (Said("Jeg hedder 010203-1234"), Refusal("cpr")),
        (Said("x" * (engine.MAX_TEXT + 1)), Refusal("too-long")),
    ],
    ids=lambda value: named(value)[:40],
)
def test_every_kind_takes_these_turns_alike(asked: Question, turn: Turn, outcome: Answer | Refusal) -> None:
    assert turn_on(asked, turn) == outcome


@pytest.mark.parametrize("asked", EVERY_KIND, ids=named)
@pytest.mark.parametrize("turn", [Skipped(), Finished()], ids=named)
def test_a_required_question_is_not_skipped(asked: Question, turn: Turn) -> None:
    required = asked.model_copy(update={"required": True})
    assert turn_on(required, turn) == Refusal("required")
    assert turn_on(required, turn, answer(open=True)) == Refusal("required")


@pytest.mark.parametrize("turn", [Said("Ja"), Picked(0), Skipped(), Finished(), Undone(), Kept()], ids=named)
def test_when_everything_is_answered_nothing_is_open_to_a_turn(turn: Turn) -> None:
    assert turn_on(YES_NO, turn, answer(keys=("ja",))) == Refusal("nothing-open")


# --- a choice that stands alone ---------------------------------------------------------------------------

AREAS = (*COLOURS[:2], Choice(key="alle", label=Wording(da="Alle områder", en="All areas"), exclusive=True))
ALONE = question(QuestionKind.MULTI, choices=AREAS, other=True)


@pytest.mark.parametrize(
    ("before", "turn", "after"),
    [
        (answer(keys=("roed", "blaa"), open=True), Picked(2), answer(keys=("alle",), open=True)),
        (answer(keys=("roed", "blaa"), open=True), Said("All areas"), answer(keys=("alle",), open=True)),
        (answer(keys=("roed", "blaa"), open=True), Said("3"), answer(keys=("alle",), open=True)),
        (answer(keys=("andet",), open=True), Picked(2), answer(keys=("alle",), open=True)),
        (answer(keys=("alle",), open=True), Picked(2), answer(keys=("alle",), open=True)),
        (answer(keys=("alle",), open=True), Picked(2, on=False), answer(open=True)),
        (answer(keys=("alle",), open=True), Picked(1), answer(keys=("blaa",), open=True)),
        (answer(keys=("alle",), open=True), Said("rød, blå"), answer(keys=("roed", "blaa"), open=True)),
        (answer(keys=("alle",), open=True), Picked(3), answer(keys=("andet",), open=True)),
        (answer(keys=("alle",), open=True), Said("Grøn"), answer("Grøn", keys=("andet",), open=True)),
        (answer("Grøn", keys=("andet",), open=True), Picked(2), NotTogether("both", "alle", words=True)),
        (answer("Grøn", keys=("andet",), open=True), Picked(3, on=False), answer(open=True)),
        (None, Said("Rød og alle områder"), NotTogether("both", "alle")),
        (answer(keys=("blaa",), open=True), Said("1, 3"), NotTogether("both", "alle")),
    ],
)
def test_a_choice_that_stands_alone_unticks_the_others_and_they_untick_it(
    before: Answer | None, turn: Turn, after: Answer | Refusal
) -> None:
    assert turn_on(ALONE, turn, before) == after


def test_with_a_limit_the_choice_that_stands_alone_makes_room_and_needs_none() -> None:
    two = question(QuestionKind.MULTI, choices=AREAS, most=1)
    assert turn_on(two, Picked(2), answer(keys=("roed",), open=True)) == answer(keys=("alle",), open=True)
    assert turn_on(two, Picked(0), answer(keys=("alle",), open=True)) == answer(keys=("roed",), open=True)


def test_an_older_answer_with_both_stays_until_it_is_changed() -> None:
    both = answer(keys=("roed", "alle"), open=True)
    assert turn_on(ALONE, Kept(), both) == replace(both, open=False)
    assert turn_on(ALONE, Finished(), both) == replace(both, open=False)
    assert turn_on(ALONE, Picked(1), both) == answer(keys=("roed", "blaa"), open=True)
    assert engine.fits(ALONE, question(QuestionKind.MULTI, choices=COLOURS), ("roed", "alle"), skipped=False)


@pytest.mark.parametrize("kind", [QuestionKind.SINGLE, QuestionKind.RANKING])
def test_only_where_several_can_be_chosen_does_one_stand_alone(kind: QuestionKind) -> None:
    with pytest.raises(ValidationError, match="`exclusive` belongs to a choice of multi"):
        question(kind, choices=AREAS)


# --- what people type for a choice ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    [
        "Blå",
        "blå",
        "BLÅ",
        "  Blå  ",
        "Blå.",
        "«Blå»",
        '"blå"',
        "(blå)",
        "blå!\n",
        "Blue",
        "blue?",
        "2",
        "2.",
        "blå til jer alle",
        "Blå  til\njer alle",
        unicodedata.normalize("NFD", "Blå"),
    ],
)
def test_a_choice_is_typed_as_its_label_in_any_language_and_form_or_as_its_number(typed: str) -> None:
    assert turn_on(SINGLE, Said(typed)) == answer(typed, keys=("blaa",))


@pytest.mark.parametrize("typed", ["0", "4", "-1", "–1", "1-2", "1,5", "Bl", "Blå og rød", "²", "99999999999"])
def test_what_is_neither_label_nor_number_is_no_choice(typed: str) -> None:
    assert turn_on(SINGLE, Said(typed)) == Refusal("not-a-choice")


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("0", "0-9"),
        ("1", "0-9"),
        ("9", "0-9"),
        ("10", "10-24"),
        ("15", "10-24"),
        ("24", "10-24"),
        ("100", "100+"),
        ("100000", "100+"),
        ("100+", "100+"),
        ("10-24", "10-24"),
        ("0015", "10-24"),
        ("10–24", "10-24"),
        ("10—24", "10-24"),
        ("10 - 24", "10-24"),
        ("10 – 24.", "10-24"),
        ("«0 –9»", "0-9"),
        ("ca. 15", "10-24"),
        ("Ca. 15.", "10-24"),
        ("ca 15", "10-24"),
        ("ca.15", "10-24"),
        ("cirka 9", "0-9"),
        ("omkring 120", "100+"),
        ("about 10", "10-24"),
        ("ca. 100", "100+"),
        ("25", None),
        ("99", None),
        ("1000001", None),
        ("ca. 25", None),
        ("ca. ", None),
        ("ca.", None),
        ("ca. 10-24", None),
        ("ca. 15 eller 16", None),
        ("ikke 15", None),
        ("15 ca.", None),
        ("10–25", None),
        ("-15", None),
        ("–", None),
    ],
)
def test_a_number_means_the_range_that_holds_it_where_the_labels_are_ranges(typed: str, key: str | None) -> None:
    expected = Refusal("not-a-choice") if key is None else answer(typed, keys=(key,))
    assert turn_on(SINGLE_RANGES, Said(typed)) == expected


@pytest.mark.parametrize(
    ("typed", "key"),
    [("2", "n2"), ("10", "n10"), ("20.", "n20"), ("more", "flere"), ("1", None), ("3", None), ("4", None)],
)
def test_a_number_is_no_place_where_labels_are_numbers(typed: str, key: str | None) -> None:
    expected = Refusal("not-a-choice") if key is None else answer(typed, keys=(key,))
    assert turn_on(SINGLE_NUMBERS, Said(typed)) == expected


@pytest.mark.parametrize("asked", [MULTI, RANKING], ids=named)
def test_a_place_is_a_choice_among_several_too(asked: Question) -> None:
    assert turn_on(asked, Said("2")) == answer(keys=("blaa",), open=True)


@pytest.mark.parametrize("typed", ["2", "ca. 2", "Ved ikke", "ingen mening"])
def test_a_label_alone_is_matched_as_a_label(typed: str) -> None:
    matched = engine.match_label(typed, (*COLOURS, *SIZES))
    assert (matched.key if matched else None) == {"Ved ikke": "ved_ikke", "ingen mening": "ingen"}.get(typed)


@pytest.mark.parametrize(
    ("age", "key"),
    [
        ("14", None),
        ("15", "15-24"),
        ("64", "40-64"),
        ("65", "65-74"),
        ("74 år", "65-74"),
        ("101", "75+"),
        ("65-74", "65-74"),
        ("75+", "75+"),
        ("75 år eller derover", "75+"),
        ("1", None),
        ("4", None),
        ("15 – 24", "15-24"),
        ("ca. 30", "25-39"),
    ],
)
def test_the_age_question_takes_an_age(age: str, key: str | None) -> None:
    chosen = engine.match_choice(age, flows()["borger"].question("B4").choices)
    assert (chosen.key if chosen else None) == key


def test_nobody_answers_as_the_steering_group_whatever_an_older_version_offers() -> None:
    start = flows()["start"]
    assert [c.key for c in engine.options(start.question("S1"))][-1] == "borger"
    label = {"da": "Medlem af styregruppen", "en": "Member of the steering group"}
    s1 = start.question("S1")
    as_before = Choice.model_validate({"key": "styregruppe", "label": label, "only_with": "steering"})
    s1 = s1.model_copy(update={"choices": (*s1.choices, as_before)})
    older = start.model_copy(update={"questions": (s1, *start.questions[1:])})
    for turn in (Picked(7), Said("8"), Said("Medlem af styregruppen")):
        for anybody in (Respondent(), Respondent(steering=True)):
            assert engine.take_turn(older, anybody, {}, turn) == Refusal("not-a-choice")


def test_the_steering_groups_steps_are_for_its_role_and_for_nobody_else() -> None:
    for key, flow in flows().items():
        own = key in ("sammenskriv", "justering", "opfoelgning")
        assert flow.by_role == own, key
        assert engine.asks(flow, Respondent(steering=True)) or not own
        for group in Group:
            assert not (own and engine.asks(flow, Respondent(group=group)))


def test_in_a_further_capacity_everything_is_asked_again_but_messages() -> None:
    start = flows()["start"]
    assert {q.id for q in start} - {q.id for q in start.asked_once_more} == {"S7"}
    assert all(flow.asked_once_more.questions == flow.questions for key, flow in flows().items() if key != "start")


@pytest.mark.parametrize("turns", [[Picked(3)], [Picked(3), Picked(3)]])
def test_andet_tapped_waits_for_the_words(turns: list[Turn]) -> None:
    current: Answer | None = None
    for turn in turns:
        outcome = turn_on(SINGLE_OTHER, turn, current)
        assert outcome == answer(keys=("andet",), open=True)
        current = outcome
    assert turn_on(SINGLE_OTHER, Said("Grøn"), current) == answer("Grøn", keys=("andet",))


@pytest.mark.parametrize(
    ("turn", "outcome"),
    [
        (Finished(), answer(keys=("andet",))),
        (Kept(), answer(keys=("andet",))),
        (Skipped(), answer(skipped=True)),
        (Picked(0), answer(keys=("roed",))),
        (Said("Rød"), answer("Rød", keys=("roed",))),
        (Said("Andet"), answer(keys=("andet",), open=True)),
    ],
    ids=named,
)
def test_andet_may_stand_without_words_or_be_thought_better_of(turn: Turn, outcome: Answer) -> None:
    assert turn_on(SINGLE_OTHER, turn, answer(keys=("andet",), open=True)) == outcome


@pytest.mark.parametrize("asked", [SINGLE_OTHER, MULTI_OTHER], ids=named)
@pytest.mark.parametrize("typed", ["Andet", "andet!", "Something else", "4"])
@pytest.mark.parametrize(
    "current", [None, answer(keys=("roed",), open=True), answer("Grøn", keys=("andet",), open=True)]
)
def test_andet_typed_is_as_andet_tapped(asked: Question, typed: str, current: Answer | None) -> None:
    outcome = turn_on(asked, Said(typed), current)
    assert outcome == turn_on(asked, Picked(3), current)
    assert isinstance(outcome, Answer)
    assert outcome.open
    assert "andet" in outcome.keys


def test_andet_typed_waits_for_the_words() -> None:
    waiting = turn_on(SINGLE_OTHER, Said("Andet", 1))
    assert isinstance(waiting, Answer)
    assert turn_on(SINGLE_OTHER, Said("Grøn", 2), waiting) == Answer("T1", (Part("Grøn", 2),), ("andet",))


# --- several choices --------------------------------------------------------------------------------------


def test_a_tap_says_what_the_person_saw_it_turn_into_so_that_twice_is_as_once() -> None:
    once = answer(keys=("roed",), open=True)
    assert turn_on(MULTI, Picked(0), once) == once
    assert turn_on(MULTI, Picked(0, on=False), once) == answer(open=True)
    assert turn_on(MULTI, Picked(0, on=False), answer(open=True)) == answer(open=True)


@pytest.mark.parametrize(
    ("turn", "outcome"),
    [
        (Picked(2), Refusal("too-many-chosen")),
        (Picked(3), Refusal("too-many-chosen")),
        (Said("Ved ikke"), Refusal("too-many-chosen")),
        (Said("Grøn"), Refusal("too-many-chosen")),
        (Picked(0), answer(keys=("roed", "blaa"), open=True)),
        (Picked(0, on=False), answer(keys=("blaa",), open=True)),
        (Finished(), answer(keys=("roed", "blaa"))),
    ],
    ids=named,
)
def test_no_more_are_ticked_than_the_question_allows(turn: Turn, outcome: Answer | Refusal) -> None:
    assert turn_on(UP_TO_TWO, turn, answer(keys=("roed", "blaa"), open=True)) == outcome


def test_several_things_can_be_written_under_one_andet() -> None:
    full = answer("Grøn", keys=("roed", "andet"), open=True)
    assert turn_on(UP_TO_TWO, Said("Gul"), full) == answer("Grøn", "Gul", keys=("roed", "andet"), open=True)


def test_unticking_andet_takes_its_words_with_it_and_no_others_do() -> None:
    both = answer("Grøn", keys=("roed", "andet"), open=True)
    assert turn_on(MULTI_OTHER, Picked(3, on=False), both) == answer(keys=("roed",), open=True)
    assert turn_on(MULTI_OTHER, Picked(0, on=False), both) == answer("Grøn", keys=("andet",), open=True)


def test_nothing_ticked_is_a_skip() -> None:
    assert turn_on(MULTI, Finished(), answer(open=True)) == answer(skipped=True)


# --- ranking, ideas ---------------------------------------------------------------------------------------


def test_a_ranking_grows_from_the_first_is_taken_back_from_the_last_and_may_stay_partial() -> None:
    first = answer(keys=("blaa",), open=True)
    second = answer(keys=("blaa", "roed"), open=True)
    assert turn_on(RANKING, Picked(1)) == first
    assert turn_on(RANKING, Said("rød"), first) == second
    assert turn_on(RANKING, Picked(1), second) == second  # ranked already
    assert turn_on(RANKING, Undone(), second) == first
    assert turn_on(RANKING, Undone(), first) == answer(open=True)
    assert turn_on(RANKING, Finished(), second) == answer(keys=("blaa", "roed"))
    whole = answer(keys=("blaa", "roed", "ved_ikke"), open=True)
    assert turn_on(RANKING, Picked(2), second) == whole  # «Færdig» is theirs to say


def test_ideas_are_told_one_by_one_and_the_last_is_taken_back_first() -> None:
    one, two = answer("En bænk", open=True), answer("En bænk", "Et træ", open=True)
    assert turn_on(IDEAS, Said("Et træ"), one) == two
    assert turn_on(IDEAS, Undone(), two) == one
    assert turn_on(IDEAS, Undone(), one) == answer(open=True)
    assert turn_on(IDEAS, Finished(), two) == answer("En bænk", "Et træ")
    assert turn_on(IDEAS, Finished(), answer(open=True)) == answer(skipped=True)


def test_an_idea_may_be_the_number_or_the_word_of_anything() -> None:
    assert turn_on(IDEAS, Said("1")) == answer("1", open=True)
    assert turn_on(IDEAS, Said("Ja")) == answer("Ja", open=True)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (IDEAS, answer("En bænk", open=True)),
        (MULTI_OTHER, answer("Grøn", keys=("roed", "andet"), open=True)),
        (RANKING, answer(keys=("blaa",), open=True)),
    ],
    ids=named,
)
def test_going_on_throws_nothing_away_that_was_told(asked: Question, told: Answer) -> None:
    kept = Answer("T1", told.parts, told.keys)
    assert turn_on(asked, Skipped(), told) == kept
    assert turn_on(asked, Finished(), told) == kept
    assert turn_on(asked, Kept(), told) == kept


@pytest.mark.parametrize("asked", COLLECTING, ids=named)
def test_a_skipped_question_of_several_parts_is_taken_up_again_by_saying_something(asked: Question) -> None:
    taken_up = turn_on(asked, Said("Rød"), answer(skipped=True, open=True))
    assert isinstance(taken_up, Answer)
    assert (taken_up.skipped, taken_up.open, taken_up.is_empty) == (False, True, False)


def test_there_is_a_bound_to_the_parts_and_to_the_length_of_one_answer() -> None:
    many = answer(*["x"] * engine.MAX_PARTS, open=True)
    long = answer("x" * engine.MAX_TEXT, open=True)
    assert turn_on(IDEAS, Said("y"), many) == Refusal("too-many")
    assert turn_on(IDEAS, Said("y"), long) == Refusal("too-long")
    assert turn_on(TEXT, Said("x" * engine.MAX_TEXT)) == answer("x" * engine.MAX_TEXT)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("010203", "1234"),
        ("Det er 010203 ", " 1234, tak"),
        ("010203-", "1234"),
        ("010203", "-1234"),
        ("01 02 03", "1234"),
        ("01.02.03-", "1234"),
        ("010203\n", "\n1234"),
    ],
)
def test_a_cpr_number_in_two_messages_is_refused(first: str, second: str) -> None:
    assert turn_on(IDEAS, Said(second), answer(first, open=True)) == Refusal("cpr")
    assert turn_on(MULTI_OTHER, Said(second), answer(first, keys=("andet",), open=True)) == Refusal("cpr")
    assert engine.continue_answer(TEXT, answer(first), Said(second)) == Refusal("cpr")
    assert engine.continue_answer(CONTACT, answer("Bo", first), Said(second)) == Refusal("cpr")


@pytest.mark.parametrize(("first", "second"), [("1234", "010203"), ("010203", "kl. 1234"), ("010203", "12345")])
def test_numbers_in_two_messages_that_make_no_cpr_number_are_kept(first: str, second: str) -> None:
    assert turn_on(IDEAS, Said(second), answer(first, open=True)) == answer(first, second, open=True)


@pytest.mark.parametrize(
    ("given", "text", "message"),
    [
        (Answer("T1", (Part("010203", 1), Part("hej", 2))), "1234", 2),
        (Answer("T1", (Part("hej", 1), Part("1234", 2))), "010203", 1),
        (Answer("T1", (Part("010203", 1), Part("-", 2), Part("hej", 3))), "1234", 3),
    ],
    ids=["second half", "first half", "three parts"],
)
@pytest.mark.parametrize("asked", [TEXT, CONTACT, IDEAS], ids=named)
def test_an_edit_that_makes_two_messages_a_cpr_number_is_refused(
    asked: Question, given: Answer, text: str, message: int
) -> None:
    assert edit(asked, given, text, message) == Refusal("cpr")


def test_a_cpr_number_in_three_messages_is_refused() -> None:
    assert turn_on(IDEAS, Said("1234"), answer("010203", "-", open=True)) == Refusal("cpr")


# --- what is kept of the words ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "  indrykket\n\n• punkt\n",
        "👩‍👧‍👦 🇩🇰",
        "<b>fed</b> & 'citat'",
        "שלום עולם",
        "\u200fאב\u200e",
        "=SUM(A1)",
        "null",
        "\u200bhej\ufeff",
        "👍",
        ".",
        "\U0001fa77",  # a heart newer than the tables of Python 3.11
    ],
)
def test_words_are_kept_as_they_were_written(text: str) -> None:
    assert turn_on(TEXT, Said(text, message=7)) == Answer("T1", (Part(text, 7),))


@pytest.mark.parametrize("text", ["bla\u030a", " to  blanke ", "\u212b, ﬁ og ½", "blød\u00adstreg", "a\r\nb\rc\td"])
def test_what_is_written_is_kept_sign_for_sign(text: str) -> None:
    assert engine.read(text) == text


@pytest.mark.parametrize(
    ("text", "kept"),
    [("Hej \ud83d", "Hej \ufffd"), ("\ude00 hej", "\ufffd hej"), ("\ud83d\ude00", "😀"), ("\ufeffhej", "\ufeffhej")],
    ids=["first half", "second half", "both halves", "byte order mark"],
)
def test_half_a_character_is_replaced_so_that_the_rest_can_be_stored(text: str, kept: str) -> None:
    assert engine.read(text) == kept


# --- back, keep, reopen -----------------------------------------------------------------------------------

THREE = flow_of(
    question(QuestionKind.TEXT), question(QuestionKind.YES_NO, id="T2"), question(QuestionKind.TEXT, id="T3")
)


def after(flow: Flow, who: Respondent, *turns: Turn, before: Answers | None = None) -> dict[str, Answer]:
    """The answers after these turns, none of which is refused."""
    answers = dict(before or {})
    for turn in turns:
        outcome = engine.take_turn(flow, who, answers, turn)
        assert isinstance(outcome, Answer), (turn, outcome)
        answers[outcome.question] = outcome
    return answers


def asked_now(flow: Flow, who: Respondent, answers: Answers) -> str | None:
    now = engine.open_question(flow, who, answers)
    return now.id if now else None


@pytest.mark.parametrize(
    ("turns", "asked", "first"),
    [
        ([], "T1", None),
        ([Said("a")], "T2", "a"),
        ([Said("a"), WentBack()], "T1", "a"),
        ([Said("a"), WentBack(), Kept()], "T2", "a"),
        ([Said("a"), WentBack(), Said("b")], "T2", "b"),
        ([Said("a"), Picked(0), WentBack(), WentBack()], "T1", "a"),
        ([Said("a"), Picked(0), WentBack(), WentBack(), Kept()], "T2", "a"),
        ([Said("a"), Picked(0), WentBack(), WentBack(), Kept(), Kept()], "T3", "a"),
        ([Said("a"), Picked(0), Said("c")], None, "a"),
        ([Said("a"), Picked(0), Said("c"), WentBack()], "T3", "a"),
        ([Said("a"), Picked(0), Said("c"), Reopened("T1")], "T1", "a"),
        ([Said("a"), Picked(0), Said("c"), Reopened("T1"), Said("b")], None, "b"),
        ([Said("a"), Picked(0), Said("c"), Reopened("T1"), Reopened("T2"), Kept()], "T2", "a"),
        ([Skipped(), WentBack(), Kept()], "T2", None),
        ([Skipped(), WentBack(), Said("b")], "T2", "b"),
        ([Said("a"), WentBack(), Skipped()], "T2", None),
    ],
)
def test_one_goes_back_and_reopens_without_losing_what_was_said(
    turns: list[Turn], asked: str | None, first: str | None
) -> None:
    answers = after(THREE, CITIZEN, *turns)
    said = answers["T1"].parts[0].text if "T1" in answers and answers["T1"].parts else None
    assert (asked_now(THREE, CITIZEN, answers), said) == (asked, first)


def test_a_question_that_has_no_answer_yet_is_not_reopened() -> None:
    assert engine.take_turn(THREE, CITIZEN, after(THREE, CITIZEN, Said("a")), Reopened("T3")) == Refusal("not-a-choice")


def test_a_required_question_that_was_answered_can_be_kept_but_not_skipped() -> None:
    start = flows()["start"]
    back = after(start, CITIZEN, Picked(6), WentBack())
    assert engine.take_turn(start, CITIZEN, back, Skipped()) == Refusal("required")
    assert after(start, CITIZEN, Kept(), before=back)["S1"] == Answer("S1", keys=("borger",))


# --- the path ---------------------------------------------------------------------------------------------


def ids_on_path(flow: Flow, who: Respondent, answers: Answers) -> list[str]:
    return [q.id for q in engine.path(flow, who, answers)]


def test_a_follow_up_comes_and_goes_with_its_condition_and_keeps_its_answer() -> None:
    flow = flows()["dialog_frivillige"]
    at_d8 = after(flow, VOLUNTEER, *[Skipped()] * 5)
    assert asked_now(flow, VOLUNTEER, at_d8) == "D8"
    told = after(flow, VOLUNTEER, Picked(3), Said("På biblioteket"), before=at_d8)
    assert ids_on_path(flow, VOLUNTEER, told) == ["D1", "D3", "D4", "D5", "D10", "D8", "D8a", "X1"]
    gone = after(flow, VOLUNTEER, Reopened("D8"), Picked(0), before=told)
    assert ids_on_path(flow, VOLUNTEER, gone) == ["D1", "D3", "D4", "D5", "D10", "D8", "X1"]
    assert asked_now(flow, VOLUNTEER, gone) == "X1"
    assert gone["D8a"] == Answer("D8a", (Part("På biblioteket"),))
    again = after(flow, VOLUNTEER, Reopened("D8"), Picked(3), before=gone)
    assert (asked_now(flow, VOLUNTEER, again), again["D8a"]) == ("X1", told["D8a"])


def test_a_follow_up_of_what_is_no_longer_asked_is_not_asked() -> None:
    flow = flows()["hoering"]
    answers = {"H1": Answer("H1", keys=("mig_selv",)), "H2": Answer("H2", (Part("Os"),), open=True)}
    assert "H2" not in ids_on_path(flow, CITIZEN, answers)
    assert asked_now(flow, CITIZEN, answers) == "H3.vision"
    assert engine.take_turn(flow, CITIZEN, answers, Reopened("H2")) == Refusal("not-a-choice")


def test_what_follows_a_follow_up_goes_with_it() -> None:
    chain = flow_of(
        question(QuestionKind.YES_NO),
        question(QuestionKind.YES_NO, id="T2", when={"question": "T1", "is": ["ja"]}),
        question(QuestionKind.TEXT, id="T3", when={"question": "T2", "is": ["ja"]}),
    )
    yes = {"T1": Answer("T1", keys=("ja",)), "T2": Answer("T2", keys=("ja",))}
    assert ids_on_path(chain, CITIZEN, yes) == ["T1", "T2", "T3"]
    assert ids_on_path(chain, CITIZEN, yes | {"T1": Answer("T1", keys=("nej",))}) == ["T1"]


@pytest.mark.parametrize(
    ("m5", "asked"),
    [
        (None, True),
        (Answer("M5", skipped=True), True),
        (Answer("M5", keys=("hver_dag",)), True),
        (Answer("M5", keys=("aldrig",)), False),
    ],
    ids=["unanswered", "skipped", "every day", "never"],
)
def test_is_not_holds_of_everything_else_a_skip_too(m5: Answer | None, asked: bool) -> None:
    answers = {} if m5 is None else {"M5": m5}
    assert ("M6" in ids_on_path(flows()["dialog_fag"], FRONT, answers)) is asked


def test_each_repeated_question_has_follow_ups_of_its_own() -> None:
    flow = flows()["hoering"]
    answers = {"H3.samarbejde": Answer("H3.samarbejde", keys=("uenig",))}
    assert [i for i in ids_on_path(flow, CITIZEN, answers) if i[1] in "34"] == [
        "H3.vision",
        "H3.samarbejde",
        "H4.samarbejde",
        "H3.steder",
    ]


def test_staff_get_other_questions_when_it_turns_out_that_they_meet_citizens() -> None:
    flow = flows()["dialog_fag"]
    assert ids_on_path(flow, OFFICE, {}) == ["M1", "M2", "M10", "M7", "M9", "M3", "X1"]
    assert ids_on_path(flow, FRONT, {})[:5] == ["M1", "M2", "M4", "M5", "M6"]


# --- how far one is ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "question_id", "place"),
    [
        (VOLUNTEER, "D1", (1, 7)),
        (VOLUNTEER, "D3", (2, 7)),
        (VOLUNTEER, "D8", (6, 7)),
        (VOLUNTEER, "D8a", (6, 7)),
        (VOLUNTEER, "X1", (7, 7)),
        (ASSOCIATION, "D6", (3, 7)),
        (ASSOCIATION, "X1", (7, 7)),
    ],
)
def test_progress_counts_the_questions_that_are_always_asked(
    who: Respondent, question_id: str, place: tuple[int, int]
) -> None:
    flow = flows()["dialog_frivillige"]
    assert engine.place(flow, who, flow.question(question_id)) == place


@pytest.mark.parametrize("flow", flows().values(), ids=lambda flow: str(flow.flow))
def test_a_follow_up_has_the_number_of_the_question_it_follows(flow: Flow) -> None:
    everyone = {who: who.audiences for who in (CITIZEN, ASSOCIATION, VOLUNTEER, FRONT, OFFICE)}
    for who, audiences in everyone.items():
        for follow_up in flow:
            if follow_up.when is not None and not audiences.isdisjoint(follow_up.who):
                parent = flow.question(follow_up.when.question)
                assert engine.place(flow, who, follow_up) == engine.place(flow, who, parent), follow_up.id


# --- more of the same thought, and corrections ------------------------------------------------------------


@pytest.mark.parametrize("asked", [TEXT, CONTACT, IDEAS], ids=named)
@pytest.mark.parametrize("open", [False, True])
def test_one_more_message_is_added_to_an_answer_which_stays_as_open_as_it_was(asked: Question, open: bool) -> None:
    told = Answer("T1", (Part("Flere bænke", 1),), open=open)
    assert engine.continue_answer(asked, told, Said("og træer", 2)) == Answer(
        "T1", (Part("Flere bænke", 1), Part("og træer", 2)), open=open
    )


@pytest.mark.parametrize("more", ["og gul", "Rød", "1", "Andet"])
def test_one_more_message_under_andet_stays_under_andet(more: str) -> None:
    for asked, keys in ((SINGLE_OTHER, ("andet",)), (MULTI_OTHER, ("roed", "andet"))):
        assert engine.continue_answer(asked, answer("Grøn", keys=keys), Said(more)) == answer("Grøn", more, keys=keys)


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "empty"), ("010203-1234", "cpr"), ("x" * engine.MAX_TEXT, "too-long")],
    ids=["empty", "cpr", "long"],
)
def test_one_more_message_is_refused_for_what_a_first_is_refused_for(text: str, code: engine.RefusalCode) -> None:
    for asked in (TEXT, CONTACT, IDEAS):
        assert engine.continue_answer(asked, answer("a"), Said(text)) == Refusal(code)


def test_one_more_message_is_refused_where_there_are_too_many_already() -> None:
    many = answer(*["x"] * engine.MAX_PARTS)
    assert engine.continue_answer(TEXT, many, Said("y")) == Refusal("too-many")


@pytest.mark.parametrize(
    ("asked", "given", "can"),
    [
        (TEXT, answer("a"), True),
        (TEXT, answer(skipped=True), False),
        (TEXT_OR_NO, answer(keys=("nej",)), False),
        (CONTACT, answer("a"), True),
        (IDEAS, answer("a"), True),
        (SINGLE, answer(keys=("roed",)), False),
        (SINGLE, answer("Rød", keys=("roed",)), False),
        (SINGLE_OTHER, answer("Rød", keys=("roed",)), False),
        (SINGLE_OTHER, answer("Grøn", keys=("andet",)), True),
        (SINGLE_OTHER, answer(keys=("andet",)), False),
        (MULTI, answer(keys=("roed",)), False),
        (RANKING, answer(keys=("roed",)), False),
        (YES_NO, answer(keys=("ja",)), False),
        (YES_NO, answer("Ja", keys=("ja",)), False),
        (SCALE, answer("4", keys=("4",)), False),
        (TEXT_OR_NO, answer("nej", keys=("nej",)), True),
        (MULTI_OTHER, answer("Grøn", keys=("roed", "andet")), True),
    ],
    ids=named,
)
def test_only_an_answer_in_ones_own_words_can_be_continued(asked: Question, given: Answer, can: bool) -> None:
    assert engine.can_continue(asked, given) is can


def test_an_edited_message_is_corrected_where_it_stands() -> None:
    answers = {
        "T1": Answer("T1", (Part("En bænk", 1), Part("Et trae", 2)), open=True),
        "T2": Answer("T2", keys=("ja",)),
        "T3": Answer("T3", (Part("Tak", 3),)),
    }
    flow = flow_of(IDEAS, question(QuestionKind.YES_NO, id="T2"), question(QuestionKind.TEXT, id="T3"))
    before = dict(answers)

    def corrected(text: str, message: int) -> Answer | Refusal | None:
        return engine.correct(flow, answers, Said(text, message))

    assert corrected("Et træ", 2) == Answer("T1", (Part("En bænk", 1), Part("Et træ", 2)), open=True)
    assert corrected("Mange tak", 3) == Answer("T3", (Part("Mange tak", 3),))
    assert corrected("Bla\u030a", 3) == Answer("T3", (Part("Bla\u030a", 3),))
    assert corrected("Hvad?", 4) is None
    assert corrected("010203-1234", 3) == Refusal("cpr")
    assert corrected(" ", 3) == Refusal("empty")
    assert corrected("\u200b", 3) == Refusal("empty")
    assert corrected("x" * (engine.MAX_TEXT + 1), 3) == Refusal("too-long")
    assert answers == before


@pytest.mark.parametrize(
    ("asked", "typed", "edited", "outcome"),
    [
        (YES_NO, "Ja", "Nej", answer("Nej", keys=("nej",))),
        (YES_NO, "Ja", "no!", answer("no!", keys=("nej",))),
        (YES_NO, "Ja", "ja", answer("ja", keys=("ja",))),
        (YES_NO, "Ja", "3", answer("3", keys=("ved_ikke",))),
        (YES_NO, "Ja", "måske", Refusal("not-a-choice")),
        (YES_NO, "Ja", "", Refusal("empty")),
        (SCALE, "4", "5", answer("5", keys=("5",))),
        (SCALE, "4", "Ved ikke", answer("Ved ikke", keys=("ved_ikke",))),
        (SCALE, "4", "6", Refusal("not-a-choice")),
        (SINGLE, "Rød", "2", answer("2", keys=("blaa",))),
        (SINGLE, "2", "Red", answer("Red", keys=("roed",))),
        (SINGLE, "Rød", "Grøn", Refusal("not-a-choice")),
        (SINGLE, "Rød", "Andet", Refusal("not-a-choice")),
        (SINGLE_RANGES, "15", "ca. 120", answer("ca. 120", keys=("100+",))),
        (SINGLE_RANGES, "15", "30", Refusal("not-a-choice")),
        (SINGLE_OTHER, "Rød", "Grøn", answer("Grøn", keys=("andet",))),
        (SINGLE_OTHER, "Grøn", "Gul", answer("Gul", keys=("andet",))),
        (SINGLE_OTHER, "Grøn", "Blå", answer("Blå", keys=("blaa",))),
        (SINGLE_OTHER, "Grøn", "1", answer("1", keys=("roed",))),
        (TEXT_OR_NO, "Nej", "Jo", answer("Jo")),
        (TEXT_OR_NO, "Jo", "Nej", answer("Nej", keys=("nej",))),
        (TEXT_OR_NO, "Jo", "1", answer("1")),
    ],
    ids=named,
)
@pytest.mark.parametrize("open", [False, True], ids=["closed", "open"])
def test_what_was_typed_and_is_edited_is_looked_up_anew(
    asked: Question, typed: str, edited: str, outcome: Answer | Refusal, open: bool
) -> None:
    given = turn_on(asked, Said(typed, 1))
    assert isinstance(given, Answer)
    expected = outcome
    if isinstance(outcome, Answer):
        expected = Answer("T1", (Part(outcome.parts[0].text, 1),), outcome.keys, open=open)
    assert edit(asked, replace(given, open=open), edited) == expected


def test_an_edit_to_andet_counts_as_andet() -> None:
    edited = edit(SINGLE_OTHER, turn_on(SINGLE_OTHER, Said("Rød", 1)), "Andet")
    assert isinstance(edited, Answer)
    assert edited.keys == ("andet",)


def test_a_typed_choice_that_is_edited_takes_only_what_the_person_may_choose() -> None:
    start = flows()["start"]
    typed = {"S1": Answer("S1", (Part("Borger", 1),), ("borger",))}
    for said in ("Medlem af styregruppen", "8"):
        assert engine.correct(start, typed, Said(said, 1)) == Refusal("not-a-choice")


@pytest.mark.parametrize("edited", ["Rød", "1", "Andet", "Gul"])
def test_words_under_andet_stay_there_where_there_are_several(edited: str) -> None:
    for asked, parts, keys in (
        (MULTI_OTHER, (Part("Grøn", 1),), ("roed", "andet")),
        (MULTI_OTHER, (Part("Grøn", 1), Part("Sort", 2)), ("andet",)),
        (SINGLE_OTHER, (Part("Grøn", 1), Part("Sort", 2)), ("andet",)),
    ):
        outcome = edit(asked, Answer("T1", parts, keys), edited)
        assert outcome == Answer("T1", (Part(edited, 1), *parts[1:]), keys)


@pytest.mark.parametrize(
    ("parts", "text", "keys"),
    [
        (("Nej",), "nej!", ("nej",)),
        (("Nej", "jo"), "Nej", ()),
        (("Måske", "nej"), "Nej", ()),
    ],
)
def test_only_a_shortcut_that_stands_alone_counts_as_the_shortcut(
    parts: tuple[str, ...], text: str, keys: tuple[str, ...]
) -> None:
    given = Answer("T1", tuple(Part(said, number) for number, said in enumerate(parts, 1)))
    assert edit(TEXT_OR_NO, given, text) == Answer("T1", (Part(text, 1), *given.parts[1:]), keys)


def test_an_edited_label_no_longer_counts_as_the_choice_it_was() -> None:
    edited = edit(TEXT_OR_NO, turn_on(TEXT_OR_NO, Said("Nej", 1)), "Jo: flere bænke")
    assert isinstance(edited, Answer)
    assert (engine.value(TEXT_OR_NO, edited), engine.category(TEXT_OR_NO, edited)) == ("Jo: flere bænke", "wish")


def test_a_no_that_goes_on_no_longer_counts_as_a_plain_no() -> None:
    no = turn_on(TEXT_OR_NO, Said("Nej", 1))
    assert isinstance(no, Answer)
    longer = engine.continue_answer(TEXT_OR_NO, no, Said("jo, flere bænke", 2))
    assert longer == Answer("T1", (Part("Nej", 1), Part("jo, flere bænke", 2)))
    assert isinstance(longer, Answer)
    assert engine.value(TEXT_OR_NO, longer) == "Nej\njo, flere bænke"
    assert engine.category(TEXT_OR_NO, longer) == "wish"


@pytest.mark.parametrize("asked", [TEXT, CONTACT, IDEAS], ids=named)
def test_edits_do_not_grow_an_answer_beyond_its_bound(asked: Question) -> None:
    two = Answer("T1", (Part("x" * (engine.MAX_TEXT - 1), 1), Part("y", 2)))
    assert edit(asked, two, "y" * 2, 2) == Refusal("too-long")
    assert edit(asked, two, "z", 2) == Answer("T1", (two.parts[0], Part("z", 2)))
    assert edit(asked, two, "x", 1) == Answer("T1", (Part("x", 1), Part("y", 2)))


# --- may it be sent ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "sendable"),
    [
        ({}, False),
        ({"H1a": Answer("H1a", skipped=True), "H5": Answer("H5", skipped=True)}, False),
        ({"H7": Answer("H7", (Part("Bo, 20 30 40 50"),))}, False),
        ({"H4.vision": Answer("H4.vision", (Part("Et nyt ord"),))}, False),
        ({"H1a": Answer("H1a", keys=("mig_selv",)), "H5": Answer("H5", skipped=True)}, True),
        ({"H5": Answer("H5", (Part("Flere bænke"),))}, True),
    ],
    ids=["nothing", "all skipped", "a contact alone", "not on the path", "one choice", "one's own words"],
)
def test_what_has_nothing_in_it_is_not_sent(answers: dict[str, Answer], sendable: bool) -> None:
    hearing = flows()["hoering"]
    on_path = engine.path(hearing, Respondent(group=Group.FORENING), answers)
    assert engine.is_sendable(on_path, answers) is sendable


# --- what an answer says ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "given", "raw", "value", "category"),
    [
        (TEXT, answer("En", "to"), "En\nto", "En\nto", "wish"),
        (TEXT_OR_NO, answer("nej!", keys=("nej",)), "nej!", "nej", "nej"),
        (TEXT_OR_NO, answer(keys=("nej",)), "Nej", "nej", "nej"),
        (CONTACT, answer("Bo"), "Bo", "Bo", "wish"),
        (IDEAS, answer("En bænk", "Et træ"), "En bænk\nEt træ", ["En bænk", "Et træ"], "wish"),
        (SINGLE, answer(keys=("roed",)), "Rød", "roed", "roed"),
        (SINGLE, answer("2", keys=("blaa",)), "2", "blaa", "blaa"),
        (SINGLE_RANGES, answer("ca. 15", keys=("10-24",)), "ca. 15", "10-24", "10-24"),
        (SINGLE_OTHER, answer(keys=("andet",)), "Andet", "andet", "andet"),
        (SINGLE_OTHER, answer("Grøn", keys=("andet",)), "Grøn", "andet", "andet"),
        (MULTI, answer(keys=("blaa", "roed")), "Blå, Rød", ["blaa", "roed"], "blaa,roed"),
        (MULTI_OTHER, answer(keys=("roed", "andet")), "Rød, Andet", ["roed", "andet"], "roed,andet"),
        (MULTI_OTHER, answer("Grøn", keys=("andet", "roed")), "Rød, Grøn", ["andet", "roed"], "andet,roed"),
        (MULTI_OTHER, answer("Grøn", "Gul", keys=("roed", "andet")), "Rød, Grøn\nGul", ["roed", "andet"], "roed,andet"),
        (SCALE, answer(keys=("4",)), "4", 4, "4"),
        (SCALE, answer("4!", keys=("4",)), "4!", 4, "4"),
        (SCALE, answer("don't know", keys=("ved_ikke",)), "don't know", None, "ved_ikke"),
        (SCALE, answer(keys=("ved_ikke",)), "Ved ikke", None, "ved_ikke"),
        (RANKING, answer(keys=("blaa", "roed")), "Blå > Rød", ["blaa", "roed"], "blaa,roed"),
        (YES_NO, answer(keys=("nej",)), "Nej", "nej", "nej"),
        (YES_NO, answer("no", keys=("nej",)), "no", "nej", "nej"),
    ],
    ids=named,
)
def test_an_answer_has_its_words_its_value_and_what_it_is_counted_under(
    asked: Question, given: Answer, raw: str, value: object, category: str
) -> None:
    assert engine.raw_text(asked, given, "da") == raw
    assert (engine.value(asked, given), engine.category(asked, given)) == (value, category)


@pytest.mark.parametrize("asked", EVERY_KIND, ids=named)
def test_a_skip_has_no_words_no_value_and_counts_under_nothing(asked: Question) -> None:
    skipped = answer(skipped=True)
    assert engine.raw_text(asked, skipped, "da") == ""
    assert engine.in_words(asked, skipped, "da") == ""
    assert (engine.value(asked, skipped), engine.category(asked, skipped)) == (None, "")


@pytest.mark.parametrize(
    ("language", "many", "words"),
    [("da", False, "Blå"), ("da", True, "Blå til jer alle"), ("en", False, "Blue"), ("en", True, "Blue")],
)
def test_tapped_answers_are_worded_as_the_person_saw_them(language: Language, many: bool, words: str) -> None:
    assert engine.raw_text(SINGLE, answer(keys=("blaa",)), language, many=many) == words
    assert engine.in_words(SINGLE, answer(keys=("blaa",)), language, many=many) == words
    assert engine.in_words(SINGLE, answer("2", keys=("blaa",)), language, many=many) == words


@pytest.mark.parametrize(
    ("asked", "given", "shown"),
    [
        (SINGLE, answer("2", keys=("blaa",)), "Blå"),
        (SINGLE_RANGES, answer("ca. 15", keys=("10-24",)), "10-24"),
        (SINGLE_OTHER, answer("1", keys=("roed",)), "Rød"),
        (SINGLE_OTHER, answer("Grøn", keys=("andet",)), "Grøn"),
        (SINGLE_OTHER, answer("Grøn", "og gul", keys=("andet",)), "Grøn\nog gul"),
        (SINGLE_OTHER, answer(keys=("andet",)), "Andet"),
        (SCALE, answer("don't know", keys=("ved_ikke",)), "Ved ikke"),
        (YES_NO, answer("1", keys=("ja",)), "Ja"),
        (MULTI_OTHER, answer("Grøn", keys=("roed", "andet")), "Rød, Grøn"),
        (MULTI_OTHER, answer("Grøn", keys=("andet", "roed")), "Rød, Grøn"),
        (RANKING, answer(keys=("blaa", "roed")), "1. Blå\n2. Rød"),
        (TEXT_OR_NO, answer("nej!", keys=("nej",)), "nej!"),
        (TEXT_OR_NO, answer(keys=("nej",)), "Nej"),
        (CONTACT, answer("Bo"), "Bo"),
        (IDEAS, answer("1", "2"), "1\n2"),
    ],
    ids=named,
)
def test_what_was_typed_for_a_choice_is_shown_as_its_label_and_ones_own_words_as_they_are(
    asked: Question, given: Answer, shown: str
) -> None:
    assert engine.in_words(asked, given, "da") == shown


def test_a_choice_that_is_no_longer_there_is_named_by_its_key() -> None:
    assert engine.raw_text(SINGLE, answer(keys=("lilla",)), "da") == "lilla"


def test_choices_of_one_bucket_are_counted_under_its_name_once() -> None:
    warm = question(QuestionKind.MULTI, choices=COLOURS, buckets=(Bucket(name="farve", keys=("roed", "blaa")),))
    assert engine.category(warm, answer(keys=("roed", "ved_ikke", "blaa"))) == "farve,ved_ikke"
    assert engine.category(flows()["faelles"].question("F6"), Answer("F6", keys=("2",))) == "lav"

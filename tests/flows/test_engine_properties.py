"""What holds of every conversation, whatever people do: on every shipped flow, for every respondent.

The machine plays a person who says, taps, goes back, edits and is interrupted by restarts. Beside the engine it
keeps the simplest account of what was said; the two must agree after every turn.
"""

from __future__ import annotations

from types import MappingProxyType

import pytest
from hypothesis import event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.dialogue import session
from bot.flows import content, engine, safeguarding, standard_choices
from bot.flows.engine import (
    Answer,
    Finished,
    Kept,
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
from bot.flows.model import LANGUAGES, OTHER, RESPONDENTS, Choice, Flow, Group, Question, QuestionKind, Respondent
from storage.answers import StoredAnswer
from tests.support.flow_material import flows
from tests.support.sizes import examples

EVERYONE = (*RESPONDENTS, Respondent(), *(who.model_copy(update={"steering": True}) for who in RESPONDENTS))

NASTY = st.one_of(
    st.sampled_from(
        [
            "",
            " ",
            "\n\n",
            "\u00a0",
            "ja",
            "Nej",
            "NO!",
            "ved ikke",
            "Andet",
            "Something else",
            "1",
            "3",
            "15",
            "007",
            "13",
            "٣",
            "²",
            "-1",
            "100+",
            "10-24",
            "10 – 24",
            "ca. 15",
            "ca. 3",
            "måske",
            "  Flere bænke\nog træer\n",
            "bla\u030abær",
            "blåbær",
            "👩‍👧‍👦",
            "🇩🇰" * 9,
            "\u202eomvendt\u202c",
            "שלום",
            "<b>&amp;</b>",
            "'; DROP TABLE x; --",
            "=1+1",
            "null",
            "[]",
            '{"a": 1}',
            "\x00",
            "\ufeff",
            "\u200b\u2060",
            "halv \ud83d",
            "\ude00",
            "010203",
            "1234",
            "010203-1234",
            "0102031234",
            "01 02 03 - 1234",
            "Bo, 311299-9999.",
            "306-2019-263412",
            "+45 12 34 56 78",
            "x" * 5000,
            "y" * (engine.MAX_TEXT - 5000),
            "1, 2",
            "2 og 1",
            "4️⃣",
            "fire",
            "4 - enig",
            "ja tak",
            "nej",
            "z" * (engine.MAX_TEXT + 1),
        ]
    ),
    st.text(max_size=30),
    st.text(alphabet="0123456789 -.", max_size=14),
    st.text(alphabet="aåæøé\u030a\u0301👍🏽\n", max_size=8),
)


def first_of(flow: Flow, question: Question) -> Question:
    """The question itself; of a follow-up the one that it all follows from."""
    return question if question.when is None else first_of(flow, flow.question(question.when.question))


def asked_of(question: Question) -> list[Respondent]:
    return [respondent for respondent in EVERYONE if not respondent.audiences.isdisjoint(question.who)]


QUESTIONS = {
    kind: [(flow, question) for flow in flows().values() for question in flow if question.kind is kind]
    for kind in QuestionKind
}


def kept(text: str) -> str:
    """What is to be found in the answer of what was written: halves of characters can't be stored."""
    return "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text)


def meant(question: Question, seen: tuple[Choice, ...], told: list[tuple[str, int]]) -> tuple[str, ...] | None:
    """The keys that a written answer has by its words alone; None where they are no answer to the question."""
    (first, _), *more = told
    if question.kind in (QuestionKind.TEXT, QuestionKind.CONTACT):
        shortcut = None if more else engine.match_label(first, seen)
        return () if shortcut is None else (shortcut.key,)
    choice = None if more else engine.match_choice(first, seen)
    if choice is not None:
        return (choice.key,)
    return (OTHER,) if question.other else None


def restarted(flow: Flow, answer: Answer, respondent: Respondent) -> Answer:
    """The answer written to a row and read back, as bot.dialogue does it."""
    question = flow.question(answer.question)
    written = content.write(question, answer, "da", many=respondent.speaks_for_many)
    row = StoredAnswer(
        question=answer.question,
        version=1,
        revision=1,
        asked="",
        language="da",
        channel="telegram",
        content=written,
        skipped=answer.skipped,
        open=answer.open,
        closed_once=False,
        answered_at=0,
        apart=False,
    )
    return session._opened(row)


class Conversation(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.answers: dict[str, Answer] = {}
        self.texts: dict[str, list[tuple[str, int]]] = {}  # the account: what each question was told, in order
        self.messages = 0

    @initialize(data=st.data(), kind=st.sampled_from(QuestionKind))
    def begins(self, data: st.DataObject, kind: QuestionKind) -> None:
        """Somewhere along a path, so that every kind of question is met as often as any other."""
        self.flow, question = data.draw(st.sampled_from(QUESTIONS[kind]))
        self.respondent = data.draw(st.sampled_from(asked_of(question)))
        first = first_of(self.flow, question)
        while (asked := self.asked) is not None and asked != first:
            self.take(Picked(0) if asked.required else Skipped())

    @property
    def asked(self) -> Question | None:
        return engine.open_question(self.flow, self.respondent, self.answers)

    def take(self, turn: Turn) -> Answer | Refusal:
        """The turn, on answers that can't be written to: what is refused, or what must not change, does not."""
        answers = MappingProxyType(self.answers)
        outcome = engine.take_turn(self.flow, self.respondent, answers, turn)
        assert outcome == engine.take_turn(self.flow, self.respondent, answers, turn, self.path)
        event(f"{type(turn).__name__}: {outcome.code if isinstance(outcome, Refusal) else 'taken'}")
        if isinstance(outcome, Answer):
            self.keeps(outcome)
        return outcome

    def keeps(self, answer: Answer) -> None:
        """Only an answer that decides whether another question is asked can make another path."""
        before = self.path
        self.answers[answer.question] = answer
        if answer.question not in self.flow.deciding:
            assert self.path == before

    @property
    def path(self) -> tuple[Question, ...]:
        return engine.path(self.flow, self.respondent, self.answers)

    def new_message(self) -> int:
        self.messages += 1
        return self.messages

    def labels(self, question: Question) -> st.SearchStrategy[str]:
        """The words of a choice of the question, as people write them."""
        forms = [
            form
            for choice in engine.options(question)
            for form in (choice.label.da, choice.label.en.upper(), f" «{choice.label.da_jer or choice.label.da}».")
        ]
        return st.sampled_from(forms) if forms else st.nothing()

    # --- what people do -----------------------------------------------------------------------------------

    @rule(data=st.data(), text=NASTY)
    def says(self, data: st.DataObject, text: str) -> None:
        asked, message = self.asked, self.new_message()
        if asked is not None:
            text = data.draw(st.one_of(st.just(text), self.labels(asked)))
        self.says_exactly(text, message)

    @precondition(lambda self: self.asked is not None and self.asked.kind in (QuestionKind.IDEAS, QuestionKind.MULTI))
    @rule(lines=st.integers(1, 6))
    def says_one_thing_after_the_other(self, lines: int) -> None:
        for _ in range(lines):
            message = self.new_message()
            self.says_exactly(f"tanke {message}", message)

    def says_exactly(self, text: str, message: int) -> None:
        asked = self.asked
        outcome = self.take(Said(text, message))
        if isinstance(outcome, Refusal):
            return
        assert asked is not None
        assert outcome.question == asked.id
        composed = kept(text)
        assert not safeguarding.looks_like_cpr(composed)
        seen = engine.options(asked)
        choice = engine.match_choice(composed, seen)
        told = self.texts.setdefault(asked.id, [])
        match asked.kind:
            case QuestionKind.IDEAS:
                told.append((composed, message))
                assert outcome.open
            case QuestionKind.MULTI | QuestionKind.RANKING if chosen := engine.match_choices(composed, seen):
                assert {each.key for each in chosen} <= {*outcome.keys}  # «Andet» too: a tick, and no words yet
                assert outcome.open
            case QuestionKind.MULTI:
                told.append((composed, message))
                assert OTHER in outcome.keys
                assert outcome.open
            case QuestionKind.SINGLE if choice is not None and choice.key == OTHER:
                told.clear()
                assert (outcome.keys, outcome.open) == ((OTHER,), True)
            case _:
                told[:] = [(composed, message)]
                assert (outcome.keys, outcome.open) == (meant(asked, seen, told), False)

    @rule(data=st.data(), on=st.sampled_from([True, True, False]))
    def picks(self, data: st.DataObject, on: bool) -> None:
        asked = self.asked
        shown = 0 if asked is None else len(engine.options(asked))
        self.picks_place(data.draw(st.integers(-1, shown)), on)

    def picks_place(self, place: int, on: bool) -> None:
        asked = self.asked
        outcome = self.take(Picked(place, on))
        if isinstance(outcome, Refusal):
            return
        assert asked is not None
        assert on or asked.kind is QuestionKind.MULTI
        key = engine.options(asked)[place].key
        if asked.kind is QuestionKind.MULTI:
            assert (key in outcome.keys) is on
        if asked.kind not in (QuestionKind.MULTI, QuestionKind.RANKING) or (key == OTHER and not on):
            self.texts.pop(asked.id, None)

    @precondition(lambda self: self.asked is not None and self.asked.kind in (QuestionKind.MULTI, QuestionKind.RANKING))
    @rule(data=st.data(), on=st.booleans())
    def picks_what_is_not_chosen_or_takes_back_what_is(self, data: st.DataObject, on: bool) -> None:
        asked = self.asked
        assert asked is not None
        chosen = self.answers.get(asked.id, Answer(asked.id)).keys
        keys = [choice.key for choice in engine.options(asked)]
        places = [place for place, key in enumerate(keys) if (key in chosen) is not on]
        if places:
            self.picks_place(data.draw(st.sampled_from(places)), on)

    @rule(turn=st.sampled_from([Finished(), Skipped(), Kept()]))
    def goes_on(self, turn: Turn) -> None:
        asked = self.asked
        before = self.answers.get(asked.id) if asked is not None else None
        outcome = self.take(turn)
        if isinstance(outcome, Refusal):
            return
        assert asked is not None
        assert not outcome.open
        if isinstance(turn, Skipped) and outcome.skipped:
            collecting = asked.kind in (QuestionKind.IDEAS, QuestionKind.MULTI, QuestionKind.RANKING)
            assert before is None or before.is_empty or not collecting
            self.texts.pop(asked.id, None)

    @rule()
    def takes_back(self) -> None:
        asked = self.asked
        if isinstance(self.take(Undone()), Answer):
            assert asked is not None
            if asked.kind is QuestionKind.IDEAS:
                self.texts[asked.id].pop()

    @rule()
    def goes_back(self) -> None:
        before = dict(self.answers)
        outcome = self.take(WentBack())
        if isinstance(outcome, Answer):
            assert self.asked is not None
            assert self.asked.id == outcome.question
            assert _closed(outcome) == _closed(before[outcome.question])

    @rule(data=st.data())
    def reopens(self, data: st.DataObject) -> None:
        wanted = data.draw(st.sampled_from([*(q.id for q in self.flow), "Z99"]))
        outcome = self.take(Reopened(wanted))
        on_path = {q.id for q in self.path}
        assert isinstance(outcome, Answer) is (wanted in on_path and wanted in self.answers)

    @precondition(lambda self: self.answers)
    @rule(data=st.data(), text=NASTY)
    def goes_on_with_the_same_thought(self, data: st.DataObject, text: str) -> None:
        wanted = data.draw(st.sampled_from(sorted(self.answers)))
        answer, message = self.answers[wanted], self.new_message()
        question = self.flow.question(wanted)
        if not engine.can_continue(question, answer):
            return
        outcome = engine.continue_answer(question, answer, Said(text, message))
        event(f"continued: {outcome.code if isinstance(outcome, Refusal) else 'taken'}")
        if isinstance(outcome, Answer):
            assert (outcome.question, outcome.open, outcome.skipped) == (wanted, answer.open, False)
            assert outcome.keys == (() if question.is_written else answer.keys)
            self.keeps(outcome)
            self.texts.setdefault(wanted, []).append((kept(text), message))

    @precondition(lambda self: self.messages)
    @rule(data=st.data(), text=NASTY)
    def edits_a_message(self, data: st.DataObject, text: str) -> None:
        message = data.draw(st.integers(1, self.messages))
        self.edits(message, text)

    @precondition(lambda self: any(self.texts.values()))
    @rule(data=st.data(), text=NASTY)
    def edits_what_stands(self, data: st.DataObject, text: str) -> None:
        """A message that is part of an answer; often to the words of another choice of the question."""
        wanted = data.draw(st.sampled_from(sorted(key for key, told in self.texts.items() if told)))
        _, message = data.draw(st.sampled_from(self.texts[wanted]))
        text = data.draw(st.one_of(st.just(text), self.labels(self.flow.question(wanted))))
        self.edits(message, text)

    def edits(self, message: int, text: str) -> None:
        outcome = engine.correct(self.flow, MappingProxyType(self.answers), Said(text, message))
        stands = [key for key, told in self.texts.items() if message in {number for _, number in told}]
        assert (outcome is None) is (not stands)
        if outcome is None:
            return
        (wanted,) = stands
        event(f"edited: {outcome.code if isinstance(outcome, Refusal) else 'taken'}")
        question, answer = self.flow.question(wanted), self.answers[wanted]
        told = [(kept(text) if number == message else old, number) for old, number in self.texts[wanted]]
        collecting = question.kind in (QuestionKind.IDEAS, QuestionKind.MULTI)
        keys = answer.keys if collecting else meant(question, engine.options(question), told)
        if isinstance(outcome, Refusal):
            assert outcome.code != "not-a-choice" or keys is None
            return
        assert (outcome.question, outcome.open, outcome.skipped) == (wanted, answer.open, False)
        assert outcome.keys == keys
        self.keeps(outcome)
        self.texts[wanted] = told

    @rule(respondent=st.sampled_from(EVERYONE))
    def becomes_somebody_else(self, respondent: Respondent) -> None:
        """A first question answered anew, a role given: the answers stay."""
        self.respondent = respondent

    @rule()
    def is_interrupted_by_a_restart(self) -> None:
        asked = self.asked
        place = None if asked is None else engine.place(self.flow, self.respondent, asked)
        self.answers = {key: restarted(self.flow, answer, self.respondent) for key, answer in self.answers.items()}
        assert self.asked == asked
        assert place == (None if asked is None else engine.place(self.flow, self.respondent, asked))

    # --- what always holds --------------------------------------------------------------------------------

    @invariant()
    def where_one_is_follows_from_flow_and_answers_alone(self) -> None:
        if not hasattr(self, "flow"):
            return
        asked, on_path = self.asked, self.path
        ids = [question.id for question in on_path]
        met = {key: self.answers[key] for key in reversed(self.answers) if key in ids}
        assert engine.open_question(self.flow, self.respondent, met) == asked
        assert asked is None or asked in on_path
        assert ids == [question.id for question in self.flow if question.id in ids]
        places = [engine.place(self.flow, self.respondent, question) for question in on_path]
        assert places == sorted(places)
        assert all(1 <= number <= total for number, total in places)

    @invariant()
    def nothing_that_was_said_is_lost(self) -> None:
        held = {key: [(p.text, p.message) for p in answer.parts] for key, answer in self.answers.items()}
        assert {key: parts for key, parts in held.items() if parts} == {
            k: told for k, told in self.texts.items() if told
        }

    @invariant()
    def an_answer_says_only_what_its_question_can_carry(self) -> None:
        for key, answer in self.answers.items():
            question = self.flow.question(key)
            assert set(answer.keys) <= set(question.keys)
            assert len(set(answer.keys)) == len(answer.keys)
            assert not (answer.skipped and not answer.is_empty)
            assert question.most is None or len(answer.keys) <= question.most
            typed = question.kind in (QuestionKind.SINGLE, QuestionKind.SCALE, QuestionKind.YES_NO)
            assert not answer.parts or question.is_written or typed or OTHER in answer.keys
            assert len(answer.parts) <= engine.MAX_PARTS
            assert sum(len(part.text) for part in answer.parts) <= engine.MAX_TEXT
            if answer.parts and not question.is_written and answer.keys[0] != OTHER and typed:
                shown = engine.in_words(question, answer, "da")
                assert shown in {choice.label.da for choice in standard_choices.choices(question)}
            engine.value(question, answer)
            engine.category(question, answer)

    @invariant()
    def what_was_typed_for_a_choice_is_what_it_counts_as(self) -> None:
        """Whatever was edited, continued and reopened since: the words that stand there mean the key."""
        for key, told in self.texts.items():
            question = self.flow.question(key)
            if told and question.kind not in (QuestionKind.IDEAS, QuestionKind.MULTI):
                assert self.answers[key].keys == meant(question, standard_choices.choices(question), told)

    @invariant()
    def no_cpr_number_is_kept(self) -> None:
        for key, answer in self.answers.items():
            for language in LANGUAGES:
                assert not safeguarding.looks_like_cpr(engine.raw_text(self.flow.question(key), answer, language))

    def teardown(self) -> None:
        """From wherever one is, going on and on leads to the end."""
        if not hasattr(self, "flow"):
            return
        for _ in self.flow:
            if self.asked is None:
                break
            if self.take(Skipped()) == Refusal("required") and self.take(Kept()) == Refusal("nothing-chosen"):
                assert isinstance(self.take(Picked(0)), Answer)
        assert self.asked is None


def _closed(answer: Answer) -> Answer:
    return Answer(answer.question, answer.parts, answer.keys, answer.skipped)


TestConversation = Conversation.TestCase

TestConversation.settings = settings(
    max_examples=examples(300), stateful_step_count=30, deadline=None, derandomize=True
)


@pytest.mark.parametrize("flow", flows().values(), ids=lambda flow: str(flow.flow))
def test_skipping_everything_ends_within_as_many_turns_as_there_are_questions(flow: Flow) -> None:
    for respondent in EVERYONE:
        answers: dict[str, Answer] = {}
        for _ in flow:
            asked = engine.open_question(flow, respondent, answers)
            if asked is None:
                break
            outcome = engine.take_turn(flow, respondent, answers, Picked(0) if asked.required else Skipped())
            assert isinstance(outcome, Answer)
            answers[asked.id] = outcome
        assert engine.open_question(flow, respondent, answers) is None
        assert answers.keys() == {question.id for question in engine.path(flow, respondent, answers)}


def test_a_flow_asks_whoever_has_a_path_through_it() -> None:
    """The steering group's own asks whoever holds its role, and they are in it as the group."""
    members = Respondent(group=Group.STYREGRUPPE)
    for flow in flows().values():
        for respondent in EVERYONE:
            there = engine.path(flow, members if flow.by_role else respondent, {})
            asked = bool(there) and (respondent.steering or not flow.by_role)
            assert engine.asks(flow, respondent) == asked, (flow.flow, respondent)


@pytest.mark.parametrize("flow", flows().values(), ids=lambda flow: str(flow.flow))
def test_every_question_of_every_path_can_be_answered_and_read_back_the_same(flow: Flow) -> None:
    for respondent in EVERYONE:
        answers: dict[str, Answer] = {}
        while (asked := engine.open_question(flow, respondent, answers)) is not None:
            turn = Said("Så godt 👍\n", 5) if asked.is_written else Picked(len(engine.options(asked)) - 1)
            outcome = engine.take_turn(flow, respondent, answers, turn)
            assert isinstance(outcome, Answer)
            answers[asked.id] = outcome
            if outcome.open:
                answers[asked.id] = Answer(
                    asked.id, (*outcome.parts, Part("mere", 6)) if asked.other else outcome.parts, outcome.keys
                )
            assert restarted(flow, answers[asked.id], respondent) == answers[asked.id]

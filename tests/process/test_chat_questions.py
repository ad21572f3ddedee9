"""Questions made in the chat, in the text of the municipality's own: written into it, read again, kept when a file is
loaded."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.flows.model import Audience, Choice, QuestionKind, Wording
from bot.flows.yamltext import Faulty
from bot.process import chat_questions, own_questions
from bot.process.file import QuestionsText
from bot.process.flows import shipped_flows
from bot.process.loading import example, parse_file, with_questions
from bot.process.own_questions import ChatQuestion
from tests.support.sizes import examples

COMMENTED = """# Vores egne spørgsmål. Spørg Mette, før du retter.
steps:
  - flow: faelles   # mødet i hallen
    questions:
      - id: F1
        text: {da: "Hvordan er det om ti år?", en: "What is it like in ten years?"}
      - {id: Q1, kind: text, who: [borger], text: {da: "Hvad mangler du?", en: "What do you lack?"}}
# Slut.
"""


def made(number: int = 2, da: str = "Hvem kan du ringe til?", **more: object) -> ChatQuestion:
    given_by_hand = {
        "flow": "plan",
        "id": f"Q{number}",
        "kind": QuestionKind.TEXT,
        "who": (Audience.BORGER, Audience.FORENING),
        "text": Wording(da=da, en="Whom can you call?", da_jer="Hvem kan I ringe til?"),
    }
    return ChatQuestion.model_validate(given_by_hand | more)


def text(written: str) -> QuestionsText:
    return QuestionsText(name="egne.yaml", text=written)


def test_what_somebody_wrote_stays_sign_for_sign_and_the_rest_stands_behind_it() -> None:
    after = chat_questions.written(text(COMMENTED), (made(),))
    assert after.text.startswith(COMMENTED)
    assert chat_questions.made_in(after) == (made(),)
    again = chat_questions.written(after, (made(), made(3)))
    assert again.text.startswith(COMMENTED)
    assert [question.id for question in chat_questions.made_in(again)] == ["Q2", "Q3"]
    assert chat_questions.written(again, ()).text == COMMENTED


@pytest.mark.parametrize(
    "before",
    [
        "steps: []",
        "{steps: []}",
        "---\nsteps: []\n...\n",
        "from_chat: []\nsteps: []\n",
        "from_chat:\n# x\n\n- {flow: plan, id: Q7, kind: text, who: [leder], text: {da: a, en: b}}\n# y\nsteps: []\n",
    ],
)
def test_it_goes_into_a_file_of_any_shape(before: str) -> None:
    kept = own_questions.read(text(before))[1].steps
    after = chat_questions.written(text(before), (made(),))
    assert own_questions.read(after)[1].steps == kept
    assert chat_questions.made_in(after) == (made(),)


WORDS = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Cn", "Co"), exclude_characters="\u2028\u2029\ufeff"), min_size=1
)


@settings(max_examples=examples(60))
@given(st.lists(st.tuples(WORDS, WORDS), min_size=2, max_size=4), WORDS, st.booleans())
def test_whatever_is_written_is_read_again(choices: list[tuple[str, str]], da: str, off: bool) -> None:
    if not all(each.strip() for each in (da, *(label for pair in choices for label in pair))):
        return
    question = made(
        da=da,
        kind=QuestionKind.SINGLE,
        switched_off=off,
        choices=tuple(
            Choice(key=f"v_{place}", label=Wording(da=one, en=other)) for place, (one, other) in enumerate(choices)
        ),
    )
    assert chat_questions.made_in(chat_questions.written(text(COMMENTED), (question,))) == (question,)


def test_the_lowest_number_that_was_never_used_is_free() -> None:
    assert chat_questions.free_id(()) == "Q1"
    assert chat_questions.free_id({"Q1", "Q2a", "F3", "Q4"}) == "Q3"
    assert chat_questions.free_id({f"Q{number}" for number in range(1, 100)}) is None


# --- a file is loaded -------------------------------------------------------------------------------------


def test_a_file_that_says_nothing_of_them_keeps_them() -> None:
    before = chat_questions.written(None, (made(), made(3, switched_off=True)))
    after = chat_questions.carried_over(before, text(COMMENTED))
    assert after.text.startswith(COMMENTED)
    assert chat_questions.made_in(after) == chat_questions.made_in(before)
    assert chat_questions.carried_over(None, text(COMMENTED)) == text(COMMENTED)


def test_what_was_exported_and_changed_is_as_the_file_says() -> None:
    before = chat_questions.written(None, (made(), made(3)))
    exported = text(before.text.replace("Hvem kan du ringe til?", "Hvem må du ringe til?", 1))
    after = chat_questions.carried_over(before, exported)
    assert after == exported
    assert [each.text.da for each in chat_questions.made_in(after)] == [
        "Hvem må du ringe til?",
        "Hvem kan du ringe til?",
    ]


def test_one_that_the_file_asks_in_the_same_step_itself_is_the_files() -> None:
    before = chat_questions.written(None, (made(), made(3)))
    theirs = text("""steps:
  - flow: plan
    questions:
      - {id: Q2, kind: text, who: [forening, borger], text: {da: "Hvem kan du ringe til?", en: "Who?"}, before: P5}
""")
    after = chat_questions.carried_over(before, theirs)
    assert [each.id for each in chat_questions.made_in(after)] == ["Q3"]


ASKED = """steps:
  - flow: {flow}
    questions:
      - {{id: Q2, kind: {kind}, who: [borger, forening], text: {{da: "{da}", en: b}}}}
"""
SAME = "Hvem kan du ringe til?"


@pytest.mark.parametrize(
    ("theirs", "at"),
    [
        (
            ASKED.format(flow="linjer", kind="text", da=SAME),
            ":4: steps[0].questions[0].id: ",
        ),
        (
            ASKED.format(flow="plan", kind="yes_no", da=SAME),
            ":4: steps[0].questions[0].id: ",
        ),
        (
            ASKED.format(flow="plan", kind="text", da="Hvilke lokaler mangler du?"),  # what the file's own Q2 asks
            ":4: steps[0].questions[0].id: ",
        ),
        (
            ASKED.format(flow="plan", kind="text", da=SAME).replace(", forening", ""),
            ":4: steps[0].questions[0].id: ",
        ),
        (
            "steps: []\nfrom_chat:\n  - {flow: plan, id: Q2, kind: yes_no, who: [borger], text: {da: a, en: b}}\n",
            ":3: from_chat[0].id: ",
        ),
    ],
)
def test_a_number_of_one_is_not_used_for_another_question(theirs: str, at: str) -> None:
    with pytest.raises(Faulty) as refused:
        chat_questions.carried_over(chat_questions.written(None, (made(),)), text(theirs))
    assert refused.value.faults == (
        f"egne.yaml{at}Q2 is a question made in the chat, »Hvem kan du ringe til?«: use Q1. If it is that question, "
        "change it under `from_chat`, in the file that `besyv questions export` writes",
    )


def test_a_step_of_ones_own_is_taken_out_once_nothing_made_in_the_chat_is_asked_there() -> None:
    of_own = """steps:
  - flow: egen_hal
    title: {da: "Om hallen", en: "About the hall"}
    questions:
      - {id: Q1, kind: text, who: [borger], text: {da: "Hvad mangler der?", en: "What is missing?"}}
"""
    asked = chat_questions.written(text(of_own), (made(flow="egen_hal", who=(Audience.BORGER,)),))
    without = text("steps: []\n")
    with pytest.raises(Faulty) as refused:
        chat_questions.carried_over(asked, without)
    assert refused.value.faults == (
        "egne.yaml:1: steps: egen_hal is left out, and Q2, made in the chat, is asked in it, »Hvem kan du ringe til?«: "
        "switch it off first",
    )
    off = tuple(each.model_copy(update={"switched_off": True}) for each in chat_questions.made_in(asked))
    after = chat_questions.carried_over(chat_questions.written(asked, off), without)
    assert chat_questions.made_in(after) == off
    flows = shipped_flows(with_questions(parse_file(example(), "example.yaml"), after))
    assert "egen_hal" not in [flow.flow for flow in flows]


# --- where it is asked --------------------------------------------------------------------------------------


def test_it_stands_last_before_the_closing_question_also_in_a_step_that_the_file_changes() -> None:
    written = chat_questions.written(
        text(COMMENTED), (made(2, flow="faelles", who=(Audience.BORGER,)), made(3, switched_off=True))
    )
    file = with_questions(parse_file(example(), "example.yaml"), written)
    flows = {flow.flow: [question.id for question in flow] for flow in shipped_flows(file)}
    assert flows["faelles"][-3:] == ["Q1", "Q2", "X1"]
    assert "Q3" not in flows["plan"]


def test_it_stands_at_the_end_of_a_step_of_ones_own() -> None:
    own = """steps:
  - flow: egen_lokaler
    title: {da: "Lokaler", en: "Rooms"}
    who: [borger]
    questions:
      - {id: Q1, kind: text, text: {da: "Hvad mangler du?", en: "What do you lack?"}}
"""
    written = chat_questions.written(text(own), (made(2, flow="egen_lokaler"),))
    file = with_questions(parse_file(example(), "example.yaml"), written)
    (flow,) = [flow for flow in shipped_flows(file) if flow.flow == "egen_lokaler"]
    assert [question.id for question in flow] == ["Q1", "Q2"]

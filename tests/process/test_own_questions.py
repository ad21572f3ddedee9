"""The municipality's own questions: what a file may say, how it changes what Besyv comes with, and what is refused."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent

import pytest
import yaml
from pydantic import BaseModel

from bot.flows import fault_words, plain_danish
from bot.flows.file_faults import FileFault
from bot.flows.model import Audience, Flow, Language, QuestionKind
from bot.flows.survey_rules import findings
from bot.flows.yamltext import Faulty
from bot.process import own_questions
from bot.process.file import ProcessFile, QuestionsText
from bot.process.flows import flow_keys, shipped_flows
from bot.process.loading import example, parse_file, with_questions


def of_example() -> ProcessFile:
    return parse_file(example(), "example.yaml")


def made(text: str) -> dict[str, Flow]:
    """The flows of the example with these questions of its own. Raises Faulty."""
    file = with_questions(of_example(), QuestionsText(name="egne.yaml", text=dedent(text)))
    return {flow.flow: flow for flow in shipped_flows(file)}


def ids(flow: Flow) -> list[str]:
    return [question.id for question in flow]


SHIPPED = {flow.flow: flow for flow in shipped_flows(of_example())}

# --- what it changes --------------------------------------------------------------------------------------


def test_nothing_that_besyv_comes_with_has_an_id_of_the_municipalitys_own() -> None:
    """Neither now nor later: what a municipality calls Q1 or egen_lokaler never becomes something else by an update."""
    assert not [question.id for flow in SHIPPED.values() for question in flow if question.id.startswith("Q")]
    assert not [key for key in flow_keys() if key.startswith(own_questions.OWN_STEP)]


def test_a_question_is_reworded_and_keeps_its_id_kind_and_place() -> None:
    after = made("""
        steps:
          - flow: faelles
            questions:
              - id: F1
                text: {da: "Hvordan er det om ti år?", en: "What is it like in ten years?"}
    """)
    (before,) = [question for question in SHIPPED["faelles"] if question.id == "F1"]
    assert after["faelles"].question("F1") == before.model_copy(update={"text": after["faelles"].question("F1").text})
    assert after["faelles"].question("F1").text.da == "Hvordan er det om ti år?"
    assert ids(after["faelles"]) == ids(SHIPPED["faelles"])
    assert {key for key, flow in after.items() if flow != SHIPPED[key]} == {"faelles"}


def test_a_question_that_several_steps_share_is_reworded_in_the_one() -> None:
    after = made("""
        steps:
          - flow: faelles
            questions:
              - {id: X1, text: {da: "Er der mere?", en: "Is there more?"}}
    """)
    assert after["faelles"].question("X1").text.da == "Er der mere?"
    assert after["plan"] == SHIPPED["plan"]


@pytest.mark.parametrize("kind", list(QuestionKind))
def test_one_of_every_kind_is_added_before_the_closing_question(kind: QuestionKind) -> None:
    choices = {QuestionKind.SINGLE, QuestionKind.MULTI, QuestionKind.RANKING}
    listed = "[{key: a, label: {da: A, en: A1}}, {key: b, label: {da: B, en: B1}}]" if kind in choices else "[]"
    after = made(f"""
        steps:
          - flow: faelles
            questions:
              - id: Q1
                kind: {kind}
                who: [borger]
                text: {{da: "Hvad ønsker du af byens hus?", en: "What do you wish for from the town's house?"}}
                choices: {listed}
    """)
    added = after["faelles"].question("Q1")
    assert ids(after["faelles"]) == [*ids(SHIPPED["faelles"])[:-1], "Q1", "X1"]
    assert (added.kind, added.apart) == (kind, kind is QuestionKind.CONTACT)


def test_questions_are_moved_with_what_follows_up_on_them() -> None:
    after = made("""
        steps:
          - flow: hoering
            questions:
              - {id: H1, after: H5}
    """)
    before = ids(SHIPPED["hoering"])
    moved = ["H1", "H2"]
    rest = [each for each in before if each not in moved]
    place = rest.index("H5") + 1
    assert ids(after["hoering"]) == [*rest[:place], *moved, *rest[place:]]


def test_choices_are_reworded_added_and_taken_away() -> None:
    after = made("""
        steps:
          - flow: plan
            questions:
              - id: P4
                choices:
                  - {key: papir, label: {da: "Svare på et ark", en: "Answer on a sheet"}}
                  - {key: telefon, switched_off: true}
                  - {key: bus, label: {da: "I borgerbussen", en: "In the citizens' bus"}}
    """)
    before = [choice.key for choice in SHIPPED["plan"].question("P4").choices]
    now = {choice.key: choice.label.da for choice in after["plan"].question("P4").choices}
    assert list(now) == [*(key for key in before if key != "telefon"), "bus"]
    assert now["papir"] == "Svare på et ark"


STEP = """
    steps:
      - flow: egen_lokaler
        after: plan
        who: [frivillig, forening]
        title: {da: "Lokaler", en: "Rooms"}
        opens: "2030-02-01 08:00"
        closes: "2030-03-01 12:00"
        questions:
          - id: Q1
            kind: text
            text: {da: "Hvilke lokaler mangler I?", en: "Which rooms do you lack?"}
          - id: Q2
            kind: text
            who: [forening]
            text: {da: "Hvad koster lokalerne jer?", en: "What do the rooms cost you?"}
"""


def test_a_step_of_ones_own_stands_where_it_is_put_and_is_open_when_it_says() -> None:
    after = made(STEP)
    assert list(after) == [*list(SHIPPED)[:2], "egen_lokaler", *list(SHIPPED)[2:]]
    assert [question.who for question in after["egen_lokaler"]] == [
        (Audience.FRIVILLIG, Audience.FORENING),
        (Audience.FORENING,),
    ]
    file = with_questions(of_example(), QuestionsText(name="egne.yaml", text=dedent(STEP)))
    (times,) = [step for step in own_questions.times(file) if step.flow == "egen_lokaler"]
    assert f"{times.opens} {times.closes}" == "2030-02-01 08:00:00 2030-03-01 12:00:00"


def test_a_step_switched_off_is_open_at_no_time() -> None:
    file = with_questions(of_example(), QuestionsText(name="x", text="steps:\n  - {flow: plan, switched_off: true}\n"))
    assert [step.flow for step in own_questions.times(file)] == [
        step.flow for step in of_example().steps if step.flow != "plan"
    ]
    assert shipped_flows(file) == list(SHIPPED.values())


# --- what is refused --------------------------------------------------------------------------------------

BROKEN = yaml.safe_load((Path(__file__).parents[1] / "data" / "broken_own_questions.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("broken", BROKEN, ids=[broken["said"][:70] for broken in BROKEN])
def test_a_broken_file_is_named_by_line_and_field(broken: dict[str, str]) -> None:
    with pytest.raises(Faulty) as refused:
        made(broken["file"])
    said = f"egne.yaml{broken['said']}"
    assert [fault for fault in refused.value.faults if fault.startswith(said)], refused.value.faults


JARGON = re.compile(
    r"block|mapping|sequence|scalar|tuple|boolean|pattern|instance|dictionary|token|unicode|steps[\[]", re.IGNORECASE
)


def told(faulty: Faulty, language: Language = "da") -> list[str]:
    """In plain words."""
    found = [fault for fault in faulty.faults if isinstance(fault, FileFault)]
    assert len(found) == len(faulty.faults)
    return [fault.to(language) for fault in found]


@pytest.mark.parametrize("broken", BROKEN, ids=[broken["said"][:70] for broken in BROKEN])
def test_a_broken_file_is_told_in_plain_words_of_both_languages(broken: dict[str, str]) -> None:
    """What somebody who writes no programs can mend: the line, the question, and what to do."""
    with pytest.raises(Faulty) as refused:
        made(broken["file"])
    danish, english = told(refused.value, "da"), told(refused.value, "en")
    assert [each for each in danish if not re.match(r"egne\.yaml, linje \d+: .*[.?]$", each)] == []
    assert [each for each in english if not re.match(r"egne\.yaml, line \d+: ", each)] == []
    assert [each for each in (*danish, *english) if JARGON.search(each)] == []
    assert [
        one for one, other in zip(danish, english, strict=True) if one.split(": ")[-1] == other.split(": ")[-1]
    ] == []
    if "da" in broken:
        assert [each for each in danish if each.startswith(f"egne.yaml, linje {broken['da']}")], danish


def test_there_are_at_least_thirty_broken_files() -> None:
    assert len(BROKEN) >= 30


def test_more_than_seven_questions_on_a_path_are_refused_with_the_paths_name() -> None:
    more = "".join(
        f'\n      - {{id: Q{n}, kind: text, who: [politiker], text: {{da: "Hvad {n}?", en: "What {n}?"}}}}'
        for n in range(8)
    )
    with pytest.raises(Faulty) as refused:
        made(f"steps:\n  - flow: faelles\n    questions:{more}\n")
    (fault,) = refused.value.faults
    assert fault.startswith("egne.yaml:11: steps[0].questions[7]: faelles: politicians get ")
    assert fault.endswith(" Q7 X1). At most 7; switch one off, or ask one of fewer groups")
    assert told(refused.value) == [
        "egne.yaml, linje 11: Q7: For mange spørgsmål i »Hvordan kan vi arbejde godt sammen?«: politikere får 13 "
        "(F6 F1b F2 F3 Q0 Q1 Q2 Q3 Q4 Q5 Q6 Q7 X1). Højst 7. Slå ét fra, eller stil et af dem til færre."
    ]


def test_every_fault_of_a_file_is_told_at_once() -> None:
    with pytest.raises(Faulty) as refused:
        made("""
            steps:
              - flow: plan
                questions:
                  - {id: P5, switched_off: true}
                  - {id: P1, after: F2}
              - {flow: nej, switched_off: true}
        """)
    assert [fault.partition(": ")[0] for fault in refused.value.faults] == ["egne.yaml:6", "egne.yaml:5", "egne.yaml:7"]


# --- what the guide and the reference show ----------------------------------------------------------------

DOCS = Path(__file__).parents[2] / "docs"
GUIDE = re.findall(r"```yaml\n(steps:.*?)```", (DOCS / "projektleder.md").read_text(encoding="utf-8"), re.DOTALL)
REFERENCE = re.findall(r"```yaml\n(steps:.*?)```", (DOCS / "questions.md").read_text(encoding="utf-8"), re.DOTALL)


def test_the_guide_shows_four_examples_and_together_they_are_one_file() -> None:
    """Each step once, as the guide says: what happens in one stands under the same `questions`."""
    one, two, three, four = GUIDE
    first, same_step = one.removeprefix("steps:\n"), two.removeprefix("steps:\n  - flow: faelles\n    questions:\n")
    together = made("".join(["steps:\n", first, same_step, *(each.removeprefix("steps:\n") for each in (three, four))]))
    assert "egen_kulturhus" in together
    assert together["faelles"] == made(one + same_step)["faelles"]
    changed = made(four)["dialog_frivillige"]
    assert ids(changed).index("D4") == ids(changed).index("D3") - 1
    labels = {choice.key: choice.label.da for choice in changed.question("D6").choices}
    assert ("synlighed" in labels, labels["penge"], labels["koersel"]) == (
        False,
        "Penge, fx til husleje",
        "Kørsel til arrangementer",
    )
    assert made(one)["faelles"].question("F1").text.da.startswith("Hvordan skal det være at være frivillig i Nordby")
    asked = ids(made(two)["faelles"])
    assert (asked[asked.index("F3") + 1], "F14" in asked) == ("Q1", False)
    assert ids(made(three)["egen_kulturhus"]) == ["Q2", "Q3"]
    assert list(made(three)).index("egen_kulturhus") == list(SHIPPED).index("faelles") + 1


def test_what_the_guide_explains_is_what_the_check_says() -> None:
    """The left side of »Når tjekket siger …«: each is said of one of the broken files, or by reading the file."""
    page = (DOCS / "projektleder.md").read_text(encoding="utf-8")
    rows = page.partition("| Når tjekket siger … |")[2].partition("\n\n")[0].splitlines()[2:]
    danish = [words for _, words in fault_words.words().values()]
    for row in rows:
        said = row.split("|")[1].strip()
        parts = [part.strip() for part in said.split("…") if part.strip()]
        assert [words for words in danish if all(part in words for part in parts)], said
    assert len(rows) == 10


@pytest.mark.parametrize("text", [*GUIDE, *REFERENCE])
def test_what_the_pages_show_is_in_order_and_nothing_could_be_said_better(text: str) -> None:
    questions = QuestionsText(name="egne.yaml", text=text)
    file = with_questions(of_example(), questions)
    worded = {(flow, question) for flow, question, _ in own_questions.places(questions)}
    for flow in shipped_flows(file):
        for question in flow:
            if (flow.flow, question.id) in worded:
                for form in filter(None, (question.text.da, question.text.da_jer)):
                    assert findings(form) == []
                    assert list(plain_danish.faults(form)) == []


FIELDS: dict[str, type[BaseModel]] = {
    "### Of a step that Besyv comes with": own_questions.ChangedStep,
    "### Of a question that Besyv comes with": own_questions.Change,
    "### Of a question of your own": own_questions.OwnQuestion,
    "### Of a question made in the chat": own_questions.ChatQuestion,
    "### Of a step of your own": own_questions.OwnStep,
}


@pytest.mark.parametrize("heading", FIELDS)
def test_the_reference_has_every_field_and_no_other(heading: str) -> None:
    page = (DOCS / "questions.md").read_text(encoding="utf-8")
    section = page.partition(heading + "\n")[2].partition("\n#")[0]
    firsts = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    named = [name for cell in firsts for name in re.findall(r"`(\w+)`", cell)]
    assert named == list(FIELDS[heading].model_fields)

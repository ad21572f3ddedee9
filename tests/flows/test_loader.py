"""Files → flows: what unfolds, what is left out, and that a fault says where it is."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, ValidationError

from bot.flows import loader, yamltext
from bot.flows.loader import Item, Material
from bot.flows.model import Flow, Question
from bot.flows.yamltext import Faulty
from tests.support.flow_material import EKSEMPEL, flows, shared

SMALL = """\
flow: proeve
step: plan
title:
  da: "Prøve"
  en: "Trial"
questions:
  - id: T1
    kind: yes_no
    who: [borger]
    text:
      da: "Er du der?"
      en: "Are you there?"
    theme: open
  - id: T2
    kind: text
    who: [borger]
    when:
      question: T1
      is: [ja]
    text:
      da: "Hvor?"
      en: "Where?"
    theme: open
"""

LISTED = """\
flow: proeve
step: plan
title:
  da: "Prøve"
  en: "Trial"
questions:
  - id: T1
    kind: single
    who: [borger]
    choices_from: areas
    text:
      da: "Hvor?"
      en: "Where?"
    theme: open
  - id: T2
    kind: text
    who: [borger]
    when:
      question: T1
      is: [nord]
    text:
      da: "Hvad er begrundelsen?"
      en: "Why?"
    theme: open
  - id: T3
    kind: text
    who: [borger]
    when:
      question: T2
      is: [aldrig]
    text:
      da: "Virkelig?"
      en: "Really?"
    theme: open
"""

REPEATED = """\
flow: proeve
step: hoering
title:
  da: "Prøve"
  en: "Trial"
questions:
  - id: T1
    kind: text
    who: [borger]
    text:
      da: "Før?"
      en: "Before?"
    theme: open
  - id: T2
    kind: yes_no
    who: [borger]
    repeat: sections
    shows_from: item
    text:
      da: "Godt?"
      en: "Good?"
    theme: open
  - id: T3
    kind: text
    who: [borger]
    when:
      question: T2
      is: [nej]
    text:
      da: "Hvorfor ikke?"
      en: "Why not?"
    theme: open
  - id: T4
    kind: text
    who: [borger]
    repeat: sections
    text:
      da: "Mere?"
      en: "More?"
    theme: open
  - id: T5
    kind: text
    who: [borger]
    text:
      da: "Efter?"
      en: "After?"
    theme: open
"""

TWO_AREAS = (Item(key="nord", da="Nord"), Item(key="syd", da="Syd"))


def load(text: str, material: Material = EKSEMPEL) -> Flow | None:
    return loader.load_flow(text, "proeve.yaml", shared(), material)


def ids(flow: Flow | None) -> list[str]:
    assert flow is not None
    return [question.id for question in flow.questions]


def faults_in(text: str, material: Material = EKSEMPEL) -> list[str]:
    with pytest.raises(Faulty) as caught:
        load(text, material)
    assert str(caught.value) == "\n".join(caught.value.faults)
    return list(caught.value.faults)


# --- faults say where -------------------------------------------------------------------------------------


def test_the_small_flow_is_good() -> None:
    assert ids(load(SMALL)) == ["T1", "T2"]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            "kind: text",
            "kind: txt",
            "15: questions[1].kind: must be 'text', 'ideas', 'single', 'multi', "
            "'scale', 'ranking', 'yes_no' or 'contact'; do you mean text?",
        ),
        (
            "who: [borger]",
            "who: [naboer]",
            "9: questions[0].who[0]: must be 'alle', 'frivillig', 'forening', 'ansat', "
            "'ansat_front', 'ansat_oevrig', 'leder', 'politiker', 'raad_center', 'borger' or 'styregruppe'; "
            "do you mean borger?",
        ),
        ('      en: "Where?"\n', "", "20: questions[1].text.en: this field is missing"),
        ('da: "Hvor?"', 'da: "  "', "21: questions[1].text.da: must have at least 1 character"),
        ('da: "Hvor?"', "da: 5", '21: questions[1].text.da: must be a text: put it in quotation marks ("…")'),
        (
            "theme: open",
            "theme: open\n    colour: red",
            "14: questions[0].colour: there is no such field",
        ),
        (
            "is: [ja]",
            "is: [yess]",
            "14: questions[1]: T2: its condition names yess, which is no answer to T1",
        ),
        ("is: [ja]", "is: []", "17: questions[1].when: a condition says either `is` or `is_not`"),
        ("question: T1", "question: T9", "18: questions[1].when.question: T9 does not stand before T2"),
        ("question: T1", "question: T2", "18: questions[1].when.question: T2 does not stand before T2"),
        ("id: T2", "id: T1", "14: questions[1].id: T1 stands twice"),
        (
            "id: T1",
            "id: t1",
            "7: questions[0].id: the number of a question is a capital letter and a number, like F4",
        ),
        (
            "    kind: yes_no",
            "    kind: single",
            "7: questions[0]: T1: a single question needs at least two choices",
        ),
        (
            "    kind: text",
            "    kind: contact",
            "14: questions[1]: T2: a contact is kept apart: write `apart: true`",
        ),
        ("who: [borger]", "who: []", "7: questions[0]: T1: nobody can ever be asked this"),
        (
            "flow: proeve",
            "flow: Prøve",
            "1: flow: write the step's short name, like faelles. `besyv outline` lists them",
        ),
        (
            "    kind: text",
            "    kind: text\n    shows_from: item",
            "16: questions[1].shows_from: `item` needs a `repeat`",
        ),
        ("step: plan", "", "1: step: this field is missing"),
    ],
)
def test_a_fault_names_file_line_and_field(old: str, new: str, fault: str) -> None:
    assert faults_in(SMALL.replace(old, new, 1)) == [f"proeve.yaml:{fault}"]


def test_every_fault_is_named_at_once() -> None:
    text = SMALL.replace("kind: yes_no", "kind: maybe").replace("is: [ja]", "is: [JA]")
    assert [fault.split(": ")[0:2] for fault in faults_in(text)] == [
        ["proeve.yaml:8", "questions[0].kind"],
        ["proeve.yaml:19", "questions[1].when.is[0]"],
    ]


def test_an_audience_that_no_one_is_in_together_is_named_by_its_question() -> None:
    text = SMALL.replace("who: [borger]", "who: [leder]", 1)
    assert faults_in(text) == ["proeve.yaml:14: questions[1]: T2: nobody can ever be asked this"]


def test_a_path_that_is_too_long_is_named() -> None:
    one = SMALL[SMALL.index("  - id: T1") : SMALL.index("  - id: T2")]
    text = SMALL[: SMALL.index("  - id: T1")] + "".join(one.replace("T1", f"T{n}") for n in range(8))
    assert faults_in(text) == [
        "proeve.yaml:1: flow: proeve: citizens get 8 questions (T0 T1 T2 T3 T4 T5 T6 T7). At most 7; switch one off, "
        "or ask one of fewer groups"
    ]


def test_a_shared_question_must_be_there() -> None:
    text = SMALL + "  - use: X9\n    who: [borger]\n"
    assert faults_in(text) == ["proeve.yaml:24: questions[2].use: X9 is no shared question"]


def test_a_shared_question_has_its_own_wording_and_the_flows_audience() -> None:
    flow = load(SMALL + "  - use: X1\n    who: [borger]\n    when:\n      question: T1\n      is_not: [nej]\n")
    assert flow is not None
    used = flow.question("X1")
    assert (used.text.da, list(used.who), used.when and used.when.is_not) == (
        "Er der andet, du vil tilføje?",
        ["borger"],
        ("nej",),
    )


def test_a_shared_question_takes_no_other_wording() -> None:
    text = SMALL + "  - use: X1\n    who: [borger]\n    kind: text\n"
    assert faults_in(text) == ["proeve.yaml:26: questions[2].kind: there is no such field here"]


def test_a_fault_in_a_shared_question_is_named_in_its_own_file() -> None:
    one = '  - id: X1\n    kind: single\n    text:\n      da: "Hvad?"\n      en: "What?"\n    theme: open\n'
    with pytest.raises(Faulty) as caught:
        loader.load_shared(f"questions:\n{one}{one}", "shared.yaml")
    assert caught.value.faults == (
        "shared.yaml:2: questions[0]: X1: a single question needs at least two choices",
        "shared.yaml:8: questions[1].id: X1 stands twice",
        "shared.yaml:8: questions[1]: X1: a single question needs at least two choices",
    )


def test_a_flow_file_may_say_everything_a_question_has() -> None:
    written = set(Question.model_fields) - {"retired"}  # said of what an older Besyv stored
    assert written <= set(loader.Written.model_fields)
    assert set(loader.FlowSource.model_fields) == set(Flow.model_fields)
    assert written - set(loader.Worded.model_fields) == {"who", "when"}


# --- lists ------------------------------------------------------------------------------------------------


def test_choices_come_from_the_material() -> None:
    text = LISTED[: LISTED.index("  - id: T2")]
    flow = load(text, Material(areas=(Item(key="nord", da="Nord", en="North"), Item(key="syd", da="Syd"))))
    assert flow is not None
    assert [(c.key, c.label.da, c.label.en) for c in flow.question("T1").choices] == [
        ("nord", "Nord", "North"),
        ("syd", "Syd", "Syd"),
    ]


@pytest.mark.parametrize("areas", [(), TWO_AREAS[:1]], ids=["none", "one"])
def test_a_flow_with_too_short_a_list_and_nothing_else_is_no_flow(areas: tuple[Item, ...]) -> None:
    assert load(LISTED, Material(areas=areas)) is None


def test_a_question_without_its_list_is_left_out_with_all_that_follows_on_it() -> None:
    rest = SMALL[SMALL.index("  - id: T1") :].replace("T2", "T7").replace("T1", "T6")
    assert ids(load(LISTED + rest, Material())) == ["T6", "T7"]


def test_a_list_that_clashes_with_the_questions_own_choices_is_named() -> None:
    text = LISTED[: LISTED.index("  - id: T2")] + (
        '    choices:\n      - key: nord\n        label:\n          da: "Alt"\n          en: "All"\n'
    )
    assert faults_in(text, Material(areas=TWO_AREAS)) == ["proeve.yaml:7: questions[0]: T1: a choice stands twice"]


def test_more_choices_than_a_phone_can_show_are_named() -> None:
    areas = tuple(Item(key=f"a{n}", da=f"Område {n}") for n in range(25))
    assert faults_in(LISTED[: LISTED.index("  - id: T2")], Material(areas=areas)) == [
        "proeve.yaml:7: questions[0]: T1: more than 24 choices"
    ]


def test_the_same_item_cannot_stand_twice() -> None:
    with pytest.raises(ValidationError, match="areas: nord stands twice"):
        Material(areas=(TWO_AREAS[0], TWO_AREAS[0]))


# --- repeated questions -----------------------------------------------------------------------------------


def test_neighbours_that_are_repeated_alternate_item_by_item() -> None:
    assert ids(load(REPEATED)) == [
        "T1",
        "T2.vision",
        "T3.vision",
        "T4.vision",
        "T2.samarbejde",
        "T3.samarbejde",
        "T4.samarbejde",
        "T2.steder",
        "T3.steder",
        "T4.steder",
        "T5",
    ]


def test_the_hearing_asks_for_the_change_right_after_each_section() -> None:
    assert [key for key in ids(flows()["hoering"]) if key[:2] in ("H3", "H4")] == [
        "H3.vision",
        "H4.vision",
        "H3.samarbejde",
        "H4.samarbejde",
        "H3.steder",
        "H4.steder",
    ]


def test_a_condition_inside_a_repeated_block_is_about_the_same_item() -> None:
    flow = load(REPEATED)
    assert flow is not None
    conditions = {q.id: q.when.question for q in flow.questions if q.when is not None}
    assert conditions == {f"T3.{key}": f"T2.{key}" for key in ("vision", "samarbejde", "steder")}


def test_without_items_a_repeated_question_goes_with_its_follow_ups_and_the_rest_stays() -> None:
    assert ids(load(REPEATED, Material())) == ["T1", "T5"]


def test_an_item_without_a_longer_text_shows_its_name() -> None:
    flow = load(REPEATED, Material(sections=(Item(key="ene", da="Kun et navn"),)))
    assert flow is not None
    shown = flow.question("T2.ene").shows
    assert shown is not None
    assert (shown.da, shown.en) == ("Kun et navn", "Kun et navn")


def test_a_follow_up_to_a_repeated_question_stands_right_behind_it() -> None:
    after = REPEATED + (
        "  - id: T6\n    kind: text\n    who: [borger]\n    when:\n      question: T2\n      is: [ja]\n"
        '    text:\n      da: "Nå?"\n      en: "So?"\n    theme: open\n'
    )
    assert faults_in(after) == [
        "proeve.yaml:52: questions[5].when.question: a follow-up to T2, which is repeated, stands right behind it"
    ]


# --- flows kept -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("flow", flows().values(), ids=lambda flow: str(flow.flow))
def test_a_kept_flow_comes_back_as_it_was(flow: Flow) -> None:
    kept = loader.to_json(flow)
    assert loader.from_json(kept) == flow
    assert loader.to_json(loader.from_json(kept)) == kept


def test_the_digest_is_the_flows_and_not_the_files() -> None:
    one, other = load(SMALL), load("# a remark\n" + SMALL.replace('"Hvor?"', "'Hvor?'"))
    changed = load(SMALL.replace("Hvor?", "Hvor henne?"))
    assert one is not None
    assert other is not None
    assert changed is not None
    assert loader.digest(one) == loader.digest(other) != loader.digest(changed)
    assert loader.digest(one) == "8eb884beb3d4132c032fffb9a200cff6af50ba64d05c3b4a49dc21577819c8be"


# --- YAML's traps -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: 1\na: 2\n", "2: a: stands twice"),
        ("a:\n  b: 1\n  b: 2\n", "3: a.b: stands twice"),
        ("a: yes\n", '1: a: yes is unclear: write "yes" for the word, true or false for a switch'),
        ("a: No\n", '1: a: No is unclear: write "No" for the word, true or false for a switch'),
        ("a: [x, off]\n", '1: a[1]: off is unclear: write "off" for the word, true or false for a switch'),
        ("a: TRUE\n", '1: a: TRUE is unclear: write "TRUE" for the word, true or false for a switch'),
        ("on: 1\n", '1: on is unclear: write "on" for the word, true or false for a switch'),
        ("a: 1\n\tb: 2\n", "2: has a tab; use spaces"),
        ('a: "x\ty"\n', "1: has a tab; use spaces"),
        ("a: &x 1\nb: *x\n", "2: anchors are not used here; write it out"),
        (
            "a: !!python/name:os.system x\n",
            "1: a: tags like tag:yaml.org,2002:python/name:os.system are not used here",
        ),
        ("a: !!binary aGVq\n", "1: a: tags like tag:yaml.org,2002:binary are not used here"),
        ("1: x\n", "1: the name of a field is a text"),
        ("? [a, b]\n: x\n", "1: the name of a field is a text"),
        ("- a\n- b\n", "1: the file begins with the name of a field and a colon, like `steps:`"),
        ("", "1: the file is empty"),
        ("a: How? {en: How?}: x\n", '1: there is a colon in the text: put the text in quotation marks ("…")'),
        ('a: "open\n', '1: the quotation mark (") of this line is not closed. Write " after the text'),
        ("a: 1\n---\nb: 2\n", "2: the file goes on behind “---”: delete that line"),
        ("a: 1\nb: \x07\n", "2: has a sign that can't be read; delete it and write it again"),
        ("a: " + "[" * 30 + "]" * 30 + "\n", "1: too many levels inside each other"),
    ],
)
def test_what_is_easily_misread_is_refused(text: str, fault: str) -> None:
    with pytest.raises(Faulty) as caught:
        yamltext.parse(text, "x.yaml")
    assert caught.value.faults == (f"x.yaml:{fault}",)


def test_values_are_what_they_look_like() -> None:
    text = """\
ord: nej
tid: 10:30
dag: 2026-03-01
postnummer: 0800
tal: -12
brøk: 2.5
sandt: true
intet:
tekst: "yes"
linjer: |
  en
  to
liste: [a, "1"]
"""
    assert yamltext.parse("\ufeff" + text, "x.yaml").values == {
        "ord": "nej",
        "tid": "10:30",
        "dag": "2026-03-01",
        "postnummer": "0800",
        "tal": -12,
        "brøk": 2.5,
        "sandt": True,
        "intet": None,
        "tekst": "yes",
        "linjer": "en\nto\n",
        "liste": ["a", "1"],
    }


class _Meeting(BaseModel):
    place: str
    seats: int = 0


class _Diary(BaseModel):
    meetings: list[_Meeting]


def test_any_model_is_validated_with_lines() -> None:
    document = yamltext.parse('meetings:\n  - place: "Salen"\n  - seats: "mange"\n', "diary.yaml")
    with pytest.raises(Faulty) as caught:
        document.validate(_Diary)
    assert caught.value.faults == (
        "diary.yaml:3: meetings[1].place: this field is missing",
        "diary.yaml:3: meetings[1].seats: must be a whole number",
    )


def test_a_good_document_becomes_the_model() -> None:
    document = yamltext.parse('meetings:\n  - place: "Salen"\n    seats: 40\n', "diary.yaml")
    assert document.validate(_Diary) == _Diary(meetings=[_Meeting(place="Salen", seats=40)])
    assert document.line(("meetings", 0, "seats")) == 3
    assert document.line(("meetings", 0, "nowhere")) == 2

"""The project's own questions: who is asked what, and that every text is fit to be read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.flows import check, loader, plain_danish, standard_choices
from bot.flows.loader import Material
from bot.flows.model import Audience, Condition, Flow, Group, Question, QuestionKind, Respondent
from tests.support.flow_material import DEFINITIONS, EKSEMPEL, FILES, flows, load

WHO = {
    "frivillig": Respondent(group=Group.FRIVILLIG),
    "forening": Respondent(group=Group.FORENING),
    "front": Respondent(group=Group.ANSAT, front=True),
    "oevrig": Respondent(group=Group.ANSAT),
    "leder": Respondent(group=Group.LEDER),
    "politiker": Respondent(group=Group.POLITIKER),
    "raad_center": Respondent(group=Group.RAAD_CENTER),
    "borger": Respondent(group=Group.BORGER),
    "styregruppe": Respondent(group=Group.STYREGRUPPE),
}

DU = re.compile(r"\b(?:du|dig|din|dit|dine)\b", re.IGNORECASE)

# Who is asked what, in order; in brackets what an earlier answer leads to. A repeated question stands once.
MATRIX = """
start              frivillig    S1 S3 S6 S7
start              forening     S1 S2 S3 S6 S7
start              front        S1 S4 S5 S7
start              oevrig       S1 S4 S5 S7
start              leder        S1 S4 S7
start              politiker    S1 S7
start              raad_center  S1 S2 S7
start              borger       S1 S6 S7
plan               frivillig    P1 P2 P3 P4 P5 (P6) X1
plan               forening     P1 P2 P3 P4 P5 (P6) X1
plan               front        P3 P4 P5 (P6) X1
plan               oevrig       P3 P4 P5 (P6) X1
plan               leder        P8 P8b P9 P4 X1
plan               politiker    P7 P8 P8b P4 X1
plan               raad_center  P10 P1 P2 P3 P4 P5 (P6) X1
plan               borger       P5 (P6) X1
linjer             frivillig    L2 L8 L7 X1
linjer             forening     L1 L2 L8 L6 L7 X1
linjer             front        L1 L2 L8 L4 L7 X1
linjer             oevrig       L1 L2 L8 L4 L7 X1
linjer             leder        L1 L2 L3 L3b L4 L5 L7
linjer             politiker    L1 L2 L8 L4 L5 L7
linjer             raad_center  L1 L2 L8 L4 L5 L6 L7
linjer             borger       L8 L7 X1
faelles_foer       frivillig    F11
faelles_foer       forening     F11
faelles_foer       front        F11
faelles_foer       oevrig       F11
faelles_foer       leder        F11
faelles_foer       politiker    F11
faelles_foer       raad_center  F11
faelles            frivillig    F6 (F13) F1 F2 F3 F4 F14 X1
faelles            forening     F6 (F13) F1a F2 F3 F4 F14 X1
faelles            front        F6 (F13) F1b F2 F3 F5 X1
faelles            oevrig       F6 (F13) F1b F2 F3 F5 X1
faelles            leder        F6 (F13) F1b F2 F3 F5 X1
faelles            politiker    F6 (F13) F1b F2 F3 X1
faelles            raad_center  F6 (F13) F1 F2 F3 F4 F14 X1
faelles            borger       F1c F4c X1
dialog_frivillige  frivillig    D1 D3 D4 D5 D10 D8 (D8a) X1
dialog_frivillige  forening     D1 D3 D6 D7 D11 D12 X1
dialog_frivillige  raad_center  D3 D9 D11 D12 A1 X1
dialog_fag         front        M1 M2 M4 M5 (M6) M7 M3 X1
dialog_fag         oevrig       M1 M2 M10 M7 M9 M3 X1
dialog_fag         leder        M1 M2 M10 M8 M9 M11 X1
sammenskriv        styregruppe  K1 (K2)
tilbagemelding     frivillig    K3 (K4) K5
tilbagemelding     forening     K3 (K4) K5
tilbagemelding     front        K3 (K4) K5
tilbagemelding     oevrig       K3 (K4) K5
tilbagemelding     leder        K3 (K4) K5
tilbagemelding     raad_center  K3 (K4) K5
hoering            frivillig    H1 (H2) H3 (H4) H5
hoering            forening     H1a (H2a) H3 (H4) H5 H7
hoering            front        H1 (H2) H3 (H4) H5
hoering            oevrig       H1 (H2) H3 (H4) H5
hoering            leder        H1 (H2) H3 (H4) H5
hoering            raad_center  H1a (H2a) H3 (H4) H5 H7
hoering            borger       H1 (H2) H3 (H4) H5
justering          styregruppe  J1 (J2)
vedtagelse         frivillig    V3
vedtagelse         forening     V3
vedtagelse         front        V3
vedtagelse         oevrig       V3
vedtagelse         leder        V3
vedtagelse         politiker    V1 V2 V3
vedtagelse         raad_center  V3
vedtagelse         borger       V3
afdaek             forening     A1 A2 A3 A4 A5 A6
afdaek             front        A1 A2 A3 A4 A5 A6
afdaek             oevrig       A1 A2 A3 A6
afdaek             leder        A1 A2 A3 A6
afdaek             politiker    A1 A6
afdaek             raad_center  A1 A6
afdaek             borger       A5 A6
borger             borger       B5 B3 B1 (B1a) B2 B4
opfoelgning        styregruppe  C1 C2 C3 C4
"""

ASKED = {(row.split()[0], row.split()[1]): " ".join(row.split()[2:]) for row in MATRIX.strip().splitlines()}

# What leads to what, in the order of the flows.
BRANCHES = {
    "P6": "P5 is ja",
    "F13": "F6 is 1,2,3,4,5",
    "D8a": "D8 is i_kommunen",
    "M6": "M5 is_not aldrig",
    "K2": "K1 is delvist,nej",
    "K4": "K3 is delvist,nej",
    "H2": "H1 is en_forening,et_raad,en_arbejdsplads,andre",
    "H2a": "H1a is andre",
    "H4": "H3 is enig,delvist,uenig,ingen_mening",
    "J2": "J1 is foelges,foelges_delvist,foelges_ikke,efterretning,andet_sted",
    "B1a": "B1 is ja",
}

STEPS = {
    "00_start": "start",
    "01_plan": "plan",
    "02_linjer": "linjer",
    "03a_faelles_foer": "faelles",
    "03b_faelles": "faelles",
    "04_dialog_frivillige": "dialog_frivillige",
    "05_dialog_fag": "dialog_fag",
    "06_sammenskriv": "sammenskriv",
    "06b_tilbagemelding": "tilbagemelding",
    "07_hoering": "hoering",
    "08_justering": "justering",
    "09_vedtagelse": "vedtagelse",
    "a_afdaek": "afdaek",
    "b_borger": "borger",
    "c_opfoelgning": "opfoelgning",
}


def base(question_id: str) -> str:
    return question_id.split(".")[0]


def everything() -> dict[str, Question]:
    return {base(question.id): question for flow in flows().values() for question in flow.questions}


def said(condition: Condition) -> str:
    operator, keys = ("is", condition.is_) if condition.is_ else ("is_not", condition.is_not)
    return f"{base(condition.question)} {operator} {','.join(keys)}"


def asked(flow: Flow, respondent: Respondent) -> str:
    """By the role in the steering group nothing but its own steps, not even what all are asked."""
    if respondent.group is Group.STYREGRUPPE and not flow.by_role:
        return ""
    mine = [q for q in flow.questions if not respondent.audiences.isdisjoint(q.who)]
    return " ".join(dict.fromkeys(base(q.id) if q.when is None else f"({base(q.id)})" for q in mine))


def test_each_group_is_asked_what_the_table_says() -> None:
    found = {(flow, who): asked(flows()[flow], WHO[who]) for flow in flows() for who in WHO}
    assert {key: questions for key, questions in found.items() if questions} == ASKED


def test_the_table_names_no_flow_that_is_not_there() -> None:
    assert {flow for flow, _ in ASKED} == set(flows())


def test_follow_ups_follow_the_answers_the_table_says() -> None:
    conditions = {key: said(q.when) for key, q in everything().items() if q.when is not None}
    assert conditions == BRANCHES


def test_there_are_98_questions() -> None:
    count = {"S": 7, "P": 11, "L": 9, "F": 13, "D": 12, "M": 11, "K": 5, "H": 8, "J": 2, "V": 3}
    count |= {"A": 6, "B": 6, "C": 4, "X": 1}
    found = [key[0] for key in everything()]
    assert ({letter: found.count(letter) for letter in count}, len(found)) == (count, sum(count.values()))


def test_files_are_named_in_working_order_and_hold_the_flow_and_step_of_their_name() -> None:
    found = [(file.stem, flow.flow, flow.step) for file in FILES if (flow := load(file)) is not None]
    assert found == [(stem, stem.split("_", 1)[1], step) for stem, step in STEPS.items()]


def test_whatever_may_be_entered_for_a_table_can_be_asked_of_several() -> None:
    """A facilitator enters for any group but the steering group."""
    wrong = [
        f"{question.id}: {wording.da}"
        for flow in flows().values()
        for question in flow
        if set(question.who) != {Audience.STYREGRUPPE}
        for wording in (question.text, *(choice.label for choice in question.choices))
        if DU.search(wording.da) and (wording.da_jer is None or DU.search(wording.da_jer))
    ]
    assert wrong == []


@pytest.mark.parametrize("name", sorted(flows()))
def test_every_flow_says_where_the_order_of_choices_may_be_turned_round(name: str) -> None:
    assert check.doubts(flows()[name]) == []


@pytest.mark.parametrize("flow", flows().values(), ids=lambda flow: str(flow.flow))
def test_every_flow_is_fit_to_publish(flow: Flow) -> None:
    assert check.faults(flow) == []


@pytest.mark.parametrize("many", [False, True], ids=["du", "jer"])
def test_all_danish_together_reads_easily(many: bool) -> None:
    whole = "\n".join(check.danish(flow, many=many) for flow in flows().values())
    assert list(plain_danish.faults_of_page(whole)) == []


def test_every_theme_is_used_and_explained() -> None:
    assert {question.theme for question in everything().values()} == set(check.THEMES)


@pytest.mark.parametrize("file", [*FILES, DEFINITIONS / "shared.yaml"], ids=lambda file: str(file.stem))
def test_wording_is_quoted(file: Path) -> None:
    texts = [
        line.strip()
        for line in file.read_text(encoding="utf-8").splitlines()
        if line.strip().startswith(("da:", "da_jer:", "en:", "source:"))
    ]
    assert [text for text in texts if not text.split(": ", 1)[1].startswith('"')] == []


def test_without_the_municipalitys_lists_the_rest_is_still_asked() -> None:
    empty = {file.stem: load(file, Material()) for file in FILES}
    lost = {
        stem: tuple(dict.fromkeys(base(q.id) for q in whole.questions if flow is None or q not in flow.questions))
        for stem, flow in empty.items()
        if (whole := load(FILES[list(STEPS).index(stem)])) is not None and flow != whole
    }
    assert lost == {
        "00_start": ("S4", "S6"),
        "02_linjer": ("L2", "L4"),
        "06_sammenskriv": ("K1", "K2"),
        "06b_tilbagemelding": ("K3", "K4", "K5"),
        "07_hoering": ("H3", "H4"),
        "08_justering": ("J1", "J2"),
        "c_opfoelgning": ("C1",),
    }


# --- what single questions promise ------------------------------------------------------------------------


def test_one_answers_as_any_group_but_the_steering_group_which_is_a_role() -> None:
    choices = everything()["S1"].choices
    assert [choice.key for choice in choices] == [group for group in Group if group is not Group.STYREGRUPPE]
    assert all(choice.only_with is None for choice in choices)


def test_only_the_group_is_required() -> None:
    assert [key for key, question in everything().items() if question.required] == ["S1"]


def test_what_is_known_about_a_person_is_told_at_the_start_but_for_the_size_of_an_association() -> None:
    assert {key: question.sets for key, question in everything().items() if question.sets} == {
        "S1": "group",
        "S2": "association",
        "S3": "field",
        "S4": "department",
        "S5": "front",
        "S6": "area",
        "S7": "messages",
        "D7": "size",
    }


def test_contacts_are_kept_apart() -> None:
    assert {key for key, question in everything().items() if question.apart} == {"P6", "H7"}


def test_no_question_asks_what_the_sign_up_to_a_meeting_asks() -> None:
    assert not {"F9", "F10", "F12"} & set(everything())


def test_other_is_offered_where_the_list_may_fall_short() -> None:
    assert {key for key, question in everything().items() if question.other} == {
        "S3",
        "P4",
        "L2",
        "D6",
        "M9",
        "C1",
    }


def test_some_written_questions_have_a_quick_answer() -> None:
    quick = {
        key: tuple(choice.label.da for choice in question.choices)
        for key, question in everything().items()
        if question.is_written and question.choices
    }
    assert quick == {
        "S2": ("Vil ikke sige det",),
        "X1": ("Nej",),
    }


def test_marks_are_counted_as_low_middle_and_high() -> None:
    scales = {key: q.buckets for key, q in everything().items() if q.kind is QuestionKind.SCALE}
    counted = {key: tuple((b.name, b.keys) for b in buckets) for key, buckets in scales.items()}
    low_to_high = (("lav", ("1", "2")), ("midt", ("3",)), ("hoej", ("4", "5")))
    assert counted == {"F6": low_to_high, "V3": low_to_high, "C2": low_to_high}


def test_to_a_section_one_agrees_or_not_and_may_comment_whatever_one_chose() -> None:
    assert [choice.key for choice in everything()["H3"].choices] == ["enig", "delvist", "uenig", "ingen_mening"]
    followed = everything()["H4"].when
    assert followed is not None and followed.is_ == everything()["H3"].keys


def test_areas_come_from_the_municipality_and_one_may_keep_it_to_oneself() -> None:
    assert [choice.label.da for choice in everything()["S6"].choices] == [
        "Nordby",
        "Søndermark",
        "Havnen",
        "Ådalen",
        "Vil ikke svare",
    ]


def test_no_question_asks_whether_to_send_which_the_review_does() -> None:
    asking = [q.id for q in everything().values() if {"vil", "sende"} <= set(q.text.da.casefold().split())]
    assert asking == []


def test_the_reminder_about_privacy_stands_where_one_writes_of_other_people() -> None:
    assert {flow.flow for flow in flows().values() if flow.privacy_hint} == {
        "faelles_foer",
        "faelles",
        "dialog_frivillige",
        "dialog_fag",
        "hoering",
        "afdaek",
        "borger",
    }


def test_only_the_start_is_not_looked_over_before_it_is_sent() -> None:
    assert [flow.flow for flow in flows().values() if not flow.review] == ["start"]


def test_what_is_judged_is_shown_in_both_languages() -> None:
    shown = flows()["hoering"].question("H3.samarbejde").shows
    assert shown is not None
    assert shown.da == (
        "Afsnit 2: Sådan arbejder vi sammen\n\n"
        "Frivillige har én fast kontakt i kommunen. Kontakten svarer inden en uge."
    )
    assert shown.en == (
        "Section 2: How we work together\n\n"
        "Volunteers have one contact in the municipality. The contact answers within a week."
    )


def test_each_main_point_is_asked_about_by_itself() -> None:
    asked_about = [q for q in flows()["tilbagemelding"].questions if base(q.id) == "K3"]
    assert {q.id: q.item("da") for q in asked_about} == {
        "K3.lokaler": "I vil gerne have flere lokaler.",
        "K3.kontakt": "I savner én at ringe til.",
        "K3.tid": "I har brug for mere tid.",
    }


def test_whether_something_is_missing_is_asked_of_the_main_points_as_a_list() -> None:
    shown = flows()["tilbagemelding"].question("K5").shows
    assert shown is not None
    assert shown.da == ("• I vil gerne have flere lokaler.\n• I savner én at ringe til.\n• I har brug for mere tid.")


def test_a_line_of_the_draft_is_shown_with_what_we_have_heard() -> None:
    shown = flows()["sammenskriv"].question("K1.linje1").shows
    assert shown is not None
    assert shown.da == (
        "Små foreninger skal høres.\n\n"
        "• I vil gerne have flere lokaler.\n• I savner én at ringe til.\n• I har brug for mere tid."
    )
    assert shown.en == (
        "Small associations are heard.\n\n"
        "• You would like more rooms.\n• You miss someone to call.\n• You need more time."
    )


def test_one_may_say_one_does_not_know_where_that_is_an_answer() -> None:
    asked_so = [q for q in everything().values() if q.kind in (QuestionKind.YES_NO, QuestionKind.SCALE)]
    known = {q.id for q in asked_so if standard_choices.choices(q)[-1].key != "ved_ikke"}
    assert (known, {q.id for q in asked_so} - known) == ({"S5", "S7", "P5"}, {"F6", "V3", "C2"})
    assert all(q.unknown for q in everything().values() if q.id not in known)


@pytest.mark.parametrize(
    ("which", "asked"),
    [
        ("hvilken forvaltning", "Hvilken forvaltning arbejder du i?"),
        ("hvilket center", "Hvilket center arbejder du i?"),
    ],
)
def test_staff_are_asked_in_the_municipalitys_own_word(which: str, asked: str) -> None:
    flow = load(FILES[0], EKSEMPEL.model_copy(update={"which_department": which}))
    assert flow is not None
    assert flow.question("S4").text.da == asked


def test_all_areas_of_a_policy_stand_alone() -> None:
    choices = everything()["L2"].choices
    assert [choice.key for choice in choices] == ["aeldre", "socialt_udsatte", "handicap", "alle"]
    assert [choice.key for choice in choices if choice.exclusive] == ["alle"]


def test_every_steering_groups_answer_to_a_hearing_response_is_one_of_five() -> None:
    assert [(choice.key, choice.label.da) for choice in everything()["J1"].choices] == [
        ("foelges", "Imødekommes"),
        ("foelges_delvist", "Imødekommes delvist"),
        ("foelges_ikke", "Imødekommes ikke"),
        ("efterretning", "Tages til efterretning"),
        ("andet_sted", "Vedrører en anden sag"),
    ]


def test_all_but_the_steering_group_can_be_addressed_as_several() -> None:
    """Associations and councils are, and whoever tells a facilitator at a meeting."""
    du = [
        question.id
        for question in everything().values()
        if set(question.who) != {Audience.STYREGRUPPE}
        and set(question.text.to("da", many=True).casefold().split()) & {"du", "dig", "din", "dit", "dine"}
    ]
    assert du == []


# --- what check.py would find -----------------------------------------------------------------------------


GOOD = flows()["vedtagelse"]


def with_question(**changes: object) -> Flow:
    first = Question.model_validate(GOOD.questions[0].model_dump(by_alias=True) | changes)
    return GOOD.model_copy(update={"questions": (first, *GOOD.questions[1:])})


def wording(da: str, en: str = "Something else?") -> dict[str, str]:
    return {"da": da, "en": en}


def choice(key: str, da: str, en: str) -> dict[str, object]:
    return {"key": key, "label": {"da": da, "en": en}}


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"theme": "weather"}, "V1: weather is no theme"),
        ({"source": ""}, "V1: no source"),
        ({"text": wording("Hvad nu")}, "V1: does not end as a sentence: Hvad nu"),
        ({"text": wording("Så?", "Så?")}, "V1: the same in Danish and English"),
        ({"who": ["politiker", "forening"], "text": wording("Vil du?")}, "V1: says »du« to several: Vil du?"),
        ({"choices": [choice("a", "7", "Seven")]}, "V1: label 7 stands as number 1"),
        ({"choices": [choice("a", "/stop", "Stop")]}, "V1: label looks like a command: /stop"),
        (
            {"choices": [choice("a", "Nej", "No"), choice("b", "Aldrig", "nej.")]},
            "V1: a and b are both called nej",
        ),
        (  # to who writes it, a dash is a dash
            {"choices": [choice("a", "Nord-by", "North"), choice("b", "Syd", "«Nord – by»")]},
            "V1: a and b are both called nord-by",
        ),
        (
            {"choices": [choice("a", "x" * 61, "Long")]},
            f"V1: label of 61 characters, at most 60: {'x' * 61}",
        ),
        (
            {"shows": wording("🙂" * 1746, "Short"), "text": wording("Hvad nu?", "And?")},
            None,
        ),
        (
            {"shows": wording("🙂" * 1747, "Short"), "text": wording("Hvad nu?", "And?")},
            "V1: 3502 UTF-16 units to read, at most 3500",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_not_fit_is_named(changes: dict[str, object], fault: str | None) -> None:
    assert check.faults(with_question(**changes)) == ([fault] if fault else [])


def test_hard_danish_is_named_with_its_number() -> None:
    hard = "Kommunalbestyrelsens frivillighedspolitiske målsætninger forudsætter tværsektorielle samarbejder."
    flow = GOOD.model_copy(update={"questions": tuple(with_question(text=wording(hard)).questions[:1])})
    assert check.faults(flow) == [
        "vedtagelse: LIX 106 as a page, at most 35 is wanted, in the »du« form",
        "vedtagelse: LIX 106 as a page, at most 35 is wanted, in the »I« form",
    ]


def test_more_than_five_goals_are_too_many_to_rank() -> None:
    goals = tuple(loader.Item(key=f"maal{n}", da=f"Mål nummer {n}") for n in range(6))
    flow = load(FILES[2], EKSEMPEL.model_copy(update={"goals": goals}))
    assert flow is not None
    assert check.faults(flow) == ["L4: 6 to put in order, at most 5"]

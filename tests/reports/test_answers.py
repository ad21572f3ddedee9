"""What the export of answers says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.flows import engine
from bot.flows.engine import Answer, Part
from bot.flows.model import Group
from reports.answers import COLUMNS
from reports.table_words import TableWords
from storage import people, register, runs
from storage.people import Person
from storage.register import NewParty
from tests.support.export_house import SPRING, House, chose, flow, question, read, wrote

YES_OR_NO = question("F1", "yes_no")
IF_NO = question("F2", "text", "when:", "  question: F1", "  is: [nej]", choices=("aldrig", "ofte"))
THEN = question("F3", "text", "when:", "  question: F2", "  is_not: [aldrig]")


def one(tmp_path: Path, asked: str, answer: Answer) -> tuple[dict[str, object], dict[str, str]]:
    house = House(tmp_path, flow(asked))
    house.answer(house.begin(house.person()), answer)
    (row,), (cells,) = house.rows(), house.cells()
    return row, cells


def test_a_row_says_everything_about_one_answer(tmp_path: Path) -> None:
    row, cells = one(tmp_path, question("F1", "text"), wrote("F1", "Et sted at mødes; «tæt på»", 'Og "kaffe"'))
    text = 'Et sted at mødes; «tæt på»\nOg "kaffe"'
    assert row == {
        "answer_id": 1,
        "process": "eksempel",
        "step": "faelles",
        "flow": "faelles",
        "flow_version": 1,
        "question": "F1",
        "kind": "text",
        "asked": "Spørgsmål?",
        "group": "frivillig",
        "participant": "P-1",
        "receipt": None,
        "source": "self",
        "people": 1,
        "speaks_for": None,
        "tied_by": None,
        "channel": "telegram",
        "language": "da",
        "text": text,
        "value": text,
        "category": "wish",
        "skipped": False,
        "status": "draft",
        "revision": 1,
        "answered_at": "2026-03-03T18:00:00+00:00",
        "joint": None,
        "members": None,
        "members_sent": None,
        "came_on": None,
        "late": False,
        "options_reversed": None,
    }
    assert cells == {
        **{column: "" if value is None else str(value) for column, value in row.items()},
        "skipped": "0",
        "late": "0",
        "answered_at": "2026-03-03 19:00:00",
    }
    assert tuple(row) == tuple(cells) == COLUMNS


CHOICES = ("aeldre", "skole", "natur")

SAID = [
    ("text", (), wrote("F1", "Kaffe"), "Kaffe", "Kaffe", "Kaffe"),
    ("text", CHOICES, Answer("F1", (Part("Skole!"),), ("skole",)), "Skole!", "skole", "skole"),
    ("text", (), Answer("F1", skipped=True), "", None, ""),
    ("ideas", (), wrote("F1", "Kaffe"), "Kaffe", ["Kaffe"], "Kaffe"),
    ("ideas", (), wrote("F1", "Kaffe", "En nøgle"), "Kaffe\nEn nøgle", ["Kaffe", "En nøgle"], "Kaffe | En nøgle"),
    ("ideas", (), Answer("F1", skipped=True), "", None, ""),
    ("single", CHOICES, chose("F1", "natur"), "Natur", "natur", "natur"),
    ("single", CHOICES, Answer("F1", open=True), "", None, ""),
    ("multi", CHOICES, chose("F1", "skole", "natur"), "Skole, Natur", ["skole", "natur"], "skole | natur"),
    ("multi", CHOICES, chose("F1"), "", [], ""),
    ("ranking", CHOICES, chose("F1", *CHOICES), "Aeldre > Skole > Natur", list(CHOICES), "aeldre | skole | natur"),
    ("scale", (), chose("F1", "4"), "4", 4, "4"),
    ("scale", (), chose("F1", "ved_ikke"), "Ved ikke", None, ""),
    ("yes_no", (), chose("F1", "ja"), "Ja", "ja", "ja"),
    ("yes_no", (), Answer("F1", skipped=True), "", None, ""),
]


@pytest.mark.parametrize(("kind", "choices", "answer", "text", "value", "cell"), SAID)
def test_every_kind_of_question_has_its_text_and_its_value(
    tmp_path: Path, kind: str, choices: tuple[str, ...], answer: Answer, text: str, value: object, cell: str
) -> None:
    asked = question("F1", kind, choices=choices)
    row, cells = one(tmp_path, asked, answer)
    assert (row["kind"], row["text"], row["value"], row["skipped"]) == (kind, text, value, answer.skipped)
    assert (cells["text"], cells["value"], cells["skipped"]) == (text, cell, str(int(answer.skipped)))
    known = flow(asked).question("F1")
    assert (row["value"], row["category"]) == (engine.value(known, answer), engine.category(known, answer))


def test_what_was_typed_under_other_stands_as_text_beside_its_key(tmp_path: Path) -> None:
    asked = question("F1", "multi", "other: true", choices=CHOICES)
    row, _ = one(tmp_path, asked, Answer("F1", (Part("Kirken"),), ("skole", "andet")))
    assert (row["text"], row["value"], row["category"]) == ("Skole, Kirken", ["skole", "andet"], "skole,andet")


def test_a_text_is_exactly_as_written(tmp_path: Path) -> None:
    row, cells = one(tmp_path, question("F1", "text"), wrote("F1", "  Ga\u030ard\u2028\t«x»\x07 "))
    assert row["text"] == cells["text"] == "  Ga\u030ard\u2028\t«x»\x07 "


def test_each_row_of_json_is_one_line(tmp_path: Path) -> None:
    house = House(tmp_path, flow(question("F1", "text")))
    house.answer(house.begin(house.person()), wrote("F1", "en\nto\r\ntre"))
    assert house.export("jsonl").read_bytes().count(b"\n") == 1
    assert "Spørgsmål?".encode() in house.export("jsonl").read_bytes()


def test_the_same_answer_is_in_another_language_for_another_person(tmp_path: Path) -> None:
    house = House(tmp_path, flow(question("F1", "scale")))
    for person in (house.person("P-1", None), house.person("P-2", language="en"), house.person("P-3", Group.FORENING)):
        house.answer(house.begin(person), chose("F1", "ved_ikke"))
    assert [(row["participant"], row["group"], row["language"], row["text"]) for row in house.rows()] == [
        ("P-1", None, "da", "Ved ikke"),
        ("P-2", "frivillig", "en", "Don't know"),
        ("P-3", "forening", "da", "Ved ikke"),
    ]
    assert [cells["group"] for cells in house.cells()] == ["", "frivillig", "forening"]


def test_rows_come_person_by_person_in_the_order_they_were_given(tmp_path: Path) -> None:
    house = House(tmp_path, flow(question("F10", "text"), question("F2", "text")))
    first, second = house.begin(house.person("P-1")), house.begin(house.person("P-2"))
    house.answer(first, wrote("F10", "a"))
    house.answer(second, wrote("F10", "b"))
    house.answer(first, wrote("F2", "c"))
    assert [(row["participant"], row["question"]) for row in house.rows()] == [
        ("P-1", "F10"),
        ("P-1", "F2"),
        ("P-2", "F10"),
    ]


@pytest.mark.parametrize(
    ("at", "danish"),
    [
        (1_774_745_999, "2026-03-29 01:59:59"),
        (1_774_746_000, "2026-03-29 03:00:00"),
        (1_792_889_999, "2026-10-25 02:59:59"),
        (1_792_890_000, "2026-10-25 02:00:00"),
        (1_792_893_600, "2026-10-25 03:00:00"),
    ],
)
def test_times_are_danish_in_csv(tmp_path: Path, at: int, danish: str) -> None:
    house = House(tmp_path, flow(question("F1", "text")))
    house.answer(house.begin(house.person()), wrote("F1", "x"), at=at)
    assert house.cells()[0]["answered_at"] == danish


@pytest.mark.parametrize("source", ["table", "phone", "paper"])
def test_what_was_entered_for_others_says_where_it_comes_from_and_how_many_stand_behind_it(
    tmp_path: Path, source: str
) -> None:
    house = House(tmp_path, flow(question("F1", "text")))
    entry, own = house.person("P-1"), house.person("P-2")
    people.add_entered(house.tx, entry.id, source, 12, own.id)
    for person in (entry, own):
        house.answer(house.begin(person), wrote("F1", "Kaffe"))
    told = [(row["participant"], row["source"], row["people"]) for row in house.rows()]
    assert told == [("P-1", source, 12), ("P-2", "self", 1)]
    assert [(cells["source"], cells["people"]) for cells in house.cells()] == [(source, "12"), ("self", "1")]


def test_whom_somebody_speaks_for_stands_by_name_and_is_no_formula(tmp_path: Path) -> None:
    house = House(tmp_path, flow(question("F1", "text")))
    for pseudonym, name in (("P-1", "Besøgsvennerne; Havnen"), ("P-2", "=HYPERLINK(1)"), ("P-3", None)):
        person = house.person(pseudonym, Group.FORENING)
        if name is not None:
            new = NewParty(name=name, folded=name.casefold(), kind="forening", source="by-hand")
            people.speak_for(house.tx, person.id, register.put(house.tx, house.process, new, SPRING))
        house.answer(house.begin(person), wrote("F1", "Kaffe"))
    names = ["Besøgsvennerne; Havnen", "=HYPERLINK(1)"]
    assert [row["speaks_for"] for row in house.rows()] == [*names, None]
    assert [cells["speaks_for"] for cells in house.cells()] == [*names, ""]
    assert b'"\'=HYPERLINK(1)"' in house.export("csv").read_bytes()


def test_an_empty_process_gives_the_columns_and_nothing_else(tmp_path: Path) -> None:
    house = House(tmp_path, flow(question("F1", "text")))
    header = ";".join(f'"{column}"' for column in COLUMNS)
    assert house.export("csv").read_bytes() == f"\ufeff{header}\r\n".encode()
    assert house.export("jsonl").read_bytes() == b""


def test_what_is_kept_apart_never_comes_out(tmp_path: Path) -> None:
    house = House(tmp_path, flow(question("F1", "text"), question("F2", "contact", "apart: true")))
    run = house.begin(house.person())
    house.answer(run, wrote("F1", "Kaffe"))
    house.answer(run, wrote("F2", "kirsten@eksempel.dk"))
    assert [row["question"] for row in house.rows()] == ["F1"]
    assert b"kirsten" not in house.export("csv").read_bytes() + house.export("jsonl").read_bytes()


def test_only_the_revision_in_force_and_only_the_process_asked_for(tmp_path: Path) -> None:
    house = House(tmp_path, flow(question("F1", "text")))
    run = house.begin(house.person())
    house.answer(run, wrote("F1", "før"))
    house.answer(run, wrote("F1", "nu"), revision=2)
    house.connection.execute("INSERT INTO processes VALUES (7, 'anden', '{}', 1, 1)")
    people.add(house.tx, 7, "X", "da", 1)
    assert [(row["text"], row["revision"]) for row in house.rows()] == [("nu", 2)]


# --- status -----------------------------------------------------------------------------------------------


@pytest.fixture
def forked(tmp_path: Path) -> House:
    return House(tmp_path, flow(YES_OR_NO, IF_NO, THEN, question("F4", "text", who="frivillig")))


@pytest.fixture
def kirsten(forked: House) -> Person:
    return forked.person()


def answer_all(house: House, person: Person) -> runs.Run:
    run = house.begin(person)
    for answer in (chose("F1", "nej"), wrote("F2", "a"), wrote("F3", "b"), wrote("F4", "c")):
        house.answer(run, answer)
    return run


def test_answers_are_a_draft_until_they_are_sent(forked: House, kirsten: Person) -> None:
    run = answer_all(forked, kirsten)
    assert set(forked.statuses().values()) == {"draft"}
    runs.mark_sent(forked.tx, run.id, SPRING)
    assert set(forked.statuses().values()) == {"sent"}


def test_an_answer_lapses_with_its_follow_ups_when_an_earlier_one_is_changed(forked: House, kirsten: Person) -> None:
    run = answer_all(forked, kirsten)
    runs.mark_sent(forked.tx, run.id, SPRING)
    forked.answer(run, chose("F1", "ja"), revision=2)
    assert forked.statuses() == {"F1": "sent", "F2": "lapsed", "F3": "lapsed", "F4": "sent"}
    forked.answer(run, chose("F1", "nej"), revision=3)
    assert set(forked.statuses().values()) == {"sent"}


def test_a_skipped_answer_satisfies_only_is_not(forked: House, kirsten: Person) -> None:
    run = answer_all(forked, kirsten)
    forked.answer(run, Answer("F2", skipped=True))
    assert forked.statuses()["F3"] == "draft"
    forked.answer(run, Answer("F1", skipped=True))
    assert forked.statuses() == {"F1": "draft", "F2": "lapsed", "F3": "lapsed", "F4": "draft"}


def test_answers_lapse_when_the_person_answers_as_somebody_else(forked: House, kirsten: Person) -> None:
    answer_all(forked, kirsten)
    other = forked.person("P-2")
    answer_all(forked, other)
    forked.answer_as(kirsten, Group.BORGER)
    assert [(row["participant"], row["question"]) for row in forked.rows() if row["status"] == "lapsed"] == [
        ("P-1", "F4")
    ]


def test_staff_who_meet_citizens_have_a_path_of_their_own(tmp_path: Path) -> None:
    house = House(tmp_path, flow(question("F1", "text", who="ansat_front"), question("F2", "text", who="ansat_oevrig")))
    person = house.person(group=Group.ANSAT)
    run = house.begin(person)
    house.answer(run, wrote("F1", "a"))
    house.answer(run, wrote("F2", "b"))
    assert house.statuses() == {"F1": "lapsed", "F2": "draft"}
    house.answer_as(person, Group.ANSAT, front=True)
    assert house.statuses() == {"F1": "draft", "F2": "lapsed"}


def test_on_a_newer_question_set_an_answer_keeps_its_own_version_and_lapses_where_it_no_longer_fits(
    tmp_path: Path,
) -> None:
    house = House(
        tmp_path,
        flow(
            question("F1", "single", choices=CHOICES),
            question("F2", "single", choices=CHOICES),
            question("F3", "text"),
            question("F4", "text"),
            question("F5", "scale"),
            question("F6", "single", choices=CHOICES),
        ),
    )
    run = house.begin(house.person())
    for answer in (
        chose("F1", "skole"),
        chose("F2", "skole"),
        wrote("F3", "a"),
        wrote("F4", "b"),
        chose("F5", "4"),
        Answer("F6", skipped=True),
    ):
        house.answer(run, answer)
    house.change_questions(
        flow(
            question("F1", "single", choices=("skole", "idraet")),
            question("F2", "single", choices=("idraet", "natur")),
            question("F3", "ideas"),
            question("F5", "yes_no"),
            question("F6", "single", choices=("idraet", "natur")),
            step="dialog",
        )
    )
    assert set(house.statuses().values()) == {"draft"}  # still on the version it was begun on
    runs.move_to_version(house.tx, run.id, 2)
    assert house.statuses() == {
        "F1": "draft",
        "F2": "lapsed",
        "F3": "draft",
        "F4": "lapsed",
        "F5": "lapsed",
        "F6": "draft",
    }
    assert {(row["flow_version"], row["step"]) for row in house.rows()} == {(1, "faelles")}
    assert next(row["kind"] for row in house.rows() if row["question"] == "F3") == "text"
    house.answer(replace(run, version=2), chose("F2", "natur"), revision=2)
    changed = next(row for row in house.rows() if row["question"] == "F2")
    assert (changed["status"], changed["flow_version"], changed["step"]) == ("draft", 2, "dialog")


# --- in words ---------------------------------------------------------------------------------------------

WORDS = TableWords(
    language="da",
    headings={"text": "Svar", "value": "Svar til optælling"},
    values={
        "category": {"wish": "Ønsker", "faa": "Få"},
        "status": {"draft": "Kladde", "lapsed": "Bortfaldet"},
        "flow": {"faelles": "Trin 3. Møde"},
        "step": {"faelles": 3, "dialog": None},
        "group": {"frivillig": "Frivillig"},
        "source": {"self": "Deltageren selv"},
    },
)
PLACES = """choices:
      - {key: skole, label: {da: "På en skole", en: "At a school"}}
      - {key: natur, label: {da: "I naturen", en: "Outdoors"}}
      - {key: wish, label: {da: "Et andet sted", en: "Elsewhere"}}"""


def told(house: House, *columns: str) -> list[tuple[str, ...]]:
    return [tuple(cells[column] for column in columns) for cells in house.cells(WORDS)]


def test_choices_and_what_they_are_counted_under_stand_by_their_labels(tmp_path: Path) -> None:
    buckets = 'buckets: [{name: faa, keys: ["1", "2"]}]'
    house = House(
        tmp_path,
        flow(
            question("F1", "single", PLACES, "other: true"),
            question("F2", "multi", PLACES),
            question("F3", "scale", buckets),
            question("F4", "ranking", PLACES),
            question("F5", "yes_no"),
        ),
    )
    run = house.begin(house.person())
    for answer in (
        chose("F1", "wish"),
        chose("F2", "skole", "natur"),
        chose("F3", "2"),
        chose("F4", "natur", "wish", "skole"),
        chose("F5", "ved_ikke"),
    ):
        house.answer(run, answer)
    assert told(house, "question", "Svar til optælling", "category") == [
        ("F1", "Et andet sted", "Et andet sted"),
        ("F2", "På en skole | I naturen", "På en skole | I naturen"),
        ("F3", "2", "Få"),
        ("F4", "I naturen | Et andet sted | På en skole", "I naturen | Et andet sted | På en skole"),
        ("F5", "Ved ikke", "Ved ikke"),
    ]
    assert told(house, "flow", "step", "group", "source", "status")[0] == (
        *("Trin 3. Møde", "3", "Frivillig", "Deltageren selv", "Kladde"),
    )
    house.answer(run, Answer("F1", (Part(read("skole"), 100),), keys=("andet",)))
    assert told(house, "Svar", "Svar til optælling", "category")[0] == ("skole", "Andet", "Andet")


def test_what_somebody_wrote_stays_though_it_is_a_key(tmp_path: Path) -> None:
    house = House(tmp_path, flow(question("F1", "ideas"), question("F2", "text", PLACES)))
    run = house.begin(house.person())
    house.answer(run, wrote("F1", "wish", "skole"))
    house.answer(run, wrote("F2", "skole"))
    assert told(house, "Svar", "Svar til optælling", "category") == [
        ("wish\nskole", "wish | skole", "Ønsker"),
        ("skole", "skole", "Ønsker"),
    ]


def test_a_choice_is_counted_by_the_label_of_the_newest_questions_whichever_were_answered(tmp_path: Path) -> None:
    older, newer = PLACES, PLACES.replace("På en skole", "På skolen").replace("natur,", "by,")
    house = House(tmp_path, flow(question("F1", "multi", older)))
    house.answer(house.begin(house.person("P-1")), chose("F1", "skole", "natur"))
    house.change_questions(flow(question("F1", "multi", newer), step="dialog"))
    house.answer(house.begin(house.person("P-2", language="en")), chose("F1", "skole"))
    assert told(house, "participant", "step", "Svar", "Svar til optælling") == [
        ("P-1", "3", "På en skole, I naturen", "På skolen | I naturen"),
        ("P-2", "", "At a school", "På skolen"),
    ]


def test_a_step_that_is_not_there_any_more_stands_by_its_last_title(tmp_path: Path) -> None:
    house = House(tmp_path, flow(question("F1", "text")))
    house.answer(house.begin(house.person()), wrote("F1", "Kaffe"))
    assert house.cells(TableWords(language="da"))[0]["flow"] == "Møde"
    assert house.cells(TableWords(language="en"))[0]["flow"] == "Meeting"
